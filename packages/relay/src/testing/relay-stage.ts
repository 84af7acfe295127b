/** A whole relay on virtual time: its real journal on a disk in memory, clients and HTTP that the test plays. */
import { Secret } from "@trunkline/client";
import type { SimClock } from "@trunkline/testkit";
import type { RelayConfig, SinkConfig, TrunkConfig } from "../config/config.ts";
import { RelayError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { createRelay, type Relay } from "../relay.ts";
import type { WebhookAnswer, WebhookRequest } from "../sinks/webhook/http.ts";
import type { Service } from "../service.ts";
import { budget, FakeClient, subscribed } from "./fake-client.ts";
import { FakeDisk } from "./fake-disk.ts";
import { FakeLog } from "./fake-log.ts";
import { MemoryStage, type OpenOptions } from "./journal-stage.ts";
import { plainGateway } from "./plain-gateway.ts";

export const startMs = 1_700_000_000_000;

export class RelayStage {
  readonly journals = new MemoryStage();
  readonly clock: SimClock = this.journals.clock;
  readonly log = new FakeLog();
  readonly files = new FakeDisk("/out");
  /** What was written to the standard output. */
  readonly output: string[] = [];
  /** Thrown instead of writing there. */
  outputFailure: Error | undefined;
  /** Answers webhooks, where there is a network. */
  webhook: ((request: WebhookRequest) => WebhookAnswer) | undefined;
  /** By the name of their trunk, of the run that is on. */
  clients = new Map<string, FakeClient>();
  /** Thrown by these steps of a start or a reload. */
  readonly failing = new Map<"listen" | "certificate" | "client", Error>();
  /** What comes over HTTP as soon as it listens. */
  onListening: (service: Service) => void = () => undefined;
  httpState: "closed" | "listening" = "closed";
  /** Whether the journal that was opened last was closed. */
  journal: Journal | undefined;
  isJournalClosed = true;
  /** What happens right after a journal was opened. */
  onOpened: () => void = () => undefined;
  config: RelayConfig;
  /** What a reload reads. */
  next: () => RelayConfig;
  readonly #openOptions: OpenOptions;

  constructor(config: Partial<RelayConfig> = {}, openOptions: OpenOptions = {}) {
    this.config = { ...baseConfig, ...config };
    this.next = () => this.config;
    this.#openOptions = openOptions;
  }

  start(hasFile = true): Promise<Relay> {
    this.clients = new Map();
    const { clock, log, files, output, failing } = this;
    let made = 0;
    return createRelay({
      config: this.config,
      readConfig: hasFile ? () => this.next() : undefined,
      log,
      ports: {
        clock,
        random: () => 0.5,
        files,
        output: {
          write: async (text) => {
            if (this.outputFailure !== undefined) throw this.outputFailure;
            output.push(text);
          },
        },
        webhookHttp: () => {
          const { webhook } = this;
          if (webhook === undefined) throw new Error("there is no network here");
          return { send: async (request) => webhook(request), close: () => undefined };
        },
        openJournal: async () => {
          const journal = await this.journals.open(this.#openOptions);
          this.isJournalClosed = false;
          const close = journal.close.bind(journal);
          journal.close = () => {
            this.isJournalClosed = true;
            return close();
          };
          this.journal = journal;
          this.onOpened();
          return journal;
        },
        createClient: (options) => {
          const error = failing.get("client");
          if (error !== undefined && made > 0) throw error;
          const client = new FakeClient(options);
          this.clients.set(this.config.trunks[made++]?.name ?? "", client);
          return client;
        },
        createHttp: ({ service }) => ({
          listen: async () => {
            const error = failing.get("listen");
            if (error !== undefined) throw error;
            this.httpState = "listening";
            this.onListening(service);
            return { url: "http://127.0.0.1:8484" };
          },
          renewCertificate: async () => {
            const error = failing.get("certificate");
            if (error !== undefined) throw error;
          },
          close: async () => {
            this.httpState = "closed";
          },
        }),
        readText: () => Promise.reject(new Error("there are no files here")),
      },
    });
  }

  client(trunk = "main"): FakeClient {
    const client = this.clients.get(trunk);
    if (client === undefined) throw new Error(`no client of ${trunk}`);
    return client;
  }

  /** Time passes, and with it whatever waits for it. */
  async pass(ms: number): Promise<void> {
    await this.clock.runUntil(this.clock.monotonicMs() + ms);
  }

  /** All wanted topics of a trunk are live. */
  async goLive(trunk = "main"): Promise<void> {
    const client = this.client(trunk);
    const topics = client.topics().map(({ topic }) => topic);
    for (const topic of topics) client.states.set(topic, "live");
    client.tell(budget, subscribed(topics, this.clock.wallMs()));
    await this.pass(0);
  }

  /** What happens to a promise while time passes. */
  async within<T>(ms: number, promise: Promise<T>): Promise<T> {
    let isOver = false;
    const over = promise.finally(() => (isOver = true));
    over.catch(() => undefined);
    await this.clock.runUntil(this.clock.monotonicMs() + ms, () => isOver);
    if (!isOver) throw new Error(`not within ${ms} ms`);
    return promise;
  }

  /** Everything in the journal, by a journal of its own after the run. */
  async entries(journal: Journal | undefined = this.journal): Promise<readonly Entry[]> {
    return (await journal?.read({ after: 0, limit: 1_000_000 }))?.entries ?? [];
  }
}

export const baseTrunk: TrunkConfig = {
  name: "main",
  place: { baseUrl: "https://api.cloud.example" },
  credentials: { clientId: "id", clientSecret: new Secret("client secret", "the-client-secret") },
  topics: ["v2.users.a.presence", "v2.users.b.presence"],
  evictChannels: false,
  redundancy: 1,
  requestsPerMinute: 300,
  policy: {},
};

export const baseConfig: RelayConfig = {
  dataDir: "/data",
  http: { host: "127.0.0.1", port: 0, token: undefined, hosts: [], origins: [], tls: undefined },
  log: { level: "info" },
  journal: { maxAgeMs: 1e12, bytesMax: 1e12 },
  // Its key would lie on a real disk, and its signatures be made outside of virtual time.
  gateway: { ...plainGateway, isEnabled: false },
  redact: [],
  trunks: [baseTrunk],
  sinks: [],
  warnings: [],
};

const delivery = {
  batchEntriesMax: 100,
  batchBytesMax: 1_048_576,
  inFlightMax: 1,
  retryFirstMs: 100,
  retryMaxMs: 1_000,
  writeTimeoutMs: 5_000,
  deadLettersMax: 100,
};

export function fileSink(name: string, change: Partial<SinkConfig> = {}): SinkConfig {
  const sink = {
    type: "file",
    name,
    isEnabled: true,
    from: "start",
    topics: undefined,
    delivery,
    path: `/out/${name}.ndjson`,
    rotate: { bytesMax: 1e9, filesMax: 1 },
    ...change,
  };
  return sink as SinkConfig;
}

/** Refused when it is made, before anything has changed. */
export function brokenSink(name: string): SinkConfig {
  return {
    type: "webhook",
    name,
    isEnabled: true,
    from: "start",
    topics: undefined,
    delivery,
    webhook: {
      url: "https://{{",
      method: "POST",
      headers: {},
      body: undefined,
      mode: "event",
      secret: undefined,
      timeoutMs: 1_000,
      allow: [],
      refuseStatuses: [],
    },
  };
}

export function refusal(code: "PORT_IN_USE" | "TLS_INVALID"): RelayError {
  return new RelayError(code, "It cannot be.");
}
