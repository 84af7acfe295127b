/**
 * A journal that grows, readers that are slow, and subscribers that come, lag and leave, on virtual time:
 * what a fan-out is held against. Feeds here take entries by their numbers, and their messages are positions.
 */
import { settled, SimClock, type Dice } from "@trunkline/testkit";
import type { Feed } from "../gateway/fan-out/feed.ts";
import { Hub, type HubLimits } from "../gateway/fan-out/hub.ts";
import { Subscriber, type Outlet } from "../gateway/fan-out/subscriber.ts";
import type { Entry } from "../journal/entry.ts";
import type { Page, ReadQuery } from "../journal/journal.ts";
import { sampleEvent } from "./sample-entries.ts";

/** Pages are short, reading takes time and may fail. */
export class GrowingJournal {
  head = 0;
  readonly #clock: SimClock;
  readonly #dice: Dice;
  readonly #waiting = new Set<() => void>();
  /** How many reads fail from now on. */
  failures = 0;

  constructor(clock: SimClock, dice: Dice) {
    this.#clock = clock;
    this.#dice = dice;
  }

  grow(count: number): void {
    this.head += count;
    for (const wake of this.#waiting) wake();
  }

  async read({ after, limit }: ReadQuery): Promise<Page> {
    const until = Math.min(this.head, after + Math.min(limit, this.#dice.int(1, 8)));
    if (this.#dice.chance(0.7)) await this.#clock.sleep(this.#dice.int(0, 20), never());
    if (this.failures > 0) {
      this.failures--;
      throw new Error("the disk is away");
    }
    const entries = Array.from({ length: Math.max(0, until - after) }, (_, index) =>
      entryAt(after + index + 1),
    );
    return { entries, next: entries.at(-1)?.position ?? after };
  }

  async grown(after: number, signal: AbortSignal): Promise<void> {
    while (this.head <= after && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      this.#waiting.delete(resolve);
    }
  }
}

/** One for each wait: a signal that all share would have all their listeners, for ever. */
const never = (): AbortSignal => new AbortController().signal;

function entryAt(position: number): Entry {
  return sampleEvent(position);
}

const everything: Feed["subscription"] = {
  eventTypes: ["conversation:all"],
  scope: { divisions: ["self"], queueIds: [], userIds: [], conversationIds: [] },
  predicates: {},
};

/** Takes each `step`-th entry. */
export function everyFeed(step: number): Feed {
  return {
    key: `every ${step}`,
    subscription: everything,
    subject: "everything",
    concerns: () => true,
    asksOrganisation: false,
    messageOf: ({ position }) => (position % step === 0 ? `${position}` : undefined),
  };
}

/** A socket whose peer takes a message every so often; several subscriptions may share it. */
export class SlowOutlet implements Outlet {
  waiting = 0;
  /** The most that ever waited. */
  waitingMost = 0;
  readonly max: number;
  readonly #clock: SimClock;

  constructor(clock: SimClock, max: number, takeEveryMs: number) {
    this.#clock = clock;
    this.max = max;
    if (takeEveryMs > 0) void this.#takeOn(takeEveryMs);
  }

  get isFull(): boolean {
    return this.waiting > this.max;
  }

  send(): void {
    this.waiting++;
    this.waitingMost = Math.max(this.waitingMost, this.waiting);
  }

  async drained(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.waiting > this.max / 2) await this.#clock.sleep(5, signal);
  }

  async #takeOn(everyMs: number): Promise<void> {
    for (;;) {
      await this.#clock.sleep(everyMs, never());
      this.waiting = Math.max(0, this.waiting - 1);
    }
  }
}

export interface Listener {
  readonly subscriber: Subscriber;
  readonly outlet: SlowOutlet;
  readonly step: number;
  readonly start: number;
  /** Positions of the entries that it was sent, in their order. */
  readonly had: number[];
  readonly lagged: number[];
  readonly caughtUp: number[];
  leftAfter: number | undefined;
}

export class FanOutWorld {
  readonly clock = new SimClock();
  readonly journal: GrowingJournal;
  readonly hub: Hub;
  readonly listeners: Listener[] = [];
  /** How often the hub has let the loop go; each takes 1 ms here. */
  turns = 0;
  readonly #dice: Dice;

  /** @param limits of the hub, where they are to be met */
  constructor(dice: Dice, limits?: HubLimits) {
    this.#dice = dice;
    this.journal = new GrowingJournal(this.clock, dice);
    const sleep = (_: number, signal: AbortSignal): Promise<void> => {
      this.turns++;
      return this.clock.sleep(1, signal);
    };
    this.hub = new Hub({
      journal: this.journal,
      clock: { sleep },
      failed: () => this.#pause(),
      ...(limits === undefined ? {} : { limits }),
    });
  }

  /** @param after undefined for the head */
  join(step: number, after: number | undefined, outlet: SlowOutlet): Listener {
    const start = after ?? this.journal.head;
    const had: number[] = [];
    const lagged: number[] = [];
    const caughtUp: number[] = [];
    const subscriber = new Subscriber(
      {
        journal: this.journal,
        hub: this.hub,
        feed: everyFeed(step),
        prologue: undefined,
        outlet: {
          send: (message) => {
            had.push(Number(message));
            outlet.send();
          },
          get isFull() {
            return outlet.isFull;
          },
          drained: (signal) => outlet.drained(signal),
        },
        lagging: (position) => void lagged.push(position),
        caughtUp: (position) => void caughtUp.push(position),
        failed: () => this.#pause(),
      },
      start,
    );
    const leftAfter = undefined;
    const listener = { subscriber, outlet, step, start, had, lagged, caughtUp, leftAfter };
    this.listeners.push(listener);
    subscriber.start();
    return listener;
  }

  leave(listener: Listener): void {
    listener.leftAfter ??= listener.had.length;
    listener.subscriber.stop();
  }

  async run(ms: number): Promise<void> {
    await this.clock.runUntil(this.clock.monotonicMs() + ms);
    await settled();
  }

  #pause(): Promise<void> {
    return this.clock.sleep(this.#dice.int(1, 100), never());
  }
}

/** What a listener must have had by the end. */
export function owedTo({ start, step }: Listener, head: number): readonly number[] {
  const owed: number[] = [];
  for (let position = start + 1; position <= head; position++)
    if (position % step === 0) owed.push(position);
  return owed;
}
