/**
 * Reads the journal once for all that follow its end, and hands each entry to every feed that has
 * followers. Who reads more slowly leaves, and comes back when it has caught up by itself.
 */
import type { Journal } from "../../journal/journal.ts";
import { pageBytesMax, pageEntriesMax } from "../limits.ts";
import type { Feed } from "./feed.ts";

/** Somebody who has had everything up to the place where the hub is. */
export interface Follower {
  /** @param position of the entry that the message is about */
  take(message: string, position: number): void;
}

export interface HubPorts {
  readonly journal: Pick<Journal, "head" | "read" | "grown">;
  /** The journal cannot be read; nobody is given anything until it can. */
  readonly failed: (error: unknown) => Promise<void>;
}

interface Group {
  readonly feed: Feed;
  readonly followers: Set<Follower>;
}

export class Hub {
  readonly #ports: HubPorts;
  readonly #groups = new Map<string, Group>();
  readonly #stopping = new AbortController();
  /** Everything up to here has been handed out. */
  #position = 0;
  #phase: "parked" | "running" = "parked";

  constructor(ports: HubPorts) {
    this.#ports = ports;
  }

  /** Up to where followers have had everything: who joins must have had it, too. */
  get position(): number {
    return this.#phase === "running" ? this.#position : this.#ports.journal.head;
  }

  get followers(): number {
    let count = 0;
    for (const { followers } of this.#groups.values()) count += followers.size;
    return count;
  }

  /** Joins at `position`, which must be where the hub is. */
  join(feed: Feed, follower: Follower): void {
    const group = this.#groups.get(feed.key) ?? { feed, followers: new Set() };
    this.#groups.set(feed.key, group);
    group.followers.add(follower);
    if (this.#phase === "running") return;
    this.#position = this.#ports.journal.head;
    this.#phase = "running";
    void this.#run();
  }

  leave(feed: Feed, follower: Follower): void {
    const group = this.#groups.get(feed.key);
    group?.followers.delete(follower);
    if (group?.followers.size === 0) this.#groups.delete(feed.key);
  }

  stop(): void {
    this.#stopping.abort();
    this.#groups.clear();
  }

  async #run(): Promise<void> {
    const { journal, failed } = this.#ports;
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#groups.size > 0) {
      try {
        if (journal.head <= this.#position) {
          await journal.grown(this.#position, signal);
          if (journal.head <= this.#position) break;
        }
        const page = await journal.read({
          after: this.#position,
          limit: pageEntriesMax,
          bytesMax: pageBytesMax,
        });
        for (const entry of page.entries) {
          for (const { feed, followers } of this.#groups.values()) {
            const message = feed.messageOf(entry);
            if (message === undefined) continue;
            for (const follower of followers) follower.take(message, entry.position);
          }
        }
        this.#position = Math.max(this.#position, page.next);
      } catch (error) {
        if (!signal.aborted) await failed(error);
      }
    }
    this.#phase = "parked";
  }
}
