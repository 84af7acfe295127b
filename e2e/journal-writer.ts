/** Writes to a journal as fast as it is told that there is room, and tells its parent what is stored. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@trunkline/client";
import type { Draft } from "../packages/relay/src/journal/entry.ts";
import { openJournal } from "../packages/relay/src/platform/sqlite-journal.ts";

/** The last of each kind that this process was told to be done. */
export interface Told {
  readonly head: number;
  readonly advanced: number;
  readonly proven: number;
  readonly trimmed: number;
}

export const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: async (ms: number, signal: AbortSignal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  },
};

export const retention = { maxAgeMs: 20_000, bytesMax: 1e12 };

export const topicOf = (n: number): string => `v2.routing.queues.q${n % 50}.conversations`;
export const bodyOf = (n: number): string => `{"n":${n},"text":"${"x".repeat(n % 1_400)}"}`;

async function write(dataDir: string, first: number, writer: "worker" | "caller"): Promise<void> {
  const journal = await openJournal({ dataDir, writer, clock, random: Math.random, retention });
  const told = { head: 0, advanced: 0, proven: 0, trimmed: 0 };
  const tell = (): void => void process.send?.({ ...told });
  await journal.openConsumer("reader", 0);
  void journal.append([
    {
      kind: "carried",
      trunk: "main",
      line: 0,
      topics: Array.from({ length: 50 }, (_, index) => topicOf(index)),
      fromMs: 0,
    },
  ]);
  const { signal } = new AbortController();
  const read = async (): Promise<never> => {
    for (let after = (await journal.openConsumer("reader", 0)).position; ;) {
      await journal.grown(after, signal);
      const { entries, next } = await journal.read({ after, limit: 300 });
      const refused = entries
        .filter(({ position }) => position % 97 === 0)
        .map((entry) => ({ entry, reason: "no", atMs: 1 }));
      await journal.advance("reader", next, refused);
      after = next;
      told.advanced = next;
      tell();
    }
  };
  const trim = async (): Promise<never> => {
    for (;;) {
      // Arrival times are numbers of events, so age is counted in events too.
      await journal.trim(journal.head);
      told.trimmed = journal.status().oldest - 1;
      await sleep(20);
    }
  };
  void read();
  void trim();
  for (let n = first; ; n += 10) {
    const drafts: Draft[] = Array.from({ length: 10 }, (_, index) => ({
      kind: "event",
      trunk: "main",
      topic: topicOf(n + index),
      receivedAtMs: n + index,
      maybeDuplicate: false,
      raw: bodyOf(n + index),
    }));
    drafts.push({ kind: "proof", trunk: "main", line: 0, untilMs: n + 9 });
    const room = journal.append(drafts);
    if (room !== undefined) await room;
    if (n % 70 === 1) {
      await journal.flush();
      told.proven = n + 9;
      told.head = journal.head;
      tell();
    }
    if (n % 500 === 1) await sleep(1);
  }
}

const [, , dataDir, first, writer] = process.argv;
if (
  process.send !== undefined &&
  dataDir !== undefined &&
  (writer === "worker" || writer === "caller")
)
  await write(dataDir, Number(first), writer);
