/** Puts access to the Event API together, for a relay that holds its data directory. */
import { randomUUID } from "node:crypto";
import type { RelayConfig } from "../../config/config.ts";
import type { EventApiRoute } from "../../http/event-api.ts";
import type { Clock } from "../../ports.ts";
import { createAccess, type AccessControl } from "./access.ts";
import { createEndpoints } from "./endpoints.ts";
import type { AskTokensMe } from "./genesys-tokens.ts";
import { accessRoutes } from "./routes.ts";
import type { SigningKey } from "./signing-key.ts";

export interface AccessPorts {
  readonly clock: Pick<Clock, "wallMs" | "monotonicMs">;
  /** Reads the key, or makes it. @throws RelayError SIGNING_KEY_INVALID, SIGNING_KEY_UNREADABLE */
  readonly loadSigningKey: (place: {
    readonly dataDir: string;
    readonly signingKeyFile: string | undefined;
  }) => Promise<SigningKey>;
  readonly createAskTokensMe: (trunks: RelayConfig["trunks"]) => AskTokensMe;
}

export interface OpenAccess {
  readonly control: AccessControl;
  /** For the HTTP face. */
  readonly routes: readonly EventApiRoute[];
  /** Goes by another configuration from now on; trunks are those of the start. */
  reconfigure(config: RelayConfig): void;
}

/**
 * @returns undefined where the Event API is not to be served
 * @throws RelayError SIGNING_KEY_INVALID, SIGNING_KEY_UNREADABLE
 */
export async function openAccess(
  { gateway, dataDir, trunks }: RelayConfig,
  { clock, loadSigningKey, createAskTokensMe }: AccessPorts,
): Promise<OpenAccess | undefined> {
  if (!gateway.isEnabled) return undefined;
  const names = trunks.map(({ name }) => name);
  const control = createAccess({
    config: gateway,
    trunks: names,
    key: await loadSigningKey({ dataDir, signingKeyFile: gateway.signingKeyFile }),
    clock,
    newId: randomUUID,
    askTokensMe: createAskTokensMe(trunks),
  });
  const endpoints = createEndpoints(control, () => clock.monotonicMs());
  return {
    control,
    routes: accessRoutes(endpoints),
    reconfigure: (next) => control.reconfigure(next.gateway, names),
  };
}
