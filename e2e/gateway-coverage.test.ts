/** Nobody takes silence for quiet: what a subscriber was not given it is told, before the first event after it. */
import { afterEach, expect, test } from "vitest";
import { endAll, mockHere } from "../packages/cli/src/testing/processes.ts";
import { gatewayStage, type Bare, type GatewayStage, type Message } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const presence = { eventTypes: ["user:presence"], filters: { divisions: ["self"] } };

function userTopics({ mock }: GatewayStage): readonly string[] {
  return mock.cloud.world.agents.map(({ id }) => `v2.users.${id}.presence`);
}

/** The gaps of a topic, and that each came before the first event of it. */
function gapsAhead({ heard }: Bare, topic: string): readonly Message[] {
  const first = heard.findIndex(({ type, topic: of }) => type === "event" && of === topic);
  expect(first).toBeGreaterThan(0);
  const isOf = ({ type, topics }: Message): boolean =>
    type === "gap" && (topics as readonly string[]).includes(topic);
  expect(heard.slice(first).filter(isOf)).toEqual([]);
  return heard.slice(0, first).filter(isOf);
}

function msOf(time: unknown): number {
  return Date.parse(String(time));
}

test("confirmed before its topics are live, a subscriber is told what nobody carried meanwhile; what was live has no gap", async () => {
  const stage = await gatewayStage({}, { carries: (topic) => topic.endsWith(".presence") });
  const [carried = ""] = stage.topics;
  const topic = userTopics(stage).find((each) => !stage.topics.includes(each)) ?? "";
  const socket = await stage.connect();
  socket.say(presence);
  await socket.first("subscribed");
  const confirmedMs = Date.now();
  await socket.first("live");
  const liveMs = Date.now();
  stage.emit(carried, { n: 1 });
  stage.emit(topic, { n: 2 });
  await eventually("both events", () => socket.of("event").length === 2);
  const [gap, ...others] = gapsAhead(socket, topic);
  expect(others).toEqual([]);
  expect(gap).toMatchObject({ cause: "unsubscribed", state: "closed", certainty: "possible" });
  expect(msOf(gap?.["from"])).toBeLessThanOrEqual(confirmedMs);
  expect(msOf(gap?.["to"])).toBeLessThanOrEqual(liveMs);
  expect(gapsAhead(socket, carried)).toEqual([]);
  // Whoever comes now finds all of it carried.
  const second = await stage.connect();
  second.say(presence);
  await second.first("live");
  stage.emit(topic, { n: 3 });
  await second.first("event");
  expect(second.of("gap")).toEqual([]);
});

test("since a cursor from before anybody carried its topics, a subscriber is told from there on", async () => {
  const stage = await gatewayStage({}, { carries: (topic) => topic.endsWith(".users") });
  const [topic = ""] = userTopics(stage);
  const [members = ""] = stage.topics;
  const first = await stage.connect();
  first.say({ eventTypes: [members], filters: { divisions: ["self"] } });
  await first.first("live");
  stage.emit(members, { n: 1 });
  const { cursor, time } = await first.first("event");
  // What happens now on a topic that nobody wants is never told of.
  stage.emit(topic, { n: 2 });
  const socket = await stage.connect();
  socket.say({ ...presence, since: cursor });
  await socket.first("live");
  stage.emit(topic, { n: 3 });
  await socket.first("event");
  expect(socket.of("event")[0]).toMatchObject({ data: { n: 3 } });
  const gaps = gapsAhead(socket, topic);
  expect(gaps).toMatchObject([{ cause: "unsubscribed" }]);
  expect(msOf(gaps[0]?.["from"])).toBeLessThanOrEqual(msOf(time));
});

test("away for longer than what is kept, a subscriber is told of the rest first", async () => {
  const stage = await gatewayStage();
  const topic = stage.topics.find((each) => each.endsWith(".presence")) ?? "";
  const before = await stage.connect();
  before.say(presence);
  await before.first("live");
  stage.emit(topic, { n: 1 });
  const { cursor } = await before.first("event");
  before.socket.terminate();
  const { journal } = stage.relay.service;
  const { head } = journal;
  for (let n = 2; n <= 20; n++) stage.emit(topic, { n });
  await eventually("the journal has them", () => journal.head >= head + 19);
  // A month later.
  await journal.trim(Date.now() + 30 * 86_400_000);
  const after = await stage.connect();
  after.say({ ...presence, since: cursor });
  await after.first("live");
  stage.emit(topic, { n: 21 });
  await after.first("event");
  expect(after.of("event").map(({ data }) => (data as { n: number }).n)).toEqual([21]);
  const gaps = after.of("gap").filter(({ cause }) => cause === "retention");
  expect(gaps).toHaveLength(1);
  expect(gaps[0]).toMatchObject({ certainty: "certain" });
  const types = after.heard.map(({ type }) => type);
  expect(types.indexOf("gap")).toBeLessThan(types.indexOf("event"));
});

test.each([
  ["user:presence", "presence"],
  ["user:routingStatus", "routingStatus"],
])(
  "who wants %s by a queue is told what was not carried of one who joins, and nothing on who stays",
  async (eventType, kind) => {
    const mock = await mockHere({ seed: 7, queues: 4, agents: 20 });
    const stage = await gatewayStage({}, { mock, carries: () => false });
    const { queues, agents } = mock.cloud.world;
    const [queue] = queues;
    const topicOf = (userId: string): string => `v2.users.${userId}.${kind}`;
    const members = queue?.agentIds ?? [];
    const topics = members.map(topicOf).sort();
    const joining = agents.find(({ id }) => !members.includes(id))?.id ?? "";
    expect(topics.length).toBeGreaterThan(0);
    expect(joining).not.toBe("");

    const socket = await stage.connect();
    socket.say({ eventTypes: [eventType], filters: { queueId: [queue?.id] } });
    await socket.first("live");
    const emitAll = (n: number): void => topics.forEach((topic) => stage.emit(topic, { n }));
    const had = (): readonly unknown[] => socket.of("event").map(({ topic }) => topic);
    emitAll(1);
    await eventually("events of all members", () => had().length === topics.length);
    const gapsOfStart = socket.of("gap").length;

    const topic = topicOf(joining);
    const body = { id: joining, user: { id: joining }, queueId: queue?.id, joined: true };
    const joinedMs = Date.now();
    stage.emit(`v2.routing.queues.${queue?.id}.users`, body);
    const gap = await eventually("a gap of the new member", () =>
      socket.of("gap").find(({ topics: of }) => (of as readonly string[]).includes(topic)),
    );
    expect(gap).toMatchObject({
      eventTypes: [eventType],
      topics: [topic],
      cause: "unsubscribed",
      state: "closed",
      certainty: "possible",
    });
    // It ends when the topic is carried, which nobody wanted before.
    expect(msOf(gap["to"])).toBeGreaterThanOrEqual(joinedMs);
    expect(msOf(gap["from"])).toBeLessThan(msOf(gap["to"]));
    emitAll(2);
    stage.emit(topic, { n: 2 });
    await eventually("events of all", () => had().length === 2 * topics.length + 1);
    expect(gapsAhead(socket, topic)).toEqual([gap]);
    expect(had().map(String).sort()).toEqual([...topics, ...topics, topic].sort());
    expect(socket.of("gap").slice(gapsOfStart)).toEqual([gap]);
  },
);
