import { createDice } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { FanOutWorld, SlowOutlet } from "../../testing/fan-out-world.ts";

const world = (): FanOutWorld => new FanOutWorld(createDice(1));
/** Nobody takes anything. */
const stuck = (at: FanOutWorld, max: number): SlowOutlet => new SlowOutlet(at.clock, max, 0);

test("what lies in the journal comes first, then what is new; that it has caught up is told once", async () => {
  const at = world();
  at.journal.grow(30);
  const { had, caughtUp, subscriber } = at.join(1, 10, new SlowOutlet(at.clock, 100, 1));
  await at.run(1_000);
  expect(caughtUp).toEqual([30]);
  at.journal.grow(2);
  await at.run(1_000);
  expect(had).toEqual(Array.from({ length: 22 }, (_, index) => 11 + index));
  expect(caughtUp).toEqual([30]);
  expect(subscriber.position).toBe(32);
});

test("of a reader that takes nothing, no more waits than may and one message", async () => {
  const at = world();
  at.journal.grow(50);
  const outlet = stuck(at, 5);
  const { had, subscriber } = at.join(1, 0, outlet);
  await at.run(10_000);
  expect(had).toHaveLength(6);
  expect(subscriber.position).toBe(6);
});

test("one that falls behind is told so, leaves, and gets the rest when it takes again", async () => {
  const at = world();
  const outlet = stuck(at, 5);
  const { had, lagged, caughtUp } = at.join(1, undefined, outlet);
  await at.run(100);
  expect(at.hub.followers).toBe(1);
  at.journal.grow(20);
  await at.run(1_000);
  expect([had.length, lagged, at.hub.followers]).toEqual([6, [6], 0]);
  for (let take = 0; take < 10; take++) {
    outlet.waiting = 0;
    await at.run(1_000);
  }
  expect(had).toEqual(Array.from({ length: 20 }, (_, index) => 1 + index));
  expect([lagged, caughtUp, at.hub.followers]).toEqual([[6], [0], 1]);
});

test("many on one socket share what may wait there", async () => {
  const at = world();
  const outlet = stuck(at, 5);
  const all = Array.from({ length: 20 }, () => at.join(1, undefined, outlet));
  await at.run(100);
  at.journal.grow(1);
  await at.run(100);
  expect(outlet.waiting).toBe(6);
  expect(all.every(({ lagged }) => lagged.length <= 1)).toBe(true);
  for (let take = 0; take < 20; take++) {
    outlet.waiting = 0;
    await at.run(100);
  }
  expect(all.map(({ had }) => had)).toEqual(all.map(() => [1]));
  expect(outlet.waitingMost).toBe(6);
});

test("one that stops in the middle of a page gets nothing more", async () => {
  const at = world();
  at.journal.grow(50);
  const outlet = stuck(at, 2);
  const listener = at.join(1, 0, outlet);
  await at.run(100);
  at.leave(listener);
  outlet.waiting = 0;
  at.journal.grow(5);
  await at.run(10_000);
  expect(listener.had).toEqual([1, 2, 3]);
  expect(at.hub.followers).toBe(0);
});

test("a journal that cannot be read is asked again", async () => {
  const at = world();
  at.journal.grow(5);
  at.journal.failures = 3;
  const { had } = at.join(1, 0, new SlowOutlet(at.clock, 100, 1));
  await at.run(5_000);
  expect(had).toEqual([1, 2, 3, 4, 5]);
});
