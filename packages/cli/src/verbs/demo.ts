import type { Command } from "commander";
import { demo, type DemoFlags } from "../commands/demo.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { durationMs, rate, traceOption } from "./options.ts";

const rateDefault = 40;

export function addDemo(program: Command, system: ConcealingSystem): void {
  program
    .command("demo")
    .description("See it work: a mock Genesys Cloud and the live line out of it. Needs no account.")
    .option(
      "--for <duration>",
      "how long, as in 500ms, 20s, 2m (default: until Ctrl-C)",
      durationMs,
    )
    .option("--rate <events/s>", "how lively the mock is", rate, rateDefault)
    .option("--json", "print entries as JSON lines, and a summary as the last")
    .addOption(traceOption())
    .addHelpText("after", examples)
    .action(async (_, command: Command) => {
      const { for: forMs, ...flags } = command.optsWithGlobals<DemoFlags & { for?: number }>();
      await demo({ ...flags, ...(forMs === undefined ? {} : { forMs }) }, system);
    });
}

const examples = `
Examples:
  trunkline demo
  trunkline demo --for 30s --rate 50
  trunkline demo --for 10s --json | jq .topic

It ends with 0 only if every event that the mock sent has come, or lies in a gap.
`;
