/** What thread 000 demands of the body of a subscription, and thread 001 of a `filter`: from their texts alone. */

/** Every name of a kind of event that one of the threads uses. */
const eventTypes: ReadonlySet<unknown> = new Set([
  "conversation:all",
  "conversation:conversation:updated",
  "conversation:created",
  "conversation:updated",
  "interaction:updated",
  "routing.queueMemberAdded",
  "routing.queueMemberEvent",
  "routing.wrappingEvent",
]);

/** "Do not send aggregate query parameters there" (thread 000). */
const aggregateParameters = ["interval", "pageSize"] as const;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Why the body of a subscription is refused; undefined when it is well formed. */
export function bodyFault(body: unknown): string | undefined {
  if (!isObject(body)) return "the subscription is no JSON object";
  const surplus = aggregateParameters.find((name) => Object.hasOwn(body, name));
  if (surplus !== undefined) return `${surplus} is a parameter of aggregate queries`;
  const { filters } = body;
  return (
    eventTypesFault(body["eventTypes"]) ??
    (filters === undefined
      ? "filters is missing"
      : !isObject(filters) || Object.keys(filters).length === 0
        ? "filters is empty, or no object"
        : filterValuesFault(filters))
  );
}

/** Why the `filter` of a `subscribe` message is refused. */
export function filterFault(filter: unknown): string | undefined {
  if (filter === undefined) return "filter is missing";
  if (!isObject(filter)) return "filter is no object";
  const fault = eventTypesFault(filter["eventTypes"]);
  const { entities } = filter;
  return (
    fault ?? (entities === undefined || Array.isArray(entities) ? undefined : "entities is no list")
  );
}

function eventTypesFault(given: unknown): string | undefined {
  if (!Array.isArray(given)) return "eventTypes is no array";
  if (given.length === 0) return "eventTypes is empty";
  return given.every((name) => eventTypes.has(name))
    ? undefined
    : "eventTypes names no kind of event";
}

/** Each is an id, a list of ids, or a list of predicates. */
function filterValuesFault(filters: Readonly<Record<string, unknown>>): string | undefined {
  const malformed = Object.entries(filters).find(
    ([, value]) =>
      !isText(value) &&
      !(
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((each) => isText(each) || isPredicate(each))
      ),
  );
  return malformed === undefined ? undefined : `filters.${malformed[0]} is malformed`;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isPredicate(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value["field"]) &&
    isText(value["operator"]) &&
    Array.isArray(value["values"])
  );
}
