/**
 * Whether a topic carries what a subscription wants: the plan asked topic by topic, so that nobody need keep
 * the names of all that are planned, of every subscription and every trunk, and bring them up to date.
 */
import type { Subscription } from "../subscription.ts";
import { queueConversations, userConversations, type EventTypeName } from "../vocabulary.ts";
import { carriersOf, type Carrier } from "./carriers.ts";
import type { Organisation } from "./organisation.ts";
import { basisOf, type Selection } from "./selection.ts";
import { isBarren, wantedOf } from "./topics.ts";

/**
 * Without an organisation it goes by the name alone, and then as where somebody is in a conversation that is named, or all
 * are wanted, errs on the side of yes.
 */
export type Carrying = (topic: string, organisation: Organisation | undefined) => boolean;

type IdTest = (id: string, organisation: Organisation | undefined) => boolean;

const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/u;

/** Compiled once, asked for every event and every topic of a gap. */
export function carrying(subscription: Subscription): Carrying {
  const plain = new Set<string>();
  const byTemplate = new Map<string, IdTest[]>();
  for (const wanted of wantedOf(subscription)) {
    if (isBarren(wanted)) continue;
    const { carrier, selection } = wanted;
    const key = carrier.template.toLowerCase().replaceAll(/\{[^}]*\}/gu, "{id}");
    if (!key.includes("{id}")) plain.add(key);
    else byTemplate.set(key, [...(byTemplate.get(key) ?? []), idTest(carrier, selection)]);
  }
  return (topic, organisation) => {
    const name = topic.toLowerCase();
    if (plain.has(name)) return true;
    const [id] = uuid.exec(name) ?? [];
    if (id === undefined) return false;
    const tests = byTemplate.get(name.replaceAll(id, "{id}")) ?? byTemplate.get(templateOf(name));
    if (tests === undefined) return false;
    for (const test of tests) if (test(id, organisation)) return true;
    return false;
  };
}

const uuids = new RegExp(uuid, "gu");

function templateOf(name: string): string {
  return name.replaceAll(uuids, "{id}");
}

function idTest({ kind }: Carrier, selection: Selection): IdTest {
  if (kind === "conversation" && selection.conversationIds !== undefined)
    return isOneOf(selection.conversationIds);
  // Of what division such a thing is nobody can say: the plan has none of them.
  if (kind === "conversation" || kind === "other")
    return (_, organisation) => organisation === undefined || selection.divisions === undefined;
  const tests: IdTest[] = [isOneOf(kind === "queue" ? selection.queueIds : selection.userIds)];
  if (basisOf(kind, selection) === "members") tests.push(isMemberOf(selection.queueIds ?? []));
  if (selection.divisions !== undefined) tests.push(isInDivision(kind, selection.divisions));
  return (id, organisation) => tests.every((test) => test(id, organisation));
}

function isOneOf(ids: readonly string[] | undefined): IdTest {
  if (ids === undefined) return () => true;
  const named = new Set(ids);
  return (id) => named.has(id);
}

function isMemberOf(queueIds: readonly string[]): IdTest {
  return (id, organisation) =>
    organisation === undefined ||
    queueIds.some((queueId) => organisation.members.get(queueId)?.has(id) === true);
}

function isInDivision(kind: "queue" | "user", divisions: readonly string[]): IdTest {
  const named = new Set(divisions);
  return (id, organisation) => {
    if (organisation === undefined) return true;
    const found = (kind === "queue" ? organisation.queues : organisation.users).get(id)?.divisionId;
    return found !== undefined && named.has(found);
  };
}

/**
 * Whether an event type tells of a queue or user by its topic alone, so that only the organisation knows what queue or
 * division it concerns. A conversation names its queues and users itself.
 */
export function isToldByTopic(eventType: EventTypeName, by: "queueId" | "divisionId"): boolean {
  return carriersOf(eventType).every(({ template, kind }) => {
    if (isOfConversations(template)) return false;
    return kind === "user" || (kind === "queue" && by === "divisionId");
  });
}

function isOfConversations(template: string): boolean {
  return template.toLowerCase().includes(".conversations");
}

/** Whether only the organisation, as it is at the time, tells which events a subscription wants. */
export function asksOrganisation(subscription: Subscription): boolean {
  const { scope, eventTypes, predicates } = subscription;
  if (scope.divisions.some((division) => division !== "self")) return true;
  return eventTypes.some((type) =>
    (["queueId", "divisionId"] as const).some((field) => {
      if (!isToldByTopic(type, field)) return false;
      if (field === "queueId" && scope.queueIds.length > 0) return true;
      const own = Object.hasOwn(predicates, type) ? (predicates[type] ?? []) : [];
      return own.some((each) => each.field === field && isNaming(each.operator));
    }),
  );
}

/** Whether a condition names objects, so that the plan follows it. */
export function isNaming(operator: string): operator is "in" | "eq" {
  return operator === "in" || operator === "eq";
}

/** The topic on which all of a queue's, or of a user's, conversations come. */
export function conversationsTopic(kind: "queue" | "user", id: string): string {
  const template = kind === "queue" ? queueConversations : userConversations;
  return template.replace("{id}", id.toLowerCase());
}
