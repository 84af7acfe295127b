/**
 * From a request to a route: path, method, token, rate limit, permissions, body, in this order.
 */
import { Buffer } from "node:buffer";
import type { CloudRequest, CloudResponse } from "./contract.ts";
import { refusals, type Refusal } from "./errors.ts";
import { issueToken } from "./oauth.ts";
import { refused, toResponse, type Reply } from "./reply.ts";
import type { Settings } from "./settings.ts";
import type { Client, Token, Tokens } from "./tokens.ts";

/** A request that has been let in. */
export interface Exchange {
  readonly request: CloudRequest;
  readonly query: URLSearchParams;
  /** What stood at each `*` of the route. */
  readonly parameters: readonly string[];
  /** The parsed body; undefined when there was none. */
  readonly json: unknown;
  readonly token: Token;
  readonly nowMs: number;
}

/** What a call needs: one of these permissions, or every one. */
export type Needed = { readonly any: readonly string[] } | { readonly all: readonly string[] };

export interface Route {
  readonly method: string;
  /** Segments after the host; `*` is one segment of any text. */
  readonly path: string;
  /** Without them the call is refused with 403. @default none */
  readonly permissions?: Needed;
  /** Whether a JSON body is read. @default false */
  readonly reads?: boolean;
  readonly answer: (exchange: Exchange) => Reply;
}

export interface RouterPorts {
  readonly routes: readonly Route[];
  readonly tokens: Tokens;
  readonly settings: Settings;
  readonly newCorrelationId: () => string;
  /** Which of the two hosts a request came to; `undefined` serves both (one port for all). */
  readonly hostRole: (host: string | undefined) => "api" | "login" | undefined;
}

const minuteMs = 60_000;

export function createRouter(
  ports: RouterPorts,
): (request: CloudRequest, nowMs: number) => CloudResponse {
  const routes = ports.routes.map((route) => ({ ...route, parts: route.path.split("/") }));

  return (request, nowMs) => {
    const correlationId = ports.newCorrelationId();
    const method = request.method.toUpperCase();
    const { path, query } = splitPath(request.path);
    const role = ports.hostRole(request.headers["host"]);
    const finish = (reply: Reply, extra?: Readonly<Record<string, string>>): CloudResponse => {
      const response = toResponse(reply, correlationId, nowMs, extra);
      return method === "HEAD" ? { ...response, body: "" } : response;
    };
    const tooLarge = Buffer.byteLength(request.body) > ports.settings.requestBytesMax;
    if (tooLarge) return finish(refused(tooLargeBody(ports.settings)));

    if (path === "/oauth/token" && role !== "api") {
      if (method !== "POST") return finish(refused(refusals.methodNotAllowed(method)));
      return finish(issueToken(request, ports.tokens, ports.settings, nowMs));
    }
    const parts = path.split("/");
    const fitting = role === "login" ? [] : routes.filter((route) => fits(route.parts, parts));
    const route = fitting.find((candidate) => candidate.method === method);
    if (fitting.length === 0) return finish(refused(refusals.notFound("The requested resource")));
    if (route === undefined) return finish(refused(refusals.methodNotAllowed(method)));

    const token = authenticate(request.headers["authorization"], ports.tokens);
    if ("status" in token) return finish(refused(token));
    token.client.requests += 1;
    const limited = limit(token, ports.settings, nowMs);
    if (limited.refusal !== undefined) return finish(refused(limited.refusal), limited.headers);

    const unpermitted = lacking(token.client, route.permissions);
    if (unpermitted !== undefined) return finish(refused(unpermitted), limited.headers);

    const body = route.reads === true ? readJson(request) : { json: undefined };
    if ("refusal" in body) return finish(refused(body.refusal), limited.headers);
    const parameters = parts.filter((_, index) => route.parts[index] === "*");
    const exchange = { request, query, parameters, json: body.json, token, nowMs };
    return finish(route.answer(exchange), limited.headers);
  };
}

/** Never throws: what cannot be decoded stays as it is and fits no route. */
export function splitPath(path: string): { path: string; query: URLSearchParams } {
  const mark = path.indexOf("?");
  const bare = mark === -1 ? path : path.slice(0, mark);
  return {
    path: bare.length > 1 && bare.endsWith("/") ? bare.slice(0, -1) : bare,
    query: new URLSearchParams(mark === -1 ? "" : path.slice(mark + 1)),
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) => (part === "*" ? parts[index] !== "" : part === parts[index]))
  );
}

/** The three codes of a 401 (GENESYS.md 3.6). */
function authenticate(header: string | undefined, tokens: Tokens): Token | Refusal {
  const value = /^bearer +(\S+)$/iu.exec((header ?? "").trim())?.[1];
  if (value === undefined) return refusals.authenticationRequired();
  const token = tokens.find(value);
  if (token === undefined || token.state === "revoked") return refusals.badCredentials();
  if (token.state === "expired") return refusals.credentialsExpired();
  return token;
}

/** GENESYS.md 3.6: one code where any permission is enough, and one where all are needed. */
function lacking({ permissions }: Client, needed: Needed | undefined): Refusal | undefined {
  if (needed === undefined || permissions === "all") return undefined;
  const holds = (permission: string): boolean => permissions.has(permission);
  if ("any" in needed)
    return needed.any.some(holds) ? undefined : refusals.missingAnyPermissions(needed.any);
  const missing = needed.all.filter((permission) => !holds(permission));
  return missing.length === 0 ? undefined : refusals.missingPermissions(missing);
}

/** GENESYS.md 5: 300 calls a minute and token; the headers come with every reply. */
function limit(
  token: Token,
  settings: Settings,
  nowMs: number,
): { readonly headers: Readonly<Record<string, string>>; readonly refusal?: Refusal } {
  if (nowMs >= token.windowEndsAtMs) {
    token.windowEndsAtMs = nowMs + minuteMs;
    token.windowRequests = 0;
  }
  const allowed = settings.requestsPerMinuteMax;
  const over = token.windowRequests >= allowed;
  if (!over) token.windowRequests += 1;
  const resetSeconds = Math.max(1, Math.ceil((token.windowEndsAtMs - nowMs) / 1000));
  const headers = {
    "inin-ratelimit-count": String(token.windowRequests),
    "inin-ratelimit-allowed": String(allowed),
    "inin-ratelimit-reset": String(resetSeconds),
  };
  if (!over) return { headers };
  return { headers, refusal: refusals.rateLimited(settings.rateLimitCode, resetSeconds) };
}

function tooLargeBody(settings: Settings): Refusal {
  return {
    status: 413,
    code: settings.tooLargeCode,
    message: `The request has more than ${settings.requestBytesMax} bytes.`,
  };
}

function readJson(request: CloudRequest): { json: unknown } | { refusal: Refusal } {
  if (request.body === "") return { json: undefined };
  const mediaType = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") return { refusal: refusals.unsupportedMediaType() };
  try {
    const json: unknown = JSON.parse(request.body);
    return { json };
  } catch {
    return { refusal: refusals.badRequest("The request body is not valid JSON.") };
  }
}
