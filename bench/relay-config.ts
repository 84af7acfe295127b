/** The relay as benchmarks run it: no sinks, a free port, no log. */
import { Secret } from "@trunkline/client";
import type { Log, RelayConfig } from "@trunkline/relay";

const day = 86_400_000;

export function bareConfig(
  dataDir: string,
  baseUrl: string,
  topics: readonly string[],
  clientId = "id",
  clientSecret = "secret",
): RelayConfig {
  return {
    dataDir,
    http: {
      host: "127.0.0.1",
      port: 0,
      token: undefined,
      hosts: [],
      origins: [],
      tls: undefined,
    },
    log: { level: "silent" },
    journal: { maxAgeMs: 7 * day, bytesMax: 10_000_000_000 },
    gateway: {
      isEnabled: true,
      tokenLifeMs: day,
      clockLeewayMs: 5_000,
      signingKeyFile: undefined,
      clients: [],
      eventTypeScopes: {},
      connectionsMax: 10_000,
      connectionsPerAddressMax: 100,
      subscriptionsMax: 10_000,
      messageBytesMax: 65_536,
    },
    redact: [],
    trunks: [
      {
        name: "main",
        place: { baseUrl },
        credentials: { clientId, clientSecret: new Secret("client secret", clientSecret) },
        topics,
        evictChannels: false,
        redundancy: 1,
        requestsPerMinute: 300,
        policy: {},
      },
    ],
    sinks: [],
    warnings: [],
  };
}

/** A benchmark with a warning in it is not worth its figures: it is shown, and the figures are still told. */
export const quiet: Log = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
};
