/**
 * Derivation: which event types an event is by what is in it. Pure; the relay runs it once for each event,
 * at its intake. `fixtures/derivation/vectors.json` has cases by name, also for other languages.
 *
 * Genesys Cloud sends whole snapshots of a conversation, on the topic of each of its queues and users,
 * and says neither what changed nor that something began or ended (GENESYS.md 7). What is said here of
 * conversations is our reading of those snapshots:
 *
 * - What matters in a snapshot is its `participants`, with all that is in them. Order, and what is empty, do not
 *   count; nor does what stands around them, which may differ from topic to topic.
 * - **created**: the first snapshot of a conversation, where nothing can have been missed before it: it has
 *   begun since the topic is carried without a gap.
 * - **updated**: a snapshot that is not the first, or not known to be, and that says something new. The same
 *   snapshot by another topic, or again by the same, says nothing new, also where it lags some behind.
 * - **ended**: every participant has ended, and had not before. Where one comes after that, the conversation is
 *   open again, which is an update, and will end once more. A snapshot in which somebody has not ended yet
 *   who came before the end is an old one that comes late, and is nothing.
 * - **wrapping**: after-call work or a wrap-up is other than in the snapshot before.
 * - **queue members**: added where `joined` is true, removed where it is false. What the field says is not
 *   documented; it may tell membership, or that a member has activated the queue.
 */
import { eventTypes, type DerivedType, type EventTypeEntry } from "../vocabulary.ts";
import { digestOf, markOf } from "./digest.ts";
import {
  conversationIdOf,
  endMsOf,
  hasEnded,
  hasNoStart,
  participantsOf,
  startMsOf,
  wrappingOf,
  type Fields,
} from "./snapshot.ts";

/** What is kept of a conversation: digests and instants in plain JSON, at most some 500 characters. Never changed. */
export interface ConversationState {
  /** Its latest different snapshots, newest last: the digest of each, and marks of topics that have brought it. */
  readonly seen: readonly (readonly [digest: string, ...topics: string[]])[];
  /** Digest of after-call work and wrap-ups. */
  readonly wrapping: string;
  readonly participants: number;
  /** When the last participant ended; null while one has not. */
  readonly endedMs: number | null;
}

export interface DerivableEvent {
  readonly topic: string;
  /** The event body, parsed, less what must not be kept of it: digests of it are. */
  readonly body: unknown;
  /** When it arrived. */
  readonly atMs: number;
  /** Since when the topic has been carried without a gap; undefined where that is not known. */
  readonly carriedSinceMs: number | undefined;
}

export interface Derivation {
  readonly types: readonly DerivedType[];
  /** What is to be known of the conversation from now on. */
  readonly next: ConversationState | "unchanged";
}

/** For so long an ended conversation is to be known, so that its end is told once. */
export const endedKeptMs = 86_400_000;

/** Snapshots that a topic may lag behind another. */
const seenMax = 6;
/** Topics of one snapshot that are remembered; of more, some may bring it as new. */
const topicsMax = 8;

const nothing: Derivation = { types: [], next: "unchanged" };
const added: Derivation = { types: ["routing.queueMemberAdded"], next: "unchanged" };
const removed: Derivation = { types: ["routing.queueMemberRemoved"], next: "unchanged" };

const entries: readonly EventTypeEntry[] = Object.values(eventTypes);

function topicsBy(derivation: EventTypeEntry["derivation"]): RegExp {
  const found = entries.filter((entry) => entry.derivation === derivation);
  const shapes = [...new Set(found.flatMap(({ topics }) => topics))].map((template) =>
    template.replaceAll(".", String.raw`\.`).replace("{id}", "[^.]+"),
  );
  return new RegExp(`^(?:${shapes.join("|")})$`, "iu");
}

const snapshots = topicsBy("snapshots");
const joined = topicsBy("joined");

/** By what event types are derived of a topic's events; undefined where none are. */
export function derivationOf(topic: string): "snapshots" | "joined" | undefined {
  if (snapshots.test(topic)) return "snapshots";
  return joined.test(topic) ? "joined" : undefined;
}

/** The conversation of which an event is a snapshot; undefined for all other events. */
export function conversationOf({
  topic,
  body,
}: Pick<DerivableEvent, "topic" | "body">): string | undefined {
  return snapshots.test(topic) ? conversationIdOf(body) : undefined;
}

/**
 * Derives of one event. What comes of a snapshot fetched from REST, in place of what a gap has hidden, is derived
 * likewise, with the beginning of the gap as `carriedSinceMs`.
 * @param known what `next` was for the event before of the same conversation
 */
export function derive(known: ConversationState | undefined, event: DerivableEvent): Derivation {
  const { topic, body } = event;
  if (snapshots.test(topic))
    return conversationIdOf(body) === undefined ? nothing : deriveSnapshot(known, event);
  if (!joined.test(topic) || typeof body !== "object" || body === null) return nothing;
  const isJoined = (body as Fields)["joined"];
  if (isJoined === true) return added;
  return isJoined === false ? removed : nothing;
}

function deriveSnapshot(known: ConversationState | undefined, event: DerivableEvent): Derivation {
  const { topic, body, atMs } = event;
  const participants = participantsOf(body);
  const digest = digestOf(participants);
  const mark = markOf(topic.toLowerCase());
  const repeated = known === undefined ? undefined : repeat(known, digest, mark);
  if (repeated !== undefined) return { types: [], next: repeated };
  const isOver = participants.length > 0 && participants.every(hasEnded);
  if (known !== undefined && !isOver && isLate(known, participants)) return nothing;
  const wrapping = wrappingOf(participants);
  const endMs = isOver ? (endMsOf(participants) ?? atMs) : null;
  const types: DerivedType[] = [
    isFirst(known, participants, event) ? "conversation:created" : "conversation:updated",
  ];
  // Whoever is known no more, and ended long ago, was told to have ended while it was known.
  const hadEnded =
    known === undefined ? endMs !== null && endMs < atMs - endedKeptMs : known.endedMs !== null;
  if (isOver && !hadEnded) types.push("conversation:ended");
  if (wrapping !== (known?.wrapping ?? emptyWrapping)) types.push("routing.wrappingEvent");
  const seen = [...(known?.seen ?? []).slice(1 - seenMax), [digest, mark] as const];
  return { types, next: { seen, wrapping, participants: participants.length, endedMs: endMs } };
}

const emptyWrapping = wrappingOf([]);

/**
 * The state after a snapshot that says nothing new: what the topic itself has brought last, or what another
 * has brought since. Undefined where it does: also one that was so before, in between was not, and is again.
 */
function repeat(
  known: ConversationState,
  digest: string,
  mark: string,
): ConversationState | "unchanged" | undefined {
  const { seen } = known;
  const own = seen.findLastIndex(([, ...topics]) => topics.includes(mark));
  if (seen[own]?.[0] === digest) return "unchanged";
  const place = seen.findIndex(([other], index) => index > own && other === digest);
  const found = seen[place];
  if (found === undefined) return undefined;
  if (found.length > topicsMax) return "unchanged";
  return { ...known, seen: seen.with(place, [...found, mark]) };
}

function isFirst(
  known: ConversationState | undefined,
  participants: readonly Fields[],
  { body, atMs, carriedSinceMs }: DerivableEvent,
): boolean {
  if (known !== undefined || carriedSinceMs === undefined) return false;
  // Nobody has come yet: it is beginning.
  const startMs = startMsOf(participants) ?? (hasNoStart(body) ? atMs : undefined);
  return startMs !== undefined && startMs >= carriedSinceMs;
}

/** Whether a snapshot with somebody in it is from before the end. */
function isLate(
  { endedMs, participants: count }: ConversationState,
  now: readonly Fields[],
): boolean {
  if (endedMs === null || now.length > count) return false;
  const open = now.filter((participant) => !hasEnded(participant));
  return !open.some((participant) => (startMsOf([participant]) ?? 0) > endedMs);
}
