/**
 * Entries: what stands on a channel's list. An entry is one topic, or several of one object
 * combined: `v2.users.<id>?presence&routingStatus`, at most 200 characters, arriving under the
 * expanded names (notifications page, quoted). That combining works for users is documented; for
 * other objects it is not established, hence the setting.
 */
import type { Topic } from "./names.ts";
import { topicKey } from "./names.ts";

/** Which topics may be combined. */
export type Combine = "users" | "always" | "never";

export interface Entry {
  /** As it is put on the channel. */
  readonly id: string;
  readonly topics: readonly Topic[];
  /** Key of the object whose topics are combined, or of the topic that stands alone. */
  readonly object: string;
}

/** Documented limit of a combined topic. */
const combinedLengthMax = 200;

const objectOf = /^(.*\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([^.]+)$/i;

/** Combines what may be combined. `plain` holds objects that the service refused to have combined. */
export function combine(
  topics: Iterable<Topic>,
  mode: Combine,
  plain: ReadonlySet<string> = new Set(),
): readonly Entry[] {
  const entries: Entry[] = [];
  const groups = new Map<string, { object: string; topics: Topic[] }>();
  for (const topic of topics) {
    const may = mode === "always" || (mode === "users" && topic.key.startsWith("v2.users."));
    const object = may ? objectOf.exec(topic.name)?.[1] : undefined;
    const key = topicKey(object ?? topic.key);
    if (object === undefined || plain.has(key)) {
      entries.push({ id: topic.name, topics: [topic], object: topic.key });
      continue;
    }
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { object, topics: [topic] });
    else group.topics.push(topic);
  }
  for (const [key, group] of groups) entries.push(...combineGroup(key, group.object, group.topics));
  return entries;
}

function combineGroup(key: string, object: string, topics: readonly Topic[]): readonly Entry[] {
  const entries: Entry[] = [];
  let id = "";
  let together: Topic[] = [];
  const flush = (): void => {
    const [only] = together;
    if (only === undefined) return;
    entries.push({ id: together.length === 1 ? only.name : id, topics: together, object: key });
    together = [];
  };
  for (const topic of topics) {
    const part = topic.name.slice(object.length + 1);
    const longer = together.length === 0 ? `${object}?${part}` : `${id}&${part}`;
    if (longer.length > combinedLengthMax && together.length > 0) {
      flush();
      id = `${object}?${part}`;
    } else {
      id = longer;
    }
    together.push(topic);
  }
  flush();
  return entries;
}
