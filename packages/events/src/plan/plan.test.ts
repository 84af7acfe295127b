import { describe, expect, test } from "vitest";
import type { Predicate, Scope, Subscription } from "../subscription.ts";
import { channelCost, countEntries, startUpMs } from "./cost.ts";
import { emptyOrganisation, mergeNeeds, type Organisation } from "./organisation.ts";
import { plan } from "./plan.ts";
import { needs, topicsOf } from "./topics.ts";

function id(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

const [sales, service] = [id(1), id(2)];
const [ada, bob, eve] = [id(11), id(12), id(13)];
const [north, south] = [id(21), id(22)];
const call = id(31);

const small: Organisation = {
  queues: new Map([
    [sales, { id: sales, name: "Sales", divisionId: north }],
    [service, { id: service, name: "Service", divisionId: south }],
  ]),
  users: new Map([
    [ada, { id: ada, name: "Ada", divisionId: north }],
    [bob, { id: bob, name: "Bob", divisionId: south }],
    [eve, { id: eve, name: "Eve", divisionId: undefined }],
  ]),
  members: new Map([[sales, new Set([ada, eve])]]),
  conversations: new Map([[call, { queueIds: [service], userIds: [bob] }]]),
};

function subscription(
  eventTypes: readonly string[],
  scope: Partial<Scope> = {},
  predicates: Readonly<Record<string, readonly Predicate[]>> = {},
): Subscription {
  const empty = { divisions: [], queueIds: [], userIds: [], conversationIds: [] };
  return { eventTypes, scope: { ...empty, ...scope }, predicates };
}

const everything = { divisions: ["self"] };
const updated = ["conversation:updated"];
const presence = ["user:presence"];
const members = ["routing.queueMemberEvent"];

function queues(...ids: readonly string[]): readonly string[] {
  return ids.map((one) => `v2.routing.queues.${one}.conversations`);
}
function users(...ids: readonly string[]): readonly string[] {
  return ids.map((one) => `v2.users.${one}.conversations`);
}
function presences(...ids: readonly string[]): readonly string[] {
  return ids.map((one) => `v2.users.${one}.presence`);
}
function joins(...ids: readonly string[]): readonly string[] {
  return ids.map((one) => `v2.routing.queues.${one}.users`);
}
function condition(field: Predicate["field"], ...values: readonly string[]): Predicate {
  return { field, operator: "in", values };
}

describe("topics", () => {
  const cases: readonly (readonly [string, Subscription, readonly string[]])[] = [
    [
      "conversations of all: queues and users",
      subscription(updated, everything),
      [...queues(sales, service), ...users(ada, bob, eve)],
    ],
    [
      "an empty scope is all, too",
      subscription(updated),
      [...queues(sales, service), ...users(ada, bob, eve)],
    ],
    [
      "of a division",
      subscription(updated, { divisions: [north] }),
      [...queues(sales), ...users(ada)],
    ],
    ["of queues: theirs alone", subscription(updated, { queueIds: [sales] }), queues(sales)],
    ["of users: theirs alone", subscription(updated, { userIds: [ada] }), users(ada)],
    [
      "of queues and users: the queues' alone",
      subscription(updated, { queueIds: [sales], userIds: [ada] }),
      queues(sales),
    ],
    [
      "of a queue outside the division",
      subscription(updated, { queueIds: [service], divisions: [north] }),
      [],
    ],
    [
      "of a conversation: its queues and users",
      subscription(updated, { conversationIds: [call] }),
      [...queues(service), ...users(bob)],
    ],
    ["of an unknown conversation", subscription(updated, { conversationIds: [id(32)] }), []],
    [
      "narrowed by a condition alone",
      subscription(members, {}, { [members[0] ?? ""]: [condition("queueId", sales)] }),
      joins(sales),
    ],
    [
      "a condition narrows its own type only",
      subscription(
        [...members, ...presence],
        {},
        { [members[0] ?? ""]: [condition("queueId", sales)] },
      ),
      [...joins(sales), ...presences(ada, bob, eve)],
    ],
    [
      "a condition and a scope: what both have",
      subscription(
        members,
        { queueIds: [sales, service] },
        { [members[0] ?? ""]: [condition("queueId", service.toUpperCase(), id(9))] },
      ),
      joins(service),
    ],
    [
      "a condition that excludes narrows nothing",
      subscription(
        members,
        {},
        { [members[0] ?? ""]: [{ field: "queueId", operator: "notIn", values: [sales] }] },
      ),
      joins(sales, service),
    ],
    ["presence of all", subscription(presence, everything), presences(ada, bob, eve)],
    ["presence of users", subscription(presence, { userIds: [bob] }), presences(bob)],
    [
      "presence of a queue: its members, and who joins it",
      subscription(presence, { queueIds: [sales] }),
      [...joins(sales), ...presences(ada, eve)],
    ],
    [
      "presence in a conversation",
      subscription(presence, { conversationIds: [call] }),
      presences(bob),
    ],
    [
      "a real template",
      subscription(["v2.users.{id}.station"], { userIds: [ada] }),
      [`v2.users.${ada}.station`],
    ],
    [
      "a real template of conversations named by it is no either-or",
      subscription(["v2.routing.queues.{id}.conversations"], everything),
      queues(sales, service),
    ],
    [
      "a real topic",
      subscription([`v2.users.${eve}.station`], everything),
      [`v2.users.${eve}.station`],
    ],
    [
      "a topic of conversations, named",
      subscription(["v2.conversations.{id}.transcription"], { conversationIds: [call] }),
      [`v2.conversations.${call}.transcription`],
    ],
    [
      "a topic of conversations, not named",
      subscription(["v2.conversations.{id}.transcription"], everything),
      [],
    ],
    ["a topic of what nothing lists", subscription(["v2.flows.{id}"], everything), []],
    ["figures of a queue by user", subscription(["conversation.summary"], { userIds: [ada] }), []],
  ];

  test.each(cases)("%s", (_, wanted, expected) => {
    expect(topicsOf(wanted, small)).toEqual([...expected].sort());
  });

  test("stand in one group only, under all types that share them", () => {
    const wanted = subscription(
      ["conversation:created", "conversation:updated", "v2.users.{id}.conversations"],
      everything,
    );
    const { groups, topicCount } = plan(wanted, small);
    expect(groups.map(({ eventTypes, topics }) => [eventTypes, topics.length])).toEqual([
      [["conversation:created", "conversation:updated"], 2],
      [["conversation:created", "conversation:updated", "v2.users.{id}.conversations"], 3],
    ]);
    expect(topicCount).toBe(5);
  });
});

describe("what must be known", () => {
  const nothing = { queues: false, users: false, membersOf: [], conversationIds: [] };
  test.each([
    ["all conversations", subscription(updated, everything), { queues: true, users: true }],
    ["queues by id", subscription(updated, { queueIds: [sales] }), {}],
    [
      "queues by id and division",
      subscription(updated, { queueIds: [sales], divisions: [north] }),
      { queues: true },
    ],
    ["presence of queues", subscription(presence, { queueIds: [sales] }), { membersOf: [sales] }],
    [
      "a conversation",
      subscription(updated, { conversationIds: [call] }),
      { conversationIds: [call] },
    ],
    ["members of all queues", subscription(members, everything), { queues: true }],
  ])("%s", (_, wanted, expected) => {
    expect(needs(wanted)).toEqual({ ...nothing, ...expected });
  });

  test("of several is the union", () => {
    const one = needs(subscription(presence, { queueIds: [service] }));
    const other = needs(subscription([...presence, ...members], { queueIds: [sales] }));
    expect(mergeNeeds([one, other, needs(subscription(members, everything))])).toEqual({
      ...nothing,
      queues: true,
      membersOf: [sales, service],
    });
  });
});

describe("cost", () => {
  const large: Organisation = {
    ...emptyOrganisation,
    queues: new Map(
      Array.from({ length: 500 }, (_, index) => [
        id(index),
        { id: id(index), name: undefined, divisionId: undefined },
      ]),
    ),
    users: new Map(
      Array.from({ length: 1_200 }, (_, index) => [
        id(10_000 + index),
        { id: id(10_000 + index), name: undefined, divisionId: undefined },
      ]),
    ),
  };

  test("of 1,200 users and 500 queues", () => {
    const types = ["conversation:updated", "user:presence", "user:routingStatus"];
    const planned = plan(subscription(types, everything), large);
    expect(planned.topicCount).toBe(500 + 3 * 1_200);
    expect(planned.channels).toEqual({ entries: 1_700, needed: 2, max: 19, entriesOver: 0 });
    expect(planned.requests).toEqual({
      listing: 17,
      connecting: 14,
      followingPerHour: 204,
      perMinuteMax: 300,
      backgroundPerMinuteMax: 60,
    });
    expect(planned.startUpMs).toBeLessThan(60_000);
  });

  test("of two sessions for each topic", () => {
    const planned = plan(subscription(updated, everything), large, { redundancy: 2 });
    expect(planned.channels).toMatchObject({ needed: 4, max: 18 });
  });

  test("of more than there is room for is told", () => {
    const topics = Array.from({ length: 19_002 }, (_, index) => `v2.flows.${id(index)}`);
    expect(channelCost(topics)).toEqual({ entries: 19_002, needed: 19, max: 19, entriesOver: 2 });
    expect(channelCost([])).toMatchObject({ needed: 0, entriesOver: 0 });
    const wanted = subscription(topics, everything);
    expect(plan(wanted, small).unseen.join(" ")).toContain("2 entries find no room");
  });

  test("topics of one user are combined up to 200 characters, others not", () => {
    const object = `v2.users.${ada}`;
    const room = 200 - `${object}?a&`.length;
    expect(countEntries([`${object}.a`, `${object}.${"b".repeat(room)}`], "users")).toBe(1);
    expect(countEntries([`${object}.a`, `${object}.${"b".repeat(room + 1)}`], "users")).toBe(2);
    expect(countEntries([`${object}.a`, `${object}.b.c`], "users")).toBe(2);
    const queue = [...queues(sales), ...joins(sales)];
    expect(countEntries(queue, "users")).toBe(2);
    expect(countEntries(queue, "always")).toBe(1);
    expect(countEntries([`${object}.a`, `${object}.b`], "never")).toBe(2);
  });

  test("of listing members twice: before and after their topic is live", () => {
    const wanted = subscription(presence, { queueIds: [sales, service] });
    expect(plan(wanted, small).requests).toMatchObject({ listing: 4, followingPerHour: 0 });
  });

  test("listing waits for its fifth of the budget", () => {
    const requests = {
      listing: 60,
      connecting: 7,
      followingPerHour: 0,
      perMinuteMax: 300,
      backgroundPerMinuteMax: 60,
    };
    const within = startUpMs(requests);
    expect(startUpMs({ ...requests, listing: 61 })).toBe(within + 61_000 + 500);
  });
});

describe("what a plan says", () => {
  test("permissions of topics and of listings, with how sure they are", () => {
    const { permissions } = plan(subscription(["conversation.summary"], everything), small);
    expect(permissions).toEqual([
      {
        for: "v2.analytics.queues.{id}.observations",
        permissions: ["analytics:queueObservation:view", "analytics:conversationAggregate:view"],
        combine: "all",
        certainty: "official",
      },
      {
        for: "GET /api/v2/routing/queues",
        permissions: ["routing:queue:view"],
        combine: "any",
        certainty: "official",
      },
    ]);
    const first = (topic: string) => plan(subscription([topic], everything), small).permissions[0];
    expect(first("v2.users.{id}.station")).toEqual({
      for: "v2.users.{id}.station",
      permissions: ["telephony:otherStationAssociation:view"],
      combine: "all",
      certainty: "inferred",
    });
    expect(first("v2.users.{id}.activity")).toMatchObject({
      permissions: [],
      certainty: "unknown",
    });
  });

  test.each([
    ["conversation:updated", { queueIds: [sales] }, "direct calls"],
    ["conversation:updated", { userIds: [ada] }, "waits in a queue is not seen"],
    ["conversation:updated", everything, "ends in a flow"],
    ["conversation:updated", everything, "no wildcard"],
    ["conversation:created", everything, "begins without a queue"],
    ["conversation:updated", { conversationIds: [call] }, "found by REST"],
    ["routing.queueMemberAdded", everything, "our reading"],
    ["conversation.summary", { userIds: [ada] }, "nothing of it can come"],
    ["v2.flows.{id}", everything, "write the topic with its ids"],
    ["v2.conversations.{id}.transcription", everything, "name conversationId"],
  ])("no socket shows: %s of %j", (eventType, scope, said) => {
    expect(plan(subscription([eventType], scope), small).unseen.join("\n")).toContain(said);
  });

  test("nothing that does not concern it", () => {
    expect(plan(subscription(presence, { userIds: [ada] }), small)).toMatchObject({
      unseen: [],
      follows: [],
      requests: { listing: 0, followingPerHour: 0 },
    });
  });

  test.each([
    [updated, everything, "queues and users is read again every 5 min"],
    [presence, { queueIds: [sales] }, "joins or leaves"],
    [updated, { conversationIds: [call] }, "come into a conversation"],
  ])("changes later: %j of %j", (eventTypes, scope, said) => {
    expect(plan(subscription(eventTypes, scope), small).follows.join("\n")).toContain(said);
  });
});
