/** `filters` in its three shapes, which combine: by event type, by division, by queue, user or conversation. */
import type { JsonPaths } from "../json/json-paths.ts";
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import type { Predicate, Scope } from "../subscription.ts";
import type { EventTypeName } from "../vocabulary.ts";
import {
  canonicalName,
  isConcreteTopic,
  readEventType,
  type EventTypeList,
} from "./event-type-names.ts";
import { readIds } from "./ids.ts";
import { refuseName } from "./members.ts";
import { predicatesMax, readPredicates } from "./predicates.ts";
import { isObject, kindOf, type Members, type Reading } from "./reading.ts";

/** Members of `filters`. */
const membersMax = 200;

type ScopeField = keyof Scope;

interface Shared {
  readonly scope: ScopeField;
  readonly noun: string;
  readonly words: readonly string[];
}

/** Filters for all event types. */
const shared: Readonly<Record<string, Shared>> = {
  divisions: { scope: "divisions", noun: "division", words: ["self"] },
  queueId: { scope: "queueIds", noun: "queue", words: [] },
  userId: { scope: "userIds", noun: "user", words: [] },
  conversationId: { scope: "conversationIds", noun: "conversation", words: [] },
};

/** Other spellings, which are refused so that each thing has one name. */
const habits: Readonly<Record<string, string>> = {
  queueIds: "queueId",
  queue_id: "queueId",
  queues: "queueId",
  queue: "queueId",
  userIds: "userId",
  user_id: "userId",
  users: "userId",
  user: "userId",
  agentId: "userId",
  agentIds: "userId",
  agents: "userId",
  conversationIds: "conversationId",
  conversation_id: "conversationId",
  conversations: "conversationId",
  conversation: "conversationId",
  interactionId: "conversationId",
  division: "divisions",
  divisionId: "divisions",
  divisionIds: "divisions",
  division_id: "divisions",
};

/** How the filter of an analytics query begins. */
const querySyntax: ReadonlySet<string> = new Set(["type", "clauses", "predicates"]);

export interface Filters {
  readonly scope: Scope;
  readonly predicates: Readonly<Record<EventTypeName, readonly Predicate[]>>;
}

/** Everything that the relay's credential sees. */
export const wholeScope: Scope = {
  divisions: ["self"],
  queueIds: [],
  userIds: [],
  conversationIds: [],
};

const remedies =
  'filters says which: {"divisions":["self"]} for all that the relay\'s credential sees, or {"queueId":["<UUID>"]}.';

/** Reads `filters`, or what stands in its place under another name. @param types what is subscribed to */
export function readFilters(
  reading: Reading,
  value: unknown,
  path: Path,
  types: EventTypeList,
  paths: JsonPaths | undefined,
): Filters {
  const empty: Filters = { scope: { ...wholeScope, divisions: [] }, predicates: {} };
  if (!isObject(value)) {
    const code = value === null ? "FILTERS_MISSING" : "FIELD_INVALID";
    reading.complain(code, path, `filters is ${kindOf(value)}, and must be an object.`, {
      help: remedies,
    });
    return empty;
  }
  const names = Object.keys(value);
  if (names.length === 0) {
    reading.complain(
      "FILTERS_MISSING",
      path,
      "filters is empty: it would mean every event of the organisation.",
      { help: remedies },
    );
    return empty;
  }
  if (names.length > membersMax)
    reading.complain(
      "FIELD_INVALID",
      path,
      `filters has ${names.length} members, and at most ${membersMax} are possible.`,
      { help: "Split the subscription into several." },
    );
  return readMembers(reading, value, { path, types, paths, names: names.slice(0, membersMax) });
}

interface Context {
  readonly path: Path;
  readonly types: EventTypeList;
  readonly paths: JsonPaths | undefined;
  readonly names: readonly string[];
}

function readMembers(reading: Reading, filters: Members, context: Context): Filters {
  const { path, types, paths, names } = context;
  const scope: Record<ScopeField, readonly string[]> = {
    divisions: [],
    queueIds: [],
    userIds: [],
    conversationIds: [],
  };
  const predicates = new Map<EventTypeName, readonly Predicate[]>();
  let isForAll = false;
  for (const name of names) {
    const at = [...path, name];
    const rule = Object.hasOwn(shared, name) ? shared[name] : undefined;
    if (rule !== undefined) {
      isForAll = true;
      scope[rule.scope] = readIds(reading, filters[name], at, rule) ?? [];
      continue;
    }
    const type = canonicalName(name);
    if (type === undefined) {
      if (refuseFilterName(reading, name, at, types)) isForAll = true;
      continue;
    }
    // Of a list that could not be read in full it is not known what is not in it.
    if (types.isWhole && !types.paths.has(type))
      reading.complain(
        "FILTER_UNUSED",
        at,
        `This filter is for ${quoted(name)}, which is not in eventTypes.`,
        {
          help: `Add ${quoted(type)} to eventTypes, or leave its filter out.`,
          atName: true,
        },
      );
    if (type !== name) readEventType(reading, name, at);
    const conditions = [
      ...(predicates.get(type) ?? []),
      ...readPredicates(reading, filters[name], at, paths),
    ];
    if (conditions.length > predicatesMax)
      reading.complain(
        "PREDICATE_INVALID",
        at,
        `Under its several names ${type} has more than ${predicatesMax} conditions.`,
      );
    predicates.set(type, conditions);
  }
  if (!isForAll) refuseIncomplete(reading, types, predicates);
  const sorted = [...predicates].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { scope, predicates: Object.fromEntries(sorted) };
}

/** @returns whether a filter for all event types was meant */
function refuseFilterName(reading: Reading, name: string, at: Path, types: EventTypeList): boolean {
  if (querySyntax.has(name)) {
    reading.complain(
      "AGGREGATE_PARAMETER",
      at,
      `${quoted(name)} is how the filter of an analytics query is written.`,
      {
        help: `Here write by event type, {"conversation:updated":[{"field":"mediaType","operator":"in","values":["voice"]}]}, or for all: ${remedies}`,
        atName: true,
      },
    );
    return false;
  }
  if (/[:.]/u.test(name) && !Object.hasOwn(habits, name)) {
    readEventType(reading, name, at, true);
    return false;
  }
  const guess = refuseName(reading, name, at, {
    noun: "filters",
    known: [...Object.keys(shared), ...types.paths.keys()],
    meant: habits,
  });
  return guess !== undefined && Object.hasOwn(shared, guess);
}

function refuseIncomplete(
  reading: Reading,
  types: EventTypeList,
  predicates: ReadonlyMap<EventTypeName, readonly Predicate[]>,
): void {
  for (const [type, path] of types.paths) {
    if (predicates.has(type) || isConcreteTopic(type)) continue;
    reading.complain(
      "FILTER_INCOMPLETE",
      path,
      `${quoted(type)} has no filter of its own, and there is none for all event types.`,
      {
        help: `Add to filters ${quoted(type)}:[{"field":…,"operator":…,"values":[…]}] for it alone, or "divisions":["self"], queueId, userId or conversationId for all.`,
      },
    );
  }
}
