/**
 * Regions (GENESYS.md 2). A request names its region by its Host header, such as `api.mypurecloud.de`, or, where a client
 * can only be given a base URL, by the first segment of its path: `/mypurecloud.de/api/v2/…`, `/eu-central-1/oauth/token`,
 * `/login.mypurecloud.de/oauth/token`.
 */
import { regions } from "../data/regions.ts";

/** What a host serves, and nothing else. */
export type HostRole = "api" | "login" | "streaming";

export interface Place {
  /** Domain of the region. */
  readonly region: string;
  /** Undefined where the region alone is named: it serves everything. */
  readonly role: HostRole | undefined;
}

/** A place that stands in front of the path. */
export interface Gateway {
  /** As it came, with its slash. */
  readonly prefix: string;
  readonly place: Place;
}

const byName = new Map(Object.entries(regions));
for (const domain of Object.values(regions)) byName.set(domain, domain);

/** Domain of a region that is named by its domain or its AWS name. */
export function regionOf(name: string): string | undefined {
  return byName.get(name.toLowerCase());
}

function placeOf(name: string): Place | undefined {
  const [, role, rest] = /^(?:(api|login|streaming)\.)?(.+)$/iu.exec(name) ?? [];
  const region = regionOf(rest ?? "");
  return region === undefined ? undefined : { region, role: roleOf(role) };
}

function roleOf(label: string | undefined): HostRole | undefined {
  const role = label?.toLowerCase();
  return role === "api" || role === "login" || role === "streaming" ? role : undefined;
}

/** The place that a Host header names, with or without a port. */
export function placeOfHost(host: string | undefined): Place | undefined {
  return host === undefined ? undefined : placeOf(host.replace(/:\d+$/u, ""));
}

/** Takes a place off the front of a path. */
export function stripPlace(path: string): { rest: string; gateway: Gateway | undefined } {
  const [, segment, rest] = /^\/([^/]+)(\/.*)$/su.exec(path) ?? [];
  const place = segment === undefined ? undefined : placeOf(segment);
  if (segment === undefined || rest === undefined || place === undefined)
    return { rest: path, gateway: undefined };
  return { rest, gateway: { prefix: `/${segment}`, place } };
}

/** Where the sockets of a request's place are: on the region's streaming host, or behind the same prefix. */
export function streamingPlace(
  host: string | undefined,
  gateway: Gateway | undefined,
): { readonly host: string | undefined; readonly prefix: string } {
  if (gateway !== undefined)
    return { host, prefix: gateway.prefix.replace(/^\/api\./iu, "/streaming.") };
  const onApi = placeOfHost(host)?.role === "api";
  return { host: onApi ? host?.replace(/^api\./iu, "streaming.") : host, prefix: "" };
}
