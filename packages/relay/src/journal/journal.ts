/**
 * The journal: the durable, ordered log of events and gaps. One asynchronous contract; engines
 * differ in where the log lives. SPEC.md says what is true after a kill at each point.
 */
import type { RelayError } from "../errors.ts";
import type { Draft, Entry, GapEntry, KnownConversation, UsedChannel } from "./entry.ts";

export interface Journal {
  /** Names this log for ever; part of every cursor and id. */
  readonly id: string;
  /** The position of the newest entry on disk; 0 while there is none. */
  readonly head: number;
  /**
   * Takes drafts in order. Those of one call are stored all or none; what has gathered is committed
   * together. Returns undefined while there is room, else a promise to wait for before the next call.
   * A commit that fails (disk full) is tried again without end and told by `status()`: nothing that
   * was taken is dropped. Rejects only when the journal is closed or broken for good.
   */
  append(drafts: readonly Draft[]): Promise<void> | undefined;
  /** Resolves when everything taken so far is on disk. */
  flush(): Promise<void>;
  /** Entries after a position, oldest first. What was deleted meanwhile comes first, as a gap. */
  read(query: ReadQuery): Promise<Page>;
  /** Resolves as soon as `head` is beyond a position, or when the signal aborts or the journal closes. */
  grown(after: number, signal: AbortSignal): Promise<void>;

  /**
   * The place of a consumer, kept across restarts. A new one starts where `from` says: at a position,
   * or at the head. Entries are not deleted before an enabled consumer has had them, up to `bytesMax`.
   */
  openConsumer(name: string, from: number | "head"): Promise<ConsumerState>;
  /**
   * Moves a consumer to where everything up to and including `position` is done, and records what its
   * destination refused for good, in one commit. `rewind` moves it back as well as forth.
   */
  advance(name: string, position: number, refused: readonly DeadLetterDraft[]): Promise<void>;
  rewind(name: string, position: number): Promise<void>;
  /** A disabled consumer keeps its place, and holds back nothing. */
  enableConsumer(name: string, isEnabled: boolean): Promise<void>;
  removeConsumer(name: string): Promise<void>;
  consumers(): Promise<readonly ConsumerState[]>;

  /** What a consumer's destination refused for good, oldest first, with the entry as it was. */
  deadLetters(consumer: string, query: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  /** Removes dead letters, after a replay or because somebody decided so. Returns how many. */
  removeDeadLetters(consumer: string, ids: readonly number[]): Promise<number>;

  /** Keeps what is subscribed to under an id, or forgets it. `state` is text that the journal does not look into. */
  keepSubscription(id: string, state: string | undefined): Promise<void>;
  /** What is kept, by id. */
  subscriptions(): Promise<readonly KeptText[]>;

  /** What is known of a trunk, from this run or earlier ones; undefined where nothing is. */
  trunk(name: string): Promise<TrunkMemory | undefined>;
  /** What is known of a trunk's conversations, the longest unchanged first. */
  conversations(trunk: string): Promise<readonly KnownConversation[]>;
  /**
   * When each topic was carried, oldest first. Intervals that ended before anything kept are forgotten.
   */
  coverage(trunk: string, only?: CoverageQuery): Promise<readonly Coverage[]>;
  /** Trunks of which something is open: topics that are carried, as far as is known, or a gap. */
  unsettled(): Promise<readonly string[]>;
  /** Gaps by their latest state, oldest first. */
  gaps(query: GapQuery): Promise<readonly GapEntry[]>;

  /** Deletes what retention no longer keeps; called from time to time by the service. */
  trim(nowMs: number): Promise<void>;
  status(): JournalStatus;
  /** Stores what was taken, if it can, marks the stop as clean, and lets go of the data. */
  close(): Promise<void>;
  /** Whether the run before this one ended by `close`; true for a new journal. */
  readonly wasClosed: boolean;
}

export interface ReadQuery {
  /** Entries after this position; 0 is the beginning. */
  readonly after: number;
  /** At most so many entries. */
  readonly limit: number;
  /** Stop after about so many bytes of raw frames. @default 1048576 */
  readonly bytesMax?: number;
}

export interface Page {
  readonly entries: readonly Entry[];
  /** Read on after this position. Equal to `after` at the head. */
  readonly next: number;
}

export interface ConsumerState {
  readonly name: string;
  /** Everything up to and including this position is done. */
  readonly position: number;
  readonly isEnabled: boolean;
  readonly deadLetters: number;
}

/** What `keepSubscription` was given last under an id. */
export interface KeptText {
  readonly id: string;
  readonly state: string;
}

export interface DeadLetterDraft {
  readonly entry: Entry;
  readonly reason: string;
  readonly atMs: number;
}

export interface DeadLetter extends DeadLetterDraft {
  /** For `removeDeadLetters`; grows, never used twice. */
  readonly id: number;
}

export interface DeadLetterQuery {
  /** Only those with a greater id. @default 0 */
  readonly after?: number;
  readonly limit: number;
}

/** What a journal remembers of a trunk. */
export interface TrunkMemory {
  /** Undefined until Genesys Cloud has told it. */
  readonly organizationId: string | undefined;
  /** As they were last stored, oldest first. */
  readonly channels: readonly UsedChannel[];
}

/**
 * - `isOpen`: only what is carried still, as far as is known
 * - `sinceProof`: of each topic only the last interval that ended with something proven in it, and what came after
 */
export type CoverageQuery = { readonly isOpen: true } | { readonly sinceProof: true };

/** One unbroken interval in which a topic was carried. */
export interface Coverage {
  readonly topic: string;
  readonly line: number;
  readonly fromMs: number;
  /** The newest entry when it began. */
  readonly fromPosition: number;
  /** Undefined while it is carried, as far as is known. */
  readonly untilMs: number | undefined;
  readonly untilPosition: number | undefined;
  /** Everything sent up to here is stored: the line's last stored proof, at least `fromMs`. */
  readonly provenMs: number;
}

export interface GapQuery {
  readonly trunk?: string;
  /** Only gaps that are not closed in full. */
  readonly isOpen?: boolean;
  readonly limit: number;
}

export interface JournalStatus {
  readonly head: number;
  /** The oldest position kept; `head + 1` when empty. */
  readonly oldest: number;
  /** What it takes on disk. */
  readonly bytes: number;
  /** Drafts that wait for a commit. */
  readonly waiting: number;
  /** Why nothing can be stored at present; undefined when all is well. */
  readonly failure: { readonly error: RelayError; readonly sinceMs: number } | undefined;
  readonly commits: number;
  readonly stored: number;
}

/** What is kept. */
export interface Retention {
  /** Entries younger than this are kept if there is room. */
  readonly maxAgeMs: number;
  /** The log may take so many bytes; beyond it the oldest goes, had or not. */
  readonly bytesMax: number;
}
