import type { Command } from "commander";
import type { ValidateFlags } from "../commands/validate.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { refuseTrace, type StrayFlags } from "./options.ts";

export function addValidate(program: Command, system: ConcealingSystem): void {
  program
    .command("validate")
    .description(
      "Check a subscription, or another message to the Event API, without sending it: everything that is wrong, with its place and remedy.",
    )
    .argument("<file>", "JSON as it would be sent; - is stdin")
    .option("--json", "print what was found as one line of JSON")
    .addHelpText("after", help)
    .action(async (file: string, _, command: Command) => {
      const flags = command.optsWithGlobals<ValidateFlags & StrayFlags>();
      refuseTrace(flags, "validate connects to nothing");
      const { validate } = await import("../commands/validate.ts");
      await validate(file, flags, system);
    });
}

const help = `
It ends with 0 if the message is right, and with 1 if there is anything to mend. Whether ids exist, and
whether this client may read them, only a relay knows.

Examples:
  trunkline validate subscription.json
  echo '{"eventTypes":["user:presence"],"filters":{"divisions":["self"]}}' | trunkline validate -
  trunkline validate subscription.json --json | jq -r '.complaints[].pointer'
`;
