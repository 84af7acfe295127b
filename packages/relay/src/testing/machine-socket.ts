/** The machine of a socket of the Event API on virtual time, messages for it, and all that it wants done. */
import { readClientMessage } from "@trunkline/events";
import { nextDeadlineMs, open, step } from "../gateway/connection/machine.ts";
import type { Effect, Env, Input, Received, State, Step } from "../gateway/connection/state.ts";
import type { Grant } from "../gateway/grant.ts";

export const startWallMs = Date.UTC(2026, 10, 21);
const queueId = "7f3a2b10-0c1d-4e5f-8a9b-0c1d2e3f4a5b";

function read(message: unknown): Received {
  const reading = readClientMessage(JSON.stringify(message));
  return reading.message === undefined
    ? { complaints: reading.complaints }
    : { message: reading.message, notices: reading.notices };
}

export const keepalive = read({ type: "keepalive" });
export const ping = read({ message: "ping" });
export const wrong = read({ eventTypes: "user:presence" });
export const auth = read({ type: "auth", data: { token: "a.b.c" } });
export const unsubscribe = read({ type: "unsubscribe", id: "one" });
export const subscribe = (id: string): Received =>
  read({ id, eventTypes: ["user:presence"], filters: { queueId } });

export function grantOf(more: Partial<Grant> = {}): Grant {
  return {
    clientId: "wallboard",
    scopes: ["analytics:events:read"],
    expiresAtMs: startWallMs + 48 * 3_600_000,
    trunks: undefined,
    mayConnect: true,
    mayRead: () => true,
    ...more,
  };
}

/** A socket in virtual time: it is woken at each deadline, as its driver would. */
export class MachineSocket {
  state: State;
  nowMs = 1_000;
  readonly effects: { readonly atMs: number; readonly effect: Effect }[] = [];

  constructor(grant: Grant | undefined, impliedMs?: number) {
    const first = open(grant, this.env, impliedMs);
    this.state = first.state;
    this.#note(first);
  }

  get env(): Env {
    return { nowMs: this.nowMs, wallMs: startWallMs + this.nowMs };
  }

  /** When it is to be woken. */
  get dueMs(): number | undefined {
    return nextDeadlineMs(this.state, this.env);
  }

  get epoch(): number {
    return this.state.kind === "closed" ? -1 : this.state.memory.epoch;
  }

  input(input: Input): readonly Effect[] {
    const next = step(this.state, input, this.env);
    this.state = next.state;
    this.#note(next);
    return next.effects;
  }

  hear(...all: readonly Received[]): void {
    for (const received of all) this.input({ type: "received", received });
  }

  grant(grant: Grant = grantOf()): void {
    this.input({ type: "granted", epoch: this.epoch, grant });
  }

  runTo(atMs: number): void {
    for (;;) {
      const { dueMs } = this;
      if (dueMs === undefined || dueMs > atMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      const before = this.effects.length;
      this.input({ type: "woke" });
      // A deadline that has been dealt with is over; else the driver would spin.
      if ((this.dueMs ?? Number.POSITIVE_INFINITY) <= this.nowMs && this.effects.length === before)
        throw new Error(`at ${this.nowMs} ms it was woken for nothing, and is to be woken again`);
    }
    this.nowMs = atMs;
  }

  run(ms: number): void {
    this.runTo(this.nowMs + ms);
  }

  of<T extends Effect["type"]>(type: T): readonly Extract<Effect, { type: T }>[] {
    return this.effects.flatMap(({ effect }) =>
      effect.type === type ? [effect as Extract<Effect, { type: T }>] : [],
    );
  }

  times(type: Effect["type"]): readonly number[] {
    return this.effects.flatMap(({ atMs, effect }) => (effect.type === type ? [atMs] : []));
  }

  get sent(): readonly unknown[] {
    return this.of("send").map(({ message }) => message);
  }

  /** How it ended: the close, and the refusal right before it. */
  get end(): unknown {
    const at = this.effects.findIndex(({ effect }) => effect.type === "close");
    const close = this.effects[at]?.effect;
    const before = this.effects[at - 1]?.effect;
    if (close?.type !== "close" || before?.type !== "refuse") return undefined;
    return [this.effects[at]?.atMs, close.code, close.reason, before.refusal.code];
  }

  #note({ effects }: Step): void {
    for (const effect of effects) this.effects.push({ atMs: this.nowMs, effect });
  }
}
