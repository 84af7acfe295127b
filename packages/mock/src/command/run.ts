/** From the command line of `npx @trunkline/mock` to an exit code. */
import { Command, CommanderError } from "commander";
import type { RunningMock } from "../server/mock.ts";
import { declareMock } from "./declare.ts";
import { describeProblem, exitCodes } from "./problem.ts";
import type { MockSystem } from "./system.ts";

const name = "npx @trunkline/mock";
const helpWidth = 100;

export function createProgram(system: MockSystem, version: string): Command {
  const program = new Command(name)
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void system.stdout.write(text),
      writeErr: (text) => void system.stderr.write(text),
      getOutHelpWidth: () => helpWidth,
      getErrHelpWidth: () => helpWidth,
      // The message comes back as an error, and is told there.
      outputError: () => {},
    });
  return declareMock(program, system, name, hints);
}

/** Runs one command line, and tells on stderr what went wrong. Never rejects, never ends the process. */
export async function run(
  argv: readonly string[],
  system: MockSystem,
  version: string,
): Promise<number> {
  try {
    await createProgram(system, version).parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    const problem = describeProblem(error);
    await system.stderr.write(problem.text);
    return problem.exitCode;
  }
}

function hints(running: RunningMock): string {
  const [topic = "v2.users.<user id>.presence"] = running.sampleTopics(1);
  return `
A topic on which events come: ${topic}

From another terminal:

  ${name} ctl state
  ${name} ctl inject cutSockets

Ctrl-C stops it.
`;
}
