/**
 * A sink: a destination with its own cursor. It is dumb: four verbs, and each returns or says why
 * not. It never loops, sleeps or retries; delivery does that for all sinks alike.
 */
import type { RelayError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";

export interface Sink {
  /**
   * Gets ready to write: connects, opens a file. Called again, with backoff, until it does not throw;
   * and anew while it is open, where a write asked for that or somebody resumes the sink.
   */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Writes a batch in order, and says what became of it. Never throws for what the destination does;
   * what is thrown counts as `retry`. Returns promptly when the signal aborts. May be called while an
   * earlier one is under way (`inFlightMax`); no two of these hold entries that must stay in order.
   */
  write(batch: readonly Entry[], signal: AbortSignal): Promise<WriteOutcome>;
  /** Lets go of everything; written data is safe. Called once, also where `open` has failed. */
  close(): Promise<void>;
  /** Looks whether writing would work, without writing an entry. For people: `trunkline sinks`. */
  check(signal: AbortSignal): Promise<CheckOutcome>;
}

/** What became of a batch. */
export type WriteOutcome =
  /** All of it is safe at the destination, but for those that it refuses for good. */
  | { readonly kind: "written"; readonly refused: readonly Refusal[] }
  /**
   * The first `written` entries are done with; the rest is to be tried again, after `afterMs` at least.
   * Of those done with, the ones in `refused` go to the dead letters; the others are safe.
   */
  | {
      readonly kind: "retry";
      readonly written: number;
      /** Indexes below `written`. Without it, taken entries after a refused one would be sent again. */
      readonly refused?: readonly Refusal[] | undefined;
      readonly error: RelayError;
      readonly afterMs?: number | undefined;
      /** Whether `open` must succeed first. */
      readonly reopen?: boolean | undefined;
    }
  /** The destination says never to come back: nothing is written until somebody changes something. */
  | {
      readonly kind: "gone";
      readonly written: number;
      /** As for `retry`. */
      readonly refused?: readonly Refusal[] | undefined;
      readonly error: RelayError;
    };

/** An entry that the destination will never take. */
export interface Refusal {
  /** Index in the batch. */
  readonly index: number;
  readonly reason: string;
}

export type CheckOutcome =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly error: RelayError };
