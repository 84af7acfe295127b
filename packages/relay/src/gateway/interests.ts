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
  /** Somebody goes on after a cursor of this instant, by the wall clock: what was never carried since is told from then on. */
  readonly fromMs?: number | undefined;
}

/** From when on somebody waits for what is new, by the wall clock. */
export interface Since {
  /** When the first of them asked. */
  readonly askedMs: number;
  /** The earliest instant from which one of them goes on, where one does. */
  readonly fromMs: number | undefined;
}

export interface InterestPorts {
  readonly clock: Pick<Clock, "sleep" | "monotonicMs" | "wallMs">;
  /** Everything that is wanted now, each thing once. */
  readonly changed: (interests: readonly Interest[], since: Since) => void;
}

/** Changes are gathered for so long. */
export const gatherMs = 200;
/** What nobody wants any more is carried for so long. */
export const lingerMs = 60_000;

interface Wanted {
  /** As whoever came first has it: thousands may want the same, and each would keep a text of its own. */
  readonly key: string;
  readonly interest: Interest;
  count: number;
  /** When the last one left. */
  leftMs: number | undefined;
}

export class Interests {
  readonly #ports: InterestPorts;
  readonly #wanted = new Map<string, Wanted>();
  readonly #stopping = new AbortController();
  #fromMs: number | undefined;
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
    const { subscription, trunks, fromMs } = interest;
    const key = JSON.stringify([subscription, trunks]);
    const known = { subscription, trunks };
    const isNew = !this.#wanted.has(key);
    const wanted = this.#wanted.get(key) ?? { key, interest: known, count: 0, leftMs: undefined };
    this.#wanted.set(wanted.key, wanted);
    wanted.count++;
    wanted.leftMs = undefined;
    if (fromMs !== undefined) this.#fromMs = Math.min(fromMs, this.#fromMs ?? fromMs);
    if (isNew || fromMs !== undefined) this.#gather();
    let isWanted = true;
    return () => {
      if (!isWanted) return;
      isWanted = false;
      if (--wanted.count === 0) this.#linger(wanted);
    };
  }

  stop(): void {
    this.#stopping.abort();
  }

  #gather(): void {
    if (this.#phase === "gathering") return;
    this.#phase = "gathering";
    const askedMs = this.#ports.clock.wallMs();
    const { clock, changed } = this.#ports;
    const { signal } = this.#stopping;
    void clock.sleep(gatherMs, signal).then(() => {
      this.#phase = "quiet";
      if (signal.aborted) return;
      const since = { askedMs, fromMs: this.#fromMs };
      this.#fromMs = undefined;
      changed(
        [...this.#wanted.values()].map(({ interest }) => interest),
        since,
      );
    });
  }

  #linger(wanted: Wanted): void {
    const { clock } = this.#ports;
    const { signal } = this.#stopping;
    const leftMs = (wanted.leftMs = clock.monotonicMs());
    void clock.sleep(lingerMs, signal).then(() => {
      if (signal.aborted || wanted.leftMs !== leftMs) return;
      this.#wanted.delete(wanted.key);
      this.#gather();
    });
  }
}
