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

/** What was understood, and may surprise; nothing needs to be done. */
export interface Notice {
  readonly code: NoticeCode;
  /** One sentence. */
  readonly message: string;
  readonly pointer: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/**
 * - ALIAS: another name of an event type was used
 * - REPEATED: something stands twice in a list, and counts once
 * - SCOPE_IMPLIED: nothing was said of the scope, and this message means all that the credential sees
 * - VALUE_UNUSUAL: a condition names a value that Genesys Cloud is not known to send
 * - PATH_UNCHECKED: whether a JSON path is right is not known here
 */
export type NoticeCode =
  | "ALIAS"
  | "REPEATED"
  | "TOPIC_UNKNOWN"
  | "SCOPE_IMPLIED"
  | "VALUE_UNUSUAL"
  | "PATH_UNCHECKED";
