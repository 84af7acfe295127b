import { settled, SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { RelayError, type RelayErrorCode } from "./errors.ts";
import type { Journal, JournalStatus } from "./journal/journal.ts";
import { FakeLog } from "./testing/fake-log.ts";
import { Upkeep } from "./upkeep.ts";

const startMs = 1_700_000_000_000;

class Ailing implements Pick<Journal, "status" | "trim"> {
  failure: JournalStatus["failure"];
  trimError: Error | undefined;
  readonly trims: number[] = [];

  fail(code: RelayErrorCode): void {
    this.failure = { error: new RelayError(code, "It fails."), sinceMs: 0 };
  }

  async trim(nowMs: number): Promise<void> {
    this.trims.push(nowMs - startMs);
    if (this.trimError !== undefined) throw this.trimError;
  }

  status(): JournalStatus {
    const { failure } = this;
    return { head: 0, oldest: 1, bytes: 0, waiting: 3, commits: 0, stored: 0, failure };
  }
}

function stage(): {
  readonly journal: Ailing;
  readonly clock: SimClock;
  readonly log: FakeLog;
  readonly upkeep: Upkeep;
} {
  const journal = new Ailing();
  const clock = new SimClock(startMs);
  const log = new FakeLog();
  // It uses no more of the contract.
  const upkeep = new Upkeep(journal as unknown as Journal, clock, log);
  upkeep.start();
  return { journal, clock, log, upkeep };
}

test("deletes every minute what is no longer kept, and says nothing of it", async () => {
  const { journal, clock, log, upkeep } = stage();
  await clock.runUntil(180_000);
  expect(journal.trims).toEqual([60_000, 120_000, 180_000]);
  upkeep.stop();
  await clock.runUntil(600_000);
  expect(journal.trims).toHaveLength(3);
  expect([log.lines, clock.timers]).toEqual([[], 0]);
});

test("tells of a journal that cannot store within a second, once, and when it can again", async () => {
  const { journal, clock, log, upkeep } = stage();
  journal.fail("JOURNAL_FULL");
  await clock.runUntil(1_000);
  expect(log.lines).toMatchObject([
    { level: "error", code: "JOURNAL_FULL", help: expect.stringMatching(/room/u), waiting: 3 },
  ]);
  await clock.runUntil(3_600_000);
  journal.fail("JOURNAL_UNWRITABLE");
  await clock.runUntil(3_700_000);
  journal.failure = undefined;
  await clock.runUntil(3_800_000);
  expect(log.told).toEqual([
    "error JOURNAL_FULL: It fails.",
    "error JOURNAL_UNWRITABLE: It fails.",
    "info: the journal stores again",
  ]);
  upkeep.stop();
});

test("tells of what cannot be deleted once, until it could be", async () => {
  const { journal, clock, log, upkeep } = stage();
  journal.trimError = new RelayError("JOURNAL_UNWRITABLE", "No.");
  await clock.runUntil(3_600_000);
  expect(log.lines).toMatchObject([
    { level: "error", code: "JOURNAL_UNWRITABLE", help: expect.any(String) },
  ]);
  journal.trimError = undefined;
  await clock.runUntil(3_660_000);
  journal.trimError = new RelayError("JOURNAL_UNWRITABLE", "No.");
  await clock.runUntil(3_720_000);
  journal.trimError = new RangeError("what it says");
  await clock.runUntil(3_780_000);
  const codes = log.lines.map(({ code }) => code);
  expect(codes).toEqual(["JOURNAL_UNWRITABLE", "JOURNAL_UNWRITABLE", "INTERNAL"]);
  upkeep.stop();
});

test("ends with a journal that is broken for good, told once", async () => {
  const { journal, clock, log, upkeep } = stage();
  const told: string[] = [];
  void upkeep.broken.then((error) => told.push(error.message));
  journal.fail("JOURNAL_FULL");
  await clock.runUntil(2_000);
  expect(told).toEqual([]);
  journal.fail("JOURNAL_CORRUPT");
  journal.trimError = new RelayError("JOURNAL_CORRUPT", "It fails.");
  await clock.runUntil(3_600_000);
  expect(told).toEqual(["It fails."]);
  expect(log.told.filter((line) => line.includes("CORRUPT"))).toHaveLength(1);
  expect([journal.trims, clock.timers]).toEqual([[], 0]);
});

test("a trim that finds the journal broken says that, and not the same again in other words", async () => {
  const { journal, clock, log } = stage();
  journal.trim = async () => {
    journal.fail("JOURNAL_CORRUPT");
    throw new RelayError("JOURNAL_CORRUPT", "It fails.");
  };
  await clock.runUntil(120_000);
  expect(log.told).toEqual(["error JOURNAL_CORRUPT: It fails."]);
});

test("what ends because somebody has asked for the end is no news", async () => {
  const { journal, clock, log, upkeep } = stage();
  const trimming = Promise.withResolvers<void>();
  journal.trim = () => trimming.promise;
  await clock.runUntil(60_000);
  upkeep.stop();
  trimming.reject(new RelayError("JOURNAL_CLOSED", "It has been closed."));
  await settled();
  expect(log.lines).toEqual([]);
});
