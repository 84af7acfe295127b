/** Entries as the journal would hand them out. */
import { formatCursor } from "../journal/cursor.ts";
import type { EventEntry, GapEntry } from "../journal/entry.ts";

export const sampleJournalId = "sample";

/** Stands in every sample body; it must never stand in an error. */
export const sampleSecret = "swordfish";

export function sampleEvent(position: number, fields: Partial<EventEntry> = {}): EventEntry {
  const cursor = formatCursor(sampleJournalId, position);
  const entity = fields.entity ?? "11111111-1111-4111-8111-111111111111";
  const topic = fields.topic ?? `v2.users.${entity}.presence`;
  return {
    kind: "event",
    position,
    cursor,
    id: cursor,
    trunk: "main",
    organizationId: "22222222-2222-4222-8222-222222222222",
    topic,
    types: [],
    entity,
    receivedAtMs: Date.UTC(2026, 10, 21, 12) + position,
    source: "live",
    gapId: undefined,
    maybeDuplicate: false,
    raw: JSON.stringify({
      topicName: topic,
      version: "2",
      eventBody: { number: position, note: sampleSecret },
      metadata: { CorrelationId: `c-${position}` },
    }),
    ...fields,
  };
}

export function sampleGap(position: number, fields: Partial<GapEntry> = {}): GapEntry {
  return {
    kind: "gap",
    position,
    cursor: formatCursor(sampleJournalId, position),
    trunk: "main",
    organizationId: "22222222-2222-4222-8222-222222222222",
    gapId: "gap-1",
    state: "open",
    topics: ["v2.users.11111111-1111-4111-8111-111111111111.presence"],
    fromMs: Date.UTC(2026, 10, 21, 12),
    toMs: undefined,
    cause: "cut",
    certainty: "possible",
    serverOffsetMs: undefined,
    recordedAtMs: Date.UTC(2026, 10, 21, 12, 0, 1),
    ...fields,
  };
}
