import { describe, expect, test } from "vitest";
import { createDice } from "./dice.ts";
import { settled, SimClock } from "./sim-clock.ts";

const { signal } = new AbortController();

async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

describe("timers", () => {
  test("fire in the order of their instants, and of their setting where those are equal", async () => {
    const clock = new SimClock();
    const fired: string[] = [];
    for (const [name, atMs] of [
      ["c", 30],
      ["a", 10],
      ["b1", 20],
      ["b2", 20],
      ["b3", 20],
    ] as const)
      clock.at(atMs, () => fired.push(`${name}@${clock.monotonicMs()}`));
    await clock.runUntil(100);
    expect(fired).toEqual(["a@10", "b1@20", "b2@20", "b3@20", "c@30"]);
    expect(clock.monotonicMs()).toBe(100);
  });

  test("a thousand of them, in any order, fire sorted", async () => {
    const dice = createDice(1);
    const clock = new SimClock();
    const fired: number[] = [];
    const instants = Array.from({ length: 1_000 }, () => dice.int(0, 300));
    for (const atMs of instants) clock.at(atMs, () => fired.push(atMs));
    const cancelled = Array.from({ length: 300 }, () =>
      clock.at(dice.int(0, 300), () => fired.push(-1)),
    );
    for (const cancel of cancelled) cancel();
    expect(clock.timers).toBe(1_000);
    await clock.runUntil(300);
    expect(fired).toEqual(instants.toSorted((a, b) => a - b));
  });

  test("in the past fire now", async () => {
    const clock = new SimClock();
    await clock.runUntil(50);
    const fired: number[] = [];
    clock.at(10, () => fired.push(clock.monotonicMs()));
    await clock.runUntil(50);
    expect(fired).toEqual([50]);
  });

  test("every promise settles between two of them", async () => {
    const clock = new SimClock();
    const told: string[] = [];
    clock.at(10, () => {
      void manyTurns().then(() => told.push("promise"));
    });
    clock.at(11, () => told.push("timer"));
    await clock.runUntil(20);
    expect(told).toEqual(["promise", "timer"]);
  });

  test("that timers set are run as well", async () => {
    const clock = new SimClock();
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      clock.at(clock.monotonicMs() + 10, tick);
    };
    tick();
    await clock.runUntil(100);
    expect(ticks).toBe(11);
  });
});

describe("sleep", () => {
  test("resolves after its time", async () => {
    const clock = new SimClock();
    let wokeAtMs = -1;
    void clock.sleep(40, signal).then(() => (wokeAtMs = clock.monotonicMs()));
    await clock.runUntil(39);
    expect(wokeAtMs).toBe(-1);
    await clock.runUntil(40);
    expect(wokeAtMs).toBe(40);
  });

  test("resolves as soon as its signal aborts, and leaves no timer", async () => {
    const clock = new SimClock();
    const aborting = new AbortController();
    let isAwake = false;
    void clock.sleep(40, aborting.signal).then(() => (isAwake = true));
    aborting.abort();
    await settled();
    expect(isAwake).toBe(true);
    expect(clock.timers).toBe(0);
    await clock.sleep(40, aborting.signal);
    expect(clock.monotonicMs()).toBe(0);
  });
});

describe("runUntil", () => {
  test("stops when it is told to, and goes on from there", async () => {
    const clock = new SimClock();
    let count = 0;
    for (const atMs of [10, 20, 30]) clock.at(atMs, () => count++);
    await clock.runUntil(100, () => count === 2);
    expect(clock.monotonicMs()).toBe(20);
    await clock.runUntil(100);
    expect(count).toBe(3);
  });

  test("does not go back", async () => {
    const clock = new SimClock();
    await clock.runUntil(100);
    await clock.runUntil(50);
    expect(clock.monotonicMs()).toBe(100);
  });
});

test("the wall clock goes with the monotonic one, and can be set", async () => {
  const clock = new SimClock(1_000);
  await clock.runUntil(50);
  expect(clock.wallMs()).toBe(1_050);
  clock.stepWall(-500);
  expect(clock.wallMs()).toBe(550);
  expect(clock.monotonicMs()).toBe(50);
});
