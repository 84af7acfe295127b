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
  #running: ReadonlyMap<string, Running> = new Map();

  constructor(ports: DeliveriesPorts) {
    this.#ports = ports;
  }

  /**
   * Runs these sinks and no others. What stays the same goes on undisturbed; what has changed is stopped
   * and starts anew at its place. The place of a sink that is gone is kept, and holds back nothing.
   * @throws RelayError TEMPLATE_INVALID, WEBHOOK_INVALID; then nothing has changed
   */
  async apply(configs: readonly SinkConfig[]): Promise<void> {
    const next = new Map(
      configs.map((config) => {
        const known = this.#running.get(config.name);
        const same = known !== undefined && isSameConfig(known.config, config);
        return [config.name, same ? known : { config, delivery: this.#create(config) }];
      }),
    );
    const over = [...this.#running].filter(([name, running]) => next.get(name) !== running);
    await Promise.all(over.map(([, { delivery }]) => delivery.stop()));
    const started = [...next.values()].filter(
      (running) => running !== this.#running.get(running.config.name),
    );
    this.#running = next;
    await this.#releaseOthers();
    for (const { config, delivery } of started) if (config.isEnabled) delivery.start();
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

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ delivery }) => delivery.stop()));
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

  /** Sinks that are gone or switched off must not keep the journal from deleting what is old. */
  async #releaseOthers(): Promise<void> {
    const { journal } = this.#ports;
    for (const { name, isEnabled } of await journal.consumers()) {
      const sink = sinkOf(name);
      if (sink === undefined) continue;
      const shouldHold = this.#running.get(sink)?.config.isEnabled === true;
      if (shouldHold !== isEnabled) await journal.enableConsumer(name, shouldHold);
    }
  }
}
