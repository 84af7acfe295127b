import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SimClock } from "@trunkline/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal } from "../journal/journal.ts";
import { eventDraft, keepAll } from "../testing/journal-stage.ts";
import { openJournal } from "./sqlite-journal.ts";
import { openWriter } from "./sqlite.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "trunkline-directory-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function open(writer: "worker" | "caller", directory = dataDir): Promise<Journal> {
  const clock = new SimClock(1_700_000_000_000);
  return openJournal({ dataDir: directory, writer, clock, random: () => 0.3, retention: keepAll });
}

async function fill(count: number): Promise<void> {
  const journal = await open("caller");
  for (let index = 0; index < count; index++) void journal.append([eventDraft(index)]);
  await journal.close();
}

const path = (name: string): string => join(dataDir, name);

describe.each(["caller", "worker"] as const)("a data directory, written by the %s", (writer) => {
  test("is made for its owner alone", async () => {
    const directory = path("deep/er");
    const journal = await open(writer, directory);
    void journal.append([eventDraft(0)]);
    await journal.flush();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const files = readdirSync(directory);
    expect(files).toContain("journal.db-wal");
    for (const file of files)
      expect([file, statSync(join(directory, file)).mode & 0o777]).toEqual([file, 0o600]);
    await journal.close();
    expect(readdirSync(directory).sort()).toEqual(["journal.db", "lock.db"]);
  });

  test("is held against a second relay until the first lets go", async () => {
    const first = await open(writer);
    await expect(open(writer)).rejects.toMatchObject({
      code: "DATA_DIR_LOCKED",
      message: `The data directory ${dataDir} is in use by another relay (process ${process.pid}).`,
    });
    await first.close();
    await (await open(writer)).close();
  });

  test("is refused where a file is in the way, and held by nobody after a refusal", async () => {
    writeFileSync(path("file"), "");
    const refused = { code: "DATA_DIR_UNWRITABLE" };
    await expect(open(writer, path("file/deeper"))).rejects.toMatchObject(refused);
    await expect(open(writer, path("file"))).rejects.toMatchObject(refused);
    writeFileSync(
      path("journal.db"),
      "this is a text, and a long one, but no database at all".repeat(99),
    );
    await expect(open(writer)).rejects.toMatchObject({ code: "JOURNAL_CORRUPT" });
    rmSync(path("journal.db"));
    await (await open(writer)).close();
  });

  test.skipIf(process.platform !== "linux")(
    "is refused where nothing can be made, and not tried for ever",
    async () => {
      await expect(open(writer, "/proc/none/deeper")).rejects.toMatchObject({
        code: "DATA_DIR_UNWRITABLE",
      });
    },
  );

  test.each(["deleted", "moved", "replaced"])(
    "that is %s while it is written says so, and stores no more",
    async (how) => {
      const journal = await open(writer);
      await journal.append([eventDraft(0)]);
      await journal.flush();
      if (how === "moved") renameSync(path("journal.db"), path("elsewhere.db"));
      else rmSync(path("journal.db"));
      if (how === "replaced") writeFileSync(path("journal.db"), "");
      void journal.append([eventDraft(1)]);
      await expect(journal.flush()).rejects.toMatchObject({ code: "JOURNAL_GONE" });
      expect(journal.head).toBe(1);
      expect(journal.status().failure?.error).toMatchObject({
        code: "JOURNAL_GONE",
        recovery: "ends",
      });
      await journal.close().catch(() => undefined);
    },
  );

  test("of a newer version is refused untouched", async () => {
    await fill(3);
    const database = openWriter(path("journal.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    const before = readFileSync(path("journal.db"));
    const names = readdirSync(path(""));
    await expect(open(writer)).rejects.toMatchObject({ code: "JOURNAL_NEWER" });
    expect(readdirSync(path(""))).toEqual(names);
    expect(readFileSync(path("journal.db")).equals(before)).toBe(true);
  });

  test("with a damaged or cut file is refused, and so is one of another program", async () => {
    await fill(2_000);
    const { size } = statSync(path("journal.db"));
    const whole = readFileSync(path("journal.db"));
    truncateSync(path("journal.db"), size - 8_192 * 3);
    await expect(open(writer)).rejects.toMatchObject({ code: "JOURNAL_CORRUPT" });
    whole.fill(0xa5, 8_192 * 20, 8_192 * 40);
    writeFileSync(path("journal.db"), whole);
    await expect(open(writer)).rejects.toMatchObject({ code: "JOURNAL_CORRUPT" });
    rmSync(path("journal.db"));
    const foreign = openWriter(path("journal.db"));
    foreign.exec("CREATE TABLE songs (name TEXT)");
    foreign.close();
    await expect(open(writer)).rejects.toMatchObject({ code: "JOURNAL_CORRUPT" });
  });
});

test("a file that others could read is closed to them", async () => {
  await fill(1);
  chmodSync(path("journal.db"), 0o644);
  await fill(1);
  expect(statSync(path("journal.db")).mode & 0o777).toBe(0o600);
});
