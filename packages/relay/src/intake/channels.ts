/**
 * The notification channels that a trunk's runs have used. No call deletes one, and each counts towards
 * the 20 of its OAuth client until 24 h after its last renewal, so a run tells the next which of
 * them are its own. No clock, no waiting.
 *
 * A line has two sessions with redundancy 2, one more while it replaces one, and nothing says which
 * channel it leaves behind: each counts as in use until its line has had as many newer ones as that.
 *
 * Source: 24 h (notifications page); 20 channels, of which a 21st evicts the one used longest ago
 * (official SDK); that they are counted per OAuth client is inferred. docs/GENESYS.md, section 5.
 */
import type { ClientEvent, ConnectedEvent, Redundancy } from "@trunkline/client";
import type { Draft, UsedChannel } from "../journal/entry.ts";

/** The service's limit on channels of one OAuth client. */
const channelsMax = 20;
const channelLifeMs = 24 * 3_600_000;
/** How often the channels in use are noted again; in the last hour of its life one may be taken for another's. */
const renewEveryMs = 3_600_000;

export interface ChannelsOptions {
  readonly trunk: string;
  /** The OAuth client whose channels these are: those of another take no place among its 20. */
  readonly clientId: string;
  /** Sessions of a line at a time, but for the one that takes another's place. */
  readonly redundancy: Redundancy;
  /** What earlier runs have stored, oldest first. */
  readonly stored: readonly UsedChannel[];
}

/** A line that has a socket. */
interface InUse {
  /** Its channels, the newest first. */
  marks: readonly string[];
  /** How many of them have a socket. */
  sessions: number;
}

export class Channels {
  readonly #trunk: string;
  readonly #clientId: string;
  /** By mark, the one used longest ago first. */
  readonly #used: Map<string, UsedChannel>;
  readonly #ofLineMax: number;
  /** By line. */
  readonly #inUse = new Map<number, InUse>();
  /** How many of the 20 may be ours: the service has evicted the rest of what we know. */
  #oursMax = channelsMax;
  #notedMs = Number.NEGATIVE_INFINITY;
  #state: "stored" | "changed" = "stored";

  constructor({ trunk, clientId, redundancy, stored }: ChannelsOptions) {
    this.#trunk = trunk;
    this.#clientId = clientId;
    this.#ofLineMax = redundancy + 1;
    this.#used = new Map(stored.map((channel) => [channel.mark, channel]));
  }

  /** When what earlier runs have left will have expired at the latest. */
  left(nowMs: number): readonly number[] {
    this.#expire(nowMs);
    return this.#ours().map(({ untilMs }) => untilMs);
  }

  /** One event of the client; most say nothing of channels. */
  note(event: ClientEvent, nowMs: number): void {
    if (event.type === "budget") {
      this.#oursMax = event.channels.limit - event.channels.others;
    } else if (event.type === "connected") {
      this.#connected(event, nowMs);
    } else if (event.type === "disconnected") {
      const inUse = this.#inUse.get(event.line);
      if (inUse === undefined) return;
      this.#renew(nowMs);
      inUse.sessions = event.sessions;
      if (event.sessions === 0) this.#inUse.delete(event.line);
    }
  }

  /** What is to be stored, where something has changed, or is to be said again. */
  drafts(nowMs: number): readonly Draft[] {
    // A clock that was set back is followed at once.
    const isDue = Math.abs(nowMs - this.#notedMs) >= renewEveryMs;
    if (isDue && this.#inUse.size > 0) this.#renew(nowMs);
    if (this.#state === "stored") return [];
    this.#state = "stored";
    this.#expire(nowMs);
    this.#forgetEvicted();
    return [{ kind: "trunk", trunk: this.#trunk, channels: [...this.#used.values()] }];
  }

  #connected({ line, channel, sessions }: ConnectedEvent, nowMs: number): void {
    // A channel that one line has left may come to another.
    for (const other of this.#inUse.values())
      other.marks = other.marks.filter((mark) => mark !== channel);
    const marks = [channel, ...(this.#inUse.get(line)?.marks ?? [])];
    this.#inUse.set(line, { marks, sessions });
    this.#renew(nowMs);
    this.#inUse.set(line, { marks: marks.slice(0, this.#ofLineMax), sessions });
  }

  /** The channels in use live on, and become the newest: last those that came to their lines last. */
  #renew(nowMs: number): void {
    const lines = [...this.#inUse.values()];
    for (let age = this.#ofLineMax; age >= 0; age--) {
      for (const { marks } of lines) {
        const mark = marks[age];
        if (mark === undefined) continue;
        this.#used.delete(mark);
        const untilMs = nowMs + channelLifeMs;
        this.#used.set(mark, { mark, clientId: this.#clientId, untilMs });
      }
    }
    this.#notedMs = nowMs;
    this.#state = "changed";
  }

  #expire(nowMs: number): void {
    for (const [mark, channel] of this.#used) {
      if (channel.untilMs <= nowMs) this.#used.delete(mark);
      // Noted before the clock was set back: nothing lives longer than 24 h from now.
      else if (channel.untilMs > nowMs + channelLifeMs)
        this.#used.set(mark, { ...channel, untilMs: nowMs + channelLifeMs });
    }
  }

  /** There is no room for more than that: the one used longest ago has made way for each new one. */
  #forgetEvicted(): void {
    const ours = this.#ours();
    const open = [...this.#inUse.values()].reduce((sum, { sessions }) => sum + sessions, 0);
    const kept = Math.max(this.#oursMax, open);
    for (const { mark } of ours.slice(0, Math.max(0, ours.length - kept))) this.#used.delete(mark);
  }

  #ours(): readonly UsedChannel[] {
    return [...this.#used.values()].filter(({ clientId }) => clientId === this.#clientId);
  }
}
