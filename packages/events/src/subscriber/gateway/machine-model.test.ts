/**
 * The machine against a gateway that cuts, refuses, repeats itself, falls silent and forgets its journal, in any order: the
 * reader gets every entry once and in order, or a gap says since when nothing is known.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ErrorMessage, ServerMessage } from "../../server-messages.ts";
import type { Told } from "../backend.ts";
import { SubscriberError } from "../errors.ts";
import { aGap, anEvent, subscribedAt } from "../testing/messages.ts";
import { initial, nextDeadlineMs, step } from "./machine.ts";
import { defaultPolicy } from "./policy.ts";
import type { Effect, Input, State } from "./state.ts";

/** What an entry of the journal is; `other` is nothing to this subscription. */
type Kind = "event" | "gap" | "other";

type Move =
  | { readonly do: "grow"; readonly kinds: readonly Kind[] }
  | { readonly do: "hear"; readonly count: number }
  | { readonly do: "repeat" | "late" | "beat" | "uncarried" | "cut" | "garble" | "announce" }
  | { readonly do: "refuse"; readonly code: "TOKEN_EXPIRED" | "UNAVAILABLE" | "SILENT" }
  | { readonly do: "pause" | "resume" | "forget" | "deny" }
  | { readonly do: "wait"; readonly ms: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    do: fc.constant("grow" as const),
    kinds: fc.array(fc.constantFrom<Kind>("event", "event", "gap", "other"), {
      minLength: 1,
      maxLength: 5,
    }),
  }),
  fc.record({ do: fc.constant("hear" as const), count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({
    do: fc.constantFrom(
      "repeat" as const,
      "late" as const,
      "beat" as const,
      "uncarried" as const,
      "cut" as const,
      "garble" as const,
      "announce" as const,
    ),
  }),
  fc.record({
    do: fc.constant("refuse" as const),
    code: fc.constantFrom("TOKEN_EXPIRED" as const, "UNAVAILABLE" as const, "SILENT" as const),
  }),
  fc.record({
    do: fc.constantFrom("pause" as const, "resume" as const, "forget" as const, "deny" as const),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
);

const policy = { ...defaultPolicy, refusalsMax: 1_000, attemptsMax: 5 };

/** A gateway, its journal, and the machine at the other end. */
class World {
  readonly told: Told[] = [];
  #state: State = initial(undefined);
  #nowMs = 0;
  readonly journals = new Map<string, (ServerMessage | undefined)[]>();
  #journal = this.#newJournal("j1");
  /** What is on its way to the client. */
  #socket: { readonly epoch: number; readonly due: ServerMessage[]; follows: boolean } | undefined;
  #heard: ServerMessage | undefined;
  #denies = false;

  play(moves: readonly Move[]): void {
    this.#take({ type: "started" });
    for (const each of moves) this.#move(each);
    // Then all is well, and the reader has room.
    this.#denies = false;
    this.#take({ type: "resumed" });
    for (let turn = 0; turn < 200 && !this.isIdle; turn++) {
      this.#hear(1_000);
      if (!this.isIdle) this.#wait((nextDeadlineMs(this.#state, { policy }) ?? 0) - this.#nowMs);
    }
  }

  #newJournal(name: string): { name: string; entries: (ServerMessage | undefined)[] } {
    const entries: (ServerMessage | undefined)[] = [];
    this.journals.set(name, entries);
    return { name, entries };
  }

  /** The entry after a cursor that is of any concern, and its position. */
  after(cursor: string): string | undefined {
    const [name = "", position] = cursor.split("-");
    const entries = this.journals.get(name) ?? [];
    const index = entries.findIndex((entry, at) => at >= Number(position) && entry !== undefined);
    return index === -1 ? undefined : `${name}-${index + 1}`;
  }

  get end(): string {
    return this.#cursor(this.#journal.entries.length);
  }

  /** Subscribed, and nothing is on its way. */
  get isIdle(): boolean {
    return this.#state.kind === "live" && this.#socket?.due.length === 0;
  }

  #cursor(position: number): string {
    return `${this.#journal.name}-${position}`;
  }

  #move(next: Move): void {
    const { epoch } = this.#state.memory;
    switch (next.do) {
      case "grow":
        for (const kind of next.kinds) {
          const cursor = this.#cursor(this.#journal.entries.length + 1);
          const entry =
            kind === "other" ? undefined : kind === "event" ? anEvent(cursor) : aGap(cursor);
          this.#journal.entries.push(entry);
          if (this.#socket?.follows === true && entry !== undefined) this.#socket.due.push(entry);
        }
        return;
      case "hear":
        return this.#hear(next.count);
      case "repeat":
        if (this.#heard !== undefined && this.#state.kind === "live")
          this.#take({ type: "heard", epoch, message: this.#heard });
        return;
      case "late":
        return this.#take({
          type: "heard",
          epoch: epoch - 1,
          message: anEvent(this.#cursor(9_999)),
        });
      case "beat":
        if (this.#socket?.follows === true)
          this.#socket.due.push({ type: "heartbeat", time: "", cursor: this.end });
        return;
      case "uncarried":
        if (this.#socket?.follows === true)
          this.#socket.due.push(aGap(this.end, { id: "uncarried", cause: "unsubscribed" }));
        return;
      case "cut":
        this.#socket = undefined;
        return this.#take({
          type: "lost",
          epoch,
          error: new SubscriberError("CONNECTION_LOST", "cut"),
        });
      case "garble":
        return this.#take({ type: "garbled", epoch });
      case "announce":
        this.#socket?.due.push({
          type: "closing",
          code: "SHUTTING_DOWN",
          message: "",
          inMs: 100,
          retryAfterMs: 700,
        });
        return;
      case "refuse":
        this.#socket?.due.push(refusal(next.code));
        return;
      case "pause":
        return this.#take({ type: "paused" });
      case "resume":
        return this.#take({ type: "resumed" });
      case "forget":
        // The relay comes back with another journal, that has other entries.
        this.#heard = undefined;
        this.#journal = this.#newJournal(`${this.#journal.name}x`);
        return this.#move({ do: "cut" });
      case "deny":
        this.#denies = !this.#denies;
        return;
      case "wait":
        return this.#wait(next.ms);
      default:
        return next satisfies never;
    }
  }

  #hear(count: number): void {
    for (let n = 0; n < count; n++) {
      const message = this.#socket?.due.shift();
      if (this.#socket === undefined || message === undefined) return;
      if ("type" in message && message.type === "event") this.#heard = message;
      this.#take({ type: "heard", epoch: this.#socket.epoch, message });
    }
  }

  #wait(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const atMs = nextDeadlineMs(this.#state, { policy });
      if (atMs === undefined || atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, atMs);
      this.#take({ type: "woke" });
    }
    this.#nowMs = untilMs;
  }

  #take(input: Input): void {
    const request = {
      eventTypes: ["user:presence"],
      filters: {},
      since: undefined,
      onCursorTooOld: "gap",
      consumer: undefined,
    } as const;
    const env = { nowMs: this.#nowMs, wallMs: 0, random: () => 0.5, policy, request };
    const { state, effects } = step(this.#state, input, env);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case "authorize": {
        const { epoch } = effect;
        const error = new SubscriberError("TOKEN_UNAVAILABLE", "denied");
        return this.#take(
          this.#denies ? { type: "unauthorized", epoch, error } : { type: "authorized", epoch },
        );
      }
      case "dial":
        this.#socket = { epoch: effect.epoch, due: [], follows: false };
        return this.#take({ type: "opened", epoch: effect.epoch });
      case "subscribe": {
        const { since = this.end } = effect;
        const [name, position] = since.split("-");
        if (this.#socket === undefined) return;
        if (name !== this.#journal.name)
          return void this.#socket.due.push(refusal("CURSOR_FOREIGN"));
        this.#socket.due.push(subscribedAt(since));
        const rest = this.#journal.entries.slice(Number(position));
        this.#socket.due.push(...rest.filter((entry) => entry !== undefined));
        this.#socket.follows = true;
        return;
      }
      case "drop":
        this.#socket = undefined;
        return;
      case "tell":
        this.told.push(effect.told);
        return;
      case "authenticate":
      case "keepalive":
      case "ack":
        return;
      default:
        return effect satisfies never;
    }
  }
}

function refusal(code: ErrorMessage["code"]): ErrorMessage {
  return { type: "error", code, message: "", help: "", details: [], contextId: "" };
}

/** Where the reader is after all that it was told, and the first thing that was not in its place. */
function follow(world: World): { readonly at: string; readonly stray: Told | undefined } {
  let at = "";
  for (const each of world.told) {
    if (each.type === "opened" && at === "") at = each.cursor;
    if (each.type === "gap" && each.cause === "cursor-lost") at = each.cursor;
    else if (each.type === "event" || (each.type === "gap" && each.id !== "uncarried")) {
      if (each.cursor !== world.after(at)) return { at, stray: each };
      at = each.cursor;
    }
  }
  return { at, stray: undefined };
}

test("whatever happens, the reader gets every entry once and in order, or is told of a gap", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 120, size: "max" }), (moves) => {
      const world = new World();
      world.play(moves);
      expect(world.isIdle).toBe(true);
      const { at, stray } = follow(world);
      expect(stray).toBeUndefined();
      expect(at.split("-")[0]).toBe(world.end.split("-")[0]);
      expect(world.after(at)).toBeUndefined();
    }),
  );
});
