import { once } from "node:events";
import { connect, createServer } from "node:net";
import { MockError, createMock, type MockOptions, type RunningMock } from "@trunkline/mock";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

const topic = "v2.routing.queues.22222222-2222-4222-8222-222222222222.conversations";
const heartbeat = { topicName: "channel.metadata", eventBody: { message: "WebSocket Heartbeat" } };
const pong = { topicName: "channel.metadata", eventBody: { message: "pong" } };

const running: RunningMock[] = [];
const sockets: WebSocket[] = [];

async function start(options: MockOptions = {}): Promise<RunningMock> {
  const mock = await createMock({ rate: 0, ...options });
  running.push(mock);
  return mock;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await Promise.all(running.splice(0).map((mock) => mock.close()));
});

async function tokenOf(mock: RunningMock): Promise<string> {
  const credentials = Buffer.from(`${mock.clientId}:${mock.clientSecret}`).toString("base64");
  const response = await fetch(`${mock.loginUrl}/oauth/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${credentials}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  expect(response.status).toBe(200);
  const { access_token: token }: { access_token: string } = JSON.parse(await response.text());
  return token;
}

interface Made {
  readonly id: string;
  readonly connectUri: string;
}

async function call(
  mock: RunningMock,
  method: string,
  path: string,
  token: string,
  body?: unknown,
): Promise<Response> {
  return fetch(`${mock.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The answer to a request for a channel that came to this host. A fetch may not set it. */
async function addressed(mock: RunningMock, host: string, prefix = ""): Promise<string> {
  const raw = connect(mock.port, "127.0.0.1");
  const token = await tokenOf(mock);
  raw.write(
    `POST ${prefix}/api/v2/notifications/channels HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
  );
  let text = "";
  raw.on("data", (data) => (text += String(data)));
  await once(raw, "close");
  return text;
}

async function channelOf(mock: RunningMock, token: string): Promise<Made> {
  const made: Made = JSON.parse(
    await (await call(mock, "POST", "/api/v2/notifications/channels", token)).text(),
  );
  const path = `/api/v2/notifications/channels/${made.id}/subscriptions`;
  expect((await call(mock, "PUT", path, token, [{ id: topic }])).status).toBe(200);
  return made;
}

interface Line {
  readonly socket: WebSocket;
  /** The next frame, parsed. */
  next(): Promise<unknown>;
  closed: Promise<{ code: number; reason: string }>;
}

async function dial(uri: string): Promise<Line> {
  const socket = new WebSocket(uri);
  sockets.push(socket);
  const frames: unknown[] = [];
  const waiting: ((frame: unknown) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const frame: unknown = JSON.parse(data.toString());
    const waiter = waiting.shift();
    if (waiter === undefined) frames.push(frame);
    else waiter(frame);
  });
  socket.on("error", () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(socket, "open");
  const next = (): Promise<unknown> =>
    frames.length > 0
      ? Promise.resolve(frames.shift())
      : new Promise((resolve) => {
          waiting.push(resolve);
        });
  return { socket, next, closed };
}

async function control(
  mock: RunningMock,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(`${mock.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: Record<string, unknown> = JSON.parse(await response.text());
  return { status: response.status, json };
}

describe("a mock on real sockets", () => {
  test("plays the whole path: token, channel, topics, socket, ping, event, heartbeat", async () => {
    const mock = await start({ settings: { heartbeatMs: 50 } });
    const token = await tokenOf(mock);
    const { connectUri } = await channelOf(mock, token);
    expect(connectUri).toContain(`ws://127.0.0.1:${mock.port}/channels/streaming-`);
    const line = await dial(connectUri);
    expect(await line.next()).toEqual(heartbeat);
    line.socket.send('{"message":"ping"}');
    for (;;) {
      const frame = await line.next();
      if (JSON.stringify(frame) === JSON.stringify(pong)) break;
      expect(frame).toEqual(heartbeat);
    }
    mock.cloud.emit(topic, { id: "a" }, mock.nowMs());
    for (;;) {
      const frame = await line.next();
      if (JSON.stringify(frame) === JSON.stringify(heartbeat)) continue;
      expect(frame).toMatchObject({ topicName: topic, version: "2", eventBody: { id: "a" } });
      break;
    }
  });

  test("frees its port on close, cuts its sockets, and can be closed twice", async () => {
    const mock = await start();
    const line = await dial((await channelOf(mock, await tokenOf(mock))).connectUri);
    await Promise.all([mock.close(), mock.close()]);
    expect((await line.closed).code).toBe(1006);
    const again = await start({ port: mock.port });
    expect(again.port).toBe(mock.port);
  });

  test("says with code and remedy that its port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const failure = await createMock({ port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MockError);
    expect(failure).toMatchObject({ code: "PORT_TAKEN" });
    expect(failure instanceof MockError ? failure.help : "").toContain("choose another port");
    other.close();
  });

  test("says which option is wrong, and leaves no port behind", async () => {
    await expect(createMock({ rate: -1 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(createMock({ port: 70_000 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(createMock({ host: "203.0.113.7" })).rejects.toMatchObject({
      code: "ADDRESS_UNAVAILABLE",
    });
  });

  test("displaces the first socket of a channel", async () => {
    const mock = await start();
    const { connectUri } = await channelOf(mock, await tokenOf(mock));
    const first = await dial(connectUri);
    const second = await dial(connectUri);
    expect((await first.closed).code).toBe(1001);
    mock.cloud.emit(topic, { id: "b" }, mock.nowMs());
    expect(await second.next()).toMatchObject({ eventBody: { id: "b" } });
  });

  test("answers protocol pings, but not on a silenced socket", async () => {
    const mock = await start();
    const line = await dial((await channelOf(mock, await tokenOf(mock))).connectUri);
    line.socket.ping();
    await once(line.socket, "pong");
    const { id } = mock.cloud.faults.silence({}, mock.nowMs());
    line.socket.ping("unheard");
    line.socket.send('{"message":"ping"}');
    // What was sent in the silence has passed before this request is answered, or is heard after it; both are quiet.
    mock.cloud.emit(topic, { id: "unheard" }, mock.nowMs());
    expect((await control(mock, "GET", "/ledger")).json).toMatchObject({
      entries: [{ deliveries: [{ outcome: "silenced" }] }],
    });
    mock.cloud.faults.remove(id ?? 0);
    mock.cloud.emit(topic, { id: "heard" }, mock.nowMs());
    for (;;) {
      const frame = await line.next();
      if (JSON.stringify(frame) === JSON.stringify(pong)) continue;
      expect(frame).toMatchObject({ eventBody: { id: "heard" } });
      break;
    }
  });

  test("refuses an upgrade with status and body, or cuts it", async () => {
    const mock = await start();
    const { connectUri } = await channelOf(mock, await tokenOf(mock));
    await control(mock, "POST", "/faults", {
      fault: "refuseUpgrades",
      status: 429,
      headers: { "retry-after": "7" },
      body: "busy",
      count: 1,
    });
    const refused = new WebSocket(connectUri);
    refused.on("error", () => {});
    const [, response] = await once(refused, "unexpected-response");
    expect(response).toMatchObject({ statusCode: 429, headers: { "retry-after": "7" } });
    await control(mock, "POST", "/faults", { fault: "cutUpgrades", count: 1 });
    const [error] = await once(new WebSocket(connectUri), "error");
    expect(error).toMatchObject({ code: "ECONNRESET" });
    await dial(connectUri);
  });

  test("is not displaced by something that is no handshake", async () => {
    const mock = await start();
    const { connectUri, id } = await channelOf(mock, await tokenOf(mock));
    const line = await dial(connectUri);
    const raw = connect(mock.port, "127.0.0.1");
    raw.write(
      `GET /channels/${id} HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n`,
    );
    const [answer] = await once(raw, "data");
    expect(String(answer)).toContain("400 Bad Request");
    raw.destroy();
    mock.cloud.emit(topic, { id: "still here" }, mock.nowMs());
    expect(await line.next()).toMatchObject({ eventBody: { id: "still here" } });
  });

  test("answers a request that also offers HTTP/2, as Java's client does", async () => {
    const mock = await start();
    const raw = connect(mock.port, "127.0.0.1");
    raw.write(
      "GET /api/v2/tokens/me HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAA\r\n\r\n",
    );
    const [answer] = await once(raw, "data");
    expect(String(answer)).toContain("401 Unauthorized");
    raw.destroy();
  });

  test("cuts without a close frame, closes with any code, and announces a close", async () => {
    const mock = await start({ settings: { socketClosingGraceMs: 20 } });
    const { connectUri } = await channelOf(mock, await tokenOf(mock));
    const first = await dial(connectUri);
    await control(mock, "POST", "/faults", { fault: "cutSockets" });
    expect((await first.closed).code).toBe(1006);
    const second = await dial(connectUri);
    await control(mock, "POST", "/faults", { fault: "closeSockets", code: 4000, reason: "why" });
    expect(await second.closed).toEqual({ code: 4000, reason: "why" });
    const third = await dial(connectUri);
    await control(mock, "POST", "/faults", { fault: "announceClosing" });
    expect(await third.next()).toMatchObject({ topicName: "v2.system.socket_closing" });
    expect((await third.closed).code).toBe(1001);
  });

  test("cuts a reader that does not read, and says so in the history", async () => {
    const mock = await start({ sendBufferBytesMax: 100_000 });
    const { connectUri } = await channelOf(mock, await tokenOf(mock));
    const line = await dial(connectUri);
    line.socket.pause();
    const body = { text: "x".repeat(100_000) };
    const slow = (): boolean =>
      mock.cloud.ledger.history().some((entry) => entry.detail === "slow reader");
    for (let sent = 0; sent < 1000 && !slow(); sent += 1) {
      mock.cloud.emit(topic, body, mock.nowMs());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(slow()).toBe(true);
    line.socket.resume();
    expect((await line.closed).code).toBe(1006);
  });

  test("cuts a request before or after it was carried out", async () => {
    const mock = await start();
    const token = await tokenOf(mock);
    const path = "/api/v2/notifications/channels";
    for (const [when, channels] of [
      ["before", 0],
      ["after", 1],
    ] as const) {
      mock.cloud.faults.cutRequests({ when, path, count: 1 }, mock.nowMs());
      await expect(call(mock, "POST", path, token)).rejects.toThrow("fetch failed");
      expect(mock.cloud.state().channels).toHaveLength(channels);
    }
  });

  test("answers 413 to a body far beyond the limit, without keeping it", async () => {
    const mock = await start();
    const token = await tokenOf(mock);
    const { id } = await channelOf(mock, token);
    const path = `/api/v2/notifications/channels/${id}/subscriptions`;
    const response = await call(mock, "PUT", path, token, ["x".repeat(20_000_000)]);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ status: 413 });
  });

  test("names itself in connectUri as it was addressed, but only by loopback names", async () => {
    const mock = await start({ streamingUrl: "wss://streaming.example.com" });
    const { port } = mock;
    expect(await addressed(mock, `localhost:${port}`)).toContain(
      `"ws://localhost:${port}/channels/`,
    );
    expect(await addressed(mock, "evil.example")).toContain(
      '"wss://streaming.example.com/channels/',
    );
    expect(await addressed(mock, "login.mypurecloud.de")).toContain("HTTP/1.1 404");
  });

  test("names the streaming host of a region whose API host was called", async () => {
    const mock = await start();
    expect(await addressed(mock, `api.mypurecloud.de:${mock.port}`)).toContain(
      `"ws://streaming.mypurecloud.de:${mock.port}/channels/`,
    );
  });

  test("is a region of its own behind the region's name in front of the path", async () => {
    const mock = await start({ region: "eu-central-1" });
    const text = await addressed(mock, `127.0.0.1:${mock.port}`, "/eu-central-1");
    const uri = /"connectUri":"([^"]+)"/u.exec(text)?.[1] ?? "";
    expect(uri).toContain(`ws://127.0.0.1:${mock.port}/eu-central-1/channels/`);
    const socket = new WebSocket(uri);
    await once(socket, "open");
    socket.terminate();
    const elsewhere = new WebSocket(uri.replace("eu-central-1", "eu-west-1"));
    const [error] = (await once(elsewhere, "error")) as [Error];
    expect(error.message).toContain("404");
  });
});

describe("the control API", () => {
  test("shows state, channels, sockets, ledger and history", async () => {
    const mock = await start();
    const { id } = await channelOf(mock, await tokenOf(mock));
    const published = await control(mock, "POST", "/events", { topic, body: { id: "x" } });
    expect(published).toMatchObject({ status: 200, json: { sequence: 1, topic } });
    expect((await control(mock, "GET", "/ledger?since=0&limit=1")).json).toMatchObject({
      newest: 1,
      forgotten: 0,
      entries: [{ sequence: 1, deliveries: [{ channelId: id, outcome: "no-socket" }] }],
    });
    expect((await control(mock, "GET", "/channels")).json).toMatchObject({
      channels: [{ channelId: id, topics: 1 }],
    });
    expect((await control(mock, "GET", "/sockets")).json).toEqual({ sockets: [] });
    expect((await control(mock, "GET", "/state")).json).toMatchObject({ eventsEmitted: 1 });
    expect((await control(mock, "GET", "/history")).json).toMatchObject({
      history: [{ what: "channel-created" }],
    });
    expect((await control(mock, "GET", "/topics?limit=3")).json["topics"]).toHaveLength(3);
  });

  test("keeps faults until they are cleared", async () => {
    const mock = await start();
    await control(mock, "POST", "/faults", { fault: "failRequests", status: 503 });
    expect((await call(mock, "GET", "/api/v2/tokens/me", "x")).status).toBe(503);
    expect((await control(mock, "GET", "/faults")).json).toMatchObject({
      faults: [{ fault: "failRequests", struck: 1 }],
    });
    await control(mock, "DELETE", "/faults");
    expect((await call(mock, "GET", "/api/v2/tokens/me", "x")).status).toBe(401);
  });

  test("refuses other web pages and host names that are not loopback", async () => {
    const mock = await start();
    const foreign = await fetch(`${mock.controlUrl}/state`, {
      headers: { origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ error: { code: "ORIGIN_FORBIDDEN" } });
    const raw = connect(mock.port, "127.0.0.1");
    raw.write("GET /_control/state HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
    const [answer] = await once(raw, "data");
    expect(String(answer)).toContain("403 Forbidden");
    raw.destroy();
  });
});
