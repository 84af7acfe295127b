/** What nobody has established: every value of its setting, by the numbers of docs/GENESYS.md section 8. */
import { expect } from "vitest";
import type { Settings } from "@trunkline/mock";
import {
  basic,
  dial,
  entities,
  limited,
  presence,
  presenceOf,
  queueTopic,
  raise,
  refusedUpgrade,
  userId,
  type Caller,
  type Close,
  type Socket,
  topicsIn,
} from "./client.ts";
import { rule } from "./rule.ts";

const channels = "/api/v2/notifications/channels";
const hourMs = 3_600_000;
const combined = `v2.users.${userId}?presence&routingStatus`;
const unknownTopic = `v2.nobody.${userId}.knows`;

/** A socket's end as the client sees it, by the setting. */
const ends: readonly (readonly [Settings["displacedSocket"], Close | "stays"])[] = [
  [
    { code: 4001, reason: "said so" },
    { code: 4001, reason: "said so" },
  ],
  ["cut", { code: 1006, reason: "" }],
  ["stay", "stays"],
];

/** Each way in which a channel's socket can end, and what brings it about. */
const causes: Readonly<
  Record<string, (caller: Caller, line: Awaited<ReturnType<Caller["line"]>>) => Promise<void>>
> = {
  displacedSocket: async (_, { channel }) => void (await dial(channel.connectUri)),
  announcedSocket: async (caller) => {
    caller.mock.cloud.faults.announceClosing({}, caller.mock.nowMs());
    caller.passes(60_000);
  },
  expiredChannelSocket: async (caller) => caller.passes(24 * hourMs),
  evictedChannelSocket: async (caller, { token }) => void (await caller.channel(token)),
  tokenDeathSocket: async (caller, { token }) =>
    void (await caller.call("DELETE", "/api/v2/tokens/me", token)),
};

async function expectEnd(socket: Socket, end: Close | "stays"): Promise<void> {
  if (end !== "stays") return expect(await socket.closed).toEqual(end);
  await socket.settled();
  expect(socket.raw.readyState).toBe(socket.raw.OPEN);
}

for (const [setting, bringAbout] of Object.entries(causes))
  for (const [how, end] of ends)
    rule("no. 1 open", `${setting}: ${JSON.stringify(how)}`, async () => {
      const caller = await raise({ settings: { channelsPerClientMax: 1, [setting]: how } });
      const line = await caller.line();
      await bringAbout(caller, line);
      await expectEnd(line.socket, end);
    });

rule(
  "no. 2 open",
  "tooManyTopicsCode and malformedTopicCode are the codes of their 400",
  async () => {
    const settings = { tooManyTopicsCode: "a", malformedTopicCode: "b", topicsPerChannelMax: 1 };
    const caller = await raise({ settings });
    const token = await caller.token();
    const channel = await caller.channel(token);
    for (const [topics, code] of [
      [[presence, queueTopic], "a"],
      [["not a topic"], "b"],
    ] as const)
      expect(await caller.subscribe("PUT", token, channel, topics)).toMatchObject({
        status: 400,
        json: { code, status: 400 },
      });
  },
);

for (const [unknown, plain, ignoring, listed] of [
  ["error", 400, 400, []],
  ["reject", 400, 200, []],
  ["permit", 200, 200, [unknownTopic]],
] as const)
  rule("no. 2 open", `unknownTopic: ${unknown}`, async () => {
    const caller = await raise({ settings: { unknownTopic: unknown } });
    const token = await caller.token();
    const channel = await caller.channel(token);
    const one = await caller.subscribe("PUT", token, channel, [unknownTopic], "?ignoreErrors=true");
    expect(one.status).toBe(ignoring);
    const other = await caller.subscribe("PUT", token, channel, [unknownTopic]);
    expect(other.status).toBe(plain);
    expect(await caller.topicsOf(token, channel)).toEqual(listed);
  });

for (const status of [200, 202, 204] as const)
  rule("no. 2 open", `deleteSubscriptionsStatus: ${status}`, async () => {
    const caller = await raise({ settings: { deleteSubscriptionsStatus: status } });
    const token = await caller.token();
    const { id } = await caller.channel(token, [presence]);
    const reply = await caller.call("DELETE", `${channels}/${id}/subscriptions`, token);
    expect(reply).toMatchObject({ status, text: "" });
  });

for (const expiresMoves of [true, false])
  rule("no. 3 open", `expiresMoves: ${expiresMoves}`, async () => {
    const caller = await raise({ settings: { expiresMoves } });
    const token = await caller.token();
    const channel = await caller.channel(token);
    caller.passes(2 * hourMs);
    await caller.subscribe("PUT", token, channel, [presence]);
    const [shown] = entities(await caller.call("GET", channels, token));
    const movedMs = Date.parse(String(shown?.["expires"])) - Date.parse(channel.expires);
    if (expiresMoves) expect(movedMs).toBeGreaterThan(2 * hourMs - 10_000);
    else expect(movedMs).toBe(0);
  });

for (const renews of [true, false])
  rule("no. 3 open", `inBandSubscribeRenews: ${renews}`, async () => {
    const caller = await raise({
      settings: { inBandSubscribeRenews: renews },
      clients: [{ ...limited(), accessTokenValiditySeconds: 172_800 }],
    });
    const { socket, token, channel } = await caller.line();
    caller.passes(2 * hourMs);
    await socket.answer({ message: "subscribe", topics: [presence] });
    caller.passes(25 * hourMs);
    expect(await caller.lives(token, channel)).toBe(renews);
  });

for (const [cause, setting] of [
  ["expiry", "tokenExpiry"],
  ["revocation", "tokenRevocation"],
] as const)
  for (const [effect, ended, lives] of [
    ["nothing", false, true],
    ["closes-sockets", true, true],
    ["kills-channels", true, false],
  ] as const)
    rule("no. 4 open", `${setting}: ${effect}`, async () => {
      const clients = [{ ...limited(), accessTokenValiditySeconds: 300 }];
      const caller = await raise({ clients, settings: { [setting]: effect } });
      const { token, channel, socket } = await caller.line([presence]);
      if (cause === "expiry") caller.passes(300_000);
      else await caller.call("DELETE", "/api/v2/tokens/me", token);
      if (ended) expect((await socket.closed).code).toBe(1001);
      else {
        caller.emit(presence);
        expect((await socket.settled()).at(-1)?.topicName).toBe(presence);
      }
      expect(await caller.lives(await caller.token(), channel)).toBe(lives);
    });

for (const told of [true, false])
  rule("no. 4 open", `tokenRevokedNotice: ${told}`, async () => {
    const settings = { tokenRevokedNotice: told, tokenRevocation: "nothing" } as const;
    const caller = await raise({ settings });
    const { token, socket } = await caller.line();
    await caller.call("DELETE", "/api/v2/tokens/me", token);
    const notices = (await socket.settled()).filter(({ topicName }) =>
      topicName?.startsWith("v2.system.token_revoked."),
    );
    expect(notices).toHaveLength(told ? 1 : 0);
  });

for (const [access, lives] of [
  ["client", true],
  ["token", false],
] as const)
  rule("no. 4 open", `channelAccess: ${access}`, async () => {
    const caller = await raise({ settings: { channelAccess: access } });
    const token = await caller.token();
    const channel = await caller.channel(token);
    expect(await caller.lives(await caller.token(), channel)).toBe(lives);
    expect(await caller.lives(token, channel)).toBe(true);
  });

for (const [mode, topics] of [
  ["adds", [presence, queueTopic]],
  ["replaces", [queueTopic]],
] as const)
  rule("no. 5 open", `inBandSubscribe: ${mode}`, async () => {
    const caller = await raise({ settings: { inBandSubscribe: mode } });
    const { socket, token, channel } = await caller.line([presence]);
    await socket.answer({ message: "subscribe", topics: [queueTopic] });
    expect(await caller.topicsOf(token, channel)).toEqual(topics);
  });

for (const [mode, distinct] of [
  ["per-event", 1],
  ["per-delivery", 2],
] as const)
  rule("no. 7 open", `correlationId: ${mode}`, async () => {
    const caller = await raise({ settings: { correlationId: mode } });
    const lines = [await caller.line(), await caller.line()];
    caller.emit(presence);
    const ids = new Set<string | undefined>();
    for (const { socket } of lines) ids.add((await socket.of(presence)).metadata?.CorrelationId);
    expect(ids.size).toBe(distinct);
  });

for (const [mode, status] of [
  ["permit", 200],
  ["reject", 400],
] as const)
  rule("no. 8 open", `eventBridgeOnlyTopic: ${mode}`, async () => {
    const caller = await raise({ settings: { eventBridgeOnlyTopic: mode } });
    const token = await caller.token();
    const channel = await caller.channel(token);
    const topic = `v2.users.${userId}.geolocation`;
    expect((await caller.subscribe("PUT", token, channel, [topic])).status).toBe(status);
  });

rule("no. 8 open", "requiresCurrentUserTopics are not had with client credentials", async () => {
  const settings = { requiresCurrentUserTopics: ["v2.users.{id}.presence"] };
  const caller = await raise({ settings });
  const token = await caller.token();
  const channel = await caller.channel(token);
  expect((await caller.subscribe("PUT", token, channel, [presence])).status).toBe(403);
  const reply = await caller.subscribe("PUT", token, channel, [presence], "?ignoreErrors=true");
  expect(topicsIn(reply)).toMatchObject([{ id: presence, state: "Rejected" }]);
  const found = await caller.call(
    "GET",
    "/api/v2/notifications/availabletopics?expand=requiresPermissions,permissionDetails",
    token,
  );
  const template = topicsIn(found).find(({ id }) => id === "v2.users.{id}.presence");
  expect(template).toMatchObject({ requiresCurrentUser: true });
});

for (const status of [400, 401])
  rule("no. 10 open", `wrongSecretStatus: ${status}`, async () => {
    const caller = await raise({ settings: { wrongSecretStatus: status } });
    const authorization = basic(caller.mock.clientId, "wrong");
    const reply = await caller.login({ authorization }, { grant_type: "client_credentials" });
    expect(reply).toMatchObject({ status, json: { error: "invalid_client" } });
  });

for (const forgives of [true, false])
  rule("no. 12 open", `ignoreErrorsForgivesMalformed: ${forgives}`, async () => {
    const caller = await raise({ settings: { ignoreErrorsForgivesMalformed: forgives } });
    const token = await caller.token();
    const channel = await caller.channel(token);
    for (const topic of ["not a topic", unknownTopic]) {
      const topics = [presence, topic];
      const reply = await caller.subscribe("PUT", token, channel, topics, "?ignoreErrors=true");
      if (!forgives) expect(reply.status).toBe(400);
      else
        expect(topicsIn(reply)).toMatchObject([
          { id: presence, state: "Permitted" },
          { id: topic, state: "Rejected", rejectionReason: expect.any(String) as unknown },
        ]);
    }
  });

for (const [mode, status] of [
  ["error", 400],
  ["permit", 200],
] as const)
  rule("no. 13 open", `systemTopicSubscription: ${mode}`, async () => {
    const caller = await raise({ settings: { systemTopicSubscription: mode } });
    const token = await caller.token();
    const channel = await caller.channel(token);
    for (const topic of ["channel.metadata", "v2.system.socket_closing"])
      expect((await caller.subscribe("PUT", token, channel, [topic])).status).toBe(status);
  });

rule("no. 14 open", "selfUri is as in the sample", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token);
  const [entry] = topicsIn(await caller.subscribe("PUT", token, channel, [presence]));
  expect(entry?.selfUri).toBe(`/api/v2/notifications/availabletopics/${presence}`);
});

for (const status of [401, 403, 404])
  rule("no. 15 open", `deadChannelUpgradeStatus: ${status}`, async () => {
    const caller = await raise({ settings: { deadChannelUpgradeStatus: status } });
    const { channel } = await caller.line();
    caller.mock.cloud.faults.dropChannel({ channelId: channel.id }, caller.mock.nowMs());
    expect(await refusedUpgrade(channel.connectUri)).toBe(status);
  });

for (const [counts, status] of [
  ["one", 200],
  ["many", 400],
] as const)
  rule("no. 16 open", `combinedTopicCountsAs: ${counts}`, async () => {
    const settings = { combinedTopicCountsAs: counts, topicsPerChannelMax: 2 };
    const caller = await raise({ settings });
    const token = await caller.token();
    const channel = await caller.channel(token);
    const reply = await caller.subscribe("PUT", token, channel, [combined, presenceOf(1)]);
    expect(reply.status).toBe(status);
  });

for (const told of [true, false])
  rule("no. 18 open", `displacedNotice: ${told}`, async () => {
    const settings = { displacedNotice: told, displacedSocket: "stay" } as const;
    const caller = await raise({ settings });
    const { socket, channel } = await caller.line();
    await dial(channel.connectUri);
    const notices = await socket.settled();
    expect(notices).toHaveLength(told ? 1 : 0);
    if (told)
      expect(notices).toMatchObject([
        {
          topicName: `v2.system.no_longer_subscribed.${channel.id}`,
          eventBody: {
            systemTopicType: "no_longer_subscribed",
            reason: "another_channel_subscribed",
          },
        },
      ]);
  });

for (const [mode, victim] of [
  ["oldest-used", 1],
  ["oldest-created", 0],
] as const)
  rule("no. 20 open", `evictionAllConnected: ${mode}`, async () => {
    const settings = { evictionAllConnected: mode, channelsPerClientMax: 2 };
    const caller = await raise({ settings });
    const lines = [];
    for (const elapsed of [1, 2]) {
      lines.push(await caller.line());
      caller.passes(elapsed * hourMs);
    }
    const [first, second] = lines;
    if (first === undefined || second === undefined) throw new Error("two lines were made");
    await caller.subscribe("PUT", first.token, first.channel, [presence]);
    caller.passes(3 * hourMs);
    await caller.channel(first.token);
    const lives = [];
    for (const { token, channel } of lines) lives.push(await caller.lives(token, channel));
    expect(lives.indexOf(false)).toBe(victim);
    expect(lives.filter((alive) => !alive)).toHaveLength(1);
  });

rule("no. 22 open", "tooLargeCode is the code of the 413", async () => {
  const caller = await raise({ settings: { tooLargeCode: "x", requestBytesMax: 100 } });
  const token = await caller.token();
  const channel = await caller.channel(token);
  const topics = [presenceOf(1), presenceOf(2)];
  expect(await caller.subscribe("PUT", token, channel, topics)).toMatchObject({
    status: 413,
    json: { code: "x" },
  });
});

for (const code of ["too.many.requests", "too.many.requests.retry.after"] as const)
  rule("5 official SDK", `rateLimitCode: ${code}`, async () => {
    const caller = await raise({ settings: { rateLimitCode: code, requestsPerMinuteMax: 1 } });
    const token = await caller.token();
    await caller.call("GET", channels, token);
    expect(await caller.call("GET", channels, token)).toMatchObject({
      status: 429,
      json: { code },
    });
  });

for (const [lists, count] of [
  ["all", 2],
  ["added", 1],
] as const)
  rule("3.2 open", `postReplyLists: ${lists}`, async () => {
    const caller = await raise({ settings: { postReplyLists: lists } });
    const token = await caller.token();
    const channel = await caller.channel(token, [presence]);
    const reply = await caller.subscribe("POST", token, channel, [queueTopic]);
    expect(entities(reply)).toHaveLength(count);
  });

for (const [mode, survives] of [
  ["keeps-receiving", true],
  ["displaced", false],
] as const)
  rule("4.5 open", `announcedSocketAfterMove: ${mode}`, async () => {
    const caller = await raise({ settings: { announcedSocketAfterMove: mode } });
    const { socket, channel } = await caller.line([presence]);
    caller.mock.cloud.faults.announceClosing({}, caller.mock.nowMs());
    await socket.of("v2.system.socket_closing");
    const next = await dial(channel.connectUri);
    if (!survives) await socket.closed;
    caller.emit(presence, { turn: 1 });
    expect(await next.settled()).toMatchObject([{ eventBody: { turn: 1 } }]);
    if (survives) expect(await socket.settled()).toMatchObject([{ eventBody: { turn: 1 } }]);
  });
