/** The states, inputs and effects of the machine of one subscription at a gateway. */
import type { ServerMessage } from "../../server-messages.ts";
import type { BackendRequest, Told } from "../backend.ts";
import type { SubscriberError } from "../errors.ts";
import type { GatewayPolicy } from "./policy.ts";

/** What is known whatever the state. */
export interface Memory {
  /** Grows with each token that is asked for and each socket: what belongs to an earlier one is ignored. */
  readonly epoch: number;
  /** Go on after this; undefined means from now on. */
  readonly since: string | undefined;
  /** Gaps that were told at that very cursor, by id and state: a connection that goes on from there tells them again. */
  readonly gapsAtSince: readonly string[];
  /** When the last event came from Genesys Cloud; undefined before one did. */
  readonly eventTime: string | undefined;
  /** Setbacks since the last subscription that was answered. */
  readonly attempt: number;
  /** When connections were tried, in the present window. */
  readonly attemptsAtMs: readonly number[];
  /** Tokens refused since the last subscription that was answered. */
  readonly refusals: number;
  /** What is to be acknowledged, and when. */
  readonly ack: { readonly cursor: string; readonly atMs: number } | undefined;
}

interface With {
  readonly memory: Memory;
}

/** Nothing has been done yet. */
export interface Idle extends With {
  readonly kind: "idle";
}

/** A token is being got. */
export interface Authorizing extends With {
  readonly kind: "authorizing";
  readonly giveUpAtMs: number;
}

export interface Dialling extends With {
  readonly kind: "dialling";
  readonly giveUpAtMs: number;
}

/** The socket is open; token and subscription are sent. */
export interface Greeting extends With {
  readonly kind: "greeting";
  /** The cursor that led nowhere, where the subscription was sent once more without it. */
  readonly forsaken: string | undefined;
  readonly giveUpAtMs: number;
}

/** Subscribed. */
export interface Live extends With {
  readonly kind: "live";
  /** The gateway's name for the subscription. */
  readonly id: string;
  readonly heardAtMs: number;
  /** When to ask for something to be heard; undefined when that has been done. */
  readonly keepaliveAtMs: number | undefined;
  readonly renewal:
    /** Tokens that live for seconds are announced to end at once, and renewed no sooner than this. */
    | { readonly kind: "none"; readonly notBeforeMs: number }
    | { readonly kind: "asked" }
    | { readonly kind: "again"; readonly atMs: number };
  /** So long the gateway has asked to be left alone after the close that it announced. */
  readonly retryAfterMs: number | undefined;
}

/** Between connections. */
export interface Waiting extends With {
  readonly kind: "waiting";
  readonly isFresh: boolean;
  readonly untilMs: number;
}

/** The reader has no room. */
export interface Paused extends With {
  readonly kind: "paused";
}

export interface Closed extends With {
  readonly kind: "closed";
}

export type State = Idle | Authorizing | Dialling | Greeting | Live | Waiting | Paused | Closed;

export type Input =
  | { readonly type: "started" }
  /** There is a token. */
  | { readonly type: "authorized"; readonly epoch: number }
  | { readonly type: "unauthorized"; readonly epoch: number; readonly error: SubscriberError }
  | { readonly type: "opened"; readonly epoch: number }
  | { readonly type: "heard"; readonly epoch: number; readonly message: ServerMessage }
  /** What came is no message of the Event API. */
  | { readonly type: "garbled"; readonly epoch: number }
  /** The socket is no more. */
  | { readonly type: "lost"; readonly epoch: number; readonly error: SubscriberError }
  | { readonly type: "paused" }
  | { readonly type: "resumed" }
  | { readonly type: "acked"; readonly cursor: string }
  | { readonly type: "woke" }
  | { readonly type: "stopped" };

export type Effect =
  /** Get a token; a fresh one is another than the last. */
  | { readonly type: "authorize"; readonly epoch: number; readonly isFresh: boolean }
  | { readonly type: "dial"; readonly epoch: number }
  | { readonly type: "authenticate"; readonly epoch: number }
  | { readonly type: "subscribe"; readonly epoch: number; readonly since: string | undefined }
  | { readonly type: "keepalive"; readonly epoch: number }
  | { readonly type: "ack"; readonly epoch: number; readonly cursor: string }
  /** Ends the socket, whatever it is doing. */
  | { readonly type: "drop"; readonly epoch: number }
  | { readonly type: "tell"; readonly told: Told };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export interface Env {
  /** Monotonic. */
  readonly nowMs: number;
  readonly wallMs: number;
  readonly random: () => number;
  readonly policy: GatewayPolicy;
  readonly request: BackendRequest;
}
