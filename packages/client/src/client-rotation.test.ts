/** Rotation and redundancy, as the consumer of a client sees them. */
import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import type { ClientOptions } from "./options.ts";
import { uuid } from "./testing/samples.ts";
import { Stage } from "./testing/stage.ts";

const wallMs = Date.UTC(2026, 0, 5, 8);
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const ada = `v2.users.${uuid(1)}.presence`;
const bob = `v2.users.${uuid(2)}.presence`;
const closing = { topicName: "v2.system.socket_closing", eventBody: {} };

async function liveStage(options: Partial<ClientOptions> = {}): Promise<Stage> {
  const made = new Stage(new SimClock(wallMs), { topics: [ada], ...options }).listen();
  await made.pass(2 * second);
  return made;
}

/** Passes time in steps, while things happen; the bodies recur. Returns how many there were. */
async function busily(made: Stage, ms: number): Promise<number> {
  let count = 0;
  for (let passed = 0; passed < ms; passed += 50) {
    made.cloud.emit(ada, { joined: true });
    count++;
    await made.pass(50);
  }
  await made.pass(second);
  return count;
}

describe("an announced close", () => {
  test("is answered by a session on another channel: each event comes once, and there is no gap", async () => {
    const made = await liveStage();
    const [old] = made.cloud.dialled;
    made.forget();
    old?.send(closing);
    const sent = await busily(made, 15 * second);
    expect(made.notifications).toHaveLength(sent);
    expect(made.of("gap")).toEqual([]);
    expect(made.of("unsubscribed")).toEqual([]);
    expect(made.of("rotated")).toMatchObject([
      { line: 1, reason: "announced", channel: "another", doubtful: 0 },
    ]);
    expect(made.of("rotated")[0]?.overlapMs).toBeGreaterThanOrEqual(10 * second);
    expect(old?.state).toBe("closed");
    expect(made.cloud.socket.channelId).not.toBe(old?.channelId);
    expect(made.cloud.channels.get(old?.channelId ?? "")?.topics.size).toBe(0);
  });

  test("without a spare channel a new socket is opened on the same one, and the seam is an unlikely gap", async () => {
    const made = new Stage(new SimClock(wallMs), { topics: [ada] });
    for (let other = 0; other < 19; other++)
      made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
    made.listen();
    await made.pass(20 * second);
    const old = made.cloud.socket;
    // As the notifications page has it: the newer socket of a channel displaces the older one.
    made.cloud.answer = () => {
      if (made.cloud.sockets.size > 1) old.lose({ kind: "closed", code: 1000, reason: "" });
      return undefined;
    };
    old.send(closing);
    await made.pass(40 * second);
    expect(made.cloud.socket).not.toBe(old);
    expect(made.cloud.socket.channelId).toBe(old.channelId);
    expect(made.of("gap").map(({ cause, certainty, state }) => [cause, certainty, state])).toEqual([
      ["moved", "unlikely", "open"],
      ["moved", "unlikely", "closed"],
    ]);
    expect(made.of("rotated")).toMatchObject([{ reason: "announced", channel: "same" }]);
    expect(made.states[ada]).toBe("live");
  });

  test("on the same channel, what had vanished from it is a gap since it was last read back", async () => {
    const made = new Stage(new SimClock(wallMs), { topics: [ada, bob] });
    for (let other = 0; other < 19; other++)
      made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
    made.listen();
    await made.pass(minute);
    const old = made.cloud.socket;
    made.cloud.channels.get(old.channelId)?.topics.delete(bob);
    // The old session does not come to read back any more.
    made.cloud.answer = ({ method, path }) =>
      method === "GET" && path.endsWith("/subscriptions") && made.cloud.sockets.has(old)
        ? "never"
        : undefined;
    old.send(closing);
    await made.pass(2 * minute);
    const lost = made.of("gap").find(({ topics }) => topics.includes(bob) && topics.length === 1);
    expect(lost).toMatchObject({ cause: "unsubscribed", state: "open" });
    expect(lost?.fromMs).toBeLessThan(wallMs + minute);
  });
});

/** A stage where the service has announced a close, and the new session found the same channel gone. */
async function goneWhileMoving(dies: "before" | "after"): Promise<Stage> {
  const made = new Stage(new SimClock(wallMs), { topics: [ada] });
  for (let other = 0; other < 19; other++)
    made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
  made.listen();
  await made.pass(minute);
  made.forget();
  const old = made.cloud.socket;
  made.cloud.channels.delete(old.channelId);
  // Nobody comes to read back any more, and a HEAD takes its time.
  made.cloud.answer = ({ method, path }) => {
    if (!path.includes(old.channelId)) return undefined;
    return method === "HEAD" && dies === "after" ? undefined : "never";
  };
  old.send(closing);
  // Half of the grace is waited for a turn.
  await made.pass(31 * second);
  old.lose({ kind: "cut", detail: "test" });
  if (dies === "before") made.cloud.answer = () => undefined;
  await made.pass(3 * minute);
  return made;
}

describe("a new session that finds the same channel gone", () => {
  test.each(["before", "after"] as const)(
    "leaves a gap since the last confirmation, where the old one ends %s that",
    async (dies) => {
      const made = await goneWhileMoving(dies);
      expect(made.states[ada]).toBe("live");
      expect(Math.min(...made.of("gap").map(({ fromMs }) => fromMs))).toBeLessThan(
        wallMs + 10 * second,
      );
      expect(made.of("gap").map(({ state }) => state)).toContain("closed");
    },
  );
});

describe("a session ends by its deadline", () => {
  test("before the token of its channel does; the channel of the new one has another token", async () => {
    const made = await liveStage();
    made.forget();
    await made.pass(22 * hour);
    expect(made.of("rotated")).toMatchObject([{ reason: "retire-by", channel: "another" }]);
    expect(made.of("gap")).toEqual([]);
    const [first, second_] = made.cloud.seen("POST /api/v2/notifications/channels");
    expect(first?.headers["authorization"]).toBe("Bearer token-1");
    expect(second_?.headers["authorization"]).toBe("Bearer token-2");
  });

  test("before its channel does, where the service says that it lives shorter than it is renewed", async () => {
    const made = new Stage(new SimClock(wallMs), { topics: [ada] });
    made.cloud.answer = ({ method, path }) =>
      method === "POST" && path === "/api/v2/notifications/channels"
        ? made.cloud.makeChannel(10 * minute, wallMs + made.clock.monotonicMs())
        : undefined;
    made.listen();
    await made.pass(10 * minute);
    expect(made.of("rotated")).toMatchObject([{ reason: "retire-by", channel: "another" }]);
    expect(made.of("gap")).toEqual([]);
  });

  test("lines take turns where there is one spare channel only", async () => {
    const topics = [1, 2, 3].map((index) => `v2.routing.queues.${uuid(index)}.users`);
    const made = new Stage(new SimClock(wallMs), { topics, policy: { topicsPerLineMax: 1 } });
    for (let other = 0; other < 16; other++)
      made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
    made.listen();
    await made.pass(10 * second);
    let most = 0;
    made.client.rotate();
    for (let passed = 0; passed < minute; passed += 250) {
      await made.pass(250);
      most = Math.max(most, made.cloud.sockets.size);
    }
    expect(made.of("rotated").map(({ reason }) => reason)).toEqual(Array(3).fill("commanded"));
    expect(most).toBe(4);
    expect(made.cloud.channels.size).toBe(20);
    expect(made.of("gap")).toEqual([]);
  });

  test("with tokens too short for all lines the start says so", async () => {
    const topics = Array.from({ length: 19 }, (_, nth) => `v2.routing.queues.${uuid(nth)}.users`);
    const made = new Stage(new SimClock(wallMs), { topics, policy: { topicsPerLineMax: 1 } });
    made.cloud.expiresInS = 300;
    made.listen();
    await made.pass(5 * second);
    const [warning] = made.of("warning");
    expect(warning?.error.code).toBe("TOKEN_LIFE_SHORT");
    expect(warning?.error.message).toBe("Tokens live 300 s; 19 sessions need 1425 s.");
  });
});

describe("redundancy 2", () => {
  test("has two sessions on channels of two tokens, and what both bring comes once", async () => {
    const made = await liveStage({ redundancy: 2 });
    expect(made.cloud.sockets.size).toBe(2);
    const made_ = made.cloud.seen("POST /api/v2/notifications/channels");
    expect(made_.map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer token-1",
      "Bearer token-2",
    ]);
    const sent = await busily(made, 5 * second);
    expect(made.notifications).toHaveLength(sent);
    expect(made.notifications.every(({ maybeDuplicate }) => !maybeDuplicate)).toBe(true);
  });

  test.each([0, 1])("the loss of session %i loses nothing, and it is rebuilt", async (index) => {
    const made = await liveStage({ redundancy: 2 });
    await made.pass(5 * second);
    made.forget();
    const lost = made.cloud.dialled[index];
    made.cloud.emit(ada, { joined: true });
    lost?.lose();
    const sent = 1 + (await busily(made, 5 * second));
    expect(made.notifications).toHaveLength(sent);
    expect(made.of("gap")).toEqual([]);
    expect(made.of("disconnected")).toMatchObject([{ line: 1, sessions: 1 }]);
    expect(made.cloud.sockets.size).toBe(2);
  });

  test("what comes on the second too late to tell is handed on, and said to be doubtful", async () => {
    const made = await liveStage({ redundancy: 2, policy: { pingEveryMs: minute } });
    await made.pass(5 * second);
    made.forget();
    const frame = { topicName: ada, version: "2", eventBody: { joined: true }, metadata: {} };
    const [first, other] = made.cloud.dialled;
    first?.send(frame);
    await made.pass(6 * second);
    other?.send(frame);
    await made.pass(second);
    expect(made.notifications.map(({ maybeDuplicate }) => maybeDuplicate)).toEqual([false, true]);
    expect(made.of("gap")).toEqual([]);
  });

  test("the loss of both is one gap", async () => {
    const made = await liveStage({ redundancy: 2 });
    await made.pass(25 * second);
    made.forget();
    for (const socket of made.cloud.dialled) socket.lose();
    await made.pass(10 * second);
    expect(made.of("gap").map(({ cause, state }) => `${cause} ${state}`)).toEqual([
      "cut open",
      "cut closed",
    ]);
    expect(made.cloud.sockets.size).toBe(2);
  });

  test("topics come and go on both sessions", async () => {
    const made = await liveStage({ redundancy: 2 });
    made.client.setTopics([bob]);
    await made.pass(20 * second);
    for (const { topics } of made.cloud.channels.values()) expect([...topics]).toEqual([bob]);
    expect(made.of("gap")).toEqual([]);
    expect(made.states).toEqual({ [bob]: "live" });
  });
});

test("why a channel is gone is told with the gap as soon as it is known", async () => {
  const made = await liveStage();
  await made.pass(20 * second);
  for (let other = 0; other < 19; other++)
    made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
  const old = made.cloud.socket;
  made.cloud.channels.delete(old.channelId);
  old.lose();
  await made.pass(minute);
  const causes = made.of("gap").map(({ cause, state }) => `${cause} ${state}`);
  expect(causes.slice(0, 2)).toEqual(["cut open", "channel-gone open"]);
  expect(made.states[ada]).toBe("live");
});

test("a way that is barred is told as the cause, once it is found to be", async () => {
  const made = await liveStage();
  await made.pass(20 * second);
  made.cloud.refuse = () => ({ kind: "unreachable", detail: "no route" });
  made.cloud.socket.lose();
  await made.pass(30 * second);
  made.cloud.refuse = () => undefined;
  await made.pass(2 * minute);
  expect(made.of("gap").map(({ cause, state }) => `${cause} ${state}`)).toEqual([
    "cut open",
    "path closed",
  ]);
});
