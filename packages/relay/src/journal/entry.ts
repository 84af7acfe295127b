/** Entry v1: what the journal holds, and what is handed to it to be stored. */
import type { GapCause as LineGapCause, GapCertainty } from "@trunkline/client";
import type { ConversationState, DerivedType } from "@trunkline/events";

/** Why delivery of some topics cannot be proven: what the line tells, and what only a relay can know. */
export type GapCause =
  | LineGapCause
  /** The relay ended without saying goodbye (killed, crashed, power lost), and was started again. */
  | "killed"
  /** Older than what is kept: deleted before this reader had it. */
  | "retention";

/**
 * A gap's life is one entry for each of its states, under one `gapId`; entries never change.
 * A gap may close in parts: each `closed` names the topics that it closes.
 */
export type GapState = "open" | "closed" | "filled" | "partial" | "unfillable";

interface EntryBase {
  /** The place in the journal; grows, never used twice. */
  readonly position: number;
  /** The place as text, naming its journal: `<journal id>-<position>`. */
  readonly cursor: string;
  /** The configured name of the trunk that it came by. */
  readonly trunk: string;
  /** Undefined until Genesys Cloud has told it for this trunk. */
  readonly organizationId: string | undefined;
}

/** One notification. */
export interface EventEntry extends EntryBase {
  readonly kind: "event";
  /** The same as `cursor`: the identity of the event, for consumers that de-duplicate. */
  readonly id: string;
  /** As Genesys wrote it. Compare without case. */
  readonly topic: string;
  /** Canonical event types of the Event API that it is: by its topic, then what was derived at its intake. */
  readonly types: readonly string[];
  /** The id in the topic's name (a queue's, user's, …), if there is one. */
  readonly entity: string | undefined;
  readonly receivedAtMs: number;
  readonly source: "live" | "backfill";
  /** The gap that a backfilled event belongs to. */
  readonly gapId: string | undefined;
  /** Two sessions carried the topic, and whether the other one had brought it already could not be told. */
  readonly maybeDuplicate: boolean;
  /** The frame as it came, less what redaction rules took out. */
  readonly raw: string;
}

/** One state in the life of a gap: topics whose delivery between two instants is not proven. */
export interface GapEntry extends EntryBase {
  readonly kind: "gap";
  readonly gapId: string;
  readonly state: GapState;
  readonly topics: readonly string[];
  /** The last instant up to which everything sent is proven to have arrived. */
  readonly fromMs: number;
  /** Undefined while the gap is open. */
  readonly toMs: number | undefined;
  /** As far as was known when this state was recorded: a later one may know better. */
  readonly cause: GapCause;
  readonly certainty: GapCertainty;
  /** The server's clock minus ours, where known. */
  readonly serverOffsetMs: number | undefined;
  /** When this state was recorded. */
  readonly recordedAtMs: number;
}

export type Entry = EventEntry | GapEntry;

/** An event to be stored. */
export interface EventDraft {
  readonly kind: "event";
  readonly trunk: string;
  readonly topic: string;
  readonly receivedAtMs: number;
  readonly maybeDuplicate: boolean;
  readonly raw: string;
  /** Event types that it is by what is in it. */
  readonly derived?: readonly DerivedType[] | undefined;
  /** What is known of conversations from this event on; stored with it, or neither is. */
  readonly conversations?: readonly ConversationChange[] | undefined;
}

/** What a trunk knows of a conversation from now on. */
export interface ConversationChange {
  readonly id: string;
  /** Undefined where it is to be forgotten. */
  readonly state: ConversationState | undefined;
  /** When it last changed. */
  readonly touchedMs: number;
}

/** What is known of a conversation. */
export interface KnownConversation extends ConversationChange {
  readonly state: ConversationState;
}

/** A state of a gap to be stored. */
export interface GapDraft {
  readonly kind: "gap";
  readonly trunk: string;
  readonly gapId: string;
  readonly state: GapState;
  readonly topics: readonly string[];
  readonly fromMs: number;
  readonly toMs: number | undefined;
  readonly cause: GapCause;
  readonly certainty: GapCertainty;
  readonly serverOffsetMs: number | undefined;
  readonly recordedAtMs: number;
}

/** Topics are carried by a line from an instant on; begins coverage, and is no entry. */
export interface CarriedDraft {
  readonly kind: "carried";
  readonly trunk: string;
  readonly line: number;
  readonly topics: readonly string[];
  readonly fromMs: number;
}

/** Topics are no longer carried since an instant; ends their coverage, and is no entry. */
export interface ReleasedDraft {
  readonly kind: "released";
  readonly trunk: string;
  readonly topics: readonly string[];
  readonly untilMs: number;
}

/** Everything sent on a line's carried topics up to an instant is in the journal; no entry. */
export interface ProofDraft {
  readonly kind: "proof";
  readonly trunk: string;
  readonly line: number;
  readonly untilMs: number;
}

/** What was learned about a trunk, to be known at the next start; what is left out stays as it was. No entry. */
export interface TrunkDraft {
  readonly kind: "trunk";
  readonly trunk: string;
  readonly organizationId?: string | undefined;
  /** In place of those that were stored before, oldest first; of more than 100 the oldest are dropped. */
  readonly channels?: readonly UsedChannel[] | undefined;
}

/** A notification channel that a trunk has used, and that the service may still have. */
export interface UsedChannel {
  /** Tells channels apart; not the channel's id, which is a secret. */
  readonly mark: string;
  /** The id of the OAuth client that it belongs to: only of that one's 20 it takes a place. */
  readonly clientId: string;
  /** It will have expired by then. */
  readonly untilMs: number;
}

export type Draft = EventDraft | GapDraft | CarriedDraft | ReleasedDraft | ProofDraft | TrunkDraft;
