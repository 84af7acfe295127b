/**
 * The one token source of a credential: single flight, renewed ahead at 80 % of its life by
 * elapsed time. Several tokens may be alive at once, since a channel keeps the token that made it.
 *
 * Source of the request: official JavaScript and Go SDKs (`POST login/oauth/token`, Basic, form).
 */
import type { Elapsed } from "../elapsed.ts";
import { isTrunklineError, TrunklineError } from "../errors.ts";
import type { Clock, HttpResponse } from "../ports.ts";
import { Secret } from "../secret.ts";
import { parseRetryAfterMs } from "./budget.ts";
import { exchange, requestTimeoutMs, type ExchangePorts } from "./exchange.ts";

/** An access token and when it was asked for, in elapsed time. */
export interface Token {
  readonly secret: Secret;
  readonly madeAtMs: number;
  readonly lifeMs: number;
}

/** What a token provider answers. */
export interface ProvidedToken {
  readonly accessToken: string;
  /** Life left, in seconds. */
  readonly expiresInS: number;
}

/** Gets an access token in the caller's own way, e.g. from the official SDK's client. */
export type TokenProvider = (signal: AbortSignal) => Promise<ProvidedToken>;

export type FetchToken = (signal: AbortSignal) => Promise<ProvidedToken>;

const renewAtShare = 0.8;
/** While the present token lives, a renewal that failed is tried again after so long. */
const renewAgainMs = 30_000;

export class TokenSource {
  readonly #elapsed: Elapsed;
  readonly #fetch: FetchToken;
  readonly #signal: AbortSignal;
  #current: Token | undefined;
  #flight: Promise<Token> | undefined;
  #renewNotBeforeMs = 0;

  constructor(elapsed: Elapsed, fetch: FetchToken, signal: AbortSignal) {
    this.#elapsed = elapsed;
    this.#fetch = fetch;
    this.#signal = signal;
  }

  /** The token that was made last, whatever its age. */
  get current(): Token | undefined {
    return this.#current;
  }

  /** The current token, renewed first when 80 % of its life are over. */
  async get(): Promise<Token> {
    const current = this.#current;
    if (current === undefined) return this.#renew();
    const ageMs = this.#elapsed.nowMs() - current.madeAtMs;
    const isAged = ageMs >= current.lifeMs;
    if (ageMs < current.lifeMs * renewAtShare) return current;
    if (!isAged && this.#elapsed.nowMs() < this.#renewNotBeforeMs) return current;
    try {
      return await this.#renew();
    } catch (error) {
      // The login service is down, yet the token still lives: use it while it does.
      const heals = isTrunklineError(error) && error.retry !== "never";
      const nowMs = this.#elapsed.nowMs();
      this.#renewNotBeforeMs = nowMs + renewAgainMs;
      if (heals && nowMs - current.madeAtMs < current.lifeMs) return current;
      throw error;
    }
  }

  /** A token other than `than`, which lives on: what both are used for does not fail together. */
  async another(than: Token | undefined): Promise<Token> {
    const current = await this.get();
    return current === than ? this.#renew() : current;
  }

  /** A token other than `dead`, which the service has refused. */
  async replace(dead: Token): Promise<Token> {
    const current = this.#current;
    if (current !== undefined && current !== dead && current.madeAtMs >= dead.madeAtMs)
      return current;
    return this.#renew();
  }

  #renew(): Promise<Token> {
    this.#flight ??= this.#fetchOne().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #fetchOne(): Promise<Token> {
    // Its life is counted from before the request: too short by a round trip, never too long.
    const madeAtMs = this.#elapsed.nowMs();
    const { accessToken, expiresInS } = await this.#fetch(this.#signal);
    if (!/^[\x21-\x7e]+$/.test(accessToken)) {
      throw new TrunklineError(
        "ANSWER_MALFORMED",
        "The access token has characters in it that no header may carry, such as a line end.",
      );
    }
    this.#current = {
      secret: new Secret("token", accessToken),
      madeAtMs,
      lifeMs: expiresInS * 1_000,
    };
    return this.#current;
  }
}

/** Asks the login service with the client-credentials grant. */
export function clientCredentials(
  ports: ExchangePorts,
  loginUrl: string,
  clientId: string,
  clientSecret: Secret,
): FetchToken {
  return async (signal) => {
    const basic = Buffer.from(`${clientId}:${clientSecret.reveal()}`).toString("base64");
    const response = await exchange(
      ports,
      {
        method: "POST",
        url: `${loginUrl}/oauth/token`,
        headers: {
          authorization: `Basic ${basic}`,
          "content-type": "application/x-www-form-urlencoded",
          accept: "application/json",
        },
        body: "grant_type=client_credentials",
      },
      `${loginUrl}/oauth/token`,
      signal,
    );
    return parseTokenAnswer(response, loginUrl);
  };
}

/** Wraps a caller's provider, so that what it does wrong is told as such. */
export function provided(provider: TokenProvider, clock: Clock): FetchToken {
  return async (outer) => {
    const timer = new AbortController();
    const signal = AbortSignal.any([outer, timer.signal]);
    const inTime = async (): Promise<never> => {
      await clock.sleep(requestTimeoutMs, signal);
      outer.throwIfAborted();
      const waited = `${requestTimeoutMs / 1_000} s`;
      throw new TrunklineError(
        "TOKEN_PROVIDER_FAILED",
        `The token provider did not answer within ${waited}.`,
      );
    };
    const late = inTime();
    late.catch(() => undefined);
    let token: ProvidedToken;
    try {
      token = await Promise.race([provider(signal), late]);
    } catch (cause) {
      if (isTrunklineError(cause)) throw cause;
      throw new TrunklineError("TOKEN_PROVIDER_FAILED", "The token provider failed.", { cause });
    } finally {
      timer.abort();
    }
    if (
      typeof token?.accessToken !== "string" ||
      token.accessToken === "" ||
      !(token.expiresInS > 0)
    ) {
      throw new TrunklineError(
        "TOKEN_PROVIDER_FAILED",
        "The token provider returned no { accessToken, expiresInS }.",
      );
    }
    return token;
  };
}

function parseTokenAnswer(response: HttpResponse, loginUrl: string): ProvidedToken {
  const { status } = response;
  const retryAfterMs = parseRetryAfterMs(response.headers);
  const answer = parseObject(response.body);
  if (status === 200) {
    const accessToken = answer?.["access_token"];
    const expiresInS = answer?.["expires_in"];
    if (
      typeof accessToken === "string" &&
      accessToken !== "" &&
      typeof expiresInS === "number" &&
      expiresInS > 0
    ) {
      return { accessToken, expiresInS };
    }
    throw new TrunklineError(
      "ANSWER_MALFORMED",
      `${loginUrl} answered 200 to a token request, without a token in it.`,
      { status },
    );
  }
  if (status === 429) {
    throw new TrunklineError("RATE_LIMITED", `${loginUrl} limits token requests (429).`, {
      status,
      retryAfterMs,
    });
  }
  if (status >= 500) {
    throw new TrunklineError("SERVICE_FAILED", `${loginUrl} failed to issue a token (${status}).`, {
      status,
      retryAfterMs,
    });
  }
  const word = [answer?.["error"], answer?.["error_description"] ?? answer?.["description"]]
    .filter((part) => typeof part === "string")
    .join(": ");
  const code =
    status === 400 || status === 401 || status === 403 ? "CREDENTIALS_REFUSED" : "ANSWER_MALFORMED";
  throw new TrunklineError(
    code,
    `${loginUrl} refused the client credentials (${status}${word === "" ? "" : `, ${word}`}).`,
    { status },
  );
}

/** A JSON object, or undefined for anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
