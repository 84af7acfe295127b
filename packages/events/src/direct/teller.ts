/**
 * What a subscription is told of what the client tells: events that it wants, gaps that concern it, and what is
 * worth knowing, in the words of the Event API. No clock, no waiting.
 */
import type {
  ClientEvent,
  GapCause,
  GapEvent,
  NotificationEvent,
  TrunklineError,
} from "@trunkline/client";
import { compileFilter, type Filter } from "../filter.ts";
import type { JsonPaths } from "../json/json-paths.ts";
import { asksOrganisation, carrying, type Carrying } from "../plan/carrying.ts";
import { emptyOrganisation, type Organisation } from "../plan/organisation.ts";
import { realTopicOf } from "../real-topics.ts";
import type { EventMessage, GapMessage, NoticeMessage } from "../server-messages.ts";
import type { Subscription } from "../subscription.ts";
import { canonical, typesOf, type EventTypeName } from "../vocabulary.ts";
import { gapSentences } from "../gap-sentences.ts";
import type { KnownConversations } from "./known-conversations.ts";

/** Topics that one gap names, as at the gateway. */
const namedTopicsMax = 100;

export type Told = EventMessage | GapMessage | NoticeMessage;

export interface TellerParts {
  readonly subscription: Subscription;
  /** Event types as the program wrote them. */
  readonly written: readonly string[];
  /** What cursors begin with, so that none is taken for one of another process. */
  readonly journal: string;
  readonly conversations: KnownConversations;
  readonly jsonPaths: JsonPaths | undefined;
}

export class Teller {
  readonly #parts: TellerParts;
  readonly #names: ReadonlyMap<string, string>;
  readonly #carries: Carrying;
  readonly #asksOrganisation: boolean;
  readonly #filter: Filter;
  /** Topics that are wanted since an instant and not carried yet, by name in lower case. */
  readonly #joining = new Map<string, { readonly topic: string; readonly sinceMs: number }>();
  #organisation: Organisation = emptyOrganisation;
  #position = 0;

  constructor(parts: TellerParts) {
    const { subscription, written, jsonPaths } = parts;
    this.#parts = parts;
    this.#names = new Map(written.map((name) => [canonical(name) ?? name, name]));
    this.#carries = carrying(subscription);
    this.#asksOrganisation = asksOrganisation(subscription);
    const topics = { has: (topic: string) => this.concerns(topic) };
    this.#filter = compileFilter(subscription, {
      jsonPaths,
      topics: this.#asksOrganisation ? topics : undefined,
    });
  }

  /** The place of what was told last. */
  get cursor(): string {
    return `${this.#parts.journal}-${this.#position}`;
  }

  /** What is known of the organisation from now on. */
  knows(organisation: Organisation): void {
    this.#organisation = organisation;
  }

  /** These topics are wanted since then, and no others: until one is carried nobody hears its events, which is told as a gap. */
  wants(added: readonly string[], sinceMs: number, all: ReadonlySet<string>): void {
    for (const key of this.#joining.keys()) if (!all.has(key)) this.#joining.delete(key);
    for (const topic of added) {
      const key = topic.toLowerCase();
      if (!this.#joining.has(key)) this.#joining.set(key, { topic, sinceMs });
    }
  }

  /** To be asked of each thing that the client tells once, in order. */
  tell(event: ClientEvent): readonly Told[] {
    this.#parts.conversations.note(event);
    switch (event.type) {
      case "notification":
        return [...this.#joined([event.topic], event.receivedAtMs), ...this.#event(event)];
      case "subscribed":
        return this.#joined(event.topics, event.fromMs);
      case "gap":
        return this.#gap(event);
      case "rejected": {
        const { topic, reason, missingPermissions } = event;
        if (!this.concerns(topic)) return [];
        const missing = missingPermissions.join(", ");
        const message = `Genesys Cloud refuses ${topic}: ${reason}`;
        const help =
          missing === "" ? {} : { help: `Give the OAuth client a role with ${missing}.` };
        return [{ type: "notice", code: "TOPIC_REJECTED", message, ...help }];
      }
      case "budget": {
        const over = event.overBudget.filter((topic) => this.concerns(topic)).length;
        if (over === 0) return [];
        return [
          {
            type: "notice",
            code: "TOPICS_OVER_BUDGET",
            message: `${over} topics find no room on the channels of the OAuth client, and are not carried.`,
            help: "Ask for less, or divide it between OAuth clients.",
          },
        ];
      }
      case "warning":
        return [noticeOf(event.error)];
      case "connected":
      case "disconnected":
      case "unsubscribed":
      case "proof":
      case "rotated":
      case "identified":
      case "trace":
        return [];
      default:
        return event satisfies never;
    }
  }

  /** Whether a topic may carry what is subscribed to; those that only follow the organisation do not. */
  concerns(topic: string): boolean {
    return this.#carries(topic, this.#asksOrganisation ? this.#organisation : undefined);
  }

  #event(event: NotificationEvent): readonly Told[] {
    const { topic, body, receivedAtMs, maybeDuplicate } = event;
    const types = typesOf(topic, this.#parts.conversations.derive(event));
    if (!this.#filter({ topic, types, data: body })) return [];
    return [
      {
        type: "event",
        ...this.#place(),
        eventType: this.#nameOf(types, topic),
        topic,
        entityId: entityOf(topic, types, body),
        time: iso(receivedAtMs),
        source: "live",
        ...(maybeDuplicate ? { maybeDuplicate } : {}),
        data: body,
      },
    ];
  }

  /** An event has its cursor as its id. */
  #place(): { readonly cursor: string; readonly id: string } {
    this.#position++;
    return { cursor: this.cursor, id: this.cursor };
  }

  /** The first event type of the subscription that the event is, as it was written. */
  #nameOf(types: readonly EventTypeName[], topic: string): string {
    const { eventTypes } = this.#parts.subscription;
    const type = eventTypes.find((each) => types.includes(each)) ?? topic;
    return this.#names.get(type) ?? type;
  }

  #gap({ id, state, topics, fromMs, toMs, cause, certainty }: GapEvent): readonly Told[] {
    const shared = { id: `${this.#parts.journal}-gap-${id}`, cause, certainty };
    const concerned = topics.filter((topic) => this.concerns(topic));
    if (concerned.length === 0) return [];
    return [this.#gapOf({ ...shared, state, topics: concerned, fromMs, toMs })];
  }

  /** One gap for all topics that are waited for since the same instant. */
  #joined(topics: readonly string[], toMs: number): readonly Told[] {
    if (this.#joining.size === 0) return [];
    const groups = new Map<number, string[]>();
    for (const key of topics.map((topic) => topic.toLowerCase())) {
      const joining = this.#joining.get(key);
      if (joining === undefined) continue;
      this.#joining.delete(key);
      const { topic, sinceMs } = joining;
      if (!this.concerns(topic)) continue;
      groups.set(sinceMs, [...(groups.get(sinceMs) ?? []), topic]);
    }
    return [...groups].map(([sinceMs, joined]) =>
      this.#gapOf({
        id: undefined,
        state: "closed",
        topics: joined,
        // Where the clock was set back meanwhile, both of its readings are inside.
        fromMs: Math.min(sinceMs, toMs),
        toMs: Math.max(sinceMs, toMs),
        cause: "unsubscribed",
        certainty: "possible",
      }),
    );
  }

  #gapOf({ id, state, topics, fromMs, toMs, cause, certainty }: GapParts): GapMessage {
    const place = this.#place();
    return {
      type: "gap",
      cursor: place.cursor,
      id: id ?? place.id,
      eventTypes: this.#parts.subscription.eventTypes,
      topics: topics.slice(0, namedTopicsMax),
      topicCount: topics.length,
      from: iso(fromMs),
      to: toMs === undefined ? null : iso(toMs),
      cause,
      certainty,
      message: gapSentences[cause],
      state,
    };
  }
}

interface GapParts {
  /** Undefined for a gap that is told once: its place will do. */
  readonly id: string | undefined;
  readonly state: "open" | "closed";
  readonly topics: readonly string[];
  readonly fromMs: number;
  readonly toMs: number | undefined;
  readonly cause: GapCause;
  readonly certainty: GapMessage["certainty"];
}

export function noticeOf({ code, message, help }: TrunklineError): NoticeMessage {
  return { type: "notice", code, message, help };
}

/** A conversation by its own id, whatever queue or user the topic is about. */
function entityOf(topic: string, types: readonly EventTypeName[], body: unknown): string | null {
  const isConversation = types.some((type) => type.startsWith("conversation:"));
  const id = isConversation && typeof body === "object" && body !== null && "id" in body && body.id;
  if (typeof id === "string") return id;
  return realTopicOf(topic)?.ids[0] ?? null;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
