/** A mock on real sockets in which things break at random, from a seed; and what each of its sockets received. */
import { once } from "node:events";
import { createMock, type Fault, type RunningMock } from "@trunkline/mock";
import { WebSocket } from "ws";
import { createDice, type Dice } from "../packages/mock/src/cloud/dice.ts";
import type { WireFrame } from "../packages/mock/src/testing/oracle.ts";

const clientIds = ["a", "b", "c"];
const acts = 60;
/** Virtual time between two acts, at most. */
const stepMs = 2_000;
const deadlineMs = 10_000;
/** Sent by the storm itself, and no event. */
export const foreign = "no event at all";

/** One socket, from the client's side. */
export interface Ear {
  readonly socketId: number;
  readonly frames: readonly WireFrame[];
  /** True when frames may have been lost on the way: the connection was cut, or the client hung up. */
  readonly cut: boolean;
}

class Listener implements Ear {
  readonly raw: WebSocket;
  readonly socketId: number;
  readonly frames: WireFrame[] = [];
  cut = false;
  #pong: () => void = () => {};

  constructor(raw: WebSocket, socketId: number, early: readonly string[]) {
    this.raw = raw;
    this.socketId = socketId;
    for (const text of early) this.frames.push({ text });
    raw.on("message", (data: Buffer, isBinary: boolean) => {
      const text = data.toString();
      if (!isBinary) this.frames.push({ text });
      if (text.includes('"message":"pong"')) this.#pong();
    });
    raw.on("close", (code) => {
      if (code === 1006) this.cut = true;
      this.#pong();
    });
  }

  hangUp(): void {
    this.cut = true;
    this.raw.terminate();
  }

  /** Everything that was sent has come, or the socket has ended. */
  async settled(): Promise<void> {
    if (this.raw.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve, reject) => {
      const late = (): void => reject(new Error(`socket ${this.socketId} does not settle`));
      const timer = setTimeout(late, deadlineMs);
      this.#pong = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.raw.readyState === WebSocket.OPEN) this.raw.send('{"message":"ping"}');
    });
  }
}

export class Storm {
  readonly mock: RunningMock;
  /** Whether frames may come in another order than their events. */
  readonly reordered: boolean;
  readonly ears: Listener[] = [];
  readonly #dice: Dice;
  readonly #topics: readonly string[];
  #nowMs: number;

  private constructor(mock: RunningMock, dice: Dice) {
    this.mock = mock;
    this.#dice = dice;
    this.reordered = dice.chance(0.5);
    this.#topics = mock.sampleTopics(150);
    this.#nowMs = mock.nowMs();
  }

  /** Plays the storm of a seed to its end, when every fault is cleared and every socket has got what is its due. */
  static async play(seed: number): Promise<Storm> {
    const dice = createDice(seed, "storm");
    const mock = await createMock({
      seed,
      rate: 30,
      clients: clientIds.map((clientId) => ({
        clientId,
        clientSecret: "s",
        accessTokenValiditySeconds: 300,
      })),
      settings: {
        correlationId: dice.pick(["per-event", "per-delivery"]),
        fieldOrder: dice.pick(["same", "per-channel"]),
        displacedNotice: dice.chance(0.5),
        evictedChannelSocket: dice.pick(["stay", { code: 1001, reason: "" }]),
        tokenExpiry: dice.pick(["nothing", "closes-sockets", "kills-channels"]),
        announcedSocketAfterMove: dice.pick(["keeps-receiving", "displaced"]),
        heldFramesMax: dice.pick([1, 3, 10_000]),
        channelsPerClientMax: 4,
        requestsPerMinuteMax: 100_000,
      },
    });
    const storm = new Storm(mock, dice);
    for (let act = 0; act < acts; act++) {
      storm.#pass(dice.below(stepMs));
      await storm.#act();
    }
    mock.cloud.faults.clear();
    storm.#pass(20_000);
    for (const ear of storm.ears) await ear.settled();
    return storm;
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    this.mock.cloud.wake(this.#nowMs);
  }

  #inject(fault: object): void {
    this.mock.cloud.faults.inject(fault as Fault, this.#nowMs);
  }

  async #act(): Promise<void> {
    const dice = this.#dice;
    const one = { socketId: this.#some()?.socketId ?? 1 };
    const target = dice.pick([{}, one, one]);
    const sometimes = dice.chance(0.5) ? { share: dice.unit() } : { count: 1 + dice.below(20) };
    const delay = { ms: dice.below(3_000), jitterMs: dice.below(3_000) };
    const moves: (() => unknown)[] = [
      () => this.#connect(),
      () => this.#connect(),
      () => this.#connect(),
      () => this.#connect(),
      () => this.#connect(),
      () => this.#connect(),
      () => this.#reconnect(),
      () => this.#some()?.hangUp(),
      () => this.#some()?.raw.ping(),
      () => this.#inject({ fault: "silence", ...target }),
      () => this.#inject({ fault: "halfOpen", ...target }),
      () => this.#inject({ fault: "delayFrames", ...target, ...delay }),
      () => this.#inject({ fault: "fragmentFrames", ...target, fragments: 2 + dice.below(5) }),
      () => this.#inject({ fault: "dropFrames", ...target, ...sometimes }),
      () => this.#inject({ fault: "duplicateFrames", ...target, ...sometimes }),
      () => this.#inject({ fault: "truncateFrames", ...target, ...sometimes }),
      () => this.reordered && this.#inject({ fault: "reorderFrames", ...target, ...sometimes }),
      () => this.#inject({ fault: "cutSockets", ...one }),
      () => this.#inject({ fault: "closeSockets", ...one, code: 4_000 + dice.below(10) }),
      () => this.#inject({ fault: "announceClosing", ...one, graceMs: dice.below(5_000) }),
      () => this.#inject({ fault: "sendText", ...target, text: foreign }),
      () => this.#inject({ fault: "sendGarbage", ...target, kind: "binary" }),
      () => this.#inject({ fault: "sendHuge", bytes: 200_000, topic: dice.pick(this.#topics) }),
      () => this.#inject({ fault: "burst", events: 200 }),
      () => this.#inject({ fault: "revokeToken", clientId: dice.pick(clientIds) }),
      () => this.#inject({ fault: "failRequests", status: 503, count: 2 }),
      () => this.#inject({ fault: "cutUpgrades", count: 1 }),
      () => this.#endOneFault(),
      () => this.#endOneFault(),
      () => this.#endOneFault(),
      () => this.#endOneFault(),
    ];
    await dice.pick(moves)();
  }

  #some(): Listener | undefined {
    const open = this.ears.filter(({ raw }) => raw.readyState === WebSocket.OPEN);
    return open.length === 0 ? undefined : this.#dice.pick(open);
  }

  #endOneFault(): void {
    const standing = this.mock.cloud.faults.list();
    if (standing.length > 0) this.mock.cloud.faults.remove(this.#dice.pick(standing).id);
  }

  /** Token, channel, topics and socket over HTTP; a fault may stop it anywhere. */
  async #connect(): Promise<void> {
    const login = await this.#post("/oauth/token", undefined, {
      grant_type: "client_credentials",
      client_id: this.#dice.pick(clientIds),
      client_secret: "s",
    });
    const topics = this.#topics.slice(this.#dice.below(50)).map((id) => ({ id }));
    const token = login?.["access_token"];
    if (token === undefined) return;
    const path = "/api/v2/notifications/channels";
    const channel = await this.#post(path, token, undefined);
    const id = channel?.["id"];
    if (id === undefined) return;
    await this.#post(`${path}/${id}/subscriptions`, token, topics);
    await this.#dial(id);
  }

  async #reconnect(): Promise<void> {
    const { channels } = this.mock.cloud.state();
    if (channels.length > 0) await this.#dial(this.#dice.pick(channels).channelId);
  }

  async #post(
    path: string,
    token: string | undefined,
    body: object | undefined,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    const isForm = token === undefined;
    const response = await fetch(`${this.mock.apiUrl}${path}`, {
      method: "POST",
      headers: isForm
        ? { "content-type": "application/x-www-form-urlencoded" }
        : { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: isForm
        ? new URLSearchParams(body as Record<string, string>).toString()
        : JSON.stringify(body ?? {}),
    });
    return response.ok ? ((await response.json()) as Record<string, string>) : undefined;
  }

  async #dial(channelId: string): Promise<void> {
    const raw = new WebSocket(`ws://127.0.0.1:${this.mock.port}/channels/${channelId}`);
    const early: string[] = [];
    const keep = (data: Buffer): unknown => early.push(data.toString());
    raw.on("message", keep);
    raw.on("error", () => {});
    const opened = once(raw, "open").then(() => true);
    const isOpen = await Promise.race([opened, once(raw, "close").then(() => false)]).catch(
      () => false,
    );
    if (!isOpen) return;
    raw.off("message", keep);
    const ids = this.mock.cloud
      .state()
      .sockets.filter((socket) => socket.channelId === channelId)
      .map(({ socketId }) => socketId);
    this.ears.push(new Listener(raw, Math.max(...ids), early));
  }

  async close(): Promise<void> {
    for (const { raw } of this.ears) raw.terminate();
    await this.mock.close();
  }
}
