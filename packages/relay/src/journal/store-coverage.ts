/**
 * Coverage per topic. A proof updates the one row of its line; open intervals refer to that row, so
 * a proof of a thousand topics costs one write. A line's row belongs to one run: the next run's line
 * of the same number has another, and what this run left open keeps what was proven for it.
 */
import {
  numberOf,
  numberOrUndefined,
  type Database,
  type Row,
  type Statement,
} from "./database.ts";
import type { CarriedDraft, ProofDraft, ReleasedDraft } from "./entry.ts";

/** By so much instants of one line may differ in rounding. */
const roundingMs = 1_000;

export class StoreCoverage {
  readonly #run: number;
  readonly #addLine: Statement;
  readonly #lineOf: Statement;
  readonly #prove: Statement;
  readonly #setBack: Statement;
  readonly #countBack: Statement;
  readonly #openOf: Statement;
  readonly #begin: Statement;
  readonly #end: Statement;
  readonly #forget: Statement;
  readonly #surplus: Statement;
  readonly #forgetLines: Statement;

  constructor(database: Database, run: number) {
    this.#run = run;
    this.#addLine = database.prepare(
      "INSERT INTO lines (run, trunk, line) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#lineOf = database.prepare(
      "SELECT id, proven_ms FROM lines WHERE run = ? AND trunk = ? AND line = ?",
    );
    this.#prove = database.prepare(
      "UPDATE lines SET proven_ms = max(ifnull(proven_ms, ?2), ?2) WHERE id = ?1",
    );
    this.#setBack = database.prepare("UPDATE lines SET proven_ms = ?2 WHERE id = ?1");
    this.#countBack = database.prepare(
      `UPDATE coverage SET from_ms = min(from_ms, ?2), stale_ms = NULL
       WHERE line_id = ?1 AND until_ms IS NULL`,
    );
    this.#openOf = database.prepare(
      `SELECT c.id, c.line_id, c.from_ms, c.stale_ms, l.proven_ms
       FROM coverage c JOIN lines l ON l.id = c.line_id
       WHERE c.trunk = ? AND c.key = ? AND c.until_ms IS NULL`,
    );
    this.#begin = database.prepare(
      `INSERT INTO coverage (trunk, key, topic, line, line_id, stale_ms, from_ms, from_position)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#end = database.prepare(
      "UPDATE coverage SET until_ms = ?, until_position = ?, proven_ms = ? WHERE id = ?",
    );
    this.#forget = database.prepare(
      `DELETE FROM coverage WHERE id IN (
         SELECT id FROM coverage WHERE until_position < ? AND until_ms < ? LIMIT ?)`,
    );
    this.#surplus = database.prepare(
      `DELETE FROM coverage WHERE id IN (
         SELECT id FROM coverage WHERE until_ms IS NOT NULL ORDER BY id DESC LIMIT ? OFFSET ?)`,
    );
    this.#forgetLines = database.prepare(
      `DELETE FROM lines WHERE run < ?
         AND id NOT IN (SELECT line_id FROM coverage WHERE until_ms IS NULL)`,
    );
  }

  /**
   * What is carried already by the same line goes on if nothing between is unproven. Otherwise the
   * older interval ends where its proof ends, and another begins: an interval never bridges a hole.
   */
  carried({ trunk, line, topics, fromMs }: CarriedDraft, head: number): void {
    const row = this.#line(trunk, line);
    const lineId = numberOf(row, "id");
    for (const topic of topics) {
      const key = topic.toLowerCase();
      const open = this.#openOf.get(trunk, key);
      if (open !== undefined) {
        const provenMs = provenMsOf(open);
        if (numberOf(open, "line_id") === lineId && fromMs <= provenMs) continue;
        this.#end.run(provenMs, head, provenMs, numberOf(open, "id"));
      }
      // A proof from before this was said speaks of other topics.
      const staleMs = row?.["proven_ms"] ?? null;
      this.#begin.run(trunk, key, topic, line, lineId, staleMs, fromMs, head);
    }
  }

  released({ trunk, topics, untilMs }: ReleasedDraft, head: number): void {
    for (const topic of topics) {
      const open = this.#openOf.get(trunk, topic.toLowerCase());
      if (open === undefined) continue;
      const endMs = Math.max(untilMs, numberOf(open, "from_ms"));
      this.#end.run(endMs, head, Math.min(provenMsOf(open), endMs), numberOf(open, "id"));
    }
  }

  /**
   * Proofs of a line come in order, so one that is much older than the last says that the clock was set
   * back. What runs is then counted by the clock as it stands: an instant that lies ahead would make the
   * gap after a kill begin too late.
   */
  proof({ trunk, line, untilMs }: ProofDraft): void {
    const row = this.#line(trunk, line);
    const lineId = numberOf(row, "id");
    const lastMs = numberOrUndefined(row?.["proven_ms"]);
    if (lastMs !== undefined && untilMs < lastMs - roundingMs) {
      this.#setBack.run(lineId, untilMs);
      this.#countBack.run(lineId, untilMs);
    } else this.#prove.run(lineId, untilMs);
  }

  /** Forgets intervals that ended before anything kept, and the oldest beyond a number. */
  trim(bounds: {
    readonly oldest: number;
    readonly cutoffMs: number;
    readonly sliceMax: number;
    readonly coverageMax: number;
  }): void {
    this.#forget.run(bounds.oldest, bounds.cutoffMs, bounds.sliceMax);
    this.#surplus.run(bounds.sliceMax, bounds.coverageMax);
    this.#forgetLines.run(this.#run);
  }

  #line(trunk: string, line: number): Row | undefined {
    this.#addLine.run(this.#run, trunk, line);
    return this.#lineOf.get(this.#run, trunk, line);
  }
}

/** How far an open interval is proven: its line's proof, unless that is from before it began. */
export function provenMsOf(open: Row): number {
  const fromMs = numberOf(open, "from_ms");
  const provenMs = numberOrUndefined(open["proven_ms"]);
  const staleMs = numberOrUndefined(open["stale_ms"]);
  if (provenMs === undefined || (staleMs !== undefined && provenMs <= staleMs)) return fromMs;
  return Math.max(provenMs, fromMs);
}
