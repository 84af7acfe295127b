/**
 * Wanted topics against the service's live catalogue. The catalogue only advises: a topic that it
 * does not list is tried all the same, for the list is known to lag and to differ by organisation.
 */
import type { AvailableTopic } from "../rest/notifications.ts";
import type { Topic } from "./names.ts";

const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Topics that no socket can have as far as the catalogue knows. */
export function unlisted(
  topics: Iterable<Topic>,
  catalogue: readonly AvailableTopic[],
): readonly string[] {
  const forSockets = catalogue.filter(
    ({ transports }) =>
      transports.length === 0 ||
      transports.some((transport) => /^(all|websocket)$/i.test(transport)),
  );
  const templates = new Set(forSockets.map(({ id }) => id.toLowerCase()));
  const open = [...templates].filter((template) => template.includes("{")).map(pattern);
  const missing: string[] = [];
  for (const { key, name } of topics) {
    const skeleton = key.replace(uuids, "{id}");
    if (templates.has(skeleton) || open.some((template) => template.test(key))) continue;
    missing.push(name);
  }
  return missing;
}

/** A template as a pattern, for ids that are no UUIDs. */
function pattern(template: string): RegExp {
  const parts = template
    .split(/\{[^}]*\}/)
    .map((part) => part.replace(/[.*+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^.]+")}$`);
}
