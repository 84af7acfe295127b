/** The states, inputs and effects of the session machine. */
import type { TrunklineError } from "../errors.ts";
import type { GapCause } from "../events.ts";
import type { SocketLoss } from "../ports.ts";
import type { Channel } from "../rest/channel.ts";
import type { Policy } from "./policy.ts";

/** What outlives a single session of the slot. */
export interface Memory {
  readonly epoch: number;
  /** Failures in a row since a session last held `stableAfterMs`. */
  readonly attempt: number;
  /** Whether a peer of this slot answers pings, as far as is known. */
  readonly pongs: "unseen" | "seen";
  /** Sessions in a row that fell silent without a single pong. */
  readonly mute: number;
  /** Sessions in a row on this channel that the peer closed before they had held. */
  readonly closes: number;
  /** Since when delivery is unproven, while there is no open socket that was once live. */
  readonly down: Down | undefined;
}

export interface Down {
  readonly sinceMs: number;
  readonly cause: GapCause;
}

export type Ping =
  | { readonly kind: "due"; readonly atMs: number }
  | { readonly kind: "sent"; readonly answerByMs: number }
  /** Too many pings went unanswered while frames still came: only silence decides. */
  | { readonly kind: "watching"; readonly silentAtMs: number }
  /** The consumer is slow and the socket is not read: nothing can be heard. */
  | { readonly kind: "paused"; readonly untilMs: number };

export interface Live {
  readonly kind: "live";
  readonly memory: Memory;
  readonly channel: Channel;
  readonly openedAtMs: number;
  /** Everything sent to this socket before this instant has arrived. */
  readonly provenAtMs: number;
  readonly ping: Ping;
  /** Whether this session has had a pong. */
  readonly hasPonged: boolean;
  /** When the unanswered pings were sent, oldest first. */
  readonly unanswered: readonly number[];
  readonly heartbeatAtMs: number | undefined;
}

/** What a slot does next when its wait is over. */
export type Next =
  | { readonly do: "make"; readonly instead: Channel | undefined }
  | { readonly do: "subscribe"; readonly channel: Channel }
  | { readonly do: "dial"; readonly channel: Channel };

export type Refusal = Extract<SocketLoss, { kind: "refused" }>;

export type Making = {
  readonly kind: "making";
  readonly memory: Memory;
  /** A channel that still exists, to fall back on where no other may be made. */
  readonly instead: Channel | undefined;
  readonly giveUpAtMs: number;
};
export type Subscribing = {
  readonly kind: "subscribing";
  readonly memory: Memory;
  readonly channel: Channel;
  readonly giveUpAtMs: number;
};
export type Opening = {
  readonly kind: "opening";
  readonly memory: Memory;
  readonly channel: Channel;
  readonly giveUpAtMs: number;
};
export type Checking = {
  readonly kind: "checking";
  readonly memory: Memory;
  readonly channel: Channel;
  readonly refusal: Refusal;
  readonly giveUpAtMs: number;
};
export type Waiting = {
  readonly kind: "waiting";
  readonly memory: Memory;
  readonly next: Next;
  readonly untilMs: number;
};

export type State =
  | { readonly kind: "idle"; readonly memory: Memory }
  | Making
  | Subscribing
  | Opening
  | Live
  | Checking
  | Waiting
  | {
      readonly kind: "closed";
      readonly memory: Memory;
      readonly cause: "stopped" | TrunklineError;
    };

/** Why a piece of work failed, and whether there is no point in another try. */
export interface Failure {
  readonly error: TrunklineError;
  readonly final: boolean;
}

/** Facts, in the past tense. */
export type Input =
  /** With a channel to open a socket on, or to make one first. */
  | { readonly type: "started"; readonly channel?: Channel | undefined }
  | { readonly type: "woke" }
  | { readonly type: "stopped" }
  | { readonly type: "made"; readonly epoch: number; readonly channel: Channel }
  | { readonly type: "subscribed"; readonly epoch: number }
  | { readonly type: "failed"; readonly epoch: number; readonly failure: Failure }
  | { readonly type: "opened"; readonly epoch: number }
  | { readonly type: "ponged"; readonly epoch: number }
  | { readonly type: "beat"; readonly epoch: number }
  | { readonly type: "lost"; readonly epoch: number; readonly loss: SocketLoss }
  | {
      readonly type: "checked";
      readonly epoch: number;
      readonly channel: "alive" | "gone" | "unknown";
    }
  | { readonly type: "condemned"; readonly epoch: number }
  | { readonly type: "paused"; readonly epoch: number }
  | { readonly type: "resumed"; readonly epoch: number }
  /** Somebody waits for a proof of what has been sent until now. */
  | { readonly type: "asked"; readonly epoch: number };

/** Why a slot is without a session for now. */
export type Setback =
  | { readonly kind: "loss"; readonly loss: SocketLoss }
  | { readonly kind: "error"; readonly error: TrunklineError }
  | { readonly kind: "silence" }
  | { readonly kind: "timeout"; readonly during: "making" | "subscribing" | "opening" | "checking" }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      readonly channel: "alive" | "gone" | "unknown";
    }
  | { readonly kind: "condemned" };

/** Commands. `drop` ends whatever work or socket belongs to its epoch, at once. */
export type Effect =
  | { readonly type: "make"; readonly epoch: number }
  | { readonly type: "subscribe"; readonly epoch: number; readonly channel: Channel }
  | { readonly type: "dial"; readonly epoch: number; readonly channel: Channel }
  | { readonly type: "check"; readonly epoch: number; readonly channel: Channel }
  | { readonly type: "ping"; readonly epoch: number }
  | { readonly type: "drop"; readonly epoch: number }
  | { readonly type: "close"; readonly epoch: number }
  | { readonly type: "connected"; readonly epoch: number; readonly channel: Channel }
  | {
      readonly type: "setback";
      readonly epoch: number;
      readonly setback: Setback;
      readonly retryInMs: number;
      readonly wasLive: boolean;
    }
  | { readonly type: "gap-opened"; readonly epoch: number; readonly down: Down }
  | {
      readonly type: "gap-closed";
      readonly epoch: number;
      readonly down: Down;
      readonly untilMs: number;
    }
  /** Everything sent before this instant has arrived: later than what was proven before. */
  | { readonly type: "proven"; readonly epoch: number; readonly untilMs: number }
  | { readonly type: "contended"; readonly epoch: number }
  | { readonly type: "ended"; readonly epoch: number; readonly cause: "stopped" | TrunklineError };

export interface Env {
  readonly nowMs: number;
  /** When the last frame of any kind came in on the present socket. */
  readonly heardAtMs: number;
  readonly random: () => number;
  readonly policy: Policy;
}

export interface Step<S extends State = State> {
  readonly state: S;
  readonly effects: readonly Effect[];
}
