/** @trunkline/events: the Event API's vocabulary, its strict schema, its messages, filters and errors, and what a subscription asks of Genesys Cloud. */
export type { AnswerStyle, ClientMessage, SubscribeMessage } from "./client-messages.ts";
export type { Complaint, Notice, NoticeCode } from "./complaint.ts";
export { CarriedSince } from "./derive/carriage.ts";
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
export { compileFilter, type Filter, type FilterOptions } from "./filter.ts";
export { gapSentences } from "./gap-sentences.ts";
export type { FindValues, JsonPaths } from "./json/json-paths.ts";
export { jsonCharactersMax, jsonDepthMax } from "./json/read-json.ts";
export { mayHoldSecret } from "./json/show-value.ts";
export { readClientMessage, type MessageReading } from "./messages.ts";
export { nearMiss } from "./near-miss.ts";
export {
  readSubscription,
  type ReadingOptions,
  type SubscriptionReading,
  type SubscriptionRequest,
} from "./schema/read-subscription.ts";
export {
  emptyOrganisation,
  mergeNeeds,
  noNeeds,
  type ConversationPlace,
  type Organisation,
  type OrganisationEntity,
  type OrganisationNeeds,
} from "./plan/organisation.ts";
export {
  backgroundShare,
  listingEveryMs,
  listingPageSize,
  type ChannelCost,
  type LineSetup,
  type RequestCost,
} from "./plan/cost.ts";
export {
  isTopicPattern,
  patternSubscription,
  topicMatcher,
  whyNoTopicPattern,
} from "./plan/patterns.ts";
export type { PermissionNeed } from "./plan/permissions.ts";
export { asksOrganisation, carrying, type Carrying } from "./plan/carrying.ts";
export { plan, type Plan } from "./plan/plan.ts";
export { needs, topicsOf as plannedTopics, type TopicGroup } from "./plan/topics.ts";
export * from "./subscriber.ts";
export {
  namedFields,
  operators,
  type FilteredEvent,
  type Operator,
  type Predicate,
  type PredicateField,
  type Scope,
  type Subscription,
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
