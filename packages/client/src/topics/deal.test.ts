import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deal, type Deal } from "./deal.ts";
import type { Entry } from "./entries.ts";

function entry(key: string): Entry {
  return { id: key, topics: [{ key, name: key }], object: key };
}

function entries(count: number, from = 0): readonly Entry[] {
  return Array.from({ length: count }, (_, index) => entry(`t${from + index}`));
}

/** Where each topic is after a deal. */
function placesOf({ shares }: Deal): Map<string, number> {
  const places = new Map<string, number>();
  for (const [line, share] of shares)
    for (const { topics } of share) for (const { key } of topics) places.set(key, line);
  return places;
}

function sizesOf({ shares }: Deal): readonly (readonly [number, number])[] {
  return [...shares].map(([line, share]) => [line, share.length] as const);
}

describe("dealing", () => {
  test("fills one line after the other", () => {
    const dealt = deal(entries(2_500), new Map(), 20, 1_000);
    expect(sizesOf(dealt)).toEqual([
      [1, 1_000],
      [2, 1_000],
      [3, 500],
    ]);
  });

  test("what finds no room is over budget", () => {
    const dealt = deal(entries(25), new Map(), 2, 10);
    expect(dealt.overBudget.map(({ id }) => id)).toEqual(["t20", "t21", "t22", "t23", "t24"]);
    expect(deal(entries(1), new Map(), 0, 10).overBudget).toHaveLength(1);
  });

  test("a newcomer takes the room that one who left has made", () => {
    const first = deal(entries(20), new Map(), 2, 10);
    const left = entries(20).filter(({ id }) => id !== "t3");
    const second = deal([...left, entry("new")], placesOf(first), 2, 10);
    expect(placesOf(second).get("new")).toBe(1);
    expect(second.overBudget).toEqual([]);
  });

  test("a line that lost all its topics is told so", () => {
    const dealt = deal([], new Map([["t0", 3]]), 20, 10);
    expect(sizesOf(dealt)).toEqual([[3, 0]]);
  });

  test("an entry that combines anew stays where one of its topics was", () => {
    const combined: Entry = {
      id: "u?a&b",
      topics: [
        { key: "u.a", name: "u.a" },
        { key: "u.b", name: "u.b" },
      ],
      object: "u",
    };
    const dealt = deal([combined], new Map([["u.b", 2]]), 20, 10);
    expect(placesOf(dealt)).toEqual(
      new Map([
        ["u.a", 2],
        ["u.b", 2],
      ]),
    );
  });
});

test("for any change: nothing is lost or doubled, no line is too full, and nothing moves without need", () => {
  const change = fc.record({
    wanted: fc.uniqueArray(fc.nat(60), { maxLength: 60, size: "max" }),
    linesMax: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 6, size: "max" }),
      fc.integer({ min: 1, max: 12 }),
      (changes, per) => {
        let before = new Map<string, number>();
        for (const { wanted, linesMax } of changes) {
          const list = wanted.map((number) => entry(`t${number}`));
          const dealt = deal(list, before, linesMax, per);
          const after = placesOf(dealt);
          const over = dealt.overBudget.map(({ id }) => id);
          expect([...after.keys(), ...over].toSorted()).toEqual(
            list.map(({ id }) => id).toSorted(),
          );
          for (const [line, share] of dealt.shares) {
            expect(line).toBeLessThanOrEqual(linesMax);
            expect(share.length).toBeLessThanOrEqual(per);
          }
          const room = over.length > 0 ? linesMax * per : after.size;
          expect(after.size).toBe(room);
          const stayers = [...before].filter(([key, line]) => after.has(key) && line <= linesMax);
          for (const [key, line] of stayers) expect(after.get(key)).toBe(line);
          before = after;
        }
      },
    ),
  );
});
