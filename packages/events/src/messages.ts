/** What a client may send on a socket of the Event API, recognised by its shape, whether it has a `type` or not. */
import type { ClientMessage } from "./client-messages.ts";
import type { Complaint, Notice } from "./complaint.ts";
import { quoted } from "./json/show-value.ts";
import {
  refuseKind,
  readCursor,
  readRequest,
  type ReadingOptions,
} from "./schema/read-subscription.ts";
import { listed, refuseUnknown } from "./schema/members.ts";
import { createReading, isObject, kindOf, type Members, type Reading } from "./schema/reading.ts";
import {
  readByEntity,
  readByFilter,
  readChannel,
  readMessageId,
} from "./schema/subscribe-shapes.ts";

/** What was read, or everything that is wrong with it: at least one complaint. */
export type MessageReading =
  | {
      readonly message: ClientMessage;
      readonly notices: readonly Notice[];
      readonly complaints?: never;
    }
  | { readonly complaints: readonly Complaint[]; readonly message?: never };

/** Reads one text frame, or a message that has been parsed. It never throws. */
export function readClientMessage(source: unknown, options: ReadingOptions = {}): MessageReading {
  const reading = createReading(source);
  const message = isObject(reading.value)
    ? readMessage(reading, reading.value, options)
    : refuseKind(reading, "A message");
  const complaints = reading.complaints();
  if (complaints.length > 0) return { complaints };
  if (message !== undefined) return { message, notices: reading.notices() };
  reading.complain("MESSAGE_UNKNOWN", [], "No message of the Event API has this shape.");
  return { complaints: reading.complaints() };
}

const types = ["auth", "subscribe", "unsubscribe", "keepalive", "ping", "ack"];

function readMessage(
  reading: Reading,
  body: Members,
  options: ReadingOptions,
): ClientMessage | undefined {
  const has = (name: string): boolean => Object.hasOwn(body, name);
  const type = has("type") ? body["type"] : undefined;
  if (type === "keepalive") return readBare(reading, body, "keepalive");
  if (type === "ping" || (!has("type") && body["message"] === "ping"))
    return readBare(reading, body, "ping");
  if (type === "auth" || (!has("type") && (has("token") || has("access_token"))))
    return readAuth(reading, body);
  if (type === "unsubscribe") return readUnsubscribe(reading, body);
  if (type === "ack" || (!has("type") && has("cursor") && !has("eventTypes")))
    return readAck(reading, body);
  if (has("type") && type !== "subscribe" && type !== "subscription") {
    refuseType(reading, type);
    return undefined;
  }
  return readSubscribe(reading, body, options);
}

function refuseType(reading: Reading, type: unknown): void {
  const guess = typeof type === "string" ? reading.suggest(type, types) : undefined;
  const what =
    typeof type === "string"
      ? `There is no message of type ${quoted(type)}.`
      : `type is ${kindOf(type)}, and must be a string.`;
  reading.complain("MESSAGE_UNKNOWN", ["type"], what, {
    help:
      guess === undefined
        ? `Possible are ${listed(types)}.`
        : `Write ${quoted(guess)}, if that is meant.`,
  });
}

/** The forms of a subscription, by the members that tell them apart. */
function readSubscribe(
  reading: Reading,
  body: Members,
  options: ReadingOptions,
): ClientMessage | undefined {
  const has = (name: string): boolean => Object.hasOwn(body, name);
  if (has("channel") || has("query")) return readChannel(reading, body);
  if (has("event_type") || has("entity")) return readByEntity(reading, body);
  if (has("eventTypes") || has("filters") || has("metricIds")) {
    const request = readRequest(reading, body, { ...options, also: ["id", "type"] });
    const id = readMessageId(reading, body, false);
    return { kind: "subscribe", id, ...request, answer: "subscribed", written: writtenNames(body) };
  }
  if (has("filter") || has("type")) return readByFilter(reading, body);
  refuseShape(reading, body);
  return undefined;
}

function writtenNames(body: Members): readonly string[] {
  const names = body["eventTypes"] ?? body["metricIds"];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

function refuseShape(reading: Reading, body: Members): void {
  const names = Object.keys(body);
  if (body["message"] === "subscribe" || body["message"] === "unsubscribe") {
    reading.complain(
      "MESSAGE_UNKNOWN",
      ["message"],
      "This is a message of the notification service of Genesys Cloud, which names topics.",
      {
        help: 'Here subscribe by {"eventTypes":["v2.users.{id}.presence"],"filters":{"userId":["<UUID>"]}}: topics are event types, too.',
      },
    );
    return;
  }
  const before = reading.complaints().length;
  // Names that are nearly those of a subscription are told as such.
  const meant = refuseUnknown(reading, body, [], {
    noun: "a message",
    known: ["id", "type", "eventTypes", "filters", "since"],
    meant: { event_types: "eventTypes", eventType: "eventTypes" },
  });
  if (meant.size > 0 && reading.complaints().length > before) return;
  reading.complain(
    "MESSAGE_UNKNOWN",
    [],
    names.length === 0 ? "The message is empty." : "No message of the Event API has this shape.",
    {
      help: 'To subscribe send {"eventTypes":["conversation:updated"],"filters":{"divisions":["self"]}}; other messages have a type: auth, unsubscribe, keepalive, ack.',
    },
  );
}

function readBare(reading: Reading, body: Members, kind: "keepalive" | "ping"): ClientMessage {
  // Programs put times and counters beside it; nothing hangs on them.
  if (Object.keys(body).length > bareMembersMax)
    reading.complain("FIELD_UNKNOWN", [], `A ${kind} has no such number of fields.`, {
      help: `Send {"type":"${kind}"}.`,
      isAbsent: true,
    });
  return { kind };
}

const bareMembersMax = 10;

/** Characters of a token; those of Genesys Cloud have below 100, a JWT some hundred. */
const tokenCharactersMax = 8_192;

function readAuth(reading: Reading, body: Members): ClientMessage | undefined {
  refuseUnknown(reading, body, [], {
    noun: "an auth message",
    known: ["type", "id", "data", "token", "access_token"],
    isQuery: false,
  });
  const data = body["data"];
  const inside = isObject(data) ? data : {};
  if (data !== undefined && !isObject(data)) {
    reading.complain(
      "FIELD_INVALID",
      ["data"],
      `data is ${kindOf(data)}, and must be an object with the token.`,
      { help: 'Write {"type":"auth","data":{"token":"…"}}.', isAbsent: true },
    );
    return undefined;
  }
  const places = [
    { value: inside["token"], path: ["data", "token"] },
    { value: inside["access_token"], path: ["data", "access_token"] },
    { value: body["token"], path: ["token"] },
    { value: body["access_token"], path: ["access_token"] },
  ].filter(({ value }) => value !== undefined);
  const [place] = places;
  if (place === undefined) {
    reading.complain("TOKEN_MISSING", [], "The auth message has no token.", {
      help: 'Write {"type":"auth","data":{"token":"…"}}.',
      isAbsent: true,
    });
    return undefined;
  }
  if (places.length > 1) {
    reading.complain(
      "FIELD_INVALID",
      place.path,
      "The token stands in several places of the message.",
      { help: 'Write it once: {"type":"auth","data":{"token":"…"}}.' },
    );
    return undefined;
  }
  const token =
    typeof place.value === "string" ? place.value.replace(/^\s*Bearer\s+/iu, "").trim() : "";
  if (token !== "" && token.length <= tokenCharactersMax && /^[\x21-\x7E]+$/u.test(token))
    return { kind: "auth", token };
  reading.complain("TOKEN_INVALID", place.path, "What stands in the place of the token is none.", {
    help: "Put there the access_token that POST /oauth/token answered.",
  });
  return undefined;
}

function readUnsubscribe(reading: Reading, body: Members): ClientMessage | undefined {
  refuseUnknown(reading, body, [], {
    noun: "an unsubscribe message",
    known: ["type", "id"],
    meant: { subscriptionId: "id", subscription_id: "id" },
    isQuery: false,
  });
  const id = readMessageId(reading, body, true);
  return id === undefined ? undefined : { kind: "unsubscribe", id };
}

function readAck(reading: Reading, body: Members): ClientMessage | undefined {
  refuseUnknown(reading, body, [], {
    noun: "an ack message",
    known: ["type", "cursor"],
    meant: { lastEventId: "cursor", since: "cursor" },
    isQuery: false,
  });
  if (!Object.hasOwn(body, "cursor")) {
    reading.complain("FIELD_MISSING", [], "The ack has no cursor.", {
      help: "Add the cursor of the last event that has been dealt with.",
      isAbsent: true,
    });
    return undefined;
  }
  const cursor = readCursor(reading, body["cursor"], ["cursor"]);
  return cursor === undefined ? undefined : { kind: "ack", cursor };
}
