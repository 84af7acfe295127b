/**
 * A world to test delivery in: a journal that grows, a sink that does everything that sinks may do, and
 * an account of what arrived. After every step of time it is checked what must always hold: nothing that
 * is not in the journal, order per key, no gap passed, and the cursor never ahead of what is done.
 */
import assert from "node:assert/strict";
import { createDice, settled, SimClock, type Dice } from "@trunkline/testkit";
import type { DeliveryOptions } from "../config/config.ts";
import { createDelivery, type Delivery } from "../delivery/driver.ts";
import { isRelayError, RelayError } from "../errors.ts";
import type { Entry, GapEntry } from "../journal/entry.ts";
import type { Log } from "../ports.ts";
import type { CheckOutcome, Refusal, Sink, WriteOutcome } from "../sinks/sink.ts";
import { matchTopics } from "../topics.ts";
import { MemoryJournal } from "./memory-journal.ts";

const consumer = "sink:hostile";
const entities = ["a", "b", "c", "d"].map(
  (letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`,
);
/** Only these topics are wanted, where the world filters. */
const patterns = ["v2.users.*.presence"];

interface Mood {
  readonly filters: boolean;
  readonly failChance: number;
  readonly refuseEvery: number;
  readonly hangChance: number;
  readonly goneChance: number;
  readonly journalFailChance: number;
  readonly crashChance: number;
  readonly rewindChance: number;
  readonly latencyMs: number;
  readonly burstMax: number;
}

/** What the destination and the sink's answers add up to. */
interface Account {
  /** Positions that were written or refused, as the sink said. */
  readonly done: Set<number>;
  readonly refused: Set<number>;
  arrivals: number;
  duplicates: number;
}

interface Active {
  readonly batch: readonly Entry[];
}

export class DeliveryWorld {
  readonly clock = new SimClock(Date.UTC(2026, 10, 21));
  readonly account: Account = { done: new Set(), refused: new Set(), arrivals: 0, duplicates: 0 };
  readonly options: DeliveryOptions;
  readonly told: string[] = [];
  journal: MemoryJournal;
  delivery: Delivery;
  crashes = 0;
  rewinds = 0;
  halts = 0;
  readonly #dice: Dice;
  readonly #mood: Mood;
  readonly #wants: (topic: string) => boolean;
  #life = 0;
  #active = new Set<Active>();
  #healed = false;
  #arrived = new Set<number>();
  /** Where somebody wants the cursor at this moment; what it leaps over is not delivered. */
  #leapTo = 0;
  #violation: Error | undefined;
  /** Up to here everything is over. */
  #overTo = 0;
  /** Up to here the cursor was checked. */
  #checkedTo = 0;

  constructor(seed: number) {
    const dice = (this.#dice = createDice(seed, "delivery"));
    this.#mood = {
      filters: dice.chance(0.5),
      failChance: dice.pick([0, 0.05, 0.3, 0.7]),
      refuseEvery: dice.pick([0, 0, 7, 31]),
      hangChance: dice.pick([0, 0, 0.05]),
      goneChance: dice.pick([0, 0, 0.02]),
      journalFailChance: dice.pick([0, 0, 0.05]),
      crashChance: dice.pick([0, 0.05, 0.3]),
      rewindChance: dice.pick([0, 0, 0, 0.1]),
      latencyMs: dice.pick([0, 1, 50, 2_000]),
      burstMax: dice.pick([1, 10, 200]),
    };
    this.options = {
      batchEntriesMax: dice.pick([1, 3, 10, 100]),
      batchBytesMax: dice.pick([200, 2_000, 100_000]),
      inFlightMax: dice.pick([1, 1, 2, 5]),
      retryFirstMs: 100,
      retryMaxMs: 5_000,
      writeTimeoutMs: 10_000,
      deadLettersMax: dice.pick([0, 5, 1_000]),
    };
    this.#wants = matchTopics(this.#mood.filters ? patterns : undefined);
    this.journal = this.#openJournal();
    this.delivery = this.#createDelivery("start");
    this.delivery.start();
  }

  /** Trouble, for so many steps. */
  async storm(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.#grow();
      await this.#pass(this.#dice.pick([1, 10, 500, 3_000]));
      if (this.#dice.chance(this.#mood.crashChance)) this.#crash();
      if (this.#dice.chance(this.#mood.rewindChance)) await this.#rewind();
      await this.#tend();
    }
  }

  /** From now on the sink takes everything that it does not refuse for good; all must come to rest. */
  async heal(): Promise<void> {
    this.#healed = true;
    for (let round = 0; round < 5_000; round++) {
      await this.#pass(5_000);
      await this.#tend();
      const { position } = this.#consumer();
      if (position === this.journal.head && this.delivery.status().state === "live") break;
    }
    await this.#pass(20_000);
    await this.#tend();
    const status = this.delivery.status();
    assert.equal(status.state, "live", `live in the end, not ${JSON.stringify(status)}`);
    assert.equal(status.error, undefined);
    assert.equal(status.behind, 0, "nothing is left behind");
    assert.equal(this.#consumer().position, this.journal.head, "the cursor has caught up");
    const { done, refused } = this.account;
    for (const { position } of this.#wanted())
      assert.ok(done.has(position) || refused.has(position), `${position} is done`);
    await this.delivery.stop();
    assert.equal(this.clock.timers, 0, "no timer is left");
  }

  async #pass(ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    await this.clock.runUntil(untilMs, () => {
      this.#checkCursor();
      return this.#violation !== undefined;
    });
    this.#checkCursor();
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Lets time pass until a promise settles; none may take an hour. */
  async #await<T>(promise: Promise<T>): Promise<T> {
    const ended = promise.then(
      () => "ended",
      () => "ended",
    );
    for (let ms = 0; ms < 3_600_000; ms += 1_000) {
      if ((await Promise.race([ended, settled()])) === "ended") return promise;
      await this.#pass(1_000);
    }
    throw new Error(`it never ends: ${JSON.stringify(this.delivery.status())}`);
  }

  #openJournal(disk?: MemoryJournal["disk"]): MemoryJournal {
    return new MemoryJournal({
      ...(disk && { disk }),
      clock: this.clock,
      commitMs: () => this.#dice.pick([0, 1, 20]),
      fails: () =>
        !this.#healed && this.#dice.chance(this.#mood.journalFailChance)
          ? new RelayError("JOURNAL_FULL", "No room.")
          : undefined,
    });
  }

  #createDelivery(from: "start" | "head"): Delivery {
    const life = ++this.#life;
    this.#active = new Set();
    const dice = this.#dice.fork(`life-${life}`);
    return createDelivery({
      name: "hostile",
      consumer,
      from,
      sink: this.#createSink(life),
      journal: this.journal,
      clock: this.clock,
      random: () => dice.random(),
      log: this.#log(),
      options: this.options,
      topics: this.#mood.filters ? patterns : undefined,
    });
  }

  #log(): Log {
    const tell = ({ code }: Readonly<Record<string, unknown>>): void => {
      this.told.push(typeof code === "string" ? code : "recovered");
    };
    return { debug: tell, info: tell, warn: tell, error: tell };
  }

  #grow(): void {
    const dice = this.#dice;
    const count = dice.int(0, this.#mood.burstMax);
    for (let index = 0; index < count; index++) {
      const entity = dice.pick(entities);
      const kind = dice.pick(["presence", "presence", "routingStatus"]);
      const topic = dice.chance(0.1) ? `v2.other.${kind}` : `v2.users.${entity}.${kind}`;
      if (dice.chance(0.03)) this.#appendGap(topic);
      else
        this.journal.append([
          {
            kind: "event",
            trunk: "main",
            topic,
            receivedAtMs: 0,
            maybeDuplicate: dice.chance(0.1),
            raw: "x".repeat(dice.int(1, 120)),
          },
        ]);
    }
  }

  #appendGap(topic: string): void {
    this.journal.append([
      {
        kind: "gap",
        trunk: "main",
        gapId: "g",
        state: "open",
        topics: [topic, "v2.other.presence"],
        fromMs: 0,
        toMs: undefined,
        cause: "cut",
        certainty: "possible",
        serverOffsetMs: undefined,
        recordedAtMs: 0,
      },
    ]);
  }

  /** The process ends at this very moment; another takes its place. */
  #crash(): void {
    this.crashes++;
    const disk = this.journal.crash();
    void this.delivery.stop();
    this.journal = this.#openJournal(disk);
    this.delivery = this.#createDelivery("start");
    this.delivery.start();
  }

  async #rewind(): Promise<void> {
    const target = this.#dice.int(0, this.journal.head);
    this.#leapTo = target;
    const { delivery } = this;
    const outcome = delivery.rewind(target).then(
      () => "done" as const,
      (error: unknown) => (isRelayError(error) ? ("refused" as const) : Promise.reject(error)),
    );
    const end = await this.#await(outcome);
    this.#leapTo = 0;
    if (end !== "done") return;
    this.rewinds++;
    for (const { position } of this.#wanted()) {
      if (position > target) break;
      this.account.done.add(position);
      this.#arrived.add(position);
    }
  }

  /** Somebody looks after what is halted. */
  async #tend(): Promise<void> {
    if (this.delivery.status().state !== "halted") return;
    this.halts++;
    const letters = [...this.journal.disk.deadLetters];
    const ids = letters.map(({ id }) => id);
    await this.#await(this.journal.removeDeadLetters(consumer, ids));
    for (const { entry } of letters) this.account.refused.add(entry.position);
    this.delivery.resume();
  }

  #createSink(life: number): Sink {
    const dice = this.#dice.fork(`sink-${life}`);
    const mood = this.#mood;
    const error = new RelayError("SINK_FILE_FULL", "It is full.");
    return {
      open: async (signal) => {
        await this.clock.sleep(dice.between(0, mood.latencyMs), signal);
        if (!this.#healed && dice.chance(mood.failChance)) throw error;
        if (!this.#healed && dice.chance(mood.hangChance)) await this.clock.sleep(1e9, signal);
      },
      write: async (batch, signal) => {
        const active = { batch };
        try {
          assert.equal(life, this.#life, "the dead write nothing");
          this.#checkBatch(active);
        } catch (violation) {
          // Delivery would take it for one more failure of the sink.
          this.#violation ??= violation instanceof Error ? violation : new Error("violated");
          throw violation;
        }
        this.#active.add(active);
        try {
          const outcome = await this.#write(batch, signal, dice, life);
          if (outcome !== "never") return outcome;
          // Delivery leaves it behind after a while.
          this.#active.delete(active);
          return await new Promise(() => undefined);
        } finally {
          this.#active.delete(active);
        }
      },
      close: () => Promise.resolve(),
      check: (): Promise<CheckOutcome> => Promise.resolve({ ok: true, detail: "hostile" }),
    };
  }

  async #write(
    batch: readonly Entry[],
    signal: AbortSignal,
    dice: Dice,
    life: number,
  ): Promise<WriteOutcome | "never"> {
    const mood = this.#mood;
    const error = new RelayError("SINK_FILE_FULL", "It is full.");
    const isCalm = this.#healed;
    const fails = !isCalm && dice.chance(mood.failChance);
    const until = fails ? dice.int(0, batch.length) : batch.length;
    const refused: Refusal[] = [];
    for (const [index, entry] of batch.entries()) {
      if (index >= until) break;
      if (mood.latencyMs > 0) await this.clock.sleep(dice.between(0, mood.latencyMs / 10), signal);
      if (life !== this.#life) return { kind: "retry", written: 0, error };
      if (signal.aborted)
        return this.#answered(batch, { kind: "retry", written: index, refused, error });
      if (mood.refuseEvery > 0 && entry.position % mood.refuseEvery === 0)
        refused.push({ index, reason: "Never." });
      else this.#arrive(entry);
    }
    if (!isCalm && dice.chance(mood.hangChance)) {
      await this.clock.sleep(1e9, signal);
      if (life !== this.#life) return { kind: "retry", written: 0, error };
      // Whether all of it arrived or none: it may say either, or nothing ever.
      if (dice.chance(0.3)) return "never";
      return dice.chance(0.5) && !fails
        ? this.#answered(batch, { kind: "written", refused })
        : { kind: "retry", written: 0, error };
    }
    if (!isCalm && dice.chance(mood.goneChance))
      return this.#answered(batch, { kind: "gone", written: until, refused, error });
    if (!fails) return this.#answered(batch, { kind: "written", refused });
    if (dice.chance(0.2)) throw new Error("a bug in the sink");
    // It may have done more than it says; never less.
    const claimed = dice.int(0, until);
    return this.#answered(batch, {
      kind: "retry",
      written: claimed,
      refused: refused.filter(({ index }) => index < claimed),
      error,
      afterMs: dice.pick([undefined, 0, 7_000]),
      reopen: dice.chance(0.3),
    });
  }

  #answered(batch: readonly Entry[], outcome: WriteOutcome): WriteOutcome {
    const count = outcome.kind === "written" ? batch.length : outcome.written;
    const refused = new Set(outcome.refused?.map(({ index }) => index));
    for (const [index, { position }] of batch.slice(0, count).entries())
      if (!refused.has(index)) this.account.done.add(position);
    return outcome;
  }

  #arrive(entry: Entry): void {
    const { position } = entry;
    this.account.arrivals++;
    if (this.#arrived.has(position)) this.account.duplicates++;
    this.#arrived.add(position);
  }

  /** What a batch must be when it is handed out. */
  #checkBatch({ batch }: Active): void {
    const { batchEntriesMax, batchBytesMax, inFlightMax } = this.options;
    assert.ok(this.#active.size < inFlightMax, "in flight");
    assert.ok(batch.length > 0 && batch.length <= batchEntriesMax, "entries of a batch");
    const bytes = batch.reduce(
      (sum, entry) => sum + (entry.kind === "event" ? entry.raw.length : 0),
      0,
    );
    assert.ok(batch.length === 1 || bytes <= batchBytesMax, "bytes of a batch");
    const flying = [...this.#active].flatMap((other) => other.batch);
    const inBatch = new Set<number>();
    for (const { position } of this.#wanted(this.#overTo)) {
      if (!this.#isOver(position)) break;
      this.#overTo = position;
    }
    for (const entry of batch) {
      const stored = this.#stored(entry.position);
      assert.ok(stored !== undefined, "what is delivered is stored");
      if (entry.kind === "gap") this.#checkGap(entry, stored);
      else assert.equal(entry, stored);
      for (const earlier of this.#wanted(this.#overTo)) {
        if (earlier.position >= entry.position) break;
        if (earlier.position <= this.#leapTo) continue;
        const mustPrecede =
          entry.kind === "gap" || earlier.kind === "gap" || keyOf(earlier) === keyOf(entry);
        if (!mustPrecede) continue;
        assert.ok(
          this.#isOver(earlier.position) || inBatch.has(earlier.position),
          `${earlier.position} before ${entry.position}`,
        );
      }
      assert.ok(
        flying.every((other) => other.kind !== "gap" && keyOf(other) !== keyOf(entry)),
        "no key in two batches",
      );
      inBatch.add(entry.position);
    }
  }

  #checkGap(entry: GapEntry, stored: Entry): void {
    assert.equal(stored.kind, "gap");
    assert.deepEqual(entry.topics, stored.topics.filter(this.#wants));
  }

  /** Written, or refused: then it lies in the dead letters, or will when the cursor passes it. */
  #isOver(position: number): boolean {
    const { done } = this.account;
    const { refuseEvery } = this.#mood;
    return done.has(position) || (refuseEvery > 0 && position % refuseEvery === 0);
  }

  #checkCursor(): void {
    const { position } = this.#consumer();
    if (position <= this.#checkedTo) return;
    const letters = new Set(this.journal.disk.deadLetters.map(({ entry }) => entry.position));
    for (const entry of this.#wanted(Math.max(this.#checkedTo, this.#leapTo))) {
      if (entry.position > position) break;
      const { done, refused } = this.account;
      assert.ok(
        done.has(entry.position) || letters.has(entry.position) || refused.has(entry.position),
        `the cursor, at ${position}, is ahead of ${entry.position}`,
      );
      if (letters.has(entry.position)) done.add(entry.position);
    }
    if (this.rewinds === 0 && this.#mood.rewindChance === 0)
      assert.equal(letters.size, this.journal.disk.deadLetters.length, "a dead letter once");
    this.#checkedTo = position;
  }

  #consumer(): { readonly position: number } {
    return this.journal.disk.consumers.get(consumer) ?? { position: 0 };
  }

  #stored(position: number): Entry | undefined {
    return this.journal.disk.entries[position - 1];
  }

  *#wanted(after = 0): Generator<Entry> {
    const { entries } = this.journal.disk;
    // Positions have no holes here.
    for (let index = after; index < entries.length; index++) {
      const entry = entries[index];
      if (entry === undefined) return;
      const topics = entry.kind === "event" ? [entry.topic] : entry.topics;
      if (topics.some(this.#wants)) yield entry;
    }
  }
}

function keyOf(entry: Entry): string {
  return entry.kind === "gap" ? "" : (entry.entity ?? entry.topic);
}
