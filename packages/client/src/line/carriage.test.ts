import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import type { ClientEvent } from "../events.ts";
import { Coverage } from "../trunk/coverage.ts";
import { Gaps, type Carried } from "../trunk/gaps.ts";
import { Carriage } from "./carriage.ts";

const wallMs = 1_000_000;
const a = { key: "v2.a", name: "v2.A" };
const b = { key: "v2.b", name: "v2.b" };

interface Stage {
  readonly carriage: Carriage;
  /** What was told since the last look. */
  readonly told: () => readonly string[];
}

/** Line 1 at 100 s of elapsed time; whatever no session carries is missed, unless nobody wants it. */
async function stage(isMissed = true): Promise<Stage> {
  const clock = new SimClock(wallMs);
  const events: ClientEvent[] = [];
  const elapsed = new Elapsed(clock);
  const emit = (event: ClientEvent): void => void events.push(event);
  const coverage = new Coverage({ elapsed, emit });
  const gaps = new Gaps({ elapsed, serverOffsetMs: () => undefined, emit, coverage });
  const carriage = new Carriage({
    line: 1,
    coverage,
    gaps,
    heldSinceMs: () => Number.POSITIVE_INFINITY,
    isMissed: () => isMissed,
  });
  await clock.runUntil(100_000);
  return { carriage, told: () => events.splice(0).flatMap((event) => textOf(event)) };
}

function at(ms: number | undefined): string {
  return `${((ms ?? 0) - wallMs) / 1_000}`;
}

function textOf(event: ClientEvent): readonly string[] {
  if (event.type === "subscribed")
    return [`carried from ${at(event.fromMs)}: ${event.topics.join(" ")}`];
  if (event.type === "unsubscribed")
    return [`carried until ${at(event.untilMs)}: ${event.topics.join(" ")}`];
  if (event.type === "proof")
    return [`proven until ${at(event.untilMs)}, confirmed ${at(event.confirmedMs)}`];
  if (event.type !== "gap") return [];
  const bound = event.state === "open" ? event.fromMs : event.toMs;
  return [`${event.cause} ${event.state} ${at(bound)}: ${event.topics.join(" ")}`];
}

function carried({ key, name }: typeof a, sinceMs = 0): Carried {
  return { key, name, sinceMs };
}

/** Session 1 carries both topics since 10 s, and session 2, which has joined, since 20 s. */
async function pair(isMissed = true): Promise<Stage> {
  const made = await stage(isMissed);
  const { carriage, told } = made;
  carriage.opened(1, 10_000);
  carriage.carry(1, [a, b], 10_000);
  carriage.opened(2, 20_000);
  carriage.carry(2, [a, b], 20_000);
  carriage.prove(1, 21_000, 21_000);
  carriage.join(2, 22_000);
  told();
  return made;
}

const both = [carried(a), carried(b)];

describe("one session", () => {
  test("vouches at once for what it carries, and its loss is a gap since its last proof", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a, b], 10_000);
    carriage.prove(1, 15_000, 12_000);
    carriage.ended(1, "cut", 15_000, both, [], 16_000);
    expect(told()).toEqual([
      "carried from 10: v2.A v2.b",
      "proven until 15, confirmed 12",
      "cut open 15: v2.A v2.b",
      "carried until 15: v2.A v2.b",
    ]);
    carriage.opened(1, 17_000);
    carriage.close(1, 17_000, () => true);
    carriage.carry(1, [a, b], 17_000);
    expect(told()).toEqual(["cut closed 17: v2.A v2.b", "carried from 17: v2.A v2.b"]);
  });
});

describe("two sessions", () => {
  test("the second is no news to whoever listens", async () => {
    const { carriage, told } = await pair();
    expect(carriage.isJoined(2)).toBe(true);
    expect(told()).toEqual([]);
  });

  test("the better proof counts", async () => {
    const { carriage, told } = await pair();
    carriage.prove(2, 25_000, 24_000);
    carriage.prove(1, 24_500, 21_000);
    carriage.prove(1, 30_000, 29_000);
    expect(told()).toEqual(["proven until 25, confirmed 24", "proven until 30, confirmed 29"]);
  });

  test("the loss of one that the other has been with since before is no gap", async () => {
    const { carriage, told } = await pair();
    carriage.ended(1, "cut", 30_000, both, [], 35_000);
    expect(told()).toEqual([]);
    carriage.prove(2, 32_000, 31_000);
    told();
    carriage.ended(2, "silence", 32_000, both, [], 40_000);
    expect(told()).toEqual(["silence open 32: v2.A v2.b", "carried until 32: v2.A v2.b"]);
  });

  test("what the first had proven is not in the gap of the second", async () => {
    const { carriage, told } = await pair();
    carriage.prove(1, 30_000, 30_000);
    carriage.ended(1, "cut", 30_000, both, [], 31_000);
    told();
    carriage.ended(2, "cut", 28_000, both, [], 32_000);
    expect(told()[0]).toBe("cut open 30: v2.A v2.b");
  });

  test("one that has not joined vouches from the loss of the other on, and the time before is a gap", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a], 10_000);
    carriage.opened(2, 20_000);
    carriage.carry(2, [a], 20_000);
    carriage.prove(1, 21_000, 21_000);
    told();
    carriage.ended(1, "cut", 21_000, [carried(a)], [], 25_000);
    expect(told()).toEqual([
      "cut open 21: v2.A",
      "carried until 21: v2.A",
      "cut closed 25: v2.A",
      "carried from 25: v2.A",
    ]);
  });

  test("one that joined later than the first was proven leaves a gap until it opened", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a], 10_000);
    carriage.prove(1, 15_000, 15_000);
    carriage.opened(2, 20_000);
    carriage.carry(2, [a], 20_000);
    carriage.join(2, 22_000);
    told();
    carriage.ended(1, "cut", 15_000, [carried(a)], [], 25_000);
    expect(told()).toEqual([
      "cut open 15: v2.A",
      "carried until 15: v2.A",
      "cut closed 20: v2.A",
      "carried from 20: v2.A",
    ]);
  });

  test("the later one's proof counts once the first is proven up to its opening", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a], 10_000);
    carriage.prove(1, 15_000, 15_000);
    carriage.opened(2, 20_000);
    carriage.carry(2, [a], 20_000);
    carriage.join(2, 22_000);
    told();
    carriage.prove(2, 23_000, 23_000);
    expect(told()).toEqual([]);
    expect(carriage.hasTakenOver(2)).toBe(false);
    carriage.prove(1, 20_000, 20_500);
    expect(told()).toEqual(["proven until 20, confirmed 20.5"]);
    expect(carriage.hasTakenOver(2)).toBe(true);
    carriage.prove(2, 24_000, 23_000);
    expect(told()).toEqual(["proven until 24, confirmed 23"]);
  });

  test("what one that has not joined proves settles nothing", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a], 10_000);
    carriage.prove(1, 21_000, 21_000);
    carriage.opened(2, 20_000);
    carriage.carry(2, [a], 20_000);
    told();
    carriage.prove(2, 25_000, 25_000);
    expect(told()).toEqual([]);
    expect(carriage.settledMs).toBe(21_000);
  });

  test("where neither carries all, only what holds for both is proven", async () => {
    const { carriage, told } = await pair();
    carriage.lost(2, "unsubscribed", 20_000, [carried(b)]);
    carriage.prove(2, 40_000, 40_000);
    expect(told()).toEqual([]);
    carriage.prove(1, 30_000, 35_000);
    expect(told()).toEqual(["proven until 30, confirmed 35"]);
    carriage.lost(1, "unsubscribed", 30_000, [carried(a)]);
    carriage.prove(1, 45_000, 36_000);
    expect(told()).toEqual(["proven until 40, confirmed 36"]);
  });

  test("a topic that both were told to leave is proven to its end by the last that did", async () => {
    const { carriage, told } = await pair(false);
    carriage.leave(1, [carried(b)], 30_000);
    carriage.prove(2, 31_000, 31_000);
    carriage.leave(2, [carried(b)], 32_000);
    told();
    carriage.prove(1, 40_000, 35_000);
    expect(told()).toEqual([]);
    carriage.prove(2, 41_000, 36_000);
    expect(told()).toEqual(["carried until 32: v2.b", "proven until 41, confirmed 36"]);
  });
});

describe("what was believed of a session that is over", () => {
  test("is not settled by another that came after it, until its topics are read back", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a], 10_000);
    carriage.prove(1, 30_000, 12_000);
    carriage.ended(1, "cut", 30_000, [carried(a)], [], 31_000);
    carriage.opened(2, 33_000);
    carriage.close(2, 33_000, () => true);
    carriage.carry(2, [a], 33_000);
    told();
    carriage.prove(2, 40_000, 40_000);
    expect(told()).toEqual(["proven until 40, confirmed 12"]);
    // Its channel turns out to have lost the topic: in doubt since it was last confirmed.
    carriage.opened(1, 41_000);
    carriage.lost(1, "unsubscribed", 12_000, [carried(a)]);
    expect(told()[0]).toBe("unsubscribed open 12: v2.A");
    carriage.prove(1, 42_000, 41_500);
    carriage.prove(2, 50_000, 50_000);
    expect(told().at(-1)).toBe("proven until 50, confirmed 50");
  });

  test("is settled by the session that goes on with its channel, once that has read it back", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a], 10_000);
    carriage.prove(1, 30_000, 12_000);
    carriage.ended(1, "moved", 30_000, [carried(a)], [], 31_000);
    carriage.opened(3, 33_000);
    carriage.close(3, 33_000, () => true);
    carriage.carry(3, [a], 33_000);
    carriage.succeed(1, 2);
    told();
    carriage.prove(3, 40_000, 40_000);
    expect(told()).toEqual(["proven until 40, confirmed 12"]);
    carriage.opened(2, 41_000);
    carriage.prove(2, 42_000, 41_500);
    carriage.prove(3, 50_000, 50_000);
    expect(told().at(-1)).toBe("proven until 50, confirmed 50");
  });

  test("is in doubt where its channel is left", async () => {
    const { carriage, told } = await stage();
    carriage.opened(1, 10_000);
    carriage.carry(1, [a], 10_000);
    carriage.prove(1, 30_000, 12_000);
    carriage.ended(1, "cut", 30_000, [carried(a)], [], 31_000);
    told();
    carriage.doubt(1, "evicted", 12_000, [carried(a)], []);
    expect(told()).toEqual(["evicted open 12: v2.A", "evicted closed 30: v2.A"]);
  });
});
