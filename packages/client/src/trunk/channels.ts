/**
 * The channel budget of one OAuth client. No call deletes a channel, and a 21st evicts the one used
 * longest ago, those without an open socket first. So channels are counted before one is made. Only litter of our own, channels that we had to give up and
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
/** The service forgets a channel 24 h after its last renewal. */
const channelLifeMs = 24 * 3_600_000;
/** For how long a count of the channels is believed. */
const surveyMaxAgeMs = 60_000;

export class Channels {
  readonly #notifications: Notifications;
  readonly #elapsed: Elapsed;
  readonly #mayEvict: boolean;
  /** Channels that the service has for this OAuth client, as far as we know. */
  #total = 0;
  /** Of these, the ones that our lines use. */
  #ours = 0;
  /** When the litter expires: channels that we gave up, or that were made though the answer never reached us. */
  #litterUntilMs: number[] = [];
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
    for (let made = Math.min(grown, this.#unsure); made > 0; made--) this.#litter();
    const nowMs = this.#elapsed.nowMs();
    const living = this.#litterUntilMs.filter((untilMs) => untilMs > nowMs);
    this.#litterUntilMs = living.slice(Math.max(0, living.length - total));
    this.#unsure = 0;
    this.#total = total;
    this.#surveyedAtMs = nowMs;
  }

  /**
   * A new channel; one caller after the other, so that the count holds.
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
    if (channel === "given-up") this.#litter();
    else this.#total--;
  }

  get #others(): number {
    return Math.max(0, this.#total - this.#ours - this.#litterUntilMs.length);
  }

  #litter(): void {
    this.#litterUntilMs.push(this.#elapsed.nowMs() + channelLifeMs);
  }

  async #takeOne(signal: AbortSignal): Promise<Channel> {
    signal.throwIfAborted();
    const evicted = this.#mayEvict ? undefined : await this.#makeRoom(signal);
    try {
      const channel = await this.#notifications.makeChannel(signal);
      this.#total = Math.min(channelsMax, this.#total + 1);
      this.#ours++;
      return channel;
    } catch (error) {
      // What was refused was not made; without an answer, or with a server's error, nobody knows.
      const status = isTrunklineError(error) ? (error.status ?? 0) : 0;
      const isRefused = status >= 400 && status < 500 && status !== 408;
      if (evicted !== undefined) this.#litterUntilMs.unshift(evicted);
      else if (!isRefused) this.#unsure++;
      this.#surveyedAtMs = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }

  /** Resolves with the litter that the next channel evicts, if there is no other room. */
  async #makeRoom(signal: AbortSignal): Promise<number | undefined> {
    const ageMs = this.#elapsed.nowMs() - this.#surveyedAtMs;
    if (ageMs > surveyMaxAgeMs || this.#total >= channelsMax) await this.survey(signal);
    if (this.#total < channelsMax) return undefined;
    const oldest = this.#litterUntilMs.shift();
    if (oldest === undefined) throw this.taken();
    return oldest;
  }
}
