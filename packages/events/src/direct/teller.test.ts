import { describe, expect, test } from "vitest";
import { emptyOrganisation } from "../plan/organisation.ts";
import { readSubscription } from "../schema/read-subscription.ts";
import { KnownConversations } from "./known-conversations.ts";
import { Teller, type Told } from "./teller.ts";
import { TrunklineError } from "@trunkline/client";
import { gap, notification, snapshot, subscribed, uuid } from "./testing/client-events.ts";

const [queue, other, ada, division] = [1, 2, 3, 4].map(uuid) as [string, string, string, string];
const calls = `v2.routing.queues.${queue}.conversations`;
const elsewhere = `v2.routing.queues.${other}.conversations`;
const presence = `v2.users.${ada}.presence`;

function tellerOf(eventTypes: readonly string[], filters: object): Teller {
  const { subscription, complaints } = readSubscription({ eventTypes, filters });
  if (subscription === undefined) throw new Error(JSON.stringify(complaints));
  return new Teller({
    subscription,
    written: eventTypes,
    journal: "direct_1",
    conversations: new KnownConversations(),
    jsonPaths: undefined,
  });
}

function inQueue(id: string): object {
  return { id: "c", participants: [{ queueId: id }] };
}

function typesOf(told: readonly Told[]): readonly string[] {
  return told.map((one) => (one.type === "event" ? one.eventType : one.type));
}

describe("an event", () => {
  test("is told as the Event API has it, under the name that was written", () => {
    const teller = tellerOf(["interaction:updated"], { queueId: queue });
    const body = snapshot(uuid(9), 1);
    expect(teller.tell(notification(calls, 1_000, body))).toEqual([
      {
        type: "event",
        cursor: "direct_1-1",
        id: "direct_1-1",
        eventType: "interaction:updated",
        topic: calls,
        entityId: uuid(9),
        time: "1970-01-01T00:00:01.000Z",
        source: "live",
        data: { ...body },
      },
    ]);
  });

  test("is left out where it is of another type, another queue, or says nothing new", () => {
    const teller = tellerOf(["conversation:ended"], { divisions: ["self"] });
    expect(teller.tell(notification(calls, 1_000, snapshot("a", 1)))).toEqual([]);
    expect(typesOf(teller.tell(notification(calls, 2_000, snapshot("a", 1, 2))))).toEqual([
      "conversation:ended",
    ]);
    expect(teller.tell(notification(calls, 3_000, snapshot("a", 1, 2)))).toEqual([]);
    expect(teller.cursor).toBe("direct_1-1");
    const ofQueue = tellerOf(["conversation:all"], { queueId: queue });
    expect(ofQueue.tell(notification(elsewhere, 1, inQueue(other)))).toEqual([]);
    expect(ofQueue.tell(notification(calls, 1, inQueue(queue)))).toHaveLength(1);
  });

  test("of a user belongs to a division while the organisation says so", () => {
    const teller = tellerOf(["user:presence"], { divisions: [division] });
    const event = notification(presence, 1, { presenceDefinition: {} });
    expect(teller.tell(event)).toEqual([]);
    const entity = { id: ada, name: "Ada", divisionId: division };
    teller.knows({ ...emptyOrganisation, users: new Map([[ada, entity]]) });
    expect(teller.tell(event)).toMatchObject([{ eventType: "user:presence", entityId: ada }]);
    teller.knows(emptyOrganisation);
    expect(teller.tell(event)).toEqual([]);
  });

  test("that may be a duplicate says so", () => {
    const teller = tellerOf(["user:presence"], { userId: ada });
    const event = { ...notification(presence, 1, {}), maybeDuplicate: true };
    expect(teller.tell(event)).toMatchObject([{ maybeDuplicate: true }]);
  });
});

describe("a gap", () => {
  test("is told of those of its topics that concern the subscription, open and closed under one id", () => {
    const teller = tellerOf(["user:presence", "conversation:ended"], { userId: ada });
    const opens = teller.tell(gap([presence, elsewhere], 1_000));
    const closes = teller.tell(gap([presence], 1_000, 2_000));
    expect(opens).toEqual([
      {
        type: "gap",
        cursor: "direct_1-1",
        id: "direct_1-gap-1",
        eventTypes: ["conversation:ended", "user:presence"],
        topics: [presence],
        topicCount: 1,
        from: "1970-01-01T00:00:01.000Z",
        to: null,
        cause: "cut",
        certainty: "possible",
        message: "The connection to Genesys Cloud broke.",
        state: "open",
      },
    ]);
    expect(closes).toMatchObject([
      {
        cursor: "direct_1-2",
        id: "direct_1-gap-1",
        to: "1970-01-01T00:00:02.000Z",
        state: "closed",
      },
    ]);
    expect(teller.tell(gap([elsewhere], 1_000))).toEqual([]);
  });

  test("names a hundred topics at most, and says how many there are", () => {
    const teller = tellerOf(["user:presence"], { divisions: ["self"] });
    const topics = Array.from({ length: 120 }, (_, index) => `v2.users.${uuid(index)}.presence`);
    const [told] = teller.tell(gap(topics, 0));
    expect(told).toMatchObject({ topics: topics.slice(0, 100), topicCount: 120 });
  });
});

describe("a topic that is wanted and not carried yet", () => {
  const other2 = `v2.users.${uuid(8)}.presence`;
  const closed = { type: "gap", state: "closed", cause: "unsubscribed", certainty: "possible" };

  test("is a gap from when it was wanted until it is carried, once", () => {
    const teller = tellerOf(["user:presence"], { divisions: ["self"] });
    teller.wants([presence, other2], 1_000, new Set([presence, other2]));
    expect(teller.tell(subscribed([presence.toUpperCase()], 3_000))).toMatchObject([
      {
        ...closed,
        topics: [presence],
        from: "1970-01-01T00:00:01.000Z",
        to: "1970-01-01T00:00:03.000Z",
      },
    ]);
    expect(teller.tell(subscribed([presence], 4_000))).toEqual([]);
    expect(teller.tell(subscribed([other2], 5_000))).toHaveLength(1);
  });

  test("has its gap told before its first event, though nobody has said yet that it is carried", () => {
    const teller = tellerOf(["user:presence"], { divisions: ["self"] });
    teller.wants([presence], 1_000, new Set([presence]));
    expect(typesOf(teller.tell(notification(presence, 2_000, {})))).toEqual([
      "gap",
      "user:presence",
    ]);
    expect(teller.tell(subscribed([presence], 2_001))).toEqual([]);
  });

  test("is forgotten when it is wanted no more", () => {
    const teller = tellerOf(["user:presence"], { divisions: ["self"] });
    teller.wants([presence], 1_000, new Set([presence]));
    teller.wants([], 2_000, new Set());
    expect(teller.tell(subscribed([presence], 3_000))).toEqual([]);
  });

  test("and only serves to follow the organisation, is nobody's gap", () => {
    const teller = tellerOf(["user:presence"], { queueId: queue });
    const followed = `v2.routing.queues.${queue}.users`;
    teller.wants([followed], 1_000, new Set([followed]));
    expect(teller.tell(subscribed([followed], 2_000))).toEqual([]);
    expect(teller.tell(gap([followed], 2_000))).toEqual([]);
  });
});

test("what Genesys Cloud refuses, and what is wrong, is told as a notice", () => {
  const teller = tellerOf(["user:presence"], { userId: ada });
  const rejected = {
    type: "rejected",
    topic: presence,
    reason: "not permitted",
    missingPermissions: ["directory:user:view"],
  } as const;
  expect(teller.tell(rejected)).toMatchObject([
    {
      type: "notice",
      code: "TOPIC_REJECTED",
      message: `Genesys Cloud refuses ${presence}: not permitted`,
      help: "Give the OAuth client a role with directory:user:view.",
    },
  ]);
  const error = new TrunklineError("SERVICE_FAILED", "It failed.");
  expect(teller.tell({ type: "warning", line: 1, error })).toEqual([
    { type: "notice", code: "SERVICE_FAILED", message: "It failed.", help: error.help },
  ]);
  const channels = { ours: 1, others: 0, limit: 20 };
  expect(teller.tell({ type: "budget", channels, overBudget: [] })).toEqual([]);
  expect(teller.tell({ type: "budget", channels, overBudget: [presence] })).toMatchObject([
    { code: "TOPICS_OVER_BUDGET" },
  ]);
});
