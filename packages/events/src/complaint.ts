/** What is wrong with a message, a body or a file: one of these for each thing, all at once. */
import type { EventApiErrorCode } from "./errors.ts";

export interface Complaint {
  readonly code: EventApiErrorCode;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One or two sentences: how to mend it. */
  readonly help: string;
  /** JSON pointer (RFC 6901) to the place; empty for the whole. */
  readonly pointer: string;
  /** From 1; undefined where what was read was no text. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What stands there, as JSON, cut to 200 characters; undefined where nothing does, and for secrets. */
  readonly found: string | undefined;
}
