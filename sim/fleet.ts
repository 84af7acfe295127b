/** Many worlds, on all cores: each process takes the next seed when it is done with one. */
import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import type { WorldReport } from "./relay-world.ts";

const dayMs = 86_400_000;

export interface FleetOrder {
  readonly first: number;
  /** The last seed; undefined where `days` decides. */
  readonly last: number | undefined;
  /** Until so many virtual days are over. */
  readonly days: number | undefined;
  /** Processes. @default one a core */
  readonly jobs: number | undefined;
  /** Hears of failures. */
  readonly tell: (text: string) => void;
}

/** What a process tells of one world. */
export type WorldResult =
  | { readonly kind: "done"; readonly report: WorldReport; readonly peakBytes: number }
  | { readonly kind: "failed"; readonly seed: number; readonly message: string };

const summed = [
  "faults",
  "kills",
  "restarts",
  "emitted",
  "stored",
  "delivered",
  "missing",
  "gaps",
  "doubles",
  "marked",
  "claims",
] as const;

export type FleetSums = Record<(typeof summed)[number], number> & {
  worlds: number;
  failed: number;
  /** The first and the last seed. */
  seeds: readonly [number, number];
  virtualDays: number;
  seconds: number;
  /** Virtual seconds in a real one, all processes together. */
  pace: number;
  /** Of the process that took most. */
  peakMiB: number;
};

export async function runOnAllCores(order: FleetOrder): Promise<FleetSums> {
  const { first, last = Number.POSITIVE_INFINITY, days = Number.POSITIVE_INFINITY } = order;
  const startMs = performance.now();
  const sums = Object.fromEntries(summed.map((name) => [name, 0])) as Record<
    (typeof summed)[number],
    number
  >;
  let [worlds, failed, virtualMs, peakBytes, next] = [0, 0, 0, 0, first];
  const take = (result: WorldResult): void => {
    if (result.kind === "failed") {
      failed++;
      order.tell(`seed ${result.seed} failed: ${result.message}`);
      order.tell(`  → npm run sim -- --seed ${result.seed}`);
      return;
    }
    worlds++;
    virtualMs += result.report.virtualMs;
    peakBytes = Math.max(peakBytes, result.peakBytes);
    for (const name of summed) sums[name] += result.report[name];
  };
  const hasMore = (): boolean => next <= last && virtualMs < days * dayMs;
  const jobs = order.jobs ?? availableParallelism();
  await Promise.all(
    Array.from({ length: jobs }, () => runOne(() => (hasMore() ? next++ : undefined), take)),
  );
  const seconds = (performance.now() - startMs) / 1_000;
  return {
    worlds,
    failed,
    seeds: [first, next - 1],
    virtualDays: rounded(virtualMs / dayMs),
    ...sums,
    seconds: rounded(seconds),
    pace: Math.round(virtualMs / 1_000 / seconds),
    peakMiB: Math.round(peakBytes / 1_048_576),
  };
}

/** One process, until there is no more to do. */
function runOne(
  nextSeed: () => number | undefined,
  take: (result: WorldResult) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seed: number | undefined;
  const child: ChildProcess = fork(new URL("./fleet-worker.ts", import.meta.url), {
    execArgv: ["--conditions=@trunkline/source"],
  });
  const feed = (): void => {
    seed = nextSeed();
    if (seed === undefined) child.disconnect();
    else child.send(seed);
  };
  child.on("message", (result: WorldResult) => {
    take(result);
    feed();
  });
  child.on("exit", (code) => {
    if (seed === undefined) resolve();
    else reject(new Error(`the process that ran seed ${seed} ended with ${code}`));
  });
  child.on("error", reject);
  feed();
  return promise;
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
