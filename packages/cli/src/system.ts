/** The doors of the commands to the outside: what a process has, so that a test can play one. */
import type { Clock, Random } from "@trunkline/client";

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
  /** Resolves when the operating system has taken the text, or with `gone` where nobody reads any more. @throws CliError OUTPUT_FAILED */
  hand(text: string): Promise<"taken" | "gone">;
}

/** Why the program is to end: somebody asked for it, or nobody reads stdout any more. */
export type StopReason = "asked" | "reader-gone";

/** One request to a relay or a mock. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "DELETE" | "HEAD";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it comes, in pieces of text; throws where it breaks off before its end. */
  readonly body: AsyncIterable<string>;
}

/** Resolves with the head of the answer. Throws the error of the operating system, or that of the signal. */
export type HttpDoor = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** A file that comes to be at once, or not at all. Every method throws the error of the operating system. */
export interface FileWriter {
  write(text: string): void;
  /** Puts it in place. */
  commit(): void;
  /** Leaves nothing behind; does nothing after a commit. */
  abort(): void;
}

export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** What a command needs of the process that it runs in. */
export interface System {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts, with a `StopReason`, when the program is to drain and end. */
  readonly stop: AbortSignal;
  /** Aborts only when somebody asked for it: a service goes on when nobody reads its output. */
  readonly asked: AbortSignal;
  readonly clock: Clock;
  /** Reads at most so many characters; throws the error of the operating system. */
  readonly readText: (path: string, charactersMax: number) => string;
  /** Reads stdin to its end, at most so many characters. */
  readonly readInput: (charactersMax: number) => Promise<string>;
  /** Lines without their ends, undefined for one of more characters; throws the error of the operating system. */
  readonly readLines: (path: string, charactersMax: number) => AsyncIterable<string | undefined>;
  /** Begins a file; throws the error of the operating system, EEXIST where it may not be replaced. */
  readonly openFile: (path: string, mode: "create" | "overwrite") => FileWriter;
  /** A secret that nobody can guess. */
  readonly newSecret: () => string;
  /** Writes a new file, or over an old one where that is said; throws the error of the operating system. */
  readonly writeText: (path: string, text: string, mode: "create" | "overwrite") => void;
  /** Whether every user of the machine may read a file; throws the error of the operating system. */
  readonly isWorldReadable: (path: string) => boolean;
  /** Where relative paths begin. Absolute. */
  readonly folder: string;
  /** An empty folder that nobody else reads, removed when disposed of. */
  readonly temporaryFolder: () => TemporaryFolder;
  /** Gives back what a burst has taken. Takes some 10 ms, in which nothing else runs. */
  readonly collectGarbage: () => void;
  readonly http: HttpDoor;
  readonly random: Random;
  /** Calls back each time that somebody asks to read the configuration again (SIGHUP), until the returned function is called. */
  readonly onReload: (listener: () => void) => () => void;
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
