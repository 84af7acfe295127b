/**
 * The demo's books: what the mock's ledger says it sent to us, against what came. The ledger knows an event before it
 * is on the wire, so whatever comes must already be there.
 */
import type { GapEvent, NotificationEvent } from "@trunkline/client";
import type { Ledger } from "@trunkline/mock";

/** The result, in numbers of events unless the name says otherwise. */
export interface Balance {
  /** What came, each event of the ledger once. */
  readonly received: number;
  /** What the mock emitted on our topics since they were subscribed. */
  readonly emitted: number;
  /** Emitted, and not received. */
  readonly missing: number;
  /** Of the missing, those that lie in a gap. */
  readonly inGaps: number;
  /** Came, though the ledger does not have it, or has it once only. */
  readonly unexpected: number;
  /** The ledger no longer knew about so many when it was asked. */
  readonly forgotten: number;
  readonly gaps: number;
  /** Everything is accounted for. */
  readonly balanced: boolean;
}

interface Outstanding {
  readonly atMs: number;
  readonly topic: string;
}

interface Interval {
  readonly fromMs: number;
  /** Infinity while it is open. */
  readonly toMs: number;
  readonly topics: ReadonlySet<string>;
}

/** Two clocks in whole milliseconds may differ by this about one instant. */
const clockGrainMs = 2;
/** Events awaited at a time; from here on those in gaps are settled at once. */
const outstandingMax = 50_000;
const intervalsMax = 1_000;

export class Books {
  readonly #ledger: Ledger;
  readonly #isOurs: (channelId: string) => boolean;
  readonly #outstanding = new Map<string, Outstanding>();
  readonly #openGaps = new Map<string, { fromMs: number; topics: Set<string> }>();
  #intervals: Interval[] = [];
  #phase: "subscribing" | "open" | "closed" = "subscribing";
  #posted = 0;
  #received = 0;
  #emitted = 0;
  #settledInGaps = 0;
  #unexpected = 0;
  #forgotten = 0;
  #gaps = 0;

  /** @param isOurs whether a channel is one of the demo's, and not that of somebody who looks in */
  constructor(ledger: Ledger, isOurs: (channelId: string) => boolean) {
    this.#ledger = ledger;
    this.#isOurs = isOurs;
    this.#posted = ledger.newest;
  }

  /** A socket is open: from now on whatever is emitted on our topics counts, sent or not. */
  open(): void {
    this.#post();
    if (this.#phase === "subscribing") this.#phase = "open";
  }

  /** Nothing emitted from now on counts any more; what is on its way still does. */
  close(): void {
    this.#post();
    this.#phase = "closed";
  }

  get isClosed(): boolean {
    return this.#phase === "closed";
  }

  /** Tells whether the event belongs into these books: after `close`, later ones do not. */
  receive({ topic, correlationId }: NotificationEvent): boolean {
    this.#post();
    if (this.#outstanding.delete(keyOf(topic, correlationId ?? ""))) {
      this.#received++;
      return true;
    }
    if (this.#phase === "closed") return false;
    this.#unexpected++;
    return true;
  }

  record({ id, state, topics, fromMs, toMs }: GapEvent): void {
    const names = new Set(topics.map((topic) => topic.toLowerCase()));
    if (state === "open" || toMs === undefined) {
      this.#gaps++;
      this.#openGaps.set(id, { fromMs, topics: names });
      return;
    }
    this.#intervals.push({ fromMs, toMs, topics: names });
    if (this.#intervals.length > intervalsMax) this.#settle();
    const open = this.#openGaps.get(id);
    for (const topic of names) open?.topics.delete(topic);
    if (open?.topics.size === 0) this.#openGaps.delete(id);
  }

  /** Emitted and not received so far, gaps or not. */
  get awaited(): number {
    return this.#outstanding.size;
  }

  /** Whether all that was emitted has come or lies in a gap: there is nothing left to wait for. */
  get isSettled(): boolean {
    for (const event of this.#outstanding.values()) if (!this.#inGap(event)) return false;
    return true;
  }

  balance(): Balance {
    const lying = [...this.#outstanding.values()].filter((event) => this.#inGap(event)).length;
    const missing = this.#outstanding.size + this.#settledInGaps;
    const inGaps = lying + this.#settledInGaps;
    return {
      received: this.#received,
      emitted: this.#emitted,
      missing,
      inGaps,
      unexpected: this.#unexpected,
      forgotten: this.#forgotten,
      gaps: this.#gaps,
      balanced: missing === inGaps && this.#unexpected === 0 && this.#forgotten === 0,
    };
  }

  /** Enters what the ledger has recorded since the last time. */
  #post(): void {
    if (this.#phase === "closed") return;
    const { entries, newest, forgotten } = this.#ledger.query({ since: this.#posted });
    this.#posted = newest;
    this.#forgotten += forgotten;
    for (const { topic, correlationId, atMs, deliveries } of entries) {
      const ours = deliveries.filter(({ channelId }) => this.#isOurs(channelId));
      const sent = ours.some(({ outcome }) => outcome === "sent");
      // Before the first socket is open nothing is expected to arrive.
      if (ours.length === 0 || (this.#phase === "subscribing" && !sent)) continue;
      this.#emitted++;
      const key = topic.toLowerCase();
      this.#outstanding.set(keyOf(topic, correlationId), { atMs, topic: key });
    }
    if (this.#outstanding.size > outstandingMax) this.#settle();
  }

  #settle(): void {
    for (const [key, event] of this.#outstanding) {
      if (!this.#inGap(event)) continue;
      this.#outstanding.delete(key);
      this.#settledInGaps++;
    }
    this.#intervals = [];
  }

  #inGap({ atMs, topic }: Outstanding): boolean {
    const holds = ({ fromMs, toMs, topics }: Interval): boolean =>
      topics.has(topic) && atMs >= fromMs - clockGrainMs && atMs <= toMs + clockGrainMs;
    const open = [...this.#openGaps.values()].map((gap) => ({ ...gap, toMs: Infinity }));
    return this.#intervals.some(holds) || open.some(holds);
  }
}

function keyOf(topic: string, correlationId: string): string {
  return `${topic.toLowerCase()} ${correlationId}`;
}
