/** Faults as a client meets them on real sockets: what only the wire can show. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createMock, type RunningMock } from "@trunkline/mock";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";

const topic = "v2.users.33333333-3333-4333-8333-333333333333.presence";
const started: RunningMock[] = [];
const dialled: { terminate: () => void }[] = [];

afterEach(async () => {
  for (const socket of dialled.splice(0)) socket.terminate();
  await Promise.all(started.splice(0).map((mock) => mock.close()));
});

/** A mock with one channel that holds the topic, and its address. */
async function start(): Promise<{ mock: RunningMock; connectUri: string }> {
  const mock = await createMock({ rate: 0 });
  started.push(mock);
  const { clientId, clientSecret, apiUrl, loginUrl } = mock;
  const login = await fetch(`${loginUrl}/oauth/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const made = await fetch(`${apiUrl}/api/v2/notifications/channels`, { method: "POST", headers });
  const { id, connectUri } = (await made.json()) as { id: string; connectUri: string };
  await fetch(`${apiUrl}/api/v2/notifications/channels/${id}/subscriptions`, {
    method: "PUT",
    headers,
    body: JSON.stringify([{ id: topic }]),
  });
  return { mock, connectUri };
}

async function dial(connectUri: string): Promise<WebSocket> {
  const socket = new WebSocket(connectUri);
  dialled.push(socket);
  await once(socket, "open");
  return socket;
}

/** A frame as it is on the wire (RFC 6455, 5.2). */
interface RawFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A client without a library, which sees fragments. */
async function dialRaw(connectUri: string): Promise<{ socket: Socket; head: string }> {
  const { hostname, port, pathname } = new URL(connectUri);
  const socket = connect(Number(port), hostname);
  dialled.push({ terminate: () => socket.destroy() });
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
      "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const [head] = (await once(socket, "data")) as [Buffer];
  return { socket, head: head.toString("latin1") };
}

async function rawFrames(socket: Socket, count: number): Promise<RawFrame[]> {
  let bytes = Buffer.alloc(0);
  const frames: RawFrame[] = [];
  while (frames.length < count) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const [first = 0, second = 0] = bytes;
      const start = second === 126 ? 4 : 2;
      const length = second === 126 && bytes.length >= 4 ? bytes.readUInt16BE(2) : second;
      if (bytes.length < 2 || bytes.length < start + length) break;
      const payload = bytes.subarray(start, start + length);
      frames.push({ fin: (first & 0x80) !== 0, opcode: first & 0x0f, payload });
      bytes = bytes.subarray(start + length);
    }
  }
  return frames;
}

test("fragments are real ones: one text frame, continuations, and the last one says so", async () => {
  const { mock, connectUri } = await start();
  const { socket } = await dialRaw(connectUri);
  mock.cloud.faults.fragmentFrames({ fragments: 4 }, mock.nowMs());
  mock.cloud.emit(topic, { name: "Zoë".repeat(50) }, mock.nowMs());
  const frames = await rawFrames(socket, 4);
  expect(frames.map(({ fin, opcode }) => [fin, opcode])).toEqual([
    [false, 1],
    [false, 0],
    [false, 0],
    [true, 0],
  ]);
  const whole = Buffer.concat(frames.map(({ payload }) => payload)).toString("utf8");
  expect(JSON.parse(whole)).toMatchObject({ eventBody: { name: "Zoë".repeat(50) } });
});

test("fragments are put together again by a client, in order with all others", async () => {
  const { mock, connectUri } = await start();
  const socket = await dial(connectUri);
  const heard: unknown[] = [];
  socket.on("message", (data: Buffer) => heard.push(JSON.parse(data.toString("utf8"))));
  mock.cloud.faults.fragmentFrames({ fragments: 7, share: 0.5 }, mock.nowMs());
  for (let n = 0; n < 100; n += 1) mock.cloud.emit(topic, { n }, mock.nowMs());
  socket.ping();
  await once(socket, "pong");
  expect(heard).toMatchObject(Array.from({ length: 100 }, (_, n) => ({ eventBody: { n } })));
});

test("the upgrade carries a Date, and a fault shifts it", async () => {
  const { mock, connectUri } = await start();
  mock.cloud.faults.shiftDate({ ms: 86_400_000 }, mock.nowMs());
  const { head } = await dialRaw(connectUri);
  expect(head).toContain("101 Switching Protocols");
  const date = Date.parse(/^date: (.*)$/imu.exec(head)?.[1] ?? "");
  expect(Math.abs(date - mock.nowMs() - 86_400_000)).toBeLessThan(60_000);
});

test("garbage reaches the client as what it is: a binary frame, and a text that is no UTF-8", async () => {
  const { mock, connectUri } = await start();
  const socket = await dial(connectUri);
  const heard = once(socket, "message");
  mock.cloud.faults.sendGarbage({ kind: "binary" }, mock.nowMs());
  expect((await heard)[1]).toBe(true);
  const failed = once(socket, "error");
  mock.cloud.faults.sendGarbage({ kind: "bad-utf8" }, mock.nowMs());
  expect((await failed)[0]).toMatchObject({ code: "WS_ERR_INVALID_UTF8" });
});

test("a huge notification arrives whole", async () => {
  const { mock, connectUri } = await start();
  const socket = await dial(connectUri);
  const heard = once(socket, "message");
  mock.cloud.faults.sendHuge({ bytes: 5_000_000 }, mock.nowMs());
  const [data] = (await heard) as [Buffer];
  expect(data).toHaveLength(5_000_000);
  expect(JSON.parse(data.toString("utf8"))).toMatchObject({ topicName: topic });
});

test("a silenced socket answers a close frame; a half-open one only when the fault ends", async () => {
  const { mock, connectUri } = await start();
  const silenced = await dial(connectUri);
  mock.cloud.faults.silence({}, mock.nowMs());
  const closed = once(silenced, "close");
  silenced.close(1000);
  expect((await closed)[0]).toBe(1000);
  mock.cloud.faults.clear();

  const halfOpen = await dial(connectUri);
  const { id } = mock.cloud.faults.halfOpen({}, mock.nowMs());
  const ended = once(halfOpen, "close");
  halfOpen.close(1000);
  // Many more turns of the loop than an answer needs: each is a request to the same process and back.
  for (let turn = 0; turn < 50; turn += 1) await fetch(`${mock.controlUrl}/state`);
  expect(halfOpen.readyState).toBe(WebSocket.CLOSING);
  expect(mock.cloud.state().sockets).toHaveLength(1);
  mock.cloud.faults.remove(id ?? 0);
  expect((await ended)[0]).toBe(1000);
});

test("a socket that opens under half-open is not read from the start", async () => {
  const { mock, connectUri } = await start();
  mock.cloud.faults.halfOpen({}, mock.nowMs());
  const socket = await dial(connectUri);
  const ponged = once(socket, "pong");
  socket.ping();
  for (let turn = 0; turn < 50; turn += 1) await fetch(`${mock.controlUrl}/state`);
  mock.cloud.emit(topic, { n: 1 }, mock.nowMs());
  expect(mock.cloud.ledger.query().entries).toMatchObject([
    { deliveries: [{ outcome: "silenced" }] },
  ]);
  mock.cloud.faults.clear();
  await ponged;
});
