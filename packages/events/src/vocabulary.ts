/**
 * The vocabulary: event types of the Event API, the topics of Genesys Cloud that carry them, and how
 * they come of those. One table; the documents, `trunkline topics`, the planner and the relay use it.
 */
import { realTopicOf } from "./real-topics.ts";

/** An event type that is told of an event by what is in it. Stored by number: the order is for ever. */
export const derivedTypes = [
  "conversation:created",
  "conversation:updated",
  "conversation:ended",
  "routing.wrappingEvent",
  "routing.queueMemberAdded",
  "routing.queueMemberRemoved",
] as const;

export type DerivedType = (typeof derivedTypes)[number];

/** What stands behind an event type. */
export interface EventTypeEntry {
  /** What it tells, in one sentence. */
  readonly description: string;
  /** Templates of the topics that carry it; `{id}` is a queue's or a user's. */
  readonly topics: readonly string[];
  /** What `{id}` stands for in the first of them. */
  readonly entity: "queue" | "user";
  /**
   * - `every`: each event of its topics is one
   * - `snapshots`: told by comparing the snapshots of a conversation (`derive`)
   * - `joined`: told by the field of that name
   */
  readonly derivation: "every" | "snapshots" | "joined";
  /** The canonical name, where this one is an alias. */
  readonly aliasOf?: string;
}

export const queueConversations = "v2.routing.queues.{id}.conversations";
export const userConversations = "v2.users.{id}.conversations";
export const queueMembers = "v2.routing.queues.{id}.users";
const conversations = {
  topics: [queueConversations, userConversations],
  entity: "queue",
} as const;
const members = { topics: [queueMembers], entity: "queue" } as const;

const updated = {
  ...conversations,
  derivation: "snapshots",
  description: "Something of a conversation has changed.",
} as const;

/**
 * Event type → topics. Names are those that programs ask for; Genesys Cloud itself knows none of them.
 * The topics and their meaning are those of the public service (GENESYS.md 6).
 */
export const eventTypes = {
  "conversation:created": {
    ...conversations,
    derivation: "snapshots",
    description: "A conversation has begun: its first snapshot, where it is known to be the first.",
  },
  "conversation:updated": updated,
  "conversation:ended": {
    ...conversations,
    derivation: "snapshots",
    description: "Every participant of a conversation has ended.",
  },
  "conversation:conversation:updated": { ...updated, aliasOf: "conversation:updated" },
  "conversation:all": {
    ...conversations,
    derivation: "every",
    description:
      "Every snapshot of a conversation, also one that another topic has brought before.",
  },
  "interaction:updated": { ...updated, aliasOf: "conversation:updated" },
  "routing.queueMemberEvent": {
    ...members,
    derivation: "every",
    description: "A user's membership of a queue, or whether the user has joined it, has changed.",
  },
  "routing.queueMemberAdded": {
    ...members,
    derivation: "joined",
    description: "A user has joined a queue: `joined` is true (our reading of that field).",
  },
  "routing.queueMemberRemoved": {
    ...members,
    derivation: "joined",
    description: "A user has left a queue: `joined` is false (our reading of that field).",
  },
  "routing.wrappingEvent": {
    ...conversations,
    derivation: "snapshots",
    description: "After-call work or a wrap-up of a conversation has changed.",
  },
  "conversation.summary": {
    topics: ["v2.analytics.queues.{id}.observations"],
    entity: "queue",
    derivation: "every",
    description: "Counts of a queue: waiting and interacting conversations, states of agents.",
  },
  "user:presence": {
    topics: ["v2.users.{id}.presence"],
    entity: "user",
    derivation: "every",
    description: "The presence of a user has changed.",
  },
  "user:routingStatus": {
    topics: ["v2.users.{id}.routingStatus"],
    entity: "user",
    derivation: "every",
    description: "The routing status of a user has changed.",
  },
} as const satisfies Readonly<Record<string, EventTypeEntry>>;

/** A name that the Event API knows. */
export type EventType = keyof typeof eventTypes;

/**
 * What a subscription may name: an event type of the vocabulary, the template of a real topic
 * (`v2.users.{id}.presence`), or a real topic with its ids put in.
 */
export type EventTypeName = string;

const table: Readonly<Record<string, EventTypeEntry>> = eventTypes;

/** The entry of an event type; undefined for a real topic, and for what there is not. */
export function entryOf(name: EventTypeName): EventTypeEntry | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/**
 * The one name of an event type: that of which it is an alias; of a real topic its name as the catalogue
 * spells it, ids in lower case. Undefined for what there is not.
 */
export function canonical(name: EventTypeName): EventTypeName | undefined {
  const entry = entryOf(name);
  return entry === undefined ? realTopicOf(name)?.name : (entry.aliasOf ?? name);
}

/** Whether there is such an event type or real topic. */
export function isKnown(name: EventTypeName): boolean {
  return canonical(name) !== undefined;
}

/** Topics that carry an event type, as templates; a real topic is its own. None for what there is not. */
export function topicsOf(name: EventTypeName): readonly string[] {
  const entry = entryOf(name);
  if (entry !== undefined) return entry.topics;
  const real = realTopicOf(name);
  return real === undefined ? [] : [real.name];
}

/** Template in lower case → canonical event types that each event of its topics is. */
const everyByTemplate = new Map<string, string[]>();
for (const [type, { topics, derivation, aliasOf }] of Object.entries(table)) {
  if (derivation !== "every" || aliasOf !== undefined) continue;
  for (const topic of topics) {
    const types = everyByTemplate.get(topic.toLowerCase());
    if (types === undefined) everyByTemplate.set(topic.toLowerCase(), [type]);
    else types.push(type);
  }
}

const none: readonly string[] = [];

/** Canonical event types that every event of a topic is. @param template of the topic, with `{id}`; case does not count */
export function everyTypesOf(template: string): readonly EventTypeName[] {
  return everyByTemplate.get(template.toLowerCase()) ?? none;
}

/**
 * Canonical names of all that an event is: event types, what was derived, the template of its topic, and
 * the topic itself. A topic that the catalogue does not have is only what it is called.
 */
export function typesOf(
  topic: string,
  derived: readonly EventTypeName[],
): readonly EventTypeName[] {
  const real = realTopicOf(topic);
  if (real === undefined) return [...derived, topic];
  const { template, name } = real;
  return [...new Set([...everyTypesOf(template), ...derived, template, name])];
}
