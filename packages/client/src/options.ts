/** What a caller may set, checked and completed once, so that nothing is undefined beyond this door. */
import { TrunklineError } from "./errors.ts";
import { resolveBaseUrl, resolveRegion, type Hosts } from "./genesys/regions.ts";
import type { Ports } from "./ports.ts";
import type { TokenProvider } from "./rest/tokens.ts";
import { Secret } from "./secret.ts";
import { defaultPolicy, type Policy } from "./session/policy.ts";
import type { Combine } from "./topics/entries.ts";
import { parseTopics, type Topic } from "./topics/names.ts";

/** How the client proves who it is. */
export type Credentials =
  /** An OAuth client with the Client Credentials grant. */
  | { readonly clientId: string; readonly clientSecret: string }
  /** Your own way to an access token, e.g. the official SDK's. Called again when 80 % of its life are over. */
  | { readonly tokenProvider: TokenProvider };

/** Options of `createClient`. */
export interface ClientOptions {
  /** AWS name (`eu-central-1`) or domain (`mypurecloud.de`) of the region. Either this or `baseUrl`. */
  readonly region?: string | undefined;
  /** Origin of another API, such as a mock or a gateway: `http://127.0.0.1:9080`. */
  readonly baseUrl?: string | undefined;
  readonly credentials: Credentials;
  /** Topics to carry, e.g. `v2.routing.queues.<id>.conversations`; change them later with `setTopics`. */
  readonly topics?: readonly string[] | undefined;
  /**
   * Which topics of one object are put on a channel as one entry, to save room. That it works for
   * users is documented; for other objects it is not established.
   * @default "users"
   */
  readonly combine?: Combine | undefined;
  /**
   * Make channels even where all 20 of the OAuth client are taken. The service then drops the
   * channel that was used longest ago, those without an open socket first: perhaps another program's.
   * @default false
   */
  readonly evictChannels?: boolean | undefined;
  /**
   * Sessions that carry each topic at the same time: 1, or 2 on channels made with different tokens,
   * so that the loss of one socket, channel, connection or token loses nothing. With 2 an event that
   * both bring is handed on once, and at most 9 lines have room on 20 channels, rather than 19.
   * @default 1
   */
  readonly redundancy?: Redundancy | undefined;
  /**
   * When the channels that earlier runs under the same OAuth client have left will have expired at
   * the latest, in ms since 1970: 24 h after each was last in use. No call deletes a channel, so they
   * count towards the 20; named here they count as our own, and new ones are made in their place, one
   * for one, instead of `CHANNELS_TAKEN`. `connected` names a channel, so that a program can keep
   * this list; it must be no longer than what there was, less what was evicted since.
   * Source: channels live 24 h (notifications page); a 21st evicts the one used longest ago (official SDK).
   * @default none
   */
  readonly leftChannels?: readonly number[] | undefined;
  /**
   * Where all 20 channels are taken by others at the start: say so by `disconnected` with the error
   * `CHANNELS_TAKEN`, and look every 10 min whether one has expired, rather than end.
   * @default false
   */
  readonly waitForChannels?: boolean | undefined;
  /** Hosts besides the region's or base URL's that a socket may lead to: names, or suffixes beginning with a dot. */
  readonly connectHosts?: readonly string[] | undefined;
  /** Requests a minute, at most. @default 300 */
  readonly requestsPerMinute?: number | undefined;
  /** Notifications that may wait for the consumer before the sockets are paused; 64 MiB of them at most. @default 10000 */
  readonly bufferEventsMax?: number | undefined;
  /** The largest frame taken, in bytes. @default 4194304 */
  readonly frameBytesMax?: number | undefined;
  /** Certificate authorities in PEM, besides the usual ones, for REST and sockets. */
  readonly ca?: string | undefined;
  /** Yield `trace` events: each request, upgrade, frame and close, without secrets. @default false */
  readonly trace?: boolean | undefined;
  /** Ends the client when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Timings, for those who know why. */
  readonly policy?: Partial<Policy> | undefined;
  /** Clock, dice, HTTP and sockets, for tests and unusual surroundings. */
  readonly ports?: Partial<Ports> | undefined;
}

/** How many sessions carry each topic. */
export type Redundancy = 1 | 2;

export interface ResolvedOptions {
  readonly hosts: Hosts;
  readonly connectHosts: readonly string[];
  readonly credentials:
    | { readonly clientId: string; readonly clientSecret: Secret }
    | { readonly tokenProvider: TokenProvider };
  readonly topics: readonly Topic[];
  readonly combine: Combine;
  readonly evictChannels: boolean;
  readonly redundancy: Redundancy;
  readonly leftChannels: readonly number[];
  readonly waitForChannels: boolean;
  readonly requestsPerMinute: number;
  readonly bufferEventsMax: number;
  readonly frameBytesMax: number;
  readonly trace: boolean;
  readonly signal: AbortSignal | undefined;
  readonly policy: Policy;
}

/** @throws TrunklineError OPTION_INVALID, REGION_UNKNOWN, CREDENTIALS_MISSING, TOPIC_INVALID */
export function resolveOptions(options: ClientOptions): ResolvedOptions {
  const hosts = resolveHosts(options);
  return {
    hosts,
    connectHosts: [hosts.connectHost, ...(options.connectHosts ?? [])],
    credentials: resolveCredentials(options.credentials),
    topics: resolveTopics(options.topics ?? []),
    combine: options.combine ?? "users",
    evictChannels: options.evictChannels ?? false,
    redundancy: resolveRedundancy(options.redundancy ?? 1),
    leftChannels: resolveLeftChannels(options.leftChannels ?? []),
    waitForChannels: options.waitForChannels ?? false,
    requestsPerMinute: positive("requestsPerMinute", options.requestsPerMinute ?? 300, 300),
    bufferEventsMax: positive("bufferEventsMax", options.bufferEventsMax ?? 10_000, 10_000_000),
    frameBytesMax: positive("frameBytesMax", options.frameBytesMax ?? 4_194_304, 1_073_741_824),
    trace: options.trace ?? false,
    signal: options.signal,
    policy: resolvePolicy(options.policy ?? {}),
  };
}

function resolveHosts({ region, baseUrl }: ClientOptions): Hosts {
  if (region !== undefined && baseUrl !== undefined) {
    throw new TrunklineError("OPTION_INVALID", "Give either region or baseUrl, not both.");
  }
  if (region !== undefined) return resolveRegion(region);
  if (baseUrl !== undefined) return resolveBaseUrl(baseUrl);
  throw new TrunklineError("OPTION_INVALID", "Give the region of your organisation, or a baseUrl.");
}

function resolveCredentials(credentials: Credentials | undefined): ResolvedOptions["credentials"] {
  const { tokenProvider, clientId, clientSecret } = { ...credentials } as Partial<
    Record<"clientId" | "clientSecret", string>
  > & { readonly tokenProvider?: TokenProvider };
  if (typeof tokenProvider === "function") return { tokenProvider };
  if (!clientId || !clientSecret) {
    const missing = clientId ? "clientSecret" : "clientId";
    throw new TrunklineError("CREDENTIALS_MISSING", `The credentials have no ${missing}.`);
  }
  return { clientId, clientSecret: new Secret("client secret", clientSecret) };
}

/** @throws TrunklineError TOPIC_INVALID, OPTION_INVALID */
export function resolveTopics(topics: readonly string[]): readonly Topic[] {
  if (!Array.isArray(topics) || topics.some((topic) => typeof topic !== "string")) {
    throw new TrunklineError("OPTION_INVALID", "topics must be a list of strings.");
  }
  return topics.flatMap(parseTopics);
}

/** @throws TrunklineError OPTION_INVALID */
function resolveRedundancy(redundancy: Redundancy): Redundancy {
  if (redundancy === 1 || redundancy === 2) return redundancy;
  throw new TrunklineError(
    "OPTION_INVALID",
    `redundancy is ${String(redundancy)}; it must be 1 or 2.`,
  );
}

/** @throws TrunklineError OPTION_INVALID */
function resolveLeftChannels(untilMs: readonly number[]): readonly number[] {
  if (!Array.isArray(untilMs) || !untilMs.every((ms) => Number.isFinite(ms))) {
    throw new TrunklineError(
      "OPTION_INVALID",
      "leftChannels must be a list of instants in milliseconds since 1970.",
    );
  }
  return untilMs;
}

function resolvePolicy(policy: Partial<Policy>): Policy {
  const resolved = { ...defaultPolicy, ...policy };
  for (const [name, value] of Object.entries(resolved)) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new TrunklineError(
      "OPTION_INVALID",
      `policy.${name} is ${value}; it must be a positive number.`,
    );
  }
  return resolved;
}

function positive(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new TrunklineError(
    "OPTION_INVALID",
    `${name} is ${value}; it must be a whole number from 1 to ${max}.`,
  );
}
