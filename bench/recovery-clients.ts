/**
 * The programs that are compared, each in a process of its own: Trunkline's client with one session and
 * with two, the official SDK with `reconnecting-websocket`, and `ws` by hand. The last two are written
 * as their documentation and the notifications page suggest. Each tells its parent what came, and what it told its user.
 */
import { createClient } from "@trunkline/client";
import platformClient from "purecloud-platform-client-v2";
import reconnectingWebSocket from "reconnecting-websocket";
import { WebSocket } from "ws";
import { machineMs } from "./sender.ts";

/** Its types say that the class is a field of what is imported; it is what is imported. */
const ReconnectingWebSocket =
  reconnectingWebSocket as unknown as typeof reconnectingWebSocket.default;

export const programs = ["trunkline", "trunkline-2", "sdk", "ws"] as const;
export type Program = (typeof programs)[number];

/** What a program is asked to do. */
export interface Order {
  readonly program: Program;
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly topics: readonly string[];
}

export type Told =
  | { readonly type: "live" }
  | { readonly type: "got"; readonly arrivals: readonly Arrival[] }
  /** What the user of the program learns of an interruption. */
  | { readonly type: "user"; readonly word: "gap" | "close" | "error" };

export type Arrival = readonly [id: string, atMs: number];

const flushMs = 50;
let arrivals: Arrival[] = [];

function tell(told: Told): void {
  process.send?.(told);
}

function take(id: string | undefined): void {
  if (id !== undefined) arrivals.push([id, machineMs()]);
}

function takeFrame(text: string): string | undefined {
  const frame = JSON.parse(text) as {
    topicName: string;
    metadata?: { CorrelationId?: string };
  };
  if (frame.topicName.startsWith("channel.") || frame.topicName.startsWith("v2.system."))
    return frame.topicName;
  take(frame.metadata?.CorrelationId);
  return undefined;
}

async function trunkline(order: Order, redundancy: 1 | 2): Promise<void> {
  const { baseUrl, clientId, clientSecret, topics } = order;
  const credentials = { clientId, clientSecret };
  const client = createClient({ baseUrl, credentials, topics, redundancy });
  for await (const batch of client.batches()) {
    for (const event of batch) {
      if (event.type === "notification") take(event.correlationId);
      if (event.type === "gap" && event.state === "closed") tell({ type: "user", word: "gap" });
      const isWhole = event.type === "connected" && event.sessions === redundancy;
      if (isWhole) tell({ type: "live" });
    }
  }
}

interface Channel {
  readonly id: string;
  readonly connectUri: string;
}

/** The official SDK makes the channel and puts the topics on it; its documentation leaves the socket to the caller. */
async function sdk({ baseUrl, clientId, clientSecret, topics }: Order): Promise<void> {
  const { hostname: host, port } = new URL(baseUrl);
  const client = platformClient.ApiClient.instance;
  client.setGateway({ host, protocol: "http", port: Number(port) });
  await client.loginClientCredentialsGrant(clientId, clientSecret);
  const notifications = new platformClient.NotificationsApi();
  const channel = (await notifications.postNotificationsChannels()) as unknown as Channel;
  await notifications.putNotificationsChannelSubscriptions(
    channel.id,
    topics.map((id) => ({ id })),
  );
  const socket = new ReconnectingWebSocket(channel.connectUri, [], { WebSocket });
  socket.addEventListener("open", () => tell({ type: "live" }));
  socket.addEventListener("close", () => tell({ type: "user", word: "close" }));
  socket.addEventListener("message", ({ data }: { data: unknown }) => {
    // "Open a new socket on the same URI" is what the notifications page says to this notice.
    if (takeFrame(String(data)) === "v2.system.socket_closing") socket.reconnect();
  });
}

/** Forty lines with `ws`: dials again at once, pings, and takes a new channel where the old one is refused. */
async function byHand({ baseUrl, clientId, clientSecret, topics }: Order): Promise<void> {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const login = await fetch(`${baseUrl}/oauth/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${basic}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}/api/v2/notifications/channels${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  };
  const make = async (): Promise<Channel> => {
    const channel = (await call("POST", "")) as Channel;
    await call(
      "PUT",
      `/${channel.id}/subscriptions`,
      topics.map((id) => ({ id })),
    );
    return channel;
  };
  const open = ({ connectUri }: Channel): void => {
    const socket = new WebSocket(connectUri, { perMessageDeflate: false });
    let beatenMs = machineMs();
    let next: Promise<Channel> | undefined;
    // The heartbeat comes every 30 s: what has been silent for longer is dead.
    const watch = setInterval(() => {
      if (machineMs() - beatenMs > 35_000) socket.terminate();
    }, 1_000);
    socket.on("open", () => tell({ type: "live" }));
    socket.on("message", (data: Buffer) => {
      beatenMs = machineMs();
      if (takeFrame(data.toString()) === "v2.system.socket_closing") socket.close();
    });
    socket.on("unexpected-response", () => {
      next = make();
      socket.terminate();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(watch);
      tell({ type: "user", word: "close" });
      void (next ?? Promise.resolve({ id: "", connectUri })).then(open);
    });
  };
  open(await make());
}

process.on("message", (order: Order) => {
  setInterval(() => {
    if (arrivals.length === 0) return;
    tell({ type: "got", arrivals });
    arrivals = [];
  }, flushMs);
  const run = {
    trunkline: () => trunkline(order, 1),
    "trunkline-2": () => trunkline(order, 2),
    sdk: () => sdk(order),
    ws: () => byHand(order),
  };
  void run[order.program]();
});
