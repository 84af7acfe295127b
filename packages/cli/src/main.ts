/** The program: what `bin/trunkline.js` starts. */
import { CliError } from "./errors.ts";
import { openProcess } from "./platform/process.ts";
import { run } from "./run.ts";

const nodeMajorMin = 24;

/** Runs the command line of this process, and lets the process end with the right code. */
export async function main(): Promise<void> {
  const host = openProcess();
  checkRuntime(host.nodeVersion);
  await host.finish(await run(host.argv, host.system));
}

/** npm only warns of a Node that is too old, and what breaks then looks like a bug. */
function checkRuntime(nodeVersion: string): void {
  if (Number.parseInt(nodeVersion, 10) >= nodeMajorMin) return;
  throw new CliError(
    "NODE_TOO_OLD",
    `This is Node.js ${nodeVersion}; Trunkline needs ${nodeMajorMin} or later.`,
  );
}
