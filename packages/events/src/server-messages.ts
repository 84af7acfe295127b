/** What the server says on a socket of the Event API, field by field. Times are ISO 8601 in UTC. */
import type { Complaint, Notice } from "./complaint.ts";
import type { EventApiErrorCode } from "./errors.ts";
import type { EventTypeName } from "./vocabulary.ts";

/** One event, to one subscription. */
export interface EventMessage {
  readonly type: "event";
  /** The place in the journal: `since` continues after it. */
  readonly cursor: string;
  /** Never changes and is never used again: the same event has it each time that it comes. */
  readonly id: string;
  /** The client's own name for the subscription, where it gave one. */
  readonly subscriptionId?: string;
  /** The event type that was subscribed to, as it was written there. */
  readonly eventType: string;
  /** The topic of Genesys Cloud that brought it. */
  readonly topic: string;
  /** What the event is about: a conversation, queue or user; null where the topic does not say. */
  readonly entityId: string | null;
  /** When it arrived from Genesys Cloud. */
  readonly time: string;
  /** `live` as it came; `backfill` from a REST request after a gap. */
  readonly source: "live" | "backfill";
  /** Whether the same event may have come before under another id. */
  readonly maybeDuplicate?: boolean;
  /** The body, as Genesys Cloud sent it. */
  readonly data: unknown;
}

/** An interval in which events of this subscription may be missing; it comes before the first event after it. */
export interface GapMessage {
  readonly type: "gap";
  readonly cursor: string;
  readonly id: string;
  readonly subscriptionId?: string;
  /** The event types concerned. */
  readonly eventTypes: readonly string[];
  /** The topics concerned; at most a hundred of `topicCount`. */
  readonly topics: readonly string[];
  readonly topicCount: number;
  readonly from: string;
  /** Null while it lasts. */
  readonly to: string | null;
  /** Why, as a code of the relay. */
  readonly cause: string;
  /** How likely it is that something is missing. */
  readonly certainty: "certain" | "possible" | "unlikely";
  /** Why, in one sentence. */
  readonly message: string;
  /** Whether its state could be restored: `open` while it lasts. */
  readonly state: "open" | "closed" | "filled" | "partial" | "unfillable";
}

/** Right after the socket has opened, and every 15 s. */
export interface HeartbeatMessage {
  readonly type: "heartbeat";
  readonly time: string;
  /** Everything up to here has been sent, for subscriptions that are live; absent before there is one. */
  readonly cursor?: string;
}

/** Whether a topic's events are known to come. */
export type Coverage = "live" | "pending" | "forbidden" | "unavailable";

/** How far a subscription is covered at the moment of its confirmation. */
export interface CoverageSummary {
  /** Number of its topics by state. */
  readonly topics: Readonly<Partial<Record<Coverage, number>>>;
  /** Topics that are not live; at most a hundred. */
  readonly notLive: readonly { readonly topic: string; readonly state: Coverage }[];
}

interface Accepted {
  /** The client's own name for the subscription, or the server's where it gave none. */
  readonly id: string;
  /** Events come from after this place on. */
  readonly cursor: string;
  readonly coverage: CoverageSummary;
  /** What was understood, and may surprise: aliases, repetitions. */
  readonly notices: readonly Notice[];
}

/** Answers `{"type":"subscribe","filter":…}`. */
export interface ConfirmationMessage extends Accepted {
  readonly type: "confirmation";
  /** As it was sent. */
  readonly filter: { readonly eventTypes: readonly string[]; readonly entities: readonly string[] };
}

/** Answers `{"id":…,"event_type":…,"entity":…}`. */
export interface SubscribeSuccessMessage extends Accepted {
  readonly type: "subscribe-success";
  /** As it was sent. */
  readonly event_type: string;
  readonly entity: string | null;
}

/** Answers every other form. */
export interface SubscribedMessage extends Accepted {
  readonly type: "subscribed";
  /** Canonical names. */
  readonly eventTypes: readonly EventTypeName[];
}

export interface UnsubscribedMessage {
  readonly type: "unsubscribed";
  readonly id: string;
}

/** All that can be had is proven to come, from this place on. */
export interface LiveMessage {
  readonly type: "live";
  readonly subscriptionId: string;
  readonly cursor: string;
}

/** This client reads more slowly than events come; it is served from the journal, and nothing is dropped yet. */
export interface LaggingMessage {
  readonly type: "lagging";
  /** The last place that was sent. */
  readonly cursor: string;
  /** Entries of the journal after it. */
  readonly behind: number;
}

/** Something to know, that stops nothing. */
export interface NoticeMessage {
  readonly type: "notice";
  readonly code: string;
  readonly message: string;
  readonly help?: string;
}

/** The connection is about to be closed as planned. */
export interface ClosingMessage {
  readonly type: "closing";
  readonly code: EventApiErrorCode;
  readonly message: string;
  /** In how many milliseconds. */
  readonly inMs: number;
  /** How long to wait before connecting again. */
  readonly retryAfterMs?: number;
}

/** What was refused, and why. Before every close for cause. */
export interface ErrorMessage {
  readonly type: "error";
  readonly code: EventApiErrorCode;
  readonly message: string;
  readonly help: string;
  /** The `id` of the message that is answered, where it could be read. */
  readonly id?: string;
  /** JSON pointer to the place of the first complaint. */
  readonly pointer?: string;
  /** Everything that is wrong. */
  readonly details: readonly Complaint[];
  readonly retryAfterMs?: number;
  /** Names this refusal in the log of the relay. */
  readonly contextId: string;
}

/** The token has been accepted; also for a new one on a live socket. */
export interface AuthSuccessMessage {
  readonly type: "auth-success";
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** When the token expires: a new `auth` before then keeps the socket. */
  readonly expires: string;
}

/** Answers `{"type":"keepalive"}`. */
export interface KeepaliveAckMessage {
  readonly type: "keepalive-ack";
  readonly time: string;
}

/**
 * Answers `{"message":"ping"}` as the notification service of Genesys Cloud does; it has no `type`.
 * Shape: SDK class ChannelMetadataNotification, and koodaamo/genesys-notifications; certainty: official
 * SDK code and community code, not looked at on the live service.
 */
export interface PongMessage {
  readonly topicName: "channel.metadata";
  readonly eventBody: { readonly message: "pong" };
}

export type ServerMessage =
  | EventMessage
  | GapMessage
  | HeartbeatMessage
  | ConfirmationMessage
  | SubscribeSuccessMessage
  | SubscribedMessage
  | UnsubscribedMessage
  | LiveMessage
  | LaggingMessage
  | NoticeMessage
  | ClosingMessage
  | ErrorMessage
  | AuthSuccessMessage
  | KeepaliveAckMessage
  | PongMessage;
