import { describe, expect, test } from "vitest";
import { builtInScenarios, readBuiltInScenario } from "../platform/files.ts";
import { readCapture } from "../replay/read-capture.ts";
import { mockClientId, mockClientSecret } from "../server/options.ts";
import { queueTopic, Stage, startMs } from "../testing/stage.ts";
import { createDirector, type Director } from "./director.ts";
import { readScenario } from "./read-scenario.ts";

type StageOptions = ConstructorParameters<typeof Stage>[0];

/** A stage on whose cloud a scenario is played, and perhaps a capture. */
function directed(
  timeline: string,
  options: StageOptions & { readonly captured?: string } = {},
): { stage: Stage; director: Director } {
  const { captured, ...ofCloud } = options;
  const stage = new Stage(ofCloud);
  const capture = captured === undefined ? undefined : readCapture(captured, "c.ndjson", false);
  const director = createDirector(stage.cloud, { capture, onEarlier: () => {} });
  Object.assign(stage, { cloud: director.cloud });
  if (timeline !== "")
    director.play(readScenario(`timeline:\n${timeline}`, "s.yaml", "s"), stage.nowMs);
  return { stage, director };
}

/** A socket whose channel has the topic. */
function listener(stage: Stage): number {
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, [queueTopic]);
  return stage.open(channelId);
}

describe("the clock of a timeline", () => {
  test("begins with the first request, however late it comes", () => {
    const { stage, director } = directed("  - { at: 10s, fault: failRequests, status: 503 }");
    stage.pass(3_600_000);
    expect(director.status()).toMatchObject({ state: "waiting", done: 0 });
    const token = stage.token();
    expect(director.status()).toMatchObject({
      state: "running",
      startedAtMs: stage.nowMs,
      nextAtMs: stage.nowMs + 10_000,
    });
    stage.pass(9_999);
    expect(stage.call("GET", "/api/v2/tokens/me", token).status).toBe(200);
    stage.pass(1);
    expect(stage.call("GET", "/api/v2/tokens/me", token).status).toBe(503);
    expect(director.status()).toMatchObject({ state: "done", done: 1 });
  });

  test("begins with the first upgrade, and strikes it already at 0", () => {
    const { stage } = directed("  - { fault: refuseUpgrades, status: 429 }");
    expect(stage.cloud.upgrade("/channels/x", stage.nowMs)).toMatchObject({
      kind: "refused",
      response: { status: 429 },
    });
  });

  test("begins at once for a scenario that is played when clients have been there", () => {
    const { stage, director } = directed("");
    stage.token();
    stage.pass(5_000);
    const scenario = readScenario("timeline: [{ at: 1s, clear: true }]", "s.yaml", "late");
    director.play(scenario, stage.nowMs);
    expect(director.status()).toMatchObject({ name: "late", startedAtMs: stage.nowMs });
  });
});

describe("a timeline", () => {
  test("does each thing at its own instant, though the wake comes late", () => {
    const { stage } = directed(`
  - { at: 1s, publish: { topic: ${queueTopic}, body: { n: 1 } } }
  - { at: 3s, publish: { topic: ${queueTopic}, body: { n: 3 } } }
  - { at: 2s, every: 2s, times: 2, publish: { topic: ${queueTopic}, body: { n: 2 } } }`);
    listener(stage);
    stage.nowMs += 60_000;
    stage.cloud.wake(stage.nowMs);
    const entries = stage.cloud.ledger.query().entries.map(({ atMs, body }) => [atMs, body]);
    expect(entries).toEqual([
      [startMs + 1_000, '{"n":1}'],
      [startMs + 2_000, '{"n":2}'],
      [startMs + 3_000, '{"n":3}'],
      [startMs + 4_000, '{"n":2}'],
    ]);
  });

  test("ends a fault after its time, and lets others stand", () => {
    const { stage } = directed(`
  - { at: 1s, for: 5s, fault: silence }
  - { at: 2s, fault: ignorePings }`);
    listener(stage);
    stage.pass(2_000);
    expect(stage.cloud.faults.list().map(({ fault }) => fault)).toEqual(["silence", "ignorePings"]);
    stage.pass(4_000);
    expect(stage.cloud.faults.list().map(({ fault }) => fault)).toEqual(["ignorePings"]);
  });

  test("clears all faults, those of others too", () => {
    const { stage } = directed("  - { at: 1s, clear: true }");
    stage.cloud.faults.silence({}, stage.nowMs);
    listener(stage);
    stage.pass(1_000);
    expect(stage.cloud.faults.list()).toEqual([]);
  });

  test.each([
    ["newest", 1],
    ["oldest", 0],
  ] as const)("strikes the %s socket of those that are there by then", (which, index) => {
    const { stage } = directed(`  - { at: 1s, fault: cutSockets, socket: ${which} }`);
    const sockets = [listener(stage), listener(stage)];
    stage.pass(1_000);
    const cut = stage.effects.filter(({ type }) => type === "cut");
    expect(cut).toEqual([{ type: "cut", socketId: sockets[index] }]);
  });

  test("strikes a channel, and counts what found none", () => {
    const { stage, director } = directed(
      "  - { at: 1s, every: 1s, times: 3, fault: dropChannel, channel: newest }",
    );
    listener(stage);
    listener(stage);
    stage.pass(10_000);
    expect(stage.cloud.state().channels).toEqual([]);
    expect(director.status()).toMatchObject({ state: "done", done: 2, missed: 1 });
  });

  test("that goes on for ever is bounded in each wake, and misses nothing", () => {
    const { stage } = directed(`  - { every: 1ms, publish: { topic: ${queueTopic}, body: {} } }`);
    listener(stage);
    stage.nowMs += 10_000;
    stage.cloud.wake(stage.nowMs);
    expect(stage.cloud.ledger.newest).toBe(1_001);
    expect(stage.cloud.nextDeadlineMs()).toBeLessThan(stage.nowMs);
    stage.pass(0);
    expect(stage.cloud.ledger.newest).toBe(10_001);
  });

  test("ends with its own faults when it is stopped or another is played", () => {
    const { stage, director } = directed(`
  - { fault: silence }
  - { at: 1s, fault: cutSockets }`);
    stage.cloud.faults.ignorePings({}, stage.nowMs);
    listener(stage);
    expect(stage.cloud.faults.list()).toHaveLength(2);
    director.stop();
    expect(stage.cloud.faults.list().map(({ fault }) => fault)).toEqual(["ignorePings"]);
    stage.pass(10_000);
    expect(stage.cloud.state().sockets).toHaveLength(1);
    expect(director.status()).toEqual({ state: "none", done: 0, missed: 0 });
  });
});

const history = (): string => {
  const { stage } = directed("  - { at: 1s, every: 7s, fault: cutSockets }", { rate: 20 });
  listener(stage);
  stage.pass(60_000);
  const { entries } = stage.cloud.ledger.query();
  return JSON.stringify([entries, stage.cloud.ledger.history()]);
};

test("a scenario does the same at each run", () => {
  expect(history()).toBe(history());
});

function comeBack(stage: Stage): number | undefined {
  const basic = Buffer.from(`${mockClientId}:${mockClientSecret}`).toString("base64");
  const login = {
    authorization: `Basic ${basic}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const answer = stage.raw("POST", "/oauth/token", login, "grant_type=client_credentials");
  if (answer === "cut" || answer.status !== 200) return undefined;
  const { access_token: token }: { access_token: string } = JSON.parse(answer.body);
  const authorization = { authorization: `Bearer ${token}` };
  const made = stage.raw("POST", "/api/v2/notifications/channels", authorization);
  if (made === "cut" || made.status !== 200) return undefined;
  const { id }: { id: string } = JSON.parse(made.body);
  const topics = [queueTopic, ...stage.cloud.sampleTopics(10)].map((topic) => ({ id: topic }));
  const path = `/api/v2/notifications/channels/${id}/subscriptions`;
  const json = { ...authorization, "content-type": "application/json" };
  stage.raw("PUT", path, json, JSON.stringify(topics));
  const upgrade = stage.cloud.upgrade(`/channels/${id}`, stage.nowMs);
  return upgrade.kind === "accepted" ? upgrade.socketId : undefined;
}

describe("the scenario that is built in", () => {
  /** What each does within ten minutes to a client that always comes back. */
  const expected: Readonly<Record<string, readonly string[]>> = {
    "announced-close": ["fault-announceClosing", "socket-closing-announced"],
    "flaky-network": [
      "fault-cutSockets",
      "fault-cutUpgrades",
      "fault-refuseUpgrades",
      "fault-cutRequests",
    ],
    "token-trouble": ["channel-token", "client-disabled", "client-active"],
    "half-open-night": ["fault-stopHeartbeats", "fault-ignorePings", "fault-silence"],
    "rate-limited": ["fault-failRequests"],
    burst: ["fault-burst", "fault-delayFrames", "fault-duplicateFrames"],
  };

  test.each(builtInScenarios())("%s does what it says", (name) => {
    const scenario = readScenario(readBuiltInScenario(name), `${name}.yaml`, name);
    const { rate = 0, ...options } = scenario.options;
    const clients = options.clients ?? [{ clientId: mockClientId, clientSecret: mockClientSecret }];
    const { stage, director } = directed("", { ...options, rate, clients });
    director.play(scenario, stage.nowMs);
    let socketId = 0;
    for (let second = 0; second < 600; second += 1) {
      if (!stage.cloud.state().sockets.some((socket) => socket.socketId === socketId)) {
        socketId = comeBack(stage) ?? 0;
      }
      stage.pass(1_000);
    }
    const happened = new Set(stage.cloud.ledger.history().map(({ what }) => what));
    expect([...happened]).toEqual(expect.arrayContaining([...(expected[name] ?? ["a row above"])]));
    expect(director.status().done).toBeGreaterThan(0);
  });
});

const line = (second: number, data: string): string =>
  `{"type":"event","topic":"${queueTopic}","receivedAt":"2026-01-01T00:00:0${second}.000Z","data":${data}}`;

test("the scenario burst sends 2,000 events within two seconds", () => {
  const { stage, director } = directed("");
  director.play(readScenario(readBuiltInScenario("burst"), "burst.yaml", "burst"), stage.nowMs);
  listener(stage);
  stage.pass(20_000);
  expect(
    stage.cloud.ledger.query({ fromMs: startMs + 15_000, untilMs: startMs + 17_000 }).entries,
  ).toHaveLength(2_000);
});

describe("a capture", () => {
  const captured = [line(1, '{ "n": 1.00 }'), line(3, '{"n":12345678901234567890}')].join("\n");

  test("is played with its spacing from the first listener on, byte for byte", () => {
    const { stage } = directed("", { captured });
    const token = stage.token();
    const channelId = stage.channel(token);
    stage.pass(60_000);
    stage.open(channelId);
    stage.pass(60_000);
    expect(stage.cloud.ledger.newest).toBe(0);
    stage.put(token, channelId, stage.cloud.sampleTopics(5));
    const beganAtMs = stage.nowMs;
    stage.pass(10_000);
    expect(stage.cloud.ledger.query().entries).toMatchObject([
      { atMs: beganAtMs, topic: queueTopic, body: '{ "n": 1.00 }' },
      { atMs: beganAtMs + 2_000, topic: queueTopic, body: '{"n":12345678901234567890}' },
    ]);
    const sent = stage.effects.filter((effect) => effect.type === "send").map(({ text }) => text);
    expect(sent.some((text) => text.includes('"eventBody":{ "n": 1.00 }'))).toBe(true);
  });

  test("names its topics, the busiest first", () => {
    const other = queueTopic.replace("222", "333");
    const more = [captured, line(4, "{}").replace(queueTopic, other)].join("\n");
    expect(directed("", { captured: more }).stage.cloud.sampleTopics(5)).toEqual([
      queueTopic,
      other,
    ]);
  });

  test("begins again where it is to loop", () => {
    const stage = new Stage();
    const capture = readCapture(captured, "c.ndjson", true);
    const { cloud } = createDirector(stage.cloud, { capture, onEarlier: () => {} });
    Object.assign(stage, { cloud });
    listener(stage);
    stage.pass(8_000);
    const at = stage.cloud.ledger.query().entries.map(({ atMs }) => atMs - startMs);
    expect(at).toEqual([0, 2_000, 3_000, 5_000, 6_000, 8_000]);
  });
});
