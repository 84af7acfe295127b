/**
 * The bounded queue between the lines and the one consumer of `events()`. When it is full the
 * sockets are paused, so that the service feels back-pressure; when that has lasted too long it
 * refuses notifications until half of it has drained, and the lines record the gap.
 */
import type { ClientEvent, NotificationEvent } from "./events.ts";

/** A power of two, as every later size is. */
const ringSizeFirst = 256;

export interface OutboxHooks {
  /** The queue is full: stop reading. */
  readonly full: () => void;
  /** There is room again: read on, and record what was refused. */
  readonly drained: () => void;
}

/** A consumer of batches gets so many events at a time, and what the lines themselves tell right after. */
export const batchEventsMax = 1_000;

/** Characters of frames that may wait, however few they are: frames may have megabytes each. */
const charactersMaxDefault = 64 * 1_048_576;

export class Outbox implements AsyncIterator<ClientEvent, undefined> {
  readonly #hooks: OutboxHooks;
  readonly #eventsMax: number;
  readonly #charactersMax: number;
  /** A ring that doubles when it is full; read slots are emptied, so that nothing read is kept alive. */
  #ring: (ClientEvent | undefined)[] = empty(ringSizeFirst);
  #head = 0;
  #length = 0;
  #characters = 0;
  #mode: "open" | "full" | "refusing" = "open";
  /** Consumers that wait, first come first served; there is one unless somebody calls `next` ahead. */
  readonly #waiters: PromiseWithResolvers<IteratorResult<ClientEvent, undefined>>[] = [];
  /** A consumer of batches that waits: woken, it takes all that has gathered meanwhile. */
  #wake: (() => void) | undefined;
  #end: { readonly error: Error | undefined } | undefined;

  /** @param eventsMax notifications that may wait, give or take what one read of a socket holds */
  constructor(eventsMax: number, hooks: OutboxHooks, charactersMax = charactersMaxDefault) {
    this.#eventsMax = eventsMax;
    this.#charactersMax = charactersMax;
    this.#hooks = hooks;
  }

  /** Takes a notification; false when it had to be refused. */
  offer(event: NotificationEvent): boolean {
    if (this.#mode === "refusing") return false;
    this.push(event);
    if (this.#mode === "open" && !this.#isBelowMax) {
      this.#mode = "full";
      this.#hooks.full();
    }
    return true;
  }

  /** Takes an event of the line itself. These are few, and never refused. */
  push(event: ClientEvent): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.resolve({ value: event, done: false });
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = event;
    this.#length++;
    if (event.type === "notification") this.#characters += event.raw.length;
    this.#awake();
  }

  /** Takes what may be missed: a trace record. */
  pushIfRoom(event: ClientEvent): void {
    if (this.hasRoom) this.push(event);
  }

  /** The pause has lasted too long: refuse notifications from now on. */
  refuse(): void {
    if (this.#mode === "full") this.#mode = "refusing";
  }

  /** Full for now: nothing should be read until there is room again, or notifications are refused. */
  get isFull(): boolean {
    return this.#mode === "full";
  }

  get hasRoom(): boolean {
    return this.#mode === "open" && this.#isBelowMax;
  }

  get #isBelowMax(): boolean {
    return this.#length < this.#eventsMax && this.#characters < this.#charactersMax;
  }

  /** Ends the stream once what is in it has been read. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#awake();
    // The first to wait hears of the error, all others that it is over.
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      const told = this.#end.error;
      this.#end = { error: undefined };
      if (told === undefined) waiter.resolve({ value: undefined, done: true });
      else waiter.reject(told);
    }
  }

  next(): Promise<IteratorResult<ClientEvent, undefined>> {
    const event = this.#shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.#end !== undefined) return this.#ended(this.#end.error);
    const waiter = Promise.withResolvers<IteratorResult<ClientEvent, undefined>>();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  /** All that has gathered, up to `batchEventsMax`; waits where there is nothing. For one consumer, instead of `next`. */
  async nextBatch(): Promise<IteratorResult<readonly ClientEvent[], undefined>> {
    while (this.#length === 0) {
      if (this.#end !== undefined) return this.#ended(this.#end.error);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const batch: ClientEvent[] = [];
    // What a line tells of itself at one moment belongs together: a consumer may store a batch whole.
    while (batch.length < batchEventsMax || !this.#isNotificationNext) {
      const event = this.#shift();
      if (event === undefined) break;
      batch.push(event);
    }
    return { value: batch, done: false };
  }

  get #isNotificationNext(): boolean {
    return this.#ring[this.#head]?.type === "notification";
  }

  get #isDrained(): boolean {
    return this.#length <= this.#eventsMax / 2 && this.#characters <= this.#charactersMax / 2;
  }

  #shift(): ClientEvent | undefined {
    const event = this.#ring[this.#head];
    if (event === undefined) return undefined;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    if (event.type === "notification") this.#characters -= event.raw.length;
    if (this.#mode !== "open" && this.#isDrained) {
      this.#mode = "open";
      this.#hooks.drained();
    }
    return event;
  }

  /** The error is told once; after it the stream is over. */
  async #ended(error: Error | undefined): Promise<IteratorResult<never, undefined>> {
    this.#end = { error: undefined };
    if (error !== undefined) throw error;
    return { value: undefined, done: true };
  }

  #awake(): void {
    const wake = this.#wake;
    if (wake === undefined) return;
    this.#wake = undefined;
    wake();
  }

  #grow(): void {
    const { length } = this.#ring;
    const inOrder = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)];
    this.#ring = inOrder.concat(empty(length));
    this.#head = 0;
  }
}

function empty(length: number): undefined[] {
  return Array.from({ length }, () => undefined);
}
