/**
 * The oracle of coverage: keeps, from the stream of one client alone, what a relay would keep, and
 * checks every claim in its place: whoever stops reading here must not have been told too much.
 */
import assert from "node:assert/strict";
import type { ClientEvent, GapEvent, NotificationEvent } from "@trunkline/client";
import type { Ledger } from "@trunkline/mock";

import { epochMs } from "./network.ts";

/** An event as the cloud's ledger has it, in the client's clock. */
interface Emitted {
  readonly id: string;
  readonly atMs: number;
}

/** One interval of a topic, as the stream tells it. */
interface Interval {
  readonly topic: string;
  readonly line: number;
  readonly fromMs: number;
  untilMs: number;
  provenMs: number;
}

interface Gap {
  readonly fromMs: number;
  toMs: number;
}

/** Bounds of gaps are rounded to whole milliseconds. */
const roundingMs = 1;

export class CoverageOracle {
  readonly #ledger: Pick<Ledger, "query">;
  readonly #skewMs: number;
  /** Topic key → what was emitted, in order of time. */
  readonly #emitted = new Map<string, Emitted[]>();
  #sequence = 0;
  readonly #delivered = new Set<string>();
  /** Topic key → the interval that runs. */
  readonly #running = new Map<string, Interval>();
  readonly #intervals: Interval[] = [];
  /** Topic key → gaps, by id. */
  readonly #gaps = new Map<string, Map<string, Gap>>();
  /** Topic key → up to where its events were checked in their place in the stream. */
  readonly #checkedMs = new Map<string, number>();
  /** Line → its last proof, and the last confirmation that was told with one. */
  readonly #provenMs = new Map<number, number>();
  readonly #confirmedMs = new Map<number, number>();
  /** Events inside intervals that were claimed to be settled, by the stream. */
  claims = 0;

  /** @param skewMs the client's wall clock minus the cloud's */
  constructor(ledger: Pick<Ledger, "query">, skewMs: number) {
    this.#ledger = ledger;
    this.#skewMs = skewMs;
  }

  /** An event was handed over. */
  deliver(id: string): void {
    this.#delivered.add(id);
  }

  /** Anything else was. */
  take(event: Exclude<ClientEvent, NotificationEvent>): void {
    switch (event.type) {
      case "subscribed":
        return event.topics.forEach((topic) => this.#begin(topic, event.line, event.fromMs));
      case "unsubscribed":
        this.#read();
        return event.topics.forEach((topic) => this.#finish(topic, event.line, event.untilMs));
      case "proof":
        return this.#prove(event.line, event.untilMs, event.confirmedMs);
      case "gap":
        return this.#takeGap(event);
      case "connected":
      case "disconnected":
      case "rejected":
      case "budget":
      case "identified":
      case "rotated":
      case "warning":
      case "trace":
        return;
    }
  }

  /**
   * When the stream has ended: every event that was emitted inside what was proven at any time has
   * been delivered, or lies in a gap, told before or after; and what was carried at the end is in a
   * gap that is open.
   */
  finish(wanted: readonly string[]): void {
    this.#read();
    for (const topic of wanted)
      assert.ok(this.isOpen(topic), `${topic}: closed, and no gap says so`);
    for (const { topic, fromMs, untilMs, provenMs } of this.#intervals) {
      this.#check(topic, fromMs, Math.min(untilMs, provenMs), "in the end");
    }
    assert.equal(this.#running.size, 0, "at the end of the stream no interval runs");
  }

  /** Whether a topic is in an open gap, as far as has been told. */
  isOpen(topic: string): boolean {
    const gaps = this.#gaps.get(topic.toLowerCase())?.values() ?? [];
    return [...gaps].some(({ toMs }) => toMs === Number.POSITIVE_INFINITY);
  }

  #begin(topic: string, line: number, fromMs: number): void {
    const key = topic.toLowerCase();
    assert.ok(!this.#running.has(key), `${topic}: the interval before has ended`);
    assert.ok(!this.isOpen(topic), `${topic}: no interval begins in an open gap`);
    const provenMs = Math.max(fromMs, this.#provenMs.get(line) ?? 0);
    const interval = { topic, line, fromMs, untilMs: Number.POSITIVE_INFINITY, provenMs };
    this.#running.set(key, interval);
    this.#intervals.push(interval);
  }

  /** At its end an interval is settled up to its end: delivered, or in a gap that was told. */
  #finish(topic: string, line: number, untilMs: number): void {
    const key = topic.toLowerCase();
    const interval = this.#running.get(key);
    assert.ok(interval !== undefined && interval.line === line, `${topic}: ends on its line`);
    assert.ok(untilMs >= interval.fromMs, `${topic}: ends after its beginning`);
    this.#running.delete(key);
    interval.untilMs = untilMs;
    interval.provenMs = untilMs;
    this.#settle(interval, Math.min(untilMs, this.#confirmedMs.get(line) ?? 0));
  }

  #prove(line: number, untilMs: number, confirmedMs: number): void {
    this.#read();
    this.#provenMs.set(line, untilMs);
    this.#confirmedMs.set(line, confirmedMs);
    for (const interval of this.#running.values()) {
      if (interval.line !== line) continue;
      const { topic } = interval;
      assert.ok(!this.isOpen(topic), `${topic}: a proof is told in an open gap`);
      interval.provenMs = Math.max(interval.provenMs, untilMs);
      this.#settle(interval, Math.min(untilMs, confirmedMs));
    }
  }

  /** What is proven and lies before the last confirmation, nothing that is told later may take back. */
  #settle({ topic, fromMs }: Interval, settledMs: number): void {
    const key = topic.toLowerCase();
    const sinceMs = Math.max(fromMs, this.#checkedMs.get(key) ?? 0);
    this.claims += this.#check(topic, sinceMs, settledMs, "in its place");
    this.#checkedMs.set(key, Math.max(sinceMs, settledMs));
  }

  #takeGap({ id, state, topics, fromMs, toMs }: GapEvent): void {
    for (const topic of topics) {
      const key = topic.toLowerCase();
      const gaps = this.#gaps.get(key) ?? new Map<string, Gap>();
      this.#gaps.set(key, gaps);
      const known = gaps.get(id);
      if (state === "open") gaps.set(id, { fromMs, toMs: Number.POSITIVE_INFINITY });
      else if (known !== undefined) known.toMs = toMs ?? known.toMs;
    }
  }

  /** What was emitted in (fromMs, untilMs) has come, or lies in a gap that has been told. */
  #check(topic: string, fromMs: number, untilMs: number, when: string): number {
    const key = topic.toLowerCase();
    const gaps = [...(this.#gaps.get(key)?.values() ?? [])];
    const emitted = this.#emitted.get(key) ?? [];
    let count = 0;
    for (let index = firstAfter(emitted, fromMs); index < emitted.length; index++) {
      const { id, atMs } = emitted[index] ?? { id: "", atMs: untilMs };
      if (atMs >= untilMs) break;
      count++;
      if (this.#delivered.has(id)) continue;
      const isTold = gaps.some(
        (gap) => gap.fromMs - roundingMs <= atMs && atMs <= gap.toMs + roundingMs,
      );
      assert.ok(
        isTold,
        `${topic}: missing ${id}, sent at ${this.#told(atMs)}, ${when}, though claimed until ${this.#told(untilMs)}`,
      );
    }
    return count;
  }

  /** An instant on the clock of the story. */
  #told(atMs: number): number {
    return Math.round(atMs - this.#skewMs - epochMs);
  }

  /** What the ledger has got since. */
  #read(): void {
    for (const entry of this.#ledger.query({ since: this.#sequence }).entries) {
      this.#sequence = entry.sequence;
      const key = entry.topic.toLowerCase();
      const list = this.#emitted.get(key) ?? [];
      this.#emitted.set(key, list);
      list.push({ id: entry.correlationId, atMs: entry.atMs + this.#skewMs });
    }
  }
}

/** The first place after an instant in a list that is in order of time. */
function firstAfter(emitted: readonly Emitted[], atMs: number): number {
  let low = 0;
  let high = emitted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((emitted[middle]?.atMs ?? 0) > atMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
