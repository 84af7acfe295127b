/** Sockets and what is said on them: docs/GENESYS.md sections 4.1 to 4.5. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import { WebSocket } from "ws";
import {
  dial,
  presence,
  presenceOf,
  queueTopic,
  raise,
  refusedUpgrade,
  type Caller,
} from "./client.ts";
import { rule } from "./rule.ts";

const heartbeat = { topicName: "channel.metadata", eventBody: { message: "WebSocket Heartbeat" } };
const pong = { topicName: "channel.metadata", eventBody: { message: "pong" } };

function announce(caller: Caller): void {
  caller.mock.cloud.faults.announceClosing({}, caller.mock.nowMs());
}

rule(
  "4.1 official SDK",
  "the bare connectUri is dialled, without token or sub-protocol",
  async () => {
    const caller = await raise();
    const { connectUri } = await caller.channel(await caller.token());
    const raw = new WebSocket(connectUri);
    const [response] = (await once(raw, "upgrade")) as [{ headers: Record<string, string> }];
    expect(response.headers).not.toHaveProperty("sec-websocket-protocol");
    expect(response.headers).not.toHaveProperty("sec-websocket-extensions");
    raw.terminate();
  },
);

rule("4.1 inferred", "the id is the secret: no other path opens a socket", async () => {
  const caller = await raise();
  const { connectUri, id } = await caller.channel(await caller.token());
  const base = connectUri.slice(0, connectUri.lastIndexOf("/channels/"));
  for (const path of [
    "/",
    "/channels",
    "/channels/",
    `/stream/channels/${id}`,
    "/stream/jwt/x",
    `/channels/${id.slice(0, -1)}`,
    `/channels/${id}/x`,
  ])
    expect({ path, status: await refusedUpgrade(`${base}${path}`) }).toEqual({ path, status: 404 });
});

rule("4.1 community", "an upgrade on a dead channel is refused", async () => {
  const caller = await raise();
  const { channel } = await caller.line();
  caller.mock.cloud.faults.dropChannel({ channelId: channel.id }, caller.mock.nowMs());
  expect(await refusedUpgrade(channel.connectUri)).toBe(404);
});

rule("4.2 documented", "a second socket on a channel disconnects the first", async () => {
  const caller = await raise();
  const { socket, channel } = await caller.line();
  const second = await dial(channel.connectUri);
  await socket.closed;
  caller.emit(presence, { turn: 1 });
  expect(await second.settled()).toMatchObject([{ eventBody: { turn: 1 } }]);
  expect(caller.mock.cloud.state().sockets).toHaveLength(1);
});

rule("4.2 documented", "two channels have two sockets, and each gets the event", async () => {
  const caller = await raise();
  const lines = [await caller.line(), await caller.line()];
  caller.emit(presence, { turn: 1 });
  for (const { socket } of lines) expect(await socket.settled()).toHaveLength(1);
});

rule("4.2 community", "the close codes are those seen: own 1000, cut 1006", async () => {
  const caller = await raise();
  const one = await caller.line();
  one.socket.raw.close(1000);
  expect((await one.socket.closed).code).toBe(1000);
  const other = await caller.line();
  caller.mock.cloud.faults.cutSockets({}, caller.mock.nowMs());
  expect((await other.socket.closed).code).toBe(1006);
});

rule("4.3 official SDK", "a heartbeat is exactly topicName and message", async () => {
  const caller = await raise({ settings: { heartbeatMs: 20 } });
  const { socket } = await caller.line([]);
  expect(await socket.metadata("WebSocket Heartbeat")).toEqual(heartbeat);
});

rule("4.3 community", "heartbeats come each 30 s from the opening on", async () => {
  const caller = await raise();
  const { socket } = await caller.line([]);
  const beats = async (): Promise<number> => {
    socket.say({ message: "ping" });
    await socket.metadata("pong");
    return socket.frames.splice(0).length;
  };
  const opened = caller.mock.cloud.state().sockets[0]?.openedAtMs ?? 0;
  caller.mock.cloud.wake(opened + 29_999);
  expect(await beats()).toBe(0);
  for (const turn of [1, 2, 3]) {
    caller.mock.cloud.wake(opened + turn * 30_000);
    expect(await beats()).toBe(1);
  }
});

rule("4.3 community", "heartbeats keep their interval in real time", async () => {
  const caller = await raise({ settings: { heartbeatMs: 50 } });
  const { socket } = await caller.line([]);
  const sinceMs = performance.now();
  for (let beat = 0; beat < 6; beat++) await socket.metadata("WebSocket Heartbeat");
  expect(performance.now() - sinceMs).toBeGreaterThan(5 * 50 - 60);
});

rule("4.3 documented", "a ping in text is answered with pong, each time", async () => {
  const caller = await raise();
  const { socket } = await caller.line([]);
  for (let turn = 0; turn < 3; turn++) {
    socket.say('{"message":"ping"}');
    expect(await socket.metadata("pong")).toEqual(pong);
  }
});

rule("4.3 inferred", "an RFC 6455 ping is answered with its own payload", async () => {
  const caller = await raise();
  const { socket } = await caller.line([]);
  socket.raw.ping("payload");
  const [data] = (await once(socket.raw, "pong")) as [Buffer];
  expect(data.toString()).toBe("payload");
});

rule("4.3 inferred", "text that is not understood is tolerated, and binary too", async () => {
  const caller = await raise();
  const { socket } = await caller.line([]);
  const junk = ["2026-03-02T08:00:00Z", "", "{", "null", "[]", "7", '{"message":7}', '{"x":1}'];
  for (const text of junk) socket.say(text);
  socket.raw.send(Buffer.from([0, 255, 1]));
  expect(await socket.settled()).toEqual([]);
  expect(socket.raw.readyState).toBe(WebSocket.OPEN);
});

rule("4.4 community", "in-band subscribe answers with texts and the correlation id", async () => {
  const caller = await raise();
  const { socket, token, channel } = await caller.line([]);
  const answer = await socket.answer({
    message: "subscribe",
    topics: [presence],
    correlationId: "c1",
  });
  expect(answer).toEqual({ result: "200", status: "subscribed", correlationId: "c1" });
  expect(await caller.topicsOf(token, channel)).toEqual([presence]);
  caller.emit(presence);
  expect(await socket.settled()).toHaveLength(1);
});

rule("4.4 community", "in-band unsubscribe takes topics away", async () => {
  const caller = await raise();
  const { socket, token, channel } = await caller.line([presence, queueTopic]);
  const answer = await socket.answer({ message: "unsubscribe", topics: [presence] });
  expect(answer).toMatchObject({ result: "200" });
  expect(answer).not.toHaveProperty("correlationId");
  expect(await caller.topicsOf(token, channel)).toEqual([queueTopic]);
});

rule(
  "4.4 community",
  "an in-band command that cannot be carried out is a 400 in text",
  async () => {
    const caller = await raise();
    const { socket, token, channel } = await caller.line([presence]);
    for (const topics of [["not a topic"], "v2", undefined, [7]]) {
      const answer = await socket.answer({ message: "subscribe", topics, correlationId: "c" });
      expect(answer).toMatchObject({ result: "400", correlationId: "c" });
      expect(answer.status).toMatch(/^(?:failure|error)$/u);
      expect(answer.message).toBeTypeOf("string");
    }
    expect(await caller.topicsOf(token, channel)).toEqual([presence]);
  },
);

rule("4.4 community", "in-band on an expired channel is a 404 in text", async () => {
  const caller = await raise({ settings: { expiredChannelSocket: "stay" } });
  const { socket, channel } = await caller.line([]);
  caller.mock.cloud.wake(Date.parse(channel.expires));
  const answer = await socket.answer({ message: "subscribe", topics: [presence] });
  expect(answer).toMatchObject({ result: "404", message: expect.any(String) as unknown });
});

rule("4.4 community", "in-band on a channel evicted by the quota is a 404 in text", async () => {
  const settings = { evictedChannelSocket: "stay", channelsPerClientMax: 1 } as const;
  const caller = await raise({ settings });
  const { socket } = await caller.line([]);
  await caller.channel(await caller.token());
  expect(await socket.answer({ message: "subscribe", topics: [presence] })).toMatchObject({
    result: "404",
  });
});

rule("4.4 community", "in-band after the token's end is a 404 in text", async () => {
  const caller = await raise();
  const { socket } = await caller.line([]);
  caller.passes(86_400_000 - 60_000);
  await caller.subscribe(
    "PUT",
    await caller.token(),
    await caller.channel(await caller.token()),
    [],
  );
  const renewed = caller.mock.cloud.state().channels[0]?.channelId ?? "";
  const fresh = await caller.token();
  await caller.call("PUT", `/api/v2/notifications/channels/${renewed}/subscriptions`, fresh, []);
  caller.passes(86_400_000 + 60_000);
  expect(await socket.answer({ message: "subscribe", topics: [presence] })).toMatchObject({
    result: "404",
  });
});

rule(
  "4.5 documented",
  "socket_closing comes unasked, and up to a minute later the close",
  async () => {
    const caller = await raise();
    const { socket } = await caller.line([presence]);
    const atMs = caller.mock.nowMs();
    caller.mock.cloud.faults.announceClosing({}, atMs);
    const notice = await socket.of("v2.system.socket_closing");
    expect(notice).toMatchObject({
      version: "2",
      metadata: { CorrelationId: expect.any(String) as unknown },
    });
    caller.mock.cloud.wake(atMs + 59_000);
    caller.emit(presence, { turn: 1 });
    expect(await socket.settled()).toMatchObject([{ eventBody: { turn: 1 } }]);
    caller.mock.cloud.wake(atMs + 61_000);
    expect((await socket.closed).code).toBe(1001);
  },
);

rule("4.5 documented", "after socket_closing a new socket opens on the same URI", async () => {
  const caller = await raise();
  const { socket, channel, token } = await caller.line([presence]);
  announce(caller);
  await socket.of("v2.system.socket_closing");
  const next = await dial(channel.connectUri);
  caller.passes(60_000);
  await socket.closed;
  expect(await caller.lives(token, channel)).toBe(true);
  caller.emit(presence, { turn: 1 });
  expect(await next.settled()).toMatchObject([{ eventBody: { turn: 1 } }]);
});

rule("4.5 community", "to resubscribe does not avert an announced close", async () => {
  const caller = await raise({ settings: { socketClosingGraceMs: 50 } });
  const { socket, token, channel } = await caller.line([presence]);
  announce(caller);
  await caller.subscribe("PUT", token, channel, [presence]);
  expect((await socket.closed).code).toBe(1001);
});

rule("4.5 official SDK", "a revoked token is told with v2.system.token_revoked", async () => {
  const caller = await raise({ settings: { tokenRevocation: "nothing" } });
  const { socket, token, channel } = await caller.line([presence]);
  await caller.call("DELETE", "/api/v2/tokens/me", token);
  const notice = await socket.of(`v2.system.token_revoked.${channel.id}`);
  expect(notice.eventBody).toMatchObject({
    channelId: channel.id,
    systemTopicType: "token_revoked",
    reason: "user_tokens_revoked",
    oauthClientId: caller.mock.clientId,
    organizationId: expect.any(String) as unknown,
  });
});

rule(
  "4.5 official SDK",
  "a notice's body has the fields of SystemMessageSystemMessage only",
  async () => {
    const caller = await raise({ settings: { displacedNotice: true } });
    const { socket, channel } = await caller.line([presenceOf(1)]);
    announce(caller);
    const closing = await socket.of("v2.system.socket_closing");
    const known = new Set(
      "channelId systemTopicType correlationId organizationId userId oauthClientId oauthClientOrgId reason message data".split(
        " ",
      ),
    );
    expect(Object.keys(closing.eventBody ?? {}).filter((field) => !known.has(field))).toEqual([]);
    expect(closing.eventBody).toMatchObject({ channelId: channel.id });
  },
);

for (const header of ["sec-websocket-protocol: ,,", "sec-websocket-protocol: a, a", "x: y"])
  rule("4.2 mock", `what is no handshake (${header}) displaces nobody`, async () => {
    const caller = await raise();
    const { socket, channel } = await caller.line([presence]);
    const key = header === "x: y" ? "short" : "dGhlIHNhbXBsZSBub25jZQ==";
    const raw = connect(caller.mock.port, "127.0.0.1");
    raw.write(
      `GET /channels/${channel.id} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n${header}\r\n\r\n`,
    );
    const [answer] = (await once(raw, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 .*"code":"bad\.request"/su);
    raw.destroy();
    caller.emit(presence, { turn: 1 });
    expect(await socket.settled()).toHaveLength(1);
  });
