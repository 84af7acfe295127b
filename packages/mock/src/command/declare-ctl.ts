/** `ctl`: the verbs that look at a running mock and make things happen to it. */
import type { Command } from "commander";
import { MockError } from "../mock-error.ts";
import type { MockSystem } from "./system.ts";
import type * as Ctl from "./ctl.ts";
import { anyWhole, wholeNumber } from "./values.ts";

const limitMax = 10_000;

/** @param name how it is called: `trunkline mock ctl` */
export function declareCtl(group: Command, system: MockSystem, name: string): Command {
  group
    .description("Look at a running mock, and make things happen to it.")
    .argument("[verb]", "one of those below")
    .helpCommand(false)
    .allowExcessArguments()
    .addHelpText("after", examples(name))
    .action((verb: string | undefined) => {
      const names = group.commands.map((command) => command.name());
      throw new MockError(
        "USAGE",
        `ctl ${verb === undefined ? "needs a verb" : `has no verb '${verb}'`}`,
        {
          help: `It has ${names.join(", ")}. ${name} --help says more.`,
        },
      );
    });

  type Run = (ctl: Ctl.Ctl, flags: Ctl.CtlFlags, words: readonly string[]) => Promise<void>;
  const add = (verb: string, description: string, run: Run): Command =>
    group
      .command(verb)
      .description(description)
      .option("--url <url>", "the mock (default: http://127.0.0.1:9080)")
      .option("--json", "print the answer as JSON")
      .allowExcessArguments(false)
      .action(async (...given: unknown[]) => {
        const self = given.at(-1) as Command;
        refuseOthers(group.parent);
        const flags = self.optsWithGlobals<Ctl.CtlFlags>();
        const { createCtl } = await import("./ctl.ts");
        await run(createCtl(flags, system), flags, self.args);
      });

  add("state", "clock, clients, channels, sockets, faults and scenario in short", (ctl) =>
    ctl.state(),
  );
  add("channels", "channels, the oldest first", (ctl) => ctl.channels());
  add("sockets", "open sockets, the oldest first", (ctl) => ctl.sockets());
  add("topics", "topics on which events are to be expected", (ctl, flags) =>
    ctl.topics(flags),
  ).option("--limit <number>", "how many (default: 20)", wholeNumber(limitMax, 1));
  add("faults", "standing faults", (ctl) => ctl.faults());
  const inject: Command = add(
    "inject",
    "inject a fault; --help lists them all with their fields",
    (ctl, flags, words) =>
      flags.help === true || words[0] === undefined
        ? ctl.explainFaults(inject.helpInformation(), name)
        : ctl.inject(words[0], words.slice(1)),
  )
    .argument("[fault]")
    .argument("[field=value...]", "its fields; a value may be JSON")
    .helpOption(false)
    .option("-h, --help", "print help, with all faults and their fields");
  add("clear", "end all standing faults, or the one of this id", (ctl, _, [id]) =>
    ctl.clear(id),
  ).argument("[id]");
  add(
    "publish",
    "publish an event to every channel that holds the topic",
    (ctl, _, [topic = "", body]) => ctl.publish(topic, body),
  )
    .argument("<topic>")
    .argument("[body]", "the event body as JSON, or - to read it from stdin (default: {})");
  add("ledger", "events that were emitted, and what became of each", (ctl, flags) =>
    ctl.ledger(flags),
  )
    .option("--topic <topic>", "only on this topic")
    .option("--since <number>", "only after this sequence number", anyWhole)
    .option("--limit <number>", "how many (default: 100)", wholeNumber(limitMax, 1))
    .option("--follow", "go on with what comes, until stopped");
  add("history", "what happened besides: sockets, channels, tokens, faults", (ctl, flags) =>
    ctl.history(flags),
  ).option("--since <number>", "only after this sequence number", anyWhole);
  add("scenario", "play a scenario, say how far it is, or stop it", (ctl, _, [what]) =>
    ctl.scenario(what),
  ).argument("[name|file|status|stop]", "status unless given");
  add("reset", "cut every socket and begin anew, as at the start", (ctl) => ctl.reset());
  return group;
}

/** Options of the mock that starts may stand behind `ctl` too, where they mean nothing; `--json` is of both. */
function refuseOthers(mock: Command | null): void {
  const given = mock?.options.find(
    (option) =>
      option.long !== "--json" && mock.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (given === undefined) return;
  throw new MockError("USAGE", `${given.long ?? ""} is for the start of a mock, not for ctl`, {
    help: "ctl finds the mock by --url http://127.0.0.1:9080.",
  });
}

const examples = (name: string): string => `
Examples:
  ${name} state
  ${name} inject cutSockets
  ${name} inject failRequests status=503 count=3 path=/api/v2/notifications/*
  ${name} inject closeSockets code=1008 reason="policy violation" socketId=3
  ${name} clear
  ${name} publish v2.users.<id>.presence '{"source":"PURECLOUD"}'
  ${name} ledger --follow
  ${name} scenario half-open-night
`;
