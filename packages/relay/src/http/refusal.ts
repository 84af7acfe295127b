/** Requests that are refused: one shape for all, `{error: {code, message, help, details?}}`. */
import { isTrunklineError } from "@trunkline/client";
import { isRelayError, relayErrorCodes, type RelayError, type RelayErrorCode } from "../errors.ts";
import type { ErrorDetail, ErrorReply, Problem } from "./api.ts";

/** Why a request gets no answer. */
export interface Refusal {
  readonly kind: "refused";
  readonly status: number;
  readonly problem: Problem;
  readonly details?: readonly ErrorDetail[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const statuses: Readonly<Record<string, number>> = {
  ANSWER_TIMEOUT: 503,
  BODY_TOO_LARGE: 413,
  CONTENT_TYPE_UNSUPPORTED: 415,
  CURSOR_FOREIGN: 400,
  CURSOR_INVALID: 400,
  HOST_FORBIDDEN: 421,
  INTERNAL: 500,
  JSON_INVALID: 400,
  METHOD_NOT_ALLOWED: 405,
  ORIGIN_FORBIDDEN: 403,
  REQUEST_INVALID: 400,
  REQUEST_MALFORMED: 400,
  ROUTE_UNKNOWN: 404,
  SHUTTING_DOWN: 503,
  SINK_UNKNOWN: 404,
  TOKEN_REQUIRED: 401,
  TOO_MANY_STREAMS: 503,
  URL_TOO_LONG: 414,
};

/** The status of a code: its own, or what follows from what becomes of the error. */
export function statusOf(code: RelayErrorCode): number {
  const status = statuses[code];
  if (status !== undefined) return status;
  if (code.startsWith("CONFIG_")) return 422;
  return { retries: 503, waits: 409, ends: 500 }[relayErrorCodes[code].recovery];
}

/** A refusal by its code. `help` where there is better advice than the table's. */
export function refuse(
  code: RelayErrorCode,
  message: string,
  more: Partial<Pick<Refusal, "status" | "details" | "headers">> & { readonly help?: string } = {},
): Refusal {
  const { help = relayErrorCodes[code].help, status = statusOf(code), ...rest } = more;
  return { kind: "refused", status, problem: { code, message, help }, ...rest };
}

/**
 * What went wrong behind a request, as a refusal. What has no code says nothing of itself: its
 * message is not written for strangers.
 */
export function refusalOf(error: unknown): Refusal {
  if (isRelayError(error))
    return refuse(error.code, error.message, { help: error.help, ...detailsOf(error) });
  if (isTrunklineError(error)) {
    const { code, message, help } = error;
    return { kind: "refused", status: 409, problem: { code, message, help } };
  }
  return refuse("INTERNAL", "Something went wrong that should not; the relay's log says what.");
}

/** What a configuration was refused for, each with its place. */
function detailsOf({ complaints }: RelayError): { readonly details?: readonly ErrorDetail[] } {
  if (complaints.length === 0) return {};
  return {
    details: complaints.map(({ path, message, help, source }) => ({ path, message, help, source })),
  };
}

export function refusalText({ problem, details }: Refusal): string {
  const { code, message, help } = problem;
  const reply: ErrorReply = {
    error: { code, message, help, ...(details === undefined ? {} : { details }) },
  };
  return `${JSON.stringify(reply)}\n`;
}
