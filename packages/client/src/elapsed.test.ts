import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { Elapsed } from "./elapsed.ts";

const second = 1_000;

test("passes with the monotonic clock", async () => {
  const clock = new SimClock(1_000_000);
  const elapsed = new Elapsed(clock);
  await clock.runUntil(5 * second);
  expect(elapsed.nowMs()).toBe(5 * second);
});

test("counts sleep, in which only the wall clock goes on", async () => {
  const clock = new SimClock(1_000_000);
  const elapsed = new Elapsed(clock);
  await clock.runUntil(5 * second);
  clock.stepWall(3_600 * second);
  expect(elapsed.nowMs()).toBe(3_605 * second);
  await clock.runUntil(6 * second);
  expect(elapsed.nowMs()).toBe(3_606 * second);
});

test("does not go back when the wall clock is set back, and does not stand still either", async () => {
  const clock = new SimClock(1_000_000);
  const elapsed = new Elapsed(clock);
  await clock.runUntil(5 * second);
  clock.stepWall(-3_600 * second);
  expect(elapsed.nowMs()).toBe(5 * second);
  await clock.runUntil(9 * second);
  expect(elapsed.nowMs()).toBe(9 * second);
});

test("an earlier reading has the wall time that the wall clock now gives it", async () => {
  const clock = new SimClock(1_000_000);
  const elapsed = new Elapsed(clock);
  await clock.runUntil(5 * second);
  const earlier = elapsed.nowMs();
  await clock.runUntil(8 * second);
  expect(elapsed.wallOf(earlier)).toBe(1_005_000);
  clock.stepWall(-60 * second);
  expect(elapsed.wallOf(earlier)).toBe(945_000);
  expect(elapsed.wallOf(elapsed.nowMs())).toBe(clock.wallMs());
});

test("does not run fast because the two clocks tick differently, however often it is read", () => {
  let realMs = 0;
  const elapsed = new Elapsed({
    monotonicMs: () => realMs,
    wallMs: () => Math.floor(realMs + 0.4),
    sleep: () => Promise.resolve(),
  });
  for (; realMs < 10 * second; realMs += 0.07) elapsed.nowMs();
  expect(elapsed.nowMs()).toBeCloseTo(realMs, 6);
});
