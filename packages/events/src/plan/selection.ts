/**
 * Which queues, users and conversations one event type is wanted of: the scope of the subscription, narrowed
 * by those conditions that name objects by id. What it selects is never too little; what is too much, the
 * filter lets not pass.
 */
import type { Predicate, PredicateField, Subscription } from "../subscription.ts";
import type { CarrierKind } from "./carriers.ts";
import type { Organisation, OrganisationEntity, OrganisationNeeds } from "./organisation.ts";

/** Undefined where any will do; `self` is any. */
export interface Selection {
  readonly divisions: readonly string[] | undefined;
  readonly queueIds: readonly string[] | undefined;
  readonly userIds: readonly string[] | undefined;
  readonly conversationIds: readonly string[] | undefined;
}

export function selectionOf({ scope, predicates }: Subscription, eventType: string): Selection {
  const given = predicates[eventType] ?? [];
  const divisions = scope.divisions.includes("self") ? [] : scope.divisions;
  return {
    divisions: narrowed(divisions, given, "divisionId"),
    queueIds: narrowed(scope.queueIds, given, "queueId"),
    userIds: narrowed(scope.userIds, given, "userId"),
    conversationIds: narrowed(scope.conversationIds, given, "conversationId"),
  };
}

function narrowed(
  ids: readonly string[],
  predicates: readonly Predicate[],
  field: PredicateField,
): readonly string[] | undefined {
  let left = ids.length === 0 ? undefined : ids;
  for (const predicate of predicates) {
    if (predicate.field !== field) continue;
    if (predicate.operator !== "in" && predicate.operator !== "eq") continue;
    const named = predicate.values.filter((value) => typeof value === "string");
    const lower = named.map((value) => value.toLowerCase());
    left = left === undefined ? lower : left.filter((id) => lower.includes(id));
  }
  return left;
}

/** How the objects of one carrier are found; each is a sentence's worth of "why". */
export type Basis = "ids" | "conversations" | "members" | "all";

/** Where the queues or users of a selection come from. */
export function basisOf(kind: "queue" | "user", selection: Selection): Basis {
  if (kind === "user" && selection.queueIds !== undefined) return "members";
  if ((kind === "queue" ? selection.queueIds : selection.userIds) !== undefined) return "ids";
  return selection.conversationIds === undefined ? "all" : "conversations";
}

/** Ids of the objects whose topics carry what is selected. */
export function idsOf(
  kind: Exclude<CarrierKind, "other">,
  selection: Selection,
  organisation: Organisation,
): readonly string[] {
  if (kind === "conversation") return selection.conversationIds ?? [];
  const entities = kind === "queue" ? organisation.queues : organisation.users;
  const ids = unfiltered(kind, selection, organisation);
  const { divisions } = selection;
  if (divisions === undefined) return ids;
  return ids.filter((id) => isIn(entities.get(id), divisions));
}

function isIn(entity: OrganisationEntity | undefined, divisions: readonly string[]): boolean {
  return entity?.divisionId !== undefined && divisions.includes(entity.divisionId);
}

function unfiltered(
  kind: "queue" | "user",
  selection: Selection,
  organisation: Organisation,
): readonly string[] {
  const basis = basisOf(kind, selection);
  if (basis === "ids") return (kind === "queue" ? selection.queueIds : selection.userIds) ?? [];
  if (basis === "members") {
    const { queueIds = [], userIds } = selection;
    const members = new Set(queueIds.flatMap((id) => [...(organisation.members.get(id) ?? [])]));
    return userIds === undefined ? [...members] : userIds.filter((id) => members.has(id));
  }
  if (basis === "all")
    return [...(kind === "queue" ? organisation.queues : organisation.users).keys()];
  const places = (selection.conversationIds ?? []).flatMap(
    (id) => organisation.conversations.get(id) ?? [],
  );
  return [
    ...new Set(places.flatMap((place) => (kind === "queue" ? place.queueIds : place.userIds))),
  ];
}

/** What must be known to find them. */
export function needsOf(kind: CarrierKind, selection: Selection): OrganisationNeeds {
  const none = { queues: false, users: false, membersOf: [], conversationIds: [] };
  if (kind === "conversation" || kind === "other") return none;
  const basis = basisOf(kind, selection);
  const isListed = basis === "all" || selection.divisions !== undefined;
  return {
    queues: kind === "queue" && isListed,
    users: kind === "user" && isListed,
    membersOf: basis === "members" ? (selection.queueIds ?? []) : [],
    conversationIds: basis === "conversations" ? (selection.conversationIds ?? []) : [],
  };
}
