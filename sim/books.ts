/**
 * The books of a simulated world: what the cloud has emitted, what the relay's database holds, and
 * what has arrived at the sinks. They look at the relay from outside: at its rows after each commit,
 * and at its destinations. Whatever breaks a promise throws, in its place.
 */
import assert from "node:assert/strict";
import type { LedgerEntry } from "@trunkline/mock";
import type { Database } from "../packages/relay/src/journal/database.ts";
import { Gaps, type StoredGap } from "./gaps.ts";
import { epochMs } from "./network.ts";
import { SinkBook } from "./sink-book.ts";

/** One event of the cloud, and what became of it. */
interface Emitted {
  readonly topic: string;
  readonly atMs: number;
  readonly ledger: LedgerEntry;
  /** How often the journal holds it, and how often the client has handed it on. */
  stored: number;
  told: number;
  /** How many of its twins it has stood for. */
  lent: number;
  /** The run of the relay that stored it first. */
  life: number;
  isMarked: boolean;
}

/**
 * Two sessions of a line may bring events with one topic and one body, which nobody can tell apart: one
 * of them is then handed on twice, and its twin not at all. So long apart they may have been sent.
 */
const twinsWithinMs = 30_000;
/** A double among them comes to light so long after its reason, at most. */
const excusesMs = 300_000;

/** An entry of the journal: of an event, or of a gap. */
export interface Stored {
  /** Entries of one key are delivered in order; undefined for a gap, which nobody passes. */
  readonly key: string | undefined;
}

/** When a topic was wanted, from the first time that the journal had it carried. */
interface Span {
  readonly fromMs: number;
  toMs: number;
}

export interface Sums {
  emitted: number;
  stored: number;
  missing: number;
  doubles: number;
  marked: number;
  afterRestart: number;
}

const forever = Number.POSITIVE_INFINITY;
/** Entries that are remembered behind the last that every sink has, for what arrives once more. */
const rememberedMax = 20_000;
const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/u;
/** `"}}` ends every notification, behind its id. */
const idEnd = -3;
const idStart = idEnd - 36;

export class Books {
  readonly sums: Sums = {
    emitted: 0,
    stored: 0,
    missing: 0,
    doubles: 0,
    marked: 0,
    afterRestart: 0,
  };
  readonly gaps: Gaps;
  readonly sinks = new Map<string, SinkBook>();
  readonly #database: Database;
  readonly #byId = new Map<string, Emitted>();
  /** Topic key → events whose body recurs, in the order of their emission. */
  readonly #twins = new Map<string, Emitted[]>();
  /** In the order of their emission; what is settled is taken off its front. */
  #emitted: Emitted[] = [];
  readonly #stored = new Map<number, Stored>();
  readonly #spans = new Map<string, Span[]>();
  /** Topic key → since when it is wanted (again). */
  readonly #wantedSince = new Map<string, number>();
  readonly #keys = new Map<string, string>();
  #read: Readers | undefined;
  #head = 0;
  #coverageRow = 0;
  #forgotten = 0;
  #journalId: string | undefined;
  /** Of the relay that runs. */
  life = 0;

  /** @param skewMs the relay's wall clock minus the cloud's, at the start */
  constructor(database: Database, skewMs: number) {
    this.#database = database;
    this.gaps = new Gaps(skewMs);
  }

  expectSink(name: string, wants: (topic: string) => boolean): void {
    this.sinks.set(name, new SinkBook(name, wants));
  }

  /** The cloud has sent something. @param recurs whether others on its topic have the same body */
  emit(ledger: LedgerEntry, recurs: boolean): void {
    const { correlationId: id, atMs } = ledger;
    const topic = ledger.topic.toLowerCase();
    const emitted = { topic, atMs, ledger, stored: 0, told: 0, lent: 0, life: 0, isMarked: false };
    this.#emitted.push(emitted);
    this.#byId.set(id, emitted);
    if (!recurs) return;
    const twins = this.#twins.get(topic);
    if (twins === undefined) this.#twins.set(topic, [emitted]);
    else twins.push(emitted);
  }

  /** Somebody wants these topics, and no others, from now on. */
  want(topics: readonly string[], nowMs: number): void {
    const wanted = new Set(topics.map((topic) => topic.toLowerCase()));
    for (const key of this.#wantedSince.keys()) {
      if (wanted.has(key)) continue;
      this.#wantedSince.delete(key);
      const span = this.#spans.get(key)?.at(-1);
      if (span !== undefined) span.toMs = Math.min(span.toMs, nowMs);
    }
    for (const key of wanted) if (!this.#wantedSince.has(key)) this.#wantedSince.set(key, nowMs);
  }

  isWanted(topic: string): boolean {
    return this.#wantedSince.has(topic);
  }

  /**
   * The client has handed an event on. Returns the id of the one that it stands for.
   * @param isMarked whether it could not tell if it had done so before
   */
  tell(correlationId: string | undefined, isMarked: boolean): string {
    const emitted = this.#byId.get(correlationId ?? "");
    if (emitted === undefined) return correlationId ?? "";
    emitted.isMarked ||= isMarked;
    const meant = this.#meant(emitted, "told");
    meant.told++;
    return meant.ledger.correlationId;
  }

  /** The event itself, or where that has come already its twin that has not. */
  #meant(emitted: Emitted, count: "stored" | "told"): Emitted {
    if (emitted[count] === 0) return emitted;
    const twins = this.#twinsOf(emitted).filter((twin) => twin[count] === 0);
    const due = twins.filter((twin) => this.#isDue(twin));
    // One that was sent later may still be on its way.
    const isEarlier = ({ atMs }: Emitted): boolean => atMs <= emitted.atMs;
    return due.findLast(isEarlier) ?? due[0] ?? twins.findLast(isEarlier) ?? twins[0] ?? emitted;
  }

  /** Events that nobody can tell from this one, in the order of their emission. */
  #twinsOf(emitted: Emitted): readonly Emitted[] {
    const twins = this.#twins.get(emitted.topic) ?? [];
    if (!twins.includes(emitted)) return [];
    return twins.filter(
      (twin) => twin !== emitted && Math.abs(twin.atMs - emitted.atMs) <= twinsWithinMs,
    );
  }

  /** Looks into the database: whatever it holds is stored. */
  look(): void {
    const read = (this.#read ??= prepare(this.#database));
    for (const row of read.entries.iterate(this.#head)) {
      const position = Number(row["position"]);
      assert.equal(position, this.#head + 1, "positions grow by one, and none is used again");
      this.#head = position;
      this.#store(position, Number(row["kind"]), String(row["raw"]));
    }
    for (const row of read.coverage.iterate(this.#coverageRow)) {
      this.#coverageRow = Number(row["id"]);
      this.#begin(String(row["key"]), Number(row["from_ms"]));
    }
  }

  /** The cursors as they are stored: right after a commit that may have moved one. */
  lookAtCursors(): void {
    this.look();
    const read = (this.#read ??= prepare(this.#database));
    for (const row of read.consumers.iterate()) {
      const name = String(row["name"]).replace(/^sink:/u, "");
      this.sinks.get(name)?.checkCursor(Number(row["position"]));
    }
  }

  /** An entry has come to a sink. */
  arrive({
    sink,
    position,
    cursor,
  }: {
    readonly sink: string;
    readonly position: number;
    readonly cursor: string;
  }): void {
    if (position > this.#head) this.look();
    const stored = this.#stored.get(position);
    assert.ok(
      stored !== undefined || position <= this.#forgotten,
      `${sink}: ${cursor} was delivered before it was stored`,
    );
    this.#journalId ??= String(
      this.#database.prepare("SELECT value FROM meta WHERE name = 'id'").get()?.["value"],
    );
    assert.equal(cursor, `${this.#journalId}-${position}`, "an id names its journal and place");
    this.sinks.get(sink)?.arrive(position, stored);
  }

  refuse(sink: string, position: number): void {
    if (position > this.#head) this.look();
    this.sinks.get(sink)?.refuse(position);
  }

  get head(): number {
    return this.#head;
  }

  /** Events that were emitted before an instant are looked at for the last time, and forgotten. */
  settle(beforeMs: number): void {
    let count = 0;
    for (const emitted of this.#emitted) {
      if (emitted.atMs >= beforeMs) break;
      count++;
      this.#balance(emitted);
      this.#byId.delete(emitted.ledger.correlationId);
    }
    if (count === this.#emitted.length) this.#emitted = [];
    else if (count > 0) this.#emitted.splice(0, count);
    for (const twins of this.#twins.values()) {
      const kept = twins.findIndex(({ atMs }) => atMs >= beforeMs - excusesMs);
      twins.splice(0, kept === -1 ? twins.length : kept);
    }
    this.gaps.forget(beforeMs);
    this.#forget();
  }

  #balance(emitted: Emitted): void {
    const { topic, atMs, stored, isMarked } = emitted;
    if (isMarked) this.sums.marked++;
    if (stored > 1) this.#judgeDouble(emitted);
    if (stored === 0 && !this.#isDue(emitted)) return;
    this.sums.emitted++;
    if (stored > 0) {
      this.sums.stored++;
      return;
    }
    this.sums.missing++;
    assert.ok(
      this.gaps.holds(topic, atMs) || this.#isStoodFor(emitted),
      `${topic}: missing in no gap, emitted at ${this.#told(emitted)}\n${this.gaps.near(topic, atMs)}`,
    );
  }

  /** Whether its topic was wanted when it was sent, and had been carried before. */
  #isDue({ topic, atMs }: Emitted): boolean {
    const spans = this.#spans.get(topic) ?? [];
    return spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  }

  /** Whether one of its twins has come once more than it was sent: that was this one, for all that anybody can tell. */
  #isStoodFor(emitted: Emitted): boolean {
    const stands = this.#twinsOf(emitted).find(
      (twin) => twin.stored - twin.lent > (this.#isDue(twin) ? 1 : 0),
    );
    if (stands !== undefined) stands.lent++;
    return stands !== undefined;
  }

  /** The instant of an event on the clock of the story, and what it said. */
  #told({ atMs, ledger }: Emitted): string {
    return `${Math.round(atMs - epochMs)} (${ledger.body})`;
  }

  #judgeDouble(emitted: Emitted): void {
    const { topic, stored } = emitted;
    this.sums.doubles += stored - 1;
    // Of twins nobody can tell which was marked, or sent twice.
    const twins = this.#twins.get(topic) ?? [];
    const others = twins.includes(emitted) ? twins : [emitted];
    const isExcused = others.some(
      (twin) =>
        (twin.isMarked || copiesOf(twin) > 1) && Math.abs(twin.atMs - emitted.atMs) <= excusesMs,
    );
    assert.ok(
      isExcused,
      `${topic}: came ${stored} times, and is not marked, sent at ${this.#told(emitted)}`,
    );
  }

  #store(position: number, kind: number, raw: string): void {
    if ((kind & gapBit) !== 0) {
      const gap = JSON.parse(raw) as StoredGap;
      this.gaps.store(gap);
      this.#stored.set(position, { key: undefined });
      for (const sink of this.sinks.values()) sink.expect(position, gap.topics, true);
      return;
    }
    const sent = this.#byId.get(raw.slice(idStart, idEnd));
    assert.ok(sent !== undefined, `${position}: stored, though never sent: ${raw}`);
    const emitted = this.#meant(sent, "stored");
    if (++emitted.stored === 1) emitted.life = this.life;
    else if (emitted.life !== this.life) this.sums.afterRestart++;
    this.#stored.set(position, { key: this.#keyOf(emitted.topic) });
    const topics = [emitted.topic];
    for (const sink of this.sinks.values()) sink.expect(position, topics, false);
  }

  #begin(key: string, fromWallMs: number): void {
    const wantedMs = this.#wantedSince.get(key);
    if (wantedMs === undefined) return;
    const fromMs = this.gaps.latest(fromWallMs);
    // What is wanted again may still be told to have been carried before.
    if (fromMs < wantedMs) return;
    const spans = this.#spans.get(key);
    if (spans === undefined) this.#spans.set(key, [{ fromMs, toMs: forever }]);
    else if (spans.at(-1)?.toMs !== forever) spans.push({ fromMs, toMs: forever });
  }

  #keyOf(topic: string): string {
    const known = this.#keys.get(topic);
    if (known !== undefined) return known;
    const key = uuid.exec(topic)?.[0] ?? topic;
    this.#keys.set(topic, key);
    return key;
  }

  #forget(): void {
    const floor = Math.min(...[...this.sinks.values()].map(({ done }) => done)) - rememberedMax;
    for (; this.#forgotten < floor; this.#forgotten++) this.#stored.delete(this.#forgotten + 1);
  }
}

/** How often the cloud has sent it on one socket. */
function copiesOf({ ledger }: Emitted): number {
  return Math.max(1, ...ledger.deliveries.map(({ copies = 1 }) => copies));
}

/** How a row says that it is a gap; other bits say what an event is. */
const gapBit = 1;

interface Readers {
  readonly entries: ReturnType<Database["prepare"]>;
  readonly coverage: ReturnType<Database["prepare"]>;
  readonly consumers: ReturnType<Database["prepare"]>;
}

function prepare(database: Database): Readers {
  return {
    entries: database.prepare(
      "SELECT position, kind, raw FROM entries WHERE position > ? ORDER BY position",
    ),
    coverage: database.prepare("SELECT id, key, from_ms FROM coverage WHERE id > ? ORDER BY id"),
    consumers: database.prepare("SELECT name, position FROM consumers"),
  };
}
