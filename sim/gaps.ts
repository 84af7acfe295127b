/** The gaps of a journal, as its entries tell them, in the cloud's time. */
import assert from "node:assert/strict";

import { epochMs } from "./network.ts";

/** What the journal keeps of a state of a gap. */
export interface StoredGap {
  readonly gapId: string;
  readonly state: string;
  readonly topics: readonly string[];
  readonly fromMs: number;
  readonly toMs?: number | undefined;
  readonly cause: string;
}

interface Gap {
  readonly cause: string;
  fromMs: number;
  toMs: number;
}

/** Bounds are whole milliseconds; simulated instants are not. */
const roundingMs = 1;
const forever = Number.POSITIVE_INFINITY;

export class Gaps {
  /** Topic key → gaps by id. */
  readonly #byTopic = new Map<string, Map<string, Gap>>();
  /** The relay's wall clock minus the cloud's, as it was until now: the least and the most. */
  readonly #skews: number[];
  readonly causes = new Map<string, number>();
  opened = 0;

  constructor(skewMs: number) {
    this.#skews = [skewMs];
  }

  /** The relay's wall clock was set. Bounds may be told in what it showed before or after. */
  step(byMs: number): void {
    this.#skews.push((this.#skews.at(-1) ?? 0) + byMs);
  }

  /** The instant of a reading of the relay's wall clock, at the latest. */
  latest(wallMs: number): number {
    return wallMs - Math.min(...this.#skews);
  }

  store({ gapId, state, topics, fromMs, toMs, cause }: StoredGap): void {
    if (state === "open") {
      this.opened++;
      this.causes.set(cause, (this.causes.get(cause) ?? 0) + 1);
    }
    const beginsMs = fromMs - Math.max(...this.#skews) - roundingMs;
    for (const topic of topics) {
      const key = topic.toLowerCase();
      let gaps = this.#byTopic.get(key);
      if (gaps === undefined) this.#byTopic.set(key, (gaps = new Map()));
      const gap = gaps.get(gapId);
      if (state === "open") {
        assert.ok(gap === undefined || gap.toMs !== forever, `gap ${gapId} opens once for ${key}`);
        gaps.set(gapId, { cause, fromMs: beginsMs, toMs: forever });
        continue;
      }
      assert.ok(gap !== undefined && gap.toMs === forever, `gap ${gapId} closes once for ${key}`);
      assert.ok(toMs !== undefined && toMs >= fromMs, `gap ${gapId} runs forward`);
      gap.fromMs = Math.min(gap.fromMs, beginsMs);
      gap.toMs = this.latest(toMs) + roundingMs;
    }
  }

  holds(topic: string, atMs: number): boolean {
    for (const { fromMs, toMs } of this.#byTopic.get(topic)?.values() ?? [])
      if (fromMs <= atMs && atMs <= toMs) return true;
    return false;
  }

  isOpen(topic: string): boolean {
    for (const { toMs } of this.#byTopic.get(topic)?.values() ?? [])
      if (toMs === forever) return true;
    return false;
  }

  /** Topics that are in an open gap. */
  open(): readonly string[] {
    return [...this.#byTopic.keys()].filter((topic) => this.isOpen(topic));
  }

  /** The gaps before and after an instant, for people. */
  near(topic: string, atMs: number): string {
    const all = [...(this.#byTopic.get(topic) ?? [])];
    const near = all
      .filter(([, { fromMs, toMs }]) => fromMs < atMs + 120_000 && toMs > atMs - 120_000)
      .map(
        ([id, { cause, fromMs, toMs }]) =>
          `  ${id} ${cause}: ${fromMs - epochMs} … ${toMs - epochMs}`,
      );
    return near.join("\n");
  }

  /** What ended before an instant. */
  forget(beforeMs: number): void {
    for (const gaps of this.#byTopic.values())
      for (const [id, { toMs }] of gaps) if (toMs < beforeMs) gaps.delete(id);
  }
}
