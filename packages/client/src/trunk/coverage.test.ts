import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import type { ClientEvent } from "../events.ts";
import { Coverage } from "./coverage.ts";
import { Gaps, type Carried } from "./gaps.ts";

const wallMs = 1_000_000;
const a = { key: "v2.a", name: "v2.A" };
const b = { key: "v2.b", name: "v2.b" };

type Told = readonly [what: string, line: number, topics: readonly string[], atMs: number];

interface Stage {
  readonly coverage: Coverage;
  readonly gaps: Gaps;
  /** What was told since the last look: type, line, topics, and the instant as elapsed time. */
  readonly told: () => readonly Told[];
}

async function stage(): Promise<Stage> {
  const clock = new SimClock(wallMs);
  const events: ClientEvent[] = [];
  const elapsed = new Elapsed(clock);
  const emit = (event: ClientEvent): void => void events.push(event);
  const coverage = new Coverage({ elapsed, emit });
  const gaps = new Gaps({ elapsed, serverOffsetMs: () => undefined, emit, coverage });
  await clock.runUntil(100_000);
  const told: Stage["told"] = () => events.splice(0).flatMap((event) => lineOf(event));
  return { coverage, gaps, told };
}

/** What was told, in short, with elapsed time; only what concerns coverage. */
function lineOf(event: ClientEvent): readonly Told[] {
  if (event.type === "subscribed")
    return [[event.type, event.line, event.topics, event.fromMs - wallMs]];
  if (event.type === "unsubscribed")
    return [[event.type, event.line, event.topics, event.untilMs - wallMs]];
  if (event.type === "proof") return [[event.type, event.line, [], event.untilMs - wallMs]];
  if (event.type !== "gap") return [];
  const { cause, state, line, topics, fromMs, toMs } = event;
  return [[`${cause} ${state}`, line, topics, (toMs ?? fromMs) - wallMs]];
}

function carried({ key, name }: typeof a): Carried {
  return { key, name, sinceMs: 0 };
}

describe("an interval", () => {
  test("begins once, however often its line says that it carries the topic", async () => {
    const { coverage, told } = await stage();
    coverage.carry(1, [a, b], 10_000);
    coverage.carry(1, [b, a], 20_000);
    expect(told()).toEqual([["subscribed", 1, ["v2.A", "v2.b"], 10_000]]);
  });

  test("of a topic that is taken off ends at the first proof of all before, told just before it", async () => {
    const { coverage, told } = await stage();
    coverage.carry(1, [a, b], 10_000);
    coverage.leave(1, ["v2.a"], 30_000);
    coverage.prove(1, 29_999, 0);
    coverage.prove(1, 30_000, 0);
    expect(told()).toEqual([
      ["subscribed", 1, ["v2.A", "v2.b"], 10_000],
      ["proof", 1, [], 29_999],
      ["unsubscribed", 1, ["v2.A"], 30_000],
      ["proof", 1, [], 30_000],
    ]);
  });

  test("of a topic that moves ends before the next begins, though both lines carry it", async () => {
    const { coverage, told } = await stage();
    coverage.carry(1, [a], 10_000);
    coverage.carry(2, [a], 20_000);
    coverage.prove(2, 25_000, 0);
    coverage.leave(1, ["v2.a"], 30_000);
    coverage.prove(1, 40_000, 0);
    expect(told()).toEqual([
      ["subscribed", 1, ["v2.A"], 10_000],
      ["proof", 2, [], 25_000],
      ["unsubscribed", 1, ["v2.A"], 30_000],
      ["proof", 1, [], 40_000],
      ["subscribed", 2, ["v2.A"], 20_000],
    ]);
  });

  test("that a topic comes back to waits until the one before is settled", async () => {
    const { coverage, told } = await stage();
    coverage.carry(1, [a], 10_000);
    coverage.leave(1, ["v2.a"], 20_000);
    coverage.carry(1, [a], 22_000);
    told();
    coverage.prove(1, 21_000, 0);
    coverage.prove(1, 30_000, 0);
    expect(told()).toEqual([
      ["unsubscribed", 1, ["v2.A"], 20_000],
      ["proof", 1, [], 21_000],
      ["subscribed", 1, ["v2.A"], 22_000],
      ["proof", 1, [], 30_000],
    ]);
  });

  test("never ends before it began", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(1, [a], 30_000);
    gaps.open(1, "unsubscribed", 10_000, [carried(a)]);
    expect(told().at(-1)).toEqual(["unsubscribed", 1, ["v2.A"], 30_000]);
  });

  test.each([
    [10_000.2, 10_000.8, 10_001, 10_001],
    [10_000.2, 10_001.8, 10_001, 10_001],
    [10_000.2, 10_002.9, 10_001, 10_002],
  ])("from %f to %f is told from %i to %i", async (fromMs, leftMs, begun, ended) => {
    const { coverage, told } = await stage();
    coverage.carry(1, [a], fromMs);
    coverage.leave(1, ["v2.a"], leftMs);
    coverage.prove(1, 20_000, 0);
    expect(told().map(([, , , atMs]) => atMs)).toEqual([begun, ended, 20_000]);
  });
});

describe("a gap", () => {
  test("ends the interval, and when it closes the next begins where it ends, if a line still carries the topic", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(1, [a, b], 10_000);
    coverage.prove(1, 40_000, 0);
    told();
    gaps.open(1, "malformed", 40_000, [carried(a), carried(b)]);
    coverage.lose(1, ["v2.b"]);
    gaps.close(50_000, () => true);
    expect(told()).toEqual([
      ["malformed open", 1, ["v2.A", "v2.b"], 40_000],
      ["unsubscribed", 1, ["v2.A", "v2.b"], 40_000],
      ["malformed closed", 1, ["v2.A", "v2.b"], 50_000],
      ["subscribed", 1, ["v2.A"], 50_000],
    ]);
  });

  test("begins at the last proof that was told, where what it says is newer", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(1, [a], 10_000);
    coverage.prove(1, 40_000, 0);
    told();
    gaps.open(1, "cut", 60_000, [carried(a)]);
    expect(told()[0]).toEqual(["cut open", 1, ["v2.A"], 40_000]);
  });

  test("lets no interval begin while it is open", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(1, [a], 10_000);
    gaps.open(1, "cut", 40_000, [carried(a)]);
    coverage.loseAll(1);
    told();
    coverage.carry(1, [a], 50_000);
    expect(told()).toEqual([]);
    gaps.close(50_000, () => true);
    expect(told().at(-1)).toEqual(["subscribed", 1, ["v2.A"], 50_000]);
  });

  test("of a line is none for a topic that another is told to carry, but for the time before", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(2, [a], 30_000);
    told();
    gaps.open(1, "cut", 40_000, [carried(a)]);
    expect(told()).toEqual([]);
    gaps.open(1, "channel-gone", 20_000, [carried(a)]);
    expect(told()).toEqual([
      ["channel-gone open", 1, ["v2.A"], 20_000],
      ["channel-gone closed", 1, ["v2.A"], 30_000],
    ]);
  });

  test("of the line that a topic has moved to reaches back to what the line before has proven", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(1, [a], 10_000);
    coverage.prove(1, 20_000, 0);
    coverage.carry(2, [a], 29_000);
    coverage.leave(1, ["v2.a"], 30_000);
    coverage.prove(2, 40_000, 0);
    told();
    gaps.open(2, "cut", 40_000, [carried(a)]);
    expect(told()).toEqual([
      ["cut open", 2, ["v2.A"], 20_000],
      ["unsubscribed", 1, ["v2.A"], 20_000],
    ]);
  });

  test("holds what is unproven of a topic that was taken off, and settles it; another line's interval begins", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(1, [a], 10_000);
    coverage.prove(1, 20_000, 0);
    coverage.leave(1, ["v2.a"], 30_000);
    coverage.carry(2, [a], 29_000);
    told();
    gaps.record(1, "cut", 25_000, [{ ...carried(a), untilMs: 30_000 }]);
    expect(told()).toEqual([
      ["cut open", 1, ["v2.A"], 20_000],
      ["cut closed", 1, ["v2.A"], 30_000],
      ["unsubscribed", 1, ["v2.A"], 20_000],
      ["subscribed", 2, ["v2.A"], 29_000],
    ]);
  });

  test("of a topic long gone from its line leaves the interval of another alone", async () => {
    const { coverage, gaps, told } = await stage();
    coverage.carry(2, [a], 10_000);
    told();
    gaps.record(1, "channel-gone", 5_000, [{ ...carried(a), untilMs: 9_000 }]);
    expect(told().map(([what]) => what)).toEqual(["channel-gone open", "channel-gone closed"]);
  });
});

test("a proof is told when it or the confirmation has moved, and not again", async () => {
  const { coverage, told } = await stage();
  coverage.prove(1, 10_000, 5_000);
  coverage.prove(1, 10_000, 5_000);
  coverage.prove(1, 10_000, 6_000);
  coverage.prove(2, 10_000, 5_000);
  expect(told().map(([, line]) => line)).toEqual([1, 1, 2]);
});
