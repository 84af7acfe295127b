/**
 * What the consumer is told of coverage: which line carries which topic since when, and until when
 * that is proven. One interval of a topic at a time, whatever lines it may stand on: it ends when
 * nothing before its end is in doubt any more, be it proven or in a gap, and the next begins then.
 */
import type { Elapsed } from "../elapsed.ts";
import type { ClientEvent } from "../events.ts";
import type { Topic } from "../topics/names.ts";

export interface CoveragePorts {
  readonly elapsed: Elapsed;
  readonly emit: (event: ClientEvent) => void;
}

/** A topic on a line, from an instant on (elapsed time, as all instants here). */
interface Span {
  readonly line: number;
  readonly name: string;
  readonly fromMs: number;
  /** When it was taken off the line. Its interval ends once all that was sent before is proven. */
  readonly leftMs: number | undefined;
  /** Where it begins in wall time, as was told. */
  toldMs: number;
}

interface Line {
  /** By topic key. */
  readonly spans: Map<string, Span>;
  /** Keys of intervals that wait for a proof to end. */
  readonly leaving: Set<string>;
  /** The last proof that was told. */
  provenMs: number;
  confirmedMs: number;
}

/** The interval of a topic that the consumer has been told to run. */
export interface Interval {
  readonly line: number;
  readonly fromMs: number;
  /** Everything before is proven. */
  readonly provenMs: number;
  readonly isLeaving: boolean;
}

/** What rounding to whole milliseconds can do to both ends together. */
const emptyMs = 2;

export class Coverage {
  readonly #ports: CoveragePorts;
  readonly #lines = new Map<number, Line>();
  /** Topic key → the interval that is told to run. */
  readonly #told = new Map<string, Span>();
  /** Topics in an open gap: no interval runs. */
  readonly #missed = new Set<string>();

  constructor(ports: CoveragePorts) {
    this.#ports = ports;
  }

  interval(key: string): Interval | undefined {
    const span = this.#told.get(key);
    if (span === undefined) return undefined;
    const { line, fromMs, leftMs } = span;
    const provenMs = Math.max(fromMs, this.#line(line).provenMs);
    return { line, fromMs, provenMs, isLeaving: leftMs !== undefined };
  }

  /** A line carries topics from an instant on; those that it carries already stay as they are. */
  carry(line: number, topics: Iterable<Topic>, fromMs: number): void {
    const { spans } = this.#line(line);
    const keys: string[] = [];
    for (const { key, name } of topics) {
      if (spans.has(key)) continue;
      spans.set(key, { line, name, fromMs, leftMs: undefined, toldMs: 0 });
      keys.push(key);
    }
    this.#tellNext(keys, fromMs);
  }

  /** Topics were taken off a line. What was sent on them before is still to be proven. */
  leave(line: number, keys: Iterable<string>, leftMs: number): void {
    const { spans, leaving } = this.#line(line);
    for (const key of keys) {
      spans.delete(key);
      const span = this.#told.get(key);
      if (span?.line !== line || span.leftMs !== undefined) continue;
      this.#told.set(key, { ...span, leftMs });
      leaving.add(key);
    }
  }

  /** A line no longer carries topics, as it turns out: a gap is about to say since when. */
  lose(line: number, keys: Iterable<string>): void {
    const { spans } = this.#line(line);
    for (const key of keys) spans.delete(key);
  }

  /** A line has no session any more: a gap is about to say since when. */
  loseAll(line: number): void {
    this.#line(line).spans.clear();
  }

  /** What is proven of a line, and when its topics were last confirmed: told if either has moved. */
  prove(line: number, provenMs: number, confirmedMs: number): void {
    const state = this.#line(line);
    if (provenMs <= state.provenMs && confirmedMs <= state.confirmedMs) return;
    Object.assign(state, { provenMs, confirmedMs });
    const isOver = (key: string): boolean => (this.#told.get(key)?.leftMs ?? 0) <= provenMs;
    const over = [...state.leaving].filter((key) => isOver(key));
    // The proof says nothing of what came after a topic was taken off: its interval ends before.
    this.#end(over, Number.POSITIVE_INFINITY);
    const { elapsed, emit } = this.#ports;
    const untilMs = elapsed.wallBefore(provenMs);
    emit({ type: "proof", line, untilMs, confirmedMs: elapsed.wallBefore(confirmedMs) });
    this.#tellNext(over, 0);
  }

  /** Topics are in a gap since an instant, and told to be: their intervals end. */
  gapOpened(keys: Iterable<string>, sinceMs: number): void {
    const all = [...keys];
    for (const key of all) this.#missed.add(key);
    this.#end(all, sinceMs);
  }

  /** The gap is over: where a line carries the topic still, the next interval begins. */
  gapClosed(keys: Iterable<string>, untilMs: number): void {
    const all = [...keys];
    for (const key of all) this.#missed.delete(key);
    this.#tellNext(all, untilMs);
  }

  /** What was unproven of topics that have left a line is told as a gap: their intervals end. */
  gapRecorded(line: number, keys: readonly string[], sinceMs: number): void {
    const { leaving } = this.#line(line);
    const over = keys.filter((key) => leaving.has(key));
    this.#end(over, sinceMs);
    this.#tellNext(over, 0);
  }

  /** Ends intervals where their topic left, and at `untilMs` at the latest; never before they began. */
  #end(keys: Iterable<string>, untilMs: number): void {
    const groups = new Groups();
    for (const key of keys) {
      const span = this.#told.get(key);
      if (span === undefined) continue;
      this.#told.delete(key);
      this.#line(span.line).leaving.delete(key);
      const endMs = Math.max(span.fromMs, Math.min(untilMs, span.leftMs ?? untilMs));
      // So short an interval might end before it begins, in whole milliseconds: it ends there.
      const isEmpty = endMs - span.fromMs < emptyMs;
      groups.add(span.line, endMs, span.name, isEmpty ? span.toldMs : undefined);
    }
    const { elapsed, emit } = this.#ports;
    for (const { line, atMs, topics, wallMs } of groups.all())
      emit({ type: "unsubscribed", line, topics, untilMs: wallMs ?? elapsed.wallBefore(atMs) });
  }

  /** Begins an interval, no earlier than `atMs`, for each topic that has none, is in no gap, and stands on a line. */
  #tellNext(keys: Iterable<string>, atMs: number): void {
    let lastMs: number | undefined;
    let lastWallMs = 0;
    const { elapsed, emit } = this.#ports;
    const groups = new Groups();
    for (const key of keys) {
      if (this.#told.has(key) || this.#missed.has(key)) continue;
      const span = this.#find(key);
      if (span === undefined) continue;
      const fromMs = Math.max(span.fromMs, atMs);
      const told = fromMs === span.fromMs ? span : { ...span, fromMs };
      if (fromMs !== lastMs) lastWallMs = elapsed.wallAfter(fromMs);
      lastMs = fromMs;
      told.toldMs = lastWallMs;
      this.#told.set(key, told);
      groups.add(span.line, fromMs, span.name, told.toldMs);
    }
    for (const { line, atMs: fromMs, topics, wallMs } of groups.all())
      emit({ type: "subscribed", line, topics, fromMs: wallMs ?? elapsed.wallAfter(fromMs) });
  }

  #find(key: string): Span | undefined {
    for (const { spans } of this.#lines.values()) {
      const span = spans.get(key);
      if (span !== undefined) return span;
    }
    return undefined;
  }

  #line(number: number): Line {
    const known = this.#lines.get(number);
    if (known !== undefined) return known;
    const line = { spans: new Map(), leaving: new Set<string>(), provenMs: 0, confirmedMs: 0 };
    this.#lines.set(number, line);
    return line;
  }
}

interface Group {
  readonly line: number;
  readonly atMs: number;
  readonly topics: string[];
  /** The instant in wall time, where it is settled. */
  readonly wallMs: number | undefined;
}

/** Topics by line and instant: one event for each. */
class Groups {
  readonly #groups = new Map<string, Group>();
  #last: Group | undefined;

  add(line: number, atMs: number, topic: string, wallMs: number | undefined): void {
    const last = this.#last;
    // As a rule all topics are of one group.
    if (last?.line === line && last.atMs === atMs && last.wallMs === wallMs)
      return void last.topics.push(topic);
    const id = `${line} ${atMs} ${wallMs}`;
    const group = this.#groups.get(id) ?? { line, atMs, topics: [], wallMs };
    group.topics.push(topic);
    this.#groups.set(id, group);
    this.#last = group;
  }

  all(): Iterable<Group> {
    return this.#groups.values();
  }
}
