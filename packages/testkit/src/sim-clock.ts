/**
 * A world where time passes only when nothing else can happen. Timers fire in the order of their
 * instants, and of their setting where those are equal; between two of them every promise settles.
 */
export class SimClock {
  #nowMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  /** A binary heap by instant and order. */
  readonly #heap: Timer[] = [];

  /** @param wallMs what the wall clock shows at the start */
  constructor(wallMs = 0) {
    this.#wallOffsetMs = wallMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  /** Steps the wall clock, as NTP or a person would. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#heap.filter((timer) => timer.fire !== undefined).length;
  }

  /** Calls back at an instant; the returned function takes that back. */
  at(atMs: number, fire: () => void): () => void {
    const timer: Timer = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, fire };
    this.#push(timer);
    return () => {
      timer.fire = undefined;
    };
  }

  /** Resolves after `ms`, or as soon as the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const onAbort = (): void => {
        cancel();
        resolve();
      };
      const cancel = this.at(this.#nowMs + ms, () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Lets time pass until `endMs`, or until `stop` says so. */
  async runUntil(endMs: number, stop: () => boolean = () => false): Promise<void> {
    await settled();
    while (!stop()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > endMs) {
        this.#nowMs = Math.max(this.#nowMs, endMs);
        return;
      }
      this.#pop();
      if (next.fire === undefined) continue;
      this.#nowMs = next.atMs;
      next.fire();
      await settled();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, timer)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      if (left === undefined) break;
      const right = heap[2 * index + 2];
      const child = right !== undefined && before(right, left) ? 2 * index + 2 : 2 * index + 1;
      const lower = child === 2 * index + 1 ? left : right;
      if (lower === undefined || before(last, lower)) break;
      heap[index] = lower;
      index = child;
    }
    heap[index] = last;
  }
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

function before(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Every promise that can settle without time passing has settled, as long as nothing does real I/O. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
