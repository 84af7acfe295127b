/** Access to the Event API on simulated time, with a Genesys Cloud that the test plays. */
import { SimClock } from "@trunkline/testkit";
import type { GatewayClient } from "../config/config.ts";
import { createAccess, type AccessConfig, type AccessControl } from "../gateway/access/access.ts";
import type { TokensMeAnswer } from "../gateway/access/genesys-tokens.ts";
import { hashClientSecret } from "../gateway/access/secret-hash.ts";
import { newSigningKey, readSigningKey, type SigningKey } from "../gateway/access/signing-key.ts";
import { isGatewayError, type GatewayError } from "../gateway/gateway-error.ts";
import { plainGateway } from "./plain-gateway.ts";

export const sampleSecret = "a-secret-of-256-bits";

export function sampleClient(more: Partial<GatewayClient> = {}): GatewayClient {
  return {
    id: "wallboard",
    secretHash: hashClientSecret(sampleSecret),
    scopes: ["analytics:events:read"],
    eventTypes: undefined,
    trunks: undefined,
    genesysClientId: undefined,
    ...more,
  };
}

export interface AccessStage {
  readonly access: AccessControl;
  readonly clock: SimClock;
  readonly key: SigningKey;
  /** Each request that was made: trunk and token. */
  readonly asked: (readonly [trunk: string, token: string])[];
  /** Answers them. */
  answer: (trunk: string, token: string) => TokensMeAnswer | Promise<TokensMeAnswer>;
  /** A token of a client, as it would get one. */
  readonly token: (clientId?: string) => Promise<string>;
}

export async function stageAccess(
  config: Partial<AccessConfig> = {},
  trunks: readonly string[] = ["main"],
): Promise<AccessStage> {
  const clock = new SimClock(Date.UTC(2026, 10, 21));
  const key = await readSigningKey(newSigningKey(), "signing-key.pem");
  let ids = 0;
  const asked: AccessStage["asked"] = [];
  const access = createAccess({
    config: { ...plainGateway, clients: [sampleClient()], ...config },
    trunks,
    key,
    clock,
    newId: () => `id-${++ids}`,
    askTokensMe: async (trunk, token) => {
      asked.push([trunk, token]);
      return stage.answer(trunk, token);
    },
  });
  const stage: AccessStage = {
    access,
    clock,
    key,
    asked,
    answer: () => ({ kind: "refused", status: 401 }),
    token: async (clientId = "wallboard") => {
      const client = access.authenticate(clientId, sampleSecret);
      return (await access.issue(client, undefined)).token;
    },
  };
  return stage;
}

/** The refusal that a promise ends in. */
export async function refusalOf(outcome: Promise<unknown>): Promise<GatewayError> {
  try {
    await outcome;
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
