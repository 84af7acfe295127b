/** A service without anything behind it, for tests of its HTTP face: what it says is set, what it is told is noted. */
import type { TopicStatus } from "@trunkline/client";
import type { RelayError } from "../errors.ts";
import type { GatewayStatus } from "../gateway/status.ts";
import { formatCursor } from "../journal/cursor.ts";
import type { Entry, GapEntry } from "../journal/entry.ts";
import type {
  ConsumerState,
  DeadLetter,
  DeadLetterQuery,
  GapQuery,
  Journal,
  JournalStatus,
  Page,
  ReadQuery,
} from "../journal/journal.ts";
import type { ReloadReport, Service, SinkControl, SinkStatus, TrunkStatus } from "../service.ts";
import type { CheckOutcome } from "../sinks/sink.ts";
import { sampleEvent, sampleJournalId } from "./sample-entries.ts";

/** A journal of entries that a test puts there; only what the HTTP face reads is there. */
export class FakeJournal {
  readonly id: string = sampleJournalId;
  readonly wasClosed = true;
  readonly entries: Entry[] = [];
  readonly letters = new Map<string, DeadLetter[]>();
  latestGaps: GapEntry[] = [];
  /** What was asked of `gaps`. */
  gapQueries: GapQuery[] = [];
  failure: JournalStatus["failure"];
  /** Thrown by `read`, if set. */
  broken: RelayError | undefined;
  reads = 0;
  #head = 0;
  #isClosed = false;
  #waiters: (() => void)[] = [];

  get head(): number {
    return this.#head;
  }

  /** Puts entries at the end; the next free position is `head + 1`. */
  put(...entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.entries.push(entry);
      this.#head = entry.position;
    }
    this.#wake();
  }

  /** Puts so many sample events. */
  grow(count: number): void {
    this.put(...Array.from({ length: count }, (_, index) => sampleEvent(this.#head + 1 + index)));
  }

  read({ after, limit, bytesMax = Number.POSITIVE_INFINITY }: ReadQuery): Promise<Page> {
    this.reads++;
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const entries: Entry[] = [];
    let bytes = 0;
    for (const entry of this.entries) {
      if (entry.position <= after) continue;
      if (entries.length >= limit || bytes >= bytesMax) break;
      entries.push(entry);
      bytes += entry.kind === "event" ? entry.raw.length : 0;
    }
    return Promise.resolve({ entries, next: entries.at(-1)?.position ?? after });
  }

  grown(after: number, signal: AbortSignal): Promise<void> {
    if (this.#head > after || signal.aborted || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    return Promise.resolve();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  gaps(query: GapQuery): Promise<readonly GapEntry[]> {
    this.gapQueries.push(query);
    return Promise.resolve(
      this.latestGaps
        .filter((gap) => query.isOpen !== true || gap.state === "open")
        .filter((gap) => query.trunk === undefined || gap.trunk === query.trunk)
        .slice(0, query.limit),
    );
  }

  deadLetters(
    consumer: string,
    { after = 0, limit }: DeadLetterQuery,
  ): Promise<readonly DeadLetter[]> {
    const all = this.letters.get(consumer) ?? [];
    return Promise.resolve(all.filter(({ id }) => id > after).slice(0, limit));
  }

  removeDeadLetters(consumer: string, ids: readonly number[]): Promise<number> {
    const all = this.letters.get(consumer) ?? [];
    const kept = all.filter(({ id }) => !ids.includes(id));
    this.letters.set(consumer, kept);
    return Promise.resolve(all.length - kept.length);
  }

  consumers(): Promise<readonly ConsumerState[]> {
    return Promise.resolve(
      [...this.letters].map(([name, letters]) => ({
        name,
        position: 0,
        isEnabled: true,
        deadLetters: letters.length,
      })),
    );
  }

  status(): JournalStatus {
    return {
      head: this.#head,
      oldest: this.entries[0]?.position ?? this.#head + 1,
      bytes: 4_096,
      waiting: 3,
      failure: this.failure,
      commits: 7,
      stored: this.entries.length,
    };
  }
}

export interface FakeService extends Service {
  readonly fake: FakeJournal;
  /** What was done to sinks, as `rewind http 4`. */
  readonly done: string[];
  trunkStates: TrunkStatus[];
  sinkStates: SinkStatus[];
  gatewayState: GatewayStatus | undefined;
  /** What a check of any sink says. */
  checks: (signal: AbortSignal) => Promise<CheckOutcome>;
  /** What a reload says. */
  reloads: () => Promise<ReloadReport>;
}

/** One live trunk `main`, one live sink `http`, and a journal that is empty. */
export function createFakeService(): FakeService {
  const fake = new FakeJournal();
  const done: string[] = [];
  const service: FakeService = {
    fake,
    done,
    // The rest of the contract is not for the HTTP face to use, and fails if it does.
    journal: fake as unknown as Journal,
    trunkStates: [trunkState()],
    sinkStates: [sinkState()],
    gatewayState: undefined,
    checks: () => Promise.resolve({ ok: true, detail: "it answers" }),
    reloads: () => Promise.resolve({ changes: [], needRestart: [] }),
    trunks: () => service.trunkStates,
    sinks: () => service.sinkStates,
    gateway: () => service.gatewayState,
    sink: (name) =>
      service.sinkStates.some((state) => state.name === name) ? control(service, name) : undefined,
    reload: () => service.reloads(),
  };
  return service;
}

function control(service: FakeService, name: string): SinkControl {
  return {
    check: (signal) => service.checks(signal),
    replay: (ids) => {
      service.done.push(`replay ${name} ${ids?.join(",") ?? "all"}`);
      return Promise.resolve({ replayed: 2, refused: 1 });
    },
    rewind: (position) => {
      service.done.push(`rewind ${name} ${position}`);
      service.sinkStates = service.sinkStates.map((state) =>
        state.name === name ? { ...state, position } : state,
      );
      return Promise.resolve();
    },
    resume: () => {
      service.done.push(`resume ${name}`);
    },
  };
}

export function topicState(topic: string, state: TopicStatus["state"] = "live"): TopicStatus {
  return { topic, state, reason: undefined, missingPermissions: [] };
}

export function trunkState(fields: Partial<TrunkStatus> = {}): TrunkStatus {
  return {
    name: "main",
    organizationId: undefined,
    state: "live",
    topics: [topicState("v2.users.a.presence")],
    error: undefined,
    isListing: false,
    openGaps: 0,
    maybeDuplicates: 0,
    rotations: [],
    received: 0,
    ...fields,
  };
}

export function sinkState(fields: Partial<SinkStatus> = {}): SinkStatus {
  return {
    name: "http",
    type: "webhook",
    isEnabled: true,
    state: "live",
    position: 0,
    behind: 0,
    written: 0,
    deadLetters: 0,
    error: undefined,
    retryAtMs: undefined,
    ...fields,
  };
}

/** A place in the fake journal as text. */
export function fakeCursor(position: number): string {
  return formatCursor(sampleJournalId, position);
}
