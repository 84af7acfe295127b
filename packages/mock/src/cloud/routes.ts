/** All routes of the API, and which host serves them. */
import { availableTopics } from "./catalogue.ts";
import type { CloudOptions } from "./contract.ts";
import * as notifications from "./notifications.ts";
import { organizationRoutes } from "./organization-routes.ts";
import { placeOfHost, type HostRole } from "./place.ts";
import { restRoutes, type RestPorts } from "./rest/routes.ts";
import { splitPath, type Route } from "./router.ts";
import { tokenRoutes } from "./token-routes.ts";
import type { Tokens } from "./tokens.ts";

/** What the answers are made of. */
export interface RoutePorts extends notifications.NotificationPorts, RestPorts {
  readonly tokens: Tokens;
}

export function apiRoutes(ports: RoutePorts): Route[] {
  return [
    ...tokenRoutes(ports),
    ...organizationRoutes(ports.world, ports.settings),
    ...notificationRoutes(ports),
    ...restRoutes(ports),
  ];
}

function notificationRoutes(ports: notifications.NotificationPorts): Route[] {
  const base = "/api/v2/notifications";
  const subscriptions = `${base}/channels/*/subscriptions`;
  return [
    {
      method: "POST",
      path: `${base}/channels`,
      answer: (exchange) => notifications.createChannel(exchange, ports),
    },
    {
      method: "GET",
      path: `${base}/channels`,
      answer: (exchange) => notifications.listChannels(exchange, ports),
    },
    {
      method: "HEAD",
      path: `${base}/channels/*`,
      answer: (exchange) => notifications.headChannel(exchange, ports),
    },
    {
      method: "GET",
      path: subscriptions,
      answer: (exchange) => notifications.listSubscriptions(exchange, ports),
    },
    {
      method: "POST",
      path: subscriptions,
      reads: true,
      answer: (exchange) => notifications.putSubscriptions(exchange, ports, "add"),
    },
    {
      method: "PUT",
      path: subscriptions,
      reads: true,
      answer: (exchange) => notifications.putSubscriptions(exchange, ports, "replace"),
    },
    {
      method: "DELETE",
      path: subscriptions,
      answer: (exchange) => notifications.deleteSubscriptions(exchange, ports),
    },
    {
      method: "GET",
      path: `${base}/availabletopics`,
      answer: (exchange) => availableTopics(exchange.query, ports.settings),
    },
  ];
}

/** Where API and login have hosts of their own, each serves only its own paths. */
export function hostRoles(
  options: CloudOptions,
): (host: string | undefined) => HostRole | undefined {
  if (options.apiUrl === undefined || options.loginUrl === undefined) return () => undefined;
  const api = new URL(options.apiUrl).host;
  const login = new URL(options.loginUrl).host;
  if (api === login) return () => undefined;
  return (host) => (host === api ? "api" : host === login ? "login" : undefined);
}

/** The channel that an upgrade asks for; undefined where none is served: other paths, hosts and regions. */
export function channelAsked(
  path: string,
  host: string | undefined,
  region: string | undefined,
): string | undefined {
  const { path: bare, gateway } = splitPath(path);
  const place = gateway?.place ?? placeOfHost(host);
  if (place?.role === "api" || place?.role === "login") return undefined;
  if (place !== undefined && region !== undefined && place.region !== region) return undefined;
  return /^\/channels\/([^/]+)$/u.exec(bare)?.[1];
}
