import { settled } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { openWriter } from "../platform/sqlite.ts";
import { eventDraft, keepAll, MemoryStage, SqliteFault } from "../testing/journal-stage.ts";
import { openJournalOn } from "./open.ts";
import { migrations } from "./schema.ts";

const raw = "x".repeat(5_000);

describe("group commit", () => {
  test("a lone event waits for nothing; what comes together is committed together", async () => {
    await using stage = new MemoryStage();
    const journal = await stage.open();
    void journal.append([eventDraft(0)]);
    await settled();
    expect([journal.head, journal.status().commits]).toEqual([1, 1]);
    for (let index = 1; index < 100; index++) void journal.append([eventDraft(index)]);
    const advanced = journal.openConsumer("a", "head");
    await settled();
    expect([journal.head, journal.status().commits]).toEqual([100, 2]);
    expect((await advanced).position).toBe(100);
    expect(stage.disk.commits).toBe(3 + migrations.length);
  });

  test("J14: nobody is told that something is stored before its commit", async () => {
    await using stage = new MemoryStage();
    const journal = await stage.open();
    stage.disk.fault = new SqliteFault(13, "database or disk is full");
    void journal.append([eventDraft(0)]);
    const told: string[] = [];
    void journal.flush().then(() => told.push("flushed"));
    void journal.grown(0, new AbortController().signal).then(() => told.push("grown"));
    void journal.openConsumer("a", 0).then(() => told.push("opened"));
    await stage.clock.runUntil(10_000);
    expect([told, journal.head]).toEqual([[], 0]);
    expect((await journal.read({ after: 0, limit: 9 })).entries).toEqual([]);
    stage.disk.fault = undefined;
    await stage.clock.runUntil(20_000);
    await settled();
    expect(told.sort()).toEqual(["flushed", "grown", "opened"]);
    expect(journal.head).toBe(1);
  });
});

describe("a disk that fails", () => {
  test("is tried again with pauses that double up to a ceiling; the failure is told and taken back", async () => {
    await using stage = new MemoryStage();
    const journal = await stage.open();
    const before = stage.disk.commits;
    stage.disk.fault = new SqliteFault(13, "database or disk is full");
    void journal.append([eventDraft(0)]);
    await stage.clock.runUntil(60_000);
    const { failure } = journal.status();
    expect(failure).toMatchObject({ sinceMs: 1_700_000_000_000, error: { recovery: "retries" } });
    expect(failure?.error.message).toBe(
      "There is no room for the journal in memory: database or disk is full (SQLite 13).",
    );
    // 100, 200, … 3,200, then 5,000 ms, each shortened by up to a half: 12 to 24 attempts in a minute.
    expect(stage.disk.commits - before).toBeGreaterThanOrEqual(16);
    expect(stage.disk.commits - before).toBeLessThanOrEqual(31);
    stage.disk.fault = undefined;
    await stage.clock.runUntil(66_000);
    expect([journal.status().failure, journal.head]).toEqual([undefined, 1]);
  });

  test("J15: really full, and with room again: nothing taken is missing", async () => {
    const stage = new MemoryStage();
    const journal = await stage.open();
    const { database } = stage.disk;
    database.exec("PRAGMA max_page_count = 60");
    for (let index = 0; index < 200; index++) void journal.append([eventDraft(index, { raw })]);
    await settled();
    expect(journal.status()).toMatchObject({
      head: 0,
      failure: { error: { code: "JOURNAL_FULL" } },
    });
    void journal.append([eventDraft(200)]);
    database.exec("PRAGMA max_page_count = 100000");
    await stage.clock.runUntil(60_000);
    expect([journal.head, journal.status().failure]).toEqual([201, undefined]);
  });

  test("names that are learned while a commit fails belong to the next, and to no batch twice", async () => {
    await using stage = new MemoryStage();
    const journal = await stage.open();
    void journal.append([eventDraft(0)]);
    await settled();
    stage.disk.fault = new SqliteFault(13, "database or disk is full");
    // Knows no name that was not known before.
    void journal.append([eventDraft(0)]);
    await settled();
    void journal.append([{ ...eventDraft(1), topic: "v2.other.topic", trunk: "other" }]);
    stage.disk.fault = undefined;
    await stage.clock.runUntil(10_000);
    await settled();
    expect([journal.head, journal.status().failure]).toEqual([3, undefined]);
    const { entries } = await journal.read({ after: 0, limit: 9 });
    expect(entries.map(({ trunk }) => trunk)).toEqual(["main", "main", "other"]);
  });

  test("closing tries once more, then says what was not stored, and is not clean", async () => {
    await using stage = new MemoryStage();
    let journal = await stage.open();
    stage.disk.fault = new SqliteFault(10, "disk I/O error");
    void journal.append([eventDraft(0)]);
    const flushed = journal.flush();
    await settled();
    const [told] = await Promise.allSettled([flushed, journal.close()]);
    expect(told).toMatchObject({ status: "rejected", reason: { code: "JOURNAL_UNWRITABLE" } });
    stage.disk.fault = undefined;
    journal = await stage.open();
    expect([journal.head, journal.wasClosed]).toEqual([0, false]);
  });

  test("closing during a pause stores what was taken, if it can by then", async () => {
    await using stage = new MemoryStage();
    let journal = await stage.open();
    stage.disk.fault = new SqliteFault(13, "database or disk is full");
    void journal.append([eventDraft(0)]);
    await settled();
    stage.disk.fault = undefined;
    await journal.close();
    journal = await stage.open();
    expect([journal.head, journal.wasClosed]).toEqual([1, true]);
  });

  test("a damaged database ends it: everybody who waits is told, and whoever comes", async () => {
    await using stage = new MemoryStage();
    const journal = await stage.open({ limits: { waitingDraftsMax: 1 } });
    stage.disk.fault = new SqliteFault(11, "database disk image is malformed");
    const corrupt = { code: "JOURNAL_CORRUPT" };
    const told = await Promise.allSettled([
      journal.append([eventDraft(0)]),
      journal.flush(),
      journal.openConsumer("a", 0),
      journal.grown(0, new AbortController().signal),
    ]);
    const rejected = { status: "rejected", reason: corrupt };
    expect(told).toMatchObject([rejected, rejected, rejected, { status: "fulfilled" }]);
    await expect(journal.append([eventDraft(0)])).rejects.toMatchObject(corrupt);
    await expect(journal.read({ after: 0, limit: 1 })).rejects.toMatchObject(corrupt);
    expect(journal.status().failure?.error.code).toBe("JOURNAL_CORRUPT");
    await journal.close();
    stage.disk.fault = undefined;
    expect((await stage.open()).wasClosed).toBe(false);
  });
});

describe("deleting", () => {
  test("makes the file smaller when much was deleted, in slices", async () => {
    const database = openWriter(":memory:");
    const stage = new MemoryStage();
    const journal = openJournalOn(database, {
      place: "in memory",
      retention: { ...keepAll, maxAgeMs: 0 },
      clock: stage.clock,
      random: () => 0.5,
      defer: queueMicrotask,
      limits: { vacuumPagesMax: 50, trimEntriesMax: 100 },
    });
    for (let index = 0; index < 1_000; index++) void journal.append([eventDraft(index, { raw })]);
    await journal.flush();
    const pages = (): number => Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    const before = pages();
    const commits = journal.status().commits;
    await journal.trim(2e12);
    expect(journal.status().commits - commits).toBeGreaterThanOrEqual(10);
    expect(journal.status().bytes).toBeLessThan(400_000);
    expect(pages()).toBeLessThan(before / 2);
    await journal.close();
  });
});
