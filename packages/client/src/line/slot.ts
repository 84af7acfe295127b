/**
 * A slot: one place of a line, in which one session follows another. It drives the session machine,
 * which decides, and performs its effects: sockets, REST calls, events for the consumer.
 */
import { isTrunklineError, TrunklineError } from "../errors.ts";
import type { GapCause } from "../events.ts";
import { parseFrame, type Frame } from "../genesys/frames.ts";
import type { Socket } from "../ports.ts";
import type { Channel } from "../rest/channel.ts";
import { initial, nextDeadlineMs, step } from "../session/machine.ts";
import type { Effect, Input, State } from "../session/state.ts";
import { unreachable } from "../unreachable.ts";
import { causeOf, fateOf, lookFor, type Fate } from "./fate.ts";
import { isBarred, isStarving, setbackEvent } from "./setback.ts";
import { Share } from "./share.ts";
import type { SlotPorts } from "./slot-ports.ts";
import { dialTraced } from "./traced-dial.ts";

export class Slot {
  /** Tells the slots of a line apart. */
  readonly id: number;
  readonly #ports: SlotPorts;
  readonly #share: Share;
  #state: State = initial;
  #socket: Socket | undefined;
  /** The channel that the slot holds, and what it would be if the slot left it now. */
  #channel: { readonly channel: Channel; readonly is: Fate } | undefined;
  /** Whether a frame came in since the last step; a flag is all that the hot path can afford. */
  #hasHeard = false;
  #heardAtMs = 0;
  #work = new AbortController();
  #alarm = new AbortController();
  #armedAtMs: number | undefined;
  /** When the service will close the socket, as far as it has said so. */
  #closesAtMs: number | undefined;
  /** What a gap is told to be due to that is left when the slot stops. */
  #stopCause: GapCause = "stopped";
  /** Whether another slot has a newer socket on the same channel: the service closes this one. */
  #isSuperseded = false;
  /** Whether all channels were taken when it last asked for one. */
  #isStarved = false;

  constructor(ports: SlotPorts) {
    this.id = ports.session;
    this.#ports = ports;
    this.#share = new Share(ports, () => this.#tellProof());
  }

  get share(): Share {
    return this.#share;
  }

  get isLive(): boolean {
    return this.#state.kind === "live";
  }

  /** When the live session opened; 0 without one. */
  get openedAtMs(): number {
    return this.#state.kind === "live" ? this.#state.openedAtMs : 0;
  }

  /** Everything that was sent to the live session before this instant has arrived; infinity without one. */
  get provenMs(): number {
    return this.#state.kind === "live" ? this.#state.provenAtMs : Number.POSITIVE_INFINITY;
  }

  /** Whether a session was lost, and its channel may still exist. */
  get isDown(): boolean {
    const state = this.#state;
    if (state.kind === "making" || (state.kind === "waiting" && state.next.do === "make"))
      return false;
    return state.memory.down !== undefined && this.#channel?.is === "given-up";
  }

  get isStarved(): boolean {
    return this.#isStarved && !this.isLive;
  }

  get channel(): Channel | undefined {
    return this.#channel?.channel;
  }

  get closesAtMs(): number | undefined {
    return this.#closesAtMs;
  }

  /** What has become of the channel, as far as is known. */
  get fate(): Fate {
    return this.#channel?.is ?? "given-up";
  }

  /** @param from whose channel to open a newer socket on, rather than to make one */
  start(from?: Slot): void {
    if (from === undefined || from.#channel === undefined) return this.#input({ type: "started" });
    this.#channel = from.#channel;
    this.#share.inherit(from.#share);
    this.#input({ type: "started", channel: from.#channel.channel });
  }

  stop(): void {
    this.#input({ type: "stopped" });
  }

  /** Another slot is about to open a newer socket on the same channel. */
  supersede(): void {
    this.#isSuperseded = true;
  }

  /** Another session has taken over, on another channel: what this one still brings is of no use. */
  retire(cause: GapCause = "unsubscribed"): void {
    this.#stopCause = cause;
    this.stop();
    this.#share.channelLeft(this.#stopCause);
  }

  /** A newer socket on the same channel has taken over, which reads back what is on it. */
  yield(): void {
    this.#stopCause = "moved";
    this.stop();
  }

  /** Proves what it can, as soon as it can: a ping, and the topics read back. */
  prove(): void {
    if (!this.isLive) return;
    this.#share.confirm();
    this.ping();
  }

  /** Proves as soon as it can that what has been sent until now has arrived. */
  ping(): void {
    if (this.isLive) this.#input({ type: "asked", epoch: this.#state.memory.epoch });
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

  #input(input: Input): void {
    const { elapsed, policy, random } = this.#ports;
    const nowMs = elapsed.nowMs();
    if (this.#hasHeard) this.#heardAtMs = nowMs;
    this.#hasHeard = false;
    const env = { nowMs, heardAtMs: this.#heardAtMs, random, policy };
    const wasLive = this.isLive;
    const { state, effects } = step(this.#state, input, env);
    this.#state = state;
    if (this.isLive && !wasLive) {
      this.#closesAtMs = undefined;
      this.#ports.hooks.opened(this);
    }
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
    const { line, emit, hooks } = this.#ports;
    switch (effect.type) {
      case "make":
        return this.#do(effect.epoch, async (signal) => {
          const channel = await this.#ports.makeChannel(signal);
          if (signal.aborted) this.#ports.keepChannel(channel);
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
        return this.#socket?.send('{"message":"ping"}');
      case "drop":
        this.#work.abort();
        this.#socket?.cut();
        this.#socket = undefined;
        return;
      case "close":
        return this.#close();
      case "connected":
        // Topics that another line lost are delivered again by this one.
        this.#share.closeGaps(this.#ports.elapsed.nowMs());
        emit({
          type: "connected",
          line,
          channel: effect.channel.id.fingerprint,
          topics: this.#share.size,
          sessions: hooks.sessions(),
        });
        this.#keepInStep(effect.epoch, effect.channel);
        if (this.#ports.isFull()) this.pause();
        return;
      case "setback":
        // A way that is barred tells more than the loss that it was found by.
        if (isBarred(effect.setback) && this.#state.memory.down !== undefined)
          hooks.explained("path");
        this.#isStarved = isStarving(effect.setback);
        emit(setbackEvent(line, effect, this.#state.memory.attempt, hooks.sessions()));
        return hooks.setback(this, effect.setback);
      case "gap-opened": {
        const { cause, sinceMs } = effect.down;
        if (!this.#ports.isOverflowing()) this.#share.prove(sinceMs);
        const seen = this.#isSuperseded ? "moved" : causeOf(cause, this.fate);
        this.#share.sessionEnded(cause === "stopped" ? this.#stopCause : seen, sinceMs);
        return hooks.ended(this);
      }
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
        if (effect.cause !== "stopped") this.#ports.failed(effect.cause);
        return;
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
    const { leaveChannel } = this.#ports;
    const is = this.#channel?.is;
    if (this.#state.memory.down !== undefined || this.#ports.carriage.isPending(this.id))
      this.#share.channelLeft(is === undefined || is === "given-up" ? "channel-gone" : is);
    if (is !== undefined) leaveChannel(is);
    this.#channel = { channel, is: "given-up" };
    this.#share.reset();
  }

  async #check(epoch: number, channel: Channel, signal: AbortSignal): Promise<Input> {
    const found = await lookFor(channel, this.#ports.notifications, signal);
    if (found === "gone") this.#channelIsGone();
    return { type: "checked", epoch, channel: found === "refused" ? "gone" : found };
  }

  /** The service does not have the channel any more: why, as far as can be told. */
  #channelIsGone(): void {
    const channel = this.#channel?.channel;
    if (channel === undefined) return;
    const is = fateOf(channel, this.#ports.elapsed.nowMs(), this.#ports.isCrowded());
    this.#channel = { channel, is };
    this.#ports.hooks.explained(is === "given-up" ? "token" : is);
  }

  #dial(epoch: number, channel: Channel): void {
    const { clock, line, hooks } = this.#ports;
    this.#work = new AbortController();
    hooks.dialled(this);
    this.#socket = dialTraced(this.#ports, channel, {
      opened: () => {
        this.#hasHeard = true;
        this.#input({ type: "opened", epoch });
      },
      heard: (text) => {
        this.#hasHeard = true;
        const frame = parseFrame(text, line, clock.wallMs());
        if (frame.type === "notification") hooks.offer(this, frame);
        else this.#heardFrame(frame, epoch);
      },
      lost: (loss) => {
        this.#socket = undefined;
        this.#input({ type: "lost", epoch, loss });
      },
    });
  }

  #heardFrame(frame: Frame, epoch: number): void {
    switch (frame.type) {
      case "pong":
        this.#input({ type: "ponged", epoch });
        // The first one moves no proof, yet all that was sent while the socket opened has arrived.
        return this.#proved();
      case "heartbeat":
        return this.#input({ type: "beat", epoch });
      case "notice":
        if (frame.topic === "v2.system.socket_closing") this.#announced();
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
    const { line, elapsed, emit, hasRoom, overflowed } = this.#ports;
    if (!hasRoom()) return overflowed(this.#state.provenAtMs);
    emit({
      type: "warning",
      line,
      error: new TrunklineError("FRAME_MALFORMED", `A frame was malformed (${detail}).`),
    });
    this.#share.broken("malformed", this.#state.provenAtMs);
    this.#share.closeGaps(elapsed.nowMs());
  }

  #announced(): void {
    const { elapsed, hooks, policy } = this.#ports;
    if (!this.isLive || this.#closesAtMs !== undefined) return;
    this.#closesAtMs = elapsed.nowMs() + policy.closingGraceMs;
    hooks.announced(this);
  }

  /**
   * A proof is told only where it claims nothing that was refused, and where there is room: a later
   * one says the same and more.
   */
  #tellProof(): void {
    const { hasRoom, isOverflowing } = this.#ports;
    if (this.#state.kind !== "live") return;
    if (!isOverflowing() && hasRoom()) this.#share.prove(this.#state.provenAtMs);
    this.#proved();
  }

  #proved(): void {
    if (this.#state.kind !== "live") return;
    const { hasPonged, provenAtMs, openedAtMs } = this.#state;
    if (hasPonged || provenAtMs > openedAtMs) this.#ports.hooks.proved(this, provenAtMs);
  }

  /** Our own goodbye: a closing handshake, for which nobody waits long. */
  #close(): void {
    this.#work.abort();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #keepInStep(epoch: number, channel: Channel): void {
    const { signal } = this.#work;
    void this.#share.keepInStep(channel, this.openedAtMs, signal).then((end) => {
      if (end !== "channel-gone" || signal.aborted) return;
      this.#channelIsGone();
      this.#input({ type: "condemned", epoch });
    });
  }
}
