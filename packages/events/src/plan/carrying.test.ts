import { describe, expect, test } from "vitest";
import { readClientMessage } from "../messages.ts";
import type { Subscription } from "../subscription.ts";
import { asksOrganisation, carrying } from "./carrying.ts";
import { emptyOrganisation, type Organisation, type OrganisationEntity } from "./organisation.ts";
import { topicsOf } from "./topics.ts";

const idOf = (number: number): string => `00000000-0000-4000-8000-${`${number}`.padStart(12, "0")}`;
const [home, away] = [idOf(1), idOf(2)];
const [sales, service, shop] = [idOf(101), idOf(102), idOf(103)];
const [ada, bob, eve] = [idOf(201), idOf(202), idOf(203)];
const call = idOf(901);

function entities(
  ...all: readonly (readonly [id: string, divisionId: string | undefined])[]
): ReadonlyMap<string, OrganisationEntity> {
  return new Map(all.map(([id, divisionId]) => [id, { id, name: undefined, divisionId }]));
}

const organisation: Organisation = {
  queues: entities([sales, home], [service, away], [shop, undefined]),
  users: entities([ada, home], [bob, away], [eve, undefined]),
  members: new Map([[sales, new Set([ada, bob])]]),
  conversations: new Map([[call, { queueIds: [sales], userIds: [ada] }]]),
};

const types = [
  "conversation:all",
  "conversation:updated",
  "conversation.summary",
  "routing.queueMemberEvent",
  "user:presence",
  "user:routingStatus",
  "v2.users.{id}.conversations",
  `v2.users.${eve}.presence`,
];

const carriers = [
  "v2.routing.queues.{id}.conversations",
  "v2.routing.queues.{id}.users",
  "v2.analytics.queues.{id}.observations",
  "v2.users.{id}.conversations",
  "v2.users.{id}.presence",
  "v2.users.{id}.routingStatus",
];
const everyTopic = carriers.flatMap((template) =>
  (template.includes("queues") ? [sales, service, shop] : [ada, bob, eve]).map((id) =>
    template.replace("{id}", id),
  ),
);

function subscriptionOf(eventTypes: readonly string[], filters: object): Subscription {
  const { message } = readClientMessage({ eventTypes, filters });
  if (message?.kind !== "subscribe") throw new Error("not a subscription");
  return message.subscription;
}

describe("what carries is what is planned", () => {
  const scopes = [
    { divisions: [home] },
    { divisions: [home, away] },
    { divisions: [idOf(3)] },
    { divisions: [home], queueId: [sales, service] },
    { divisions: [home], userId: [ada, bob] },
    { queueId: [sales] },
    { queueId: [service] },
    { queueId: [sales], userId: [bob, eve] },
    { divisions: [away], queueId: [sales] },
    { userId: [eve] },
  ];
  test.each(scopes.flatMap((scope) => types.map((type) => [type, scope] as const)))(
    "%s of %j",
    (type, scope) => {
      const subscription = subscriptionOf([type], scope);
      const carries = carrying(subscription);
      // Who follows members needs their topics besides, and nothing that comes on them.
      const planned = topicsOf(subscription, organisation).filter(
        (topic) => type === "routing.queueMemberEvent" || !/\.queues\..*\.users$/u.test(topic),
      );
      const found = everyTopic.filter((topic) => carries(topic, organisation));
      expect(found.toSorted()).toEqual(planned.filter((topic) => everyTopic.includes(topic)));
      expect(planned.every((topic) => carries(topic.toUpperCase(), organisation))).toBe(true);
      // By the name alone it is never less.
      expect(planned.every((topic) => carries(topic, undefined))).toBe(true);
    },
  );
});

test("all of one kind are wanted where nothing narrows them, whoever is known", () => {
  const carries = carrying(subscriptionOf(["user:presence"], { divisions: ["self"] }));
  expect(carries(`v2.users.${ada}.presence`, emptyOrganisation)).toBe(true);
  expect(carries("v2.users.nobody.presence", organisation)).toBe(false);
});

test("a user's conversations come on the user's topics, whatever queue they are in; and a queue's on the queue's", () => {
  const ofUser = carrying(subscriptionOf(["conversation:all"], { userId: [ada] }));
  const ofQueue = carrying(subscriptionOf(["conversation:all"], { queueId: [sales] }));
  const queueTopic = `v2.routing.queues.${sales}.conversations`;
  const userTopic = `v2.users.${ada}.conversations`;
  expect([ofUser(userTopic, undefined), ofUser(queueTopic, undefined)]).toEqual([true, false]);
  expect([ofQueue(userTopic, undefined), ofQueue(queueTopic, undefined)]).toEqual([false, true]);
});

test("where somebody is in a conversation that is named may be known too late: any topic may carry it", () => {
  const carries = carrying(subscriptionOf(["conversation:all"], { conversationId: [call] }));
  expect(carries(`v2.routing.queues.${shop}.conversations`, organisation)).toBe(true);
});

test("of what division a conversation is, nobody knows that has only its name", () => {
  const transcription = "v2.conversations.{id}.transcription";
  const topic = transcription.replace("{id}", call);
  const carries = (filters: object): boolean =>
    carrying(subscriptionOf([transcription], filters))(topic, organisation);
  expect(carries({ divisions: [home] })).toBe(false);
  expect(carries({ divisions: ["self"] })).toBe(true);
  expect(carries({ conversationId: [call] })).toBe(true);
  expect(carries({ conversationId: [idOf(902)] })).toBe(false);
});

test.each([
  [true, "user:presence", { divisions: [home] }],
  [false, "user:presence", { divisions: ["self"] }],
  [true, "user:presence", { queueId: [sales] }],
  [false, "conversation:updated", { queueId: [sales] }],
  [false, "user:presence", { userId: [ada] }],
  [true, "user:presence", condition("user:presence", "queueId", "in")],
  [false, "user:presence", condition("user:presence", "queueId", "ne")],
  [true, "conversation.summary", condition("conversation.summary", "divisionId", "in")],
  [false, "conversation:updated", condition("conversation:updated", "divisionId", "in")],
])("asks the organisation (%j): %s of %j", (asks, type, filters) => {
  expect(asksOrganisation(subscriptionOf([type], filters))).toBe(asks);
});

function condition(type: string, field: string, operator: string): object {
  return { divisions: ["self"], [type]: [{ field, operator, values: [home] }] };
}
