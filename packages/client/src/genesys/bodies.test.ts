import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, test } from "vitest";
import detailCustomerEnd from "../../../../fixtures/frames/detail-customer-end.json" with { type: "json" };
import heartbeat from "../../../../fixtures/frames/heartbeat.json" with { type: "json" };
import noLongerSubscribed from "../../../../fixtures/frames/no-longer-subscribed.json" with { type: "json" };
import pong from "../../../../fixtures/frames/pong.json" with { type: "json" };
import queueConversations from "../../../../fixtures/frames/queue-conversations.json" with { type: "json" };
import queueAggregate from "../../../../fixtures/frames/queue-observations-aggregate.json" with { type: "json" };
import queueInstant from "../../../../fixtures/frames/queue-observations-instant.json" with { type: "json" };
import queueUsers from "../../../../fixtures/frames/queue-users.json" with { type: "json" };
import socketClosing from "../../../../fixtures/frames/socket-closing.json" with { type: "json" };
import tokenRevoked from "../../../../fixtures/frames/token-revoked.json" with { type: "json" };
import transcription from "../../../../fixtures/frames/transcription-ongoing.json" with { type: "json" };
import userActivity from "../../../../fixtures/frames/user-activity.json" with { type: "json" };
import userConversations from "../../../../fixtures/frames/user-conversations.json" with { type: "json" };
import userPresence from "../../../../fixtures/frames/user-presence.json" with { type: "json" };
import userRoutingStatus from "../../../../fixtures/frames/user-routing-status.json" with { type: "json" };
import type { AuditBody } from "./bodies-audit.ts";
import type { SystemMessageBody, WorkitemBody } from "./bodies-other.ts";
import type { QueueConversationBody } from "./bodies-queue.ts";
import type { Open } from "./bodies-shared.ts";
import type { UserPresenceBody } from "./bodies-user.ts";
import { isTopic } from "./bodies.ts";
import type { BodyOf, NotificationFrame, TopicBodies, TopicName, TopicTemplate } from "./bodies.ts";

const fixtures = new URL("../../../../fixtures/", import.meta.url);
const id = "0b4f1c1e-5f0f-4d2a-9c4e-6a4f2f8d7b10";

/** TypeScript reads JSON lists as unions with `undefined` fields, which exact optional fields refuse. */
type Loose<T> = T extends object ? { readonly [K in keyof T]: Loose<T[K]> | undefined } : T;

/** The fields of a sample that its body does not declare, however deep. */
type Undeclared<Sample, Body> = Sample extends readonly (infer Item)[]
  ? Undeclared<Item, Body extends readonly (infer Declared)[] ? Declared : never>
  : Sample extends object
    ? {
        [K in keyof Sample]-?: K extends keyof Body
          ? Undeclared<Sample[K], Exclude<Body[K], undefined>>
          : string extends keyof Body
            ? never
            : K;
      }[keyof Sample]
    : never;

type Sample = { readonly topicName: string; readonly eventBody: object };

/** Compiles only if the sample fits the body of the template and holds no field beyond it. */
function sample<const Template extends TopicTemplate, const Frame extends Sample>(
  template: Template,
  frame: Frame & { readonly eventBody: Loose<BodyOf<Template>> },
  ..._undeclared: [Undeclared<Frame["eventBody"], BodyOf<Template>>] extends [never] ? [] : [never]
): readonly [TopicTemplate, Sample] {
  return [template, frame];
}

interface Event {
  readonly topic: string;
  readonly body: unknown;
  readonly line: number;
}

const samples = [
  sample("channel.metadata", heartbeat),
  sample("channel.metadata", pong),
  sample("v2.analytics.queues.{id}.observations", queueAggregate),
  sample("v2.analytics.queues.{id}.observations", queueInstant),
  sample("v2.conversations.{id}.transcription", transcription),
  sample("v2.detail.events.conversation.{id}.customer.end", detailCustomerEnd),
  sample("v2.routing.queues.{id}.conversations", queueConversations),
  sample("v2.routing.queues.{id}.users", queueUsers),
  sample("v2.system.no_longer_subscribed.{id}", noLongerSubscribed),
  sample("v2.system.socket_closing", socketClosing),
  sample("v2.system.token_revoked.{id}", tokenRevoked),
  sample("v2.users.{id}.activity", userActivity),
  sample("v2.users.{id}.conversations", userConversations),
  sample("v2.users.{id}.presence", userPresence),
  sample("v2.users.{id}.routingStatus", userRoutingStatus),
] as const;

/** Every text and number in a value with the name of its field. */
function* leaves(value: unknown, field = ""): Generator<readonly [string, unknown]> {
  if (typeof value !== "object" || value === null) yield [field, value];
  else
    for (const [name, inner] of Object.entries(value))
      yield* leaves(inner, isNaN(Number(name)) ? name : field);
}

const files = ["frames/", "http/"].flatMap((folder) =>
  readdirSync(new URL(folder, fixtures)).map((file) => folder + file),
);

describe("types", () => {
  test("a topic has the same body as template, as name and as template literal type", () => {
    expectTypeOf<BodyOf<"v2.users.{id}.presence">>().toEqualTypeOf<UserPresenceBody>();
    expectTypeOf<BodyOf<`v2.users.${typeof id}.presence`>>().toEqualTypeOf<UserPresenceBody>();
    expectTypeOf<BodyOf<`v2.users.${string}.presence`>>().toEqualTypeOf<UserPresenceBody>();
    expectTypeOf<
      TopicBodies[`v2.routing.queues.${string}.conversations`]
    >().toEqualTypeOf<QueueConversationBody>();
    expectTypeOf<
      BodyOf<`v2.routing.queues.${string}.conversations`>
    >().toEqualTypeOf<QueueConversationBody>();
    expectTypeOf<
      BodyOf<`v2.audits.entitytype.${string}.entityid.${string}`>
    >().toEqualTypeOf<AuditBody>();
    expectTypeOf<BodyOf<"v2.system.a.b">>().toEqualTypeOf<SystemMessageBody>();
    expectTypeOf<BodyOf<"v2.system.socket_closing">>().toEqualTypeOf<SystemMessageBody>();
  });

  test("a topic that is not listed has an unknown body", () => {
    expectTypeOf<BodyOf<string>>().toEqualTypeOf<unknown>();
    expectTypeOf<BodyOf<"v2.users.{id}.geolocation">>().toEqualTypeOf<unknown>();
    expectTypeOf<BodyOf<"v2.taskmanagement.workitems.{id}">>().toEqualTypeOf<WorkitemBody>();
    expectTypeOf<BodyOf<"v2.taskmanagement.workitems.queues.{id}">>().toEqualTypeOf<unknown>();
  });

  test("several topics have the union of their bodies", () => {
    expectTypeOf<
      BodyOf<"v2.users.{id}.presence" | "v2.taskmanagement.workitems.{id}">
    >().toEqualTypeOf<UserPresenceBody | WorkitemBody>();
    expectTypeOf<BodyOf<"v2.users.{id}.presence" | "elsewhere">>().toEqualTypeOf<unknown>();
  });

  test("isTopic narrows a name, and with it the body", () => {
    const name: string = userPresence.topicName;
    if (!isTopic("v2.users.{id}.presence", name)) throw new Error("not narrowed");
    expectTypeOf(name).toEqualTypeOf<`v2.users.${string}.presence`>();
    expectTypeOf<BodyOf<typeof name>>().toEqualTypeOf<UserPresenceBody>();
  });

  test("isTopic narrows an event to its body", () => {
    const { topicName: topic, eventBody: body } = userPresence;
    const event: Event = { topic, body, line: 1 };
    expect(isTopic("v2.users.{id}.station", event)).toBe(false);
    if (!isTopic("v2.users.{id}.presence", event)) throw new Error("not narrowed");
    expectTypeOf(event.topic).toEqualTypeOf<`v2.users.${string}.presence`>();
    expectTypeOf(event.body).toEqualTypeOf<UserPresenceBody>();
    expectTypeOf(event.line).toEqualTypeOf<number>();
    expect(event.body.presenceDefinition?.systemPresence).toBe("AVAILABLE");
  });

  test("a template that is not listed leaves the body unknown", () => {
    const event: Event = { topic: "v2.not.7.listed", body: {}, line: 1 };
    if (!isTopic("v2.not.{id}.listed", event)) throw new Error("not narrowed");
    expectTypeOf(event.body).toEqualTypeOf<unknown>();
  });

  test("a frame carries the body of its topic", () => {
    const frame: NotificationFrame = userPresence;
    expectTypeOf(frame.eventBody).toEqualTypeOf<unknown>();
    expectTypeOf<
      NotificationFrame<"v2.users.{id}.presence">["eventBody"]
    >().toEqualTypeOf<UserPresenceBody>();
  });

  test("a template becomes the names that it stands for", () => {
    expectTypeOf<
      TopicName<"v2.system.{id}.{id}">
    >().toEqualTypeOf<`v2.system.${string}.${string}`>();
    expectTypeOf<
      TopicName<"v2.system.socket_closing">
    >().toEqualTypeOf<"v2.system.socket_closing">();
    expectTypeOf<TopicName<string>>().toEqualTypeOf<string>();
  });

  test("an open enum takes known and unknown values, and only texts", () => {
    expectTypeOf<"a" | "something new">().toExtend<Open<"a" | "b">>();
    expectTypeOf<number>().not.toExtend<Open<"a" | "b">>();
  });

  test("a sample with a wrong or unknown field would not compile", () => {
    const topicName = "";
    expectTypeOf(sample<"v2.routing.queues.{id}.users", Sample>).toBeFunction();
    // @ts-expect-error `joined` is a boolean.
    sample("v2.routing.queues.{id}.users", { topicName, eventBody: { joined: "yes" } });
    // @ts-expect-error there is no such field.
    sample("v2.routing.queues.{id}.users", { topicName, eventBody: { user: { name: "" } } });
  });
});

describe("isTopic", () => {
  test.each([
    ["v2.users.{id}.presence", `v2.users.${id}.presence`, true],
    ["v2.users.{id}.presence", `V2.Users.${id.toUpperCase()}.PRESENCE`, true],
    ["v2.users.{id}.routingStatus", `v2.users.${id}.routingstatus`, true],
    ["V2.USERS.{ID}.PRESENCE", `v2.users.${id}.presence`, true],
    ["v2.users.{id}.presence", `v2.users.${id}.station`, false],
    ["v2.users.{id}.presence", `v2.users.${id}.presence.more`, false],
    ["v2.users.{id}.presence", `v2.users.${id}`, false],
    ["v2.users.{id}.presence", `v2.users.${id}.x.presence`, false],
    ["v2.users.{id}.presence", "v2.users..presence", false],
    ["v2.users.{id}.presence", ` v2.users.${id}.presence`, false],
    ["v2.users.{id}.presence", "", false],
    ["v2.users.{id}.presence", `v2.users.${id}?presence&station`, false],
    ["v2.audits.entitytype.{id}.entityid.{id}", `v2.audits.entitytype.Queue.entityid.${id}`, true],
    ["v2.taskmanagement.workitems.{id}", `v2.taskmanagement.workitems.${id}`, true],
    ["v2.taskmanagement.workitems.{id}", `v2.taskmanagement.workitems.queues.${id}`, false],
    ["v2.system.socket_closing", "v2.system.socket_closing", true],
    ["v2.system.{id}.{id}", "v2.system.socket_closing", false],
    ["channel.metadata", "channel.metadata", true],
    ["v2.not.{id}.listed", `v2.not.${id}.listed`, true],
    [`v2.users.${id}.presence`, `v2.users.${id}.presence`, true],
  ])("%s and %s: %s", (template, name, expected) => {
    expect(isTopic(template, name)).toBe(expected);
  });
});

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function intervalMinutes(frame: typeof queueInstant | typeof queueAggregate): number[] {
  return frame.eventBody.data.map(({ interval }) => {
    const [start = "", end = ""] = interval.split("/");
    return (Date.parse(end) - Date.parse(start)) / 60_000;
  });
}

describe("fixtures", () => {
  test.each(samples)("the sample of %s is on a topic of that template", (template, frame) => {
    expect(isTopic(template, frame.topicName)).toBe(true);
  });

  test("detail events carry integer milliseconds and UPPER_CASE enums", () => {
    const { eventBody } = detailCustomerEnd;
    for (const time of [eventBody.eventTime, eventBody.callbackScheduledTime]) {
      expect(new Date(time).toISOString()).toMatch(/^20\d\d-/);
    }
    for (const value of [eventBody.disconnectType, eventBody.mediaType, eventBody.direction]) {
      expect(value).toMatch(/^[A-Z_]+$/);
    }
  });

  test("all other times are ISO-8601 with milliseconds", () => {
    const times = samples
      .flatMap(([, frame]) => [...leaves(frame.eventBody)])
      .filter(([field, value]) => /(Time|Date|Changed)$/.test(field) && typeof value === "string");
    expect(times.length).toBeGreaterThan(10);
    for (const [, value] of times) expect(value).toMatch(iso);
  });

  test("conversation enums are lower-case, routing status and presence UPPER_CASE", () => {
    const enums = [queueConversations, userConversations]
      .flatMap((frame) => [...leaves(frame.eventBody)])
      .filter(([field]) => /^(state|initialState|purpose)$/.test(field));
    expect(enums.length).toBeGreaterThan(5);
    for (const [, value] of enums) expect(value).toMatch(/^[a-z.]+$/);
    expect(userRoutingStatus.eventBody.routingStatus.status).toBe("IDLE");
    expect(userActivity.eventBody.routingStatus.status).toBe("OFF_QUEUE");
    expect(userPresence.eventBody.presenceDefinition.systemPresence).toBe("AVAILABLE");
  });

  test("the interval tells an observation of an instant from an aggregate of 30 minutes", () => {
    expect(intervalMinutes(queueInstant)).toEqual([0]);
    expect(intervalMinutes(queueAggregate)).toEqual([30]);
  });

  test("the README lists every file, and no other", () => {
    const readme = readFileSync(new URL("README.md", fixtures), "utf8");
    const listed = [...readme.matchAll(/^\| `([\w/-]+\.json)`/gm)].map(([, file]) => file);
    expect(new Set(listed)).toEqual(new Set(files));
  });

  test.each(files)("%s is JSON and names nobody: numbers and mail domains are reserved", (file) => {
    const text = readFileSync(new URL(file, fixtures), "utf8");
    expect(JSON.parse(text)).toBeTypeOf("object");
    for (const [number] of text.matchAll(/\+\d{8,}/g))
      expect(number).toMatch(/^\+1\d{3}55501\d\d$/);
    for (const [, domain] of text.matchAll(/@([\w.-]+)/g)) {
      expect(domain).toMatch(/^([\w-]+\.)*example\.com$/);
    }
  });
});
