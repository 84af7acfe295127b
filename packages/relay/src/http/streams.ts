/** The streams that are open: how many, how they end, and what is told of them. */
import type { ServerResponse } from "node:http";
import { relayErrorCodes } from "../errors.ts";
import type { Clock, Log } from "../ports.ts";
import { streamsMax, stuckReaderMs } from "./limits.ts";
import { pump, type Outlet, type PumpEnd } from "./pump.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { Answer } from "./route.ts";

type Stream = Extract<Answer, { readonly kind: "stream" }>;

export interface StreamsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Aborts when the server is to close. What follows the journal ends then, between two lines; what
   * has an end of its own is given the time to get there, since its end says that it is whole.
   */
  readonly stopping: AbortSignal;
  readonly onCount: (count: number) => void;
}

export class Streams {
  readonly #options: StreamsOptions;
  #open = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** Why no more can be opened at present. */
  refusal(): Refusal | undefined {
    if (this.#options.stopping.aborted) return refuse("SHUTTING_DOWN", "The relay is ending.");
    if (this.#open < streamsMax) return undefined;
    return refuse("TOO_MANY_STREAMS", `${streamsMax} streams are open, which is the limit.`, {
      headers: { "retry-after": "10" },
    });
  }

  /** Writes a stream to its end. Never rejects. */
  async carry(stream: Stream, raw: ServerResponse, gone: AbortSignal): Promise<void> {
    const { clock, stopping } = this.#options;
    this.#count(1);
    // What goes wrong on the way to the reader is the reader's; `gone` tells it.
    raw.on("error", () => {});
    const outlet: Outlet = {
      write: (bytes) => new Promise((resolve) => raw.write(bytes, () => resolve())),
      gone,
    };
    try {
      const signal = stream.isFinite ? gone : AbortSignal.any([gone, stopping]);
      this.#end(raw, await pump(stream.lines(signal), outlet, clock));
    } catch (error) {
      this.#fail(raw, error);
    } finally {
      this.#count(-1);
    }
  }

  #end(raw: ServerResponse, end: PumpEnd): void {
    switch (end) {
      case "ended":
        raw.end();
        return;
      case "gone":
        raw.destroy();
        return;
      case "stuck":
        this.#options.log.warn(
          { code: "READER_STUCK", help: relayErrorCodes.READER_STUCK.help },
          `A reader of entries took nothing for ${stuckReaderMs / 1_000} s and was cut off.`,
        );
        raw.destroy();
        return;
      default:
        end satisfies never;
    }
  }

  /** The status has gone out already: only an end without an end tells the reader that this is not all. */
  #fail(raw: ServerResponse, error: unknown): void {
    this.#options.log.warn(
      {
        code: "STREAM_FAILED",
        help: relayErrorCodes.STREAM_FAILED.help,
        cause: error instanceof Error ? error.message : String(error),
      },
      "A stream of entries broke off, since the journal could not be read.",
    );
    raw.destroy();
  }

  #count(by: 1 | -1): void {
    this.#open += by;
    this.#options.onCount(this.#open);
  }
}
