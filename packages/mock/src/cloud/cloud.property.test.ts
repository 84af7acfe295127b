/** What must hold whatever anybody sends, and whatever breaks. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDice } from "./dice.ts";
import type { Cloud, CloudEffect } from "./contract.ts";
import { disagreement, type WireFrame } from "../testing/oracle.ts";
import { clientId, clientSecret, Stage } from "../testing/stage.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "get", ""];
const knownPaths = [
  "/oauth/token",
  "/api/v2/tokens/me",
  "/api/v2/notifications/channels",
  "/api/v2/notifications/channels?includechannels=oauthclient",
  "/api/v2/notifications/availabletopics?expand=description",
  "/api/v2/routing/queues?pageSize=3",
  "/api/v2/users?id=a,b",
];
const path = fc.oneof(
  fc.constantFrom(...knownPaths),
  fc.string().map((text) => `/api/v2/notifications/channels/CHANNEL/subscriptions?${text}`),
  fc.string({ unit: "binary" }),
  fc.tuple(fc.constantFrom(...knownPaths), fc.string()).map((parts) => parts.join("?")),
);
const body = fc.oneof(
  fc.json(),
  fc.string({ unit: "binary" }),
  fc.array(fc.record({ id: fc.string() })).map((topics) => JSON.stringify(topics)),
  fc.constant("grant_type=client_credentials"),
);
const contentType = fc.constantFrom(
  "",
  "application/json",
  "application/x-www-form-urlencoded",
  "x",
);

describe("whatever a client sends", () => {
  test("every request gets an answer with a status, and every refusal a code", () => {
    const stage = new Stage({ settings: { requestsPerMinuteMax: 1_000_000 } });
    const token = stage.token();
    const channelId = stage.channel(token);
    fc.assert(
      fc.property(
        fc.constantFrom(...methods),
        path,
        body,
        contentType,
        fc.constantFrom(`Bearer ${token}`, "Bearer x", "Basic !", "Basic OjpA", ""),
        (method, rawPath, text, type, authorization) => {
          const headers = { authorization, "content-type": type };
          const response = stage.raw(method, rawPath.replace("CHANNEL", channelId), headers, text);
          assert(response !== "cut");
          assert(response.headers["inin-correlation-id"] !== undefined);
          if (response.status < 400 || method === "HEAD") return;
          const refusal: { code?: string; error?: string } = JSON.parse(response.body);
          assert(typeof (refusal.code ?? refusal.error) === "string");
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("no text frame ends a socket or goes unheard afterwards", () => {
    const stage = new Stage();
    const socketId = stage.open(stage.channel(stage.token()));
    const command = fc.record({
      message: fc.constantFrom("ping", "subscribe", "unsubscribe", "x"),
      topics: fc.anything(),
      correlationId: fc.anything(),
    });
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      command.map((value) => JSON.stringify(value) ?? ""),
    );
    fc.assert(
      fc.property(text, (frame) => {
        stage.cloud.received(socketId, frame, stage.nowMs);
        stage.forget();
        stage.say(socketId, { message: "ping" });
        expect(stage.frames(socketId)).toEqual([
          { topicName: "channel.metadata", eventBody: { message: "pong" } },
        ]);
        expect(stage.ends(socketId)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test("no upgrade path throws, and none opens a socket but a channel's", () => {
    const stage = new Stage();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(stage.cloud.upgrade(text, stage.nowMs).kind).toBe("refused");
        expect(stage.cloud.upgrade(`/channels/${text}`, stage.nowMs).kind).toBe("refused");
      }),
    );
  });

  test("sockets and deadlines that are unknown to the model are ignored", () => {
    const { cloud } = new Stage();
    cloud.received(99, "x", 0);
    cloud.closed(99, 0);
    cloud.wake(0);
    expect(cloud.silenced(99)).toBe(false);
    expect(cloud.state().sockets).toEqual([]);
  });
});

/** A few virtual minutes of a busy cloud in which things break at random. */
function stormy(seed: number): { stage: Stage; effects: readonly CloudEffect[] } {
  const dice = createDice(seed, "storm");
  const stage = new Stage({
    seed,
    rate: 20,
    settings: {
      tokenExpiry: dice.pick(["nothing", "closes-sockets", "kills-channels"]),
      correlationId: dice.pick(["per-event", "per-delivery"]),
      displacedNotice: dice.chance(0.5),
      evictedChannelSocket: dice.pick(["stay", "cut"]),
      channelsPerClientMax: 4,
      requestsPerMinuteMax: 100_000,
    },
    clients: [{ clientId, clientSecret, accessTokenValiditySeconds: 300 }],
  });
  const { cloud } = stage;
  const topics = cloud.sampleTopics(120);
  const sockets = (): number => {
    const open = cloud.state().sockets;
    return open.length === 0 ? 0 : dice.pick(open).socketId;
  };
  const someChannel = (): string => {
    const { channels } = cloud.state();
    return channels.length === 0 ? "none" : dice.pick(channels).channelId;
  };
  const acts: (() => unknown)[] = [
    () => stage.put(stage.token(), stage.channel(stage.token()), topics),
    () => stage.put(stage.token(), someChannel(), topics.slice(0, dice.below(120))),
    () => cloud.upgrade(`/channels/${someChannel()}`, stage.nowMs),
    () => cloud.upgrade(`/channels/${someChannel()}`, stage.nowMs),
    () => cloud.closed(sockets(), stage.nowMs),
    () => stage.say(sockets(), { message: "subscribe", topics: [dice.pick(topics)] }),
    () => cloud.faults.silence({ socketId: sockets() }, stage.nowMs),
    () => cloud.faults.cutSockets({ socketId: sockets() }, stage.nowMs),
    () => cloud.faults.announceClosing({ socketId: sockets() }, stage.nowMs),
    () => cloud.faults.dropChannel({ channelId: someChannel() }, stage.nowMs),
    () => cloud.faults.revokeToken({ channelId: someChannel() }, stage.nowMs),
    () => cloud.faults.clear(),
  ];
  for (let round = 0; round < 60; round += 1) {
    stage.pass(dice.below(4000));
    dice.pick(acts)();
  }
  return { stage, effects: stage.effects };
}

describe("through 40 storms", () => {
  test("the ledger is exactly what the sockets received, in order, and nothing after an end", () => {
    let delivered = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const { stage, effects } = stormy(seed);
      const received = new Map<number, WireFrame[]>();
      const ended = new Set<number>();
      for (const effect of effects) {
        const { socketId } = effect;
        assert(!ended.has(socketId), `seed ${seed}: effect after the end`);
        if (effect.type !== "send") {
          ended.add(socketId);
          continue;
        }
        const frames = received.get(socketId) ?? [];
        frames.push({ text: effect.text });
        received.set(socketId, frames);
        delivered += 1;
      }
      const { entries } = stage.cloud.ledger.query();
      assert.equal(disagreement(received, entries), undefined, `seed ${seed}`);
      const { channels } = stage.cloud.state();
      assert(channels.length <= 4, `seed ${seed}`);
      for (const channel of channels) assert(channel.socketIds.length <= 2, `seed ${seed}`);
    }
    expect(delivered).toBeGreaterThan(5000);
  });

  test("the same seed is the same storm, byte for byte", () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      expect(stormy(seed).effects).toEqual(stormy(seed).effects);
    }
    expect(stormy(1).effects).not.toEqual(stormy(2).effects);
  });
});

/** Frames of one virtual minute, woken up only now and then. */
function told(stepMs: number): string[] {
  const stage = new Stage({ rate: 20 });
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, stage.cloud.sampleTopics(1000));
  stage.open(channelId);
  for (let ms = 0; ms < 60_000; ms += stepMs) {
    stage.nowMs += stepMs;
    stage.cloud.wake(stage.nowMs);
  }
  return stage.effects
    .map((effect) => (effect.type === "send" ? effect.text : effect.type))
    .filter((text) => !text.includes("channel.metadata"));
}

test("late wakes change when events come, not what comes", () => {
  expect(told(7500)).toEqual(told(10));
});

test("a wake does so much and no more; the rest follows at once", () => {
  const stage = new Stage({ rate: 1000, settings: { eventsPerWakeMax: 50 } });
  stage.nowMs += 10_000;
  stage.cloud.wake(stage.nowMs);
  const first = stage.cloud.ledger.newest;
  expect(first).toBeGreaterThanOrEqual(50);
  expect(first).toBeLessThan(100);
  expect(stage.cloud.nextDeadlineMs()).toBeLessThan(stage.nowMs);
});

test("a clock that is set back does not turn time back: nothing expired comes to life", () => {
  const clients = [{ clientId, clientSecret, accessTokenValiditySeconds: 300 }];
  const stage = new Stage({ clients });
  const token = stage.token();
  stage.pass(300_000);
  stage.nowMs -= 200_000;
  expect(stage.call("GET", "/api/v2/tokens/me", token).status).toBe(401);
  const channelId = stage.channel(stage.token());
  expect(stage.cloud.state().channels).toMatchObject([
    { channelId, createdAtMs: stage.nowMs + 200_000 },
  ]);
});

/** Topics of five busy seconds on two sockets, with a transport that calls back during each effect. */
function calledBack(callBack: (cloud: Cloud, nowMs: number) => void): string[] {
  const stage = new Stage({ rate: 500 });
  for (let count = 0; count < 2; count += 1) {
    const token = stage.token();
    const channelId = stage.channel(token);
    stage.put(token, channelId, stage.cloud.sampleTopics(1000));
    stage.open(channelId);
  }
  stage.nowMs += 5000;
  stage.onEffect = () => callBack(stage.cloud, stage.nowMs);
  stage.cloud.wake(stage.nowMs);
  return stage.cloud.ledger.query().entries.map((entry) => entry.topic);
}

test("an outlet may call back: the world goes on from where it was", () => {
  const quiet = calledBack(() => {});
  assert(quiet.length > 1000);
  expect(calledBack((cloud, nowMs) => cloud.wake(nowMs))).toEqual(quiet);
  expect(calledBack((cloud, nowMs) => cloud.closed(1, nowMs))).toEqual(quiet);
});

test("a socket whose end is told while another is served gets no more", () => {
  const stage = new Stage();
  const token = stage.token();
  const channels = [stage.channel(token), stage.channel(token)];
  const topic = "v2.users.33333333-3333-4333-8333-333333333333.presence";
  for (const channelId of channels) stage.put(token, channelId, [topic]);
  const [, second = 0] = channels.map((channelId) => stage.open(channelId));
  stage.onEffect = () => stage.cloud.closed(second, stage.nowMs);
  stage.cloud.emit(topic, {}, stage.nowMs);
  expect(stage.frames(second)).toEqual([]);
});
