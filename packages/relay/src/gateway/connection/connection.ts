/**
 * Drives one socket of the Event API: its machine decides, this performs. What a subscription brings goes
 * past the machine, straight from the fan-out to the socket.
 */
import { randomUUID } from "node:crypto";
import {
  eventApiErrors,
  readClientMessage,
  type EventApiErrorCode,
  type Notice,
  type ServerMessage,
  type SubscribeMessage,
} from "@trunkline/events";
import type { Entry } from "../../journal/entry.ts";
import type { Clock } from "../../ports.ts";
import { canonicalName } from "../access/scopes.ts";
import { coverageOf } from "../coverage.ts";
import { createFeed, type Feed, type FeedShape } from "../fan-out/feed.ts";
import { Subscriber } from "../fan-out/subscriber.ts";
import { gatewayErrorOf } from "../error-body.ts";
import { GatewayError, isGatewayError } from "../gateway-error.ts";
import type { Grant } from "../grant.ts";
import { jsonPaths } from "../json-paths.ts";
import {
  bufferedBytesMax,
  closeGraceMs,
  impliedAfterMs,
  stuckReaderMs,
  subscriptionsPerSocketMax,
} from "../limits.ts";
import { positionOf } from "../position.ts";
import type { Parts } from "../parts.ts";
import { mustRead } from "../rights.ts";
import { answerTo } from "./answers.ts";
import { nextDeadlineMs, open, step } from "./machine.ts";
import type { Effect, Env, Input, Refusal, State, Step } from "./state.ts";
import type { Wire } from "./wire.ts";

export interface ConnectionOptions {
  readonly parts: Parts;
  readonly wire: Wire;
  /** What the token of the upgrade has granted. */
  readonly grant: Grant | undefined;
  readonly format: FeedShape["format"];
  /** What the path itself subscribes to, where nobody says otherwise in time. */
  readonly implied: SubscribeMessage | undefined;
  /** It is over; nothing more will be sent. */
  readonly onEnd: (end: ConnectionEnd) => void;
}

/** What is to be said of a connection that is over. */
export interface ConnectionEnd {
  readonly clientId: string | undefined;
  /** Why we closed it; undefined where the peer did, or the network. */
  readonly code: EventApiErrorCode | undefined;
  readonly ageMs: number;
  readonly sent: number;
  readonly received: number;
}

const drainLookMs = 50;
const coverageLookMs = 1_000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #openedAtMs: number;
  readonly #over = new AbortController();
  readonly #subscribers = new Map<string, Subscriber>();
  /** Say that a subscription is no longer wanted. */
  readonly #leave = new Map<string, () => void>();
  #state: State;
  #grant: Grant | undefined;
  #alarm = new AbortController();
  #armedAtMs: number | undefined;
  #subscriptions = 0;
  #sent = 0;
  #received = 0;
  #code: EventApiErrorCode | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.parts.clock;
    this.#openedAtMs = this.#clock.monotonicMs();
    this.#grant = options.grant;
    const first = open(
      options.grant,
      this.#env(),
      options.implied === undefined ? undefined : impliedAfterMs,
    );
    this.#state = first.state;
    this.#perform(first);
  }

  /** A text frame. */
  hear(text: string): void {
    this.#received++;
    const reading = readClientMessage(text, { jsonPaths });
    this.#input({
      type: "received",
      received: reading as Extract<Input, { type: "received" }>["received"],
    });
  }

  /** An answer to a ping. */
  stir(): void {
    this.#input({ type: "heard" });
  }

  /** The socket is gone. */
  lost(): void {
    this.#input({ type: "lost" });
    this.#end();
  }

  /** It is over, for a reason that the peer is told first. */
  condemn(refusal: Refusal): void {
    this.#input({ type: "condemned", refusal });
  }

  /** The configuration has changed: whether what the token grants still holds is looked at. */
  reconsider(): void {
    if (this.#grant === undefined || this.#options.parts.access.stillHolds(this.#grant)) return;
    this.condemn({
      code: "CLIENT_UNKNOWN",
      message: `The client ${this.#grant.clientId} was removed, or may less than before.`,
    });
  }

  /** Says something that stops nothing. */
  tell(message: ServerMessage): void {
    if (this.#state.kind !== "closed") this.#send(message);
  }

  #env(): Env {
    return { nowMs: this.#clock.monotonicMs(), wallMs: this.#clock.wallMs() };
  }

  #input(input: Input): void {
    const next = step(this.#state, input, this.#env());
    this.#state = next.state;
    this.#grant = next.state.kind === "known" ? next.state.grant : this.#grant;
    this.#perform(next);
  }

  #perform({ effects }: Step): void {
    for (const effect of effects) this.#do(effect);
    this.#arm();
  }

  #arm(): void {
    const atMs = nextDeadlineMs(this.#state, this.#env());
    if (atMs === this.#armedAtMs) return;
    this.#alarm.abort();
    this.#armedAtMs = atMs;
    if (atMs === undefined) return;
    const alarm = (this.#alarm = new AbortController());
    const waitMs = Math.min(Math.max(0, atMs - this.#clock.monotonicMs()), timerMaxMs);
    void this.#clock.sleep(waitMs, alarm.signal).then(() => {
      if (alarm.signal.aborted) return;
      this.#armedAtMs = undefined;
      this.#input({ type: "woke" });
    });
  }

  #do(effect: Effect): void {
    const { wire, implied } = this.#options;
    switch (effect.type) {
      case "send":
        return this.#send(effect.message);
      case "refuse":
        return this.#refuse(effect.refusal, effect.id);
      case "verify":
        return this.#verify(effect.epoch, effect.token);
      case "subscribe":
        return this.#subscribe(effect.message, effect.notices);
      case "imply":
        return implied === undefined ? this.#sayIdle() : this.#imply(implied);
      case "unsubscribe":
        return this.#unsubscribe(effect.id);
      case "ack":
        return this.#refuse({
          code: "MESSAGE_UNKNOWN",
          message: "There is no durable consumer on this socket whose place an ack could move.",
        });
      case "heartbeat":
        wire.ping();
        return this.#send(this.#heartbeat());
      case "close":
        return this.#close(effect.code, effect.reason);
      default:
        return effect satisfies never;
    }
  }

  #send(message: ServerMessage): void {
    this.#sendText(JSON.stringify(message));
  }

  #sendText(text: string): void {
    this.#sent++;
    this.#options.wire.send(text);
  }

  #heartbeat(): ServerMessage {
    const time = new Date(this.#clock.wallMs()).toISOString();
    const positions = [...this.#subscribers.values()].map(({ position }) => position);
    if (positions.length === 0) return { type: "heartbeat", time };
    return { type: "heartbeat", time, cursor: this.#cursor(Math.min(...positions)) };
  }

  #cursor(position: number): string {
    return `${this.#options.parts.journal.id}-${position}`;
  }

  #refuse({ code, message, details = [], retryAfterMs }: Refusal, id?: string): void {
    const contextId = randomUUID();
    const { log } = this.#options.parts;
    log.debug({ code, contextId, client: this.#grant?.clientId }, message);
    const [first] = details;
    this.#send({
      type: "error",
      code,
      message,
      help: first?.help ?? eventApiErrors[code].help,
      ...(id === undefined ? {} : { id }),
      ...(first === undefined ? {} : { pointer: first.pointer }),
      details,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      contextId,
    });
  }

  #verify(epoch: number, token: string): void {
    const { access, log } = this.#options.parts;
    void access
      .verify(token)
      .then((grant): Input => ({ type: "granted", epoch, grant }))
      .catch((error: unknown): Input => {
        if (!isGatewayError(error))
          log.error({ code: "INTERNAL", cause: String(error) }, "A token could not be looked at.");
        return { type: "refused", epoch, refusal: refusalOf(gatewayErrorOf(error)) };
      })
      .then((input) => this.#input(input));
  }

  #sayIdle(): void {
    this.#send({
      type: "notice",
      code: "NOT_SUBSCRIBED",
      message: "This socket has not subscribed to anything yet; it stays open.",
      help: 'Send {"eventTypes":["conversation:updated"],"filters":{"divisions":["self"]}}.',
    });
  }

  #imply(implied: SubscribeMessage): void {
    this.#send({
      type: "notice",
      code: "SUBSCRIPTION_IMPLIED",
      message: `Nothing was subscribed to, so this path means ${implied.written.join(", ")} of all that the relay's credential sees.`,
      help: "Send a subscription within 2 s to choose.",
    });
    this.#subscribe(implied, []);
  }

  #subscribe(message: SubscribeMessage, notices: readonly Notice[]): void {
    const { parts, format } = this.#options;
    const grant = this.#grant;
    if (grant === undefined) return;
    try {
      const id = message.id ?? `subscription-${++this.#subscriptions}`;
      this.#mustBeRoomFor(id, message, grant);
      const position = positionOf(message.since, parts.journal);
      const shape: FeedShape = {
        subscription: message.subscription,
        id: message.id,
        written: message.written,
        format,
        trunks: grant.trunks,
      };
      const feed = createFeed(shape, canonicalName);
      const coverage = coverageOf(feed, parts.trunks(), grant.trunks);
      this.#send(answerTo(message, { id, cursor: this.#cursor(position), coverage, notices }));
      const lookBack = (): Promise<readonly Entry[]> =>
        parts.retrospect.since(position, feed.concerns, grant.trunks);
      const prologue = message.since === undefined ? undefined : lookBack;
      const subscriber = this.#createSubscriber(id, feed, position, prologue);
      this.#subscribers.set(id, subscriber);
      const { subscription } = message;
      this.#leave.set(id, parts.interests.add({ subscription, trunks: grant.trunks }));
      subscriber.start();
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.#refuse(refusalOf(error), message.id);
    }
  }

  #mustBeRoomFor(id: string, message: SubscribeMessage, grant: Grant): void {
    mustRead(message.subscription, grant);
    if (this.#subscribers.has(id))
      throw new GatewayError(
        "FIELD_INVALID",
        `There is a subscription ${JSON.stringify(id)} on this socket already; unsubscribe it first.`,
      );
    if (this.#subscribers.size >= subscriptionsPerSocketMax)
      throw new GatewayError(
        "SUBSCRIPTIONS_FULL",
        `A socket has ${subscriptionsPerSocketMax} subscriptions at most.`,
      );
  }

  #createSubscriber(
    id: string,
    feed: Feed,
    after: number,
    prologue: (() => Promise<readonly Entry[]>) | undefined,
  ): Subscriber {
    const { parts, wire } = this.#options;
    return new Subscriber(
      {
        journal: parts.journal,
        hub: parts.hub,
        feed,
        prologue,
        outlet: {
          send: (text) => this.#sendText(text),
          get isFull() {
            return wire.bufferedBytes > bufferedBytesMax;
          },
          drained: (signal) => this.#drained(signal),
        },
        lagging: (position) =>
          this.#send({
            type: "lagging",
            cursor: this.#cursor(position),
            behind: Math.max(0, parts.journal.head - position),
            behindMs: 0,
          }),
        caughtUp: () => void this.#sayLive(id, feed),
        failed: (error) => parts.journalFailed(error),
      },
      after,
    );
  }

  /** Waits until half of what may be buffered is free; a reader that takes nothing is cut off. */
  async #drained(signal: AbortSignal): Promise<void> {
    const { wire, parts } = this.#options;
    const sinceMs = this.#clock.monotonicMs();
    while (!signal.aborted && wire.bufferedBytes > bufferedBytesMax / 2) {
      if (this.#clock.monotonicMs() - sinceMs > stuckReaderMs) {
        parts.log.warn(
          { code: "READER_STUCK", client: this.#grant?.clientId },
          `A reader of the Event API took nothing for ${stuckReaderMs / 1_000} s and was cut off.`,
        );
        return wire.cut();
      }
      await this.#clock.sleep(drainLookMs, signal);
    }
  }

  /** Once everything that can be had comes. */
  async #sayLive(id: string, feed: Feed): Promise<void> {
    const { parts } = this.#options;
    const { signal } = this.#over;
    for (;;) {
      const subscriber = this.#subscribers.get(id);
      if (signal.aborted || subscriber?.feed !== feed) return;
      const { topics } = coverageOf(feed, parts.trunks(), this.#grant?.trunks);
      if ((topics.pending ?? 0) === 0)
        return this.#send({
          type: "live",
          subscriptionId: id,
          cursor: this.#cursor(subscriber.position),
        });
      await this.#clock.sleep(coverageLookMs, signal);
    }
  }

  #unsubscribe(id: string): void {
    const subscriber = this.#subscribers.get(id);
    if (subscriber === undefined)
      return this.#refuse(
        {
          code: "SUBSCRIPTION_UNKNOWN",
          message: `There is no subscription ${JSON.stringify(id)} on this socket.`,
        },
        id,
      );
    subscriber.stop();
    this.#subscribers.delete(id);
    this.#leave.get(id)?.();
    this.#leave.delete(id);
    this.#send({ type: "unsubscribed", id });
  }

  #close(code: number, reason: EventApiErrorCode): void {
    const { wire } = this.#options;
    this.#code = reason;
    for (const subscriber of this.#subscribers.values()) subscriber.stop();
    wire.close(code, reason);
    void this.#clock.sleep(closeGraceMs, this.#over.signal).then(() => wire.cut());
  }

  #end(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#alarm.abort();
    for (const subscriber of this.#subscribers.values()) subscriber.stop();
    for (const leave of this.#leave.values()) leave();
    this.#options.onEnd({
      clientId: this.#grant?.clientId,
      code: this.#code,
      ageMs: this.#clock.monotonicMs() - this.#openedAtMs,
      sent: this.#sent,
      received: this.#received,
    });
  }
}

/** Timers take no more. */
const timerMaxMs = 2_147_000_000;

function refusalOf({ code, message, details, retryAfterMs }: GatewayError): Refusal {
  return { code, message, details, retryAfterMs };
}
