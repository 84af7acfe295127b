import { describe, expect, test } from "vitest";
import type { CloudOptions } from "./contract.ts";
import { clientId, clientSecret, queueTopic, Stage, userId } from "../testing/stage.ts";

const user = `v2.users.${userId}`;
const presence = `${user}.presence`;
const station = `${user}.station`;
const stationPermission = "telephony:otherStationAssociation:view";
const callPermission = "conversation:communication:view";

function stageOf(options: Partial<CloudOptions> = {}): {
  stage: Stage;
  token: string;
  channelId: string;
  path: string;
} {
  const stage = new Stage(options);
  const token = stage.token();
  const channelId = stage.channel(token);
  const path = `/api/v2/notifications/channels/${channelId}/subscriptions`;
  return { stage, token, channelId, path };
}

const restricted = (...permissions: string[]): Partial<CloudOptions> => ({
  clients: [{ clientId, clientSecret, permissions }],
});
const ids = (json: unknown): string[] => {
  const { entities }: { entities: { id: string }[] } = Object(json);
  return entities.map((entity) => entity.id);
};
const numbered = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `v2.users.00000000-0000-4000-8000-${String(index).padStart(12, "0")}.presence`,
  );

describe("putting topics on a channel", () => {
  test("answers with what is subscribed, in the shape of the sample", () => {
    const { stage, token, channelId } = stageOf();
    expect(stage.put(token, channelId, [presence]).json).toEqual({
      entities: [
        {
          id: presence,
          state: "Permitted",
          selfUri: `/api/v2/notifications/availabletopics/${presence}`,
        },
      ],
    });
  });

  test("PUT replaces, POST adds, DELETE empties, GET lists", () => {
    const { stage, token, channelId, path } = stageOf();
    stage.put(token, channelId, [presence]);
    stage.put(token, channelId, [queueTopic]);
    expect(ids(stage.call("GET", path, token).json)).toEqual([queueTopic]);
    const posted = stage.call("POST", path, token, [{ id: presence }]);
    expect(ids(posted.json)).toEqual([queueTopic, presence]);
    expect(stage.call("DELETE", path, token)).toMatchObject({ status: 204, body: "" });
    expect(ids(stage.call("GET", path, token).json)).toEqual([]);
    expect(stage.cloud.emit(presence, {}, stage.nowMs).deliveries).toEqual([]);
  });

  test.each([200, 202, 204] as const)("DELETE answers %i, as set", (status) => {
    const { stage, token, path } = stageOf({ settings: { deleteSubscriptionsStatus: status } });
    expect(stage.call("DELETE", path, token).status).toBe(status);
  });

  test("POST lists only what it added, where that is set", () => {
    const { stage, token, channelId, path } = stageOf({ settings: { postReplyLists: "added" } });
    stage.put(token, channelId, [presence]);
    expect(ids(stage.call("POST", path, token, [{ id: queueTopic }]).json)).toEqual([queueTopic]);
  });

  test("compares names without case: one subscription, one delivery", () => {
    const { stage, token, channelId } = stageOf();
    const loud = presence.toUpperCase();
    expect(ids(stage.put(token, channelId, [presence, loud]).json)).toEqual([presence]);
    stage.open(channelId);
    expect(stage.cloud.emit(loud, {}, stage.nowMs).deliveries).toHaveLength(1);
  });

  test.each([
    ["an unknown channel", "streaming-0-nobody"],
    ["an id of another shape", "x"],
  ])("answers 404 for %s", (_, id) => {
    const { stage, token } = stageOf();
    expect(stage.put(token, id, [presence]).json).toMatchObject({ status: 404, code: "not.found" });
  });

  test.each([
    "",
    "presence",
    "v2.users..presence",
    "v2.users.{id}.presence",
    `v2.users.${userId}.presence `,
    `v2.users.${userId}?`,
    `v2.users.${userId}?presence&`,
    `v2.users.${userId}?presence?station`,
    "v2.nonsense.of.mine",
    "v2.routing.queues",
    "channel.metadata",
    "v2.system.socket_closing",
    `v2.users.${userId}?${"presence&".repeat(25)}presence`,
  ])("refuses %j with 400, and everything with it", (topic) => {
    const { stage, token, channelId, path } = stageOf();
    stage.put(token, channelId, [queueTopic]);
    for (const query of ["", "?ignoreErrors=true"]) {
      const answer = stage.put(token, channelId, [presence, topic], query);
      expect(answer.json).toMatchObject({ status: 400, code: "invalid.value" });
    }
    expect(ids(stage.call("GET", path, token).json)).toEqual([queueTopic]);
  });

  test("ignoreErrors makes malformed and unknown topics Rejected entries, where that is set", () => {
    const { stage, token, channelId } = stageOf({
      settings: { ignoreErrorsForgivesMalformed: true },
    });
    const topics = [presence, "what is this", "v2.nonsense.of.mine"];
    expect(stage.put(token, channelId, topics, "?ignoreErrors=true").json).toMatchObject({
      entities: [
        { id: presence, state: "Permitted" },
        { id: "what is this", state: "Rejected" },
        { id: "v2.nonsense.of.mine", state: "Rejected" },
      ],
    });
  });

  test("an unknown topic is an error, a Rejected entry, or permitted, as set", () => {
    const unknown = "v2.nonsense.of.mine";
    const ask = (unknownTopic: "error" | "reject" | "permit", query: string): unknown => {
      const { stage, token, channelId } = stageOf({ settings: { unknownTopic } });
      return stage.put(token, channelId, [unknown], query).json;
    };
    expect(ask("error", "?ignoreErrors=true")).toMatchObject({ status: 400 });
    expect(ask("reject", "")).toMatchObject({ status: 400 });
    expect(ask("reject", "?ignoreErrors=true")).toMatchObject({
      entities: [{ state: "Rejected" }],
    });
    expect(ask("permit", "")).toMatchObject({ entities: [{ state: "Permitted" }] });
  });
});

describe("1,000 topics", () => {
  test("fit on a channel; one more is refused with 400, by PUT and POST, forgiving or not", () => {
    const { stage, token, channelId, path } = stageOf();
    const topics = numbered(1001);
    expect(stage.put(token, channelId, topics.slice(0, 1000)).status).toBe(200);
    for (const query of ["", "?ignoreErrors=true"]) {
      expect(stage.put(token, channelId, topics, query).json).toMatchObject({
        status: 400,
        code: "bad.request",
      });
    }
    const last = topics.slice(1000).map((id) => ({ id }));
    expect(stage.call("POST", path, token, last).status).toBe(400);
    expect(stage.call("POST", path, token, [{ id: topics[0] }]).status).toBe(200);
    expect(ids(stage.call("GET", path, token).json)).toHaveLength(1000);
  });

  test.each([
    ["one", 200],
    ["many", 400],
  ] as const)("a combined topic counts as %s", (combinedTopicCountsAs, status) => {
    const { stage, token, channelId } = stageOf({ settings: { combinedTopicCountsAs } });
    const topics = [...numbered(999), `${user}?presence&routingStatus`];
    expect(stage.put(token, channelId, topics).status).toBe(status);
  });
});

describe("too many topics with ignoreErrors", () => {
  test("are Rejected from the limit on, in their order, where that is set", () => {
    const { stage, token, channelId, path } = stageOf({
      settings: { ignoreErrorsTooMany: "reject", topicsPerChannelMax: 3 },
    });
    const [a = "", b = "", c = "", d = "", e = ""] = numbered(5);
    const answer = stage.put(token, channelId, [a, b, c, d], "?ignoreErrors=true");
    expect(answer).toMatchObject({
      status: 200,
      json: {
        entities: [
          { id: a, state: "Permitted" },
          { id: b, state: "Permitted" },
          { id: c, state: "Permitted" },
          { id: d, state: "Rejected", rejectionReason: expect.stringContaining("3") as unknown },
        ],
      },
    });
    // What is on the channel stays, wherever it stands in the list.
    const more = [{ id: e }, { id: c }, { id: a }];
    const posted = stage.call("POST", `${path}?ignoreErrors=true`, token, more);
    expect(ids(posted.json)).toEqual([a, b, c, e]);
    expect(ids(stage.call("GET", path, token).json)).toEqual([a, b, c]);
    expect(stage.put(token, channelId, [a, b, c, d])).toMatchObject({
      status: 400,
      json: { limit: { namespace: "notifications", value: 3 } },
    });
  });
});

describe("whole lists, as the official handlers send them", () => {
  test("an empty POST adds nothing, and renews", () => {
    const { stage, token, channelId, path } = stageOf();
    stage.put(token, channelId, [presence]);
    stage.pass(3_600_000);
    expect(ids(stage.call("POST", path, token, []).json)).toEqual([presence]);
    stage.pass(23.5 * 3_600_000);
    expect(stage.call("HEAD", path.replace("/subscriptions", ""), token).status).toBe(401);
    expect(stage.call("HEAD", path.replace("/subscriptions", ""), stage.token()).status).toBe(200);
  });

  test("an empty PUT takes all topics away", () => {
    const { stage, token, channelId, path } = stageOf();
    stage.put(token, channelId, [presence, station]);
    expect(stage.put(token, channelId, [])).toMatchObject({ status: 200, json: { entities: [] } });
    expect(ids(stage.call("GET", path, token).json)).toEqual([]);
  });

  test("entries as they were answered are taken again, and duplicates are one", () => {
    const { stage, token, channelId, path } = stageOf();
    const answered = stage.put(token, channelId, [presence, station]).json;
    const { entities }: { entities: object[] } = Object(answered);
    const again = stage.call("PUT", path, token, [...entities, ...entities]);
    expect(again).toMatchObject({ status: 200, json: answered });
    expect(ids(again.json)).toEqual([presence, station]);
  });
});

describe("v2.subscription.updated", () => {
  const topic = "v2.subscription.updated";
  const notices = (stage: Stage, socketId: number): unknown[] =>
    stage.frames(socketId).filter((frame) => frame.topicName === topic);

  test.each([
    ["never", 0, 0],
    ["subscribed", 0, 1],
    ["unasked", 1, 1],
  ] as const)("comes %s", (subscriptionUpdated, without, having) => {
    for (const [topics, count] of [
      [[presence], without],
      [[presence, topic], having],
    ] as const) {
      const { stage, token, channelId } = stageOf({ settings: { subscriptionUpdated } });
      const socketId = stage.open(channelId);
      stage.put(token, channelId, topics);
      expect(notices(stage, socketId)).toHaveLength(count);
    }
  });

  test("says what changed how, only when something did, by REST and in-band", () => {
    const { stage, token, channelId, path } = stageOf({
      settings: { subscriptionUpdated: "unasked" },
    });
    const socketId = stage.open(channelId);
    stage.put(token, channelId, [presence]);
    expect(notices(stage, socketId)).toMatchObject([
      {
        version: "2",
        eventBody: {
          channelId,
          systemTopicType: "subscription_changed",
          organizationId: stage.cloud.world.organization.id,
          oauthClientId: clientId,
          data: { topics: 1 },
        },
      },
    ]);
    stage.put(token, channelId, [presence.toUpperCase()]);
    stage.call("POST", path, token, []);
    expect(notices(stage, socketId)).toHaveLength(1);
    stage.say(socketId, { message: "subscribe", topics: [station] });
    stage.say(socketId, { message: "unsubscribe", topics: [station] });
    stage.call("DELETE", path, token);
    expect(notices(stage, socketId)).toHaveLength(4);
  });
});

describe("a combined topic", () => {
  const combined = `${user}?presence&routingStatus&conversations.calls`;

  test("is listed as it came, and notifies under the expanded names", () => {
    const { stage, token, channelId } = stageOf();
    expect(ids(stage.put(token, channelId, [combined]).json)).toEqual([combined]);
    const socketId = stage.open(channelId);
    for (const name of ["presence", "routingStatus", "conversations.calls", "station"]) {
      stage.cloud.emit(`${user}.${name}`, {}, stage.nowMs);
    }
    expect(stage.frames(socketId).map((frame) => frame.topicName)).toEqual([
      `${user}.presence`,
      `${user}.routingStatus`,
      `${user}.conversations.calls`,
    ]);
  });

  test("and a plain one of the same name are delivered once; taking one away leaves the other", () => {
    const { stage, token, channelId } = stageOf();
    stage.put(token, channelId, [combined, presence]);
    const socketId = stage.open(channelId);
    expect(stage.cloud.emit(presence, {}, stage.nowMs).deliveries).toHaveLength(1);
    stage.say(socketId, { message: "unsubscribe", topics: [combined] });
    expect(stage.cloud.emit(presence, {}, stage.nowMs).deliveries).toHaveLength(1);
    stage.say(socketId, { message: "unsubscribe", topics: [presence] });
    expect(stage.cloud.emit(presence, {}, stage.nowMs).deliveries).toHaveLength(0);
  });

  test("has at most 200 characters", () => {
    const { stage, token, channelId } = stageOf({ settings: { unknownTopic: "permit" } });
    const long = `${user}?${"p".repeat(199 - user.length)}`;
    expect(long).toHaveLength(200);
    expect(stage.put(token, channelId, [long]).status).toBe(200);
    expect(stage.put(token, channelId, [`${long}p`]).status).toBe(400);
  });

  test("is Permitted beside a Rejected entry for each part that is not", () => {
    const { stage, token, channelId } = stageOf(restricted());
    const topic = `${user}?presence&station`;
    expect(stage.put(token, channelId, [topic], "?ignoreErrors=true").json).toMatchObject({
      entities: [
        { id: topic, state: "Permitted" },
        { id: station, state: "Rejected", missingPermissions: [stationPermission] },
      ],
    });
    expect(stage.cloud.emit(station, {}, stage.nowMs).deliveries).toHaveLength(0);
    expect(stage.cloud.emit(presence, {}, stage.nowMs).deliveries).toHaveLength(1);
  });

  test("is Rejected when no part is permitted, and fails the call without ignoreErrors", () => {
    const { stage, token, channelId } = stageOf(restricted());
    const topic = `${user}?station`;
    expect(stage.put(token, channelId, [topic], "?ignoreErrors=true").json).toMatchObject({
      entities: [
        { id: topic, state: "Rejected" },
        { id: station, state: "Rejected" },
      ],
    });
    expect(stage.put(token, channelId, [`${user}?presence&station`]).status).toBe(403);
  });
});

describe("a missing permission", () => {
  test("fails the whole call with 403 and the body that is on record", () => {
    const { stage, token, channelId, path } = stageOf(restricted());
    expect(stage.put(token, channelId, [presence, station])).toMatchObject({
      status: 403,
      json: {
        message: `The user does not have permission "${stationPermission}" required for topic "${station}"`,
        code: "notification.unauthorized.topic",
        status: 403,
      },
    });
    expect(ids(stage.call("GET", path, token).json)).toEqual([]);
  });

  test("with ignoreErrors rejects that topic only, and says why", () => {
    const { stage, token, channelId, path } = stageOf(restricted());
    const answer = stage.put(token, channelId, [station, presence], "?ignoreErrors=true");
    expect(answer).toMatchObject({
      status: 200,
      json: {
        entities: [
          { id: presence, state: "Permitted" },
          {
            id: station,
            state: "Rejected",
            rejectionReason: expect.stringContaining(stationPermission) as unknown,
            missingPermissions: [stationPermission],
          },
        ],
      },
    });
    expect(ids(stage.call("GET", path, token).json)).toEqual([presence]);
  });

  test("of several is enough to have one, where any will do, and needs all, where all are asked", () => {
    const observations = `v2.analytics.queues.${userId}.observations`;
    const members = `v2.routing.queues.${userId}.users`;
    const { stage, token, channelId } = stageOf(
      restricted("routing:queue:view", "analytics:queueObservation:view"),
    );
    const answer = stage.put(token, channelId, [members, observations], "?ignoreErrors=true");
    expect(answer.json).toMatchObject({
      entities: [
        { id: members, state: "Permitted" },
        {
          id: observations,
          state: "Rejected",
          missingPermissions: ["analytics:conversationAggregate:view"],
        },
      ],
    });
  });

  test("is none when the client has it", () => {
    const { stage, token, channelId } = stageOf(restricted(callPermission));
    expect(stage.put(token, channelId, [queueTopic]).status).toBe(200);
  });

  test("of a current user is one that client credentials never have", () => {
    const { stage, token, channelId } = stageOf({
      settings: { requiresCurrentUserTopics: ["v2.users.{id}.presence"] },
    });
    expect(stage.put(token, channelId, [presence]).json).toMatchObject({
      status: 403,
      code: "notification.unauthorized.topic",
      message: expect.stringContaining("current user") as unknown,
    });
    expect(stage.put(token, channelId, [presence], "?ignoreErrors=true").json).toMatchObject({
      entities: [{ state: "Rejected" }],
    });
  });

  test("may be a missing transport, where that is set", () => {
    const geolocation = `${user}.geolocation`;
    for (const [eventBridgeOnlyTopic, status] of [
      ["permit", 200],
      ["reject", 400],
    ] as const) {
      const { stage, token, channelId } = stageOf({ settings: { eventBridgeOnlyTopic } });
      expect(stage.put(token, channelId, [geolocation]).status).toBe(status);
    }
  });
});
