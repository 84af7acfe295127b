/** @trunkline/relay: the durable service between Genesys Cloud and whoever wants its events. */
export {
  isRelayError,
  RelayError,
  relayErrorCodes,
  type Recovery,
  type RelayErrorCode,
} from "./errors.ts";
export type * from "./journal/entry.ts";
export type * from "./journal/journal.ts";
export type * from "./sinks/sink.ts";
export type * from "./http/api.ts";
