/**
 * The REST client: one request in, one answer or one coded error out. It keeps the request budget,
 * renews a refused token once, and reads the API's error body. It does not retry: whoever asked
 * decides, with the error's retry policy in hand.
 */
import { TrunklineError, type ErrorCode } from "../errors.ts";
import type { HttpResponse } from "../ports.ts";
import { exchange, type ExchangePorts } from "./exchange.ts";
import { parseRetryAfterMs, type RequestBudget } from "./budget.ts";
import { parseObject, type Token, type TokenSource } from "./tokens.ts";

export interface RestRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** The path with names in place of ids: for the budget, messages and traces, which must hold no channel id. */
  readonly route: string;
  readonly body?: unknown;
  /** Who holds the token to use, and gets the new one when it turns out to be dead. The source's current one where absent. */
  readonly holder?: { token: Token };
  /** The token to use where nobody holds one. */
  readonly token?: Token | undefined;
  /** Whether it may wait until the lines have sent what they have to. */
  readonly isBackground?: boolean;
}

export interface RestAnswer {
  readonly status: number;
  readonly json: unknown;
  /** The token that was accepted. */
  readonly token: Token;
}

export interface RestPorts extends ExchangePorts {
  readonly apiUrl: string;
  readonly tokens: TokenSource;
  readonly budget: RequestBudget;
}

export class Rest {
  readonly #ports: RestPorts;
  #serverOffsetMs: number | undefined;

  constructor(ports: RestPorts) {
    this.#ports = ports;
  }

  /** The server's clock minus ours, in milliseconds, from the last `Date` header (to the second). */
  get serverOffsetMs(): number | undefined {
    return this.#serverOffsetMs;
  }

  /**
   * Sends a request. Resolves for every 2xx.
   * @throws TrunklineError with a code that says what to do
   */
  async call(request: RestRequest, signal: AbortSignal): Promise<RestAnswer> {
    const { tokens } = this.#ports;
    const token = request.holder?.token ?? request.token ?? (await tokens.get());
    const first = await this.#send(request, token, signal);
    if (first.status !== 401) return this.#read(request, first, token);
    const renewed = await tokens.replace(token);
    if (request.holder !== undefined) request.holder.token = renewed;
    const second = await this.#send(request, renewed, signal);
    return this.#read(request, second, renewed);
  }

  async #send(request: RestRequest, token: Token, signal: AbortSignal): Promise<HttpResponse> {
    const { apiUrl, budget } = this.#ports;
    const endpoint = `${request.method} ${request.route}`;
    if (request.isBackground === true) await budget.takeInBackground(endpoint, signal);
    else await budget.take(endpoint, signal);
    const response = await exchange(
      this.#ports,
      {
        method: request.method,
        url: `${apiUrl}${request.path}`,
        headers: {
          authorization: `Bearer ${token.secret.reveal()}`,
          accept: "application/json",
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      },
      `${apiUrl}${request.route}`,
      signal,
    );
    budget.learn(
      endpoint,
      response.headers,
      response.status === 429 ? parseRetryAfterMs(response.headers) : undefined,
    );
    this.#learnOffset(response.headers["date"]);
    return response;
  }

  #read(request: RestRequest, response: HttpResponse, token: Token): RestAnswer {
    if (response.status < 200 || response.status > 299) throw this.#error(request, response, token);
    if (request.method === "HEAD" || response.body === "")
      return { status: response.status, json: undefined, token };
    const json = parseObject(response.body);
    if (json === undefined) {
      throw new TrunklineError(
        "ANSWER_MALFORMED",
        `${this.#name(request)} answered ${response.status} with something that is not JSON.`,
        { status: response.status },
      );
    }
    return { status: response.status, json, token };
  }

  /** The API's error body: message, code, status, contextId, details (official SDK, model ErrorBody). */
  #error(request: RestRequest, response: HttpResponse, token: Token): TrunklineError {
    const body = parseObject(response.body);
    const words = [body?.["code"], body?.["message"]]
      .filter((word) => typeof word === "string")
      .join(": ")
      // The service may echo what we sent.
      .replaceAll(token.secret.reveal(), token.secret.toString());
    const message = `${this.#name(request)} was answered ${response.status}${words === "" ? "" : ` (${words})`}.`;
    return new TrunklineError(codeOf(response.status), message, {
      status: response.status,
      retryAfterMs: parseRetryAfterMs(response.headers),
      correlationId: response.headers["inin-correlation-id"],
      missingPermissions: permissionsIn(body),
    });
  }

  #name(request: RestRequest): string {
    return `${request.method} ${this.#ports.apiUrl}${request.route}`;
  }

  #learnOffset(date: string | undefined): void {
    const serverMs = Date.parse(date ?? "");
    if (Number.isFinite(serverMs)) this.#serverOffsetMs = serverMs - this.#ports.clock.wallMs();
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return "TOKEN_REFUSED";
  if (status === 403) return "FORBIDDEN";
  if (status === 404) return "NOT_FOUND";
  if (status === 408) return "REQUEST_TIMED_OUT";
  if (status === 429) return "RATE_LIMITED";
  if (status >= 500) return "SERVICE_FAILED";
  if (status >= 300 && status < 400) return "ANSWER_MALFORMED";
  return "REQUEST_REFUSED";
}

/** The permission that a 403 names: `The user does not have permission "X" required for topic "T"`. */
function permissionsIn(body: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const message = body?.["message"];
  if (typeof message !== "string") return [];
  return [...message.matchAll(/permission "([^"]+)"/g)].map((match) => match[1] ?? "");
}
