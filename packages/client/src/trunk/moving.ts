/**
 * Topics that stand on two lines for a while: one that moves because its line is full, or that comes
 * back while another line has yet to take it off. Both bring it, and arrivals of two lines are not
 * paired: so what comes meanwhile is said to be doubtful.
 */
import type { Elapsed } from "../elapsed.ts";
import type { NotificationEvent } from "../events.ts";
import type { Dealt } from "../topics/deal.ts";
import type { Entry } from "../topics/entries.ts";

/** How long an answer of what stands where is believed. */
const believedMs = 1_000;
const forever = Number.POSITIVE_INFINITY;

export class Moving {
  readonly #elapsed: Elapsed;
  readonly #lines: ReadonlyMap<number, Dealt>;
  readonly #lingerMs: number;
  /** Key of a topic → until when an event may come on another line as well; forever while it stands on two. */
  readonly #untilMs = new Map<string, number>();
  #lookedAtMs = 0;

  /** @param lingerMs for how long events are still on their way on a line that has taken a topic off */
  constructor(elapsed: Elapsed, lines: ReadonlyMap<number, Dealt>, lingerMs: number) {
    this.#elapsed = elapsed;
    this.#lines = lines;
    this.#lingerMs = lingerMs;
  }

  /** What the lines want, or what stands on them, has changed. */
  look(): void {
    const nowMs = (this.#lookedAtMs = this.#elapsed.nowMs());
    const twice = this.#standingTwice();
    for (const [key, untilMs] of this.#untilMs) {
      if (untilMs === forever) this.#untilMs.set(key, nowMs + this.#lingerMs);
      else if (untilMs < nowMs) this.#untilMs.delete(key);
    }
    for (const key of twice) this.#untilMs.set(key, forever);
  }

  /** Topics that stand on a line that is to let go of them, and on another or soon will. */
  #standingTwice(): ReadonlySet<string> {
    const leftover = new Map<string, number>();
    for (const [line, { standing, entries }] of this.#lines) {
      if (standing.length === 0) continue;
      const wanted = new Set(keysOf(entries));
      for (const key of keysOf(standing)) if (!wanted.has(key)) leftover.set(key, line);
    }
    const twice = new Set<string>();
    if (leftover.size === 0) return twice;
    for (const [line, { standing, entries }] of this.#lines)
      for (const key of [...keysOf(standing), ...keysOf(entries)])
        if ((leftover.get(key) ?? line) !== line) twice.add(key);
    return twice;
  }

  /** Says of an event that may come, or have come, on another line as well that it is doubtful. */
  mark(event: NotificationEvent): NotificationEvent {
    if (this.#untilMs.size === 0) return event;
    if (this.#elapsed.nowMs() - this.#lookedAtMs >= believedMs) this.look();
    const isMoving = this.#untilMs.has(event.topic.toLowerCase());
    return isMoving ? { ...event, maybeDuplicate: true } : event;
  }
}

function keysOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ topics }) => topics.map(({ key }) => key));
}
