/**
 * `npm run sim -- --seed 7` replays one world and tells what happens in it;
 * `npm run sim -- --from 1 --to 500` runs many and tells the sums;
 * `npm run sim -- --days 2000` runs worlds on all cores until so many virtual days are over, from seed
 * 10001 on, where the sparse ones last for weeks, or from `--seed`;
 * `npm run sim -- --month` runs one world for 30 virtual days, and tells what it takes at the end of each.
 */
import { parseArgs } from "node:util";
import { runOnAllCores } from "../sim/fleet.ts";
import { longSeedsFrom } from "../sim/plan.ts";
import { runMonth } from "../sim/month.ts";
import { runRelayWorld } from "../sim/relay-world.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    days: { type: "string" },
    jobs: { type: "string" },
    month: { type: "boolean", default: false },
  },
});

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`--${name} is ${text}: a whole number, 1 or more`);
}

async function replay(seed: number): Promise<boolean> {
  try {
    console.log(JSON.stringify(await runRelayWorld(seed, { tell: console.log })));
    return true;
  } catch (error) {
    console.error(`seed ${seed} failed: ${error instanceof Error ? error.stack : String(error)}`);
    return false;
  }
}

async function runMany(): Promise<boolean> {
  const { to, days, jobs } = values;
  const { seed = days === undefined ? "1" : `${longSeedsFrom}`, from = seed } = values;
  const first = whole("from", from);
  const sums = await runOnAllCores({
    first,
    last: to === undefined ? (days === undefined ? 100 : undefined) : whole("to", to),
    days: days === undefined ? undefined : whole("days", days),
    jobs: jobs === undefined ? undefined : whole("jobs", jobs),
    tell: console.error,
  });
  console.log(JSON.stringify(sums));
  return sums.failed === 0;
}

const { seed, from, to, days } = values;
const isReplay = seed !== undefined && from === undefined && to === undefined && days === undefined;
const isGood = values.month
  ? await runMonth(whole("seed", seed ?? "1"), console.log)
  : isReplay
    ? await replay(whole("seed", seed))
    : await runMany();
process.exitCode = isGood ? 0 : 1;
