/** What a capture is once it is read. */

/** One event of a capture. */
export interface CapturedEvent {
  /** From the first event with a time. */
  readonly offsetMs: number;
  readonly topic: string;
  /** The JSON of the event body, as it was written. */
  readonly body: string;
}

/** The events of a captured stream, in the order in which they came. */
export interface Capture {
  readonly events: readonly CapturedEvent[];
  /** Its topics, those with most events first. */
  readonly topics: readonly string[];
  /** Begins again a second after its end. */
  readonly loop: boolean;
}
