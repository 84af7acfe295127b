import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDice } from "./dice.ts";
import { FaultBook, matches } from "./fault-book.ts";
import { clientId, queueTopic, Stage } from "../testing/stage.ts";

const me = "/api/v2/tokens/me";
const channels = "/api/v2/notifications/channels";

function line(stage: Stage): { token: string; channelId: string; socketId: number } {
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, [queueTopic]);
  return { token, channelId, socketId: stage.open(channelId) };
}

describe("a fault of requests", () => {
  test("answers instead, so many times, and carries nothing out", () => {
    const stage = new Stage();
    const token = stage.token();
    stage.cloud.faults.failRequests(
      {
        method: "post",
        path: "/api/v2/notifications/*",
        status: 503,
        retryAfterSeconds: 7,
        headers: { via: "1.1 proxy" },
        count: 2,
      },
      stage.nowMs,
    );
    expect(stage.call("GET", channels, token).status).toBe(200);
    for (let call = 0; call < 2; call += 1) {
      expect(stage.call("POST", channels, token)).toMatchObject({
        status: 503,
        headers: { "retry-after": "7", via: "1.1 proxy" },
        json: { status: 503, code: "service.unavailable" },
      });
    }
    expect(stage.cloud.state().channels).toEqual([]);
    expect(stage.call("POST", channels, token).status).toBe(200);
    expect(stage.cloud.faults.list()).toEqual([]);
  });

  test("may answer with any body and code", () => {
    const stage = new Stage();
    stage.cloud.faults.failRequests({ status: 502, body: "<html>" }, stage.nowMs);
    expect(stage.raw("GET", me)).toMatchObject({ status: 502, body: "<html>" });
    stage.cloud.faults.clear();
    stage.cloud.faults.failRequests({ status: 400, code: "my.code" }, stage.nowMs);
    expect(stage.call("GET", `${me}?x=1`).json).toMatchObject({ code: "my.code" });
  });

  test.each([
    ["before", 0],
    ["after", 1],
  ] as const)("cuts %s the request was carried out", (when, made) => {
    const stage = new Stage();
    const token = stage.token();
    stage.cloud.faults.cutRequests({ path: channels, when, count: 1 }, stage.nowMs);
    expect(stage.raw("POST", channels, { authorization: `Bearer ${token}` })).toBe("cut");
    expect(stage.cloud.state().channels).toHaveLength(made);
    expect(stage.call("GET", channels, token).status).toBe(200);
  });

  test("with 429 is as complete as the real one", () => {
    const stage = new Stage({ settings: { rateLimitCode: "too.many.requests.retry.after" } });
    const token = stage.token();
    const { faults } = stage.cloud;
    faults.failRequests({ status: 429, count: 1 }, stage.nowMs);
    expect(stage.call("GET", me, token)).toMatchObject({
      status: 429,
      headers: {
        "retry-after": "1",
        "inin-ratelimit-count": "300",
        "inin-ratelimit-allowed": "300",
        "inin-ratelimit-reset": "1",
      },
      json: {
        code: "too.many.requests.retry.after",
        message: "Rate limit exceeded the maximum. Retry the request in [1] seconds",
      },
    });
    faults.failRequests({ status: 429, retryAfterSeconds: 40, code: "mine" }, stage.nowMs);
    expect(stage.call("GET", me, token)).toMatchObject({
      headers: { "retry-after": "40", "inin-ratelimit-reset": "40" },
      json: { code: "mine" },
    });
  });

  test("strikes a share of them, by chance", () => {
    const stage = new Stage({ settings: { requestsPerMinuteMax: 1000 } });
    const token = stage.token();
    stage.cloud.faults.failRequests({ status: 500, share: 0.25 }, stage.nowMs);
    let failed = 0;
    for (let call = 0; call < 400; call += 1)
      if (stage.call("GET", me, token).status === 500) failed += 1;
    expect(failed).toBeGreaterThan(60);
    expect(failed).toBeLessThan(140);
    expect(stage.cloud.faults.list()).toMatchObject([{ struck: failed }]);
  });

  test("carries them out at once and answers later, other faults included", () => {
    const stage = new Stage();
    const token = stage.token();
    const { cloud } = stage;
    const headers = { authorization: `Bearer ${token}` };
    const ask = (method: string): { kind: string; afterMs: number } =>
      cloud.request({ method, path: channels, headers, body: "" }, stage.nowMs);
    cloud.faults.delayRequests({ method: "POST", ms: 300, count: 1 }, stage.nowMs);
    expect(ask("GET")).toMatchObject({ kind: "response", afterMs: 0 });
    expect(ask("POST")).toMatchObject({ kind: "response", afterMs: 300 });
    expect(cloud.state().channels).toHaveLength(1);
    cloud.faults.delayRequests({ ms: 100, jitterMs: 50 }, stage.nowMs);
    cloud.faults.delayRequests({ path: "/api/*", ms: 1000 }, stage.nowMs);
    cloud.faults.failRequests({ status: 500, count: 1 }, stage.nowMs);
    cloud.faults.cutRequests({ count: 1 }, stage.nowMs);
    expect(ask("GET")).toMatchObject({ kind: "response", response: { status: 500 } });
    expect(ask("GET").kind).toBe("cut");
    const delays = Array.from({ length: 50 }, () => ask("GET").afterMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1150);
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  test("matches paths with a star for anything", () => {
    expect(matches("/a/*/c", "/a/b/c")).toBe(true);
    expect(matches("/a/*/c", "/a/c")).toBe(false);
    expect(matches("*", "")).toBe(true);
    expect(matches("/a*a", "/a")).toBe(false);
    expect(matches("/a", "/a/b")).toBe(false);
    expect(matches("*b*", "abc")).toBe(true);
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (parts, filling) => {
        const clean = parts.map((part) => part.replaceAll("*", ""));
        return matches(clean.join("*"), clean.join(filling));
      }),
    );
  });
});

describe("a fault of upgrades", () => {
  test("refuses with status, headers and body, so many times, on one channel", () => {
    const stage = new Stage();
    const { token, channelId } = line(stage);
    const other = stage.channel(token);
    stage.cloud.faults.refuseUpgrades(
      { channelId, status: 401, headers: { "x-by": "proxy" }, body: "no", count: 1 },
      stage.nowMs,
    );
    expect(stage.cloud.upgrade(`/channels/${other}`, stage.nowMs).kind).toBe("accepted");
    expect(stage.cloud.upgrade(`/channels/${channelId}`, stage.nowMs)).toMatchObject({
      kind: "refused",
      response: { status: 401, body: "no", headers: { "x-by": "proxy" } },
    });
    expect(stage.cloud.upgrade(`/channels/${channelId}`, stage.nowMs).kind).toBe("accepted");
  });

  test("a refused or cut upgrade displaces nobody", () => {
    const stage = new Stage();
    const { channelId, socketId } = line(stage);
    stage.cloud.faults.refuseUpgrades({ count: 1 }, stage.nowMs);
    stage.cloud.faults.cutUpgrades({ count: 1 }, stage.nowMs);
    expect(stage.cloud.upgrade(`/channels/${channelId}`, stage.nowMs).kind).toBe("refused");
    expect(stage.cloud.upgrade(`/channels/${channelId}`, stage.nowMs).kind).toBe("cut");
    expect(stage.ends(socketId)).toEqual([]);
  });
});

describe("a fault of sockets", () => {
  test("silence: open, nothing sent, nothing heard, recorded as not sent, nothing made up for", () => {
    const stage = new Stage();
    const { socketId, channelId } = line(stage);
    const { id, affected } = stage.cloud.faults.silence({ socketId }, stage.nowMs);
    expect(affected).toBe(1);
    expect(stage.cloud.silenced(socketId)).toBe(true);
    stage.say(socketId, { message: "ping" });
    stage.say(socketId, { message: "unsubscribe", topics: [queueTopic] });
    const entry = stage.cloud.emit(queueTopic, {}, stage.nowMs);
    expect(entry.deliveries).toEqual([{ channelId, socketId, outcome: "silenced" }]);
    stage.pass(120_000);
    expect(stage.effects).toEqual([]);
    expect(stage.cloud.faults.remove(id ?? 0)).toBe(true);
    expect(stage.effects).toEqual([]);
    stage.cloud.emit(queueTopic, { heard: true }, stage.nowMs);
    expect(stage.frames(socketId)).toMatchObject([{ eventBody: { heard: true } }]);
  });

  test("silence of a channel, or of all, holds for sockets that open later", () => {
    const stage = new Stage();
    const { channelId } = line(stage);
    stage.cloud.faults.silence({ channelId }, stage.nowMs);
    const second = stage.open(channelId);
    stage.say(second, { message: "ping" });
    expect(stage.frames(second)).toEqual([]);
    stage.cloud.faults.clear();
    stage.say(second, { message: "ping" });
    expect(stage.frames(second)).toHaveLength(1);
  });

  test("stopped heartbeats and ignored pings leave events alone", () => {
    const stage = new Stage();
    const { socketId } = line(stage);
    stage.cloud.faults.stopHeartbeats({}, stage.nowMs);
    stage.cloud.faults.ignorePings({}, stage.nowMs);
    stage.say(socketId, { message: "ping" });
    stage.pass(95_000);
    expect(stage.frames(socketId)).toEqual([]);
    stage.cloud.emit(queueTopic, {}, stage.nowMs);
    expect(stage.frames(socketId)).toHaveLength(1);
    stage.cloud.faults.clear();
    stage.pass(30_000);
    expect(stage.frames(socketId)).toHaveLength(2);
  });

  test("cut and close end it at once", () => {
    const stage = new Stage();
    const { channelId, socketId } = line(stage);
    stage.cloud.faults.cutSockets({ channelId }, stage.nowMs);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
    const second = stage.open(channelId);
    stage.cloud.faults.closeSockets({ code: 4999, reason: "x" }, stage.nowMs);
    expect(stage.ends(second)).toEqual([
      { type: "close", socketId: second, code: 4999, reason: "x" },
    ]);
    expect(stage.cloud.faults.cutSockets({}, stage.nowMs).affected).toBe(0);
  });

  test("raw text goes out as it is", () => {
    const stage = new Stage();
    const { socketId } = line(stage);
    stage.cloud.faults.sendText({ text: '{"topicName":' }, stage.nowMs);
    expect(stage.effects).toEqual([{ type: "send", socketId, text: '{"topicName":' }]);
  });

  test("a dropped channel is a 404 from then on", () => {
    const stage = new Stage();
    const { token, channelId, socketId } = line(stage);
    stage.cloud.faults.dropChannel({ channelId }, stage.nowMs);
    expect(stage.ends(socketId)).toHaveLength(1);
    expect(stage.call("HEAD", `${channels}/${channelId}`, token).status).toBe(404);
    expect(stage.cloud.faults.dropChannel({ channelId }, stage.nowMs)).toEqual({ affected: 0 });
  });
});

describe("a wrong clock", () => {
  test("is in the Date of every answer and upgrade, and nowhere else", () => {
    const stage = new Stage();
    const { token, channelId } = line(stage);
    const { cloud } = stage;
    const inAnHour = new Date(stage.nowMs + 3_600_000).toUTCString();
    const now = new Date(stage.nowMs).toUTCString();
    const { id } = cloud.faults.shiftDate({ ms: 7_200_000 }, stage.nowMs);
    cloud.faults.shiftDate({ ms: -3_600_000 }, stage.nowMs);
    const path = `/channels/${channelId}`;
    expect(stage.call("GET", me, token).headers["date"]).toBe(inAnHour);
    expect(cloud.upgrade(path, stage.nowMs)).toMatchObject({ headers: { date: inAnHour } });
    expect(cloud.upgrade("/channels/none", stage.nowMs)).toMatchObject({
      response: { headers: { date: inAnHour } },
    });
    cloud.faults.failRequests({ status: 500, count: 1 }, stage.nowMs);
    expect(stage.call("GET", me, token).headers["date"]).toBe(inAnHour);
    cloud.faults.refuseUpgrades({ count: 1 }, stage.nowMs);
    expect(cloud.upgrade(path, stage.nowMs)).toMatchObject({
      response: { headers: { date: inAnHour } },
    });
    expect(cloud.state().nowMs).toBe(stage.nowMs);
    cloud.faults.remove(id ?? 0);
    cloud.faults.clear();
    expect(stage.call("GET", me, token).headers["date"]).toBe(now);
    expect(cloud.upgrade(path, stage.nowMs)).toMatchObject({ headers: { date: now } });
  });

  test("is in the claims of tokens that are issued while it stands", () => {
    const stage = new Stage({ settings: { tokenFormat: "jwt" } });
    const claims = (): { nbf: number; exp: number } =>
      JSON.parse(Buffer.from(stage.token().split(".")[1] ?? "", "base64url").toString("utf8"));
    const before = claims();
    stage.cloud.faults.shiftClaims({ nbfMs: 5000, expMs: -60_000 }, stage.nowMs);
    expect(claims()).toMatchObject({ nbf: before.nbf + 5, exp: before.exp - 60 });
    expect(stage.call("GET", me, stage.token()).status).toBe(401);
    stage.cloud.faults.clear();
    expect(claims()).toMatchObject({ nbf: before.nbf, exp: before.exp });
  });

  test("adds up, claim by claim", () => {
    const book = new FaultBook(createDice(1, "faults"), () => {});
    expect(book.claimShift()).toEqual({ nbfMs: 0, expMs: 0 });
    const id = book.add({ fault: "shiftClaims", nbfMs: 5000 });
    book.add({ fault: "shiftClaims", nbfMs: 1000, expMs: -60_000 });
    expect(book.claimShift()).toEqual({ nbfMs: 6000, expMs: -60_000 });
    book.remove(id);
    expect(book.claimShift()).toEqual({ nbfMs: 1000, expMs: -60_000 });
  });
});

describe("faults altogether", () => {
  test("are injected by name as by method", () => {
    const stage = new Stage();
    const { socketId } = line(stage);
    stage.cloud.faults.inject({ fault: "closeSockets", code: 1012, socketId }, stage.nowMs);
    expect(stage.ends(socketId)).toMatchObject([{ type: "close", code: 1012, reason: "" }]);
    stage.cloud.faults.inject({ fault: "silence" }, stage.nowMs);
    expect(stage.cloud.faults.list()).toEqual([{ fault: "silence", id: 1, struck: 0 }]);
  });

  test("revoke tokens by id, by channel, or by client", () => {
    const stage = new Stage();
    const tokens = [stage.token(), stage.token(), stage.token()];
    const { faults } = stage.cloud;
    expect(faults.revokeToken({ tokenId: 2 }, stage.nowMs).affected).toBe(1);
    expect(tokens.map((token) => stage.call("HEAD", me, token).status)).toEqual([200, 401, 200]);
    expect(faults.revokeToken({ clientId }, stage.nowMs).affected).toBe(2);
    expect(faults.revokeToken({ tokenId: 99 }, stage.nowMs).affected).toBe(0);
  });

  test("have a bound", () => {
    const stage = new Stage({ settings: { faultsMax: 1 } });
    expect(stage.cloud.faults.silence({}, stage.nowMs).id).toBe(1);
    expect(stage.cloud.faults.silence({}, stage.nowMs)).toEqual({ affected: 0 });
  });

  test("are noted in the history", () => {
    const stage = new Stage();
    line(stage);
    stage.cloud.faults.cutSockets({}, stage.nowMs);
    expect(stage.cloud.ledger.history().map((entry) => entry.what)).toEqual([
      "channel-created",
      "socket-opened",
      "fault-cutSockets",
      "socket-ended",
    ]);
  });
});
