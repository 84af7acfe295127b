import { readClientMessage, type Subscription } from "@trunkline/events";
import { describe, expect, test } from "vitest";
import { concernsOf as concernsIn } from "./concerns.ts";

const one = "7f3a2b10-0c1d-4e5f-8a9b-0c1d2e3f4a5b";
const other = "11111111-1111-4111-8111-111111111111";

function subscriptionOf(
  eventTypes: readonly string[],
  filters: object = { divisions: ["self"] },
): Subscription {
  const { message } = readClientMessage({ eventTypes, filters });
  if (message?.kind !== "subscribe") throw new Error("not a subscription");
  return message.subscription;
}

/** Of these only the names count. */
function concernsOf(subscription: Subscription): (topic: string) => boolean {
  const concerns = concernsIn(subscription, () => undefined);
  return (topic) => concerns(topic, "main");
}

const queueTopic = (id: string): string => `v2.routing.queues.${id}.conversations`;

describe("by their names", () => {
  test.each([
    ["user:presence", `v2.users.${one}.presence`, true],
    ["user:presence", `V2.Users.${one.toUpperCase()}.Presence`, true],
    ["user:presence", `v2.users.${one}.routingStatus`, false],
    ["user:presence", `v2.users.${one}.presence.more`, false],
    ["user:presence", "v2.users.not-an-id.presence", false],
    ["conversation:updated", queueTopic(one), true],
    ["conversation:updated", `v2.routing.queues.${one}.users`, false],
    ["conversation.summary", `v2.analytics.queues.${one}.observations`, true],
    [`v2.users.${one}.presence`, `v2.users.${one}.presence`, true],
    [`v2.users.${one}.presence`, `v2.users.${other}.presence`, false],
  ])("%s concerns %s: %s", (eventType, topic, concerns) => {
    expect(concernsOf(subscriptionOf([eventType]))(topic)).toBe(concerns);
  });
});

describe("by what it is about", () => {
  const ofQueue = concernsOf(subscriptionOf(["conversation:updated"], { queueId: one }));
  const ofUser = concernsOf(subscriptionOf(["user:presence"], { userId: one }));

  test("topics of other queues and users are none of its business", () => {
    expect([ofQueue(queueTopic(one)), ofQueue(queueTopic(other))]).toEqual([true, false]);
    expect(ofUser(`v2.users.${one}.presence`)).toBe(true);
    expect(ofUser(`v2.users.${other}.presence`)).toBe(false);
  });

  test("what a user does comes on the user's own topics, whatever the queue", () => {
    const both = concernsOf(subscriptionOf(["conversation:updated"], { userId: one }));
    expect(both(queueTopic(other))).toBe(false);
    expect(both(`v2.users.${one}.conversations`)).toBe(true);
    expect(ofQueue(`v2.users.${one}.conversations`)).toBe(false);
  });

  test("a conversation may come on the topic of any queue", () => {
    const ofOne = concernsOf(subscriptionOf(["conversation:updated"], { conversationId: one }));
    expect(ofOne(queueTopic(other))).toBe(true);
  });
});

test("an answer does not change when it is asked for again, after many others", () => {
  const concerns = concernsOf(subscriptionOf(["conversation:updated"], { queueId: one }));
  for (let n = 0; n < 20_001; n++) concerns(`v2.other.${n}`);
  expect([concerns(queueTopic(one)), concerns(queueTopic(other))]).toEqual([true, false]);
});
