import { describe, expect, test } from "vitest";
import { compileFilter, type FilterOptions } from "./filter.ts";
import type { Operator, Predicate, Scope } from "./subscription.ts";

const [queue, otherQueue, user, conversation, division] = [
  "11111111-1111-4111-8111-111111111111",
  "22222222-2222-4222-8222-222222222222",
  "33333333-3333-4333-8333-333333333333",
  "44444444-4444-4444-8444-444444444444",
  "55555555-5555-4555-8555-555555555555",
] as const;

const nothing: Scope = { divisions: [], queueIds: [], userIds: [], conversationIds: [] };

const onQueue = {
  topic: `v2.routing.queues.${queue}.conversations`,
  types: ["conversation:updated", "conversation:all"],
  data: {
    id: conversation,
    divisions: [{ division: { id: division } }],
    participants: [
      {
        purpose: "customer",
        queueId: queue,
        calls: [{ state: "connected", direction: "inbound" }],
      },
      {
        purpose: "agent",
        userId: user,
        queueId: otherQueue,
        calls: [],
        messages: [{ state: "alerting" }],
      },
    ],
  },
};
const calls = {
  topic: `v2.routing.queues.${queue}.conversations.calls`,
  types: ["v2.routing.queues.{id}.conversations.calls"],
  data: {
    id: conversation,
    participants: [
      { state: "held", direction: "outbound", user: { id: user }, queue: { id: otherQueue } },
    ],
  },
};
const presence = {
  topic: `v2.users.${user.toUpperCase()}.presence`,
  types: ["user:presence"],
  data: { presenceDefinition: { systemPresence: "ON_QUEUE" } },
};
const routing = {
  topic: `v2.users.${user}.routingStatus`,
  types: ["user:routingStatus"],
  data: { routingStatus: { status: "IDLE" } },
};
const activity = {
  topic: `v2.users.${user}.activity`,
  types: ["v2.users.{id}.activity"],
  data: {
    routingStatus: { status: "IDLE" },
    presence: { presenceDefinition: { systemPresence: "AVAILABLE" } },
  },
};
const member = {
  topic: `v2.routing.queues.${queue}.users`,
  types: ["routing.queueMemberEvent"],
  data: { queueId: queue, user: { id: user }, joined: true },
};
const observation = {
  topic: `v2.analytics.queues.${queue}.observations`,
  types: ["conversation.summary"],
  data: { group: { mediaType: "voice", queueId: queue }, data: [] },
};
const queueActivity = {
  topic: `v2.analytics.queues.${queue}.activity`,
  types: ["v2.analytics.queues.{id}.activity"],
  data: { results: [{ mediaType: "chat" }] },
};
const detail = {
  topic: `v2.detail.events.conversation.${conversation}.acd.start`,
  types: ["v2.detail.events.conversation.{id}.acd.start"],
  data: {
    conversationId: conversation,
    mediaType: "VOICE",
    direction: "INBOUND",
    queueId: queue,
    divisionId: division,
  },
};
const transcription = {
  topic: `v2.conversations.${conversation}.transcription`,
  types: ["v2.conversations.{id}.transcription"],
  data: {},
};

type Event = typeof onQueue | typeof presence | { topic: string; types: string[]; data: unknown };

function passes(
  event: Event,
  predicates: readonly Predicate[],
  scope: Partial<Scope> = {},
  options: FilterOptions = {},
): boolean {
  const type = event.types[0] ?? "";
  const filter = compileFilter(
    { eventTypes: [type], scope: { ...nothing, ...scope }, predicates: { [type]: predicates } },
    options,
  );
  return filter(event);
}

const when = (
  field: Predicate["field"],
  operator: Operator,
  ...values: Predicate["values"]
): Predicate => ({ field, operator, values });

describe("named fields", () => {
  test.each<[string, Event, Predicate["field"], string]>([
    ["queue of a topic", onQueue, "queueId", queue],
    ["queue of a participant", onQueue, "queueId", otherQueue],
    ["queue as an object", calls, "queueId", otherQueue],
    ["queue of a member", member, "queueId", queue],
    ["queue of an observation", { ...observation, topic: "v2.other" }, "queueId", queue],
    ["queue of a detail event", detail, "queueId", queue],
    ["user of a participant", onQueue, "userId", user],
    ["user as an object", calls, "userId", user],
    ["user of a topic, written large", presence, "userId", user],
    ["user of a member", member, "userId", user],
    ["conversation", onQueue, "conversationId", conversation],
    ["conversation of a detail event", detail, "conversationId", conversation],
    ["conversation of a topic", transcription, "conversationId", conversation],
    ["conversation of a detail topic", { ...detail, data: {} }, "conversationId", conversation],
    ["division", onQueue, "divisionId", division],
    ["division of a detail event", detail, "divisionId", division],
    [
      "divisions as a list",
      { ...detail, data: { divisionIds: [queue, division] } },
      "divisionId",
      division,
    ],
    ["medium of a call", onQueue, "mediaType", "voice"],
    ["medium of a message", onQueue, "mediaType", "message"],
    ["medium of a topic", calls, "mediaType", "voice"],
    [
      "medium of a topic with a capital in it",
      { topic: `v2.users.${user}.conversations.cobrowseSessions`, types: ["x"], data: {} },
      "mediaType",
      "cobrowse",
    ],
    [
      "conversation of a topic that names a user, too",
      {
        topic: `v2.users.${user}.conversations.${conversation}.recordings`,
        types: ["x"],
        data: {},
      },
      "conversationId",
      conversation,
    ],
    ["medium written large", detail, "mediaType", "voice"],
    ["medium of an observation", observation, "mediaType", "voice"],
    ["medium of an activity", queueActivity, "mediaType", "chat"],
    ["direction of a session", onQueue, "direction", "inbound"],
    ["direction of a participant", calls, "direction", "outbound"],
    ["direction written large", detail, "direction", "inbound"],
    ["state of a session", onQueue, "state", "alerting"],
    ["state of a participant", calls, "state", "held"],
    ["presence", presence, "state", "on_queue"],
    ["routing status", routing, "state", "idle"],
    ["presence in an activity", activity, "state", "available"],
    ["routing status in an activity", activity, "state", "idle"],
  ])("%s", (_, event, field, value) => {
    expect(passes(event, [when(field, "eq", value)])).toBe(true);
    expect(passes(event, [when(field, "in", "nonsense", value)])).toBe(true);
    expect(passes(event, [when(field, "ne", value)])).toBe(false);
    expect(passes(event, [when(field, "notIn", value, "nonsense")])).toBe(false);
    expect(passes(event, [when(field, "prefix", value.slice(0, 3))])).toBe(true);
    expect(passes(event, [when(field, "exists")])).toBe(true);
    expect(passes(event, [when(field, "eq", "nonsense")])).toBe(false);
    expect(passes(event, [when(field, "ne", "nonsense")])).toBe(true);
  });

  test("an id stands behind its own segment of a topic alone", () => {
    const strange = { topic: `v2.superusers.${user}.presence`, types: ["x"], data: {} };
    expect(passes(strange, [when("userId", "exists")])).toBe(false);
    const ofUser = { topic: `v2.users.${user}.conversations.calls`, types: ["x"], data: {} };
    expect(passes(ofUser, [when("conversationId", "exists")])).toBe(false);
  });

  test("a medium without sessions is none", () => {
    const idle = { ...onQueue, data: { participants: [{ chats: [] }] } };
    expect(passes(idle, [when("mediaType", "exists")])).toBe(false);
    expect(passes(idle, [when("mediaType", "exists", false)])).toBe(true);
    expect(passes(idle, [when("mediaType", "ne", "chat")])).toBe(true);
  });

  test.each([
    null,
    undefined,
    7,
    "text",
    [],
    { participants: 7 },
    { participants: [null, 7] },
    { divisions: [null] },
    { user: 7, group: "x" },
  ])("the body %j has none, and does no harm", (data) => {
    const event = { topic: "v2.audits", types: ["x"], data };
    for (const field of [
      "queueId",
      "userId",
      "conversationId",
      "divisionId",
      "mediaType",
      "direction",
      "state",
    ] as const)
      expect(passes(event, [when(field, "exists")])).toBe(false);
  });
});

test.each<[Operator, string, boolean]>([
  ["gt", "a", true],
  ["gt", "idle", false],
  ["gte", "idle", true],
  ["lt", "z", true],
  ["lt", "idle", false],
  ["lte", "idle", true],
  ["lte", "a", false],
])("a state of idle is %s %s: %s", (operator, value, expected) => {
  expect(passes(routing, [when("state", operator, value)])).toBe(expected);
});

describe("JSON paths", () => {
  const found: Readonly<Record<string, readonly unknown[]>> = {
    "$.n": [3, 5],
    "$.s": ["Ab"],
    "$.null": [null],
    "$.none": [],
  };
  const jsonPaths = {
    whyNone: (path: string) => (path in found ? undefined : "it is none"),
    compile: (path: string) => () => found[path] ?? [],
  };
  test.each<[`$${string}`, Operator, Predicate["values"], boolean]>([
    ["$.n", "eq", [5], true],
    ["$.n", "eq", ["5"], false],
    ["$.n", "ne", [5], false],
    ["$.n", "ne", [4], true],
    ["$.n", "gt", [4], true],
    ["$.n", "gt", [5], false],
    ["$.n", "gte", [5], true],
    ["$.n", "lt", [3], false],
    ["$.n", "lte", [3], true],
    ["$.n", "gt", ["1"], false],
    ["$.s", "eq", ["ab"], false],
    ["$.s", "prefix", ["A"], true],
    ["$.s", "prefix", ["a"], false],
    ["$.null", "eq", [null], true],
    ["$.null", "exists", [], true],
    ["$.none", "exists", [], false],
    ["$.none", "exists", [false], true],
    ["$.none", "notIn", [1, 2], true],
    ["$.bad", "exists", [], false],
  ])("%s %s %j", (field, operator, values, expected) => {
    expect(passes(onQueue, [{ field, operator, values }], {}, { jsonPaths })).toBe(expected);
  });

  test("without a reader no event meets the condition", () => {
    expect(passes(onQueue, [when("$.n", "eq", 5)])).toBe(false);
  });
});

const filterOf = (
  eventTypes: readonly string[],
  predicates: Readonly<Record<string, readonly Predicate[]>> = {},
) => compileFilter({ eventTypes, scope: nothing, predicates });

describe("types", () => {
  test("an event of none of them does not pass", () => {
    expect(filterOf(["user:routingStatus"])(presence)).toBe(false);
    expect(filterOf(["user:routingStatus", "user:presence"])(presence)).toBe(true);
  });

  test("each type has conditions of its own, all of which must hold", () => {
    const voice = when("mediaType", "eq", "voice");
    const email = when("mediaType", "eq", "email");
    expect(
      filterOf(["conversation:updated"], { "conversation:updated": [voice, email] })(onQueue),
    ).toBe(false);
    expect(
      filterOf(["conversation:updated", "conversation:all"], {
        "conversation:updated": [email],
        "conversation:all": [voice],
      })(onQueue),
    ).toBe(true);
    expect(
      filterOf(["conversation:updated", "conversation:all"], {
        "conversation:updated": [email],
        "conversation:all": [email],
      })(onQueue),
    ).toBe(false);
  });

  test.each([
    ["v2.users.{id}.presence", `v2.users.${user}.presence`, true],
    [`v2.users.${user}.presence`, `v2.users.${user}.presence`, true],
    [`v2.users.${queue}.presence`, `v2.users.${user}.presence`, false],
    ["v2.users.{id}.presence", `v2.users.${user}.presence.more`, false],
    ["v2.users.{id}.presence", "v2.users..presence", false],
    ["v2.users.{id}.presence", `v2.users.${user}.more.presence`, false],
    ["v2.operations.events.{id}", "v2.operations.events.7", true],
    ["v2.operations.events.{id}", "v2.operations.events.7.8", false],
    ["v2.audits.entitytype.{id}.entityid.{id}", "v2.audits.entitytype.a.entityid.b", true],
    ["v2.audits.entitytype.{id}.entityid.{id}", "v2.audits.entitytype.a.entityid.", false],
  ])("%s takes %s: %s", (type, topic, expected) => {
    expect(filterOf([type])({ topic, types: [], data: {} })).toBe(expected);
  });
});

test("the scope asks for one of each list that is not empty", () => {
  expect(
    passes(onQueue, [], {
      queueIds: [otherQueue],
      userIds: [user],
      conversationIds: [conversation],
    }),
  ).toBe(true);
  expect(passes(onQueue, [], { queueIds: [otherQueue], userIds: [queue] })).toBe(false);
  expect(passes(onQueue, [], { conversationIds: [user] })).toBe(false);
  expect(passes(presence, [], { queueIds: [queue] })).toBe(false);
});

test("divisions are topics that the caller knows", () => {
  const topics = new Set([onQueue.topic]);
  expect(passes(onQueue, [], { divisions: [division] }, { topics })).toBe(true);
  expect(passes(presence, [], { divisions: [division] }, { topics })).toBe(false);
});

test("a snapshot that was told on a topic of elsewhere passes where its conversation is of the division", () => {
  const topics = new Set([onQueue.topic]);
  const elsewhere = { ...onQueue, topic: `v2.users.${user}.conversations` };
  const scope = { divisions: [division] };
  const updated = { ...elsewhere, types: ["conversation:updated"] };
  const repeated = { ...elsewhere, types: ["conversation:all"] };
  expect(passes(updated, [], scope, { topics })).toBe(true);
  // It comes on the division's own topic as well, and is of this type there.
  expect(passes(repeated, [], scope, { topics })).toBe(false);
  expect(passes(updated, [], scope, { topics: new Set<string>() })).toBe(false);
});

test("whom only the topic names is a member where the plan says so, by scope and by condition", () => {
  const topics = new Set([presence.topic]);
  const others = new Set<string>();
  const byCondition: Predicate = { field: "queueId", operator: "in", values: [queue] };
  for (const given of [topics, others]) {
    const isMember = given === topics;
    expect(passes(presence, [], { queueIds: [queue] }, { topics: given })).toBe(isMember);
    expect(passes(presence, [byCondition], {}, { topics: given })).toBe(isMember);
  }
  // Negative conditions are about what stands there.
  const not: Predicate = { ...byCondition, operator: "ne" };
  expect(passes(presence, [not], {}, { topics: others })).toBe(true);
  // A conversation names its queue itself.
  expect(passes(onQueue, [], { queueIds: [user] }, { topics: new Set([onQueue.topic]) })).toBe(
    false,
  );
});
