/** Topics with `*` in place of an id: every queue, or every user, that the credential sees. */
import type { Subscription } from "../subscription.ts";
import { carriersOf } from "./carriers.ts";

/** Whether a name stands for more topics than one. */
export function isTopicPattern(name: string): boolean {
  return name.includes("*");
}

/** Why nothing can be put in place of the `*`; undefined where a queue or a user can. */
export function whyNoTopicPattern(pattern: string): string | undefined {
  if (pattern.includes("?")) return "it is combined; write one pattern for each topic";
  if (pattern.split(".").filter((part) => part.includes("*")).length !== 1)
    return "it must have one * in it";
  if (!/\.\*(?:\.[^.*{}<>\s&]+)+$/u.test(pattern)) return "* must stand for one whole id";
  const kind = carriersOf(templateOf(pattern))[0]?.kind;
  if (kind === "queue" || kind === "user") return undefined;
  return "only ids of queues and users can be listed";
}

/** Everything that the patterns stand for, as a subscription. */
export function patternSubscription(patterns: readonly string[]): Subscription {
  return {
    eventTypes: [...new Set(patterns.map(templateOf))].sort(),
    scope: { divisions: ["self"], queueIds: [], userIds: [], conversationIds: [] },
    predicates: {},
  };
}

/** Tells whether a topic is one of those that the patterns stand for. */
export function topicMatcher(patterns: readonly string[]): (topic: string) => boolean {
  const templates = new Set(patterns.map((pattern) => templateOf(pattern).toLowerCase()));
  return (topic) => templates.has(topic.toLowerCase().replace(uuid, "{id}"));
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

function templateOf(pattern: string): string {
  return pattern.replace("*", "{id}");
}
