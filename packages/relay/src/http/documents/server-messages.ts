/** What the server says on a socket, as schemas: exactly the types of `@trunkline/events`. */
import {
  eventApiErrors,
  type AuthSuccessMessage,
  type ClosingMessage,
  type Complaint,
  type ConfirmationMessage,
  type CoverageSummary,
  type ErrorMessage,
  type EventApiErrorCode,
  type EventMessage,
  type GapMessage,
  type HeartbeatMessage,
  type KeepaliveAckMessage,
  type LaggingMessage,
  type LiveMessage,
  type Notice,
  type NoticeMessage,
  type PongMessage,
  type SubscribedMessage,
  type SubscribeSuccessMessage,
  type UnsubscribedMessage,
} from "@trunkline/events";
import { z } from "zod";
import { count, createNames, cursor, exactly, instant } from "./exactly.ts";

export const messageNames = createNames();
const { name } = messageNames;

const errorCodes = Object.keys(eventApiErrors) as readonly EventApiErrorCode[];
const errorCode = name(
  "ErrorCode",
  z.enum(errorCodes).describe("Each is explained in docs/EVENT-API.md."),
);
const pointer = z
  .string()
  .describe("JSON pointer (RFC 6901) to the place; empty for the whole.")
  .meta({ examples: ["/filters/queueId/0"] });
const line = z.int().min(1).describe("From 1; only where text was read.").exactOptional();
const column = z.int().min(1).exactOptional();

export const complaint = name(
  "Complaint",
  exactly<Complaint>()(
    z.strictObject({
      code: errorCode,
      message: z.string().describe("One sentence: what is wrong."),
      help: z.string().describe("How to mend it."),
      pointer,
      line,
      column,
      found: z
        .string()
        .describe("What stands there, as JSON, cut to 200 characters; never a secret.")
        .exactOptional(),
    }),
  ),
);

export const notice = name(
  "Notice",
  exactly<Notice>()(
    z
      .strictObject({
        code: z.enum(["ALIAS", "REPEATED", "SCOPE_IMPLIED", "VALUE_UNUSUAL", "PATH_UNCHECKED"]),
        message: z.string().describe("One sentence."),
        pointer,
        line,
        column,
      })
      .describe("What was understood, and may surprise; nothing needs to be done."),
  ),
);

const coverageState = z
  .enum(["live", "pending", "forbidden", "unavailable"])
  .describe("Whether a topic's events are known to come.");

const coverage = name(
  "Coverage",
  exactly<CoverageSummary>()(
    z
      .strictObject({
        topics: z
          .strictObject({
            live: count.exactOptional(),
            pending: count.exactOptional(),
            forbidden: count.exactOptional(),
            unavailable: count.exactOptional(),
          })
          .describe("Number of topics by state."),
        notLive: z
          .array(z.strictObject({ topic: z.string(), state: coverageState }))
          .describe("Topics that are not live; at most a hundred."),
      })
      .describe("How far a subscription is covered at the moment of its confirmation."),
  ),
);

const subscriptionId = z
  .string()
  .describe("The client's own name for the subscription, where it gave one.");

const event = exactly<EventMessage>()(
  z.strictObject({
    type: z.literal("event"),
    cursor: cursor.describe("The place in the journal: `since` continues after it."),
    id: z
      .string()
      .describe("Never changes and is never used again: the same event has it each time it comes."),
    subscriptionId: subscriptionId.exactOptional(),
    eventType: z.string().describe("The event type that was subscribed to, as it was written."),
    topic: z.string().describe("The topic of Genesys Cloud that brought it."),
    entityId: z
      .string()
      .nullable()
      .describe("The conversation, queue or user; null where the topic does not say."),
    time: instant("When it arrived from Genesys Cloud."),
    source: z
      .enum(["live", "backfill"])
      .describe("live as it came; backfill from a REST request after a gap."),
    maybeDuplicate: z
      .boolean()
      .describe("Whether the same event may have come before under another id.")
      .exactOptional(),
    data: z.unknown().describe("The body, as Genesys Cloud sent it."),
  }),
);

const gap = exactly<GapMessage>()(
  z.strictObject({
    type: z.literal("gap"),
    cursor,
    id: z.string().describe("The same in all states of the gap."),
    subscriptionId: subscriptionId.exactOptional(),
    eventTypes: z.array(z.string()).describe("The event types concerned."),
    topics: z.array(z.string()).describe("The topics concerned; at most a hundred of topicCount."),
    topicCount: count,
    from: instant("Up to here everything is proven to have come."),
    to: instant("Null while the gap lasts.").nullable(),
    cause: z.string().describe("Why, as a code of the relay: docs/OPERATING.md lists them."),
    certainty: z
      .enum(["certain", "possible", "unlikely"])
      .describe("How likely it is that something is missing."),
    message: z.string().describe("Why, in one sentence."),
    state: z
      .enum(["open", "closed", "filled", "partial", "unfillable"])
      .describe("Whether the state could be restored; open while the gap lasts."),
  }),
);

const heartbeat = exactly<HeartbeatMessage>()(
  z.strictObject({
    type: z.literal("heartbeat"),
    time: instant("Now."),
    cursor: cursor
      .describe("Everything up to here has been sent; absent without a subscription.")
      .exactOptional(),
  }),
);

const accepted = {
  id: z
    .string()
    .describe("The client's own name for the subscription, or the server's where it gave none."),
  cursor: cursor.describe("Events come from after this place on."),
  coverage,
  notices: z.array(notice),
};

const confirmation = exactly<ConfirmationMessage>()(
  z.strictObject({
    type: z.literal("confirmation"),
    ...accepted,
    filter: z
      .strictObject({ eventTypes: z.array(z.string()), entities: z.array(z.string()) })
      .describe("As it was sent; ids in lower case."),
  }),
);

const subscribeSuccess = exactly<SubscribeSuccessMessage>()(
  z.strictObject({
    type: z.literal("subscribe-success"),
    ...accepted,
    event_type: z.string().describe("As it was sent."),
    entity: z.string().nullable(),
  }),
);

const subscribed = exactly<SubscribedMessage>()(
  z.strictObject({
    type: z.literal("subscribed"),
    ...accepted,
    eventTypes: z.array(z.string()).describe("Canonical names."),
  }),
);

const unsubscribed = exactly<UnsubscribedMessage>()(
  z.strictObject({ type: z.literal("unsubscribed"), id: z.string() }),
);

const live = exactly<LiveMessage>()(
  z.strictObject({
    type: z.literal("live"),
    subscriptionId: z.string().describe("The client's name for it, or the server's."),
    cursor,
  }),
);

const lagging = exactly<LaggingMessage>()(
  z.strictObject({
    type: z.literal("lagging"),
    cursor: cursor.describe("The last place that was sent."),
    behind: count.describe("Entries of the journal after it."),
  }),
);

const noticeMessage = exactly<NoticeMessage>()(
  z.strictObject({
    type: z.literal("notice"),
    code: z
      .string()
      .meta({ examples: ["NOT_SUBSCRIBED", "SUBSCRIPTION_IMPLIED", "TOKEN_EXPIRES"] }),
    message: z.string(),
    help: z.string().exactOptional(),
  }),
);

const milliseconds = z.number().nonnegative();
const retryAfterMs = milliseconds
  .describe("How long to wait before trying again, in milliseconds.")
  .exactOptional();

const closing = exactly<ClosingMessage>()(
  z.strictObject({
    type: z.literal("closing"),
    code: errorCode,
    message: z.string(),
    inMs: milliseconds.describe("In how many milliseconds the socket is closed."),
    retryAfterMs,
  }),
);

const contextId = z.string().describe("Names this refusal in the log of the relay.");

const error = exactly<ErrorMessage>()(
  z.strictObject({
    type: z.literal("error"),
    code: errorCode,
    message: z.string(),
    help: z.string(),
    id: z
      .string()
      .describe("The id of the message that is answered, where it could be read.")
      .exactOptional(),
    pointer: pointer.describe("Of the first complaint.").exactOptional(),
    details: z.array(complaint).describe("Everything that is wrong."),
    retryAfterMs,
    contextId,
  }),
);

const authSuccess = exactly<AuthSuccessMessage>()(
  z.strictObject({
    type: z.literal("auth-success"),
    clientId: z.string(),
    scopes: z.array(z.string()),
    expires: instant("When the token expires: a new auth before then keeps the socket."),
  }),
);

const keepaliveAck = exactly<KeepaliveAckMessage>()(
  z.strictObject({ type: z.literal("keepalive-ack"), time: instant("Now.") }),
);

const pong = exactly<PongMessage>()(
  z.strictObject({
    topicName: z.literal("channel.metadata"),
    eventBody: z.strictObject({ message: z.literal("pong") }),
  }),
);

/** As Genesys Cloud sent it: what else is in it is not ours to say. */
const genesysFrame = z.looseObject({
  topicName: z.string().meta({ examples: ["v2.users.{id}.presence"] }),
  eventBody: z.unknown(),
});

export interface ServerMessageShape {
  readonly schema: z.ZodType;
  readonly summary: string;
}

/** Every message by its name: its `type`, where it has one. */
export const serverMessages = {
  event: { schema: name("Event", event), summary: "One event, to one subscription." },
  gap: {
    schema: name("Gap", gap),
    summary:
      "An interval in which events of this subscription may be missing; it comes before the first event after it.",
  },
  heartbeat: {
    schema: name("Heartbeat", heartbeat),
    summary: "Right after the socket has opened, and every 15 s, with an RFC 6455 ping.",
  },
  confirmation: {
    schema: name("Confirmation", confirmation),
    summary: "Answers a subscription by filter.",
  },
  "subscribe-success": {
    schema: name("SubscribeSuccess", subscribeSuccess),
    summary: "Answers a subscription by event_type.",
  },
  subscribed: {
    schema: name("Subscribed", subscribed),
    summary: "Answers a subscription of any other form.",
  },
  unsubscribed: {
    schema: name("Unsubscribed", unsubscribed),
    summary: "A subscription has ended: as asked, or since a new token does not grant it.",
  },
  live: {
    schema: name("Live", live),
    summary: "Everything that can be had is proven to come, from this place on.",
  },
  lagging: {
    schema: name("Lagging", lagging),
    summary:
      "This client reads more slowly than events come; it is served from the journal, and nothing is dropped.",
  },
  notice: {
    schema: name("NoticeMessage", noticeMessage),
    summary: "Something to know, that stops nothing.",
  },
  closing: {
    schema: name("Closing", closing),
    summary: "The connection is about to be closed as planned.",
  },
  error: {
    schema: name("Error", error),
    summary: "What was refused, and why. Comes before every close for cause.",
  },
  "auth-success": {
    schema: name("AuthSuccess", authSuccess),
    summary: "The token has been accepted; also for a new one on a live socket.",
  },
  "keepalive-ack": {
    schema: name("KeepaliveAck", keepaliveAck),
    summary: "Answers a keepalive.",
  },
  pong: {
    schema: name("Pong", pong),
    summary: "Answers a ping as the notification service of Genesys Cloud does; it has no type.",
  },
  "genesys-frame": {
    schema: name("GenesysFrame", genesysFrame),
    summary:
      "With ?format=genesys, in the place of event: the frame as it came from Genesys Cloud. It has no type.",
  },
} as const satisfies Readonly<Record<string, ServerMessageShape>>;

export type ServerMessageName = keyof typeof serverMessages;
