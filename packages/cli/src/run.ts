/** From the command line to an exit code. */
import { CommanderError } from "commander";
import { createConcealing } from "./conceal.ts";
import { CliError, exitCodes } from "./errors.ts";
import { describeProblem } from "./print/problem.ts";
import { createProgram } from "./program.ts";
import type { System } from "./system.ts";

const verbs: ReadonlySet<string> = new Set([
  "demo",
  "run",
  "init",
  "tail",
  "gaps",
  "sinks",
  "clients",
  "reload",
  "mock",
  "scrub",
  "validate",
]);

/** Runs one command line, and tells on stderr what went wrong. Never rejects, never ends the process. */
export async function run(argv: readonly string[], system: System): Promise<number> {
  const stderr = createConcealing(system.stderr);
  try {
    await createProgram({ ...system, stderr }).parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // Whoever read the output has had enough of it: that is an end like any other.
    if (isInterrupted(error) && system.stop.reason === "reader-gone") return exitCodes.done;
    // Help that was not asked for has been written already: there was no verb.
    if (error instanceof CommanderError && error.code === "commander.help") return exitCodes.usage;
    const known = error instanceof CommanderError ? usageError(error, argv) : error;
    const problem = describeProblem(known, stderr.hasColours);
    await stderr.write(problem.text);
    return problem.exitCode;
  }
}

function isInterrupted(error: unknown): boolean {
  return error instanceof CliError && error.code === "INTERRUPTED";
}

/** Makes one of our errors out of the parser's, with its guess as the remedy. */
function usageError({ message }: CommanderError, argv: readonly string[]): CliError {
  const [what = "", guess] = message.replace(/^error: /u, "").split("\n");
  const verb = argv.find((argument) => verbs.has(argument));
  const seeHelp = `trunkline ${verb === undefined ? "" : `${verb} `}--help shows what there is.`;
  // What was written behind the = of an unknown option may be a secret.
  const shown = what.replace(/'(--[^'=]+)=[^']*'/u, "'$1'");
  const help = guess === undefined ? seeHelp : `${guess.replace(/^\((.*)\)$/u, "$1")} ${seeHelp}`;
  return new CliError("USAGE", shown, { help });
}
