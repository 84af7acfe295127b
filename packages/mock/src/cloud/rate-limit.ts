/** GENESYS.md 5; 8, no. 9: calls in a minute, of a token, of its client, and of a token on one route. */
import { limits, type Limit } from "./limits.ts";
import { refusals, type Refusal } from "./errors.ts";
import type { Settings } from "./settings.ts";
import type { Token } from "./tokens.ts";

const minuteMs = 60_000;
/** The minute of the token itself, beside those of its routes. */
const ownMinute = "";

/** A running minute: it begins with a call, and ends a minute later. */
export interface Minute {
  readonly endsAtMs: number;
  calls: number;
}

/** One of the limits that hold for a call, as it stands before the call. */
interface Standing {
  readonly minute: Minute;
  readonly allowed: number;
  readonly limit: Limit | undefined;
}

/**
 * Counts the call under every limit, unless one is used up. The headers come with every reply, and show the limit
 * that is nearest to its end.
 */
export function countCall(
  token: Token,
  route: string,
  ports: { readonly settings: Settings; readonly speed: number },
  nowMs: number,
): { readonly headers: Readonly<Record<string, string>>; readonly refusal?: Refusal } {
  const { settings, speed } = ports;
  const standings = standingsOf(token, route, settings, nowMs);
  const spent = standings.filter(({ minute, allowed }) => minute.calls >= allowed);
  if (spent.length === 0) for (const { minute } of standings) minute.calls += 1;
  const nearest =
    spent.length === 0
      ? standings.reduce((near, other) => (left(other) < left(near) ? other : near))
      : spent.reduce((late, other) =>
          other.minute.endsAtMs > late.minute.endsAtMs ? other : late,
        );
  const seconds = clientSeconds(nearest.minute.endsAtMs - nowMs, speed);
  const headers = {
    "inin-ratelimit-count": String(nearest.minute.calls),
    "inin-ratelimit-allowed": String(nearest.allowed),
    "inin-ratelimit-reset": String(seconds),
  };
  if (spent.length === 0) return { headers };
  const refusal = refusals.rateLimited(settings.rateLimitCode, seconds, nearest.limit);
  return { headers, refusal };
}

function left({ minute, allowed }: Standing): number {
  return allowed - minute.calls;
}

/** How many seconds a client has to wait for so many milliseconds of the cloud: whole ones, at least one. */
export function clientSeconds(cloudMs: number, speed: number): number {
  return Math.max(1, Math.ceil(cloudMs / 1000 / speed));
}

function standingsOf(
  token: Token,
  route: string,
  settings: Settings,
  nowMs: number,
): [Standing, ...Standing[]] {
  const { client } = token;
  client.minute = running(client.minute, nowMs);
  const routeMax = settings.routeRequestsPerMinuteMax[route];
  return [
    {
      minute: minuteOf(token, ownMinute, nowMs),
      allowed: settings.requestsPerMinuteMax,
      limit: limits.callsOfToken(settings),
    },
    {
      minute: client.minute,
      allowed: settings.clientRequestsPerMinuteMax,
      limit: limits.callsOfClient(settings),
    },
    ...(routeMax === undefined
      ? []
      : [{ minute: minuteOf(token, route, nowMs), allowed: routeMax, limit: undefined }]),
  ];
}

function minuteOf({ minutes }: Token, name: string, nowMs: number): Minute {
  const minute = running(minutes.get(name), nowMs);
  minutes.set(name, minute);
  return minute;
}

function running(minute: Minute | undefined, nowMs: number): Minute {
  return minute === undefined || nowMs >= minute.endsAtMs
    ? { endsAtMs: nowMs + minuteMs, calls: 0 }
    : minute;
}
