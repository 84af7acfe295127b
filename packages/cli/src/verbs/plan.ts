import type { Command } from "commander";
import type { PlanFlags } from "../commands/plan.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import { refuseTrace, secretOption } from "./options.ts";

export function addPlan(program: Command, system: ConcealingSystem): void {
  program
    .command("plan")
    .description(
      "Say what a subscription would ask of Genesys Cloud, in your organisation as it is now: topics, channels, permissions, requests, time, and what it cannot show. It opens no channel.",
    )
    .argument("<file>", "the subscription: JSON with eventTypes and filters")
    .option("--json", "print the whole plan as JSON, with every topic")
    .optionsGroup("Whose organisation:")
    .option(
      "-c, --config <file>",
      "a relay's configuration: place and credentials of a trunk in it",
    )
    .option("--trunk <name>", "which one, where there are several")
    .option("--region <region>", "AWS name or domain: eu-central-1, mypurecloud.de")
    .option("--base-url <url>", "another API, such as a mock: http://127.0.0.1:9080")
    .option("--client-id <id>", "OAuth client; its secret comes from the environment or a file")
    .option("--client-secret-file <file>", "file with the client secret")
    .addOption(secretOption("client-secret"))
    .addHelpText("after", help)
    .action(async (file: string, _, command: Command) => {
      const flags = command.optsWithGlobals<
        PlanFlags & { readonly clientSecret?: unknown; readonly trace?: boolean }
      >();
      refuseTrace(flags, "plan opens no line");
      if (flags.clientSecret !== undefined)
        throw new CliError(
          "SECRET_ON_COMMAND_LINE",
          "A client secret is not taken from the command line.",
        );
      const { plan } = await import("../commands/plan.ts");
      await plan(file, flags, system);
    });
}

const help = `
Environment (options come first, then the first line that is set):
  GENESYSCLOUD_OAUTHCLIENT_ID, GENESYSCLOUD_OAUTHCLIENT_SECRET, GENESYSCLOUD_REGION
  GC_CLIENT_ID, GC_CLIENT_SECRET, GC_REGION

Times are our estimates. Permissions are marked where Genesys does not state them.

Examples:
  trunkline plan subscription.json
  trunkline plan subscription.json --config trunkline.yaml
  trunkline plan subscription.json --base-url http://127.0.0.1:9080 --json | jq .channels
`;
