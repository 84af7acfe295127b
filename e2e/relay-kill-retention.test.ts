/**
 * `kill -9` while retention deletes, and an emptied journal: what was delivered under an id never comes
 * again under it as something else. `KILLS` kills, from `SIM_SEED`.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@trunkline/client";
import { createDice } from "@trunkline/testkit";
import { afterEach, expect, test } from "vitest";
import { endAll, mockHere, onEnd } from "../packages/cli/src/testing/processes.ts";
import { openJournal } from "../packages/relay/src/platform/sqlite-journal.ts";
import { lookAtDisk } from "./relay-books.ts";
import { eventually, folder, Reader, startRelay, writeConfig } from "./relay-rig.ts";

afterEach(endAll);

/** Each costs a start, and shows less than those of `relay-kill`. */
const kills = Math.ceil(Number(process.env["KILLS"] ?? 3) / 5) + 1;
const seed = Number(process.env["SIM_SEED"] ?? Date.now() % 1_000_000);
const text = "x".repeat(20_000);
/** The least that may be set: some 50 events. */
const journal = { maxBytes: "1MB" };

/** Deletes all that a relay has left there; nobody has a place in it. Returns the head. */
async function empty(dataDir: string): Promise<number> {
  const retention = { maxAgeMs: 0, bytesMax: 1e12 };
  const options = { dataDir, writer: "caller", clock: systemClock, retention } as const;
  const opened = await openJournal({ ...options, random: Math.random });
  await opened.trim(Date.now() + 60_000);
  const { head, oldest } = opened.status();
  expect(oldest).toBe(head + 1);
  expect((await opened.read({ after: head, limit: 1 })).entries).toEqual([]);
  await opened.close();
  return head;
}

test(
  `killed ${kills} times while it deletes, and emptied (SIM_SEED=${seed}): no id is used again`,
  async () => {
    const dice = createDice(seed, "relay-kill-retention");
    const mock = await mockHere();
    const topics = mock.cloud.world.queues
      .slice(0, 3)
      .map(({ id }) => `v2.routing.queues.${id}.conversations`);
    const dir = folder();
    const dataDir = join(dir, "data");
    const config = writeConfig({
      dir,
      mock,
      topics,

      more: { journal },
    });
    let n = 0;
    const beat = setInterval(
      () => mock.cloud.emit(topics[++n % topics.length] ?? "", { n, text }, mock.nowMs()),
      5,
    );
    onEnd(() => clearInterval(beat));

    const seen = new Map<string, string>();
    let newest = 0;
    for (let kill = 0; kill <= kills; kill++) {
      const relay = startRelay(config, mock.clientSecret);
      const url = await relay.url;
      // Each time from the beginning of what there is: the same again, and more.
      const reader = new Reader();
      void reader.follow(url);
      await eventually("deletions", async () => {
        const { json } = await relay.get("/admin/journal");
        const { oldest = "-0", head } = json as { readonly oldest?: string; readonly head: string };
        return positionOf(oldest) > newest && positionOf(head) > newest + 60;
      });
      await sleep(dice.between(0, 300));
      await relay.kill();

      // Synthesised for who reads, and no entries: they stand at what was deleted.
      const lines = reader.lines.filter((line) => !line.includes('"cause":"retention"'));
      const positions = lines.map((line) => positionOf(cursorOf(line)));
      expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
      for (const line of lines) {
        const cursor = cursorOf(line);
        expect(seen.get(cursor) ?? line).toBe(line);
        seen.set(cursor, line);
      }
      const disk = await lookAtDisk(dataDir);
      expect(disk.head).toBeGreaterThanOrEqual(Math.max(newest, ...positions));
      expect(disk.oldest).toBeGreaterThan(1);
      newest = disk.head;
      const head = kill % 2 === 0 ? await empty(dataDir) : newest;
      expect(head).toBe(newest);
    }
    const told = [...seen.values()].map((line) =>
      Number(/"n":(?<n>\d+)/u.exec(line)?.groups?.["n"]),
    );
    const events = told.filter((number) => !Number.isNaN(number));
    expect(new Set(events).size).toBe(events.length);
    expect(events.length).toBeGreaterThan(60);
  },
  60_000 + kills * 15_000,
);

function cursorOf(line: string): string {
  return (JSON.parse(line) as { readonly cursor: string }).cursor;
}

function positionOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}
