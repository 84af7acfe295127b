/** @trunkline/events: the Event API's vocabulary, its errors, and the form of a subscription. */
export type { Complaint } from "./complaint.ts";
export {
  conversationOf,
  derivationOf,
  derive,
  endedKeptMs,
  type ConversationState,
  type DerivableEvent,
  type Derivation,
} from "./derive/derive.ts";
export {
  eventApiErrors,
  type CloseCode,
  type EventApiError,
  type EventApiErrorCode,
} from "./errors.ts";
export type {
  FilteredEvent,
  Operator,
  Predicate,
  PredicateField,
  Scope,
  Subscription,
} from "./subscription.ts";
export {
  permissionsOf,
  realTopicOf,
  realTopics,
  type RealTopic,
  type TopicPermissions,
} from "./real-topics.ts";
export {
  canonical,
  derivedTypes,
  entryOf,
  eventTypes,
  everyTypesOf,
  isKnown,
  topicsOf,
  typesOf,
  type DerivedType,
  type EventType,
  type EventTypeEntry,
  type EventTypeName,
} from "./vocabulary.ts";
