/**
 * Puts deliberate bugs into a copy of the sources, one at a time, and looks whether the tests that should
 * catch each do. `node scripts/mutants.ts [--list] [--only NAME]…`. Last line `N passed, N failed`.
 *
 * Caught is a mutant if a test, or a world, has failed under it that passes on the untouched copy. One
 * that does not even load is not caught but broken, and one whose text is gone is stale.
 */
import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { directMutants } from "../sim/mutants/direct.ts";
import { eventsMutants } from "../sim/mutants/events.ts";
import { gatewayMutants } from "../sim/mutants/gateway.ts";
import { standingMutants } from "../sim/mutants/standing.ts";
import { lineMutants } from "../sim/mutants/line.ts";
import type { Catcher, Mutant } from "../sim/mutants/mutant.ts";
import { relayMutants } from "../sim/mutants/relay.ts";
import { restMutants } from "../sim/mutants/rest.ts";
import { subscriberMutants } from "../sim/mutants/subscriber.ts";

const root = join(import.meta.dirname, "..");
const mutants: readonly Mutant[] = [
  ...lineMutants,
  ...restMutants,
  ...relayMutants,
  ...eventsMutants,
  ...directMutants,
  ...gatewayMutants,
  ...standingMutants,
  ...subscriberMutants,
];
const timeoutMs = 120_000;
/** Mutants that are tried at the same time, each in a copy of its own. */
const atOnce = Math.min(2, availableParallelism());

const { values } = parseArgs({
  options: {
    list: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
  },
});

/** What is to be cleared away, however this ends. */
const copies = new Set<string>();
const running = new Set<number>();
process.on("exit", () => {
  for (const pid of running) endGroup(pid);
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

/** The whole group: a catcher has processes of its own. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended by itself.
  }
}

/** What came of a catcher's command. */
type Run =
  | { readonly kind: "passed" }
  /** @property by the first test, or world, that failed */
  | { readonly kind: "failed"; readonly by: string }
  | { readonly kind: "hung" }
  /** It ended badly, and no test of it failed. */
  | { readonly kind: "broken"; readonly output: string };

/** A copy of all files of the repository, whose workspaces are its own. */
function makeCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), "trunkline-mutants-"));
  copies.add(copy);
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const path of listed.split("\n")) {
    if (path === "" || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    copyFileSync(join(root, path), join(copy, path));
  }
  mkdirSync(join(copy, "node_modules", "@trunkline"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    // What tools keep there of their own would be shared.
    if (name === "@trunkline" || (name.startsWith(".") && name !== ".bin")) continue;
    symlinkSync(join(root, "node_modules", name), join(copy, "node_modules", name));
  }
  for (const name of readdirSync(join(copy, "packages"))) {
    symlinkSync(join(copy, "packages", name), join(copy, "node_modules", "@trunkline", name));
    const own = join("packages", name, "node_modules");
    if (existsSync(join(root, own))) symlinkSync(join(root, own), join(copy, own));
  }
  return copy;
}

function commandOf(catcher: Catcher): readonly string[] {
  if ("worlds" in catcher) {
    const [from, to] = catcher.worlds;
    const seeds = ["--from", `${from}`, "--to", `${to}`, "--jobs", "1"];
    return ["--conditions=@trunkline/source", "scripts/sim.ts", ...seeds];
  }
  return [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project=unit",
    "--maxWorkers=1",
    "--bail=1",
    "--reporter=tap-flat",
    ...catcher.tests,
  ];
}

/** Runs a catcher in a copy until the first failure, and ends whatever it has started. */
function run(copy: string, catcher: Catcher): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, commandOf(catcher), {
      cwd: copy,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let output = "";
    let end: Run | undefined;
    const cutShort = (run: Run): void => {
      if (end !== undefined || pid === undefined) return;
      end = run;
      endGroup(pid);
    };
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const by = firstFailure(output, catcher);
        if (by !== undefined) cutShort({ kind: "failed", by });
      });
    const timer = setTimeout(() => cutShort({ kind: "hung" }), timeoutMs);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      const broken = { kind: "broken", output: `${output}ended with ${code ?? signal}` } as const;
      resolve(end ?? (code === 0 ? { kind: "passed" } : broken));
    });
  });
}

function firstFailure(output: string, catcher: Catcher): string | undefined {
  const found =
    "worlds" in catcher
      ? /^seed \d+ failed: .*\n/m.exec(output)?.[0]
      : // A file that does not load has no test in its line.
        /^not ok \d+ - \S+ > (.*?)(?: # time=.*)?\n/m.exec(output)?.[1];
  return found?.trim().slice(0, 150);
}

/** The file that a mutant changes, and how often it has the text that is to be replaced. */
function look(folder: string, { file, find }: Mutant): { text: string; occurs: number } {
  const path = join(folder, file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return { text, occurs: text.split(find).length - 1 };
}

interface Verdict {
  readonly word: "caught" | "SURVIVED" | "stale" | "broken" | "unfit";
  readonly detail: string;
}

/** Each distinct catcher, on the untouched copy. */
const untouched = new Map<string, Promise<Run>>();

async function judge(mutant: Mutant, copy: string): Promise<Verdict> {
  const { file, find, replace, caughtBy } = mutant;
  const path = join(copy, file);
  const { text, occurs } = look(copy, mutant);
  if (occurs !== 1) return { word: "stale", detail: `its text occurs ${occurs} times in ${file}` };
  const key = JSON.stringify(caughtBy);
  const sound = untouched.get(key) ?? run(copy, caughtBy);
  untouched.set(key, sound);
  const before = await sound;
  if (before.kind !== "passed")
    return {
      word: "unfit",
      detail: `its catcher does not pass on the untouched sources: ${told(before)}`,
    };
  writeFileSync(path, text.split(find).join(replace));
  try {
    const after = await run(copy, caughtBy);
    if (after.kind === "passed") return { word: "SURVIVED", detail: commandOf(caughtBy).join(" ") };
    return { word: after.kind === "broken" ? "broken" : "caught", detail: told(after) };
  } finally {
    writeFileSync(path, text);
  }
}

function told(run: Run): string {
  switch (run.kind) {
    case "passed":
      return "passed";
    case "failed":
      return run.by;
    case "hung":
      return `no end within ${timeoutMs / 1_000} s`;
    case "broken":
      return run.output.slice(-1_000);
    default:
      return run satisfies never;
  }
}

async function tryAll(chosen: readonly Mutant[]): Promise<void> {
  const startMs = performance.now();
  const waiting = [...chosen];
  let passed = 0;
  const lane = async (): Promise<void> => {
    const copy = makeCopy();
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const fromMs = performance.now();
      const { word, detail } = await judge(mutant, copy);
      if (word === "caught") passed++;
      const seconds = ((performance.now() - fromMs) / 1_000).toFixed(1);
      console.log(`${word.padEnd(8)}  ${mutant.room}: ${mutant.name} (${seconds} s): ${detail}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, chosen.length) }, lane));
  console.log(`${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
  console.log(`${passed} passed, ${chosen.length - passed} failed`);
  process.exitCode = passed === chosen.length ? 0 : 1;
}

/** What there is, and at once which of it is stale. */
function tellAll(told: readonly Mutant[]): void {
  for (const mutant of told) {
    const isStale = look(root, mutant).occurs !== 1;
    console.log(`${isStale ? "stale   " : ""}${mutant.room}: ${mutant.name} (${mutant.file})`);
    if (isStale) process.exitCode = 1;
  }
}

const { list, only } = values;
const unknown = only?.filter((name) => !mutants.some((mutant) => mutant.name === name)) ?? [];
if (unknown.length > 0) throw new RangeError(`no mutant is called ${unknown.join(", ")}`);
const chosen = only === undefined ? mutants : mutants.filter(({ name }) => only.includes(name));
if (list) tellAll(chosen);
else await tryAll(chosen);
