import { describe, expect, test } from "vitest";
import { createDice, type Dice } from "./dice.ts";

function throws(dice: Dice, count: number): readonly number[] {
  return Array.from({ length: count }, () => dice.random());
}

describe("dice", () => {
  test("throw the same for the same seed, on every machine", () => {
    expect(throws(createDice(7), 50)).toEqual(throws(createDice(7), 50));
    expect(throws(createDice(42), 3)).toEqual(throws(createDice(42, ""), 3));
  });

  test("differ by seed and by name", () => {
    const firsts = [createDice(1), createDice(2), createDice(1, "a"), createDice(1, "b")].map(
      (dice) => dice.random(),
    );
    expect(new Set(firsts).size).toBe(4);
  });

  test("a fork depends on seed and name, not on what was thrown before", () => {
    const a = createDice(5);
    const b = createDice(5);
    throws(b, 10);
    expect(throws(a.fork("x"), 5)).toEqual(throws(b.fork("x"), 5));
    expect(a.fork("x").fork("y").random()).not.toBe(a.fork("x/z").random());
  });

  test("are roughly uniform: chi-squared of 100 boxes stays below its 99.9 % bound", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const boxes = Array.from({ length: 100 }, () => 0);
      const thrownAll = throws(createDice(seed), 100_000);
      expect(thrownAll.every((thrown) => thrown >= 0 && thrown < 1)).toBe(true);
      for (const thrown of thrownAll) {
        const box = Math.floor(thrown * 100);
        boxes[box] = (boxes[box] ?? 0) + 1;
      }
      const chiSquared = boxes.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
      expect(chiSquared).toBeLessThan(149);
      expect(chiSquared).toBeGreaterThan(54);
    }
  });

  test("whole numbers include both ends, and nothing beyond", () => {
    const dice = createDice(1);
    const seen = new Set(Array.from({ length: 500 }, () => dice.int(-1, 2)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
  });

  test("between, chance and pick keep to their bounds", () => {
    const dice = createDice(9);
    for (let count = 0; count < 500; count++) {
      const thrown = dice.between(3, 4);
      expect(thrown >= 3 && thrown < 4).toBe(true);
      expect(["a", "b"]).toContain(dice.pick(["a", "b"]));
      expect(dice.chance(0)).toBe(false);
      expect(dice.chance(1)).toBe(true);
    }
    expect(() => dice.pick([])).toThrow(RangeError);
  });
});
