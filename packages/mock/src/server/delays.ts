/** Answers that are held back: each is let go of when its connection goes, all when the mock is closed. */
import type { ServerResponse } from "node:http";
import type { Clock } from "../platform/clock.ts";

/** The longest that an answer is held back, in the machine's time. */
const answerDelayMsMax = 600_000;

export class Delays {
  readonly #held = new Map<ServerResponse, () => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs after so many milliseconds, unless the connection has gone by then. */
  after(ms: number, response: ServerResponse, run: () => void): void {
    if (ms <= 0) return run();
    const forget = (): void => {
      cancelTimer();
      response.off("close", forget);
      this.#held.delete(response);
    };
    const cancelTimer = this.#clock.after(Math.min(ms, answerDelayMsMax), () => {
      forget();
      run();
    });
    this.#held.set(response, forget);
    response.on("close", forget);
  }

  /** Cuts the connections of those who wait. */
  cutAll(): void {
    for (const [response, forget] of this.#held) {
      forget();
      response.destroy();
    }
  }
}
