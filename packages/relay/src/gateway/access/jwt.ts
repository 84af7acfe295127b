/**
 * Tokens of this relay as JWTs: signed with EdDSA and its one key, nothing else is taken. That a token
 * is well signed says who issued it, not that its client may still do anything.
 */
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  SignJWT,
  type JWTPayload,
} from "jose";
import { GatewayError } from "../gateway-error.ts";
import type { SigningKey } from "./signing-key.ts";

/** What a token says, once it is proven. Instants are wall time. */
export interface TokenClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly id: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly issuedAtMs: number;
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
}

const algorithm = "EdDSA";
export const audience = "urn:trunkline:event-api";

const issuerPrefix = "urn:trunkline:relay:";

/** Relays that share a key are one issuer. */
export function issuerOf({ kid }: Pick<SigningKey, "kid">): string {
  return issuerPrefix + kid;
}

export async function signToken(
  key: SigningKey,
  claims: Omit<TokenClaims, "issuer" | "audience">,
): Promise<string> {
  return new SignJWT({ client_id: claims.clientId, scope: claims.scopes.join(" ") })
    .setProtectedHeader({ alg: algorithm, kid: key.kid, typ: "JWT" })
    .setIssuer(issuerOf(key))
    .setAudience(audience)
    .setJti(claims.id)
    .setIssuedAt(claims.issuedAtMs / 1_000)
    .setNotBefore(claims.notBeforeMs / 1_000)
    .setExpirationTime(claims.expiresAtMs / 1_000)
    .sign(key.privateKey);
}

/** What a relay goes by when it looks at a token. */
export interface TokenRules {
  readonly key: SigningKey;
  /** Wall time. */
  readonly nowMs: number;
  readonly leewayMs: number;
}

/** @throws GatewayError TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID */
export async function verifyToken(token: string, rules: TokenRules): Promise<TokenClaims> {
  const { key, nowMs, leewayMs } = rules;
  checkHeader(token, key);
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(token, key.publicKey, {
      algorithms: [algorithm],
      issuer: issuerOf(key),
      audience,
      // Times are compared below, where the difference can be told; here they must only be numbers.
      currentDate: new Date(nowMs),
      clockTolerance: Number.MAX_SAFE_INTEGER,
    }));
  } catch (error) {
    throw refusalOf(error);
  }
  const claims = claimsOf(payload);
  checkTimes(claims, nowMs, leewayMs);
  return claims;
}

/** Whether a text has the form of a JWT. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]*\.[\w-]*$/u.test(token);
}

/**
 * Whether a text says of itself that it is a token of a relay: proves nothing. Of Genesys Cloud's own access
 * tokens the form is not stated; as far as is known they are opaque, but they may be JWTs (GENESYS.md 1.2).
 */
export function claimsRelay(token: string): boolean {
  try {
    return decodeJwt(token).iss?.startsWith(issuerPrefix) === true;
  } catch {
    return false;
  }
}

/** Looked at before the signature, so that the refusal can say what it really is. */
function checkHeader(token: string, key: SigningKey): void {
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw invalid("The token is damaged: its header cannot be read.");
  }
  const { alg, kid } = header;
  if (alg === "none") throw invalid("The token is not signed (alg: none).");
  if (alg !== algorithm)
    throw invalid(
      `The token is signed with ${shown(alg)}; this relay signs with ${algorithm} alone.`,
    );
  if (kid !== key.kid)
    throw invalid(
      kid === undefined
        ? "The token names no key (kid), as every token of a relay does."
        : `The token was signed with the key ${shown(kid)}, which is not this relay's: another relay issued it, or this one before its key was changed.`,
    );
}

function refusalOf(error: unknown): GatewayError {
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return invalid(
      "The signature does not fit the token: it was changed, or cut, on its way.",
      error,
    );
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`The token's claim ${error.claim} is not as this relay writes it.`, error);
  if (error instanceof errors.JOSEError)
    return invalid("The token cannot be read as a JWT.", error);
  throw error;
}

function claimsOf(payload: JWTPayload): TokenClaims {
  const { iss, aud, jti, iat, nbf, exp, client_id: clientId, scope } = payload;
  if (
    typeof iss !== "string" ||
    typeof aud !== "string" ||
    typeof jti !== "string" ||
    typeof clientId !== "string" ||
    typeof scope !== "string" ||
    iat === undefined ||
    nbf === undefined ||
    exp === undefined
  )
    throw invalid("The token has not all claims that a token of a relay has.");
  return {
    issuer: iss,
    audience: aud,
    id: jti,
    clientId,
    scopes: scope === "" ? [] : scope.split(" "),
    issuedAtMs: iat * 1_000,
    notBeforeMs: nbf * 1_000,
    expiresAtMs: exp * 1_000,
  };
}

function checkTimes(
  { notBeforeMs, expiresAtMs }: TokenClaims,
  nowMs: number,
  leewayMs: number,
): void {
  if (notBeforeMs > nowMs + leewayMs)
    throw new GatewayError(
      "TOKEN_NOT_YET_VALID",
      `The token is valid from ${instant(notBeforeMs)} on, which is ${seconds(notBeforeMs - nowMs)} s ahead of this relay's clock (${instant(nowMs)}); ${seconds(leewayMs)} s are allowed.`,
    );
  if (expiresAtMs + leewayMs <= nowMs)
    throw new GatewayError(
      "TOKEN_EXPIRED",
      `The token has expired at ${instant(expiresAtMs)}, ${seconds(nowMs - expiresAtMs)} s ago by this relay's clock (${instant(nowMs)}).`,
    );
}

function invalid(message: string, cause?: unknown): GatewayError {
  return new GatewayError("TOKEN_INVALID", message, { cause });
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}

/** Names out of a token, which anybody may have written. */
function shown(name: unknown): string {
  return typeof name === "string"
    ? `"${name.slice(0, 64).replaceAll(/[^\w.-]/gu, "?")}"`
    : "something unnamed";
}
