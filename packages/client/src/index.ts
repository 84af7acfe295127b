/**
 * @trunkline/client: real-time events out of Genesys Cloud over notification channels.
 * Nothing is lost in silence: what cannot be proven to have arrived is told as a gap.
 */
export { createClient, type Client, type CloseOptions } from "./client.ts";
export type { ClientOptions, Credentials, Redundancy } from "./options.ts";
export type * from "./events.ts";
export type { TraceRecord } from "./trace.ts";
export {
  errorCodes,
  isTrunklineError,
  TrunklineError,
  type ErrorCode,
  type Retry,
  type TrunklineErrorOptions,
} from "./errors.ts";
export { isTopic } from "./genesys/bodies.ts";
export type * from "./genesys/bodies.ts";
export type * from "./genesys/bodies-analytics.ts";
export type * from "./genesys/bodies-audit.ts";
export type * from "./genesys/bodies-communication.ts";
export type * from "./genesys/bodies-conversation.ts";
export type * from "./genesys/bodies-detail.ts";
export type * from "./genesys/bodies-message.ts";
export type * from "./genesys/bodies-other.ts";
export type * from "./genesys/bodies-queue.ts";
export type * from "./genesys/bodies-shared.ts";
export type * from "./genesys/bodies-user.ts";
export {
  regions,
  resolveBaseUrl,
  resolveRegion,
  type Hosts,
  type RegionName,
} from "./genesys/regions.ts";
export type { Policy } from "./session/policy.ts";
export { systemClock } from "./platform/clock.ts";
export { createSystemHttp } from "./platform/ports.ts";
export { Secret } from "./secret.ts";
export type { Combine } from "./topics/entries.ts";
export type { Answered, Asked } from "./rest/ask.ts";
export type { ProvidedToken, TokenProvider } from "./rest/tokens.ts";
export type {
  Clock,
  Dial,
  Http,
  HttpRequest,
  HttpResponse,
  Ports,
  Random,
  Socket,
  SocketListener,
  SocketLoss,
} from "./ports.ts";
