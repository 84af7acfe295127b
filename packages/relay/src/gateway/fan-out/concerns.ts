/** Which topics may carry what a subscription wants, by their names alone. */
import { eventTypes, type EventType, type Subscription } from "@trunkline/events";

const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/giu;

/**
 * Errs on the side of yes: a topic of a queue may carry events of any user. So a gap is told rather too
 * often than not at all.
 */
export function concernsOf({ eventTypes: names, scope }: Subscription): (topic: string) => boolean {
  const templates = new Set<string>();
  const topics = new Set<string>();
  for (const name of names) {
    const known: readonly string[] | undefined = Object.hasOwn(eventTypes, name)
      ? eventTypes[name as EventType].topics
      : undefined;
    for (const topic of known ?? [name]) {
      if (topic.includes("{id}")) templates.add(topic.toLowerCase());
      else topics.add(topic.toLowerCase());
    }
  }
  const queues = new Set(scope.queueIds);
  const users = new Set(scope.userIds);
  return (topic) => {
    const key = topic.toLowerCase();
    if (topics.has(key)) return true;
    if (!templates.has(key.replaceAll(uuid, "{id}"))) return false;
    const [id] = key.match(uuid) ?? [];
    if (id === undefined) return true;
    if (key.includes(".queues.")) return queues.size === 0 || queues.has(id);
    // What a queue is about comes on the topics of users as well, whoever they are.
    if (key.includes(".users.")) return users.size === 0 || users.has(id);
    return true;
  };
}
