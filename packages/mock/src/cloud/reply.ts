import type { CloudResponse } from "./contract.ts";
import { errorBody, type Refusal } from "./errors.ts";

/** What a route answers, before headers are put on it. */
export type Reply =
  | {
      readonly kind: "done";
      readonly status: number;
      readonly json?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export const done = (status: number, json?: unknown): Reply => ({ kind: "done", status, json });
export const refused = (refusal: Refusal): Reply => ({ kind: "refused", refusal });

/** Every reply carries ININ-Correlation-Id (GENESYS.md 3.6) and Date. */
export function toResponse(
  reply: Reply,
  correlationId: string,
  nowMs: number,
  extra: Readonly<Record<string, string>> = {},
): CloudResponse {
  const headers: Record<string, string> = {
    date: new Date(nowMs).toUTCString(),
    "inin-correlation-id": correlationId,
    ...extra,
  };
  if (reply.kind === "refused") {
    const { refusal } = reply;
    headers["content-type"] = "application/json";
    if (refusal.retryAfterSeconds !== undefined)
      headers["retry-after"] = String(refusal.retryAfterSeconds);
    return {
      status: refusal.status,
      headers,
      body: JSON.stringify(errorBody(refusal, correlationId)),
    };
  }
  Object.assign(headers, reply.headers);
  if (reply.json === undefined) return { status: reply.status, headers, body: "" };
  headers["content-type"] ??= "application/json";
  return { status: reply.status, headers, body: JSON.stringify(reply.json) };
}
