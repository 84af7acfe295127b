import type { Command } from "commander";
import type { GapsFlags } from "../commands/gaps.ts";
import type { ConcealingSystem } from "../conceal.ts";
import {
  addRelayOptions,
  refuseForRelay,
  relayHelp,
  wholeNumber,
  type StrayFlags,
} from "./options.ts";

const limitMax = 1_000;
const limitDefault = 100;

export function addGaps(program: Command, system: ConcealingSystem): void {
  const command = program
    .command("gaps")
    .description("Show the intervals in which events may be missing, and why.")
    .option("--open", "only those that are not over")
    .option("--limit <number>", "at most so many", wholeNumber(limitMax, 1), limitDefault)
    .option("--json", "print them as lines of JSON");
  addRelayOptions(command)
    .addHelpText("after", relayHelp + examples)
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<GapsFlags & StrayFlags>();
      refuseForRelay(flags);
      const { gaps } = await import("../commands/gaps.ts");
      await gaps(flags, system);
    });
}

const examples = `
Examples:
  trunkline gaps
  trunkline gaps --open
  trunkline gaps --json | jq -r .cause
`;
