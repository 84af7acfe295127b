/**
 * Named fields of events: where each stands in the bodies of Genesys Cloud. A field may have several values:
 * a conversation has the queues, users and media of all its participants, past ones included.
 *
 * Fields: the models of the official SDKs (`packages/client/src/genesys/bodies-*.ts`); certainty: official
 * SDK code. That `state` is the presence or routing status of a user is our reading.
 */
import type { FilteredEvent, PredicateField } from "./subscription.ts";

export type NamedField = Exclude<PredicateField, `$${string}`>;

type Test = (value: unknown) => boolean;
type Members = Readonly<Record<string, unknown>>;

type Visit = (event: FilteredEvent, data: Members, test: Test) => boolean;

/** Whether one of the values that a field has in an event passes a test. */
export function someValue(field: NamedField, event: FilteredEvent, test: Test): boolean {
  return visits[field](event, isObject(event.data) ? event.data : none, test);
}

const visits: Readonly<Record<NamedField, Visit>> = {
  queueId: ({ topic }, data, test) =>
    someInTopic(topic, "queues.", test) ||
    someOf(data, "queueId", "queue", test) ||
    someHere(child(data, "group"), "queueId", test),
  userId: ({ topic }, data, test) =>
    someInTopic(topic, "users.", test) ||
    someOf(data, "userId", "user", test) ||
    someHere(child(data, "group"), "userId", test),
  conversationId: ({ topic }, data, test) => someConversation(topic, data, test),
  divisionId: (_, data, test) => someDivision(data, test),
  mediaType: ({ topic }, data, test) => someMedium(topic, data, test),
  direction: (_, data, test) =>
    someHere(data, "direction", test) || someInSessions(data, "direction", test),
  state: (_, data, test) => someState(data, test),
};

const none: Members = {};
const noItems: readonly unknown[] = [];

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}

function child(data: Members, name: string): Members {
  const value = data[name];
  return isObject(value) ? value : none;
}

function items(data: Members, name: string): readonly unknown[] {
  const value = data[name];
  return Array.isArray(value) ? (value as readonly unknown[]) : noItems;
}

function someHere(data: Members, name: string, test: Test): boolean {
  const value = data[name];
  return value !== undefined && value !== null && test(value);
}

/** Characters of a UUID. */
const idLength = 36;

/** The id after a segment: `queues.` in `v2.routing.queues.<id>.users`. */
function someInTopic(topic: string, segment: string, test: Test): boolean {
  const at = topic.indexOf(segment);
  if (at <= 0 || topic[at - 1] !== ".") return false;
  const start = at + segment.length;
  const dot = topic.indexOf(".", start);
  const end = dot === -1 ? topic.length : dot;
  // What is no UUID is no id, but the next part of the name: `conversations.calls`.
  return end - start === idLength && test(topic.slice(start, end));
}

/** An id of the body or of its participants: `queueId`, or `queue.id`. */
function someOf(data: Members, idName: string, objectName: string, test: Test): boolean {
  if (someHere(data, idName, test) || someHere(child(data, objectName), "id", test)) return true;
  for (const participant of items(data, "participants")) {
    if (!isObject(participant)) continue;
    if (someHere(participant, idName, test) || someHere(child(participant, objectName), "id", test))
      return true;
  }
  return false;
}

function someConversation(topic: string, data: Members, test: Test): boolean {
  if (someHere(data, "conversationId", test) || someHere(child(data, "conversation"), "id", test))
    return true;
  // A body with participants is the conversation itself.
  if (Array.isArray(data["participants"])) return someHere(data, "id", test);
  return someInTopic(topic, "conversations.", test) || someInTopic(topic, "conversation.", test);
}

function someDivision(data: Members, test: Test): boolean {
  if (someHere(data, "divisionId", test)) return true;
  for (const id of items(data, "divisionIds")) if (test(id)) return true;
  for (const membership of items(data, "divisions"))
    if (isObject(membership) && someHere(child(membership, "division"), "id", test)) return true;
  return false;
}

/** Lists of sessions of a participant → the medium, as `mediaType` has it elsewhere. */
const media: readonly (readonly [list: string, medium: string])[] = [
  ["calls", "voice"],
  ["callbacks", "callback"],
  ["chats", "chat"],
  ["emails", "email"],
  ["messages", "message"],
  ["internalMessages", "internalmessage"],
  ["cobrowsesessions", "cobrowse"],
  ["videos", "video"],
  ["screenshares", "screenshare"],
  ["screenMonitorings", "screenmonitoring"],
  ["socialExpressions", "socialexpression"],
];

const mediaByTopic = new Map(media.map(([list, medium]) => [list.toLowerCase(), medium]));
const mediaSegment = ".conversations.";

/** Topics of one medium end with it, and their participants have no lists of sessions. */
function mediumOf(topic: string): string | undefined {
  const at = topic.indexOf(mediaSegment);
  return at === -1
    ? undefined
    : mediaByTopic.get(topic.slice(at + mediaSegment.length).toLowerCase());
}

function someMedium(topic: string, data: Members, test: Test): boolean {
  if (someHere(data, "mediaType", test) || someHere(child(data, "group"), "mediaType", test))
    return true;
  for (const result of items(data, "results"))
    if (isObject(result) && someHere(result, "mediaType", test)) return true;
  const medium = mediumOf(topic);
  if (medium !== undefined) return test(medium);
  for (const participant of items(data, "participants")) {
    if (!isObject(participant)) continue;
    for (const [list, medium] of media)
      if (items(participant, list).length > 0 && test(medium)) return true;
  }
  return false;
}

/** A field of the participants or of their sessions. */
function someInSessions(data: Members, name: string, test: Test): boolean {
  for (const participant of items(data, "participants")) {
    if (!isObject(participant)) continue;
    if (someHere(participant, name, test)) return true;
    for (const [list] of media)
      for (const session of items(participant, list))
        if (isObject(session) && someHere(session, name, test)) return true;
  }
  return false;
}

function someState(data: Members, test: Test): boolean {
  return (
    someHere(data, "state", test) ||
    someHere(child(data, "presenceDefinition"), "systemPresence", test) ||
    someHere(child(child(data, "presence"), "presenceDefinition"), "systemPresence", test) ||
    someHere(child(data, "routingStatus"), "status", test) ||
    someInSessions(data, "state", test)
  );
}
