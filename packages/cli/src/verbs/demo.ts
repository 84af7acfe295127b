import type { Command } from "commander";
import type { DemoFlags } from "../commands/demo.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { durationMs, rate } from "./options.ts";

const rateDefault = 80;

export function addDemo(program: Command, system: ConcealingSystem): void {
  program
    .command("demo")
    .description(
      "See it work: a mock Genesys Cloud, a relay, a subscriber, and a cut. Needs no account.",
    )
    .option(
      "--for <duration>",
      "how long, as in 500ms, 20s, 2m (default: until Ctrl-C)",
      durationMs,
    )
    .option("--rate <events/s>", "how lively the mock is", rate, rateDefault)
    .option(
      "--json",
      "print where it runs as the first line, then entries, and the books as the last",
    )
    .addHelpText("after", examples)
    .action(async (_, command: Command) => {
      const { for: forMs, ...flags } = command.optsWithGlobals<DemoFlags & { for?: number }>();
      const { demo } = await import("../commands/demo.ts");
      await demo({ ...flags, ...(forMs === undefined ? {} : { forMs }) }, system);
    });
}

const examples = `
Examples:
  trunkline demo
  trunkline demo --for 30s --rate 50
  trunkline demo --for 20s --json | tail -n 1

It ends with 0 only if every event that the mock sent was delivered once, or lies in a gap.
`;
