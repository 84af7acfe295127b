/**
 * Runs every example whose language is here, by WebSocket and by Server-Sent Events, against a relay that is cut off
 * and restarted under it, and compares what it printed with the journal. `npm run test:examples -- go` runs those in Go.
 * A line an example and, last, `N passed, N failed, N skipped`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exampleList, run, wayOptions, type Example, type Way } from "./examples-list.ts";
import { createStage, positionOf, tokenLifeMs, type Stage } from "./examples-stage.ts";

/** What all of them subscribe to. */
const types = ["conversation:updated", "user:presence"];

/** After so many events the road is cut, and after so many the relay restarted. */
const cutAfter = 20;
const restartAfter = 60;
const count = 300;

const allWays = Object.keys(wayOptions) as Way[];

const runMs = 60_000;
const buildMs = 180_000;

interface Ran {
  readonly lines: readonly string[];
  readonly errors: string;
  readonly exit: number | string;
  /** From the restart of the relay to the end of the program. */
  readonly lastPartMs: number;
}

/** Starts an example, and troubles it. */
async function play(
  example: Example,
  folder: string,
  options: readonly string[],
  stage: Stage,
): Promise<Ran> {
  const [program, ...args] = example.starts(folder);
  const child = spawn(program, [...args, ...options, `${count}`], {
    env: { ...process.env, ...stage.env, ...example.env?.(folder) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = (): unknown => child.kill("SIGKILL");
  process.once("exit", end);
  const late = setTimeout(end, runMs);
  let out = "";
  let errors = "";
  let restartedAtMs = performance.now();
  let restarting: Promise<void> | undefined;
  let isCut = false;
  const written = (): number => out.split("\n").length - 1;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    if (!isCut && written() >= cutAfter) {
      isCut = true;
      stage.cut();
    }
    if (restarting === undefined && written() >= restartAfter)
      restarting = stage.restart().then(() => {
        restartedAtMs = performance.now();
      });
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(late);
  process.off("exit", end);
  await restarting;
  return {
    lines: out.split("\n").slice(0, -1),
    errors,
    exit: code ?? signal ?? "unknown",
    lastPartMs: performance.now() - restartedAtMs,
  };
}

/** Everything that is wrong with a run. */
async function faultsOf(ran: Ran, stage: Stage): Promise<readonly string[]> {
  const { lines, errors, exit, lastPartMs } = ran;
  const faults: string[] = [];
  const must = (holds: boolean, otherwise: string): void => {
    if (!holds) faults.push(otherwise);
  };
  must(exit === 0, `it ended with ${exit}`);
  must(lines.length === count, `it printed ${lines.length} events, not ${count}`);
  const pattern = /^\S+-\d+ (?:conversation:updated|user:presence) [\da-f-]{36} \S+Z$/u;
  const odd = lines.find((line) => !pattern.test(line));
  must(odd === undefined, `it printed the line ${odd}`);
  const cursors = lines.map((line) => line.split(" ")[0] ?? "");
  const first = cursors[0];
  const last = cursors.at(-1);
  if (first === undefined || last === undefined) return faults;
  const stored = await stage.cursors(first, last, types);
  const isGrowing = cursors.every(
    (cursor, at) => at === 0 || positionOf(cursor) > positionOf(cursors[at - 1] ?? ""),
  );
  must(isGrowing, "its cursors do not grow from line to line");
  const printed = new Set(cursors);
  const missing = stored.filter((cursor) => !printed.has(cursor));
  must(missing.length === 0, `${missing.length} events are missing: ${missing.slice(0, 5).join()}`);
  const known = new Set(stored);
  const strange = cursors.filter((cursor) => !known.has(cursor));
  must(strange.length === 0, `${strange.length} events are not in the journal: ${strange[0]}`);
  must(/^gap /mu.test(errors), "it said nothing of the gap");
  must(/^closing |^waiting: SHUTTING_DOWN/mu.test(errors), "it said nothing of the relay's end");
  // A token that is not renewed in time costs a socket, and the relay counts that.
  must(lastPartMs > 1.5 * tokenLifeMs, "it ended before its token had to be renewed");
  const refusals = await stage.metrics();
  must(refusals.includes("trunkline_gateway_refusals_total"), "the relay counts no refusals");
  must(
    !/refusals_total\{place="socket",code="TOKEN_EXPIRED"\}/u.test(refusals),
    "it let the token of its socket expire",
  );
  if (faults.length > 0) faults.push(`what it said:\n${errors}`);
  return faults;
}

/** What of an example's tools is not here. */
async function missingTool({ needs }: Example): Promise<string | undefined> {
  for (const need of needs) {
    try {
      await run(need, runMs);
    } catch {
      return need[0];
    }
  }
  return undefined;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((each) => !exampleList.some(({ name }) => name === each));
if (unknown.length > 0) {
  const known = exampleList.map(({ name }) => name).join(", ");
  console.error(`There is no example ${unknown.join(", ")}. Known: ${known}.`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "trunkline-builds-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const tally = { passed: 0, failed: 0, skipped: 0 };

async function attempt(name: string, act: () => Promise<readonly string[]>): Promise<void> {
  const startMs = performance.now();
  const faults = await act().catch((error: unknown) => [String(error)]);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  if (faults.length === 0) tally.passed++;
  else tally.failed++;
  console.log(`${faults.length === 0 ? "ok     " : "FAILED "} ${name} (${seconds} s)`);
  for (const fault of faults) console.log(`        ${fault}`);
}

{
  await using stage = await createStage();
  for (const example of exampleList.filter(
    ({ name }) => wanted.length === 0 || wanted.includes(name),
  )) {
    const missing = await missingTool(example);
    if (missing !== undefined) {
      tally.skipped++;
      console.log(`skipped (no ${missing} here)  ${example.name}`);
      continue;
    }
    const place = mkdtempSync(join(folder, `${example.name}-`));
    try {
      for (const build of example.builds(place)) await run(build, buildMs);
    } catch (error) {
      await attempt(`${example.name} could not be built`, () => Promise.reject(error));
      continue;
    }
    for (const way of example.ways ?? allWays)
      await attempt(`${example.name} by ${way}`, async () =>
        faultsOf(await play(example, place, wayOptions[way], stage), stage),
      );
  }
}
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = tally.failed === 0 ? 0 : 1;
