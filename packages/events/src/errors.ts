/**
 * Everything that the Event API refuses, by code: what it means, how it is answered over HTTP and on a
 * socket, and what to do. The gateway's answers, the documents and the subscriber's errors are made of it.
 */

export interface EventApiError {
  /** What it means, in one sentence without the particulars. */
  readonly meaning: string;
  /** What to do. */
  readonly help: string;
  /** Status of an HTTP answer, a refused upgrade included. */
  readonly status: number;
  /** Close code of a socket; undefined where the socket stays open. */
  readonly close: CloseCode | undefined;
  /** Whether the same thing may work later without a change. */
  readonly retry: "never" | "later";
}

/**
 * - 4400 bad request, 4401 not authenticated or expired, 4403 not allowed, 4408 silent, 4409 replaced,
 *   4413 too large, 4429 too fast, 4503 shutting down
 */
export type CloseCode = 4400 | 4401 | 4403 | 4408 | 4409 | 4413 | 4429 | 4503;

type Kind = Pick<EventApiError, "status" | "close" | "retry">;

/** A message that is refused leaves the socket open: the next one may be right. */
const badRequest: Kind = { status: 400, close: undefined, retry: "never" };
const unauthenticated: Kind = { status: 401, close: 4401, retry: "never" };
const forbidden: Kind = { status: 403, close: 4403, retry: "never" };
const tooFast: Kind = { status: 429, close: 4429, retry: "later" };

const table = {
  // What was sent cannot be read.
  JSON_INVALID: {
    ...badRequest,
    meaning: "The text is no JSON.",
    help: "Send one JSON object. Mind quotes, commas, and that a text is sent, not an object of your language.",
  },
  DUPLICATE_KEY: {
    ...badRequest,
    meaning: "A key stands twice in one object; of two most readers drop the first in silence.",
    help: "Leave one of them out, or give them different names.",
  },
  MESSAGE_UNKNOWN: {
    ...badRequest,
    meaning: "No message of the Event API has this shape.",
    help: "To subscribe send eventTypes and filters.",
  },
  FIELD_UNKNOWN: {
    ...badRequest,
    meaning: "There is no such field here.",
    help: "Leave it out, or correct its name.",
  },
  FIELD_MISSING: {
    ...badRequest,
    meaning: "A field that is needed is not there.",
    help: "Add it.",
  },
  FIELD_INVALID: {
    ...badRequest,
    meaning: "A field has a value of the wrong kind.",
    help: "Give it a value of the kind named.",
  },
  // What is subscribed to.
  EVENT_TYPES_NOT_ARRAY: {
    ...badRequest,
    meaning: "eventTypes is no array.",
    help: 'Write it as an array, even for one: ["conversation:updated"].',
  },
  EVENT_TYPES_EMPTY: {
    ...badRequest,
    meaning: "eventTypes names nothing.",
    help: "Name at least one event type: docs/EVENT-API.md lists them.",
  },
  EVENT_TYPE_UNKNOWN: {
    ...badRequest,
    meaning: "There is no such event type.",
    help: "docs/EVENT-API.md lists the event types.",
  },
  FILTERS_MISSING: {
    ...badRequest,
    meaning: "filters is missing or empty: it would mean every event of the organisation.",
    help: 'Say which: {"divisions":["self"]} for all that the relay\'s credential sees, or {"queueId":[…]}.',
  },
  FILTER_INCOMPLETE: {
    ...badRequest,
    meaning: "An event type has no filter of its own, and there is none for all of them.",
    help: "Give that type a filter of its own, or one for all: divisions, queueId, userId or conversationId.",
  },
  FILTER_UNUSED: {
    ...badRequest,
    meaning: "A filter is for an event type that is not subscribed to.",
    help: "Add the event type to eventTypes, or leave its filter out.",
  },
  PREDICATE_INVALID: {
    ...badRequest,
    meaning: "A condition cannot be understood.",
    help: 'Write {"field":"mediaType","operator":"in","values":["voice"]}.',
  },
  ID_INVALID: {
    ...badRequest,
    meaning: "This is no id of Genesys Cloud.",
    help: "Give the UUID of the object, such as 2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22.",
  },
  ID_PLACEHOLDER: {
    ...badRequest,
    meaning: "This is a placeholder of an example, not an id.",
    help: "Put the real id in its place.",
  },
  AGGREGATE_PARAMETER: {
    ...badRequest,
    meaning: "This belongs to a query of the analytics REST API, not to a stream of events.",
    help: "Leave it out here; POST /api/v2/analytics/conversations/aggregates/query of Genesys Cloud takes it.",
  },
  METRIC_UNKNOWN: {
    ...badRequest,
    meaning: "There is no such metric to subscribe to.",
    help: "metricIds names event types, such as conversation.summary.",
  },
  INTERVAL_UNKNOWN: {
    ...badRequest,
    meaning: "This interval is not possible for a stream of events.",
    help: 'Write "realtime", or leave interval out.',
  },
  // Where to go on.
  CURSOR_INVALID: {
    ...badRequest,
    meaning: "This is no cursor.",
    help: "Use the cursor of an event or gap as it was sent.",
  },
  CURSOR_FOREIGN: {
    ...badRequest,
    meaning: "The cursor is of another journal: what lies between cannot be known.",
    help: "Start without since; or from the journal that the cursor names.",
  },
  CURSOR_AHEAD: {
    ...badRequest,
    meaning: "The journal has not got that far: the cursor is of a later copy of it.",
    help: "Start without since.",
  },
  SUBSCRIPTION_UNKNOWN: {
    status: 404,
    close: 4400,
    retry: "never",
    meaning: "There is no such subscription, or it has expired.",
    help: "Make a new one by POST /api/v2/analytics/events. One expires 24 h after its last socket.",
  },
  SUBSCRIPTIONS_FULL: {
    ...tooFast,
    close: undefined,
    meaning: "There are as many subscriptions as there may be.",
    help: "Remove some that are no longer used.",
  },
  CONSUMER_UNKNOWN: {
    status: 404,
    close: 4400,
    retry: "never",
    meaning: "The client has no durable consumer of this name.",
    help: "GET /api/v2/analytics/events/consumers lists them; a socket with ?consumer=NAME makes one.",
  },
  CONSUMERS_FULL: {
    ...tooFast,
    meaning: "There are as many durable consumers as there may be.",
    help: "Remove those that are no longer used: DELETE /api/v2/analytics/events/consumers/{name}.",
  },
  // Who asks.
  TOKEN_MISSING: {
    ...unauthenticated,
    meaning: "No token was given.",
    help: 'Send Authorization: Bearer …, ?access_token=…, or {"type":"auth","data":{"token":…}} within 10 s. POST /oauth/token issues tokens.',
  },
  TOKEN_INVALID: {
    ...unauthenticated,
    meaning: "The token is not one of this relay.",
    help: "Get one by POST /oauth/token of this relay.",
  },
  TOKEN_EXPIRED: {
    ...unauthenticated,
    meaning: "The token has expired.",
    help: 'Get a new one by POST /oauth/token. On an open socket send {"type":"auth","data":{"token":…}} before the old one expires.',
  },
  TOKEN_NOT_YET_VALID: {
    ...unauthenticated,
    meaning: "The token is not valid yet: the clock of its issuer is ahead of this relay's.",
    help: "Set both clocks by NTP. gateway.clockLeeway is how much difference is allowed.",
  },
  CLIENT_UNKNOWN: {
    ...unauthenticated,
    meaning: "There is no such client, or its secret is another.",
    help: "`trunkline clients list` shows the clients; `trunkline clients add` makes one.",
  },
  CLIENT_NOT_ENCODED: {
    ...unauthenticated,
    meaning: "The credentials of Authorization: Basic are not base64.",
    help: "Encode client id, colon and secret in base64: curl does it with --user id:secret.",
  },
  GRANT_UNSUPPORTED: {
    ...badRequest,
    meaning: "Only the grant client_credentials exists here.",
    help: "Send grant_type=client_credentials. A password grant would make programs keep passwords of people, and gains nothing here.",
  },
  SCOPE_INVALID: {
    ...badRequest,
    meaning: "The client has not got such a scope.",
    help: "`trunkline clients list` shows its scopes.",
  },
  SCOPE_MISSING: {
    ...forbidden,
    meaning: "The token does not grant this.",
    help: "analytics:events:read grants everything. Give the client that scope, and get a new token.",
  },
  EVENT_TYPE_FORBIDDEN: {
    ...forbidden,
    close: undefined,
    meaning: "This client may not read this event type.",
    help: "Its scopes and eventTypes are in the relay's configuration and in `trunkline clients list`.",
  },
  ORIGIN_FORBIDDEN: {
    ...forbidden,
    meaning: "Web pages of this origin may not connect.",
    help: "Add it to http.origins in the relay's configuration.",
  },
  HOST_FORBIDDEN: {
    ...forbidden,
    status: 421,
    meaning: "This relay does not go by that name.",
    help: "Add it to http.hosts in the relay's configuration.",
  },
  // How it behaves.
  MESSAGE_TOO_LARGE: {
    status: 413,
    close: 4413,
    retry: "never",
    meaning: "The message is larger than one may be.",
    help: "Split the subscription into several.",
  },
  TOO_FAST: {
    ...tooFast,
    meaning: "Messages come faster than they may.",
    help: "Send fewer; a keepalive every 15 s is plenty.",
  },
  CONNECTIONS_FULL: {
    ...tooFast,
    meaning: "There are as many connections as there may be, from this address or in all.",
    help: "Close some, and wait between attempts; retryAfterMs says how long.",
  },
  SILENT: {
    status: 408,
    close: 4408,
    retry: "later",
    meaning: "Nothing has come for 45 s, not even an answer to a ping.",
    help: 'Connect again. Libraries answer pings by themselves; where yours does not, send {"type":"keepalive"} every 15 s.',
  },
  CONSUMER_REPLACED: {
    status: 409,
    close: 4409,
    retry: "never",
    meaning: "Another connection reads for the same consumer now.",
    help: "Let one connection at a time name a consumer, or give each a name of its own.",
  },
  SHUTTING_DOWN: {
    status: 503,
    close: 4503,
    retry: "later",
    meaning: "The relay is about to end.",
    help: "Connect again after retryAfterMs, with since: nothing is lost.",
  },
  UNAVAILABLE: {
    status: 503,
    close: 4503,
    retry: "later",
    meaning: "The relay cannot do this at present.",
    help: "Try again after retryAfterMs; /readyz says what is the matter.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    close: undefined,
    retry: "never",
    meaning: "There is something at this path, but not for this method.",
    help: "The header Allow names the methods that there are.",
  },
  PATH_UNKNOWN: {
    status: 404,
    close: undefined,
    retry: "never",
    meaning: "There is no such path.",
    help: "Sockets open on /api/v2/analytics/events.",
  },
} as const satisfies Readonly<Record<string, EventApiError>>;

export type EventApiErrorCode = keyof typeof table;

/** Each code with what it means and how it is answered. */
export const eventApiErrors: Readonly<Record<EventApiErrorCode, EventApiError>> = table;
