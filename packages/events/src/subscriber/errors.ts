/** Everything that can go wrong for a subscriber: what the Event API refuses, and what happens on the way to it. */
import { eventApiErrors, type EventApiErrorCode } from "../errors.ts";

interface SubscriberErrorEntry {
  /** What to do. */
  readonly help: string;
}

/** What only a subscriber meets. What a gateway refuses has the gateway's own codes. */
const table = {
  GATEWAY_UNREACHABLE: {
    help: "See whether the relay runs and the URL is right: `curl URL/healthz`. A browser does not say why; the relay's log does.",
  },
  GATEWAY_SILENT: {
    help: "The connection was given up, and is made anew. If it recurs, something on the road holds connections back.",
  },
  CONNECTION_LOST: {
    help: "Nothing to do: it goes on after the last cursor.",
  },
  ANSWER_UNREADABLE: {
    help: "See whether the URL is that of a relay, and whether something on the road changes what it says.",
  },
  TOKEN_UNAVAILABLE: {
    help: "See whether the token's URL is reached, and the client id and secret are right: `trunkline clients list`.",
  },
  CURSOR_TOO_OLD: {
    help: "Start without since, or leave onCursorTooOld at gap: then what is missing is told as a gap.",
  },
  DUPLICATE_SUBSCRIPTION: {
    help: "Share the subscription that is there, or close it first. allowDuplicate: true has a second one all the same.",
  },
  READER_FAILED: {
    help: "Mend the callback. The event that it failed on was not acknowledged; start again with since of the cursor before it.",
  },
  GENESYS_CLOUD_FAILED: {
    help: "See the cause: it is the client's own error, with its code.",
  },
  OPTION_INVALID: { help: "Correct the option that is named." },
} as const satisfies Readonly<Record<string, SubscriberErrorEntry>>;

/** The code of a {@link SubscriberError}. */
export type SubscriberErrorCode = keyof typeof table | EventApiErrorCode;

/** The codes of errors that a subscriber may meet beside those of the Event API, and what to do about each. */
export const subscriberErrors: Readonly<Record<keyof typeof table, SubscriberErrorEntry>> = table;

/** What a {@link SubscriberError} carries beside code and message. */
export interface SubscriberErrorOptions extends ErrorOptions {
  /** What to do; by default what the table says for the code. */
  readonly help?: string | undefined;
  /** How long to wait before trying again. */
  readonly retryAfterMs?: number | undefined;
  /** Names the refusal in the log of the relay. */
  readonly contextId?: string | undefined;
}

/** Why a subscription waits or has ended. The message says what happened and why, `help` what to do; neither has a secret. */
export class SubscriberError extends Error {
  override readonly name = "SubscriberError";
  readonly code: SubscriberErrorCode;
  readonly help: string;
  readonly retryAfterMs: number | undefined;
  readonly contextId: string | undefined;

  constructor(code: SubscriberErrorCode, message: string, options: SubscriberErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.help = options.help ?? helpOf(code);
    this.retryAfterMs = options.retryAfterMs;
    this.contextId = options.contextId;
  }
}

/** Whether something that was thrown is a {@link SubscriberError}, also of another copy of this package. */
export function isSubscriberError(error: unknown): error is SubscriberError {
  return error instanceof Error && error.name === "SubscriberError";
}

function helpOf(code: SubscriberErrorCode): string {
  return code in table
    ? table[code as keyof typeof table].help
    : eventApiErrors[code as EventApiErrorCode].help;
}
