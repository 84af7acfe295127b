/**
 * A subscription in its one canonical form: plain JSON, so that it can be stored, compared and sent.
 * Every message and path of the Event API leads to it.
 */
import type { EventTypeName } from "./vocabulary.ts";

/** What a subscriber wants to hear of. */
export interface Subscription {
  /** Canonical names, sorted, each once. */
  readonly eventTypes: readonly EventTypeName[];
  /** Objects that every event must concern: one of each list that is not empty. */
  readonly scope: Scope;
  /** Conditions by event type: all of them must hold. A type without any has none here. */
  readonly predicates: Readonly<Record<EventTypeName, readonly Predicate[]>>;
}

/**
 * Ids are lower-case UUIDs, sorted, each once. `divisions` are ids, or `self`: all that the relay's
 * credential sees. With all lists empty it is everything that the relay's credential sees, too.
 */
export interface Scope {
  readonly divisions: readonly string[];
  readonly queueIds: readonly string[];
  readonly userIds: readonly string[];
  readonly conversationIds: readonly string[];
}

/** What a condition may compare by. */
export const operators = [
  "in",
  "notIn",
  "eq",
  "ne",
  "exists",
  "gt",
  "gte",
  "lt",
  "lte",
  "prefix",
] as const;

export type Operator = (typeof operators)[number];

/** Fields of an event that have a name; all others are found by a path. */
export const namedFields = [
  "mediaType",
  "direction",
  "state",
  "queueId",
  "userId",
  "conversationId",
  "divisionId",
] as const;

/** A named field of an event, or a JSON path (RFC 9535) into its `data`. */
export type PredicateField = (typeof namedFields)[number] | `$${string}`;

/** One condition. A field that has several values (the media of a conversation) meets it if one of them does; `ne` and `notIn` if none does not. */
export interface Predicate {
  readonly field: PredicateField;
  readonly operator: Operator;
  /** One for `eq`, `ne`, `gt`, `gte`, `lt`, `lte`, `prefix`; none, or `[false]`, for `exists`. */
  readonly values: readonly (string | number | boolean | null)[];
}

/** What a filter looks at. */
export interface FilteredEvent {
  /** As Genesys wrote it. */
  readonly topic: string;
  /** Canonical names of the event types that it is. */
  readonly types: readonly EventTypeName[];
  /** The event body, parsed. */
  readonly data: unknown;
}
