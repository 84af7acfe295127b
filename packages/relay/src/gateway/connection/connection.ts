/**
 * Drives one socket of the Event API: its machine decides, this performs. What a subscription brings goes
 * past the machine, straight from the fan-out to the socket.
 */
import { randomUUID } from "node:crypto";
import {
  readClientMessage,
  type EventApiErrorCode,
  type Notice,
  type ServerMessage,
  type SubscribeMessage,
} from "@trunkline/events";
import type { Clock } from "../../ports.ts";
import type { FeedShape } from "../fan-out/feed.ts";
import { gatewayErrorOf } from "../error-body.ts";
import { GatewayError, isGatewayError } from "../gateway-error.ts";
import type { Grant } from "../grant.ts";
import { jsonPaths } from "../json-paths.ts";
import { closeGraceMs, impliedAfterMs, unreadBytesMax } from "../limits.ts";
import type { Parts } from "../parts.ts";
import type { Seat } from "../standing/consumers.ts";
import { readerOf } from "../standing/reader.ts";
import { errorMessage } from "./answers.ts";
import type { ConnectionEnd, ConnectionStatus } from "../status.ts";
import { nextDeadlineMs, open, step } from "./machine.ts";
import type { Effect, Env, Input, Refusal, State, Step } from "./state.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Wire } from "./wire.ts";

export interface ConnectionOptions {
  readonly parts: Parts;
  readonly wire: Wire;
  /** What the token of the upgrade has granted. */
  readonly grant: Grant | undefined;
  readonly format: FeedShape["format"];
  /** What the path itself subscribes to, where nobody says otherwise in time. */
  readonly implied: SubscribeMessage | undefined;
  /** Id of the standing subscription that the path names: it begins with the token. */
  readonly standing: string | undefined;
  /** The cursor after which subscriptions begin that name none. */
  readonly since: string | undefined;
  /** The durable consumer that is read for; where a grant is given, it has been opened. */
  readonly consumer: string | undefined;
  /** It is over; nothing more will be sent. */
  readonly onEnd: (end: ConnectionEnd) => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #openedAtMs: number;
  readonly #subscriptions: Subscriptions;
  #state: State;
  #grant: Grant | undefined;
  /** While its close is to be answered by the peer. */
  #closing: AbortController | undefined;
  #phase: "open" | "over" = "open";
  #armedAtMs: number | undefined;
  #sent = 0;
  #received = 0;
  #code: EventApiErrorCode | undefined;
  #seat: Seat | undefined;
  /** Ends the reading of the standing subscription. */
  #leave: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.parts.clock;
    this.#openedAtMs = this.#clock.monotonicMs();
    this.#grant = options.grant;
    const { parts, wire, format } = options;
    this.#subscriptions = new Subscriptions({
      parts,
      wire,
      format,
      send: (text) => this.#sendText(text),
    });
    const first = open(
      options.grant,
      this.#env(),
      options.implied === undefined ? undefined : impliedAfterMs,
    );
    this.#state = first.state;
    if (options.grant !== undefined) this.#sit(options.grant);
    this.#perform(first);
    this.#enter();
  }

  onText(text: string): void {
    if (this.#state.kind === "closed") return;
    this.#received++;
    const reading = readClientMessage(text, { jsonPaths });
    this.#input({
      type: "received",
      received: reading as Extract<Input, { type: "received" }>["received"],
    });
  }

  onBinary(): void {
    this.condemn({ code: "JSON_INVALID", message: "A binary frame came; messages are text." });
  }

  onTooLarge(): void {
    this.condemn({
      code: "MESSAGE_TOO_LARGE",
      message: "A message was larger than gateway.messageBytesMax.",
    });
  }

  /** An answer to a ping. */
  onPong(): void {
    this.#input({ type: "heard" });
  }

  /** Something is due. */
  wake(): void {
    this.#armedAtMs = undefined;
    this.#input({ type: "woke" });
  }

  /** The socket is gone. */
  onEnd(): void {
    this.#input({ type: "lost" });
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#closing?.abort();
    this.#subscriptions.stop();
    this.#seat?.leave();
    this.#leave?.();
    this.#options.onEnd({
      clientId: this.#grant?.clientId,
      code: this.#code,
      ageMs: this.#clock.monotonicMs() - this.#openedAtMs,
      sent: this.#sent,
      received: this.#received,
    });
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

  status(): ConnectionStatus {
    const { count: subscriptions, lagging, position } = this.#subscriptions;
    return {
      kind: "socket",
      clientId: this.#grant?.clientId,
      ageMs: this.#clock.monotonicMs() - this.#openedAtMs,
      sent: this.#sent,
      received: this.#received,
      subscriptions,
      lagging,
      position,
    };
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
    const before = this.#grant;
    this.#grant = next.state.kind === "known" ? next.state.grant : before;
    this.#perform(next);
    if (before === undefined) this.#enter();
    if (before !== undefined && this.#grant !== undefined && this.#grant !== before)
      this.#narrow(this.#grant);
  }

  /** What a new token does not grant ends, and is said to. */
  #narrow(grant: Grant): void {
    for (const { id, error } of this.#subscriptions.narrow(grant)) {
      this.#refuse(refusalOf(error), id);
      this.#send({ type: "unsubscribed", id });
    }
    this.#seat?.keep(this.#subscriptions.all);
  }

  /** Takes the consumer's place, once: another token of the same client keeps it. */
  #sit(grant: Grant): void {
    const { parts, consumer } = this.#options;
    if (consumer === undefined || this.#seat !== undefined) return;
    this.#seat = parts.consumers.sit(grant, consumer, (why) =>
      this.condemn(
        why === "replaced"
          ? {
              code: "CONSUMER_REPLACED",
              message: `Another connection of this client reads for the consumer ${consumer} now.`,
            }
          : { code: "CONSUMER_UNKNOWN", message: `The consumer ${consumer} was removed.` },
      ),
    );
  }

  /** Begins what the path names, once it is known who is there. */
  #enter(): void {
    const { parts, standing: id, since } = this.#options;
    if (this.#grant === undefined || this.#state.kind !== "known" || id === undefined) return;
    try {
      const reading = parts.standing.read(id, this.#grant.clientId, () =>
        this.condemn({
          code: "SUBSCRIPTION_UNKNOWN",
          message: "The standing subscription of this socket was removed.",
        }),
      );
      this.#leave = reading.leave;
      this.#subscriptions.add(readerOf(reading.standing, since), [], this.#grant);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.condemn(refusalOf(error));
    }
  }

  #perform({ effects }: Step): void {
    for (const effect of effects) this.#do(effect);
    this.#arm();
  }

  #arm(): void {
    const atMs = nextDeadlineMs(this.#state, this.#env());
    this.#options.parts.alarms.move(this, this.#armedAtMs, atMs);
    this.#armedAtMs = atMs;
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
        return this.#ack(effect.cursor);
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
    const { wire, parts } = this.#options;
    if (wire.bufferedBytes > unreadBytesMax) {
      parts.log.warn(
        { code: "READER_STUCK", client: this.#grant?.clientId },
        "A client of the Event API asked on and on, took no answers, and was cut off.",
      );
      return wire.cut();
    }
    this.#sent++;
    wire.send(text);
  }

  #heartbeat(): ServerMessage {
    const time = new Date(this.#clock.wallMs()).toISOString();
    const { cursor } = this.#subscriptions;
    return { type: "heartbeat", time, ...(cursor === undefined ? {} : { cursor }) };
  }

  #refuse(refusal: Refusal, id?: string): void {
    const { code, message } = refusal;
    const contextId = randomUUID();
    const { log, tally } = this.#options.parts;
    tally.refused("socket", code);
    log.debug({ code, contextId, client: this.#grant?.clientId }, message);
    this.#send(errorMessage(refusal, contextId, id));
  }

  #verify(epoch: number, token: string): void {
    const { access, log } = this.#options.parts;
    void access
      .verify(token)
      .then(async (grant): Promise<Input> => {
        await this.#openConsumer(grant);
        return { type: "granted", epoch, grant };
      })
      .catch((error: unknown): Input => {
        if (!isGatewayError(error))
          log.error({ code: "INTERNAL", cause: String(error) }, "A token could not be looked at.");
        return { type: "refused", epoch, refusal: refusalOf(gatewayErrorOf(error)) };
      })
      .then((input) => this.#input(input));
  }

  /** Ahead of the grant, so that what was sent ahead of the token finds the consumer's place. */
  async #openConsumer(grant: Grant): Promise<void> {
    const { parts, consumer } = this.#options;
    if (consumer === undefined || this.#seat !== undefined || !grant.mayConnect) return;
    await parts.consumers.open(grant.clientId, consumer);
    if (this.#state.kind !== "closed") this.#sit(grant);
  }

  #ack(cursor: string): void {
    try {
      if (this.#seat === undefined)
        throw new GatewayError(
          "MESSAGE_UNKNOWN",
          "There is no durable consumer on this socket whose place an ack could move: it would be named by ?consumer=NAME.",
        );
      this.#seat.ack(this.#subscriptions.reached(cursor, this.#seat.position));
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.#refuse(refusalOf(error));
    }
  }

  #sayIdle(): void {
    if (this.#subscriptions.all.length > 0) return;
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
    const grant = this.#grant;
    if (grant === undefined) return;
    try {
      const { since = this.#options.since } = message;
      this.#subscriptions.add({ ...message, since }, notices, grant, this.#seat?.position);
      this.#seat?.keep(this.#subscriptions.all);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.#refuse(refusalOf(error), message.id);
    }
  }

  #unsubscribe(id: string): void {
    if (this.#subscriptions.remove(id)) {
      this.#seat?.keep(this.#subscriptions.all);
      return this.#send({ type: "unsubscribed", id });
    }
    this.#refuse(
      {
        code: "SUBSCRIPTION_UNKNOWN",
        message: `There is no subscription ${JSON.stringify(id)} on this socket.`,
      },
      id,
    );
  }

  #close(code: number, reason: EventApiErrorCode): void {
    const { wire } = this.#options;
    this.#code = reason;
    this.#subscriptions.stop();
    wire.close(code, reason);
    this.#closing = new AbortController();
    void this.#clock.sleep(closeGraceMs, this.#closing.signal).then(() => wire.cut());
  }
}

function refusalOf({ code, message, details, retryAfterMs }: GatewayError): Refusal {
  return { code, message, details, retryAfterMs };
}
