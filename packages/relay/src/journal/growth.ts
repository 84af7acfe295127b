/** Who waits for the journal to grow beyond a place. */
interface Waiter {
  readonly after: number;
  readonly resolve: () => void;
}

export class Growth {
  readonly #waiters = new Set<Waiter>();

  /** Resolves with the first `reach` beyond a place, when all are let go, or when the signal aborts. */
  wait(after: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter: Waiter = {
      after,
      resolve: () => {
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", waiter.resolve);
        resolve();
      },
    };
    this.#waiters.add(waiter);
    signal.addEventListener("abort", waiter.resolve);
    return promise;
  }

  reach(head: number): void {
    for (const waiter of this.#waiters) if (head > waiter.after) waiter.resolve();
  }

  letGo(): void {
    for (const waiter of this.#waiters) waiter.resolve();
  }
}
