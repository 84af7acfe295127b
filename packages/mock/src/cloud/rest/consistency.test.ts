/**
 * A client that lost every event could learn the same by REST: nothing that is asked contradicts what was told, and
 * analytics tells it when its lag has passed, and not before.
 */
import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { mediaPlural } from "../../centre/media.ts";
import { startMs } from "../../testing/stage.ts";
import { between, iso, Watcher, type Seen } from "../../testing/watcher.ts";

const lagMs = 7000;
const seeds = [1, 2, 3];
const queueConversations = "v2.routing.queues.{id}.conversations";

interface Communication {
  readonly id: string;
  readonly state: string;
  readonly held: boolean;
  readonly disconnectedTime?: string;
  readonly disconnectType?: string;
}
interface Party {
  readonly id: string;
  readonly purpose: string;
  readonly userId?: string;
  readonly queueId?: string;
  readonly wrapup?: { readonly code: string };
  readonly [media: string]: unknown;
}

/** Of one session, as far as both families tell it. */
interface Told {
  readonly session: string;
  readonly id: string;
  readonly purpose: string;
  readonly user: string | undefined;
  readonly queue: string | undefined;
  readonly state: string;
  readonly held: boolean;
  readonly endTime: string | undefined;
  readonly disconnect: string | undefined;
  readonly wrapUpCode: string | undefined;
}

const bySession = (one: Told, other: Told): number => (one.session < other.session ? -1 : 1);
const disconnects: Readonly<Record<string, string>> = {
  "transfer.noanswer": "noAnswerTransfer",
  "transfer.consult": "consultTransfer",
};

function fromEvent(body: Readonly<Record<string, unknown>>): Told[] {
  const { participants }: { participants?: Party[] } = body;
  assert(participants !== undefined);
  const told = participants.flatMap((party) => {
    const sessions = Object.values(mediaPlural).flatMap((media): Communication[] => {
      const list = party[media];
      return Array.isArray(list) ? list : [];
    });
    return sessions.map(({ id, state, held, disconnectedTime, disconnectType }) => ({
      session: id,
      id: party.id,
      purpose: party.purpose,
      user: party.userId,
      // Topics tell of a customer the queue that it came to last.
      queue: party.purpose === "customer" ? undefined : party.queueId,
      state,
      held,
      endTime: disconnectedTime,
      disconnect: disconnects[disconnectType ?? ""] ?? disconnectType,
      wrapUpCode: party.wrapup?.code,
    }));
  });
  return told.toSorted(bySession);
}

interface Segment {
  readonly segmentType: string;
  readonly segmentStart: string;
  readonly segmentEnd?: string;
  readonly queueId?: string;
  readonly disconnectType?: string;
  readonly wrapUpCode?: string;
}
interface Details {
  readonly conversationId: string;
  readonly participants: readonly {
    readonly participantId: string;
    readonly purpose: string;
    readonly userId?: string;
    readonly sessions: readonly {
      readonly sessionId: string;
      readonly segments: readonly Segment[];
    }[];
  }[];
}

/** What a session is doing in a segment that has no end. */
const states: Readonly<Record<string, string>> = {
  alert: "alerting",
  contacting: "contacting",
  dialing: "dialing",
  scheduled: "scheduled",
};

function fromDetails(details: Details): Told[] {
  const told = details.participants.flatMap(({ participantId, purpose, userId, sessions }) => {
    const segments = sessions.flatMap((session) => session.segments);
    const wrapUp = segments.find(({ segmentType }) => segmentType === "wrapup");
    return sessions.map((session) => {
      const last = session.segments.findLast(({ segmentType }) => segmentType !== "wrapup");
      assert(last !== undefined);
      const ended = last.segmentEnd !== undefined;
      return {
        session: session.sessionId,
        id: participantId,
        purpose,
        user: userId,
        queue: last.queueId,
        state: ended ? "disconnected" : (states[last.segmentType] ?? "connected"),
        held: !ended && last.segmentType === "hold",
        endTime: last.segmentEnd,
        disconnect: last.disconnectType,
        wrapUpCode: wrapUp?.wrapUpCode,
      };
    });
  });
  return told.toSorted(bySession);
}

function ask(watcher: Watcher, id: unknown, atMs: number): Told[] | undefined {
  const reply = watcher.post("analytics/conversations/details/query", {
    interval: between(atMs, atMs + 1),
    conversationFilters: [
      { type: "and", predicates: [{ dimension: "conversationId", value: id }] },
    ],
  });
  expect(reply.status).toBe(200);
  const { conversations, totalHits }: { conversations?: Details[]; totalHits: number } = Object(
    reply.json,
  );
  expect(totalHits).toBe(conversations?.length ?? 0);
  const [found] = conversations ?? [];
  // Analytics knows of callers in the menu, topics of a queue do not.
  return found?.participants.some(({ purpose }) => purpose === "acd") === true
    ? fromDetails(found)
    : undefined;
}

/** What the participants of all seeds have been seen at. */
const kinds = new Set<string>();

describe.each(seeds)("of seed %d", (seed) => {
  test("the details query tells what each conversation event told, a lag later and not sooner", () => {
    const world = { seed, rate: 30, agents: 6, settings: { analyticsLagMs: lagMs } };
    const watcher = new Watcher(world);
    watcher.hold([queueConversations]);
    const lastOf = new Map<unknown, Told[]>();
    // The last of an instant is what is known of it.
    const instants = new Map<number, Map<unknown, Told[]>>();
    const endMs = startMs + 240_000;
    for (const { atMs, body } of watcher.until(endMs)) {
      const told = instants.get(atMs) ?? new Map<unknown, Told[]>();
      instants.set(atMs, told.set(body["id"], fromEvent(body)));
    }
    // Time cannot be turned back: the same world again, and now the questions.
    const again = new Watcher(world);
    for (const [atMs, told] of instants) {
      again.until(atMs + lagMs - 1);
      for (const id of told.keys()) expect(ask(again, id, atMs)).toEqual(lastOf.get(id));
      again.until(atMs + lagMs);
      for (const [id, parties] of told) {
        expect(ask(again, id, atMs)).toEqual(parties);
        lastOf.set(id, parties);
        for (const { state, held, disconnect, wrapUpCode, purpose } of parties)
          kinds.add(`${purpose} ${state} ${held} ${disconnect} ${wrapUpCode !== undefined}`);
      }
    }
    expect(lastOf.size).toBeGreaterThan(50);
  });

  test("GET /conversations/{id} is the last event body of it, at any instant", () => {
    const watcher = new Watcher({ seed, rate: 40 });
    watcher.hold([queueConversations]);
    const lastOf = new Map<unknown, Seen>();
    for (let second = 1; second <= 120; second += 1) {
      const told = watcher.until(startMs + second * 1000);
      for (const seen of told) lastOf.set(seen.body["id"], seen);
      const changed = new Set(told.map(({ body }) => body["id"]));
      for (const [id, { body }] of lastOf) {
        if (!changed.has(id) && second % 40 !== 0) continue;
        const { status, json } = watcher.get(`conversations/${String(id)}`);
        expect(status).toBe(200);
        expect(json).toMatchObject(body);
        expect(Object(json).participants).toEqual(body["participants"]);
      }
    }
    expect(lastOf.size).toBeGreaterThan(30);
  });

  test("the users details query is the sequence of presence and routing status events", () => {
    const watcher = new Watcher({ seed, settings: { analyticsLagMs: lagMs } });
    watcher.hold(["v2.users.{id}.presence", "v2.users.{id}.routingStatus"]);
    const endMs = startMs + 120_000;
    const told = watcher.until(endMs);
    watcher.until(endMs + lagMs);
    const { json } = watcher.post("analytics/users/details/query", {
      interval: between(startMs, endMs + 1),
      paging: { pageSize: 100, pageNumber: 1 },
    });
    const { userDetails, totalHits }: { userDetails: UserDetails[]; totalHits: number } =
      Object(json);
    expect(totalHits).toBe(watcher.stage.cloud.world.agents.length);
    let changes = 0;
    for (const { userId, primaryPresence, routingStatus } of userDetails) {
      for (const spans of [primaryPresence, routingStatus]) {
        expect(spans[0]?.startTime).toBe(iso(startMs));
        for (const [index, { endTime }] of spans.entries())
          expect(endTime).toBe(spans[index + 1]?.startTime);
      }
      const presences = told.filter(({ topic }) => topic === `v2.users.${userId}.presence`);
      expect(primaryPresence.slice(1)).toMatchObject(
        presences.map(({ body }) => {
          const { id, systemPresence } = Object(body["presenceDefinition"]);
          return { startTime: body["modifiedDate"], systemPresence, organizationPresenceId: id };
        }),
      );
      const routings = told.filter(({ topic }) => topic === `v2.users.${userId}.routingStatus`);
      expect(routingStatus.slice(1)).toMatchObject(
        routings.map(({ body }) => {
          const { status, startTime } = Object(body["routingStatus"]);
          return { startTime, routingStatus: status };
        }),
      );
      changes += presences.length + routings.length;
    }
    expect(changes).toBe(told.length);
    expect(changes).toBeGreaterThan(50);
  });

  test("presences and routing status are what the last event told", () => {
    const watcher = new Watcher({ seed, rate: 15 });
    watcher.hold(["v2.users.{id}.presence", "v2.users.{id}.routingStatus"]);
    const ids = watcher.stage.cloud.world.agents.map(({ id }) => id);
    const last = new Map<string, Seen>();
    for (let second = 1; second <= 60; second += 1) {
      for (const seen of watcher.until(startMs + second * 1000)) last.set(seen.topic, seen);
      const bulk: { id: string }[] = Object(
        watcher.get(`users/presences/purecloud/bulk?id=${ids.join(",")}`).json,
      );
      expect(bulk.map(({ id }) => id)).toEqual(ids);
      for (const presence of bulk) {
        // Of whom nothing was told yet, nothing is asked.
        const seen = last.get(`v2.users.${presence.id}.presence`);
        expect(presence).toMatchObject(seen?.body ?? {});
        const routing = last.get(`v2.users.${presence.id}.routingStatus`)?.body["routingStatus"];
        const { json } = watcher.get(`users/${presence.id}/routingstatus`);
        expect(json).toMatchObject(Object(routing ?? {}));
      }
    }
    expect(last.size).toBeGreaterThan(ids.length);
  });

  test("observations and activity are what the observation event of the instant told", () => {
    const watcher = new Watcher({ seed, rate: 30, agents: 4 });
    watcher.hold(["v2.analytics.queues.{id}.observations"]);
    const most = { oWaiting: 0, oAlerting: 0, oInteracting: 0 };
    while (watcher.nowMs < startMs + 120_000) {
      const told = watcher.until(watcher.stage.cloud.nextDeadlineMs() ?? Number.NaN);
      const seen = told.at(-1);
      // What happens later in the same millisecond is in the answer, but not in the event.
      if (seen === undefined || watcher.stage.cloud.ledger.newest !== seen.sequence) continue;
      const { group, data } = observationOf(seen);
      if (group === undefined) continue;
      const predicates = Object.entries(group).map(([dimension, value]) => ({ dimension, value }));
      const counts = Object.fromEntries(data.map(({ metric, stats }) => [metric, stats.count]));
      const metrics = data.map(({ metric }) => metric);
      const filter = { type: "and", predicates };
      const reply = watcher.post("analytics/queues/observations/query", { filter, metrics });
      expect(Object(reply.json).results).toEqual([{ group, data }]);
      const { json } = watcher.post("analytics/conversations/activity/query", {
        filter,
        metrics: metrics.map((metric) => ({ metric })),
        groupBy: ["queueId", "mediaType"],
      });
      const [{ data: active = [] } = {}]: { data?: { metric: string; count: number }[] }[] =
        Object(json).results;
      // A group in which nothing is active is not listed.
      const none = metrics.map((metric) => ({ metric, count: 0 }));
      expect(active.length === 0 ? none : active).toEqual(
        data.map(({ metric, stats }) => ({ metric, count: stats.count })),
      );
      for (const metric of ["oWaiting", "oAlerting", "oInteracting"] as const)
        most[metric] = Math.max(most[metric], counts[metric] ?? 0);
    }
    expect(Math.min(...Object.values(most))).toBeGreaterThan(0);
  });
});

test("between them, the seeds have seen what there is to see", () => {
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      "agent alerting false undefined false",
      "agent connected true undefined false",
      "agent disconnected false noAnswerTransfer false",
      "agent disconnected false transfer true",
      "acd disconnected false peer false",
    ]),
  );
});

interface UserDetails {
  readonly userId: string;
  readonly primaryPresence: readonly { readonly startTime: string; readonly endTime?: string }[];
  readonly routingStatus: readonly { readonly startTime: string; readonly endTime?: string }[];
}

interface Metric {
  readonly metric: string;
  readonly stats: { readonly count: number };
}

/** Only of an instant: an aggregate of the half hour is another matter. */
function observationOf({ body }: Seen): { group?: object; data: readonly Metric[] } {
  const { group, data }: { group: object; data: { interval: string; metrics: Metric[] }[] } =
    Object(body);
  const [from, to] = data[0]?.interval.split("/") ?? [];
  return from === to ? { group, data: data[0]?.metrics ?? [] } : { data: [] };
}
