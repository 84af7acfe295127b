/** Replies that a fault gives instead of the model's own. */
import type { CloudResponse } from "./contract.ts";
import { codeOfStatus, refusals, type Refusal } from "./errors.ts";
import type { Fault } from "./faults.ts";
import { limits } from "./limits.ts";
import { refused, toResponse } from "./reply.ts";
import type { Settings } from "./settings.ts";

const upgradeStatusDefault = 503;
const retryAfterSecondsDefault = 1;

/** The body defaults to an error body of the API; a 429 comes with all that the real one has (GENESYS.md 5). */
export function injectedResponse(
  fault: Fault<"failRequests" | "refuseUpgrades">,
  correlationId: string,
  nowMs: number,
  settings: Settings,
): CloudResponse {
  const status = fault.status ?? upgradeStatusDefault;
  const ofRequest = fault.fault === "failRequests" ? fault : undefined;
  const limited = ofRequest !== undefined && status === 429;
  const seconds = ofRequest?.retryAfterSeconds ?? (limited ? retryAfterSecondsDefault : undefined);
  const refusal: Refusal = {
    ...(limited
      ? refusals.rateLimited(
          settings.rateLimitCode,
          seconds ?? retryAfterSecondsDefault,
          limits.callsOfToken(settings),
        )
      : { status, code: codeOfStatus(status), message: "A fault was injected." }),
    ...(ofRequest?.code === undefined ? {} : { code: ofRequest.code }),
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  };
  const allowed = String(settings.requestsPerMinuteMax);
  const response = toResponse(refused(refusal), correlationId, nowMs, {
    ...(limited
      ? {
          "inin-ratelimit-count": allowed,
          "inin-ratelimit-allowed": allowed,
          "inin-ratelimit-reset": String(seconds),
        }
      : {}),
    ...fault.headers,
  });
  return fault.body === undefined ? response : { ...response, body: fault.body };
}
