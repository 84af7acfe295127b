/**
 * The request budget that everything shares which calls the API: never more than `perMinute`
 * requests in any 60 s, less where the service says so, and nothing to an endpoint that has asked
 * for a pause.
 *
 * Sources: 300 requests a minute and token (community and blog quotations of the limits page);
 * headers inin-ratelimit-count, -allowed, -reset (official blog, 2021); Retry-After (official SDK).
 */
import type { Clock } from "../ports.ts";
import type { Elapsed } from "../elapsed.ts";
import { TrunklineError } from "../errors.ts";

/** A minute, and what requests may arrive closer together than they left. */
const windowMs = 61_000;
/** How many requests may wait for their turn. */
export const waitingMax = 1_000;
/** How many endpoints may have a pause of their own; the service has fewer that we call. */
const pausesMax = 100;

export class RequestBudget {
  readonly #clock: Clock;
  readonly #elapsed: Elapsed;
  readonly #perMinute: number;
  /** When the last `perMinute` requests were sent, as a ring. */
  readonly #sentAtMs: number[] = [];
  #oldest = 0;
  readonly #pausedUntilMs = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(clock: Clock, elapsed: Elapsed, perMinute = 300) {
    this.#clock = clock;
    this.#elapsed = elapsed;
    this.#perMinute = perMinute;
  }

  /**
   * Resolves when the next request to `endpoint` may go, first come first served.
   * @throws TrunklineError REQUEST_QUEUE_FULL when more than 1,000 requests wait already
   */
  async take(endpoint: string, signal: AbortSignal): Promise<void> {
    if (this.#waiting >= waitingMax) {
      throw new TrunklineError("REQUEST_QUEUE_FULL", `${waitingMax} requests wait already.`);
    }
    this.#waiting++;
    try {
      do {
        // Outside the queue, so that an endpoint's pause holds up nobody else; and before the window,
        // which counts requests when they go. A pause that was learned meanwhile begins it anew.
        await this.#sleepUntil(this.#pausedUntilMs.get(endpoint) ?? 0, signal);
        await this.#passTurn(signal);
      } while ((this.#pausedUntilMs.get(endpoint) ?? 0) > this.#elapsed.nowMs());
    } finally {
      this.#waiting--;
    }
  }

  async #passTurn(signal: AbortSignal): Promise<void> {
    const before = this.#turn;
    const turn = Promise.withResolvers<void>();
    this.#turn = turn.promise;
    try {
      await before;
      await this.#passWindow(signal);
    } finally {
      turn.resolve();
    }
  }

  /** Learns from an answer's headers. */
  learn(
    endpoint: string,
    headers: Readonly<Record<string, string>>,
    retryAfterMs: number | undefined,
  ): void {
    const nowMs = this.#elapsed.nowMs();
    const count = Number(headers["inin-ratelimit-count"]);
    const allowed = Number(headers["inin-ratelimit-allowed"]);
    const resetMs = Number(headers["inin-ratelimit-reset"]) * 1_000;
    const exhausted = count >= allowed && allowed > 0 && resetMs > 0;
    const pauseMs = Math.min(Math.max(retryAfterMs ?? 0, exhausted ? resetMs : 0), retryAfterMaxMs);
    if (pauseMs === 0) return;
    if (this.#pausedUntilMs.size >= pausesMax) this.#forgetPast(nowMs);
    const untilMs = Math.max(nowMs + pauseMs, this.#pausedUntilMs.get(endpoint) ?? 0);
    if (this.#pausedUntilMs.size < pausesMax || this.#pausedUntilMs.has(endpoint))
      this.#pausedUntilMs.set(endpoint, untilMs);
  }

  async #passWindow(signal: AbortSignal): Promise<void> {
    const ring = this.#sentAtMs;
    const oldestMs = ring.length < this.#perMinute ? undefined : ring[this.#oldest];
    if (oldestMs !== undefined) await this.#sleepUntil(oldestMs + windowMs, signal);
    ring[this.#oldest] = this.#elapsed.nowMs();
    this.#oldest = (this.#oldest + 1) % this.#perMinute;
  }

  async #sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    let waitMs = untilMs - this.#elapsed.nowMs();
    while (waitMs > 0 && !signal.aborted) {
      await this.#clock.sleep(waitMs, signal);
      waitMs = untilMs - this.#elapsed.nowMs();
    }
    signal.throwIfAborted();
  }

  #forgetPast(nowMs: number): void {
    for (const [endpoint, untilMs] of this.#pausedUntilMs) {
      if (untilMs <= nowMs) this.#pausedUntilMs.delete(endpoint);
    }
  }
}

/** The longest wait that a service may impose; what asks for more is taken for a mistake. */
export const retryAfterMaxMs = 3_600_000;

/** Reads `Retry-After`: seconds, or an HTTP date against the answer's own `Date`; an hour at most. */
export function parseRetryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return Math.min(seconds * 1_000, retryAfterMaxMs);
  const sentMs = Date.parse(headers["date"] ?? "");
  const untilMs = Date.parse(text);
  const waitMs = untilMs - sentMs;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), retryAfterMaxMs) : undefined;
}
