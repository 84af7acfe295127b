/** Event types of the Event API, and the topics of Genesys Cloud that carry them. One table. */

/** What stands behind an event type. */
export interface EventTypeEntry {
  /** Templates of the topics that carry it; `{id}` is a queue's or a user's. */
  readonly topics: readonly string[];
  /** What `{id}` stands for. */
  readonly entity: "queue" | "user";
  /** The canonical name, where this one is an alias. */
  readonly aliasOf?: string;
}

const conversations = ["v2.routing.queues.{id}.conversations"] as const;
const members = ["v2.routing.queues.{id}.users"] as const;

/** Event type → topics. Names are those that programs ask for; topics are those of the public service. */
export const eventTypes = {
  "conversation:created": { topics: conversations, entity: "queue" },
  "conversation:updated": { topics: conversations, entity: "queue" },
  "conversation:ended": { topics: conversations, entity: "queue" },
  "conversation:conversation:updated": {
    topics: conversations,
    entity: "queue",
    aliasOf: "conversation:updated",
  },
  "conversation:all": { topics: conversations, entity: "queue" },
  "routing.queueMemberEvent": { topics: members, entity: "queue" },
  "routing.queueMemberAdded": { topics: members, entity: "queue" },
  "routing.queueMemberRemoved": { topics: members, entity: "queue" },
  "routing.wrappingEvent": { topics: conversations, entity: "queue" },
  "conversation.summary": { topics: ["v2.analytics.queues.{id}.observations"], entity: "queue" },
  "user:presence": { topics: ["v2.users.{id}.presence"], entity: "user" },
  "user:routingStatus": { topics: ["v2.users.{id}.routingStatus"], entity: "user" },
} as const satisfies Readonly<Record<string, EventTypeEntry>>;

/** A name that the Event API knows. */
export type EventType = keyof typeof eventTypes;

/**
 * What a subscription may name: an event type of the vocabulary, the template of a real topic
 * (`v2.users.{id}.presence`), or a real topic with its ids put in.
 */
export type EventTypeName = string;
