/** Rotations take turns for the channels that the budget has to spare, first come first served. */
export class Turns {
  readonly #spares: () => number;
  readonly #waiting = new Map<object, () => void>();
  readonly #running = new Set<object>();

  /** @param spares how many channels may be made besides those in use */
  constructor(spares: () => number) {
    this.#spares = spares;
  }

  /** Calls back once there is a channel to spare, never at once. Asking again changes nothing. */
  ask(who: object, granted: () => void): void {
    if (this.#running.has(who) || this.#waiting.has(who)) return;
    this.#waiting.set(who, granted);
    this.look();
  }

  /** A turn, or the place in the queue, is no longer needed. */
  end(who: object): void {
    this.#waiting.delete(who);
    this.#running.delete(who);
    this.look();
  }

  /** There may be more to spare than before. */
  look(): void {
    for (const [who, granted] of this.#waiting) {
      if (this.#running.size >= this.#spares()) return;
      this.#waiting.delete(who);
      this.#running.add(who);
      queueMicrotask(() => {
        if (this.#running.has(who)) granted();
      });
    }
  }
}
