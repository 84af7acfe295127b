import { describe, expect, test } from "vitest";
import { readClientMessage } from "./messages.ts";

const id = "2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22";
const nothing = { divisions: [], queueIds: [], userIds: [], conversationIds: [] };
const whole = { ...nothing, divisions: ["self"] };

function messageOf(source: unknown): unknown {
  const read = readClientMessage(typeof source === "string" ? source : JSON.stringify(source));
  return read.message ?? read.complaints;
}

function codes(source: unknown): readonly string[] {
  const read = readClientMessage(typeof source === "string" ? source : JSON.stringify(source));
  return (read.complaints ?? []).map(({ code, pointer }) => `${code} ${pointer}`.trim());
}

const subscription = (eventTypes: readonly string[], scope: object): object => ({
  eventTypes,
  scope,
  predicates: {},
});

describe("forms of a subscription", () => {
  test.each<[string, unknown, object]>([
    [
      "filter, of the second thread",
      '{"id":"ws-sub-001","type":"subscribe","filter":{"eventTypes":["conversation:conversation:updated"],"entities":[]}}',
      {
        id: "ws-sub-001",
        answer: "confirmation",
        written: ["conversation:conversation:updated"],
        subscription: subscription(["conversation:updated"], whole),
      },
    ],
    [
      "filter without type, and with entities",
      { filter: { eventTypes: ["routing.queueMemberEvent"], entities: [id] }, since: "a-1" },
      {
        id: undefined,
        answer: "confirmation",
        since: "a-1",
        subscription: subscription(["routing.queueMemberEvent"], { ...nothing, queueIds: [id] }),
      },
    ],
    [
      "event_type and entity",
      { type: "subscribe", id: "sub-1", event_type: "user:presence", entity: id },
      {
        id: "sub-1",
        answer: "subscribe-success",
        subscription: subscription(["user:presence"], { ...nothing, userIds: [id] }),
      },
    ],
    [
      "event_type and a UUID as id, which is the entity",
      { id: id.toUpperCase(), event_type: "conversation:updated" },
      {
        id: undefined,
        answer: "subscribe-success",
        subscription: subscription(["conversation:updated"], { ...nothing, conversationIds: [id] }),
      },
    ],
    [
      "event_type, an entity, and a UUID as name",
      { id, event_type: "conversation:updated", entity: [] },
      { id, subscription: subscription(["conversation:updated"], whole) },
    ],
    ...(
      [
        ["v2.users.{id}.conversations.{id}.recordings", "userIds"],
        ["v2.routing.queues.{id}.users", "queueIds"],
        ["v2.analytics.queues.{id}.observations", "queueIds"],
        ["v2.analytics.conversation.{id}.metrics", "conversationIds"],
        ["v2.conversations.{id}.transcription", "conversationIds"],
        ["conversation.summary", "queueIds"],
      ] as const
    ).map(([type, list]): [string, unknown, object] => [
      `an entity of ${type}`,
      { event_type: type, entity: id },
      { subscription: subscription([type], { ...nothing, [list]: [id] }) },
    ]),
    [
      "channel, of the third thread",
      { channel: "conversation", query: {} },
      { answer: "subscribed", subscription: subscription(["conversation:all"], whole) },
    ],
    [
      "the canonical one",
      { id: "a", eventTypes: ["user:presence"], filters: { userId: id }, since: "j1-12" },
      {
        id: "a",
        answer: "subscribed",
        since: "j1-12",
        written: ["user:presence"],
        subscription: subscription(["user:presence"], { ...nothing, userIds: [id] }),
      },
    ],
    [
      "the canonical one with a type",
      { type: "subscribe", eventTypes: ["user:presence"], filters: { divisions: ["self"] } },
      { answer: "subscribed", subscription: subscription(["user:presence"], whole) },
    ],
    [
      "metricIds",
      { interval: "realtime", metricIds: ["conversation.summary"] },
      { answer: "subscribed", subscription: subscription(["conversation.summary"], whole) },
    ],
  ])("%s", (_, source, expected) => {
    expect(messageOf(source)).toMatchObject({ kind: "subscribe", ...expected });
  });

  test("the message of the second thread is refused for its key, with both places, and for its placeholder", () => {
    const text = `{
  "id": "sub-1",
  "event_type": "conversation:conversation:updated",
  "id": "conv-12345"
}`;
    const { complaints = [] } = readClientMessage(text);
    expect(complaints.map(({ code, line, column }) => `${line}:${column} ${code}`)).toEqual([
      "4:3 DUPLICATE_KEY",
      "4:9 ID_PLACEHOLDER",
    ]);
    expect(complaints[0]?.message).toMatch(/line 2, column 3 and line 4, column 3/u);
    expect(complaints[0]?.help).toMatch(/"entity":/u);
  });
});

test.each<[unknown, object]>([
  [
    { type: "auth", data: { token: "abc" } },
    { kind: "auth", token: "abc" },
  ],
  [
    { type: "auth", id: "1", data: { access_token: "Bearer abc" } },
    { kind: "auth", token: "abc" },
  ],
  [
    { type: "auth", token: "abc" },
    { kind: "auth", token: "abc" },
  ],
  [{ token: "abc" }, { kind: "auth", token: "abc" }],
  [{ type: "keepalive" }, { kind: "keepalive" }],
  [{ type: "keepalive", time: 7 }, { kind: "keepalive" }],
  [{ message: "ping" }, { kind: "ping" }],
  [{ type: "ping" }, { kind: "ping" }],
  [
    { type: "unsubscribe", id: "sub-1" },
    { kind: "unsubscribe", id: "sub-1" },
  ],
  [
    { type: "ack", cursor: "j1-12" },
    { kind: "ack", cursor: "j1-12" },
  ],
])("%j is understood", (source, expected) => {
  expect(messageOf(source)).toEqual(expected);
});

test.each<[unknown, readonly string[]]>([
  ["keepalive", ["JSON_INVALID"]],
  ['"keepalive"', ["FIELD_INVALID"]],
  ["[]", ["FIELD_INVALID"]],
  ["", ["JSON_INVALID"]],
  [{}, ["MESSAGE_UNKNOWN"]],
  [{ type: "subscrib" }, ["MESSAGE_UNKNOWN /type"]],
  [{ type: 7 }, ["MESSAGE_UNKNOWN /type"]],
  [{ message: "subscribe", topics: ["v2.users.x.presence"] }, ["MESSAGE_UNKNOWN /message"]],
  [{ evenTypes: ["user:presence"] }, ["FIELD_UNKNOWN /evenTypes"]],
  [{ type: "subscribe", id: "1" }, ["FIELD_MISSING"]],
  [{ type: "subscribe", filter: [] }, ["FIELD_INVALID /filter"]],
  [{ type: "subscribe", filter: {} }, ["FIELD_MISSING /filter"]],
  [
    { filter: { eventTypes: [], entities: "x" } },
    ["EVENT_TYPES_EMPTY /filter/eventTypes", "ID_INVALID /filter/entities"],
  ],
  [
    { filter: { eventTypes: ["user:presence", "conversation:all"], entities: [id] } },
    ["FIELD_INVALID /filter/entities"],
  ],
  [
    { filter: { eventTypes: ["user:presence"], pageSize: 1 } },
    ["AGGREGATE_PARAMETER /filter/pageSize"],
  ],
  [{ event_type: "user:presence" }, ["FIELD_MISSING"]],
  [{ id: "sub-1", event_type: "user:presence" }, ["FIELD_MISSING"]],
  [{ id: "conv-12345", event_type: "conversation:updated" }, ["ID_PLACEHOLDER /id"]],
  [{ event_type: ["user:presence"], entity: id }, ["EVENT_TYPE_UNKNOWN /event_type"]],
  [{ entity: id }, ["FIELD_MISSING"]],
  [{ channel: "queue", query: {} }, ["FIELD_INVALID /channel"]],
  [
    { channel: "conversation", query: { pageSize: 7, x: 1 } },
    ["AGGREGATE_PARAMETER /query/pageSize", "FIELD_UNKNOWN /query/x"],
  ],
  [{ channel: "conversation", query: [] }, ["FIELD_INVALID /query"]],
  [{ id: 7, eventTypes: ["user:presence"], filters: { divisions: "self" } }, ["FIELD_INVALID /id"]],
  [{ type: "auth" }, ["TOKEN_MISSING"]],
  [{ type: "auth", data: "abc" }, ["FIELD_INVALID /data"]],
  [{ type: "auth", data: { token: 7 } }, ["TOKEN_INVALID /data/token"]],
  [{ type: "auth", data: { token: "a b" } }, ["TOKEN_INVALID /data/token"]],
  [{ type: "auth", token: "a", data: { token: "b" } }, ["FIELD_INVALID /data/token"]],
  [{ type: "unsubscribe" }, ["FIELD_MISSING"]],
  [{ type: "unsubscribe", id: "" }, ["FIELD_INVALID /id"]],
  [{ type: "ack" }, ["FIELD_MISSING"]],
  [{ type: "ack", cursor: "?" }, ["CURSOR_INVALID /cursor"]],
])("%j is refused", (source, expected) => {
  expect(codes(source)).toEqual(expected);
});

test("a token is never shown, wherever it stands", () => {
  for (const message of [
    { type: "auth", data: { token: "hunter2 hunter2" } },
    { type: "auth", data: ["hunter2hunter2"] },
    { type: "auth", token: "hunter2", data: { token: "hunter2" }, x: { token: "hunter2" } },
    { type: "auth", secret: "hunter2" },
    { type: "subscribe", filter: { token: "hunter2" } },
  ])
    expect(JSON.stringify(readClientMessage(JSON.stringify(message)))).not.toContain("hunter2");
});
