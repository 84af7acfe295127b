/** Token sources for programs: of the gateway's own tokens, or shared with the official client of Genesys Cloud. */
import { webPorts } from "../platform/web.ts";
import { SubscriberError } from "./errors.ts";
import {
  clientTokens,
  type ClientTokensOptions,
  type TokenPorts,
  type TokenSource,
} from "./tokens.ts";

/** A client of the gateway, and where it gets its tokens. */
export interface TokenSourceOptions extends ClientTokensOptions {
  /** By default those of this machine. */
  readonly ports?: TokenPorts;
}

/**
 * The tokens of a client, from the gateway's `/oauth/token`. To be shared by all that use the client: a token is got once,
 * however many ask, renewed when four fifths of its life are over, and replaced when it is refused.
 */
export function tokenSource({ ports = webPorts, ...options }: TokenSourceOptions): TokenSource {
  return clientTokens(options, ports);
}

/**
 * What is used of the `ApiClient` of the official SDK, `purecloud-platform-client-v2`; `ApiClient.instance` is one. It keeps its
 * token in `authentications["PureCloud OAuth"].accessToken`, which its types leave out (262.0.0; certainty: official SDK code).
 */
export interface OfficialApiClient {
  setAccessToken(token: string): void;
}

interface WithAuthentications {
  readonly authentications?: Readonly<Record<string, { readonly accessToken?: unknown }>>;
}

/** By client: somebody is logging it in. */
const logins = new WeakMap<OfficialApiClient, Promise<string>>();

/**
 * The token of the official SDK's client, for a gateway that takes tokens of Genesys Cloud (`genesysClientId` of its client).
 * A login that the program makes itself is taken over; where the token was refused, `logIn` makes another, once for all
 * sources of that client, and the official client has it, too. So the two never renew against each other, if the program leaves renewing to
 * this source: `await source.token()` logs in where nobody has.
 *
 * ```ts
 * const client = platformClient.ApiClient.instance;
 * const tokens = sharedTokenSource(client, () => client.loginClientCredentialsGrant(id, secret));
 * ```
 * @param logIn logs the client in; without it, nothing follows when the token is over
 */
export function sharedTokenSource(
  apiClient: OfficialApiClient,
  logIn?: () => Promise<unknown>,
): TokenSource {
  return {
    token: async (not) => {
      const flight = logins.get(apiClient);
      if (flight !== undefined) return flight;
      const present = tokenOf(apiClient);
      if (present !== undefined && present !== not) return present;
      if (logIn === undefined)
        throw new SubscriberError(
          "TOKEN_EXPIRED",
          "The official client's token is over, or there is none.",
          {
            help: "Log the official client in; or give sharedTokenSource a way to do it.",
          },
        );
      const login = renew(apiClient, logIn).finally(() => logins.delete(apiClient));
      logins.set(apiClient, login);
      return login;
    },
  };
}

async function renew(apiClient: OfficialApiClient, logIn: () => Promise<unknown>): Promise<string> {
  try {
    await logIn();
  } catch (error) {
    // The official client's errors have the request in them, and the secret in that: they go no further.
    const { status } =
      (error as { readonly response?: { readonly status?: unknown } }).response ?? {};
    const isRefused = status === 400 || status === 401 || status === 403;
    throw new SubscriberError(
      "TOKEN_UNAVAILABLE",
      `The official client could not be logged in${typeof status === "number" ? ` (${status})` : ""}.`,
      {
        retry: isRefused ? "never" : "later",
        help: isRefused
          ? "Correct the client id and the secret that it is logged in with."
          : "See whether its login service is reached.",
      },
    );
  }
  const token = tokenOf(apiClient);
  if (token !== undefined) return token;
  throw new SubscriberError(
    "TOKEN_UNAVAILABLE",
    "The official client was logged in, and has no token.",
    {
      retry: "never",
      help: "Let logIn log in the same client that was given to sharedTokenSource.",
    },
  );
}

function tokenOf(apiClient: OfficialApiClient): string | undefined {
  const { authentications } = apiClient as WithAuthentications;
  const token = authentications?.["PureCloud OAuth"]?.accessToken;
  return typeof token === "string" && token !== "" ? token : undefined;
}
