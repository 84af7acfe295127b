/** The topics that a subscription needs, grouped by why. */
import type { Subscription } from "../subscription.ts";
import { queueConversations, queueMembers, userConversations } from "../vocabulary.ts";
import { carriersOf, topicOf, type Carrier } from "./carriers.ts";
import { mergeNeeds, noNeeds, type Organisation, type OrganisationNeeds } from "./organisation.ts";
import { basisOf, idsOf, needsOf, selectionOf, type Selection } from "./selection.ts";

/** Topics of one template that are needed for one reason. */
export interface TopicGroup {
  /** `v2.routing.queues.{id}.conversations`, or a topic as it was named. */
  readonly template: string;
  /** One sentence. */
  readonly why: string;
  /** What they carry; empty for what only follows the organisation. */
  readonly eventTypes: readonly string[];
  readonly topics: readonly string[];
}

/** A carrier that an event type needs, with what is selected of it. */
export interface Wanted {
  readonly eventType: string;
  readonly carrier: Carrier;
  readonly selection: Selection;
}

/**
 * Which carriers a subscription needs. A conversation's snapshot is on the topics of its queues and of its users.
 * Queue topics alone miss what never enters a queue, user topics alone miss what waits: so where everything is wanted,
 * both are taken, and what comes twice is told apart by the derivation of events. Where queues are named, their topics
 * alone suffice, since every event must concern one of them; where only users are named, theirs do. Conversations that are named
 * are watched through the queues and users in them.
 */
export function wantedOf(subscription: Subscription): readonly Wanted[] {
  return subscription.eventTypes.flatMap((eventType) => {
    const selection = selectionOf(subscription, eventType);
    const carriers = carriersOf(eventType);
    return sufficient(carriers, selection).map((carrier) => ({
      eventType,
      carrier,
      selection: selectionFor(carrier, selection),
    }));
  });
}

/** A user who is named need not be a member of the queue: conversations say themselves what queue they are in. */
function selectionFor({ template, kind }: Carrier, selection: Selection): Selection {
  if (kind !== "user" || selection.userIds === undefined) return selection;
  return template.includes(".conversations") ? { ...selection, queueIds: undefined } : selection;
}

function sufficient(carriers: readonly Carrier[], selection: Selection): readonly Carrier[] {
  const isEither =
    carriers.some(({ template }) => template === queueConversations) &&
    carriers.some(({ template }) => template === userConversations);
  if (!isEither) return carriers;
  if (selection.queueIds !== undefined) return carriers.filter(({ kind }) => kind !== "user");
  if (selection.userIds !== undefined) return carriers.filter(({ kind }) => kind !== "queue");
  return carriers;
}

/** Whether nothing that the carrier brings can ever be what is selected: queues' figures have no user and no conversation. */
export function isBarren({ carrier, selection }: Wanted): boolean {
  const isFigures = carrier.template.startsWith("v2.analytics.queues.");
  const isOfOther = selection.userIds !== undefined || selection.conversationIds !== undefined;
  return isFigures && isOfOther;
}

/** What must be known of the organisation before the topics can be named. */
export function needs(subscription: Subscription): OrganisationNeeds {
  const wanted = wantedOf(subscription).filter((one) => !isBarren(one));
  return mergeNeeds([
    noNeeds,
    ...wanted.map(({ carrier, selection }) => needsOf(carrier.kind, selection)),
  ]);
}

/** The topics, as far as the organisation is known. A topic stands in one group only: the first that needs it. */
export function groupTopics(
  subscription: Subscription,
  organisation: Organisation,
): readonly TopicGroup[] {
  const groups = new Map<string, { -readonly [Key in keyof TopicGroup]: TopicGroup[Key] }>();
  for (const wanted of wantedOf(subscription)) {
    if (isBarren(wanted)) continue;
    const { carrier, eventType, selection } = wanted;
    const topics = topicsFor(carrier, selection, organisation);
    if (topics === undefined) continue;
    const why = whyOf(carrier, selection);
    const key = `${carrier.template} ${why} ${JSON.stringify(selection)}`;
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { template: carrier.template, why, eventTypes: [eventType], topics });
    else group.eventTypes = [...group.eventTypes, eventType];
  }
  const followed = needs(subscription).membersOf.map((id) => topicOf(queueMembers, id));
  const all: TopicGroup[] = [...groups.values()];
  if (followed.length > 0)
    all.push({ template: queueMembers, why: whyFollowed, eventTypes: [], topics: followed });
  return onceEach(all);
}

const whyFollowed =
  "It tells who joins and leaves the queues that are named, so that their users are known.";

function onceEach(groups: readonly TopicGroup[]): readonly TopicGroup[] {
  const seen = new Set<string>();
  return groups.map((group) => {
    const topics = group.topics.filter((topic) => !seen.has(topic)).sort();
    for (const topic of topics) seen.add(topic);
    return { ...group, topics };
  });
}

/** Undefined where nobody can say which there are. */
function topicsFor(
  { template, kind }: Carrier,
  selection: Selection,
  organisation: Organisation,
): readonly string[] | undefined {
  if (!template.includes("{")) return [template];
  if (kind === "other") return undefined;
  if (kind === "conversation" && selection.conversationIds === undefined) return undefined;
  return idsOf(kind, selection, organisation).map((id) => topicOf(template, id));
}

function whyOf({ template, kind }: Carrier, selection: Selection): string {
  if (!template.includes("{")) return "It is named.";
  if (kind === "conversation" || kind === "other")
    return "One for each conversation that is named.";
  const basis = basisOf(kind, selection);
  const within = selection.divisions === undefined ? "" : " in the divisions named";
  if (basis === "ids") return `One for each ${kind} that is named${within}.`;
  if (basis === "members")
    return `One for each user who has joined a queue that is named${within}.`;
  if (basis === "conversations")
    return `One for each ${kind} in the conversations that are named${within}.`;
  const which = within === "" ? " that the credential sees" : within;
  return `One for each ${kind}${which}.`;
}

/** The names alone, sorted, each once: what is asked of Genesys Cloud. */
export function topicsOf(
  subscription: Subscription,
  organisation: Organisation,
): readonly string[] {
  return [
    ...new Set(groupTopics(subscription, organisation).flatMap(({ topics }) => topics)),
  ].sort();
}
