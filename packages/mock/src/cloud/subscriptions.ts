/**
 * Putting topics on a channel (GENESYS.md 3.2 to 3.4, 6.2), by REST and in-band alike.
 */
import type { Channel, Channels, Subscription } from "./channels.ts";
import { refusals, type Refusal } from "./errors.ts";
import { limits } from "./limits.ts";
import type { Settings } from "./settings.ts";
import type { Client } from "./tokens.ts";
import { isSystemTopic, parseTopic, templateOf, type ParsedTopic } from "./topics.ts";

/** One element of a reply (GENESYS.md 3.2). */
export interface ChannelTopic {
  readonly id: string;
  readonly state: "Permitted" | "Rejected";
  readonly rejectionReason?: string;
  readonly missingPermissions?: readonly string[];
  readonly selfUri: string;
}

export type SubscriptionOutcome =
  | {
      readonly kind: "accepted";
      readonly permitted: readonly Subscription[];
      readonly rejected: readonly ChannelTopic[];
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Why one topic name is not to be had. */
type Objection =
  | { readonly kind: "permission"; readonly missing: readonly string[]; readonly reason: string }
  | { readonly kind: "invalid"; readonly reason: string };

/** GENESYS.md 3.2 and 8, no. 14: the text of selfUri is as in the sample. */
export function permittedTopic(id: string): ChannelTopic {
  return { id, state: "Permitted", selfUri: selfUriOf(id) };
}

function selfUriOf(id: string): string {
  return `/api/v2/notifications/availabletopics/${id}`;
}

export interface SubscribeOptions {
  readonly mode: "add" | "replace";
  readonly ignoreErrors: boolean;
  readonly renews: boolean;
}

/** All or nothing, unless `ignoreErrors` (GENESYS.md 3.3). On success the channel has the new list. */
export function subscribe(
  channels: Channels,
  channel: Channel,
  ids: readonly string[],
  options: SubscribeOptions & { readonly settings: Settings; readonly nowMs: number },
): SubscriptionOutcome {
  const { nowMs } = options;
  const outcome = judge(ids, channel, options);
  if (outcome.kind === "refused") return outcome;
  const list = new Map(options.mode === "add" ? channel.subscriptions : []);
  for (const subscription of outcome.permitted) {
    const key = subscription.id.toLowerCase();
    const before = list.get(key);
    list.set(key, before === undefined ? subscription : { ...subscription, id: before.id });
  }
  channels.setSubscriptions(channel, list);
  channel.lastUsedAtMs = nowMs;
  if (options.renews) channels.renew(channel, nowMs);
  return outcome;
}

export function unsubscribe(channels: Channels, channel: Channel, ids: readonly string[]): void {
  const list = new Map(channel.subscriptions);
  for (const id of ids) list.delete(id.toLowerCase());
  channels.setSubscriptions(channel, list);
}

function judge(
  ids: readonly string[],
  channel: Channel,
  options: SubscribeOptions & { readonly settings: Settings },
): SubscriptionOutcome {
  const { settings, ignoreErrors } = options;
  const topics = new Map<string, ParsedTopic>();
  for (const id of ids) {
    if (!topics.has(id.toLowerCase()))
      topics.set(id.toLowerCase(), parseTopic(id, settings.combinedTopicCharactersMax));
  }
  const { over, count } = overflow(topics, channel, options);
  const forgiven = ignoreErrors && settings.ignoreErrorsTooMany === "reject";
  if (over.size > 0 && !forgiven) return { kind: "refused", refusal: tooMany(count, settings) };
  const permitted: Subscription[] = [];
  const rejected: ChannelTopic[] = [];
  for (const topic of topics.values()) {
    if (over.has(topic)) {
      rejected.push(
        rejectedTopic(topic.id, { kind: "invalid", reason: tooMany(count, settings).message }),
      );
      continue;
    }
    const refusal = judgeOne(topic, channel.client, {
      settings,
      ignoreErrors,
      permitted,
      rejected,
    });
    if (refusal !== undefined) return { kind: "refused", refusal };
  }
  return { kind: "accepted", permitted, rejected };
}

/** The topics beyond the limit, in the order in which they came, and how many there would be. */
function overflow(
  topics: ReadonlyMap<string, ParsedTopic>,
  channel: Channel,
  { mode, settings }: SubscribeOptions & { readonly settings: Settings },
): { readonly over: ReadonlySet<ParsedTopic>; readonly count: number } {
  // GENESYS.md 8, no. 16: a combined topic counts as one, or as many.
  const weight = ({ names }: Subscription): number =>
    settings.combinedTopicCountsAs === "one" ? 1 : names.length;
  const before: ReadonlyMap<string, Subscription> =
    mode === "add" ? channel.subscriptions : new Map();
  let count = 0;
  for (const subscription of before.values()) count += weight(subscription);
  const over = new Set<ParsedTopic>();
  for (const [key, topic] of topics) {
    if (before.has(key)) continue;
    count += topic.kind === "malformed" ? 1 : weight(topic);
    if (count > settings.topicsPerChannelMax) over.add(topic);
  }
  return { over, count };
}

function tooMany(count: number, settings: Settings): Refusal {
  return {
    status: 400,
    code: settings.tooManyTopicsCode,
    message: `A channel can have at most ${settings.topicsPerChannelMax} topics; this would make ${count}.`,
    limit: limits.topicsOfChannel(settings),
  };
}

function rejectedTopic(id: string, objection: Objection): ChannelTopic {
  return {
    id,
    state: "Rejected",
    rejectionReason: objection.reason,
    ...(objection.kind === "permission" && objection.missing.length > 0
      ? { missingPermissions: objection.missing }
      : {}),
    selfUri: selfUriOf(id),
  };
}

/** Adds to `permitted` or `rejected`, or returns the refusal of the whole call. */
function judgeOne(
  topic: ParsedTopic,
  client: Client,
  into: {
    readonly settings: Settings;
    readonly ignoreErrors: boolean;
    readonly permitted: Subscription[];
    readonly rejected: ChannelTopic[];
  },
): Refusal | undefined {
  const { settings, ignoreErrors, permitted, rejected } = into;
  const reject = (id: string, objection: Objection): void => {
    rejected.push(rejectedTopic(id, objection));
  };
  if (topic.kind === "malformed") {
    const reason = `The topic "${topic.id}" is malformed: ${topic.why}`;
    if (!ignoreErrors || !settings.ignoreErrorsForgivesMalformed)
      return { status: 400, code: settings.malformedTopicCode, message: reason };
    reject(topic.id, { kind: "invalid", reason });
    return undefined;
  }
  const names: string[] = [];
  const refusedParts: [string, Objection][] = [];
  for (const name of topic.names) {
    const objection = objectionTo(name, client, settings);
    if (objection === undefined) {
      names.push(name);
      continue;
    }
    const forgiven = ignoreErrors && (objection.kind === "permission" || forgives(name, settings));
    if (!forgiven) return refusalOf(name, objection, settings);
    refusedParts.push([name, objection]);
  }
  // GENESYS.md 3.3: the combined entry may be Permitted beside a Rejected one for each refused part.
  if (names.length > 0) permitted.push({ id: topic.id, names });
  const [first] = refusedParts;
  if (names.length === 0 && first !== undefined) reject(topic.id, first[1]);
  if (topic.kind === "combined")
    for (const [name, objection] of refusedParts) reject(name, objection);
  return undefined;
}

function forgives(name: string, settings: Settings): boolean {
  if (settings.ignoreErrorsForgivesMalformed) return true;
  return templateOf(name) === undefined && settings.unknownTopic === "reject";
}

function refusalOf(name: string, objection: Objection, settings: Settings): Refusal {
  if (objection.kind === "invalid")
    return { status: 400, code: settings.malformedTopicCode, message: objection.reason };
  const [permission] = objection.missing;
  return permission === undefined
    ? refusals.topicNeedsUser(objection.reason)
    : refusals.unauthorizedTopic(permission, name);
}

const invalid = (reason: string): Objection => ({ kind: "invalid", reason });

/** Permissions are checked for each topic at subscribe time (GENESYS.md 3.0). */
function objectionTo(name: string, client: Client, settings: Settings): Objection | undefined {
  if (isSystemTopic(name)) {
    if (settings.systemTopicSubscription === "permit") return undefined;
    return invalid(`The topic "${name}" is delivered without a subscription.`);
  }
  const template = templateOf(name);
  if (template === undefined) {
    if (settings.unknownTopic === "permit") return undefined;
    return invalid(`The topic "${name}" is not an available topic.`);
  }
  if (
    settings.eventBridgeOnlyTopic === "reject" &&
    template.transports.length === 1 &&
    template.transports[0] === "EventBridge"
  )
    return invalid(`The topic "${name}" is not available on this transport.`);
  if (settings.requiresCurrentUserTopics.includes(template.topic)) {
    const reason = `The topic "${name}" requires the current user.`;
    return { kind: "permission", missing: [], reason };
  }
  const { permissions } = client;
  if (permissions === "all" || template.permissions.length === 0) return undefined;
  const missing = template.permissions.filter((permission) => !permissions.has(permission));
  const holds =
    template.combine === "any"
      ? missing.length < template.permissions.length
      : missing.length === 0;
  if (holds) return undefined;
  const reason = refusals.unauthorizedTopic(missing[0] ?? "", name).message;
  return { kind: "permission", missing, reason };
}
