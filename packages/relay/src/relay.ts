/**
 * The relay: one journal, an uplink for each trunk into it, a delivery for each sink out of it, and the
 * HTTP face. Composition only: what each part does is in its own room.
 *
 * ```
 * Genesys Cloud ──► uplinks ──► journal ──► deliveries ──► sinks
 *                                  └──────► http: tail, health, metrics, admin
 * ```
 */
import { randomUUID } from "node:crypto";
import type { RelayConfig, TrunkConfig } from "./config/config.ts";
import { diffConfig, isSameConfig } from "./config/diff.ts";
import { Deliveries } from "./delivery/deliveries.ts";
import { isTrunklineError } from "@trunkline/client";
import { isRelayError, RelayError } from "./errors.ts";
import { openAccess, type OpenAccess } from "./gateway/access/open-access.ts";
import { Gateway } from "./gateway/gateway.ts";
import type { Interest, Since } from "./gateway/interests.ts";
import type { HttpFace } from "./http/server.ts";
import { settleOthers } from "./intake/others.ts";
import { createRedactor, type Redact } from "./intake/redaction.ts";
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
  /**
   * Proves what it can, closes the sockets, lets what is under way end, and lets go of the data, within
   * half a minute. May be called again.
   * @throws RelayError STOP_INCOMPLETE where the journal could not store all that came, and `failed` has
   *   not told of it; everything has been let go of even then
   */
  stop(): Promise<void>;
}

/**
 * Starts a relay: it serves when this resolves, and connects from then on.
 * @throws RelayError DATA_DIR_LOCKED, DATA_DIR_UNWRITABLE, JOURNAL_CORRUPT, JOURNAL_NEWER, PORT_IN_USE, SIGNING_KEY_INVALID
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
    const access = await openAccess(config, ports);
    running = new Running(options, ports, journal, known, access);
    await running.start();
    return running;
  } catch (error) {
    // What made it fail is the news, not what else goes wrong while it is let go of.
    await (running?.stop() ?? journal.close()).catch(() => undefined);
    throw error;
  }
}

/** For so long a stop waits for room in the journal. What cannot be stored by then gets one more try. */
const storeWaitMs = 5_000;

class Running implements Relay {
  readonly service: Service;
  readonly #options: RelayOptions;
  readonly #ports: RelayPorts;
  readonly #journal: Journal;
  readonly #redact: Redact;
  readonly #nextGapId: () => string;
  readonly #uplinks: readonly Uplink[];
  readonly #deliveries: Deliveries;
  readonly #http: HttpFace;
  readonly #upkeep: Upkeep;
  readonly #access: OpenAccess | undefined;
  readonly #gateway: Gateway | undefined;
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
    access: OpenAccess | undefined,
  ) {
    this.#access = access;
    const { config, log, version = "0.0.0" } = options;
    const { clock, random, createClient, createHttp, readText } = ports;
    this.#options = options;
    this.#ports = ports;
    this.#config = config;
    this.#journal = journal;
    const redact = (this.#redact = createRedactor(config.redact));
    const nextGapId = (this.#nextGapId = createGapIds(journal));
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
      gateway: () => this.#gateway?.status(),
      sink: (name) => this.#deliveries.control(name),
      reload: () => this.reload(),
    };
    const { service } = this;
    const gateway = (this.#gateway =
      access &&
      new Gateway({
        config: config.gateway,
        access: access.control,
        journal,
        trunks: () => service.trunks(),
        planned: () => this.#uplinks.map(({ planned }) => planned),
        newId: randomUUID,
        clock,
        log,
        accept: ports.createAccept(config.gateway.messageBytesMax),
        wanted: (...interests) => this.#want(...interests),
      }));
    this.#http = createHttp({
      config: config.http,
      service,
      log,
      clock,
      version,
      readText,
      eventApi: access && [...access.routes, ...(gateway?.routes ?? [])],
      sockets: gateway && {
        take: (...upgrade) => gateway.upgrade(...upgrade),
        countMax: config.gateway.connectionsMax,
      },
    });
    this.#upkeep = new Upkeep(journal, clock, log, ports.lookEveryMs);
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

  start(): Promise<void> {
    const started = this.#reloads.then(() => this.#start());
    // Whoever asks for a reload meanwhile gets it afterwards.
    this.#reloads = started.catch(() => undefined);
    return started;
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

  async #start(): Promise<void> {
    const { sinks, trunks, warnings } = this.#config;
    this.#warn(warnings);
    const runSinks = this.#deliveries.prepare(sinks);
    await this.#gateway?.start();
    // Whatever may refuse the start comes before anything is delivered.
    const { url } = await this.#http.listen();
    this.#url = url;
    const { log, version } = this.#options;
    log.info({ version, url, dataDir: this.#config.dataDir }, "relay started");
    this.#upkeep.start();
    await runSinks();
    await settleOthers(new Set(trunks.map(({ name }) => name)), {
      journal: this.#journal,
      clock: this.#ports.clock,
      log: this.#options.log,
      nextGapId: this.#nextGapId,
      redact: this.#redact,
    });
    for (const uplink of this.#uplinks) await uplink.start();
  }

  async #reload(): Promise<ReloadReport> {
    const { log } = this.#options;
    this.#mustRun();
    try {
      return await this.#takeOver(this.#readConfig());
    } catch (error) {
      const known = isRelayError(error) || isTrunklineError(error);
      const { code, help } = known ? error : { code: "INTERNAL", help: undefined };
      const why = known ? error.message : "something broke inside Trunkline";
      log.error({ code, help }, `not reloaded: ${why}`);
      throw error;
    }
  }

  #readConfig(): RelayConfig {
    const { readConfig } = this.#options;
    if (readConfig !== undefined) return readConfig();
    throw new RelayError(
      "RELOAD_IMPOSSIBLE",
      "This relay was started without a configuration file.",
    );
  }

  /** Everything that may be refused comes first, so that a reload is taken over whole or not at all. */
  async #takeOver(next: RelayConfig): Promise<ReloadReport> {
    const { log } = this.#options;
    const old = this.#config;
    const { changes, needRestart, config } = diffConfig(old, next);
    const runSinks = this.#deliveries.prepare(config.sinks);
    await this.#http.renewCertificate();
    this.#mustRun();
    const changed = this.#setTopics(old.trunks, config.trunks);
    this.#config = config;
    this.#access?.reconfigure(config);
    this.#gateway?.reconsider();
    this.#warn(config.warnings.filter((warning) => !old.warnings.includes(warning)));
    log.info({ changes, needRestart }, "configuration reloaded");
    log.setLevel?.(config.log.level);
    await Promise.all([runSinks(), ...changed.map((uplink) => uplink.settleTopics())]);
    return { changes, needRestart };
  }

  /** Tells each trunk its topics, or none. @throws TrunklineError TOPIC_INVALID */
  #setTopics(old: readonly TrunkConfig[], next: readonly TrunkConfig[]): readonly Uplink[] {
    const before = topicsByTrunk(old);
    const after = topicsByTrunk(next);
    const changed: Uplink[] = [];
    try {
      for (const uplink of this.#uplinks) {
        const topics = after.get(uplink.name);
        if (topics === undefined || isSameConfig(topics, before.get(uplink.name))) continue;
        uplink.setTopics(topics);
        changed.push(uplink);
      }
      return changed;
    } catch (error) {
      for (const uplink of changed) uplink.setTopics(before.get(uplink.name) ?? []);
      throw error;
    }
  }

  /** Each trunk carries what those want whom it may serve. */
  #want(interests: readonly Interest[], since: Since): void {
    for (const uplink of this.#uplinks)
      uplink.setSubscriptions(
        interests
          .filter(({ trunks }) => trunks === undefined || trunks.includes(uplink.name))
          .map(({ subscription }) => subscription),
        since,
      );
  }

  #warn(warnings: readonly string[]): void {
    const help = "docs/CONFIGURATION.md says what each option means.";
    for (const warning of warnings)
      this.#options.log.warn({ code: "CONFIG_UNWISE", help }, warning);
  }

  #mustRun(): void {
    if (this.#stopping !== undefined)
      throw new RelayError("SHUTTING_DOWN", "The relay is about to end.");
  }

  /** From the source to the sea: nothing new comes in, what is there goes out, then the lock goes. */
  async #stop(): Promise<void> {
    const wasBroken = this.#journal.status().failure?.error.recovery === "ends";
    const uplinks = this.#uplinks.map((uplink) => uplink.stop());
    // A journal without room lets them end when it is closed; their errors are looked at then.
    const stored = Promise.allSettled(uplinks);
    await this.#waitFor(stored);
    await Promise.all([this.#deliveries.stop(), this.#closeDoors()]);
    this.#upkeep.stop();
    await this.#journal.close();
    const left = (await stored).flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    const { failure, waiting } = this.#journal.status();
    const cause: unknown = failure?.error ?? left[0];
    if (cause === undefined) {
      if (this.#url !== "") this.#options.log.info({}, "relay stopped");
      return;
    }
    const why = isRelayError(cause) ? `: ${cause.message}` : ".";
    const unread = left.length > 0 ? ", and what had not reached it" : "";
    const error = new RelayError(
      "STOP_INCOMPLETE",
      `The journal did not store all that has come: ${waiting} records${unread}${why}`,
      { cause },
    );
    this.#options.log.error({ code: error.code, help: error.help, waiting }, error.message);
    if (!wasBroken) throw error;
  }

  /** Subscribers are told before their sockets close; then nothing more is taken. */
  async #closeDoors(): Promise<void> {
    await this.#gateway?.stop();
    await this.#http.close();
  }

  async #waitFor(stored: Promise<unknown>): Promise<void> {
    const late = new AbortController();
    await Promise.race([stored, this.#ports.clock.sleep(storeWaitMs, late.signal)]);
    late.abort();
  }
}

function topicsByTrunk(trunks: readonly TrunkConfig[]): ReadonlyMap<string, readonly string[]> {
  return new Map(trunks.map(({ name, topics }) => [name, topics]));
}

/** A gap is recorded before the next run begins, and moves the head, so no id comes twice. */
function createGapIds({ id, head }: Journal): () => string {
  let count = 0;
  return () => `${id}-gap-${head + 1}-${++count}`;
}
