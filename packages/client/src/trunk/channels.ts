/**
 * The channel budget of one OAuth client. No call deletes a channel, and a 21st evicts another, so
 * channels are counted before one is made, and kept when they are no longer needed.
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
  /** Channels that we have made and that the last survey saw or would see. */
  #ours = 0;
  #others = 0;
  #surveyedAtMs = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(notifications: Notifications, elapsed: Elapsed, mayEvict: boolean) {
    this.#notifications = notifications;
    this.#elapsed = elapsed;
    this.#mayEvict = mayEvict;
  }

  /** How many lines there may be, one channel each. */
  get linesMax(): number {
    return this.#mayEvict ? channelsMax : Math.max(0, channelsMax - this.#others);
  }

  counts(lines: number): {
    readonly ours: number;
    readonly others: number;
    readonly limit: number;
  } {
    return { ours: Math.max(this.#ours, lines), others: this.#others, limit: channelsMax };
  }

  taken(): TrunklineError {
    return new TrunklineError(
      "CHANNELS_TAKEN",
      `${this.#others} of ${channelsMax} channels are in use by others.`,
    );
  }

  /** Counts all channels of the OAuth client; those that we did not make are others'. */
  async survey(signal: AbortSignal): Promise<void> {
    const all = await this.#notifications.countChannels(signal);
    this.#ours = Math.min(this.#ours, all);
    this.#others = all - this.#ours;
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

  /** A channel of ours is dead or given up: what it still takes of the limit, the next survey tells. */
  forget(): void {
    this.#ours = Math.max(0, this.#ours - 1);
    this.#surveyedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Empties a channel that is no longer needed and keeps it for later. */
  async keep(channel: Channel, signal: AbortSignal): Promise<void> {
    try {
      await this.#notifications.putTopics(channel, [], signal);
      this.#kept.push(channel);
    } catch (error) {
      // It expires by itself; until then the survey counts it.
      if (!isTrunklineError(error) && !signal.aborted) throw error;
    }
  }

  async #takeOne(signal: AbortSignal): Promise<Channel> {
    signal.throwIfAborted();
    const kept = this.#kept.pop();
    if (kept !== undefined) return kept;
    if (!this.#mayEvict) {
      const ageMs = this.#elapsed.nowMs() - this.#surveyedAtMs;
      if (ageMs > surveyMaxAgeMs || this.#ours + this.#others >= channelsMax)
        await this.survey(signal);
      if (this.#ours + this.#others >= channelsMax) throw this.taken();
    }
    const channel = await this.#notifications.makeChannel(signal);
    this.#ours++;
    return channel;
  }
}
