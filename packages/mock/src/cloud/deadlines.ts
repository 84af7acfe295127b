/** One thing that falls due. `index` is its place in the heap, -1 when it is not in it. */
export interface Deadline {
  readonly run: (dueMs: number, nowMs: number) => void;
  readonly order: number;
  atMs: number;
  index: number;
}

/**
 * All deadlines of the model in one indexed heap, so that a wake costs what is due and not what exists.
 * Equal instants run in the order in which they were set: the model is deterministic.
 */
export class Deadlines {
  readonly #heap: Deadline[] = [];
  readonly #onEarlier: () => void;
  #order = 0;

  /** `onEarlier` is called whenever the next deadline has become an earlier one. */
  constructor(onEarlier: () => void = () => {}) {
    this.#onEarlier = onEarlier;
  }

  get size(): number {
    return this.#heap.length;
  }

  nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  set(atMs: number, run: (dueMs: number, nowMs: number) => void): Deadline {
    const deadline: Deadline = { atMs, run, order: this.#order, index: this.#heap.length };
    this.#order += 1;
    this.#heap.push(deadline);
    this.#rise(deadline);
    if (deadline.index === 0) this.#onEarlier();
    return deadline;
  }

  move(deadline: Deadline, atMs: number): void {
    deadline.atMs = atMs;
    if (deadline.index === -1) {
      deadline.index = this.#heap.length;
      this.#heap.push(deadline);
    }
    this.#rise(deadline);
    this.#sink(deadline);
    if (deadline.index === 0) this.#onEarlier();
  }

  cancel(deadline: Deadline | undefined): void {
    if (deadline === undefined || deadline.index === -1) return;
    const last = this.#heap.pop();
    if (last !== undefined && last !== deadline) {
      last.index = deadline.index;
      this.#heap[last.index] = last;
      this.#rise(last);
      this.#sink(last);
    }
    deadline.index = -1;
  }

  /** Runs the earliest deadline if it is due at `nowMs`; says whether there was one. */
  runNext(nowMs: number): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > nowMs) return false;
    this.cancel(first);
    first.run(first.atMs, nowMs);
    return true;
  }

  #rise(deadline: Deadline): void {
    let { index } = deadline;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || !isBefore(deadline, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(deadline, index);
  }

  #sink(deadline: Deadline): void {
    let { index } = deadline;
    for (;;) {
      const leftIndex = index * 2 + 1;
      const left = this.#heap[leftIndex];
      if (left === undefined) break;
      const right = this.#heap[leftIndex + 1];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, deadline)) break;
      const childIndex = child.index;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(deadline, index);
  }

  #place(deadline: Deadline, index: number): void {
    this.#heap[index] = deadline;
    deadline.index = index;
  }
}

function isBefore(one: Deadline, other: Deadline): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
