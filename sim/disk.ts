/**
 * The disk of a simulated world: one SQLite database that outlives the relay. A commit takes a while,
 * and takes place at one moment in it; whoever is killed before has written nothing. It can be slow,
 * and it can be full.
 */
import type { Dice } from "@trunkline/testkit";
import type { Batch, Carrier } from "../packages/relay/src/journal/batch.ts";
import type { Database } from "../packages/relay/src/journal/database.ts";
import { JournalEngine } from "../packages/relay/src/journal/engine.ts";
import { failureOf, relayErrorOf } from "../packages/relay/src/journal/failure.ts";
import type { Journal, Retention } from "../packages/relay/src/journal/journal.ts";
import { journalLimits, type JournalLimits } from "../packages/relay/src/journal/limits.ts";
import { Reader } from "../packages/relay/src/journal/reader.ts";
import { newJournalId, Store } from "../packages/relay/src/journal/store.ts";
import { openWriter } from "../packages/relay/src/platform/sqlite.ts";
import type { Life } from "./life.ts";

export interface DiskTraits {
  /** How long a commit takes: from, to. */
  readonly commitMs: readonly [number, number];
  readonly limits: Partial<JournalLimits>;
}

export class Disk {
  /** For whoever looks from outside; nobody writes through it. */
  readonly database: Database = openWriter(":memory:");
  readonly #traits: DiskTraits;
  readonly #dice: Dice;
  /** By how much longer everything takes at present. */
  delayMs = 0;
  isFull = false;
  /** After each commit that took place, and before anybody in the process knows of it. */
  onCommit: (batch: Batch) => void = () => undefined;

  constructor(traits: DiskTraits, dice: Dice) {
    this.#traits = traits;
    this.#dice = dice;
  }

  /** @throws RelayError JOURNAL_FULL and its kin */
  open(life: Life, retention: Retention, random: () => number): Journal {
    const limits = { ...journalLimits, ...this.#traits.limits };
    const place = "in memory";
    const connection = this.#connect();
    try {
      const store = new Store(connection, limits, newJournalId(random));
      const reader = new Reader(connection, store.opened.journalId, limits.topicsMax);
      const options = { place, retention, limits, clock: life, random, defer: queueMicrotask };
      return new JournalEngine(this.#carrier(life, store), reader, store.opened, options);
    } catch (error) {
      throw relayErrorOf(failureOf(error), place);
    }
  }

  #carrier(life: Life, store: Store): Carrier {
    const [from, to] = this.#traits.commitMs;
    return {
      commit: (batch, done) => {
        const takesMs = this.#dice.between(from, to) + this.delayMs;
        const commit = (): ReturnType<Store["commit"]> => {
          const outcome = store.commit(batch);
          if (outcome.kind === "stored") this.onCommit(batch);
          return outcome;
        };
        if (takesMs === 0) return done(commit());
        const untilMs = takesMs * this.#dice.random();
        life.after(untilMs, () => {
          const outcome = commit();
          life.after(takesMs - untilMs, () => done(outcome));
        });
      },
      close: async (isClean) => store.close(isClean),
    };
  }

  #connect(): Database {
    const { database } = this;
    return {
      exec: (sql) => {
        if (sql === "COMMIT" && this.isFull)
          throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
        database.exec(sql);
      },
      prepare: (sql) => database.prepare(sql),
      close: () => undefined,
    };
  }
}
