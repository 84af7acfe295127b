/** What a refusal of the gateway means to a subscriber. */
import { eventApiErrors, type EventApiErrorCode } from "../../errors.ts";
import type { BackendRequest } from "../backend.ts";
import { isEventApiErrorCode, SubscriberError } from "../errors.ts";

/** What an `error` and a `closing` have in common. */
interface Refused {
  readonly code: string;
  readonly message: string;
  readonly help?: string;
  readonly retryAfterMs?: number;
  readonly contextId?: string;
}

/**
 * A refusal as it came, typed.
 * @param otherwise what it counts as where this version does not know its code
 */
export function readRefusal(
  { code, message, help, retryAfterMs, contextId }: Refused,
  otherwise: EventApiErrorCode = "MESSAGE_UNKNOWN",
): SubscriberError {
  const options = { help, retryAfterMs, contextId };
  if (isEventApiErrorCode(code)) return new SubscriberError(code, message, options);
  const retry = retryAfterMs === undefined ? undefined : "later";
  return new SubscriberError(otherwise, `${code}: ${message}`, { ...options, retry });
}

/** By close code: what it says where no error came ahead of it. */
const byClose: Readonly<Record<number, EventApiErrorCode>> = {
  4400: "MESSAGE_UNKNOWN",
  4401: "TOKEN_INVALID",
  4403: "SCOPE_MISSING",
  4408: "SILENT",
  4409: "CONSUMER_REPLACED",
  4413: "MESSAGE_TOO_LARGE",
  4429: "TOO_FAST",
  4503: "UNAVAILABLE",
};

/** Why a socket is no more, by the code that it was closed with. */
export function readClose(code: number, reason: string): SubscriberError {
  const known = isEventApiErrorCode(reason) ? reason : byClose[code];
  if (known !== undefined)
    return new SubscriberError(
      known,
      `The gateway closed the connection with ${code}. ${eventApiErrors[known].meaning}`,
    );
  const how =
    code === 1006 ? "without a word" : `with ${code}${reason === "" ? "" : ` (${reason})`}`;
  return new SubscriberError("CONNECTION_LOST", `The connection ended ${how}.`);
}

/** Whether an open socket stays so after this refusal. */
export function leavesOpen({ code }: SubscriberError): boolean {
  return isEventApiErrorCode(code) && eventApiErrors[code].close === undefined;
}

/**
 * Whether the cursor is at fault: `somewhere` where it is not; else `nowhere`, if it is to be gone on without it, or
 * what the subscription ends with.
 */
export function whereCursorLeads(
  error: SubscriberError,
  since: string | undefined,
  { onCursorTooOld }: BackendRequest,
): "somewhere" | "nowhere" | SubscriberError {
  const isLost = error.code === "CURSOR_FOREIGN" || error.code === "CURSOR_AHEAD";
  if (since === undefined || !isLost) return "somewhere";
  if (onCursorTooOld === "gap") return "nowhere";
  return new SubscriberError(
    "CURSOR_TOO_OLD",
    `Nothing can be gone on with after ${since}: ${error.message}`,
    {
      cause: error,
    },
  );
}
