/** Runs commands one after another, a line each, and closes with `N passed, N failed`. */
import { spawnSync } from "node:child_process";

/** A command that passes when it exits with 0. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** Output of a check that passes is not shown; nobody needs it. */
export function runChecks(checks: readonly Check[]): void {
  let failed = 0;
  for (const { name, command, env } of checks) {
    const [program, ...args] = command;
    const startMs = performance.now();
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      encoding: "utf8",
      env: { ...process.env, ...env },
      maxBuffer: 64 * 1024 * 1024,
    });
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    if (status === 0) {
      console.log(`ok      ${name} (${seconds} s)`);
      continue;
    }
    failed++;
    console.log(`FAILED  ${name} (${seconds} s): ${error?.message ?? `exit ${status}`}`);
    console.log(tail(stdout), tail(stderr));
  }
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

const shownMax = 8_000;

function tail(text: string): string {
  return text.length <= shownMax ? text : `…${text.slice(-shownMax)}`;
}
