import { describe, expect, test } from "vitest";
import { clientId, queueTopic, Stage, startMs, userId } from "../testing/stage.ts";

function connected(options: ConstructorParameters<typeof Stage>[0] = {}): {
  stage: Stage;
  token: string;
  channelId: string;
  socketId: number;
} {
  const stage = new Stage(options);
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, [queueTopic]);
  const socketId = stage.open(channelId);
  return { stage, token, channelId, socketId };
}

const heartbeat = { topicName: "channel.metadata", eventBody: { message: "WebSocket Heartbeat" } };
const pong = { topicName: "channel.metadata", eventBody: { message: "pong" } };

describe("a channel socket", () => {
  test("gets a heartbeat every 30 s, exactly as recorded", () => {
    const { stage, socketId } = connected();
    stage.pass(29_999);
    expect(stage.frames(socketId)).toEqual([]);
    stage.pass(1);
    expect(stage.effects).toEqual([{ type: "send", socketId, text: JSON.stringify(heartbeat) }]);
    stage.pass(60_000);
    expect(stage.frames(socketId)).toEqual([heartbeat, heartbeat, heartbeat]);
  });

  test("gets one heartbeat, not a hundred, after a long sleep of the machine", () => {
    const { stage, socketId } = connected();
    stage.nowMs += 3_600_000;
    stage.cloud.wake(stage.nowMs);
    expect(stage.frames(socketId)).toEqual([heartbeat]);
    stage.pass(30_000);
    expect(stage.frames(socketId)).toEqual([heartbeat, heartbeat]);
  });

  test("answers a ping, and tolerates anything else", () => {
    const { stage, socketId } = connected();
    stage.say(socketId, { message: "ping" });
    for (const text of ["", "2026-03-02 08:00:00", "{", "null", "[1]", '{"message":7}', "ping"]) {
      stage.cloud.received(socketId, text, stage.nowMs);
    }
    expect(stage.frames(socketId)).toEqual([pong]);
    expect(stage.ends(socketId)).toEqual([]);
  });

  test("is closed with 1009 for a frame beyond the limit", () => {
    const { stage, socketId } = connected({ settings: { inboundFrameCharactersMax: 10 } });
    stage.cloud.received(socketId, "01234567890", stage.nowMs);
    expect(stage.ends(socketId)).toMatchObject([{ type: "close", code: 1009 }]);
  });

  test("needs no token and no query, only the channel id", () => {
    const stage = new Stage();
    expect(stage.cloud.upgrade("/channels/streaming-0-nobody", startMs)).toMatchObject({
      kind: "refused",
      response: { status: 404 },
    });
    for (const path of ["/", "/channels/", "/channels/a/b", "/stream/channels/a", "nonsense"]) {
      expect(stage.cloud.upgrade(path, startMs).kind).toBe("refused");
    }
  });

  test.each([401, 403, 404])("is refused with %i on a dead channel, as set", (status) => {
    const stage = new Stage({ settings: { deadChannelUpgradeStatus: status } });
    const upgrade = stage.cloud.upgrade("/channels/streaming-0-nobody", startMs);
    expect(upgrade).toMatchObject({ kind: "refused", response: { status } });
  });

  test("is displaced by a second one on its channel", () => {
    const { stage, channelId, socketId } = connected();
    const second = stage.open(channelId);
    expect(stage.ends(socketId)).toMatchObject([{ type: "close", code: 1001 }]);
    stage.cloud.emit(queueTopic, { id: "a" }, stage.nowMs);
    expect(stage.frames(socketId)).toEqual([]);
    expect(stage.frames(second)).toHaveLength(1);
    stage.pass(30_000);
    expect(stage.frames(socketId)).toEqual([]);
  });

  test("is told before it is displaced, where that is set", () => {
    const { stage, channelId, socketId } = connected({
      settings: { displacedNotice: true, displacedSocket: "cut" },
    });
    stage.open(channelId);
    expect(stage.frames(socketId)).toMatchObject([
      {
        topicName: `v2.system.no_longer_subscribed.${channelId}`,
        eventBody: { channelId, systemTopicType: "no_longer_subscribed" },
      },
    ]);
    expect(stage.ends(socketId)).toEqual([{ type: "cut", socketId }]);
  });

  test("misses what is emitted while no socket is open, for ever", () => {
    const { stage, channelId, socketId } = connected();
    stage.cloud.closed(socketId, stage.nowMs);
    const lost = stage.cloud.emit(queueTopic, { id: "lost" }, stage.nowMs);
    expect(lost.deliveries).toEqual([{ channelId, outcome: "no-socket" }]);
    const second = stage.open(channelId);
    stage.pass(1000);
    expect(stage.frames(second)).toEqual([]);
  });

  test("finds its subscriptions again after a reconnect", () => {
    const { stage, channelId, socketId } = connected();
    stage.cloud.closed(socketId, stage.nowMs);
    const second = stage.open(channelId);
    stage.cloud.emit(queueTopic, { id: "a" }, stage.nowMs);
    expect(stage.frames(second)).toMatchObject([
      { topicName: queueTopic, version: "2", eventBody: { id: "a" } },
    ]);
  });
});

describe("pings", () => {
  test("that come sooner than set are not answered", () => {
    const { stage, socketId } = connected({ settings: { pongIntervalMs: 1000 } });
    for (let ping = 0; ping < 5; ping += 1) {
      stage.say(socketId, { message: "ping" });
      stage.pass(500);
    }
    expect(stage.frames(socketId)).toEqual([pong, pong, pong]);
  });
});

describe("an idle socket", () => {
  test("is closed with 1001, where that is set, however much it is sent", () => {
    const { stage, socketId } = connected({ settings: { idleTimeoutMs: 60_000 } });
    stage.pass(40_000);
    stage.cloud.received(socketId, "2026-03-02 08:00:00", stage.nowMs);
    stage.pass(59_999);
    stage.cloud.emit(queueTopic, {}, stage.nowMs);
    expect(stage.ends(socketId)).toEqual([]);
    stage.pass(1);
    expect(stage.ends(socketId)).toEqual([
      { type: "close", socketId, code: 1001, reason: "idle timeout" },
    ]);
  });

  test("stays open, where nothing is set", () => {
    const { stage, socketId } = connected();
    stage.pass(7_200_000);
    expect(stage.ends(socketId)).toEqual([]);
  });
});

describe("socket_closing", () => {
  test.each([
    ["", undefined],
    ["socket_closing", "socket_closing"],
  ])("names its type as set: %j", (socketClosingTopicType, systemTopicType) => {
    const { stage, socketId } = connected({ settings: { socketClosingTopicType } });
    stage.cloud.faults.announceClosing({ socketId }, stage.nowMs);
    expect(stage.frames(socketId)[0]?.eventBody?.["systemTopicType"]).toBe(systemTopicType);
  });

  test("says what a system message says", () => {
    const { stage, channelId, socketId } = connected({
      settings: { socketClosingTopicType: "socket_closing" },
    });
    stage.cloud.faults.announceClosing({ socketId }, stage.nowMs);
    const [notice] = stage.frames(socketId);
    const organizationId = stage.cloud.world.organization.id;
    expect(notice).toEqual({
      topicName: "v2.system.socket_closing",
      version: "2",
      eventBody: {
        channelId,
        correlationId: notice?.metadata?.CorrelationId,
        organizationId,
        oauthClientId: clientId,
        oauthClientOrgId: organizationId,
        systemTopicType: "socket_closing",
        message: "This socket is about to close.",
      },
      metadata: { CorrelationId: expect.any(String) as unknown },
    });
  });

  test("closes what has not moved, and its subscriptions are heard on the next socket", () => {
    const { stage, channelId, socketId } = connected();
    stage.cloud.faults.announceClosing({ socketId, graceMs: 5000 }, stage.nowMs);
    stage.pass(4999);
    stage.cloud.emit(queueTopic, { n: 1 }, stage.nowMs);
    expect(stage.ends(socketId)).toEqual([]);
    stage.pass(1);
    expect(stage.ends(socketId)).toMatchObject([{ type: "close", code: 1001 }]);
    const second = stage.open(channelId);
    stage.cloud.emit(queueTopic, { n: 2 }, stage.nowMs);
    const bodies = (id: number): unknown[] => stage.frames(id).map((frame) => frame.eventBody);
    expect(bodies(socketId).at(-1)).toEqual({ n: 1 });
    expect(bodies(second)).toEqual([{ n: 2 }]);
  });

  test("leaves a minute in which the old socket goes on receiving, beside a new one", () => {
    const { stage, channelId, socketId } = connected();
    stage.cloud.faults.announceClosing({ socketId }, stage.nowMs);
    expect(stage.frames(socketId)).toMatchObject([
      { topicName: "v2.system.socket_closing", eventBody: { channelId } },
    ]);
    const second = stage.open(channelId);
    expect(stage.ends(socketId)).toEqual([]);
    stage.forget();
    stage.pass(59_999);
    stage.cloud.emit(queueTopic, { id: "both" }, stage.nowMs);
    for (const id of [socketId, second]) {
      expect(stage.frames(id).filter((frame) => frame.topicName === queueTopic)).toHaveLength(1);
    }
    stage.pass(1);
    expect(stage.ends(socketId)).toMatchObject([{ type: "close" }]);
    expect(stage.ends(second)).toEqual([]);
  });

  test("displaces the old socket at once, where that is set", () => {
    const { stage, channelId, socketId } = connected({
      settings: { announcedSocketAfterMove: "displaced" },
    });
    stage.cloud.faults.announceClosing({ socketId }, stage.nowMs);
    stage.open(channelId);
    expect(stage.ends(socketId)).toHaveLength(1);
    stage.pass(120_000);
    expect(stage.ends(socketId)).toHaveLength(1);
  });

  test("said twice starts no second grace", () => {
    const { stage, socketId } = connected();
    stage.cloud.faults.announceClosing({ socketId }, stage.nowMs);
    stage.pass(30_000);
    stage.cloud.faults.announceClosing({ socketId }, stage.nowMs);
    stage.pass(30_000);
    expect(stage.ends(socketId)).toHaveLength(1);
  });
});

describe("in-band commands", () => {
  const other = `v2.users.${userId}.presence`;

  test("subscribe adds, and answers with a string result", () => {
    const { stage, channelId, token, socketId } = connected();
    stage.say(socketId, { message: "subscribe", topics: [other], correlationId: "c1" });
    expect(stage.frames(socketId)).toEqual([
      { result: "200", status: "subscribed", correlationId: "c1" },
    ]);
    const path = `/api/v2/notifications/channels/${channelId}/subscriptions`;
    expect(stage.call("GET", path, token).json).toMatchObject({
      entities: [{ id: queueTopic }, { id: other }],
    });
  });

  test("subscribe replaces, where that is set", () => {
    const { stage, channelId, token, socketId } = connected({
      settings: { inBandSubscribe: "replaces" },
    });
    stage.say(socketId, { message: "subscribe", topics: [other] });
    const path = `/api/v2/notifications/channels/${channelId}/subscriptions`;
    expect(stage.call("GET", path, token).json).toMatchObject({ entities: [{ id: other }] });
  });

  test("unsubscribe takes topics off, whatever their case", () => {
    const { stage, socketId } = connected();
    stage.say(socketId, { message: "unsubscribe", topics: [queueTopic.toUpperCase()] });
    expect(stage.frames(socketId)).toEqual([{ result: "200", status: "unsubscribed" }]);
    expect(stage.cloud.emit(queueTopic, {}, stage.nowMs).deliveries).toEqual([]);
  });

  test.each([
    ["no topics", { message: "subscribe" }],
    ["topics of another type", { message: "subscribe", topics: [7] }],
    ["a malformed topic", { message: "subscribe", topics: ["what is this"] }],
  ])("%s is refused with 400", (_, message) => {
    const { stage, socketId } = connected();
    stage.say(socketId, message);
    expect(stage.frames(socketId)).toMatchObject([{ result: "400", status: "failure" }]);
  });

  test("a dead token or a dead channel is answered with 404", () => {
    const { stage, socketId, channelId } = connected({
      settings: { expiredChannelSocket: "stay" },
      clients: [
        {
          clientId: "11111111-1111-4111-8111-111111111111",
          clientSecret: "mock-secret",
          accessTokenValiditySeconds: 300,
        },
      ],
    });
    stage.pass(300_000);
    stage.forget();
    stage.say(socketId, { message: "subscribe", topics: [other], correlationId: "c" });
    expect(stage.frames(socketId)).toMatchObject([{ result: "404", correlationId: "c" }]);
    stage.cloud.faults.dropChannel({ channelId }, stage.nowMs);
    stage.forget();
    stage.say(socketId, { message: "subscribe", topics: [other] });
    stage.say(socketId, { message: "ping" });
    expect(stage.frames(socketId)).toMatchObject([{ result: "404" }, pong]);
  });
});
