/** Replies that a fault gives instead of the model's own. */
import type { CloudResponse } from "./contract.ts";
import { codeOfStatus, type Refusal } from "./errors.ts";
import type { Fault } from "./faults.ts";
import { refused, toResponse } from "./reply.ts";

const upgradeStatusDefault = 503;

/** The body defaults to an error body of the API. */
export function injectedResponse(
  fault: Fault<"failRequests" | "refuseUpgrades">,
  correlationId: string,
  nowMs: number,
): CloudResponse {
  const status = fault.status ?? upgradeStatusDefault;
  const ofRequest = fault.fault === "failRequests" ? fault : undefined;
  const refusal: Refusal = {
    status,
    code: ofRequest?.code ?? codeOfStatus(status),
    message: "A fault was injected.",
    ...(ofRequest?.retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: ofRequest.retryAfterSeconds }),
  };
  const response = toResponse(refused(refusal), correlationId, nowMs, fault.headers);
  return fault.body === undefined ? response : { ...response, body: fault.body };
}
