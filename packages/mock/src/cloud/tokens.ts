import type { CloudClient } from "./contract.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import type { Dice } from "./dice.ts";

/** An OAuth client as it lives in the model. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
  readonly validityMs: number;
  readonly permissions: "all" | ReadonlySet<string>;
  state: "active" | "disabled" | "inactive";
  readonly live: Set<Token>;
  requests: number;
  tokensIssued: number;
  channelsCreated: number;
}

export interface Token {
  readonly tokenId: number;
  readonly value: string;
  readonly client: Client;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  state: "live" | "expired" | "revoked";
  expiry: Deadline | undefined;
  /** Rate limit (GENESYS.md 5): the running minute. */
  windowEndsAtMs: number;
  windowRequests: number;
}

export const tokenLifeSecondsMin = 300;
export const tokenLifeSecondsMax = 172_800;

/** Tokens are opaque. Dead ones are remembered, so that an expired one is told from a wrong one (GENESYS.md 3.6). */
export class Tokens {
  readonly clients = new Map<string, Client>();
  readonly #byValue = new Map<string, Token>();
  /** In the order in which they died. */
  readonly #dead = new Set<Token>();
  readonly #dice: Dice;
  readonly #deadlines: Deadlines;
  readonly #tokensMax: number;
  readonly #onDeath: (token: Token, nowMs: number) => void;
  #nextId = 1;

  constructor(ports: {
    readonly clients: readonly CloudClient[];
    readonly dice: Dice;
    readonly deadlines: Deadlines;
    readonly tokensMax: number;
    readonly onDeath: (token: Token, nowMs: number) => void;
  }) {
    this.#dice = ports.dice;
    this.#deadlines = ports.deadlines;
    this.#tokensMax = ports.tokensMax;
    this.#onDeath = ports.onDeath;
    for (const client of ports.clients) {
      const { clientId, clientSecret, name, permissions, state } = client;
      this.clients.set(clientId, {
        clientId,
        clientSecret,
        name: name ?? "Mock client",
        validityMs: (client.accessTokenValiditySeconds ?? 86_400) * 1000,
        permissions:
          permissions === undefined || permissions === "all" ? "all" : new Set(permissions),
        state: state ?? "active",
        live: new Set(),
        requests: 0,
        tokensIssued: 0,
        channelsCreated: 0,
      });
    }
  }

  issue(client: Client, nowMs: number): Token {
    const token: Token = {
      tokenId: this.#nextId,
      value: this.#dice.opaque(86),
      client,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + client.validityMs,
      state: "live",
      expiry: undefined,
      windowEndsAtMs: 0,
      windowRequests: 0,
    };
    this.#nextId += 1;
    client.tokensIssued += 1;
    token.expiry = this.#deadlines.set(token.expiresAtMs, (dueMs) =>
      this.#die(token, "expired", dueMs),
    );
    this.#byValue.set(token.value, token);
    client.live.add(token);
    if (this.#byValue.size > this.#tokensMax) this.#forgetOldest();
    return token;
  }

  find(value: string): Token | undefined {
    return this.#byValue.get(value);
  }

  byId(tokenId: number): Token | undefined {
    for (const token of this.#byValue.values()) if (token.tokenId === tokenId) return token;
    return undefined;
  }

  revoke(token: Token, nowMs: number): void {
    if (token.state === "live") this.#die(token, "revoked", nowMs);
  }

  #die(token: Token, state: "expired" | "revoked", nowMs: number): void {
    token.state = state;
    this.#deadlines.cancel(token.expiry);
    token.expiry = undefined;
    token.client.live.delete(token);
    this.#dead.add(token);
    this.#onDeath(token, nowMs);
  }

  /** The longest dead, or if all live, the longest issued. */
  #forgetOldest(): void {
    const [dead] = this.#dead;
    const [issued] = this.#byValue.values();
    const token = dead ?? issued;
    if (token === undefined) return;
    this.#deadlines.cancel(token.expiry);
    this.#byValue.delete(token.value);
    this.#dead.delete(token);
    token.client.live.delete(token);
  }
}
