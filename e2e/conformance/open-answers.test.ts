/** What nobody has established, continued: tokens, limits and notices. Each value of each setting, as in its sibling. */
import { expect } from "vitest";
import {
  dial,
  limited,
  presence,
  presenceOf,
  queueTopic,
  raise,
  topicsIn,
  type Caller,
} from "./client.ts";
import { rule } from "./rule.ts";

const channels = "/api/v2/notifications/channels";
const me = "/api/v2/tokens/me";

for (const renews of [true, false])
  rule("no. 3 open", `reconnectRenews: ${renews}`, async () => {
    const caller = await raise({
      settings: { reconnectRenews: renews },
      clients: [{ ...limited(), accessTokenValiditySeconds: 172_800 }],
    });
    const token = await caller.token();
    const channel = await caller.channel(token);
    caller.passes(2 * 3_600_000);
    await dial(channel.connectUri);
    caller.passes(25 * 3_600_000);
    expect(await caller.lives(token, channel)).toBe(renews);
  });

rule("no. 9 open", "clientRequestsPerMinuteMax: all tokens of a client together", async () => {
  const caller = await raise({ settings: { clientRequestsPerMinuteMax: 3 } });
  const [one, two] = [await caller.token(), await caller.token()];
  const statuses = [];
  for (const token of [one, two, one, two])
    statuses.push((await caller.call("GET", me, token)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

rule("no. 9 open", "routeRequestsPerMinuteMax: a route has a budget of its own", async () => {
  const route = "POST /api/v2/notifications/channels";
  const caller = await raise({ settings: { routeRequestsPerMinuteMax: { [route]: 2 } } });
  const token = await caller.token();
  const statuses = [];
  for (let count = 0; count < 3; count++)
    statuses.push((await caller.call("POST", channels, token)).status);
  expect(statuses).toEqual([200, 200, 429]);
  const allowed = await caller.call("POST", channels, token);
  expect(allowed.headers.get("inin-ratelimit-allowed")).toBe("2");
  expect((await caller.call("GET", me, token)).status).toBe(200);
});

for (const [mode, status] of [
  ["error", 400],
  ["reject", 200],
] as const)
  rule("no. 12 open", `ignoreErrorsTooMany: ${mode}`, async () => {
    const caller = await raise({ settings: { ignoreErrorsTooMany: mode, topicsPerChannelMax: 2 } });
    const token = await caller.token();
    const channel = await caller.channel(token);
    const topics = [presenceOf(1), presenceOf(2), presenceOf(3)];
    const reply = await caller.subscribe("PUT", token, channel, topics, "?ignoreErrors=true");
    expect(reply.status).toBe(status);
    if (status === 200)
      expect(topicsIn(reply).map(({ state }) => state)).toEqual([
        "Permitted",
        "Permitted",
        "Rejected",
      ]);
    expect(await caller.topicsOf(token, channel)).toHaveLength(status === 200 ? 2 : 0);
    expect((await caller.subscribe("PUT", token, channel, topics)).status).toBe(400);
  });

for (const type of ["", "socket_closing"])
  rule("no. 17 open", `socketClosingTopicType: "${type}"`, async () => {
    const caller = await raise({ settings: { socketClosingTopicType: type } });
    const { socket } = await caller.line([]);
    caller.mock.cloud.faults.announceClosing({}, caller.mock.nowMs());
    const { eventBody } = await socket.of("v2.system.socket_closing");
    if (type === "") expect(eventBody).not.toHaveProperty("systemTopicType");
    else expect(eventBody).toMatchObject({ systemTopicType: type });
  });

for (const [mode, unasked, asked] of [
  ["unasked", 1, 1],
  ["subscribed", 0, 1],
  ["never", 0, 0],
] as const)
  rule("no. 19 open", `subscriptionUpdated: ${mode}`, async () => {
    const caller = await raise({ settings: { subscriptionUpdated: mode } });
    const topic = "v2.subscription.updated";
    const updates = async (held: readonly string[]): Promise<number> => {
      const { socket, token, channel } = await caller.line(held);
      await caller.subscribe("POST", token, channel, [queueTopic]);
      return (await socket.settled()).filter(({ topicName }) => topicName === topic).length;
    };
    expect(await updates([presence])).toBe(unasked);
    expect(await updates([presence, topic])).toBe(asked);
  });

for (const status of [400, 403])
  rule("1.2 open", `usersMeStatus: ${status}`, async () => {
    const caller = await raise({ settings: { usersMeStatus: status } });
    const reply = await caller.call("GET", "/api/v2/users/me", await caller.token());
    expect(reply).toMatchObject({ status, json: { status } });
  });

for (const format of ["opaque", "jwt"] as const)
  rule("1.2 open", `tokenFormat: ${format}`, async () => {
    const caller = await raise({ settings: { tokenFormat: format } });
    const token = await caller.token();
    expect(token.split(".").length === 3).toBe(format === "jwt");
    expect((await caller.call("GET", me, token)).status).toBe(200);
    await caller.call("DELETE", me, token);
    expect((await caller.call("GET", me, token)).status).toBe(401);
  });

rule(
  "1.2 open",
  "a JWT whose signature is not the mock's is refused, unless nothing is checked",
  async () => {
    const clients = [limited()];
    for (const [jwtValidation, status] of [
      ["strict", 401],
      ["lenient", 401],
      ["off", 200],
    ] as const) {
      const caller = await raise({ clients, settings: { tokenFormat: "jwt", jwtValidation } });
      const token = await caller.token();
      const [head, body] = token.split(".");
      const reply = await caller.call("GET", me, `${head}.${body}.${"A".repeat(43)}`);
      expect({ jwtValidation, status: reply.status }).toEqual({ jwtValidation, status });
    }
  },
);

interface Details {
  readonly conversationId: string;
  readonly conversationStart: string;
  readonly conversationEnd?: string;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** What a details query over the hours around the clock finds, the newest first. */
async function details(caller: Caller, token: string): Promise<readonly Details[]> {
  const nowMs = caller.mock.cloud.state().nowMs;
  const reply = await caller.call("POST", "/api/v2/analytics/conversations/details/query", token, {
    interval: `${iso(nowMs - 3_600_000)}/${iso(nowMs + 3_600_000)}`,
    order: "desc",
    orderBy: "conversationStart",
    paging: { pageSize: 100, pageNumber: 1 },
  });
  expect(reply.status).toBe(200);
  return (reply.json as { conversations?: readonly Details[] }).conversations ?? [];
}

for (const lagMs of [0, 30_000])
  rule("no. 11 open", `analyticsLagMs: ${lagMs}`, async () => {
    const caller = await raise({ rate: 50, settings: { analyticsLagMs: lagMs } });
    const token = await caller.token();
    caller.passes(120_000);
    const [newest] = await details(caller, token);
    const ageMs = caller.mock.cloud.state().nowMs - Date.parse(newest?.conversationStart ?? "");
    if (lagMs === 0) expect(ageMs).toBeLessThan(30_000);
    else expect(ageMs).toBeGreaterThanOrEqual(lagMs);
  });

for (const [setting, body] of [
  ["detailsPageSizeMax", { paging: { pageSize: 7, pageNumber: 1 } }],
  ["detailsIntervalDaysMax", { interval: "2026-03-01T00:00:00.000Z/2026-03-08T00:00:00.000Z" }],
] as const)
  for (const [most, status] of [
    [7, 200],
    [6, 400],
  ] as const)
    rule("no. 11 open", `${setting}: ${most} where 7 are asked for`, async () => {
      const caller = await raise({ settings: { [setting]: most } });
      const path = "/api/v2/analytics/conversations/details/query";
      const interval = "2026-03-02T00:00:00.000Z/2026-03-03T00:00:00.000Z";
      const asked = { interval, ...body };
      const reply = await caller.call("POST", path, await caller.token(), asked);
      expect(reply.status).toBe(status);
    });

rule(
  "no. 23 open",
  "endedConversationMs: so long an ended conversation is told by its id",
  async () => {
    const caller = await raise({ rate: 10, settings: { endedConversationMs: 90_000 } });
    const token = await caller.token();
    caller.passes(900_000);
    const ended = (await details(caller, token)).filter(({ conversationEnd }) => conversationEnd);
    expect(ended.length).toBeGreaterThan(10);
    const atMs = caller.mock.cloud.state().nowMs;
    const kept = new Set<boolean>();
    for (const { conversationId, conversationEnd = "" } of ended) {
      const isKept = atMs - Date.parse(conversationEnd) <= 90_000;
      const { status } = await caller.call("GET", `/api/v2/conversations/${conversationId}`, token);
      expect(status).toBe(isKept ? 200 : 404);
      kept.add(isKept);
    }
    expect(kept.size).toBe(2);
  },
);
