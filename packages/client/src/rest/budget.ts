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
/** What share of the budget goes to background requests at most, that is to those that a program asks for by itself. */
const backgroundShare = 0.2;
/** How many background requests may wait for their turn. */
export const backgroundWaitingMax = 100;
/** How many endpoints may have a pause of their own; the service has fewer that we call. */
const pausesMax = 100;

export class RequestBudget {
  readonly #clock: Clock;
  readonly #elapsed: Elapsed;
  readonly #all: Window;
  readonly #background: Window;
  readonly #pausedUntilMs = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();
  #backgroundTurn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #backgroundWaiting = 0;
  /** Requests of the lines that have come for their turn, and have not gone yet. */
  #ahead = 0;
  /** Called when there are none any more. */
  readonly #onNoneAhead = new Set<() => void>();

  constructor(clock: Clock, elapsed: Elapsed, perMinute = 300) {
    this.#clock = clock;
    this.#elapsed = elapsed;
    this.#all = new Window(perMinute);
    this.#background = new Window(Math.max(1, Math.floor(perMinute * backgroundShare)));
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
    this.#ahead++;
    try {
      await before;
      await this.#sleepUntil(this.#all.freeAtMs, signal);
      this.#all.record(this.#elapsed.nowMs());
    } finally {
      turn.resolve();
      this.#ahead--;
      if (this.#ahead === 0) for (const tell of this.#onNoneAhead) tell();
    }
  }

  /**
   * As `take`, for what may wait: together such requests take a fifth of the budget at most, and none goes
   * while a request of the lines waits for its turn.
   * @throws TrunklineError REQUEST_QUEUE_FULL when more than 100 of them wait already
   */
  async takeInBackground(endpoint: string, signal: AbortSignal): Promise<void> {
    if (this.#backgroundWaiting >= backgroundWaitingMax) {
      throw new TrunklineError(
        "REQUEST_QUEUE_FULL",
        `${backgroundWaitingMax} background requests wait already.`,
      );
    }
    this.#backgroundWaiting++;
    try {
      do {
        await this.#sleepUntil(this.#pausedUntilMs.get(endpoint) ?? 0, signal);
        await this.#passBackgroundTurn(signal);
      } while ((this.#pausedUntilMs.get(endpoint) ?? 0) > this.#elapsed.nowMs());
    } finally {
      this.#backgroundWaiting--;
    }
  }

  async #passBackgroundTurn(signal: AbortSignal): Promise<void> {
    const before = this.#backgroundTurn;
    const turn = Promise.withResolvers<void>();
    this.#backgroundTurn = turn.promise;
    try {
      await before;
      await this.#sleepUntil(this.#background.freeAtMs, signal);
      // What the lines send meanwhile fills the window again: both are looked at until neither holds.
      while (this.#ahead > 0 || this.#all.freeAtMs > this.#elapsed.nowMs()) {
        await this.#noneAhead(signal);
        await this.#sleepUntil(this.#all.freeAtMs, signal);
      }
      signal.throwIfAborted();
      this.#all.record(this.#elapsed.nowMs());
      this.#background.record(this.#elapsed.nowMs());
    } finally {
      turn.resolve();
    }
  }

  /** Resolves when no request of the lines waits for its turn, or when the signal aborts. */
  async #noneAhead(signal: AbortSignal): Promise<void> {
    if (this.#ahead === 0) return;
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onNoneAhead.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#onNoneAhead.delete(resolve);
    signal.throwIfAborted();
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

/** When the last `max` requests were sent, as a ring. */
class Window {
  readonly #max: number;
  readonly #sentAtMs: number[] = [];
  #oldest = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** When the next request may go, in elapsed time; past where it may at once. */
  get freeAtMs(): number {
    const oldestMs = this.#sentAtMs.length < this.#max ? undefined : this.#sentAtMs[this.#oldest];
    return oldestMs === undefined ? 0 : oldestMs + windowMs;
  }

  record(atMs: number): void {
    this.#sentAtMs[this.#oldest] = atMs;
    this.#oldest = (this.#oldest + 1) % this.#max;
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
