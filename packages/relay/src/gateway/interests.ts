/**
 * What all subscribers together want, so that the trunks carry it: told when it has changed, a moment
 * later, since subscribers come in crowds. What nobody wants any more is kept for a while, for whoever left may be back.
 */
import type { Subscription } from "@trunkline/events";
import type { Clock } from "../ports.ts";

/** A subscription, and the trunks that may serve it; undefined means all. */
export interface Interest {
  readonly subscription: Subscription;
  readonly trunks: readonly string[] | undefined;
}

export interface InterestPorts {
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  /** Everything that is wanted now, each thing once. */
  readonly changed: (interests: readonly Interest[]) => void;
}

/** Changes are gathered for so long. */
export const gatherMs = 200;
/** What nobody wants any more is carried for so long. */
export const lingerMs = 60_000;

interface Wanted {
  readonly interest: Interest;
  count: number;
  /** When the last one left. */
  leftMs: number | undefined;
}

export class Interests {
  readonly #ports: InterestPorts;
  readonly #wanted = new Map<string, Wanted>();
  readonly #stopping = new AbortController();
  #phase: "quiet" | "gathering" = "quiet";

  constructor(ports: InterestPorts) {
    this.#ports = ports;
  }

  /** Whether something has changed that nobody was told of yet. */
  get isGathering(): boolean {
    return this.#phase === "gathering";
  }

  /** Somebody wants this; the returned function says that they no longer do. */
  add(interest: Interest): () => void {
    const key = JSON.stringify([interest.subscription, interest.trunks]);
    const wanted = this.#wanted.get(key) ?? { interest, count: 0, leftMs: undefined };
    const isNew = !this.#wanted.has(key);
    this.#wanted.set(key, wanted);
    wanted.count++;
    wanted.leftMs = undefined;
    if (isNew) this.#gather();
    let isWanted = true;
    return () => {
      if (!isWanted) return;
      isWanted = false;
      if (--wanted.count === 0) this.#linger(key, wanted);
    };
  }

  stop(): void {
    this.#stopping.abort();
  }

  #gather(): void {
    if (this.#phase === "gathering") return;
    this.#phase = "gathering";
    const { clock, changed } = this.#ports;
    const { signal } = this.#stopping;
    void clock.sleep(gatherMs, signal).then(() => {
      this.#phase = "quiet";
      if (signal.aborted) return;
      changed([...this.#wanted.values()].map(({ interest }) => interest));
    });
  }

  #linger(key: string, wanted: Wanted): void {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    const leftMs = (wanted.leftMs = clock.monotonicMs());
    void clock.sleep(lingerMs, signal).then(() => {
      if (signal.aborted || wanted.leftMs !== leftMs) return;
      this.#wanted.delete(key);
      this.#gather();
    });
  }
}
