import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matches } from "./faults.ts";
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
