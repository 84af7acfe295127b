/** All deliveries of a relay: one for each sink of the configuration, which a reload may change. */
import type { SinkConfig } from "../config/config.ts";
import { isSameConfig } from "../config/diff.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock, Log, Random } from "../ports.ts";
import type { SinkControl, SinkStatus } from "../service.ts";
import type { Sink } from "../sinks/sink.ts";
import { consumerOf, sinkOf } from "./consumer.ts";
import { createDelivery, type Delivery } from "./driver.ts";

export interface DeliveriesPorts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly createSink: (config: SinkConfig) => Sink;
}

interface Running {
  readonly config: SinkConfig;
  readonly delivery: Delivery;
}

export class Deliveries {
  readonly #ports: DeliveriesPorts;
  readonly #end = new AbortController();
  #running: ReadonlyMap<string, Running> = new Map();

  constructor(ports: DeliveriesPorts) {
    this.#ports = ports;
  }

  /**
   * Gets ready to run these sinks and no others, and returns what does it. What stays the same goes on
   * undisturbed; what has changed is stopped, and starts anew at its place when all such are stopped: a
   * file has one writer. The place of a sink that is gone is kept, and holds back nothing.
   * @throws RelayError TEMPLATE_INVALID, WEBHOOK_INVALID; nothing changes until what it returns is called
   */
  prepare(configs: readonly SinkConfig[]): () => Promise<void> {
    const next = new Map(
      configs.map((config) => {
        const known = this.#running.get(config.name);
        const same = known !== undefined && isSameConfig(known.config, config);
        return [config.name, same ? known : { config, delivery: this.#create(config) }];
      }),
    );
    return () => this.#change(next);
  }

  status(): readonly SinkStatus[] {
    return [...this.#running.values()].map(({ config, delivery }) => {
      const { name, type, isEnabled } = config;
      return { name, type, isEnabled, ...delivery.status() };
    });
  }

  control(name: string): SinkControl | undefined {
    return this.#running.get(name)?.delivery;
  }

  /** Nothing starts any more, not even what was being changed. */
  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all([...this.#running.values()].map(({ delivery }) => delivery.stop()));
  }

  async #change(next: ReadonlyMap<string, Running>): Promise<void> {
    const before = this.#running;
    const over = [...before].filter(([name, running]) => next.get(name) !== running);
    await Promise.all(over.map(([, { delivery }]) => delivery.stop()));
    if (this.#end.signal.aborted) return;
    this.#running = next;
    for (const [name, running] of next)
      if (running.config.isEnabled && before.get(name) !== running) running.delivery.start();
    await this.#releaseOthers();
  }

  #create(config: SinkConfig): Delivery {
    const { journal, clock, random, log, createSink } = this.#ports;
    const { name, from, topics, delivery: options } = config;
    const consumer = consumerOf(name);
    const sink = createSink(config);
    return createDelivery({
      name,
      consumer,
      from,
      topics,
      sink,
      journal,
      clock,
      random,
      log,
      options,
    });
  }

  /**
   * Sinks that are gone or switched off must not keep the journal from deleting what is old. While the
   * journal cannot store that, nobody waits for it: what it loses is done at the next start.
   */
  async #releaseOthers(): Promise<void> {
    const { journal } = this.#ports;
    for (const { name, isEnabled } of await journal.consumers()) {
      const sink = sinkOf(name);
      if (sink === undefined) continue;
      const shouldHold = this.#running.get(sink)?.config.isEnabled === true;
      if (shouldHold !== isEnabled)
        void journal.enableConsumer(name, shouldHold).catch(() => undefined);
    }
  }
}
