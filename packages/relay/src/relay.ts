/**
 * The relay: one journal, an uplink for each trunk into it, a delivery for each sink out of it, and the
 * HTTP face. Composition only: what each part does is in its own room.
 *
 * ```
 * Genesys Cloud ──► uplinks ──► journal ──► deliveries ──► sinks
 *                                  └──────► http: tail, health, metrics, admin
 * ```
 */
import type { RelayConfig } from "./config/config.ts";
import { diffConfig } from "./config/diff.ts";
import { Deliveries } from "./delivery/deliveries.ts";
import { isRelayError, RelayError } from "./errors.ts";
import { createHttp, type HttpFace } from "./http/server.ts";
import { createRedactor } from "./intake/redaction.ts";
import { Uplink } from "./intake/uplink.ts";
import type { Journal, TrunkMemory } from "./journal/journal.ts";
import { createPlatform, type RelayPorts } from "./platform/ports.ts";
import type { Log } from "./ports.ts";
import type { ReloadReport, Service } from "./service.ts";
import { createSink } from "./sinks/create.ts";
import { Upkeep } from "./upkeep.ts";

export interface RelayOptions {
  readonly config: RelayConfig;
  /** Reads the configuration again, for `reload`; without it there is none to read. */
  readonly readConfig?: (() => RelayConfig) | undefined;
  /** Where changes of state are told; `setLevel` is called when a reload changes the level. */
  readonly log: Log & { readonly setLevel?: (level: RelayConfig["log"]["level"]) => void };
  /** Told by `/healthz` and the metrics. @default "0.0.0" */
  readonly version?: string | undefined;
  /** Doors to the outside, where they are not the real ones. */
  readonly ports?: Partial<RelayPorts> | undefined;
}

/** A relay that runs. */
export interface Relay extends AsyncDisposable {
  /** Where its HTTP face listens. */
  readonly url: string;
  /** Resolves when every wanted topic of every trunk has been live, or was refused for good. */
  readonly ready: Promise<void>;
  /** Resolves with the error when every trunk has given up, or the journal is broken for good. */
  readonly failed: Promise<Error>;
  /** What it tells of itself, and lets be done. */
  readonly service: Service;
  /**
   * Reads the configuration again: topics, sinks and the log level change without a gap.
   * @throws RelayError CONFIG_INVALID and its kin; then nothing has changed
   */
  reload(): Promise<ReloadReport>;
  /** Proves what it can, closes the sockets, lets what is under way end, and lets go of the data. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a relay: it serves when this resolves, and connects from then on.
 * @throws RelayError DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, JOURNAL_CORRUPT, JOURNAL_NEWER, PORT_IN_USE
 *   and their kin; TrunklineError REGION_UNKNOWN, TOPIC_INVALID and their kin
 */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { config } = options;
  const ports = { ...createPlatform(), ...options.ports };
  const { clock, random } = ports;
  const retention = { maxAgeMs: config.journal.maxAgeMs, bytesMax: config.journal.bytesMax };
  const journal = await ports.openJournal({ dataDir: config.dataDir, retention, clock, random });
  let running: Running | undefined;
  try {
    const names = config.trunks.map(({ name }) => name);
    const known = await Promise.all(names.map((name) => journal.trunk(name)));
    running = new Running(options, ports, journal, known);
    await running.start();
    return running;
  } catch (error) {
    await (running?.stop() ?? journal.close());
    throw error;
  }
}

class Running implements Relay {
  readonly service: Service;
  readonly #options: RelayOptions;
  readonly #journal: Journal;
  readonly #uplinks: readonly Uplink[];
  readonly #deliveries: Deliveries;
  readonly #http: HttpFace;
  readonly #upkeep: Upkeep;
  #config: RelayConfig;
  #url = "";
  #stopping: Promise<void> | undefined;
  /** Reloads come one after the other. */
  #reloads: Promise<unknown> = Promise.resolve();

  /** @param known what the journal knows of each trunk, in the order of the configuration */
  constructor(
    options: RelayOptions,
    ports: RelayPorts,
    journal: Journal,
    known: readonly (TrunkMemory | undefined)[],
  ) {
    const { config, log, version = "0.0.0" } = options;
    const { clock, random, createClient, readText } = ports;
    this.#options = options;
    this.#config = config;
    this.#journal = journal;
    const redact = createRedactor(config.redact);
    const nextGapId = createGapIds(journal);
    const uplinkPorts = { journal, clock, log, createClient, nextGapId, redact };
    this.#uplinks = config.trunks.map(
      (trunk, index) => new Uplink(trunk, uplinkPorts, known[index]),
    );
    this.#deliveries = new Deliveries({
      journal,
      clock,
      random,
      log,
      createSink: (sink) => createSink(sink, ports),
    });
    this.service = {
      journal,
      trunks: () => this.#uplinks.map((uplink) => uplink.status()),
      sinks: () => this.#deliveries.status(),
      sink: (name) => this.#deliveries.control(name),
      reload: () => this.reload(),
    };
    const { service } = this;
    this.#http = createHttp({ config: config.http, service, log, clock, version, readText });
    this.#upkeep = new Upkeep(journal, clock, log);
  }

  get url(): string {
    return this.#url;
  }

  get ready(): Promise<void> {
    return Promise.all(this.#uplinks.map((uplink) => uplink.ready)).then(() => undefined);
  }

  get failed(): Promise<Error> {
    const all = Promise.all(this.#uplinks.map((uplink) => uplink.failed));
    return Promise.race([
      this.#upkeep.broken,
      all.then(([first]) => first ?? new Error("no trunk")),
    ]);
  }

  async start(): Promise<void> {
    for (const warning of this.#config.warnings) this.#options.log.warn({}, warning);
    await this.#deliveries.apply(this.#config.sinks);
    const { url } = await this.#http.listen();
    this.#url = url;
    this.#upkeep.start();
    for (const uplink of this.#uplinks) await uplink.start();
  }

  reload(): Promise<ReloadReport> {
    const report = this.#reloads.then(() => this.#reload());
    this.#reloads = report.catch(() => undefined);
    return report;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #reload(): Promise<ReloadReport> {
    const { readConfig, log } = this.#options;
    if (readConfig === undefined)
      throw new RelayError(
        "RELOAD_IMPOSSIBLE",
        "This relay was started without a configuration file.",
      );
    let next: RelayConfig;
    try {
      next = readConfig();
    } catch (error) {
      if (isRelayError(error))
        log.error({ code: error.code, help: error.help }, `not reloaded: ${error.message}`);
      throw error;
    }
    const { changes, needRestart, config } = diffConfig(this.#config, next);
    await this.#deliveries.apply(config.sinks);
    const topicsOf = new Map(config.trunks.map(({ name, topics }) => [name, topics]));
    for (const uplink of this.#uplinks) {
      const topics = topicsOf.get(uplink.name);
      if (topics !== undefined) await uplink.setTopics(topics);
    }
    log.setLevel?.(config.log.level);
    this.#config = config;
    await this.#http.renewCertificate();
    log.info({ changes, needRestart }, "configuration reloaded");
    return { changes, needRestart };
  }

  /** From the source to the sea: nothing new comes in, what is there goes out, then the lock goes. */
  async #stop(): Promise<void> {
    await Promise.all(this.#uplinks.map((uplink) => uplink.stop()));
    await this.#deliveries.stop();
    await this.#http.close();
    this.#upkeep.stop();
    await this.#journal.close();
  }
}

/** A gap is recorded before the next run begins, and moves the head, so no id comes twice. */
function createGapIds({ id, head }: Journal): () => string {
  let count = 0;
  return () => `${id}-gap-${head + 1}-${++count}`;
}
