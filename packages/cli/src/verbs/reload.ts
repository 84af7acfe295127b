import type { Command } from "commander";
import type { ReloadFlags } from "../commands/reload.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { addRelayOptions, refuseForRelay, relayHelp, type StrayFlags } from "./options.ts";

export function addReload(program: Command, system: ConcealingSystem): void {
  const command = program
    .command("reload")
    .description("Have a running relay read its configuration again; a bad one is refused.")
    .option("--json", "print what has changed as a line of JSON");
  addRelayOptions(command)
    .addHelpText("after", relayHelp + examples)
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<ReloadFlags & StrayFlags>();
      refuseForRelay(flags);
      const { reload } = await import("../commands/reload.ts");
      await reload(flags, system);
    });
}

const examples = `
Topics, sinks, clients and the log level change at once; what needs a restart is named.
SIGHUP does the same: kill -HUP <process id of the relay>

Examples:
  trunkline reload
  trunkline reload --url http://127.0.0.1:9000
`;
