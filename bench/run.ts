/** `npm run bench -- line`, `npm run bench -- relay 10`: runs one benchmark and prints its figures as JSON; exits 1 where a bar is missed. */
import { gateway } from "./gateway.ts";
import { line } from "./line.ts";
import { mock } from "./mock-load.ts";
import { recovery } from "./recovery.ts";
import { relay } from "./relay.ts";

type Bench = (args: readonly string[]) => Promise<Verdict>;
const benches: Readonly<Record<string, Bench>> = { gateway, line, mock, recovery, relay };

/** What a benchmark found, and whether it is good enough. */
export interface Verdict {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly missed: readonly string[];
}

const [name = "", ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`There is no benchmark "${name}". Known: ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
const { figures, missed } = await bench(args);
console.log(JSON.stringify(figures, undefined, 2));
for (const bar of missed) console.error(`missed: ${bar}`);
process.exit(missed.length === 0 ? 0 : 1);
