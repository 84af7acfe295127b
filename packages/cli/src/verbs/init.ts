import type { Command } from "commander";
import type { InitFlags } from "../commands/init.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { refuseTrace, type StrayFlags } from "./options.ts";

export function addInit(program: Command, system: ConcealingSystem): void {
  program
    .command("init")
    .description(
      "Write a configuration to begin with: every option, with its default and a comment.",
    )
    .argument("[file]", "the file to write (default: trunkline.yaml)")
    .option("--force", "write over a file that is there")
    .addHelpText("after", examples)
    .action(async (file: string | undefined, _, command: Command) => {
      const flags = command.optsWithGlobals<InitFlags & StrayFlags>();
      refuseTrace(flags, "init connects to nothing");
      const { init } = await import("../commands/init.ts");
      await init(file, flags, system);
    });
}

const examples = `
Examples:
  trunkline init
  trunkline init /etc/trunkline.yaml
`;
