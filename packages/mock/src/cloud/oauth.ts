/**
 * `POST /oauth/token` with client credentials (GENESYS.md 1.1). Its error body is not the API's (GENESYS.md 3.6).
 */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import type { CloudRequest } from "./contract.ts";
import { done, type Reply } from "./reply.ts";
import type { Settings } from "./settings.ts";
import type { Tokens } from "./tokens.ts";

function oauthError(status: number, error: string, description: string): Reply {
  return done(status, { error, description, error_description: description });
}

export function issueToken(
  request: CloudRequest,
  ports: {
    readonly tokens: Tokens;
    readonly settings: Settings;
    readonly speed: number;
    /** Asked in a region where the organisation does not live: nobody is known there. */
    readonly foreign: boolean;
  },
  nowMs: number,
): Reply {
  const { tokens, settings } = ports;
  const mediaType = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/x-www-form-urlencoded")
    return oauthError(415, "invalid_request", "the body must be form-encoded");
  const form = new URLSearchParams(request.body);
  const grant = form.get("grant_type");
  if (grant === null) return oauthError(400, "invalid_request", "grant_type is missing");
  if (grant !== "client_credentials")
    return oauthError(400, "unsupported_grant_type", `grant type ${grant} is not supported here`);

  const credentials = basicCredentials(request.headers["authorization"]) ?? {
    clientId: form.get("client_id") ?? "",
    clientSecret: form.get("client_secret") ?? "",
  };
  const client = ports.foreign ? undefined : tokens.clients.get(credentials.clientId);
  if (client === undefined) return oauthError(400, "invalid_client", "client not found");
  if (!isSame(credentials.clientSecret, client.clientSecret))
    return oauthError(settings.wrongSecretStatus, "invalid_client", "authentication failed");
  if (client.state !== "active")
    return oauthError(400, "invalid_client", `client is ${client.state}`);

  const token = tokens.issue(client, nowMs);
  return done(200, {
    access_token: token.value,
    token_type: "bearer",
    // What a client counts down by its own clock, whatever the claims say.
    expires_in: Math.max(1, Math.floor(client.validityMs / 1000 / ports.speed)),
  });
}

function basicCredentials(
  header: string | undefined,
): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^basic +(\S+)$/iu.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon === -1) return { clientId: decoded, clientSecret: "" };
  return { clientId: decoded.slice(0, colon), clientSecret: decoded.slice(colon + 1) };
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
