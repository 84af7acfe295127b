/** Where tokens come from: one source for all that use the same credentials, and one request at a time. */
import { isEventApiErrorCode, isSubscriberError, SubscriberError } from "./errors.ts";
import type { SubscriberPorts, WebResponse } from "./ports.ts";

/** Gives tokens. Several subscriptions, and the caller itself, may share one. */
export interface TokenSource {
  /**
   * A token to use now. It is the same one until that is about to expire, or was refused.
   * @param not a token that was refused, or is about to expire: another one is got, unless somebody has done so already
   * @throws SubscriberError TOKEN_UNAVAILABLE; what the gateway says of the credentials, such as CLIENT_UNKNOWN
   */
  token(not?: string): Promise<string>;
}

/** A token as it was got, and how long it lives; undefined where that is not known. */
export interface GotToken {
  readonly token: string;
  readonly expiresInMs: number | undefined;
}

/** A client of the gateway, and where it gets its tokens. */
export interface ClientTokensOptions {
  /** `https://relay.example/oauth/token` */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What a source needs of the outside. */
export type TokenPorts = Pick<SubscriberPorts, "clock" | "fetch">;

/** Of its life so much is used; then another one is got ahead. */
const usedShare = 0.8;
/** Getting one takes so long at most. */
const requestTimeoutMs = 30_000;

/** Makes a source of a way to get a token: kept while it lives, and got once, however many ask. */
export function keepToken(
  get: (signal: AbortSignal) => Promise<GotToken>,
  { clock }: Pick<TokenPorts, "clock">,
): TokenSource {
  let kept: { readonly token: string; readonly untilMs: number } | undefined;
  let flight: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    // Its life is counted from before the request: too short by a round trip, never too long.
    const atMs = clock.monotonicMs();
    const { token, expiresInMs = Number.POSITIVE_INFINITY } = await inTime(get, clock);
    kept = { token, untilMs: atMs + expiresInMs * usedShare };
    return token;
  };
  return {
    token: (not) => {
      if (flight !== undefined) return flight;
      if (kept !== undefined && kept.token !== not && clock.monotonicMs() < kept.untilMs)
        return Promise.resolve(kept.token);
      flight = renew().finally(() => (flight = undefined));
      return flight;
    },
  };
}

/** The tokens of a client, from the gateway's own `/oauth/token`. */
export function clientTokens(options: ClientTokensOptions, ports: TokenPorts): TokenSource {
  const { tokenUrl, clientId, clientSecret } = options;
  const headers = {
    authorization: `Basic ${basicOf(clientId, clientSecret)}`,
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  };
  return keepToken(async (signal) => {
    let response: WebResponse;
    try {
      const body = "grant_type=client_credentials";
      response = await ports.fetch(tokenUrl, { method: "POST", headers, body }, signal);
    } catch (cause) {
      throw new SubscriberError("TOKEN_UNAVAILABLE", `${tokenUrl} gave no answer.`, { cause });
    }
    return readTokenAnswer(response, tokenUrl);
  }, ports);
}

/** What was answered to a request for a token. */
function readTokenAnswer(response: WebResponse, tokenUrl: string): GotToken {
  const answer = readObject(response.body);
  const token = answer?.["access_token"];
  const seconds = answer?.["expires_in"];
  if (response.status === 200 && typeof token === "string" && token !== "")
    return { token, expiresInMs: typeof seconds === "number" ? seconds * 1_000 : undefined };
  throw readHttpRefusal(response, tokenUrl, "TOKEN_UNAVAILABLE");
}

/** Why an HTTP request was refused: as the gateway says, or by the status alone. */
export function readHttpRefusal(
  response: WebResponse,
  url: string,
  otherwise: "TOKEN_UNAVAILABLE" | "GATEWAY_UNREACHABLE",
): SubscriberError {
  const answer = readObject(response.body);
  const text = (name: string): string | undefined => {
    const value = answer?.[name];
    return typeof value === "string" ? value : undefined;
  };
  const code = text("code");
  const seconds = Number(response.header("retry-after"));
  const retryAfterMs = seconds > 0 ? seconds * 1_000 : undefined;
  if (code === undefined || !isEventApiErrorCode(code))
    return new SubscriberError(otherwise, `${url} answered ${response.status}.`, { retryAfterMs });
  return new SubscriberError(code, text("message") ?? `${url} answered ${response.status}.`, {
    help: text("help"),
    contextId: text("contextId"),
    retryAfterMs,
  });
}

async function inTime(
  get: (signal: AbortSignal) => Promise<GotToken>,
  clock: TokenPorts["clock"],
): Promise<GotToken> {
  const asked = new AbortController();
  const answered = new AbortController();
  const late = async (): Promise<never> => {
    await clock.sleep(requestTimeoutMs, answered.signal);
    // Also where the token came first: nothing is left to abort then.
    asked.abort();
    throw new SubscriberError(
      "TOKEN_UNAVAILABLE",
      `No token came within ${requestTimeoutMs / 1_000} s.`,
    );
  };
  const lateness = late();
  // Where the token came first, nobody waits for it any more.
  lateness.catch(() => undefined);
  try {
    return await Promise.race([get(asked.signal), lateness]);
  } catch (cause) {
    if (isSubscriberError(cause)) throw cause;
    throw new SubscriberError("TOKEN_UNAVAILABLE", "The way to get a token failed.", { cause });
  } finally {
    answered.abort();
  }
}

/** A JSON object, or undefined for anything else. */
function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 7617, in UTF-8. */
function basicOf(clientId: string, clientSecret: string): string {
  const bytes = new TextEncoder().encode(`${clientId}:${clientSecret}`);
  return btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""));
}
