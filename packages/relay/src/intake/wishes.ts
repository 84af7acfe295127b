/**
 * The topics that a trunk is to carry: those that its configuration names, those that its patterns stand
 * for in the organisation, which is followed from the start to the end, and those that subscriptions need.
 */
import type { Client } from "@trunkline/client";
import {
  emptyOrganisation,
  isTopicPattern,
  mergeNeeds,
  needs,
  patternSubscription,
  plannedTopics,
  topicMatcher,
  type Organisation,
  type OrganisationNeeds,
  type Subscription,
} from "@trunkline/events";
import {
  createOrganisationFollower,
  type FollowStatus,
  type OrganisationFollower,
} from "../gateway/organisation/follower.ts";
import { objectionsToTopics } from "../config/client-checks.ts";
import type { Since } from "../gateway/interests.ts";
import type { Clock, Log } from "../ports.ts";

/** 20 channels of 1,000 topics each are the limit of an OAuth client. */
const subscribedTopicsMax = 20_000;

export interface WishPorts {
  readonly trunk: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly client: Pick<Client, "ask">;
  /**
   * The topics are others.
   * @param since from when on somebody may wait for those that are new; undefined where nobody does
   */
  readonly changed: (since: Since | undefined) => void;
}

export class TopicWishes {
  readonly #ports: WishPorts;
  readonly #stopping = new AbortController();
  #named: readonly string[] = [];
  #patterns: readonly string[] = [];
  #follower: OrganisationFollower | undefined;
  /** Of whoever subscribes at present. */
  #subscriptions: readonly Subscription[] = [];
  /** Topics that they need, as far as is known. */
  #subscribed: readonly string[] = [];
  /** What the patterns stand for as far as is known. */
  #found: readonly string[] = [];
  /** What they stood for in the run before: carried until the lists are there, or a restart would be silence. */
  #remembered: readonly string[] = [];
  /** Until all that was asked for then has been looked up. */
  #since: Since | undefined;
  /** Until the patterns have been looked up. */
  #isFirst = true;
  #told = "";

  constructor(ports: WishPorts) {
    this.#ports = ports;
  }

  get topics(): readonly string[] {
    return [...new Set([...this.#named, ...this.#remembered, ...this.#found, ...this.#subscribed])];
  }

  /** Whether anything depends on what the organisation has. */
  get hasPatterns(): boolean {
    return this.#patterns.length > 0;
  }

  /** Whether it is not known yet what the patterns stand for. */
  get isOpen(): boolean {
    return this.hasPatterns && this.#follower?.status.phase !== "following";
  }

  /** The same of patterns and subscriptions. */
  get isListing(): boolean {
    return this.#needsOrganisation && this.#follower?.status.phase !== "following";
  }

  /** Topics that subscriptions need, as far as is known. */
  get subscribed(): readonly string[] {
    return this.#subscribed;
  }

  /** What is known of the organisation. */
  get organisation(): Organisation {
    return this.#follower?.organisation ?? emptyOrganisation;
  }

  /** Whether all of the organisation is known that decides what a subscription comes to. */
  isListed(subscription: Subscription): boolean {
    const followed = this.#needs;
    const all = mergeNeeds([followed, needs(subscription)]);
    if (JSON.stringify(all) !== JSON.stringify(followed)) return false;
    return !this.isListing;
  }

  /** Whether a list that decides what a subscription comes to could not be had, and is asked for again. */
  isGuessing(subscription: Subscription): boolean {
    const { queues, users, membersOf, conversationIds } = needs(subscription);
    const isNeeded = { queues, users };
    const ids = new Set([...membersOf, ...conversationIds]);
    const problems = this.#follower?.status.problems ?? [];
    return problems.some(({ code, part, id }) => {
      if (code !== "LISTING_FAILED") return false;
      return part === "queues" || part === "users" ? isNeeded[part] : ids.has(id ?? "");
    });
  }

  /** Topics of the configuration, patterns among them. */
  set(topics: readonly string[]): void {
    const isPattern = topics.map(isTopicPattern);
    this.#named = topics.filter((_, index) => isPattern[index] !== true);
    this.#patterns = topics.filter((_, index) => isPattern[index] === true);
    const matches = topicMatcher(this.#patterns);
    this.#remembered = this.#remembered.filter(matches);
    this.#found = this.#found.filter(matches);
    const { organisation } = this.#follower ?? {};
    if (organisation === undefined) return;
    this.#follow();
    this.#expand(organisation);
  }

  /** Somebody subscribes to these, and to no others. */
  subscribe(subscriptions: readonly Subscription[], since: Since): void {
    this.#subscriptions = subscriptions;
    this.#since = earliest(since, this.#since);
    const { organisation } = this.#follower ?? {};
    if (organisation === undefined) return;
    this.#follow();
    this.#expand(organisation);
  }

  /** An event may say who has joined a queue, or left it. */
  heard(topic: string, body: unknown): void {
    if (this.#needsOrganisation) this.#follower?.heard(topic, body);
  }

  /** Events on these topics may not have come. */
  missed(topics: readonly string[]): void {
    if (this.#needsOrganisation) this.#follower?.missed(topics);
  }

  /** Begins to follow. @param carried topics of the run before */
  start(carried: readonly string[]): void {
    this.#remembered = carried.filter(topicMatcher(this.#patterns));
    const { clock, client } = this.#ports;
    this.#follower = createOrganisationFollower({
      clock,
      ask: (asked) => client.ask(asked),
      changed: (organisation, sinceMs) => {
        if (!this.#needsOrganisation) return;
        // What the patterns of the configuration stand for at first begins, like its other topics, in silence.
        const isAwaited = this.#subscriptions.length > 0 || !this.#isFirst;
        if (!this.isOpen) this.#isFirst = false;
        this.#expand(organisation);
        const foundMs = clock.wallMs() - (clock.monotonicMs() - sinceMs);
        const since = earliest({ askedMs: foundMs, fromMs: undefined }, this.#since);
        this.#ports.changed(isAwaited ? since : undefined);
        if (!this.isListing) this.#since = undefined;
      },
      told: (status) => this.#tell(status),
      signal: this.#stopping.signal,
    });
    if (this.#needsOrganisation) this.#follow();
  }

  stop(): void {
    this.#stopping.abort();
  }

  get #needsOrganisation(): boolean {
    return this.hasPatterns || this.#subscriptions.length > 0;
  }

  get #needs(): OrganisationNeeds {
    const ofPatterns = this.hasPatterns ? [patternSubscription(this.#patterns)] : [];
    return mergeNeeds([...ofPatterns, ...this.#subscriptions].map(needs));
  }

  #follow(): void {
    this.#follower?.need(this.#needs);
  }

  #expand(organisation: Organisation): void {
    this.#found = plannedTopics(patternSubscription(this.#patterns), organisation);
    this.#subscribed = this.#carriable(organisation);
    // A list that cannot be read must not end what was carried: what is remembered stays until all are.
    const isWhole = !this.isOpen && this.#follower?.status.problems.length === 0;
    if (isWhole) this.#remembered = [];
  }

  /** Topics that subscriptions need, as many as there may be. What is no topic to the client is left out. */
  #carriable(organisation: Organisation): readonly string[] {
    const topics = new Set<string>();
    for (const subscription of this.#subscriptions) {
      if (topics.size >= subscribedTopicsMax) break;
      for (const topic of plannedTopics(subscription, organisation)) topics.add(topic);
    }
    const all = [...topics].slice(0, subscribedTopicsMax);
    const wrong = new Set(objectionsToTopics(all).map(({ index }) => index));
    return wrong.size === 0 ? all : all.filter((_, index) => !wrong.has(index));
  }

  /** One line for each change of what cannot be followed. */
  #tell({ problems }: FollowStatus): void {
    const told = problems.map(({ code, part }) => `${code} ${part}`).join();
    if (told === this.#told) return;
    this.#told = told;
    const { log, trunk } = this.#ports;
    for (const { code, help, message } of problems) log.warn({ trunk, code, help }, message);
    if (problems.length === 0) log.info({ trunk }, "the organisation can be followed again");
  }
}

function earliest(one: Since, other: Since | undefined): Since {
  const fromMs = Math.min(...[one.fromMs, other?.fromMs].filter((ms) => ms !== undefined));
  return {
    askedMs: Math.min(one.askedMs, other?.askedMs ?? one.askedMs),
    fromMs: Number.isFinite(fromMs) ? fromMs : undefined,
  };
}
