/**
 * A trunk: all lines of one credential together. It owns what they share: the token, the request
 * budget, the 20 channels, and which topics go to which line.
 */
import { Elapsed } from "../elapsed.ts";
import { isTrunklineError, TrunklineError } from "../errors.ts";
import type { TopicStatus } from "../events.ts";
import { Line } from "../line/line.ts";
import type { Channel } from "../rest/channel.ts";
import { Turns } from "../rotation/turns.ts";
import type { Redundancy, ResolvedOptions } from "../options.ts";
import type { Outbox } from "../outbox.ts";
import type { Ports } from "../ports.ts";
import { createAsk, type Ask } from "../rest/ask.ts";
import { RequestBudget } from "../rest/budget.ts";
import { Notifications } from "../rest/notifications.ts";
import { Rest } from "../rest/rest.ts";
import { clientCredentials, provided, TokenSource, type Token } from "../rest/tokens.ts";
import type { Failure } from "../session/state.ts";
import { deal, places } from "../topics/deal.ts";
import { combine, type Combine, type Entry } from "../topics/entries.ts";
import type { Topic } from "../topics/names.ts";
import type { Sync } from "../topics/keeper.ts";
import type { Trace } from "../trace.ts";
import { Advice } from "./advice.ts";
import { Channels } from "./channels.ts";
import { Coverage } from "./coverage.ts";
import { Gaps } from "./gaps.ts";
import { Moving } from "./moving.ts";
import { patiently } from "./patience.ts";
import { statuses } from "./statuses.ts";

/** How often topics over budget are tried again. */
const retryOverBudgetMs = 600_000;
/** The golden section: however many lines there are, their places are spread. */
const spread = 0.618_033_988_749_895;

export class Trunk {
  readonly #options: ResolvedOptions;
  readonly #ports: Ports;
  readonly #outbox: Outbox;
  readonly #elapsed: Elapsed;
  readonly #stopping = new AbortController();
  readonly ask: Ask;
  readonly #trace: Trace;
  readonly #tokens: TokenSource;
  readonly #rest: Rest;
  readonly #notifications: Notifications;
  readonly #channels: Channels;
  readonly #advice: Advice;
  /** Retired channels that are being emptied. */
  #releasing = 0;
  /** Rotations take turns for the channels that are left. */
  readonly #turns = new Turns(() => this.#spares);
  readonly #coverage: Coverage;
  readonly #gaps: Gaps;
  readonly #lines = new Map<number, Line>();
  readonly #moving: Moving;
  #wanted: ReadonlyMap<string, Topic>;
  #overBudget: readonly Entry[] = [];
  /** How many topics were told to have found no room; undefined before anything was told. */
  #toldOverBudget: number | undefined;
  #combine: Combine;
  readonly #plain = new Set<string>();
  #gathering: AbortController | undefined;
  /** Hears when more is proven, while somebody waits for it. */
  #onProved: () => void = () => undefined;
  #phase: "starting" | "dealt" | "stopped" = "starting";

  constructor(options: ResolvedOptions, ports: Ports, outbox: Outbox) {
    this.#options = options;
    this.#ports = ports;
    this.#outbox = outbox;
    this.#elapsed = new Elapsed(ports.clock);
    this.#combine = options.combine;
    this.#wanted = byKey(options.topics);
    this.#trace = options.trace
      ? (line, record) =>
          outbox.pushIfRoom({ type: "trace", line, atMs: ports.clock.wallMs(), record })
      : undefined;
    const wire = {
      clock: ports.clock,
      elapsed: this.#elapsed,
      http: ports.http,
      trace: this.#trace,
    };
    const { credentials, hosts } = options;
    const fetch =
      "tokenProvider" in credentials
        ? provided(credentials.tokenProvider, ports.clock)
        : clientCredentials(wire, hosts.loginUrl, credentials.clientId, credentials.clientSecret);
    this.#tokens = new TokenSource(this.#elapsed, fetch, this.#stopping.signal);
    const budget = new RequestBudget(ports.clock, this.#elapsed, options.requestsPerMinute);
    this.#rest = new Rest({ ...wire, apiUrl: hosts.apiUrl, tokens: this.#tokens, budget });
    this.ask = createAsk(this.#rest, this.#stopping.signal);
    this.#notifications = new Notifications(
      this.#rest,
      this.#elapsed,
      options.connectHosts,
      hosts.apiUrl.startsWith("http:"),
    );
    this.#moving = new Moving(this.#elapsed, this.#lines, options.policy.overlapMs);
    this.#coverage = new Coverage({
      elapsed: this.#elapsed,
      emit: (event) => outbox.push(event),
    });
    this.#gaps = new Gaps({
      elapsed: this.#elapsed,
      coverage: this.#coverage,
      serverOffsetMs: () => this.#rest.serverOffsetMs,
      emit: (event) => outbox.push(event),
    });
    this.#channels = new Channels(this.#notifications, this.#elapsed, {
      mayEvict: options.evictChannels,
      ownsTokens: !("tokenProvider" in credentials),
      left: options.leftChannels,
      isAnyDown: () => [...this.#lines.values()].some(({ isDown }) => isDown),
    });
    this.#advice = new Advice({
      clock: ports.clock,
      rest: this.#rest,
      notifications: this.#notifications,
      tokens: this.#tokens,
      channels: this.#channels,
      policy: options.policy,
      wanted: () => this.#wanted,
      appraise: (error) => this.#appraise(error),
      emit: (event) => outbox.push(event),
    });
  }

  /** Logs in, looks at the limits, and starts the lines. What fails here for good ends the stream. */
  async start(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    try {
      await this.#patiently(async () => void (await this.#tokens.get()));
      void this.#advice.identify(signal);
      await this.#patiently(() => this.#channels.survey(signal));
      if (this.#stopping.signal.aborted) return;
      this.#phase = "dealt";
      this.#deal();
      await this.#advice.readCatalogue(signal);
      await this.#watchBudget();
    } catch (error) {
      if (!signal.aborted) this.#fail(this.#appraise(error).error);
    }
  }

  setTopics(topics: readonly Topic[]): void {
    this.#wanted = byKey(topics);
    if (this.#phase !== "dealt" || this.#gathering !== undefined) return;
    const gathering = (this.#gathering = new AbortController());
    const { clock } = this.#ports;
    const either = AbortSignal.any([gathering.signal, this.#stopping.signal]);
    void clock.sleep(this.#options.policy.gatherMs, either).then(() => {
      this.#gathering = undefined;
      if (either.aborted) return;
      this.#deal();
      this.#advice.checkTopics();
    });
  }

  statuses(): readonly TopicStatus[] {
    return statuses(this.#wanted.values(), this.#overBudget, [...this.#lines.values()]);
  }

  /** Replaces every session by another, one after the other. */
  rotate(): void {
    for (const line of this.#lines.values()) line.rotate();
  }

  pause(): void {
    for (const line of this.#lines.values()) line.pause();
  }

  resume(): void {
    for (const line of this.#lines.values()) line.resume();
  }

  recordOverflow(): void {
    for (const line of this.#lines.values()) line.recordOverflow();
  }

  /**
   * Proves what has been sent until now, as far as it can be within `drainMs`: each line pings and
   * reads its topics back. What comes meanwhile is handed on.
   */
  async drain(drainMs: number): Promise<void> {
    const sinceMs = this.#elapsed.nowMs();
    const timer = new AbortController();
    this.#onProved = () => {
      if ([...this.#lines.values()].every((line) => line.isProven(sinceMs))) timer.abort();
    };
    for (const line of this.#lines.values()) line.prove();
    this.#onProved();
    const either = AbortSignal.any([timer.signal, this.#stopping.signal]);
    await this.#ports.clock.sleep(drainMs, either);
    this.#onProved = () => undefined;
  }

  stop(): void {
    if (this.#phase === "stopped") return;
    this.#phase = "stopped";
    this.#stopping.abort();
    this.recordOverflow();
    for (const line of this.#lines.values()) line.stop();
  }

  #fail(error: TrunklineError): void {
    this.stop();
    this.#outbox.end(error);
  }

  #deal(): void {
    const entries = combine(this.#wanted.values(), this.#combine, this.#plain);
    const { topicsPerLineMax: perLine } = this.#options.policy;
    const { shares, overBudget } = deal(entries, places(this.#lines), this.#linesMax, perLine);
    const changed =
      overBudget.length !== this.#overBudget.length ||
      (this.#lines.size === 0 && overBudget.length === 0);
    this.#overBudget = overBudget;
    // A line that lost all its topics stays: its channel cannot be deleted, and will be of use again.
    for (const [number, line] of this.#lines) line.setEntries(shares.get(number) ?? []);
    for (const [number, share] of shares)
      if (!this.#lines.has(number)) this.#startLine(number, share);
    this.#moving.look();
    this.#turns.look();
    this.#advice.checkTokenLife(this.#sessions);
    this.#gaps.close(this.#elapsed.nowMs(), (key) => !this.#wanted.has(key));
    if (changed) this.#tellBudget();
    const [found] = overBudget;
    if (changed && shares.size === 0 && found !== undefined) this.#allTaken(this.#channels.taken());
  }

  /** With room for a single session there is none for a second one. */
  get #redundancy(): Redundancy {
    return this.#channels.sessionsMax < 2 ? 1 : this.#options.redundancy;
  }

  /** Sessions that lines have, or want to have, at a time. */
  get #sessions(): number {
    return [...this.#lines.values()].reduce((sum, line) => sum + line.sessions, 0);
  }

  /** Where there is more than one channel to spare, one is left to sessions that are lost. */
  get #spares(): number {
    const left = this.#channels.usable - this.#sessions - this.#releasing;
    return left > 1 ? left - 1 : left;
  }

  get #linesMax(): number {
    return Math.floor(this.#channels.sessionsMax / this.#redundancy);
  }

  /** How the limits stand, where what found no room is not what it was. */
  #tellBudget(): void {
    const { ours, others, limit } = this.#channels.counts();
    const overBudget = this.statuses()
      .filter(({ state }) => state === "over-budget")
      .map(({ topic }) => topic);
    if (overBudget.length === this.#toldOverBudget) return;
    this.#toldOverBudget = overBudget.length;
    this.#outbox.push({ type: "budget", channels: { ours, others, limit }, overBudget });
  }

  /** Nothing can be carried: the end, or a long wait, for what found no room is tried again. */
  #allTaken(error: TrunklineError): void {
    if (this.#options.waitForChannels) return this.#setback(error, retryOverBudgetMs, 1);
    this.#fail(error);
  }

  #startLine(number: number, entries: readonly Entry[]): void {
    const line = this.#createLine(number);
    this.#lines.set(number, line);
    line.setEntries(entries);
    line.start();
  }

  #createLine(number: number): Line {
    const { clock, random, dial } = this.#ports;
    return new Line({
      line: number,
      clock,
      elapsed: this.#elapsed,
      random,
      dial,
      policy: this.#options.policy,
      notifications: this.#notifications,
      trace: this.#trace,
      gaps: this.#gaps,
      coverage: this.#coverage,
      redundancy: this.#redundancy,
      turns: this.#turns,
      place: (number * spread) % 1,
      isMissed: (key) =>
        this.#wanted.has(key) && ![...this.#lines.values()].some((line) => line.isCarrying(key)),
      makeChannel: (signal, notWith, isFirst) =>
        this.#channels.take(signal, async () => this.#tokenBut(notWith()), isFirst),
      isCrowded: () => this.#channels.isCrowded,
      leaveChannel: (fate) => {
        this.#channels.leave(fate);
        this.#advice.checkContention();
      },
      releaseChannel: (channel) => void this.#release(channel),
      explained: (line, cause) => this.#gaps.explain(line, cause),
      appraise: (error) => this.#appraise(error),
      emit: (event) => this.#outbox.push(event),
      offer: (event) => this.#outbox.offer(this.#moving.mark(event)),
      hasRoom: () => this.#outbox.hasRoom,
      isFull: () => this.#outbox.isFull,
      starved: () => this.#tellBudget(),
      proved: () => this.#onProved(),
      learned: (sync) => this.#learned(sync),
      ended: (error) => this.#fail(error),
    });
  }

  async #tokenBut(notWith: Token | undefined): Promise<Token | undefined> {
    return notWith === undefined ? undefined : this.#tokens.another(notWith);
  }

  /** No call deletes a channel: it is emptied, and used again. */
  async #release(channel: Channel): Promise<void> {
    this.#releasing++;
    try {
      await this.#notifications.putTopics(channel, [], this.#stopping.signal);
    } catch {
      // Whatever is left on it, the next who uses it puts its own list there first.
    }
    this.#channels.keep(channel);
    this.#releasing--;
    this.#turns.look();
  }

  /** The service does not take combined topics as we thought: never combine these again. */
  #learned({ combinedCountsAsMany, plain }: Sync): void {
    if (combinedCountsAsMany) this.#combine = "never";
    for (const object of plain) this.#plain.add(object);
    this.#deal();
  }

  /** While nothing has ever been live, what will not heal by itself ends the client; later on, never. */
  #appraise(error: unknown): Failure {
    if (!isTrunklineError(error)) {
      const internal = new TrunklineError("INTERNAL", "Something broke inside Trunkline.", {
        cause: error,
      });
      return { error: internal, final: true };
    }
    const wasLive = [...this.#lines.values()].some((line) => line.wasLive);
    return { error, final: error.retry === "never" && !wasLive };
  }

  #patiently(work: () => Promise<void>): Promise<void> {
    return patiently(work, {
      ...this.#ports,
      policy: this.#options.policy,
      signal: this.#stopping.signal,
      appraise: (error) => this.#appraise(error),
      setback: (...told) => this.#setback(...told),
    });
  }

  #setback(error: TrunklineError, retryInMs: number, attempt: number): void {
    const { message: reason } = error;
    const nothing = { code: undefined, sessions: 0 };
    this.#outbox.push({
      type: "disconnected",
      line: 0,
      ...nothing,
      reason,
      retryInMs,
      attempt,
      error,
    });
  }

  /** Channels of other programs expire: what found no room is tried again from time to time. */
  async #watchBudget(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#ports.clock.sleep(retryOverBudgetMs, signal);
      if (signal.aborted) return;
      if (this.#overBudget.length === 0) continue;
      try {
        await this.#channels.survey(signal);
        this.#deal();
      } catch (error) {
        if (signal.aborted) return;
        this.#outbox.push({ type: "warning", line: undefined, error: this.#appraise(error).error });
      }
    }
  }
}

function byKey(topics: readonly Topic[]): ReadonlyMap<string, Topic> {
  return new Map(topics.map((topic) => [topic.key, topic]));
}
