import type { Command } from "commander";
import type { ScrubFlags } from "../commands/scrub.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { refuseTrace } from "./options.ts";

export function addScrub(program: Command, system: ConcealingSystem): void {
  program
    .command("scrub")
    .description(
      "Take people, numbers, addresses, ids and texts out of a captured stream: each becomes a fake, the same one wherever it stands.",
    )
    .argument(
      "<in>",
      "lines of JSON: frames, what tail or the relay wrote, or a ledger of the mock",
    )
    .argument("<out>", "where the scrubbed lines go")
    .option("--force", "replace the file if it is there")
    .addHelpText("after", help)
    .action(async (from: string, to: string, _, command: Command) => {
      const flags = command.optsWithGlobals<ScrubFlags & { trace?: boolean }>();
      refuseTrace(flags, "scrub connects to nothing");
      const { scrub } = await import("../commands/scrub.ts");
      await scrub(from, to, flags, system);
    });
}

const help = `
What stays: names of fields, values of enumerations, times, and numbers that count or measure.
Lines that are no JSON objects are left out, named, and make it end with 1.

Examples:
  trunkline tail --format json > captured.ndjson
  trunkline scrub captured.ndjson scrubbed.ndjson
  trunkline mock --replay scrubbed.ndjson --speed 10
`;
