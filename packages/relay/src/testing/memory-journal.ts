/**
 * A journal in memory that keeps the contract of `Journal`, for tests: commits take time, may fail
 * for a while, and a crash leaves what was on its disk. It is simple where the engine is clever.
 */
import type { Clock } from "../ports.ts";
import { RelayError } from "../errors.ts";
import { formatCursor } from "../journal/cursor.ts";
import { journalLimits } from "../journal/limits.ts";
import type {
  ConversationChange,
  Draft,
  Entry,
  EventEntry,
  GapEntry,
  KnownConversation,
  TrunkDraft,
} from "../journal/entry.ts";
import type {
  ConsumerState,
  Coverage,
  DeadLetter,
  DeadLetterDraft,
  DeadLetterQuery,
  GapQuery,
  Journal,
  JournalStatus,
  KeptText,
  Page,
  ReadQuery,
  TrunkMemory,
} from "../journal/journal.ts";

/** What is on the disk; outlives a crash. */
export interface JournalDisk {
  readonly id: string;
  readonly entries: Entry[];
  readonly consumers: Map<string, { position: number; isEnabled: boolean }>;
  readonly deadLetters: (DeadLetter & { readonly consumer: string })[];
  readonly trunks: Map<string, TrunkMemory>;
  readonly conversations: (KnownConversation & { readonly trunk: string })[];
  readonly subscriptions: Map<string, string>;
  lastPosition: number;
  lastDeadLetter: number;
  /** The newest position that was deleted. */
  trimmedTo: number;
  wasClosed: boolean;
}

export function emptyJournalDisk(id = "memory"): JournalDisk {
  return {
    id,
    entries: [],
    consumers: new Map(),
    deadLetters: [],
    trunks: new Map(),
    conversations: [],
    subscriptions: new Map(),
    lastPosition: 0,
    lastDeadLetter: 0,
    trimmedTo: 0,
    wasClosed: true,
  };
}

export interface MemoryJournalOptions {
  readonly disk?: JournalDisk;
  /** How long a commit takes; undefined for none at all. */
  readonly commitMs?: () => number;
  readonly clock?: Clock;
  /** Whether the next question or commit fails, and with what. */
  readonly fails?: (what: "read" | "advance" | "open" | "rewind") => RelayError | undefined;
}

const segment = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iu;
const never = new AbortController().signal;

export class MemoryJournal implements Journal {
  readonly disk: JournalDisk;
  readonly wasClosed: boolean;
  readonly #options: MemoryJournalOptions;
  readonly #waiters = new Set<() => void>();
  /** The end of the commits under way. */
  #commits: Promise<unknown> = Promise.resolve();
  #state: "open" | "closed" | "crashed" = "open";
  #waiting = 0;
  #committed = 0;

  constructor(options: MemoryJournalOptions = {}) {
    this.#options = options;
    this.disk = options.disk ?? emptyJournalDisk();
    this.wasClosed = this.disk.wasClosed;
    this.disk.wasClosed = false;
  }

  get id(): string {
    return this.disk.id;
  }

  get head(): number {
    return this.disk.lastPosition;
  }

  /** Nothing that comes after reaches the disk; a new journal may be made of that. */
  crash(): JournalDisk {
    this.#state = "crashed";
    this.#wake();
    return this.disk;
  }

  append(drafts: readonly Draft[]): undefined {
    this.#mustBeOpen();
    this.#waiting += drafts.length;
    void this.#commit(() => {
      this.#waiting -= drafts.length;
      for (const draft of drafts) this.#store(draft);
      this.#wake();
    }).catch(() => undefined);
    return undefined;
  }

  async flush(): Promise<void> {
    this.#mustBeOpen();
    await this.#commits;
  }

  async read({ after, limit, bytesMax = 1_048_576 }: ReadQuery): Promise<Page> {
    await this.#question("read");
    const entries: Entry[] = [];
    if (after < this.disk.trimmedTo) entries.push(this.#retentionGap(after));
    let bytes = 0;
    for (const entry of this.disk.entries) {
      if (entry.position <= after) continue;
      if (entries.length >= limit || (bytes > 0 && bytes >= bytesMax)) break;
      entries.push(entry);
      bytes += entry.kind === "event" ? entry.raw.length : 0;
    }
    return { entries, next: entries.at(-1)?.position ?? after };
  }

  async grown(after: number, signal: AbortSignal): Promise<void> {
    while (this.head <= after && !signal.aborted && this.#state === "open") {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      this.#waiters.delete(resolve);
    }
  }

  async openConsumer(name: string, from: number | "head"): Promise<ConsumerState> {
    await this.#question("open");
    return this.#commit(() => {
      const position = from === "head" ? this.head : from;
      const known = this.disk.consumers.get(name) ?? { position, isEnabled: true };
      this.disk.consumers.set(name, known);
      return this.#stateOf(name, known);
    });
  }

  async advance(
    name: string,
    position: number,
    refused: readonly DeadLetterDraft[],
  ): Promise<void> {
    await this.#question("advance");
    await this.#commit(() => {
      const consumer = this.#consumer(name);
      consumer.position = Math.max(consumer.position, position);
      for (const draft of refused) {
        const id = ++this.disk.lastDeadLetter;
        this.disk.deadLetters.push({ ...draft, id, consumer: name });
      }
    });
  }

  async rewind(name: string, position: number): Promise<void> {
    await this.#question("rewind");
    await this.#commit(() => {
      this.#consumer(name).position = position;
    });
  }

  async enableConsumer(name: string, isEnabled: boolean): Promise<void> {
    await this.#commit(() => {
      this.#consumer(name).isEnabled = isEnabled;
    });
  }

  async removeConsumer(name: string): Promise<void> {
    await this.#commit(() => this.disk.consumers.delete(name));
  }

  async consumers(): Promise<readonly ConsumerState[]> {
    await this.#question("read");
    return [...this.disk.consumers].map(([name, consumer]) => this.#stateOf(name, consumer));
  }

  async keepSubscription(id: string, state: string | undefined): Promise<void> {
    await this.#commit(() => {
      if (state === undefined) this.disk.subscriptions.delete(id);
      else this.disk.subscriptions.set(id, state);
    });
  }

  async subscriptions(): Promise<readonly KeptText[]> {
    return [...this.disk.subscriptions]
      .map(([id, state]) => ({ id, state }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  async deadLetters(
    name: string,
    { after = 0, limit }: DeadLetterQuery,
  ): Promise<readonly DeadLetter[]> {
    await this.#question("read");
    return this.disk.deadLetters
      .filter(({ consumer, id }) => consumer === name && id > after)
      .slice(0, limit)
      .map(({ id, entry, reason, atMs }) => ({ id, entry, reason, atMs }));
  }

  async removeDeadLetters(name: string, ids: readonly number[]): Promise<number> {
    return this.#commit(() => {
      const { deadLetters } = this.disk;
      const kept = deadLetters.filter(({ consumer, id }) => consumer !== name || !ids.includes(id));
      const removed = deadLetters.length - kept.length;
      deadLetters.splice(0, deadLetters.length, ...kept);
      return removed;
    });
  }

  /** None: this journal keeps no account of what was carried. */
  coverage(): Promise<readonly Coverage[]> {
    return Promise.resolve([]);
  }

  async unsettled(): Promise<readonly string[]> {
    const open = await this.gaps({ isOpen: true, limit: Number.POSITIVE_INFINITY });
    return [...new Set(open.map(({ trunk }) => trunk))].toSorted();
  }

  async trunk(name: string): Promise<TrunkMemory | undefined> {
    await this.#question("read");
    return this.disk.trunks.get(name);
  }

  async conversations(trunk: string): Promise<readonly KnownConversation[]> {
    await this.#question("read");
    return this.disk.conversations
      .filter((known) => known.trunk === trunk)
      .map(({ id, state, touchedMs }) => ({ id, state, touchedMs }));
  }

  gaps({ trunk, isOpen, limit }: GapQuery): Promise<readonly GapEntry[]> {
    const latest = new Map<string, GapEntry>();
    for (const entry of this.disk.entries) if (entry.kind === "gap") latest.set(entry.gapId, entry);
    const gaps = [...latest.values()].filter(
      (gap) =>
        (trunk === undefined || gap.trunk === trunk) &&
        (isOpen === undefined || (gap.state === "open") === isOpen),
    );
    return Promise.resolve(gaps.slice(0, limit));
  }

  /** Keeps everything; see `trimTo`. */
  trim(): Promise<void> {
    return Promise.resolve();
  }

  /** Deletes what is not beyond a position, had or not. */
  trimTo(position: number): void {
    const { entries } = this.disk;
    const kept = entries.filter((entry) => entry.position > position);
    entries.splice(0, entries.length, ...kept);
    this.disk.trimmedTo = Math.max(this.disk.trimmedTo, position);
  }

  status(): JournalStatus {
    return {
      head: this.head,
      oldest: this.disk.entries[0]?.position ?? this.head + 1,
      bytes: 0,
      waiting: this.#waiting,
      failure: undefined,
      commits: this.#committed,
      stored: this.disk.lastPosition,
    };
  }

  async close(): Promise<void> {
    await this.#commits;
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.disk.wasClosed = true;
    this.#wake();
  }

  /** One commit after another. What crashes before its end never was. */
  #commit<T>(change: () => T): Promise<T> {
    const { clock, commitMs } = this.#options;
    const commit = this.#commits.then(async () => {
      const ms = commitMs?.() ?? 0;
      if (clock !== undefined && ms > 0) await clock.sleep(ms, never);
      this.#mustBeOpen();
      this.#committed++;
      return change();
    });
    this.#commits = commit.catch(() => undefined);
    return commit;
  }

  async #question(what: "read" | "advance" | "open" | "rewind"): Promise<void> {
    await Promise.resolve();
    this.#mustBeOpen();
    const error = this.#options.fails?.(what);
    if (error !== undefined) throw error;
  }

  #mustBeOpen(): void {
    if (this.#state !== "open") throw new RelayError("INTERNAL", "The journal is closed.");
  }

  #wake(): void {
    for (const resolve of this.#waiters) resolve();
  }

  #consumer(name: string): { position: number; isEnabled: boolean } {
    const consumer = this.disk.consumers.get(name);
    if (consumer === undefined) throw new RelayError("INTERNAL", `There is no consumer ${name}.`);
    return consumer;
  }

  #stateOf(
    name: string,
    { position, isEnabled }: { position: number; isEnabled: boolean },
  ): ConsumerState {
    const deadLetters = this.disk.deadLetters.filter(({ consumer }) => consumer === name).length;
    return { name, position, isEnabled, deadLetters };
  }

  #store(draft: Draft): void {
    if (draft.kind === "trunk") {
      this.#learn(draft);
      return;
    }
    if (draft.kind !== "event" && draft.kind !== "gap") return;
    const position = ++this.disk.lastPosition;
    const cursor = formatCursor(this.id, position);
    const organizationId = this.disk.trunks.get(draft.trunk)?.organizationId;
    if (draft.kind === "gap") {
      this.disk.entries.push({ ...draft, position, cursor, organizationId });
      return;
    }
    const { derived = [], conversations = [], ...rest } = draft;
    for (const change of conversations) this.#know(draft.trunk, change);
    const event: EventEntry = {
      ...rest,
      position,
      cursor,
      organizationId,
      id: cursor,
      types: derived,
      entity: segment.exec(draft.topic)?.[0],
      source: "live",
      gapId: undefined,
    };
    this.disk.entries.push(event);
  }

  #know(trunk: string, { id, state, touchedMs }: ConversationChange): void {
    const known = this.disk.conversations.filter(
      (other) => other.trunk !== trunk || other.id !== id,
    );
    if (state !== undefined) known.push({ trunk, id, state, touchedMs });
    this.disk.conversations.splice(0, this.disk.conversations.length, ...known);
  }

  #learn({ trunk, organizationId, channels }: TrunkDraft): void {
    const known = this.disk.trunks.get(trunk);
    this.disk.trunks.set(trunk, {
      organizationId: organizationId ?? known?.organizationId,
      channels: channels?.slice(-journalLimits.channelsMax) ?? known?.channels ?? [],
    });
  }

  #retentionGap(after: number): GapEntry {
    const position = this.disk.trimmedTo;
    return {
      kind: "gap",
      position,
      cursor: formatCursor(this.id, position),
      trunk: "main",
      organizationId: undefined,
      gapId: `retention-${after}-${position}`,
      state: "unfillable",
      topics: [],
      fromMs: 0,
      toMs: 0,
      cause: "retention",
      certainty: "certain",
      serverOffsetMs: undefined,
      recordedAtMs: 0,
    };
  }
}
