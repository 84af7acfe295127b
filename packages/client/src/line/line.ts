/**
 * A line: keeps one share of the topics flowing, by one session or two at a time, and one more while
 * one is replaced. What they bring together is handed on once.
 */
import type { TrunklineError } from "../errors.ts";
import type { ClientEvent, GapCause, NotificationEvent } from "../events.ts";
import type { Redundancy } from "../options.ts";
import type { Channel } from "../rest/channel.ts";
import type { Token } from "../rest/tokens.ts";
import type { Turns } from "../rotation/turns.ts";
import type { Entry } from "../topics/entries.ts";
import type { Standing } from "../topics/keeper.ts";
import { Carriage, type CarriagePorts } from "./carriage.ts";
import { Post } from "./post.ts";
import { keyOfEvent, Seam } from "./seam.ts";
import { Slot } from "./slot.ts";
import type { SlotHooks, SlotPorts } from "./slot-ports.ts";

/** What a line needs of the trunk that it belongs to. */
export interface LinePorts
  extends
    Omit<
      SlotPorts,
      | "session"
      | "carriage"
      | "makeChannel"
      | "isOverflowing"
      | "overflowed"
      | "failed"
      | "keepChannel"
      | "hooks"
    >,
    Omit<CarriagePorts, "line" | "heldSinceMs"> {
  readonly redundancy: Redundancy;
  readonly turns: Turns;
  /** Where its rotations lie among those of all lines, from 0 to 1. */
  readonly place: number;
  /** Makes a channel, within the channel budget, with another token than the one given. */
  readonly makeChannel: (
    signal: AbortSignal,
    notWith: () => Token | undefined,
    isFirst: boolean,
  ) => Promise<Channel>;
  /** A channel is used by nobody any more, and may be used again. */
  readonly releaseChannel: (channel: Channel) => void;
  /** Hands a notification on; false when the consumer's queue refuses it. */
  readonly offer: (event: NotificationEvent) => boolean;
  /** The open gaps of the line turn out to have another cause. */
  readonly explained: (line: number, cause: GapCause) => void;
  /** All channels are taken, and a session has none. */
  readonly starved: () => void;
  /** More is proven, or confirmed, than was before. */
  readonly proved: () => void;
  readonly ended: (error: TrunklineError) => void;
}

/** So often doubts lead to pings, at most. */
const hurryEveryMs = 1_000;

export class Line {
  readonly number: number;
  readonly #ports: LinePorts;
  readonly #carriage: Carriage;
  readonly #seam: Seam<NotificationEvent>;
  readonly #posts: readonly Post[];
  #entries: readonly Entry[] = [];
  #slotsMade = 0;
  /** Each dial of a slot is a session of its own to the seam. */
  readonly #dials = new WeakMap<Slot, number>();
  #dialled = 0;
  #wasLive = false;
  /** Since when notifications are refused by the consumer's queue. */
  #overflowSinceMs: number | undefined;
  /** When the sessions were last asked to ping because something was in doubt. */
  #hurriedAtMs = Number.NEGATIVE_INFINITY;
  /** What was paired, and in doubt, when the last rotation was told. */
  #told = { paired: 0, doubtful: 0 };

  constructor(ports: LinePorts) {
    this.number = ports.line;
    this.#ports = ports;
    this.#seam = new Seam(ports.policy.overlapMs / 2, () => this.#proveSoon());
    this.#carriage = new Carriage({ ...ports, heldSinceMs: () => this.#seam.heldSinceMs });
    this.#posts = Array.from({ length: ports.redundancy }, (_, index) => this.#createPost(index));
  }

  /** Whether any session of this line has ever been live. */
  get wasLive(): boolean {
    return this.#wasLive;
  }

  get isLive(): boolean {
    return this.#slots.some(({ isLive }) => isLive);
  }

  /** Whether a channel that still exists is without a socket. */
  get isDown(): boolean {
    return this.#slots.some(({ isDown }) => isDown);
  }

  /** Whether it has no session because all channels are taken: it asks again by itself. */
  get isStarved(): boolean {
    return this.#slots.every(({ isStarved }) => isStarved);
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** What may stand on a channel of the line, wanted or not. */
  get standing(): readonly Entry[] {
    return this.#slots.flatMap(({ share }) => share.standing);
  }

  /** Answers how a topic stands on the line, at its best; for many questions at one time. */
  standings(): (key: string) => Standing | undefined {
    const shares = this.#slots.map(({ share }) => share);
    return (key) => {
      let best: Standing | undefined;
      for (const share of shares) {
        const one = share.standingOf(key);
        if (one?.state === "permitted") return one;
        best ??= one;
      }
      return best;
    };
  }

  /** Whether a live session vouches for a topic. */
  isCarrying(key: string): boolean {
    return this.#slots.some(
      ({ id, isLive, share }) => isLive && this.#carriage.isJoined(id) && share.isPermitted(key),
    );
  }

  /** How many sessions it has, or wants to have, at a time. */
  get sessions(): number {
    return this.#posts.length;
  }

  start(): void {
    for (const post of this.#posts) post.start();
  }

  stop(): void {
    for (const post of this.#posts) post.stop();
  }

  /** Replaces each session by another, one after the other. */
  rotate(): void {
    for (const post of this.#posts) post.rotate();
  }

  /** Proves what it can, as soon as it can: a ping, and the topics read back. */
  prove(): void {
    for (const slot of this.#slots) slot.prove();
  }

  /** Whether all that was sent before an instant is proven, or there is no session that could prove it. */
  isProven(atMs: number): boolean {
    return !this.isLive || this.#carriage.settledMs >= atMs;
  }

  setEntries(entries: readonly Entry[]): void {
    this.#entries = entries;
    for (const { share } of this.#slots) share.want(entries);
  }

  /** The consumer is slow: the sockets are no longer read. */
  pause(): void {
    for (const slot of this.#slots) slot.pause();
  }

  /** The sockets are read again, whether their notifications are taken or refused. */
  resume(): void {
    for (const slot of this.#slots) slot.resume();
  }

  /** The consumer has caught up: what was refused meanwhile is a gap. */
  recordOverflow(): void {
    const sinceMs = this.#overflowSinceMs;
    if (sinceMs === undefined) return;
    this.#overflowSinceMs = undefined;
    for (const slot of this.#slots) slot.share.broken("overflow", sinceMs);
    const nowMs = this.#ports.elapsed.nowMs();
    for (const slot of this.#slots) if (slot.isLive) slot.share.closeGaps(nowMs);
  }

  get #slots(): readonly Slot[] {
    return this.#posts.flatMap(({ slots }) => slots);
  }

  #createPost(index: number): Post {
    const { clock, elapsed, policy, turns, redundancy, place } = this.#ports;
    const post: Post = new Post({
      clock,
      elapsed,
      policy,
      turns,
      // The posts of a line are not replaced at the same time.
      place: (place + index / redundancy) % 1,
      createSlot: () => this.#createSlot(() => post),
      hasTakenOver: ({ id }) => this.#carriage.hasTakenOver(id),
      explained: (cause) => this.#ports.explained(this.number, cause),
      succeeded: (old, next) => this.#carriage.succeed(old.id, next.id),
      released: (slot) => this.#released(slot),
      rotated: (rotation) => {
        const { paired, doubtful } = this.#seam;
        const counts = {
          paired: paired - this.#told.paired,
          doubtful: doubtful - this.#told.doubtful,
        };
        this.#told = { paired, doubtful };
        this.#emit({ type: "rotated", line: this.number, ...rotation, ...counts });
      },
    });
    return post;
  }

  #createSlot(postOf: () => Post): Slot {
    const { makeChannel, releaseChannel, ended } = this.#ports;
    const slot: Slot = new Slot({
      ...this.#ports,
      session: ++this.#slotsMade,
      carriage: this.#carriage,
      makeChannel: (signal) => {
        const post = postOf();
        const isFirst = post.slot === slot && slot.channel === undefined;
        return makeChannel(signal, () => this.#tokenOfOthers(post), isFirst);
      },
      keepChannel: releaseChannel,
      isOverflowing: () => this.#overflowSinceMs !== undefined,
      overflowed: (provenAtMs) => {
        this.#overflowSinceMs ??= provenAtMs;
      },
      failed: ended,
      hooks: this.#hooks(postOf),
    });
    slot.share.want(this.#entries);
    return slot;
  }

  /** The token of the other post: two sessions must not depend on one. */
  #tokenOfOthers(post: Post): Token | undefined {
    return this.#posts.find((other) => other !== post)?.slot.channel?.token;
  }

  #hooks(postOf: () => Post): SlotHooks {
    return {
      dialled: (slot) => {
        this.#dials.set(slot, ++this.#dialled);
        this.#seam.dialled(this.#dialled, this.#ports.elapsed.nowMs());
      },
      opened: (slot) => this.#opened(slot, postOf()),
      proved: (slot, untilMs) => this.#proved(slot, untilMs),
      ended: (slot) => this.#seamEnded(slot),
      setback: (slot, setback) => {
        this.#seamEnded(slot);
        if (slot.isStarved) this.#ports.starved();
        postOf().lost(slot, setback);
      },
      announced: (slot) => postOf().announced(slot),
      offer: (slot, event) => this.#offer(slot, event),
      sessions: () => this.#slots.filter(({ isLive }) => isLive).length,
      explained: (cause) => this.#ports.explained(this.number, cause),
    };
  }

  #released({ channel, fate }: Slot): void {
    if (channel === undefined) return;
    if (fate === "given-up") this.#ports.releaseChannel(channel);
    else this.#ports.leaveChannel(fate);
  }

  #opened(slot: Slot, post: Post): void {
    this.#wasLive = true;
    this.#carriage.opened(slot.id, slot.openedAtMs);
    this.#seam.opened(this.#dialOf(slot), slot.openedAtMs);
    // What the others have brought is proven up to here as soon as it can be.
    for (const other of this.#slots) if (other !== slot) other.prove();
    post.opened(slot);
  }

  #proved(slot: Slot, untilMs: number): void {
    const { elapsed, proved } = this.#ports;
    const nowMs = elapsed.nowMs();
    this.#seam.proven(this.#dialOf(slot), untilMs, nowMs);
    for (const other of this.#slots) {
      if (this.#carriage.isJoined(other.id)) continue;
      if (this.#seam.isSettled(this.#dialOf(other))) {
        this.#carriage.join(other.id, nowMs);
        // The others' proof of what came while it opened settles what the seam still holds of that.
        for (const elder of this.#slots) if (elder !== other) elder.ping();
      } else if (other !== slot && this.#seam.needsProof(this.#dialOf(other))) {
        // What it would prove anyway in a while settles it now.
        other.ping();
      }
    }
    for (const post of this.#posts) post.proved();
    proved();
  }

  /** Something was paired in doubt: proofs end that, so the sessions ping, though not for every arrival. */
  #proveSoon(): void {
    const nowMs = this.#ports.elapsed.nowMs();
    if (nowMs - this.#hurriedAtMs < hurryEveryMs) return;
    this.#hurriedAtMs = nowMs;
    for (const slot of this.#slots) slot.ping();
  }

  #dialOf(slot: Slot): number {
    return this.#dials.get(slot) ?? 0;
  }

  #seamEnded(slot: Slot): void {
    for (const event of this.#seam.ended(this.#dialOf(slot)))
      this.#handOn({ ...event, maybeDuplicate: true });
  }

  #offer(slot: Slot, event: NotificationEvent): void {
    if (!this.#seam.isOpen) return this.#handOn(event);
    const { topic, raw, body } = event;
    const key = keyOfEvent(topic, raw, body);
    const arrival = this.#seam.take(this.#dialOf(slot), key, event, this.#ports.elapsed.nowMs());
    if (arrival === "again") return;
    this.#handOn(arrival === "first" ? event : { ...event, maybeDuplicate: true });
  }

  /** What the consumer's queue refuses came after what is proven of any session. */
  #handOn(event: NotificationEvent): void {
    if (this.#ports.offer(event) || this.#overflowSinceMs !== undefined) return;
    const provenMs = Math.min(...this.#slots.map((slot) => slot.provenMs));
    this.#overflowSinceMs = Number.isFinite(provenMs)
      ? provenMs
      : Math.max(0, this.#carriage.settledMs);
  }

  #emit(event: ClientEvent): void {
    this.#ports.emit(event);
  }
}
