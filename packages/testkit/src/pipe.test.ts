import { describe, expect, test } from "vitest";
import { createDice } from "./dice.ts";
import { Pipe } from "./pipe.ts";
import { SimClock } from "./sim-clock.ts";

function stage(latencyMs: () => number = () => 10): {
  clock: SimClock;
  pipe: Pipe<number>;
  arrived: number[];
} {
  const clock = new SimClock();
  const arrived: number[] = [];
  return { clock, arrived, pipe: new Pipe(clock, latencyMs, (message) => arrived.push(message)) };
}

describe("a pipe", () => {
  test("keeps the order, however the latency swings", async () => {
    const dice = createDice(3);
    const { clock, pipe, arrived } = stage(() => dice.int(0, 500));
    for (let message = 0; message < 200; message++) {
      pipe.send(message);
      await clock.runUntil(clock.monotonicMs() + 5);
    }
    await clock.runUntil(10_000);
    expect(arrived).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  test("lets what is sent at one instant travel together", async () => {
    const latencies = [10, 30];
    const { clock, pipe, arrived } = stage(() => latencies.shift() ?? 0);
    pipe.send(1);
    pipe.send(2);
    await clock.runUntil(1);
    pipe.send(3);
    await clock.runUntil(10);
    expect(arrived).toEqual([1, 2]);
    await clock.runUntil(31);
    expect(arrived).toEqual([1, 2, 3]);
  });

  test("takes its time", async () => {
    const { clock, pipe, arrived } = stage();
    pipe.send(1);
    await clock.runUntil(9);
    expect(arrived).toEqual([]);
    await clock.runUntil(10);
    expect(arrived).toEqual([1]);
  });

  test("holds back and loses nothing", async () => {
    const { clock, pipe, arrived } = stage();
    pipe.send(1);
    pipe.hold();
    pipe.hold();
    pipe.send(2);
    await clock.runUntil(50);
    expect(arrived).toEqual([]);
    pipe.release();
    expect(arrived).toEqual([1, 2]);
    pipe.send(3);
    await clock.runUntil(100);
    expect(arrived).toEqual([1, 2, 3]);
  });

  test.each(["swallow", "break"] as const)(
    "%s loses what is on its way, and all after",
    async (how) => {
      const { clock, pipe, arrived } = stage();
      pipe.send(1);
      pipe[how]();
      pipe.send(2);
      await clock.runUntil(50);
      expect(arrived).toEqual([]);
    },
  );

  test("broken while it holds back loses what it held", async () => {
    const { clock, pipe, arrived } = stage();
    pipe.hold();
    pipe.send(1);
    await clock.runUntil(50);
    pipe.break();
    pipe.release();
    expect(arrived).toEqual([]);
  });
});
