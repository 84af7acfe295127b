import type { Command } from "commander";
import type { TopicsFlags } from "../commands/topics.ts";
import type { ConcealingSystem } from "../conceal.ts";
import { refuseTrace } from "./options.ts";

export function addTopics(program: Command, system: ConcealingSystem): void {
  program
    .command("topics")
    .description("List the event types of the Event API, and the topics of Genesys Cloud.")
    .argument("[pattern]", "only names that contain it; * stands for anything")
    .option("--json", "print them as lines of JSON")
    .addHelpText("after", examples)
    .action(async (pattern: string | undefined, _, command: Command) => {
      const flags = command.optsWithGlobals<TopicsFlags & { readonly trace?: boolean }>();
      refuseTrace(flags, "topics asks nobody");
      const { topics } = await import("../commands/topics.ts");
      await topics(pattern, flags, system);
    });
}

const examples = `
Examples:
  trunkline topics
  trunkline topics conversation:
  trunkline topics 'v2.users.*presence'
  trunkline topics --json | jq -r .name
`;
