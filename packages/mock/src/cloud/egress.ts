/**
 * The way out of one socket on which faults of frames stand: frames are dropped, cut short, doubled, held back or set
 * aside here, and the ledger is told what became of each. A socket without such faults has no egress.
 */
import type { Deadline, Deadlines } from "./deadlines.ts";
import type { Dice } from "./dice.ts";
import type { FrameFate } from "./fault-book.ts";
import type { Frame } from "./frame.ts";
import type { OpenDelivery } from "./ledger.ts";

/** A frame that was set aside leaves after the next one, or after so long. */
export const setAsideMs = 1000;

export interface EgressPorts {
  readonly deadlines: Deadlines;
  readonly dice: Dice;
  /** Frames held at a time; beyond it the oldest leaves at once. */
  readonly heldFramesMax: number;
  readonly isSilenced: () => boolean;
  readonly wire: (frame: Frame, fragments: number) => void;
}

interface HeldFrame {
  readonly frame: Frame;
  readonly delivery: OpenDelivery | undefined;
  readonly fate: FrameFate;
  readonly enteredAtMs: number;
  /** Not before; and not before those that entered earlier. */
  readonly leavesAtMs: number;
}

export class Egress {
  readonly #ports: EgressPorts;
  /** In the order in which they leave. */
  readonly #queue: HeldFrame[] = [];
  #exit: Deadline | undefined;
  #aside: HeldFrame | undefined;
  #asideExit: Deadline | undefined;
  #ended = false;

  constructor(ports: EgressPorts) {
    this.#ports = ports;
  }

  get held(): number {
    return this.#queue.length + (this.#aside === undefined ? 0 : 1);
  }

  /** One frame is set aside at a time. */
  get mayReorder(): boolean {
    return this.#aside === undefined;
  }

  pass(frame: Frame, delivery: OpenDelivery | undefined, fate: FrameFate, nowMs: number): void {
    if (fate.dropped) return settle(delivery, "dropped");
    const held: HeldFrame = {
      frame: fate.truncated ? this.#cutShort(frame) : frame,
      delivery,
      fate,
      enteredAtMs: nowMs,
      leavesAtMs: nowMs + fate.delayMs,
    };
    if (fate.reordered) this.#setAside(held, nowMs);
    else {
      this.#enqueue(held, nowMs);
      this.#bringBack(nowMs);
    }
    if (this.held <= this.#ports.heldFramesMax) return;
    const oldest = this.#queue.shift();
    if (oldest !== undefined) this.#leave(oldest, nowMs);
  }

  /** The socket is no more: what is still held is lost. */
  end(): void {
    this.#ended = true;
    const { deadlines } = this.#ports;
    deadlines.cancel(this.#exit);
    deadlines.cancel(this.#asideExit);
    for (const { delivery } of this.#queue.splice(0)) settle(delivery, "lost");
    settle(this.#aside?.delivery, "lost");
    this.#aside = undefined;
  }

  /** A frame never overtakes one that entered before it. */
  #enqueue(held: HeldFrame, nowMs: number): void {
    if (this.#queue.length === 0 && held.leavesAtMs <= nowMs) return this.#leave(held, nowMs);
    settle(held.delivery, "held");
    this.#queue.push(held);
    if (this.#queue.length === 1) this.#arm();
  }

  #arm(): void {
    this.#ports.deadlines.cancel(this.#exit);
    const first = this.#queue[0];
    if (first === undefined) return;
    this.#exit = this.#ports.deadlines.set(first.leavesAtMs, (_, nowMs) => {
      for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
        if (next.leavesAtMs > nowMs) break;
        this.#queue.shift();
        this.#leave(next, nowMs);
      }
      this.#arm();
    });
  }

  #setAside(held: HeldFrame, nowMs: number): void {
    settle(held.delivery, "held");
    this.#aside = held;
    this.#asideExit = this.#ports.deadlines.set(nowMs + setAsideMs, (_, atMs) =>
      this.#bringBack(atMs),
    );
  }

  #bringBack(nowMs: number): void {
    const held = this.#aside;
    if (held === undefined) return;
    this.#aside = undefined;
    this.#ports.deadlines.cancel(this.#asideExit);
    this.#enqueue(held, nowMs);
  }

  #leave({ frame, delivery, fate, enteredAtMs }: HeldFrame, nowMs: number): void {
    if (this.#ports.isSilenced()) return settle(delivery, "silenced");
    settle(delivery, fate.truncated ? "garbled" : "sent");
    if (delivery !== undefined && nowMs !== enteredAtMs) delivery.sentAtMs = nowMs;
    // A transport may tell of the socket's end while it is given the first copy.
    for (let copy = 1; copy <= fate.copies && !this.#ended; copy += 1) {
      if (delivery !== undefined && copy > 1) delivery.copies = copy;
      this.#ports.wire(frame, fate.fragments);
    }
  }

  /** At least one character is left, and at least one is missing: no JSON object survives that. */
  #cutShort(frame: Frame): Frame {
    const { text } = frame;
    const length = 1 + this.#ports.dice.below(text.length - 1);
    return { ...frame, text: text.slice(0, length).replace(/[\uD800-\uDBFF]$/u, "") };
  }
}

function settle(delivery: OpenDelivery | undefined, outcome: OpenDelivery["outcome"]): void {
  if (delivery !== undefined) delivery.outcome = outcome;
}
