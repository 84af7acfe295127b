/** The Event API over real sockets, as programs without any library of ours see it. */
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { endAll } from "../packages/cli/src/testing/processes.ts";
import { sampleClient, sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { Bare, gatewayStage } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const everything = { eventTypes: ["user:presence"], filters: { divisions: ["self"] } };

describe("a subscription", () => {
  test("is answered, is live, and brings each event once, with a cursor to go on after", async () => {
    const stage = await gatewayStage();
    const [topic = ""] = stage.topics.filter((name) => name.endsWith(".presence"));
    const socket = await stage.connect();
    expect(await socket.first("heartbeat")).toHaveProperty("time");
    socket.say({ id: "mine", ...everything });
    expect(await socket.first("subscribed")).toMatchObject({
      id: "mine",
      eventTypes: ["user:presence"],
      coverage: { topics: { live: 2 }, notLive: [] },
    });
    expect(await socket.first("live")).toMatchObject({ subscriptionId: "mine" });
    for (let n = 1; n <= 20; n++) stage.emit(topic, { n });
    await eventually("all events", () => socket.of("event").length === 20);
    const [event] = socket.of("event");
    expect(event).toMatchObject({
      eventType: "user:presence",
      subscriptionId: "mine",
      topic,
      data: { n: 1 },
    });
    // Away, and back where it was: what came meanwhile comes, once, and in order.
    socket.socket.terminate();
    for (let n = 21; n <= 30; n++) stage.emit(topic, { n });
    const since = socket.of("event").at(-1)?.["cursor"];
    const again = await stage.connect();
    again.say({ ...everything, since });
    await eventually("what it missed", () => again.of("event").length === 10);
    expect(again.of("event").map(({ data }) => (data as { n: number }).n)).toEqual(
      Array.from({ length: 10 }, (_, index) => 21 + index),
    );
  });

  test("that is wrong is refused with all that is wrong, and the socket stays", async () => {
    const stage = await gatewayStage();
    const socket = await stage.connect();
    socket.say({ eventTypes: "user:presence" });
    const error = await socket.first("error");
    expect((error["details"] as readonly { code: string }[]).map(({ code }) => code)).toEqual([
      "FILTERS_MISSING",
      "EVENT_TYPES_NOT_ARRAY",
    ]);
    socket.say(stage.presence);
    await socket.first("subscribed");
  });

  test.each([
    ["0-9", "CURSOR_FOREIGN"],
    ["not a cursor", "CURSOR_INVALID"],
  ])("since %s is refused as %s", async (since, code) => {
    const stage = await gatewayStage();
    const socket = await stage.connect();
    socket.say({ ...stage.presence, since });
    expect(await socket.first("error")).toMatchObject({ code });
  });
});

test("what was not carried since the cursor is told as a gap before anything else, once", async () => {
  const first = await gatewayStage();
  const { mock, dataDir } = first;
  const [kept = "", dropped = ""] = first.topics.filter((name) => name.endsWith(".presence"));
  const before = await first.connect();
  before.say(first.presence);
  await before.first("live");
  first.emit(kept, { n: 1 });
  const since = (await before.first("event"))["cursor"];
  await first.relay.stop();
  // Somebody takes a topic out of the configuration, and puts it back.
  const second = await gatewayStage({}, { mock, dataDir, carries: (topic) => topic !== dropped });
  await second.relay.stop();
  const third = await gatewayStage({}, { mock, dataDir });
  const after = await third.connect();
  after.say({ ...first.presence, since });
  await after.first("live");
  third.emit(dropped, { n: 2 });
  await after.first("event");
  // Others were carried for the first subscriber, and for nobody in between: they are told of by themselves.
  const [gap, ...others] = after
    .of("gap")
    .filter(({ cause, topics }) => cause === "unsubscribed" && String(topics).includes(dropped));
  expect(others).toEqual([]);
  expect(gap).toMatchObject({ state: "closed", topics: [dropped], topicCount: 1, cursor: since });
  const types = after.heard.map(({ type }) => type);
  expect(types.indexOf("gap")).toBeLessThan(types.indexOf("event"));
});

test("what nobody asked for before is carried as soon as somebody subscribes to it", async () => {
  const stage = await gatewayStage({}, { carries: (topic) => topic.endsWith(".users") });
  const [, , third] = stage.mock.cloud.world.queues;
  const topic = `v2.routing.queues.${third?.id ?? ""}.conversations`;
  const socket = await stage.connect();
  socket.say({ eventTypes: ["conversation:all"], filters: { queueId: third?.id } });
  expect(await socket.first("subscribed")).toMatchObject({ coverage: { topics: {} } });
  await socket.first("live");
  stage.emit(topic, { id: "11111111-2222-4333-8444-555555555555", participants: [] });
  expect(await socket.first("event")).toMatchObject({
    topic,
    entityId: "11111111-2222-4333-8444-555555555555",
  });
});

test("what is no topic of Genesys Cloud takes nothing down", async () => {
  const stage = await gatewayStage();
  const [topic = ""] = stage.topics.filter((name) => name.endsWith(".presence"));
  const user = "11111111-2222-4333-8444-555555555555";
  const socket = await stage.connect();
  socket.say({
    id: "odd",
    eventTypes: [`v2.users.${user}.${"x".repeat(300)}`],
    filters: { userId: user },
  });
  socket.say({ id: "even", ...stage.presence });
  await eventually(
    "both answers",
    () => socket.heard.filter(({ type }) => type === "subscribed" || type === "error").length === 2,
  );
  await eventually("the right one live", () =>
    socket.of("live").some(({ subscriptionId }) => subscriptionId === "even"),
  );
  stage.emit(topic, { n: 1 });
  expect(await socket.first("event")).toMatchObject({ subscriptionId: "even", topic });
});

describe("a token", () => {
  test("may come first as a message; what is sent ahead of it waits", async () => {
    const stage = await gatewayStage();
    const socket = await new Bare(`${stage.url}/websocket`).open();
    socket.say(stage.presence);
    socket.say({ type: "auth", data: { token: await stage.token() } });
    await socket.first("subscribed");
    expect(socket.heard.map(({ type }) => type).slice(0, 3)).toEqual([
      "heartbeat",
      "auth-success",
      "subscribed",
    ]);
  });

  test("may come in the query", async () => {
    const stage = await gatewayStage();
    const socket = new Bare(`${stage.url}/v2/analytics/events?access_token=${await stage.token()}`);
    expect(await socket.first("auth-success")).toMatchObject({ clientId: "wallboard" });
  });

  test.each([
    ["/api/v2/analytics/events", { authorization: "Bearer x.y.z" }, 401, "TOKEN_INVALID"],
    ["/nowhere", {}, 404, "PATH_UNKNOWN"],
    ["/websocket", { origin: "https://evil.example" }, 403, "ORIGIN_FORBIDDEN"],
    ["/websocket", { host: "evil.example" }, 421, "HOST_FORBIDDEN"],
  ])(
    "an upgrade of %s with %j is answered %i %s, with a body",
    async (path, headers, status, code) => {
      const stage = await gatewayStage();
      const socket = new Bare(`${stage.url}${path}`, { headers });
      const refused = await eventually("the answer", () => socket.refused);
      expect(refused).toMatchObject({ status, body: { code, status } });
    },
  );

  test("of a wrong kind closes the socket with 4401, after an error", async () => {
    const stage = await gatewayStage();
    const socket = await new Bare(`${stage.url}/websocket`).open();
    socket.say({ type: "auth", data: { token: "x.y.z" } });
    expect(await socket.end()).toEqual({ code: 4401, reason: "TOKEN_INVALID" });
    expect(socket.heard.at(-1)).toMatchObject({ type: "error", code: "TOKEN_INVALID" });
  });
});

test("a message that is too large closes the socket with 4413, after an error", async () => {
  const stage = await gatewayStage({ messageBytesMax: 1_024 });
  const socket = await stage.connect();
  socket.say({ type: "keepalive", pad: "x".repeat(2_000) });
  expect(await socket.end()).toMatchObject({ code: 4413 });
  expect(socket.heard.at(-1)).toMatchObject({ type: "error", code: "MESSAGE_TOO_LARGE" });
});

test("keepalives and pings are answered as each expects", async () => {
  const stage = await gatewayStage();
  const socket = await stage.connect();
  socket.say({ type: "keepalive" });
  socket.say({ message: "ping" });
  expect(await socket.first("keepalive-ack")).toHaveProperty("time");
  const pong = await eventually("the pong", () =>
    socket.heard.find(({ topicName }) => topicName === "channel.metadata"),
  );
  expect(pong).toEqual({ topicName: "channel.metadata", eventBody: { message: "pong" } });
});

test("with format=genesys frames come as they came", async () => {
  const stage = await gatewayStage();
  const [topic = ""] = stage.topics.filter((name) => name.endsWith(".presence"));
  const socket = await stage.connect("/api/v2/analytics/events?format=genesys");
  socket.say(stage.presence);
  await socket.first("live");
  stage.emit(topic, { n: 1 });
  const frame = await eventually("a frame", () =>
    socket.heard.find(({ topicName }) => topicName === topic),
  );
  expect(frame).toMatchObject({ topicName: topic, eventBody: { n: 1 }, version: "2" });
});

test("on a path that implies a subscription it is made, and said so", async () => {
  const stage = await gatewayStage();
  const socket = await stage.connect("/api/v2/analytics/conversations/events");
  expect(await socket.first("notice")).toMatchObject({ code: "SUBSCRIPTION_IMPLIED" });
  expect(await socket.first("subscribed")).toMatchObject({ eventTypes: ["conversation:all"] });
});

test("the end of the relay is announced, and each socket closed with 4503", async () => {
  const stage = await gatewayStage();
  const socket = await stage.connect();
  socket.say(stage.presence);
  await socket.first("live");
  await stage.relay.stop();
  expect(await socket.end()).toEqual({ code: 4503, reason: "SHUTTING_DOWN" });
  expect(socket.of("closing")).toHaveLength(1);
  expect(socket.of("gap")).toMatchObject([{ cause: "stopped", state: "open" }]);
});

test("whoever offers HTTP/2 in passing, as Java's client does, is answered", async () => {
  const { url } = await gatewayStage();
  const asked = request(`${url}/oauth/token`, {
    method: "POST",
    headers: {
      connection: "Upgrade, HTTP2-Settings",
      upgrade: "h2c",
      "http2-settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
      "content-type": "application/x-www-form-urlencoded",
    },
  });
  asked.end(
    `grant_type=client_credentials&client_id=${sampleClient().id}&client_secret=${sampleSecret}`,
  );
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  expect(JSON.parse((await answer.toArray()).join(""))).toHaveProperty("access_token");
});
