/**
 * The journal on a real disk, in processes that are killed at random moments under load. Whatever a
 * process was told to be stored is there afterwards, at the place that it was told. `KILLS` kills.
 */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDice } from "@trunkline/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "../packages/relay/src/platform/sqlite-journal.ts";
import type { Entry } from "../packages/relay/src/journal/entry.ts";
import type { Journal } from "../packages/relay/src/journal/journal.ts";
import { bodyOf, clock, retention, topicOf, type Told } from "./journal-writer.ts";

const kills = Number(process.env["KILLS"] ?? 4);
const seed = Number(process.env["SIM_SEED"] ?? Date.now() % 1_000_000);

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "trunkline-kill-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function start(first: number, writer: "worker" | "caller"): ChildProcess {
  return fork(new URL("journal-writer.ts", import.meta.url), [dataDir, String(first), writer], {
    execArgv: ["--conditions=@trunkline/source"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

/** Lets a process write for a while, kills it, and returns the last that it told of each kind. */
async function killed(process: ChildProcess, afterMs: number): Promise<Told> {
  let last: Told = { head: 0, advanced: 0, proven: 0, trimmed: 0 };
  const ready = Promise.withResolvers<void>();
  process.on("message", (told: Told) => {
    last = told;
    ready.resolve();
  });
  process.on("exit", () => ready.reject(new Error("the writer ended by itself")));
  const ended = new Promise((resolve) => process.once("exit", resolve));
  await ready.promise;
  await sleep(afterMs);
  process.kill("SIGKILL");
  await ended;
  return last;
}

async function all(journal: Journal): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let after = 0; ;) {
    const page = await journal.read({ after, limit: 1_000 });
    if (page.entries.length === 0) return entries;
    entries.push(...page.entries);
    after = page.next;
  }
}

/** Every entry is what the writer of its number wrote, each number one place further on. */
function checkEntries(entries: readonly Entry[], oldest: number, head: number): void {
  const missed = oldest > 1 ? [{ kind: "gap", cause: "retention", position: oldest - 1 }] : [];
  expect(entries.slice(0, missed.length)).toMatchObject(missed);
  const events = entries.filter((entry) => entry.kind === "event");
  expect(events.length).toBe(head - oldest + 1);
  const wrong = events.filter(
    ({ position, raw, topic }, index) =>
      position !== oldest + index || raw !== bodyOf(position) || topic !== topicOf(position),
  );
  expect(wrong).toEqual([]);
}

test.each(["worker", "caller"] as const)(
  `J4: %s killed ${kills} times under load (SIM_SEED=${seed}): all that was told to be stored is there`,
  async (writer) => {
    const dice = createDice(seed, writer);
    let id: string | undefined;
    let head = 0;
    for (let kill = 0; kill < kills; kill++) {
      const told = await killed(start(head + 1, writer), dice.between(0, 300));
      const journal = await openJournal({
        dataDir,
        writer,
        clock,
        random: () => dice.random(),
        retention,
      });
      id ??= journal.id;
      expect([journal.id, journal.wasClosed]).toEqual([id, false]);
      const status = journal.status();
      expect(status.head).toBeGreaterThanOrEqual(Math.max(told.head, head));
      // Calls bring ten each, and are there in whole or not at all.
      expect((status.head - head) % 10).toBe(0);
      expect(status.oldest).toBeGreaterThan(told.trimmed);
      checkEntries(await all(journal), status.oldest, status.head);
      const [consumer] = await journal.consumers();
      expect(consumer?.position).toBeGreaterThanOrEqual(told.advanced);
      expect(consumer?.position).toBeLessThanOrEqual(status.head);
      // A letter and the advance that it came with are one: every 97th entry, each once.
      const letters = await journal.deadLetters("reader", { limit: 1_000_000 });
      expect(letters.map(({ entry }) => entry.position)).toEqual(
        Array.from(
          { length: Math.floor((consumer?.position ?? 0) / 97) },
          (_, index) => (index + 1) * 97,
        ),
      );
      // A proof of n was taken right after event n: whoever sees the one sees the other.
      const coverage = await journal.coverage("main");
      const open = coverage.filter(({ untilMs }) => untilMs === undefined);
      expect(open).toHaveLength(50);
      expect(open.filter(({ provenMs }) => provenMs < told.proven)).toEqual([]);
      expect(coverage.filter(({ provenMs }) => provenMs > status.head)).toEqual([]);
      ({ head } = status);
      await journal.close();
    }
  },
  60_000 + kills * 10_000,
);

test("a directory whose holder was killed is free again; while it lives it names the process", async () => {
  const process = start(1, "worker");
  await new Promise((resolve) => process.once("message", resolve));
  const options = { dataDir, clock, random: Math.random, retention };
  await expect(openJournal(options)).rejects.toMatchObject({
    code: "DATA_DIR_LOCKED",
    message: expect.stringContaining(`(process ${process.pid})`),
  });
  await killed(process, 0);
  await (await openJournal(options)).close();
});
