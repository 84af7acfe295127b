/** Asks Genesys Cloud whose access token it is, at the API of a trunk. */
import { isTrunklineError, resolveBaseUrl, resolveRegion, type Http } from "@trunkline/client";
import type { TrunkConfig } from "../config/config.ts";
import type { AskTokensMe, TokensMeAnswer } from "../gateway/access/genesys-tokens.ts";

/** From the request to the end of the answer. */
const askTimeoutMs = 10_000;

/**
 * Statuses that say that it is no token of this organisation, or no longer. Which of them come is not
 * documented beyond 401; all of them say that the service will not have the token.
 */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 404]);

/** @param trunks that are asked; a trunk of another name is not */
export function createAskTokensMe(
  trunks: readonly Pick<TrunkConfig, "name" | "place">[],
  http: Http,
): AskTokensMe {
  const origins = new Map(trunks.map(({ name, place }) => [name, originOf(place)]));
  return async (trunkName, token) => {
    const origin = origins.get(trunkName);
    if (origin === undefined) return failed(`there is no trunk ${trunkName}`);
    const late = AbortSignal.timeout(askTimeoutMs);
    try {
      const { status, body } = await http(
        {
          method: "GET",
          url: `${origin}/api/v2/tokens/me`,
          headers: { authorization: `Bearer ${token}`, accept: "application/json" },
        },
        late,
      );
      if (status === 200) return { kind: "known", oauthClientId: clientIdIn(body) };
      return refusals.has(status)
        ? { kind: "refused", status }
        : failed(`it answered with the status ${status}`);
    } catch (error) {
      if (late.aborted) return failed(`it did not answer within ${askTimeoutMs / 1_000} s`);
      return failed(isTrunklineError(error) ? error.code : "the request failed");
    }
  };
}

function originOf(place: TrunkConfig["place"]): string {
  return ("region" in place ? resolveRegion(place.region) : resolveBaseUrl(place.baseUrl)).apiUrl;
}

/** Nothing in the answer is sure to be there. */
function clientIdIn(body: string): string | undefined {
  try {
    const { OAuthClient: client } = JSON.parse(body) as { OAuthClient?: { id?: unknown } | null };
    return typeof client?.id === "string" && client.id !== "" ? client.id : undefined;
  } catch {
    return undefined;
  }
}

function failed(detail: string): TokensMeAnswer {
  return { kind: "failed", detail };
}
