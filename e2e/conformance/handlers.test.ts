/**
 * Clients in the manner of official and community handlers (docs/GENESYS.md 3.2, 4.1, 4.3 to 4.5): what they do to the
 * real service, they do here, and it bears with them.
 */
import { once } from "node:events";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { dial, presence, presenceOf, queueTopic, raise, topicsIn, type Caller } from "./client.ts";
import { rule } from "./rule.ts";

const closing = "v2.system.socket_closing";

function announce(caller: Caller): void {
  caller.mock.cloud.faults.announceClosing({}, caller.mock.nowMs());
}

/** What the Java and .NET handlers leave out before they subscribe. */
function withoutSystem(topics: readonly string[]): readonly string[] {
  return topics.filter((topic) => topic !== "channel.metadata" && !topic.startsWith("v2.system"));
}

rule(
  "3.2 official SDK",
  "the Java handler: POSTs [] when started, PUTs whole objects",
  async () => {
    const caller = await raise();
    const token = await caller.token();
    const channel = await caller.channel(token);
    const path = `/api/v2/notifications/channels/${channel.id}/subscriptions`;
    // Started without a listener, it adds nothing.
    expect((await caller.call("POST", path, token, [])).status).toBe(200);
    const socket = await dial(channel.connectUri);
    const wanted = ["channel.metadata", presence, "v2.system.socket_closing", queueTopic];
    const added = await caller.subscribe("POST", token, channel, withoutSystem(wanted));
    expect(topicsIn(added).map(({ id }) => id)).toEqual([presence, queueTopic]);
    // To remove one listener it sends the rest back as it was answered, selfUri and state with it.
    const rest = topicsIn(await caller.call("GET", path, token)).filter(
      ({ id }) => id !== queueTopic,
    );
    expect((await caller.call("PUT", path, token, rest)).status).toBe(200);
    caller.emit(queueTopic, { turn: 1 });
    caller.emit(presence, { turn: 2 });
    socket.say('{"message":"ping"}');
    await socket.metadata("pong");
    expect(socket.frames).toMatchObject([{ topicName: presence, eventBody: { turn: 2 } }]);
  },
);

rule(
  "4.5 official SDK",
  "the Java handler never reconnects: its socket ends with the grace",
  async () => {
    const caller = await raise({ settings: { socketClosingGraceMs: 50 } });
    const { socket, token, channel } = await caller.line();
    announce(caller);
    await socket.of(closing);
    // It makes a new socket object and does not connect it.
    expect((await socket.closed).code).toBe(1001);
    expect(await caller.lives(token, channel)).toBe(true);
    expect(caller.mock.cloud.state().sockets).toEqual([]);
  },
);

rule("4.5 official SDK", "the .NET handler: closes, then connects to the same URI", async () => {
  const caller = await raise();
  const { socket, channel } = await caller.line();
  announce(caller);
  await socket.of(closing);
  socket.raw.close(1000);
  await socket.closed;
  caller.emit(presence, { turn: "in the gap" });
  const again = await dial(channel.connectUri);
  caller.emit(presence, { turn: "after" });
  const turns = (await again.settled()).map(({ eventBody }) => eventBody?.["turn"]);
  expect(turns).toEqual(["after"]);
  // The grace of the old socket does not fall on the new one.
  caller.passes(61_000);
  caller.emit(presence, { turn: "later" });
  expect(await again.of(presence)).toMatchObject({ eventBody: { turn: "later" } });
});

rule(
  "4.3 inferred",
  "the CLI: writes a time stamp as text again and again, hears heartbeats",
  async () => {
    const caller = await raise({ settings: { heartbeatMs: 60 } });
    const { socket } = await caller.line();
    const ticks = setInterval(() => socket.say(new Date().toString()), 20);
    try {
      for (let beat = 0; beat < 4; beat++) await socket.metadata("WebSocket Heartbeat");
      caller.emit(presence, { turn: 1 });
      expect(await socket.of(presence)).toMatchObject({ eventBody: { turn: 1 } });
      expect(socket.raw.readyState).toBe(WebSocket.OPEN);
    } finally {
      clearInterval(ticks);
    }
  },
);

rule(
  "4.3 official SDK",
  "the CLI prints what is no heartbeat: its frame is the text it knows",
  async () => {
    const caller = await raise({ settings: { heartbeatMs: 20 } });
    const channel = await caller.channel(await caller.token(), [presence]);
    const raw = new WebSocket(channel.connectUri);
    const [data] = (await once(raw, "message")) as [Buffer];
    // It looks for this text in the raw frame, and at nothing else.
    expect(data.toString()).toContain("WebSocket Heartbeat");
    raw.terminate();
  },
);

rule("4.4 community", "koodaamo: subscribes in-band, pings each second, both ways", async () => {
  const caller = await raise();
  const { socket } = await caller.line([]);
  const topics = [presence, presenceOf(1)];
  const answer = await socket.answer({ message: "subscribe", topics, correlationId: "k-1" });
  expect(answer).toMatchObject({ result: "200", status: "subscribed", correlationId: "k-1" });
  let protocolPongs = 0;
  socket.raw.on("pong", () => protocolPongs++);
  const pinging = setInterval(() => {
    socket.raw.ping();
    socket.say({ message: "ping" });
  }, 20);
  try {
    for (let count = 0; count < 5; count++) await socket.metadata("pong");
    caller.emit(presence, { turn: 1 });
    expect(await socket.of(presence)).toMatchObject({ eventBody: { turn: 1 } });
    await expect.poll(() => protocolPongs, { timeout: 5_000 }).toBeGreaterThanOrEqual(5);
  } finally {
    clearInterval(pinging);
  }
});

rule(
  "4.4 community",
  "koodaamo: a 404 in text tells it to roll over to a new channel",
  async () => {
    const settings = { channelsPerClientMax: 1, evictedChannelSocket: "stay" } as const;
    const caller = await raise({ settings });
    const { socket, token } = await caller.line([]);
    await caller.channel(token);
    const refused = await socket.answer({ message: "subscribe", topics: [presence] });
    expect(refused.result).toBe("404");
    const next = await caller.channel(token);
    const fresh = await dial(next.connectUri);
    expect((await fresh.answer({ message: "subscribe", topics: [presence] })).result).toBe("200");
    caller.emit(presence, { turn: 1 });
    expect(await fresh.of(presence)).toMatchObject({ eventBody: { turn: 1 } });
  },
);

rule(
  "3.4 inferred",
  "the Swift client: reconnects to the same URI without resubscribing",
  async () => {
    const caller = await raise();
    const { socket, channel } = await caller.line([presence, queueTopic]);
    let current = socket;
    for (let turn = 0; turn < 5; turn++) {
      caller.mock.cloud.faults.cutSockets({}, caller.mock.nowMs());
      expect((await current.closed).code).toBe(1006);
      current = await dial(channel.connectUri);
      caller.emit(presence, { turn });
      caller.emit(queueTopic, { turn });
      expect((await current.settled()).map(({ topicName }) => topicName)).toEqual([
        presence,
        queueTopic,
      ]);
    }
  },
);

for (const status of [401, 403])
  rule(
    "4.1 community",
    `the Swift client: takes a ${status} of the upgrade for a dead channel`,
    async () => {
      const caller = await raise({ settings: { deadChannelUpgradeStatus: status } });
      const { token, channel } = await caller.line();
      caller.mock.cloud.faults.dropChannel({ channelId: channel.id }, caller.mock.nowMs());
      const raw = new WebSocket(channel.connectUri);
      raw.on("error", () => {});
      const [, response] = (await once(raw, "unexpected-response")) as [
        unknown,
        { statusCode: number },
      ];
      expect(response.statusCode).toBe(status);
      const next = await caller.channel(token, [presence]);
      const fresh = await dial(next.connectUri);
      caller.emit(presence, { turn: 1 });
      expect(await fresh.of(presence)).toMatchObject({ eventBody: { turn: 1 } });
    },
  );
