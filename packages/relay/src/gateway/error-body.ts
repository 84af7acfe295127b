/** Every refusal of the Event API as it is sent: one shape for HTTP answers, refused upgrades and sockets. */
import { eventApiErrors, type Complaint, type EventApiErrorCode } from "@trunkline/events";
import { GatewayError, isGatewayError } from "./gateway-error.ts";

/** The body of an HTTP answer from status 400 on; keys without a value are left out. */
export interface ErrorBody {
  readonly code: EventApiErrorCode;
  readonly message: string;
  readonly help: string;
  readonly status: number;
  /** Everything that is wrong with what was sent, each with its place. */
  readonly details?: readonly Complaint[];
  readonly retryAfterMs?: number;
  /** Stands in the relay's log too. */
  readonly contextId: string;
  /** What programs that speak OAuth look at: RFC 6749 section 5.2, RFC 6750 section 3.1. */
  readonly error?: OAuthError;
  readonly error_description?: string;
}

export type OAuthError =
  | "invalid_request"
  | "invalid_client"
  | "invalid_scope"
  | "invalid_token"
  | "insufficient_scope"
  | "unsupported_grant_type"
  | "temporarily_unavailable";

const oauthErrors: Partial<Readonly<Record<EventApiErrorCode, OAuthError>>> = {
  TOKEN_MISSING: "invalid_token",
  TOKEN_INVALID: "invalid_token",
  TOKEN_EXPIRED: "invalid_token",
  TOKEN_NOT_YET_VALID: "invalid_token",
  CLIENT_UNKNOWN: "invalid_client",
  CLIENT_NOT_ENCODED: "invalid_client",
  GRANT_UNSUPPORTED: "unsupported_grant_type",
  SCOPE_INVALID: "invalid_scope",
  SCOPE_MISSING: "insufficient_scope",
  EVENT_TYPE_FORBIDDEN: "insufficient_scope",
  TOO_FAST: "temporarily_unavailable",
  UNAVAILABLE: "temporarily_unavailable",
  SHUTTING_DOWN: "temporarily_unavailable",
};

/**
 * @param contextId tells this refusal from all others
 * @param isOAuth whether the answer is one of an OAuth endpoint, where every refusal has an `error`
 */
export function errorBody(refused: GatewayError, contextId: string, isOAuth = false): ErrorBody {
  const { code, message, help, details, retryAfterMs } = refused;
  const error = oauthErrors[code] ?? (isOAuth ? "invalid_request" : undefined);
  return {
    code,
    message,
    help,
    status: eventApiErrors[code].status,
    ...(details.length === 0 ? {} : { details }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    contextId,
    ...(error === undefined
      ? {}
      : { error, error_description: descriptionOf(`${message} ${help}`) }),
  };
}

/** RFC 6749 allows printable ASCII there, without quotation mark and backslash. */
function descriptionOf(text: string): string {
  return text
    .replaceAll(/["\\]/gu, "'")
    .replaceAll("…", "...")
    .replaceAll(/[^\u0020-\u007E]/gu, "?");
}

/** Headers that belong to a refusal: how to authenticate, and how long to wait. Names are lower-case. */
export function errorHeaders({
  code,
  retryAfterMs,
}: GatewayError): Readonly<Record<string, string>> {
  const { status } = eventApiErrors[code];
  return {
    ...(status === 401 ? { "www-authenticate": challengeOf(code) } : {}),
    ...(retryAfterMs === undefined
      ? {}
      : { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
  };
}

function challengeOf(code: EventApiErrorCode): string {
  if (oauthErrors[code] === "invalid_client") return 'Basic realm="trunkline", charset="UTF-8"';
  // RFC 6750: without any token there is nothing to call wrong.
  return code === "TOKEN_MISSING"
    ? 'Bearer realm="trunkline"'
    : 'Bearer realm="trunkline", error="invalid_token"';
}

/** What nobody foresaw says nothing of itself to strangers; it is logged where it is caught. */
export function gatewayErrorOf(error: unknown): GatewayError {
  if (isGatewayError(error)) return error;
  return new GatewayError(
    "UNAVAILABLE",
    "Something went wrong that should not; the relay's log says what.",
    { cause: error },
  );
}
