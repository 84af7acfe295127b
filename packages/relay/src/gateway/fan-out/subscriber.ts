/**
 * One subscription of one socket: first what lies in the journal, in pages and at the reader's pace, then
 * whatever the hub brings. A reader that falls behind goes back to the journal; nothing is ever buffered beyond
 * what its socket may hold.
 */
import type { Entry } from "../../journal/entry.ts";
import type { Journal } from "../../journal/journal.ts";
import { pageBytesMax, pageEntriesMax } from "../limits.ts";
import type { Feed } from "./feed.ts";
import type { Follower, Group, Hub } from "./hub.ts";

/** Where messages go. */
export interface Outlet {
  send(message: string): void;
  /** Whether more waits there than may. */
  readonly isFull: boolean;
  /** Resolves when what waits has been taken, or the signal aborts. */
  drained(signal: AbortSignal): Promise<void>;
}

export interface SubscriberPorts {
  readonly journal: Pick<Journal, "head" | "read">;
  readonly hub: Hub;
  readonly outlet: Outlet;
  readonly feed: Feed;
  /** What is to be told before anything else: gaps of what was not carried since the cursor. */
  readonly prologue: (() => Promise<readonly Entry[]>) | undefined;
  /** It reads more slowly than entries come, and is served from the journal: told once each time. */
  readonly lagging: (position: number) => void;
  /** It has caught up with the journal for the first time. */
  readonly caughtUp: (position: number) => void;
  /** @throws nothing: resolves when it may be tried again */
  readonly failed: (error: unknown) => Promise<void>;
}

export class Subscriber implements Follower {
  readonly #ports: SubscriberPorts;
  readonly #over = new AbortController();
  #position: number;
  /** Among whom it follows the hub; undefined while it reads the journal. */
  #group: Group | undefined;
  #hasCaughtUp = false;

  /** @param after begins with what comes after this position */
  constructor(ports: SubscriberPorts, after: number) {
    this.#ports = ports;
    this.#position = after;
  }

  get feed(): Feed {
    return this.#ports.feed;
  }

  /** Everything up to here has been sent. */
  get position(): number {
    return Math.max(this.#position, this.#group?.position ?? 0);
  }

  /** It had caught up once, and is served from the journal again. */
  get isLagging(): boolean {
    return this.#group === undefined && this.#hasCaughtUp;
  }

  start(): void {
    void this.#begin();
  }

  stop(): void {
    this.#over.abort();
    this.#leave();
  }

  take(message: string, position: number): void {
    const { outlet } = this.#ports;
    // It had read ahead of the hub.
    if (position <= this.#position) return;
    if (outlet.isFull) {
      // Another subscription of the socket has filled it: this message is read again.
      this.#position = this.position;
    } else {
      this.#position = position;
      outlet.send(message);
      if (!outlet.isFull) return;
    }
    this.#leave();
    this.#ports.lagging(this.#position);
    void this.#read();
  }

  async #begin(): Promise<void> {
    const { prologue, feed, outlet, failed } = this.#ports;
    const { signal } = this.#over;
    for (let isTold = prologue === undefined; !isTold && !signal.aborted;) {
      try {
        const entries = (await prologue?.()) ?? [];
        if (signal.aborted) return;
        for (const entry of entries) {
          const message = feed.messageOf(entry);
          if (message !== undefined) outlet.send(message);
        }
        isTold = true;
      } catch (error) {
        if (!signal.aborted) await failed(error);
      }
    }
    await this.#read();
  }

  async #read(): Promise<void> {
    const { journal, hub, outlet, feed, failed } = this.#ports;
    const { signal } = this.#over;
    while (!signal.aborted) {
      while (outlet.isFull && !signal.aborted) await outlet.drained(signal);
      if (signal.aborted) return;
      // From here to joining nothing else can happen, so nothing is missed in between.
      this.#group = hub.join(feed, this, this.#position);
      if (this.#group !== undefined) return this.#sayCaughtUp();
      try {
        const page = await journal.read({
          after: this.#position,
          limit: pageEntriesMax,
          bytesMax: pageBytesMax,
        });
        if (signal.aborted) return;
        await this.#sendPage(page.entries, feed);
        this.#position = Math.max(this.#position, page.next);
      } catch (error) {
        if (!signal.aborted) await failed(error);
      }
    }
  }

  async #sendPage(entries: readonly Entry[], feed: Feed): Promise<void> {
    const { outlet } = this.#ports;
    const { signal } = this.#over;
    for (const entry of entries) {
      const message = feed.messageOf(entry);
      if (message !== undefined) {
        // Others on the same socket wait as well: between this look and sending nothing may come.
        while (outlet.isFull && !signal.aborted) await outlet.drained(signal);
        if (signal.aborted) return;
        outlet.send(message);
      }
      this.#position = Math.max(this.#position, entry.position);
    }
  }

  #leave(): void {
    if (this.#group !== undefined) this.#ports.hub.leave(this.#group, this);
    this.#group = undefined;
  }

  #sayCaughtUp(): void {
    if (this.#hasCaughtUp) return;
    this.#hasCaughtUp = true;
    this.#ports.caughtUp(this.#position);
  }
}
