import { InvalidArgumentError, type Command } from "commander";
import type * as Sinks from "../commands/sinks.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { addRelayOptions, refuseForRelay, relayHelp, type StrayFlags } from "./options.ts";

type Run<F> = (name: string, flags: F, system: ConcealingSystem) => Promise<void>;
/** What a verb does is loaded when it is called. */
type Lazy<F> = (commands: typeof Sinks) => Run<F>;

/** Ids of dead letters in one request; the relay takes no more. */
const idsMax = 1_000;

export function addSinks(program: Command, system: ConcealingSystem): void {
  const group = program
    .command("sinks")
    .description(
      "Show where the relay delivers to and how far each has come; or do something about one.",
    )
    .option("--json", "print them as lines of JSON")
    .argument("[verb]", "one of those below; without one, all sinks are listed")
    .argument("[name]")
    .helpCommand(false)
    .allowExcessArguments();
  addRelayOptions(group)
    .addHelpText("after", relayHelp + examples)
    .action(async (verb: string | undefined, _name, _, command: Command) => {
      if (verb !== undefined) throw unknownVerb(verb, group);
      const flags = command.optsWithGlobals<Sinks.SinksFlags & StrayFlags>();
      refuseForRelay(flags);
      const { sinks } = await import("../commands/sinks.ts");
      await sinks(flags, system);
    });

  const add = <F extends Sinks.SinksFlags>(
    name: string,
    description: string,
    run: Lazy<F>,
  ): Command =>
    addRelayOptions(
      group
        .command(name)
        .description(description)
        .argument("<name>", "of the sink")
        .allowExcessArguments(false),
    )
      .option("--json", "print the answer as JSON")
      .action(async (sink: string, _, command: Command) => {
        const flags = command.optsWithGlobals<F & StrayFlags>();
        refuseForRelay(flags);
        await run(await import("../commands/sinks.ts"))(sink, flags, system);
      });
  add("check", "look whether writing would work, without writing an entry", (all) => all.checkSink);
  add(
    "dead-letters",
    "show what the sink has refused for good, and why",
    (all) => all.listDeadLetters,
  );
  add<Sinks.ReplayFlags>(
    "replay",
    "give dead letters to the sink again",
    (all) => all.replayDeadLetters,
  ).option("--id <number>", "only this one; may be repeated (default: all)", ids);
  add<Sinks.RewindFlags>(
    "rewind",
    "go on after an entry, back or forth",
    (all) => all.rewindSink,
  ).requiredOption("--to <cursor>", "the entry; 0 begins at the start");
  add("resume", "try again what was halted, at once", (all) => all.resumeSink);
}

function ids(text: string, previous: readonly number[] = []): readonly number[] {
  const id = Number(text);
  if (!/^[1-9]\d{0,14}$/u.test(text))
    throw new InvalidArgumentError("Give the id of a dead letter.");
  if (previous.length >= idsMax) throw new InvalidArgumentError(`At most ${idsMax} at a time.`);
  return [...previous, id];
}

function unknownVerb(verb: string, group: Command): CliError {
  const names = group.commands.map((command) => command.name());
  return new CliError("USAGE", `sinks has no verb '${verb}'.`, {
    help: `It has ${names.join(", ")}. trunkline sinks --help says more.`,
  });
}

const examples = `
Examples:
  trunkline sinks
  trunkline sinks check orders
  trunkline sinks dead-letters orders
  trunkline sinks replay orders --id 3 --id 4
  trunkline sinks rewind orders --to 0
  trunkline sinks resume orders
`;
