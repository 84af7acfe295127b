/** @trunkline/relay: the durable service between Genesys Cloud and whoever wants its events. */
export {
  isRelayError,
  RelayError,
  relayErrorCodes,
  type Complaint,
  type Recovery,
  type RelayErrorCode,
} from "./errors.ts";
export { createRelay, type Relay, type RelayOptions } from "./relay.ts";
export type { RelayPorts } from "./platform/ports.ts";
export type { Log, LogFields } from "./ports.ts";
export { createLog, type ServiceLog } from "./platform/log.ts";
export type * from "./config/config.ts";
export { createConfig, loadConfig, parseConfig } from "./config/parse.ts";
export {
  addClient,
  listClients,
  objectionsToClient,
  removeClient,
  type ClientObjection,
  type NewClient,
  type WrittenClient,
} from "./config/edit-clients.ts";
export { hashClientSecret } from "./gateway/access/secret-hash.ts";
export { cutEventBody } from "./event-body.ts";
export { exampleConfig } from "./config/example.ts";
export { jsonPaths } from "./gateway/json-paths.ts";
export type * from "./service.ts";
export type * from "./delivery/delivery.ts";
export type * from "./journal/entry.ts";
export type * from "./journal/journal.ts";
export type * from "./sinks/sink.ts";
export type * from "./http/api.ts";
export { listOrganisation, type ListedOrganisation } from "./gateway/organisation/once.ts";
export type {
  FollowProblem,
  FollowProblemCode,
  OrganisationPart,
} from "./gateway/organisation/problems.ts";
