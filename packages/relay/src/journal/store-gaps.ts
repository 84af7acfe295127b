/** The book of gaps: of each its latest state, beside the log, so that retention loses no open one. */
import { numberOf, textOf, type Database, type Statement } from "./database.ts";
import type { GapDraft } from "./entry.ts";

/** What the book says of a gap; the rest is in its row's columns. */
export type GapRecord = Omit<GapDraft, "kind" | "trunk" | "gapId" | "certainty"> & {
  /** Missing in what was stored before there was such a thing. */
  readonly certainty?: GapDraft["certainty"] | undefined;
};

export class StoreGaps {
  readonly #get: Statement;
  readonly #put: Statement;
  readonly #forget: Statement;
  readonly #surplus: Statement;

  constructor(database: Database) {
    this.#get = database.prepare(
      "SELECT first_position, open_topics, latest FROM gaps WHERE trunk = ? AND gap_id = ?",
    );
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO gaps
         (trunk, gap_id, is_open, first_position, last_position, recorded_ms, origin, open_topics, latest)
       VALUES (?, ?, ?, ?, ?, ?, (SELECT origin FROM topics WHERE id = ?), ?, ?)`,
    );
    this.#forget = database.prepare(
      `DELETE FROM gaps WHERE rowid IN (
         SELECT rowid FROM gaps
         WHERE is_open = 0 AND last_position < ? AND recorded_ms < ? LIMIT ?)`,
    );
    this.#surplus = database.prepare(
      `DELETE FROM gaps WHERE rowid IN (
         SELECT rowid FROM gaps WHERE is_open = 0 ORDER BY first_position DESC LIMIT ? OFFSET ?)`,
    );
  }

  /** Takes a state into the book: what is open still, and all topics that the gap ever had. */
  record(draft: GapDraft, topic: number, position: number): void {
    const row = this.#get.get(draft.trunk, draft.gapId);
    const before = row && (JSON.parse(textOf(row, "latest")) as GapRecord);
    const openBefore =
      row === undefined ? [] : (JSON.parse(textOf(row, "open_topics")) as string[]);
    const named = new Set(draft.topics.map((name) => name.toLowerCase()));
    const others = openBefore.filter((name) => !named.has(name.toLowerCase()));
    const open = draft.state === "open" ? [...others, ...draft.topics] : others;
    const isOpen = open.length > 0;
    const latest: GapRecord = {
      state: isOpen ? "open" : draft.state,
      topics: [
        ...(before?.topics ?? []).filter((name) => !named.has(name.toLowerCase())),
        ...draft.topics,
      ],
      fromMs: Math.min(before?.fromMs ?? draft.fromMs, draft.fromMs),
      toMs: isOpen ? undefined : later(before?.toMs, draft.toMs),
      cause: draft.cause,
      certainty: draft.certainty,
      serverOffsetMs: draft.serverOffsetMs ?? before?.serverOffsetMs,
      recordedAtMs: draft.recordedAtMs,
    };
    this.#put.run(
      draft.trunk,
      draft.gapId,
      isOpen ? 1 : 0,
      row === undefined ? position : numberOf(row, "first_position"),
      position,
      draft.recordedAtMs,
      topic,
      JSON.stringify(open),
      JSON.stringify(latest),
    );
  }

  /** Forgets closed gaps that ended before anything kept, and the oldest beyond a number. */
  trim(bounds: {
    readonly oldest: number;
    readonly cutoffMs: number;
    readonly sliceMax: number;
    readonly gapsMax: number;
  }): void {
    this.#forget.run(bounds.oldest, bounds.cutoffMs, bounds.sliceMax);
    this.#surplus.run(bounds.sliceMax, bounds.gapsMax);
  }
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (other ?? one) : Math.max(one, other);
}
