/**
 * The demo's books: what the mock's ledger says it emitted, against what the journal holds and what the
 * subscriber was given. The ledger knows an event before it is on the wire, so whatever comes must be in it.
 */
import type { Ledger } from "@trunkline/mock";
import type { Entry, EventEntry, GapEntry } from "@trunkline/relay";

/** The result, in numbers of events unless the name says otherwise. */
export interface Balance {
  /** Emitted on topics that the relay had asked for, whether or not a socket was open. */
  readonly sent: number;
  /** Of the sent, those in the journal. */
  readonly stored: number;
  /** Of the stored, those that the subscriber was given. */
  readonly delivered: number;
  /** Sent, not delivered, and in no gap. */
  readonly lost: number;
  /** Sent, not delivered, and inside a gap. */
  readonly declaredLost: number;
  /** Stored twice, or delivered twice. */
  readonly duplicated: number;
  readonly gaps: number;
  /** The longest time from the last event before a gap to the first after it. */
  readonly silenceMs: number;
  /** Everything is accounted for. */
  readonly ok: boolean;
  /** Stored though the ledger does not have it, or delivered though the journal does not. */
  readonly unexpected: number;
  /** The ledger no longer knew about so many when it was asked. */
  readonly forgotten: number;
}

/** What became of the line, and what that cost. */
export interface Interrupted {
  readonly name: string;
  readonly atMs: number;
  /** Events sent from then until the next interruption that are missing, each in a gap. */
  readonly missing: number;
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
/** Events may have been on their way for so long when an interruption struck. */
const underWayMs = 200;
/** Events awaited at a time; from here on those in gaps are settled at once. */
const outstandingMax = 50_000;
const intervalsMax = 1_000;
/** So many events are remembered to recognise one that is stored a second time. */
const recentMax = 100_000;

export class Books {
  readonly #ledger: Ledger;
  readonly #isOurs: (channelId: string) => boolean;
  /** Emitted, and not stored so far. */
  readonly #outstanding = new Map<string, Outstanding>();
  /** Positions stored and not delivered so far, and the other way round. */
  readonly #undelivered = new Set<number>();
  readonly #ahead = new Set<number>();
  readonly #recent = new Set<string>();
  readonly #openGaps = new Map<string, { readonly fromMs: number; readonly topics: Set<string> }>();
  #intervals: Interval[] = [];
  readonly #silences = new Map<string, { readonly sinceMs: number; isOver: boolean }>();
  #phase: "starting" | "open" | "closed" = "starting";
  #posted = 0;
  #sent = 0;
  #stored = 0;
  #delivered = 0;
  #deliveredUpTo = 0;
  #duplicated = 0;
  #settledInGaps = 0;
  /** When events were sent that are missing, and settled to lie in a gap, by the second. */
  readonly #settledAt = new Map<number, number>();
  #unexpected = 0;
  #forgotten = 0;
  #gaps = 0;
  #lastEventMs: number | undefined;
  #silenceMs = 0;

  /** @param isOurs whether a channel is one of the demo's, and not that of somebody who looks in */
  constructor(ledger: Ledger, isOurs: (channelId: string) => boolean) {
    this.#ledger = ledger;
    this.#isOurs = isOurs;
    this.#posted = ledger.newest;
  }

  /** The line is live: from now on whatever is emitted on our topics counts, on a socket or not. */
  open(): void {
    this.#post();
    if (this.#phase === "starting") this.#phase = "open";
  }

  /** Nothing emitted from now on counts any more; what is on its way still does. */
  close(): void {
    this.#post();
    this.#phase = "closed";
  }

  /** The journal has these entries, in this order. */
  store(entries: readonly Entry[]): void {
    this.#post();
    for (const entry of entries) {
      if (entry.kind === "gap") this.#storeGap(entry);
      else this.#storeEvent(entry);
    }
  }

  /** The subscriber was given the event at a position; tells whether the event belongs into these books. */
  deliver(position: number): boolean {
    if (position <= this.#deliveredUpTo) this.#duplicated++;
    else if (this.#undelivered.delete(position)) this.#delivered++;
    else if (this.#phase === "closed") return false;
    else this.#ahead.add(position);
    this.#deliveredUpTo = Math.max(this.#deliveredUpTo, position);
    return true;
  }

  /** Sent and neither stored nor delivered so far, gaps or not. */
  get awaited(): number {
    return this.#outstanding.size + this.#undelivered.size;
  }

  /** Whether all that was sent has been delivered or lies in a gap: there is nothing left to wait for. */
  get isSettled(): boolean {
    if (this.#undelivered.size > 0 || this.#ahead.size > 0) return false;
    for (const event of this.#outstanding.values()) if (!this.#inGap(event)) return false;
    return true;
  }

  balance(): Balance {
    const lying = [...this.#outstanding.values()].filter((event) => this.#inGap(event)).length;
    const declaredLost = lying + this.#settledInGaps;
    const lost = this.#outstanding.size - lying + this.#undelivered.size;
    const unexpected = this.#unexpected + this.#ahead.size;
    const troubles = lost + this.#duplicated + unexpected + this.#forgotten;
    return {
      sent: this.#sent,
      stored: this.#stored,
      delivered: this.#delivered,
      lost,
      declaredLost,
      duplicated: this.#duplicated,
      gaps: this.#gaps,
      silenceMs: this.#silenceMs,
      ok: troubles === 0 && this.#sent === this.#delivered + declaredLost,
      unexpected,
      forgotten: this.#forgotten,
    };
  }

  /** What each interruption has cost: events between it and the next one that lie in a gap. */
  interruptions(
    marks: readonly { readonly name: string; readonly atMs: number }[],
  ): readonly Interrupted[] {
    const lying = [...this.#outstanding.values()].filter((event) => this.#inGap(event));
    return marks.map(({ name, atMs }, index) => {
      // What was under way when it happened is its doing as well.
      const fromMs = atMs - underWayMs;
      const untilMs = (marks[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) - underWayMs;
      const isIn = (ms: number): boolean => fromMs <= ms && ms < untilMs;
      let missing = lying.filter((event) => isIn(event.atMs)).length;
      for (const [second, count] of this.#settledAt) if (isIn(second * 1_000)) missing += count;
      return { name, atMs, missing };
    });
  }

  /** Enters what the ledger has recorded since the last time. */
  #post(): void {
    if (this.#phase === "closed") return;
    const { entries, newest, forgotten } = this.#ledger.query({ since: this.#posted });
    this.#posted = newest;
    this.#forgotten += forgotten;
    for (const { topic, correlationId, atMs, deliveries } of entries) {
      const ours = deliveries.filter(({ channelId }) => this.#isOurs(channelId));
      const wasSent = ours.some(({ outcome }) => outcome === "sent");
      // Before the line is live nothing is promised, but what was sent must come all the same.
      if (ours.length === 0 || (this.#phase === "starting" && !wasSent)) continue;
      this.#sent++;
      const key = topic.toLowerCase();
      this.#outstanding.set(keyOf(topic, correlationId), { atMs, topic: key });
    }
    if (this.#outstanding.size > outstandingMax) this.#settle();
  }

  #storeEvent({ topic, raw, position, receivedAtMs }: EventEntry): void {
    const key = keyOf(topic, correlationIdOf(raw));
    const wasOutstanding = this.#outstanding.delete(key);
    if (!wasOutstanding && this.#phase === "closed" && !this.#recent.has(key)) return;
    if (wasOutstanding) this.#stored++;
    else if (this.#recent.has(key)) this.#duplicated++;
    else this.#unexpected++;
    this.#remember(key);
    if (this.#ahead.delete(position)) this.#delivered++;
    else this.#undelivered.add(position);
    for (const [gapId, { sinceMs, isOver }] of this.#silences) {
      if (!isOver) continue;
      this.#silenceMs = Math.max(this.#silenceMs, receivedAtMs - sinceMs);
      this.#silences.delete(gapId);
    }
    this.#lastEventMs = receivedAtMs;
  }

  #storeGap({ gapId, state, topics, fromMs, toMs }: GapEntry): void {
    const names = new Set(topics.map((topic) => topic.toLowerCase()));
    if (state === "open" || toMs === undefined) {
      this.#gaps++;
      this.#openGaps.set(gapId, { fromMs, topics: names });
      if (this.#lastEventMs !== undefined)
        this.#silences.set(gapId, { sinceMs: this.#lastEventMs, isOver: false });
      return;
    }
    this.#intervals.push({ fromMs, toMs, topics: names });
    if (this.#intervals.length > intervalsMax) this.#settle();
    const silence = this.#silences.get(gapId);
    if (silence !== undefined) silence.isOver = true;
    const open = this.#openGaps.get(gapId);
    for (const topic of names) open?.topics.delete(topic);
    if (open?.topics.size === 0) this.#openGaps.delete(gapId);
  }

  #remember(key: string): void {
    this.#recent.add(key);
    if (this.#recent.size <= recentMax) return;
    const [oldest] = this.#recent;
    if (oldest !== undefined) this.#recent.delete(oldest);
  }

  #settle(): void {
    for (const [key, event] of this.#outstanding) {
      if (!this.#inGap(event)) continue;
      this.#outstanding.delete(key);
      this.#settledInGaps++;
      const second = Math.floor(event.atMs / 1_000);
      this.#settledAt.set(second, (this.#settledAt.get(second) ?? 0) + 1);
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

function correlationIdOf(raw: string): string {
  const { metadata } = JSON.parse(raw) as { readonly metadata?: { CorrelationId?: string } };
  return metadata?.CorrelationId ?? "";
}
