/** What went wrong, for people: `error CODE: what happened`, and below it what to do. */
import { CommanderError } from "commander";
import { MockError } from "../mock-error.ts";

/** What the program ends with. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A bug: EX_SOFTWARE of sysexits.h. */
  bug: 70,
} as const;

export interface Problem {
  readonly exitCode: number;
  /** Lines for stderr. */
  readonly text: string;
}

export function describeProblem(error: unknown): Problem {
  if (error instanceof MockError) {
    const exitCode = error.code === "USAGE" ? exitCodes.usage : exitCodes.failed;
    return {
      exitCode,
      text: told(error.code, error.message.replace(`${error.code}: `, ""), error.help),
    };
  }
  if (error instanceof CommanderError) {
    const [what = "", guess] = error.message.replace(/^error: /u, "").split("\n");
    const help = `${guess === undefined ? "" : `${guess.replace(/^\((.*)\)$/u, "$1")} `}--help shows what there is.`;
    return { exitCode: exitCodes.usage, text: told("USAGE", what, help) };
  }
  const stack = error instanceof Error ? error.stack : String(error);
  const bug = told("BUG", "The mock is broken.", "Please report this with the stack below.");
  return { exitCode: exitCodes.bug, text: `${bug}\n${stack ?? ""}\n` };
}

function told(code: string, message: string, help: string): string {
  return `error ${code}: ${sentence(message)}\n  → ${sentence(help)}\n`;
}

function sentence(text: string): string {
  const clean = text.replace(/[\p{Cc}]/gu, (character) => (character === "\n" ? character : "·"));
  return /[.?!:)]$/u.test(clean) || clean.includes("\n") ? clean : `${clean}.`;
}
