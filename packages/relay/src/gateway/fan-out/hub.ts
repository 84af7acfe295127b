/**
 * Reads the journal once for all that follow its end, and hands each entry to every feed that has followers. Who
 * reads more slowly leaves, and comes back when it has caught up by itself.
 *
 * Followers stand in groups, and the groups take turns: each is given all that has been committed until then, so that
 * one write to a socket carries as much as there is, and none waits until all others have been written to. Between them the
 * loop is let go: sockets are flushed, and commits go on.
 */
import type { Entry } from "../../journal/entry.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Clock } from "../../ports.ts";
import { hubLimits, pageBytesMax, pageEntriesMax } from "../limits.ts";
import type { Feed } from "./feed.ts";

/** Somebody who has had everything up to the place where its group is. */
export interface Follower {
  /** @param position of the entry that the message is about */
  take(message: string, position: number): void;
}

/** How followers are served in turns. */
export interface HubLimits {
  /** Followers of a group. */
  readonly groupFollowersMax: number;
  /** What is done before the loop is let go, where a group ends: looking at an entry and handing over a message are 1 each, a write is 10. */
  readonly workOfTurn: number;
}

export interface HubPorts {
  readonly journal: Pick<Journal, "head" | "read" | "grown">;
  readonly clock: Pick<Clock, "sleep">;
  /** @default those of the Event API */
  readonly limits?: HubLimits;
  /** The journal cannot be read; nobody is given anything until it can. */
  readonly failed: (error: unknown) => Promise<void>;
}

/** Followers of one feed that are served together. */
export class Group {
  readonly feed: Feed;
  readonly followers = new Set<Follower>();
  /** Everything up to here has been handed to them. */
  position: number;
  /** Of all entries that were ever read, the one that they get next. */
  next: number;

  constructor(feed: Feed, position: number, next: number) {
    this.feed = feed;
    this.position = position;
    this.next = next;
  }
}

/** What a write to a socket costs, where handing it a message costs 1. */
const workOfWrite = 10;

export class Hub {
  readonly #ports: HubPorts;
  readonly #limits: HubLimits;
  readonly #groups = new Set<Group>();
  /** By their feeds: those that are joined at present. */
  readonly #open = new Map<string, Group>();
  readonly #stopping = new AbortController();
  /** Entries that not all groups have had yet. */
  #entries: Entry[] = [];
  /** How many were ever read. */
  #read = 0;
  /** Everything up to here has been read. */
  #position = 0;
  #phase: "parked" | "running" = "parked";

  constructor(ports: HubPorts) {
    this.#ports = ports;
    this.#limits = ports.limits ?? hubLimits;
  }

  get followers(): number {
    let count = 0;
    for (const { followers } of this.#groups) count += followers.size;
    return count;
  }

  /**
   * Joins whoever has had everything up to a position. Undefined where the hub is beyond it: what lies between is to be
   * read first.
   */
  join(feed: Feed, follower: Follower, position: number): Group | undefined {
    const group = this.#groupFor(feed);
    if (position < group.position) return undefined;
    group.followers.add(follower);
    this.#groups.add(group);
    this.#open.set(feed.key, group);
    if (this.#phase === "running") return group;
    this.#position = group.position;
    this.#phase = "running";
    void this.#run();
    return group;
  }

  leave(group: Group, follower: Follower): void {
    group.followers.delete(follower);
    if (group.followers.size > 0) return;
    this.#groups.delete(group);
    if (this.#open.get(group.feed.key) === group) this.#open.delete(group.feed.key);
  }

  stop(): void {
    this.#stopping.abort();
    this.#groups.clear();
    this.#open.clear();
  }

  #groupFor(feed: Feed): Group {
    const open = this.#open.get(feed.key);
    if (open !== undefined && open.followers.size < this.#limits.groupFollowersMax) return open;
    const position = this.#phase === "running" ? this.#position : this.#ports.journal.head;
    return new Group(feed, position, this.#read);
  }

  async #run(): Promise<void> {
    const { journal, failed } = this.#ports;
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#groups.size > 0) {
      try {
        if (this.#entries.length === 0 && journal.head <= this.#position) {
          await journal.grown(this.#position, signal);
          if (journal.head <= this.#position) break;
        }
        await this.#goRound();
      } catch (error) {
        if (!signal.aborted) await failed(error);
      }
    }
    this.#phase = "parked";
  }

  /** Serves every group, also those that come meanwhile: they end, since what is read on has a limit. */
  async #goRound(): Promise<void> {
    const { journal, clock } = this.#ports;
    const { signal } = this.#stopping;
    let work = 0;
    for (const group of this.#groups) {
      if (journal.head > this.#position) await this.#readOn();
      work += this.#tell(group);
      if (work >= this.#limits.workOfTurn) {
        work = 0;
        await clock.sleep(0, signal);
      }
      if (signal.aborted) return;
    }
    this.#forget();
  }

  /** Reads what is new, as far as there is room. */
  async #readOn(): Promise<void> {
    const limit = pageEntriesMax - this.#entries.length;
    const bytesMax = pageBytesMax - this.#entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    if (limit <= 0 || bytesMax <= 0) return;
    const page = await this.#ports.journal.read({ after: this.#position, limit, bytesMax });
    this.#entries.push(...page.entries);
    this.#read += page.entries.length;
    this.#position = Math.max(this.#position, page.next);
  }

  /** Hands a group what it has not had. Returns how much work that was. */
  #tell(group: Group): number {
    const { feed, followers } = group;
    const first = this.#read - this.#entries.length;
    let work = 0;
    let told = 0;
    for (const entry of this.#entries.slice(group.next - first)) {
      work++;
      const message = feed.messageOf(entry);
      if (message !== undefined) {
        work += followers.size * (told++ === 0 ? 1 + workOfWrite : 1);
        for (const follower of followers) follower.take(message, entry.position);
      }
      group.next++;
      group.position = Math.max(group.position, entry.position);
    }
    group.position = this.#position;
    return work;
  }

  /** What all have had is kept no more. */
  #forget(): void {
    let next = this.#read;
    for (const group of this.#groups) next = Math.min(next, group.next);
    this.#entries = this.#entries.slice(this.#entries.length - (this.#read - next));
  }
}

function bytesOf(entry: Entry): number {
  return entry.kind === "event" ? entry.raw.length : 0;
}
