/**
 * A post of a line: one session, and for a while the one that replaces it. It drives the rotation
 * machine, which decides; with redundancy 2 a line has two posts.
 */
import type { Elapsed } from "../elapsed.ts";
import type { GapCause, RotatedEvent } from "../events.ts";
import type { Clock } from "../ports.ts";
import { initial, nextDeadlineMs, step } from "../rotation/machine.ts";
import type { Effect, Input, On, State, Why } from "../rotation/state.ts";
import type { Turns } from "../rotation/turns.ts";
import type { Policy } from "../session/policy.ts";
import type { Setback } from "../session/state.ts";
import { unreachable } from "../unreachable.ts";
import type { Slot } from "./slot.ts";

export interface PostPorts {
  readonly clock: Clock;
  readonly elapsed: Elapsed;
  readonly policy: Policy;
  readonly turns: Turns;
  /** Where between the first and the last moment for it a session is replaced, from 0 to 1: spreads the lines. */
  readonly place: number;
  readonly createSlot: () => Slot;
  /** Whether all is proven that was sent before the session opened, and pairing with it is exact. */
  readonly hasTakenOver: (slot: Slot) => boolean;
  /** A gap that is open turns out to have another cause. */
  readonly explained: (cause: GapCause) => void;
  /** A slot goes on with the channel of another. */
  readonly succeeded: (old: Slot, next: Slot) => void;
  /** A slot is done with its channel. */
  readonly released: (slot: Slot) => void;
  readonly rotated: (event: Pick<RotatedEvent, "reason" | "channel" | "overlapMs">) => void;
}

/** A session is replaced between these shares of the life of its token, or channel. */
const retireFromShare = 0.8;
const retireToShare = 0.9;

export class Post {
  readonly #ports: PostPorts;
  #slot: Slot;
  #next: Slot | undefined;
  #state: State = initial;
  #alarm = new AbortController();
  #armedAtMs: number | undefined;

  constructor(ports: PostPorts) {
    this.#ports = ports;
    this.#slot = ports.createSlot();
  }

  /** The session that carries, and the one that is to replace it. */
  get slots(): readonly Slot[] {
    return this.#next === undefined ? [this.#slot] : [this.#slot, this.#next];
  }

  get slot(): Slot {
    return this.#slot;
  }

  start(): void {
    this.#slot.start();
  }

  stop(): void {
    this.#input({ type: "stopped" });
    this.#ports.turns.end(this);
    for (const slot of this.slots) slot.stop();
  }

  rotate(): void {
    this.#input({ type: "commanded" });
  }

  opened(slot: Slot): void {
    if (slot === this.#slot) return this.#lived();
    if (slot !== this.#next) return;
    this.#input({ type: "new-opened" });
  }

  proved(): void {
    if (this.#state.kind !== "proving" || this.#next === undefined) return;
    if (this.#ports.hasTakenOver(this.#next)) this.#input({ type: "new-proven" });
  }

  lost(slot: Slot, setback: Setback): void {
    if (slot === this.#slot) {
      // A socket that could not be opened has displaced none: nothing was moved.
      if (this.#next === undefined) this.#ports.explained("closed");
      return this.#input({ type: "old-lost" });
    }
    if (slot !== this.#next) return;
    const isRefused =
      setback.kind === "error" &&
      (setback.error.code === "CHANNELS_TAKEN" || setback.error.code === "CHANNEL_CONTENTION");
    this.#input({ type: isRefused ? "new-refused" : "new-lost" });
  }

  announced(slot: Slot): void {
    const { closesAtMs } = slot;
    if (slot === this.#slot && closesAtMs !== undefined)
      this.#input({ type: "announced", closesAtMs });
  }

  #lived(): void {
    this.#input({ type: "lived", retireByMs: this.#retireByMs() });
    // What was announced to it while it was still the new one holds as well.
    this.announced(this.#slot);
  }

  /** The earlier of what ends the session: its channel, unless that is renewed in time, and its token. */
  #retireByMs(): number {
    const { policy, place } = this.#ports;
    const share = retireFromShare + place * (retireToShare - retireFromShare);
    const { channel } = this.#slot;
    if (channel === undefined) return Number.POSITIVE_INFINITY;
    const { expiresAtMs, lifeMs, token } = channel;
    const isRenewed = policy.renewEveryMs < lifeMs;
    const channelMs = isRenewed ? Number.POSITIVE_INFINITY : expiresAtMs - lifeMs * (1 - share);
    return Math.min(channelMs, token.madeAtMs + token.lifeMs * share);
  }

  #input(input: Input): void {
    const { elapsed, policy } = this.#ports;
    const { state, effects } = step(this.#state, input, { nowMs: elapsed.nowMs(), policy });
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#arm();
  }

  #perform(effect: Effect): void {
    const { turns } = this.#ports;
    switch (effect.type) {
      case "ask-turn":
        return turns.ask(this, () => this.#input({ type: "turn" }));
      case "end-turn":
        return turns.end(this);
      case "start-new":
        return this.#startNew(effect.on);
      case "drop-new":
        return this.#dropNew();
      case "retire-old":
        return this.#retireOld(effect.why, effect.on, effect.openedAtMs);
      default:
        return unreachable(effect);
    }
  }

  #startNew(on: On): void {
    const next = this.#ports.createSlot();
    this.#next = next;
    // The service is about to move the socket: as little as can be is to be in doubt.
    if (on === "same") {
      this.#slot.prove();
      this.#slot.supersede();
    }
    next.start(on === "same" ? this.#slot : undefined);
  }

  #dropNew(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return;
    if (next.channel !== this.#slot.channel) {
      next.retire();
      return this.#ports.released(next);
    }
    next.yield();
    this.#ports.succeeded(next, this.#slot);
  }

  #retireOld({ reason }: Why, on: On, openedAtMs: number): void {
    const old = this.#slot;
    const next = this.#next;
    if (next === undefined) return;
    this.#slot = next;
    this.#next = undefined;
    const overlapMs = this.#ports.elapsed.nowMs() - openedAtMs;
    const channel = next.channel === old.channel ? "same" : "another";
    if (channel === "same") {
      old.yield();
      this.#ports.succeeded(old, next);
    } else if (on === "same") {
      // The new one has found the channel gone, and left it: nobody reads back any more what was on it.
      old.retire("channel-gone");
    } else {
      old.retire();
      this.#ports.released(old);
    }
    this.#ports.rotated({ reason, channel, overlapMs: Math.round(overlapMs) });
    this.#lived();
  }

  /** One timer, for whatever the machine waits for next. */
  #arm(): void {
    const atMs = nextDeadlineMs(this.#state);
    if (atMs === this.#armedAtMs) return;
    this.#alarm.abort();
    this.#armedAtMs = atMs;
    if (atMs === undefined || atMs === Number.POSITIVE_INFINITY) return;
    const alarm = (this.#alarm = new AbortController());
    const { clock, elapsed } = this.#ports;
    void clock.sleep(Math.max(0, atMs - elapsed.nowMs()), alarm.signal).then(() => {
      if (alarm.signal.aborted) return;
      this.#armedAtMs = undefined;
      this.#input({ type: "woke" });
    });
  }
}
