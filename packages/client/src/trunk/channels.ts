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
import type { Fate } from "../line/fate.ts";
import type { Channel } from "../rest/channel.ts";
import type { Notifications } from "../rest/notifications.ts";
import type { Token } from "../rest/tokens.ts";

/** The service's limit on channels of one OAuth client. */
export const channelsMax = 20;
/** The service forgets a channel 24 h after its last renewal. */
const channelLifeMs = 24 * 3_600_000;
/** How many ids of our own channels are remembered. */
const knownMax = 1_000;
/** For how long a count of the channels is believed. */
const countMaxAgeMs = 1_000;
/** One channel is left free where there are others, so that a session can be replaced before it ends. */
const sparesMin = 1;
/** Channels are made so often at most: in a minute, and in a minute while somebody evicts ours. */
const makesPerMinuteMax = 30;
const contendedMakesPerMinuteMax = 5;
const minuteMs = 60_000;
/** So many of our channels evicted within so long: another program on the same OAuth client makes too many. */
const evictionsMax = 3;
const contentionMs = 600_000;
/** A kept channel is used again while so much is left of its own life, and of its token's. */
const reuseShareMin = 0.3;

export class Channels {
  readonly #notifications: Pick<Notifications, "listChannels" | "makeChannel">;
  readonly #elapsed: Elapsed;
  readonly #mayEvict: boolean;
  readonly #ownsTokens: boolean;
  readonly #isAnyDown: () => boolean;
  /** Channels that the service has for this OAuth client, as far as we know. */
  #total = 0;
  /** Of these, the ones that our lines use. */
  #ours = 0;
  /** When the litter expires, the first to expire first: channels that we, or earlier runs, gave up. */
  #litterUntilMs: number[] = [];
  /** Requests for a channel whose outcome we do not know. */
  #unsure = 0;
  /** Retired, emptied channels of ours without a socket, to be used again; the one kept longest first. */
  #kept: readonly Channel[] = [];
  /** When channels were made of late, and when ours were evicted. */
  #madeAtMs: readonly number[] = [];
  #evictedAtMs: readonly number[] = [];
  /** Ids of channels that we have been given, to tell orphans from them. */
  readonly #known = new Set<string>();
  /** Channels of our own token that nobody was given: made, though the answer never reached us. */
  #orphans: readonly Channel[] = [];
  /** When the channels were counted; each count is good for one that is made, and for a second. */
  #countedAtMs = Number.NEGATIVE_INFINITY;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param ownsTokens whether nobody else uses our tokens, so that a channel of theirs is ours
   * @param isAnyDown whether a channel in use is without a socket, and would be the first to be evicted
   * @param left when the channels of earlier runs will have expired, ms since 1970
   */
  constructor(
    notifications: Pick<Notifications, "listChannels" | "makeChannel">,
    elapsed: Elapsed,
    {
      mayEvict,
      ownsTokens,
      left = [],
      isAnyDown = () => false,
    }: {
      readonly mayEvict: boolean;
      readonly ownsTokens: boolean;
      readonly left?: readonly number[];
      readonly isAnyDown?: () => boolean;
    },
  ) {
    this.#isAnyDown = isAnyDown;
    this.#ownsTokens = ownsTokens;
    this.#notifications = notifications;
    this.#elapsed = elapsed;
    this.#mayEvict = mayEvict;
    this.#litterUntilMs = litterOf(left, elapsed);
  }

  /** How many sessions there may be at a time, one channel each, besides the spare one. */
  get sessionsMax(): number {
    return Math.max(Math.min(1, this.usable), this.usable - sparesMin);
  }

  /** How many channels there may be of ours, the spare one among them. */
  get usable(): number {
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
    this.#forgetKept();
    const isSought = this.#unsure > 0 && this.#ownsTokens;
    this.#orphans = isSought ? shown.filter(({ id }) => !this.#known.has(id.reveal())) : [];
    const nowMs = this.#elapsed.nowMs();
    const living = this.#litterUntilMs.filter((untilMs) => untilMs > nowMs);
    // A listing with room for less litter than we know says that some is gone: the oldest, by rule.
    const oursMax = Math.max(0, total - this.#ours);
    this.#kept = this.#kept.slice(Math.max(0, this.#kept.length - oursMax));
    const litterMax = oursMax - this.#kept.length;
    this.#litterUntilMs = living.slice(Math.max(0, living.length - litterMax));
    this.#unsure = 0;
    this.#total = total;
    this.#countedAtMs = nowMs;
  }

  /**
   * A channel that was kept, or a new one; one caller after the other, so that the count holds.
   * @param isFirst whether it is for a session that has none to replace
   * @param token with which it is to be made; of a kept one it is the only one it may have, where given
   * @throws TrunklineError CHANNELS_TAKEN rather than evict somebody's; CHANNEL_CONTENTION where too many were made
   */
  take(
    signal: AbortSignal,
    token: () => Promise<Token | undefined> = async () => undefined,
    isFirst = false,
  ): Promise<Channel> {
    const taken = this.#turn.then(async () => this.#takeOne(signal, await token(), isFirst));
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /** A line has left its channel for another. */
  leave(channel: Fate): void {
    this.#ours--;
    if (channel === "given-up") return this.#litter();
    this.#total--;
    if (channel !== "evicted") return;
    const nowMs = this.#elapsed.nowMs();
    this.#evictedAtMs = [...this.#evictedAtMs.filter((ms) => ms > nowMs - contentionMs), nowMs];
  }

  /** A session has left its channel in peace, and emptied it: another may have it. */
  keep(channel: Channel): void {
    this.#ours--;
    this.#kept = [...this.#kept, channel];
  }

  /** Whether all channels that there may be were there when last counted, give or take the one that is missed. */
  get isCrowded(): boolean {
    return this.#total >= channelsMax - 1;
  }

  /** Whether another program takes the places of our channels, so that both would evict each other for ever. */
  get isContended(): boolean {
    const sinceMs = this.#elapsed.nowMs() - contentionMs;
    return this.#evictedAtMs.filter((ms) => ms > sinceMs).length >= evictionsMax;
  }

  get #others(): number {
    return Math.max(0, this.#total - this.#ours - this.#kept.length - this.#litterUntilMs.length);
  }

  #litter(): void {
    this.#litterUntilMs.push(this.#elapsed.nowMs() + channelLifeMs);
  }

  async #takeOne(
    signal: AbortSignal,
    token: Token | undefined,
    isFirst: boolean,
  ): Promise<Channel> {
    signal.throwIfAborted();
    if (this.#unsure > 0) await this.survey(signal);
    const kept = this.#takeKept(token);
    if (kept !== undefined) return kept;
    const [orphan, ...orphans] = this.#orphans;
    this.#orphans = orphans;
    if (orphan !== undefined) return this.#give(orphan);
    this.#countMaking();
    const evicted = this.#mayEvict ? undefined : await this.#makeRoom(isFirst, signal);
    try {
      const channel = await this.#notifications.makeChannel(signal, token);
      this.#total = Math.min(channelsMax, this.#total + 1);
      return this.#give(channel);
    } catch (error) {
      // What was refused was not made; without an answer, or with a server's error, nobody knows.
      const status = isTrunklineError(error) ? (error.status ?? 0) : 0;
      const isRefused = status >= 400 && status < 500 && status !== 408;
      if (evicted !== undefined) this.#litterUntilMs.unshift(evicted);
      if (!isRefused) this.#unsure++;
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

  /** A kept channel that lives long enough, and so does its token. */
  #takeKept(token: Token | undefined): Channel | undefined {
    this.#forgetKept();
    const nowMs = this.#elapsed.nowMs();
    const found = this.#kept.find(
      ({ madeWith, expiresAtMs, lifeMs }) =>
        (token === undefined || madeWith === token) &&
        expiresAtMs - nowMs > lifeMs * reuseShareMin &&
        madeWith.madeAtMs + madeWith.lifeMs - nowMs > madeWith.lifeMs * reuseShareMin,
    );
    if (found === undefined) return undefined;
    this.#kept = this.#kept.filter((channel) => channel !== found);
    return this.#give(found);
  }

  /** What was kept and will not be used again is litter, until it has expired. */
  #forgetKept(): void {
    const nowMs = this.#elapsed.nowMs();
    for (const { expiresAtMs } of this.#kept) if (expiresAtMs <= nowMs) this.#total--;
    this.#kept = this.#kept.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  }

  #countMaking(): void {
    const nowMs = this.#elapsed.nowMs();
    const recent = this.#madeAtMs.filter((ms) => ms > nowMs - minuteMs);
    const max = this.isContended ? contendedMakesPerMinuteMax : makesPerMinuteMax;
    const oldest = recent.at(-max);
    if (oldest !== undefined) {
      const message = this.isContended
        ? `${evictionsMax} of our channels were evicted within ${contentionMs / minuteMs} min.`
        : `${makesPerMinuteMax} channels were made within a minute.`;
      throw new TrunklineError("CHANNEL_CONTENTION", message, {
        retryAfterMs: oldest + minuteMs - nowMs,
      });
    }
    this.#madeAtMs = [...recent, nowMs];
  }

  /**
   * Resolves with the litter that the next channel evicts, if there is no other room. Channels are
   * counted each time: another program may make some at this moment as well. So the spare one is left
   * to replacements: two that start together and see the last but one free evict nobody.
   */
  async #makeRoom(isFirst: boolean, signal: AbortSignal): Promise<number | undefined> {
    if (this.#elapsed.nowMs() - this.#countedAtMs > countMaxAgeMs) await this.survey(signal);
    this.#countedAtMs = Number.NEGATIVE_INFINITY;
    const spares = isFirst && this.#ours > 0 ? sparesMin : 0;
    if (this.#total < channelsMax - spares) return undefined;
    // The first to go is one without a socket: that must not be one of ours that is only down.
    if (this.#isAnyDown()) throw this.taken();
    const [stale, ...kept] = this.#kept;
    this.#kept = kept;
    if (stale !== undefined) return stale.expiresAtMs;
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
