/**
 * Time that counts sleep and never goes back: the monotonic clock, and whatever the wall clock has
 * jumped ahead of it. A machine that slept has aged its tokens; a wall clock that was set back has
 * not made them younger.
 */
import type { Clock } from "./ports.ts";

/** Less than this is no jump: the two clocks tick differently and drift. */
const jumpMs = 500;

export class Elapsed {
  readonly #clock: Clock;
  readonly #startMs: number;
  /** What the wall clock was ahead of the monotonic one when last compared, after a jump. */
  #aheadMs: number;
  #jumpedMs = 0;
  #wallMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
    this.#wallMs = clock.wallMs();
    this.#aheadMs = this.#wallMs - this.#startMs;
  }

  /** Milliseconds since this object was made. */
  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs();
    this.#wallMs = this.#clock.wallMs();
    const jump = this.#wallMs - monotonicMs - this.#aheadMs;
    if (Math.abs(jump) > jumpMs) {
      this.#aheadMs += jump;
      this.#jumpedMs += Math.max(0, jump);
    }
    return monotonicMs - this.#startMs + this.#jumpedMs;
  }

  /** The wall time of an earlier reading, as the wall clock stands now. */
  wallOf(elapsedMs: number): number {
    return Math.round(this.#exactWallOf(elapsedMs));
  }

  /** The same in whole milliseconds and never later: for what is claimed up to an instant. */
  wallBefore(elapsedMs: number): number {
    return Math.floor(this.#exactWallOf(elapsedMs));
  }

  /** The same in whole milliseconds and never earlier: for what is claimed from an instant on. */
  wallAfter(elapsedMs: number): number {
    return Math.ceil(this.#exactWallOf(elapsedMs));
  }

  #exactWallOf(elapsedMs: number): number {
    const ageMs = this.nowMs() - elapsedMs;
    return this.#wallMs - ageMs;
  }
}
