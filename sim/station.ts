/**
 * The machine on which the relay of a simulated world runs, and whoever looks after it: starts it,
 * starts it again when it has ended, and never lets a start or a stop hang.
 */
import assert from "node:assert/strict";
import { createClient, Secret, type ClientOptions } from "@trunkline/client";
import type { Dice, SimClock } from "@trunkline/testkit";
import type { RelayConfig } from "../packages/relay/src/config/config.ts";
import { isRelayError } from "../packages/relay/src/errors.ts";
import type { Log } from "../packages/relay/src/ports.ts";
import { createRelay, type Relay } from "../packages/relay/src/relay.ts";
import { plainGateway } from "../packages/relay/src/testing/plain-gateway.ts";
import type { Books } from "./books.ts";
import type { Destination } from "./destinations.ts";
import type { Disk } from "./disk.ts";
import { Life } from "./life.ts";
import { clientId, type Network } from "./network.ts";
import type { Say, WorldPlan } from "./plan.ts";
import { Tap } from "./tap.ts";

const second = 1_000;
/** A start or a stop that takes longer hangs. */
const patienceMs = 120 * second;

export interface StationParts {
  readonly plan: WorldPlan;
  readonly clock: SimClock;
  readonly network: Network;
  readonly disk: Disk;
  readonly books: Books;
  readonly destinations: { readonly output: Destination; readonly webhook: Destination };
  readonly dice: Dice;
  readonly say: Say;
}

type Phase =
  | { readonly kind: "down" }
  | { readonly kind: "starting"; readonly life: Life }
  | { readonly kind: "running"; readonly life: Life; readonly relay: Relay }
  | { readonly kind: "stopping"; readonly life: Life };

export class Station {
  readonly #parts: StationParts;
  #phase: Phase = { kind: "down" };
  #lives = 0;
  #topics: readonly string[];
  #tap: Tap | undefined;
  #cancelAlarm: () => void = () => undefined;
  kills = 0;
  restarts = 0;
  /** What broke a promise where nobody could throw it. */
  violation: unknown;

  constructor(parts: StationParts) {
    this.#parts = parts;
    this.#topics = parts.plan.topics;
  }

  get relay(): Relay | undefined {
    return this.#phase.kind === "running" ? this.#phase.relay : undefined;
  }

  get life(): Life | undefined {
    return this.#phase.kind === "down" ? undefined : this.#phase.life;
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  /** Events inside coverage that the client had claimed when it was checked. */
  get claims(): number {
    return this.#claims + (this.#tap?.claims ?? 0);
  }
  #claims = 0;

  start(): void {
    if (this.#phase.kind !== "down") return;
    const { clock, say, books } = this.#parts;
    const life = new Life(clock, ++this.#lives);
    books.life = life.number;
    say(`relay: life ${life.number} begins`);
    this.#phase = { kind: "starting", life };
    this.#within(life, "a start");
    this.#createRelay(life).then(
      (relay) => {
        if (life.isDead) return;
        this.#cancelAlarm();
        this.#phase = { kind: "running", life, relay };
        void relay.failed.then((error) => {
          if (this.#phase.kind !== "running" || this.#phase.life !== life) return;
          say(`relay: failed: ${String(error)}`);
          this.#check(error);
          this.#bury(life);
          this.#startAfter(5 * second);
        });
      },
      (error: unknown) => {
        if (life.isDead) return;
        say(`relay: did not start: ${String(error)}`);
        this.#check(error);
        this.#bury(life);
        this.#startAfter(5 * second);
      },
    );
  }

  /** The process is gone at this very moment; it is started again after a while. */
  kill(downMs: number): void {
    const { life } = this;
    if (life === undefined) return;
    this.kills++;
    this.#bury(life);
    this.#startAfter(downMs);
  }

  /**
   * Somebody stops it in peace. Resolves when it has ended.
   * @param carried topics that are carried for sure until then; undefined where that is not known
   */
  async stop(carried?: readonly string[]): Promise<void> {
    if (this.#phase.kind !== "running") return;
    const { life, relay } = this.#phase;
    const { say } = this.#parts;
    this.#phase = { kind: "stopping", life };
    this.#within(life, "a stop");
    say("relay: stops");
    if (carried !== undefined) this.#tap?.expectEnd(carried);
    let isClean = true;
    try {
      await relay.stop();
    } catch (error) {
      assert.ok(isRelayError(error) && error.code === "STOP_INCOMPLETE", String(error));
      say(`relay: ${error.message}`);
      isClean = false;
    }
    if (life.isDead) return;
    if (isClean) this.#keep(() => this.#tap?.finish());
    this.#bury(life);
  }

  restart(downMs: number): void {
    if (this.#phase.kind !== "running") return;
    this.restarts++;
    void this.stop().then(
      () => this.#startAfter(downMs),
      (error: unknown) => (this.violation ??= error),
    );
  }

  suspend(ms: number, standsStill: boolean): void {
    const { life } = this;
    if (life === undefined || life.isAsleep) return;
    const { clock } = this.#parts;
    life.suspend(standsStill);
    clock.at(clock.monotonicMs() + ms, () => life.resume());
  }

  /** The configuration is changed, and read again where there is somebody to read it. */
  setTopics(topics: readonly string[]): void {
    const { books, network, say } = this.#parts;
    say(`wanted now: ${topics.length} topics`);
    this.#topics = topics;
    books.want(topics, network.cloudMs());
    this.relay?.reload().catch((error: unknown) => {
      if (!isRelayError(error) || error.code !== "SHUTTING_DOWN") this.violation ??= error;
    });
  }

  #startAfter(ms: number): void {
    const { clock } = this.#parts;
    clock.at(clock.monotonicMs() + ms, () => this.start());
  }

  #bury(life: Life): void {
    this.#cancelAlarm();
    this.#claims += this.#tap?.claims ?? 0;
    this.#tap = undefined;
    life.kill();
    // What this life has stored, before the next adds to it.
    this.#keep(() => this.#parts.books.look());
    this.#parts.network.abandon(life);
    this.#phase = { kind: "down" };
  }

  /** Suspended time does not count: after it, patience begins anew. */
  #within(life: Life, what: string): void {
    const { naps } = life;
    this.#cancelAlarm = life.after(patienceMs, () => {
      if (life.naps !== naps) return this.#within(life, what);
      this.violation ??= new assert.AssertionError({ message: `${what} hangs` });
    });
  }

  #check(error: unknown): void {
    if (isRelayError(error) && error.code !== "INTERNAL") return;
    this.violation ??= error;
  }

  #keep(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.violation ??= error;
    }
  }

  #createRelay(life: Life): Promise<Relay> {
    const { plan, disk, destinations, dice, books } = this.#parts;
    const { output, webhook } = destinations;
    const own = dice.fork(`life-${life.number}`);
    const random = (): number => own.random();
    const retention = plan.retention;
    return createRelay({
      config: this.#config(),
      readConfig: () => this.#config(),
      log: this.#log(),
      ports: {
        clock: life,
        random,
        openJournal: () => Promise.resolve().then(() => disk.open(life, retention, random)),
        createClient: (options) => {
          const client = createClient(this.#clientOptions(options, life, random));
          this.#tap = new Tap(this.#parts, books, (error) => (this.violation ??= error));
          return this.#tap.on(client);
        },
        createHttp: () => ({
          listen: () => Promise.resolve({ url: "http://127.0.0.1:8484" }),
          renewCertificate: () => Promise.resolve(),
          close: () => Promise.resolve(),
        }),
        output: output.output(life),
        webhookHttp: () => webhook.webhook(life),
        lookEveryMs: plan.isDense ? second : 60 * second,
        readText: () => Promise.reject(new Error("there are no files here")),
      },
    });
  }

  #clientOptions(options: ClientOptions, life: Life, random: () => number): ClientOptions {
    const { plan, network } = this.#parts;
    const { combine, bufferEventsMax } = plan;
    const ports = { clock: life, random, ...network.doors(life) };
    return { ...options, combine, bufferEventsMax, ports };
  }

  #config(): RelayConfig {
    const { plan } = this.#parts;
    const sink = { isEnabled: true, from: "start", delivery: plan.delivery } as const;
    return {
      dataDir: "/data",
      http: {
        host: "127.0.0.1",
        port: 0,
        token: undefined,
        hosts: [],
        origins: [],
        tls: undefined,
      },
      log: { level: "info" },
      journal: plan.retention,
      gateway: { ...plainGateway, isEnabled: false },
      redact: [],
      trunks: [
        {
          name: "main",
          place: { baseUrl: "http://cloud.example" },
          credentials: { clientId, clientSecret: new Secret("client secret", "secret") },
          topics: this.#topics,
          evictChannels: false,
          requestsPerMinute: 300,
          redundancy: plan.redundancy,
          policy: plan.policy,
        },
      ],
      sinks: [
        { ...sink, type: "stdout", name: "output", topics: plan.filters.output },
        {
          ...sink,
          type: "webhook",
          name: "webhook",
          topics: plan.filters.webhook,
          webhook: {
            url: "https://receiver.example/events",
            method: "POST",
            headers: {},
            body: undefined,
            mode: "batch",
            secret: undefined,
            timeoutMs: 5 * second,
            allow: [],
            refuseStatuses: [],
          },
        },
      ],
      warnings: [],
    };
  }

  #log(): Log {
    const { say } = this.#parts;
    const tell = ({ code, error }: Readonly<Record<string, unknown>>, message: string): void => {
      say(() => `log: ${typeof code === "string" ? code : ""} ${message}`);
      if (code === "INTERNAL") this.violation ??= error ?? new Error(message);
    };
    return { debug: () => undefined, info: tell, warn: tell, error: tell };
  }
}
