/**
 * The uplink of one trunk: runs the client, and hands what it tells to the journal, in its order.
 * When the journal has no room, nothing more is taken from the client, whose own buffer then pauses
 * the sockets and, in the end, records a gap.
 */
import {
  isTrunklineError,
  type Client,
  type ClientEvent,
  type ClientOptions,
} from "@trunkline/client";
import { isTopicPattern, type Organisation, type Subscription } from "@trunkline/events";
import type { TrunkConfig } from "../config/config.ts";
import { relayPolicy } from "../config/policy.ts";
import { isRelayError } from "../errors.ts";
import type { Draft } from "../journal/entry.ts";
import type { Journal, TrunkMemory } from "../journal/journal.ts";
import type { Clock, Log } from "../ports.ts";
import type { TrunkStatus } from "../service.ts";
import { Channels } from "./channels.ts";
import { Conversations } from "./conversations.ts";
import { openGapsMax, stopDrainMs } from "./limits.ts";
import { Recorder } from "./recorder.ts";
import { Rotations } from "./rotations.ts";
import { Story } from "./story.ts";
import type { Since } from "../gateway/interests.ts";
import type { PlannedTrunk } from "../gateway/standing/routes.ts";
import { TopicWishes, type WishPorts } from "./wishes.ts";

export interface UplinkPorts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly createClient: (options: ClientOptions) => Client;
  readonly nextGapId: () => string;
  readonly redact: (topic: string, raw: string) => string;
}

/** Stands among awaited topics for those that are not known before the organisation was listed; no topic's key. */
const listAwaited = "*";

export class Uplink {
  readonly #config: TrunkConfig;
  readonly #ports: UplinkPorts;
  readonly #recorder: Recorder;
  readonly #story: Story;
  readonly #channels: Channels;
  readonly #conversations = new Conversations();
  readonly #client: Client;
  readonly #wishes: TopicWishes;
  readonly #ready = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<Error>();
  #running: Promise<void> | undefined;
  /** Wanted topics that were neither live nor refused yet, by key; emptied, it is never filled again. */
  readonly #awaited: Set<string>;
  #organizationId: string | undefined;
  #received = 0;
  #maybeDuplicates = 0;
  readonly #rotations = new Rotations();
  /** Until the first word of the channels' budget nobody has let us in; `was-live` is for ever. */
  #phase: "starting" | "let-in" | "was-live" | "failed" | "stopped" = "starting";
  /** Why the journal does not have all that came; undefined while it has. */
  #unstored: Error | undefined;

  /**
   * @param known what earlier runs have stored of this trunk
   * @throws TrunklineError for a region, credentials or topics that cannot be
   */
  constructor(config: TrunkConfig, ports: UplinkPorts, known?: TrunkMemory) {
    const {
      name,
      place,
      credentials,
      topics,
      evictChannels,
      redundancy,
      requestsPerMinute,
      policy,
    } = config;
    this.#config = config;
    this.#ports = ports;
    this.#story = new Story(name, ports.log);
    const { clientId } = credentials;
    this.#channels = new Channels({
      trunk: name,
      clientId,
      redundancy,
      stored: known?.channels ?? [],
    });
    this.#organizationId = known?.organizationId;
    const { nextGapId, redact } = ports;
    this.#recorder = new Recorder({
      trunk: name,
      nextGapId,
      redact,
      derive: (event, raw) => this.#conversations.derive(event, raw),
    });
    this.#client = ports.createClient({
      ...place,
      credentials: {
        clientId,
        clientSecret: credentials.clientSecret.reveal(),
      },
      topics: topics.filter((topic) => !isTopicPattern(topic)),
      evictChannels,
      redundancy,
      leftChannels: this.#channels.left(ports.clock.wallMs()),
      // A service does not end at night for want of a channel: others' expire.
      waitForChannels: true,
      requestsPerMinute,
      policy: { ...relayPolicy, ...policy },
    });
    const { clock, log } = ports;
    const changed: WishPorts["changed"] = (since) => void this.#follow(since);
    this.#wishes = new TopicWishes({ trunk: name, clock, log, client: this.#client, changed });
    this.#wishes.set(topics);
    this.#awaited = new Set(this.#wanted().map(keyOf));
    if (this.#wishes.isOpen) this.#awaited.add(listAwaited);
  }

  get name(): string {
    return this.#config.name;
  }

  /** Resolves when every wanted topic has been live, or was refused for good. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves with the error that ended it for good; never, where it was stopped. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** Records what the run before has left unproven, then connects. */
  async start(): Promise<void> {
    const { journal, clock } = this.#ports;
    const { name } = this.#config;
    const [coverage, openGaps, conversations] = await Promise.all([
      journal.coverage(name, { sinceProof: true }),
      journal.gaps({ trunk: name, isOpen: true, limit: openGapsMax }),
      journal.conversations(name),
    ]);
    this.#conversations.inherit(conversations);
    const nowMs = clock.wallMs();
    const inherited = this.#recorder.inherit({ coverage, openGaps }, nowMs);
    const isCarried = coverage.filter(({ untilMs }) => untilMs === undefined);
    this.#wishes.start([
      ...isCarried.map(({ topic }) => topic),
      ...openGaps.flatMap((gap) => gap.topics),
    ]);
    if (this.#wishes.hasPatterns) this.#client.setTopics(this.#wishes.topics);
    const drafts = [...inherited, ...this.#recorder.want(this.#wanted(), nowMs)];
    this.#story.tellGaps(drafts);
    await this.#append(drafts);
    this.#running = this.#run();
  }

  /**
   * Replaces the wanted topics, without a reconnect; `settleTopics` makes it final.
   * @throws TrunklineError TOPIC_INVALID; then nothing has changed
   */
  setTopics(topics: readonly string[]): void {
    this.#wishes.set(topics);
    this.#client.setTopics(this.#wishes.topics);
  }

  /**
   * Somebody subscribes to these, and to no others: their topics are carried besides those of the configuration.
   * @param since from when on somebody waits for what is new
   */
  setSubscriptions(subscriptions: readonly Subscription[], since: Since): void {
    if (this.#phase === "stopped" || this.#phase === "failed") return;
    this.#wishes.subscribe(subscriptions, since);
    void this.#follow(since);
  }

  /**
   * What subscriptions and patterns stand for has changed.
   * @param since from when on somebody may wait for what is new; undefined where nobody does
   */
  async #follow(since: Since | undefined): Promise<void> {
    const fromMs = since?.fromMs;
    const carried = fromMs === undefined ? undefined : await this.#everCarried();
    if (this.#phase === "stopped" || this.#phase === "failed") return;
    try {
      const before = new Set(this.#wanted().map(keyOf));
      this.#client.setTopics(this.#wishes.topics);
      const isNew = (topic: string): boolean => !before.has(keyOf(topic));
      if (since !== undefined) {
        this.#recorder.join(this.#wanted().filter(isNew), since.askedMs);
        // Those of the configuration begin without a gap, unless somebody waits for them by now.
        const isAwaited = (topic: string): boolean => this.#awaited.has(keyOf(topic));
        this.#recorder.join(this.#wishes.subscribed.filter(isAwaited), since.askedMs);
      }
      if (fromMs !== undefined && carried !== undefined) this.#recorder.extend(fromMs, carried);
    } catch (error) {
      // What was wanted before is carried on.
      const { code, help } = isTrunklineError(error)
        ? error
        : { code: "INTERNAL", help: undefined };
      const fields = { trunk: this.name, code, help };
      return this.#ports.log.error(fields, "The topics that are wanted now cannot be taken over.");
    }
    if (this.#awaited.has(listAwaited) && !this.#wishes.isOpen) {
      for (const { topic, state } of this.#client.topics())
        if (state !== "live" && state !== "rejected") this.#awaited.add(keyOf(topic));
      this.#awaited.delete(listAwaited);
    }
    // What the journal does not take is its own trouble, and told by the stream.
    await this.settleTopics().catch(() => undefined);
  }

  /** Keys of topics that were carried at some time: of those the journal itself says when. */
  async #everCarried(): Promise<ReadonlySet<string>> {
    try {
      const coverage = await this.#ports.journal.coverage(this.name);
      return new Set(coverage.map(({ topic }) => keyOf(topic)));
    } catch {
      // Told rather twice than not at all; that the journal cannot be read is told by whoever reads it.
      return new Set();
    }
  }

  /** What is no longer wanted is waited for no more. */
  async settleTopics(): Promise<void> {
    const wanted = this.#wanted();
    const keys = new Set(wanted.map(keyOf));
    if (this.#wishes.isOpen) keys.add(listAwaited);
    for (const key of this.#awaited) if (!keys.has(key)) this.#awaited.delete(key);
    this.#lookReady();
    const drafts = this.#recorder.want(wanted, this.#ports.clock.wallMs());
    this.#story.tellGaps(drafts);
    await this.#append(drafts);
  }

  /**
   * Proves what it can, and closes the sockets; everything that came is in the journal's hands when it
   * resolves. While the journal has no room that is never, unless the journal is closed.
   * @throws what the journal has said, where it did not take everything
   */
  async stop(): Promise<void> {
    this.#wishes.stop();
    if (this.#phase !== "failed") this.#phase = "stopped";
    await this.#client.close({ drainMs: stopDrainMs });
    await this.#running;
    if (this.#unstored !== undefined) throw this.#unstored;
  }

  get organisation(): Organisation {
    return this.#wishes.organisation;
  }

  /** What is known of its organisation, to plan by. */
  get planned(): PlannedTrunk {
    const wishes = this.#wishes;
    const { requestsPerMinute, redundancy } = this.#config;
    return {
      name: this.name,
      organisation: wishes.organisation,
      isListed: (subscription) => wishes.isListed(subscription),
      isGuessing: (subscription) => wishes.isGuessing(subscription),
      isOver: this.#phase === "failed" || this.#phase === "stopped",
      setup: { requestsPerMinute, redundancy },
    };
  }

  status(): TrunkStatus {
    const topics = this.#client.topics();
    return {
      name: this.#config.name,
      organizationId: this.#organizationId,
      state: this.#stateOf(topics),
      topics,
      isListing: this.#wishes.isListing,
      error: this.#story.trouble,
      openGaps: this.#recorder.openGaps,
      received: this.#received,
      maybeDuplicates: this.#maybeDuplicates,
      rotations: this.#rotations.counts,
    };
  }

  async #run(): Promise<void> {
    try {
      for await (const batch of this.#client.batches()) {
        await this.#append(this.#draft(batch));
      }
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (isRelayError(error)) this.#unstored = error;
      // The end of the journal is no news to a trunk that was stopped.
      if (this.#phase === "stopped") return;
      this.#phase = "failed";
      this.#wishes.stop();
      this.#story.failed(error);
      this.#failed.resolve(error);
    }
  }

  #stateOf(topics: TrunkStatus["topics"]): TrunkStatus["state"] {
    if (this.#phase === "failed") return "failed";
    if (this.#phase === "starting" || this.#phase === "let-in") return "starting";
    const isLive = topics.every(({ state }) => state === "live" || state === "rejected");
    return isLive ? "live" : "restoring";
  }

  #draft(batch: readonly ClientEvent[]): readonly Draft[] {
    const nowMs = this.#ports.clock.wallMs();
    const drafts: Draft[] = [];
    for (const event of batch) {
      if (event.type === "notification") {
        drafts.push(...this.#recorder.beforeEvent(event, nowMs), this.#recorder.event(event));
        this.#wishes.heard(event.topic, event.body);
        this.#received++;
        if (event.maybeDuplicate) this.#maybeDuplicates++;
        continue;
      }
      if (event.type === "subscribed" || event.type === "gap") this.#wishes.missed(event.topics);
      this.#conversations.note(event);
      const made = this.#recorder.record(event, nowMs);
      drafts.push(...made);
      this.#story.tellGaps(event.type === "subscribed" ? made.filter(isTrouble) : made);
      this.#channels.note(event, nowMs);
      this.#note(event, nowMs);
    }
    this.#story.endOfBatch();
    drafts.push(...this.#channels.drafts(nowMs));
    return drafts;
  }

  #note(event: ClientEvent, nowMs: number): void {
    if (event.type === "identified") this.#organizationId = event.organizationId;
    if (event.type === "rotated") this.#rotations.count(event);
    this.#story.tell(event, nowMs);
    if (event.type === "budget" && this.#phase === "starting") this.#phase = "let-in";
    if (this.#phase !== "let-in") return;
    if (event.type === "subscribed")
      for (const topic of event.topics) this.#awaited.delete(keyOf(topic));
    if (event.type === "rejected") this.#awaited.delete(keyOf(event.topic));
    this.#lookReady();
  }

  #lookReady(): void {
    if (this.#phase !== "let-in" || this.#awaited.size > 0) return;
    this.#phase = "was-live";
    this.#ready.resolve();
  }

  /** One name each, whatever the configuration has combined. */
  #wanted(): readonly string[] {
    return this.#client.topics().map(({ topic }) => topic);
  }

  async #append(drafts: readonly Draft[]): Promise<void> {
    if (drafts.length > 0) await this.#ports.journal.append(drafts);
  }
}

/** That somebody subscribes, and is told what nobody carried before, is no trouble of the line. */
function isTrouble(draft: Draft): boolean {
  return draft.kind !== "gap" || draft.cause !== "unsubscribed";
}

function keyOf(topic: string): string {
  return topic.toLowerCase();
}
