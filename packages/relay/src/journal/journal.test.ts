import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournal } from "../platform/sqlite-journal.ts";
import { describeJournal } from "../testing/journal-conformance.ts";
import {
  keepAll,
  MemoryStage,
  type JournalStage,
  type OpenOptions,
} from "../testing/journal-stage.ts";
import type { Journal } from "./journal.ts";
import { SimClock } from "@trunkline/testkit";

/** On a real disk. A kill leaves the files as they are at that moment; e2e kills whole processes. */
async function createDiskStage(writer: "worker" | "caller"): Promise<JournalStage> {
  const root = mkdtempSync(join(tmpdir(), "trunkline-journal-"));
  let dataDir = join(root, "0");
  let kills = 0;
  let opened: Journal | undefined;
  return {
    open: async ({ retention, limits }: OpenOptions = {}) => {
      opened = await openJournal({
        dataDir,
        writer,
        clock: new SimClock(1_700_000_000_000),
        random: () => 0.4,
        retention: { ...keepAll, ...retention },
        limits,
      });
      return opened;
    },
    kill: async () => {
      const left = dataDir;
      dataDir = join(root, String(++kills));
      mkdirSync(dataDir);
      for (const file of ["journal.db", "journal.db-wal"])
        copyFileSync(join(left, file), join(dataDir, file));
      await opened?.close();
    },
    [Symbol.asyncDispose]: async () => {
      await opened?.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

describeJournal("in memory, on virtual time", async () => new MemoryStage());
describeJournal("on disk, on this thread", () => createDiskStage("caller"));
describeJournal("on disk, on another thread", () => createDiskStage("worker"));
