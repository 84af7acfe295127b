import { expect, test } from "vitest";
import { settled, SimClock } from "@trunkline/testkit";
import { FakeJournal } from "../testing/fake-service.ts";
import { sampleEvent, sampleGap } from "../testing/sample-entries.ts";
import { streamEntries, type EntryStreamOptions } from "./entry-stream.ts";

interface Rig {
  readonly journal: FakeJournal;
  readonly clock: SimClock;
  readonly stop: AbortController;
  /** What came, as positions; 0 for an empty line, "end" at the end. */
  readonly came: (number | "end")[];
}

/** A reader that takes everything at once. */
function follow(options: Partial<EntryStreamOptions> = {}, journal = new FakeJournal()): Rig {
  const clock = new SimClock();
  const stop = new AbortController();
  const came: (number | "end")[] = [];
  const stream = streamEntries({
    journal,
    clock,
    after: 0,
    until: undefined,
    matches: () => true,
    lineOf: ({ position }) => `${position}\n`,
    signal: stop.signal,
    ...options,
  });
  void (async () => {
    for await (const text of stream)
      for (const line of text.slice(0, -1).split("\n")) came.push(Number(line));
    came.push("end");
  })();
  return { journal, clock, stop, came };
}

test("entries come as they are stored, and an empty line when there was none for 15 s", async () => {
  const { journal, clock, came } = follow();
  journal.grow(2);
  await clock.runUntil(10_000);
  expect(came).toEqual([1, 2]);
  journal.grow(1);
  await clock.runUntil(24_999);
  expect(came).toEqual([1, 2, 3]);
  await clock.runUntil(25_000);
  expect(came).toEqual([1, 2, 3, 0]);
  await clock.runUntil(55_000);
  expect(came).toEqual([1, 2, 3, 0, 0, 0]);
  journal.grow(1);
  await settled();
  expect(came.at(-1)).toBe(4);
});

test("an empty line comes too where much is stored and nothing matches", async () => {
  const { journal, clock, came } = follow({ matches: () => false });
  for (let atMs = 0; atMs <= 45_000; atMs += 1_000) clock.at(atMs, () => journal.grow(1));
  await clock.runUntil(46_000);
  expect(came).toEqual([0, 0, 0]);
});

test("it waits without asking again and again", async () => {
  const { journal, clock, came } = follow();
  await clock.runUntil(150_000);
  expect(came).toHaveLength(10);
  expect(journal.reads).toBeLessThanOrEqual(22);
  expect(clock.timers).toBe(1);
});

test("a wait that is over leaves no timer behind", async () => {
  const { journal, clock, came } = follow();
  for (let atMs = 0; atMs < 100; atMs++) clock.at(atMs, () => journal.grow(1));
  await clock.runUntil(100);
  expect(came).toHaveLength(100);
  expect(clock.timers).toBe(1);
});

test("it leaves no timer behind, and ends, when it is stopped", async () => {
  const { clock, stop, came } = follow();
  await clock.runUntil(1_000);
  stop.abort();
  await settled();
  expect(came).toEqual(["end"]);
  expect(clock.timers).toBe(0);
});

test("it ends when the journal closes, rather than ask for ever", async () => {
  const { journal, clock, came } = follow();
  journal.grow(1);
  await clock.runUntil(1_000);
  await journal.close();
  await clock.runUntil(2_000);
  expect(came).toEqual([1, "end"]);
});

test("nothing is read ahead of the reader", async () => {
  const journal = new FakeJournal();
  journal.grow(5_000);
  const stream = streamEntries({
    journal,
    clock: new SimClock(),
    after: 0,
    until: 5_000,
    matches: () => true,
    lineOf: ({ position }) => `${position}\n`,
    signal: new AbortController().signal,
  });
  await stream.next();
  await settled();
  expect(journal.reads).toBe(1);
  await stream.next();
  expect(journal.reads).toBe(2);
});

test("a bounded stream ends at its bound, though the journal has grown since", async () => {
  const journal = new FakeJournal();
  journal.grow(5);
  const { clock, came } = follow({ until: 3 }, journal);
  await clock.runUntil(1);
  expect(came).toEqual([1, 2, 3, "end"]);
});

test("a bounded stream ends where what was to come is deleted, and tells that it is", async () => {
  const journal = new FakeJournal();
  journal.put(sampleGap(7, { cause: "retention" }), sampleEvent(8), sampleGap(9));
  const { clock, came } = follow({ until: 5 }, journal);
  await clock.runUntil(1);
  expect(came).toEqual([7, "end"]);
});

test("a bounded stream of a journal that lost its end comes to one", async () => {
  const journal = new FakeJournal();
  journal.grow(2);
  const { clock, came } = follow({ until: 5 }, journal);
  await clock.runUntil(1);
  expect(came).toEqual([1, 2, "end"]);
});
