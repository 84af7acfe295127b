import { isTrunklineError } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import { DirectStage } from "./testing/direct-stage.ts";
import { snapshot, uuid } from "./testing/client-events.ts";

const second = 1_000;
const minute = 60 * second;
const [queue, ada, bob, division] = [1, 2, 3, 4].map(uuid) as [string, string, string, string];
const presence = presenceOf(ada);
const ofAda = { eventTypes: ["user:presence"], filters: { userId: ada } };

function presenceOf(id: string): string {
  return `v2.users.${id}.presence`;
}

function entities(...ids: readonly string[]): readonly object[] {
  return ids.map((id) => ({ id, name: id, division: { id: division } }));
}

describe("a subscription", () => {
  test("is opened, then live, and brings events after the gap in which nobody listened yet", async () => {
    const stage = new DirectStage().open(ofAda);
    expect(stage.told).toEqual([]);
    await stage.pass(second);
    stage.cloud.emit(presence, { n: 1 });
    await stage.pass(second);
    expect(stage.kinds).toEqual(["opened", "gap", "live", "event"]);
    expect(stage.of("gap")).toMatchObject([{ cause: "unsubscribed", topics: [presence] }]);
    const [opened] = stage.of("opened");
    expect(opened?.coverage).toEqual({ topics: { live: 1 }, notLive: [] });
    expect(stage.of("event")).toMatchObject([{ eventType: "user:presence", data: { n: 1 } }]);
  });

  test("has cursors that grow, and that no other has", async () => {
    const stage = new DirectStage().open(ofAda);
    await stage.pass(second);
    for (let number = 0; number < 12; number++) stage.cloud.emit(presence, { number });
    await stage.pass(second);
    const cursors = stage.told.flatMap((one) =>
      one.type === "event" || one.type === "gap" ? [one.cursor] : [],
    );
    expect(cursors.map((cursor) => Number(cursor.split("-")[1]))).toEqual(
      cursors.map((_, index) => index + 1),
    );
    const other = new DirectStage().open(ofAda);
    await other.pass(second);
    expect(other.of("opened")[0]?.cursor.split("-")[0]).not.toBe(cursors[0]?.split("-")[0]);
  });

  test("rests while it is paused, and goes on where it was", async () => {
    const stage = new DirectStage().open(ofAda);
    await stage.pass(second);
    stage.flow.pause();
    for (let number = 0; number < 3; number++) stage.cloud.emit(presence, { number });
    await stage.pass(minute);
    expect(stage.of("event")).toEqual([]);
    stage.flow.resume();
    await stage.pass(second);
    expect(stage.of("event").map(({ data }) => data)).toEqual([
      { number: 0 },
      { number: 1 },
      { number: 2 },
    ]);
  });

  test("tells nothing after it was closed, and its socket is closed", async () => {
    const stage = new DirectStage().open(ofAda);
    await stage.pass(second);
    stage.flow.close();
    const count = stage.told.length;
    await stage.pass(minute);
    expect(stage.told).toHaveLength(count);
    expect(stage.cloud.sockets.size).toBe(0);
    expect(stage.clock.timers).toBe(0);
  });

  test("takes tokens of a source that others use, and asks it for another when one is refused", async () => {
    const asked: (string | undefined)[] = [];
    const source = {
      token: async (not?: string) => {
        asked.push(not);
        return `shared-${asked.length}`;
      },
    };
    const stage = new DirectStage({ credentials: source });
    stage.cloud.answer = ({ path, headers }) =>
      path.startsWith("/api/") && headers["authorization"] === "Bearer shared-1"
        ? { status: 401, body: "{}" }
        : undefined;
    stage.open(ofAda);
    await stage.pass(10 * second);
    expect(asked).toEqual([undefined, "shared-1"]);
    expect(stage.of("live")).toHaveLength(1);
    expect(stage.cloud.seen("POST /oauth/token")).toEqual([]);
  });

  test("closed at once asks for nothing", async () => {
    const stage = new DirectStage().open(ofAda);
    stage.flow.close();
    await stage.pass(minute);
    expect(stage.told).toEqual([]);
    expect(stage.cloud.requests).toEqual([]);
  });

  test("that lost its socket says so, connects again, and tells what may be missing before what follows", async () => {
    const stage = new DirectStage().open(ofAda);
    await stage.pass(second);
    stage.told.length = 0;
    stage.cloud.socket.lose();
    await stage.pass(10 * second);
    stage.cloud.emit(presence, {});
    await stage.pass(second);
    expect(stage.kinds).toEqual(["gap", "failed", "gap", "opened", "live", "event"]);
    expect(stage.of("failed")[0]?.retryInMs).toBeTypeOf("number");
    const [open, closed] = stage.of("gap");
    expect([open?.state, closed?.state, closed?.id]).toEqual(["open", "closed", open?.id]);
  });
});

test("whoever rests for too long is told by a gap what was dropped, before what comes after it", async () => {
  const stage = new DirectStage({ bufferEventsMax: 4 }).open(ofAda);
  await stage.pass(second);
  stage.told.length = 0;
  stage.flow.pause();
  for (let number = 0; number < 12; number++) stage.cloud.emit(presence, { number });
  await stage.pass(minute);
  expect(stage.kinds).toEqual([]);
  stage.flow.resume();
  await stage.pass(second);
  stage.cloud.emit(presence, { number: 12 });
  await stage.pass(second);
  const came = stage.of("event").map(({ data }) => (data as { readonly number: number }).number);
  expect(came.at(-1)).toBe(12);
  expect(came.length).toBeLessThan(13);
  expect(stage.of("gap")[0]).toMatchObject({ cause: "overflow", certainty: "certain" });
  const [gapAt, lastAt] = [stage.kinds.indexOf("gap"), stage.kinds.lastIndexOf("event")];
  expect(gapAt).toBeLessThan(lastAt);
});

describe("what cannot be had", () => {
  test.each([
    ["FILTERS_MISSING", { eventTypes: ["user:presence"], filters: {} }],
    ["EVENT_TYPE_UNKNOWN", { eventTypes: ["user:presents"], filters: { userId: ada } }],
    ["CURSOR_FOREIGN", { ...ofAda, since: "journal-12" }],
    ["OPTION_INVALID", { ...ofAda, consumer: "board" }],
    [
      "PREDICATE_INVALID",
      {
        eventTypes: ["user:presence"],
        filters: { "user:presence": [{ field: "$.a", operator: "eq", values: [1] }] },
      },
    ],
  ])("is refused at once, with what to do: %s", async (code, request) => {
    const stage = new DirectStage().open(request);
    await stage.pass(minute);
    expect(stage.told).toHaveLength(1);
    const [failed] = stage.of("failed");
    expect([failed?.error.code, failed?.retryInMs]).toEqual([code, undefined]);
    expect(failed?.error.help).not.toBe("");
    expect(stage.cloud.requests).toEqual([]);
  });

  test("is complained of all at once", async () => {
    const stage = new DirectStage().open({
      eventTypes: ["user:presents", "user:routing"],
      filters: { userId: "ada" },
    });
    await stage.pass(second);
    expect(stage.of("failed")[0]?.error.message.split("\n")).toHaveLength(3);
  });

  test("with wrong credentials ends it, and names no secret", async () => {
    const stage = new DirectStage();
    stage.cloud.answer = () => ({ status: 401, body: '{"error":"invalid_client"}' });
    stage.open(ofAda);
    await stage.pass(minute);
    const [failed] = stage.of("failed");
    const cause = failed?.error.cause;
    expect(failed?.error.code).toBe("GENESYS_CLOUD_FAILED");
    expect(isTrunklineError(cause) && cause.code).toBe("CREDENTIALS_REFUSED");
    expect(failed?.retryInMs).toBeUndefined();
    expect(JSON.stringify(stage.told)).not.toContain("the-client-secret");
  });

  test("a list that may not be read ends it where nothing else can be carried", async () => {
    const stage = new DirectStage();
    stage.cloud.answer = ({ path }) =>
      path.startsWith("/api/v2/users?") ? { status: 403, body: "{}" } : undefined;
    stage.open({ eventTypes: ["user:presence"], filters: { divisions: ["self"] } });
    await stage.pass(minute);
    expect(stage.of("failed")).toMatchObject([
      { error: { code: "GENESYS_CLOUD_FAILED" }, retryInMs: undefined },
    ]);
    expect(stage.of("failed")[0]?.error.message).toContain("The list of users cannot be read");
  });
});

describe("the organisation", () => {
  const ofAll = { eventTypes: ["user:presence"], filters: { divisions: ["self"] } };

  test("is listed page by page, and all that is in it is carried", async () => {
    const ids = Array.from({ length: 250 }, (_, index) => uuid(1_000 + index));
    const stage = new DirectStage()
      .lists(() => ({ "/api/v2/users": entities(...ids) }))
      .open(ofAll);
    await stage.pass(10 * second);
    expect(stage.of("live")).toHaveLength(1);
    expect(ids.map((id) => stage.cloud.emit(presenceOf(id)))).toEqual(ids.map(() => 1));
    expect(stage.of("gap")[0]).toMatchObject({ topicCount: 250 });
  });

  test("that cannot be listed yet is asked for again", async () => {
    const stage = new DirectStage().lists(() => ({ "/api/v2/users": entities(ada) }));
    const { answer } = stage.cloud;
    const trouble = { times: 2 };
    stage.cloud.answer = (request) =>
      request.path.startsWith("/api/v2/users?") && trouble.times-- > 0
        ? { status: 503, body: "" }
        : answer(request);
    stage.open(ofAll);
    await stage.pass(10 * second);
    expect(stage.kinds).toEqual(["failed", "failed", "opened", "gap", "live"]);
    expect(stage.of("failed").map(({ retryInMs }) => retryInMs)).toEqual([1_000, 2_000]);
  });

  test("has somebody new: carried from the next listing on, after a gap from the one before", async () => {
    const users = [ada];
    const stage = new DirectStage()
      .lists(() => ({ "/api/v2/users": entities(...users) }))
      .open(ofAll);
    await stage.pass(10 * second);
    stage.told.length = 0;
    users.push(bob);
    const startMs = stage.clock.wallMs();
    await stage.pass(6 * minute);
    const [gap] = stage.of("gap");
    expect(gap).toMatchObject({ topics: [presenceOf(bob)], cause: "unsubscribed" });
    expect(Date.parse(gap?.from ?? "")).toBeLessThanOrEqual(startMs);
    expect(stage.cloud.emit(presenceOf(bob))).toBe(1);
    users.pop();
    await stage.pass(6 * minute);
    expect(stage.cloud.emit(presenceOf(bob))).toBe(0);
  });

  test("whose list moved while its pages were turned loses nobody", async () => {
    const stage = new DirectStage();
    const total = { told: 2 };
    const answer = (): object => ({
      entities: entities(...(total.told === 2 ? [ada, bob] : [ada])),
      pageCount: 1,
      total: total.told,
    });
    stage.cloud.answer = ({ path }) =>
      path.startsWith("/api/v2/users?")
        ? { status: 200, body: JSON.stringify(answer()) }
        : undefined;
    stage.open(ofAll);
    await stage.pass(10 * second);
    // It says three, and shows one.
    total.told = 3;
    await stage.pass(6 * minute);
    expect(stage.cloud.emit(presenceOf(bob))).toBe(1);
    total.told = 1;
    await stage.pass(6 * minute);
    expect(stage.cloud.emit(presenceOf(bob))).toBe(0);
  });

  test("tells who joins a queue that is named: carried within seconds, after a gap", async () => {
    const members: string[] = [ada];
    const stage = new DirectStage()
      .lists(() => ({ [`/api/v2/routing/queues/${queue}/members`]: entities(...members) }))
      .open({ eventTypes: ["user:presence"], filters: { queueId: queue } });
    await stage.pass(10 * second);
    expect(stage.cloud.emit(presenceOf(ada))).toBe(1);
    stage.told.length = 0;
    members.push(bob);
    stage.cloud.emit(`v2.routing.queues.${queue}.users`, { user: { id: bob }, joined: true });
    await stage.pass(10 * second);
    expect(stage.of("gap")).toMatchObject([{ topics: [presenceOf(bob)], cause: "unsubscribed" }]);
    stage.told.length = 0;
    stage.cloud.emit(presenceOf(bob), { n: 1 });
    await stage.pass(second);
    expect(stage.of("event")).toMatchObject([{ data: { n: 1 } }]);
  });

  test("who joined a queue while its topic was lost is found when it carries again", async () => {
    const members: string[] = [ada];
    const stage = new DirectStage()
      .lists(() => ({ [`/api/v2/routing/queues/${queue}/members`]: entities(...members) }))
      .open({ eventTypes: ["user:presence"], filters: { queueId: queue } });
    await stage.pass(10 * second);
    stage.cloud.socket.lose();
    members.push(bob);
    await stage.pass(20 * second);
    expect(stage.cloud.emit(presenceOf(bob))).toBe(1);
  });

  test("with nothing in it to carry is live all the same", async () => {
    const stage = new DirectStage().lists(() => ({ "/api/v2/users": [] })).open(ofAll);
    await stage.pass(10 * second);
    expect(stage.kinds).toEqual(["opened", "live"]);
  });
});

test("a conversation that is named is found by REST, and followed to whoever comes into it", async () => {
  const talk = uuid(9);
  const inQueue = { ...snapshot(talk, 1), participants: [{ queueId: queue }] };
  const stage = new DirectStage();
  stage.cloud.answer = ({ path }) =>
    path === `/api/v2/conversations/${talk}`
      ? { status: 200, body: JSON.stringify(inQueue) }
      : undefined;
  stage.open({ eventTypes: ["conversation:all"], filters: { conversationId: talk } });
  await stage.pass(10 * second);
  const topic = `v2.routing.queues.${queue}.conversations`;
  expect(stage.cloud.emit(topic, { ...inQueue, participants: [{ userId: ada }] })).toBe(1);
  await stage.pass(10 * second);
  expect(stage.of("event")).toHaveLength(1);
  expect(stage.cloud.emit(`v2.users.${ada}.conversations`, inQueue)).toBe(1);
  await stage.pass(second);
  expect(stage.of("event")).toMatchObject([{ entityId: talk }, { entityId: talk }]);
});
