/** What a relay has on disk, and whether it agrees with what was emitted and what was delivered. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@trunkline/client";
import { balance, type Balance } from "@trunkline/testkit";
import { expect } from "vitest";
import type { LedgerEntry } from "@trunkline/mock";
import { entryLine } from "../packages/relay/src/entry-line.ts";
import type { Entry, EventEntry, GapEntry } from "../packages/relay/src/journal/entry.ts";
import type { ConsumerState, Coverage, Journal } from "../packages/relay/src/journal/journal.ts";
import { openJournal } from "../packages/relay/src/platform/sqlite-journal.ts";
import type { Hit } from "./relay-rig.ts";

/** A journal as a process has left it. */
export interface Disk {
  readonly id: string;
  readonly head: number;
  readonly oldest: number;
  readonly wasClosed: boolean;
  readonly entries: readonly Entry[];
  readonly consumers: readonly ConsumerState[];
  readonly coverage: readonly Coverage[];
}

/** Looks at a copy of a data directory whose relay has ended: looking changes nothing. */
export async function lookAtDisk(dataDir: string): Promise<Disk> {
  const copy = mkdtempSync(join(tmpdir(), "trunkline-copy-"));
  try {
    cpSync(dataDir, copy, { recursive: true });
    const retention = { maxAgeMs: 1e12, bytesMax: 1e12 };
    const options = { dataDir: copy, writer: "caller", clock: systemClock, retention } as const;
    const journal = await openJournal({ ...options, random: Math.random });
    const { head, oldest } = journal.status();
    const { id, wasClosed } = journal;
    const disk = {
      id,
      head,
      oldest,
      wasClosed,
      entries: await readAll(journal),
      consumers: await journal.consumers(),
      coverage: await journal.coverage("main"),
    };
    await journal.close();
    return disk;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function readAll(journal: Journal): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let after = 0; ;) {
    const page = await journal.read({ after, limit: 2_000 });
    if (page.entries.length === 0) return entries;
    entries.push(...page.entries);
    after = page.next;
  }
}

export function eventsOf({ entries }: Disk): readonly EventEntry[] {
  return entries.filter((entry) => entry.kind === "event");
}

export function gapsOf({ entries }: Disk): readonly GapEntry[] {
  return entries.filter((entry) => entry.kind === "gap");
}

/** The test's clock and the mock's are the machine's, each in whole milliseconds: so much they may differ. */
const grainMs = 2;

/**
 * Weighs what was emitted against a journal: what is missing and in no gap is `lost`. Every event in
 * the journal must be one that was emitted, with the same body.
 */
export function weigh(
  emitted: readonly LedgerEntry[],
  all: readonly LedgerEntry[],
  disk: Disk,
): Balance {
  const known = new Map(all.map((entry) => [keyOf(entry.topic, entry.correlationId), entry]));
  const stored = new Map<string, number>();
  for (const { topic, raw, cursor, maybeDuplicate } of eventsOf(disk)) {
    const frame = JSON.parse(raw) as {
      readonly eventBody: unknown;
      readonly metadata: { readonly CorrelationId: string };
    };
    const key = keyOf(topic, frame.metadata.CorrelationId);
    const source = known.get(key);
    if (source === undefined) throw new Error(`${cursor} was never emitted`);
    if (source.body !== undefined) expect(frame.eventBody).toEqual(JSON.parse(source.body));
    // A double that is marked as one is no surprise to anybody.
    const isMarked = maybeDuplicate && stored.has(key);
    if (!isMarked) stored.set(key, (stored.get(key) ?? 0) + 1);
  }
  return balance(
    emitted.map(({ topic, correlationId, atMs }) => ({
      id: keyOf(topic, correlationId),
      topic,
      atMs,
    })),
    stored,
    gapsOf(disk).flatMap(({ state, topics, fromMs, toMs }) =>
      state === "closed" && toMs !== undefined
        ? [{ topics, fromMs: fromMs - grainMs, toMs: toMs + grainMs }]
        : [],
    ),
  );
}

function keyOf(topic: string, correlationId: string): string {
  return `${topic.toLowerCase()} ${correlationId}`;
}

/** Nothing is missing in no gap, and nothing is there twice. */
export function expectBalanced({ lost, duplicated, delivered }: Balance): void {
  expect(lost.slice(0, 3), `${lost.length} lost`).toEqual([]);
  expect(duplicated.slice(0, 3)).toEqual([]);
  expect(delivered).toBeGreaterThan(0);
}

/** Every position once, each one further than the one before, up to the head. */
export function expectUnbroken({ entries, head }: Disk): void {
  const wrong = entries.filter(({ position }, index) => position !== index + 1);
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(entries.length).toBe(head);
}

/** Lines that were delivered are in the journal to the letter; returns their positions in their order. */
export function expectStored(lines: readonly string[], { entries }: Disk): readonly number[] {
  const byCursor = new Map(entries.map((entry) => [entry.cursor, entry]));
  return lines.map((line) => {
    const { cursor } = JSON.parse(line) as { readonly cursor: string };
    const entry = byCursor.get(cursor);
    if (entry === undefined) throw new Error(`delivered and not stored: ${line.slice(0, 200)}`);
    expect(`${line}\n`).toBe(entryLine(entry));
    return entry.position;
  });
}

/** The same for what a webhook has had. */
export function expectStoredHits(hits: readonly Hit[], { entries }: Disk): readonly number[] {
  const byCursor = new Map(entries.map((entry) => [entry.cursor, entry]));
  return hits.map(({ id, subject, data }) => {
    const entry = byCursor.get(id);
    if (entry === undefined) throw new Error(`delivered and not stored: ${id}`);
    if (entry.kind === "event") {
      expect([subject, data]).toEqual([
        entry.topic,
        (JSON.parse(entry.raw) as { readonly eventBody: unknown }).eventBody,
      ]);
    } else {
      expect([subject, data]).toEqual([
        entry.gapId,
        expect.objectContaining({ state: entry.state, cause: entry.cause, topics: entry.topics }),
      ]);
    }
    return entry.position;
  });
}

/** A cursor on disk says that everything up to it has reached the sink: then it has. */
export function expectCursorBehind(disk: Disk, name: string, delivered: readonly number[]): void {
  const place = disk.consumers.find((consumer) => consumer.name === `sink:${name}`)?.position ?? 0;
  const had = new Set(delivered);
  const missing = disk.entries.filter(({ position }) => position <= place && !had.has(position));
  expect(missing.map(({ position }) => position).slice(0, 5), `${name} at ${place}`).toEqual([]);
}

/**
 * What came for the first time came in order for each key, and gaps in their place among all. What
 * comes again after a kill is as it should be.
 */
export function expectOrder(delivered: readonly number[], { entries }: Disk): void {
  const first = [...new Set(delivered)];
  const byPosition = new Map(entries.map((entry) => [entry.position, entry]));
  const newest = new Map<string, number>();
  let count = 0;
  let highest = 0;
  for (const position of first) {
    const entry = byPosition.get(position);
    if (entry?.kind === "event") {
      const key = (entry.entity ?? entry.topic).toLowerCase();
      expect(position, `order of ${key}`).toBeGreaterThan(newest.get(key) ?? 0);
      newest.set(key, position);
    } else {
      expect([count, highest], `before the gap at ${position}`).toEqual([
        position - 1,
        position - 1,
      ]);
    }
    count++;
    highest = Math.max(highest, position);
  }
}

/** What was carried when a process was killed, until a gap says since when that is unproven. */
export class Debts {
  #open = new Map<string, number>();
  #head = 0;

  /**
   * Each topic's debt is a gap by now, or it is still open as it was. The gap begins at the last stored proof; or
   * before, where the line was lost shortly before the kill, and its topics were not confirmed since.
   */
  settle({ entries, coverage, head }: Disk): void {
    const still = new Map(
      coverage
        .filter(({ untilMs }) => untilMs === undefined)
        .map(({ topic, provenMs }) => [topic, provenMs]),
    );
    const told = new Map<string, number>();
    for (const entry of entries) {
      if (entry.position <= this.#head || entry.kind !== "gap") continue;
      if (entry.cause !== "killed" || entry.state !== "open") continue;
      for (const topic of entry.topics)
        told.set(topic, Math.min(entry.fromMs, told.get(topic) ?? entry.fromMs));
    }
    const forgotten = [...this.#open].filter(
      ([topic, provenMs]) =>
        still.get(topic) !== provenMs && (told.get(topic) ?? Infinity) > provenMs,
    );
    if (forgotten.length > 0)
      throw new Error(`carried until the kill, and in no gap since: ${JSON.stringify(forgotten)}`);
    this.#open = still;
    this.#head = head;
  }
}
