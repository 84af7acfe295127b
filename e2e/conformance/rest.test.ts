/** The calls that fill a gap: docs/GENESYS.md section 3.7. What they tell is proven against the events elsewhere. */
import { expect } from "vitest";
import { limited, raise, type Caller, type Reply } from "./client.ts";
import { rule } from "./rule.ts";

const detailsQuery = "/api/v2/analytics/conversations/details/query";

function query(caller: Caller, token: string, interval: string): Promise<Reply> {
  const paging = { pageSize: 100, pageNumber: 1 };
  return caller.call("POST", detailsQuery, token, { interval, paging });
}

rule(
  "3.7 official SDK",
  "any one of its permissions opens the details query, none is a 403",
  async () => {
    const interval = "2026-03-02T00:00:00.000Z/2026-03-03T00:00:00.000Z";
    for (const [permissions, status] of [
      [["analytics:conversationDetail:view"], 200],
      [["analytics:agentConversationDetail:view"], 200],
      [["routing:queue:view"], 403],
    ] as const) {
      const caller = await raise({ clients: [limited(permissions)] });
      const reply = await query(caller, await caller.token(), interval);
      expect(reply.status).toBe(status);
      if (status === 403) expect(reply.json).toMatchObject({ code: "missing.any.permissions" });
    }
  },
);

rule(
  "3.7 official SDK",
  "the details query finds what started on a day that is touched",
  async () => {
    const caller = await raise({ rate: 20, startAtMs: Date.parse("2026-03-02T08:00:00.000Z") });
    const token = await caller.token();
    caller.passes(600_000);
    // The interval ends long after the last of them; its day is theirs.
    const same = await query(caller, token, "2026-03-02T20:00:00.000Z/2026-03-02T21:00:00.000Z");
    expect(same).toMatchObject({ status: 200 });
    const next = await query(caller, token, "2026-03-03T00:00:00.000Z/2026-03-03T01:00:00.000Z");
    expect(next.json).toMatchObject({ totalHits: 0 });
    const all = await query(caller, token, "2026-03-02T08:00:00.000Z/2026-03-02T09:00:00.000Z");
    const { totalHits, conversations } = all.json as {
      totalHits: number;
      conversations: unknown[];
    };
    expect(totalHits).toBeGreaterThan(10);
    expect(conversations).toHaveLength(Math.min(100, totalHits));
  },
);

rule("3.7 official SDK", "presences of 50 users are had at once, of 51 not", async () => {
  const caller = await raise({ agents: 60 });
  const token = await caller.token();
  const ids = caller.mock.cloud.world.agents.map(({ id }) => id);
  const bulk = (count: number): Promise<Reply> =>
    caller.call(
      "GET",
      `/api/v2/users/presences/purecloud/bulk?id=${ids.slice(0, count).join(",")}`,
      token,
    );
  const fifty = await bulk(50);
  expect(fifty.status).toBe(200);
  expect(fifty.json).toHaveLength(50);
  expect((await bulk(51)).status).toBe(400);
});

rule("3.7 official SDK", "members of a queue come in pages of at most 100", async () => {
  const caller = await raise();
  const token = await caller.token();
  const id = caller.mock.cloud.world.queues[0]?.id ?? "";
  const path = `/api/v2/routing/queues/${id}/members`;
  expect(await caller.call("GET", `${path}?pageSize=100`, token)).toMatchObject({ status: 200 });
  expect((await caller.call("GET", `${path}?pageSize=101`, token)).status).toBe(400);
});

rule("3.7 official SDK", "a conversation by its id is what its topics carry", async () => {
  const caller = await raise({ rate: 100, queues: 1 });
  const topic = `v2.routing.queues.${caller.mock.cloud.world.queues[0]?.id ?? ""}.conversations`;
  const { socket, token } = await caller.line([topic]);
  caller.passes(10_000);
  const bodies = new Map<unknown, unknown>();
  for (const { eventBody } of await socket.settled()) bodies.set(eventBody?.["id"], eventBody);
  expect(bodies.size).toBeGreaterThan(3);
  for (const id of bodies.keys()) {
    const { status, json } = await caller.call("GET", `/api/v2/conversations/${String(id)}`, token);
    expect(status).toBe(200);
    expect(json).toMatchObject({ id, participants: expect.any(Array) as unknown });
  }
});
