/**
 * The notification channels that a trunk's runs have used. No call deletes one, and each counts towards
 * the 20 of its OAuth client until 24 h after its last renewal, so a run tells the next which of
 * them are its own. No clock, no waiting.
 *
 * Source: 24 h (notifications page); 20 channels, of which a 21st evicts the one used longest ago
 * (official SDK); that they are counted per OAuth client is inferred. docs/GENESYS.md, section 5.
 */
import type { ClientEvent } from "@trunkline/client";
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
  /** What earlier runs have stored, oldest first. */
  readonly stored: readonly UsedChannel[];
}

export class Channels {
  readonly #trunk: string;
  readonly #clientId: string;
  /** By mark, the one used longest ago first. */
  readonly #used: Map<string, UsedChannel>;
  /** The channel of each line that has a socket. */
  readonly #inUse = new Map<number, string>();
  /** How many of the 20 may be ours: the service has evicted the rest of what we know. */
  #oursMax = channelsMax;
  #notedMs = Number.NEGATIVE_INFINITY;
  #state: "stored" | "changed" = "stored";

  constructor({ trunk, clientId, stored }: ChannelsOptions) {
    this.#trunk = trunk;
    this.#clientId = clientId;
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
      this.#inUse.set(event.line, event.channel);
      this.#renew(nowMs);
    } else if (event.type === "disconnected" && this.#inUse.has(event.line)) {
      this.#renew(nowMs);
      this.#inUse.delete(event.line);
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

  /** The channels in use live on, and become the newest. */
  #renew(nowMs: number): void {
    for (const mark of this.#inUse.values()) {
      this.#used.delete(mark);
      const untilMs = nowMs + channelLifeMs;
      this.#used.set(mark, { mark, clientId: this.#clientId, untilMs });
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
    const kept = Math.max(this.#oursMax, this.#inUse.size);
    for (const { mark } of ours.slice(0, Math.max(0, ours.length - kept))) this.#used.delete(mark);
  }

  #ours(): readonly UsedChannel[] {
    return [...this.#used.values()].filter(({ clientId }) => clientId === this.#clientId);
  }
}
