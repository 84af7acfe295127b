/**
 * `npm run sim -- --seed 7` replays one world and tells what happens in it;
 * `npm run sim -- --from 1 --to 500` runs many and tells the sums.
 */
import { parseArgs } from "node:util";
import { runLineWorld, type WorldReport } from "../sim/line-world.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    to: { type: "string", default: "100" },
  },
});

function seeds(): readonly number[] {
  const [from, to] =
    values.seed === undefined ? [values.from, values.to] : [values.seed, values.seed];
  const first = Number(from);
  const last = Number(to);
  if (!Number.isInteger(first) || !Number.isInteger(last) || last < first) {
    throw new RangeError(`seeds from ${from} to ${to}: two whole numbers, the smaller first`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const tell = values.seed === undefined ? undefined : console.log;
const startMs = performance.now();
const reports: WorldReport[] = [];
let failed = 0;
for (const seed of seeds()) {
  try {
    reports.push(await runLineWorld(seed, tell));
  } catch (error) {
    failed++;
    console.error(`seed ${seed} failed: ${error instanceof Error ? error.stack : String(error)}`);
    console.error(`  → npm run sim -- --seed ${seed}`);
  }
}
const seconds = (performance.now() - startMs) / 1_000;
const sum = (pick: (report: WorldReport) => number): number =>
  reports.reduce((total, report) => total + pick(report), 0);
console.log(
  JSON.stringify({
    worlds: reports.length,
    failed,
    virtualDays: Number((sum((report) => report.virtualMs) / 86_400_000).toFixed(1)),
    faults: sum((report) => report.faults),
    emitted: sum((report) => report.emitted),
    missing: sum((report) => report.missing),
    gaps: sum((report) => report.gaps),
    claims: sum((report) => report.claims),
    seconds: Number(seconds.toFixed(1)),
  }),
);
process.exitCode = failed === 0 ? 0 : 1;
