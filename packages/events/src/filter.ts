/** Subscriptions as fast predicates on events: compiled once, asked for every event. */
import type { JsonPaths } from "./json/json-paths.ts";
import { someValue, type NamedField } from "./named-values.ts";
import { conversationsTopic, isNaming, isToldByTopic } from "./plan/carrying.ts";
import type { FilteredEvent, Operator, Predicate, Subscription } from "./subscription.ts";
import { entryOf, type EventTypeName } from "./vocabulary.ts";

export interface FilterOptions {
  /**
   * Topics that the plan comes to, where `asksOrganisation`: which queues and users belong to a division, and who is a
   * member of a queue, only the organisation knows. Absent: topics are not looked at.
   */
  readonly topics?: { readonly has: (topic: string) => boolean } | undefined;
  /** Reads JSON paths; a condition with a path holds for no event without it. */
  readonly jsonPaths?: JsonPaths | undefined;
}

/** Whether a subscriber wants an event. */
export type Filter = (event: FilteredEvent) => boolean;

type ValueTest = (value: unknown) => boolean;

/**
 * Compiles a subscription. An event passes if it is of one of the event types and meets all conditions of
 * that type, and concerns one object of each list of the scope that is not empty.
 */
export function compileFilter(subscription: Subscription, options: FilterOptions = {}): Filter {
  const { eventTypes } = subscription;
  const conditions = new Map<EventTypeName, readonly Filter[]>(
    eventTypes.map((type) => [type, conditionsOf(type, subscription, options)]),
  );
  const templates = eventTypes.flatMap((type) => compileTemplate(type, conditions.get(type) ?? []));
  return (event) => isOfType(event, conditions, templates);
}

/** What an event must meet as one of a type: what the type asks for, then what all do. */
function conditionsOf(
  type: EventTypeName,
  { scope, predicates }: Subscription,
  { topics, jsonPaths }: FilterOptions,
): readonly Filter[] {
  const own = Object.hasOwn(predicates, type) ? (predicates[type] ?? []) : [];
  /** Where the topic alone tells, what the plan has followed need not stand in the body. */
  const orPlanned = (field: Predicate["field"], test: Filter): Filter => {
    if (topics === undefined || (field !== "queueId" && field !== "divisionId")) return test;
    if (!isToldByTopic(type, field)) return test;
    return (event) => topics.has(event.topic) || test(event);
  };
  return [
    ...own.map((each) => {
      const test = compilePredicate(each, jsonPaths);
      return isNaming(each.operator) ? orPlanned(each.field, test) : test;
    }),
    ...compileDivisions(type, scope.divisions, topics),
    ...compileScope("queueId", scope.queueIds).map((test) => orPlanned("queueId", test)),
    ...compileScope("userId", scope.userIds),
    ...compileScope("conversationId", scope.conversationIds),
  ];
}

/**
 * A snapshot that came on two topics is one event, told on the first: that one need not be of the division, if the
 * conversation is.
 */
function compileDivisions(
  type: EventTypeName,
  divisions: readonly string[],
  topics: FilterOptions["topics"],
): readonly Filter[] {
  if (topics === undefined || divisions.every((division) => division === "self")) return [];
  if (entryOf(type)?.derivation !== "snapshots") return [(event) => topics.has(event.topic)];
  const isPlanned = (kind: "queue" | "user"): ValueTest => {
    return (id) => typeof id === "string" && topics.has(conversationsTopic(kind, id));
  };
  const [ofQueue, ofUser] = [isPlanned("queue"), isPlanned("user")];
  return [
    (event) =>
      topics.has(event.topic) ||
      someValue("queueId", event, ofQueue) ||
      someValue("userId", event, ofUser),
  ];
}

interface Template {
  readonly name: EventTypeName;
  /** What stands around the ids. */
  readonly pieces: readonly string[];
  readonly conditions: readonly Filter[];
}

function isOfType(
  event: FilteredEvent,
  conditions: ReadonlyMap<EventTypeName, readonly Filter[]>,
  templates: readonly Template[],
): boolean {
  for (const type of event.types) {
    const own = conditions.get(type);
    if (own !== undefined && allHold(own, event)) return true;
  }
  const own = conditions.get(event.topic);
  if (own !== undefined && allHold(own, event)) return true;
  for (const template of templates)
    if (fits(event.topic, template.pieces) && allHold(template.conditions, event)) return true;
  return false;
}

function allHold(filters: readonly Filter[], event: FilteredEvent): boolean {
  for (const holds of filters) if (!holds(event)) return false;
  return true;
}

function compileTemplate(name: EventTypeName, conditions: readonly Filter[]): readonly Template[] {
  return name.includes("{id}") ? [{ name, pieces: name.split("{id}"), conditions }] : [];
}

/** Whether a topic is a template with one segment in the place of each `{id}`. */
function fits(topic: string, pieces: readonly string[]): boolean {
  const [first = ""] = pieces;
  if (!topic.startsWith(first)) return false;
  let at = first.length;
  for (let index = 1; index < pieces.length; index++) {
    const piece = pieces[index] ?? "";
    const dot = topic.indexOf(".", at);
    const end = dot === -1 ? topic.length : dot;
    if (end === at || !topic.startsWith(piece, end)) return false;
    at = end + piece.length;
  }
  return at === topic.length;
}

function compileScope(field: NamedField, ids: readonly string[]): readonly Filter[] {
  if (ids.length === 0) return [];
  const test = isOneOf(ids);
  return [(event) => someValue(field, event, test)];
}

function compilePredicate(predicate: Predicate, jsonPaths: JsonPaths | undefined): Filter {
  const { field, operator, values } = predicate;
  const some = compileField(field, jsonPaths);
  if (operator === "exists") {
    const isWanted = values[0] !== false;
    return (event) => some(event, isThere) === isWanted;
  }
  const test = compileTest(operator, values, !isPath(field));
  const isNegative = operator === "ne" || operator === "notIn";
  return isNegative ? (event) => !some(event, test) : (event) => some(event, test);
}

/** What one value must be like; for `ne` and `notIn`, what none may be like. */
function compileTest(
  operator: Exclude<Operator, "exists">,
  values: Predicate["values"],
  isNamed: boolean,
): ValueTest {
  if (operator === "gt" || operator === "gte" || operator === "lt" || operator === "lte")
    return compareTo(operator, values[0] ?? null, isNamed);
  if (operator !== "prefix") return isNamed ? isOneOf(values) : isExactlyOneOf(values);
  const start = String(values[0]);
  return (value) =>
    typeof value === "string" && (isNamed ? value.toLowerCase() : value).startsWith(start);
}

/** Whether one of the values of a field passes a test. */
function compileField(
  field: Predicate["field"],
  jsonPaths: JsonPaths | undefined,
): (event: FilteredEvent, test: ValueTest) => boolean {
  if (!isPath(field)) return (event, test) => someValue(field, event, test);
  if (jsonPaths === undefined || jsonPaths.whyNone(field) !== undefined) return () => false;
  const find = jsonPaths.compile(field);
  return (event, test) => find(event.data).some(test);
}

function isPath(field: Predicate["field"]): field is `$${string}` {
  return field.startsWith("$");
}

function isThere(): boolean {
  return true;
}

/** Without regard to case: Genesys Cloud writes the same values large in some families of topics, and small in others. */
function isOneOf(values: readonly unknown[]): ValueTest {
  const wanted = new Set(values.map((value) => String(value).toLowerCase()));
  return (value) => typeof value === "string" && wanted.has(value.toLowerCase());
}

function isExactlyOneOf(values: readonly unknown[]): ValueTest {
  const wanted = new Set(values);
  return (value) => wanted.has(value);
}

function compareTo(
  operator: "gt" | "gte" | "lt" | "lte",
  limit: unknown,
  isNamed: boolean,
): ValueTest {
  const holds = (sign: number): boolean => {
    if (sign === 0) return operator === "gte" || operator === "lte";
    return sign > 0
      ? operator === "gt" || operator === "gte"
      : operator === "lt" || operator === "lte";
  };
  if (typeof limit === "number")
    return (value) => typeof value === "number" && holds(Math.sign(value - limit));
  const text = String(limit);
  return (value) => {
    if (typeof value !== "string") return false;
    const compared = isNamed ? value.toLowerCase() : value;
    if (compared === text) return holds(0);
    return holds(compared > text ? 1 : -1);
  };
}
