import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import type { GapEvent } from "../events.ts";
import { Coverage } from "./coverage.ts";
import { Gaps, type Carried } from "./gaps.ts";

const wallMs = 1_000_000;

interface Stage {
  readonly clock: SimClock;
  readonly gaps: Gaps;
  readonly told: GapEvent[];
}

function stage(): Stage {
  const clock = new SimClock(wallMs);
  const told: GapEvent[] = [];
  const elapsed = new Elapsed(clock);
  const gaps = new Gaps({
    elapsed,
    coverage: new Coverage({ elapsed, emit: () => undefined }),
    serverOffsetMs: () => -1_500,
    emit: (event) => told.push(event),
  });
  return { clock, gaps, told };
}

function carried(name: string, sinceMs = 0): Carried {
  return { key: name.toLowerCase(), name, sinceMs };
}

const all = (): boolean => true;

describe("a gap", () => {
  test("opens at the last proof and closes at the opening, under one id", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    gaps.open(3, "cut", 50_000, [carried("v2.A"), carried("v2.b")]);
    await clock.runUntil(70_000);
    gaps.close(65_000, all);
    const common = {
      type: "gap",
      id: "gap-1",
      topics: ["v2.A", "v2.b"],
      fromMs: wallMs + 50_000,
      cause: "cut",
      certainty: "possible",
      serverOffsetMs: -1_500,
      line: 3,
    };
    expect(told).toEqual([
      { ...common, state: "open", toMs: undefined },
      { ...common, state: "closed", toMs: wallMs + 65_000 },
    ]);
  });

  test("begins no earlier than its topic was carried: one gap for each beginning", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    gaps.open(3, "silence", 30_000, [
      carried("a"),
      carried("b", 45_000),
      carried("c"),
      carried("d", 45_000),
    ]);
    expect(told.map(({ topics, fromMs }) => [topics, fromMs])).toEqual([
      [["a", "c"], wallMs + 30_000],
      [["b", "d"], wallMs + 45_000],
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
  });

  test("is not opened again for a topic that is in one", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    gaps.open(3, "unsubscribed", 30_000, [carried("a")]);
    gaps.open(3, "cut", 50_000, [carried("a"), carried("b")]);
    expect(told.map(({ topics }) => topics)).toEqual([["a"], ["b"]]);
    gaps.close(60_000, all);
    expect(told.filter(({ state }) => state === "closed")).toHaveLength(2);
  });

  test("closes in parts, as its topics come back", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    gaps.open(3, "cut", 50_000, [carried("a"), carried("b"), carried("c")]);
    gaps.close(55_000, (key) => key !== "b");
    gaps.close(56_000, (key) => key !== "b");
    gaps.close(58_000, all);
    gaps.close(59_000, all);
    expect(told.map(({ id, state, topics, toMs }) => [id, state, topics, toMs])).toEqual([
      ["gap-1", "open", ["a", "b", "c"], undefined],
      ["gap-1", "closed", ["a", "c"], wallMs + 55_000],
      ["gap-1", "closed", ["b"], wallMs + 58_000],
    ]);
  });

  test("closes with the cause that has come to be known since", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    gaps.open(3, "channel-gone", 50_000, [carried("a")]);
    gaps.open(3, "overflow", 50_000, [carried("b")]);
    gaps.open(4, "cut", 50_000, [carried("c")]);
    gaps.explain(3, "evicted");
    gaps.close(55_000, all);
    expect(told.map(({ state, topics, cause }) => `${state} ${topics.join()} ${cause}`)).toEqual([
      "open a channel-gone",
      "open b overflow",
      "open c cut",
      "closed a evicted",
      // What is known already is not explained away; and another line has its own story.
      "closed b overflow",
      "closed c cut",
    ]);
  });

  test.each([
    ["moved", "unlikely"],
    ["cut", "possible"],
    ["stopped", "possible"],
    ["overflow", "certain"],
  ] as const)("of cause %s says that something is missing: %s", (cause, certainty) => {
    const { gaps, told } = stage();
    gaps.open(3, cause, 0, [carried("a")]);
    expect(told.map((gap) => gap.certainty)).toEqual([certainty]);
  });

  test("of no topic is none", () => {
    const { gaps, told } = stage();
    gaps.open(3, "cut", 0, []);
    gaps.close(0, all);
    expect(told).toEqual([]);
  });

  test("may come again once it was closed", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    for (const sinceMs of [10_000, 30_000]) {
      gaps.open(3, "cut", sinceMs, [carried("a")]);
      gaps.close(sinceMs + 5_000, all);
    }
    expect(told.map(({ id, state }) => `${id} ${state}`)).toEqual([
      "gap-1 open",
      "gap-1 closed",
      "gap-2 open",
      "gap-2 closed",
    ]);
  });
});

describe("a wall clock that is set meanwhile", () => {
  test("back: the gap runs forward, and covers what it covered on either clock", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    gaps.open(3, "cut", 50_000, [carried("a")]);
    clock.stepWall(-3_600_000);
    await clock.runUntil(70_000);
    gaps.close(70_000, all);
    const closed = told.at(-1);
    expect(closed?.fromMs).toBe(wallMs + 50_000 - 3_600_000);
    expect(closed?.toMs).toBe(wallMs + 70_000 - 3_600_000);
  });

  test("ahead: it still begins where it began", async () => {
    const { clock, gaps, told } = stage();
    await clock.runUntil(60_000);
    gaps.open(3, "cut", 50_000, [carried("a")]);
    clock.stepWall(3_600_000);
    await clock.runUntil(70_000);
    gaps.close(70_000 + 3_600_000, all);
    expect(told.at(-1)).toMatchObject({
      fromMs: wallMs + 50_000,
      toMs: wallMs + 70_000 + 3_600_000,
    });
  });
});
