/** The Event API as an empty file has it. */
import type { GatewayConfig } from "../config/config.ts";

export const plainGateway: GatewayConfig = {
  isEnabled: true,
  tokenLifeMs: 86_400_000,
  clockLeewayMs: 5_000,
  signingKeyFile: undefined,
  clients: [],
  eventTypeScopes: {},
  connectionsMax: 10_000,
  connectionsPerAddressMax: 100,
  subscriptionsMax: 10_000,
  messageBytesMax: 65_536,
};
