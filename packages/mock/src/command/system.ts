/** What the command needs of the process that it runs in. The `trunkline` command has all of it, and more. */

/** Where text goes. */
export interface MockOutput {
  readonly hasColours: boolean;
  /** Undefined while there is room; else resolves when the reader has caught up. */
  write(text: string): Promise<void> | undefined;
}

/** One request, of the clock's reference or the control API of a mock. */
export interface MockHttpRequest {
  readonly method: "GET" | "POST" | "DELETE" | "HEAD";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Its answer; the body comes in pieces. */
export interface MockHttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<string>;
}

/** A process, so that a test can play one. */
export interface MockSystem {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: MockOutput;
  readonly stderr: MockOutput;
  /** Aborts when the program is to end. */
  readonly stop: AbortSignal;
  readonly clock: {
    wallMs(): number;
    /** Resolves when it is over, or the signal has aborted. */
    sleep(ms: number, signal: AbortSignal): Promise<void>;
  };
  /** Reads at most so many characters; throws the error of the operating system. */
  readonly readText: (path: string, charactersMax: number) => string;
  /** Reads stdin to its end, at most so many characters. */
  readonly readInput: (charactersMax: number) => Promise<string>;
  /** Rejects with the error of the operating system, or that of the signal. */
  readonly http: (request: MockHttpRequest, signal: AbortSignal) => Promise<MockHttpAnswer>;
}

/** Resolves when the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** What it resolves with; rejects when it has not after so long. */
export async function within<Value>(
  ms: number,
  { clock, stop }: Pick<MockSystem, "clock" | "stop">,
  run: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const late = new AbortController();
  const done = new AbortController();
  void clock.sleep(ms, done.signal).then(() => late.abort(new Error(`no answer in ${ms} ms`)));
  try {
    return await run(AbortSignal.any([late.signal, stop]));
  } finally {
    done.abort();
  }
}
