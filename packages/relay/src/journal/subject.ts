/** What a topic's name says: the event types that each of its events is, and the id in it. */
import { everyTypesOf } from "@trunkline/events";

export interface Subject {
  readonly types: readonly string[];
  readonly entity: string | undefined;
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;
/** Where ids stand that are no UUIDs, as in tests and in some organisations. */
const places = new Set(["queues", "users", "conversations"]);

export function subjectOf(topic: string): Subject {
  const segments = topic.split(".");
  let index = segments.findIndex((segment) => uuid.test(segment));
  if (index === -1) {
    const place = segments.findIndex((segment) => places.has(segment.toLowerCase()));
    // The last segment says what is told, so an id is never the last but for a whole conversation.
    index = place > 0 && place + 2 < segments.length ? place + 1 : -1;
  }
  if (index === -1) return { types: everyTypesOf(topic), entity: undefined };
  const entity = segments[index];
  return { types: everyTypesOf(segments.with(index, "{id}").join(".")), entity };
}
