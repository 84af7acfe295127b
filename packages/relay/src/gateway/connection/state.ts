/** The states, inputs and effects of the machine of one socket of the Event API. */
import type {
  ClientMessage,
  Complaint,
  CloseCode,
  EventApiErrorCode,
  Notice,
  ServerMessage,
  SubscribeMessage,
} from "@trunkline/events";
import type { Grant } from "../grant.ts";

/** What came as text, read: the same, or all that is wrong with it. */
export type Received =
  | { readonly message: ClientMessage; readonly notices: readonly Notice[] }
  | { readonly complaints: readonly Complaint[]; readonly message?: never };

/** What is known of a socket, whatever its state. */
export interface Memory {
  readonly openedAtMs: number;
  /** Grows with each token that is looked at: an answer about an older one is of no use. */
  readonly epoch: number;
  /** When anything last came. */
  readonly heardAtMs: number;
  readonly heartbeatAtMs: number;
  /** Messages since the window began. */
  readonly window: { readonly sinceMs: number; readonly count: number };
  /** How many were wrong. */
  readonly complaints: number;
}

/** No token has been accepted yet. */
export interface Stranger {
  readonly kind: "stranger";
  readonly memory: Memory;
  readonly byMs: number;
  /** Until when a token is looked at. */
  readonly verifyByMs: number | undefined;
  /** So long after its token the path's own subscription is made, or that there is none is told. */
  readonly impliedMs: number;
  /** What was sent ahead of the token. */
  readonly held: readonly Received[];
}

export interface Known {
  readonly kind: "known";
  readonly memory: Memory;
  readonly grant: Grant;
  /** Until when a new token is looked at. */
  readonly verifyByMs: number | undefined;
  /** When the end of the token is announced; undefined when that has been done. */
  readonly noticeAtMs: number | undefined;
  /** When the path's own subscription is made, or that there is none is told; undefined when something has been. */
  readonly impliedAtMs: number | undefined;
}

export interface Closed {
  readonly kind: "closed";
}

export type State = Stranger | Known | Closed;

export type Input =
  | { readonly type: "received"; readonly received: Received }
  /** Bytes of any kind came: an answer to a ping. */
  | { readonly type: "heard" }
  | { readonly type: "granted"; readonly epoch: number; readonly grant: Grant }
  | { readonly type: "refused"; readonly epoch: number; readonly refusal: Refusal }
  /** Something that this socket may no longer do, or cannot: it is over. */
  | { readonly type: "condemned"; readonly refusal: Refusal }
  | { readonly type: "woke" }
  | { readonly type: "lost" };

/** Why something is refused. */
export interface Refusal {
  readonly code: EventApiErrorCode;
  readonly message: string;
  readonly details?: readonly Complaint[] | undefined;
  readonly retryAfterMs?: number | undefined;
}

export type Effect =
  | { readonly type: "send"; readonly message: ServerMessage }
  | { readonly type: "refuse"; readonly refusal: Refusal; readonly id: string | undefined }
  | { readonly type: "verify"; readonly epoch: number; readonly token: string }
  | {
      readonly type: "subscribe";
      readonly message: SubscribeMessage;
      readonly notices: readonly Notice[];
    }
  | { readonly type: "imply" }
  | { readonly type: "unsubscribe"; readonly id: string }
  | { readonly type: "ack"; readonly cursor: string }
  | { readonly type: "heartbeat" }
  | { readonly type: "close"; readonly code: CloseCode; readonly reason: EventApiErrorCode };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export interface Env {
  readonly nowMs: number;
  readonly wallMs: number;
}
