/**
 * The topics of one slot: what is wanted, how each stands on its channel, and the loop that keeps the
 * channel in step while a session is live. One writer: the machine's `subscribe` runs before the
 * socket opens, the loop only while it is open.
 */
import type { Elapsed } from "../elapsed.ts";
import { isTrunklineError } from "../errors.ts";
import type { ClientEvent, GapCause } from "../events.ts";
import type { Clock, Random } from "../ports.ts";
import type { Channel } from "../rest/channel.ts";
import type { Failure } from "../session/state.ts";
import type { Policy } from "../session/policy.ts";
import type { Entry } from "../topics/entries.ts";
import { TopicKeeper, type Standing, type Sync, type TopicCalls } from "../topics/keeper.ts";
import type { Carried, CarriedUntil } from "../trunk/gaps.ts";
import type { Carriage } from "./carriage.ts";

export interface SharePorts {
  readonly line: number;
  /** Tells the slots of a line apart. */
  readonly session: number;
  readonly clock: Clock;
  readonly elapsed: Elapsed;
  readonly random: Random;
  readonly policy: Policy;
  readonly notifications: TopicCalls;
  /** What the line carries, of which this is a part. */
  readonly carriage: Carriage;
  /** What to make of an error: nothing is final once the trunk has been live. */
  readonly appraise: (error: unknown) => Failure;
  readonly emit: (event: ClientEvent) => void;
  /** The service answered for topics of this line in a way that concerns all lines. */
  readonly learned: (sync: Sync) => void;
}

/** How topics stand; all that were permitted by one reply share one. */
interface Holding {
  readonly standing: Standing;
  /** Elapsed time of the reply that first listed it as permitted. */
  readonly sinceMs: number;
}

/** For so long topics that were taken off may still be part of a gap, and as long as they wait for a proof. */
const leftKeptMs = 120_000;

/** Notices lead to one confirmation in so long: they must not eat the request budget of all lines. */
const noticeEveryMs = 30_000;

export class Share {
  readonly #ports: SharePorts;
  readonly #keeper: TopicKeeper;
  readonly #onConfirmed: () => void;
  #entries: readonly Entry[] = [];
  /** What is on the channel as of the last reply: until the next one it is carried, wanted or not. */
  #synced: readonly Entry[] = [];
  /** What the service was last asked for, as long as its answer has not come. */
  #asked: readonly Entry[] = [];
  /** Topics that are no longer asked for, and until when they were. */
  #left: readonly CarriedUntil[] = [];
  #holdings: ReadonlyMap<string, Holding> = new Map();
  #renewedAtMs = 0;
  /** When the last question was asked whose answer confirmed what is on the channel. */
  #confirmedAtMs = 0;
  /** When a notice was last followed up, and when the next one will be. */
  #doubtedAtMs = Number.NEGATIVE_INFINITY;
  #doubtDueMs: number | undefined;
  #todo: "nothing" | "confirm" | "renew" | "sync" = "nothing";
  #nudge = new AbortController();
  /** Aborts with the session that is live. */
  #session: AbortSignal | undefined;
  /** When its socket opened: before that there was nothing to prove. */
  #openedAtMs = 0;

  /** @param onConfirmed hears when what is on the channel has been confirmed */
  constructor(ports: SharePorts, onConfirmed: () => void) {
    this.#ports = ports;
    this.#onConfirmed = onConfirmed;
    this.#keeper = new TopicKeeper(ports.notifications, ports.policy.topicsPerLineMax);
  }

  get size(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.topics.length, 0);
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What may stand on the channel, wanted or not: the last reply, and what was asked for since. */
  get standing(): readonly Entry[] {
    return [...this.#synced, ...this.#asked];
  }

  standingOf(key: string): Standing | undefined {
    return this.#holdings.get(key)?.standing;
  }

  isPermitted(key: string): boolean {
    return this.#holdings.get(key)?.standing.state === "permitted";
  }

  *carried(): Iterable<Carried> {
    for (const { topics } of this.#synced) {
      for (const { key, name } of topics) {
        const holding = this.#holdings.get(key);
        if (holding?.standing.state === "permitted") yield { key, name, sinceMs: holding.sinceMs };
      }
    }
  }

  /**
   * The channel is left for another, and what it carried will not be confirmed any more: it may have
   * died, or lost topics, at any time since the last confirmation.
   */
  channelLeft(cause: GapCause): void {
    this.#ports.carriage.doubt(
      this.#ports.session,
      cause,
      this.#confirmedAtMs,
      [...this.carried()],
      this.#leftSince(this.#confirmedAtMs),
    );
  }

  /** Something that came is lost: a gap since `sinceMs` for all that was carried since, wanted still or not. */
  broken(cause: GapCause, sinceMs: number): void {
    const { carriage } = this.#ports;
    carriage.broken(cause, sinceMs, [...this.carried()], this.#leftSince(sinceMs));
  }

  /** Nothing is carried any more, and delivery is unproven since `sinceMs`. */
  sessionEnded(cause: GapCause, sinceMs: number): void {
    const { carriage, elapsed, session } = this.#ports;
    const left = this.#leftSince(sinceMs);
    carriage.ended(session, cause, sinceMs, [...this.carried()], left, elapsed.nowMs());
  }

  /** Everything sent before an instant on what is carried has been handed on, or lies in a gap that was told. */
  prove(provenMs: number): void {
    const { carriage, session } = this.#ports;
    if (provenMs > this.#openedAtMs) carriage.prove(session, provenMs, this.#confirmedAtMs);
  }

  /** When the last question was asked whose answer confirmed what is on the channel. */
  get confirmedAtMs(): number {
    return this.#confirmedAtMs;
  }

  /** Somebody waits for the next confirmation. */
  confirm(): void {
    this.#bump("confirm");
  }

  /** From `untilMs` on, what is permitted on this line is delivered; and what others carry or nobody wants is not missed. */
  closeGaps(untilMs: number): void {
    const { carriage, session } = this.#ports;
    carriage.close(session, untilMs, (key) => this.isPermitted(key));
  }

  want(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#bump("sync");
  }

  /** The service said something about the subscriptions: read them back, though not at every word. */
  doubt(): void {
    this.#doubtDueMs ??= Math.max(this.#ports.elapsed.nowMs(), this.#doubtedAtMs + noticeEveryMs);
    this.#nudge.abort();
  }

  /**
   * Another slot has kept the same channel until now: what is on it stays there. It is read back before
   * anything is put, since a PUT would put back in silence what had vanished.
   */
  inherit(from: Share): void {
    this.#keeper.inherit(from.#keeper);
    this.#synced = from.#synced;
    this.#asked = from.#asked;
    this.#holdings = from.#holdings;
    this.#renewedAtMs = from.#renewedAtMs;
    this.#confirmedAtMs = from.#confirmedAtMs;
    this.#todo = "sync";
  }

  /** The line has another channel, with nothing on it yet. */
  reset(): void {
    this.#keeper.reset();
  }

  /** Puts all wanted topics on the channel and records how they stand. */
  async sync(channel: Channel, signal: AbortSignal): Promise<void> {
    this.#todo = "nothing";
    const entries = this.#entries;
    const askedAtMs = this.#ports.elapsed.nowMs();
    this.#leave(entries, askedAtMs);
    this.#asked = entries;
    try {
      const outcome = await this.#keeper.sync(channel, entries, signal);
      if (!outcome.combinedCountsAsMany) this.#record(entries, outcome.standings);
      if (outcome.combinedCountsAsMany || outcome.plain.length > 0) this.#ports.learned(outcome);
    } catch (error) {
      this.#todo = "sync";
      throw error;
    }
    this.#renewedAtMs = askedAtMs;
    // While a session is live the topics have just been read back: what vanished since, a PUT puts
    // back in silence, and confirms nothing.
    if (!this.#isLive) this.#confirmedAtMs = askedAtMs;
  }

  /** Runs while a session is live; ends when the signal aborts or the channel is gone. */
  async keepInStep(
    channel: Channel,
    openedAtMs: number,
    signal: AbortSignal,
  ): Promise<"aborted" | "channel-gone"> {
    const { policy } = this.#ports;
    this.#session = signal;
    this.#openedAtMs = openedAtMs;
    this.#tellCarried(openedAtMs);
    this.#bump("confirm");
    for (let failures = 0; ;) {
      await this.#untilDue(signal);
      if (signal.aborted) return "aborted";
      try {
        await this.#act(channel, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return "aborted";
        if (isTrunklineError(error, "CHANNEL_GONE")) return "channel-gone";
        const { clock, line, random } = this.#ports;
        const known = this.#ports.appraise(error).error;
        this.#ports.emit({ type: "warning", line, error: known });
        const ceilingMs = Math.min(policy.backoffMaxMs, policy.backoffFirstMs * 2 ** failures++);
        const waitMs = Math.max(known.retryAfterMs ?? 0, ceilingMs * (0.5 + random() / 2));
        await clock.sleep(waitMs, signal);
      }
    }
  }

  get #isLive(): boolean {
    return this.#session?.aborted === false;
  }

  #bump(todo: "confirm" | "sync"): void {
    if (this.#todo !== "sync") this.#todo = todo;
    this.#nudge.abort();
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    const { clock, elapsed, policy } = this.#ports;
    while (!signal.aborted && this.#todo === "nothing") {
      const nowMs = elapsed.nowMs();
      const renewInMs = this.#renewedAtMs + policy.renewEveryMs - nowMs;
      const confirmInMs = this.#confirmedAtMs + policy.confirmEveryMs - nowMs;
      const doubtInMs = (this.#doubtDueMs ?? Number.POSITIVE_INFINITY) - nowMs;
      if (renewInMs <= 0) {
        this.#todo = "renew";
      } else if (confirmInMs <= 0 || doubtInMs <= 0) {
        if (doubtInMs <= 0) this.#doubtedAtMs = nowMs;
        this.#doubtDueMs = doubtInMs <= 0 ? undefined : this.#doubtDueMs;
        this.#todo = "confirm";
      } else {
        this.#nudge = new AbortController();
        await clock.sleep(
          Math.min(renewInMs, confirmInMs, doubtInMs),
          AbortSignal.any([signal, this.#nudge.signal]),
        );
      }
    }
  }

  /**
   * What should be on the channel is read back first, whatever there is to do: a PUT would put back
   * in silence what had vanished.
   */
  async #act(channel: Channel, signal: AbortSignal): Promise<void> {
    const todo = this.#todo;
    this.#todo = "nothing";
    try {
      const sinceMs = this.#confirmedAtMs;
      const askedAtMs = this.#ports.elapsed.nowMs();
      const { missing, inStep } = await this.#keeper.confirm(channel, this.#synced, signal);
      if (missing.length > 0) this.#lost(missing, sinceMs);
      this.#confirmedAtMs = askedAtMs;
      this.#onConfirmed();
      if (todo === "confirm" && inStep) return;
      if (todo === "renew") this.#keeper.forgive();
      await this.sync(channel, signal);
    } catch (error) {
      if (this.#todo === "nothing") this.#todo = todo;
      throw error;
    }
  }

  /** Topics that the service had confirmed are no longer on the channel: a gap since the last confirmation. */
  #lost(missing: readonly Entry[], sinceMs: number): void {
    const holdings = new Map(this.#holdings);
    const topics = missing
      .flatMap((entry) => entry.topics)
      .flatMap(({ key, name }) => {
        const holding = holdings.get(key);
        holdings.delete(key);
        return holding?.standing.state === "permitted"
          ? [{ key, name, sinceMs: holding.sinceMs }]
          : [];
      });
    const { carriage, session } = this.#ports;
    this.#holdings = holdings;
    carriage.lost(session, "unsubscribed", sinceMs, topics);
  }

  #record(entries: readonly Entry[], standings: ReadonlyMap<string, Standing>): void {
    const { carriage, elapsed, emit, session } = this.#ports;
    const nowMs = elapsed.nowMs();
    const withdrawn: Carried[] = [];
    const before = this.#holdings;
    const holdings = new Map<string, Holding>();
    const permitted: Holding = { standing: { state: "permitted" }, sinceMs: nowMs };
    for (const { key, name } of entries.flatMap((entry) => entry.topics)) {
      const standing = standings.get(key);
      const was = before.get(key);
      if (standing === undefined) {
        // Refused as part of a combined entry: it comes again by itself, and is not carried until then.
        if (was?.standing.state === "permitted")
          withdrawn.push({ key, name, sinceMs: was.sinceMs });
        continue;
      }
      if (was !== undefined && was.standing.state === standing.state) {
        holdings.set(key, was);
        continue;
      }
      holdings.set(key, standing.state === "permitted" ? permitted : { standing, sinceMs: nowMs });
      if (standing.state === "permitted") continue;
      const { reason, missingPermissions } = standing;
      emit({ type: "rejected", topic: name, reason, missingPermissions });
      if (was !== undefined) withdrawn.push({ key, name, sinceMs: was.sinceMs });
    }
    // Carried until some moment after it was last confirmed.
    carriage.lost(session, "unsubscribed", this.#confirmedAtMs, withdrawn);
    this.#synced = entries;
    this.#asked = [];
    this.#holdings = holdings;
    if (!this.#isLive) return;
    this.closeGaps(nowMs);
    this.#tellCarried(nowMs);
  }

  /**
   * The service is about to be asked for `entries` alone. What else was carried is not, from now
   * on, whether or not the answer reaches us: unwanted, or moved to a line that may not carry it yet.
   */
  #leave(entries: readonly Entry[], nowMs: number): void {
    const { carriage, session } = this.#ports;
    const staying = new Set(entries.flatMap(({ topics }) => topics.map(({ key }) => key)));
    const leaving = [...this.carried()].filter(({ key }) => !staying.has(key));
    const recent = this.#left.filter(
      ({ key, untilMs }) => untilMs > nowMs - leftKeptMs || carriage.isLeaving(key),
    );
    this.#left = [...recent, ...leaving.map((topic) => ({ ...topic, untilMs: nowMs }))];
    if (leaving.length === 0) return;
    const holdings = new Map(this.#holdings);
    for (const { key } of leaving) holdings.delete(key);
    this.#holdings = holdings;
    carriage.leave(session, leaving, nowMs);
  }

  /** What was taken off after `sinceMs`; told once. */
  #leftSince(sinceMs: number): readonly CarriedUntil[] {
    const since = this.#left.filter(({ untilMs }) => untilMs > sinceMs);
    this.#left = this.#left.filter(({ untilMs }) => untilMs <= sinceMs);
    return since;
  }

  /** What is wanted and permitted is carried from an instant on, unless it was before. */
  #tellCarried(sinceMs: number): void {
    const wanted = this.#entries.flatMap(({ topics }) => topics);
    const { carriage, session } = this.#ports;
    carriage.carry(
      session,
      wanted.filter(({ key }) => this.isPermitted(key)),
      sinceMs,
    );
  }
}
