/** What can go wrong where the relay runs: its process, its clock, its disk, and where its sinks write. */
import type { Dice, SimClock } from "@trunkline/testkit";
import type { Books } from "./books.ts";
import type { Destination } from "./destinations.ts";
import type { Disk } from "./disk.ts";
import { aWhileMs } from "./faults.ts";
import type { WorldPlan } from "./plan.ts";
import type { Station } from "./station.ts";

export interface Host {
  readonly plan: WorldPlan;
  readonly clock: SimClock;
  readonly station: Station;
  readonly disk: Disk;
  readonly books: Books;
  readonly destinations: { readonly output: Destination; readonly webhook: Destination };
}

export interface HostFault {
  readonly name: string;
  /** Whether bounds of gaps can be compared to the millisecond afterwards. */
  readonly movesClock?: true;
  strike(host: Host, dice: Dice): void;
}

const second = 1_000;
/** A clock that was set back makes proofs of before worthless, until there are others. */
const provenAgainMs = 120 * second;
const steppedBackAtMs = new WeakMap<Station, number>();

function later(clock: SimClock, ms: number, act: () => void): void {
  clock.at(clock.monotonicMs() + ms, act);
}

export const hostFaults: readonly HostFault[] = [
  {
    name: "kill",
    strike: ({ station, clock }, dice) => {
      const steppedMs = steppedBackAtMs.get(station) ?? Number.NEGATIVE_INFINITY;
      if (clock.monotonicMs() - steppedMs < provenAgainMs) return;
      station.kill(aWhileMs(dice));
    },
  },
  {
    name: "restart",
    strike: ({ station }, dice) => station.restart(aWhileMs(dice)),
  },
  {
    name: "suspend",
    movesClock: true,
    strike: ({ station }, dice) =>
      station.suspend(dice.pick([1, 4]) * aWhileMs(dice), dice.chance(0.5)),
  },
  {
    name: "wall clock set",
    movesClock: true,
    strike: ({ station, clock, books, disk }, dice) => {
      // While it is down nobody could know by how much (SPEC of the relay, section 3, not known).
      if (station.relay === undefined || disk.isFull) return;
      const byMs = Math.round(dice.pick([-60, -2, -0.3, 0.3, 2, 60]) * second);
      if (byMs < 0) steppedBackAtMs.set(station, clock.monotonicMs());
      clock.stepWall(byMs);
      books.gaps.step(byMs);
    },
  },
  {
    name: "slow disk",
    strike: ({ disk, clock }, dice) => {
      disk.delayMs = dice.pick([50, 500, 5_000]);
      later(clock, aWhileMs(dice), () => {
        disk.delayMs = 0;
      });
    },
  },
  {
    name: "full disk",
    strike: ({ disk, clock }, dice) => {
      disk.isFull = true;
      later(clock, aWhileMs(dice), () => {
        disk.isFull = false;
      });
    },
  },
  {
    name: "stalled sink",
    strike: ({ destinations: { output, webhook }, clock }, dice) => {
      const sink = dice.pick([output, webhook]);
      sink.stall();
      later(clock, aWhileMs(dice), () => sink.release());
    },
  },
];
