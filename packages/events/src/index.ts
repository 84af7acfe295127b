/** @trunkline/events: the Event API's vocabulary, its errors, the form of a subscription, and what one asks of Genesys Cloud. */
export type { Complaint } from "./complaint.ts";
export {
  eventApiErrors,
  type CloseCode,
  type EventApiError,
  type EventApiErrorCode,
} from "./errors.ts";
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
export { plan, type Plan } from "./plan/plan.ts";
export { needs, topicsOf as plannedTopics, type TopicGroup } from "./plan/topics.ts";
export type {
  FilteredEvent,
  Operator,
  Predicate,
  PredicateField,
  Scope,
  Subscription,
} from "./subscription.ts";
export { eventTypes, type EventType, type EventTypeName } from "./vocabulary.ts";
