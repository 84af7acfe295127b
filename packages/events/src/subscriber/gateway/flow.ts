/** Drives the machine of one subscription: what it decides is done here, and what comes of it is told to it. */
import type { ServerMessage } from "../../server-messages.ts";
import type { BackendRequest, Flow, Told } from "../backend.ts";
import { isSubscriberError, SubscriberError } from "../errors.ts";
import type { SubscriberPorts, WebSocketHandle } from "../ports.ts";
import { readHttpRefusal, type TokenSource } from "../tokens.ts";
import { initial, nextDeadlineMs, step } from "./machine.ts";
import type { GatewayPolicy } from "./policy.ts";
import { readClose } from "./refusal.ts";
import type { Effect, Input, State } from "./state.ts";

/** What a flow needs. */
export interface FlowOptions {
  readonly request: BackendRequest;
  readonly socketUrl: string;
  readonly tokens: TokenSource;
  readonly policy: GatewayPolicy;
  readonly ports: SubscriberPorts;
  readonly tell: (told: Told) => void;
}

export class GatewayFlow implements Flow {
  readonly #options: FlowOptions;
  readonly #over = new AbortController();
  /** What has happened and was not stepped through yet: telling may make more happen. */
  readonly #inputs: Input[] = [];
  #state: State;
  #isStepping = false;
  #socket: WebSocketHandle | undefined;
  #token: string | undefined;
  #alarm: { readonly atMs: number; readonly off: AbortController } | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.#state = initial(options.request.since);
  }

  /** Begins. */
  start(): void {
    this.#take({ type: "started" });
  }

  pause(): void {
    this.#take({ type: "paused" });
  }

  resume(): void {
    this.#take({ type: "resumed" });
  }

  ack(cursor: string): void {
    this.#take({ type: "acked", cursor });
  }

  close(): void {
    this.#over.abort();
    this.#take({ type: "stopped" });
  }

  #take(input: Input): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    const { policy, request, ports } = this.#options;
    const { clock, random } = ports;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const nowMs = clock.monotonicMs();
      const env = { nowMs, wallMs: clock.wallMs(), random, policy, request };
      const { state, effects } = step(this.#state, next, env);
      this.#state = state;
      for (const effect of effects) this.#do(effect);
    }
    this.#isStepping = false;
    this.#arm();
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case "authorize":
        return void this.#authorize(effect.epoch, effect.isFresh);
      case "dial":
        return this.#dial(effect.epoch);
      case "authenticate":
        return this.#send({ type: "auth", data: { token: this.#token } });
      case "subscribe": {
        const { eventTypes, filters } = this.#options.request;
        const { since } = effect;
        return this.#send({ eventTypes, filters, ...(since === undefined ? {} : { since }) });
      }
      case "keepalive":
        return this.#send({ type: "keepalive" });
      case "ack":
        return this.#send({ type: "ack", cursor: effect.cursor });
      case "drop":
        this.#socket?.close();
        this.#socket = undefined;
        return;
      case "tell":
        if (!this.#over.signal.aborted) this.#options.tell(effect.told);
        return;
      default:
        return effect satisfies never;
    }
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  async #authorize(epoch: number, isFresh: boolean): Promise<void> {
    try {
      this.#token = await this.#options.tokens.token(isFresh ? this.#token : undefined);
      this.#take({ type: "authorized", epoch });
    } catch (cause) {
      const error = isSubscriberError(cause)
        ? cause
        : new SubscriberError("TOKEN_UNAVAILABLE", "The token source failed.", { cause });
      this.#take({ type: "unauthorized", epoch, error });
    }
  }

  #dial(epoch: number): void {
    const { ports, socketUrl } = this.#options;
    let hasOpened = false;
    this.#socket = ports.dial(socketUrl, {
      opened: () => {
        hasOpened = true;
        this.#take({ type: "opened", epoch });
      },
      heard: (text) => {
        const message = readServerMessage(text);
        this.#take(
          message === undefined ? { type: "garbled", epoch } : { type: "heard", epoch, message },
        );
      },
      lost: (code, reason) => {
        if (hasOpened) this.#take({ type: "lost", epoch, error: readClose(code, reason) });
        else void this.#askWhy(epoch);
      },
    });
  }

  /** A browser's socket does not say why it could not open; a request to the same place may. */
  async #askWhy(epoch: number): Promise<void> {
    const { ports, socketUrl } = this.#options;
    const url = socketUrl.replace(/^ws/u, "http");
    let error: SubscriberError;
    try {
      const response = await ports.fetch(url, { method: "GET", headers: {} }, this.#over.signal);
      const refusal = readHttpRefusal(response, url, "GATEWAY_UNREACHABLE");
      error =
        refusal.code === "METHOD_NOT_ALLOWED"
          ? new SubscriberError(
              "GATEWAY_UNREACHABLE",
              "The gateway is there, and the socket did not open: it has no room for another, or something on the road lets no WebSocket pass.",
            )
          : refusal;
    } catch (cause) {
      error = new SubscriberError("GATEWAY_UNREACHABLE", `Nothing answers at ${url}.`, { cause });
    }
    this.#take({ type: "lost", epoch, error });
  }

  /** One alarm, never later than the next deadline; one that rings too early does no harm. */
  #arm(): void {
    const { ports, policy } = this.#options;
    const atMs = nextDeadlineMs(this.#state, { policy });
    if (this.#alarm !== undefined && atMs !== undefined && this.#alarm.atMs <= atMs) return;
    this.#alarm?.off.abort();
    this.#alarm = undefined;
    if (atMs === undefined) return;
    const alarm = { atMs, off: new AbortController() };
    this.#alarm = alarm;
    const ring = async (): Promise<void> => {
      await ports.clock.sleep(Math.max(0, atMs - ports.clock.monotonicMs()), alarm.off.signal);
      if (this.#alarm !== alarm) return;
      this.#alarm = undefined;
      this.#take({ type: "woke" });
    };
    void ring();
  }
}

/** A message, or undefined for what can be none. What the gateway says of itself is believed. */
function readServerMessage(text: string): ServerMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { type, cursor } = value as { readonly type?: unknown; readonly cursor?: unknown };
    if ((type === "event" || type === "gap") && typeof cursor !== "string") return undefined;
    return value as ServerMessage;
  } catch {
    return undefined;
  }
}
