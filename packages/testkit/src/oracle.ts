/**
 * The oracle of the first promise: what was emitted has arrived exactly once, or lies in a gap. It
 * compares a cloud's ledger with what a consumer saw, and knows nothing of how either came about.
 */

/** An event as the cloud's ledger has it; `atMs` is in the consumer's clock. */
export interface Emitted {
  readonly id: string;
  readonly topic: string;
  readonly atMs: number;
}

/** A gap as the consumer was told. */
export interface ToldGap {
  readonly topics: readonly string[];
  readonly fromMs: number;
  /** Undefined while it is open: it reaches into the future. */
  readonly toMs: number | undefined;
}

export interface Balance {
  readonly emitted: number;
  readonly delivered: number;
  /** Missing, inside a gap. */
  readonly declaredLost: number;
  /** Missing, in no gap: the promise is broken. */
  readonly lost: readonly Emitted[];
  /** Came more than once. */
  readonly duplicated: readonly Emitted[];
}

/** Bounds of gaps are whole milliseconds; simulated instants are not. */
const roundingMs = 1;

/** @param deliveries how often each event id has come */
export function balance(
  emitted: Iterable<Emitted>,
  deliveries: ReadonlyMap<string, number>,
  gaps: Iterable<ToldGap>,
): Balance {
  const gapsOf = new Map<string, ToldGap[]>();
  for (const gap of gaps) {
    for (const topic of gap.topics) {
      const key = topic.toLowerCase();
      const known = gapsOf.get(key);
      if (known === undefined) gapsOf.set(key, [gap]);
      else known.push(gap);
    }
  }
  const sums = { emitted: 0, delivered: 0, declaredLost: 0 };
  const lost: Emitted[] = [];
  const duplicated: Emitted[] = [];
  for (const event of emitted) {
    sums.emitted++;
    const times = deliveries.get(event.id) ?? 0;
    if (times > 1) duplicated.push(event);
    if (times > 0) sums.delivered++;
    else if (gapsOf.get(event.topic.toLowerCase())?.some((gap) => holds(gap, event.atMs)) === true)
      sums.declaredLost++;
    else lost.push(event);
  }
  return { ...sums, lost, duplicated };
}

function holds({ fromMs, toMs }: ToldGap, atMs: number): boolean {
  return fromMs - roundingMs <= atMs && (toMs === undefined || atMs <= toMs + roundingMs);
}
