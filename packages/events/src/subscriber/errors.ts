/** Everything that can go wrong for a subscriber: what the Event API refuses, and what happens on the way to it. */
import { eventApiErrors, type EventApiErrorCode } from "../errors.ts";

interface SubscriberErrorEntry {
  /** What to do. */
  readonly help: string;
  /** Whether the same thing may work later without a change. */
  readonly retry: "never" | "later";
}

/** What only a subscriber meets. What a gateway refuses has the gateway's own codes. */
const table = {
  GATEWAY_UNREACHABLE: {
    retry: "later",
    help: "See whether the relay runs and its URL is right: `curl URL/healthz`. A browser does not say why: of a web page, http.origins in the relay's configuration must list the origin.",
  },
  GATEWAY_SILENT: {
    retry: "later",
    help: "Nothing to do: a new connection goes on after the last cursor. If it recurs, something on the road holds connections back.",
  },
  CONNECTION_LOST: {
    retry: "later",
    help: "Nothing to do: a new connection goes on after the last cursor.",
  },
  ANSWER_UNREADABLE: {
    retry: "later",
    help: "See whether the URL is that of a relay, and whether something on the road changes what it says.",
  },
  TOKEN_UNAVAILABLE: {
    retry: "later",
    help: "See whether the token's URL is that of the relay, and is reached. A browser does not say why: of a web page, http.origins in the relay's configuration must list the origin.",
  },
  CURSOR_TOO_OLD: {
    retry: "never",
    help: "Start without since; or leave onCursorTooOld at gap, and what is missing is told as a gap.",
  },
  DUPLICATE_SUBSCRIPTION: {
    retry: "never",
    help: "Share the subscription that is there, or close it first; allowDuplicate: true has a second one all the same.",
  },
  READER_FAILED: {
    retry: "never",
    help: "Mend the callback. What it failed on counts as not dealt with: start again with since of the subscription's cursor.",
  },
  GENESYS_CLOUD_FAILED: {
    retry: "never",
    help: "See the cause: it is the client's own error, with its code.",
  },
  OPTION_INVALID: { retry: "never", help: "Correct the option that is named." },
} as const satisfies Readonly<Record<string, SubscriberErrorEntry>>;

/** The code of a {@link SubscriberError}. */
export type SubscriberErrorCode = keyof typeof table | EventApiErrorCode;

/** The codes of errors that a subscriber may meet beside those of the Event API, and what to do about each. */
export const subscriberErrors: Readonly<Record<keyof typeof table, SubscriberErrorEntry>> = table;

/** What a {@link SubscriberError} carries beside code and message. */
export interface SubscriberErrorOptions extends ErrorOptions {
  /** What to do; by default what the table says for the code. */
  readonly help?: string | undefined;
  /** Whether it may work later without a change; by default what the table says for the code. */
  readonly retry?: "never" | "later" | undefined;
  /** How long to wait before trying again. */
  readonly retryAfterMs?: number | undefined;
  /** Names the refusal in the log of the relay. */
  readonly contextId?: string | undefined;
}

/** Why a subscription waits or has ended. The message says what happened and why, `help` what to do; neither has a secret in it. */
export class SubscriberError extends Error {
  override readonly name = "SubscriberError";
  readonly code: SubscriberErrorCode;
  readonly help: string;
  readonly retry: "never" | "later";
  readonly retryAfterMs: number | undefined;
  readonly contextId: string | undefined;

  constructor(code: SubscriberErrorCode, message: string, options: SubscriberErrorOptions = {}) {
    super(message, options);
    const entry = entryOf(code);
    this.code = code;
    this.help = options.help ?? entry.help;
    this.retry = options.retry ?? entry.retry;
    this.retryAfterMs = options.retryAfterMs;
    this.contextId = options.contextId;
  }
}

/** Whether something that was thrown is a {@link SubscriberError}, also of another copy of this package. */
export function isSubscriberError(error: unknown): error is SubscriberError {
  return error instanceof Error && error.name === "SubscriberError";
}

/** Whether the Event API has this code in the version that this package knows. */
export function isEventApiErrorCode(code: string): code is EventApiErrorCode {
  return Object.hasOwn(eventApiErrors, code);
}

function entryOf(code: SubscriberErrorCode): SubscriberErrorEntry {
  return isEventApiErrorCode(code) ? eventApiErrors[code] : table[code];
}
