/**
 * A service of a few lines behind the ports: enough of logins, channels, topics and sockets to
 * test the client as a whole. Tests bend it by `answer`, by hand on its sockets, and by its fields.
 * It does not share a line with the client; the mock is the real thing.
 */
import { TrunklineError } from "../errors.ts";
import type {
  Dial,
  Http,
  HttpRequest,
  HttpResponse,
  SocketListener,
  SocketLoss,
} from "../ports.ts";

/** What the fake needs of a simulated clock. */
export interface FakeTime {
  monotonicMs(): number;
  at(atMs: number, fire: () => void): () => void;
}

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs: number;
}

/** How a request is answered: the answer, an error in its place, or never. */
export type Answer = Partial<HttpResponse> | Error | "never" | undefined;

export class FakeSocket {
  readonly channelId: string;
  readonly listener: SocketListener;
  readonly #cloud: FakeCloud;
  state: "open" | "closed" | "cut" | "lost" = "open";
  /** What we were sent, as JSON text. */
  readonly received: string[] = [];
  paused = false;
  readonly #held: string[] = [];

  constructor(cloud: FakeCloud, channelId: string, listener: SocketListener) {
    this.#cloud = cloud;
    this.channelId = channelId;
    this.listener = listener;
  }

  /** Sends a frame; it arrives a latency later unless nobody reads. */
  send(frame: unknown): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.#cloud.later(() => {
      if (this.paused || this.#held.length > 0) this.#held.push(text);
      else this.#arrive(text);
    });
  }

  release(): void {
    this.paused = false;
    while (!this.paused) {
      const text = this.#held.shift();
      if (text === undefined) return;
      this.#arrive(text);
    }
  }

  /** Ends the socket from the service's side. */
  lose(loss: SocketLoss = { kind: "cut", detail: "cut" }): void {
    if (this.state !== "open") return;
    this.state = "lost";
    this.#cloud.sockets.delete(this);
    this.listener.lost(loss);
  }

  #arrive(text: string): void {
    if (this.state === "open") this.listener.heard(text);
  }
}

interface FakeChannel {
  readonly id: string;
  readonly topics: Set<string>;
}

const pong = { topicName: "channel.metadata", eventBody: { message: "pong" } };

export class FakeCloud {
  readonly #time: FakeTime;
  latencyMs = 10;
  readonly requests: SeenRequest[] = [];
  readonly channels = new Map<string, FakeChannel>();
  /** Sockets that the service believes to be open. */
  readonly sockets = new Set<FakeSocket>();
  /** Every socket there ever was. */
  readonly dialled: FakeSocket[] = [];
  tokens = 0;
  expiresInS = 86_400;
  /** Answers in place of the service; undefined lets it answer itself. */
  answer: (request: SeenRequest) => Answer = () => undefined;
  /** Refuses an upgrade. */
  refuse: () => SocketLoss | "never" | undefined = () => undefined;
  /** Whether pings are answered. */
  answersPings = true;
  /** Topics that are listed as Rejected, lower-case. */
  readonly rejected = new Set<string>();
  catalogue: readonly string[] = ["v2.users.{id}.presence", "v2.routing.queues.{id}.users"];
  #channels = 0;
  emitted = 0;

  constructor(time: FakeTime) {
    this.#time = time;
  }

  later(act: () => void): void {
    this.#time.at(this.#time.monotonicMs() + this.latencyMs, act);
  }

  /** The only open socket. */
  get socket(): FakeSocket {
    const [socket, ...more] = this.sockets;
    if (socket === undefined || more.length > 0)
      throw new Error(`${this.sockets.size} sockets are open`);
    return socket;
  }

  /** Requests whose method and path begin so. */
  seen(start: string): readonly SeenRequest[] {
    return this.requests.filter(({ method, path }) => `${method} ${path}`.startsWith(start));
  }

  /** Something happens on a topic; whoever carries it is sent it. Returns how many are. */
  emit(topic: string, body: unknown = { number: this.emitted + 1 }): number {
    this.emitted++;
    let sent = 0;
    for (const socket of this.sockets) {
      const channel = this.channels.get(socket.channelId);
      if (channel === undefined || !carries(channel, topic.toLowerCase())) continue;
      socket.send({ topicName: topic, version: "2", eventBody: body, metadata: {} });
      sent++;
    }
    return sent;
  }

  /** A channel that lives for so long from now on. */
  makeChannel(lifeMs: number, nowMs: number): Partial<HttpResponse> {
    const id = `secret-channel-${++this.#channels}`;
    this.channels.set(id, { id, topics: new Set() });
    const expires = new Date(nowMs + lifeMs).toISOString();
    return json({ id, connectUri: `wss://streaming.cloud.example/channels/${id}`, expires });
  }

  readonly http: Http = (request, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    const aborted = (): void => reject(new DOMException("aborted", "AbortError"));
    if (signal.aborted) aborted();
    signal.addEventListener("abort", aborted, { once: true });
    this.later(() => {
      const { pathname, search } = new URL(request.url);
      const seen: SeenRequest = {
        method: request.method,
        path: pathname + search,
        headers: request.headers,
        body: request.body ?? "",
        atMs: this.#time.monotonicMs(),
      };
      this.requests.push(seen);
      const answer = this.answer(seen) ?? this.#serve(seen, request);
      if (answer === "never") return;
      this.later(() => {
        if (answer instanceof Error) reject(answer);
        else resolve({ status: 200, headers: {}, body: "", ...answer });
      });
    });
    return promise;
  };

  readonly dial: Dial = (url, listener) => {
    const id = new URL(url).pathname.split("/").at(-1) ?? "";
    const socket = new FakeSocket(this, id, listener);
    this.dialled.push(socket);
    this.later(() => {
      const refusal = this.refuse();
      if (refusal === "never") return;
      const isThere = this.channels.has(id);
      if (isThere && refusal === undefined) this.sockets.add(socket);
      this.later(() => {
        if (socket.state !== "open") return;
        if (refusal !== undefined) socket.lose(refusal);
        else if (isThere) listener.opened();
        else socket.lose({ kind: "refused", status: 404, via: undefined, server: undefined });
      });
    });
    const leave = (state: "closed" | "cut"): void => {
      if (socket.state === "open") socket.state = state;
      this.sockets.delete(socket);
    };
    return {
      send: (text) => {
        socket.received.push(text);
        if (text === '{"message":"ping"}' && this.answersPings)
          this.later(() => {
            if (this.sockets.has(socket)) socket.send(pong);
          });
      },
      pause: () => void (socket.paused = true),
      resume: () => socket.release(),
      close: () => leave("closed"),
      cut: () => leave("cut"),
    };
  };

  #serve({ method, path }: SeenRequest, request: HttpRequest): Answer {
    if (path === "/oauth/token") {
      this.tokens++;
      return json({ access_token: `token-${this.tokens}`, expires_in: this.expiresInS });
    }
    if (path === "/api/v2/tokens/me")
      return json({
        organization: { id: "organization-1", name: "Acme" },
        OAuthClient: { id: "id", name: "Relay" },
      });
    if (path.startsWith("/api/v2/notifications/availabletopics"))
      return json({ entities: this.catalogue.map((id) => ({ id, transports: ["All"] })) });
    if (path.startsWith("/api/v2/notifications/channels?"))
      return json({ entities: [...this.channels.keys()].map((id) => ({ id })) });
    if (path === "/api/v2/notifications/channels") {
      const id = `secret-channel-${++this.#channels}`;
      this.channels.set(id, { id, topics: new Set() });
      return json({ id, connectUri: `wss://streaming.cloud.example/channels/${id}` });
    }
    const id = /^\/api\/v2\/notifications\/channels\/([^/?]+)/.exec(path)?.[1] ?? "";
    const channel = this.channels.get(id);
    if (channel === undefined) return { status: 404, body: '{"code":"not.found"}' };
    if (method === "HEAD") return { status: 200 };
    if (method === "PUT") channel.topics.clear();
    const asked = method === "GET" ? [] : (JSON.parse(request.body ?? "[]") as { id: string }[]);
    for (const topic of asked)
      if (!this.rejected.has(topic.id.toLowerCase())) channel.topics.add(topic.id);
    const refusals = asked.filter((topic) => this.rejected.has(topic.id.toLowerCase()));
    return json({
      entities: [
        ...[...channel.topics].map((topic) => ({ id: topic, state: "Permitted" })),
        ...refusals.map((topic) => ({
          id: topic.id,
          state: "Rejected",
          missingPermissions: ["routing:queue:view"],
        })),
      ],
    });
  }
}

function json(value: unknown): Partial<HttpResponse> {
  return { status: 200, body: JSON.stringify(value) };
}

function carries(channel: FakeChannel, topic: string): boolean {
  return [...channel.topics].some((entry) => {
    const [object = "", parts] = entry.toLowerCase().split("?");
    if (parts === undefined) return object === topic;
    return parts.split("&").some((part) => `${object}.${part}` === topic);
  });
}

/** No way to the host. */
export function unreachable(): TrunklineError {
  return new TrunklineError("UNREACHABLE", "There is no way.");
}
