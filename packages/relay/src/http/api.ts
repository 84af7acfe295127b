/**
 * What the relay answers over HTTP, as JSON. Types only, so that who asks shares them with who
 * answers. Instants are ISO 8601 in UTC; keys without a value are left out.
 */
import type { LineFormat } from "../entry-line.ts";
import type { GapCertainty } from "@trunkline/client";
import type { GapCause, GapState } from "../journal/entry.ts";
import type { DeliveryStatus } from "../delivery/delivery.ts";
import type { ReloadReport, TrunkStatus } from "../service.ts";
import type { TopicStatus } from "@trunkline/client";

/** What went wrong, and what to do next. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

/** One complaint of several about a request or a configuration. */
export interface ErrorDetail {
  /** Where: the name of a parameter or field, as `ids[2]`. */
  readonly path: string;
  readonly message: string;
  readonly help?: string;
  /** Where it was read, as `trunkline.yaml:12:9`. */
  readonly source?: string;
}

/** Every answer with a status from 400 on. */
export interface ErrorReply {
  readonly error: Problem & { readonly details?: readonly ErrorDetail[] };
}

/** `GET /healthz`: the process serves. */
export interface HealthReply {
  readonly status: "ok";
  readonly version: string;
}

/** `GET /readyz`, with status 200 or 503. To a request without the token only `ready` is told. */
export interface ReadyReply {
  readonly ready: boolean;
  readonly trunks?: readonly TrunkReply[];
  readonly journal?: { readonly failure?: FailureReply };
}

/** Why nothing can be stored, and since when. */
export interface FailureReply extends Problem {
  readonly since: string;
}

export type TopicState = TopicStatus["state"];

/** One of `GET /admin/trunks`. Its topics are at `/admin/topics`. */
export interface TrunkReply {
  readonly name: string;
  readonly organizationId?: string;
  readonly state: TrunkStatus["state"];
  /** How many topics are in each state. */
  readonly topics: Readonly<Record<TopicState, number>>;
  readonly openGaps: number;
  readonly received: number;
  readonly error?: Problem;
}

/** `GET /admin/trunks`. */
export interface TrunksReply {
  readonly trunks: readonly TrunkReply[];
}

/** `GET /admin/topics?trunk=&state=&limit=`. */
export interface TopicsReply {
  readonly topics: readonly TopicReply[];
  /** How many there are, of which `topics` may be the first. */
  readonly total: number;
}

export interface TopicReply {
  readonly trunk: string;
  readonly topic: string;
  readonly state: TopicState;
  readonly reason?: string;
  readonly missingPermissions?: readonly string[];
}

/** One gap by its latest state. */
export interface GapReply {
  readonly cursor: string;
  /** The same in all states of the gap. */
  readonly id: string;
  readonly trunk: string;
  readonly organizationId?: string;
  readonly topics: readonly string[];
  readonly from: string;
  /** Null while the gap is open. */
  readonly to: string | null;
  readonly cause: GapCause;
  readonly certainty: GapCertainty;
  readonly state: GapState;
  readonly recordedAt: string;
}

/** `GET /admin/gaps?open=true|false&trunk=&limit=`, oldest first. */
export interface GapsReply {
  readonly gaps: readonly GapReply[];
}

/** One sink, as in `GET /admin/sinks`, and after `resume` and `rewind`. */
export interface SinkReply {
  readonly name: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly state: DeliveryStatus["state"];
  /** Everything up to and including this one is done. */
  readonly cursor: string;
  /** Entries that come after it. */
  readonly behind: number;
  readonly written: number;
  readonly deadLetters: number;
  readonly error?: Problem;
  readonly retryAt?: string;
}

/** `GET /admin/sinks`. */
export interface SinksReply {
  readonly sinks: readonly SinkReply[];
}

/** `POST /admin/sinks/:name/check`: 200 whether or not it would work. */
export type CheckReply =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly error: Problem };

/** Body of `POST /admin/sinks/:name/rewind`: goes on after this cursor, back or forth. */
export interface RewindRequest {
  readonly cursor: string;
}

/** `GET /admin/sinks/:name/dead-letters?after=&limit=`, oldest first. */
export interface DeadLettersReply {
  readonly deadLetters: readonly DeadLetterReply[];
}

export interface DeadLetterReply {
  /** To ask for those after it, to replay or to remove it. */
  readonly id: number;
  readonly at: string;
  readonly reason: string;
  /** The entry, as a line of `GET /admin/entries`. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Body of `POST /admin/sinks/:name/dead-letters/replay`; without `ids`, or a body, all are meant. */
export interface ReplayRequest {
  readonly ids?: readonly number[];
}

export interface ReplayReply {
  readonly replayed: number;
  readonly refused: number;
}

/** Body of `DELETE /admin/sinks/:name/dead-letters`. */
export type RemoveRequest = { readonly ids: readonly number[] } | { readonly all: true };

export interface RemoveReply {
  readonly removed: number;
}

/** One of `GET /admin/subscribers`: a connection of the Event API. */
export interface SubscriberReply {
  /** Left out until it has shown a token. */
  readonly client?: string;
  /** When it came. */
  readonly since: string;
  readonly subscriptions: number;
  /** Everything up to here has been sent on all of its subscriptions; left out where there are none. */
  readonly cursor?: string;
  /** Entries of the journal after it. */
  readonly behind: number;
  /** How many of its subscriptions read more slowly than entries come. */
  readonly lagging: number;
  readonly sent: number;
  readonly received: number;
}

/** `GET /admin/subscribers?limit=`, those furthest behind first; none where the Event API is not served. */
export interface SubscribersReply {
  readonly subscribers: readonly SubscriberReply[];
  /** How many there are, of which `subscribers` may be the first. */
  readonly total: number;
}

/** `POST /admin/reload`. */
export type ReloadReply = ReloadReport;

/** `GET /admin/journal`. */
export interface JournalReply {
  readonly id: string;
  /** Cursor of the newest entry; ends in `-0` while there is none. */
  readonly head: string;
  /** Cursor of the oldest entry kept. */
  readonly oldest?: string;
  readonly entries: number;
  readonly bytes: number;
  readonly waiting: number;
  readonly commits: number;
  readonly stored: number;
  readonly failure?: FailureReply;
}

/** Names of headers and parameters of `GET /admin/entries`, whose body are lines of entries (NDJSON). */
export interface EntriesQuery {
  /** A cursor, or 0 for the beginning. @default the head */
  readonly since?: string;
  /** Patterns of topics, `*` for one segment; repeated for several. @default all */
  readonly topic?: string | readonly string[];
  /** Whether to wait for more at the head as of the request. @default "true" */
  readonly follow?: "true" | "false";
  /** @default "json" */
  readonly format?: LineFormat;
}

/** Header of `GET /admin/entries`: the cursor after which the stream begins, for who must resume before the first line. */
export type StartHeader = "trunkline-cursor";
