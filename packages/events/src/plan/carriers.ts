/** Which topics carry an event type, and what stands in for their `{id}`. */
import { entryOf, type EventTypeName } from "../vocabulary.ts";

/** What the `{id}` of a topic is; `other` is something that no listing of ours knows. */
export type CarrierKind = "queue" | "user" | "conversation" | "other";

export interface Carrier {
  /** `v2.routing.queues.{id}.users`; a topic without `{id}` stands for itself. */
  readonly template: string;
  readonly kind: CarrierKind;
}

/** By beginning; of families with several, as the official catalogue of topics has them. */
const kinds: readonly (readonly [string, CarrierKind])[] = [
  ["v2.users.{id}", "user"],
  ["v2.analytics.users.{id}", "user"],
  ["v2.detail.events.agent.{id}", "user"],
  ["v2.workforcemanagement.agents.{id}", "user"],
  ["v2.workforcemanagement.users.{id}", "user"],
  ["v2.gamification.scorecards.users.{id}", "user"],
  ["v2.taskmanagement.workitems.users.{id}", "user"],
  ["v2.routing.queues.{id}", "queue"],
  ["v2.analytics.queues.{id}", "queue"],
  ["v2.taskmanagement.workitems.queues.{id}", "queue"],
  ["v2.conversations.{id}", "conversation"],
  ["v2.detail.events.conversation.{id}", "conversation"],
  ["v2.speechandtextanalytics.conversation.{id}", "conversation"],
  ["v2.analytics.conversation.{id}", "conversation"],
];

/** The topics that carry an event type of the vocabulary, or the one that a real topic's name is. */
export function carriersOf(name: EventTypeName): readonly Carrier[] {
  return (entryOf(name)?.topics ?? [name]).map(carrier);
}

function carrier(template: string): Carrier {
  const lower = template.toLowerCase();
  const found = kinds.find(([start]) => lower === start || lower.startsWith(`${start}.`));
  const isOfOne = template.split("{").length === 2;
  return { template, kind: found !== undefined && isOfOne ? found[1] : "other" };
}

/** Puts an id into a template. */
export function topicOf(template: string, id: string): string {
  return template.replace(/\{[^}]*\}/, id);
}
