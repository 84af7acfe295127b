/** Delivery: takes entries out of the journal to one sink, under the sink's own cursor. */
import type { RelayError } from "../errors.ts";

export interface DeliveryStatus {
  /**
   * - `opening`: the sink is being opened
   * - `live`: entries are written as they come
   * - `retrying`: the last attempt failed; another follows at `retryAtMs`
   * - `halted`: nothing is tried until somebody changes something or resumes it
   * - `stopped`: not started, disabled, or closed
   */
  readonly state: "opening" | "live" | "retrying" | "halted" | "stopped";
  /** Everything up to and including this position is done. */
  readonly position: number;
  /** Entries of the journal that come after it. */
  readonly behind: number;
  readonly written: number;
  readonly deadLetters: number;
  readonly error: RelayError | undefined;
  readonly retryAtMs: number | undefined;
}
