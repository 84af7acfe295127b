/** Runs the worlds whose seeds come, one after the other, and tells what became of each. */
import type { WorldResult } from "./fleet.ts";
import { runRelayWorld } from "./relay-world.ts";

process.on("message", (seed: number) => {
  void run(seed).then((result) => process.send?.(result));
});

async function run(seed: number): Promise<WorldResult> {
  try {
    const report = await runRelayWorld(seed);
    return { kind: "done", report, peakBytes: process.resourceUsage().maxRSS * 1_024 };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: "failed", seed, message };
  }
}
