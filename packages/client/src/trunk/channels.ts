/**
 * The channel budget of one OAuth client. No call deletes a channel, and a 21st evicts the one used
 * longest ago, those without an open socket first. So channels are counted before one is made, and
 * kept when they are no longer needed. Only litter of our own, channels that we had to give up and
 * that may still exist without a socket, may be evicted by what we make: one for one.
 *
 * Source: 20 channels per user and application, and the eviction rule (official SDK documentation).
 */
import type { Elapsed } from "../elapsed.ts";
import { isTrunklineError, TrunklineError } from "../errors.ts";
import type { Channel } from "../rest/channel.ts";
import type { Notifications } from "../rest/notifications.ts";

/** The service's limit on channels of one OAuth client. */
export const channelsMax = 20;
/** For how long a count of the channels is believed. */
const surveyMaxAgeMs = 60_000;

export class Channels {
  readonly #notifications: Notifications;
  readonly #elapsed: Elapsed;
  readonly #mayEvict: boolean;
  readonly #kept: Channel[] = [];
  /** Channels that the service has for this OAuth client, as far as we know. */
  #total = 0;
  /** Of these, the ones that our lines use or that we keep. */
  #ours = 0;
  /** Of these, the ones that we gave up, or that were made although the answer never reached us. */
  #litter = 0;
  /** Requests for a channel whose outcome we do not know. */
  #unsure = 0;
  #surveyedAtMs = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(notifications: Notifications, elapsed: Elapsed, mayEvict: boolean) {
    this.#notifications = notifications;
    this.#elapsed = elapsed;
    this.#mayEvict = mayEvict;
  }

  /** How many lines there may be, one channel each. */
  get linesMax(): number {
    return this.#mayEvict ? channelsMax : channelsMax - this.#others;
  }

  counts(): { readonly ours: number; readonly others: number; readonly limit: number } {
    return { ours: this.#ours, others: this.#others, limit: channelsMax };
  }

  taken(): TrunklineError {
    const message = `All ${channelsMax} channels of the OAuth client are taken, ${this.#others} of them by others.`;
    return new TrunklineError("CHANNELS_TAKEN", message);
  }

  /** Counts all channels of the OAuth client; those that are neither ours nor our litter are others'. */
  async survey(signal: AbortSignal): Promise<void> {
    const total = await this.#notifications.countChannels(signal);
    const grown = Math.max(0, total - this.#total);
    this.#litter = Math.min(
      this.#litter + Math.min(grown, this.#unsure),
      Math.max(0, total - this.#ours),
    );
    this.#unsure = 0;
    this.#total = total;
    this.#surveyedAtMs = this.#elapsed.nowMs();
  }

  /**
   * A channel that is kept, or a new one; one caller after the other, so that the count holds.
   * @throws TrunklineError CHANNELS_TAKEN rather than evict somebody's
   */
  take(signal: AbortSignal): Promise<Channel> {
    const taken = this.#turn.then(() => this.#takeOne(signal));
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /** A line has left its channel for another. */
  leave(channel: "gone" | "given-up"): void {
    this.#ours--;
    if (channel === "given-up") this.#litter++;
    else this.#total--;
  }

  /** Empties a channel that is no longer needed and keeps it for later. */
  async keep(channel: Channel, signal: AbortSignal): Promise<void> {
    try {
      await this.#notifications.putTopics(channel, [], signal);
      this.#kept.push(channel);
    } catch (error) {
      this.leave(isTrunklineError(error, "CHANNEL_GONE") ? "gone" : "given-up");
      if (!isTrunklineError(error) && !signal.aborted) throw error;
    }
  }

  get #others(): number {
    return Math.max(0, this.#total - this.#ours - this.#litter);
  }

  async #takeOne(signal: AbortSignal): Promise<Channel> {
    signal.throwIfAborted();
    const kept = this.#kept.pop();
    if (kept !== undefined) return kept;
    if (!this.#mayEvict) await this.#makeRoom(signal);
    try {
      const channel = await this.#notifications.makeChannel(signal);
      this.#total = Math.min(channelsMax, this.#total + 1);
      this.#ours++;
      return channel;
    } catch (error) {
      this.#unsure++;
      this.#surveyedAtMs = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }

  async #makeRoom(signal: AbortSignal): Promise<void> {
    const ageMs = this.#elapsed.nowMs() - this.#surveyedAtMs;
    if (ageMs > surveyMaxAgeMs || this.#total >= channelsMax) await this.survey(signal);
    if (this.#total < channelsMax) return;
    if (this.#litter === 0) throw this.taken();
    this.#litter--;
  }
}
