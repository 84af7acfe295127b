/** What each route does and answers, where its own code does not say so already. */
import type { EventApiErrorCode } from "@trunkline/events";
import { z } from "zod";
import type { RelayErrorCode } from "../../errors.ts";
import { metricSubscription, subscription } from "./client-messages.ts";
import { since } from "./exactly.ts";
import * as replies from "./replies.ts";
import * as standing from "./standing.ts";

const { name } = replies.replyNames;

interface Described {
  readonly summary: string;
  /** Of a JSON answer; its type where it is none. */
  readonly reply: z.ZodType | "text/plain" | "application/x-ndjson" | "text/event-stream";
  /** A request that works. */
  readonly example?: Readonly<Record<string, unknown>>;
}

export interface RelayOperation extends Described {
  /** Refusals of its own. */
  readonly codes?: readonly RelayErrorCode[];
  /** Whether what it does may fail in ways that are its own: sinks, the configuration. */
  readonly mayFail?: true;
  /** The status that also answers as `reply` does. */
  readonly also?: 503;
}

const ofSinks = { codes: ["SINK_UNKNOWN"], mayFail: true } as const;
const ofCursors = ["CURSOR_INVALID", "CURSOR_FOREIGN"] as const;

/** By method and path, as the route has them. */
export const relayOperations: Readonly<Record<string, RelayOperation>> = {
  "GET /healthz": { summary: "The process serves.", reply: replies.health },
  "GET /readyz": {
    summary: "Every wanted topic is live or refused for good, and what comes can be stored.",
    reply: replies.ready,
    also: 503,
  },
  "GET /metrics": { summary: "Metrics for Prometheus.", reply: "text/plain" },
  "GET /openapi.json": { summary: "This document.", reply: z.looseObject({}) },
  "GET /asyncapi.json": {
    summary: "The sockets of the Event API, as an AsyncAPI document.",
    reply: z.looseObject({}),
  },
  "GET /admin/entries": {
    summary: "Entries of the journal as lines of JSON; follows the journal unless follow is false.",
    reply: "application/x-ndjson",
    codes: [...ofCursors, "TOO_MANY_STREAMS"],
  },
  "GET /admin/gaps": { summary: "Gaps, each by its latest state.", reply: replies.gaps },
  "GET /admin/trunks": { summary: "How each trunk is.", reply: replies.trunks },
  "GET /admin/topics": { summary: "How each topic is.", reply: replies.topics },
  "GET /admin/subscribers": {
    summary: "Connections of the Event API, those furthest behind first.",
    reply: replies.subscribers,
  },
  "GET /admin/journal": { summary: "How the journal is.", reply: replies.journal },
  "POST /admin/reload": {
    summary: "Reads the configuration again, and applies what may change.",
    reply: replies.reload,
    mayFail: true,
  },
  "GET /admin/sinks": { summary: "How each sink is.", reply: replies.sinks },
  "POST /admin/sinks/:name/check": {
    summary: "Tries a sink: 200 whether or not it would work.",
    reply: replies.check,
    ...ofSinks,
  },
  "POST /admin/sinks/:name/resume": {
    summary: "Tries again at once what was halted.",
    reply: replies.sink,
    ...ofSinks,
  },
  "POST /admin/sinks/:name/rewind": {
    summary: "Goes on after another cursor, back or forth.",
    reply: replies.sink,
    mayFail: true,
    codes: ["SINK_UNKNOWN", ...ofCursors],
    example: { cursor: "0" },
  },
  "GET /admin/sinks/:name/dead-letters": {
    summary: "What a sink refused for good.",
    reply: replies.deadLetters,
    ...ofSinks,
  },
  "POST /admin/sinks/:name/dead-letters/replay": {
    summary: "Gives dead letters to the sink again: all, or those named.",
    reply: replies.replay,
    ...ofSinks,
    example: { ids: [1, 2] },
  },
  "DELETE /admin/sinks/:name/dead-letters": {
    summary: "Removes dead letters.",
    reply: replies.removed,
    ...ofSinks,
    example: { all: true },
  },
};

export interface EventApiOperation extends Described {
  readonly body?: z.ZodType;
  /** Whether the body may be a form, too. */
  readonly takesForms?: true;
  readonly query?: z.ZodObject;
  /** Another answer than `reply`, with 201. */
  readonly made?: z.ZodType;
  /** How whoever asks says who that is. */
  readonly security: readonly ("client" | "token" | "tokenInQuery")[];
  readonly codes: readonly EventApiErrorCode[];
}

const field = (description: string): z.ZodExactOptional<z.ZodString> =>
  z.string().describe(description).exactOptional();
const credentials = {
  client_id: field("Instead of Authorization: Basic."),
  client_secret: field("Instead of Authorization: Basic."),
};
const ofBodies = ["JSON_INVALID", "DUPLICATE_KEY", "FIELD_MISSING"] as const;
const ofClients = ["CLIENT_UNKNOWN", "CLIENT_NOT_ENCODED", "TOO_FAST"] as const;
const ofTokens = [
  "TOKEN_MISSING",
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "TOKEN_NOT_YET_VALID",
  "CLIENT_UNKNOWN",
] as const;

/** Refusals of what is subscribed to. */
const subscriptionCodes = [
  "JSON_INVALID",
  "DUPLICATE_KEY",
  "FIELD_UNKNOWN",
  "FIELD_MISSING",
  "EVENT_TYPES_NOT_ARRAY",
  "EVENT_TYPES_EMPTY",
  "EVENT_TYPE_UNKNOWN",
  "FILTERS_MISSING",
  "FILTER_INCOMPLETE",
  "FILTER_UNUSED",
  "PREDICATE_INVALID",
  "ID_INVALID",
  "ID_PLACEHOLDER",
  "AGGREGATE_PARAMETER",
  "METRIC_UNKNOWN",
  "INTERVAL_UNKNOWN",
  "CURSOR_INVALID",
  "CURSOR_FOREIGN",
  "CURSOR_AHEAD",
  "EVENT_TYPE_FORBIDDEN",
  "SUBSCRIPTIONS_FULL",
] as const;

/** Refusals of sockets, before they open. */
export const upgradeCodes = [
  ...ofTokens,
  "SCOPE_MISSING",
  "CONNECTIONS_FULL",
  "CONSUMERS_FULL",
  "SUBSCRIPTION_UNKNOWN",
  "PATH_UNKNOWN",
  "METHOD_NOT_ALLOWED",
] as const;

/** Parameters of sockets and streams. */
export const readingQuery = z.object({
  access_token: field("A token, instead of a header."),
  since: since.exactOptional(),
});

const ofSubscribers = {
  security: ["token", "tokenInQuery"],
  codes: [...ofTokens, "SCOPE_MISSING"],
} as const;
const ofStanding = {
  ...ofSubscribers,
  codes: [...ofSubscribers.codes, "SUBSCRIPTION_UNKNOWN"],
} as const;
const events = "/api/v2/analytics/events";

/** By method and path, as the route has them. */
export const eventApiOperations: Readonly<Record<string, EventApiOperation>> = {
  "POST /oauth/token": {
    summary: "A token for a client: the grant client_credentials of RFC 6749.",
    takesForms: true,
    body: z.looseObject({
      grant_type: z.literal("client_credentials"),
      scope: field("Some of the client's scopes, with spaces in between; all of them without it."),
      ...credentials,
    }),
    example: { grant_type: "client_credentials" },
    reply: replies.token,
    security: ["client"],
    codes: [...ofBodies, ...ofClients, "GRANT_UNSUPPORTED", "SCOPE_INVALID"],
  },
  "POST /api/v2/oauth2/introspect": {
    summary: "What is true of a token: RFC 7662.",
    takesForms: true,
    body: z.looseObject({ token: z.string().describe("What is looked into."), ...credentials }),
    reply: replies.introspection,
    security: ["client", "token"],
    codes: [...new Set([...ofBodies, ...ofClients, ...ofTokens])],
  },
  "GET /.well-known/jwks.json": {
    summary: "The public keys of tokens: RFC 7517.",
    reply: replies.keys,
    security: [],
    codes: [],
  },
  [`POST ${events}`]: {
    summary:
      "Makes a subscription that stands by itself; with dryRun it only says what it would be.",
    query: z.object({ dryRun: z.enum(["true", "false"]).exactOptional() }),
    body: name(
      "SubscriptionBody",
      z.union([z.strictObject(subscription), z.strictObject(metricSubscription)]),
    ),
    example: { eventTypes: ["user:presence"], filters: { divisions: ["self"] } },
    reply: standing.dryRun,
    made: standing.made,
    ...ofSubscribers,
    codes: [...ofSubscribers.codes, ...subscriptionCodes],
  },
  [`GET ${events}/:id`]: {
    summary: "A subscription that stands by itself. With an upgrade: a socket that reads it.",
    reply: standing.standing,
    ...ofStanding,
  },
  [`DELETE ${events}/:id`]: {
    summary: "Removes it; who reads it is told and closed.",
    reply: standing.removedOne,
    ...ofStanding,
  },
  [`GET ${events}/:id/stream`]: {
    summary:
      "Reads it by Server-Sent Events: each has a message of /asyncapi.json as its data; events have no name, errors are named refused, all others by their type.",
    query: readingQuery,
    reply: "text/event-stream",
    ...ofStanding,
    codes: [...ofStanding.codes, ...subscriptionCodes, "CONNECTIONS_FULL"],
  },
  [`GET ${events}/consumers`]: {
    summary: "The durable consumers of the client.",
    reply: standing.consumers,
    ...ofSubscribers,
  },
  [`DELETE ${events}/consumers/:name`]: {
    summary: "Removes a durable consumer; who reads for it is told and closed.",
    reply: standing.removedOne,
    ...ofSubscribers,
    codes: [...ofSubscribers.codes, "CONSUMER_UNKNOWN"],
  },
};

export function keyOf({
  method,
  path,
}: {
  readonly method: string;
  readonly path: string;
}): string {
  return `${method} ${path}`;
}
