import type { CloudClient } from "./contract.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import type { Dice } from "./dice.ts";
import { readJwt, signJwt } from "./jwt.ts";
import type { Minute } from "./rate-limit.ts";
import type { Settings } from "./settings.ts";

/** An OAuth client as it lives in the model. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
  readonly validityMs: number;
  readonly permissions: "all" | ReadonlySet<string>;
  /** The one role that grants them. */
  readonly roleId: string;
  state: "active" | "disabled" | "inactive";
  readonly live: Set<Token>;
  /** Rate limit of all its tokens together. */
  minute: Minute | undefined;
  requests: number;
  tokensIssued: number;
  channelsCreated: number;
}

export interface Token {
  readonly tokenId: number;
  /** What a client sends. */
  readonly value: string;
  readonly client: Client;
  readonly issuedAtMs: number;
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
  state: "live" | "expired" | "revoked";
  expiry: Deadline | undefined;
  /** Rate limits: the running minute of the token, and of each route that has a limit of its own. */
  readonly minutes: Map<string, Minute>;
}

/** What a bearer text is worth now. */
export type Presented =
  | { readonly kind: "live"; readonly token: Token }
  | { readonly kind: "early"; readonly behindMs: number }
  | { readonly kind: "expired" }
  | { readonly kind: "unknown" };

/** By how much the claims of new tokens are off; `expires_in` does not tell. */
export interface ClaimShift {
  readonly nbfMs: number;
  readonly expMs: number;
}

export interface TokenPorts {
  readonly clients: readonly CloudClient[];
  readonly settings: Pick<Settings, "tokensMax" | "tokenFormat" | "jwtValidation" | "jwtLeewayMs">;
  readonly dice: Dice;
  /** Ids of roles: the same at every start. */
  readonly roleDice: Dice;
  readonly deadlines: Deadlines;
  readonly organizationId: string;
  /** Who signs, as `iss` says it. */
  readonly issuer: string;
  readonly onDeath: (token: Token, nowMs: number) => void;
  /** Asked at each issue. @default no shift */
  readonly claimShift?: () => ClaimShift;
}

export const tokenLifeSecondsMin = 300;
export const tokenLifeSecondsMax = 172_800;
const lenientLeewayMs = 60_000;
/** A longer text is no token, even where any text is one. */
const valueCharactersMax = 8192;

/**
 * All tokens, opaque or JWT. Dead ones are remembered, so that an expired one is told from a wrong one, and a revoked JWT
 * from a good one (GENESYS.md 3.6).
 */
export class Tokens {
  readonly clients = new Map<string, Client>();
  /** An opaque token by its text, a JWT by its `jti`. */
  readonly #byKey = new Map<string, Token>();
  readonly #keys = new WeakMap<Token, string>();
  /** In the order in which they died. */
  readonly #dead = new Set<Token>();
  readonly #ports: TokenPorts;
  readonly #signingKey: string;
  readonly #leewayMs: number;
  /** Whether any text is taken as a token. */
  readonly #trusting: boolean;
  #nextId = 1;

  constructor(ports: TokenPorts) {
    this.#ports = ports;
    const { settings } = ports;
    const signs = settings.tokenFormat === "jwt";
    this.#signingKey = signs ? ports.dice.opaque(43) : "";
    this.#leewayMs = !signs
      ? 0
      : settings.jwtValidation === "lenient"
        ? lenientLeewayMs
        : settings.jwtLeewayMs;
    this.#trusting = settings.jwtValidation === "off";
    for (const client of ports.clients)
      this.clients.set(client.clientId, clientOf(client, ports.roleDice.uuid()));
  }

  issue(client: Client, nowMs: number): Token {
    const { settings, dice, organizationId, issuer, claimShift } = this.#ports;
    const signs = settings.tokenFormat === "jwt";
    // A JWT tells whole seconds only, and lives by what it tells.
    const told = (ms: number): number => (signs ? Math.floor(ms / 1000) * 1000 : ms);
    const shift = claimShift?.() ?? { nbfMs: 0, expMs: 0 };
    const issuedAtMs = told(nowMs);
    const notBeforeMs = told(issuedAtMs + shift.nbfMs);
    const expiresAtMs = told(issuedAtMs + client.validityMs + shift.expMs);
    const jti = signs ? dice.uuid() : undefined;
    const value =
      jti === undefined
        ? dice.opaque(86)
        : signJwt(
            {
              iss: issuer,
              sub: client.clientId,
              client_id: client.clientId,
              org: organizationId,
              iat: issuedAtMs / 1000,
              nbf: notBeforeMs / 1000,
              exp: expiresAtMs / 1000,
              jti,
            },
            this.#signingKey,
          );
    const key = jti === undefined || this.#trusting ? value : jti;
    return this.#keep(key, { value, client, issuedAtMs, notBeforeMs, expiresAtMs }, nowMs);
  }

  /** What a bearer text is worth. Where any text is a token, an unknown one becomes one of the first client. */
  present(value: string, nowMs: number): Presented {
    const { settings } = this.#ports;
    if (this.#trusting) return this.#trust(value, nowMs);
    if (settings.tokenFormat === "jwt") {
      const reading = readJwt(value, this.#signingKey, { nowMs, leewayMs: this.#leewayMs });
      if (reading.kind === "valid") return presented(this.#byKey.get(reading.jti));
      return reading.kind === "wrong" ? { kind: "unknown" } : reading;
    }
    const token = this.#byKey.get(value);
    const behindMs = token?.state === "live" ? token.notBeforeMs - nowMs : 0;
    return behindMs > 0 ? { kind: "early", behindMs } : presented(token);
  }

  byId(tokenId: number): Token | undefined {
    for (const token of this.#byKey.values()) if (token.tokenId === tokenId) return token;
    return undefined;
  }

  revoke(token: Token, nowMs: number): void {
    if (token.state === "live") this.#die(token, "revoked", nowMs);
  }

  /** Before its time. */
  expire(token: Token, nowMs: number): void {
    if (token.state === "live") this.#die(token, "expired", nowMs);
  }

  #trust(value: string, nowMs: number): Presented {
    const known = this.#byKey.get(value);
    if (known !== undefined) return presented(known);
    const [client] = this.clients.values();
    if (client?.state !== "active" || value.length > valueCharactersMax) return { kind: "unknown" };
    const expiresAtMs = nowMs + client.validityMs;
    const facts = { value, client, issuedAtMs: nowMs, notBeforeMs: nowMs, expiresAtMs };
    return { kind: "live", token: this.#keep(value, facts, nowMs) };
  }

  #keep(
    key: string,
    facts: Pick<Token, "value" | "client" | "issuedAtMs" | "notBeforeMs" | "expiresAtMs">,
    nowMs: number,
  ): Token {
    const token: Token = {
      ...facts,
      tokenId: this.#nextId,
      state: "live",
      expiry: undefined,
      minutes: new Map(),
    };
    this.#nextId += 1;
    token.client.tokensIssued += 1;
    // Where times are not checked, none ends a token.
    if (!this.#trusting) {
      const endsAtMs = Math.max(nowMs, token.expiresAtMs + this.#leewayMs);
      token.expiry = this.#ports.deadlines.set(endsAtMs, (dueMs) =>
        this.#die(token, "expired", dueMs),
      );
    }
    this.#byKey.set(key, token);
    this.#keys.set(token, key);
    token.client.live.add(token);
    if (this.#byKey.size > this.#ports.settings.tokensMax) this.#forgetOldest();
    return token;
  }

  #die(token: Token, state: "expired" | "revoked", nowMs: number): void {
    token.state = state;
    this.#ports.deadlines.cancel(token.expiry);
    token.expiry = undefined;
    token.client.live.delete(token);
    this.#dead.add(token);
    this.#ports.onDeath(token, nowMs);
  }

  /** The longest dead, or if all live, the longest issued. */
  #forgetOldest(): void {
    const [dead] = this.#dead;
    const [issued] = this.#byKey.values();
    const token = dead ?? issued;
    if (token === undefined) return;
    this.#ports.deadlines.cancel(token.expiry);
    this.#byKey.delete(this.#keys.get(token) ?? token.value);
    this.#dead.delete(token);
    token.client.live.delete(token);
  }
}

function clientOf(client: CloudClient, roleId: string): Client {
  const { clientId, clientSecret, name, permissions, state } = client;
  return {
    clientId,
    clientSecret,
    name: name ?? "Mock client",
    validityMs: (client.accessTokenValiditySeconds ?? 86_400) * 1000,
    permissions: permissions === undefined || permissions === "all" ? "all" : new Set(permissions),
    roleId,
    state: state ?? "active",
    live: new Set(),
    minute: undefined,
    requests: 0,
    tokensIssued: 0,
    channelsCreated: 0,
  };
}

function presented(token: Token | undefined): Presented {
  if (token === undefined || token.state === "revoked") return { kind: "unknown" };
  return token.state === "expired" ? { kind: "expired" } : { kind: "live", token };
}
