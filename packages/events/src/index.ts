/** @trunkline/events: the Event API's vocabulary, its errors, and the form of a subscription. */
export type { Complaint } from "./complaint.ts";
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
export { eventTypes, type EventType, type EventTypeName } from "./vocabulary.ts";
