/**
 * Turns at something that can do one thing at a time and cannot be interrupted, such as a file. Who
 * has waited too long gives up; what was begun goes on, and the next turn comes after its end. So
 * nothing that was given up ever lands later than what is done afterwards.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  /** The signal of the work that is being done. */
  #current: AbortSignal | undefined;

  /** Whether work was given up that has not ended. */
  get isStuck(): boolean {
    return this.#current?.aborted === true;
  }

  /**
   * Does the work when all earlier work has ended, and resolves with what came of it.
   * @throws the signal's reason as soon as it aborts; work that has not begun is then not done
   */
  take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      this.#current = signal;
      return work();
    });
    const end = (): void => {
      this.#current = undefined;
    };
    this.#last = turn.then(end, end);
    return unlessAborted(turn, signal);
  }
}

/** @throws the signal's reason, as soon as it aborts */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error("aborted"));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const forget = (): void => signal.removeEventListener("abort", onAbort);
    work.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(error);
      },
    );
  });
}
