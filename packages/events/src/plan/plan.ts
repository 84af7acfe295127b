/** The planner: what a subscription asks of Genesys Cloud, what that costs, and what it cannot show. Pure. */
import type { Subscription } from "../subscription.ts";
import { queueConversations, queueMembers, userConversations } from "../vocabulary.ts";
import {
  channelCost,
  requestCost,
  startUpMs,
  type ChannelCost,
  type LineSetup,
  type RequestCost,
} from "./cost.ts";
import type { Organisation, OrganisationNeeds } from "./organisation.ts";
import { permissionOfCall, permissionOfTopic, type PermissionNeed } from "./permissions.ts";
import { groupTopics, isBarren, needs, wantedOf, type TopicGroup, type Wanted } from "./topics.ts";

/** What a subscription comes to in an organisation as it is now. Plain JSON. */
export interface Plan {
  /** Every topic in one group, the first that needs it. */
  readonly groups: readonly TopicGroup[];
  /** How many topics there are in all. */
  readonly topicCount: number;
  readonly channels: ChannelCost;
  readonly permissions: readonly PermissionNeed[];
  readonly requests: RequestCost;
  /** Our estimate of the time until all topics are live, in milliseconds. */
  readonly startUpMs: number;
  /** What no socket shows, or not so: one sentence each. */
  readonly unseen: readonly string[];
  /** What changes later, and how it is noticed: one sentence each. */
  readonly follows: readonly string[];
}

/**
 * Plans a subscription. Costs are of the organisation as it is given: with parts of it not listed yet they are
 * too low. `needs(subscription)` says which parts those are.
 */
export function plan(
  subscription: Subscription,
  organisation: Organisation,
  setup: LineSetup = {},
): Plan {
  const wanted = wantedOf(subscription);
  const needed = needs(subscription);
  const groups = groupTopics(subscription, organisation);
  // In the order in which they are set, since that decides how they are combined.
  const topics = groups.flatMap((group) => group.topics).sort();
  const channels = channelCost(topics, setup);
  const requests = requestCost(needed, organisation, channels.needed, setup);
  return {
    groups,
    topicCount: topics.length,
    channels,
    permissions: permissionsOf(groups, needed),
    requests,
    startUpMs: startUpMs(requests),
    unseen: unseen(wanted, channels),
    follows: follows(needed),
  };
}

function permissionsOf(
  groups: readonly TopicGroup[],
  needed: OrganisationNeeds,
): readonly PermissionNeed[] {
  const templates = [...new Set(groups.map(({ template }) => template))];
  return [
    ...templates.map(permissionOfTopic),
    ...(needed.queues ? [permissionOfCall("queues")] : []),
    ...(needed.users ? [permissionOfCall("users")] : []),
    ...(needed.membersOf.length > 0 ? [permissionOfCall("members")] : []),
    ...(needed.conversationIds.length > 0 ? [permissionOfCall("conversations")] : []),
  ];
}

function unseen(wanted: readonly Wanted[], { entriesOver }: ChannelCost): readonly string[] {
  const sentences = new Set(wanted.flatMap(unseenOf));
  if (entriesOver > 0)
    sentences.add(
      `${entriesOver} entries find no room on the channels of one OAuth client and are not carried: ask for less, or divide it between OAuth clients.`,
    );
  const takesAll = wanted.some(({ carrier, selection }) => {
    const { queues, users } = needsOfOne(carrier.kind, selection);
    return queues || users;
  });
  if (takesAll)
    sentences.add(
      "There is no wildcard topic: each queue and each user has a topic of its own, and what the credential's roles do not cover is not listed, which nothing tells.",
    );
  return [...sentences];
}

function needsOfOne(
  kind: Wanted["carrier"]["kind"],
  { queueIds, userIds, conversationIds }: Wanted["selection"],
): { readonly queues: boolean; readonly users: boolean } {
  const isAll = queueIds === undefined && userIds === undefined && conversationIds === undefined;
  return { queues: isAll && kind === "queue", users: isAll && kind === "user" };
}

function unseenOf(one: Wanted): readonly string[] {
  const { carrier, eventType, selection } = one;
  const { template, kind } = carrier;
  const said: string[] = [];
  if (isBarren(one))
    said.push(
      `${eventType} is about queues as a whole, not about a user or a conversation: with such a filter nothing of it can come.`,
    );
  const hasPlaceholder = template.includes("{");
  if (hasPlaceholder && kind === "other")
    said.push(
      `Nothing lists what could stand for the ids in ${template}: write the topic with its ids in place.`,
    );
  if (hasPlaceholder && kind === "conversation" && selection.conversationIds === undefined)
    said.push(
      `${template} is a topic of each single conversation, and those to come have no id yet: name conversationId.`,
    );
  if (hasPlaceholder && selection.conversationIds !== undefined && kind !== "conversation")
    said.push(
      "A conversation named by its id is found by REST and watched through the topics of its queues and users: what happened before it was found, and while nobody that is known takes part, is not seen.",
    );
  if (template === queueMembers)
    said.push(
      "That somebody was added to a queue or removed is read from `joined`; that this is what it means is our reading, not documented.",
    );
  if (template === queueConversations || template === userConversations)
    said.push(...unseenConversations(one));
  return said;
}

function unseenConversations({ carrier, eventType, selection }: Wanted): readonly string[] {
  const { queueIds, userIds, conversationIds } = selection;
  const said: string[] = [];
  if (queueIds !== undefined)
    said.push(
      "Topics of queues are silent about conversations that enter none of them, such as direct calls, and before they do.",
    );
  else if (userIds !== undefined)
    said.push(
      "Topics of users are silent about a conversation until one of them takes part in it: what waits in a queue is not seen.",
    );
  else if (conversationIds === undefined)
    said.push(
      "A conversation that reaches neither a queue nor a user, such as a call that ends in a flow, is on none of these topics.",
    );
  const isCreated = eventType === "conversation:created" && carrier.template === queueConversations;
  if (isCreated)
    said.push(
      "conversation:created comes with the first snapshot on a topic of a queue or user, which is later than the conversation's beginning for all that begins without a queue: a flow, a direct or an outbound contact.",
    );
  return said;
}

function follows({ queues, users, membersOf, conversationIds }: OrganisationNeeds): string[] {
  const said: string[] = [];
  const lists = [...(queues ? ["queues"] : []), ...(users ? ["users"] : [])].join(" and ");
  if (lists !== "")
    said.push(
      `The list of ${lists} is read again every 5 min: what is new is carried from then on, at most 5 min late; what is gone is carried 60 s more.`,
    );
  if (membersOf.length > 0)
    said.push(
      "Who joins or leaves a queue that is named is told by its topic, and carried or left within seconds.",
    );
  if (conversationIds.length > 0)
    said.push(
      "Queues and users that come into a conversation that is named are taken from its events.",
    );
  return said;
}
