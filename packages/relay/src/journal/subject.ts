/** What a topic's name says: the event types that it carries, and the id in it. */
import { eventTypes } from "@trunkline/events";

export interface Subject {
  readonly types: readonly string[];
  readonly entity: string | undefined;
}

/** Template, in lower case, with `{}` for the id → event types. */
const typesByTemplate = new Map<string, string[]>();
for (const [type, { topics }] of Object.entries(eventTypes)) {
  for (const topic of topics) {
    const template = topic.toLowerCase().replace("{id}", "{}");
    const types = typesByTemplate.get(template);
    if (types === undefined) typesByTemplate.set(template, [type]);
    else types.push(type);
  }
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;
/** Where ids stand that are no UUIDs, as in tests and in some organisations. */
const places = new Set(["queues", "users", "conversations"]);
const none: readonly string[] = [];

export function subjectOf(topic: string): Subject {
  const segments = topic.split(".");
  let index = segments.findIndex((segment) => uuid.test(segment));
  if (index === -1) {
    const place = segments.findIndex((segment) => places.has(segment.toLowerCase()));
    // The last segment says what is told, so an id is never the last but for a whole conversation.
    index = place > 0 && place + 2 < segments.length ? place + 1 : -1;
  }
  if (index === -1)
    return { types: typesByTemplate.get(topic.toLowerCase()) ?? none, entity: undefined };
  const entity = segments[index];
  const template = segments.with(index, "{}").join(".").toLowerCase();
  return { types: typesByTemplate.get(template) ?? none, entity };
}
