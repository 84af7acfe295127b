/** The command line: what all verbs share. A verb is declared in `verbs/`; what it does is in `commands/`. */
import { Command } from "commander";
import type { ConcealingSystem } from "./conceal.ts";
import { addClients } from "./verbs/clients.ts";
import { addDemo } from "./verbs/demo.ts";
import { addGaps } from "./verbs/gaps.ts";
import { addInit } from "./verbs/init.ts";
import { addMock } from "./verbs/mock.ts";
import { traceOption } from "./verbs/options.ts";
import { addPlan } from "./verbs/plan.ts";
import { addReload } from "./verbs/reload.ts";
import { addRun } from "./verbs/run.ts";
import { addScrub } from "./verbs/scrub.ts";
import { addSinks } from "./verbs/sinks.ts";
import { addTail } from "./verbs/tail.ts";
import { addValidate } from "./verbs/validate.ts";
import { addTopics } from "./verbs/topics.ts";

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
    .addHelpText("after", examples);
  addDemo(program, system);
  addRun(program, system);
  addInit(program, system);
  addTail(program, system);
  addGaps(program, system);
  addPlan(program, system);
  addSinks(program, system);
  addClients(program, system);
  addReload(program, system);
  addTopics(program, system);
  addMock(program, system);
  addScrub(program, system);
  addValidate(program, system);
  return program;
}

const helpWidth = 100;

const examples = `
Examples:
  trunkline demo                    see it work, without an account
  trunkline mock                    a Genesys Cloud to develop against
  trunkline init && trunkline run   a relay with a configuration of its own
  trunkline tail                    what the relay on this machine stores
  trunkline tail --direct --region eu-central-1 --topic v2.users.<user id>.presence
`;
