/**
 * The store: the one writer of a journal's database. Synchronous; a carrier brings it batches, on
 * this thread or another. One batch is one transaction, so after a kill all of it is there or nothing.
 */
import type { Random } from "@trunkline/client";
import {
  columnsPerEvent,
  type Answer,
  type Batch,
  type NewOrigin,
  type Opened,
  type Outcome,
  type Question,
  type Standing,
} from "./batch.ts";
import {
  numberOf,
  rollback,
  textOf,
  transact,
  type Database,
  type SqlValue,
  type Statement,
} from "./database.ts";
import type { GapDraft } from "./entry.ts";
import { failureOf, StoreError } from "./failure.ts";
import type { JournalLimits } from "./limits.ts";
import { gapKind } from "./kind.ts";
import { migrate } from "./schema.ts";
import { StoreConsumers } from "./store-consumers.ts";
import { StoreConversations } from "./store-conversations.ts";
import { StoreCoverage } from "./store-coverage.ts";
import { StoreGaps } from "./store-gaps.ts";
import { StoreRetention, type Trimmed } from "./store-retention.ts";

/** Rows in one INSERT: measured, 40 are a third faster than one by one, and more gain little. */
const rowsAtOnce = 40;
const valuesInRow = 5;
const idLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
const idLength = 12;

export class Store {
  readonly opened: Opened;
  readonly #database: Database;
  readonly #limits: JournalLimits;
  readonly #checkPlace: () => void;
  readonly #consumers: StoreConsumers;
  readonly #conversations: StoreConversations;
  readonly #coverage: StoreCoverage;
  readonly #gaps: StoreGaps;
  readonly #retention: StoreRetention;
  readonly #insertMany: Statement;
  readonly #insertOne: Statement;
  readonly #addOrigin: Statement;
  readonly #addTopic: Statement;
  readonly #addGeneration: Statement;
  readonly #keepChannels: Statement;
  readonly #keepText: Statement;
  readonly #forgetKept: Statement;
  readonly #pageCount: Statement;
  readonly #freePages: Statement;
  readonly #pageBytes: number;
  readonly #values: SqlValue[] = Array.from({ length: rowsAtOnce * valuesInRow }, () => 0);
  #standing: Standing;

  /**
   * Opens a database as a journal: makes or migrates its tables and begins a run.
   * @param newId what it is called if it is new
   * @param checkPlace throws when what is written would go nowhere
   * @throws StoreError, or an error of SQLite
   */
  constructor(
    database: Database,
    limits: JournalLimits,
    newId: string,
    checkPlace: () => void = () => undefined,
  ) {
    this.#database = database;
    this.#limits = limits;
    this.#checkPlace = checkPlace;
    migrate(database);
    const begun = transact(database, () => beginRun(database, newId));
    this.#pageBytes = numberOf(database.prepare("PRAGMA page_size").get(), "page_size");
    this.#consumers = new StoreConsumers(database, limits.consumersMax);
    this.#conversations = new StoreConversations(database);
    this.#coverage = new StoreCoverage(database, begun.run);
    this.#gaps = new StoreGaps(database);
    this.#retention = new StoreRetention(database, limits);
    const columns = "INSERT INTO entries (position, kind, topic, received_ms, raw) VALUES";
    const rows = Array.from({ length: rowsAtOnce }, () => "(?, ?, ?, ?, ?)").join(", ");
    this.#insertMany = database.prepare(`${columns} ${rows}`);
    this.#insertOne = database.prepare(`${columns} (?, ?, ?, ?, ?)`);
    this.#addOrigin = database.prepare(
      "INSERT INTO origins (id, trunk, organization_id) VALUES (?, ?, ?)",
    );
    this.#addTopic = database.prepare("INSERT INTO topics (id, origin, name) VALUES (?, ?, ?)");
    this.#addGeneration = database.prepare(
      "INSERT INTO generations (first_topic, first_position) VALUES (?, ?)",
    );
    this.#keepChannels = database.prepare(
      "INSERT OR REPLACE INTO trunks (name, channels) VALUES (?, ?)",
    );
    this.#keepText = database.prepare(
      "INSERT OR REPLACE INTO subscriptions (id, state) VALUES (?, ?)",
    );
    this.#forgetKept = database.prepare("DELETE FROM subscriptions WHERE id = ?");
    this.#pageCount = database.prepare("PRAGMA page_count");
    this.#freePages = database.prepare("PRAGMA freelist_count");
    this.#standing = { head: begun.head, oldest: begun.oldest, bytes: this.#bytes() };
    this.opened = {
      journalId: begun.journalId,
      wasClosed: begun.wasClosed,
      standing: this.#standing,
      origins: begun.origins,
      nextOrigin: begun.nextOrigin,
      nextTopic: begun.nextTopic,
    };
  }

  /** Stores a batch, or nothing of it. Never throws. */
  commit(batch: Batch): Outcome {
    try {
      this.#checkPlace();
      const { standing, answers } = transact(this.#database, () => this.#apply(batch));
      this.#standing = standing;
      return { kind: "stored", standing, answers };
    } catch (error) {
      return { kind: "failed", failure: failureOf(error) };
    }
  }

  /** Marks the stop as clean, if it is, and lets go of the database. */
  close(isClean: boolean): void {
    try {
      if (isClean) this.#database.exec("UPDATE meta SET value = 1 WHERE name = 'closed'");
    } finally {
      rollback(this.#database);
      this.#database.close();
    }
  }

  #apply(batch: Batch): { readonly standing: Standing; readonly answers: readonly Answer[] } {
    for (const { id, trunk, organizationId } of batch.origins)
      this.#addOrigin.run(id, trunk, organizationId ?? null);
    for (const { id, origin, name } of batch.topics) this.#addTopic.run(id, origin, name);
    const answers: Answer[] = [];
    let { head, oldest } = this.#standing;
    let event = 0;
    for (const step of batch.steps) {
      switch (step.kind) {
        case "events":
          this.#insertEvents(batch, event, step.count, head);
          event += step.count;
          head += step.count;
          break;
        case "gap":
          head++;
          this.#insertGap(step.draft, step.topic, head);
          break;
        case "trim": {
          const trimmed = this.#trim(step, oldest, head);
          ({ oldest } = trimmed);
          answers.push({ kind: "trimmed", hasMore: trimmed.hasMore });
          break;
        }
        case "generation":
          this.#addGeneration.run(step.firstTopic, head + 1);
          break;
        case "channels": {
          const kept = step.channels.slice(-this.#limits.channelsMax);
          this.#keepChannels.run(step.trunk, JSON.stringify(kept));
          break;
        }
        case "conversations":
          this.#conversations.change(step);
          break;
        case "carried":
          this.#coverage.carried(step, head);
          break;
        case "released":
          this.#coverage.released(step, head);
          break;
        case "proof":
          this.#coverage.proof(step);
          break;
        case "keep-subscription":
          this.#keepSubscription(step.id, step.state);
          answers.push({ kind: "done" });
          break;
        case "open-consumer":
        case "advance":
        case "rewind":
        case "enable":
        case "remove-consumer":
        case "remove-letters":
          answers.push(this.#consumers.answer(step, head));
      }
    }
    return { standing: { head, oldest, bytes: this.#bytes() }, answers };
  }

  #keepSubscription(id: string, state: string | undefined): void {
    if (state === undefined) this.#forgetKept.run(id);
    else this.#keepText.run(id, state);
  }

  #insertEvents({ columns, raws }: Batch, first: number, count: number, head: number): void {
    const values = this.#values;
    const end = first + count;
    let position = head;
    let event = first;
    while (end - event >= rowsAtOnce) {
      let value = 0;
      for (const chunkEnd = event + rowsAtOnce; event < chunkEnd; event++) {
        const column = columnsPerEvent * event;
        values[value++] = ++position;
        values[value++] = columns[column + 2] ?? 0;
        values[value++] = columns[column] ?? 0;
        values[value++] = columns[column + 1] ?? 0;
        values[value++] = raws[event] ?? "";
      }
      this.#insertMany.run(...values);
    }
    for (; event < end; event++) {
      const column = columnsPerEvent * event;
      const [topic, receivedAtMs, kind] = columns.subarray(column, column + columnsPerEvent);
      const raw = raws[event] ?? "";
      this.#insertOne.run(++position, kind ?? 0, topic ?? 0, receivedAtMs ?? 0, raw);
    }
  }

  #insertGap(draft: GapDraft, topic: number, position: number): void {
    const { kind: _kind, trunk: _trunk, ...rest } = draft;
    this.#insertOne.run(position, gapKind, topic, draft.recordedAtMs, JSON.stringify(rest));
    this.#gaps.record(draft, topic, position);
  }

  #trim(
    question: Extract<Question, { readonly kind: "trim" }>,
    oldest: number,
    head: number,
  ): Trimmed {
    const floor = this.#consumers.floor() ?? head;
    const trimmed = this.#retention.trim(question, { oldest, bytes: this.#bytes(), floor });
    const isLarge = this.#retention.shrink(numberOf(this.#freePages.get(), "freelist_count"));
    const { cutoffMs } = question;
    if (cutoffMs === undefined || trimmed.hasMore) return trimmed;
    if (isLarge) return { ...trimmed, hasMore: true };
    this.#retention.forget(trimmed.oldest);
    const sliceMax = this.#limits.trimEntriesMax;
    const bounds = { oldest: trimmed.oldest, cutoffMs, sliceMax };
    this.#coverage.trim({ ...bounds, coverageMax: this.#limits.coverageMax });
    this.#gaps.trim({ ...bounds, gapsMax: this.#limits.gapsMax });
    return trimmed;
  }

  /** Pages in use; freed ones are used again before the file grows. */
  #bytes(): number {
    const used =
      numberOf(this.#pageCount.get(), "page_count") -
      numberOf(this.#freePages.get(), "freelist_count");
    return used * this.#pageBytes;
  }
}

interface Begun extends Omit<Opened, "standing"> {
  readonly run: number;
  readonly head: number;
  readonly oldest: number;
}

/** Begins a run: from here on the last one counts as killed, unless `close` says otherwise. */
function beginRun(database: Database, newId: string): Begun {
  const read = database.prepare("SELECT value FROM meta WHERE name = ?");
  const write = database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)");
  let journalId = read.get("id")?.["value"];
  const isNew = journalId === undefined;
  if (journalId === undefined) {
    journalId = newId;
    write.run("id", journalId);
  }
  const run = numberOf(read.get("run"), "value") + 1;
  const wasClosed = isNew || numberOf(read.get("closed"), "value") === 1;
  write.run("run", run);
  write.run("closed", 0);
  const sequence = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?");
  const head = numberOf(sequence.get("entries"), "seq");
  const first = database.prepare("SELECT min(position) AS n FROM entries").get()?.["n"];
  const oldest = first === null || first === undefined ? head + 1 : Number(first);
  const newest = numberOf(database.prepare("SELECT max(position) AS n FROM entries").get(), "n");
  if (newest > head)
    throw new StoreError({
      kind: "corrupt",
      detail: `entry ${newest} is beyond the sequence ${head}`,
    });
  // The newest origin of each trunk comes last.
  const origins = database.prepare("SELECT * FROM origins ORDER BY id").all().map(originOf);
  return {
    run,
    journalId: String(journalId),
    wasClosed,
    head,
    oldest,
    origins,
    nextOrigin: Math.max(0, ...origins.map(({ id }) => id)) + 1,
    nextTopic: numberOf(sequence.get("topics"), "seq") + 1,
  };
}

function originOf(row: Parameters<typeof textOf>[0]): NewOrigin {
  const organization = row["organization_id"];
  return {
    id: numberOf(row, "id"),
    trunk: textOf(row, "trunk"),
    organizationId:
      organization === null || organization === undefined ? undefined : String(organization),
  };
}

/** What a new journal is called: 62 random bits. */
export function newJournalId(random: Random): string {
  let id = "";
  for (let index = 0; index < idLength; index++) id += idLetters[Math.floor(random() * 36)] ?? "0";
  return id;
}
