/** What events say of the organisation: who has joined a queue, and which queues and users are in a conversation. Pure. */
import type { ConversationPlace, Organisation, OrganisationNeeds } from "../plan/organisation.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Queues, and users, of one conversation. */
const placesMax = 100;
/** Members of one queue. */
const membersMax = 5_000;
const membersTopic = /^v2\.routing\.queues\.([^.]+)\.users$/iu;
const conversationsTopic = /^v2\.(?:routing\.queues|users)\.[^.]+\.conversations(?:\.|$)/iu;
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;

/** Whether it is a topic that tells who joins and leaves a queue. */
export function isOfMembers(topic: string): boolean {
  return membersTopic.test(topic);
}

/** The organisation after an event; the same object where the event says nothing new that is needed. */
export function learned(
  organisation: Organisation,
  { membersOf, conversationIds }: OrganisationNeeds,
  topic: string,
  body: unknown,
): Organisation {
  const queueId = membersOf.length === 0 ? undefined : uuidOf(membersTopic.exec(topic)?.[1]);
  if (queueId !== undefined && membersOf.includes(queueId))
    return joined(organisation, queueId, body);
  if (conversationIds.length === 0 || !conversationsTopic.test(topic)) return organisation;
  const id = uuidOf(fieldsOf(body)?.["id"]);
  const place = placeOf(body);
  if (id === undefined || place === undefined || !conversationIds.includes(id)) return organisation;
  const before = organisation.conversations.get(id) ?? { queueIds: [], userIds: [] };
  const after = widened(before, place);
  if (after === before) return organisation;
  return { ...organisation, conversations: new Map([...organisation.conversations, [id, after]]) };
}

/** That `joined` means membership is our reading: the body's fields are documented, not their sense. */
function joined(organisation: Organisation, queueId: string, body: unknown): Organisation {
  const fields = fieldsOf(body);
  const userId = uuidOf(fieldsOf(fields?.["user"])?.["id"]) ?? uuidOf(fields?.["id"]);
  const isIn = fields?.["joined"];
  const before = organisation.members.get(queueId) ?? new Set();
  if (userId === undefined || typeof isIn !== "boolean" || before.has(userId) === isIn)
    return organisation;
  if (isIn && before.size >= membersMax) return organisation;
  const after = new Set(before);
  if (isIn) after.add(userId);
  else after.delete(userId);
  return { ...organisation, members: new Map([...organisation.members, [queueId, after]]) };
}

/** Whoever took part once stays: events of the end come to them, too. The same object where nobody is new. */
export function widened(before: ConversationPlace, now: ConversationPlace): ConversationPlace {
  const queueIds = union(before.queueIds, now.queueIds);
  const userIds = union(before.userIds, now.userIds);
  const isSame =
    queueIds.length === before.queueIds.length && userIds.length === before.userIds.length;
  return isSame ? before : { queueIds, userIds };
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])].slice(0, placesMax);
}

/** Queues and users of a conversation's snapshot, from REST or a topic; undefined where it is none. */
export function placeOf(body: unknown): ConversationPlace | undefined {
  const participants = fieldsOf(body)?.["participants"];
  if (!Array.isArray(participants)) return undefined;
  const idsOf = (name: string): readonly string[] => [
    ...new Set(participants.flatMap((one) => uuidOf(fieldsOf(one)?.[name]) ?? [])),
  ];
  return { queueIds: idsOf("queueId"), userIds: idsOf("userId") };
}

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null ? (value as Fields) : undefined;
}

/** The id in lower case; undefined where it is none. */
export function uuidOf(value: unknown): string | undefined {
  return typeof value === "string" && uuid.test(value) ? value.toLowerCase() : undefined;
}
