/** The program: what `bin/trunkline-mock.js` starts. */
import { run } from "./command/run.ts";
import { openProcess } from "./platform/process.ts";

/** Runs the command line of this process, and lets the process end with the right code. */
export async function main(): Promise<void> {
  const host = openProcess();
  host.finish(await run(host.argv, host.system, host.version));
}
