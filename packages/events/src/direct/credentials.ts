/** Token sources of the subscriber, as credentials of a client. */
import type { ClientOptions } from "@trunkline/client";
import type { TokenSource } from "../subscriber/tokens.ts";

type Credentials = ClientOptions["credentials"];

/**
 * A source does not say how long its tokens live: what Genesys Cloud gives them by default is assumed (24 h: OAuthClientRequest, official SDK
 * documentation). One that lives shorter is found out when it is refused.
 */
const assumedLifeS = 86_400;

/** A client asks again only where the token that it has is no longer good enough. */
export function clientCredentials(credentials: Credentials | TokenSource): Credentials {
  if (!("token" in credentials)) return credentials;
  let last: string | undefined;
  return {
    tokenProvider: async () => {
      last = await credentials.token(last);
      return { accessToken: last, expiresInS: assumedLifeS };
    },
  };
}
