/** The relay's configuration as the rest of the relay sees it: complete, checked, secrets wrapped. */
import type { Policy, Redundancy, Secret } from "@trunkline/client";

export interface RelayConfig {
  /** Absolute. */
  readonly dataDir: string;
  readonly http: HttpConfig;
  readonly log: { readonly level: LogLevel };
  readonly journal: { readonly maxAgeMs: number; readonly bytesMax: number };
  readonly gateway: GatewayConfig;
  readonly redact: readonly RedactionRule[];
  /** At least one; names are unique. */
  readonly trunks: readonly TrunkConfig[];
  /** Names are unique. */
  readonly sinks: readonly SinkConfig[];
  /** What is unwise in it but works, in words for a person; to be told at the start. */
  readonly warnings: readonly string[];
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface HttpConfig {
  /** @default "127.0.0.1" */
  readonly host: string;
  /** 0 takes a free one. @default 8484 */
  readonly port: number;
  /** Bearer token that every request but `/healthz` and `/readyz` must carry; required unless `host` is loopback. */
  readonly token: Secret | undefined;
  /** Names in a `Host` header, besides loopback, that are answered. */
  readonly hosts: readonly string[];
  /** Values of an `Origin` header that are answered, besides our own. */
  readonly origins: readonly string[];
  /** PEM files, absolute. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** The Event API. */
export interface GatewayConfig {
  readonly isEnabled: boolean;
  readonly tokenLifeMs: number;
  /** How far the clock of whoever issued a token may be ahead. */
  readonly clockLeewayMs: number;
  /** A PEM file, absolute; undefined means a key in the data directory. */
  readonly signingKeyFile: string | undefined;
  /** Ids are unique. */
  readonly clients: readonly GatewayClient[];
  /** Event type to the scope that it asks for besides. */
  readonly eventTypeScopes: Readonly<Record<string, string>>;
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly subscriptionsMax: number;
  readonly messageBytesMax: number;
}

/** A program that may have tokens. */
export interface GatewayClient {
  readonly id: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly secretHash: string;
  readonly scopes: readonly string[];
  /** The only event types that it may read; undefined means all that its scopes grant. */
  readonly eventTypes: readonly string[] | undefined;
  /** The only trunks whose events it may see; undefined means all. */
  readonly trunks: readonly string[] | undefined;
  /** OAuth client of Genesys Cloud whose access tokens count as its own; unique. */
  readonly genesysClientId: string | undefined;
}

/** Takes personal data out of events before they are stored. */
export interface RedactionRule {
  /** Topics that it applies to: names, in which `*` stands for one segment; undefined means all. */
  readonly topics: readonly string[] | undefined;
  /** JSON paths (RFC 9535) into the frame, such as `$.eventBody.participants[*].address`. */
  readonly paths: readonly string[];
}

export interface TrunkConfig {
  readonly name: string;
  readonly place: { readonly region: string } | { readonly baseUrl: string };
  readonly credentials: { readonly clientId: string; readonly clientSecret: Secret };
  readonly topics: readonly string[];
  readonly evictChannels: boolean;
  /** Sessions that carry each topic at the same time. */
  readonly redundancy: Redundancy;
  readonly requestsPerMinute: number;
  /** Timings of the line, for those who know why. */
  readonly policy: Partial<Policy>;
}

interface SinkBase {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Where a sink that was never there before begins. @default "head" */
  readonly from: "start" | "head";
  /** Which entries it gets: topic names, in which `*` stands for one segment; undefined means all. */
  readonly topics: readonly string[] | undefined;
  readonly delivery: DeliveryOptions;
}

/** How entries are given to a sink. */
export interface DeliveryOptions {
  /** Entries in one batch, at most. */
  readonly batchEntriesMax: number;
  /** Bytes of raw frames in one batch, about. */
  readonly batchBytesMax: number;
  /** Batches under way at a time. */
  readonly inFlightMax: number;
  /** First and longest pause between attempts; in between it doubles, with jitter. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** For so long one write may take. */
  readonly writeTimeoutMs: number;
  /** Dead letters that may lie before the sink is halted. */
  readonly deadLettersMax: number;
}

export interface StdoutSinkConfig extends SinkBase {
  readonly type: "stdout";
}

export interface FileSinkConfig extends SinkBase {
  readonly type: "file";
  /** Absolute. NDJSON; rotated files are called `<path>.1` (newest) to `<path>.<filesMax>`. */
  readonly path: string;
  readonly rotate: { readonly bytesMax: number; readonly filesMax: number };
}

export interface WebhookSinkConfig extends SinkBase {
  readonly type: "webhook";
  readonly webhook: WebhookOptions;
}

/** What is sent where. Templates are described in docs/SINKS.md. */
export interface WebhookOptions {
  /** A template. */
  readonly url: string;
  /** @default "POST" */
  readonly method: "POST" | "PUT" | "PATCH";
  /** Names to templates, or to secrets. */
  readonly headers: Readonly<Record<string, string | Secret>>;
  /** A template; undefined sends CloudEvents 1.0. */
  readonly body: string | undefined;
  /** One request an event, or one a batch (CloudEvents batch, `application/cloudevents-batch+json`). */
  readonly mode: "event" | "batch";
  /** Signs by Standard Webhooks, if set. `whsec_…` */
  readonly secret: Secret | undefined;
  /** For one request, from connecting to the end of the answer. */
  readonly timeoutMs: number;
  /** Address ranges (CIDR) or host names that may be called though they are private: see docs/SINKS.md. */
  readonly allow: readonly string[];
  /** More HTTP statuses that mean "never", besides those that do by themselves. */
  readonly refuseStatuses: readonly number[];
}

export type SinkConfig = StdoutSinkConfig | FileSinkConfig | WebhookSinkConfig;
