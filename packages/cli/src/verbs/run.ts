import type { Command } from "commander";
import type { RunFlags } from "../commands/run.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { collect, port, refuseTrace, secretOption, type StrayFlags } from "./options.ts";

export function addRun(program: Command, system: ConcealingSystem): void {
  program
    .command("run")
    .description(
      "Run the relay: store events from Genesys Cloud durably, and give them on to sinks and tails.",
    )
    .option("-c, --config <file>", "the configuration (default: trunkline.yaml)")
    .option("--data-dir <dir>", "where the journal is (default: ./trunkline-data)")
    .option("--port <port>", "port to listen on; 0 takes a free one (default: 8484)", port)
    .option("--json", "print one line, once the line is live, and nothing else on stdout")
    .optionsGroup("Without a configuration file:")
    .option("--region <region>", "AWS name or domain: eu-central-1, mypurecloud.de")
    .option("--base-url <url>", "another API, such as a mock: http://127.0.0.1:9080")
    .option("--topic <topic>", "topic to store; may be repeated", collect)
    .option("--client-id <id>", "OAuth client; its secret comes from the environment or a file")
    .option("--client-secret-file <file>", "file with the client secret")
    .addOption(secretOption("client-secret"))
    .addHelpText("after", help)
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<RunFlags & StrayFlags & { clientSecret?: unknown }>();
      if (flags.clientSecret !== undefined)
        throw new CliError(
          "SECRET_ON_COMMAND_LINE",
          "A client secret is not taken from the command line.",
        );
      refuseTrace(flags, "The relay has a log instead (log.level: debug)");
      const { runRelay } = await import("../commands/run.ts");
      await runRelay(flags, system);
    });
}

const help = `
Environment (options come first, then the first line that is set):
  GENESYSCLOUD_OAUTHCLIENT_ID, GENESYSCLOUD_OAUTHCLIENT_SECRET, GENESYSCLOUD_REGION
  GC_CLIENT_ID, GC_CLIENT_SECRET, GC_REGION       without a configuration file

Signals:
  SIGINT, SIGTERM   stop: what has come is stored first; a second one ends at once
  SIGHUP            read the configuration again; a bad one is refused

With --json the first line on stdout is {"ready":true,"url":...}, once every topic is live or
refused for good. The log goes to stderr, as JSON lines, one for each change of state.

Examples:
  trunkline init && trunkline run
  trunkline run -c /etc/trunkline.yaml
  trunkline run --region eu-central-1 --topic v2.users.<user id>.presence
  trunkline run --base-url http://127.0.0.1:9080 --topic v2.users.<id>.presence --data-dir /tmp/t
`;
