/** Things to happen at instants, in order, without promises: for tests of what is pure. */
export class Agenda {
  nowMs = 0;
  #items: { readonly atMs: number; readonly act: () => void }[] = [];

  at(atMs: number, act: () => void): void {
    this.#items.push({ atMs: Math.max(atMs, this.nowMs), act });
  }

  /** Until nothing is left; what repeats itself ends after a minute. */
  run(endMs = 60_000): void {
    for (;;) {
      let first = 0;
      for (let index = 1; index < this.#items.length; index++)
        if ((this.#items[index]?.atMs ?? 0) < (this.#items[first]?.atMs ?? 0)) first = index;
      const [item] = this.#items.splice(first, 1);
      if (item === undefined || item.atMs > endMs) return;
      this.nowMs = item.atMs;
      item.act();
    }
  }
}
