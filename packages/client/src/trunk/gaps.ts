/**
 * The open gaps of a trunk: which topics are not proven to be delivered, since when and why. They
 * are kept for all lines together, since a topic may be lost on one line and found on another.
 */
import type { Elapsed } from "../elapsed.ts";
import type { GapCause, GapCertainty, GapEvent } from "../events.ts";
import type { Coverage } from "./coverage.ts";
import { unreachable } from "../unreachable.ts";

interface OpenGap {
  readonly id: string;
  readonly line: number;
  cause: GapCause;
  readonly sinceMs: number;
  readonly fromMs: number;
  /** Topic key → name. */
  readonly topics: Map<string, string>;
}

/** A topic that was carried, and since when (elapsed time). */
export interface Carried {
  readonly key: string;
  readonly name: string;
  readonly sinceMs: number;
}

/** A topic that was carried until some instant. */
export interface CarriedUntil extends Carried {
  readonly untilMs: number;
}

export interface GapPorts {
  readonly elapsed: Elapsed;
  readonly serverOffsetMs: () => number | undefined;
  readonly emit: (event: GapEvent) => void;
  readonly coverage: Coverage;
}

export class Gaps {
  readonly #ports: GapPorts;
  readonly #open: OpenGap[] = [];
  #opened = 0;

  constructor(ports: GapPorts) {
    this.#ports = ports;
  }

  /**
   * Delivery is unproven since `sinceMs`, or since a topic was first carried, if that was later. The
   * interval that it ends has told proofs: a gap begins no later than the last of them.
   */
  open(line: number, cause: GapCause, sinceMs: number, topics: Iterable<Carried>): void {
    const { coverage } = this.#ports;
    const starts = new Map<number, Map<string, string>>();
    const over: CarriedUntil[] = [];
    for (const topic of topics) {
      const carriedMs = Math.max(sinceMs, topic.sinceMs);
      const interval = coverage.interval(topic.key);
      const startMs = Math.min(carriedMs, interval?.provenMs ?? carriedMs);
      const isElsewhere = interval !== undefined && interval.line !== line && !interval.isLeaving;
      const known = this.#open.find((gap) => gap.topics.has(topic.key));
      const untilMs = isElsewhere ? interval.fromMs : known?.sinceMs;
      if (untilMs !== undefined) {
        // What came before another line carried it, or before the gap that is open already, is
        // unproven as well: an interval of its own.
        if (carriedMs < untilMs) over.push({ ...topic, untilMs });
        continue;
      }
      const group = starts.get(startMs) ?? new Map<string, string>();
      group.set(topic.key, topic.name);
      starts.set(startMs, group);
    }
    this.record(line, cause, sinceMs, over);
    for (const [startMs, names] of starts) {
      const fromMs = this.#ports.elapsed.wallOf(startMs);
      const gap = this.#create(line, cause, startMs, fromMs, names);
      this.#open.push(gap);
      this.#emit(gap, "open", [...names.values()], fromMs, undefined);
      coverage.gapOpened(names.keys(), startMs);
    }
  }

  /** Topics were carried until some instant, and what came since `sinceMs` is unproven: over, yet told. */
  record(line: number, cause: GapCause, sinceMs: number, topics: Iterable<CarriedUntil>): void {
    const { coverage, elapsed } = this.#ports;
    const groups = new Map<
      string,
      { startMs: number; untilMs: number; keys: string[]; names: string[] }
    >();
    for (const { key, name, sinceMs: carriedSinceMs, untilMs } of topics) {
      const carriedMs = Math.max(sinceMs, carriedSinceMs);
      const interval = coverage.interval(key);
      const isLeaving = interval?.line === line && interval.isLeaving;
      const startMs = Math.min(carriedMs, isLeaving ? interval.provenMs : carriedMs);
      const id = `${startMs} ${untilMs}`;
      const group = groups.get(id) ?? { startMs, untilMs, keys: [], names: [] };
      group.keys.push(key);
      group.names.push(name);
      groups.set(id, group);
    }
    for (const { startMs, untilMs, keys, names } of groups.values()) {
      const fromMs = elapsed.wallOf(startMs);
      const gap = this.#create(line, cause, startMs, fromMs, new Map());
      this.#emit(gap, "open", names, fromMs, undefined);
      this.#emit(gap, "closed", names, fromMs, elapsed.wallOf(untilMs));
      coverage.gapRecorded(line, keys, startMs);
    }
  }

  /** From `untilMs` on, every topic for which `carried` holds is delivered again. */
  close(untilMs: number, carried: (key: string) => boolean): void {
    for (const gap of this.#open.slice()) {
      const back: string[] = [];
      const keys: string[] = [];
      for (const [key, name] of gap.topics) {
        if (!carried(key)) continue;
        back.push(name);
        keys.push(key);
        gap.topics.delete(key);
      }
      if (back.length > 0) {
        const { coverage, elapsed } = this.#ports;
        // A wall clock set back meanwhile must not make the gap shorter than it was.
        const fromMs = Math.min(gap.fromMs, elapsed.wallOf(gap.sinceMs));
        this.#emit(gap, "closed", back, fromMs, elapsed.wallOf(untilMs));
        coverage.gapClosed(keys, untilMs);
      }
      if (gap.topics.size === 0) this.#open.splice(this.#open.indexOf(gap), 1);
    }
  }

  /** The open gaps of a line whose cause was only what could be seen turn out to have another. */
  explain(line: number, cause: GapCause): void {
    for (const gap of this.#open) {
      if (gap.line !== line) continue;
      // A socket that was to be moved, and was only closed.
      if (cause === "closed" ? gap.cause === "moved" : isOutward(gap.cause)) gap.cause = cause;
    }
  }

  #create(
    line: number,
    cause: GapCause,
    sinceMs: number,
    fromMs: number,
    topics: Map<string, string>,
  ): OpenGap {
    return { id: `gap-${++this.#opened}`, line, cause, sinceMs, fromMs, topics };
  }

  #emit(
    gap: OpenGap,
    state: GapEvent["state"],
    topics: readonly string[],
    fromMs: number,
    toMs: number | undefined,
  ): void {
    const { serverOffsetMs, emit } = this.#ports;
    emit({
      type: "gap",
      id: gap.id,
      state,
      topics,
      fromMs,
      toMs,
      cause: gap.cause,
      certainty: certaintyOf(gap.cause),
      serverOffsetMs: serverOffsetMs(),
      line: gap.line,
    });
  }
}

/** How a session ended, which says nothing of why. */
function isOutward(cause: GapCause): boolean {
  return (
    cause === "moved" ||
    cause === "cut" ||
    cause === "closed" ||
    cause === "silence" ||
    cause === "channel-gone"
  );
}

/** What a cause says of the chance that something is missing. */
function certaintyOf(cause: GapCause): GapCertainty {
  switch (cause) {
    case "moved":
      return "unlikely";
    case "overflow":
      return "certain";
    case "malformed":
    case "cut":
    case "closed":
    case "silence":
    case "channel-gone":
    case "evicted":
    case "expired":
    case "token":
    case "path":
    case "protocol":
    case "unsubscribed":
    case "stopped":
      return "possible";
    default:
      return unreachable(cause);
  }
}
