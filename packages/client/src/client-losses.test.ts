/** Ways in which events were once lost in silence, or a bound was missing. Each failed before it was mended. */
import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import type { ClientEvent } from "./events.ts";
import type { ClientOptions } from "./options.ts";
import { uuid } from "./testing/samples.ts";
import { Stage } from "./testing/stage.ts";

const wallMs = Date.UTC(2026, 0, 5, 8);
const second = 1_000;
const minute = 60 * second;
const ada = `v2.users.${uuid(1)}.presence`;
const bob = `v2.users.${uuid(2)}.presence`;

function stage(options: Partial<ClientOptions> = {}): Stage {
  return new Stage(new SimClock(wallMs), { topics: [ada], ...options });
}

async function liveStage(options: Partial<ClientOptions> = {}): Promise<Stage> {
  const made = stage(options).listen();
  await made.pass(second);
  return made;
}

/** A stage whose consumer reads only when the test says so. */
async function slowStage(options: Partial<ClientOptions> = {}): Promise<
  Stage & {
    take(count: number): Promise<readonly ClientEvent[]>;
    rest(): Promise<readonly ClientEvent[]>;
  }
> {
  const made = stage({ bufferEventsMax: 10, ...options });
  const events = made.client.events();
  await made.pass(second);
  const take = async (count: number): Promise<readonly ClientEvent[]> => {
    const taken: ClientEvent[] = [];
    while (taken.length < count) {
      const { value, done } = await events.next();
      if (done === true) break;
      taken.push(value);
    }
    return taken;
  };
  const rest = async (): Promise<readonly ClientEvent[]> => {
    await made.client.close();
    return take(1_000_000);
  };
  return Object.assign(made, { take, rest });
}

test("events refused before a cut are in a gap, though the consumer catches up while the line is down", async () => {
  const made = await slowStage();
  await made.take(4);
  for (let index = 0; index < 10; index++) made.cloud.emit(ada, index);
  await made.pass(25 * second);
  made.cloud.emit(ada, "refused");
  const refusedAtMs = wallMs + made.clock.monotonicMs();
  await made.pass(minute);
  made.cloud.refuse = () => ({ kind: "unreachable", detail: "" });
  made.cloud.socket.lose();
  await made.pass(second);
  const told = [...(await made.take(8))];
  made.cloud.refuse = () => undefined;
  await made.pass(2 * minute);
  told.push(...(await made.rest()));
  const gaps = told
    .filter((event) => event.type === "gap")
    .filter(({ state }) => state === "closed");
  expect(gaps.some(({ fromMs, toMs = 0 }) => fromMs <= refusedAtMs && refusedAtMs <= toMs)).toBe(
    true,
  );
});

test("events refused before close() are told", async () => {
  const made = await slowStage();
  for (let index = 0; index < 10; index++) made.cloud.emit(ada, index);
  await made.pass(25 * second);
  made.cloud.emit(ada, "refused");
  const causes = (await made.rest()).flatMap((event) =>
    event.type === "gap" ? [event.cause] : [],
  );
  expect(causes).toContain("overflow");
});

test("a socket that opens while the queue is full is not read either", async () => {
  const made = await slowStage();
  for (let index = 0; index < 20; index++) made.cloud.emit(ada, index);
  await made.pass(second);
  made.cloud.socket.lose();
  await made.pass(second);
  for (let index = 0; index < 5_000; index++) made.cloud.emit(ada, index);
  await made.pass(5 * second);
  expect((await made.rest()).length).toBeLessThan(100);
});

test("with trace on, a consumer that does not read does not make the queue grow without bound", async () => {
  const made = await slowStage({ trace: true });
  for (let index = 0; index < 10; index++) made.cloud.emit(ada, index);
  await made.pass(25 * second);
  for (let index = 0; index < 5_000; index++) made.cloud.emit(ada, index);
  await made.pass(second);
  expect((await made.rest()).length).toBeLessThan(100);
});

test("a half-open socket is found out though the wall clock was set back", async () => {
  const clock = new SimClock(wallMs);
  const made = new Stage(clock, { topics: [ada] }).listen();
  await made.pass(25 * second);
  made.cloud.answersPings = false;
  clock.stepWall(-60 * minute);
  await made.pass(2 * minute);
  expect(made.of("disconnected").length).toBeGreaterThan(0);
});

test("a token provider that never answers is told", async () => {
  const credentials = { tokenProvider: (): Promise<never> => new Promise(() => undefined) };
  const made = stage({ credentials }).listen();
  await made.pass(minute);
  expect(made.of("disconnected")[0]?.error?.code).toBe("TOKEN_PROVIDER_FAILED");
});

test("a carried topic that a PUT finds rejected is a gap since the last confirmation", async () => {
  const made = await liveStage();
  await made.pass(20 * second);
  for (const channel of made.cloud.channels.values()) channel.topics.clear();
  made.cloud.rejected.add(ada);
  const lostAtMs = made.clock.monotonicMs();
  made.client.setTopics([ada, bob]);
  await made.pass(15 * minute);
  expect(made.of("rejected")).toHaveLength(1);
  expect(made.isInGap(ada, lostAtMs, wallMs)).toBe(true);
});

test("a channel that was evicted while its socket stayed open: a gap since the last confirmation", async () => {
  const made = await liveStage();
  await made.pass(20 * second);
  made.cloud.channels.clear();
  await made.pass(second);
  const lostAtMs = made.clock.monotonicMs();
  await made.pass(15 * minute);
  expect(made.states[ada]).toBe("live");
  expect(made.isInGap(ada, lostAtMs, wallMs)).toBe(true);
});

test("what the service dropped while a confirmation was on its way back is in a gap", async () => {
  const made = await liveStage();
  await made.pass(20 * second);
  made.cloud.answer = ({ method, path }) => {
    if (method === "GET" && path.endsWith("/subscriptions")) {
      made.cloud.latencyMs = 10 * second;
      queueMicrotask(() => (made.cloud.latencyMs = 10));
      made.cloud.answer = () => undefined;
    }
    return undefined;
  };
  made.cloud.socket.send({ topicName: "v2.subscription.updated", eventBody: {} });
  await made.pass(5 * second);
  for (const channel of made.cloud.channels.values()) channel.topics.clear();
  const lostAtMs = made.clock.monotonicMs();
  await made.pass(15 * minute);
  expect(made.of("gap").map(({ cause }) => cause)).toContain("unsubscribed");
  expect(made.isInGap(ada, lostAtMs, wallMs)).toBe(true);
});

test("a call that the request budget delays beyond its session does not blind the next one", async () => {
  const topics = [1, 2].map((index) => `v2.routing.queues.${uuid(index)}.users`);
  const made = stage({ topics, requestsPerMinute: 8, policy: { topicsPerLineMax: 1 } }).listen();
  await made.pass(3 * minute);
  made.cloud.latencyMs = 1;
  const notice = { topicName: "v2.subscription.updated", eventBody: {} };
  // Eight confirmations fill the window; two more wait, one behind the other.
  for (let round = 0; round < 4; round++) {
    for (const socket of made.cloud.sockets) socket.send(notice);
    await made.pass(second);
  }
  for (const socket of made.cloud.sockets) socket.send(notice);
  await made.pass(second);
  const [, last] = [...made.cloud.sockets];
  last?.lose();
  await made.pass(second);
  for (const channel of made.cloud.channels.values()) {
    if (channel.id === last?.channelId) channel.topics.clear();
  }
  await made.pass(10 * minute);
  expect(Object.values(made.states)).toEqual(["live", "live"]);
  const open = new Set<string>();
  for (const { id, topics: names, state } of made.of("gap")) {
    for (const name of names) {
      if (state === "open") open.add(id + name);
      else open.delete(id + name);
    }
  }
  expect([...open]).toEqual([]);
});

test("a channel that a PUT finds gone is no litter of ours, so nobody else's is evicted for it", async () => {
  const made = await liveStage();
  const { channels } = made.cloud;
  const invite = (index: number): void => {
    channels.set(`other-${index}`, { id: `other-${index}`, topics: new Set() });
  };
  const drop = (): void => {
    for (const id of channels.keys()) if (!id.startsWith("other-")) channels.delete(id);
  };
  for (let index = 0; index < 18; index++) invite(index);
  let puts = 0;
  made.cloud.answer = ({ method }) => {
    if (method === "PUT" && puts++ === 0) drop();
    return undefined;
  };
  drop();
  made.cloud.socket.lose();
  await made.pass(3 * minute);
  expect(made.states[ada]).toBe("live");
  drop();
  for (const index of [18, 19]) invite(index);
  const before = made.cloud.seen("POST /api/v2").length;
  for (const socket of made.cloud.sockets) socket.lose();
  await made.pass(10 * minute);
  expect(made.cloud.seen("POST /api/v2")).toHaveLength(before);
});

test("topics that vanished are a gap, though a change puts them back before anybody looked", async () => {
  const made = await liveStage();
  await made.pass(20 * second);
  for (const channel of made.cloud.channels.values()) channel.topics.clear();
  const lostAtMs = made.clock.monotonicMs();
  await made.pass(minute);
  made.client.setTopics([ada, bob]);
  await made.pass(minute);
  expect(made.states).toEqual({ [ada]: "live", [bob]: "live" });
  expect(made.isInGap(ada, lostAtMs, wallMs)).toBe(true);
});

test("a service that refuses everything for a minute does not have all topics rejected for hours", async () => {
  const made = await liveStage({ topics: [ada, bob] });
  await made.pass(20 * second);
  made.cloud.answer = ({ method }) =>
    method === "PUT" || method === "POST" ? { status: 403, body: "{}" } : undefined;
  const third = `v2.users.${uuid(3)}.presence`;
  made.client.setTopics([ada, bob, third]);
  await made.pass(minute);
  made.cloud.answer = () => undefined;
  await made.pass(5 * minute);
  expect(made.states).toEqual({ [ada]: "live", [bob]: "live", [third]: "live" });
  expect(made.of("gap")).toEqual([]);
});

test("a service that stops answering pings loses no healthy socket for long", async () => {
  const made = await liveStage();
  await made.pass(20 * second);
  made.cloud.answersPings = false;
  const beat = { topicName: "channel.metadata", eventBody: { message: "WebSocket Heartbeat" } };
  for (let minutes = 0; minutes < 10; minutes++) {
    await made.pass(30 * second);
    for (const socket of made.cloud.sockets) socket.send(beat);
    await made.pass(30 * second);
    for (const socket of made.cloud.sockets) socket.send(beat);
  }
  const before = made.of("disconnected").length;
  for (let minutes = 0; minutes < 30; minutes++) {
    for (const socket of made.cloud.sockets) socket.send(beat);
    await made.pass(30 * second);
  }
  expect(made.of("disconnected")).toHaveLength(before);
});

test("a token that the service echoes appears in no error", async () => {
  const made = await liveStage();
  made.cloud.answer = ({ method, headers }) =>
    method === "PUT"
      ? { status: 500, body: JSON.stringify({ message: `echo ${headers["authorization"] ?? ""}` }) }
      : undefined;
  made.client.setTopics([ada, bob]);
  await made.pass(minute);
  const told = made.of("warning").map(({ error }) => error.message);
  expect(told.join()).toContain("echo Bearer");
  expect(told.join()).not.toContain("token-1");
  expect(told.join()).toContain("[token ");
});

test("a dead channel is one gap and what came before it, however many topics it carried", async () => {
  const topics = Array.from({ length: 30 }, (_, index) => `v2.users.${uuid(index + 1)}.presence`);
  const made = await liveStage({ topics, combine: "never" });
  await made.pass(45 * second);
  made.cloud.channels.clear();
  made.cloud.socket.lose();
  await made.pass(minute);
  expect(made.states[topics[0] ?? ""]).toBe("live");
  expect(made.of("gap").map((gap) => gap.topics.length)).toEqual([30, 30, 30, 30]);
});
