/**
 * A batch: what one transaction stores. Plain data in columns, so that it crosses to another thread
 * at a tenth of a microsecond an event; names of trunks and topics go once, and numbers after that.
 */
import type { CarriedDraft, GapDraft, ProofDraft, ReleasedDraft, UsedChannel } from "./entry.ts";
import type { Failure } from "./failure.ts";
import type { ConsumerState, DeadLetterDraft } from "./journal.ts";
import type { RelayErrorCode } from "../errors.ts";

export interface Batch {
  /** Trunks, and what is known of their organisations, that no batch had before. */
  readonly origins: readonly NewOrigin[];
  readonly topics: readonly NewTopic[];
  /** In the order in which they were taken. */
  readonly steps: readonly Step[];
  /** `columnsPerEvent` numbers an event: its topic, the instant of its arrival, and its kind (`kind.ts`). */
  readonly columns: Float64Array;
  /** One frame an event. */
  readonly raws: readonly string[];
}

export const columnsPerEvent = 3;

export interface NewOrigin {
  readonly id: number;
  readonly trunk: string;
  readonly organizationId: string | undefined;
}

export interface NewTopic {
  readonly id: number;
  readonly origin: number;
  /** Empty for the gaps of a trunk. */
  readonly name: string;
}

/** Something that answers: each has its place in `Stored.answers`. */
export type Question =
  | { readonly kind: "open-consumer"; readonly name: string; readonly from: number | "head" }
  | {
      readonly kind: "advance";
      readonly name: string;
      readonly position: number;
      readonly refused: readonly DeadLetterDraft[];
    }
  | { readonly kind: "rewind"; readonly name: string; readonly position: number }
  | { readonly kind: "enable"; readonly name: string; readonly isEnabled: boolean }
  | { readonly kind: "remove-consumer"; readonly name: string }
  | { readonly kind: "remove-letters"; readonly name: string; readonly ids: readonly number[] }
  /** `state` undefined: it is to be forgotten. */
  | {
      readonly kind: "keep-subscription";
      readonly id: string;
      readonly state: string | undefined;
    }
  | {
      readonly kind: "trim";
      readonly nowMs: number;
      /** What arrived before it may go; undefined where only size counts. */
      readonly cutoffMs: number | undefined;
      readonly bytesMax: number;
    };

export type Step =
  /** Events in a row. */
  | { readonly kind: "events"; readonly count: number }
  | { readonly kind: "gap"; readonly topic: number; readonly draft: GapDraft }
  /** Topics with this id and greater ones are used from here on only. */
  | { readonly kind: "generation"; readonly firstTopic: number }
  /** In place of what was stored of this trunk. */
  | {
      readonly kind: "channels";
      readonly trunk: string;
      readonly channels: readonly UsedChannel[];
    }
  | ConversationsStep
  | CarriedDraft
  | ReleasedDraft
  | ProofDraft
  | Question;

/** What is known of conversations after all events of the batch. */
export interface ConversationsStep {
  readonly kind: "conversations";
  readonly trunk: string;
  readonly rows: readonly {
    readonly id: string;
    /** JSON; undefined where it is to be forgotten. */
    readonly state: string | undefined;
    readonly touchedMs: number;
  }[];
}

export type Answer =
  | { readonly kind: "done" }
  | { readonly kind: "consumer"; readonly state: ConsumerState }
  | { readonly kind: "removed"; readonly count: number }
  | { readonly kind: "trimmed"; readonly hasMore: boolean }
  | { readonly kind: "refused"; readonly code: RelayErrorCode; readonly message: string };

/** How the journal stands after a commit. */
export interface Standing {
  readonly head: number;
  readonly oldest: number;
  readonly bytes: number;
}

export type Outcome =
  | { readonly kind: "stored"; readonly standing: Standing; readonly answers: readonly Answer[] }
  /** Nothing of the batch is stored. */
  | { readonly kind: "failed"; readonly failure: Failure };

/** What a store knows when it has been opened. */
export interface Opened {
  readonly journalId: string;
  readonly wasClosed: boolean;
  readonly standing: Standing;
  readonly origins: readonly NewOrigin[];
  readonly nextOrigin: number;
  readonly nextTopic: number;
}

/** Brings batches to a store, one at a time, and its outcomes back. */
export interface Carrier {
  /** Never throws; `done` may be called before it returns. */
  commit(batch: Batch, done: (outcome: Outcome) => void): void;
  /** @param isClean whether everything taken was stored */
  close(isClean: boolean): Promise<void>;
}
