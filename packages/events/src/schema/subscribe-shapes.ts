/** Forms of a subscription beside the canonical one, as programs send them on sockets. */
import type { SubscribeMessage } from "../client-messages.ts";
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import type { Scope } from "../subscription.ts";
import type { EventTypeName } from "../vocabulary.ts";
import {
  entityKindOf,
  readEventType,
  readEventTypes,
  type EntityKind,
} from "./event-type-names.ts";
import { wholeScope } from "./filters.ts";
import { isPlaceholder, isUuid, readIds } from "./ids.ts";
import { refuseName, refuseUnknown } from "./members.ts";
import { nameIn, readCursor } from "./read-subscription.ts";
import { isObject, kindOf, type Members, type Reading } from "./reading.ts";

/** Characters of the name that a client gives to its subscription. */
const idCharactersMax = 200;

/** The client's own name for a subscription. */
export function readMessageId(
  reading: Reading,
  body: Members,
  isRequired: boolean,
): string | undefined {
  const id = body["id"];
  if (id === undefined) {
    if (isRequired)
      reading.complain(
        "FIELD_MISSING",
        [],
        "id is missing: nothing says which subscription is meant.",
        { help: "Give the id under which it was made.", isAbsent: true },
      );
    return undefined;
  }
  if (typeof id === "string" && id !== "" && id.length <= idCharactersMax) return id;
  reading.complain(
    "FIELD_INVALID",
    ["id"],
    typeof id === "string"
      ? `id has ${id.length} characters, and may have 1 to ${idCharactersMax}.`
      : `id is ${kindOf(id)}, and must be a string.`,
    {
      help: 'Give the subscription a short name, such as "sub-1".',
    },
  );
  return undefined;
}

function readSinceOf(reading: Reading, body: Members): string | undefined {
  return body["since"] === undefined ? undefined : readCursor(reading, body["since"], ["since"]);
}

/** `{"channel":"conversation","query":{}}`: all conversations. */
export function readChannel(reading: Reading, body: Members): SubscribeMessage {
  refuseUnknown(reading, body, [], {
    noun: "a message with a channel",
    known: ["channel", "query", "id", "type", "since"],
  });
  const channel = body["channel"];
  if (channel !== "conversation")
    reading.complain(
      "FIELD_INVALID",
      ["channel"],
      typeof channel === "string"
        ? `There is no channel ${quoted(channel)}.`
        : `channel is ${kindOf(channel)}, and must be a string.`,
      {
        help: 'Write "channel":"conversation", or subscribe by eventTypes and filters, which can say more.',
        isAbsent: channel === undefined,
      },
    );
  const query = body["query"] ?? {};
  if (!isObject(query))
    reading.complain(
      "FIELD_INVALID",
      ["query"],
      `query is ${kindOf(query)}, and must be an empty object.`,
      { help: 'Write "query":{}.' },
    );
  else
    for (const name of Object.keys(query).slice(0, queryNamesMax))
      refuseName(reading, name, ["query", name], {
        noun: "query",
        known: [],
        meant: {
          eventTypes: "eventTypes and filters, without channel and query",
          filters: "eventTypes and filters, without channel and query",
        },
      });
  reading.notice(
    "SCOPE_IMPLIED",
    [],
    "This message means conversation:all of everything that the relay's credential sees.",
  );
  return {
    kind: "subscribe",
    id: readMessageId(reading, body, false),
    subscription: { eventTypes: ["conversation:all"], scope: wholeScope, predicates: {} },
    since: readSinceOf(reading, body),
    answer: "subscribed",
    written: ["conversation:all"],
  };
}

const queryNamesMax = 100;

/** `{"type":"subscribe","id":…,"filter":{"eventTypes":[…],"entities":[…]}}`; no entities mean all. */
export function readByFilter(reading: Reading, body: Members): SubscribeMessage | undefined {
  const meant = refuseUnknown(reading, body, [], {
    noun: "a subscribe message",
    known: ["type", "id", "filter", "since"],
  });
  const id = readMessageId(reading, body, false);
  const since = readSinceOf(reading, body);
  const filter = body["filter"];
  if (!isObject(filter)) {
    const help =
      'Write "filter":{"eventTypes":["conversation:updated"],"entities":[]}; an empty list of entities means all.';
    if (filter !== undefined)
      reading.complain(
        "FIELD_INVALID",
        ["filter"],
        `filter is ${kindOf(filter)}, and must be an object.`,
        { help },
      );
    else if (!meant.has("filter"))
      reading.complain(
        "FIELD_MISSING",
        [],
        "The subscribe message has no filter, which says what is wanted.",
        { help, isAbsent: true },
      );
    return undefined;
  }
  const inner = refuseUnknown(reading, filter, ["filter"], {
    noun: "filter",
    known: ["eventTypes", "entities"],
    meant: {
      event_types: "eventTypes",
      entity: "entities",
      entityIds: "entities",
      ids: "entities",
    },
  });
  const typesName = nameIn(filter, "eventTypes", inner);
  const entitiesName = nameIn(filter, "entities", inner);
  if (typesName === undefined)
    reading.complain(
      "FIELD_MISSING",
      ["filter"],
      "filter has no eventTypes: nothing says which events are wanted.",
      { help: 'Add "eventTypes":["conversation:updated"].', isAbsent: true },
    );
  const eventTypes =
    typesName === undefined
      ? []
      : [
          ...readEventTypes(reading, filter[typesName], ["filter", typesName]).paths.keys(),
        ].toSorted();
  const scope =
    entitiesName === undefined
      ? wholeScope
      : readEntities(reading, filter[entitiesName], ["filter", entitiesName], eventTypes);
  const names = filter["eventTypes"];
  const written = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  return {
    kind: "subscribe",
    id,
    subscription: { eventTypes, scope, predicates: {} },
    since,
    answer: "confirmation",
    written,
  };
}

/** `{"id":…,"event_type":…,"entity":…}`. A UUID in `id` is the entity, where there is no other. */
export function readByEntity(reading: Reading, body: Members): SubscribeMessage | undefined {
  refuseUnknown(reading, body, [], {
    noun: "a message with event_type",
    known: ["type", "id", "event_type", "entity", "since"],
    meant: { entities: "entity", entityId: "entity", entity_id: "entity" },
  });
  const name = body["event_type"];
  if (name === undefined)
    reading.complain(
      "FIELD_MISSING",
      [],
      "event_type is missing: nothing says which events are wanted.",
      { help: 'Add "event_type":"conversation:updated".', isAbsent: true },
    );
  const type = name === undefined ? undefined : readEventType(reading, name, ["event_type"]);
  const eventTypes = type === undefined ? [] : [type];
  const hasEntity = Object.hasOwn(body, "entity");
  const id = body["id"];
  const isEntity = !hasEntity && typeof id === "string" && (isUuid(id) || isLost(id));
  if (!hasEntity && !isEntity)
    reading.complain(
      "FIELD_MISSING",
      [],
      "entity is missing: nothing says which object the events are of.",
      {
        help: `Add "entity":"<UUID>"; for all of them write {"type":"subscribe","filter":{"eventTypes":[${quoted(typeof name === "string" ? name : "conversation:updated")}],"entities":[]}}.`,
        isAbsent: true,
      },
    );
  const scope =
    hasEntity || isEntity
      ? readEntities(
          reading,
          hasEntity ? body["entity"] : id,
          [hasEntity ? "entity" : "id"],
          eventTypes,
        )
      : wholeScope;
  return {
    kind: "subscribe",
    id: isEntity ? undefined : readMessageId(reading, body, false),
    subscription: { eventTypes, scope, predicates: {} },
    since: readSinceOf(reading, body),
    answer: "subscribe-success",
    written: typeof name === "string" ? [name] : [],
  };
}

/** An example's id of an object, in the place of a name like `sub-1`. */
function isLost(id: string): boolean {
  return isPlaceholder(id) && !/^sub/iu.test(id.trim());
}

const scopeFields: Readonly<Record<EntityKind, keyof Scope>> = {
  queue: "queueIds",
  user: "userIds",
  conversation: "conversationIds",
};

/** Ids of what the event types are about: conversations, queues or users. */
function readEntities(
  reading: Reading,
  value: unknown,
  path: Path,
  types: readonly EventTypeName[],
): Scope {
  const kinds = new Set(types.map(entityKindOf));
  const [kind] = kinds;
  const ids = readIds(reading, value, path, {
    noun: kinds.size === 1 ? (kind ?? "object") : "object",
    mayBeEmpty: true,
  });
  if (ids === undefined || ids.length === 0) return wholeScope;
  if (kinds.size > 1 || (types.length > 0 && kind === undefined)) {
    reading.complain(
      "FIELD_INVALID",
      path,
      "What these are the ids of is not clear: the event types are not of one kind of object.",
      {
        help: "Say it in filters, by queueId, userId or conversationId; or subscribe to each kind by itself.",
      },
    );
    return wholeScope;
  }
  return kind === undefined
    ? wholeScope
    : { ...wholeScope, divisions: [], [scopeFields[kind]]: ids };
}
