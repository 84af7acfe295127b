import type { SimClock } from "./sim-clock.ts";

/**
 * One direction of a simulated connection: what is sent arrives later, in order. It can be stalled
 * (held back, nothing lost), swallowed (silently lost, as by a dead NAT) and broken.
 */
export class Pipe<T> {
  readonly #clock: SimClock;
  readonly #latencyMs: () => number;
  readonly #deliver: (message: T) => void;
  #lastMs = 0;
  #mode: "flowing" | "swallowing" | "broken" = "flowing";
  #held: T[] | undefined;
  /** What was sent at the last instant: it travels together. */
  #flight: T[] = [];
  #flightMs = -1;

  constructor(clock: SimClock, latencyMs: () => number, deliver: (message: T) => void) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
    this.#deliver = deliver;
  }

  send(message: T): void {
    if (this.#mode !== "flowing") return;
    const nowMs = this.#clock.monotonicMs();
    if (this.#flightMs === nowMs && this.#flight.length > 0) {
      this.#flight.push(message);
      return;
    }
    const flight = [message];
    this.#flight = flight;
    this.#flightMs = nowMs;
    this.#lastMs = Math.max(this.#lastMs, nowMs + this.#latencyMs());
    this.#clock.at(this.#lastMs, () => {
      for (const each of flight.splice(0)) this.#arrive(each);
    });
  }

  /** Holds back what arrives, as a receiver that does not read. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const message of held ?? []) this.#arrive(message);
  }

  /** From now on everything is lost, what is on its way included; nobody is told. */
  swallow(): void {
    if (this.#mode === "flowing") this.#mode = "swallowing";
  }

  break(): void {
    this.#mode = "broken";
    this.#held = undefined;
  }

  #arrive(message: T): void {
    if (this.#mode !== "flowing") return;
    if (this.#held === undefined) this.#deliver(message);
    else this.#held.push(message);
  }
}
