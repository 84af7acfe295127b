/** What went wrong, for people: `error CODE: what happened`, and below it what to do. */
import type { ErrorCode, TrunklineError } from "@trunkline/client";
import { MockError } from "@trunkline/mock";
import type { RelayError } from "@trunkline/relay";
import { CliError, exitCodes } from "../errors.ts";
import { palette } from "./colours.ts";
import { printable } from "./text.ts";

/** Where this command offers more than the library knows. */
const remedies: Partial<Record<ErrorCode, string>> = {
  CHANNELS_TAKEN:
    "They expire 24 h after their last use. Use an OAuth client of its own for this program, or take one of them all the same, perhaps another program's: tail --direct --evict, or evictChannels: true in a relay's configuration.",
};

/** What a human should do about an error of the library. */
export function remedy(error: TrunklineError): string {
  return remedies[error.code] ?? error.help;
}

export interface Problem {
  readonly exitCode: number;
  /** Lines for stderr. */
  readonly text: string;
}

/** Errors that were foreseen have a code and help; everything else is a bug and shows its stack. */
export function describeProblem(error: unknown, hasColours: boolean): Problem {
  const paint = palette(hasColours);
  const told = (code: string, message: string, help: string): string =>
    `${paint.bad("error")} ${paint.bold(code)}: ${sentence(message)}\n  → ${sentence(help)}\n`;
  if (error instanceof CliError)
    return { exitCode: error.exitCode, text: told(error.code, error.message, error.help) };
  if (isRelayError(error) && error.code !== "INTERNAL")
    return { exitCode: exitCodes.failed, text: told(error.code, error.message, error.help) };
  if (error instanceof MockError) {
    const message = error.message.replace(`${error.code}: `, "");
    const exitCode = error.code === "USAGE" ? exitCodes.usage : exitCodes.failed;
    return { exitCode, text: told(error.code, message, error.help) };
  }
  if (isTrunklineError(error) && error.code !== "INTERNAL") {
    const { code, message, correlationId } = error;
    const traced =
      correlationId === undefined || message.includes(correlationId)
        ? message
        : `${message} (correlation id ${correlationId})`;
    return { exitCode: exitCodes.failed, text: told(code, traced, remedy(error)) };
  }
  const bug = told("BUG", "Trunkline is broken.", "Please report this with the stack below.");
  return { exitCode: exitCodes.bug, text: `${bug}\n${stackOf(error)}\n` };
}

// By their names: loading client and relay takes longer than most commands, and not all of them need them.
function isRelayError(error: unknown): error is RelayError {
  return error instanceof Error && error.name === "RelayError";
}

function isTrunklineError(error: unknown): error is TrunklineError {
  return error instanceof Error && error.name === "TrunklineError";
}

/** Lines stay lines: a configuration may have many complaints. */
function sentence(text: string): string {
  const lines = text.split("\n").map(printable).join("\n");
  return /[.?!:)]$/u.test(lines) || lines.includes("\n") ? lines : `${lines}.`;
}

/** The stack, and those of its causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`;
}
