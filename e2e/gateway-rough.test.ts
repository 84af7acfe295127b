/**
 * The Event API's sockets under whoever means harm, or writes wrong programs: always an answer with a code, never a
 * crash, and no more memory than is said. `FUZZ` messages, from `FUZZ_SEED`.
 */
import { eventApiErrors } from "@trunkline/events";
import { createDice, type Dice } from "@trunkline/testkit";
import { afterEach, expect, test } from "vitest";
import { endAll } from "../packages/cli/src/testing/processes.ts";
import type { SubscribersReply } from "../packages/relay/src/http/api.ts";
import { sampleClient } from "../packages/relay/src/testing/access-stage.ts";
import { Bare, gatewayStage, type GatewayStage } from "./gateway-stage.ts";
import { heapBytes } from "./heap.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const presence = { eventTypes: ["user:presence"], filters: { divisions: ["self"] } };

test("a flood of connections from one address is answered 429 with Retry-After, and who was there stays", async () => {
  const stage = await gatewayStage({ connectionsPerAddressMax: 3 });
  const [first, ...others] = [await stage.connect(), await stage.connect(), await stage.connect()];
  const flood = Array.from({ length: 100 }, () => new Bare(`${stage.url}/websocket`));
  await eventually("the answers", () => flood.every(({ refused }) => refused !== undefined));
  const answers = flood.map(({ refused }) => [
    refused?.status,
    refused?.body["code"],
    refused?.retryAfter,
  ]);
  expect(answers).toEqual(flood.map(() => [429, "CONNECTIONS_FULL", "10"]));
  const full = { place: "upgrade", code: "CONNECTIONS_FULL", count: 100 };
  expect(stage.relay.service.gateway()).toMatchObject({
    connections: [{}, {}, {}],
    refusals: [full],
  });
  first?.socket.close();
  const next = await eventually("a place", async () => {
    const socket = new Bare(`${stage.url}/websocket`);
    await eventually("an answer", () => socket.refused ?? socket.heard[0]);
    return socket.refused === undefined && socket;
  });
  expect(stage.relay.service.gateway()?.closes).toContainEqual({ code: undefined, count: 1 });
  expect([next, ...others].map(({ closed }) => closed)).toEqual([undefined, undefined, undefined]);
});

test("a client that is removed by a reload has its sockets closed with 4401, and no other", async () => {
  const stage = await gatewayStage({ clients: [sampleClient(), sampleClient({ id: "other" })] });
  const socket = await stage.connect();
  const stranger = await new Bare(`${stage.url}/websocket`).open();
  socket.say(stage.presence);
  await socket.first("live");
  await stage.reload([sampleClient(), sampleClient({ id: "third" })]);
  socket.say({ type: "keepalive" });
  await socket.first("keepalive-ack");
  await stage.reload([sampleClient({ id: "other" })]);
  expect(await socket.end()).toEqual({ code: 4401, reason: "CLIENT_UNKNOWN" });
  expect(socket.heard.at(-1)).toMatchObject({ type: "error", code: "CLIENT_UNKNOWN" });
  expect(stranger.closed).toBeUndefined();
});

test("a reader that stops for a while is told that it lags, and then gets everything, in order", async () => {
  const stage = await gatewayStage();
  const [topic = ""] = stage.topics.filter((name) => name.endsWith(".presence"));
  const [slow, quick] = [await stage.connect(), await stage.connect()];
  for (const socket of [slow, quick]) {
    socket.say(stage.presence);
    await socket.first("live");
  }
  slow.socket.pause();
  const count = 1_500;
  const pad = "x".repeat(20_000);
  for (let n = 0; n < count; n++) {
    stage.emit(topic, { n, pad });
    // Less is under way to the quick one than may wait on a socket, so it never lags, however slow the machine.
    if (n % 20 === 0) await eventually("it", () => quick.of("event").length >= n - 20);
  }
  // Nobody waits for the slow one.
  await eventually("all at the quick one", () => quick.of("event").length === count);
  const asked = await fetch(`${stage.url}/admin/subscribers`);
  const { subscribers } = (await asked.json()) as SubscribersReply;
  expect(subscribers).toMatchObject([
    { client: "wallboard", subscriptions: 1, lagging: 1 },
    { client: "wallboard", subscriptions: 1, lagging: 0, behind: 0 },
  ]);
  const [{ behind, sent } = { behind: 0, sent: 0 }, { sent: all } = { sent: 0 }] = subscribers;
  expect([behind > 100, sent < all - 100, all >= count]).toEqual([true, true, true]);
  const metrics = await (await fetch(`${stage.url}/metrics`)).text();
  expect(metrics).toMatch(/\ntrunkline_gateway_behind_entries \d{3,}\n/u);
  expect(metrics).toContain("\ntrunkline_gateway_lagging_subscriptions 1\n");
  expect(metrics).toContain("\ntrunkline_gateway_shapes 1\n");
  slow.socket.resume();
  await eventually("all at the slow one", () => slow.of("event").length >= count);
  expect(slow.of("event").map(({ data }) => (data as { readonly n: number }).n)).toEqual(
    Array.from({ length: count }, (_, n) => n),
  );
  expect(slow.of("lagging").length).toBeGreaterThan(0);
  expect(quick.of("lagging")).toEqual([]);
});

test.each([
  [2_000, { code: 4413, reason: "MESSAGE_TOO_LARGE" }],
  [1_000_000, { code: 1009 }],
])("a first message of %i bytes closes a socket without a token", async (bytes, end) => {
  const stage = await gatewayStage({ messageBytesMax: 1_024 });
  const socket = await new Bare(`${stage.url}/websocket`).open();
  socket.say({ type: "auth", data: { token: "x".repeat(bytes) } });
  expect(await socket.end()).toMatchObject(end);
});

const count = Number(process.env["FUZZ"] ?? 10_000);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const perSocket = 25;
const atOnce = 8;

const queueId = "7f3a2b10-0c1d-4e5f-8a9b-0c1d2e3f4a5b";
const samples: readonly string[] = [
  { type: "subscribe", id: "a", filter: { eventTypes: ["user:presence"], entities: [queueId] } },
  { type: "subscribe", id: queueId, event_type: "conversation:updated", entity: queueId },
  { id: "b", ...presence, since: "0" },
  {
    eventTypes: ["conversation:updated"],
    filters: {
      "conversation:updated": {
        predicates: [{ field: "$.participants[?@.calls]", operator: "exists", values: [] }],
      },
    },
  },
  { channel: "conversation", query: {} },
  { type: "unsubscribe", id: "a" },
  { type: "keepalive" },
  { message: "ping" },
  { type: "ack", cursor: "j-1" },
].map((message) => JSON.stringify(message));
const pieces: readonly string[] = [
  ...'"|{|}|[|]|,|:|\\| |€|\u0000|\ud800'.split("|"),
  "\\u0000",
  "null",
  "1e999",
  "-0",
  "__proto__",
  "$..*",
  "[?@.a==1]",
  "self",
  queueId,
  '"id":"id",',
];

function mutated(dice: Dice): string {
  let text = dice.pick(samples);
  for (let times = dice.int(0, 3); times > 0; times--) {
    const at = dice.int(0, text.length);
    const to = Math.min(text.length, at + dice.int(0, 12));
    const piece = dice.chance(0.5) ? dice.pick(pieces) : dice.pick(samples).slice(dice.int(0, 20));
    text = text.slice(0, at) + (dice.chance(0.6) ? piece : "") + text.slice(to);
  }
  return dice.chance(0.02) ? "[".repeat(dice.int(1, 50_000)) : text;
}

const unasked = new Set(["heartbeat", "live", "event", "gap", "lagging", "notice", "auth-success"]);

/** What is wrong with how a socket was answered; undefined where nothing is. */
function wrongWith({ heard, closed }: Bare, sent: number): unknown {
  const answers = heard.filter(({ type }) => !unasked.has(String(type)));
  const errors = answers.filter(({ type }) => type === "error");
  const codeless = errors.find(
    ({ code, help, contextId }) =>
      !Object.hasOwn(eventApiErrors, String(code)) ||
      String(help).length < 10 ||
      contextId === undefined ||
      code === "INTERNAL",
  );
  if (codeless !== undefined) return codeless;
  if (closed === undefined) return answers.length >= sent ? undefined : { sent, answers };
  const last = heard.at(-1);
  return last?.["type"] === "error" && last["code"] === closed.reason
    ? undefined
    : { last, closed };
}

async function shoot(stage: GatewayStage, token: string, dice: Dice): Promise<unknown> {
  const socket = await new Bare(`${stage.url}/websocket`, {
    headers: { authorization: `Bearer ${token}` },
  }).open();
  for (let n = 0; n < perSocket; n++) socket.say(mutated(dice));
  socket.say({ type: "keepalive" });
  await eventually(
    "the last answer, or the end",
    () => {
      const acks = socket.of("keepalive-ack").length;
      return (
        socket.closed !== undefined || (acks > 0 && wrongWith(socket, perSocket + 1) === undefined)
      );
    },
    20_000,
  ).catch(() => undefined);
  const wrong = wrongWith(socket, perSocket + 1);
  socket.socket.terminate();
  return wrong;
}

test(
  `of ${count} wrong and half-wrong messages each is answered with a code (FUZZ_SEED=${seed})`,
  async () => {
    const stage = await gatewayStage();
    const token = await stage.token();
    const dice = createDice(seed, "gateway-rough");
    const wrong: unknown[] = [];
    const shots = Math.ceil(count / perSocket);
    let warmBytes = 0;
    for (let shot = 0; shot < shots; shot += atOnce) {
      const all = Array.from({ length: atOnce }, () => shoot(stage, token, dice));
      wrong.push(...(await Promise.all(all)).filter((each) => each !== undefined));
      if (warmBytes === 0 && shot * 4 >= shots) warmBytes = heapBytes();
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    // The relay is as it was: somebody else is served.
    const socket = await stage.connect();
    socket.say(stage.presence);
    expect(await socket.first("live")).toHaveProperty("cursor");
    // What ended is forgotten; the heap alone would show it only after many more.
    await eventually("all others gone", () => {
      const { connections = [], shapes } = stage.relay.service.gateway() ?? {};
      return connections.length === 1 && shapes === 1;
    });
    const grownBytes = heapBytes() - warmBytes;
    expect(grownBytes).toBeLessThan(20_000_000);
    process.stdout.write(
      `${shots * perSocket} messages on ${shots} sockets; heap after collection ${(warmBytes / 1e6).toFixed(1)} MB ` +
        `after a quarter, ${(grownBytes / 1e6).toFixed(1)} MB more at the end\n`,
    );
  },
  60_000 + count * 20,
);
