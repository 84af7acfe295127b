/**
 * The simulated network between clients and the cloud's model: every request and frame takes a
 * while, and connections can be cut or forgotten at any moment. It is the model's second transport.
 */
import {
  TrunklineError,
  type Dial,
  type Http,
  type HttpRequest,
  type HttpResponse,
  type Socket,
  type SocketListener,
  type SocketLoss,
} from "@trunkline/client";
import {
  createCloud,
  type Cloud,
  type CloudEffect,
  type CloudOptions,
  type CloudResponse,
} from "@trunkline/mock";
import type { Life } from "./life.ts";
import { Pipe as TestkitPipe, type Dice, type SimClock } from "@trunkline/testkit";

interface Connection {
  readonly socketId: number;
  readonly life: Life;
  readonly listener: SocketListener;
  readonly down: Pipe;
  readonly up: Pipe;
  /** Tells the listener that the socket is gone, unless it has been told or has hung up itself. */
  readonly lose: (loss: SocketLoss) => void;
}

type Pipe = TestkitPipe<() => void>;

/** The one OAuth client of every simulated cloud; its secret is `secret`. */
export const clientId = "6f3d3c39-6b6f-4f0e-9d6a-51a6f2f7a001";

/** The instant at which every simulated cloud begins. */
export const epochMs = Date.UTC(2026, 0, 5, 8);

const minuteMs = 60_000;

export class Network {
  readonly cloud: Cloud;
  readonly #clock: SimClock;
  readonly #dice: Dice;
  readonly #oneWayMs: readonly [number, number];
  readonly #connections = new Map<number, Connection>();
  /** When API requests of the process that lives reached the cloud, in the last minute. */
  #requestsAtMs: number[] = [];
  #requestsOf = 0;
  #cancelWake: () => void = () => undefined;
  #wakeAtMs: number | undefined;
  /** What becomes of new connections and requests. */
  outage: "none" | "refused" | "swallowed" = "none";
  /** By how much longer everything is on its way. */
  delayMs = 0;
  /** Sockets of processes that were killed, of which the cloud may not know. */
  readonly orphans = new Set<number>();
  /** Channels that a fault has evicted. */
  readonly struck = new Set<string>();
  /** After each request that reached the cloud. */
  onRequest: () => void = () => undefined;
  /** The most API requests of one process that reached the cloud in any minute. */
  requestsInAnyMinute = 0;

  constructor(
    clock: SimClock,
    dice: Dice,
    oneWayMs: readonly [number, number],
    options: Omit<CloudOptions, "streamingUrl" | "startAtMs">,
  ) {
    this.#clock = clock;
    this.#dice = dice;
    this.#oneWayMs = oneWayMs;
    this.cloud = createCloud(
      { ...options, startAtMs: epochMs, streamingUrl: "ws://cloud.example" },
      (effect) => this.#perform(effect),
    );
    this.#arm();
  }

  /** The cloud's own time, which no step of a client's wall clock touches. */
  cloudMs(): number {
    return epochMs + this.#clock.monotonicMs();
  }

  /** Sockets that the cloud believes to be open. */
  socketIds(): readonly number[] {
    return [...this.#connections.keys()];
  }

  /** What a process reaches the network by. */
  doors(life: Life): { readonly http: Http; readonly dial: Dial } {
    return {
      http: (request, signal) => this.#http(life, request, signal),
      dial: (address, listener) => this.#dial(life, address, listener),
    };
  }

  #http(life: Life, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    return life.answer<HttpResponse>((resolve, reject) => {
      const forget = life.onAbort(signal, () => reject(new DOMException("aborted", "AbortError")));
      const { up, down } = this.#pipes((act) => act());
      const lost = (): void => {
        forget();
        reject(new TrunklineError("UNREACHABLE", "simulated: no answer"));
      };
      const answered = (response: HttpResponse): void => {
        forget();
        resolve(response);
      };
      const url = request.url.slice(request.url.indexOf("/", "https://".length));
      const { method, body = "" } = request;
      const headers = { ...request.headers, host: "cloud.example" };
      const ask = (): void => {
        if (url.startsWith("/api/")) this.#count(life);
        const answer = this.cloud.request({ method, path: url, headers, body }, this.cloudMs());
        this.#arm();
        this.onRequest();
        if (this.outage === "swallowed") return;
        const isLost = answer.kind === "cut" || this.outage === "refused";
        down.send(isLost ? lost : () => answered(answer.response));
      };
      if (this.outage === "refused") down.send(lost);
      else if (this.outage === "none") up.send(ask);
    });
  }

  #dial(life: Life, address: string, listener: SocketListener): Socket {
    const path = address.slice(address.indexOf("/", "wss://".length));
    let ended = false;
    let connection: Connection | undefined;
    const lose = (loss: SocketLoss): void =>
      life.hear(() => {
        if (ended) return;
        ended = true;
        listener.lost(loss);
      });
    const { up, down } = this.#pipes((act) =>
      life.hear(() => {
        if (!ended) act();
      }),
    );
    const upgrade = (): void => {
      const answer = this.cloud.upgrade(path, this.cloudMs());
      this.#arm();
      if (answer.kind === "cut")
        return down.send(() => lose({ kind: "cut", detail: "simulated: during the upgrade" }));
      if (answer.kind === "refused") {
        const { status } = answer.response;
        return down.send(() =>
          lose({ kind: "refused", status, via: undefined, server: undefined }),
        );
      }
      connection = { socketId: answer.socketId, life, listener, down, up, lose };
      // Who was killed meanwhile has no socket: its machine answers so.
      this.#connections.set(answer.socketId, connection);
      if (life.isDead) return this.#hangUp(connection);
      down.send(() => listener.opened());
    };
    const hangUp = (): void => {
      ended = true;
      up.send(() => this.#hangUp(connection));
    };
    if (this.outage === "refused")
      down.send(() => lose({ kind: "unreachable", detail: "simulated" }));
    else if (this.outage === "none") up.send(upgrade);
    return {
      send: (text) =>
        up.send(() => {
          if (connection === undefined || !this.#connections.has(connection.socketId)) return;
          this.cloud.received(connection.socketId, text, this.cloudMs());
          this.#arm();
        }),
      pause: () => down.hold(),
      resume: () => down.release(),
      close: hangUp,
      cut: hangUp,
    };
  }

  /** The sockets of a process that is no more: its machine closes them, if the network lets it. */
  abandon(life: Life): void {
    for (const connection of this.#connections.values()) {
      if (connection.life !== life) continue;
      this.orphans.add(connection.socketId);
      connection.up.send(() => this.#hangUp(connection));
    }
  }

  /** The connection breaks: what is on its way is lost, and both ends are told. */
  cut(socketId: number): void {
    const connection = this.#connections.get(socketId);
    if (connection === undefined) return;
    this.#hangUp(connection);
    connection.down.break();
    connection.up.break();
    this.#clock.at(this.#clock.monotonicMs() + this.#latencyMs(), () =>
      connection.lose({ kind: "cut", detail: "simulated" }),
    );
  }

  /** Half-open: neither end hears the other any more, and neither is told. */
  forget(socketId: number): void {
    const connection = this.#connections.get(socketId);
    connection?.down.swallow();
    connection?.up.swallow();
  }

  /** A request of another program on the same OAuth client, at once and outside of all faults' way. */
  ask(method: string, path: string, authorization: string, body = ""): CloudResponse | undefined {
    const isLogin = path === "/oauth/token";
    const type = isLogin ? "application/x-www-form-urlencoded" : "application/json";
    const headers = { authorization, "content-type": type, host: "cloud.example" };
    const answer = this.cloud.request({ method, path, headers, body }, this.cloudMs());
    this.#arm();
    return answer.kind === "response" ? answer.response : undefined;
  }

  /** The `Authorization` of another program: empty where a fault has struck its login. */
  login(): string {
    const basic = `Basic ${Buffer.from(`${clientId}:secret`).toString("base64")}`;
    const answer = this.ask("POST", "/oauth/token", basic, "grant_type=client_credentials");
    const { access_token: token = "" } = JSON.parse(answer?.body ?? "{}") as Record<string, string>;
    return `Bearer ${token}`;
  }

  /** Everything works again; what is half-open stays so, and must be found out. */
  heal(): void {
    this.outage = "none";
    this.delayMs = 0;
    for (const { socketId, silenced } of this.cloud.state().sockets)
      if (silenced) this.cut(socketId);
    this.cloud.faults.clear();
  }

  #pipes(hear: (act: () => void) => void): { readonly up: Pipe; readonly down: Pipe } {
    const latencyMs = (): number => this.#latencyMs();
    return {
      up: new TestkitPipe(this.#clock, latencyMs, (act) => act()),
      down: new TestkitPipe(this.#clock, latencyMs, hear),
    };
  }

  #hangUp(connection: Connection | undefined): void {
    if (connection === undefined || !this.#connections.delete(connection.socketId)) return;
    this.cloud.closed(connection.socketId, this.cloudMs());
    this.#arm();
  }

  #perform(effect: CloudEffect): void {
    const connection = this.#connections.get(effect.socketId);
    if (connection === undefined) return;
    const { listener, down, lose } = connection;
    switch (effect.type) {
      case "send": {
        const { text } = effect;
        return down.send(() => listener.heard(text));
      }
      case "close": {
        const { code, reason } = effect;
        down.send(() => lose({ kind: "closed", code, reason }));
        return this.#hangUp(connection);
      }
      case "cut":
        return this.cut(effect.socketId);
      case "freeze":
        // The simulated network reads nothing ahead: what a frozen socket is sent, the model does not hear.
        return;
    }
  }

  #count(life: Life): void {
    if (this.#requestsOf !== life.number) this.#requestsAtMs = [];
    this.#requestsOf = life.number;
    const nowMs = this.#clock.monotonicMs();
    this.#requestsAtMs.push(nowMs);
    while (nowMs - (this.#requestsAtMs[0] ?? nowMs) >= minuteMs) this.#requestsAtMs.shift();
    this.requestsInAnyMinute = Math.max(this.requestsInAnyMinute, this.#requestsAtMs.length);
  }

  #latencyMs(): number {
    return this.delayMs + this.#dice.between(this.#oneWayMs[0], this.#oneWayMs[1]);
  }

  /** One timer for the cloud's next deadline. */
  #arm(): void {
    const atMs = this.cloud.nextDeadlineMs();
    if (atMs === this.#wakeAtMs) return;
    this.#cancelWake();
    this.#wakeAtMs = atMs;
    if (atMs === undefined) return;
    this.#cancelWake = this.#clock.at(atMs - epochMs, () => {
      this.#wakeAtMs = undefined;
      this.cloud.wake(this.cloudMs());
      this.#arm();
    });
  }
}
