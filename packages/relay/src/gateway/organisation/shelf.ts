/** Things by id that come at once and go late: what is gone stays for a while, so that nothing is dropped that comes back. */
export class Shelf<V> {
  readonly #lingerMs: number;
  readonly #held = new Map<string, V>();
  /** When each of those that are gone is to leave, in elapsed time: the next one first, for all linger equally long. */
  readonly #leaving = new Map<string, number>();
  #values: ReadonlyMap<string, V> | undefined;

  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs;
  }

  /** All that are there, and those that linger. The same map as long as nothing has changed. */
  get values(): ReadonlyMap<string, V> {
    this.#values ??= new Map(this.#held);
    return this.#values;
  }

  get size(): number {
    return this.#held.size;
  }

  /** When the next one is to go; infinite where none lingers. */
  get nextMs(): number {
    for (const atMs of this.#leaving.values()) return atMs;
    return Number.POSITIVE_INFINITY;
  }

  put(id: string, value: V, isSame: (one: V, other: V) => boolean = Object.is): void {
    const before = this.#held.get(id);
    this.#leaving.delete(id);
    if (before !== undefined && isSame(before, value)) return;
    this.#held.set(id, value);
    this.#values = undefined;
  }

  /** It lingers from now on, or from when it did already. */
  leave(id: string, nowMs: number): void {
    if (this.#held.has(id) && !this.#leaving.has(id)) this.#leaving.set(id, nowMs + this.#lingerMs);
  }

  /** All but these leave. */
  keepOnly(ids: { has(id: string): boolean }, nowMs: number): void {
    for (const id of this.#held.keys()) if (!ids.has(id)) this.leave(id, nowMs);
  }

  /** What has lingered long enough goes. */
  sweep(nowMs: number): void {
    for (const [id, atMs] of this.#leaving) {
      if (atMs > nowMs) return;
      this.#leaving.delete(id);
      this.#held.delete(id);
      this.#values = undefined;
    }
  }
}
