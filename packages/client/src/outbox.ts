/**
 * The bounded queue between the lines and the one consumer of `events()`. When it is full the
 * sockets are paused, so that the service feels back-pressure; when that has lasted too long it
 * refuses notifications until half of it has drained, and the lines record the gap.
 */
import type { ClientEvent, NotificationEvent } from "./events.ts";

export interface OutboxHooks {
  /** The queue is full: stop reading. */
  readonly full: () => void;
  /** There is room again: read on, and record what was refused. */
  readonly drained: () => void;
}

export class Outbox implements AsyncIterator<ClientEvent, undefined> {
  readonly #hooks: OutboxHooks;
  readonly #eventsMax: number;
  #queue: ClientEvent[] = [];
  #head = 0;
  #mode: "open" | "full" | "refusing" = "open";
  #waiter: PromiseWithResolvers<IteratorResult<ClientEvent, undefined>> | undefined;
  #end: { readonly error: Error | undefined } | undefined;

  /** @param eventsMax notifications that may wait, give or take what one read of a socket holds */
  constructor(eventsMax: number, hooks: OutboxHooks) {
    this.#eventsMax = eventsMax;
    this.#hooks = hooks;
  }

  /** Takes a notification; false when it had to be refused. */
  offer(event: NotificationEvent): boolean {
    if (this.#mode === "refusing") return false;
    this.push(event);
    if (this.#mode === "open" && this.#length >= this.#eventsMax) {
      this.#mode = "full";
      this.#hooks.full();
    }
    return true;
  }

  /** Takes an event of the line itself. These are few, and never refused. */
  push(event: ClientEvent): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#queue.push(event);
      return;
    }
    this.#waiter = undefined;
    waiter.resolve({ value: event, done: false });
  }

  /** The pause has lasted too long: refuse notifications from now on. */
  refuse(): void {
    if (this.#mode === "full") this.#mode = "refusing";
  }

  get isFull(): boolean {
    return this.#mode === "full";
  }

  /** Ends the stream once what is in it has been read. */
  end(error?: Error): void {
    this.#end ??= { error };
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) return;
    if (error === undefined) waiter.resolve({ value: undefined, done: true });
    else waiter.reject(error);
  }

  next(): Promise<IteratorResult<ClientEvent, undefined>> {
    const event = this.#queue[this.#head];
    if (event !== undefined) {
      this.#head++;
      if (this.#head >= 1_024 || this.#head === this.#queue.length) this.#compact();
      if (this.#mode !== "open" && this.#length <= this.#eventsMax / 2) {
        this.#mode = "open";
        this.#hooks.drained();
      }
      return Promise.resolve({ value: event, done: false });
    }
    if (this.#end !== undefined) {
      const { error } = this.#end;
      this.#end = { error: undefined };
      return error === undefined
        ? Promise.resolve({ value: undefined, done: true })
        : Promise.reject(error);
    }
    this.#waiter ??= Promise.withResolvers();
    return this.#waiter.promise;
  }

  get #length(): number {
    return this.#queue.length - this.#head;
  }

  #compact(): void {
    this.#queue = this.#head === this.#queue.length ? [] : this.#queue.slice(this.#head);
    this.#head = 0;
  }
}
