/**
 * @trunkline/events/subscriber: receives events from a relay's gateway, in Node.js and in browsers. It needs nothing but
 * `fetch` and `WebSocket`.
 */
export type { Backend, BackendRequest, Flow, Told } from "./subscriber/backend.ts";
export {
  createEventSubscription,
  subscribeAnalyticsEvents,
  type AnalyticsEventsOptions,
  type EventSubscriptionOptions,
  type OnData,
  type OnError,
} from "./subscriber/create.ts";
export {
  isSubscriberError,
  SubscriberError,
  subscriberErrors,
  type SubscriberErrorCode,
  type SubscriberErrorOptions,
} from "./subscriber/errors.ts";
export type { Arrival, EventData, SubscribedEvent } from "./subscriber/event-data.ts";
export { gateway, type GatewayOptions } from "./subscriber/gateway/gateway.ts";
export type { GatewayPolicy } from "./subscriber/gateway/policy.ts";
export type {
  SubscriberPorts,
  WebDial,
  WebFetch,
  WebRequest,
  WebResponse,
  WebSocketHandle,
  WebSocketListener,
} from "./subscriber/ports.ts";
export type {
  EventSubscription,
  SubscriptionState,
  SubscriptionWatch,
} from "./subscriber/subscription.ts";
export {
  sharedTokenSource,
  tokenSource,
  type OfficialApiClient,
  type TokenSourceOptions,
} from "./subscriber/token-source.ts";
export type { ClientTokensOptions, TokenPorts, TokenSource } from "./subscriber/tokens.ts";
export type * from "./server-messages.ts";
