/**
 * A disk that fills up under a running relay, and has room again. What was taken waits in memory; what
 * could not be taken is a gap of cause `overflow`; nothing else is missing, and each part says its own code.
 */
import { kill } from "node:process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { endAll, mockHere, onEnd } from "../packages/cli/src/testing/processes.ts";
import type { ReadyReply } from "../packages/relay/src/http/api.ts";
import {
  eventsOf,
  expectOrder,
  expectStored,
  expectStoredHits,
  expectUnbroken,
  gapsOf,
  lookAtDisk,
  weigh,
  type Disk,
} from "./relay-books.ts";
import { smallDisk } from "./relay-disk.ts";
import { eventually, folder, linesOf, Receiver, startRelay, writeConfig } from "./relay-rig.ts";

afterEach(endAll);

const fileBytes = 14 * 1_048_576;
const large = "x".repeat(100_000);
/**
 * More than SQLite's write-ahead log holds before it is carried over (8 MiB): from then on the
 * journal writes where it has written before, and finds a full disk later than the file does.
 */
const largeCount = 110;
const huge = "x".repeat(1_000_000);
/** The journal holds 64 MiB that it cannot store, and the client 10,000 events more. */
const hugeCount = 80;
const smallCount = 10_500;

test("a full disk: each part says so once, what was taken is stored when there is room, and the rest is a gap", async () => {
  const mock = await mockHere({ sendBufferBytesMax: 1e9 });
  const topics = mock.cloud.world.queues
    .slice(0, 4)
    .map(({ id }) => `v2.routing.queues.${id}.conversations`);
  const dir = folder();
  const disk = join(dir, "disk");
  mkdirSync(disk);
  const archive = join(disk, "events.ndjson");
  const receiver = await new Receiver().open();
  const retry = { first: "20ms", max: "100ms" };
  const config = writeConfig({
    dir,
    mock,
    topics,
    policy: { pauseMax: "300ms" },
    more: { dataDir: "./disk/data" },
    sinks: [
      {
        name: "archive",
        type: "file",
        path: archive,
        from: "start",
        retry,
        rotate: { maxBytes: "1TB" },
      },
      {
        name: "hook",
        type: "webhook",
        url: receiver.url,
        allow: ["127.0.0.1"],
        from: "start",
        retry,
      },
    ],
  });
  const { kind, launcher, at, hasBallast, grow } = smallDisk(disk, fileBytes);
  const relay = startRelay(config, mock.clientSecret, launcher);
  const pid = relay.running.child.pid ?? 0;
  await relay.url;
  const countFromMs = mock.nowMs();
  let n = 0;
  const emit = (text: string): void => {
    mock.cloud.emit(topics[n % topics.length] ?? "", { n: ++n, text }, mock.nowMs());
  };
  const readyz = async (): Promise<ReadyReply> => (await relay.get("/readyz")).json as ReadyReply;
  const head = async (): Promise<string> =>
    ((await relay.get("/admin/journal")).json as { readonly head: string }).head;

  // Whatever the room is, it comes to its end: of the file as of the journal.
  for (let sent = 0; sent < largeCount; sent++) emit(large);
  await eventually("the first in the file", () => linesOf(at(pid, archive)).length >= largeCount);
  if (hasBallast) fillUp(at(pid, join(disk, "ballast")));
  const full = kind === "tmpfs" ? "JOURNAL_FULL" : "JOURNAL_UNWRITABLE";
  await eventually(`the file sink without room`, async () => {
    emit(large);
    return (await relay.sink("archive")).error?.code === "SINK_FILE_FULL";
  });
  const failing = await eventually("the journal without room", async () => {
    emit(large);
    const { ready, journal } = await readyz();
    return ready ? undefined : journal?.failure;
  });
  expect(failing).toMatchObject({
    code: full,
    help: expect.stringMatching(/disk/u),
    since: expect.any(String),
  });
  expect((await relay.get("/readyz")).status).toBe(503);
  expect((await relay.get("/healthz")).status).toBe(200);

  // The webhook has no need of that disk: it gets all that is stored.
  await eventually("all that is stored at the webhook", async () => {
    const had = new Set(receiver.taken.map(({ id }) => id));
    return had.size === positionOf(await head());
  });
  expect(await relay.sink("archive")).toMatchObject({
    state: "retrying",
    error: { code: "SINK_FILE_FULL" },
  });

  // More than memory is meant to hold: the sockets are paused, and then no more is taken.
  for (let sent = 0; sent < hugeCount; sent++) emit(huge);
  for (let sent = 0; sent < smallCount; sent++) emit("small");
  const refusedFrom = n;
  await eventually("news that are refused", async () => {
    for (let sent = 0; sent < 50; sent++) emit("too much");
    await sleep(50);
    return n > refusedFrom + 1_000;
  });
  expect((await readyz()).journal?.failure?.code).toBe(full);

  grow(pid);
  await eventually("ready again", async () => (await readyz()).ready);
  // What comes before the client has room again may rightly be refused: so it is asked again and again.
  const probedFrom = await eventually("an event on each topic at the webhook", async () => {
    const from = n;
    for (let sent = 0; sent < topics.length; sent++) emit("probe");
    await sleep(300);
    const news = receiver.taken.slice(-50).map(({ data }) => data as { readonly n?: number });
    return news.filter((data) => (data.n ?? 0) > from).length === topics.length ? from : undefined;
  });
  await eventually("all of it in the file", async () => (await relay.sink("archive")).behind === 0);

  // Each trouble was told once, however often it was tried again; and that it was over.
  expect(relay.logged(full)).toHaveLength(1);
  expect(relay.logged("SINK_FILE_FULL").length).toBeGreaterThanOrEqual(1);
  expect(relay.running.err).toContain("the journal stores again");
  expect(relay.running.err).not.toContain("xxxx");

  kill(pid, "SIGSTOP");
  onEnd(() => relay.kill());
  const books = await lookAtDisk(at(pid, join(disk, "data")));
  expectUnbroken(books);
  const file = expectStored(linesOf(at(pid, archive)), books);
  expect(new Set(file).size).toBe(file.length);
  expectOrder(file, books);
  expectOrder(expectStoredHits(receiver.taken, books), books);
  expectGapsInPlace(books);
  const causes = new Set(gapsOf(books).map(({ cause }) => cause));
  expect(causes).toEqual(new Set(["overflow"]));
  const ledger = mock.cloud.ledger.query().entries;
  const counted = ledger.filter(
    ({ atMs, body }) => atMs >= countFromMs && numberOf(body) <= probedFrom,
  );
  const { emitted, delivered, declaredLost, lost, duplicated } = weigh(counted, ledger, books);
  expect(lost.slice(0, 3)).toEqual([]);
  expect(duplicated).toEqual([]);
  expect(declaredLost).toBeGreaterThan(0);
  process.stdout.write(
    `full disk (${kind}): ${emitted} emitted, ${delivered} stored, ${declaredLost} missing in overflow gaps, ${lost.length} in none\n`,
  );
}, 180_000);

/** Where numbers of a topic are missing, a closed gap of it stands before the next event. */
function expectGapsInPlace(books: Disk): void {
  const last = new Map<string, { readonly n: number; readonly position: number }>();
  let holes = 0;
  for (const { topic, position, raw } of eventsOf(books)) {
    const n = numberOf(raw);
    const before = last.get(topic);
    last.set(topic, { n, position });
    // The topics take turns.
    if (before === undefined || n - before.n <= last.size) continue;
    holes++;
    const between = gapsOf(books).filter(
      (gap) =>
        gap.position > before.position &&
        gap.position < position &&
        gap.topics.some((name) => name.toLowerCase() === topic.toLowerCase()),
    );
    expect(between.map(({ state }) => state)).toContain("closed");
  }
  expect(holes).toBeGreaterThan(0);
}

function positionOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}

/** Bodies are kept for a while only; what has none came long before the end. */
function numberOf(body: string | undefined): number {
  return Number(/"n":(?<n>\d+)/u.exec(body ?? "")?.groups?.["n"] ?? 0);
}

/** Writes until there is no room at all. */
function fillUp(path: string): void {
  const file = openSync(path, "a");
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(file);
}
