/** What a sink was given: at least once all that was stored, in order per key, and no gap passed. */
import assert from "node:assert/strict";
import type { Stored } from "./books.ts";

export class SinkBook {
  readonly #name: string;
  readonly #wants: (topic: string) => boolean;
  /** Every position up to here has arrived, or was refused. */
  #done = 0;
  /** Beyond it. */
  readonly #ahead = new Set<number>();
  /** Gaps that have not come, in their order. */
  readonly #gaps: number[] = [];
  /** Key → the newest that has come of it. */
  readonly #newest = new Map<string, number>();
  #cursor = 0;
  delivered = 0;
  repeated = 0;
  refused = 0;

  /** @param wants which topics it is to get */
  constructor(name: string, wants: (topic: string) => boolean) {
    this.#name = name;
    this.#wants = wants;
  }

  get done(): number {
    return this.#done;
  }

  /** Something was stored: an event, or a gap of some topics. */
  expect(position: number, topics: readonly string[], isGap: boolean): void {
    if (!topics.some((topic) => this.#wants(topic))) this.#finish(position);
    else if (isGap) this.#gaps.push(position);
  }

  arrive(position: number, stored: Stored | undefined): void {
    if (position <= this.#done || this.#ahead.has(position)) {
      this.repeated++;
      return;
    }
    assert.ok(stored !== undefined, `${this.#name}: ${position} is remembered`);
    const [gap = Number.POSITIVE_INFINITY] = this.#gaps;
    assert.ok(position <= gap, `${this.#name}: ${position} has passed the gap at ${gap}`);
    if (stored.key === undefined) {
      const { length } = this.#gaps;
      assert.equal(this.#done, position - 1, `${this.#name}: the gap at ${position} is too early`);
      assert.ok(length > 0, `${this.#name}: ${position} is a gap`);
      this.#gaps.shift();
    } else {
      const newest = this.#newest.get(stored.key) ?? 0;
      assert.ok(position > newest, `${this.#name}: ${position} came after ${newest} of its key`);
      this.#newest.set(stored.key, position);
    }
    this.delivered++;
    this.#finish(position);
  }

  refuse(position: number): void {
    if (position <= this.#done || this.#ahead.has(position)) return;
    this.refused++;
    if (this.#gaps[0] === position) this.#gaps.shift();
    this.#finish(position);
  }

  /** A cursor moves only after the sink's own write, and never back. */
  checkCursor(position: number): void {
    assert.ok(
      position <= this.#done,
      `${this.#name}: the cursor is at ${position}, and ${this.#done + 1} has not come`,
    );
    assert.ok(position >= this.#cursor, `${this.#name}: the cursor went back to ${position}`);
    this.#cursor = position;
  }

  #finish(position: number): void {
    this.#ahead.add(position);
    while (this.#ahead.delete(this.#done + 1)) this.#done++;
  }
}
