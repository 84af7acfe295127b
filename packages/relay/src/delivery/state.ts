/** The states, inputs and effects of the delivery machine. */
import type { DeliveryOptions } from "../config/config.ts";
import type { RelayError, RelayErrorCode } from "../errors.ts";
import type { DeadLetterDraft, Page } from "../journal/journal.ts";
import type { WriteOutcome } from "../sinks/sink.ts";
import type { Item, Window } from "./window.ts";

/** What is so whatever the machine does at present. */
export interface Memory {
  /** The newest that was given to a piece of work. */
  readonly epoch: number;
  /** Failures in a row since a write last succeeded. */
  readonly attempt: number;
  /** What was told and has not yet been over for long enough. */
  readonly trouble: Trouble | undefined;
  /** Whether `open` has succeeded and nothing has asked for another since. */
  readonly sink: "shut" | "open";
  readonly reader: Reader;
  readonly window: Window;
  readonly flights: readonly Flight[];
  /** Refused for good and not yet in the journal, oldest first. */
  readonly refused: readonly DeadLetterDraft[];
  /** The cursor on disk. */
  readonly position: number;
  readonly commit: Commit;
  /** Entries that are done and left the window since the last commit began. */
  readonly uncommitted: number;
  /** Entries written since the start. */
  readonly written: number;
  /** Dead letters in the journal. */
  readonly deadLetters: number;
}

export interface Trouble {
  /** The newest of it. */
  readonly error: RelayError;
  /** Codes that were told: each once. */
  readonly told: readonly RelayErrorCode[];
  /** When it counts as over, unless it comes again; undefined while it lasts. */
  readonly calmAtMs: number | undefined;
}

/** Who reads the journal. */
export type Reader =
  | { readonly kind: "idle" }
  /** Waits until there is something beyond what was read; if there is already, that is at once. */
  | { readonly kind: "watching"; readonly epoch: number }
  /** There is something. */
  | { readonly kind: "ready" }
  | { readonly kind: "reading"; readonly epoch: number };

/** A batch on its way to the sink. */
export interface Flight {
  readonly epoch: number;
  readonly items: readonly Item[];
  readonly phase:
    | { readonly kind: "writing"; readonly giveUpAtMs: number }
    /** Time was up and the sink was told so: what it says now still counts. */
    | { readonly kind: "aborting"; readonly giveUpAtMs: number };
}

/** The way of the cursor to the disk; one at a time. */
export type Commit =
  | { readonly kind: "none" }
  /** Only entries that nobody wanted were passed: there is no hurry. */
  | { readonly kind: "due"; readonly atMs: number }
  /** The journal could not; not again before. */
  | { readonly kind: "held"; readonly atMs: number }
  | {
      readonly kind: "running";
      readonly epoch: number;
      readonly position: number;
      readonly refused: readonly DeadLetterDraft[];
      /** How many of the uncommitted it covers. */
      readonly entries: number;
    };

/** What becomes of the sink when all that is under way has ended. */
export type Aim =
  | { readonly do: "stop" }
  | { readonly do: "rewind"; readonly position: number; readonly next: "flow" | RelayError };

export type Waiting = {
  readonly kind: "waiting";
  readonly memory: Memory;
  readonly next: "enter" | "open" | "write";
  readonly untilMs: number;
  readonly error: RelayError;
};
export type Draining = {
  readonly kind: "draining";
  readonly memory: Memory;
  readonly aim: Aim;
  /** First what is under way may end by itself, then it is aborted, then it is left behind. */
  readonly mood: "patient" | "urgent";
  readonly giveUpAtMs: number;
};

export type State =
  | { readonly kind: "idle"; readonly memory: Memory }
  /** The journal is asked for the consumer's place. */
  | { readonly kind: "entering"; readonly memory: Memory; readonly epoch: number }
  | {
      readonly kind: "opening";
      readonly memory: Memory;
      readonly epoch: number;
      readonly giveUpAtMs: number;
    }
  | { readonly kind: "live"; readonly memory: Memory }
  | Waiting
  /** Nothing is tried until somebody resumes it; what was under way may still end. */
  | { readonly kind: "halted"; readonly memory: Memory; readonly error: RelayError }
  | Draining
  | {
      readonly kind: "rewinding";
      readonly memory: Memory;
      readonly epoch: number;
      readonly aim: Extract<Aim, { readonly do: "rewind" }>;
    }
  | {
      readonly kind: "closing";
      readonly memory: Memory;
      readonly epoch: number;
      readonly giveUpAtMs: number;
    }
  | { readonly kind: "stopped"; readonly memory: Memory };

/** Facts, in the past tense. Those with an epoch answer the piece of work that has it. */
export type Input =
  | { readonly type: "started" }
  | { readonly type: "woke" }
  | { readonly type: "stop-wanted" }
  | { readonly type: "rewind-wanted"; readonly position: number }
  | { readonly type: "resume-wanted" }
  /** Dead letters were counted anew, after a replay or a look into the journal. */
  | { readonly type: "counted"; readonly deadLetters: number }
  | {
      readonly type: "entered";
      readonly epoch: number;
      readonly position: number;
      readonly deadLetters: number;
    }
  | { readonly type: "opened"; readonly epoch: number }
  | { readonly type: "read"; readonly epoch: number; readonly page: Page }
  | { readonly type: "grew"; readonly epoch: number }
  | { readonly type: "wrote"; readonly epoch: number; readonly outcome: WriteOutcome }
  | { readonly type: "advanced"; readonly epoch: number }
  | { readonly type: "rewound"; readonly epoch: number }
  | { readonly type: "closed"; readonly epoch: number }
  /** Work other than a write came to nothing. */
  | { readonly type: "failed"; readonly epoch: number; readonly error: RelayError };

/** Commands. */
export type Effect =
  | { readonly type: "enter"; readonly epoch: number }
  | { readonly type: "open"; readonly epoch: number }
  | {
      readonly type: "read";
      readonly epoch: number;
      readonly after: number;
      readonly limit: number;
      readonly bytesMax: number;
    }
  | { readonly type: "watch"; readonly epoch: number; readonly after: number }
  | { readonly type: "write"; readonly epoch: number; readonly items: readonly Item[] }
  | {
      readonly type: "advance";
      readonly epoch: number;
      readonly position: number;
      readonly refused: readonly DeadLetterDraft[];
    }
  | { readonly type: "rewind"; readonly epoch: number; readonly position: number }
  | { readonly type: "close"; readonly epoch: number }
  /** Aborts the signal of a piece of work. */
  | { readonly type: "abort"; readonly epoch: number }
  /** A change of state that somebody may want to know of. */
  | { readonly type: "told"; readonly news: News };

export type News =
  | { readonly kind: "trouble"; readonly error: RelayError; readonly retryInMs: number }
  | { readonly kind: "recovered"; readonly error: RelayError }
  | { readonly kind: "halted"; readonly error: RelayError }
  /** The first entry that the sink refused for good since there were none. */
  | { readonly kind: "refused"; readonly cursor: string };

export interface Env {
  /** Of the monotonic clock. */
  readonly nowMs: number;
  readonly wallMs: number;
  readonly random: () => number;
  readonly options: DeliveryOptions;
  /** Whether the sink wants a topic. */
  readonly wants: (topic: string) => boolean;
}

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}
