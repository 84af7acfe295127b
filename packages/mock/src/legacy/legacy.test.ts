import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Settings } from "../cloud/settings.ts";
import { clientId, clientSecret, Stage } from "../testing/stage.ts";
import { legacyFaces, legacyPaths } from "./faces.ts";
import { legacyHeaders } from "./rest.ts";

const events = "/api/v2/analytics/events";
const good = {
  eventTypes: ["conversation:updated", "interaction:updated"],
  filters: { divisions: ["self"] },
};

function stageOf(settings: Partial<Settings> = {}): Stage {
  return new Stage({ settings: { legacy: "by-path", tokenFormat: "jwt", ...settings } });
}

function upgrade(stage: Stage, path: string, token?: string) {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return stage.cloud.upgrade(path, stage.nowMs, undefined, authorization);
}

/** An open socket, after it has been greeted. */
function open(stage: Stage, path: string, token?: string): number {
  const upgraded = upgrade(stage, path, token);
  if (upgraded.kind !== "accepted") throw new Error(`upgrade: ${JSON.stringify(upgraded)}`);
  stage.pass(0);
  return upgraded.socketId;
}

const types = (stage: Stage, socketId: number): unknown[] =>
  stage.frames(socketId).map((frame) => (frame as { type?: unknown }).type);

/** Why the last socket ended, which only the mock tells. */
const why = (stage: Stage): string | undefined =>
  stage.cloud.ledger.history().findLast(({ what }) => what === "legacy-socket-ended")?.detail;

/** A socket whose token came as a message. */
function authenticated(stage: Stage): number {
  const socketId = open(stage, "/websocket");
  stage.say(socketId, { type: "auth", data: { token: stage.token() } });
  return socketId;
}

const introspect = (stage: Stage, authorization: string, token: string): object => {
  const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ token }).toString();
  const response = stage.raw("POST", "/api/v2/oauth2/introspect", headers, body);
  if (response === "cut") throw new Error("cut");
  return { ...response, body: JSON.parse(response.body) as unknown };
};

describe("off, as it is unless asked for", () => {
  test("none of it is there", () => {
    const stage = new Stage();
    const token = stage.token();
    expect(upgrade(stage, events, token)).toMatchObject({
      kind: "refused",
      response: { status: 404 },
    });
    expect(stage.call("POST", events, token, good).status).toBe(404);
  });
});

describe("thread 000: the body of a subscription", () => {
  test.each([
    ["no object", "subscribe"],
    ["eventTypes is a string", { ...good, eventTypes: "conversation:updated" }],
    ["eventTypes is empty", { ...good, eventTypes: [] }],
    ["an unknown kind of event", { ...good, eventTypes: ["conversation:deleted"] }],
    ["no filters", { eventTypes: good.eventTypes }],
    ["empty filters", { ...good, filters: {} }],
    ["a malformed filter", { ...good, filters: { queueId: [{ field: "queueId" }] } }],
    ["aggregate parameters", { ...good, pageSize: 25 }],
  ])("%s: cut, with no close frame; 400 by POST", (_, body) => {
    const stage = stageOf();
    const token = stage.token();
    const socketId = open(stage, events, token);
    expect(types(stage, socketId)).toEqual(["heartbeat"]);
    stage.say(socketId, body);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
    expect(stage.call("POST", events, token, body).status).toBe(400);
  });

  test.each([
    ["the first body of the thread", good],
    [
      "the second",
      {
        eventTypes: ["routing.queueMemberEvent", "routing.wrappingEvent"],
        filters: {
          "routing.queueMemberEvent": [
            { field: "queueId", operator: "in", values: ["your-queue-id-here"] },
          ],
        },
      },
    ],
    ["the third", { eventTypes: ["routing.queueMemberAdded"], filters: { queueId: "q" } }],
  ])("%s is taken", (_, body) => {
    const stage = stageOf();
    const token = stage.token();
    const socketId = open(stage, events, token);
    stage.say(socketId, body);
    expect(stage.ends(socketId)).toEqual([]);
    const reply = stage.call("POST", events, token, body);
    expect(reply).toMatchObject({ status: 200, headers: legacyHeaders, json: body });
  });

  test("a token without the scope: a silent cut, and 403 by POST", () => {
    const stage = stageOf({ legacyScopes: ["view:conversation"] });
    const token = stage.token();
    const socketId = open(stage, events, token);
    stage.say(socketId, good);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
    expect(why(stage)).toContain("analytics:events:read");
    expect(stage.call("POST", events, token, good).status).toBe(403);
  });
});

describe("thread 001: auth, then subscribe", () => {
  const subscribe = { event_type: "conversation:conversation:updated", id: "conv-12345" };
  const withFilter = {
    id: "ws-sub-001",
    type: "subscribe",
    filter: { eventTypes: ["conversation:conversation:updated"], entities: [] },
  };

  test("auth-success, subscribe-success, and a cut", () => {
    const stage = stageOf();
    const socketId = authenticated(stage);
    stage.say(socketId, subscribe);
    expect(types(stage, socketId)).toEqual(["auth-success", "subscribe-success"]);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
    expect(why(stage)).toBe("filter is missing");
  });

  test("a client that hangs up at the answer is not ended once more", () => {
    const stage = stageOf();
    const socketId = authenticated(stage);
    stage.onEffect = () => stage.cloud.closed(socketId, stage.nowMs);
    stage.say(socketId, subscribe);
    expect(types(stage, socketId)).toEqual(["auth-success", "subscribe-success"]);
    expect(stage.ends(socketId)).toEqual([]);
  });

  test("a filter is confirmed, and the socket stays", () => {
    const stage = stageOf();
    const socketId = authenticated(stage);
    stage.say(socketId, withFilter);
    expect(stage.frames(socketId).at(-1)).toEqual({
      type: "confirmation",
      id: "ws-sub-001",
      filter: withFilter.filter,
    });
    stage.pass(3_600_000);
    expect(stage.ends(socketId)).toEqual([]);
  });

  test.each([
    ["a raw string", "subscribe"],
    ["nothing", {}],
    ["no id", { type: "subscribe", filter: withFilter.filter }],
    ["no filter", { id: "a", type: "subscribe" }],
    ["an empty filter", { ...withFilter, filter: {} }],
    ["an unknown kind of event", { ...withFilter, filter: { eventTypes: ["v2.users"] } }],
  ])("%s: a cut, and nothing said", (_, message) => {
    const stage = stageOf();
    const socketId = authenticated(stage);
    stage.say(socketId, message);
    expect(types(stage, socketId)).toEqual(["auth-success"]);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
  });

  test("only the strict mode demands the filter", () => {
    const stage = stageOf({ jwtValidation: "lenient" });
    const socketId = authenticated(stage);
    stage.say(socketId, subscribe);
    expect(types(stage, socketId)).toEqual(["auth-success", "subscribe-success"]);
    expect(stage.ends(socketId)).toEqual([]);
  });

  test("a subscription before a token, and a token that is none: cut", () => {
    const stage = stageOf();
    const early = open(stage, "/websocket");
    stage.say(early, withFilter);
    expect(stage.ends(early)).toEqual([{ type: "cut", socketId: early }]);
    const wrong = open(stage, "/websocket");
    stage.say(wrong, { type: "auth", data: { token: "nonsense" } });
    expect(stage.ends(wrong)).toEqual([{ type: "cut", socketId: wrong }]);
  });

  test.each([
    ["strict", 2_000, true],
    ["lenient", 2_000, false],
    ["lenient", 120_000, true],
    ["off", 120_000, false],
  ] as const)("%s: an nbf %i ms ahead is cut: %s", (jwtValidation, nbfMs, isCut) => {
    const stage = stageOf({ jwtValidation });
    stage.cloud.faults.shiftClaims({ nbfMs }, stage.nowMs);
    const byHeader = open(stage, events, stage.token());
    const byMessage = authenticated(stage);
    for (const socketId of [byHeader, byMessage])
      expect(stage.ends(socketId)).toEqual(isCut ? [{ type: "cut", socketId }] : []);
    const told = `the nbf of its token is ${nbfMs} ms ahead of this clock`;
    expect(why(stage)).toBe(isCut ? told : undefined);
  });
});

describe("introspection", () => {
  const plain = `Basic ${clientId}:${clientSecret}`;

  test.each([
    ["as the thread writes it", plain],
    ["in base64", `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`],
  ])("tells scopes and exp, with credentials %s", (_, authorization) => {
    const stage = stageOf();
    const token = stage.token();
    expect(introspect(stage, authorization, token)).toMatchObject({
      status: 200,
      headers: legacyHeaders,
      body: {
        active: true,
        scope: expect.stringContaining("notification:websocket:read"),
        client_id: clientId,
        exp: stage.nowMs / 1000 + 86_400,
      },
    });
  });

  test("knows no other clients, and no other tokens", () => {
    const stage = stageOf();
    expect(introspect(stage, "Basic a:b", stage.token())).toMatchObject({ status: 401 });
    expect(introspect(stage, plain, "nonsense")).toMatchObject({ body: { active: false } });
  });
});

describe("thread 002: header or query", () => {
  const path = "/v2/analytics/conversations/details/query/ws";

  test("opens with a header, and closes with 401 at the first message", () => {
    const stage = stageOf();
    const socketId = open(stage, path, stage.token());
    stage.say(socketId, { channel: "conversation", query: {} });
    expect(stage.ends(socketId)).toEqual([
      { type: "close", socketId, code: 4401, reason: "401 Unauthorized" },
    ]);
  });

  test("a token in the query is a 400, but for the path of the answer, which works", () => {
    const stage = stageOf();
    const token = stage.token();
    const refused = upgrade(stage, `${path}?access_token=${token}`);
    expect(refused).toMatchObject({ kind: "refused", response: { status: 400 } });
    const answer = "/api/v2/analytics/conversations/events";
    const socketId = open(stage, `${answer}?access_token=${token}`);
    stage.pass(3_600_000);
    expect(stage.ends(socketId)).toEqual([]);
    const without = upgrade(stage, answer, token);
    expect(without).toMatchObject({ kind: "refused", response: { status: 401 } });
  });
});

describe("thread 003: keepalive", () => {
  test.each([15_000, 14_000, 12_000, 1_000])(
    "every %i ms is acknowledged, and the socket is closed after 30 s all the same",
    (everyMs) => {
      const stage = stageOf();
      const socketId = open(stage, "/v2/analytics/events");
      const openedAtMs = stage.nowMs;
      let said = 0;
      while (stage.nowMs + everyMs < openedAtMs + 30_000) {
        stage.say(socketId, { type: "keepalive" });
        said += 1;
        stage.pass(everyMs);
      }
      stage.pass(openedAtMs + 29_999 - stage.nowMs);
      expect(types(stage, socketId)).toEqual(Array.from({ length: said }, () => "keepalive-ack"));
      expect(stage.ends(socketId)).toEqual([]);
      stage.pass(1);
      expect(stage.ends(socketId)).toEqual([{ type: "close", socketId, code: 1000, reason: "" }]);
    },
  );

  test("a token without the scope is dropped after the first acknowledgement", () => {
    const stage = stageOf({ legacyScopes: [] });
    const socketId = open(stage, "/v2/analytics/events", stage.token());
    stage.say(socketId, { type: "keepalive" });
    expect(types(stage, socketId)).toEqual(["keepalive-ack"]);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
  });

  test("the client may go first", () => {
    const stage = stageOf();
    const socketId = open(stage, "/v2/analytics/events");
    stage.cloud.closed(socketId, stage.nowMs);
    stage.pass(60_000);
    expect(stage.ends(socketId)).toEqual([]);
  });
});

describe("thread 004: the stale token", () => {
  test("ends its socket, and opens no other; a fresh one does", () => {
    const stage = stageOf();
    const token = stage.token();
    const socketId = open(stage, events, token);
    stage.pass(86_400_000);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
    expect(upgrade(stage, events, token)).toMatchObject({
      kind: "refused",
      response: { status: 401, headers: legacyHeaders },
    });
    expect(upgrade(stage, events, stage.token()).kind).toBe("accepted");
  });

  test("so does one that was revoked", () => {
    const stage = stageOf();
    const socketId = open(stage, "/websocket");
    stage.say(socketId, { type: "auth", data: { token: stage.token() } });
    stage.cloud.faults.revokeToken({ clientId }, stage.nowMs);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
  });
});

test("faults of requests and of upgrades strike here too", () => {
  const stage = stageOf();
  const token = stage.token();
  stage.cloud.faults.refuseUpgrades({ status: 502, count: 1 }, stage.nowMs);
  stage.cloud.faults.failRequests({ status: 500, count: 1 }, stage.nowMs);
  expect(upgrade(stage, events, token)).toMatchObject({ response: { status: 502 } });
  expect(stage.call("POST", events, token, good).status).toBe(500);
  expect(upgrade(stage, events, token).kind).toBe("accepted");
  expect(stage.call("POST", events, token, good).status).toBe(200);
});

test("each path may be given the face of one thread", () => {
  const stage = stageOf({ legacy: "003" });
  const socketId = open(stage, "/websocket");
  stage.pass(30_000);
  expect(stage.ends(socketId)).toMatchObject([{ type: "close", code: 1000 }]);
  expect(upgrade(stage, "/elsewhere").kind).toBe("refused");
});

test("no more sockets than socketsMax", () => {
  const stage = stageOf({ socketsMax: 1 });
  open(stage, "/v2/analytics/events");
  expect(upgrade(stage, "/v2/analytics/events")).toMatchObject({ response: { status: 503 } });
});

test("whatever is sent to whichever face, nothing comes after an end, and no end comes twice", () => {
  const token = fc.constantFrom("good", "good", "bad", undefined);
  const message = fc.oneof(
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.json() },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        JSON.stringify(good),
        JSON.stringify({ type: "keepalive" }),
        JSON.stringify({ type: "auth", data: { token: "bad" } }),
        JSON.stringify({ id: "a", event_type: "conversation:all" }),
        JSON.stringify({
          type: "subscribe",
          id: "a",
          filter: { eventTypes: ["conversation:all"] },
        }),
      ),
    },
  );
  const property = fc.property(
    fc.constantFrom(...legacyFaces),
    fc.constantFrom(...legacyPaths),
    token,
    fc.array(fc.tuple(message, fc.nat(20_000))),
    fc.boolean(),
    (legacy, path, kind, said, hangsUp) => {
      const stage = stageOf({ legacy });
      const ended = new Set<number>();
      stage.onEffect = ({ type, socketId }) => {
        assert(!ended.has(socketId), `${type} after the end`);
        if (type !== "send") ended.add(socketId);
        else if (hangsUp) {
          ended.add(socketId);
          stage.cloud.closed(socketId, stage.nowMs);
        }
      };
      const upgraded = upgrade(stage, path, kind === "good" ? stage.token() : kind);
      if (upgraded.kind !== "accepted") return;
      for (const [text, ms] of said) {
        stage.cloud.received(upgraded.socketId, text, stage.nowMs);
        stage.pass(ms);
      }
      stage.pass(2 * 86_400_000);
    },
  );
  expect(() => fc.assert(property)).not.toThrow();
});
