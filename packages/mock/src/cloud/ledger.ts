/** What became of one event on one channel that held its topic. */
export interface LedgerDelivery {
  readonly channelId: string;
  /** Absent when the channel had no socket: the event is lost to it (GENESYS.md 4.7). */
  readonly socketId?: number;
  /**
   * `sent` was handed to the transport whole, and `garbled` cut short; whether it arrived is the network's business.
   * `silenced` and `dropped` were kept from it by faults of these names. `held` is what a fault delays: it becomes one of
   * the others, or `lost` if the socket ends before.
   */
  readonly outcome: "sent" | "no-socket" | "silenced" | "dropped" | "garbled" | "held" | "lost";
  /** How often it was sent or garbled, when more than once. */
  readonly copies?: number;
  /** When it was handed to the transport, epoch ms, when that is not the entry's instant. */
  readonly sentAtMs?: number;
  /** Only when it differs from the entry's (setting `correlationId: "per-delivery"`). */
  readonly correlationId?: string;
}

/** One event that the cloud emitted. */
export interface LedgerEntry {
  /** 1, 2, 3 … without holes. */
  readonly sequence: number;
  /** When it was emitted, epoch ms of the cloud. */
  readonly atMs: number;
  readonly topic: string;
  readonly correlationId: string;
  /** The raw eventBody, as long as it is kept; never kept of events that no channel held the topic of. */
  readonly body: string | undefined;
  readonly deliveries: readonly LedgerDelivery[];
}

/** A happening that is no event: a socket, a channel, a token, a fault. */
export interface HistoryEntry {
  readonly sequence: number;
  readonly atMs: number;
  readonly what: string;
  readonly clientId?: string;
  readonly channelId?: string;
  readonly socketId?: number;
  readonly detail?: string;
}

/** What to look for; all given conditions must hold. */
export interface LedgerQuery {
  /** Only entries with a greater sequence number. @default 0 */
  readonly since?: number;
  /** Compared without case. */
  readonly topic?: string;
  /** Inclusive, epoch ms. */
  readonly fromMs?: number;
  /** Exclusive, epoch ms. */
  readonly untilMs?: number;
  /** At most this many, oldest first. @default no limit */
  readonly limit?: number;
}

/** Entries, and the truth about those that are no longer there. */
export interface LedgerPage {
  readonly entries: readonly LedgerEntry[];
  /** The oldest sequence number still kept; undefined when nothing is. */
  readonly oldest: number | undefined;
  /** The newest sequence number given out; 0 before the first. */
  readonly newest: number;
  /** How many entries after `since` were emitted but are no longer kept. */
  readonly forgotten: number;
  /** True when `limit` cut the answer short: ask again since the last entry. */
  readonly more: boolean;
}

/** Everything that the cloud emitted, numbered, in a ring of `ledgerEntriesMax`. */
export interface Ledger {
  readonly newest: number;
  query(query?: LedgerQuery): LedgerPage;
  /** Sockets, channels, tokens and faults, oldest first, a ring of `historyMax`. */
  history(since?: number): readonly HistoryEntry[];
}

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** A delivery about which the last word has not been spoken. */
export type OpenDelivery = Mutable<LedgerDelivery>;

/** Bounds of a ledger, as in `Settings`. */
export interface LedgerLimits {
  readonly ledgerEntriesMax: number;
  readonly ledgerBodyCharactersMax: number;
  readonly historyMax: number;
}

/** The model's side of the ledger: the only one who writes. */
export class LedgerBook implements Ledger {
  readonly #limits: LedgerLimits;
  readonly #ring: Mutable<LedgerEntry>[] = [];
  readonly #history: HistoryEntry[] = [];
  #newest = 0;
  #historyNewest = 0;
  #bodyCharacters = 0;
  /** The lowest sequence number that may still have its body. */
  #oldestBody = 1;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get newest(): number {
    return this.#newest;
  }

  get #oldest(): number {
    return Math.max(1, this.#newest - this.#limits.ledgerEntriesMax + 1);
  }

  record(entry: Omit<LedgerEntry, "sequence">): LedgerEntry {
    this.#newest += 1;
    const slot = this.#slot(this.#newest);
    this.#dropBody(this.#ring[slot]);
    const recorded: Mutable<LedgerEntry> = { sequence: this.#newest, ...entry };
    this.#ring[slot] = recorded;
    this.#bodyCharacters += entry.body?.length ?? 0;
    this.#oldestBody = Math.max(this.#oldestBody, this.#oldest);
    while (this.#bodyCharacters > this.#limits.ledgerBodyCharactersMax) {
      this.#dropBody(this.#ring[this.#slot(this.#oldestBody)]);
      this.#oldestBody += 1;
    }
    return recorded;
  }

  note(entry: Omit<HistoryEntry, "sequence">): void {
    this.#historyNewest += 1;
    this.#history[this.#historyNewest % this.#limits.historyMax] = {
      sequence: this.#historyNewest,
      ...entry,
    };
  }

  query(query: LedgerQuery = {}): LedgerPage {
    const since = Math.max(0, query.since ?? 0);
    const topic = query.topic?.toLowerCase();
    const limit = query.limit ?? Number.POSITIVE_INFINITY;
    const oldest = this.#oldest;
    const entries: LedgerEntry[] = [];
    let more = false;
    for (
      let sequence = Math.max(oldest, Math.floor(since) + 1);
      sequence <= this.#newest;
      sequence += 1
    ) {
      const entry = this.#ring[this.#slot(sequence)];
      if (entry === undefined) continue;
      if (topic !== undefined && entry.topic.toLowerCase() !== topic) continue;
      if (query.fromMs !== undefined && entry.atMs < query.fromMs) continue;
      if (query.untilMs !== undefined && entry.atMs >= query.untilMs) continue;
      if (entries.length >= limit) {
        more = true;
        break;
      }
      entries.push(entry);
    }
    return {
      entries,
      oldest: this.#newest === 0 ? undefined : oldest,
      newest: this.#newest,
      forgotten: Math.max(0, Math.min(oldest - 1, this.#newest) - Math.floor(since)),
      more,
    };
  }

  history(since = 0): readonly HistoryEntry[] {
    const oldest = Math.max(1, this.#historyNewest - this.#limits.historyMax + 1);
    const entries: HistoryEntry[] = [];
    for (
      let sequence = Math.max(oldest, since + 1);
      sequence <= this.#historyNewest;
      sequence += 1
    ) {
      const entry = this.#history[sequence % this.#limits.historyMax];
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #slot(sequence: number): number {
    return sequence % this.#limits.ledgerEntriesMax;
  }

  #dropBody(entry: Mutable<LedgerEntry> | undefined): void {
    if (entry?.body === undefined) return;
    this.#bodyCharacters -= entry.body.length;
    entry.body = undefined;
  }
}
