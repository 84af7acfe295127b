/** A plain model of the journal beside a real one, and what can happen to both. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { eventDraft, MemoryStage } from "./journal-stage.ts";
import type { EventDraft, EventEntry, GapEntry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";

const startMs = 1_700_000_000_000;
const maxAgeMs = 1_000;
const names = ["a", "b"] as const;

export type Command =
  | { readonly kind: "append"; readonly calls: readonly number[]; readonly stepMs: number }
  | { readonly kind: "open"; readonly name: string; readonly share: number }
  | { readonly kind: "advance"; readonly name: string; readonly share: number }
  | { readonly kind: "rewind"; readonly name: string; readonly share: number }
  | { readonly kind: "enable"; readonly name: string; readonly isEnabled: boolean }
  | { readonly kind: "trim"; readonly agoMs: number }
  | { readonly kind: "fail"; readonly errcode: number }
  | { readonly kind: "close" | "kill" };

const name = fc.constantFrom(...names);
export const share = fc.double({ min: 0, max: 1, noNaN: true });
export const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      calls: fc.array(fc.nat(60), { maxLength: 4 }),
      stepMs: fc.nat(20),
    }),
  },
  fc.record({ kind: fc.constant("open" as const), name, share }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("advance" as const), name, share }) },
  fc.record({ kind: fc.constant("rewind" as const), name, share }),
  fc.record({ kind: fc.constant("enable" as const), name, isEnabled: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("trim" as const), agoMs: fc.nat(500) }) },
  fc.record({ kind: fc.constant("fail" as const), errcode: fc.constantFrom(13, 10, 778) }),
  fc.record({ kind: fc.constantFrom("close" as const, "kill" as const) }),
);

interface Consumer {
  position: number;
  isEnabled: boolean;
}

/** What the journal should hold: the entry at position n is the nth, of which the first `gone` are deleted. */
export class World {
  readonly stage = new MemoryStage();
  readonly entries: EventDraft[] = [];
  readonly consumers = new Map<string, Consumer>();
  gone = 0;
  nowMs = startMs;
  journal: Journal | undefined;

  async start(): Promise<Journal> {
    const limits = { batchDraftsMax: 50, trimEntriesMax: 7, topicsMax: 5 };
    this.journal = await this.stage.open({ retention: { maxAgeMs }, limits });
    return this.journal;
  }

  async run(journal: Journal, step: Command): Promise<Journal> {
    switch (step.kind) {
      case "append":
        for (const count of step.calls) void journal.append(this.#drafts(count, step.stepMs));
        if (step.calls.length % 2 === 0) await journal.flush();
        return journal;
      case "open": {
        await journal.flush();
        const position = Math.floor(step.share * this.entries.length);
        await journal.openConsumer(step.name, position);
        if (!this.consumers.has(step.name))
          this.consumers.set(step.name, { position, isEnabled: true });
        return journal;
      }
      case "advance":
      case "rewind": {
        await journal.flush();
        const position = Math.floor(step.share * this.entries.length);
        await this.#move(journal, step.kind, step.name, position);
        return journal;
      }
      case "enable": {
        const consumer = this.consumers.get(step.name);
        if (consumer === undefined) return journal;
        await journal.enableConsumer(step.name, step.isEnabled);
        consumer.isEnabled = step.isEnabled;
        return journal;
      }
      case "trim":
        await journal.flush();
        await journal.trim(this.nowMs + step.agoMs);
        this.#trim(this.nowMs + step.agoMs);
        return journal;
      case "fail":
        return this.#fail(journal, step.errcode);
      case "close":
        await journal.close();
        return this.start();
      case "kill":
        break;
    }
    return this.#kill(journal);
  }

  #drafts(count: number, stepMs: number): readonly EventDraft[] {
    return Array.from({ length: count }, () => {
      this.nowMs += stepMs;
      const draft = eventDraft(this.entries.length, { receivedAtMs: this.nowMs });
      this.entries.push(draft);
      return draft;
    });
  }

  async #move(journal: Journal, how: "advance" | "rewind", who: string, to: number): Promise<void> {
    const consumer = this.consumers.get(who);
    const moved = how === "advance" ? journal.advance(who, to, []) : journal.rewind(who, to);
    if (consumer === undefined) {
      await assert.rejects(moved, { code: "CONSUMER_UNKNOWN" });
      return;
    }
    await moved;
    consumer.position = how === "advance" ? Math.max(consumer.position, to) : to;
  }

  #trim(nowMs: number): void {
    const floors = [...this.consumers.values()]
      .filter(({ isEnabled }) => isEnabled)
      .map(({ position }) => position);
    const floor = Math.min(this.entries.length, ...floors);
    while (this.gone < floor) {
      const entry = this.entries[this.gone];
      if (entry === undefined || entry.receivedAtMs >= nowMs - maxAgeMs) return;
      this.gone++;
    }
  }

  /** The disk fails while something is taken, and heals: nothing that was taken is missing. */
  async #fail(journal: Journal, errcode: number): Promise<Journal> {
    await journal.flush();
    const { disk, clock } = this.stage;
    disk.fault = Object.assign(new Error("disk"), { errcode });
    void journal.append(this.#drafts(3, 1));
    const flushed = journal.flush();
    await clock.runUntil(clock.monotonicMs() + 20_000);
    assert.deepEqual(
      journal.status().failure?.error.code,
      errcode === 13 ? "JOURNAL_FULL" : "JOURNAL_UNWRITABLE",
    );
    assert.deepEqual(journal.head, this.entries.length - 3);
    disk.fault = undefined;
    await clock.runUntil(clock.monotonicMs() + 5_000);
    await flushed;
    assert.deepEqual(journal.status().failure, undefined);
    return journal;
  }

  /** What was not flushed may be there or not, but only from the front, and in whole. */
  async #kill(journal: Journal): Promise<Journal> {
    const told = journal.head;
    await this.stage.kill();
    const next = await this.start();
    assert.deepEqual(next.wasClosed, false);
    assert(next.head >= told);
    assert(next.head <= this.entries.length);
    this.entries.length = next.head;
    return next;
  }

  async check(journal: Journal, after: number): Promise<void> {
    const head = this.entries.length;
    assert.deepEqual([journal.head, journal.status().oldest], [head, this.gone + 1]);
    const consumers = [...this.consumers]
      .map(([consumer, state]) => ({ name: consumer, ...state, deadLetters: 0 }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    assert.deepEqual(await journal.consumers(), consumers);
    const { entries, next } = await journal.read({ after, limit: 10_000 });
    assert.deepEqual(next, Math.max(after, head));
    const missed = this.entries.slice(after, this.gone);
    const first = Math.max(after, this.gone);
    const kept = entries.filter((entry): entry is EventEntry => entry.kind === "event");
    assert.deepEqual(
      kept.map(({ position, topic, raw, receivedAtMs }) => [position, topic, raw, receivedAtMs]),
      this.entries
        .slice(first)
        .map(({ topic, raw, receivedAtMs }, index) => [
          first + index + 1,
          topic,
          raw,
          receivedAtMs,
        ]),
    );
    const gaps = entries.filter((entry): entry is GapEntry => entry.kind === "gap");
    assert.deepEqual(gaps.length, missed.length > 0 ? 1 : 0);
    for (const gap of gaps) {
      assert.deepEqual(entries[0], gap);
      assert.deepEqual(gap.position, this.gone);
      assert.deepEqual(gap.topics, [...new Set(missed.map(({ topic }) => topic))].sort());
      for (const { receivedAtMs } of missed) {
        assert(gap.fromMs <= receivedAtMs);
        assert((gap.toMs ?? 0) >= receivedAtMs);
      }
    }
  }
}
