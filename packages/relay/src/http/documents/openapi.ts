/** Everything that the relay answers over HTTP as an OpenAPI 3.1 document. */
import { eventApiErrors, type EventApiErrorCode } from "@trunkline/events";
import { z } from "zod";
import { relayErrorCodes, type RelayErrorCode } from "../../errors.ts";
import { socketPaths } from "../../gateway/paths.ts";
import type { EventApiRoute } from "../event-api.ts";
import { statusOf } from "../refusal.ts";
import type { Route } from "../route.ts";
import type { JsonSchema } from "./exactly.ts";
import { idIn, refTo, schemaOf, schemasOf } from "./json-schemas.ts";
import {
  eventApiOperations,
  keyOf,
  readingQuery,
  relayOperations,
  upgradeCodes,
  type EventApiOperation,
  type RelayOperation,
} from "./operations.ts";
import { replyNames } from "./replies.ts";
import { messageNames } from "./server-messages.ts";

const noQuery = z.object({});

type Json = Readonly<Record<string, unknown>>;

export interface Served {
  readonly version: string;
  readonly routes: readonly Pick<Route, "method" | "path" | "isOpen" | "query" | "body">[];
  /** Undefined where the Event API is not served. */
  readonly eventApi: readonly Pick<EventApiRoute, "method" | "path">[] | undefined;
}

const names = [messageNames, replyNames];
const dialect = "draft-2020-12";

export function openApiDocument({ version, routes, eventApi }: Served): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const add = (method: string, path: string, operation: Json): void => {
    const place = path.replaceAll(/:(\w+)/gu, "{$1}");
    (paths[place] ??= {})[method.toLowerCase()] = {
      operationId: operationId(method, path),
      ...operation,
    };
  };
  for (const route of routes) {
    const described = relayOperations[keyOf(route)];
    if (described !== undefined) add(route.method, route.path, relayOperation(route, described));
  }
  for (const route of eventApi ?? []) {
    const described = eventApiOperations[keyOf(route)];
    if (described !== undefined) add(route.method, route.path, eventApiOperation(route, described));
  }
  if (eventApi !== undefined)
    for (const path of socketPaths)
      paths[path] = { ...paths[path], get: upgrade(path, paths[path]?.["get"]) };
  return {
    openapi: "3.1.0",
    info: {
      title: "Trunkline relay",
      version,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      description:
        "The Event API over HTTP, health, metrics, and what an operator asks and does. Sockets are described by /asyncapi.json. Whatever answers GET answers HEAD, but for /admin/entries.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: namedBy(paths),
      securitySchemes: {
        operator: {
          type: "http",
          scheme: "bearer",
          description: "http.token of the configuration; none is asked for where there is none.",
        },
        client: { type: "http", scheme: "basic", description: "Id and secret of a client." },
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "Of POST /oauth/token.",
        },
        tokenInQuery: { type: "apiKey", in: "query", name: "access_token" },
      },
    },
  };
}

/** Schemas that the paths name, and those that these name. */
function namedBy(paths: Json): Json {
  const all = schemasOf(names, dialect);
  const found = new Map<string, JsonSchema>();
  const look = (at: unknown): void => {
    for (const [, id = ""] of JSON.stringify(at).matchAll(/"#\/components\/schemas\/(\w+)"/gu)) {
      const schema = all[id];
      if (schema === undefined || found.has(id)) continue;
      found.set(id, schema);
      look(schema);
    }
  };
  look(paths);
  return Object.fromEntries(found);
}

/** `GET /admin/sinks/:name/dead-letters` → `getAdminSinksNameDeadLetters`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^\dA-Za-z]+/u).filter((word) => word !== "");
  const name = words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  return `${method.toLowerCase()}${name.join("")}`;
}

const ofEveryRequest: readonly RelayErrorCode[] = [
  "REQUEST_INVALID",
  "ORIGIN_FORBIDDEN",
  "URL_TOO_LONG",
  "HOST_FORBIDDEN",
  "INTERNAL",
  "SHUTTING_DOWN",
  "ANSWER_TIMEOUT",
];
const ofBodies: readonly RelayErrorCode[] = [
  "JSON_INVALID",
  "BODY_TOO_LARGE",
  "CONTENT_TYPE_UNSUPPORTED",
];

function relayOperation(route: Served["routes"][number], described: RelayOperation): Json {
  const { summary, reply, codes = [], mayFail, also, example } = described;
  const body = schemaOf(route.body, dialect);
  const hasBody = "type" in body || "anyOf" in body;
  const answer = success(summary, reply);
  const all = [
    ...ofEveryRequest,
    ...(hasBody ? ofBodies : []),
    ...(route.isOpen ? [] : (["TOKEN_REQUIRED"] as const)),
    ...codes,
  ];
  const refused = refusals(all, {
    statusOf,
    wordsOf: (code) => relayErrorCodes[code].help,
    schema: "ErrorReply",
  });
  const either =
    also === undefined
      ? {}
      : { [also]: withReply(refused[also], "Or as with 200, where it is not so.", answer) };
  return {
    tags: [route.path.startsWith("/admin/") ? "admin" : "relay"],
    summary,
    security: route.isOpen ? [] : [{ operator: [] }],
    ...parametersOf(route),
    ...(hasBody
      ? {
          requestBody: {
            required: !route.body.safeParse(undefined).success,
            content: {
              "application/json": { schema: body, ...(example === undefined ? {} : { example }) },
            },
          },
        }
      : {}),
    responses: {
      200: answer,
      ...refused,
      ...either,
      ...(mayFail === true
        ? { default: json("Refused, with a code of docs/OPERATING.md.", ref("ErrorReply")) }
        : {}),
    },
  };
}

function parametersOf({ path, query }: Pick<Route, "path" | "query">): Json {
  const inPath = [...path.matchAll(/:(\w+)/gu)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const { properties = {} } = schemaOf(query, dialect) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
  };
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema,
  }));
  const parameters = [...inPath, ...inQuery];
  return parameters.length === 0 ? {} : { parameters };
}

const ofEveryCall: readonly EventApiErrorCode[] = [
  "FIELD_INVALID",
  "ORIGIN_FORBIDDEN",
  "HOST_FORBIDDEN",
  "MESSAGE_TOO_LARGE",
  "SHUTTING_DOWN",
  "UNAVAILABLE",
];

function eventApiRefusals(codes: readonly EventApiErrorCode[]): Json {
  return refusals([...new Set([...ofEveryCall, ...codes])], {
    statusOf: (code) => eventApiErrors[code].status,
    wordsOf: (code) => eventApiErrors[code].meaning,
    schema: "ErrorBody",
  });
}

function eventApiOperation(
  route: Pick<EventApiRoute, "method" | "path">,
  described: EventApiOperation,
): Json {
  const { summary, body, takesForms, query = noQuery, reply, made, security, codes } = described;
  const { example } = described;
  const shown = {
    schema: body && named(body),
    ...(example === undefined ? {} : { example }),
  };
  return {
    tags: ["events"],
    summary,
    security: security.map((scheme) => ({ [scheme]: [] })),
    ...parametersOf({ ...route, query }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              ...(takesForms === true ? { "application/x-www-form-urlencoded": shown } : {}),
              "application/json": shown,
            },
          },
        }),
    responses: {
      200: success(summary, reply),
      ...(made === undefined ? {} : { 201: success("Made.", made) }),
      ...eventApiRefusals(codes),
    },
  };
}

const socketQuery = readingQuery.extend({
  format: z.enum(["events", "genesys"]).default("events"),
  consumer: z
    .string()
    .regex(/^[\w.-]{1,64}$/u)
    .describe("The durable consumer that is read for.")
    .exactOptional(),
});

/** @param same what the path answers to a GET that asks for no socket */
function upgrade(path: string, same: Json | undefined): Json {
  const route = { path: path.replaceAll(/\{(\w+)\}/gu, ":$1"), query: socketQuery };
  return {
    operationId: operationId("open", path),
    tags: ["events"],
    summary: "Opens a socket of the Event API, which /asyncapi.json describes.",
    // A token may also come as the first message.
    security: [{ token: [] }, { tokenInQuery: [] }, {}],
    ...same,
    ...parametersOf(route),
    responses: {
      101: { description: "The socket is open." },
      ...(same?.["responses"] as Json | undefined),
      ...eventApiRefusals(upgradeCodes),
    },
  };
}

/** By its name, where it has one. */
function named(schema: z.ZodType): Json {
  const id = idIn(names, schema);
  return id === undefined ? schemaOf(schema, dialect) : ref(id);
}

interface Refusals<Code> {
  readonly statusOf: (code: Code) => number;
  readonly wordsOf: (code: Code) => string;
  readonly schema: string;
}

/** Codes by the status that they are answered with. */
function refusals<Code extends string>(
  codes: readonly Code[],
  { statusOf: status, wordsOf, schema }: Refusals<Code>,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    [...Map.groupBy(codes, status)].map(([each, those]) => [
      each,
      json(those.map((code) => `${code}: ${wordsOf(code)}`).join("\n\n"), ref(schema)),
    ]),
  );
}

function success(description: string, reply: RelayOperation["reply"]): Json {
  if (typeof reply !== "string") return json(description, named(reply));
  return { description, content: { [reply]: { schema: { type: "string" } } } };
}

function withReply(refused: Json | undefined, when: string, answer: Json): Json {
  const schemas = [refused, answer].map((each) => jsonOf(each)?.["schema"]);
  return json(`${String(refused?.["description"])}\n\n${when}`, { anyOf: schemas });
}

function jsonOf(answer: Json | undefined): Json | undefined {
  return (answer?.["content"] as Readonly<Record<string, Json>> | undefined)?.["application/json"];
}

function json(description: string, schema: unknown): Json {
  return { description, content: { "application/json": { schema } } };
}

function ref(id: string): Json {
  return { $ref: refTo(id) };
}
