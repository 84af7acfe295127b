/** What templates can name, with its values for one entry. */
import type { Entry } from "../../journal/entry.ts";
import { isoTime, typeOf } from "./cloud-event.ts";
import type { Scope } from "./template.ts";

/** Names and times are those of `trunkline tail`. */
export function scopeOf(entry: Entry): Scope {
  const shared = {
    kind: entry.kind,
    id: entry.cursor,
    cursor: entry.cursor,
    trunk: entry.trunk,
    organizationId: entry.organizationId,
    gapId: entry.gapId,
    type: typeOf(entry),
  };
  if (entry.kind === "gap") {
    return {
      ...shared,
      state: entry.state,
      topics: entry.topics,
      from: isoTime(entry.fromMs),
      to: entry.toMs === undefined ? undefined : isoTime(entry.toMs),
      cause: entry.cause,
      certainty: entry.certainty,
      recordedAt: isoTime(entry.recordedAtMs),
    };
  }
  return {
    ...shared,
    topic: entry.topic,
    types: entry.types,
    entity: entry.entity,
    receivedAt: isoTime(entry.receivedAtMs),
    source: entry.source,
    maybeDuplicate: entry.maybeDuplicate,
    data: (JSON.parse(entry.raw) as { readonly eventBody?: unknown }).eventBody,
  };
}
