/** What a client tells its consumer: a union on `type`. Times are milliseconds since 1970 in this machine's clock. */
import type { TrunklineError } from "./errors.ts";
import type { TraceRecord } from "./trace.ts";

/** One notification from Genesys Cloud. */
export interface NotificationEvent {
  readonly type: "notification";
  /** As the service wrote it, e.g. `v2.users.<id>.presence`. Compare without case. */
  readonly topic: string;
  /** The parsed `eventBody`. Narrow it with `isTopic`. */
  readonly body: unknown;
  /** `metadata.CorrelationId`; whether it is unique is not established. */
  readonly correlationId: string | undefined;
  /** The untouched frame. */
  readonly raw: string;
  readonly receivedAtMs: number;
  /** The line that brought it. */
  readonly line: number;
  /**
   * Two sessions of the line carried the topic, and whether the other one had brought this event
   * already could not be told. False for all but a few, which are counted in `rotated`.
   */
  readonly maybeDuplicate: boolean;
}

/** Why delivery could not be proven. */
export type GapCause =
  /** The connection broke without a close frame. */
  | "cut"
  /** The service closed the socket. */
  | "closed"
  /** The peer stopped answering (half-open connection, frozen peer). */
  | "silence"
  /** The channel no longer existed, and nothing says why. */
  | "channel-gone"
  /** The channel no longer existed, though neither its 24 h nor its token's life were over: a 21st has taken its place. */
  | "evicted"
  /** The channel's 24 h were over. */
  | "expired"
  /** The token that had made the channel had expired or was revoked, and the channel went with it. */
  | "token"
  /** The way to the service was at fault: nothing answered there, or something on it refused the upgrade of a channel that was alive. */
  | "path"
  /** The service announced that it would close the socket, and there was no spare channel or no time for one: a new socket on the same channel. */
  | "moved"
  /** A frame broke the WebSocket protocol or was too large. */
  | "protocol"
  /** A frame was not valid JSON of the service. */
  | "malformed"
  /** The service no longer had topics on the channel that it had confirmed. */
  | "unsubscribed"
  /** The consumer was too slow for too long, and events were dropped. */
  | "overflow"
  /** This client was closed: what the service sent since the last proof may not have arrived. Never closed. */
  | "stopped";

/**
 * How likely it is that something is missing in a gap.
 * - `unlikely`: the service moved the socket, and nothing points to a loss
 * - `possible`: events may have been sent and lost
 * - `certain`: something that arrived was lost, or dropped
 */
export type GapCertainty = "unlikely" | "possible" | "certain";

/**
 * An interval in which delivery of some topics cannot be proven. Comes twice under one `id`: `open`
 * when delivery stops being proven, `closed` when it is assured again, before any event after it, or
 * when nobody wants the topic any more. It takes its interval out of whatever `proof` says, before it
 * or after it; what is carried, and what no longer is, `subscribed` and `unsubscribed` say alone.
 */
export interface GapEvent {
  readonly type: "gap";
  readonly id: string;
  readonly state: "open" | "closed";
  readonly topics: readonly string[];
  /** The last instant up to which everything sent is proven to have arrived. */
  readonly fromMs: number;
  /** Undefined while the gap is open. */
  readonly toMs: number | undefined;
  /** As far as is known when it is told: the closing may know better than the opening. */
  readonly cause: GapCause;
  readonly certainty: GapCertainty;
  /** The server's clock minus ours, from its `Date` header (to the second). */
  readonly serverOffsetMs: number | undefined;
  readonly line: number;
}

/** A line has an open socket; with redundancy 2, or while it replaces a session, perhaps one more. */
export interface ConnectedEvent {
  readonly type: "connected";
  readonly line: number;
  /** Tells channels apart; not the channel's id, which is a secret. */
  readonly channel: string;
  readonly topics: number;
  /** Open sockets of the line, this one among them. */
  readonly sessions: number;
}

/** A socket of a line was lost, or could not be had. It tries again by itself; `sessions` says what is left. */
export interface DisconnectedEvent {
  readonly type: "disconnected";
  readonly line: number;
  /** The WebSocket close code, or undefined where there was no close frame (what browsers call 1006). */
  readonly code: number | undefined;
  readonly reason: string;
  readonly retryInMs: number;
  /** Attempts in a row that failed. */
  readonly attempt: number;
  /** Sockets of the line that are open all the same; with 0 the line is down. */
  readonly sessions: number;
  /** What went wrong and what to do, where there is more to say than the close. */
  readonly error: TrunklineError | undefined;
}

/** Why a line replaced a session before it was lost. */
export type RotationReason =
  /** The channel or its token would have expired. */
  | "retire-by"
  /** The service announced that it would close the socket. */
  | "announced"
  /** `Client.rotate` asked for it. */
  | "commanded";

/** A line has replaced a session by another. Nothing is lost where the old one held until then. */
export interface RotatedEvent {
  readonly type: "rotated";
  readonly line: number;
  readonly reason: RotationReason;
  /** The new session has a channel of its own; or the same one, where there was no spare or no time. */
  readonly channel: "another" | "same";
  /** For how long both sessions were open. */
  readonly overlapMs: number;
  /** Events that both brought, and that were handed on once. */
  readonly paired: number;
  /** Events that were handed on marked `maybeDuplicate`. */
  readonly doubtful: number;
}

/**
 * Topics are carried by a line from `fromMs` on: an interval of coverage begins for each. Comes after
 * every connection, when a topic is permitted, or back, and when a gap has closed for what is carried
 * still. One interval of a topic runs at a time, and none in an open gap (SPEC.md, section 4).
 */
export interface SubscribedEvent {
  readonly type: "subscribed";
  readonly line: number;
  readonly topics: readonly string[];
  /** Whatever the service sends from here on is received: the later of the socket's opening and the reply that lists them. */
  readonly fromMs: number;
}

/**
 * The interval that `subscribed` began has ended. What was sent in it before `untilMs` has been handed
 * over before this event, or lies in a gap that has been told. Comes right after the gap that opens,
 * where there is one; and without a gap for topics that are no longer wanted, or move to another line,
 * as soon as all before is proven.
 */
export interface UnsubscribedEvent {
  readonly type: "unsubscribed";
  readonly line: number;
  readonly topics: readonly string[];
  /** Nothing that was sent after this instant is claimed to have been received. */
  readonly untilMs: number;
}

/**
 * Everything that the service sent before `untilMs` in the intervals that run on this line has been
 * handed over before this event, or lies in a gap that has been told. Comes when the proof has moved,
 * every 10 s by default; left out while the consumer does not keep up: a later one says the same and more.
 */
export interface ProofEvent {
  readonly type: "proof";
  readonly line: number;
  /** When the ping was sent whose answer this is; or what a heartbeat proves, where pings are not answered. */
  readonly untilMs: number;
  /**
   * When the topics were last confirmed to stand on the channel. Should they turn out to be gone, or
   * the channel, a gap reaches back to here: what lies before both instants, no later gap takes back.
   */
  readonly confirmedMs: number;
}

/** Whose credential this is, as the service says; once, soon after the start. Each field where it says so. */
export interface IdentifiedEvent {
  readonly type: "identified";
  readonly organizationId: string | undefined;
  readonly organizationName: string | undefined;
  /** The name of the OAuth client. */
  readonly clientName: string | undefined;
}

/** The service will not give a topic. Everything else goes on. */
export interface RejectedEvent {
  readonly type: "rejected";
  readonly topic: string;
  readonly reason: string;
  readonly missingPermissions: readonly string[];
}

/** How the limits of the OAuth client stand; comes at the start and when something no longer fits. */
export interface BudgetEvent {
  readonly type: "budget";
  /** Channels of this client, of other programs on the same OAuth client, and the service's limit. */
  readonly channels: { readonly ours: number; readonly others: number; readonly limit: number };
  /** Topics that found no room. */
  readonly overBudget: readonly string[];
}

/** Something went wrong that does not stop the client. */
export interface WarningEvent {
  readonly type: "warning";
  readonly line: number | undefined;
  readonly error: TrunklineError;
}

/** What happened on the wire; only with the option `trace`. */
export interface TraceEvent {
  readonly type: "trace";
  readonly line: number | undefined;
  readonly atMs: number;
  readonly record: TraceRecord;
}

/** Everything that `events()` and `batches()` yield. */
export type ClientEvent =
  | NotificationEvent
  | GapEvent
  | ConnectedEvent
  | DisconnectedEvent
  | SubscribedEvent
  | UnsubscribedEvent
  | ProofEvent
  | RotatedEvent
  | IdentifiedEvent
  | RejectedEvent
  | BudgetEvent
  | WarningEvent
  | TraceEvent;

/**
 * How a wanted topic stands.
 * - `live`: permitted by the service, on an open socket
 * - `pending`: not yet, or its line is being restored
 * - `rejected`: refused by the service
 * - `over-budget`: no channel of the 20 has room for it
 */
export interface TopicStatus {
  readonly topic: string;
  readonly state: "live" | "pending" | "rejected" | "over-budget";
  readonly reason: string | undefined;
  readonly missingPermissions: readonly string[];
}
