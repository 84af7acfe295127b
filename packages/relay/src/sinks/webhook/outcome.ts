/**
 * What an answer means. The question is always: is it about this entry, or about the receiver? Only
 * what is about the entry goes to the dead letters. A wrong token or address would send all of them
 * there, so those are tried again, loudly, until somebody repairs them.
 */
import { RelayError, type RelayErrorCode } from "../../errors.ts";
import type { WebhookAnswer, WebhookFailure } from "./http.ts";

export type Verdict =
  | { readonly kind: "taken" }
  /** By the receiver, for what the request held. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "retry"; readonly error: RelayError; readonly afterMs?: number | undefined }
  | { readonly kind: "gone"; readonly error: RelayError };

export interface Circumstances {
  /** Shown in messages. */
  readonly origin: string;
  /** The URL that was called; never shown. */
  readonly url: string;
  /** Whether the URL was made from the entry. */
  readonly isUrlTemplated: boolean;
  readonly refuseStatuses: ReadonlySet<number>;
  readonly nowMs: number;
  /** Takes secrets out of what the receiver said. */
  readonly scrub: (text: string) => string;
}

/** A receiver is believed when it asks for a pause up to so long; then it is asked again. */
export const retryAfterMaxMs = 3_600_000;

/** Characters of an answer that a dead letter shows. */
const excerptCharactersMax = 200;

const byStatus: Readonly<Record<number, readonly [code: RelayErrorCode, meaning: string]>> = {
  401: ["WEBHOOK_UNAUTHORIZED", "it does not accept the credentials"],
  403: ["WEBHOOK_UNAUTHORIZED", "it forbids the call"],
  404: ["WEBHOOK_MISCONFIGURED", "it knows no such address"],
  405: ["WEBHOOK_MISCONFIGURED", "it does not take this method there"],
  407: ["WEBHOOK_UNAUTHORIZED", "the proxy wants credentials"],
  408: ["WEBHOOK_FAILED", "it waited too long for the request"],
  415: ["WEBHOOK_MISCONFIGURED", "it does not take this content type"],
  421: ["WEBHOOK_MISCONFIGURED", "it does not answer for this host"],
  425: ["WEBHOOK_FAILED", "it was too early"],
  426: ["WEBHOOK_MISCONFIGURED", "it wants another protocol"],
  429: ["WEBHOOK_BUSY", "too many requests"],
  503: ["WEBHOOK_BUSY", "it is not available at present"],
};

const byFailure: Readonly<Record<WebhookFailure, RelayErrorCode>> = {
  forbidden: "WEBHOOK_ADDRESS_FORBIDDEN",
  untrusted: "WEBHOOK_UNTRUSTED",
  unreachable: "WEBHOOK_UNREACHABLE",
  aborted: "WEBHOOK_TIMEOUT",
};

export function judge(answer: WebhookAnswer, circumstances: Circumstances): Verdict {
  const { origin, url, isUrlTemplated, refuseStatuses } = circumstances;
  if (answer.kind === "failed") return { kind: "retry", error: failureError(answer, origin) };
  const { status } = answer;
  const afterMs = retryAfterMs(answer.headers, circumstances.nowMs);
  const retry = (code: RelayErrorCode, meaning: string): Verdict => ({
    kind: "retry",
    error: new RelayError(code, `${origin} answered ${status}: ${meaning}.`),
    afterMs,
  });
  if (status >= 200 && status < 300) return { kind: "taken" };
  if (refuseStatuses.has(status)) return refusal(answer, circumstances);
  if (status === 410) {
    const error = new RelayError("WEBHOOK_GONE", `${origin} answered 410: it wants no more.`);
    return { kind: "gone", error };
  }
  if (status >= 300 && status < 400)
    return retry("WEBHOOK_REDIRECTED", `it points to ${pointsTo(url, answer.headers["location"])}`);
  // One conversation that is not there must not stop all others.
  if (status === 404 && isUrlTemplated) return refusal(answer, circumstances);
  const known = byStatus[status];
  if (known !== undefined) return retry(...known);
  if (status >= 400 && status < 500) return refusal(answer, circumstances);
  return retry("WEBHOOK_FAILED", status >= 500 ? "it failed" : "that is no answer to a request");
}

export function failureError(
  { why, detail }: Extract<WebhookAnswer, { readonly kind: "failed" }>,
  origin: string,
): RelayError {
  return new RelayError(byFailure[why], `${origin}: ${detail}.`);
}

function refusal(
  { status, body }: { readonly status: number; readonly body: string },
  { origin, scrub }: Circumstances,
): Verdict {
  const excerpt = scrub(body)
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, " ")
    .trim();
  const said = Array.from(excerpt).slice(0, excerptCharactersMax).join("");
  return {
    kind: "refused",
    reason: `${origin} answered ${status}${said === "" ? "" : `: ${said}`}`,
  };
}

/** Where a redirect leads, in words without its path or query, which may be secret. */
function pointsTo(url: string, location: string | undefined): string {
  const there = location === undefined ? null : URL.parse(location, url);
  if (there === null) return "nowhere";
  const here = new URL(url);
  if (there.origin !== here.origin)
    return `${there.origin}, ${there.pathname === here.pathname ? "same path" : "another path"}`;
  if (there.pathname === here.pathname) return "itself, or with another query";
  if (there.pathname === `${here.pathname}/`) return "the same path with a / at its end";
  if (`${there.pathname}/` === here.pathname) return "the same path without the / at its end";
  return "another path on the same host";
}

/**
 * `Retry-After` as a pause: seconds, or an HTTP date, which is read against the receiver's own clock
 * where it tells that too.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | undefined {
  const text = headers["retry-after"]?.trim() ?? "";
  if (/^\d+$/u.test(text)) return Math.min(Number(text) * 1_000, retryAfterMaxMs);
  const untilMs = httpDateMs(text);
  if (untilMs === undefined) return undefined;
  const fromMs = httpDateMs(headers["date"] ?? "") ?? nowMs;
  return Math.min(Math.max(0, untilMs - fromMs), retryAfterMaxMs);
}

/** Only the form that HTTP prescribes: Date.parse alone would take nearly anything. */
function httpDateMs(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u.test(text))
    return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}
