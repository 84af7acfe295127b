/** What a client may send on a socket, in one canonical form each, and what each is answered with. */
import { eventTypes } from "@trunkline/events";
import { z } from "zod";
import { since } from "./exactly.ts";
import { refTo } from "./json-schemas.ts";
import { messageNames, type ServerMessageName } from "./server-messages.ts";

const { name } = messageNames;

const uuid = z
  .string()
  .regex(/^[\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}$/u)
  .meta({ format: "uuid" });

export const eventType = name(
  "EventType",
  z
    .union([
      z.enum(Object.keys(eventTypes)),
      z
        .string()
        .regex(/^v2(?:\.[\w{}-]+)+$/u)
        .max(300)
        .describe("A topic of Genesys Cloud, with its ids or as a template."),
    ])
    .describe("An event type of docs/EVENT-API.md, or any topic of Genesys Cloud."),
);

const field = z.union([
  z.enum(["mediaType", "direction", "state", "queueId", "userId", "conversationId", "divisionId"]),
  z.string().regex(/^\$/u).max(256).describe("A JSON path (RFC 9535) into data."),
]);

const value = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]);

const predicate = name(
  "Predicate",
  z
    .union([
      z.strictObject({
        field,
        operator: z.enum(["in", "notIn"]),
        values: z.array(value).min(1).max(1_000),
      }),
      z.strictObject({
        field,
        operator: z.enum(["eq", "ne", "gt", "gte", "lt", "lte", "prefix"]),
        values: z.array(value).length(1),
      }),
      z.strictObject({
        field,
        operator: z.literal("exists"),
        values: z.array(z.boolean()).max(1).exactOptional(),
      }),
    ])
    .describe("One condition on an event."),
);

const predicates = z.array(predicate).min(1).max(50);
const ids = z.union([uuid, z.array(uuid).min(1).max(1_000)]);

/** Filters for all event types. */
const sharedFilters = ["divisions", "queueId", "userId", "conversationId"];

const filters = name(
  "Filters",
  z
    .object({
      divisions: z
        .union([z.literal("self"), z.array(z.literal("self")).min(1)])
        .describe("self: all that the relay's credential sees.")
        .exactOptional(),
      queueId: ids.exactOptional(),
      userId: ids.exactOptional(),
      conversationId: ids.exactOptional(),
    })
    .catchall(predicates.describe("By event type: all conditions must hold."))
    .meta({
      minProperties: 1,
      maxProperties: 200,
      propertyNames: { anyOf: [{ enum: sharedFilters }, { $ref: refTo("EventType") }] },
    })
    .describe(
      "Which of them. A type needs conditions of its own, or one of divisions, queueId, userId, conversationId for all.",
    ),
);

const id = z
  .string()
  .min(1)
  .max(200)
  .describe("The client's own name for the subscription, one at a time on a socket.");
const wanted = z.array(eventType).min(1).max(100);

/** The body of a subscription: the same on sockets and over HTTP. */
export const subscription = {
  eventTypes: wanted,
  filters: filters
    .describe(
      "Which of them. May be left out where each of eventTypes is a topic with its ids put in.",
    )
    .exactOptional(),
  since: since.exactOptional(),
};

/** `{interval: "realtime", metricIds}`: the form of a call that programs expect of an SDK. */
export const metricSubscription = {
  metricIds: z.array(z.literal("conversation.summary")).min(1),
  interval: z.literal("realtime").exactOptional(),
  filters: filters.exactOptional(),
  since: since.exactOptional(),
};

const named = { type: z.literal("subscribe").exactOptional(), id: id.exactOptional() };

export interface ClientMessageShape {
  readonly schema: z.ZodType;
  readonly summary: string;
  /** Messages that answer it; an error does, where it is refused. */
  readonly answers: readonly ServerMessageName[];
  /** They work as they stand, the token put in. */
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

/** In the place of a token in examples. */
export const exampleToken = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl";
const someQueue = "1b3f0c9e-6f0a-4d53-9a8e-0c1d2e3f4a5b";

/** In the order in which the examples make sense one after the other. */
export const clientMessages = {
  auth: {
    schema: name(
      "Auth",
      z.strictObject({
        type: z.literal("auth"),
        id: z.unknown().describe("Not looked at.").optional(),
        data: z.strictObject({ token: z.string().min(1).max(8_192) }),
      }),
    ),
    summary:
      "A token: within 10 s where the upgrade brought none; or a new one, so that the socket outlives the old one.",
    answers: ["auth-success"],
    examples: [{ type: "auth", data: { token: exampleToken } }],
  },
  subscribe: {
    schema: name("Subscribe", z.strictObject({ ...named, ...subscription })),
    summary: "Subscribes: the canonical form.",
    answers: ["subscribed"],
    examples: [
      { id: "mine", eventTypes: ["conversation:updated"], filters: { divisions: ["self"] } },
      {
        id: "voice",
        eventTypes: ["conversation:updated"],
        filters: {
          queueId: [someQueue],
          "conversation:updated": [{ field: "mediaType", operator: "in", values: ["voice"] }],
        },
        since: "0",
      },
    ],
  },
  subscribeByFilter: {
    schema: name(
      "SubscribeByFilter",
      z.strictObject({
        ...named,
        filter: z.strictObject({
          eventTypes: wanted,
          entities: z
            .union([uuid, z.array(uuid).max(1_000)])
            .describe("Of what; an empty list means all.")
            .exactOptional(),
        }),
        since: since.exactOptional(),
      }),
    ),
    summary: "Subscribes by a filter of event types and entities.",
    answers: ["confirmation"],
    examples: [
      { type: "subscribe", id: "all", filter: { eventTypes: ["user:presence"], entities: [] } },
    ],
  },
  subscribeByEntity: {
    schema: name(
      "SubscribeByEntity",
      z.strictObject({
        ...named,
        event_type: eventType,
        entity: uuid,
        since: since.exactOptional(),
      }),
    ),
    summary: "Subscribes to one event type of one entity.",
    answers: ["subscribe-success"],
    examples: [
      {
        type: "subscribe",
        event_type: "user:presence",
        entity: "2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22",
      },
    ],
  },
  subscribeByChannel: {
    schema: name(
      "SubscribeByChannel",
      z.strictObject({
        ...named,
        channel: z.literal("conversation"),
        query: z.strictObject({}).exactOptional(),
        since: since.exactOptional(),
      }),
    ),
    summary: "Subscribes to conversation:all of all that the relay's credential sees.",
    answers: ["subscribed"],
    examples: [{ channel: "conversation", query: {} }],
  },
  subscribeByMetrics: {
    schema: name("SubscribeByMetrics", z.strictObject({ ...named, ...metricSubscription })),
    summary: "Subscribes to counts of queues.",
    answers: ["subscribed"],
    examples: [{ interval: "realtime", metricIds: ["conversation.summary"] }],
  },
  unsubscribe: {
    schema: name("Unsubscribe", z.strictObject({ type: z.literal("unsubscribe"), id })),
    summary: "Ends a subscription.",
    answers: ["unsubscribed"],
    examples: [{ type: "unsubscribe", id: "mine" }],
  },
  keepalive: {
    schema: name(
      "Keepalive",
      z.looseObject({ type: z.literal("keepalive") }).meta({ maxProperties: 10 }),
    ),
    summary: "Says that the client is there, where its library answers no pings.",
    answers: ["keepalive-ack"],
    examples: [{ type: "keepalive" }],
  },
  ping: {
    schema: name("Ping", z.looseObject({ message: z.literal("ping") }).meta({ maxProperties: 10 })),
    summary: "As the notification service of Genesys Cloud has it.",
    answers: ["pong"],
    examples: [{ message: "ping" }],
  },
  ack: {
    schema: name("Ack", z.strictObject({ type: z.literal("ack").exactOptional(), cursor: since })),
    summary:
      "Everything up to and with this cursor is dealt with, for the durable consumer that the socket reads for. Not answered; refused where there is none, or the cursor is beyond what was sent.",
    answers: ["error"],
    examples: [{ type: "ack", cursor: "4f1d0c2a-1207" }],
  },
} as const satisfies Readonly<Record<string, ClientMessageShape>>;

export type ClientMessageName = keyof typeof clientMessages;
