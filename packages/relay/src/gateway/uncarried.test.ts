import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uncarried } from "./uncarried.ts";

const all = (): boolean => true;
const since = { fromMs: 1_000, toMs: 10_000 };

describe("what nobody carried", () => {
  test("is nothing where a topic was carried all the time", () => {
    const coverage = [{ topic: "a", fromMs: 500, untilMs: undefined }];
    expect(uncarried(coverage, [], all, since)).toEqual([]);
  });

  test("is what lies before the first carriage, and between two", () => {
    const coverage = [
      { topic: "a", fromMs: 2_000, untilMs: 4_000 },
      { topic: "a", fromMs: 7_000, untilMs: undefined },
      { topic: "b", fromMs: 2_000, untilMs: undefined },
    ];
    expect(uncarried(coverage, [], all, since)).toEqual([
      { fromMs: 1_000, toMs: 2_000, topics: ["a", "b"] },
      { fromMs: 4_000, toMs: 7_000, topics: ["a"] },
    ]);
  });

  test("is not what a gap of the journal tells of, and goes on where that one ends", () => {
    const coverage = [
      { topic: "A", fromMs: 0, untilMs: 4_000 },
      { topic: "A", fromMs: 8_000, untilMs: undefined },
    ];
    const gaps = [{ topics: ["a"], fromMs: 4_000, toMs: 6_000 }];
    expect(uncarried(coverage, gaps, all, since)).toEqual([
      { fromMs: 6_000, toMs: 8_000, topics: ["A"] },
    ]);
  });

  test("is nothing of topics that are none of the subscription's business", () => {
    const coverage = [{ topic: "a", fromMs: 9_000, untilMs: undefined }];
    expect(uncarried(coverage, [], (topic) => topic !== "a", since)).toEqual([]);
  });

  test("property: each instant is carried, in a gap, or told, and never two of them", () => {
    const span = fc
      .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 50 }))
      .map(([from, length]) => ({ fromMs: from * 100, toMs: (from + length) * 100 }));
    fc.assert(
      fc.property(fc.array(span), fc.array(span), (carried, missing) => {
        const coverage = [
          // A topic is known by its coverage.
          { topic: "a", fromMs: -100, untilMs: -50 },
          ...carried.map(({ fromMs, toMs }) => ({ topic: "a", fromMs, untilMs: toMs })),
        ];
        const gaps = missing.map((gap) => ({ ...gap, topics: ["a"] }));
        const holes = uncarried(coverage, gaps, all, since);
        for (let atMs = since.fromMs + 50; atMs < since.toMs; atMs += 100) {
          const isIn = ({ fromMs, toMs }: { fromMs: number; toMs: number }): boolean =>
            fromMs <= atMs && atMs < toMs;
          const isKnown = carried.some(isIn) || missing.some(isIn);
          expect(holes.filter(isIn)).toHaveLength(isKnown ? 0 : 1);
        }
      }),
    );
  });
});
