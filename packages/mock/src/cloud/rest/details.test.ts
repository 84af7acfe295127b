import { describe, expect, test } from "vitest";
import { clientId, clientSecret, startMs } from "../../testing/stage.ts";
import { between, iso, Watcher } from "../../testing/watcher.ts";

const query = "analytics/conversations/details/query";
const minuteMs = 60_000;

interface Page {
  readonly conversations?: readonly {
    readonly conversationId: string;
    readonly conversationStart: string;
    readonly conversationEnd?: string;
    readonly participants: readonly {
      readonly purpose: string;
      readonly userId?: string;
      readonly sessions: readonly Session[];
    }[];
  }[];
  readonly totalHits: number;
}
interface Session {
  readonly mediaType: string;
  readonly segments: readonly {
    readonly segmentType: string;
    readonly segmentStart: string;
    readonly segmentEnd?: string;
    readonly queueId?: string;
    readonly wrapUpCode?: string;
  }[];
  readonly metrics: readonly { name: string; value: number; emitDate: string }[];
}

function ask(watcher: Watcher, body: object): Page {
  const { status, json } = watcher.post(query, body);
  expect(status).toBe(200);
  return Object(json);
}

const idsOf = (page: Page): string[] =>
  (page.conversations ?? []).map(({ conversationId }) => conversationId);

/** A world in which five minutes have passed. */
function lived(options: ConstructorParameters<typeof Watcher>[0] = {}): Watcher {
  const watcher = new Watcher(options);
  watcher.until(startMs + 5 * minuteMs);
  return watcher;
}

const interval = between(startMs, startMs + 60 * minuteMs);

/** Turns pages while time goes on. */
function turn(order: string): { visited: string[]; hits: number[] } {
  const watcher = lived();
  const visited: string[] = [];
  const hits: number[] = [];
  for (let pageNumber = 1; pageNumber <= 4; pageNumber += 1) {
    const page = ask(watcher, { interval, order, paging: { pageSize: 10, pageNumber } });
    visited.push(...idsOf(page));
    hits.push(page.totalHits);
    watcher.until(watcher.nowMs + 10_000);
  }
  return { visited, hits };
}

describe("paging of the details query", () => {
  test.each(["asc", "desc"])("visits each exactly once while nothing moves, %s", (order) => {
    const watcher = lived();
    const whole = ask(watcher, { interval, order, paging: { pageSize: 100, pageNumber: 1 } });
    const visited: string[] = [];
    for (let pageNumber = 1; ; pageNumber += 1) {
      const page = ask(watcher, { interval, order, paging: { pageSize: 7, pageNumber } });
      expect(page.totalHits).toBe(whole.totalHits);
      if (page.conversations === undefined) break;
      visited.push(...idsOf(page));
    }
    expect(visited.length).toBe(whole.totalHits);
    expect(new Set(visited).size).toBe(visited.length);
    expect(visited.slice(0, 100)).toEqual(idsOf(whole));
    const starts = (whole.conversations ?? []).map(({ conversationStart }) => conversationStart);
    expect(starts).toEqual(order === "asc" ? starts.toSorted() : starts.toSorted().toReversed());
  });

  test("gives 25 unless asked", () => {
    expect(ask(lived(), { interval }).conversations).toHaveLength(25);
  });

  test("drifts while time goes on: totalHits grows, and newest first shows some twice", () => {
    const newestFirst = turn("desc");
    expect(newestFirst.hits.at(-1)).toBeGreaterThan(newestFirst.hits[0] ?? 0);
    expect(new Set(newestFirst.visited).size).toBeLessThan(newestFirst.visited.length);
    const oldestFirst = turn("asc");
    expect(oldestFirst.hits.at(-1)).toBeGreaterThan(oldestFirst.hits[0] ?? 0);
    expect(new Set(oldestFirst.visited).size).toBe(oldestFirst.visited.length);
  });
});

describe("the interval", () => {
  test("finds what it touches, of those that began on a UTC day that it touches", () => {
    const midnightMs = Date.parse("2026-03-03T00:00:00.000Z");
    const watcher = new Watcher({ startAtMs: midnightMs - 20 * minuteMs, rate: 2 });
    watcher.until(midnightMs + 20 * minuteMs);
    const paging = { pageSize: 100, pageNumber: 1 };
    const after = ask(watcher, {
      interval: between(midnightMs + 1, midnightMs + 10 * minuteMs),
      paging,
    });
    const across = ask(watcher, {
      interval: between(midnightMs - 1, midnightMs + 10 * minuteMs),
      paging,
    });
    expect(after.conversations?.length).toBeGreaterThan(3);
    for (const { conversationStart } of after.conversations ?? [])
      expect(Date.parse(conversationStart)).toBeGreaterThanOrEqual(midnightMs);
    // Those that ran on over midnight are found only when the interval touches the day of their start.
    const before = (across.conversations ?? []).filter(
      ({ conversationStart }) => Date.parse(conversationStart) < midnightMs,
    );
    expect(before.length).toBeGreaterThan(0);
    expect(before.length + after.totalHits).toBe(across.totalHits);
  });

  test("does not find what was over before it", () => {
    const watcher = lived();
    const fromMs = startMs + 4 * minuteMs;
    const paging = { pageSize: 100, pageNumber: 1 };
    const found = ask(watcher, { interval: between(fromMs, fromMs + minuteMs), paging });
    const whole = ask(watcher, { interval, paging: { ...paging, pageNumber: 2 } }).totalHits;
    expect(found.totalHits).toBeLessThan(whole);
    const lasts = (found.conversations ?? []).map(({ participants }) =>
      participants
        .flatMap(({ sessions }) => sessions.flatMap(({ segments }) => segments))
        .map(({ segmentEnd }) => Date.parse(segmentEnd ?? iso(fromMs))),
    );
    expect(lasts.length).toBeGreaterThan(10);
    for (const ends of lasts) expect(Math.max(...ends)).toBeGreaterThanOrEqual(fromMs);
  });

  test.each([
    ["", "bad.request", "interval"],
    ["2026-03-02", "invalid.date", "interval"],
    ["2026-03-02T08:00:00Z/PT1H", "invalid.date", "interval"],
    ["2026-03-02T08:00:00Z/2026-13-02T08:00:00Z", "invalid.date", "interval"],
    [between(startMs, startMs - 1), "invalid.date", "after the start"],
    [between(startMs, startMs), "invalid.date", "after the start"],
    [between(startMs, startMs + 31 * 24 * 60 * minuteMs + 1), "invalid.date", "31 days"],
  ])("%j is refused with %s", (text, code, words) => {
    const watcher = new Watcher({ rate: 0 });
    const { status, json } = watcher.post(query, text === "" ? {} : { interval: text });
    expect(status).toBe(400);
    expect(json).toMatchObject({ code, message: expect.stringContaining(words) as unknown });
  });

  test("may leave out seconds, fractions and zone", () => {
    const watcher = lived();
    const { totalHits } = ask(watcher, { interval });
    const short = "2026-03-02T08:00/2026-03-02T09:00";
    expect(ask(watcher, { interval: short }).totalHits).toBe(totalHits);
    const zoned = "2026-03-02T09:00:00.000+01:00/2026-03-02T10:00:00+0100";
    expect(ask(watcher, { interval: zoned }).totalHits).toBe(totalHits);
  });
});

const where = (type: string, ...predicates: object[]): object[] => [{ type, predicates }];
const byUser = (id: string | undefined): object => ({ dimension: "userId", value: id });

describe("filters", () => {
  const paging = { pageSize: 100, pageNumber: 1 };
  const watcher = lived();
  const all = ask(watcher, { interval, paging }).conversations ?? [];
  const count = (segmentFilters: object[]): number =>
    ask(watcher, { interval, paging, segmentFilters }).totalHits;
  const { queues, agents } = watcher.stage.cloud.world;
  const withPurpose = (wanted: string): number =>
    all.filter(({ participants }) => participants.some(({ purpose }) => purpose === wanted)).length;

  test.each([
    ["queueId", queues[0]?.id, (session: Session) => session.segments[0]?.queueId],
    ["mediaType", "message", (session: Session) => session.mediaType],
    ["segmentType", "hold", () => undefined],
  ])("by %s", (dimension, value, valueOf) => {
    const found = ask(watcher, {
      interval,
      paging,
      segmentFilters: where("and", { dimension, value }),
    });
    const expected = all.filter(({ participants }) =>
      participants.some(({ sessions }) =>
        sessions.some((session) =>
          dimension === "segmentType"
            ? session.segments.some(({ segmentType }) => segmentType === value)
            : valueOf(session) === value,
        ),
      ),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(all.length);
    expect(idsOf(found)).toEqual(expected.map(({ conversationId }) => conversationId));
  });

  test.each([
    ["conversationId", all[3]?.conversationId, 1],
    ["conversationStart", all[3]?.conversationStart, 1],
    ["originatingDirection", "inbound", withPurpose("customer")],
    ["originatingDirection", "outbound", withPurpose("user")],
    ["divisionId", "none", 0],
  ])("of the whole conversation, by %s %s", (dimension, value, hits) => {
    const conversationFilters = where("and", { dimension, value });
    expect(ask(watcher, { interval, paging, conversationFilters }).totalHits).toBe(hits);
  });

  test("of one filter are passed by one segment; or is one of several; clauses are joined", () => {
    const [one, other] = agents;
    const ofOne = count(where("and", byUser(one?.id)));
    expect(ofOne).toBeGreaterThan(0);
    expect(count(where("and", byUser(one?.id), byUser(other?.id)))).toBe(0);
    const either = count(where("or", byUser(one?.id), byUser(other?.id)));
    expect(either).toBeGreaterThan(ofOne);
    const clauses = [
      { type: "or", predicates: [byUser(one?.id), byUser(other?.id)] },
      { type: "and", predicates: [{ dimension: "purpose", value: "agent" }] },
    ];
    const served = all.filter(({ participants }) =>
      participants.some(
        ({ purpose, userId }) =>
          purpose === "agent" && (userId === one?.id || userId === other?.id),
      ),
    );
    expect(count([{ type: "and", clauses }])).toBe(served.length);
    expect(served.length).toBeLessThanOrEqual(either);
    const customers = { dimension: "purpose", value: "customer" };
    expect(count(where("and", customers, { dimension: "userId", operator: "exists" }))).toBe(0);
    expect(count(where("and", customers, { dimension: "userId", operator: "notExists" }))).toBe(
      withPurpose("customer"),
    );
  });

  test.each([
    [{ conversationFilters: where("and", { dimension: "queueId", value: "x" }) }, "dimension"],
    [{ segmentFilters: where("and", { dimension: "mood", value: "x" }) }, "dimension"],
    [{ segmentFilters: where("xor", { dimension: "userId", value: "x" }) }, "type"],
    [{ segmentFilters: where("and", { dimension: "userId" }) }, "value"],
    [{ segmentFilters: where("and", { dimension: "userId", operator: "like" }) }, "operator"],
    [{ segmentFilters: [{ type: "and" }] }, "segmentFilters.0"],
    [{ segmentFilters: "all" }, "segmentFilters"],
    [{ paging: { pageSize: 101, pageNumber: 1 } }, "paging.pageSize"],
    [{ paging: { pageSize: 1, pageNumber: 0 } }, "paging.pageNumber"],
    [{ order: "up" }, "order"],
    [{ orderBy: "mood" }, "orderBy"],
    [{ surveyFilters: [{}] }, "surveyFilters"],
    [{ intervals: [] }, "intervals"],
  ])("are refused with the field's name: %j", (body, field) => {
    const { status, json } = watcher.post(query, { interval, ...body });
    expect(status).toBe(400);
    const { code, message } = Object(json);
    expect(["bad.request", "invalid.value"]).toContain(code);
    expect(message).toContain(field);
  });
});

describe("a conversation in analytics", () => {
  const watcher = lived();
  const all = ask(watcher, { interval, paging: { pageSize: 100, pageNumber: 1 } });
  const agents = (all.conversations ?? []).flatMap(({ participants }) =>
    participants.filter(({ purpose }) => purpose === "agent").flatMap(({ sessions }) => sessions),
  );

  test("has segments without holes, from the alert to the wrap-up", () => {
    const shapes = new Set<string>();
    for (const { segments } of agents) {
      const starts = segments.slice(1).map(({ segmentStart }) => segmentStart);
      expect(segments.slice(0, -1).map(({ segmentEnd }) => segmentEnd)).toEqual(starts);
      shapes.add(segments.map(({ segmentType }) => segmentType).join(" "));
    }
    expect([...shapes]).toEqual(
      expect.arrayContaining([
        "alert",
        "alert interact wrapup",
        "alert interact hold interact wrapup",
      ]),
    );
  });

  test("has metrics that add up, each with the instant at which it was known", () => {
    let wrapped = 0;
    for (const { segments, metrics } of agents) {
      const sum = (name: string): number =>
        metrics
          .filter((metric) => metric.name === name)
          .reduce((total, metric) => total + metric.value, 0);
      for (const { emitDate } of metrics)
        expect(segments.map(({ segmentEnd }) => segmentEnd)).toContain(emitDate);
      if (segments.at(-1)?.wrapUpCode === undefined) continue;
      wrapped += 1;
      expect(sum("tTalk")).toBe(sum("tTalkComplete"));
      expect(sum("tHandle")).toBe(sum("tTalk") + sum("tHeld") + sum("tAcw"));
    }
    expect(wrapped).toBeGreaterThan(10);
    const names = (all.conversations ?? []).flatMap(({ participants }) =>
      participants.flatMap(({ sessions }) =>
        sessions.flatMap(({ metrics }) => metrics.map(({ name }) => name)),
      ),
    );
    expect([...new Set(names)]).toEqual(
      expect.arrayContaining(["nOffered", "tAcd", "tAnswered", "tAlert", "tTalk", "tHeld", "tAcw"]),
    );
  });

  test("is had by id too, one or several, and no sooner", () => {
    const ids = idsOf(all).slice(0, 3);
    const several = watcher.get(`analytics/conversations/details?id=${ids[0]},${ids[1]}&id=none`);
    expect(Object(several.json).conversations).toEqual(all.conversations?.slice(0, 2));
    const one = watcher.get(`analytics/conversations/${ids[2]}/details`);
    expect(one.json).toEqual(all.conversations?.[2]);
    expect(watcher.get("analytics/conversations/none/details").status).toBe(404);
    expect(watcher.get("analytics/conversations/details").status).toBe(400);
    const many = Array.from({ length: 101 }, (_, index) => `id=${index}`).join("&");
    expect(watcher.get(`analytics/conversations/details?${many}`).status).toBe(400);

    // Of those that are told of as soon as they begin: callers listen to a menu first.
    const before = new Watcher({});
    before.hold(["v2.routing.queues.{id}.conversations.messages"]);
    const [first] = before.until(startMs + 10 * minuteMs);
    const fresh = new Watcher({ settings: { analyticsLagMs: 5000 } });
    fresh.until((first?.atMs ?? 0) + 4999);
    const path = `analytics/conversations/${String(first?.body["id"])}/details`;
    expect(fresh.get(path).status).toBe(404);
    fresh.until(fresh.nowMs + 1);
    expect(fresh.get(path).status).toBe(200);
  });

  test("can be ordered by its segments", () => {
    const page = ask(watcher, { interval, orderBy: "segmentEnd" });
    const ends = (page.conversations ?? []).map(({ participants }) =>
      participants
        .flatMap(({ sessions }) => sessions.flatMap(({ segments }) => segments))
        .map(({ segmentEnd }) => Date.parse(segmentEnd ?? iso(startMs + 1e9))),
    );
    const lasts = ends.map((of) => Math.max(...of));
    expect(lasts).toEqual(lasts.toSorted((one, other) => one - other));
  });
});

describe("permissions", () => {
  test.each([
    ["analytics/conversations/details/query", "analytics:agentConversationDetail:view"],
    ["analytics/users/details/query", "analytics:userDetail:view"],
    ["analytics/queues/observations/query", "analytics:queueObservation:view"],
  ])("%s needs %s", (path, permission) => {
    const statusWith = (permissions: readonly string[]): number => {
      const client = { clientId, clientSecret, permissions };
      return new Watcher({ rate: 0, clients: [client] }).post(path, {}).status;
    };
    expect(statusWith(["routing:queue:view"])).toBe(403);
    expect(statusWith([permission])).toBe(400);
  });
});
