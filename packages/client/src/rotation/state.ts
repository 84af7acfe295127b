/** The states, inputs and effects of the rotation machine. */
import type { RotationReason } from "../events.ts";
import type { Policy } from "../session/policy.ts";

/** Why a session is being replaced, and when the service will close it if it has said so. */
export interface Why {
  readonly reason: RotationReason;
  readonly closesAtMs: number | undefined;
}

/** On which channel the new session is. */
export type On = "another" | "same";

/** One session carries. */
export type Steady = {
  readonly kind: "steady";
  /** When it is to be replaced; undefined until it is known. */
  readonly retireByMs: number | undefined;
};
/** Waits for its turn with the spare channel. */
export type Queued = {
  readonly kind: "queued";
  readonly why: Why;
  readonly untilMs: number;
};
/** The new session is on its way; the old one carries meanwhile. */
export type Joining = {
  readonly kind: "joining";
  readonly why: Why;
  readonly on: On;
  readonly giveUpAtMs: number;
};
/** Both are open; the new one is not proven yet, nor pairing with it exact. */
export type Proving = {
  readonly kind: "proving";
  readonly why: Why;
  readonly on: On;
  readonly openedAtMs: number;
  readonly giveUpAtMs: number;
};
/** Both carry, for a while. */
export type Overlapping = {
  readonly kind: "overlapping";
  readonly why: Why;
  readonly on: On;
  readonly openedAtMs: number;
  readonly untilMs: number;
};

export type State =
  | Steady
  | Queued
  | Joining
  | Proving
  | Overlapping
  | { readonly kind: "stopped" };

/** Facts, in the past tense. `old` and `new` are the two sessions. */
export type Input =
  /** The old session is live, and is to be replaced by then. */
  | { readonly type: "lived"; readonly retireByMs: number }
  | { readonly type: "announced"; readonly closesAtMs: number }
  | { readonly type: "commanded" }
  /** The spare channel is ours for now. */
  | { readonly type: "turn" }
  | { readonly type: "new-opened" }
  /** The new session is proven, and so is the old one up to the opening of the new one. */
  | { readonly type: "new-proven" }
  /** The new session was lost, or could not be had for now: it tries again by itself. */
  | { readonly type: "new-lost" }
  /** There is no channel for the new session. */
  | { readonly type: "new-refused" }
  | { readonly type: "old-lost" }
  | { readonly type: "woke" }
  | { readonly type: "stopped" };

export type Effect =
  | { readonly type: "ask-turn" }
  /** The turn, or the place in the queue for it, is no longer needed. */
  | { readonly type: "end-turn" }
  | { readonly type: "start-new"; readonly on: On }
  | { readonly type: "drop-new" }
  /** The old session is closed in peace, and the new one takes its place. */
  | {
      readonly type: "retire-old";
      readonly why: Why;
      readonly on: On;
      readonly openedAtMs: number;
    };

export interface Env {
  readonly nowMs: number;
  readonly policy: Pick<Policy, "overlapMs">;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}
