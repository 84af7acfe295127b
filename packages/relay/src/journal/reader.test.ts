import { expect, test } from "vitest";
import { eventDraft, MemoryStage } from "../testing/journal-stage.ts";
import { Reader } from "./reader.ts";

test("J14: sees nothing beyond the head that it is given, though another thread has stored more", async () => {
  await using stage = new MemoryStage();
  const journal = await stage.open();
  void journal.append([0, 1, 2, 3, 4].map((index) => eventDraft(index)));
  await journal.flush();
  const reader = new Reader(stage.disk.database, journal.id, 10);
  const { entries, next } = reader.read({ after: 1, limit: 9 }, 3);
  expect(entries.map(({ position }) => position)).toEqual([2, 3]);
  expect(next).toBe(3);
  expect(reader.read({ after: 3, limit: 9 }, 3)).toEqual({ entries: [], next: 3 });
});
