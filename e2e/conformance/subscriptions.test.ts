/** Topics on channels: docs/GENESYS.md sections 3.2 to 3.4, 6.2 and 6.3. */
import { expect } from "vitest";
import {
  dial,
  entities,
  limited,
  presence,
  presenceOf,
  queueTopic,
  raise,
  userId,
  topicsIn,
  type Topic,
} from "./client.ts";
import { rule } from "./rule.ts";

const hourMs = 3_600_000;
const transcription = `v2.conversations.${userId}.transcription`;
const adherence = `v2.users.${userId}.workforcemanagement.adherence`;
const station = "telephony:otherStationAssociation:view";
const permitted = (id: string): Topic => ({
  id,
  state: "Permitted",
  selfUri: `/api/v2/notifications/availabletopics/${id}`,
});
const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => presenceOf(index));

rule("3.2 official SDK", "topics are sent as ids and come back as Permitted entries", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token);
  const reply = await caller.subscribe("PUT", token, channel, [presence, queueTopic]);
  expect(reply.json).toEqual({ entities: [permitted(presence), permitted(queueTopic)] });
});

rule(
  "3.2 official SDK",
  "whole entries are taken back on PUT, as the handlers send them",
  async () => {
    const caller = await raise();
    const token = await caller.token();
    const channel = await caller.channel(token, [presence, queueTopic]);
    const path = `/api/v2/notifications/channels/${channel.id}/subscriptions`;
    const listed = topicsIn(await caller.call("GET", path, token));
    const again = await caller.call("PUT", path, token, listed);
    expect(again).toMatchObject({ status: 200, json: { entities: listed } });
  },
);

for (const method of ["POST", "PUT"] as const)
  rule("3.2 official SDK", `${method} takes an empty array`, async () => {
    const caller = await raise();
    const token = await caller.token();
    const channel = await caller.channel(token, [presence]);
    const reply = await caller.subscribe(method, token, channel, []);
    expect(reply.status).toBe(200);
    expect(await caller.topicsOf(token, channel)).toEqual(method === "PUT" ? [] : [presence]);
  });

rule("3.0 official SDK", "POST adds to the list, PUT replaces it, DELETE empties it", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token, [presence]);
  await caller.subscribe("POST", token, channel, [queueTopic]);
  expect(await caller.topicsOf(token, channel)).toEqual([presence, queueTopic]);
  await caller.subscribe("PUT", token, channel, [queueTopic]);
  expect(await caller.topicsOf(token, channel)).toEqual([queueTopic]);
  const path = `/api/v2/notifications/channels/${channel.id}/subscriptions`;
  const { status, text } = await caller.call("DELETE", path, token);
  expect(text).toBe("");
  expect([200, 202, 204]).toContain(status);
  expect(await caller.topicsOf(token, channel)).toEqual([]);
});

rule("3.0 official SDK", "what is subscribed arrives, what is no longer does not", async () => {
  const caller = await raise();
  const { socket, token, channel } = await caller.line([presence]);
  caller.emit(presence, { turn: 1 });
  await caller.subscribe("PUT", token, channel, [queueTopic]);
  caller.emit(presence, { turn: 2 });
  caller.emit(queueTopic, { turn: 3 });
  const turns = (await socket.settled()).map(({ eventBody }) => eventBody?.["turn"]);
  expect(turns).toEqual([1, 3]);
});

rule(
  "3.3 official SDK",
  "one topic without permission is a 403 for all, nothing is set",
  async () => {
    const caller = await raise({ clients: [limited()] });
    const token = await caller.token();
    const channel = await caller.channel(token, [presenceOf(1)]);
    for (const method of ["POST", "PUT"] as const) {
      const reply = await caller.subscribe(method, token, channel, [presence, transcription]);
      expect(reply).toMatchObject({
        status: 403,
        json: {
          code: "notification.unauthorized.topic",
          status: 403,
          message: `The user does not have permission "conversation:transcription:view" required for topic "${transcription}"`,
        },
      });
      expect(await caller.topicsOf(token, channel)).toEqual([presenceOf(1)]);
    }
    const explicit = await caller.subscribe(
      "PUT",
      token,
      channel,
      [transcription],
      "?ignoreErrors=false",
    );
    expect(explicit.status).toBe(403);
  },
);

rule(
  "3.3 official SDK",
  "with ignoreErrors=true the refused are Rejected, with reason",
  async () => {
    const caller = await raise({ clients: [limited()] });
    const token = await caller.token();
    const channel = await caller.channel(token);
    const topics = [presence, transcription];
    const reply = await caller.subscribe("PUT", token, channel, topics, "?ignoreErrors=true");
    expect(reply.status).toBe(200);
    expect(entities(reply)).toEqual([
      permitted(presence),
      {
        id: transcription,
        state: "Rejected",
        rejectionReason: expect.stringContaining("conversation:transcription:view") as unknown,
        missingPermissions: ["conversation:transcription:view"],
        selfUri: `/api/v2/notifications/availabletopics/${transcription}`,
      },
    ]);
    expect(await caller.topicsOf(token, channel)).toEqual([presence]);
    const socket = await dial(channel.connectUri);
    caller.emit(transcription);
    expect(await socket.settled()).toEqual([]);
  },
);

rule("3.3 documented", "1,000 topics are had, one more is a 400 and changes nothing", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token, many(1_000));
  expect(await caller.topicsOf(token, channel)).toHaveLength(1_000);
  for (const [method, topics] of [
    ["POST", [presence]],
    ["PUT", many(1_001)],
  ] as const) {
    const reply = await caller.subscribe(method, token, channel, topics);
    expect(reply).toMatchObject({ status: 400, json: { status: 400 } });
    expect(await caller.topicsOf(token, channel)).toHaveLength(1_000);
  }
});

rule("3.3 documented", "a topic that is there already does not count twice", async () => {
  const caller = await raise({ settings: { topicsPerChannelMax: 2 } });
  const token = await caller.token();
  const channel = await caller.channel(token, [presence, queueTopic]);
  const reply = await caller.subscribe("POST", token, channel, [presence, queueTopic, presence]);
  expect(reply.status).toBe(200);
  expect(await caller.topicsOf(token, channel)).toEqual([presence, queueTopic]);
});

rule("3.3 inferred", "an unknown channel is a 404 on all calls about its topics", async () => {
  const caller = await raise();
  const token = await caller.token();
  const path = "/api/v2/notifications/channels/streaming-0-nobody/subscriptions";
  for (const [method, body] of [
    ["GET", undefined],
    ["POST", [{ id: presence }]],
    ["PUT", [{ id: presence }]],
    ["DELETE", undefined],
  ] as const)
    expect(await caller.call(method, path, token, body)).toMatchObject({
      status: 404,
      json: { code: "not.found", status: 404 },
    });
});

rule("3.3 official SDK", "channel.metadata and v2.system.* come without subscription", async () => {
  const caller = await raise({ settings: { heartbeatMs: 20 } });
  const { socket } = await caller.line([]);
  await socket.metadata("WebSocket Heartbeat");
  caller.mock.cloud.faults.announceClosing({}, caller.mock.nowMs());
  await socket.of("v2.system.socket_closing");
});

for (const method of ["POST", "PUT"] as const)
  rule("3.4 documented", `${method} of the topics renews the 24 h`, async () => {
    const caller = await raise();
    const channel = await caller.channel(await caller.token(), [presence]);
    caller.passes(23 * hourMs);
    await caller.subscribe(method, await caller.token(), channel, [presence]);
    caller.passes(46 * hourMs);
    expect(await caller.lives(await caller.token(), channel)).toBe(true);
    caller.passes(48 * hourMs);
    expect(await caller.lives(await caller.token(), channel)).toBe(false);
  });

rule("3.4 inferred", "topics outlive sockets: a reconnect to the same URI finds them", async () => {
  const caller = await raise();
  const { socket, channel } = await caller.line();
  socket.raw.terminate();
  const again = await dial(channel.connectUri);
  caller.emit(presence, { turn: 1 });
  expect(await again.of(presence)).toMatchObject({ eventBody: { turn: 1 } });
});

rule("6.2 documented", "a combined topic brings its parts, under their full names", async () => {
  const caller = await raise();
  const combined = `v2.users.${userId}?presence&routingStatus`;
  const { socket, token, channel } = await caller.line([combined]);
  expect(await caller.topicsOf(token, channel)).toEqual([combined]);
  caller.emit(presence);
  caller.emit(`v2.users.${userId}.routingStatus`);
  caller.emit(`v2.users.${userId}.station`);
  expect((await socket.settled()).map(({ topicName }) => topicName)).toEqual([
    presence,
    `v2.users.${userId}.routingStatus`,
  ]);
});

rule("6.2 documented", "a combined topic has at most 200 characters", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token);
  const common = "routingStatus&presence&station&".repeat(4) + "routingStatus&presence";
  for (const [last, length, status] of [
    ["station", 200, 200],
    ["presence", 201, 400],
  ] as const) {
    const topic = `v2.users.${userId}?${common}&${last}`;
    expect(topic).toHaveLength(length);
    expect((await caller.subscribe("PUT", token, channel, [topic])).status).toBe(status);
  }
});

rule(
  "6.2 official SDK",
  "of a combined topic in part refused each refused part is Rejected",
  async () => {
    const caller = await raise({ clients: [limited()] });
    const token = await caller.token();
    const channel = await caller.channel(token);
    const combined = `v2.users.${userId}?presence&station`;
    expect((await caller.subscribe("PUT", token, channel, [combined])).status).toBe(403);
    const reply = await caller.subscribe("PUT", token, channel, [combined], "?ignoreErrors=true");
    expect(reply).toMatchObject({
      status: 200,
      json: {
        entities: [
          { id: combined, state: "Permitted" },
          { id: `v2.users.${userId}.station`, state: "Rejected", missingPermissions: [station] },
        ],
      },
    });
    const socket = await dial(channel.connectUri);
    caller.emit(`v2.users.${userId}.station`);
    caller.emit(presence);
    expect((await socket.settled()).map(({ topicName }) => topicName)).toEqual([presence]);
  },
);

rule("6.3 official blog", "any one of its permissions is enough for adherence", async () => {
  for (const permission of [
    "wfm:agentSchedule:view",
    "wfm:agentAdherence:notify",
    "wfm:realtimeAdherence:view",
  ]) {
    const caller = await raise({ clients: [limited([permission])] });
    const token = await caller.token();
    await caller.channel(token, [adherence]);
  }
  const caller = await raise({ clients: [limited(["wfm:other:view"])] });
  const token = await caller.token();
  const refused = await caller.subscribe("PUT", token, await caller.channel(token), [adherence]);
  expect(refused.status).toBe(403);
});

rule("6.3 documented", "transcription needs conversation:transcription:view", async () => {
  const has = await raise({ clients: [limited(["conversation:transcription:view"])] });
  await has.channel(await has.token(), [transcription]);
  const lacks = await raise({ clients: [limited(["conversation:communication:view"])] });
  const token = await lacks.token();
  const reply = await lacks.subscribe("PUT", token, await lacks.channel(token), [transcription]);
  expect(reply.status).toBe(403);
});

rule(
  "6.1 official blog",
  "names compare without case, and come back as they were sent",
  async () => {
    const caller = await raise();
    const lower = `v2.users.${userId}.routingstatus`;
    const { socket, token, channel } = await caller.line([lower]);
    expect(await caller.topicsOf(token, channel)).toEqual([lower]);
    caller.emit(`v2.users.${userId}.routingStatus`);
    expect(await socket.settled()).toHaveLength(1);
  },
);

rule("6.1 official blog", "there is no wildcard: each object is subscribed by its id", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token);
  for (const topic of ["v2.users.*.presence", "v2.users.{id}.presence", "v2.users.#"]) {
    const { status } = await caller.subscribe("PUT", token, channel, [topic]);
    expect({ topic, status }).toEqual({ topic, status: 400 });
  }
});
