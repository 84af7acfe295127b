/** The command line: verbs, options, help. What a verb does is in `commands/`. */
import { Command, InvalidArgumentError, Option } from "commander";
import { demo, type DemoFlags } from "./commands/demo.ts";
import { mock, type MockFlags } from "./commands/mock.ts";
import { tail, type TailFlags } from "./commands/tail.ts";
import type { ConcealingSystem } from "./conceal.ts";
import { parseDuration } from "./duration.ts";
import { CliError } from "./errors.ts";
import { formatNames } from "./print/format.ts";

const portMax = 65_535;
const rateMax = 100_000;
const demoRateDefault = 40;

/** Reads the command line and runs the verb when `parseAsync` is called. It never ends the process. */
export function createProgram(system: ConcealingSystem): Command {
  const { stdout, stderr } = system;
  const program = new Command("trunkline")
    .description("A dependable real-time event line out of Genesys Cloud.")
    .version(system.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? helpWidth,
      getErrHelpWidth: () => stderr.columns ?? helpWidth,
      getOutHasColors: () => stdout.hasColours,
      getErrHasColors: () => stderr.hasColours,
      // The message comes back as an error, and is told there.
      outputError: () => {},
    })
    // Known here too, so that it may stand before the verb and after it.
    .addOption(traceOption().hideHelp())
    .addHelpText("after", rootExamples);
  addDemo(program, system);
  addTail(program, system);
  addMock(program, system);
  return program;
}

const helpWidth = 100;

const traceOption = (): Option =>
  new Option("--trace", "show each request, upgrade, frame and close on stderr, without secrets");

function addDemo(program: Command, system: ConcealingSystem): void {
  program
    .command("demo")
    .description("See it work: a mock Genesys Cloud and the live line out of it. Needs no account.")
    .option(
      "--for <duration>",
      "how long, as in 500ms, 20s, 2m (default: until Ctrl-C)",
      durationMs,
    )
    .option("--rate <events/s>", "how lively the mock is", rate, demoRateDefault)
    .option("--json", "print entries as JSON lines, and a summary as the last")
    .addOption(traceOption())
    .addHelpText("after", demoExamples)
    .action(async (_, command: Command) => {
      const { for: forMs, ...flags } = command.optsWithGlobals<DemoFlags & { for?: number }>();
      await demo({ ...flags, ...(forMs === undefined ? {} : { forMs }) }, system);
    });
}

function addTail(program: Command, system: ConcealingSystem): void {
  program
    .command("tail")
    .description("Print events as they come, and every gap in which some may be missing.")
    .option("--direct", "connect to Genesys Cloud itself, with no relay between (required for now)")
    .option("--region <region>", "AWS name or domain: eu-central-1, mypurecloud.de")
    .option("--base-url <url>", "another API, such as a mock: http://127.0.0.1:9080")
    .option("--topic <topic>", "topic to subscribe to; may be repeated", collect)
    .option("--client-id <id>", "OAuth client; its secret comes from the environment or a file")
    .option("--client-secret-file <file>", "file with the client secret")
    .option("--evict", "take a channel even where all 20 of the OAuth client are in use")
    .addOption(
      new Option("--format <format>", "default: pretty on a terminal, else json").choices(
        formatNames,
      ),
    )
    .addOption(traceOption())
    .addOption(new Option("--client-secret [secret]").hideHelp())
    .addHelpText("after", tailHelp)
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<TailFlags & { clientSecret?: unknown }>();
      if (flags.clientSecret !== undefined)
        throw new CliError(
          "SECRET_ON_COMMAND_LINE",
          "A client secret is not taken from the command line.",
        );
      await tail(flags, system);
    });
}

function addMock(program: Command, system: ConcealingSystem): void {
  program
    .command("mock")
    .description("Run a mock Genesys Cloud to develop and test against.")
    .option("--port <port>", "port to listen on; 0 takes a free one", port, 9_080)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--seed <number>", "the same seed plays the same contact centre (default: 1)", seed)
    .option("--rate <events/s>", "how lively the contact centre is (default: 5)", rate)
    .option("--json", "print addresses and credentials as one line of JSON, once it is ready")
    .addHelpText("after", mockExamples)
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<MockFlags & { trace?: boolean }>();
      if (flags.trace === true)
        throw new CliError("USAGE", "mock connects to nothing, so there is nothing to trace.", {
          help: "Add --trace to the command that connects to it.",
        });
      await mock(flags, system);
    });
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,15}$/u.test(text) && number <= max) return number;
    throw new InvalidArgumentError(`Give a whole number from 0 to ${max}.`);
  };
}

const port = wholeNumber(portMax);
const seed = wholeNumber(Number.MAX_SAFE_INTEGER);

function rate(text: string): number {
  const number = Number(text);
  if (/^\d{1,6}(\.\d{1,6})?$/u.test(text) && number <= rateMax) return number;
  throw new InvalidArgumentError(`Give events per second, from 0 to ${rateMax}.`);
}

function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("Write it as in 500ms, 20s, 2m or 1h; at most a week.");
}

const rootExamples = `
Examples:
  trunkline demo                    see it work, without an account
  trunkline mock                    a Genesys Cloud to develop against
  trunkline tail --direct --region eu-central-1 --topic v2.users.<user id>.presence
`;

const demoExamples = `
Examples:
  trunkline demo
  trunkline demo --for 30s --rate 50
  trunkline demo --for 10s --json | jq .topic

It ends with 0 only if every event that the mock sent has come, or lies in a gap.
`;

const tailHelp = `
Environment (options come first, then the first line that is set):
  GENESYSCLOUD_OAUTHCLIENT_ID, GENESYSCLOUD_OAUTHCLIENT_SECRET, GENESYSCLOUD_REGION
  GC_CLIENT_ID, GC_CLIENT_SECRET, GC_REGION

Formats:
  json      one line an entry, {"type":"event",...} or {"type":"gap",...}
  pretty    for people
  genesys   the frames as Genesys Cloud sent them

Only entries go to stdout; connections, rejected topics and warnings go to stderr.

Examples:
  trunkline tail --direct --region eu-central-1 --topic v2.users.<user id>.presence
  trunkline tail --direct --topic v2.routing.queues.<queue id>.users --format json | jq .data
  trunkline tail --direct --base-url http://127.0.0.1:9080 --topic v2.users.<id>.presence --trace
`;

const mockExamples = `
Examples:
  trunkline mock
  trunkline mock --port 0 --json
  trunkline mock --seed 7 --rate 50
`;
