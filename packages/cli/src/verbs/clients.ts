import type { Command } from "commander";
import type * as Clients from "../commands/clients.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { collect, refuseTrace, secretOption, type StrayFlags } from "./options.ts";

export function addClients(program: Command, system: ConcealingSystem): void {
  const group = program
    .command("clients")
    .description("Say which programs may have tokens of the relay's Event API, and what for.")
    .argument("[verb]", "one of those below")
    .helpCommand(false)
    .allowExcessArguments()
    .addHelpText("after", examples)
    .action((verb: string | undefined) => {
      throw wrongVerb(verb, group);
    });

  withFile(
    group
      .command("add")
      .description("make a client and its secret, which is shown this once")
      .argument("<name>", "its client id: of the characters A-Z, a-z, 0-9, -, _ and .")
      .option(
        "--scope <scope>",
        "what it may do; may be repeated (default: analytics:events:read)",
        collect,
      )
      .option(
        "--event-type <type>",
        "the only one that it may read; may be repeated (default: all)",
        collect,
      )
      .addOption(secretOption("secret")),
  )
    .addHelpText("after", addExamples)
    .action(async (name: string, _, command: Command) => {
      const flags = command.optsWithGlobals<Clients.AddFlags & ClientStrayFlags>();
      refuse(flags);
      const { addClient } = await import("../commands/clients.ts");
      await addClient(name, flags, system);
    });
  withFile(group.command("list").description("show all clients and what they may"))
    .addHelpText(
      "after",
      "\nExamples:\n  trunkline clients list\n  trunkline clients list --json\n",
    )
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<Clients.ClientFlags & StrayFlags>();
      refuse(flags);
      const { listClients } = await import("../commands/clients.ts");
      await listClients(flags, system);
    });
  withFile(
    group
      .command("remove")
      .description(
        "take a client out; once the relay has read its configuration again, its tokens end",
      )
      .argument("<id>", "its client id"),
  )
    .addHelpText("after", "\nExamples:\n  trunkline clients remove wallboard && trunkline reload\n")
    .action(async (id: string, _, command: Command) => {
      const flags = command.optsWithGlobals<Clients.ClientFlags & StrayFlags>();
      refuse(flags);
      const { removeClient } = await import("../commands/clients.ts");
      await removeClient(id, flags, system);
    });
}

function withFile(command: Command): Command {
  return command
    .allowExcessArguments(false)
    .option("-c, --config <file>", "the configuration of the relay (default: trunkline.yaml)")
    .option("--json", "print the answer as JSON");
}

interface ClientStrayFlags extends StrayFlags {
  readonly secret?: unknown;
}

function refuse(flags: ClientStrayFlags): void {
  refuseTrace(flags, "This changes a file, and connects to nothing");
  if (flags.secret === undefined) return;
  throw new CliError("SECRET_ON_COMMAND_LINE", "A secret is not taken from the command line.", {
    help: "Every user of the machine can read it there (ps). Leave the option out: a secret is made, and shown once.",
  });
}

function wrongVerb(verb: string | undefined, group: Command): CliError {
  const names = group.commands.map((command) => command.name());
  const what = verb === undefined ? "clients needs a verb." : `clients has no verb '${verb}'.`;
  return new CliError("USAGE", what, {
    help: `It has ${names.join(", ")}. trunkline clients --help says more.`,
  });
}

const examples = `
They stand in the relay's configuration, under gateway.clients, with a hash of their secret.

Examples:
  trunkline clients add wallboard
  trunkline clients add flow --scope view:notification --scope view:conversation
  trunkline clients list
  trunkline clients remove wallboard
  trunkline reload                    have a running relay take it over
`;

const addExamples = `
Examples:
  trunkline clients add wallboard
  trunkline clients add wallboard --event-type conversation:updated --event-type user:presence
  trunkline clients add flow --scope view:notification --scope view:conversation -c relay.yaml
`;
