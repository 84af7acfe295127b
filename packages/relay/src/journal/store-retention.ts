/**
 * Retention: deletes the oldest entries in bounded slices, and remembers enough of them to tell any
 * later reader what it missed. Per deleted topic that is one row with its last position, so a reader
 * is told exactly the topics that it missed; the times are kept per slice, and coarser with age.
 */
import type { Question } from "./batch.ts";
import { numberOf, textOf, type Database, type Row, type Statement } from "./database.ts";
import type { GapRecord } from "./store-gaps.ts";
import type { JournalLimits } from "./limits.ts";

type TrimQuestion = Extract<Question, { readonly kind: "trim" }>;

/** What a row takes besides its frame: key, topic, arrival, lengths, its share of the page. */
const rowBytes = 40;

/** What one slice deleted of one trunk. */
interface Missed {
  lastPosition: number;
  fromMs: number;
  toMs: number;
  /** Key → name and last position. */
  readonly topics: Map<string, { readonly name: string; readonly position: number }>;
}

export interface Trimmed {
  readonly hasMore: boolean;
  readonly oldest: number;
}

export class StoreRetention {
  readonly #database: Database;
  readonly #limits: JournalLimits;
  readonly #oldestRows: Statement;
  readonly #topic: Statement;
  readonly #delete: Statement;
  readonly #addTrim: Statement;
  readonly #addTopic: Statement;
  readonly #countTrims: Statement;
  readonly #oldTrims: Statement;
  readonly #widen: Statement;
  readonly #dropTrim: Statement;
  readonly #dropTopics: Statement;
  readonly #generation: Statement;
  readonly #dropNames: Statement;
  readonly #dropGenerations: Statement;

  constructor(database: Database, limits: JournalLimits) {
    this.#database = database;
    this.#limits = limits;
    // octet_length reads the row's header, not the frame.
    this.#oldestRows = database.prepare(
      `SELECT position, topic, received_ms, octet_length(raw) AS bytes,
         CASE kind WHEN 1 THEN raw END AS gap
       FROM entries ORDER BY position LIMIT ?`,
    );
    this.#topic = database.prepare(
      "SELECT o.trunk, t.name FROM topics t JOIN origins o ON o.id = t.origin WHERE t.id = ?",
    );
    this.#delete = database.prepare("DELETE FROM entries WHERE position <= ?");
    this.#addTrim = database.prepare(
      `INSERT INTO trims (trunk, last_position, from_ms, to_ms, at_ms) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#addTopic = database.prepare(
      "INSERT OR REPLACE INTO trimmed_topics (trunk, key, topic, last_position) VALUES (?, ?, ?, ?)",
    );
    this.#countTrims = database.prepare("SELECT count(*) AS n FROM trims WHERE trunk = ?");
    this.#oldTrims = database.prepare(
      "SELECT * FROM trims WHERE trunk = ? ORDER BY last_position LIMIT 2",
    );
    this.#widen = database.prepare(
      `UPDATE trims SET from_ms = min(from_ms, ?), to_ms = max(to_ms, ?)
       WHERE trunk = ? AND last_position = ?`,
    );
    this.#dropTrim = database.prepare("DELETE FROM trims WHERE trunk = ? AND last_position = ?");
    this.#dropTopics = database.prepare(
      `DELETE FROM trimmed_topics WHERE (trunk, key) IN (
         SELECT trunk, key FROM trimmed_topics ORDER BY last_position DESC LIMIT -1 OFFSET ?)`,
    );
    this.#generation = database.prepare(
      "SELECT max(first_topic) AS n FROM generations WHERE first_position <= ?",
    );
    this.#dropNames = database.prepare("DELETE FROM topics WHERE id < ?");
    this.#dropGenerations = database.prepare("DELETE FROM generations WHERE first_topic < ?");
  }

  /** Deletes one slice. Nothing goes that `floor` has not had, unless there is no room for it. */
  trim(
    question: TrimQuestion,
    present: { readonly oldest: number; readonly bytes: number; readonly floor: number },
  ): Trimmed {
    const excess = present.bytes - question.bytesMax;
    const { trimEntriesMax, trimBytesMax } = this.#limits;
    const missed = new Map<string, Missed>();
    const names = new Map<number, { readonly trunk: string; readonly name: string }>();
    let last: number | undefined;
    let bytes = 0;
    let count = 0;
    // Usually the first one is to stay: no more rows are read than are deleted, and one.
    for (const row of this.#oldestRows.iterate(trimEntriesMax)) {
      const position = numberOf(row, "position");
      const isExpired =
        question.cutoffMs !== undefined && numberOf(row, "received_ms") < question.cutoffMs;
      if (!(isExpired && position <= present.floor) && bytes >= excess) break;
      if (bytes >= trimBytesMax) break;
      last = position;
      count++;
      bytes += numberOf(row, "bytes") + rowBytes;
      this.#note(missed, this.#nameOf(names, numberOf(row, "topic")), row);
    }
    if (last === undefined) return { hasMore: false, oldest: present.oldest };
    this.#delete.run(last);
    for (const [trunk, what] of missed) this.#record(trunk, what, question.nowMs);
    const isCut = count === trimEntriesMax || bytes >= trimBytesMax;
    return { hasMore: isCut || excess > 0, oldest: last + 1 };
  }

  /** What was freed is soon used again; what is far more than a slice goes back. True if there is more. */
  shrink(freePages: number): boolean {
    const { vacuumPagesMax } = this.#limits;
    const keptPages = 4 * vacuumPagesMax;
    if (freePages <= keptPages) return false;
    this.#database.exec(`PRAGMA incremental_vacuum(${vacuumPagesMax})`);
    return freePages - vacuumPagesMax > keptPages;
  }

  /** Forgets names that no entry uses any more, and deleted topics beyond a number. */
  forget(oldest: number): void {
    const first = this.#generation.get(oldest)?.["n"];
    if (first !== null && first !== undefined) {
      this.#dropNames.run(Number(first));
      this.#dropGenerations.run(Number(first));
    }
    this.#dropTopics.run(this.#limits.trimmedTopicsMax);
  }

  #nameOf(
    known: Map<number, { readonly trunk: string; readonly name: string }>,
    id: number,
  ): { readonly trunk: string; readonly name: string } {
    let found = known.get(id);
    if (found === undefined) {
      const row = this.#topic.get(id) ?? {};
      found = { trunk: textOf(row, "trunk"), name: textOf(row, "name") };
      known.set(id, found);
    }
    return found;
  }

  /** A deleted event is missed at its arrival; a deleted gap takes what it told along. */
  #note(
    missed: Map<string, Missed>,
    { trunk, name }: { readonly trunk: string; readonly name: string },
    row: Row,
  ): void {
    const position = numberOf(row, "position");
    const atMs = numberOf(row, "received_ms");
    const gap = row["gap"] === null ? undefined : (JSON.parse(textOf(row, "gap")) as GapRecord);
    const fromMs = gap?.fromMs ?? atMs;
    const toMs = gap === undefined ? atMs : Math.max(gap.toMs ?? atMs, atMs);
    let what = missed.get(trunk);
    if (what === undefined) {
      what = { lastPosition: position, fromMs, toMs, topics: new Map() };
      missed.set(trunk, what);
    }
    what.lastPosition = position;
    what.fromMs = Math.min(what.fromMs, fromMs);
    what.toMs = Math.max(what.toMs, toMs);
    for (const topic of gap?.topics ?? [name])
      what.topics.set(topic.toLowerCase(), { name: topic, position });
  }

  #record(trunk: string, what: Missed, nowMs: number): void {
    this.#addTrim.run(trunk, what.lastPosition, what.fromMs, what.toMs, nowMs);
    for (const [key, { name, position }] of what.topics)
      this.#addTopic.run(trunk, key, name, position);
    if (numberOf(this.#countTrims.get(trunk), "n") <= this.#limits.trimsMax) return;
    const [oldest, next] = this.#oldTrims.all(trunk);
    if (oldest === undefined || next === undefined) return;
    this.#widen.run(
      numberOf(oldest, "from_ms"),
      numberOf(oldest, "to_ms"),
      trunk,
      numberOf(next, "last_position"),
    );
    this.#dropTrim.run(trunk, numberOf(oldest, "last_position"));
  }
}
