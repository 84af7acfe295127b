import { Option, type Command } from "commander";
import type { TailFlags } from "../commands/tail.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { formatNames } from "../print/format-names.ts";
import {
  addRelayOptions,
  collect,
  refuseToken,
  secretOption,
  traceOption,
  wholeNumber,
} from "./options.ts";

export function addTail(program: Command, system: ConcealingSystem): void {
  const command = program
    .command("tail")
    .description(
      "Print events as they come, and every gap in which some may be missing: from the journal of a relay, or with --direct straight from Genesys Cloud.",
    )
    .option("--topic <topic>", "only this topic; may be repeated; * is one segment", collect)
    .addOption(
      new Option("--format <format>", "default: pretty on a terminal, else json").choices(
        formatNames,
      ),
    )
    .optionsGroup("From a relay:")
    .option("--since <cursor>", "start after this entry, 0 from the start (default: what is new)")
    .option("--no-follow", "end at the head (then the default is from the start)");
  addRelayOptions(command)
    .optionsGroup("From Genesys Cloud itself:")
    .option("--direct", "connect with no relay between; nothing is kept")
    .option("--region <region>", "AWS name or domain: eu-central-1, mypurecloud.de")
    .option("--base-url <url>", "another API, such as a mock: http://127.0.0.1:9080")
    .option("--client-id <id>", "OAuth client; its secret comes from the environment or a file")
    .option("--client-secret-file <file>", "file with the client secret")
    .option("--evict", "take a channel even where all 20 of the OAuth client are in use")
    .option(
      "--redundancy <sessions>",
      "sessions that carry each topic: 1, or 2 so that the loss of one loses nothing",
      wholeNumber(2, 1),
    )
    .addOption(traceOption())
    .addOption(secretOption("client-secret"))
    .addHelpText("after", help)
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<
        TailFlags & { clientSecret?: unknown; token?: unknown }
      >();
      refuseToken(flags);
      if (flags.clientSecret !== undefined)
        throw new CliError(
          "SECRET_ON_COMMAND_LINE",
          "A client secret is not taken from the command line.",
        );
      const { tail } = await import("../commands/tail.ts");
      await tail(flags, system);
    });
}

const help = `
Environment (options come first, then the first line that is set):
  TRUNKLINE_URL, TRUNKLINE_TOKEN                  the relay
  GENESYSCLOUD_OAUTHCLIENT_ID, GENESYSCLOUD_OAUTHCLIENT_SECRET, GENESYSCLOUD_REGION
  GC_CLIENT_ID, GC_CLIENT_SECRET, GC_REGION       with --direct

Formats:
  json      one line an entry, {"type":"event",...} or {"type":"gap",...}
  pretty    for people
  genesys   the frames as Genesys Cloud sent them; gaps go to stderr

Only entries go to stdout; connections, rejected topics and warnings go to stderr.
When the relay goes away, tail waits for it, and goes on after the last entry printed.

Examples:
  trunkline tail
  trunkline tail --topic 'v2.users.*.presence' --since 0 --no-follow --format json | jq .data
  trunkline tail --direct --region eu-central-1 --topic v2.users.<user id>.presence
  trunkline tail --direct --base-url http://127.0.0.1:9080 --topic v2.users.<id>.presence --trace
`;
