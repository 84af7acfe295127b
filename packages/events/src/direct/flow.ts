/** One subscription that runs straight on Genesys Cloud: a client of its own, and what is told of what it tells. */
import {
  createClient,
  isTrunklineError,
  systemClock,
  type Client,
  type ClientEvent,
  type Clock,
  type DisconnectedEvent,
  type TopicStatus,
  type TrunklineError,
} from "@trunkline/client";
import { needs, topicsOf } from "../plan/topics.ts";
import type { Organisation } from "../plan/organisation.ts";
import { plan } from "../plan/plan.ts";
import type { BackendRequest, Flow, Told } from "../subscriber/backend.ts";
import { SubscriberError } from "../subscriber/errors.ts";
import { coverageOf } from "./coverage.ts";
import { clientCredentials } from "./credentials.ts";
import type { DirectOptions } from "./direct.ts";
import { Following } from "./follow.ts";
import { KnownConversations } from "./known-conversations.ts";
import { readRequest, type Wanted } from "./request.ts";
import { noticeOf, Teller } from "./teller.ts";

/** Waits between attempts to list the organisation for the first time. */
const retryFirstMs = 1_000;
const retryMaxMs = 60_000;

export class DirectFlow implements Flow {
  readonly #options: DirectOptions;
  readonly #clock: Clock;
  readonly #tell: (told: Told) => void;
  readonly #over = new AbortController();
  /** Lines with an open socket. */
  readonly #lines = new Set<number>();
  /** Resolves when more may be told. */
  #paused: PromiseWithResolvers<void> | undefined;
  /** Topics as they are set, by name in lower case. */
  #topics: ReadonlySet<string> = new Set();
  /** How it was told to stand. */
  #told: "connecting" | "opened" | "live" = "connecting";

  constructor(options: DirectOptions, tell: (told: Told) => void) {
    this.#options = options;
    this.#clock = options.ports?.clock ?? systemClock;
    this.#tell = (told) => {
      if (!this.#over.signal.aborted) tell(told);
    };
  }

  /** Runs to the end, and tells what it ends with. */
  async run(request: BackendRequest, journal: string): Promise<void> {
    // Whoever opens has what is returned before anything is told.
    await Promise.resolve();
    try {
      await this.#run(readRequest(request, this.#options.jsonPaths), journal);
    } catch (error) {
      this.#tell({ type: "failed", error: subscriberError(error), retryInMs: undefined });
    }
    this.close();
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  ack(): void {
    // There is no journal, and so no place in it to be kept.
  }

  close(): void {
    this.#over.abort();
    this.resume();
  }

  async #run(wanted: Wanted, journal: string): Promise<void> {
    const { signal } = this.#over;
    if (signal.aborted) return;
    const { jsonPaths, ...options } = this.#options;
    const credentials = clientCredentials(options.credentials);
    const { subscription, written } = wanted;
    const conversations = new KnownConversations();
    const teller = new Teller({ subscription, written, journal, conversations, jsonPaths });
    await using client = createClient({ ...options, credentials, topics: [], signal });
    const following = new Following(
      {
        clock: this.#clock,
        ask: (asked) => client.ask(asked),
        needs: needs(subscription),
        changed: (organisation, sinceMs) =>
          this.#want(wanted, { client, teller, organisation, sinceMs }),
        notice: (notice) => this.#tell(notice),
        signal,
      },
      this.#clock.wallMs(),
    );
    await this.#list(wanted, following);
    if (signal.aborted) return;
    void following.keep().catch((error: unknown) => {
      this.#tell({ type: "failed", error: subscriberError(error), retryInMs: undefined });
      this.close();
    });
    this.#look(client, teller);
    for await (const batch of client.batches()) {
      for (const event of batch) {
        if (event.type === "connected") this.#connected(event.line, client, teller);
        await this.#hear(event, teller);
        if (event.type === "notification")
          following.heard(event.topic, event.body, event.receivedAtMs);
        if (event.type === "subscribed") following.missed(event.topics);
      }
      this.#look(client, teller);
    }
  }

  /** Reads the organisation, and tries again for as long as that may help. */
  async #list({ subscription }: Wanted, following: Following): Promise<void> {
    const { signal } = this.#over;
    for (let waitMs = retryFirstMs; ; waitMs = Math.min(2 * waitMs, retryMaxMs)) {
      try {
        const { organisation, notices } = await following.list();
        const [first] = notices;
        if (this.#topics.size === 0 && first !== undefined)
          throw new SubscriberError("GENESYS_CLOUD_FAILED", first.message, { help: first.help });
        for (const message of plan(subscription, organisation).unseen)
          this.#tell({ type: "notice", code: "UNSEEN", message });
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isTrunklineError(error) || error.retry === "never") throw error;
        const retryInMs = Math.max(waitMs, error.retryAfterMs ?? 0);
        this.#tell({ type: "failed", error: subscriberError(error), retryInMs });
        await this.#clock.sleep(retryInMs, signal);
        if (signal.aborted) return;
      }
    }
  }

  #want({ subscription }: Wanted, { client, teller, organisation, sinceMs }: Change): void {
    teller.knows(organisation);
    const topics = topicsOf(subscription, organisation);
    const before = this.#topics;
    const added = topics.filter((topic) => !before.has(topic.toLowerCase()));
    this.#topics = new Set(topics.map((topic) => topic.toLowerCase()));
    if (added.length === 0 && this.#topics.size === before.size) return;
    teller.wants(added, sinceMs, this.#topics);
    client.setTopics(topics);
  }

  async #hear(event: ClientEvent, teller: Teller): Promise<void> {
    if (event.type === "disconnected") this.#disconnected(event);
    for (const told of teller.tell(event)) {
      while (this.#paused !== undefined) await this.#paused.promise;
      this.#tell(told);
    }
  }

  #connected(line: number, client: Client, teller: Teller): void {
    this.#lines.add(line);
    if (this.#told === "connecting") this.#opened(client, teller);
  }

  /** Of several lines one may be down: that is to know. */
  #disconnected({ line, sessions, reason, retryInMs, error }: DisconnectedEvent): void {
    if (sessions === 0) this.#lines.delete(line);
    if (this.#lines.size > 0) {
      if (error !== undefined) this.#tell(noticeOf(error));
      return;
    }
    this.#told = "connecting";
    this.#tell({ type: "failed", error: lost(reason, error), retryInMs });
  }

  #opened(client: Client, teller: Teller): void {
    this.#told = "opened";
    const coverage = coverageOf(this.#statuses(client, teller));
    this.#tell({ type: "opened", cursor: teller.cursor, coverage, notices: [] });
  }

  /** Tells when all that can be had comes. Without topics there is nothing to connect for. */
  #look(client: Client, teller: Teller): void {
    if (this.#told === "connecting" && this.#topics.size === 0) this.#opened(client, teller);
    if (this.#told !== "opened") return;
    if (this.#statuses(client, teller).some(({ state }) => state === "pending")) return;
    this.#told = "live";
    this.#tell({ type: "live", subscriptionId: "direct", cursor: teller.cursor });
  }

  #statuses(client: Client, teller: Teller): readonly TopicStatus[] {
    return client.topics().filter(({ topic }) => teller.concerns(topic));
  }
}

interface Change {
  readonly client: Client;
  readonly teller: Teller;
  readonly organisation: Organisation;
  readonly sinceMs: number;
}

/** The client's own error is its cause. */
function subscriberError(error: unknown): SubscriberError {
  if (error instanceof SubscriberError) return error;
  if (!isTrunklineError(error))
    return new SubscriberError("GENESYS_CLOUD_FAILED", "Something failed that never should.", {
      cause: error,
      help: "This is a bug in Trunkline: please report it with the cause.",
    });
  const { message, help, retryAfterMs } = error;
  return new SubscriberError("GENESYS_CLOUD_FAILED", message, {
    help,
    retry: error.retry === "never" ? "never" : "later",
    retryAfterMs,
    cause: error,
  });
}

function lost(reason: string, error: TrunklineError | undefined): SubscriberError {
  if (error !== undefined) return subscriberError(error);
  return new SubscriberError(
    "CONNECTION_LOST",
    `The connection to Genesys Cloud ended: ${reason}`,
    {
      help: "Nothing to do: it connects again by itself, and tells as a gap what may be missing.",
    },
  );
}
