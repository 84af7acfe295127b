import { describe, expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { fakeCursor, topicState, trunkState } from "../testing/fake-service.ts";
import { sampleEvent, sampleGap } from "../testing/sample-entries.ts";
import { codeOf, stageHttp } from "../testing/http-stage.ts";
import type { ErrorReply, GapsReply, SubscribersReply, TopicsReply } from "./api.ts";

interface Line {
  readonly type: string;
  readonly cursor: string;
  readonly topics?: readonly string[];
}

function lines(body: string): readonly Line[] {
  expect(body === "" || body.endsWith("\n")).toBe(true);
  return body
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

const all = "/admin/entries?follow=false&since=0";

describe("/admin/entries", () => {
  test("gives everything up to the head in the journal's order, and ends", async () => {
    const { ask, service } = stageHttp();
    service.fake.put(sampleEvent(1), sampleGap(2), sampleEvent(3));
    const answer = await ask(all);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    expect(lines(answer.body).map(({ type, cursor }) => [type, cursor])).toEqual([
      ["event", fakeCursor(1)],
      ["gap", fakeCursor(2)],
      ["event", fakeCursor(3)],
    ]);
  });

  test("goes on after a cursor, and says after which it begins", async () => {
    const { ask, service } = stageHttp();
    service.fake.grow(4);
    const answer = await ask(`/admin/entries?follow=false&since=${fakeCursor(2)}`);
    expect(lines(answer.body).map(({ cursor }) => cursor)).toEqual([fakeCursor(3), fakeCursor(4)]);
    expect(answer.headers["trunkline-cursor"]).toBe(fakeCursor(2));
  });

  test("begins at the head where no cursor is given", async () => {
    const { ask, service } = stageHttp();
    service.fake.grow(4);
    const answer = await ask("/admin/entries?follow=false");
    expect([answer.statusCode, answer.body]).toEqual([200, ""]);
    expect(answer.headers["trunkline-cursor"]).toBe(fakeCursor(4));
  });

  test("gives a journal of many pages whole", async () => {
    const { ask, service } = stageHttp();
    service.fake.grow(2_345);
    const cursors = lines((await ask(all)).body).map(({ cursor }) => cursor);
    expect(cursors).toEqual(Array.from({ length: 2_345 }, (_, i) => fakeCursor(i + 1)));
    expect(service.fake.reads).toBe(5);
  });

  test("gives topics by patterns, and gaps as far as they concern them", async () => {
    const { ask, service } = stageHttp();
    const topics = ["v2.users.a.presence", "v2.users.b.presence", "v2.routing.queues.q.users"];
    service.fake.put(
      ...topics.map((topic, index) => sampleEvent(index + 1, { topic })),
      sampleGap(4, { topics }),
      sampleGap(5, { topics: topics.slice(2) }),
      sampleGap(6, { topics: [], cause: "retention" }),
    );
    const two = lines((await ask(`${all}&topic=v2.users.B.presence&topic=v2.users.a.*`)).body);
    expect(two.map(({ cursor }) => cursor)).toEqual([1, 2, 4, 6].map(fakeCursor));
    expect(two[2]?.topics).toEqual(topics.slice(0, 2));
    const one = lines((await ask(`${all}&topic=v2.routing.queues.*.users`)).body);
    expect(one.map(({ cursor }) => cursor)).toEqual([3, 4, 5, 6].map(fakeCursor));
  });

  test("gives frames as they came, in which there are no gaps", async () => {
    const { ask, service } = stageHttp();
    const raw = '{"topicName":"v2.users.a.presence","eventBody":{"n":12345678901234567890}}';
    service.fake.put(sampleGap(1), sampleEvent(2, { raw }));
    expect((await ask(`${all}&format=genesys`)).body).toBe(`${raw}\n`);
    const frames = lines((await ask(`${all}&format=frames`)).body);
    expect(frames.map(({ type }) => type)).toEqual(["gap", "event"]);
  });

  test.each([
    ["since=other-3", "CURSOR_FOREIGN"],
    ["since=nonsense", "CURSOR_INVALID"],
    ["since=-1", "CURSOR_INVALID"],
    [`since=${fakeCursor(6)}`, "CURSOR_INVALID"],
    ["since=0&since=1", "REQUEST_INVALID"],
    ["follow=yes", "REQUEST_INVALID"],
    ["format=xml", "REQUEST_INVALID"],
    ["topic=", "REQUEST_INVALID"],
    ["topic=a%20b", "REQUEST_INVALID"],
    ["topic=(*", "REQUEST_INVALID"],
    ["topic=presence", "REQUEST_INVALID"],
    [`topic=${"x".repeat(201)}`, "REQUEST_INVALID"],
    [Array.from({ length: 101 }, () => "topic=v2.a").join("&"), "REQUEST_INVALID"],
    ["topics=a", "REQUEST_INVALID"],
  ])("refuses ?%.40s before any line", async (query, code) => {
    const { ask, service } = stageHttp();
    service.fake.grow(5);
    const answer = await ask(`/admin/entries?${query}`);
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, code]);
  });

  test.each(["v2.users.*?presence&routingStatus", "v2.users.a?presence", "v2.a-b_c.*"])(
    "takes %s for a pattern",
    async (pattern) => {
      const { ask } = stageHttp();
      expect((await ask(`${all}&topic=${encodeURIComponent(pattern)}`)).statusCode).toBe(200);
    },
  );

  test("says what a pattern looks like", async () => {
    const { ask } = stageHttp();
    expect((await ask("/admin/entries?topic=presence")).json()).toMatchObject({
      error: {
        message:
          "?topic[0]: expected the name of a topic, in which * stands for one segment, as v2.users.*.presence.",
      },
    });
  });

  test("refuses more streams than there may be, until one ends", async () => {
    const { ask, service, clock, stopping } = stageHttp();
    const open = Array.from({ length: 64 }, () => ask("/admin/entries"));
    await clock.runUntil(1);
    const answer = await ask(all);
    expect([answer.statusCode, codeOf(answer)]).toEqual([503, "TOO_MANY_STREAMS"]);
    expect(answer.headers["retry-after"]).toBe("10");
    expect((await ask("/metrics")).body).toContain("trunkline_http_streams 64");
    await service.fake.close();
    await Promise.all(open);
    expect((await ask(all)).statusCode).toBe(200);
    expect((await ask("/metrics")).body).toContain("trunkline_http_streams 0");
    stopping.abort();
  });

  test("what follows is ended when the relay ends, between two lines", async () => {
    const { ask, service, clock, stopping } = stageHttp();
    const answering = ask("/admin/entries");
    await clock.runUntil(1);
    service.fake.grow(3);
    await clock.runUntil(2);
    stopping.abort();
    const answer = await answering;
    expect(lines(answer.body)).toHaveLength(3);
  });

  test("is cut, not ended, when the journal cannot be read on", async () => {
    const { ask, service, lines: logged } = stageHttp();
    service.fake.grow(1);
    service.fake.broken = new RelayError("INTERNAL", "malformed page");
    await expect(ask(all)).rejects.toThrow(/destroyed|aborted|closed/iu);
    expect(logged).toContainEqual(
      expect.objectContaining({ level: "warn", code: "STREAM_FAILED", cause: "malformed page" }),
    );
  });
});

describe("/admin/gaps", () => {
  const open = sampleGap(3, { gapId: "g2" });
  const closed = sampleGap(2, {
    state: "closed",
    toMs: open.fromMs + 500,
    organizationId: undefined,
  });

  test("tells gaps by their latest state", async () => {
    const { ask, service } = stageHttp();
    service.fake.latestGaps = [closed, open];
    const reply = (await ask("/admin/gaps")).json<GapsReply>();
    expect(reply.gaps).toEqual([
      {
        cursor: fakeCursor(2),
        id: "gap-1",
        trunk: "main",
        topics: closed.topics,
        from: "2026-11-21T12:00:00.000Z",
        to: "2026-11-21T12:00:00.500Z",
        cause: "cut",
        certainty: "possible",
        state: "closed",
        recordedAt: "2026-11-21T12:00:01.000Z",
      },
      expect.objectContaining({ id: "g2", organizationId: open.organizationId, to: null }),
    ]);
    expect(service.fake.gapQueries).toEqual([{ limit: 100 }]);
  });

  test("asks the journal for what was asked for", async () => {
    const { ask, service } = stageHttp();
    await ask("/admin/gaps?open=true&trunk=main&limit=7");
    await ask("/admin/gaps?open=false");
    expect(service.fake.gapQueries).toEqual([
      { limit: 7, isOpen: true, trunk: "main" },
      { limit: 100 },
    ]);
  });
});

test("/admin/trunks counts topics by state", async () => {
  const { ask, service } = stageHttp();
  service.trunkStates = [
    trunkState(),
    trunkState({ name: "b", topics: [topicState("x", "pending")] }),
  ];
  expect((await ask("/admin/trunks")).json()).toMatchObject({
    trunks: [
      { name: "main", topics: { live: 1, pending: 0 } },
      { name: "b", topics: { live: 0, pending: 1 } },
    ],
  });
});

test("/admin/topics tells each topic, by trunk and state, and how many there are", async () => {
  const { ask, service } = stageHttp();
  const rejected = {
    ...topicState("r", "rejected"),
    reason: "missing permission",
    missingPermissions: ["routing:queue:view"],
  };
  service.trunkStates = [
    trunkState({ topics: [topicState("a"), rejected] }),
    trunkState({ name: "b", topics: [topicState("c")] }),
  ];
  const get = async (query: string): Promise<TopicsReply> =>
    (await ask(`/admin/topics?${query}`)).json<TopicsReply>();
  expect(await get("state=rejected")).toEqual({
    topics: [{ trunk: "main", ...rejected }],
    total: 1,
  });
  expect(await get("trunk=b")).toEqual({
    topics: [{ trunk: "b", topic: "c", state: "live" }],
    total: 1,
  });
  expect(await get("limit=1")).toMatchObject({ topics: [{ topic: "a" }], total: 3 });
  const wrong = (await ask("/admin/topics?state=dead")).json<ErrorReply>();
  expect(wrong.error.details?.[0]?.path).toBe("?state");
});

test("/admin/subscribers tells the connections of the Event API, those furthest behind first", async () => {
  const { ask, service, clock } = stageHttp();
  const get = async (query = ""): Promise<SubscribersReply> =>
    (await ask(`/admin/subscribers${query}`)).json<SubscribersReply>();
  expect(await get()).toEqual({ subscribers: [], total: 0 });
  service.fake.grow(9);
  const numbers = { ageMs: 60_000, sent: 4, received: 2, subscriptions: 1, lagging: 0 };
  const plain = { kind: "socket", ...numbers } as const;
  const counted = { shapes: 1, sent: 0, received: 0, refusals: [], closes: [] };
  service.gatewayState = {
    ...counted,
    connections: [
      { ...plain, clientId: undefined, subscriptions: 0, position: undefined },
      { ...plain, clientId: "quick", position: 9 },
      { ...plain, clientId: "slow", position: 2, lagging: 1 },
    ],
  };
  const since = new Date(clock.wallMs() - 60_000).toISOString();
  const told = { since, sent: 4, received: 2, subscriptions: 1, behind: 0, lagging: 0 };
  expect(await get()).toEqual({
    subscribers: [
      { ...told, client: "slow", cursor: fakeCursor(2), behind: 7, lagging: 1 },
      { ...told, subscriptions: 0 },
      { ...told, client: "quick", cursor: fakeCursor(9) },
    ],
    total: 3,
  });
  expect(await get("?limit=1")).toMatchObject({ subscribers: [{ client: "slow" }], total: 3 });
});

test("/admin/journal tells the journal, with cursors", async () => {
  const { ask, service } = stageHttp();
  expect((await ask("/admin/journal")).json()).toMatchObject({ head: fakeCursor(0), entries: 0 });
  expect((await ask("/admin/journal")).json()).not.toHaveProperty("oldest");
  service.fake.put(sampleEvent(5), sampleEvent(6));
  expect((await ask("/admin/journal")).json()).toEqual({
    id: "sample",
    head: fakeCursor(6),
    oldest: fakeCursor(5),
    entries: 2,
    bytes: 4_096,
    waiting: 3,
    commits: 7,
    stored: 2,
  });
});

test("/admin/reload says what is different now, and what needs a restart", async () => {
  const { post, service } = stageHttp();
  const report = { changes: ["trunk main: 3 topics more"], needRestart: ["http.port"] };
  service.reloads = () => Promise.resolve(report);
  expect((await post("/admin/reload")).json()).toEqual(report);
  expect((await post("/admin/reload", {})).json()).toEqual(report);
  expect(codeOf(await post("/admin/reload", { now: true }))).toBe("REQUEST_INVALID");
});
