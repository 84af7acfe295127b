/** What the stream says of coverage, proofs and its own end; and whose credential it is. */
import { settled, SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import type { ClientEvent } from "./events.ts";
import type { ClientOptions } from "./options.ts";
import { uuid } from "./testing/samples.ts";
import { Stage } from "./testing/stage.ts";

const wallMs = Date.UTC(2026, 0, 5, 8);
const second = 1_000;
const minute = 60 * second;
const ada = `v2.users.${uuid(1)}.presence`;
const bob = `v2.users.${uuid(2)}.presence`;

async function liveStage(options: Partial<ClientOptions> = {}): Promise<Stage> {
  const made = new Stage(new SimClock(wallMs), { topics: [ada], ...options }).listen();
  await made.pass(second);
  return made;
}

function wallNow(made: Stage): number {
  return wallMs + made.clock.monotonicMs();
}

/** A client whose consumer reads nothing until it is told to, and then all. */
async function unread(options: Partial<ClientOptions>): Promise<{
  readonly made: Stage;
  readonly read: (count: number) => Promise<readonly ClientEvent[]>;
}> {
  const made = new Stage(new SimClock(wallMs), { topics: [ada], ...options });
  const events = made.client.events();
  await made.pass(second);
  const read = async (count: number): Promise<readonly ClientEvent[]> => {
    const taken: ClientEvent[] = [];
    while (taken.length < count) {
      const { value, done } = await events.next();
      if (done === true) break;
      taken.push(value);
    }
    return taken;
  };
  return { made, read };
}

describe("a proof", () => {
  test("is told after each answered ping, names its sending, and stands after what came before the pong", async () => {
    const made = await liveStage();
    made.forget();
    await made.pass(8 * second);
    made.cloud.emit(ada, "before");
    await made.pass(2 * second);
    made.cloud.emit(ada, "after");
    await made.pass(second);
    expect(made.events.map(({ type }) => type)).toEqual(["notification", "proof", "notification"]);
    const [proof] = made.of("proof");
    const [before, after] = made.notifications;
    expect(proof?.untilMs).toBeGreaterThan((before?.receivedAtMs ?? 0) - 100);
    expect(proof?.untilMs).toBeLessThan(after?.receivedAtMs ?? 0);
    expect(proof?.confirmedMs).toBeGreaterThanOrEqual(wallMs);
    await made.pass(minute);
    expect(made.of("proof")).toHaveLength(7);
  });

  test("by heartbeats comes where pings are not answered", async () => {
    const made = await liveStage();
    made.cloud.answersPings = false;
    made.forget();
    const beat = { topicName: "channel.metadata", eventBody: { message: "WebSocket Heartbeat" } };
    const beats: number[] = [];
    for (let number = 0; number < 30; number++) {
      await made.pass(20 * second);
      beats.push(wallNow(made));
      for (const socket of made.cloud.sockets) socket.send(beat);
    }
    const last = made.of("proof").at(-1)?.untilMs ?? 0;
    expect(last).toBeGreaterThan(beats.at(-4) ?? 0);
    expect(last).toBeLessThanOrEqual((beats.at(-2) ?? 0) + 100);
  });

  test("moves the confirmation when the topics have been read back", async () => {
    const made = await liveStage();
    await made.pass(9 * minute);
    const before = made.of("proof").at(-1)?.confirmedMs ?? 0;
    await made.pass(2 * minute);
    const after = made.of("proof").at(-1)?.confirmedMs ?? 0;
    expect(after - before).toBe(10 * minute);
  });

  test("is not told while events are refused, nor what it would say of them later", async () => {
    const { made, read } = await unread({ bufferEventsMax: 10 });
    await read(4);
    for (let number = 0; number < 10; number++) made.cloud.emit(ada, number);
    await made.pass(25 * second);
    const refusedAtMs = wallNow(made);
    made.cloud.emit(ada, "refused");
    await made.pass(3 * minute);
    expect((await read(10)).map(({ type }) => type)).not.toContain("proof");
    await made.pass(minute);
    const rest = await read(8);
    const told = rest.map(({ type }) => type);
    expect(told.slice(0, 4)).toEqual(["gap", "unsubscribed", "gap", "subscribed"]);
    expect(told.slice(4)).toContain("proof");
    const [, ended, closed, begun] = rest;
    expect(ended?.type === "unsubscribed" && ended.untilMs).toBeLessThan(refusedAtMs);
    expect(closed?.type === "gap" && closed.toMs).toBe(
      begun?.type === "subscribed" && begun.fromMs,
    );
  });

  test("is not told of refused events by a fall either, whose gap reaches back to before them", async () => {
    const { made, read } = await unread({ bufferEventsMax: 10 });
    await read(4);
    for (let number = 0; number < 10; number++) made.cloud.emit(ada, number);
    await made.pass(25 * second);
    const refusedAtMs = wallNow(made);
    made.cloud.emit(ada, "refused");
    await made.pass(minute);
    made.cloud.refuse = () => ({ kind: "unreachable", detail: "" });
    made.cloud.socket.lose();
    await made.pass(second);
    const told = await read(13);
    expect(told.slice(10)).toMatchObject([
      { type: "gap", cause: "cut", state: "open" },
      { type: "unsubscribed" },
      { type: "disconnected" },
    ]);
    const [cut] = told.filter((event) => event.type === "gap");
    expect(cut?.fromMs).toBeLessThan(refusedAtMs);
  });

  test("is left out where the consumer does not read at all: the queue stays bounded", async () => {
    const { made, read } = await unread({ bufferEventsMax: 10 });
    await made.pass(60 * minute);
    await made.client.close();
    expect((await read(1_000)).length).toBeLessThan(20);
  });
});

describe("coverage", () => {
  test("begins at the opening, ends at a fall's last proof, and begins again at the next opening", async () => {
    const made = await liveStage();
    await made.pass(30 * second);
    const proven = made.of("proof").at(-1)?.untilMs;
    made.cloud.socket.lose();
    await made.pass(second);
    const [first, again] = made.of("subscribed");
    expect(first?.fromMs).toBeGreaterThan(wallMs);
    expect(first?.fromMs).toBeLessThan(wallMs + second);
    const [ended] = made.of("unsubscribed");
    expect(ended).toEqual({ type: "unsubscribed", line: 1, topics: [ada], untilMs: proven });
    const [open, closed] = made.of("gap");
    expect(open?.fromMs).toBe(proven);
    expect(again).toMatchObject({ line: 1, topics: [ada], fromMs: closed?.toMs });
  });

  test("of a topic that is dropped ends when it was taken off, once that is proven; without a gap", async () => {
    const made = await liveStage({ topics: [ada, bob] });
    await made.pass(10 * second);
    made.client.setTopics([ada]);
    const droppedMs = wallNow(made);
    await made.pass(20 * second);
    const [ended, ...more] = made.of("unsubscribed");
    expect(more).toEqual([]);
    expect(ended?.topics).toEqual([bob]);
    expect(ended?.untilMs).toBeGreaterThanOrEqual(droppedMs + 2 * second);
    expect(ended?.untilMs).toBeLessThan(droppedMs + 3 * second);
    const { events } = made;
    const proofs = made
      .of("proof")
      .filter((proof) => events.indexOf(proof) < events.indexOf(ended as ClientEvent));
    expect(Math.max(...proofs.map(({ untilMs }) => untilMs))).toBeLessThan(ended?.untilMs ?? 0);
    expect(made.of("gap")).toEqual([]);
  });

  test("of a topic that is added begins with the reply that lists it", async () => {
    const made = await liveStage();
    await made.pass(10 * second);
    made.client.setTopics([ada, bob]);
    const addedMs = wallNow(made);
    await made.pass(5 * second);
    const begun = made.of("subscribed").at(-1);
    expect(begun?.topics).toEqual([bob]);
    const putAtMs = made.cloud.seen("PUT").at(-1)?.atMs ?? 0;
    expect(wallMs + putAtMs).toBeGreaterThan(addedMs + 2 * second);
    expect(begun?.fromMs).toBeGreaterThan(wallMs + putAtMs);
  });

  test("of topics that vanished ends where they were last confirmed, and begins when they are back", async () => {
    const made = await liveStage();
    await made.pass(30 * second);
    made.forget();
    for (const channel of made.cloud.channels.values()) channel.topics.clear();
    await made.pass(11 * minute);
    const told = made.events.filter(({ type }) => type !== "proof").map(({ type }) => type);
    expect(told).toEqual(["gap", "unsubscribed", "gap", "subscribed"]);
    const [open] = made.of("gap");
    expect(open).toMatchObject({ cause: "unsubscribed", state: "open" });
    expect(made.of("unsubscribed")[0]?.untilMs).toBeLessThan(wallMs + 2 * second);
  });
});

test("topics that come off because their combination is refused are a gap until they are back one by one", async () => {
  const station = `v2.users.${uuid(1)}.station`;
  const made = await liveStage({ topics: [ada, station] });
  await made.pass(20 * second);
  made.forget();
  made.cloud.answer = ({ body }) =>
    body.includes("?") ? { status: 400, body: '{"message":"no"}' } : undefined;
  made.client.setTopics([ada, station, bob]);
  await made.pass(minute);
  expect(made.states).toEqual({ [ada]: "live", [station]: "live", [bob]: "live" });
  const both = [ada, station];
  expect(made.of("gap")).toMatchObject([
    { cause: "unsubscribed", state: "open", topics: both },
    { cause: "unsubscribed", state: "closed", topics: both },
  ]);
  expect(made.of("unsubscribed").map(({ topics }) => topics)).toEqual([both]);
  expect(
    made
      .of("subscribed")
      .flatMap(({ topics }) => topics)
      .toSorted(),
  ).toEqual([...both, bob].toSorted());
});

describe("a topic that was taken off", () => {
  test("while events are refused is in the overflow's gap, however long that takes to be told", async () => {
    const { made, read } = await unread({ bufferEventsMax: 10, topics: [ada, bob] });
    await read(4);
    for (let number = 0; number < 10; number++) made.cloud.emit(ada, number);
    await made.pass(25 * second);
    const refusedAtMs = wallNow(made);
    made.cloud.emit(bob, "refused");
    made.client.setTopics([ada]);
    await made.pass(3 * minute);
    made.client.setTopics([]);
    await made.pass(minute);
    await read(10);
    await made.client.close();
    const gaps = (await read(100)).filter((event) => event.type === "gap");
    const [open, closed] = gaps.filter(({ topics }) => topics.includes(bob));
    expect(open).toMatchObject({ cause: "overflow", state: "open" });
    expect(open?.fromMs).toBeLessThan(refusedAtMs);
    expect(closed?.toMs).toBeGreaterThan(refusedAtMs);
  });

  test("is in the gap of its channel, should that turn out to have died before", async () => {
    const made = await liveStage({ topics: [ada, bob] });
    await made.pass(20 * second);
    made.client.setTopics([ada]);
    await made.pass(20 * second);
    expect(made.of("unsubscribed")).toMatchObject([{ topics: [bob] }]);
    made.cloud.channels.clear();
    made.cloud.socket.lose();
    await made.pass(minute);
    const gaps = made.of("gap").filter(({ topics }) => topics.includes(bob));
    expect(gaps.map(({ cause, state }) => `${cause} ${state}`)).toEqual([
      "channel-gone open",
      "channel-gone closed",
    ]);
  });
});

describe("its own stop", () => {
  test("is a gap that stays open, from the last proof on, before the end of the stream", async () => {
    const made = await liveStage();
    await made.pass(15 * second);
    const proven = made.of("proof").at(-1)?.untilMs;
    made.forget();
    await made.client.close();
    await settled();
    expect(made.end).toBe("ended");
    expect(made.events).toMatchObject([
      { type: "gap", state: "open", cause: "stopped", topics: [ada], fromMs: proven },
      { type: "unsubscribed", topics: [ada], untilMs: proven },
    ]);
  });

  test("with drainMs first proves what has been sent until then, and hands it over", async () => {
    const made = await liveStage();
    await made.pass(15 * second);
    made.forget();
    made.cloud.emit(ada, "on its way");
    const askedMs = wallNow(made);
    const closed = made.client.close({ drainMs: 5 * second });
    await made.pass(second);
    await closed;
    await settled();
    expect(made.notifications).toHaveLength(1);
    expect(made.of("gap")).toMatchObject([{ cause: "stopped", fromMs: askedMs, state: "open" }]);
    expect(made.of("proof").at(-1)).toMatchObject({ untilMs: askedMs, confirmedMs: askedMs });
    expect(made.end).toBe("ended");
    expect(made.clock.monotonicMs()).toBe(17 * second);
  });

  test("waits for a proof no longer than drainMs", async () => {
    const made = await liveStage();
    await made.pass(15 * second);
    made.cloud.answersPings = false;
    const proven = made.of("proof").at(-1)?.untilMs;
    const closed = made.client.close({ drainMs: 2 * second });
    await made.pass(2 * second - 1);
    expect(made.end).toBe("not yet");
    await made.pass(1);
    await closed;
    await settled();
    expect(made.end).toBe("ended");
    expect(made.of("gap")).toMatchObject([{ cause: "stopped", fromMs: proven }]);
  });

  test("asked for once more ends the wait", async () => {
    const made = await liveStage();
    made.cloud.answersPings = false;
    const closed = made.client.close({ drainMs: minute });
    await made.client.close();
    await closed;
    await settled();
    expect(made.end).toBe("ended");
    expect((made.clock as SimClock).timers).toBe(0);
  });

  test("of a client with no line needs no wait", async () => {
    const made = await liveStage({ topics: [] });
    await made.client.close({ drainMs: minute });
    await settled();
    expect(made.end).toBe("ended");
  });
});

describe("batches", () => {
  test("are the same stream, and have its one consumer", async () => {
    const made = new Stage(new SimClock(wallMs), { topics: [ada] });
    const batches = made.client.batches();
    expect(() => made.client.events()).toThrow(expect.objectContaining({ code: "EVENTS_TAKEN" }));
    await made.pass(second);
    for (let number = 0; number < 3; number++) made.cloud.emit(ada, number);
    await made.pass(second);
    const { value = [] } = await batches.next();
    expect(value.map(({ type }) => type)).toEqual([
      "identified",
      "budget",
      "connected",
      "subscribed",
      "notification",
      "notification",
      "notification",
    ]);
    await batches.return?.();
    expect(made.cloud.sockets.size).toBe(0);
  });
});

describe("whose credential it is", () => {
  test("is told once, soon after the start", async () => {
    const made = await liveStage();
    await made.pass(60 * minute);
    expect(made.of("identified")).toEqual([
      {
        type: "identified",
        organizationId: "organization-1",
        organizationName: "Acme",
        clientName: "Relay",
      },
    ]);
    expect(made.cloud.seen("GET /api/v2/tokens/me")).toHaveLength(1);
  });

  test.each([
    [{ status: 500 }, "SERVICE_FAILED", 5],
    [{ status: 403 }, "FORBIDDEN", 1],
  ] as const)(
    "that cannot be had, %j, is a warning %s and stops nothing",
    async (answer, code, asked) => {
      const made = new Stage(new SimClock(wallMs), { topics: [ada] });
      made.cloud.answer = ({ path }) => (path.endsWith("/tokens/me") ? answer : undefined);
      made.listen();
      await made.pass(second);
      expect(made.states[ada]).toBe("live");
      await made.pass(60 * minute);
      expect(made.of("warning").map(({ error }) => error.code)).toEqual(
        Array.from({ length: asked }, () => code),
      );
      expect(made.of("identified")).toEqual([]);
    },
  );

  test.each([
    ["{}", undefined],
    ["[]", undefined],
    ['{"organization":null,"homeOrganization":{"id":"home"}}', "home"],
    ['{"OAuthClient":{"organization":{"id":"client"}},"homeOrganization":{"id":"home"}}', "client"],
    ['{"organization":{"id":7}}', undefined],
  ])("is taken from %s as %s", async (body, organizationId) => {
    const made = new Stage(new SimClock(wallMs), { topics: [ada] });
    made.cloud.answer = ({ path }) =>
      path.endsWith("/tokens/me") ? { status: 200, body } : undefined;
    made.listen();
    await made.pass(second);
    expect(made.of("identified")).toMatchObject([{ organizationId }]);
  });
});
