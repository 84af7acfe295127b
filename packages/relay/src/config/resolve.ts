/** From what a file says to what the relay is given: names with units, and what the environment adds. */
import { Secret } from "@trunkline/client";
import type {
  DeliveryOptions,
  GatewayConfig,
  RelayConfig,
  SinkConfig,
  TrunkConfig,
} from "./config.ts";
import { type ConfigFile, trunkVariables } from "./schema.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** @param file has passed all checks */
export function resolveConfig(
  { dataDir, http, log, journal, gateway, redact, trunks, sinks }: ConfigFile,
  warnings: readonly string[],
  env: Env,
): RelayConfig {
  const { tls } = http;
  return {
    dataDir,
    http: {
      ...http,
      token: http.token,
      tls: tls === undefined ? undefined : { certFile: tls.cert, keyFile: tls.key },
    },
    log,
    journal: { maxAgeMs: journal.maxAge, bytesMax: journal.maxBytes },
    gateway: resolveGateway(gateway),
    redact: redact.map(({ topics, paths }) => ({ topics, paths })),
    trunks: trunks.map((trunk) => resolveTrunk(trunk, env)),
    sinks: sinks.map(resolveSink),
    warnings,
  };
}

function resolveGateway(gateway: ConfigFile["gateway"]): GatewayConfig {
  const { enabled, tokenLife, clockLeeway, signingKey, clients, ...same } = gateway;
  return {
    ...same,
    isEnabled: enabled,
    tokenLifeMs: tokenLife,
    clockLeewayMs: clockLeeway,
    signingKeyFile: signingKey,
    clients: clients.map(({ id, secretHash, scopes, eventTypes, trunks, genesysClientId }) => ({
      id,
      secretHash,
      scopes,
      eventTypes,
      trunks,
      genesysClientId,
    })),
  };
}

function resolveTrunk(trunk: ConfigFile["trunks"][number], env: Env): TrunkConfig {
  const { region, baseUrl, clientId, clientSecret, ...same } = trunk;
  return {
    ...same,
    place:
      baseUrl === undefined ? { region: region ?? env[trunkVariables.region] ?? "" } : { baseUrl },
    credentials: {
      clientId: clientId ?? env[trunkVariables.clientId] ?? "",
      clientSecret:
        clientSecret ?? new Secret("client secret", env[trunkVariables.clientSecret] ?? ""),
    },
  };
}

function resolveSink(sink: ConfigFile["sinks"][number]): SinkConfig {
  const { name, enabled, from, topics } = sink;
  const base = { name, isEnabled: enabled, from, topics, delivery: deliveryOf(sink) };
  if (sink.type === "stdout") return { ...base, type: sink.type };
  if (sink.type === "file") {
    const { maxBytes, maxFiles } = sink.rotate;
    const rotate = { bytesMax: maxBytes, filesMax: maxFiles };
    return { ...base, type: sink.type, path: sink.path, rotate };
  }
  const { url, method, headers, body, mode, secret, timeout, allow, refuseStatuses } = sink;
  return {
    ...base,
    type: sink.type,
    webhook: {
      url,
      method,
      headers,
      body,
      mode,
      secret,
      timeoutMs: timeout,
      allow,
      refuseStatuses,
    },
  };
}

function deliveryOf(sink: ConfigFile["sinks"][number]): DeliveryOptions {
  return {
    batchEntriesMax: sink.batch.maxEntries,
    batchBytesMax: sink.batch.maxBytes,
    inFlightMax: sink.inFlight,
    retryFirstMs: sink.retry.first,
    retryMaxMs: sink.retry.max,
    writeTimeoutMs: sink.writeTimeout,
    deadLettersMax: sink.maxDeadLetters,
  };
}
