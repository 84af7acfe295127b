/**
 * The sink `stdout`: entries as lines to whatever reads the process's output. "Written" means that
 * the operating system has taken it: a reader that is slow holds back this sink, and no other.
 */
import { formatLine, type LineFormat } from "../entry-line.ts";
import { isRelayError, RelayError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import type { CheckOutcome, Sink, WriteOutcome } from "./sink.ts";
import { Turns, unlessAborted } from "./turns.ts";

/** The door to an output of the process. */
export interface OutputDoor {
  /**
   * Resolves when the operating system has taken all of it; texts go out in the order of the calls.
   * @throws RelayError SINK_OUTPUT_GONE when nobody reads any more, SINK_OUTPUT_FAILED otherwise
   */
  write(text: string): Promise<void>;
}

export interface StdoutSinkOptions {
  /** @default "json" */
  readonly format?: LineFormat;
}

export function createStdoutSink(output: OutputDoor, options: StdoutSinkOptions = {}): Sink {
  return new StdoutSink(output, options.format ?? "json");
}

class StdoutSink implements Sink {
  readonly #output: OutputDoor;
  readonly #format: LineFormat;
  /** One text at a time: else a reader that stands still would fill the memory with repetitions. */
  readonly #turns = new Turns();
  /** What went out after its write had been given up: it cannot be taken back, so it is not repeated. */
  #wentLate: Set<string> = new Set();

  constructor(output: OutputDoor, format: LineFormat) {
    this.#output = output;
    this.#format = format;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  async write(batch: readonly Entry[], signal: AbortSignal): Promise<WriteOutcome> {
    try {
      await this.#turns.take(() => this.#write(batch, signal), signal);
      return { kind: "written", refused: [] };
    } catch (error) {
      const told = outputError(error, signal);
      return told.code === "SINK_OUTPUT_GONE"
        ? { kind: "gone", written: 0, error: told }
        : { kind: "retry", written: 0, error: told };
    }
  }

  /** There is nothing to let go of: the output belongs to the process. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async check(signal: AbortSignal): Promise<CheckOutcome> {
    try {
      await unlessAborted(this.#output.write(""), signal);
      return { ok: true, detail: "The standard output is open." };
    } catch (error) {
      return { ok: false, error: outputError(error, signal) };
    }
  }

  async #write(batch: readonly Entry[], signal: AbortSignal): Promise<void> {
    const news = batch.filter(({ cursor }) => !this.#wentLate.delete(cursor));
    const text = news.map((entry) => formatLine(entry, this.#format) ?? "").join("");
    if (text === "") return;
    await this.#output.write(text);
    if (signal.aborted) this.#wentLate = new Set(news.map(({ cursor }) => cursor));
  }
}

function outputError(error: unknown, signal: AbortSignal): RelayError {
  if (isRelayError(error)) return error;
  if (signal.aborted)
    return new RelayError(
      "SINK_OUTPUT_STALLED",
      "Whatever reads the standard output took nothing for too long.",
    );
  return new RelayError("SINK_OUTPUT_FAILED", "The standard output could not be written.", {
    cause: error,
  });
}
