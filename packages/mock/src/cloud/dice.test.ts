import { expect, test } from "vitest";
import { createDice } from "./dice.ts";

function throws(seed: number, stream: string): number[] {
  const dice = createDice(seed, stream);
  return Array.from({ length: 20 }, () => dice.u32());
}

test("dice repeat for a seed and stream, and differ for others", () => {
  expect(throws(1, "a")).toEqual(throws(1, "a"));
  const others = [throws(1, "a"), throws(2, "a"), throws(1, "b"), throws(1 + 2 ** 32, "a")];
  expect(new Set(others.map((numbers) => numbers.join())).size).toBe(4);
});

test("dice are fair enough: means and ranges", () => {
  const dice = createDice(3, "x");
  let [sum, waits] = [0, 0];
  const counts = [0, 0, 0];
  for (let index = 0; index < 30_000; index += 1) {
    const unit = dice.unit();
    expect(unit >= 0 && unit < 1).toBe(true);
    sum += unit;
    waits += dice.exponential(10);
    const pick = dice.below(3);
    counts[pick] = (counts[pick] ?? 0) + 1;
  }
  expect(sum / 30_000).toBeCloseTo(0.5, 1);
  expect(waits / 30_000).toBeCloseTo(10, 0);
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test("uuids have version and variant, and do not repeat", () => {
  const dice = createDice(4, "x");
  const ids = Array.from({ length: 5000 }, () => dice.uuid());
  expect(new Set(ids).size).toBe(5000);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
  }
});
