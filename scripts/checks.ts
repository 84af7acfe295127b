/** Runs commands, a line each, and closes with `N passed, N failed`. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A command that passes when it exits with 0. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Batch {
  readonly checks: readonly Check[];
  /** So many run at the same time; what uses more than one core runs alone. */
  readonly atOnce: number;
}

const outputBytesMax = 64 * 1024 * 1024;
const executed = promisify(execFile);

/** One batch after another. Output of a check that passes is not shown; nobody needs it. */
export async function runChecks(batches: readonly Batch[]): Promise<void> {
  let passed = 0;
  let failed = 0;
  for (const { checks, atOnce } of batches) {
    const waiting = [...checks];
    const lane = async (): Promise<void> => {
      for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
        if (await passes(check)) passed++;
        else failed++;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function passes({ name, command, env }: Check): Promise<boolean> {
  const [program, ...args] = command;
  const startMs = performance.now();
  const seconds = (): string => ((performance.now() - startMs) / 1_000).toFixed(1);
  try {
    await executed(program, args, { env: { ...process.env, ...env }, maxBuffer: outputBytesMax });
    console.log(`ok      ${name} (${seconds()} s)`);
    return true;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    console.log(`FAILED  ${name} (${seconds()} s): ${message.split("\n")[0]}`);
    console.log(tail(stdout), tail(stderr));
    return false;
  }
}

const shownMax = 8_000;

function tail(text: string): string {
  return text.length <= shownMax ? text : `…${text.slice(-shownMax)}`;
}
