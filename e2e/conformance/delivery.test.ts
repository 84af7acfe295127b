/** What a notification looks like, and what is promised of it: docs/GENESYS.md sections 4.6, 4.7, 5 and 7. */
import { expect } from "vitest";
import { dial, presence, queueId, queueTopic, raise, userId, type Frame } from "./client.ts";
import { rule } from "./rule.ts";

rule(
  "4.6 official SDK",
  "an envelope is topicName, version 2, eventBody and metadata",
  async () => {
    const caller = await raise();
    const { socket } = await caller.line([presence]);
    caller.emit(presence, { source: "PURECLOUD" });
    expect(await socket.of(presence)).toEqual({
      topicName: presence,
      version: "2",
      eventBody: { source: "PURECLOUD" },
      metadata: { CorrelationId: expect.stringMatching(/^[0-9a-f-]{36}$/u) as unknown },
    });
  },
);

rule("4.6 official SDK", "there is no number, event id or time of sending in it", async () => {
  const caller = await raise({ rate: 200 });
  const topics = caller.mock.sampleTopics(100);
  const { socket } = await caller.line(topics);
  const seen: Frame[] = [];
  for (let count = 0; count < 20; count++)
    seen.push(await socket.take(({ metadata }) => metadata !== undefined));
  for (const { topicName, version, eventBody, metadata, ...rest } of seen) {
    expect(rest).toEqual({});
    expect(topics).toContain(topicName);
    expect(version).toBe("2");
    expect(eventBody).toBeTypeOf("object");
    expect(Object.keys(metadata ?? {})).toEqual(["CorrelationId"]);
  }
});

rule("4.6 official SDK", "one frame is one JSON text is one notification", async () => {
  const caller = await raise();
  const { socket } = await caller.line([presence]);
  const kinds: boolean[] = [];
  socket.raw.on("message", (_, isBinary: boolean) => kinds.push(isBinary));
  for (let turn = 0; turn < 50; turn++) caller.emit(presence, { turn });
  const turns = (await socket.settled()).map(({ eventBody }) => eventBody?.["turn"]);
  expect(turns).toEqual(Array.from({ length: 50 }, (_, turn) => turn));
  expect(kinds).toEqual(Array.from({ length: 51 }, () => false));
});

rule(
  "4.7 official blog",
  "what happens while no socket is open is not delivered later",
  async () => {
    const caller = await raise();
    const { socket, channel } = await caller.line([presence]);
    socket.raw.close();
    await socket.closed;
    await expect.poll(() => caller.mock.cloud.state().sockets).toEqual([]);
    caller.emit(presence, { turn: "lost" });
    const again = await dial(channel.connectUri);
    caller.emit(presence, { turn: "had" });
    expect(await again.settled()).toMatchObject([{ eventBody: { turn: "had" } }]);
  },
);

rule("4.7 official blog", "what happened before a subscription does not come with it", async () => {
  const caller = await raise();
  const { socket, token, channel } = await caller.line([]);
  caller.emit(presence, { turn: "before" });
  await caller.subscribe("PUT", token, channel, [presence]);
  caller.emit(presence, { turn: "after" });
  expect(await socket.settled()).toMatchObject([{ eventBody: { turn: "after" } }]);
});

rule(
  "4.7 official SDK",
  "nothing is acknowledged or replayed: a client that asks is not heard",
  async () => {
    const caller = await raise();
    const { socket } = await caller.line([presence]);
    caller.emit(presence, { turn: 1 });
    const [frame] = await socket.settled();
    const { CorrelationId } = frame?.metadata ?? {};
    for (const message of ["ack", "replay", "resume"]) socket.say({ message, CorrelationId });
    expect(await socket.settled()).toEqual([]);
  },
);

rule("4.7 inferred", "a socket gets an event at most once", async () => {
  const caller = await raise();
  const overlapping = [presence, `v2.users.${userId}?presence&routingStatus`];
  const { socket } = await caller.line(overlapping);
  caller.emit(presence);
  expect(await socket.settled()).toHaveLength(1);
});

rule("4.7 inferred", "what was sent before a pong has come when the pong has", async () => {
  const caller = await raise();
  const { socket } = await caller.line([presence]);
  for (let turn = 0; turn < 500; turn++) caller.emit(presence, { turn });
  socket.say({ message: "ping" });
  await socket.metadata("pong");
  expect(socket.frames).toHaveLength(500);
});

rule("5 documented", "an analytics topic has at most one event a second", async () => {
  const caller = await raise({ rate: 300, queues: 2, agents: 30 });
  const startMs = caller.mock.nowMs();
  for (let ms = 0; ms < 60_000; ms += 20) caller.mock.cloud.wake(startMs + ms);
  const { entries } = caller.mock.cloud.ledger.query();
  const analytics = entries.filter(({ topic }) => topic.startsWith("v2.analytics."));
  expect(analytics.length).toBeGreaterThan(50);
  const lastMs = new Map<string, number>();
  const tooSoon = analytics.filter(({ topic, atMs }) => {
    const sinceMs = atMs - (lastMs.get(topic) ?? Number.NEGATIVE_INFINITY);
    lastMs.set(topic, atMs);
    return sinceMs < 1_000;
  });
  expect(tooSoon).toEqual([]);
});

rule("7 inferred", "a conversation topic carries the whole conversation each time", async () => {
  const caller = await raise({ rate: 100, queues: 1 });
  const topic = `v2.routing.queues.${caller.mock.cloud.world.queues[0]?.id ?? ""}.conversations`;
  const { socket } = await caller.line([topic]);
  caller.passes(120_000);
  for (let count = 0; count < 20; count++) {
    const { eventBody } = await socket.of(topic);
    expect(eventBody?.["id"]).toBeTypeOf("string");
    const participants = eventBody?.["participants"] as readonly { purpose: string }[];
    expect(participants.map(({ purpose }) => purpose)).toContain("customer");
  }
});

rule("7 inferred", "nulls are left out", async () => {
  const caller = await raise({ rate: 200 });
  const topics = caller.mock.sampleTopics(200);
  const { socket } = await caller.line(topics);
  caller.passes(60_000);
  for (let count = 0; count < 50; count++) {
    const frame = await socket.take(({ metadata }) => metadata !== undefined);
    expect(JSON.stringify(frame)).not.toContain(":null");
  }
});

rule("7 inferred", "observations are of two kinds, told apart by their interval", async () => {
  const caller = await raise({ rate: 100, queues: 1 });
  const id = caller.mock.cloud.world.queues[0]?.id ?? queueId;
  const topic = `v2.analytics.queues.${id}.observations`;
  const { socket } = await caller.line([topic, queueTopic]);
  caller.passes(120_000);
  const kinds = new Set<string>();
  while (kinds.size < 2) {
    const { eventBody } = await socket.of(topic);
    const [first] = (eventBody?.["data"] ?? []) as readonly { interval: string }[];
    const [from = "", to = ""] = first?.interval.split("/") ?? [];
    const widthMs = Date.parse(to) - Date.parse(from);
    expect([0, 30 * 60_000]).toContain(widthMs);
    kinds.add(widthMs === 0 ? "instant" : "aggregate");
  }
  expect(kinds.size).toBe(2);
});
