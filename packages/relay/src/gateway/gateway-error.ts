/** What the Event API refuses, as an error: its code says how it is answered, `@trunkline/events` what it means. */
import { eventApiErrors, type Complaint, type EventApiErrorCode } from "@trunkline/events";

interface Particulars {
  /** Everything that is wrong with what was sent, each with its place. */
  readonly details?: readonly Complaint[] | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: EventApiErrorCode;
  readonly details: readonly Complaint[];
  readonly retryAfterMs: number | undefined;

  /** @param message what happened, in one sentence with the particulars; never a token or secret */
  constructor(code: EventApiErrorCode, message: string, particulars: Particulars = {}) {
    super(message, { cause: particulars.cause });
    this.code = code;
    this.details = particulars.details ?? [];
    this.retryAfterMs = particulars.retryAfterMs;
  }

  get help(): string {
    return eventApiErrors[this.code].help;
  }
}

export function isGatewayError(error: unknown): error is GatewayError {
  return error instanceof GatewayError;
}
