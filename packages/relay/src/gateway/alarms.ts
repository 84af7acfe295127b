/**
 * Wakes whoever has something due. Thousands of sockets wait for their next heartbeat, so those that are due at about the
 * same time share a timer.
 */
import type { Clock } from "../ports.ts";

/** So much later than asked for somebody may be woken. */
export const alarmGrainMs = 50;

export interface Sleeper {
  wake(): void;
}

export class Alarms {
  readonly #clock: Pick<Clock, "sleep" | "monotonicMs">;
  readonly #stopping = new AbortController();
  /** By when they are woken: as many as there are grains until the latest deadline, at most. */
  readonly #asleep = new Map<number, Set<Sleeper>>();

  constructor(clock: Pick<Clock, "sleep" | "monotonicMs">) {
    this.#clock = clock;
  }

  /**
   * Is to be woken at another instant of the monotonic clock, once.
   * @param fromMs for when that was asked before; undefined where it was not, or has been done
   * @param toMs undefined means never
   */
  move(sleeper: Sleeper, fromMs: number | undefined, toMs: number | undefined): void {
    const [from, to] = [slotOf(fromMs), slotOf(toMs)];
    if (from === to) return;
    if (from !== undefined) this.#asleep.get(from)?.delete(sleeper);
    if (to !== undefined) this.#at(to).add(sleeper);
  }

  /** Nobody is woken any more. */
  stop(): void {
    this.#stopping.abort();
    this.#asleep.clear();
  }

  #at(slotMs: number): Set<Sleeper> {
    const known = this.#asleep.get(slotMs);
    if (known !== undefined) return known;
    const sleepers = new Set<Sleeper>();
    this.#asleep.set(slotMs, sleepers);
    const { signal } = this.#stopping;
    const waitMs = Math.max(0, slotMs - this.#clock.monotonicMs());
    void this.#clock.sleep(waitMs, signal).then(() => {
      if (signal.aborted) return;
      this.#asleep.delete(slotMs);
      for (const sleeper of sleepers) sleeper.wake();
    });
    return sleepers;
  }
}

function slotOf(atMs: number | undefined): number | undefined {
  return atMs === undefined ? undefined : Math.ceil(atMs / alarmGrainMs) * alarmGrainMs;
}
