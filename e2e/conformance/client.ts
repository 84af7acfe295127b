/** A small client of the service, by the reference alone: HTTP by fetch, sockets by ws. Nothing is retried or hidden. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { createMock, type CloudClient, type MockOptions, type RunningMock } from "@trunkline/mock";
import { afterEach } from "vitest";
import { WebSocket } from "ws";

const channelsPath = "/api/v2/notifications/channels";
/** Longer than anything here takes; a frame that does not come fails its test with words instead of a time-out. */
const deadlineMs = 10_000;

export const queueId = "22222222-2222-4222-8222-222222222222";
export const queueTopic = `v2.routing.queues.${queueId}.conversations`;
export const userId = "33333333-3333-4333-8333-333333333333";
export const presence = `v2.users.${userId}.presence`;

/** A presence topic of a user of its own for each number. */
export function presenceOf(number: number): string {
  return `v2.users.33333333-3333-4333-8333-${String(number).padStart(12, "0")}.presence`;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

export interface Channel {
  readonly id: string;
  readonly connectUri: string;
  readonly expires: string;
}

export interface Topic {
  readonly id: string;
  readonly state: "Permitted" | "Rejected";
  readonly rejectionReason?: string;
  readonly missingPermissions?: readonly string[];
  readonly selfUri: string;
}

export interface Frame {
  readonly topicName?: string;
  readonly version?: string;
  readonly eventBody?: Record<string, unknown>;
  readonly metadata?: { readonly CorrelationId: string };
  readonly result?: string;
  readonly status?: string;
  readonly message?: string;
  readonly correlationId?: string;
}

const raised: RunningMock[] = [];
const dialled: WebSocket[] = [];

afterEach(async () => {
  for (const socket of dialled.splice(0)) socket.terminate();
  await Promise.all(raised.splice(0).map((mock) => mock.close()));
});

/** A mock that is still unless told otherwise, on a free port, until the end of the test. */
export async function raise(options: MockOptions = {}): Promise<Caller> {
  const mock = await createMock({ rate: 0, ...options });
  raised.push(mock);
  return new Caller(mock);
}

/** A client without all permissions. */
export function limited(permissions: readonly string[] = []): CloudClient {
  return {
    clientId: "11111111-1111-4111-8111-111111111111",
    clientSecret: "mock-secret",
    permissions,
  };
}

export class Caller {
  readonly mock: RunningMock;

  constructor(mock: RunningMock) {
    this.mock = mock;
  }

  /** Brings the service's clock so far ahead. It stands there until the machine's has caught up. */
  passes(ms: number): void {
    this.mock.cloud.wake(this.mock.nowMs() + ms);
  }

  emit(topic: string, body: object = {}): void {
    this.mock.cloud.emit(topic, body, this.mock.nowMs());
  }

  async send(path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(`${this.mock.apiUrl}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true && text !== "";
    const json: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  }

  /** As another host; fetch lets nobody name it. */
  async sendAs(
    host: string,
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body = "",
  ): Promise<{ readonly status: number; readonly text: string }> {
    const { port } = this.mock;
    const asked = request({ host: "127.0.0.1", port, method, path, headers: { ...headers, host } });
    asked.end(body);
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode ?? 0, text };
  }

  call(method: string, path: string, token: string, body?: unknown): Promise<Reply> {
    return this.send(path, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** POST /oauth/token as it comes. */
  login(headers: Record<string, string>, form: Record<string, string>): Promise<Reply> {
    return this.send("/oauth/token", {
      method: "POST",
      headers,
      body: new URLSearchParams(form),
    });
  }

  async token(
    clientId = this.mock.clientId,
    clientSecret = this.mock.clientSecret,
  ): Promise<string> {
    const reply = await this.login(
      { authorization: basic(clientId, clientSecret) },
      { grant_type: "client_credentials" },
    );
    assert.equal(reply.status, 200, reply.text);
    const { access_token: token } = reply.json as { access_token: string };
    return token;
  }

  async channel(token: string, topics?: readonly string[]): Promise<Channel> {
    const made = await this.call("POST", channelsPath, token);
    assert.equal(made.status, 200, made.text);
    const channel = made.json as Channel;
    if (topics === undefined) return channel;
    const put = await this.subscribe("PUT", token, channel, topics);
    assert.equal(put.status, 200, put.text);
    return channel;
  }

  /** Token, channel, topics and socket in one. */
  async line(topics: readonly string[] = [presence]): Promise<Connection> {
    const token = await this.token();
    const channel = await this.channel(token, topics);
    return { token, channel, socket: await dial(channel.connectUri) };
  }

  subscribe(
    method: "POST" | "PUT",
    token: string,
    channel: Channel,
    topics: readonly string[],
    query = "",
  ): Promise<Reply> {
    const path = `${channelsPath}/${channel.id}/subscriptions${query}`;
    return this.call(
      method,
      path,
      token,
      topics.map((id) => ({ id })),
    );
  }

  /** The ids of a channel's topics, as GET lists them. */
  async topicsOf(token: string, channel: Channel): Promise<readonly string[]> {
    const path = `${channelsPath}/${channel.id}/subscriptions`;
    return topicsIn(await this.call("GET", path, token)).map(({ id }) => id);
  }

  async lives(token: string, channel: Channel): Promise<boolean> {
    const { status } = await this.call("HEAD", `${channelsPath}/${channel.id}`, token);
    assert([200, 404].includes(status), `HEAD is ${status}`);
    return status === 200;
  }
}

export interface Connection {
  readonly token: string;
  readonly channel: Channel;
  readonly socket: Socket;
}

export function basic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
}

export function entities({ json }: Reply): readonly Readonly<Record<string, unknown>>[] {
  return (json as { entities: readonly Readonly<Record<string, unknown>>[] }).entities;
}

export function topicsIn({ json }: Reply): readonly Topic[] {
  return (json as { entities: readonly Topic[] }).entities;
}

export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** The status and body of an upgrade that must not succeed. */
export async function refusedUpgrade(uri: string): Promise<number> {
  const socket = new WebSocket(uri);
  dialled.push(socket);
  socket.on("error", () => {});
  socket.on("open", () => socket.emit("unexpected-response", undefined, { statusCode: 101 }));
  const [, response] = (await once(socket, "unexpected-response")) as [
    unknown,
    { statusCode: number },
  ];
  return response.statusCode;
}

export async function dial(uri: string): Promise<Socket> {
  const raw = new WebSocket(uri);
  dialled.push(raw);
  const socket = new Socket(raw);
  await once(raw, "open");
  return socket;
}

/** One socket: what it got and has not been asked for yet, and its end. */
export class Socket {
  readonly raw: WebSocket;
  readonly closed: Promise<Close>;
  /** Frames in the order of their arrival, until they are taken. */
  readonly frames: Frame[] = [];
  #ended = false;
  #look: () => void = () => {};

  constructor(raw: WebSocket) {
    this.raw = raw;
    raw.on("error", () => {});
    raw.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#look();
    });
    this.closed = new Promise((resolve) => {
      raw.on("close", (code, reason) => {
        this.#ended = true;
        this.#look();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  say(message: unknown): void {
    this.raw.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Takes the first frame that fits, now or once it has come. */
  take(fits: (frame: Frame) => boolean, what = "a frame"): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        this.#look = () => {};
        clearTimeout(timer);
        reject(new Error(`${what}: ${why}; there is ${JSON.stringify(this.frames)}`));
      };
      const timer = setTimeout(() => fail("did not come in time"), deadlineMs);
      this.#look = () => {
        const index = this.frames.findIndex(fits);
        const [frame] = index === -1 ? [] : this.frames.splice(index, 1);
        if (frame === undefined) return this.#ended ? fail("the socket ended") : undefined;
        this.#look = () => {};
        clearTimeout(timer);
        resolve(frame);
      };
      this.#look();
    });
  }

  of(topic: string): Promise<Frame> {
    return this.take((frame) => frame.topicName === topic, topic);
  }

  metadata(message: string): Promise<Frame> {
    return this.take(
      ({ topicName, eventBody }) =>
        topicName === "channel.metadata" && eventBody?.["message"] === message,
      message,
    );
  }

  /** The answer to an in-band command. */
  async answer(command: object): Promise<Frame> {
    this.say(command);
    return this.take(({ result }) => result !== undefined, "an answer");
  }

  /** A ping and its pong: what was sent to this socket before has come. Gives the notifications among it. */
  async settled(): Promise<readonly Frame[]> {
    this.say({ message: "ping" });
    await this.metadata("pong");
    return this.frames
      .splice(0)
      .filter(({ topicName }) => topicName !== undefined && topicName !== "channel.metadata");
  }
}
