/**
 * A month in one world: two sessions a line, rotations, a few faults a day. What it takes must not grow:
 * memory, timers, and rows of the database.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { runRelayWorld } from "./relay-world.ts";

const hour = 3_600_000;
const days = 30;
/** Everything that is kept for a while is there by then. */
const settledDay = 4;
const growthMax = 1.25;

/** @returns whether it stayed flat, and nothing was broken */
export async function runMonth(seed: number, tell: (line: string) => void): Promise<boolean> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heaps: number[] = [];
  const timersOf: number[] = [];
  const report = await runRelayWorld(seed, {
    shape: (drawn) => ({
      ...drawn,
      isDense: false,
      stormMs: days * 24 * hour,
      eventEveryMs: 60_000,
      faultEveryMs: 3 * hour,
      redundancy: 2,
      changesTopics: true,
      checksCoverage: false,
      retention: { maxAgeMs: 6 * hour, bytesMax: 1e12 },
      // The model's own memory: as much as a few hours bring.
      cloud: {
        ...drawn.cloud,
        settings: { ...drawn.cloud.settings, ledgerEntriesMax: 1_000, historyMax: 5_000 },
      },
      policy: { ...drawn.policy, topicsPerLineMax: 20, pingEveryMs: 60_000 },
    }),
    eachHour: (hours, timers) => {
      if (hours % 24 !== 0) return;
      collect();
      const { heapUsed, rss } = process.memoryUsage();
      const handles = process.getActiveResourcesInfo().length;
      heaps.push(heapUsed);
      timersOf.push(timers);
      const day = hours / 24;
      tell(JSON.stringify({ day, heapMiB: mebi(heapUsed), rssMiB: mebi(rss), handles, timers }));
    },
  });
  tell(JSON.stringify(report));
  return isFlat(heaps) && isFlat(timersOf);
}

/** The last week against the first one that is settled: single days have their outages. */
function isFlat(values: readonly number[]): boolean {
  return mean(values.slice(-7)) <= growthMax * mean(values.slice(settledDay, settledDay + 7));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function mebi(bytes: number): number {
  return Number((bytes / 1_048_576).toFixed(1));
}
