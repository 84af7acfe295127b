/**
 * Time that counts sleep and never goes back: each reading advances by the larger of the monotonic
 * and the wall clock's advance. A machine that slept has aged its tokens; a wall clock that was set
 * back has not made them younger.
 */
import type { Clock } from "./ports.ts";

export class Elapsed {
  readonly #clock: Clock;
  #nowMs = 0;
  #monotonicMs: number;
  #wallMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#monotonicMs = clock.monotonicMs();
    this.#wallMs = clock.wallMs();
  }

  /** Milliseconds since this object was made. */
  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs();
    const wallMs = this.#clock.wallMs();
    this.#nowMs += Math.max(monotonicMs - this.#monotonicMs, wallMs - this.#wallMs, 0);
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    return this.#nowMs;
  }

  /** The wall time of an earlier reading, as the wall clock stands now. */
  wallOf(elapsedMs: number): number {
    const ageMs = this.nowMs() - elapsedMs;
    return Math.round(this.#wallMs - ageMs);
  }

  /** When the wall clock showed `wallMs`, as it stands now; never in the future. */
  ofWall(wallMs: number): number {
    const nowMs = this.nowMs();
    return nowMs - Math.max(0, this.#wallMs - wallMs);
  }
}
