/**
 * One life of a process in a simulated world: its clock, and the door through which everything comes
 * to it. A killed process hears nothing any more, not even its own timers; a suspended one hears all
 * of it late, at once, when it goes on.
 */
import type { Clock } from "@trunkline/client";
import type { SimClock } from "@trunkline/testkit";

export class Life implements Clock {
  readonly number: number;
  readonly #world: SimClock;
  #state: "running" | "asleep" | "dead" = "running";
  /** What has come while it was asleep. */
  #late: (() => void)[] = [];
  /** Take back what it hears of signals. */
  readonly #heard = new Set<() => void>();
  #asleepSinceMs = 0;
  /** How often it has gone to sleep, or woken up. */
  naps = 0;
  /** For how long its monotonic clock has stood still. */
  #stoodMs = 0;
  #standsStill = false;

  constructor(world: SimClock, number: number) {
    this.#world = world;
    this.number = number;
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  get isAsleep(): boolean {
    return this.#state === "asleep";
  }

  monotonicMs(): number {
    const isStanding = this.#state === "asleep" && this.#standsStill;
    return (isStanding ? this.#asleepSinceMs : this.#world.monotonicMs()) - this.#stoodMs;
  }

  wallMs(): number {
    return this.#world.wallMs();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      // Timers of a real process count whole milliseconds, one at least.
      const cancel = this.after(Math.max(1, Math.ceil(ms)), () => {
        forget();
        resolve();
      });
      const forget = this.onAbort(signal, () => {
        cancel();
        resolve();
      });
    });
  }

  /** Hears a signal of the process, until it is taken back or the process is dead: then nothing keeps it in memory. */
  onAbort(signal: AbortSignal, act: () => void): () => void {
    const forget = (): void => {
      signal.removeEventListener("abort", listener);
      this.#heard.delete(forget);
    };
    const listener = (): void => {
      this.#heard.delete(forget);
      act();
    };
    signal.addEventListener("abort", listener, { once: true });
    this.#heard.add(forget);
    return forget;
  }

  /** Does something later, as its own clock counts; the returned function takes that back. */
  after(ms: number, act: () => void): () => void {
    const dueMs = this.monotonicMs() + ms;
    let cancel: () => void;
    let isOver = false;
    const ring = (): void => {
      if (isOver) return;
      const leftMs = dueMs - this.monotonicMs();
      // Where its clock stood still meanwhile, it is not yet time; less than a tick is rounding.
      if (leftMs > 0.001) cancel = this.#world.at(this.#world.monotonicMs() + leftMs, come);
      else act();
    };
    const come = (): void => this.hear(ring);
    cancel = this.#world.at(this.#world.monotonicMs() + ms, come);
    return () => {
      isOver = true;
      cancel();
    };
  }

  /** Brings something to the process. */
  hear(act: () => void): void {
    if (this.#state === "running") act();
    else if (this.#state === "asleep") this.#late.push(act);
  }

  /** Like `hear`, for whoever waits for an answer: that of a dead process never comes. */
  answer<T>(
    give: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      give(
        (value) => this.hear(() => resolve(value)),
        (error) => this.hear(() => reject(error)),
      );
    });
  }

  /** @param standsStill whether its monotonic clock does, as Linux' does; the wall clock never */
  suspend(standsStill: boolean): void {
    if (this.#state !== "running") return;
    this.#state = "asleep";
    this.naps++;
    this.#standsStill = standsStill;
    this.#asleepSinceMs = this.#world.monotonicMs();
  }

  resume(): void {
    if (this.#state !== "asleep") return;
    this.#state = "running";
    this.naps++;
    if (this.#standsStill) this.#stoodMs += this.#world.monotonicMs() - this.#asleepSinceMs;
    const late = this.#late;
    this.#late = [];
    // Each as a turn of its own, in its order.
    for (const act of late) this.#world.at(this.#world.monotonicMs(), () => this.hear(act));
  }

  kill(): void {
    this.#state = "dead";
    this.#late = [];
    for (const forget of this.#heard) forget();
  }
}
