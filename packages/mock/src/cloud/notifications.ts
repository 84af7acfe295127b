/** The eight operations of `/api/v2/notifications` (GENESYS.md 3.0) but the catalogue. */
import type { Channel, Channels } from "./channels.ts";
import { refusals } from "./errors.ts";
import { streamingPlace } from "./place.ts";
import { done, refused, type Reply } from "./reply.ts";
import { splitPath, type Exchange } from "./router.ts";
import type { Settings } from "./settings.ts";
import { permittedTopic, subscribe, type ChannelTopic } from "./subscriptions.ts";

export interface NotificationPorts {
  readonly channels: Channels;
  readonly settings: Settings;
  /** Base of `connectUri` for this host: the one a request came to, or the streaming host of its region. */
  readonly streamingUrl: (host: string | undefined) => string;
}

/** GENESYS.md 3.1: exactly three fields. */
function channelEntity(channel: Channel, exchange: Exchange, ports: NotificationPorts): object {
  const { headers, path } = exchange.request;
  const { host, prefix } = streamingPlace(headers["host"], splitPath(path).gateway);
  const base = ports.streamingUrl(host).replace(/\/+$/u, "");
  return {
    connectUri: `${base}${prefix}/channels/${channel.id}`,
    id: channel.id,
    expires: new Date(channel.shownExpiresAtMs).toISOString(),
  };
}

export function createChannel(exchange: Exchange, ports: NotificationPorts): Reply {
  const channel = ports.channels.create(exchange.token, exchange.nowMs);
  return done(200, channelEntity(channel, exchange, ports));
}

/** Channels of other tokens are shown without ids: they can be counted, no more (GENESYS.md 3.0). */
export function listChannels(exchange: Exchange, ports: NotificationPorts): Reply {
  const scope = exchange.query.get("includechannels") ?? "token";
  if (scope !== "token" && scope !== "oauthclient")
    return refused(refusals.notAmong(scope, "includechannels", ["token", "oauthclient"]));
  const entities: object[] = [];
  for (const channel of ports.channels.ofClient(exchange.token.client)) {
    if (channel.token === exchange.token) entities.push(channelEntity(channel, exchange, ports));
    else if (scope === "oauthclient")
      entities.push({ expires: new Date(channel.shownExpiresAtMs).toISOString() });
  }
  return done(200, { entities });
}

export function headChannel(exchange: Exchange, ports: NotificationPorts): Reply {
  return withChannel(exchange, ports, () => done(200));
}

export function listSubscriptions(exchange: Exchange, ports: NotificationPorts): Reply {
  return withChannel(exchange, ports, (channel) => done(200, { entities: listed(channel) }));
}

export function deleteSubscriptions(exchange: Exchange, ports: NotificationPorts): Reply {
  return withChannel(exchange, ports, (channel) => {
    ports.channels.setSubscriptions(channel, new Map());
    channel.lastUsedAtMs = exchange.nowMs;
    return done(ports.settings.deleteSubscriptionsStatus);
  });
}

/** POST adds, PUT replaces; both renew the channel (GENESYS.md 3.0, 3.4). */
export function putSubscriptions(
  exchange: Exchange,
  ports: NotificationPorts,
  mode: "add" | "replace",
): Reply {
  return withChannel(exchange, ports, (channel) => {
    const ids = topicIds(exchange.json);
    if (ids === undefined)
      return refused(refusals.badRequest("The body must be an array of topics, each with an id."));
    const outcome = subscribe(ports.channels, channel, ids, {
      mode,
      ignoreErrors: exchange.query.get("ignoreErrors")?.toLowerCase() === "true",
      renews: true,
      settings: ports.settings,
      nowMs: exchange.nowMs,
    });
    if (outcome.kind === "refused") return refused(outcome.refusal);
    const added =
      mode === "add" && ports.settings.postReplyLists === "added"
        ? outcome.permitted.map((subscription) => permittedTopic(subscription.id))
        : listed(channel);
    return done(200, { entities: [...added, ...outcome.rejected] });
  });
}

function listed(channel: Channel): ChannelTopic[] {
  return [...channel.subscriptions.values()].map((subscription) => permittedTopic(subscription.id));
}

/** GENESYS.md 3.2: whole ChannelTopic objects and an empty array are accepted. */
function topicIds(json: unknown): string[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const ids: string[] = [];
  for (const item of json as unknown[]) {
    if (typeof item !== "object" || item === null || !("id" in item)) return undefined;
    if (typeof item.id !== "string") return undefined;
    ids.push(item.id);
  }
  return ids;
}

/** 404 for what does not exist, is dead, or belongs to somebody else (GENESYS.md 3.3). */
function withChannel(
  exchange: Exchange,
  { channels, settings }: NotificationPorts,
  use: (channel: Channel) => Reply,
): Reply {
  const channel = channels.find(exchange.parameters[0] ?? "");
  const mine =
    channel !== undefined &&
    channel.client === exchange.token.client &&
    (settings.channelAccess === "client" || channel.token === exchange.token);
  if (!mine) return refused(refusals.notFound("The channel", exchange.parameters[0]));
  return use(channel);
}
