/** @trunkline/cli: the `trunkline` command. What it does can also be run inside another program. */
export { run } from "./run.ts";
export { exitCodes } from "./errors.ts";
export type { Output, StopReason, System } from "./system.ts";
