/** A relay with its Event API in front of a mock, in this process, and bare sockets that subscribe. */
import { once } from "node:events";
import type { RunningMock } from "@trunkline/mock";
import { expect } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import { bareConfig } from "../bench/relay-config.ts";
import { mockHere, onEnd } from "../packages/cli/src/testing/processes.ts";
import type {
  GatewayClient,
  GatewayConfig,
  RelayConfig,
} from "../packages/relay/src/config/config.ts";
import { createRelay, type Relay } from "../packages/relay/src/relay.ts";
import { sampleClient, sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import type { Log } from "../packages/relay/src/ports.ts";
import { answerFault, messageFault } from "./documented.ts";
import { eventually, folder } from "./relay-rig.ts";

export type Message = Readonly<Record<string, unknown>>;

/** What was heard, and is not as docs/asyncapi.json and docs/openapi.json say. */
const faults: string[] = [];

function note(fault: string | undefined): void {
  if (fault !== undefined) faults.push(fault);
}

/** A socket without any library of ours, and all that it has heard. */
export class Bare {
  readonly heard: Message[] = [];
  readonly texts: string[] = [];
  readonly socket: WebSocket;
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** The answer to an upgrade that was refused. */
  refused:
    | {
        readonly status: number;
        readonly body: Message;
        readonly retryAfter: string | undefined;
      }
    | undefined;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url.replace(/^http/u, "ws"), options);
    this.socket.on("message", (data: Buffer) => {
      const text = data.toString();
      this.texts.push(text);
      const message = JSON.parse(text) as Message;
      this.heard.push(message);
      note(messageFault(message));
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      forget();
    });
    this.socket.on("error", () => undefined);
    this.socket.on("unexpected-response", (_, response) => {
      let body = "";
      response.on("data", (part: Buffer) => (body += part.toString()));
      response.on("end", () => {
        const path = new URL(url).pathname;
        const { statusCode: status = 0, headers } = response;
        const contentType = headers["content-type"];
        const seen = { method: "GET", path, status, contentType, text: body };
        // What is no path of a socket is not described.
        if (status !== 404) note(answerFault(seen));
        this.refused = {
          status: response.statusCode ?? 0,
          body: JSON.parse(body) as Message,
          retryAfter: response.headers["retry-after"],
        };
      });
    });
    // Of a hundred thousand sockets each is let go when it has closed.
    const forget = onEnd(() => this.socket.terminate());
  }

  async open(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  of(type: string): readonly Message[] {
    return this.heard.filter((message) => message["type"] === type);
  }

  /** The first message of a type. */
  first(type: string): Promise<Message> {
    return eventually(`a message ${type}`, () => this.of(type)[0]);
  }

  end(): Promise<{ readonly code: number; readonly reason: string }> {
    return eventually("the end of the socket", () => this.closed);
  }
}

export interface GatewayStage {
  readonly mock: RunningMock;
  readonly relay: Relay;
  readonly url: string;
  readonly topics: readonly string[];
  readonly dataDir: string;
  /** A subscription to what is carried already, so that nothing need be listed before it is live. */
  readonly presence: Message;
  token(): Promise<string>;
  /** A socket with a token in its header. */
  connect(path?: string): Promise<Bare>;
  emit(topic: string, body: object): void;
  /** Has the relay read a configuration with other clients. */
  reload(clients: readonly GatewayClient[]): Promise<void>;
}

/** Keeps nothing, so that memory is the relay's own. */
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Where another relay was before. */
interface Place {
  readonly mock?: RunningMock;
  readonly dataDir?: string;
  /** Where it listened. */
  readonly port?: number;
  /** Where the relay finds the mock, if a road lies between. */
  readonly apiUrl?: string;
  /** Which of all topics it is to carry. */
  readonly carries?: (topic: string) => boolean;
  readonly sinks?: RelayConfig["sinks"];
  /** Web pages that may use it. */
  readonly origins?: readonly string[];
}

export async function gatewayStage(
  gateway: Partial<GatewayConfig> = {},
  place?: Place,
): Promise<GatewayStage> {
  // What is to be done first at the end is done last.
  onEnd(() => expect(faults.splice(0)).toEqual([]));
  const mock = place?.mock ?? (await mockHere());
  const dataDir = place?.dataDir ?? folder();
  const { queues, agents } = mock.cloud.world;
  const topics = [
    ...queues
      .slice(0, 2)
      .flatMap(({ id }) => [
        `v2.routing.queues.${id}.conversations`,
        `v2.routing.queues.${id}.users`,
      ]),
    ...agents.slice(0, 2).map(({ id }) => `v2.users.${id}.presence`),
  ].filter(place?.carries ?? (() => true));
  const bare = bareConfig(
    dataDir,
    place?.apiUrl ?? mock.apiUrl,
    topics,
    mock.clientId,
    mock.clientSecret,
  );
  const config = {
    ...bare,
    http: { ...bare.http, port: place?.port ?? 0, origins: place?.origins ?? [] },
    sinks: place?.sinks ?? [],
    gateway: { ...bare.gateway, clients: [sampleClient()], ...gateway },
  };
  let { clients } = config.gateway;
  const readConfig = (): RelayConfig => ({ ...config, gateway: { ...config.gateway, clients } });
  const relay = await createRelay({ config, readConfig, log: quiet });
  onEnd(() => relay.stop());
  await relay.ready;
  const { url } = relay;
  const token = async (): Promise<string> => {
    const response = await fetch(`${url}/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`wallboard:${sampleSecret}`).toString("base64")}`,
      },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    return String(((await response.json()) as Message)["access_token"]);
  };
  return {
    mock,
    relay,
    url,
    topics,
    dataDir,
    presence: {
      eventTypes: ["user:presence"],
      filters: { userId: agents.slice(0, 2).map(({ id }) => id) },
    },
    token,
    connect: async (path = "/api/v2/analytics/events") =>
      new Bare(`${url}${path}`, { headers: { authorization: `Bearer ${await token()}` } }).open(),
    reload: async (to) => {
      clients = to;
      await relay.reload();
    },
    emit: (topic, body) => {
      mock.cloud.emit(topic, body, mock.nowMs());
    },
  };
}
