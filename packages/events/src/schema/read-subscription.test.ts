import { describe, expect, test } from "vitest";
import type { Complaint } from "../complaint.ts";
import { readSubscription } from "./read-subscription.ts";

const id = "2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22";
const other = "7d5b1a70-3b0e-4f0d-8b6a-5a2b8e0c9d11";
const self = { divisions: ["self"] };
const jsonPaths = {
  whyNone: (path: string) => (path === "$[" ? "it ends too soon" : undefined),
  compile: () => () => [],
};

function complaintsOf(source: unknown): readonly Complaint[] {
  const text = typeof source === "string" ? source : JSON.stringify(source);
  const read = readSubscription(text, { jsonPaths });
  return read.complaints ?? [];
}

function codes(source: unknown): readonly string[] {
  return complaintsOf(source).map(({ code, pointer }) => `${code} ${pointer}`.trim());
}

const condition = { field: "mediaType", operator: "in", values: ["voice"] };
const withCondition = (changed: object): object => ({
  eventTypes: ["conversation:updated"],
  filters: { "conversation:updated": [{ ...condition, ...changed }] },
});
const at = "/filters/conversation:updated/0";

describe("what is accepted", () => {
  test("the body of the first thread", () => {
    const text =
      '{"eventTypes":["conversation:updated","conversation:created"],"filters":{"divisions":["self"]}}';
    expect(readSubscription(text)).toEqual({
      subscription: {
        eventTypes: ["conversation:created", "conversation:updated"],
        scope: { divisions: ["self"], queueIds: [], userIds: [], conversationIds: [] },
        predicates: {},
      },
      since: undefined,
      notices: [],
    });
  });

  test("one id or several, in lower case, sorted, each once", () => {
    const read = readSubscription({
      eventTypes: ["conversation:updated"],
      filters: { queueId: [id.toUpperCase(), id, other], userId: id },
      since: "abc-17",
    });
    expect(read.subscription?.scope).toEqual({
      divisions: [],
      queueIds: [id, other],
      userIds: [id],
      conversationIds: [],
    });
    expect(read).toMatchObject({
      since: "abc-17",
      notices: [{ code: "REPEATED", pointer: "/filters/queueId/1" }],
    });
  });

  test("the three shapes together, aliases and repetitions, with a notice of each", () => {
    const read = readSubscription({
      eventTypes: ["conversation:conversation:updated", "conversation:updated", "user:presence"],
      filters: {
        divisions: [id, "self"],
        "conversation:conversation:updated": [condition],
        "conversation:updated": [{ field: "direction", operator: "exists", values: [true] }],
      },
    });
    expect(read.subscription).toEqual({
      eventTypes: ["conversation:updated", "user:presence"],
      scope: { divisions: [id, "self"], queueIds: [], userIds: [], conversationIds: [] },
      predicates: {
        "conversation:updated": [condition, { field: "direction", operator: "exists", values: [] }],
      },
    });
    expect(
      !read.complaints && read.notices.map(({ code, pointer }) => `${code} ${pointer}`),
    ).toEqual([
      "ALIAS /eventTypes/0",
      "REPEATED /eventTypes/1",
      "ALIAS /filters/conversation:conversation:updated",
    ]);
  });

  test("templates of topics, and topics with ids, which need no filter", () => {
    const topic = `v2.users.${id}.presence`;
    expect(readSubscription({ eventTypes: [topic] }).subscription).toMatchObject({
      eventTypes: [topic],
      scope: { divisions: [] },
    });
    expect(codes({ eventTypes: ["v2.users.{id}.presence"], filters: self })).toEqual([]);
    expect(codes({ eventTypes: ["v2.users.{id}.presence"] })).toEqual(["FILTERS_MISSING"]);
    expect(
      codes({ eventTypes: [topic, "user:presence"], filters: { "user:presence": [condition] } }),
    ).toEqual([]);
  });

  test("metricIds of the fourth thread, which mean all", () => {
    const read = readSubscription('{"interval":"realtime","metricIds":["conversation.summary"]}');
    expect(read).toMatchObject({
      subscription: { eventTypes: ["conversation.summary"], scope: { divisions: ["self"] } },
      notices: [{ code: "SCOPE_IMPLIED" }],
    });
  });

  test("a value that is not known, with a notice", () => {
    const read = readSubscription(withCondition({ values: ["Voice", "phone"] }));
    expect(read).toMatchObject({
      subscription: { predicates: { "conversation:updated": [{ values: ["voice", "phone"] }] } },
      notices: [
        {
          code: "VALUE_UNUSUAL",
          pointer: `${at}/values/1`,
          message: expect.stringContaining("perhaps voice is meant") as string,
        },
      ],
    });
  });

  test("a JSON path, unread where nobody reads paths", () => {
    const body = withCondition({ field: "$.participants[*].purpose" });
    expect(readSubscription(body, { jsonPaths })).toMatchObject({ notices: [] });
    expect(readSubscription(body)).toMatchObject({ notices: [{ code: "PATH_UNCHECKED" }] });
  });
});

describe("what is refused", () => {
  test.each<[string, unknown, readonly string[]]>([
    ["an array", [], ["FIELD_INVALID"]],
    ["null", "null", ["FIELD_INVALID"]],
    ["JSON in a string", JSON.stringify('{"eventTypes":[]}'), ["FIELD_INVALID"]],
    ["an object of a language", "[object Object]", ["JSON_INVALID"]],
    ["an empty object", {}, ["FIELD_MISSING", "FILTERS_MISSING"]],
    [
      "eventTypes as a string",
      { eventTypes: "conversation:updated", filters: self },
      ["EVENT_TYPES_NOT_ARRAY /eventTypes"],
    ],
    [
      "eventTypes as a list in a string",
      { eventTypes: "conversation:updated, nonsense", filters: self },
      ["EVENT_TYPES_NOT_ARRAY /eventTypes", "EVENT_TYPE_UNKNOWN /eventTypes"],
    ],
    [
      "eventTypes as an object",
      { eventTypes: {}, filters: self },
      ["EVENT_TYPES_NOT_ARRAY /eventTypes"],
    ],
    [
      "no eventTypes in the array",
      { eventTypes: [], filters: self },
      ["EVENT_TYPES_EMPTY /eventTypes"],
    ],
    [
      "too many",
      { eventTypes: Array.from({ length: 101 }, () => "user:presence"), filters: self },
      ["FIELD_INVALID /eventTypes"],
    ],
    [
      "a number among them",
      { eventTypes: [7], filters: self },
      ["EVENT_TYPE_UNKNOWN /eventTypes/0"],
    ],
    [
      "an unknown one",
      { eventTypes: ["conversation:updatd"], filters: self },
      ["EVENT_TYPE_UNKNOWN /eventTypes/0"],
    ],
    [
      "a placeholder in a topic",
      { eventTypes: ["v2.users.<user id>.presence", "v2.users.{userId}.presence"], filters: self },
      ["EVENT_TYPE_UNKNOWN /eventTypes/0", "EVENT_TYPE_UNKNOWN /eventTypes/1"],
    ],
    [
      "a wildcard in a topic",
      { eventTypes: ["v2.users.*.presence"], filters: self },
      ["EVENT_TYPE_UNKNOWN /eventTypes/0"],
    ],
    ["no filters", { eventTypes: ["user:presence"] }, ["FILTERS_MISSING"]],
    [
      "filters that are null",
      { eventTypes: ["user:presence"], filters: null },
      ["FILTERS_MISSING /filters"],
    ],
    ["empty filters", { eventTypes: ["user:presence"], filters: {} }, ["FILTERS_MISSING /filters"]],
    [
      "filters as an array",
      { eventTypes: ["user:presence"], filters: [condition] },
      ["FIELD_INVALID /filters"],
    ],
    [
      "filter for filters, once",
      { eventTypes: ["user:presence"], filter: self },
      ["FIELD_UNKNOWN /filter"],
    ],
    [
      "eventType for eventTypes, once",
      { eventType: ["user:presence"], filters: self },
      ["FIELD_UNKNOWN /eventType"],
    ],
    [
      "plural spellings",
      { eventTypes: ["user:presence"], filters: { userIds: [id] } },
      ["FIELD_UNKNOWN /filters/userIds"],
    ],
    [
      "a filter for what is not subscribed to",
      { eventTypes: ["user:presence"], filters: { ...self, "user:routingStatus": [condition] } },
      ["FILTER_UNUSED /filters/user:routingStatus"],
    ],
    [
      "a filter for an unknown type",
      { eventTypes: ["user:presence"], filters: { ...self, "user:presense": [condition] } },
      ["EVENT_TYPE_UNKNOWN /filters/user:presense"],
    ],
    [
      "filters of a query",
      { eventTypes: ["user:presence"], filters: { type: "and", predicates: [], ...self } },
      ["AGGREGATE_PARAMETER /filters/type", "AGGREGATE_PARAMETER /filters/predicates"],
    ],
    [
      "no ids",
      { eventTypes: ["user:presence"], filters: { userId: [] } },
      ["FIELD_INVALID /filters/userId"],
    ],
    [
      "an object as id",
      { eventTypes: ["user:presence"], filters: { userId: { id } } },
      ["FIELD_INVALID /filters/userId"],
    ],
    [
      "a number as id",
      { eventTypes: ["user:presence"], filters: { userId: [7] } },
      ["ID_INVALID /filters/userId/0"],
    ],
    [
      "self as a queue",
      { eventTypes: ["user:presence"], filters: { queueId: "self" } },
      ["ID_INVALID /filters/queueId"],
    ],
    [
      "too many ids",
      {
        eventTypes: ["user:presence"],
        filters: { queueId: Array.from({ length: 1_001 }, () => id) },
      },
      ["FIELD_INVALID /filters/queueId"],
    ],
    [
      "parameters of a query",
      {
        eventTypes: ["user:presence"],
        filters: self,
        pageSize: 25,
        interval: "x/y",
        group_by: [],
        granularity: "PT30M",
      },
      [
        "AGGREGATE_PARAMETER /pageSize",
        "AGGREGATE_PARAMETER /interval",
        "AGGREGATE_PARAMETER /group_by",
        "AGGREGATE_PARAMETER /granularity",
      ],
    ],
    [
      "an unknown field",
      { eventTypes: ["user:presence"], filters: self, colour: "red" },
      ["FIELD_UNKNOWN /colour"],
    ],
    [
      "__proto__",
      '{"eventTypes":["user:presence"],"filters":{"divisions":["self"]},"__proto__":{}}',
      ["FIELD_UNKNOWN /__proto__"],
    ],
    [
      "a cursor that is none",
      { eventTypes: ["user:presence"], filters: self, since: "yesterday" },
      ["CURSOR_INVALID /since"],
    ],
    [
      "a number as cursor",
      { eventTypes: ["user:presence"], filters: self, since: 0 },
      ["CURSOR_INVALID /since"],
    ],
    [
      "another metric",
      { interval: "realtime", metricIds: ["conversation.sumary", "user:presence"] },
      ["METRIC_UNKNOWN /metricIds/0", "METRIC_UNKNOWN /metricIds/1"],
    ],
    ["no metric", { metricIds: [] }, ["METRIC_UNKNOWN /metricIds"]],
    [
      "another interval",
      { interval: "PT30M", metricIds: ["conversation.summary"] },
      ["INTERVAL_UNKNOWN /interval"],
    ],
    [
      "metrics beside event types",
      { eventTypes: ["user:presence"], metricIds: ["conversation.summary"], filters: self },
      ["FIELD_INVALID /metricIds"],
    ],
    [
      "filter for filters, and what is wrong in it",
      { eventTypes: ["user:presence"], filter: { queueId: "x" } },
      ["FIELD_UNKNOWN /filter", "ID_INVALID /filter/queueId"],
    ],
    [
      "eventType for eventTypes, and what is wrong in it",
      { eventType: ["presence"], filters: self },
      ["FIELD_UNKNOWN /eventType", "EVENT_TYPE_UNKNOWN /eventType/0"],
    ],
    [
      "a name that is misspelt, but not the filter for what was meant",
      { eventTypes: ["user:presense"], filters: { "user:presence": [condition] } },
      ["EVENT_TYPE_UNKNOWN /eventTypes/0"],
    ],
  ])("%s", (_, source, expected) => {
    expect(codes(source)).toEqual(expected);
  });

  test("a type without a filter, with both remedies, as in the first thread", () => {
    const [placeholder, incomplete] = complaintsOf({
      filters: {
        "routing.queueMemberEvent": [
          { field: "queueId", operator: "in", values: ["your-queue-id-here"] },
        ],
      },
      eventTypes: ["routing.queueMemberEvent", "routing.wrappingEvent"],
    });
    expect(placeholder).toMatchObject({
      code: "ID_PLACEHOLDER",
      pointer: "/filters/routing.queueMemberEvent/0/values/0",
      found: '"your-queue-id-here"',
    });
    expect(incomplete).toMatchObject({ code: "FILTER_INCOMPLETE", pointer: "/eventTypes/1" });
    expect(incomplete?.help).toMatch(/"routing\.wrappingEvent":\[.*"divisions":\["self"\]/u);
  });

  test.each([
    "your-queue-id-here",
    "{id}",
    "<queue id>",
    "${QUEUE_ID}",
    "{{queueId}}",
    ":id",
    "conv-12345",
    "queue_1",
    "QUEUE_ID",
    "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    "00000000-0000-0000-0000-000000000000",
    "<UUID>",
    "…",
  ])("the placeholder %s by name", (queueId) => {
    expect(codes({ eventTypes: ["user:presence"], filters: { queueId } })).toEqual([
      "ID_PLACEHOLDER /filters/queueId",
    ]);
  });

  test.each([
    [`{${id.toUpperCase()}}`, "ID_PLACEHOLDER"],
    [id.replaceAll("-", ""), "ID_INVALID"],
    [` ${id}`, "ID_INVALID"],
    ["12345", "ID_INVALID"],
    ["", "ID_INVALID"],
    ["Support", "ID_INVALID"],
  ])("%j as an id", (queueId, code) => {
    expect(codes({ eventTypes: ["user:presence"], filters: { queueId } })).toEqual([
      `${code} /filters/queueId`,
    ]);
  });

  test.each<[string, object, readonly string[]]>([
    ["no field", { field: undefined }, [`FIELD_MISSING ${at}`]],
    ["no operator", { operator: undefined }, [`FIELD_MISSING ${at}`]],
    ["no values", { values: undefined }, [`FIELD_MISSING ${at}`]],
    [
      "value for values, once",
      { values: undefined, value: "voice" },
      [`FIELD_UNKNOWN ${at}/value`],
    ],
    [
      "dimension for field, once",
      { field: undefined, dimension: "mediaType" },
      [`FIELD_UNKNOWN ${at}/dimension`],
    ],
    ["an unknown field", { field: "mediatype" }, [`PREDICATE_INVALID ${at}/field`]],
    ["a path that is none", { field: "$[" }, [`PREDICATE_INVALID ${at}/field`]],
    ["a path that is long", { field: `$.${"a".repeat(300)}` }, [`PREDICATE_INVALID ${at}/field`]],
    ["an unknown operator", { operator: "==" }, [`PREDICATE_INVALID ${at}/operator`]],
    ["a number as operator", { operator: 7 }, [`PREDICATE_INVALID ${at}/operator`]],
    ["values as a string", { values: "voice" }, [`PREDICATE_INVALID ${at}/values`]],
    ["empty values", { values: [] }, [`PREDICATE_INVALID ${at}/values`]],
    [
      "several for eq",
      { operator: "eq", values: ["voice", "chat"] },
      [`PREDICATE_INVALID ${at}/values`],
    ],
    [
      "a value for exists",
      { operator: "exists", values: ["voice"] },
      [`PREDICATE_INVALID ${at}/values`],
    ],
    ["a number as medium", { values: [7] }, [`PREDICATE_INVALID ${at}/values/0`]],
    ["an object as value", { field: "$.a", values: [{}] }, [`PREDICATE_INVALID ${at}/values/0`]],
    [
      "true to compare",
      { field: "$.a", operator: "gt", values: [true] },
      [`PREDICATE_INVALID ${at}/values/0`],
    ],
    [
      "an empty prefix",
      { field: "$.a", operator: "prefix", values: [""] },
      [`PREDICATE_INVALID ${at}/values/0`],
    ],
    ["a name as queue", { field: "queueId", values: ["Support"] }, [`ID_INVALID ${at}/values/0`]],
  ])("a condition with %s", (_, changed, expected) => {
    expect(codes(withCondition(changed))).toEqual(expected);
  });

  test.each([
    [{ eventTypes: ["Conversation_Updated"], filters: self }, "conversation:updated"],
    [{ eventTypes: ["conversation.updated"], filters: self }, "conversation:updated"],
    [{ eventTypes: ["conversation:*"], filters: self }, "conversation:all"],
    [{ eventTypes: ["presence"], filters: self }, "user:presence"],
    [{ eventTypes: ["user:presence"], filters: { queueIds: [id] } }, "queueId"],
    [{ eventTypes: ["user:presence"], filters: { divisons: ["self"] } }, "divisions"],
    [{ eventTypes: ["user:presence"], filters: self, lastEventId: "a-1" }, "since"],
    [withCondition({ operator: "!=" }), "ne"],
    [{ eventTypes: ["user:presence"], filters: self, granularity: "PT30M" }, "aggregates/query"],
    [{ eventTypes: ["user:presence"], filters: self, pageNumber: 2 }, "details/query"],
    [{ eventTypes: ["user:presence"], filters: { queueId: id.replaceAll("-", "") } }, id],
  ])("the help for %j names %s", (source, remedy) => {
    expect(complaintsOf(source)[0]?.help).toContain(remedy);
  });

  test("every complaint at once, in the order of the text, with line and column", () => {
    const text = `{
  "eventTypes": "nonsense",
  "pageSize": 25,
  "filters": { "queueId": "conv-12345" },
  "filters": { "queueId": "your-queue-id" }
}`;
    expect(complaintsOf(text).map(({ code, line, column }) => `${line}:${column} ${code}`)).toEqual(
      [
        "2:17 EVENT_TYPES_NOT_ARRAY",
        "2:17 EVENT_TYPE_UNKNOWN",
        "3:3 AGGREGATE_PARAMETER",
        "5:3 DUPLICATE_KEY",
        "5:27 ID_PLACEHOLDER",
      ],
    );
    expect(complaintsOf(text)[3]?.message).toMatch(
      /"filters" stands twice.*line 4, column 3 and line 5, column 3/u,
    );
  });

  test("a value that was no text has pointers, and no lines", () => {
    const read = readSubscription({ eventTypes: [], filters: self });
    expect(read.complaints).toMatchObject([
      { pointer: "/eventTypes", line: undefined, column: undefined, found: "[]" },
    ]);
  });

  test.each([
    undefined,
    7n,
    () => 1,
    Object.assign([], {
      toJSON: () => {
        throw new Error("no");
      },
    }),
  ])("what JSON cannot hold (%#)", (source) => {
    expect(readSubscription(source).complaints).toHaveLength(1);
  });

  test("a cycle", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(readSubscription(cycle).complaints).toMatchObject([{ code: "JSON_INVALID" }]);
  });

  test("at most a hundred complaints", () => {
    const fields = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`field${index}`, index]),
    );
    expect(complaintsOf(fields)).toHaveLength(100);
  });

  test("what may be secret is not shown", () => {
    const secret = "eyJhbGciOiJFZERTQSJ9.c2VjcmV0.c2ln";
    const told = JSON.stringify([
      complaintsOf({ eventTypes: [secret], filters: { queueId: secret }, token: "hunter2hunter2" }),
      complaintsOf({
        eventTypes: [{ access_token: "hunter2hunter2" }],
        filters: `Bearer hunter2hunter2`,
      }),
    ]);
    expect(told).not.toContain("hunter2");
    expect(told).not.toContain("eyJ");
  });
});

function named(name: string): ReturnType<typeof readSubscription> {
  return readSubscription({ eventTypes: [name], filters: { divisions: ["self"] } });
}

describe("a topic of Genesys Cloud", () => {
  test("is called as the catalogue spells it", () => {
    expect(named("V2.USERS.{ID}.routingstatus")).toMatchObject({
      subscription: { eventTypes: ["v2.users.{id}.routingStatus"] },
      notices: [{ code: "ALIAS", pointer: "/eventTypes/0" }],
    });
  });

  test("that the catalogue does not have is taken as it stands, and that is said", () => {
    expect(named("v2.brand.new.{id}.things")).toMatchObject({
      subscription: { eventTypes: ["v2.brand.new.{id}.things"] },
      notices: [
        {
          code: "TOPIC_UNKNOWN",
          message: expect.stringContaining("v2.brand.new.{id}.things"),
        },
      ],
    });
    expect(named("v2.users.{id}.presence")).toMatchObject({ notices: [] });
  });

  test.each([
    ["v2.users.{id}.presense", "v2.users.{id}.presence"],
    ["v2.user.11111111-2222-4333-8444-555555555555.presence", "v2.users.{id}.presence"],
    ["v2.routing.queue.{id}.conversations", "v2.routing.queues.{id}.conversations"],
  ])("misspelt is refused, and put right: %s", (wrong, right) => {
    expect(named(wrong)).toMatchObject({
      complaints: [{ code: "EVENT_TYPE_UNKNOWN", help: expect.stringContaining(right) }],
    });
  });
});
