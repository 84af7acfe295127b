/**
 * From a request to a route: path, method, token, rate limit, permissions, body, in this order.
 */
import { Buffer } from "node:buffer";
import type { CloudRequest, CloudResponse } from "./contract.ts";
import { refusals, type Refusal } from "./errors.ts";
import { limits } from "./limits.ts";
import { issueToken } from "./oauth.ts";
import { stripPlace, placeOfHost, type Gateway, type HostRole } from "./place.ts";
import { countCall } from "./rate-limit.ts";
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
  readonly speed: number;
  /** Domain of the only region where the organisation lives; undefined when every region's names are its own. */
  readonly region: string | undefined;
  /** Which of the hosts of its own options a request came to; undefined where one serves all. */
  readonly hostRole: (host: string | undefined) => HostRole | undefined;
}

export function createRouter(
  ports: RouterPorts,
): (request: CloudRequest, nowMs: number) => CloudResponse {
  const routes = ports.routes.map((route) => ({ ...route, parts: route.path.split("/") }));

  return (request, nowMs) => {
    const correlationId = ports.newCorrelationId();
    const method = request.method.toUpperCase();
    const { path, query, gateway } = splitPath(request.path);
    const host = request.headers["host"];
    const place = gateway?.place ?? placeOfHost(host);
    const role = place?.role ?? ports.hostRole(host);
    const foreign =
      place !== undefined && ports.region !== undefined && place.region !== ports.region;
    const finish = (reply: Reply, extra?: Readonly<Record<string, string>>): CloudResponse => {
      const response = toResponse(reply, correlationId, nowMs, extra);
      return method === "HEAD" ? { ...response, body: "" } : response;
    };
    const tooLarge = Buffer.byteLength(request.body) > ports.settings.requestBytesMax;
    if (tooLarge) return finish(refused(tooLargeBody(ports.settings)));

    if (path === "/oauth/token" && (role === undefined || role === "login")) {
      if (method !== "POST") return finish(refused(refusals.methodNotAllowed(method)));
      return finish(issueToken(request, { ...ports, foreign }, nowMs));
    }
    const parts = path.split("/");
    const served = role === undefined || role === "api";
    const fitting = !served ? [] : routes.filter((route) => fits(route.parts, parts));
    const route = fitting.find((candidate) => candidate.method === method);
    if (fitting.length === 0) return finish(refused(refusals.notFound("The requested resource")));
    if (route === undefined) return finish(refused(refusals.methodNotAllowed(method)));

    const tokens = foreign ? undefined : ports.tokens;
    const token = authenticate(request.headers["authorization"], tokens, nowMs);
    if ("status" in token) return finish(refused(token));
    token.client.requests += 1;
    const limited = countCall(token, `${method} ${route.path}`, ports, nowMs);
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

/**
 * Path, query, and the region that a client put in front of the path. Never throws: what cannot be decoded stays as it
 * is and fits no route.
 */
export function splitPath(path: string): {
  path: string;
  query: URLSearchParams;
  gateway: Gateway | undefined;
} {
  const mark = path.indexOf("?");
  const bare = mark === -1 ? path : path.slice(0, mark);
  const { rest, gateway } = stripPlace(bare);
  return {
    path: rest.length > 1 && rest.endsWith("/") ? rest.slice(0, -1) : rest,
    query: new URLSearchParams(mark === -1 ? "" : path.slice(mark + 1)),
    gateway,
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) => (part === "*" ? parts[index] !== "" : part === parts[index]))
  );
}

/** The three codes of a 401 (GENESYS.md 3.6). No token is known in a region where the organisation does not live. */
function authenticate(
  header: string | undefined,
  tokens: Tokens | undefined,
  nowMs: number,
): Token | Refusal {
  const value = /^bearer +(\S+)$/iu.exec((header ?? "").trim())?.[1];
  if (value === undefined) return refusals.authenticationRequired();
  const presented = tokens?.present(value, nowMs);
  if (presented?.kind === "live") return presented.token;
  if (presented?.kind === "early") return refusals.notYetValid(presented.behindMs);
  return presented?.kind === "expired" ? refusals.credentialsExpired() : refusals.badCredentials();
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

function tooLargeBody(settings: Settings): Refusal {
  return {
    status: 413,
    code: settings.tooLargeCode,
    message: `The request has more than ${settings.requestBytesMax} bytes.`,
    limit: limits.bytesOfRequest(settings),
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
