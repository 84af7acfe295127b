/** The sockets of the Event API as an AsyncAPI 3.0 document. */
import { eventApiErrors, type CloseCode } from "@trunkline/events";
import { heartbeatEveryMs, silentAfterMs } from "../../gateway/limits.ts";
import { socketPaths } from "../../gateway/paths.ts";
import {
  clientMessages,
  type ClientMessageName,
  type ClientMessageShape,
} from "./client-messages.ts";
import { idIn, refTo, schemasOf } from "./json-schemas.ts";
import { messageNames, serverMessages, type ServerMessageName } from "./server-messages.ts";

export interface Place {
  readonly version: string;
  /** With its port. */
  readonly host: string;
  readonly isSecure: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const answering: ReadonlySet<string> = new Set(
  Object.values<ClientMessageShape>(clientMessages).flatMap(({ answers }) => answers),
);

export function asyncApiDocument({ version, host, isSecure }: Place): Json {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Trunkline Event API",
      version,
      license: { name: "Apache-2.0" },
      description: [
        "Events of Genesys Cloud on one WebSocket, resumable by cursor. Whatever is missing is told as a gap.",
        `The server sends a heartbeat and an RFC 6455 ping every ${heartbeatEveryMs / 1_000} s, and closes a socket from which nothing comes for ${silentAfterMs / 1_000} s.`,
        "A refused upgrade is an HTTP answer, which /openapi.json describes; after it an error comes before each close for cause, whose reason is the code of that error.",
        "A key that stands twice in a message, and a field that is not described here, are refused.",
      ].join("\n\n"),
    },
    defaultContentType: "application/json",
    servers: serversAt({ host, isSecure }),
    channels: Object.fromEntries(socketPaths.map((path) => [channelName(path), channel(path)])),
    operations: Object.assign({}, ...socketPaths.map(operations)) as Json,
    components: {
      schemas: schemasOf([messageNames], "draft-7"),
      messages: messages(),
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "Of POST /oauth/token: in the header Authorization, in the parameter access_token, or in the message auth within 10 s.",
        },
      },
    },
    "x-close-codes": closeCodes(),
    "x-heartbeat": { everyMs: heartbeatEveryMs, silentAfterMs },
  };
}

/** All of the document that hangs on where it was asked for. */
export function serversAt({ host, isSecure }: Omit<Place, "version">): Json {
  return {
    relay: {
      host,
      protocol: isSecure ? "wss" : "ws",
      security: [refer("securitySchemes/token")],
    },
  };
}

function refer(place: string): Json {
  return { $ref: `#/components/${place}` };
}

/** `/v2/analytics/events` → `v2AnalyticsEvents`. */
function channelName(path: string): string {
  const [first = "", ...others] = path.split(/[^\dA-Za-z]+/u).filter((part) => part !== "");
  return [first, ...others.map(capital)].join("");
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

const [mainPath = "", ...others] = socketPaths;
const names = {
  client: Object.keys(clientMessages) as readonly ClientMessageName[],
  server: Object.keys(serverMessages) as readonly ServerMessageName[],
};

function messages(): Json {
  const ofClient = Object.entries<ClientMessageShape>(clientMessages).map(
    ([name, { schema, summary, examples }]) => [
      name,
      {
        name,
        summary,
        payload: { $ref: refTo(idIn([messageNames], schema) ?? name) },
        examples: examples.map((payload) => ({ payload })),
      },
    ],
  );
  const ofServer = Object.entries(serverMessages).map(([name, { schema, summary }]) => [
    name,
    { name, summary, payload: { $ref: refTo(idIn([messageNames], schema) ?? name) } },
  ]);
  return Object.fromEntries([...ofClient, ...ofServer]) as Json;
}

const standing = {
  description: "It is subscribed to the standing subscription, which answers as subscribed.",
  parameters: { id: { description: "Of the standing subscription." } },
};

function channel(path: string): Json {
  const isAlias = others.includes(path);
  return {
    address: path,
    summary: isAlias ? `The same as ${mainPath}.` : "The socket of the Event API.",
    ...(path.includes("{id}") ? standing : {}),
    ...(path.includes("conversations")
      ? {
          description:
            "Where nothing is subscribed to within 2 s, conversation:all of all that the relay's credential sees is, and a notice says so.",
        }
      : {}),
    messages: Object.fromEntries(
      [...names.client, ...names.server].map((name) => [name, refer(`messages/${name}`)]),
    ),
    bindings: {
      ws: {
        bindingVersion: "0.1.0",
        method: "GET",
        query: {
          type: "object",
          properties: {
            access_token: { type: "string", description: "A token, instead of a header." },
            since: {
              type: "string",
              description: "A cursor: subscriptions that name none begin after it.",
            },
            consumer: {
              type: "string",
              pattern: "^[\\w.-]{1,64}$",
              description: "The durable consumer that is read for.",
            },
            format: {
              type: "string",
              enum: ["events", "genesys"],
              default: "events",
              description: "genesys: frames as they came, in the place of event.",
            },
          },
        },
      },
    },
  };
}

/** Receiving and sending are the relay's. The first path has an operation for each message, with its answers. */
function operations(path: string): Json {
  const place = channelName(path);
  const of = (name: string): Json => ({ $ref: `#/channels/${place}/messages/${name}` });
  const where = { channel: { $ref: `#/channels/${place}` } };
  if (path !== mainPath)
    return {
      [`${place}Receive`]: { action: "receive", ...where, messages: names.client.map(of) },
      [`${place}Send`]: { action: "send", ...where, messages: names.server.map(of) },
    };
  const asked = Object.entries<ClientMessageShape>(clientMessages).map(
    ([name, { summary, answers }]) => [
      name,
      {
        action: "receive",
        ...where,
        summary,
        messages: [of(name)],
        reply: { ...where, messages: [...new Set([...answers, "error"])].map(of) },
      },
    ],
  );
  const told = names.server.filter((name) => name === "error" || !answering.has(name));
  return {
    ...Object.fromEntries(asked),
    tell: {
      action: "send",
      ...where,
      summary: "What the relay says without being asked.",
      messages: told.map(of),
    },
  };
}

/** What each close code means, and the codes of errors that come before it. */
function closeCodes(): readonly Json[] {
  const byCode = new Map<CloseCode, string[]>();
  for (const [name, { close }] of Object.entries(eventApiErrors))
    if (close !== undefined) byCode.set(close, [...(byCode.get(close) ?? []), name]);
  return [...byCode]
    .toSorted(([a], [b]) => a - b)
    .map(([code, errors]) => ({ code, meaning: meanings[code], errors }));
}

const meanings: Readonly<Record<CloseCode, string>> = {
  4400: "bad request",
  4401: "not authenticated, or expired",
  4403: "not allowed",
  4408: "silent",
  4409: "replaced",
  4413: "too large",
  4429: "too fast",
  4503: "shutting down, or unavailable",
};
