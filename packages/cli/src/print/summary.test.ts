import { expect, test } from "vitest";
import aggregate from "../../../../fixtures/frames/queue-observations-aggregate.json" with { type: "json" };
import instant from "../../../../fixtures/frames/queue-observations-instant.json" with { type: "json" };
import queueConversations from "../../../../fixtures/frames/queue-conversations.json" with { type: "json" };
import queueUsers from "../../../../fixtures/frames/queue-users.json" with { type: "json" };
import transcription from "../../../../fixtures/frames/transcription-ongoing.json" with { type: "json" };
import activity from "../../../../fixtures/frames/user-activity.json" with { type: "json" };
import userConversations from "../../../../fixtures/frames/user-conversations.json" with { type: "json" };
import presence from "../../../../fixtures/frames/user-presence.json" with { type: "json" };
import routingStatus from "../../../../fixtures/frames/user-routing-status.json" with { type: "json" };
import { notificationOf } from "../testing/stage.ts";
import { shortTopic } from "./names.ts";
import { summarise } from "./summary.ts";

const noNames = new Map<string, string>();

test.each([
  [queueConversations, "chat 3af31cdf: customer connected, agent Agent One connected"],
  [userConversations, "callback 6acd7e6a: agent bf0c372f alerting"],
  [presence, "AVAILABLE"],
  [routingStatus, "IDLE"],
  [activity, "AVAILABLE, OFF_QUEUE"],
  [queueUsers, "bf0c372f joined"],
  [instant, "voice: oAlerting 0, oWaiting 0"],
])("says what $topicName says", (frame, summary) => {
  expect(summarise(notificationOf(frame), noNames)).toBe(summary);
});

test("says the numbers of an aggregate, ratios too", () => {
  expect(summarise(notificationOf(aggregate), noNames)).toMatch(
    /^voice: tAlert 4, tAbandon 1, .*oServiceLevel 0\.6$/,
  );
});

test("shows the body where the family is not known", () => {
  expect(summarise(notificationOf(transcription), noNames)).toBe(
    JSON.stringify(transcription.eventBody),
  );
});

const conversation = "v2.routing.queues.x.conversations";
const call = (purpose: string, session: object, more: object = {}): object => ({
  purpose,
  calls: [session],
  ...more,
});
test.each([
  [
    "who waits is queued",
    [call("customer", { state: "connected" }), call("acd", { state: "connected" })],
    "customer connected, queued",
  ],
  [
    "who has left is not named",
    [call("customer", { state: "connected" }), call("acd", { state: "terminated" })],
    "customer connected",
  ],
  ["it has ended when all have left", [call("customer", { state: "disconnected" })], "ended"],
  [
    "hold is said",
    [call("agent", { state: "connected", held: true }, { name: "Ada" })],
    "agent Ada held",
  ],
  [
    "after-call work is said",
    [call("agent", { state: "disconnected", afterCallWork: { state: "pending" } })],
    "agent wrapping up",
  ],
  [
    "so is the older way to say it",
    [call("agent", { state: "terminated" }, { startAcwTime: "x" })],
    "agent wrapping up",
  ],
  ["a participant without sessions is left out", [{ purpose: "customer" }], "ended"],
])("of a conversation %s", (_, participants, said) => {
  const event = notificationOf({ topicName: conversation, eventBody: { id: "c", participants } });
  expect(summarise(event, noNames).split(": ")[1]).toBe(said);
});

test.each([
  null,
  3,
  [],
  {},
  { id: 3 },
  { participants: null },
  { presenceDefinition: 1 },
  { data: [{ metrics: [null] }] },
])("no family stumbles over the body %j", (eventBody) => {
  for (const { topicName } of [
    queueConversations,
    presence,
    routingStatus,
    activity,
    queueUsers,
    instant,
  ])
    expect(summarise(notificationOf({ topicName, eventBody }), noNames)).toBeTypeOf("string");
});

test("what strangers wrote cannot steer a terminal", () => {
  const eventBody = { ...presence.eventBody, message: "\u001B[31mred" };
  expect(summarise(notificationOf({ ...presence, eventBody }), noNames)).toBe(
    "AVAILABLE: ·[31mred",
  );
});

const id = "d97becb3-e445-4727-a054-497b6b75a7e0";
test.each([
  [`v2.routing.queues.${id}.conversations`, "queue d97becb3 conversations"],
  [`v2.routing.queues.${id}.conversations.calls`, "queue d97becb3 conversations.calls"],
  [`v2.analytics.queues.${id}.observations`, "queue d97becb3 observations"],
  [`V2.Users.${id.toUpperCase()}.routingStatus`, "user D97BECB3 routingStatus"],
  [`v2.conversations.${id}.transcription`, "conversations d97becb3.transcription"],
  ["v2.users.not-a-uuid.presence", "user not-a-uuid presence"],
  ["odd", "odd"],
])("%s is %s for short", (topic, short) => {
  expect(shortTopic(topic, noNames)).toBe(short);
});

test("known names stand in place of ids", () => {
  const names = new Map([[id, "Support"]]);
  expect(shortTopic(`v2.routing.queues.${id}.users`, names)).toBe("queue Support users");
  const member = new Map([[queueUsers.eventBody.user.id, "Ada Lovelace"]]);
  expect(summarise(notificationOf(queueUsers), member)).toBe("Ada Lovelace joined");
});

test("a body nested deeper than JSON.stringify can follow is no reason to stop", () => {
  const depth = 20_000;
  const frame: unknown = JSON.parse(
    `{"topicName":"v2.users.x.foo","eventBody":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`,
  );
  const { eventBody: body } = frame as { eventBody: unknown };
  const event = { type: "notification", topic: "v2.users.x.foo", body } as const;
  const rest = {
    correlationId: undefined,
    raw: "",
    receivedAtMs: 0,
    line: 1,
    maybeDuplicate: false,
  };
  expect(summarise({ ...event, ...rest }, noNames)).toBe("…");
});
