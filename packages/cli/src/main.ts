/** The program: what `bin/trunkline.js` starts. */
import { openProcess } from "./platform/process.ts";
import { run } from "./run.ts";

/** Runs the command line of this process, and lets the process end with the right code. */
export async function main(): Promise<void> {
  const host = openProcess();
  await host.finish(await run(host.argv, host.system));
}
