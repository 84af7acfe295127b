import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { createDice } from "../cloud/dice.ts";
import { templateOf } from "../cloud/topics.ts";
import { createCentre, type Centre } from "./centre.ts";
import { createWorld } from "./world.ts";

const startAtMs = Date.parse("2026-03-02T08:00:00.000Z");

interface Told {
  readonly atMs: number;
  readonly topic: string;
  readonly body: string;
}

function centreOf(options: {
  seed?: number;
  rate: number;
  queues?: number;
  agents?: number;
  atMs?: number;
}): Centre {
  const seed = options.seed ?? 1;
  const world = createWorld(createDice(seed, "world"), options.queues ?? 6, options.agents ?? 30);
  return createCentre({
    world,
    dice: createDice(seed, "centre"),
    startAtMs: options.atMs ?? startAtMs,
    rate: options.rate,
    conversationsKeptMax: 1000,
    statusChangesKeptMax: 100,
  });
}

function live(centre: Centre, count: number): Told[] {
  const told: Told[] = [];
  while (told.length < count) {
    const atMs = centre.nextDueMs() ?? Number.NaN;
    centre.step((topic, bodyOf) => told.push({ atMs, topic, body: bodyOf() }));
  }
  return told;
}

interface Party {
  readonly calls?: readonly { readonly state: string }[];
  readonly messages?: readonly { readonly state: string }[];
  readonly endTime?: string;
}

const isoTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/u;
const templated = (topic: string): string =>
  topic.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gu, "{id}");

describe("the contact centre", () => {
  test("is the same byte for byte for the same seed, start and rate, and only then", () => {
    const once = live(centreOf({ rate: 5 }), 3000);
    expect(live(centreOf({ rate: 5 }), 3000)).toEqual(once);
    for (const other of [{ seed: 2 }, { rate: 6 }, { atMs: startAtMs + 1 }]) {
      expect(live(centreOf({ rate: 5, ...other }), 100)).not.toEqual(once.slice(0, 100));
    }
  });

  test("does not depend on whether anybody wants the bodies", () => {
    const [read, unread] = [centreOf({ rate: 5 }), centreOf({ rate: 5 })];
    for (let step = 0; step < 2000; step += 1) {
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

  test.each([0.5, 5, 100, 20_000])("keeps a mean rate of %d events a second", (rate) => {
    const events = 60_000;
    const centre = centreOf({ rate });
    let [count, atMs] = [0, startAtMs];
    while (count < events) {
      atMs = centre.nextDueMs() ?? Number.NaN;
      count += centre.step(() => undefined);
    }
    const actual = count / ((atMs - startAtMs) / 1000);
    expect(actual / rate).toBeGreaterThan(0.9);
    expect(actual / rate).toBeLessThan(1.1);
  });

  test("does not pile up: after a virtual week it is as small as before", () => {
    const centre = centreOf({ rate: 2 });
    const endMs = startAtMs + 7 * 24 * 3_600_000;
    let most = 0;
    while ((centre.nextDueMs() ?? endMs) < endMs) {
      centre.step(() => undefined);
      most = Math.max(most, centre.conversations);
    }
    expect(most).toBeLessThan(100);
  });

  test("answers or loses each customer that waits, never both, though agents are few", () => {
    const outcomes = new Map<string, string>();
    const told = live(centreOf({ rate: 50, queues: 2, agents: 5 }), 100_000);
    for (const { topic, body } of told) {
      if (!topic.endsWith(".acd.end")) continue;
      const { sessionId, acdOutcome }: Record<string, string> = JSON.parse(body);
      assert(sessionId !== undefined && acdOutcome !== undefined);
      assert(!outcomes.has(sessionId), `${outcomes.get(sessionId)} and ${acdOutcome}`);
      outcomes.set(sessionId, acdOutcome);
    }
    const all = [...outcomes.values()];
    const abandoned = all.filter((outcome) => outcome === "ABANDON").length;
    expect(abandoned).toBeGreaterThan(10);
    expect(abandoned).toBeLessThan(all.length / 2);
  });

  test("speaks only on topics of the catalogue, and on all kinds that it promises", () => {
    const kinds = new Set(live(centreOf({ rate: 5 }), 20_000).map(({ topic }) => templated(topic)));
    for (const kind of kinds) expect(templateOf(kind)).toBeDefined();
    expect([...kinds].sort()).toEqual([
      "v2.analytics.queues.{id}.observations",
      "v2.detail.events.conversation.{id}.acd.end",
      "v2.detail.events.conversation.{id}.acd.start",
      "v2.detail.events.conversation.{id}.customer.end",
      "v2.detail.events.conversation.{id}.customer.start",
      "v2.detail.events.conversation.{id}.user.end",
      "v2.detail.events.conversation.{id}.user.start",
      "v2.detail.events.conversation.{id}.wrapup",
      "v2.routing.queues.{id}.conversations",
      "v2.routing.queues.{id}.conversations.calls",
      "v2.routing.queues.{id}.conversations.messages",
      "v2.routing.queues.{id}.users",
      "v2.users.{id}.activity",
      "v2.users.{id}.conversations",
      "v2.users.{id}.presence",
      "v2.users.{id}.routingStatus",
    ]);
  });

  test("tells of every topic that it names, and of no other without an id of its own", () => {
    const centre = centreOf({ rate: 5 });
    const named = new Set(centre.topics());
    const spoken = new Set(live(centre, 30_000).map(({ topic }) => topic));
    for (const topic of spoken) {
      assert(named.has(topic) || topic.startsWith("v2.detail."), topic);
    }
    const silent = [...named].filter((topic) => !spoken.has(topic));
    expect(silent).toEqual([]);
  });
});

describe("its bodies", () => {
  const told = live(centreOf({ rate: 5 }), 20_000);
  const of = (kind: string): Told[] => told.filter(({ topic }) => templated(topic) === kind);

  test("of queue members recur byte for byte", () => {
    const bodies = of("v2.routing.queues.{id}.users").map(({ topic, body }) => topic + body);
    expect(bodies.length).toBeGreaterThan(100);
    expect(new Set(bodies).size).toBeLessThan(bodies.length / 2);
    const first: unknown = JSON.parse(of("v2.routing.queues.{id}.users")[0]?.body ?? "");
    expect(Object.keys(Object(first))).toEqual(["id", "user", "queueId", "joined"]);
  });

  test("of observations come at most once a second and topic, instants and half hours", () => {
    const fast = live(centreOf({ rate: 5000 }), 50_000);
    const last = new Map<string, number>();
    const kinds = { instant: 0, halfHour: 0 };
    for (const { topic, atMs, body } of fast) {
      if (!topic.endsWith(".observations")) continue;
      expect(atMs - (last.get(topic) ?? 0)).toBeGreaterThanOrEqual(1000);
      last.set(topic, atMs);
      const { data }: { data: { interval: string }[] } = JSON.parse(body);
      const [from = "", to = ""] = data[0]?.interval.split("/") ?? [];
      const span = Date.parse(to) - Date.parse(from);
      expect([0, 1_800_000]).toContain(span);
      kinds[span === 0 ? "instant" : "halfHour"] += 1;
    }
    expect(kinds.instant).toBeGreaterThan(0);
    expect(kinds.halfHour).toBeGreaterThan(0);
  });

  test("of detail events have integer times and upper-case enums", () => {
    for (const { topic, body, atMs } of told) {
      if (!topic.startsWith("v2.detail.")) continue;
      const event: Record<string, unknown> = JSON.parse(body);
      expect(event["eventTime"]).toBe(atMs);
      expect(["VOICE", "MESSAGE"]).toContain(event["mediaType"]);
      for (const field of ["direction", "acdOutcome", "disconnectType", "usedRouting"]) {
        const value = event[field];
        assert(value === undefined || (typeof value === "string" && /^[A-Z_]+$/u.test(value)));
      }
      expect(topic).toContain(String(event["conversationId"]));
    }
  });

  test("of conversations are whole states with ISO times and lower-case enums", () => {
    const lastOf = new Map<string, string>();
    for (const { body } of of("v2.routing.queues.{id}.conversations")) {
      const conversation: { id: string; participants: Party[] } = JSON.parse(body);
      expect(conversation.participants[0]).toMatchObject({ purpose: "customer" });
      expect(conversation.participants[1]).toMatchObject({ purpose: "acd" });
      for (const participant of conversation.participants) {
        const [media] = participant.calls ?? participant.messages ?? [];
        expect(["alerting", "connected", "disconnected"]).toContain(media?.state);
        const ended = participant.endTime;
        expect(media?.state === "disconnected").toBe(ended !== undefined);
        assert(ended === undefined || (typeof ended === "string" && isoTime.test(ended)));
      }
      lastOf.set(conversation.id, body);
    }
    const finished = [...lastOf.values()].filter((body) => body.includes('"wrapup":{'));
    expect(finished.length).toBeGreaterThan(50);
    expect(lastOf.size - finished.length).toBeLessThan(finished.length);
  });

  test("of routing status and presence are upper-case, and do not name a user in presence", () => {
    for (const { body } of of("v2.users.{id}.presence")) {
      const presence: Record<string, unknown> = JSON.parse(body);
      expect(Object.keys(presence)).not.toContain("userId");
      expect(presence["presenceDefinition"]).toMatchObject({
        systemPresence: expect.stringMatching(/^[A-Z_]+$/u) as unknown,
      });
    }
    for (const { body, topic } of of("v2.users.{id}.routingStatus")) {
      const status: { id: string; routingStatus: { status: string } } = JSON.parse(body);
      expect(topic).toContain(status.id);
      expect(["OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING"]).toContain(
        status.routingStatus.status,
      );
    }
  });
});
