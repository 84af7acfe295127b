/** The doors of the commands to the outside: what a process has, so that a test can play one. */
import type { Clock } from "@trunkline/client";

/** Where text goes. */
export interface Output {
  /** Whether a person sits in front of it. */
  readonly isTerminal: boolean;
  readonly hasColours: boolean;
  /** Width of the terminal in characters; undefined where there is none. */
  readonly columns: number | undefined;
  /**
   * Undefined while there is room; else resolves when the reader has caught up. What is written
   * after the reader has gone away is dropped.
   * @throws CliError OUTPUT_FAILED
   */
  write(text: string): Promise<void> | undefined;
}

/** Why the program is to end: somebody asked for it, or nobody reads stdout any more. */
export type StopReason = "asked" | "reader-gone";

/** What a command needs of the process that it runs in. */
export interface System {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts, with a `StopReason`, when the program is to drain and end. */
  readonly stop: AbortSignal;
  readonly clock: Clock;
  /** Reads at most so many characters; throws the error of the operating system. */
  readonly readText: (path: string, charactersMax: number) => string;
  /** How this program is called here, for commands to paste: `npx trunkline`. */
  readonly commandName: string;
  readonly version: string;
}

/** Resolves when the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
