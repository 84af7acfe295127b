/** Names of event types as they are written, and the canonical ones that they stand for. */
import type { Path } from "../json/place.ts";
import { quoted } from "../json/show-value.ts";
import { nearMiss } from "../near-miss.ts";
import { realTopics } from "../real-topics.ts";
import {
  canonical,
  eventTypes,
  isKnown,
  type EventTypeEntry,
  type EventTypeName,
} from "../vocabulary.ts";
import { kindOf, type Reading } from "./reading.ts";

/** Event types of one subscription. */
export const eventTypesMax = 100;

const entries: Readonly<Record<string, EventTypeEntry>> = eventTypes;
const names = Object.keys(entries);
const byPlainName = new Map(names.map((name) => [plain(name), name]));
/** The last part of a name, where it is the last of one canonical name alone: `presence`. */
const byLastPart = new Map(
  [
    ...Map.groupBy(
      names.filter((name) => entries[name]?.aliasOf === undefined),
      lastPart,
    ),
  ].flatMap(([part, those]) =>
    those.length === 1 ? those.map((name) => [part, name] as const) : [],
  ),
);

/** Characters of a topic's name. */
const topicCharactersMax = 300;
const topic = /^v2(?:\.[\w{}-]+)+$/u;

/** Names that programs have been seen to use for what is called otherwise here, or is not there. */
const habits: Readonly<Record<string, string>> = {
  "*": "conversation:all",
  "conversation:*": "conversation:all",
  "routing:agents:status:updated": "user:routingStatus",
  "routing:conversation:activity": "conversation:updated",
  "genesyscloud:conversation:status": "conversation:updated",
};

/** What one event is about, as far as its name tells. */
export type EntityKind = "queue" | "user" | "conversation";

/**
 * The canonical name; undefined for a name that there is not. Genesys Cloud adds topics, so a topic's name that our
 * catalogue does not have is taken as it is, unless it looks like one of the catalogue that is misspelt.
 */
export function canonicalName(name: string): EventTypeName | undefined {
  if (name.length > topicCharactersMax) return undefined;
  return (
    canonical(name) ?? (isTopicShaped(name) && nearTopic(name) === undefined ? name : undefined)
  );
}

function isTopicShaped(name: string): boolean {
  return topic.test(name) && hasPlainPlaceholders(name);
}

const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/giu;

/** The template of the catalogue that was probably meant. */
function nearTopic(name: string): string | undefined {
  return nearMiss(name.replaceAll(uuid, "{id}"), realTopics);
}

function hasPlainPlaceholders(name: string): boolean {
  return !/[{}]/u.test(name.replaceAll("{id}", ""));
}

/** Whether it is a real topic with its ids put in, which says by itself what it concerns. */
export function isConcreteTopic(name: EventTypeName): boolean {
  return name.startsWith("v2.") && !name.includes("{");
}

/** What an id beside this event type is the id of; undefined where that is not clear. */
export function entityKindOf(name: EventTypeName): EntityKind | undefined {
  if (/^(?:conversation:|interaction:)/u.test(name)) return "conversation";
  if (/^v2\.(?:[a-z]+\.)?queues\.\{id\}/u.test(name)) return "queue";
  if (/^v2\.(?:[a-z]+\.)?users\.\{id\}/u.test(name)) return "user";
  if (/\.conversations?\.\{id\}/u.test(name)) return "conversation";
  return Object.hasOwn(entries, name) ? entries[name]?.entity : undefined;
}

/** Reads one name. @returns the canonical name; undefined where it was refused */
export function readEventType(
  reading: Reading,
  value: unknown,
  path: Path,
  atName = false,
): EventTypeName | undefined {
  if (typeof value !== "string") {
    reading.complain(
      "EVENT_TYPE_UNKNOWN",
      path,
      `Here stands ${kindOf(value)}, no name of an event type.`,
      {
        help: 'Give names as strings: ["conversation:updated"].',
      },
    );
    return undefined;
  }
  const name = canonicalName(value);
  if (name !== undefined) {
    if (name !== value) reading.notice("ALIAS", path, `${value} is another name of ${name}.`);
    else if (!isKnown(name))
      reading.notice(
        "TOPIC_UNKNOWN",
        path,
        `The catalogue of ${realTopics.length} topics has no ${name}: Genesys Cloud is asked for it as it stands, and may refuse it.`,
      );
    return name;
  }
  const { message, help } = refusal(reading, value);
  reading.complain("EVENT_TYPE_UNKNOWN", path, message, { help, atName });
  return undefined;
}

function refusal(
  reading: Reading,
  name: string,
): { readonly message: string; readonly help: string | undefined } {
  if (name.trim() === "")
    return { message: "The name of the event type is empty.", help: undefined };
  const message = `There is no event type ${quoted(name)}.`;
  const near = /^v2\./iu.test(name) ? nearTopic(name) : undefined;
  if (near !== undefined)
    return {
      message,
      help: `Write ${quoted(near)}, if that is meant, with an id in the place of {id} for one alone.`,
    };
  if (/^v2\./iu.test(name))
    return {
      message,
      help: "Name a topic of Genesys Cloud as in v2.users.{id}.presence for all of them, or with a UUID in the place of {id} for one; docs/EVENT-API.md lists the event types.",
    };
  const habit = Object.hasOwn(habits, name) ? habits[name] : undefined;
  const guess =
    habit ??
    byPlainName.get(plain(name.slice(0, topicCharactersMax))) ??
    byLastPart.get(plain(name.slice(0, topicCharactersMax))) ??
    reading.suggest(name, names);
  return {
    message,
    help:
      guess === undefined
        ? undefined
        : `Write ${quoted(guess)}, if that is meant; docs/EVENT-API.md lists the event types.`,
  };
}

function lastPart(name: string): string {
  return plain(name.split(/[:.]/u).at(-1) ?? "");
}

/** Letters and digits alone: `Conversation_Updated` and `conversation:updated` are the same then. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z\d]/gu, "");
}

/** What a list of event types comes to. */
export interface EventTypeList {
  /** Canonical names, each once, with where each was written first. */
  readonly paths: ReadonlyMap<EventTypeName, Path>;
  /** Whether none was refused. */
  readonly isWhole: boolean;
}

/** Reads `eventTypes`. Names that are refused are left out. */
export function readEventTypes(reading: Reading, value: unknown, path: Path): EventTypeList {
  const paths = new Map<EventTypeName, Path>();
  if (typeof value === "string") {
    const list = value.split(",", eventTypesMax).map((name) => name.trim());
    reading.complain(
      "EVENT_TYPES_NOT_ARRAY",
      path,
      "eventTypes is a string, and must be an array, even for one event type.",
      {
        help: `Write [${list
          .map((name) => quoted(name))
          .slice(0, 5)
          .join(", ")}${list.length > 5 ? ", …" : ""}].`,
      },
    );
    for (const name of list) {
      const canonical = readEventType(reading, name, path);
      if (canonical !== undefined) paths.set(canonical, path);
    }
    return { paths, isWhole: false };
  }
  if (!Array.isArray(value)) {
    reading.complain(
      "EVENT_TYPES_NOT_ARRAY",
      path,
      `eventTypes is ${kindOf(value)}, and must be an array of names.`,
    );
    return { paths, isWhole: false };
  }
  if (value.length === 0)
    reading.complain("EVENT_TYPES_EMPTY", path, "eventTypes is empty: it names nothing.");
  if (value.length > eventTypesMax)
    reading.complain(
      "FIELD_INVALID",
      path,
      `eventTypes has ${value.length} names, and at most ${eventTypesMax} are possible.`,
      {
        help: "Split the subscription into several.",
      },
    );
  let isWhole = value.length <= eventTypesMax;
  for (const [index, item] of value.slice(0, eventTypesMax).entries()) {
    const itemPath = [...path, index];
    const canonical = readEventType(reading, item, itemPath);
    if (canonical === undefined) {
      isWhole = false;
      continue;
    }
    if (paths.has(canonical))
      reading.notice(
        "REPEATED",
        itemPath,
        `${canonical} stands twice in eventTypes, and counts once.`,
      );
    else paths.set(canonical, itemPath);
  }
  return { paths, isWhole };
}
