/** Reads a subscription from a file, in the shapes that the Event API takes. */
import type { Predicate, Scope, Subscription } from "@trunkline/events";
import { CliError } from "../errors.ts";

/** Fields of `filters` that name objects, and where they go. */
const scopeFields: Readonly<Record<string, keyof Scope>> = {
  divisions: "divisions",
  queueId: "queueIds",
  userId: "userIds",
  conversationId: "conversationIds",
};

/** @throws CliError SUBSCRIPTION_INVALID */
export function readSubscriptionText(text: string): Subscription {
  const given = asObject(parse(text));
  const eventTypes = given?.["eventTypes"];
  if (!isTexts(eventTypes) || eventTypes.length === 0)
    throw invalid("eventTypes must be an array of names, with one at least");
  const filters = asObject(given?.["filters"]);
  if (filters === undefined || Object.keys(filters).length === 0)
    throw invalid("filters is missing or empty");
  const scope: Record<keyof Scope, readonly string[]> = {
    divisions: [],
    queueIds: [],
    userIds: [],
    conversationIds: [],
  };
  const predicates: Record<string, readonly Predicate[]> = {};
  for (const [name, value] of Object.entries(filters)) {
    const field = Object.hasOwn(scopeFields, name) ? scopeFields[name] : undefined;
    if (field !== undefined) scope[field] = idsOf(name, value);
    else if (eventTypes.includes(name)) predicates[name] = predicatesOf(name, value);
    else throw invalid(`filters.${name} is neither an event type of eventTypes nor a field`);
  }
  const isScoped = Object.values(scope).some((ids) => ids.length > 0);
  const bare = eventTypes.find((name) => predicates[name] === undefined);
  if (!isScoped && bare !== undefined)
    throw invalid(`${bare} has no filter of its own, and there is none for all`);
  return { eventTypes: [...new Set(eventTypes)].toSorted(), scope, predicates };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError("SUBSCRIPTION_INVALID", "The subscription is no JSON.", { cause });
  }
}

function idsOf(name: string, value: unknown): readonly string[] {
  const ids = typeof value === "string" ? [value] : value;
  if (!isTexts(ids) || ids.length === 0)
    throw invalid(`filters.${name} must be an id or an array of ids`);
  return [...new Set(ids.map((id) => id.toLowerCase()))].toSorted();
}

function predicatesOf(name: string, value: unknown): readonly Predicate[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const one of list) {
    const fields = asObject(one);
    const { field, operator, values } = fields ?? {};
    if (typeof field === "string" && typeof operator === "string" && Array.isArray(values))
      continue;
    throw invalid(`filters[${JSON.stringify(name)}] must be conditions {field, operator, values}`);
  }
  return list as readonly Predicate[];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}

function invalid(what: string): CliError {
  return new CliError("SUBSCRIPTION_INVALID", `The subscription cannot be understood: ${what}.`);
}
