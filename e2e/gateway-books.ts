/** What subscribers of the Event API were told, held against the journal. */
import type { Entry } from "../packages/relay/src/journal/entry.ts";
import type { Told } from "./gateway-follower.ts";

/** What is subscribed to, and whether a topic carries it: said here once more, by other means than the relay's. */
export const kinds = [
  { eventTypes: ["user:presence"], carries: (topic: string) => topic.endsWith(".presence") },
  {
    eventTypes: ["user:routingStatus", "user:presence"],
    carries: (topic: string) => /^v2\.users\.[^.]+\.(?:presence|routingStatus)$/iu.test(topic),
  },
  { eventTypes: ["conversation:all"], carries: isOfConversations },
  {
    eventTypes: ["routing.queueMemberEvent", "conversation:all"],
    carries: (topic: string) =>
      isOfConversations(topic) || /^v2\.routing\.queues\.[^.]+\.users$/u.test(topic),
  },
] as const;

export type Kind = (typeof kinds)[number];

/** Conversations come by their queues, and by their users. */
function isOfConversations(topic: string): boolean {
  return /^v2\.(?:routing\.queues|users)\.[^.]+\.conversations$/u.test(topic);
}

/** What of a journal a subscriber of a kind is to be told. */
export function owed(entries: readonly Entry[], { carries }: Kind): readonly Entry[] {
  return entries.filter((entry) =>
    entry.kind === "event" ? carries(entry.topic) : entry.topics.some(carries),
  );
}

function dataOf(entry: Entry): string | undefined {
  if (entry.kind === "gap") return undefined;
  return JSON.stringify((JSON.parse(entry.raw) as { readonly eventBody: unknown }).eventBody);
}

/** The first thing in which what was told is not what the journal has; undefined where all is the same. */
export function firstDifference(told: readonly Told[], entries: readonly Entry[]): unknown {
  for (const [index, { type, cursor, data }] of told.entries()) {
    const entry = entries[index];
    if (entry?.kind !== type || entry.cursor !== cursor)
      return { index, type, cursor, due: entry?.cursor, before: told[index - 1]?.cursor };
    if (data !== undefined && data !== dataOf(entry)) return { index, cursor, data };
  }
  return undefined;
}
