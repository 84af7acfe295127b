/**
 * Access tokens of Genesys Cloud itself. They are opaque, so the service is asked whose they are:
 * `GET /api/v2/tokens/me` (official SDK documentation, TokensApi `getTokensMe`; its TokenInfo has
 * `OAuthClient.id`). Each token is asked about once a minute at most, and all of them within a budget:
 * the requests count against the limits of the organisation.
 */
import { createHash } from "node:crypto";
import { GatewayError } from "../gateway-error.ts";
import { createBoundedCache } from "./bounded-cache.ts";

/** What the service says of a token. */
export type TokensMeAnswer =
  | { readonly kind: "known"; readonly oauthClientId: string | undefined }
  /** It is none of its tokens, or no longer one. */
  | { readonly kind: "refused"; readonly status: number }
  /** It could not be asked. `detail` is for people. */
  | { readonly kind: "failed"; readonly detail: string };

/** Asks the service of a trunk whose token it is. Never rejects; the token goes nowhere else. */
export type AskTokensMe = (trunkName: string, token: string) => Promise<TokensMeAnswer>;

/** For so long an answer is kept. A token that is revoked is found out as late. */
export const knownMs = 60_000;
export const refusedMs = 5_000;
/** Tokens of which an answer is kept. */
const answersMax = 1_000;
/** Requests within one minute, over all trunks. */
export const asksPerMinuteMax = 30;
const minuteMs = 60_000;

export interface Vouched {
  readonly oauthClientId: string;
  /** The trunk at whose service the token is known. */
  readonly trunk: string;
}

export interface GenesysTokens {
  /**
   * Asks the trunks one after the other.
   * @throws GatewayError TOKEN_INVALID where none knows the token, UNAVAILABLE where one could not be asked
   */
  identify(token: string, trunks: readonly string[]): Promise<Vouched>;
}

type Verdict = Vouched | GatewayError;

/** @param nowMs a clock that is not set */
export function createGenesysTokens(ask: AskTokensMe, nowMs: () => number): GenesysTokens {
  const verdicts = createBoundedCache<Verdict>(answersMax);
  const asking = new Map<string, Promise<Verdict>>();
  const budget = createBudget(nowMs);

  const findOut = async (token: string, trunks: readonly string[]): Promise<Verdict> => {
    let trouble: string | undefined;
    for (const trunk of trunks) {
      const waitMs = budget.take();
      if (waitMs !== undefined)
        return new GatewayError(
          "UNAVAILABLE",
          `Genesys Cloud was asked about ${asksPerMinuteMax} tokens within a minute; this one is not asked about before the minute is over.`,
          { retryAfterMs: waitMs },
        );
      const answer = await ask(trunk, token);
      if (answer.kind === "failed") trouble ??= answer.detail;
      if (answer.kind === "known" && answer.oauthClientId !== undefined)
        return { oauthClientId: answer.oauthClientId, trunk };
    }
    return trouble === undefined
      ? new GatewayError(
          "TOKEN_INVALID",
          "The token is none of this relay, and Genesys Cloud does not know it, or does not say of which OAuth client it is.",
        )
      : new GatewayError(
          "UNAVAILABLE",
          `Genesys Cloud could not be asked whose token this is: ${trouble}.`,
          { retryAfterMs: refusedMs },
        );
  };

  return {
    identify: async (token, trunks) => {
      // Tokens are not kept, only what tells them apart; and what one set of trunks says, another need not.
      const key = createHash("sha256")
        .update(JSON.stringify([token, trunks]))
        .digest("base64");
      const known = verdicts.get(key, nowMs());
      if (known !== undefined) return vouchedOr(known);
      let found = asking.get(key);
      if (found === undefined) {
        found = findOut(token, trunks).finally(() => asking.delete(key));
        asking.set(key, found);
      }
      const verdict = await found;
      const keptMs = verdict instanceof GatewayError ? refusedMs : knownMs;
      verdicts.put(key, verdict, nowMs() + keptMs);
      return vouchedOr(verdict);
    },
  };
}

function vouchedOr(verdict: Verdict): Vouched {
  if (verdict instanceof GatewayError) throw verdict;
  return verdict;
}

/** Undefined where one more request may be made, else how long to wait. */
function createBudget(nowMs: () => number): { take(): number | undefined } {
  let count = 0;
  let endsMs = Number.NEGATIVE_INFINITY;
  return {
    take: () => {
      const now = nowMs();
      if (now >= endsMs) {
        count = 0;
        endsMs = now + minuteMs;
      }
      if (count >= asksPerMinuteMax) return endsMs - now;
      count++;
      return undefined;
    },
  };
}
