/**
 * The organisation's limits by name, for error bodies and `/api/v2/organizations/limits` (GENESYS.md 5). The keys of the
 * calls and of the request are quoted from the limits page; the keys of `notifications` and the name `platform.api` are ours.
 */
import type { Settings } from "./settings.ts";

/** As models Limit and ErrorBody have it. */
export interface Limit {
  readonly key: string;
  readonly namespace: string;
  readonly value: number;
}

const platform = "platform.api";
const notifications = "notifications";

export const limits = {
  callsOfToken: (settings: Settings): Limit => ({
    key: "client.credentials.token.rate.per.minute",
    namespace: platform,
    value: settings.requestsPerMinuteMax,
  }),
  callsOfClient: (settings: Settings): Limit => ({
    key: "org.app.user.rate.per.minute",
    namespace: platform,
    value: settings.clientRequestsPerMinuteMax,
  }),
  bytesOfRequest: (settings: Settings): Limit => ({
    key: "request.bytes.max",
    namespace: platform,
    value: settings.requestBytesMax,
  }),
  channelsOfClient: (settings: Settings): Limit => ({
    key: "channels.per.user.app.max",
    namespace: notifications,
    value: settings.channelsPerClientMax,
  }),
  topicsOfChannel: (settings: Settings): Limit => ({
    key: "topics.per.channel.max",
    namespace: notifications,
    value: settings.topicsPerChannelMax,
  }),
} as const;

export const limitNamespaces = [notifications, platform] as const;

/** All limits of a namespace; none of one that is not known. */
export function limitsIn(namespace: string, settings: Settings): readonly Limit[] {
  return Object.values(limits)
    .map((limit) => limit(settings))
    .filter((limit) => limit.namespace === namespace);
}
