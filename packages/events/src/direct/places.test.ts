import { expect, test } from "vitest";
import { emptyOrganisation, noNeeds, type Organisation } from "../plan/organisation.ts";
import { isOfMembers, learned, widened } from "./places.ts";
import { uuid } from "./testing/client-events.ts";

const [queue, other, ada, bob, talk] = [1, 2, 3, 4, 5].map(uuid) as [
  string,
  string,
  string,
  string,
  string,
];
const membersTopic = `v2.routing.queues.${queue}.users`;
const known: Organisation = { ...emptyOrganisation, members: new Map([[queue, new Set([ada])]]) };
const ofMembers = { ...noNeeds, membersOf: [queue] };

test("who joins a queue that is followed becomes a member, who leaves it is one no more", () => {
  const joins = (userId: string, isIn: unknown): Organisation =>
    learned(known, ofMembers, membersTopic.toUpperCase(), { user: { id: userId }, joined: isIn });
  expect([...(joins(bob, true).members.get(queue) ?? [])]).toEqual([ada, bob]);
  expect([...(joins(ada, false).members.get(queue) ?? [])]).toEqual([]);
  expect([...(known.members.get(queue) ?? [])]).toEqual([ada]);
});

test.each([
  ["a member already", membersTopic, { id: ada, joined: true }],
  ["nothing of joining", membersTopic, { id: bob }],
  ["nobody", membersTopic, { joined: true }],
  ["no id", membersTopic, { id: "bob", joined: true }],
  ["another queue", `v2.routing.queues.${other}.users`, { id: bob, joined: true }],
  ["another topic", `v2.users.${bob}.presence`, { id: bob, joined: true }],
  ["no body", membersTopic, null],
])("an event with %s changes nothing", (_, topic, body) => {
  expect(learned(known, ofMembers, topic, body)).toBe(known);
});

test("queues and users that come into a conversation that is named are learned, and stay", () => {
  const needs = { ...noNeeds, conversationIds: [talk] };
  const topic = `v2.routing.queues.${queue}.conversations`;
  const body = { id: talk, participants: [{ queueId: queue }, { userId: ada, queueId: queue }] };
  const first = learned(emptyOrganisation, needs, topic, body);
  expect(first.conversations.get(talk)).toEqual({ queueIds: [queue], userIds: [ada] });
  expect(learned(first, needs, topic, body)).toBe(first);
  const next = learned(first, needs, topic, { id: talk, participants: [{ userId: bob }] });
  expect(next.conversations.get(talk)).toEqual({ queueIds: [queue], userIds: [ada, bob] });
  const stranger = { ...body, id: uuid(9) };
  expect(learned(first, needs, topic, stranger)).toBe(first);
});

test("of one conversation at most 100 users are followed", () => {
  const userIds = Array.from({ length: 150 }, (_, index) => uuid(index));
  const place = widened({ queueIds: [], userIds: [] }, { queueIds: [], userIds });
  expect(place.userIds).toEqual(userIds.slice(0, 100));
  expect(widened(place, { queueIds: [], userIds })).toBe(place);
});

test("topics of members are known by their name", () => {
  expect(isOfMembers(membersTopic)).toBe(true);
  expect(isOfMembers(`${membersTopic}.x`)).toBe(false);
});
