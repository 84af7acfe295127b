/** A clock that a test moves by hand. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "@trunkline/client";
import { noonMs } from "./stage.ts";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export class ManualClock implements Clock {
  #nowMs = 0;
  #sleepers: Sleeper[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return noonMs + this.#nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { atMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /** How long until the next sleeper wakes; undefined where none sleeps. */
  get nextMs(): number | undefined {
    return this.#sleepers.length === 0
      ? undefined
      : Math.min(...this.#sleepers.map(({ atMs }) => atMs)) - this.#nowMs;
  }

  /** Lets time pass, and everything happen that was due. */
  async pass(ms: number): Promise<void> {
    await turn();
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#sleepers
        .filter(({ atMs }) => atMs <= endMs)
        .sort((one, other) => one.atMs - other.atMs)[0];
      if (due === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#sleepers = this.#sleepers.filter((other) => other !== due);
      due.wake();
      await turn();
    }
    this.#nowMs = endMs;
    await turn();
  }
}

/** Lets every promise settle. */
export function turn(): Promise<void> {
  return setImmediate();
}
