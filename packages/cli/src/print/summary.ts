/** One line on what an event says, by the family of its topic. Bodies are the service's word: any field may be missing. */
import { isTopic, type NotificationEvent } from "@trunkline/client";
import { shortId, type Names } from "./names.ts";
import { printable } from "./text.ts";

type Summarise = (body: unknown, names: Names) => string | undefined;

const families: readonly (readonly [template: string, summarise: Summarise])[] = [
  ["v2.routing.queues.{id}.conversations", conversation],
  ["v2.users.{id}.conversations", conversation],
  ["v2.users.{id}.presence", (body) => presence(body)],
  ["v2.users.{id}.routingStatus", (body) => text(body, "routingStatus", "status")],
  ["v2.users.{id}.activity", activity],
  ["v2.routing.queues.{id}.users", membership],
  ["v2.analytics.queues.{id}.observations", observations],
];

/** What happened, in words where the family is known, else the body as JSON. */
export function summarise({ topic, body }: NotificationEvent, names: Names): string {
  const [, family] = families.find(([template]) => isTopic(template, topic)) ?? [];
  return printable(family?.(body, names) ?? asJson(body));
}

/** A body may be nested deeper than JSON.stringify can follow. */
function asJson(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (error) {
    if (error instanceof RangeError) return "…";
    throw error;
  }
}

const media: readonly (readonly [field: string, word: string])[] = [
  ["calls", "call"],
  ["callbacks", "callback"],
  ["chats", "chat"],
  ["emails", "email"],
  ["messages", "message"],
  ["internalMessages", "internal message"],
  ["cobrowsesessions", "co-browse"],
  ["screenshares", "screen share"],
  ["socialExpressions", "social"],
  ["videos", "video"],
];
const ended = new Set(["disconnected", "terminated"]);

/** `call 3af31cdf: customer connected, queued, agent Ada Lovelace alerting`: who is in it now. */
function conversation(body: unknown, names: Names): string | undefined {
  const id = text(body, "id");
  if (id === undefined) return undefined;
  let word = "conversation";
  const present: string[] = [];
  for (const participant of list(body, "participants")) {
    const [field, medium] = media.find(([name]) => list(participant, name).length > 0) ?? ["", ""];
    if (medium !== "") word = medium;
    const session = list(participant, field).at(-1);
    const state = stateOf(participant, session);
    if (state === undefined || ended.has(state)) continue;
    // Who is connected to the distributor waits in the queue.
    const waits = text(participant, "purpose") === "acd" && state === "connected";
    present.push(waits ? "queued" : `${whoIs(participant, names)} ${state}`);
  }
  return `${word} ${shortId(id, names)}: ${present.length === 0 ? "ended" : present.join(", ")}`;
}

function stateOf(participant: unknown, session: unknown): string | undefined {
  const state = text(session, "state");
  if (state === undefined || !ended.has(state)) return isTrue(session, "held") ? "held" : state;
  return text(session, "afterCallWork", "state") === "pending" ||
    (text(participant, "startAcwTime") !== undefined &&
      text(participant, "endAcwTime") === undefined)
    ? "wrapping up"
    : state;
}

function whoIs(participant: unknown, names: Names): string {
  const purpose = text(participant, "purpose") ?? "somebody";
  if (purpose !== "agent" && purpose !== "user") return purpose;
  const userId = text(participant, "userId");
  const name = text(participant, "name") ?? (userId === undefined ? "" : shortId(userId, names));
  return name === "" ? purpose : `${purpose} ${name}`;
}

function presence(body: unknown): string | undefined {
  const state = text(body, "presenceDefinition", "systemPresence");
  const message = text(body, "message") ?? text(body, "presenceMessage") ?? "";
  return state === undefined || message === "" ? state : `${state}: ${message}`;
}

function activity(body: unknown): string | undefined {
  const parts = [presence(at(body, "presence")), text(body, "routingStatus", "status")];
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.join(", ");
}

function membership(body: unknown, names: Names): string | undefined {
  const userId = text(body, "user", "id") ?? text(body, "id");
  const joined = at(body, "joined");
  if (userId === undefined || typeof joined !== "boolean") return undefined;
  return `${shortId(userId, names)} ${joined ? "joined" : "left"}`;
}

/** `voice: oWaiting 3, oAlerting 0`. */
function observations(body: unknown): string | undefined {
  const metrics = list(body, "data")
    .flatMap((interval) => list(interval, "metrics"))
    .map((metric) => {
      const value = at(metric, "stats", "count") ?? at(metric, "stats", "ratio");
      const qualifier = text(metric, "qualifier");
      const name = `${text(metric, "metric") ?? "?"}${qualifier === undefined ? "" : ` ${qualifier}`}`;
      return typeof value === "number" ? `${name} ${value}` : name;
    });
  if (metrics.length === 0) return undefined;
  const mediaType = text(body, "group", "mediaType");
  return `${mediaType === undefined ? "" : `${mediaType}: `}${metrics.join(", ")}`;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

function isTrue(value: unknown, key: string): boolean {
  return at(value, key) === true;
}

function list(value: unknown, key: string): readonly unknown[] {
  const found = at(value, key);
  return Array.isArray(found) ? found : [];
}
