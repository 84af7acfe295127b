/** A relay in another process, over HTTP: what it says, or why it does not, as errors with a code. */
import { RelayError, relayErrorCodes, type RelayErrorCode } from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { CliError } from "../errors.ts";
import type { HttpAnswer, HttpRequest, System } from "../system.ts";
import { resolveAddress, type Address, type AddressFlags } from "./address.ts";

/** The largest answer that is read as one. */
const bodyCharactersMax = 32 * 1024 * 1024;
/** So long the relay may take to say something. */
const askMsMax = 30_000;
/** So long it may take to do something: a replay writes to a destination that may be slow. */
const orderMsMax = 15 * 60_000;

export interface RemoteRelay {
  readonly url: string;
  /** @throws CliError, RelayError */
  ask<T>(path: string): Promise<T>;
  /** @throws CliError, RelayError */
  order<T>(path: string, body?: object): Promise<T>;
  /**
   * The pieces of an answer that may never end. `later` is what may be otherwise in a moment.
   * @throws CliError, RelayError for what will not
   */
  open(path: string, signal: AbortSignal): Promise<Opened>;
}

export type Opened =
  | { readonly kind: "open"; readonly pieces: AsyncIterable<string> }
  | { readonly kind: "later"; readonly error: CliError | RelayError };

/** The relay that the options name. Nothing is sent before it is asked. */
export function openRemote(flags: AddressFlags, system: ConcealingSystem): RemoteRelay {
  return createRemote(resolveAddress(flags, system), system);
}

export function createRemote(address: Address, system: System): RemoteRelay {
  const { url } = address;

  /** Rejects with RELAY_UNREACHABLE or RELAY_UNTRUSTED for everything that the road does. */
  const send = async (
    method: HttpRequest["method"],
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> => {
    const headers = {
      accept: "application/json, application/x-ndjson",
      "user-agent": `trunkline/${system.version}`,
      ...(address.token === undefined ? {} : { authorization: `Bearer ${address.token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    try {
      return await system.http({ method, url: `${url}${path}`, headers, body: text }, signal);
    } catch (error) {
      throw unreachable(url, error);
    }
  };

  const exchange = async <T>(
    method: HttpRequest["method"],
    path: string,
    body: object | undefined,
    msMax: number,
  ): Promise<T> => {
    const done = new AbortController();
    const enough = AbortSignal.any([done.signal, system.stop]);
    const late = new AbortController();
    const signal = AbortSignal.any([enough, late.signal]);
    void system.clock.sleep(msMax, enough).then(() => late.abort());
    try {
      const answer = await send(method, path, body, signal);
      const text = await readAll(answer.body, url);
      if (answer.status >= 400) throw refusal(url, answer.status, text, address);
      return parse(url, answer.status, text) as T;
    } catch (error) {
      if (system.stop.aborted)
        throw new CliError("INTERRUPTED", "It was ended before the relay had answered.");
      if (late.signal.aborted)
        throw new CliError("RELAY_UNREACHABLE", `${url} did not answer within ${msMax / 1_000} s.`);
      throw error;
    } finally {
      done.abort();
    }
  };

  return {
    url,
    ask: (path) => exchange("GET", path, undefined, askMsMax),
    order: (path, body) => exchange("POST", path, body, orderMsMax),
    open: async (path, signal) => {
      try {
        const answer = await send("GET", path, undefined, signal);
        if (answer.status === 200) return { kind: "open", pieces: answer.body };
        const error = refusal(url, answer.status, await readAll(answer.body, url), address);
        if (answer.status >= 500 || answer.status === 429) return { kind: "later", error };
        throw error;
      } catch (error) {
        if (error instanceof CliError && error.code === "RELAY_UNREACHABLE")
          return { kind: "later", error };
        throw error;
      }
    },
  };
}

/** What OpenSSL says of a certificate, as Node names it. */
const distrust =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID)$/u;

function unreachable(url: string, error: unknown): CliError {
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && distrust.test(code))
    return new CliError("RELAY_UNTRUSTED", `The certificate of ${url} is not trusted (${code}).`, {
      cause: error,
    });
  return new CliError("RELAY_UNREACHABLE", `No relay answers at ${url}: ${roadWords(error)}.`, {
    cause: error,
  });
}

/** What the road did, in words: `connection refused (ECONNREFUSED)`. */
export function roadWords(error: unknown): string {
  // Where a name has several addresses, all of them have failed.
  const first: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const { code, message } = first as { code?: unknown; message?: unknown };
  const text = typeof message === "string" && message !== "" ? message : "unknown reason";
  if (typeof code !== "string") return text.replace(/\.$/u, "");
  const words = roads[code];
  return words === undefined ? `${text.replace(/\.$/u, "")} (${code})` : `${words} (${code})`;
}

const roads: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "there is no way to that address",
  ENETUNREACH: "there is no way to that network",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name cannot be looked up",
  ETIMEDOUT: "the address does not answer",
  EPROTO: "it does not speak TLS",
  HPE_INVALID_CONSTANT: "it does not speak HTTP",
};

async function readAll(pieces: AsyncIterable<string>, url: string): Promise<string> {
  let text = "";
  try {
    for await (const piece of pieces) {
      text += piece;
      if (text.length > bodyCharactersMax) break;
    }
  } catch (error) {
    throw unreachable(url, error);
  }
  if (text.length <= bodyCharactersMax) return text;
  throw new CliError(
    "NOT_A_RELAY",
    `${url} answers with more than ${bodyCharactersMax} characters.`,
  );
}

function parse(url: string, status: number, text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError("NOT_A_RELAY", `${url} answers with ${status}, and not with JSON.`, {
      cause,
    });
  }
}

/** The relay's own words where it gives any. */
function refusal(
  url: string,
  status: number,
  text: string,
  { token }: Address,
): CliError | RelayError {
  if (status === 401) {
    return token === undefined
      ? new CliError("TOKEN_MISSING", `The relay at ${url} wants a token.`)
      : new CliError("TOKEN_REFUSED", `The relay at ${url} does not take this token.`);
  }
  const said = errorIn(text);
  if (said === undefined)
    return new CliError("NOT_A_RELAY", `${url} answers with ${status}, and without a reason.`);
  const { code, message, help } = said;
  const options = help === undefined ? {} : { help };
  // A bug of the relay is not one of this program.
  return isKnown(code) && code !== "INTERNAL"
    ? new RelayError(code, message, options)
    : new CliError("RELAY_REFUSED", `${code}: ${message}`, options);
}

/** A relay of another version may have other codes. */
function isKnown(code: string): code is RelayErrorCode {
  return Object.hasOwn(relayErrorCodes, code);
}

function errorIn(
  text: string,
): { readonly code: string; readonly message: string; readonly help?: string } | undefined {
  try {
    const { error } = JSON.parse(text) as {
      error?: { code?: unknown; message?: unknown; help?: unknown };
    };
    const { code, message, help } = error ?? {};
    if (typeof code !== "string" || typeof message !== "string") return undefined;
    return { code, message, ...(typeof help === "string" ? { help } : {}) };
  } catch {
    return undefined;
  }
}
