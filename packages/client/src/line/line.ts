/**
 * A line: keeps one share of the topics flowing. It drives the session machine (which decides) and
 * performs its effects (which it does not question): sockets, REST calls, events for the consumer.
 */
import { isTrunklineError, TrunklineError } from "../errors.ts";
import type { NotificationEvent } from "../events.ts";
import { parseFrame, type Frame } from "../genesys/frames.ts";
import type { Dial, Socket, SocketLoss } from "../ports.ts";
import type { Channel } from "../rest/channel.ts";
import type { Notifications } from "../rest/notifications.ts";
import { initial, nextDeadlineMs, step } from "../session/machine.ts";
import type { Effect, Input, State } from "../session/state.ts";
import type { Trace } from "../trace.ts";
import type { Entry } from "../topics/entries.ts";
import { unreachable } from "../unreachable.ts";
import { setbackEvent } from "./setback.ts";
import { Share, type SharePorts } from "./share.ts";

/** What a line needs of the trunk that it belongs to. */
export interface LinePorts extends SharePorts {
  readonly dial: Dial;
  readonly notifications: Notifications;
  readonly trace: Trace;
  /** Makes a channel, within the channel budget. */
  readonly makeChannel: (signal: AbortSignal) => Promise<Channel>;
  /** The line has left its channel for another. */
  readonly leaveChannel: (channel: "gone" | "given-up") => void;
  /** Hands a notification on; false when the consumer's queue refuses it. */
  readonly offer: (event: NotificationEvent) => boolean;
  /** Whether the consumer's queue takes more; and whether the sockets are paused until it does. */
  readonly hasRoom: () => boolean;
  readonly isFull: () => boolean;
  /** More is proven, or confirmed, than was before. */
  readonly proved: () => void;
  readonly ended: (line: Line, cause: "stopped" | TrunklineError) => void;
}

export class Line {
  readonly number: number;
  readonly #ports: LinePorts;
  readonly #share: Share;
  #state: State = initial;
  #socket: Socket | undefined;
  /** The channel that the line holds, and what it would be if the line left it now. */
  #channel: { readonly channel: Channel; readonly is: "gone" | "given-up" } | undefined;
  /** Whether a frame came in since the last step; a flag is all that the hot path can afford. */
  #hasHeard = false;
  #heardAtMs = 0;
  #dialledAtMs = 0;
  /** Aborts the work of the present epoch. */
  #work = new AbortController();
  #alarm = new AbortController();
  #armedAtMs: number | undefined;
  /** Since when notifications are refused by the consumer's queue. */
  #overflowSinceMs: number | undefined;
  #wasLive = false;

  constructor(ports: LinePorts) {
    this.number = ports.line;
    this.#ports = ports;
    this.#share = new Share(ports, () => this.#tellProof());
  }

  get share(): Share {
    return this.#share;
  }

  /** Whether any session of this line has ever been live. */
  get wasLive(): boolean {
    return this.#wasLive;
  }

  get isLive(): boolean {
    return this.#state.kind === "live";
  }

  start(): void {
    this.#input({ type: "started" });
  }

  stop(): void {
    this.#input({ type: "stopped" });
  }

  /** Proves what it can, as soon as it can: a ping, and the topics read back. */
  prove(): void {
    if (this.#state.kind !== "live") return;
    this.#share.confirm();
    this.#input({ type: "asked", epoch: this.#state.memory.epoch });
  }

  /** Whether all that was sent before an instant is proven, or there is no session that could prove it. */
  isProven(atMs: number): boolean {
    if (this.#state.kind !== "live") return true;
    return this.#state.provenAtMs >= atMs && this.#share.confirmedAtMs >= atMs;
  }

  setEntries(entries: readonly Entry[]): void {
    this.#share.want(entries);
  }

  /** The consumer is slow: the socket is no longer read. */
  pause(): void {
    if (!this.isLive) return;
    this.#socket?.pause();
    this.#input({ type: "paused", epoch: this.#state.memory.epoch });
  }

  /** The socket is read again, whether its notifications are taken or refused. */
  resume(): void {
    this.#socket?.resume();
    this.#input({ type: "resumed", epoch: this.#state.memory.epoch });
  }

  /** The consumer has caught up: what was refused meanwhile is a gap. */
  recordOverflow(): void {
    if (this.#overflowSinceMs === undefined) return;
    this.#share.openGap("overflow", this.#overflowSinceMs);
    this.#overflowSinceMs = undefined;
    if (this.isLive) this.#share.closeGaps(this.#ports.elapsed.nowMs());
  }

  #input(input: Input): void {
    const { elapsed, policy, random } = this.#ports;
    const nowMs = elapsed.nowMs();
    if (this.#hasHeard) this.#heardAtMs = nowMs;
    this.#hasHeard = false;
    const env = { nowMs, heardAtMs: this.#heardAtMs, random, policy };
    const { state, effects } = step(this.#state, input, env);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#arm();
  }

  /** One timer, for whatever the machine waits for next. */
  #arm(): void {
    const atMs = nextDeadlineMs(this.#state);
    if (atMs === this.#armedAtMs) return;
    this.#alarm.abort();
    this.#armedAtMs = atMs;
    if (atMs === undefined) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    const { clock, elapsed } = this.#ports;
    void clock.sleep(Math.max(0, atMs - elapsed.nowMs()), alarm.signal).then(() => {
      if (alarm.signal.aborted) return;
      this.#armedAtMs = undefined;
      this.#input({ type: "woke" });
    });
  }

  #perform(effect: Effect): void {
    const { line, emit } = this.#ports;
    switch (effect.type) {
      case "make":
        return this.#do(effect.epoch, async (signal) => {
          const channel = await this.#ports.makeChannel(signal);
          if (signal.aborted) this.#ports.leaveChannel("given-up");
          signal.throwIfAborted();
          this.#take(channel);
          return { type: "made", epoch: effect.epoch, channel };
        });
      case "subscribe":
        return this.#do(effect.epoch, async (signal) => {
          await this.#share.sync(effect.channel, signal).catch((error: unknown) => {
            if (isTrunklineError(error, "CHANNEL_GONE")) this.#channelIsGone();
            throw error;
          });
          return { type: "subscribed", epoch: effect.epoch };
        });
      case "check":
        return this.#do(effect.epoch, (signal) =>
          this.#check(effect.epoch, effect.channel, signal),
        );
      case "dial":
        return this.#dial(effect.epoch, effect.channel);
      case "ping":
        return this.#send('{"message":"ping"}');
      case "drop":
        this.#work.abort();
        this.#socket?.cut();
        this.#socket = undefined;
        return;
      case "close":
        return this.#close();
      case "connected":
        this.#wasLive = true;
        // Topics that another line lost are delivered again by this one.
        this.#share.closeGaps(this.#ports.elapsed.nowMs());
        emit({
          type: "connected",
          line,
          channel: effect.channel.id.fingerprint,
          topics: this.#share.size,
        });
        this.#keepInStep(effect.epoch, effect.channel);
        if (this.#ports.isFull()) this.pause();
        return;
      case "setback":
        return emit(setbackEvent(line, effect, this.#state.memory.attempt));
      case "gap-opened":
        if (this.#overflowSinceMs === undefined) this.#share.prove(effect.down.sinceMs);
        return this.#share.sessionEnded(effect.down.cause, effect.down.sinceMs);
      case "proven":
        return this.#tellProof();
      case "gap-closed":
        return this.#share.closeGaps(effect.untilMs);
      case "contended":
        return emit({
          type: "warning",
          line,
          error: new TrunklineError(
            "CHANNEL_CONTENDED",
            "The service closed the socket of one channel several times in a row, as it does when another program opens it.",
          ),
        });
      case "ended":
        return this.#ports.ended(this, effect.cause);
      default:
        return unreachable(effect);
    }
  }

  /** Work of one epoch: its outcome is fed back as a fact, unless the epoch was dropped meanwhile. */
  #do(epoch: number, work: (signal: AbortSignal) => Promise<Input>): void {
    this.#work.abort();
    const { signal } = (this.#work = new AbortController());
    void work(signal)
      .catch((error: unknown): Input => ({
        type: "failed",
        epoch,
        failure: this.#ports.appraise(error),
      }))
      .then((input) => {
        if (!signal.aborted) this.#input(input);
      });
  }

  #take(channel: Channel): void {
    if (this.#state.memory.down !== undefined) this.#share.channelLeft();
    if (this.#channel !== undefined) this.#ports.leaveChannel(this.#channel.is);
    this.#channel = { channel, is: "given-up" };
    this.#share.reset();
  }

  async #check(epoch: number, channel: Channel, signal: AbortSignal): Promise<Input> {
    try {
      const alive = await this.#ports.notifications.isAlive(channel, signal);
      if (!alive) this.#channelIsGone();
      return { type: "checked", epoch, channel: alive ? "alive" : "gone" };
    } catch (error) {
      signal.throwIfAborted();
      // Neither token nor right: whoever holds this channel, we no longer do.
      const refused =
        isTrunklineError(error, "TOKEN_REFUSED") || isTrunklineError(error, "FORBIDDEN");
      return { type: "checked", epoch, channel: refused ? "gone" : "unknown" };
    }
  }

  #channelIsGone(): void {
    const channel = this.#channel?.channel;
    if (channel?.token === channel?.madeWith && channel !== undefined)
      this.#channel = { channel, is: "gone" };
  }

  #dial(epoch: number, channel: Channel): void {
    const { clock, elapsed, trace, dial, line, offer } = this.#ports;
    this.#work = new AbortController();
    this.#dialledAtMs = elapsed.nowMs();
    const uri = channel.connectUri.reveal();
    const redact = (text: string): string =>
      text.replaceAll(channel.id.reveal(), channel.id.toString());
    // All of the path is as good as a password, whatever form it may take one day.
    const { protocol, host } = new URL(uri);
    trace?.(line, { kind: "dial", url: `${protocol}//${host}/channels/${channel.id.toString()}` });
    this.#socket = dial(uri, {
      opened: () => {
        this.#hasHeard = true;
        trace?.(line, { kind: "open", tookMs: elapsed.nowMs() - this.#dialledAtMs });
        this.#input({ type: "opened", epoch });
      },
      heard: (text) => {
        this.#hasHeard = true;
        if (trace !== undefined) trace(line, { kind: "received", text: redact(text) });
        const frame = parseFrame(text, line, clock.wallMs());
        if (frame.type === "notification") {
          if (!offer(frame)) this.#overflowed();
        } else {
          this.#heardFrame(frame, epoch);
        }
      },
      lost: (raw) => {
        const loss = mapWords(raw, redact);
        this.#traceLoss(loss);
        this.#socket = undefined;
        this.#input({ type: "lost", epoch, loss });
      },
    });
  }

  #heardFrame(frame: Frame, epoch: number): void {
    switch (frame.type) {
      case "pong":
        return this.#input({ type: "ponged", epoch });
      case "heartbeat":
        return this.#input({ type: "beat", epoch });
      case "notice":
        return this.#share.doubt();
      case "other":
        return;
      case "malformed":
        return this.#malformed(frame.detail);
      default:
        return unreachable(frame);
    }
  }

  /** What a broken frame carried is lost: it was sent after the last proof. */
  #malformed(detail: string): void {
    if (this.#state.kind !== "live") return;
    const { line, elapsed, emit, hasRoom } = this.#ports;
    if (!hasRoom()) return this.#overflowed();
    emit({
      type: "warning",
      line,
      error: new TrunklineError("FRAME_MALFORMED", `A frame was malformed (${detail}).`),
    });
    this.#share.openGap("malformed", this.#state.provenAtMs);
    this.#share.closeGaps(elapsed.nowMs());
  }

  /**
   * A proof is told only where it claims nothing that was refused, and where there is room: a later
   * one says the same and more.
   */
  #tellProof(): void {
    const { hasRoom, proved } = this.#ports;
    if (this.#state.kind !== "live") return;
    if (this.#overflowSinceMs === undefined && hasRoom()) this.#share.prove(this.#state.provenAtMs);
    proved();
  }

  #overflowed(): void {
    if (this.#state.kind === "live") this.#overflowSinceMs ??= this.#state.provenAtMs;
  }

  #send(text: string): void {
    const { trace, line } = this.#ports;
    trace?.(line, { kind: "sent", text });
    this.#socket?.send(text);
  }

  /** Our own goodbye: a closing handshake, for which nobody waits long. */
  #close(): void {
    const { trace, line } = this.#ports;
    trace?.(line, { kind: "close", code: 1000, reason: "closed by us" });
    this.#work.abort();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #keepInStep(epoch: number, channel: Channel): void {
    const { signal } = this.#work;
    void this.#share.keepInStep(channel, signal).then((end) => {
      if (end !== "channel-gone" || signal.aborted) return;
      this.#channelIsGone();
      this.#input({ type: "condemned", epoch });
    });
  }

  #traceLoss(loss: SocketLoss): void {
    const { trace, line } = this.#ports;
    if (trace === undefined) return;
    if (loss.kind === "refused")
      trace(line, { kind: "refused", status: loss.status, via: loss.via, server: loss.server });
    else
      trace(line, {
        kind: "close",
        code: loss.kind === "closed" ? loss.code : undefined,
        reason: loss.kind === "closed" ? loss.reason : loss.detail,
      });
  }
}

/** The same loss, with its words as `map` would have them. */
function mapWords(loss: SocketLoss, map: (words: string) => string): SocketLoss {
  if (loss.kind === "closed") return { ...loss, reason: map(loss.reason) };
  return loss.kind === "refused" ? loss : { ...loss, detail: map(loss.detail) };
}
