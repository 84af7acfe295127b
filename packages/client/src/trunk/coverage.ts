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

/** Where intervals begin (elapsed time, as all instants here). Many topics share one: there may be 20,000. */
interface Start {
  readonly line: number;
  readonly fromMs: number;
  /** The same in wall time, as it was told. */
  readonly wallMs: number;
}

/** A topic on a line. */
interface Span {
  readonly name: string;
  start: Start;
  /** Whether the consumer was told that the interval runs. */
  isTold: boolean;
  /** When it was taken off the line. Its interval ends once all that was sent before is proven. */
  leftMs: number | undefined;
}

interface Line {
  /** By topic key. */
  readonly spans: Map<string, Span>;
  /** What was taken off, and whose interval waits for a proof to end. */
  readonly leaving: Map<string, Span>;
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
  /** Topics in an open gap: no interval runs. */
  readonly #missed = new Set<string>();

  constructor(ports: CoveragePorts) {
    this.#ports = ports;
  }

  interval(key: string): Interval | undefined {
    const span = this.#running(key);
    if (span === undefined) return undefined;
    const { line, fromMs } = span.start;
    const provenMs = Math.max(fromMs, this.#line(line).provenMs);
    return { line, fromMs, provenMs, isLeaving: span.leftMs !== undefined };
  }

  /** A line carries topics from an instant on; those that it carries already stay as they are. */
  carry(line: number, topics: Iterable<Topic>, fromMs: number): void {
    const { spans } = this.#line(line);
    const start = this.#start(line, fromMs);
    const keys: string[] = [];
    for (const { key, name } of topics) {
      if (spans.has(key)) continue;
      spans.set(key, { name, start, isTold: false, leftMs: undefined });
      keys.push(key);
    }
    this.#tellNext(keys, fromMs);
  }

  /** Topics were taken off a line. What was sent on them before is still to be proven. */
  leave(line: number, keys: Iterable<string>, leftMs: number): void {
    const { spans, leaving } = this.#line(line);
    for (const key of keys) {
      const span = spans.get(key);
      spans.delete(key);
      if (span?.isTold !== true) continue;
      span.leftMs = leftMs;
      leaving.set(key, span);
    }
  }

  /** A line no longer carries topics, as it turns out: a gap is about to say since when. */
  lose(line: number, keys: Iterable<string>): void {
    const { spans, leaving } = this.#line(line);
    for (const key of keys) {
      const span = spans.get(key);
      spans.delete(key);
      // Its interval ends by the gap; it has not left in peace, and no proof of the line is about it.
      if (span?.isTold === true) leaving.set(key, { ...span, leftMs: Number.POSITIVE_INFINITY });
    }
  }

  /** A line has no session any more: a gap is about to say since when. */
  loseAll(line: number): void {
    this.lose(line, [...this.#line(line).spans.keys()]);
  }

  /** What is proven of a line, and when its topics were last confirmed: told if either has moved. */
  prove(line: number, provenMs: number, confirmedMs: number): void {
    const state = this.#line(line);
    if (provenMs <= state.provenMs && confirmedMs <= state.confirmedMs) return;
    state.provenMs = provenMs;
    state.confirmedMs = confirmedMs;
    const over = [...state.leaving].flatMap(([key, { leftMs = 0 }]) =>
      leftMs <= provenMs ? [key] : [],
    );
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
      const span = this.#running(key);
      if (span === undefined) continue;
      const { line, fromMs, wallMs } = span.start;
      span.isTold = false;
      this.#line(line).leaving.delete(key);
      const endMs = Math.max(fromMs, Math.min(untilMs, span.leftMs ?? untilMs));
      // So short an interval might end before it begins, in whole milliseconds: it ends there.
      groups.add(line, endMs, endMs - fromMs < emptyMs ? wallMs : undefined, span.name);
    }
    const { elapsed, emit } = this.#ports;
    for (const { line, atMs, wallMs, topics } of groups.all())
      emit({ type: "unsubscribed", line, topics, untilMs: wallMs ?? elapsed.wallBefore(atMs) });
  }

  /** Begins an interval, no earlier than `atMs`, for each topic that has none, is in no gap, and stands on a line. */
  #tellNext(keys: Iterable<string>, atMs: number): void {
    const groups = new Groups();
    const later = new Map<number, Start>();
    for (const key of keys) {
      if (this.#missed.has(key) || this.#running(key) !== undefined) continue;
      const span = this.#carried(key);
      if (span === undefined) continue;
      const { line } = span.start;
      if (span.start.fromMs < atMs) {
        const start = later.get(line) ?? this.#start(line, atMs);
        later.set(line, start);
        span.start = start;
      }
      span.isTold = true;
      groups.add(line, span.start.fromMs, span.start.wallMs, span.name);
    }
    for (const { line, wallMs = 0, topics } of groups.all())
      this.#ports.emit({ type: "subscribed", line, topics, fromMs: wallMs });
  }

  #start(line: number, fromMs: number): Start {
    return { line, fromMs, wallMs: this.#ports.elapsed.wallAfter(fromMs) };
  }

  /** The interval of a topic that was told to run; there is one at most. */
  #running(key: string): Span | undefined {
    for (const { spans, leaving } of this.#lines.values()) {
      const span = spans.get(key);
      if (span?.isTold === true) return span;
      const left = leaving.get(key);
      if (left !== undefined) return left;
    }
    return undefined;
  }

  /** A topic where it stands on a line, told or not. */
  #carried(key: string): Span | undefined {
    for (const { spans } of this.#lines.values()) {
      const span = spans.get(key);
      if (span !== undefined) return span;
    }
    return undefined;
  }

  #line(number: number): Line {
    const known = this.#lines.get(number);
    if (known !== undefined) return known;
    const line: Line = { spans: new Map(), leaving: new Map(), provenMs: 0, confirmedMs: 0 };
    this.#lines.set(number, line);
    return line;
  }
}

interface Group {
  readonly line: number;
  readonly atMs: number;
  /** The instant in wall time, where it is settled. */
  readonly wallMs: number | undefined;
  readonly topics: string[];
}

/** Topics by line and instant: one event for each. */
class Groups {
  readonly #groups = new Map<string, Group>();
  #last: Group | undefined;

  add(line: number, atMs: number, wallMs: number | undefined, topic: string): void {
    const last = this.#last;
    // As a rule all topics are of one group.
    if (last?.line === line && last.atMs === atMs && last.wallMs === wallMs)
      return void last.topics.push(topic);
    const id = `${line} ${atMs} ${wallMs}`;
    const group = this.#groups.get(id) ?? { line, atMs, wallMs, topics: [] };
    group.topics.push(topic);
    this.#groups.set(id, group);
    this.#last = group;
  }

  all(): Iterable<Group> {
    return this.#groups.values();
  }
}
