/** Journals for tests: on a disk in memory that survives its user, can be cut off and can fail. */
import { SimClock } from "@trunkline/testkit";
import type { Database } from "../journal/database.ts";
import type { EventDraft, GapDraft } from "../journal/entry.ts";
import type { Journal, Retention } from "../journal/journal.ts";
import type { JournalLimits } from "../journal/limits.ts";
import { openJournalOn } from "../journal/open.ts";
import { openWriter } from "../platform/sqlite.ts";

export interface OpenOptions {
  readonly retention?: Partial<Retention>;
  readonly limits?: Partial<JournalLimits>;
}

/** Where journals can be opened one after the other, on the same data. */
export interface JournalStage {
  open(options?: OpenOptions): Promise<Journal>;
  /** Nothing of the journal that is open happens any more, as if its process had been killed. */
  kill(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const keepAll: Retention = { maxAgeMs: 1e12, bytesMax: 1e12 };

/** Fails like SQLite does. */
export class SqliteFault extends Error {
  readonly errcode: number;

  constructor(errcode: number, message: string) {
    super(message);
    this.errcode = errcode;
  }
}

/** A disk in memory. Connections to it can be severed, and its commits can fail. */
export class MemoryDisk {
  readonly database = openWriter(":memory:");
  fault: SqliteFault | undefined;
  commits = 0;

  connect(): { readonly connection: Database; readonly sever: () => void } {
    let isSevered = false;
    const { database } = this;
    const connection: Database = {
      exec: (sql) => {
        if (isSevered) throw new Error("severed");
        if (sql === "COMMIT") {
          this.commits++;
          if (this.fault !== undefined) throw this.fault;
        }
        database.exec(sql);
      },
      prepare: (sql) => database.prepare(sql),
      close: () => undefined,
    };
    return {
      connection,
      sever: () => {
        isSevered = true;
      },
    };
  }
}

/** On virtual time, this thread, and a disk in memory. */
export class MemoryStage implements JournalStage {
  readonly disk = new MemoryDisk();
  readonly clock = new SimClock(1_700_000_000_000);
  #sever: () => void = () => undefined;
  #seed = 0;

  async open({ retention, limits }: OpenOptions = {}): Promise<Journal> {
    const { connection, sever } = this.disk.connect();
    this.#sever = sever;
    return openJournalOn(connection, {
      place: "in memory",
      retention: { ...keepAll, ...retention },
      limits,
      clock: this.clock,
      random: () => (this.#seed = (this.#seed + 0.377) % 1),
      defer: queueMicrotask,
    });
  }

  async kill(): Promise<void> {
    this.#sever();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disk.database.close();
  }
}

export const queueTopic = (queue: number | string): string =>
  `v2.routing.queues.${queue}.conversations`;

export function eventDraft(index: number, change: Partial<EventDraft> = {}): EventDraft {
  const topic = queueTopic(index % 7);
  return {
    kind: "event",
    trunk: "main",
    topic,
    receivedAtMs: 1_700_000_000_000 + index,
    maybeDuplicate: false,
    raw: JSON.stringify({ topicName: topic, eventBody: { n: index, text: "ö€😀" } }),
    ...change,
  };
}

export function gapDraft(change: Partial<GapDraft> = {}): GapDraft {
  return {
    kind: "gap",
    trunk: "main",
    gapId: "gap-1",
    state: "open",
    topics: [queueTopic(1), queueTopic(2)],
    fromMs: 1_700_000_000_000,
    toMs: undefined,
    cause: "cut",
    certainty: "possible",
    serverOffsetMs: 12,
    recordedAtMs: 1_700_000_000_500,
    ...change,
  };
}
