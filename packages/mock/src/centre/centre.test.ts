import { describe, expect, test } from "vitest";
import { templateOf } from "../cloud/topics.ts";
import {
  centreOf,
  centreStartMs,
  live,
  passUntil,
  templated,
  type Told,
} from "../testing/centre-stage.ts";
import { dayMs } from "./tide.ts";

describe("the contact centre", () => {
  test.each(["flat", "day"] as const)(
    "is the same byte for byte for the same seed, start and rate, and only then (%s)",
    (rhythm) => {
      const once = live(centreOf({ rate: 5, rhythm }), 3000);
      expect(live(centreOf({ rate: 5, rhythm }), 3000)).toEqual(once);
      for (const other of [{ seed: 2 }, { rate: 6 }, { atMs: centreStartMs + 1 }]) {
        const told = live(centreOf({ rate: 5, rhythm, ...other }), 100);
        expect(told).not.toEqual(once.slice(0, 100));
      }
    },
  );

  test("does not depend on whether anybody wants the bodies", () => {
    const [read, unread] = [centreOf({ rate: 5 }), centreOf({ rate: 5 })];
    for (let step = 0; step < 5000; step += 1) {
      read.step((_, bodyOf) => bodyOf());
      unread.step(() => undefined);
    }
    expect(live(read, 200)).toEqual(live(unread, 200));
  });

  test("stands still at rate 0", () => {
    const centre = centreOf({ rate: 0 });
    expect(centre.nextDueMs()).toBeUndefined();
    expect(centre.step(() => expect.unreachable())).toBe(0);
    expect(centre.topics().length).toBeGreaterThan(100);
  });

  test.each([
    { queues: 0, agents: 3 },
    { queues: 2, agents: 0 },
  ])("lives with $queues queues and $agents agents", (size) => {
    const centre = centreOf({ rate: 50, ...size });
    passUntil(centre, centreStartMs + 600_000);
    expect(centre.nextDueMs()).toBeGreaterThan(centreStartMs);
  });

  test.each([0.5, 5, 100, 1000, 20_000])("keeps a mean rate of %d events a second", (rate) => {
    const events = 60_000;
    const centre = centreOf({ rate });
    let [count, atMs] = [0, centreStartMs];
    while (count < events) {
      atMs = centre.nextDueMs() ?? Number.NaN;
      count += centre.step(() => undefined);
    }
    const actual = count / ((atMs - centreStartMs) / 1000);
    expect(actual / rate).toBeGreaterThan(0.9);
    expect(actual / rate).toBeLessThan(1.1);
  });

  test.each([0.5, 5])("keeps a mean rate of %d over whole days that have hours", (rate) => {
    const days = 2;
    const centre = centreOf({ rate, rhythm: "day" });
    const events = passUntil(centre, centreStartMs + days * dayMs);
    const actual = events / ((days * dayMs) / 1000);
    expect(actual / rate).toBeGreaterThan(0.85);
    expect(actual / rate).toBeLessThan(1.15);
  });

  test.each([
    { rhythm: "flat", most: 100 },
    { rhythm: "day", most: 150 },
  ] as const)("does not pile up: as small after a week as before ($rhythm)", ({ rhythm, most }) => {
    const centre = centreOf({ rate: 2, rhythm });
    let seen = 0;
    passUntil(centre, centreStartMs + 7 * dayMs, () => {
      seen = Math.max(seen, centre.conversations);
    });
    expect(seen).toBeLessThan(most);
    const parts = centre.records.people.flatMap((person) => person.parts);
    expect(parts.length).toBeLessThan(most);
    expect(centre.records.startedBetween(0, Number.MAX_VALUE).length).toBeLessThanOrEqual(1000);
  });

  test("speaks only on topics of the catalogue, and on all kinds that it promises", () => {
    const kinds = new Set(live(centreOf({ rate: 5 }), 50_000).map(({ topic }) => templated(topic)));
    for (const kind of kinds) expect(templateOf(kind)).toBeDefined();
    expect([...kinds].sort()).toEqual([
      "v2.analytics.queues.{id}.activity",
      "v2.analytics.queues.{id}.observations",
      "v2.analytics.users.{id}.aggregates",
      "v2.conversations.{id}.transcription",
      "v2.detail.events.agent.{id}.state",
      "v2.detail.events.conversation.{id}.acd.end",
      "v2.detail.events.conversation.{id}.acd.start",
      "v2.detail.events.conversation.{id}.acw",
      "v2.detail.events.conversation.{id}.attributes",
      "v2.detail.events.conversation.{id}.contact",
      "v2.detail.events.conversation.{id}.customer.end",
      "v2.detail.events.conversation.{id}.customer.start",
      "v2.detail.events.conversation.{id}.flow.end",
      "v2.detail.events.conversation.{id}.flow.outcome",
      "v2.detail.events.conversation.{id}.flow.start",
      "v2.detail.events.conversation.{id}.user.end",
      "v2.detail.events.conversation.{id}.user.start",
      "v2.detail.events.conversation.{id}.wrapup",
      "v2.routing.queues.{id}.conversations",
      "v2.routing.queues.{id}.conversations.callbacks",
      "v2.routing.queues.{id}.conversations.calls",
      "v2.routing.queues.{id}.conversations.chats",
      "v2.routing.queues.{id}.conversations.emails",
      "v2.routing.queues.{id}.conversations.messages",
      "v2.routing.queues.{id}.users",
      "v2.speechandtextanalytics.conversation.{id}.sentiment",
      "v2.users.{id}.activity",
      "v2.users.{id}.conversations",
      "v2.users.{id}.conversations.callbacks",
      "v2.users.{id}.conversations.calls",
      "v2.users.{id}.conversations.chats",
      "v2.users.{id}.conversations.emails",
      "v2.users.{id}.conversations.inbound.typing.event",
      "v2.users.{id}.conversations.messages",
      "v2.users.{id}.conversationsummary",
      "v2.users.{id}.outofoffice",
      "v2.users.{id}.presence",
      "v2.users.{id}.routingStatus",
      "v2.users.{id}.station",
    ]);
  });

  test("tells of every topic that it names, the busiest kinds first", () => {
    const centre = centreOf({ rate: 5 });
    const counts = new Map<string, number>();
    for (let events = 0; events < 300_000;)
      events += centre.step((topic) => counts.set(topic, (counts.get(topic) ?? 0) + 1));
    expect(centre.topics().filter((topic) => !counts.has(topic))).toEqual([]);
    expect(new Set(centre.topics()).size).toBe(centre.topics().length);
    const [first = ""] = centre.topics();
    expect(templated(first)).toBe("v2.routing.queues.{id}.conversations");
  });
});

describe("its bodies", () => {
  const told = live(centreOf({ rate: 5 }), 20_000);
  const of = (kind: string): Told[] => told.filter(({ topic }) => templated(topic) === kind);

  test("of queue members recur byte for byte", () => {
    const bodies = of("v2.routing.queues.{id}.users").map(({ topic, body }) => topic + body);
    expect(bodies.length).toBeGreaterThan(100);
    expect(new Set(bodies).size).toBeLessThan(bodies.length / 2);
  });

  test("of queues and users in analytics come at most once a second and topic", () => {
    const fast = live(centreOf({ rate: 5000 }), 50_000);
    const last = new Map<string, number>();
    const kinds = { instant: 0, halfHour: 0 };
    const media = new Set<string>();
    for (const { topic, atMs, body } of fast) {
      if (!topic.startsWith("v2.analytics.")) continue;
      expect(atMs - (last.get(topic) ?? 0)).toBeGreaterThanOrEqual(1000);
      last.set(topic, atMs);
      if (!topic.endsWith(".observations")) continue;
      const { data, group }: { data: { interval: string }[]; group: { mediaType: string } } =
        JSON.parse(body);
      const [from = "", to = ""] = data[0]?.interval.split("/") ?? [];
      const span = Date.parse(to) - Date.parse(from);
      expect([0, 1_800_000]).toContain(span);
      kinds[span === 0 ? "instant" : "halfHour"] += 1;
      media.add(group.mediaType);
    }
    expect(kinds.instant).toBeGreaterThan(0);
    expect(kinds.halfHour).toBeGreaterThan(0);
    expect([...media].sort()).toEqual(["callback", "chat", "email", "message", "voice"]);
    expect([...last.keys()].some((topic) => topic.endsWith(".aggregates"))).toBe(true);
  });

  test("of presence do not name a user; of routing status they do", () => {
    for (const { body } of of("v2.users.{id}.presence")) expect(body).not.toContain("userId");
    for (const { body, topic } of of("v2.users.{id}.routingStatus")) {
      const { id }: { id: string } = JSON.parse(body);
      expect(topic).toContain(id);
    }
  });
});
