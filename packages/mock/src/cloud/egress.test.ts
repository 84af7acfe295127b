import { describe, expect, test } from "vitest";
import { clientId, queueTopic, Stage, userId } from "../testing/stage.ts";
import type { CloudEffect, CloudOptions } from "./contract.ts";
import { setAsideMs } from "./egress.ts";

const presence = `v2.users.${userId}.presence`;

interface Line {
  readonly stage: Stage;
  readonly token: string;
  readonly channelId: string;
  readonly socketId: number;
}

function line(options: Partial<CloudOptions> = {}): Line {
  const stage = new Stage(options);
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, [queueTopic, presence]);
  return { stage, token, channelId, socketId: stage.open(channelId) };
}

/** What came over the wire, in a word each: the body's `n`, or what the service said by itself. */
function heard({ stage, socketId }: Line): (number | string)[] {
  return stage.frames(socketId).map(({ eventBody, result }) => {
    if (typeof eventBody?.["n"] === "number") return eventBody["n"];
    return typeof eventBody?.["message"] === "string" ? eventBody["message"] : (result ?? "");
  });
}

function emit({ stage }: Line, ...numbers: number[]): void {
  for (const n of numbers) stage.cloud.emit(queueTopic, { n }, stage.nowMs);
}

const outcomes = ({ stage }: Line): unknown[] =>
  stage.cloud.ledger
    .query()
    .entries.map(({ deliveries: [delivery] }) => [
      delivery?.outcome,
      ...(delivery?.copies === undefined ? [] : [`${delivery.copies} copies`]),
      ...(delivery?.sentAtMs === undefined ? [] : [delivery.sentAtMs]),
    ]);

/** A busy minute in which events are dropped, or not. */
function world(seed: number, isHurt: boolean): { all: unknown[]; dropped: number[] } {
  const stage = new Stage({ seed, rate: 20 });
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, stage.cloud.sampleTopics(1000));
  stage.open(channelId);
  if (isHurt) stage.cloud.faults.dropFrames({ share: 0.3 }, stage.nowMs);
  stage.pass(60_000);
  const { entries } = stage.cloud.ledger.query();
  const dropped = entries.filter(({ deliveries: [one] }) => one?.outcome === "dropped");
  return {
    all: entries.map(({ atMs, topic, body, correlationId }) => [atMs, topic, body, correlationId]),
    dropped: dropped.map(({ sequence }) => sequence),
  };
}

const freezes = ({ stage }: Line): CloudEffect[] =>
  stage.effects.filter(({ type }) => type === "freeze");

describe("delayed frames", () => {
  test("leave so much later, in order, and the ledger says when", () => {
    const on = line();
    const startMs = on.stage.nowMs;
    on.stage.cloud.faults.delayFrames({ ms: 500 }, startMs);
    emit(on, 1, 2);
    expect(outcomes(on)).toEqual([["held"], ["held"]]);
    expect(on.stage.cloud.state().sockets).toMatchObject([{ heldFrames: 2 }]);
    on.stage.pass(499);
    expect(heard(on)).toEqual([]);
    on.stage.pass(1);
    expect(heard(on)).toEqual([1, 2]);
    expect(outcomes(on)).toEqual([
      ["sent", startMs + 500],
      ["sent", startMs + 500],
    ]);
  });

  test("keep their order however they jitter, and no pong, heartbeat or answer overtakes an event", () => {
    const on = line();
    on.stage.cloud.faults.delayFrames({ ms: 0, jitterMs: 3000 }, on.stage.nowMs);
    on.stage.cloud.faults.duplicateFrames({ share: 0.5 }, on.stage.nowMs);
    on.stage.cloud.faults.fragmentFrames({ fragments: 3, share: 0.5 }, on.stage.nowMs);
    const expected: (number | string)[] = [];
    for (let n = 0; n < 100; n += 1) {
      emit(on, n);
      on.stage.say(on.socketId, { message: "ping" });
      expected.push(n, "pong");
      on.stage.pass(100);
    }
    on.stage.say(on.socketId, { message: "subscribe", topics: [presence] });
    expected.push("200");
    on.stage.pass(5000);
    const firsts = heard(on).filter((word, index, all) => word !== all[index - 1]);
    expect(firsts.filter((word) => word !== "WebSocket Heartbeat")).toEqual(expected);
  });

  test("hold up what comes after the fault has ended, until they have left", () => {
    const on = line();
    const { id } = on.stage.cloud.faults.delayFrames({ ms: 1000 }, on.stage.nowMs);
    emit(on, 1);
    on.stage.cloud.faults.remove(id ?? 0);
    emit(on, 2);
    expect(heard(on)).toEqual([]);
    on.stage.pass(1000);
    emit(on, 3);
    expect(heard(on)).toEqual([1, 2, 3]);
  });

  test("are lost with their socket", () => {
    const on = line();
    on.stage.cloud.faults.delayFrames({ ms: 1000 }, on.stage.nowMs);
    emit(on, 1);
    on.stage.cloud.closed(on.socketId, on.stage.nowMs);
    on.stage.pass(2000);
    expect(heard(on)).toEqual([]);
    expect(outcomes(on)).toEqual([["lost"]]);
  });

  test("are bounded: beyond the limit the oldest leaves at once", () => {
    const on = line({ settings: { heldFramesMax: 2 } });
    on.stage.cloud.faults.delayFrames({ ms: 1000 }, on.stage.nowMs);
    emit(on, 1, 2, 3, 4);
    expect(heard(on)).toEqual([1, 2]);
    on.stage.pass(1000);
    expect(heard(on)).toEqual([1, 2, 3, 4]);
  });
});

describe("events", () => {
  test("are dropped without a trace, by topic", () => {
    const on = line();
    on.stage.cloud.faults.dropFrames({ topic: "V2.ROUTING.*" }, on.stage.nowMs);
    emit(on, 1);
    on.stage.cloud.emit(presence, { n: 2 }, on.stage.nowMs);
    on.stage.say(on.socketId, { message: "ping" });
    expect(heard(on)).toEqual([2, "pong"]);
    expect(outcomes(on)).toEqual([["dropped"], ["sent"]]);
  });

  test("are doubled, so many times", () => {
    const on = line();
    on.stage.cloud.faults.duplicateFrames({ count: 2 }, on.stage.nowMs);
    emit(on, 1, 2, 3);
    expect(heard(on)).toEqual([1, 1, 2, 2, 3]);
    expect(outcomes(on)).toEqual([["sent", "2 copies"], ["sent", "2 copies"], ["sent"]]);
    expect(on.stage.cloud.faults.list()).toEqual([]);
  });

  test("are not sent again to a socket whose end is told with the first copy", () => {
    const on = line();
    on.stage.cloud.faults.duplicateFrames({}, on.stage.nowMs);
    on.stage.onEffect = () => on.stage.cloud.closed(on.socketId, on.stage.nowMs);
    emit(on, 1);
    expect(heard(on)).toEqual([1]);
    expect(outcomes(on)).toEqual([["sent"]]);
  });

  test("are set aside, and leave after the next frame, or after a second", () => {
    const on = line();
    on.stage.cloud.faults.reorderFrames({ count: 2 }, on.stage.nowMs);
    emit(on, 1, 2, 3);
    expect(heard(on)).toEqual([2, 1]);
    on.stage.say(on.socketId, { message: "ping" });
    expect(heard(on)).toEqual([2, 1, "pong", 3]);
    on.stage.cloud.faults.reorderFrames({}, on.stage.nowMs);
    on.stage.forget();
    emit(on, 4);
    on.stage.pass(setAsideMs - 1);
    expect(heard(on)).toEqual([]);
    expect(outcomes(on).at(-1)).toEqual(["held"]);
    on.stage.pass(1);
    expect(heard(on)).toEqual([4]);
  });

  test("that are set aside are lost with their socket", () => {
    const on = line();
    on.stage.cloud.faults.reorderFrames({}, on.stage.nowMs);
    emit(on, 1);
    on.stage.cloud.faults.cutSockets({}, on.stage.nowMs);
    expect(outcomes(on)).toEqual([["lost"]]);
  });

  test("are cut short so that they are no JSON, and the ledger says so", () => {
    const on = line();
    on.stage.cloud.faults.truncateFrames({}, on.stage.nowMs);
    for (let n = 0; n < 200; n += 1)
      on.stage.cloud.emit(queueTopic, { name: "🎧".repeat(9) }, on.stage.nowMs);
    on.stage.say(on.socketId, { message: "ping" });
    const texts = on.stage.effects.map((effect) => (effect.type === "send" ? effect.text : ""));
    expect(texts.pop()).toContain("pong");
    expect(new Set(texts.map((text) => text.length)).size).toBeGreaterThan(50);
    for (const text of texts) {
      expect(text.length).toBeGreaterThan(0);
      expect(text.isWellFormed()).toBe(true);
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    }
    expect(outcomes(on)).toEqual(texts.map(() => ["garbled"]));
  });

  test("are struck by a share of chance, the same for the same seed, and the world stays the same", () => {
    const [hurt, again, whole] = [world(7, true), world(7, true), world(7, false)];
    expect(hurt).toEqual(again);
    expect(hurt.all).toEqual(whole.all);
    expect(hurt.dropped.length / hurt.all.length).toBeGreaterThan(0.2);
    expect(hurt.dropped.length / hurt.all.length).toBeLessThan(0.4);
    expect(world(8, true).dropped).not.toEqual(hurt.dropped);
  });
});

test("every frame goes out in so many fragments", () => {
  const on = line();
  on.stage.cloud.faults.fragmentFrames({ fragments: 4 }, on.stage.nowMs);
  emit(on, 1);
  on.stage.say(on.socketId, { message: "ping" });
  expect(on.stage.effects).toMatchObject([{ fragments: 4 }, { fragments: 4 }]);
  on.stage.cloud.faults.clear();
  on.stage.forget();
  emit(on, 2);
  expect(on.stage.effects.map((effect) => "fragments" in effect)).toEqual([false]);
});

describe("half-open", () => {
  test("stops reading, and goes on when it ends", () => {
    const on = line();
    const { id } = on.stage.cloud.faults.halfOpen({ socketId: on.socketId }, on.stage.nowMs);
    on.stage.cloud.faults.silence({}, on.stage.nowMs);
    emit(on, 1);
    on.stage.say(on.socketId, { message: "ping" });
    expect(on.stage.cloud.silenced(on.socketId)).toBe(true);
    expect(outcomes(on)).toEqual([["silenced"]]);
    expect(on.stage.effects).toEqual([{ type: "freeze", socketId: on.socketId, frozen: true }]);
    on.stage.cloud.faults.remove(id ?? 0);
    expect(freezes(on).at(-1)).toEqual({ type: "freeze", socketId: on.socketId, frozen: false });
    on.stage.cloud.faults.clear();
    expect(freezes(on)).toHaveLength(2);
    on.stage.forget();
    emit(on, 2);
    expect(heard(on)).toEqual([2]);
  });

  test("holds for sockets that open later, from the start", () => {
    const { stage, channelId } = line();
    stage.cloud.faults.halfOpen({ channelId }, stage.nowMs);
    const path = `/channels/${channelId}`;
    expect(stage.cloud.upgrade(path, stage.nowMs)).toMatchObject({ frozen: true });
    stage.cloud.faults.clear();
    expect(stage.cloud.upgrade(path, stage.nowMs)).toMatchObject({ frozen: false });
  });

  test("lets no close frame through: such a socket is cut", () => {
    const { stage, socketId, channelId } = line();
    stage.cloud.faults.halfOpen({}, stage.nowMs);
    stage.forget();
    stage.open(channelId);
    expect(stage.effects).toEqual([{ type: "cut", socketId }]);
  });

  test("silences what was held when its time comes", () => {
    const on = line();
    on.stage.cloud.faults.delayFrames({ ms: 100 }, on.stage.nowMs);
    emit(on, 1);
    on.stage.cloud.faults.halfOpen({}, on.stage.nowMs);
    on.stage.pass(100);
    expect(outcomes(on)).toEqual([["silenced"]]);
  });
});

describe("what is sent at once", () => {
  test("garbage of every kind", () => {
    const { stage, socketId } = line();
    for (const kind of ["not-json", "no-envelope", "binary", "bad-utf8"] as const)
      stage.cloud.faults.sendGarbage({ socketId, kind }, stage.nowMs);
    const [notJson, noEnvelope, binary, badUtf8] = stage.effects.map((effect) =>
      effect.type === "send" ? effect : undefined,
    );
    expect(() => JSON.parse(notJson?.text ?? "{}") as unknown).toThrow(SyntaxError);
    expect(JSON.parse(noEnvelope?.text ?? "")).not.toHaveProperty("topicName");
    expect(binary).toMatchObject({ form: "binary" });
    expect(badUtf8).toMatchObject({ form: "latin1" });
    expect(() =>
      new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(badUtf8?.text ?? "", "latin1")),
    ).toThrow(TypeError);
  });

  test("a notification of a size, which the ledger has without its body", () => {
    const { stage, channelId, socketId } = line();
    expect(stage.cloud.faults.sendHuge({ bytes: 100_000 }, stage.nowMs).affected).toBe(1);
    const [frame] = stage.frames(socketId);
    expect(JSON.stringify(frame)).toHaveLength(100_000);
    expect(frame).toMatchObject({ topicName: queueTopic, version: "2" });
    expect(stage.cloud.ledger.query().entries).toMatchObject([
      {
        topic: queueTopic,
        correlationId: frame?.metadata?.CorrelationId,
        body: undefined,
        deliveries: [{ channelId, socketId, outcome: "sent" }],
      },
    ]);
  });

  test("a burst, on topics that somebody hears or on one", () => {
    const on = line();
    const { faults, ledger } = on.stage.cloud;
    expect(faults.burst({ events: 50 }, on.stage.nowMs).affected).toBe(50);
    const { entries } = ledger.query();
    expect(new Set(entries.map(({ topic }) => topic))).toEqual(new Set([queueTopic, presence]));
    expect(entries.map(({ deliveries }) => deliveries[0]?.outcome)).toEqual(Array(50).fill("sent"));
    expect(new Set(entries.map(({ body }) => body)).size).toBe(50);
    expect(on.stage.frames(on.socketId)).toHaveLength(50);
    faults.burst({ events: 3, topic: "v2.nobody" }, on.stage.nowMs);
    expect(ledger.query({ topic: "v2.nobody" }).entries).toHaveLength(3);
    expect(new Stage().cloud.faults.burst({ events: 3 }, 0).affected).toBe(0);
  });
});

describe("what ends at once", () => {
  const channels = "/api/v2/notifications/channels";

  test.each([
    ["evictChannel", "channel-evicted", "channel removed"],
    ["expireChannel", "channel-expired", "channel expired"],
  ] as const)("%s", (name, what, reason) => {
    const { stage, token, channelId, socketId } = line();
    expect(stage.cloud.faults[name]({ channelId }, stage.nowMs)).toEqual({ affected: 1 });
    expect(stage.ends(socketId)).toMatchObject([{ type: "close", reason }]);
    expect(stage.call("HEAD", `${channels}/${channelId}`, token).status).toBe(404);
    expect(stage.cloud.ledger.history().map((entry) => entry.what)).toContain(what);
    expect(stage.cloud.faults[name]({ channelId }, stage.nowMs)).toEqual({ affected: 0 });
  });

  test("an expired token is told from a revoked one, and does to its channels what is set", () => {
    const { stage, token, channelId, socketId } = line({
      settings: { tokenExpiry: "closes-sockets" },
    });
    expect(stage.cloud.faults.expireToken({ channelId }, stage.nowMs)).toEqual({ affected: 1 });
    expect(stage.call("GET", channels, token)).toMatchObject({
      status: 401,
      json: { code: "credentials.expired" },
    });
    expect(stage.ends(socketId)).toHaveLength(1);
    const other = stage.token();
    expect(stage.cloud.faults.expireToken({ clientId }, stage.nowMs)).toEqual({ affected: 1 });
    expect(stage.call("GET", channels, other).status).toBe(401);
  });
});
