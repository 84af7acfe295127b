/**
 * The port between a subscription and what brings its events: a relay's gateway, or Genesys Cloud itself. A
 * backend connects, connects again and goes on by itself; the subscription queues, delivers and says when to stop.
 */
import type { Notice } from "../complaint.ts";
import type {
  CoverageSummary,
  EventMessage,
  GapMessage,
  HeartbeatMessage,
  LaggingMessage,
  LiveMessage,
  NoticeMessage,
} from "../server-messages.ts";
import type { SubscriberError } from "./errors.ts";

/** What is subscribed to, as `docs/EVENT-API.md` has it. */
export interface BackendRequest {
  readonly eventTypes: readonly string[];
  /** `divisions`, `queueId`, `userId`, `conversationId`, and conditions by event type. */
  readonly filters: Readonly<Record<string, unknown>>;
  /** Begin after this cursor; undefined means from now on. */
  readonly since: string | undefined;
  /** What to do where the cursor leads nowhere: begin now and tell a gap, or fail with `CURSOR_TOO_OLD`. */
  readonly onCursorTooOld: "gap" | "error";
  /** The durable consumer that is read for. A backend that has none fails with `OPTION_INVALID`. */
  readonly consumer: string | undefined;
}

/**
 * What a backend tells, in the shape of the gateway's messages.
 * - `opened`: there is a connection, and it has been subscribed; again after each new connection
 * - `event`, `gap`: each once, in order; after a new connection it goes on where it was, or a gap says what is missing
 * - `live`: all that can be had is proven to come
 * - `heartbeat`: with a cursor, everything up to there has been told
 * - `lagging`, `notice`: to know, and they stop nothing
 * - `failed`: there is no connection. With `retryInMs` it is tried again then; without, this was the last thing told
 */
export type Told =
  | {
      readonly type: "opened";
      /** Events come from after this place on. */
      readonly cursor: string;
      readonly coverage: CoverageSummary;
      readonly notices: readonly Notice[];
    }
  | EventMessage
  | GapMessage
  | LiveMessage
  | HeartbeatMessage
  | LaggingMessage
  | NoticeMessage
  | {
      readonly type: "failed";
      readonly error: SubscriberError;
      /** Undefined where it is not tried again. */
      readonly retryInMs: number | undefined;
    };

/** What a backend has opened. None of its functions throws, and each may be called at any time, also when it is over. */
export interface Flow {
  /** Nothing more is wanted for now: after it no event, gap or heartbeat is told until `resume`, and nothing is buffered without end. */
  pause(): void;
  /** Goes on with the event after the last one that was told. */
  resume(): void;
  /** Everything up to and with this cursor is dealt with; of use to a durable consumer alone. */
  ack(cursor: string): void;
  /** Ends it: nothing is told any more. */
  close(): void;
}

/** Brings events. */
export interface Backend {
  /** What it reads from, without secrets: two subscriptions of one process are the same if this and the request are. */
  readonly source: string;
  /** Begins at once. Never throws: what is wrong is told, and never before this has returned. */
  open(request: BackendRequest, tell: (told: Told) => void): Flow;
}
