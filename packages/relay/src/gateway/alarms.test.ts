import { settled, SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { alarmGrainMs, Alarms, type Sleeper } from "./alarms.ts";

function stage() {
  const clock = new SimClock();
  const alarms = new Alarms(clock);
  const startMs = clock.monotonicMs();
  const woken: (readonly [string, number])[] = [];
  const sleeper = (name: string): Sleeper => ({
    wake: () => void woken.push([name, clock.monotonicMs() - startMs]),
  });
  const run = async (ms: number): Promise<void> => {
    await clock.runUntil(clock.monotonicMs() + ms);
    await settled();
  };
  return { clock, alarms, woken, sleeper, run, in: (ms: number) => clock.monotonicMs() + ms };
}

test("each is woken once, not before it asked to be, and soon after", async () => {
  const on = stage();
  for (let ms = 0; ms < 300; ms += 7) on.alarms.move(on.sleeper(String(ms)), undefined, on.in(ms));
  await on.run(1_000);
  expect(on.woken).toHaveLength(43);
  for (const [name, atMs] of on.woken) {
    expect(atMs).toBeGreaterThanOrEqual(Number(name));
    expect(atMs).toBeLessThan(Number(name) + alarmGrainMs);
  }
});

test("those that are due at about the same time share a timer", () => {
  const on = stage();
  for (let n = 0; n < 1_000; n++) on.alarms.move(on.sleeper("n"), undefined, on.in(15_000 + n));
  expect(on.clock.timers).toBeLessThanOrEqual(1_000 / alarmGrainMs + 1);
});

test("who has moved is woken at the new instant alone, and who wants it no more never", async () => {
  const on = stage();
  const [later, sooner, never] = [on.sleeper("later"), on.sleeper("sooner"), on.sleeper("never")];
  const firstMs = on.in(500);
  for (const each of [later, sooner, never]) on.alarms.move(each, undefined, firstMs);
  on.alarms.move(later, firstMs, on.in(900));
  on.alarms.move(sooner, firstMs, on.in(100));
  on.alarms.move(never, firstMs, undefined);
  await on.run(2_000);
  expect(on.woken).toEqual([
    ["sooner", 100],
    ["later", 900],
  ]);
});

test("who is woken may ask again", async () => {
  const on = stage();
  let left = 3;
  const again: Sleeper = {
    wake: () => {
      if (--left > 0) on.alarms.move(again, undefined, on.in(100));
    },
  };
  on.alarms.move(again, undefined, on.in(100));
  await on.run(1_000);
  expect([left, on.clock.timers]).toEqual([0, 0]);
});

test("once stopped nobody is woken, and no timer is left", async () => {
  const on = stage();
  on.alarms.move(on.sleeper("one"), undefined, on.in(100));
  on.alarms.stop();
  await on.run(1_000);
  expect([on.woken, on.clock.timers]).toEqual([[], 0]);
});
