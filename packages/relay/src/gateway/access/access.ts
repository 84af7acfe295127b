/**
 * Who is let in to the Event API: clients of the configuration with tokens of this relay, or with their
 * access tokens of Genesys Cloud. What a token may do is looked up each time in the configuration as it
 * is now; only that it is a true one is remembered.
 */
import { createHash } from "node:crypto";
import type { GatewayClient, GatewayConfig } from "../../config/config.ts";
import type { Clock } from "../../ports.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Access, Grant } from "../grant.ts";
import { createBoundedCache } from "./bounded-cache.ts";
import { createGenesysTokens, type AskTokensMe } from "./genesys-tokens.ts";
import { claimsRelay, isJwt, signToken, verifyToken, type TokenClaims } from "./jwt.ts";
import { mayConnect, readingOf } from "./scopes.ts";
import { isSecretOf } from "./secret-hash.ts";
import type { PublicJwk, SigningKey } from "./signing-key.ts";

/** Longer ones are not looked at. */
export const tokenCharactersMax = 4_096;
/** Tokens that are remembered as true; the others are proven each time. */
const provenMax = 20_000;

export type AccessConfig = Pick<
  GatewayConfig,
  "clients" | "eventTypeScopes" | "tokenLifeMs" | "clockLeewayMs"
>;

export interface AccessOptions {
  readonly config: AccessConfig;
  /** Names of the trunks, in the order in which they are asked. */
  readonly trunks: readonly string[];
  readonly key: SigningKey;
  readonly clock: Pick<Clock, "wallMs" | "monotonicMs">;
  /** Makes an id that was never there before. */
  readonly newId: () => string;
  readonly askTokensMe: AskTokensMe;
}

/** What was issued. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresInMs: number;
  readonly scopes: readonly string[];
}

/** What is true of a valid token. */
export interface TokenFacts {
  readonly grant: Grant;
  /** Undefined for a token of Genesys Cloud. */
  readonly claims: TokenClaims | undefined;
}

/** Issues tokens and looks into them. */
export interface Tokens {
  /** Whether a client and its secret belong together. @throws GatewayError CLIENT_UNKNOWN */
  authenticate(clientId: string, secret: string): GatewayClient;
  /**
   * @param scopes undefined asks for all that the client has
   * @throws GatewayError SCOPE_INVALID
   */
  issue(client: GatewayClient, scopes: readonly string[] | undefined): Promise<IssuedToken>;
  /** @throws GatewayError as `verify` */
  inspect(token: string): Promise<TokenFacts>;
  /** The public keys that prove its tokens (RFC 7517). */
  readonly keys: readonly PublicJwk[];
}

export interface AccessControl extends Access, Tokens {
  /** Goes by another configuration from now on: tokens stay, what they grant may change. */
  reconfigure(config: AccessConfig, trunks: readonly string[]): void;
}

export function createAccess(options: AccessOptions): AccessControl {
  const { key, clock, newId } = options;
  let { config, trunks } = options;
  let known = knownOf(config);
  const proven = createBoundedCache<TokenClaims>(provenMax);
  const genesys = createGenesysTokens(options.askTokensMe, () => clock.monotonicMs());
  /** What each grant was made of. */
  const origins = new WeakMap<Grant, Origin>();

  // There is one for each socket, so what is the same for all of a client is not in it.
  const grantOf = (origin: Origin, granted: Granted): Grant => {
    const { client, mayRead } = origin;
    const scopes = granted.scopes.filter((scope) => client.scopes.includes(scope));
    const grant: Grant = {
      clientId: client.id,
      scopes,
      expiresAtMs: granted.expiresAtMs,
      trunks: client.trunks,
      mayConnect: mayConnect(scopes),
      mayRead: (eventType) => mayRead(scopes, eventType),
    };
    origins.set(grant, origin);
    return grant;
  };

  const proveOwn = async (token: string): Promise<TokenClaims> => {
    const nowMs = clock.wallMs();
    const name = createHash("sha256").update(token).digest("base64");
    const before = proven.get(name, nowMs);
    if (before !== undefined) return before;
    const claims = await verifyToken(token, { key, nowMs, leewayMs: config.clockLeewayMs });
    proven.put(name, claims, claims.expiresAtMs);
    return claims;
  };

  const inspectOwn = async (token: string): Promise<TokenFacts> => {
    const claims = await proveOwn(token);
    const origin = known.get(claims.clientId);
    if (origin === undefined)
      throw new GatewayError(
        "CLIENT_UNKNOWN",
        `The token was issued to the client ${claims.clientId}, which is no longer in the configuration.`,
      );
    return { claims, grant: grantOf(origin, claims) };
  };

  /** Trunks whose tokens of Genesys Cloud a client may present. */
  const vouching = (): readonly string[] => {
    const listed = config.clients.filter(({ genesysClientId }) => genesysClientId !== undefined);
    return trunks.filter((trunk) => listed.some((client) => sees(client, trunk)));
  };

  const inspectGenesys = async (token: string, asked: readonly string[]): Promise<TokenFacts> => {
    const { oauthClientId, trunk } = await genesys.identify(token, asked);
    const origin = [...known.values()].find(
      ({ client }) => client.genesysClientId === oauthClientId && sees(client, trunk),
    );
    if (origin === undefined)
      throw new GatewayError(
        "CLIENT_UNKNOWN",
        "The token is one of Genesys Cloud, and its OAuth client is the genesysClientId of no client here.",
      );
    // The service does not say when a token ends, so what it grants ends as one of ours would.
    const expiresAtMs = clock.wallMs() + config.tokenLifeMs;
    return {
      claims: undefined,
      grant: grantOf(origin, { scopes: origin.client.scopes, expiresAtMs }),
    };
  };

  const inspect = async (token: string): Promise<TokenFacts> => {
    if (token === "") throw new GatewayError("TOKEN_MISSING", "The token is empty.");
    if (token.length > tokenCharactersMax)
      throw new GatewayError(
        "TOKEN_INVALID",
        `The token has ${token.length} characters; none of this relay has more than ${tokenCharactersMax}.`,
      );
    if (!/^[\u0021-\u007E]+$/u.test(token))
      throw new GatewayError("TOKEN_INVALID", "The token has characters in it that no token has.");
    const asked = vouching();
    if (claimsRelay(token) || (isJwt(token) && asked.length === 0)) return inspectOwn(token);
    if (asked.length > 0) return inspectGenesys(token, asked);
    throw new GatewayError(
      "TOKEN_INVALID",
      "The token is no JWT, as every token of this relay is; and access tokens of Genesys Cloud are not taken, since no client has a genesysClientId.",
    );
  };

  return {
    keys: [key.jwk],
    inspect,
    verify: async (token) => (await inspect(token)).grant,
    isClient: (clientId) => known.has(clientId),
    stillHolds: (grant) => {
      const origin = origins.get(grant);
      const now = known.get(grant.clientId);
      return origin !== undefined && now !== undefined && holds(origin, now, grant);
    },
    authenticate: (clientId, secret) => {
      const client = known.get(clientId)?.client;
      const isRight = isSecretOf(client?.secretHash, secret);
      if (client !== undefined && isRight) return client;
      // Which of the two it was is nobody's business who does not know both.
      throw new GatewayError("CLIENT_UNKNOWN", "There is no client of this id with this secret.");
    },
    issue: async (client, wanted = client.scopes) => {
      const missing = wanted.filter((scope) => !client.scopes.includes(scope));
      if (missing.length > 0)
        throw new GatewayError(
          "SCOPE_INVALID",
          `The client ${client.id} has not got ${missing.map(shownScope).join(", ")}; it has ${client.scopes.join(", ")}.`,
        );
      // A JWT counts in whole seconds.
      const nowMs = Math.floor(clock.wallMs() / 1_000) * 1_000;
      const expiresInMs = config.tokenLifeMs;
      const token = await signToken(key, {
        id: newId(),
        clientId: client.id,
        scopes: wanted,
        issuedAtMs: nowMs,
        notBeforeMs: nowMs,
        expiresAtMs: nowMs + expiresInMs,
      });
      return { token, expiresInMs, scopes: wanted };
    },
    reconfigure: (next, nextTrunks) => {
      config = next;
      trunks = nextTrunks;
      known = knownOf(next);
    },
  };
}

interface Granted {
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** What the configuration says of a client. */
interface Origin {
  readonly client: GatewayClient;
  readonly eventTypeScopes: GatewayConfig["eventTypeScopes"];
  readonly mayRead: ReturnType<typeof readingOf>;
}

/** All clients, by their ids. */
function knownOf({ clients, eventTypeScopes }: AccessConfig): ReadonlyMap<string, Origin> {
  return new Map(
    clients.map((client) => {
      const mayRead = readingOf({ client, eventTypeScopes });
      return [client.id, { client, eventTypeScopes, mayRead }];
    }),
  );
}

function sees({ trunks }: Pick<GatewayClient, "trunks">, trunk: string): boolean {
  return trunks === undefined || trunks.includes(trunk);
}

/** Whether a client has at least what it had; what it has gained, its next token grants. */
function holds(
  { client: old, eventTypeScopes }: Origin,
  { client: now, eventTypeScopes: scopesNow }: Origin,
  grant: Grant,
): boolean {
  return (
    includesAll(now.scopes, grant.scopes) &&
    isWithin(old.trunks, now.trunks) &&
    isWithin(old.eventTypes, now.eventTypes) &&
    // An event type that asks for a scope now must have asked for it before, or the grant must have it.
    Object.entries(scopesNow).every(
      ([name, scope]) => eventTypeScopes[name] === scope || grant.scopes.includes(scope),
    ) &&
    // Another secret says that the old one is known to somebody.
    old.secretHash === now.secretHash &&
    old.genesysClientId === now.genesysClientId
  );
}

/** Whether all that was allowed still is; undefined allows everything. */
function isWithin(old: readonly string[] | undefined, now: readonly string[] | undefined): boolean {
  return now === undefined || (old !== undefined && includesAll(now, old));
}

function includesAll(these: readonly string[], those: readonly string[]): boolean {
  return those.every((one) => these.includes(one));
}

/** Out of a request, so anything may be in it. */
function shownScope(scope: string): string {
  return `"${scope.slice(0, 100).replaceAll(/[^\u0021\u0023-\u005B\u005D-\u007E]/gu, "?")}"`;
}
