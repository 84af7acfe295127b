/** The two calls of the threads that are no sockets: a subscription by POST (000), and introspection (001). */
import { Buffer } from "node:buffer";
import type { CloudRequest, CloudResponse } from "../cloud/contract.ts";
import { refusals } from "../cloud/errors.ts";
import { done, refused, toResponse, type Reply } from "../cloud/reply.ts";
import { splitPath } from "../cloud/router.ts";
import type { Settings } from "../cloud/settings.ts";
import type { Tokens } from "../cloud/tokens.ts";
import { bodyFault } from "./body.ts";

/** On every answer of the legacy face. */
export const legacyHeaders = {
  "x-trunkline-mock": "legacy: Genesys Cloud has no such service",
} as const;

export interface LegacyRestPorts {
  readonly settings: Settings;
  readonly tokens: Tokens;
  readonly newCorrelationId: () => string;
}

const eventsPath = "/api/v2/analytics/events";
const introspectPath = "/api/v2/oauth2/introspect";
const eventsScope = "analytics:events:read";

/** Undefined where the path is none of the two. */
export function legacyReply(
  request: CloudRequest,
  ports: LegacyRestPorts,
  nowMs: number,
): CloudResponse | undefined {
  const { path } = splitPath(request.path);
  const answer =
    path === eventsPath ? subscription : path === introspectPath ? introspection : undefined;
  if (ports.settings.legacy === "off" || answer === undefined) return undefined;
  const method = request.method.toUpperCase();
  const reply =
    method === "POST" ? answer(request, ports, nowMs) : refused(refusals.methodNotAllowed(method));
  return toResponse(reply, ports.newCorrelationId(), nowMs, legacyHeaders);
}

/** "You should see a 400 Bad Request or 403 Forbidden": for the body, and for the scope. */
function subscription(
  { headers, body }: CloudRequest,
  { settings, tokens, newCorrelationId }: LegacyRestPorts,
  nowMs: number,
): Reply {
  const text = /^bearer +(\S+)$/iu.exec((headers["authorization"] ?? "").trim())?.[1];
  if (text === undefined) return refused(refusals.authenticationRequired());
  if (tokens.present(text, nowMs).kind !== "live") return refused(refusals.badCredentials());
  if (!settings.legacyScopes.includes(eventsScope))
    return refused({ status: 403, code: "not.authorized", message: "Forbidden" });
  const subscribed = parsed(body);
  if (bodyFault(subscribed) !== undefined) return refused(refusals.badRequest("Bad Request"));
  return done(200, { id: newCorrelationId(), ...(subscribed as object) });
}

/** As RFC 7662, 2.2. The thread writes its Basic credentials as they are, and not in base64: both are taken. */
function introspection(
  { headers, body }: CloudRequest,
  { settings, tokens }: LegacyRestPorts,
  nowMs: number,
): Reply {
  const basic = /^basic +(\S+)$/iu.exec((headers["authorization"] ?? "").trim())?.[1] ?? "";
  const decoded = Buffer.from(basic, "base64").toString("utf8");
  const [clientId = "", secret] = (basic.includes(":") ? basic : decoded).split(/:(.*)/su);
  const client = tokens.clients.get(clientId);
  if (client === undefined || client.clientSecret !== secret)
    return refused(refusals.badCredentials());
  const text = new URLSearchParams(body).get("token");
  if (text === null) return refused(refusals.badRequest("token is missing"));
  const presented = tokens.present(text, nowMs);
  if (presented.kind !== "live") return done(200, { active: false });
  const { issuedAtMs, notBeforeMs, expiresAtMs, client: owner } = presented.token;
  return done(200, {
    active: true,
    scope: settings.legacyScopes.join(" "),
    client_id: owner.clientId,
    token_type: "bearer",
    iat: seconds(issuedAtMs),
    nbf: seconds(notBeforeMs),
    exp: seconds(expiresAtMs),
  });
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
