/** Whatever the interleavings: every subscriber gets every matching entry after its start, once and in order. */
import { createDice, type Dice } from "@trunkline/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FanOutWorld, owedTo, SlowOutlet, type Listener } from "../../testing/fan-out-world.ts";

/** What a socket may hold here, in messages. */
const heldMax = 4;

function moveOf(world: FanOutWorld, dice: Dice): void {
  const { journal, listeners, clock } = world;
  const kind = dice.random();
  if (kind < 0.4) return journal.grow(dice.int(1, 12));
  if (kind < 0.7) {
    const after = dice.chance(0.4) ? undefined : dice.int(0, journal.head);
    // Some share a socket.
    const shared = listeners.length > 0 && dice.chance(0.3) ? dice.pick(listeners) : undefined;
    const outlet = shared?.outlet ?? new SlowOutlet(clock, heldMax, dice.int(1, 12));
    world.join(dice.int(1, 3), after, outlet);
    return;
  }
  if (kind < 0.85 && listeners.length > 0) return world.leave(dice.pick(listeners));
  journal.failures = dice.int(0, 3);
}

/** Those who say to have had more than they were sent. */
function boasters({ listeners }: FanOutWorld): readonly unknown[] {
  return listeners.flatMap((listener) => {
    const { had, leftAfter, subscriber } = listener;
    const owed = owedTo(listener, subscriber.position).at(-1) ?? 0;
    return leftAfter !== undefined || (had.at(-1) ?? 0) >= owed ? [] : [{ had, owed }];
  });
}

/** What is wrong with what a listener has had; undefined where nothing is. */
function wrongWith(listener: Listener, head: number): unknown {
  const { had, leftAfter, outlet } = listener;
  const owed = owedTo(listener, head);
  const due = leftAfter === undefined ? owed : owed.slice(0, leftAfter);
  if (had.join() !== due.join()) return { had, due };
  return outlet.waitingMost > heldMax + 1 ? { waitingMost: outlet.waitingMost } : undefined;
}

test("with readers slow and fast, on sockets of their own or shared, that come, lag and leave, over a disk that fails", async () => {
  const seeds = fc.integer({ min: 0, max: 1_000_000 });
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const dice = createDice(seed, "fan-out");
      const [groupFollowersMax, workOfTurn] = [dice.int(1, 4), dice.int(1, 60)];
      const world = new FanOutWorld(dice, { groupFollowersMax, workOfTurn });
      for (let move = 0; move < 40; move++) {
        moveOf(world, dice);
        if (dice.chance(0.8)) await world.run(dice.int(0, 40));
        expect(boasters(world)).toEqual([]);
      }
      world.journal.failures = 0;
      const { head } = world.journal;
      const isBehind = (): boolean =>
        world.listeners.some(
          ({ leftAfter, subscriber }) => leftAfter === undefined && subscriber.position < head,
        );
      for (let turn = 0; turn < 100 && isBehind(); turn++) await world.run(200);
      await world.run(200);
      const wrong = world.listeners.map((each) => wrongWith(each, head));
      expect(wrong.filter((each) => each !== undefined)).toEqual([]);
      const staying = world.listeners.filter(({ leftAfter }) => leftAfter === undefined);
      expect(staying.map(({ subscriber }) => subscriber.position)).toEqual(staying.map(() => head));
      expect(staying.every(({ caughtUp }) => caughtUp.length === 1)).toBe(true);
      expect(world.hub.followers).toBe(staying.length);
    }),
  );
});

function worldOf(): FanOutWorld {
  return new FanOutWorld(createDice(1));
}

function quick(world: FanOutWorld): SlowOutlet {
  return new SlowOutlet(world.clock, 1_000_000, 1);
}

describe("a hub", () => {
  test("reads each entry once for all who follow", async () => {
    const world = worldOf();
    let reads = 0;
    const read = world.journal.read.bind(world.journal);
    world.journal.read = (query) => {
      reads++;
      return read(query);
    };
    for (let n = 0; n < 50; n++) world.join(1, undefined, quick(world));
    await world.run(100);
    reads = 0;
    world.journal.grow(1);
    await world.run(100);
    expect(reads).toBe(1);
    expect(world.listeners.map(({ had }) => had)).toEqual(world.listeners.map(() => [1]));
  });

  test("makes a message once for all who subscribe alike", async () => {
    const world = worldOf();
    world.journal.grow(3);
    for (let n = 0; n < 10; n++) world.join(1, undefined, quick(world));
    await world.run(100);
    let made = 0;
    for (const { subscriber } of world.listeners) {
      const { feed } = subscriber;
      const make = feed.messageOf.bind(feed);
      feed.messageOf = (entry) => {
        made++;
        return make(entry);
      };
    }
    world.journal.grow(5);
    await world.run(1_000);
    expect(made).toBe(5);
    expect(world.listeners.map(({ had }) => had)).toEqual(
      world.listeners.map(() => [4, 5, 6, 7, 8]),
    );
  });

  test("lets the loop go between groups; those that come later are given what was committed meanwhile", async () => {
    // One message for a group is a look, two that are handed over, and two writes: 23. So two groups are served at once.
    const world = new FanOutWorld(createDice(1), { groupFollowersMax: 2, workOfTurn: 24 });
    const followers = Array.from({ length: 8 }, () => world.join(1, undefined, quick(world)));
    await world.run(100);
    const had = (): readonly string[] => followers.map((each) => each.had.join());
    world.journal.grow(1);
    while (!had().includes("1")) await world.run(1);
    expect(had()).toEqual(["1", "1", "1", "1", "", "", "", ""]);
    expect(world.turns).toBe(1);
    world.journal.grow(1);
    while (had()[4] === "") await world.run(1);
    expect(had()).toEqual(["1", "1", "1", "1", "1,2", "1,2", "", ""]);
    await world.run(100);
    expect(had()).toEqual(had().map(() => "1,2"));
  });

  test("rests when nobody follows, and loses nothing when somebody does again", async () => {
    const world = worldOf();
    const first = world.join(1, undefined, quick(world));
    await world.run(10);
    world.leave(first);
    world.journal.grow(7);
    await world.run(1_000);
    expect(world.hub.followers).toBe(0);
    const second = world.join(1, 3, quick(world));
    await world.run(1_000);
    world.journal.grow(2);
    await world.run(1_000);
    expect(first.had).toEqual([]);
    expect(second.had).toEqual([4, 5, 6, 7, 8, 9]);
  });

  test("that was stopped brings nothing more", async () => {
    const world = worldOf();
    const { had } = world.join(1, undefined, quick(world));
    await world.run(10);
    world.hub.stop();
    world.journal.grow(2);
    await world.run(1_000);
    expect(had).toEqual([]);
  });
});
