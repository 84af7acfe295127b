/**
 * What the relay costs: a durable floor by hand (receive, parse, insert in batches, one thread) and the
 * relay from socket to commit, from one sender in a process of its own, in one run. Then the time from
 * emit to commit at two rates, and the memory of 19 lines of 1,000 topics, which must stay flat.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createRelay, type Journal } from "@trunkline/relay";
import { WebSocket } from "ws";
import { bareConfig, quiet } from "./relay-config.ts";
import type { Verdict } from "./run.ts";
import { median, startFlood, type FloodKind } from "./sender.ts";
import { residence } from "./relay-resident.ts";

const framesOf = { presences: 300_000, conversations: 60_000 } as const;
const rounds = 5;
const ratioMin = 0.7;
const rates = [1_000, 10_000];
const latencySeconds = 10;
const p99MsMaxAt1000 = 10;
const residentMbMax = 200;
/** Memory late in the run over memory after it has warmed up. */
const growthMax = 1.1;

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function perSecond(frames: number, sinceMs: number): number {
  return (frames / (performance.now() - sinceMs)) * 1_000;
}

/** Receive, parse, and insert in batches of a thousand or of what one turn of the loop has brought. */
function floor(kind: FloodKind): Promise<number> {
  const framesMax = framesOf[kind];
  return inFolder(async (folder) => {
    const database = new DatabaseSync(join(folder, "floor.sqlite"));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec(
      "CREATE TABLE entries (position INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT, receivedAtMs INTEGER, raw TEXT)",
    );
    const insert = database.prepare(
      "INSERT INTO entries (topic, receivedAtMs, raw) VALUES (?, ?, ?)",
    );
    const flood = await startFlood(framesMax, 0, kind);
    const socket = new WebSocket(`ws://127.0.0.1:${flood.port}/channels/x`, {
      perMessageDeflate: false,
    });
    const { promise, resolve } = Promise.withResolvers<number>();
    let rows: (readonly [string, number, string])[] = [];
    let stored = 0;
    let sinceMs = 0;
    const flush = (): void => {
      if (rows.length === 0) return;
      database.exec("BEGIN");
      for (const row of rows) insert.run(...row);
      database.exec("COMMIT");
      stored += rows.length;
      rows = [];
      if (stored === framesMax) resolve(perSecond(framesMax, sinceMs));
    };
    socket.on("message", (data: Buffer) => {
      if (sinceMs === 0) sinceMs = performance.now();
      const raw = data.toString();
      const { topicName } = JSON.parse(raw) as { topicName: string };
      if (rows.push([topicName, Date.now(), raw]) === 1_000) flush();
      else if (rows.length === 1) setImmediate(flush);
    });
    const rate = await promise;
    socket.terminate();
    flood.stop();
    database.close();
    return rate;
  });
}

function ours(kind: FloodKind): Promise<number> {
  const framesMax = framesOf[kind];
  return inFolder(async (folder) => {
    const flood = await startFlood(framesMax, 0, kind);
    const config = bareConfig(folder, `http://127.0.0.1:${flood.port}`, [flood.topic]);
    const relay = await createRelay({ config, log: quiet });
    await grown(relay.service.journal, 0);
    const sinceMs = performance.now();
    await grown(relay.service.journal, framesMax - 1);
    const rate = perSecond(framesMax, sinceMs);
    await relay.stop();
    flood.stop();
    return rate;
  });
}

async function grown(journal: Journal, after: number): Promise<void> {
  await journal.grown(after, new AbortController().signal);
}

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** From the moment before the sender writes a frame until the relay knows it to be on disk. */
function latency(rate: number): Promise<Latency> {
  return inFolder(async (folder) => {
    const frames = rate * latencySeconds;
    const flood = await startFlood(frames, rate);
    const config = bareConfig(folder, `http://127.0.0.1:${flood.port}`, [flood.topic]);
    const relay = await createRelay({ config, log: quiet });
    const { journal } = relay.service;
    const tookMs: number[] = [];
    for (let after = 0; tookMs.length < frames;) {
      await grown(journal, after);
      const nowMs = performance.timeOrigin + performance.now();
      const { head } = journal;
      while (after < head) {
        const { entries, next } = await journal.read({ after, limit: 1_000 });
        after = next;
        for (const entry of entries) {
          if (entry.kind !== "event" || entry.position > head) continue;
          const [, sentAtMs] = /"message":"(\d+(?:\.\d+)?)/u.exec(entry.raw) ?? [];
          tookMs.push(nowMs - Number(sentAtMs));
        }
        if (next > head) break;
      }
    }
    await relay.stop();
    flood.stop();
    // The first second is start-up: connections warm, code compiled.
    const steady = tookMs.slice(rate).toSorted((a, b) => a - b);
    const at = (share: number): number =>
      Number((steady[Math.floor(steady.length * share)] ?? 0).toFixed(2));
    return { p50Ms: at(0.5), p99Ms: at(0.99) };
  });
}

interface Throughput {
  readonly floorPerS: number;
  readonly relayPerS: number;
  readonly ratio: number;
}

async function throughput(kind: FloodKind): Promise<Throughput> {
  const floors: number[] = [];
  const relays: number[] = [];
  // Taken in turns, so that a busy moment of the machine does not fall on one of them alone.
  for (let round = 0; round < rounds; round++) {
    floors.push(await floor(kind));
    relays.push(await ours(kind));
  }
  return {
    floorPerS: Math.round(median(floors)),
    relayPerS: Math.round(median(relays)),
    ratio: median(relays.map((rate, round) => rate / (floors[round] ?? 0))),
  };
}

/** @param minutes for how long memory is watched at 1,000 events a second */
export async function relay([minutes = "1"]: readonly string[]): Promise<Verdict> {
  const { floorPerS, relayPerS, ratio } = await throughput("presences");
  // Each is derived of, and compared with what was there before.
  const conversations = await throughput("conversations");
  const latencies = new Map<number, Latency>();
  for (const rate of rates) latencies.set(rate, await latency(rate));
  const { startMb, earlyMb, lateMb, stored } = await inFolder((folder) =>
    residence(folder, Number(minutes)),
  );
  const growth = lateMb / earlyMb;
  const p99Ms = latencies.get(1_000)?.p99Ms ?? Number.POSITIVE_INFINITY;
  const figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
    frames: framesOf,
    rounds,
    floorPerS,
    relayPerS,
    ratioToFloor: Number(ratio.toFixed(3)),
    conversations: { ...conversations, ratio: Number(conversations.ratio.toFixed(3)) },
    emitToCommit: Object.fromEntries([...latencies].map(([rate, found]) => [`${rate}/s`, found])),
    residentMb: { of20Lines: startMb, early: earlyMb, late: lateMb, minutes: Number(minutes) },
    storedWhileWatched: stored,
  };
  const missed = [
    ...(ratio < ratioMin ? [`relay / floor is ${ratio.toFixed(2)}, the bar is ${ratioMin}`] : []),
    ...(p99Ms > p99MsMaxAt1000
      ? [`p99 at 1,000/s is ${p99Ms} ms, the bar is ${p99MsMaxAt1000} ms`]
      : []),
    ...(Math.max(startMb, lateMb) > residentMbMax
      ? [`the relay takes ${Math.max(startMb, lateMb)} MB, the bar is ${residentMbMax} MB`]
      : []),
    ...(growth > growthMax ? [`memory grew by a factor of ${growth.toFixed(2)}`] : []),
  ];
  return { figures, missed };
}
