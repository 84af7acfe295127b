/**
 * The channel budget of one OAuth client. No call deletes a channel, and a 21st evicts the one used
 * longest ago, those without an open socket first. So channels are counted before one is made. Only
 * litter of our own, channels that we had to give up or that earlier runs have left, and that may
 * still exist without a socket, may be evicted by what we make: one for one. A channel that was made though its answer never reached
 * us is found by its id and taken.
 *
 * Source: 20 channels per user and application, and the eviction rule; ids are shown for channels
 * of the token that asks, and hidden for others (official SDK documentation).
 */
import type { Elapsed } from "../elapsed.ts";
import { isTrunklineError, TrunklineError } from "../errors.ts";
import type { Channel } from "../rest/channel.ts";
import type { Notifications } from "../rest/notifications.ts";

/** The service's limit on channels of one OAuth client. */
export const channelsMax = 20;
/** The service forgets a channel 24 h after its last renewal. */
const channelLifeMs = 24 * 3_600_000;
/** How many ids of our own channels are remembered. */
const knownMax = 1_000;
/** For how long a count of the channels is believed. */
const surveyMaxAgeMs = 60_000;

export class Channels {
  readonly #notifications: Pick<Notifications, "listChannels" | "makeChannel">;
  readonly #elapsed: Elapsed;
  readonly #mayEvict: boolean;
  readonly #ownsTokens: boolean;
  /** Channels that the service has for this OAuth client, as far as we know. */
  #total = 0;
  /** Of these, the ones that our lines use. */
  #ours = 0;
  /** When the litter expires, the first to expire first: channels that we, or earlier runs, gave up. */
  #litterUntilMs: number[] = [];
  /** Requests for a channel whose outcome we do not know. */
  #unsure = 0;
  /** Ids of channels that we have been given, to tell orphans from them. */
  readonly #known = new Set<string>();
  /** Channels of our own token that nobody was given: made, though the answer never reached us. */
  #orphans: readonly Channel[] = [];
  #surveyedAtMs = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param ownsTokens whether nobody else uses our tokens, so that a channel of theirs is ours
   * @param left when the channels of earlier runs will have expired, ms since 1970
   */
  constructor(
    notifications: Pick<Notifications, "listChannels" | "makeChannel">,
    elapsed: Elapsed,
    {
      mayEvict,
      ownsTokens,
      left = [],
    }: {
      readonly mayEvict: boolean;
      readonly ownsTokens: boolean;
      readonly left?: readonly number[];
    },
  ) {
    this.#ownsTokens = ownsTokens;
    this.#notifications = notifications;
    this.#elapsed = elapsed;
    this.#mayEvict = mayEvict;
    this.#litterUntilMs = litterOf(left, elapsed);
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
    const { total, shown } = await this.#notifications.listChannels(signal);
    const isSought = this.#unsure > 0 && this.#ownsTokens;
    this.#orphans = isSought ? shown.filter(({ id }) => !this.#known.has(id.reveal())) : [];
    const nowMs = this.#elapsed.nowMs();
    const living = this.#litterUntilMs.filter((untilMs) => untilMs > nowMs);
    // A listing with room for less litter than we know says that some is gone: the oldest, by rule.
    const litterMax = Math.max(0, total - this.#ours);
    this.#litterUntilMs = living.slice(Math.max(0, living.length - litterMax));
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
    if (this.#unsure > 0) await this.survey(signal);
    const [orphan, ...orphans] = this.#orphans;
    this.#orphans = orphans;
    if (orphan !== undefined) return this.#give(orphan);
    const evicted = this.#mayEvict ? undefined : await this.#makeRoom(signal);
    try {
      const channel = await this.#notifications.makeChannel(signal);
      this.#total = Math.min(channelsMax, this.#total + 1);
      return this.#give(channel);
    } catch (error) {
      // What was refused was not made; without an answer, or with a server's error, nobody knows.
      const status = isTrunklineError(error) ? (error.status ?? 0) : 0;
      const isRefused = status >= 400 && status < 500 && status !== 408;
      if (evicted !== undefined) this.#litterUntilMs.unshift(evicted);
      if (!isRefused) this.#unsure++;
      this.#surveyedAtMs = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }

  #give(channel: Channel): Channel {
    this.#ours++;
    this.#known.add(channel.id.reveal());
    const [oldest] = this.#known;
    if (this.#known.size > knownMax && oldest !== undefined) this.#known.delete(oldest);
    return channel;
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

/**
 * What earlier runs have left, in elapsed time. A channel cannot outlive its 24 h from now: where one
 * is said to, the wall clock was set back meanwhile.
 */
function litterOf(left: readonly number[], elapsed: Elapsed): number[] {
  const nowMs = elapsed.nowMs();
  const wallMs = elapsed.wallOf(nowMs);
  return left
    .map((untilMs) => Math.min(untilMs - wallMs, channelLifeMs))
    .toSorted((one, other) => one - other)
    .slice(-channelsMax)
    .map((remainingMs) => nowMs + remainingMs);
}
