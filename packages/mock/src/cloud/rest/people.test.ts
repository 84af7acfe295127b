import { describe, expect, test } from "vitest";
import { startMs } from "../../testing/stage.ts";
import { between, Watcher } from "../../testing/watcher.ts";

interface Listing {
  readonly entities: readonly {
    readonly id: string;
    readonly name: string;
    readonly joined?: boolean;
    readonly [field: string]: unknown;
  }[];
  readonly total: number;
  readonly cursor?: string;
  readonly nextUri?: string;
}

function list(watcher: Watcher, path: string): Listing {
  const { status, json } = watcher.get(path);
  expect(status).toBe(200);
  return Object(json);
}

describe("queues", () => {
  test("come one by one, with how many have joined", () => {
    const watcher = new Watcher({});
    const [queue] = watcher.stage.cloud.world.queues;
    watcher.until(startMs + 60_000);
    const { json } = watcher.get(`routing/queues/${queue?.id}`);
    const joined = list(watcher, `routing/queues/${queue?.id}/members?joined=true`);
    expect(json).toMatchObject({
      id: queue?.id,
      name: queue?.name,
      memberCount: queue?.agentIds.length,
      joinedMemberCount: joined.total,
    });
    expect(watcher.get("routing/queues/none").status).toBe(404);
    expect(watcher.get("routing/queues/none/members").status).toBe(404);
  });

  test("have members by name, whose joining is what the last event told", () => {
    const watcher = new Watcher({ rate: 100 });
    watcher.hold(["v2.routing.queues.{id}.users"]);
    const told = new Map<string, unknown>();
    for (const { body } of watcher.until(startMs + 60_000))
      told.set(`${String(body["queueId"])} ${String(body["id"])}`, body["joined"]);
    expect(told.size).toBeGreaterThan(5);
    let apart = 0;
    for (const { id, agentIds } of watcher.stage.cloud.world.queues) {
      const { entities } = list(watcher, `routing/queues/${id}/members?pageSize=100`);
      const names = entities.map(({ name }) => name);
      expect(names).toEqual(names.toSorted());
      expect(entities.map((member) => member.id).toSorted()).toEqual(agentIds.toSorted());
      for (const member of entities) {
        expect(member.joined).toBe(told.get(`${id} ${member.id}`) ?? true);
        if (member.joined !== true) apart += 1;
      }
      expect(list(watcher, `routing/queues/${id}/members?joined=false`).entities).toEqual(
        entities.filter(({ joined }) => joined !== true),
      );
    }
    expect(apart).toBeGreaterThan(0);
  });

  test("expand members, and filter them by what they do", () => {
    const watcher = new Watcher({});
    const id = watcher.stage.cloud.world.queues[0]?.id ?? "";
    const path = `routing/queues/${id}/members`;
    const bare = list(watcher, path).entities[0];
    expect(bare).not.toHaveProperty("routingStatus");
    const { entities } = list(watcher, `${path}?expand=routingStatus,presence`);
    for (const member of entities) {
      expect(member).toMatchObject({ routingStatus: { userId: member.id }, memberBy: "user" });
      expect(member["user"]).toMatchObject({ presence: { source: "PURECLOUD" } });
    }
    const idle = list(watcher, `${path}?routingStatus=IDLE`).total;
    const off = list(watcher, `${path}?routingStatus=OFF_QUEUE`).total;
    expect(idle + off).toBe(entities.length);
    expect(list(watcher, `${path}?presence=ON_QUEUE`).total).toBe(idle);
    for (const wrong of ["expand=mood", "joined=maybe", "pageSize=101"])
      expect(watcher.get(`${path}?${wrong}`).status).toBe(400);
  });

  test("have wrap-up codes and a division beside them", () => {
    const watcher = new Watcher({});
    const { world } = watcher.stage.cloud;
    const codes = list(watcher, "routing/wrapupcodes");
    expect(codes.entities.map(({ id }) => id)).toEqual(world.wrapUpCodes.map(({ id }) => id));
    const [division] = list(watcher, "authorization/divisions").entities;
    expect(division).toMatchObject({ id: world.divisionId, homeDivision: true });
    expect(list(watcher, "authorization/divisions?id=none").total).toBe(0);
  });
});

describe("users", () => {
  test("are expanded with what they do, alone and in listings", () => {
    const watcher = new Watcher({});
    const expand =
      "presence,routingStatus,outOfOffice,station,skills,languages,conversationSummary";
    const { entities } = list(watcher, `users?expand=${expand}`);
    const [user] = entities;
    expect(user).toMatchObject({
      presence: { presenceDefinition: {} },
      routingStatus: { userId: user?.id },
      outOfOffice: { active: false },
      conversationSummary: { userId: user?.id },
    });
    expect(watcher.get(`users/${user?.id}/station`).json).toEqual(user?.["station"]);
    expect(watcher.get(`users/${user?.id}?expand=presence&expand=${expand}`).json).toEqual(user);
    expect(list(watcher, `users?id=${user?.id}`).total).toBe(1);
    expect(watcher.get(`users/${user?.id}`).json).not.toHaveProperty("presence");
    expect(watcher.get("users/none").status).toBe(404);
    expect(watcher.get("users?expand=mood").status).toBe(400);
    expect(list(watcher, "users?state=deleted").total).toBe(0);
  });

  test("are all visited once by cursor", () => {
    const watcher = new Watcher({ agents: 60 });
    const ids: string[] = [];
    let path: string | undefined = "users/query?pageSize=25";
    while (path !== undefined) {
      const page: Listing = list(watcher, path);
      ids.push(...page.entities.map(({ id }) => id));
      expect(page.cursor === undefined).toBe(page.nextUri === undefined);
      path = page.nextUri?.replace("/api/v2/", "");
    }
    expect(ids).toEqual(watcher.stage.cloud.world.agents.map(({ id }) => id));
    expect(watcher.get("users/query?cursor=none").status).toBe(400);
  });

  test("have presences, 50 in bulk and no more", () => {
    const watcher = new Watcher({ agents: 60 });
    const ids = watcher.stage.cloud.world.agents.map(({ id }) => id);
    const bulk = (count: number): ReturnType<Watcher["get"]> =>
      watcher.get(`users/presences/purecloud/bulk?id=${ids.slice(0, count).join(",")}`);
    expect(Object(bulk(50).json)).toHaveLength(50);
    expect(bulk(51).status).toBe(400);
    expect(bulk(51).json).toMatchObject({ code: "invalid.value" });
    expect(watcher.get(`users/${ids[0]}/presences/purecloud`).json).toEqual(
      Object(bulk(1).json)[0],
    );
    for (const path of [
      "users/none/presences/purecloud",
      "users/none/routingstatus",
      "users/none/station",
    ])
      expect(watcher.get(path).status).toBe(404);
    const definitions = list(watcher, "presence/definitions").entities;
    expect(list(watcher, "presencedefinitions?pageSize=100").entities.map(({ id }) => id)).toEqual(
      definitions.map(({ id }) => id),
    );
    expect(definitions.map(({ name }) => name)).toContain("On Queue");
  });
});

describe("counts of users", () => {
  test("agree between queue observations, routing activity and members", () => {
    const watcher = new Watcher({});
    watcher.until(startMs + 60_000);
    const id = watcher.stage.cloud.world.queues[0]?.id ?? "";
    const filter = { type: "and", predicates: [{ dimension: "queueId", value: id }] };
    const metrics = ["oMemberUsers", "oActiveUsers", "oOnQueueUsers", "oOffQueueUsers"];
    const observed = Object(
      watcher.post("analytics/queues/observations/query", { filter, metrics }).json,
    ).results[0].data;
    const sums = new Map<string, number>();
    for (const { metric, stats } of observed)
      sums.set(metric, (sums.get(metric) ?? 0) + stats.count);
    const body = { filter, metrics: metrics.map((metric) => ({ metric })), groupBy: ["queueId"] };
    const active = Object(watcher.post("analytics/routing/activity/query", body).json).results[0];
    expect(active.group).toEqual({ queueId: id });
    expect(active.data).toEqual(
      metrics.map((metric) => ({ metric, count: sums.get(metric) ?? 0 })),
    );
    expect(sums.get("oActiveUsers")).toBe(
      list(watcher, `routing/queues/${id}/members?joined=true`).total,
    );
    expect(sums.get("oOnQueueUsers")).toBeGreaterThan(0);
    const [agent] = watcher.stage.cloud.world.agents;
    const ofUser = watcher.post("analytics/users/observations/query", {
      filter: { type: "and", predicates: [{ dimension: "userId", value: agent?.id }] },
      metrics: ["oMemberQueues"],
    });
    expect(Object(ofUser.json).results).toEqual([
      {
        group: { userId: agent?.id },
        data: [{ metric: "oMemberQueues", stats: { count: agent?.queueIds.length } }],
      },
    ]);
  });

  test.each([
    ["analytics/queues/observations/query", { metrics: ["oWaiting"] }, "filter"],
    ["analytics/users/observations/query", { metrics: ["oMemberQueues"] }, "filter"],
    ["analytics/conversations/activity/query", { metrics: [] }, "metrics"],
    ["analytics/routing/activity/query", { metrics: [{ metric: "mood" }] }, "metrics.0.metric"],
  ])("%s refuses %j", (path, body, field) => {
    const { status, json } = new Watcher({ rate: 0 }).post(path, body);
    expect(status).toBe(400);
    expect(Object(json).message).toContain(field);
  });
});

describe("the users details query", () => {
  test("has a user's spans that touch the interval, pages, and filters by user", () => {
    const watcher = new Watcher({ settings: { analyticsLagMs: 1000 } });
    watcher.until(startMs + 60_000);
    const [agent] = watcher.stage.cloud.world.agents;
    const ask = (body: object): { userDetails?: { userId: string }[]; totalHits: number } =>
      Object(watcher.post("analytics/users/details/query", body).json);
    const interval = between(startMs, startMs + 1000);
    const predicates = [{ dimension: "userId", value: agent?.id }];
    const one = ask({ interval, userFilters: [{ type: "or", predicates }] });
    expect(one).toMatchObject({ totalHits: 1, userDetails: [{ userId: agent?.id }] });
    const paged = ask({ interval, paging: { pageSize: 5, pageNumber: 3 } });
    expect(paged).toMatchObject({ totalHits: 12 });
    expect(paged.userDetails).toHaveLength(2);
    expect(ask({ interval: between(startMs - 1000, startMs) })).toEqual({ totalHits: 0 });
  });
});

describe("conversations", () => {
  test("are none for a client without a user, and gone some time after their end", () => {
    const watcher = new Watcher({ settings: { endedConversationMs: 10_000 } });
    expect(list(watcher, "conversations").entities).toEqual([]);
    watcher.hold(["v2.routing.queues.{id}.conversations"]);
    const told = watcher.until(startMs + 60_000);
    const ended = told.find(({ body }) => {
      const [customer]: { endTime?: string }[] = Object(body["participants"]);
      return customer?.endTime !== undefined;
    });
    const path = `conversations/${String(ended?.body["id"])}`;
    watcher.until(watcher.nowMs + 10_000);
    expect(watcher.get(path)).toMatchObject({ status: 404, json: { code: "not.found" } });
    expect(watcher.get("conversations/none").status).toBe(404);
    const running = told.at(-1);
    const fresh = new Watcher({ settings: { endedConversationMs: 10_000 } });
    fresh.until(startMs + 60_000);
    expect(fresh.get(`conversations/${String(running?.body["id"])}`).status).toBe(200);
  });

  test("that were published by hand are what was published last, until the centre goes on", () => {
    const watcher = new Watcher({});
    const [queue] = watcher.stage.cloud.world.queues;
    const topic = `v2.routing.queues.${queue?.id}.conversations`;
    const tell = (on: string, body: object): unknown =>
      watcher.stage.cloud.emit(on, body, watcher.nowMs);
    tell(topic, { id: "by-hand", participants: [], step: 1 });
    tell("v2.users.somebody.conversations", { id: "by-hand", participants: [], step: 2 });
    tell(`${topic}.calls`, { id: "by-hand", step: 3 });
    tell("v2.users.somebody.presence", { id: "no-conversation" });
    expect(watcher.get("conversations/by-hand").json).toMatchObject({ step: 2 });
    expect(watcher.get("conversations/no-conversation").status).toBe(404);

    watcher.hold(["v2.routing.queues.{id}.conversations"]);
    const id = String(watcher.until(startMs + 3000).at(-1)?.body["id"]);
    tell(topic, { id, step: 4 });
    expect(watcher.get(`conversations/${id}`).json).toEqual({ id, step: 4 });
    const next = watcher.until(startMs + 60_000).findLast(({ body }) => body["id"] === id);
    expect(watcher.get(`conversations/${id}`).json).toMatchObject(next?.body ?? {});
  });

  test("that were published by hand are forgotten, the oldest first", () => {
    const watcher = new Watcher({ rate: 0 });
    for (let index = 0; index <= 1000; index += 1)
      watcher.stage.cloud.emit("v2.users.u.conversations", { id: `c${index}` }, startMs);
    expect(watcher.get("conversations/c0").status).toBe(404);
    expect(watcher.get("conversations/c1").status).toBe(200);
  });
});
