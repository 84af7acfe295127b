/**
 * One server of the gateway benchmark in a process of its own, with the crowd that it serves: the bare loop (`floor`), or a relay
 * (`relay`) over a journal on disk. Tells its parent what was found. Wants `--expose-gc`.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { Found, Joined, Order, Progress } from "./gateway-crowd.ts";
import { groups, socketsMax } from "./gateway-events.ts";
import { openFloor } from "./gateway-floor.ts";
import { openRelay } from "./gateway-relay.ts";
import { machineMs } from "./sender.ts";

/** A server, and the source of its events. */
export interface Side {
  readonly port: number;
  readonly path: string;
  readonly token: string;
  /** What a socket says to be in each group. */
  readonly hellos: readonly string[];
  /** - `journal`: read from there once it is committed · `at once`: an event is told before `emit` returns */
  readonly tells: "at once" | "journal";
  /** The newest event that subscribers may have. */
  readonly head: () => number;
  /** Has the next event told to one group. Resolves when the next may come. */
  emit(group: number): Promise<void> | undefined;
  /** Resolves when `head` is beyond a position. */
  grown(after: number): Promise<void>;
  close(): Promise<void>;
}

/** What one run of one server came to. */
export interface Stage {
  readonly messagesPerS: number;
  readonly bytesOfMessage: number;
  readonly residentBytesOfSocket: number;
  readonly heapBytesOfSocket: number;
  /** At half of what it tells at saturation. */
  readonly paced: Paced;
  /** At half of what the bare loop told, where that is known. */
  readonly pacedAsFloor: Paced | undefined;
}

type Paced = Pick<Found, "p50Ms" | "p99Ms" | "longestMs"> & { readonly messagesPerS: number };

const ofGroup = socketsMax / groups;
/** Events under way at most while as much is sent as can be: the crowd's sockets never run dry, and nobody is behind. */
const underWayMax = 400;
const warmEvents = 1_000;
const saturatedMs = 6_000;
const pacedMs = 6_000;
const settleMs = 2_500;
const drainMs = 10_000;

const [kind = "relay", floorPerS] = process.argv.slice(2);
const side = await (kind === "floor" ? openFloor() : openRelay());
const crowd = fork(new URL("gateway-crowd.js", import.meta.url), { serialization: "advanced" });
crowd.once("exit", () => process.exit(1));
let received = 0;
let progressed = Promise.withResolvers<void>();
crowd.on("message", (message: Progress | Joined | Found) => {
  if (!("received" in message)) return;
  received = message.received;
  progressed.resolve();
  progressed = Promise.withResolvers();
});

async function ask<Answer extends Joined | Found>(
  child: ChildProcess,
  order: Order,
  mark: string,
): Promise<Answer> {
  child.send(order);
  for (;;) {
    const [answer] = (await once(child, "message")) as [Answer];
    if (mark in answer) return answer;
  }
}

function joined(count: number): Promise<Joined> {
  const { port, path, token, hellos } = side;
  return ask(crowd, { ask: "join", port, path, token, hellos, count }, "joined");
}

async function look(first: number, sinceMs: Float64Array, events: number): Promise<Found> {
  const found = await ask<Found>(crowd, { ask: "look", first, sinceMs }, "arrived");
  if (found.arrived !== events * ofGroup || found.outOfOrder > 0 || found.strange.length > 0)
    throw new Error(`${events} events to ${ofGroup} sockets each, and ${JSON.stringify(found)}`);
  return found;
}

async function memory(): Promise<{ readonly resident: number; readonly heap: number }> {
  await sleep(settleMs);
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await turn();
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { resident: rss, heap: heapUsed };
}

/** Waits until every message of the first `events` events has been received. */
async function arrived(events: number): Promise<void> {
  const late = sleep(drainMs, "late" as const, { ref: false });
  const missing = (): number => events * ofGroup - received;
  while (missing() > 0)
    if ((await Promise.race([progressed.promise, late])) === "late")
      throw new Error(`${missing()} messages did not arrive.`);
}

let emitted = 0;

const underWay = (): number => emitted - received / ofGroup;

async function roomUnderWay(): Promise<void> {
  while (underWay() >= underWayMax) await progressed.promise;
}

/** As fast as they are taken, until `isEnough`. */
async function saturate(isEnough: (events: number) => boolean): Promise<number> {
  let events = 0;
  for (; !isEnough(events); events++) {
    await roomUnderWay();
    await side.emit(emitted++ % groups);
    await turn();
  }
  await arrived(emitted);
  return events;
}

async function saturation(): Promise<Pick<Stage, "messagesPerS" | "bytesOfMessage">> {
  await look(0, new Float64Array(0), await saturate((events) => events >= warmEvents));
  const sinceMs = performance.now();
  const events = await saturate(() => performance.now() - sinceMs >= saturatedMs);
  const tookMs = performance.now() - sinceMs;
  const { bytes, arrived: count } = await look(0, new Float64Array(0), events);
  return {
    messagesPerS: Math.round((count / tookMs) * 1_000),
    bytesOfMessage: Math.round(bytes / count),
  };
}

/** At a steady rate, with the moment from which each could be read. */
async function paced(messagesPerS: number): Promise<Paced> {
  const rate = messagesPerS / ofGroup;
  const events = Math.round((rate * pacedMs) / 1_000);
  const before = side.head();
  const readableMs = new Float64Array(events);
  const watch = async (): Promise<void> => {
    for (let seen = before; seen < before + events;) {
      await side.grown(seen);
      const nowMs = machineMs();
      const head = side.head();
      for (; seen < head; seen++) readableMs[seen - before] = nowMs;
    }
  };
  const watched = watch();
  const startMs = performance.now();
  const emittedMs = new Float64Array(events);
  for (let sent = 0; sent < events; await sleep(1)) {
    const due = Math.min(events, ((performance.now() - startMs) / 1_000) * rate);
    for (; sent < due; sent++) {
      emittedMs[sent] = machineMs();
      await side.emit(emitted++ % groups);
    }
  }
  const tookMs = performance.now() - startMs;
  await watched;
  await arrived(emitted);
  const { p50Ms, p99Ms, longestMs } = await look(
    before + 1,
    side.tells === "journal" ? readableMs : emittedMs,
    events,
  );
  return {
    messagesPerS: Math.round(((events * ofGroup) / tookMs) * 1_000),
    p50Ms,
    p99Ms,
    longestMs,
  };
}

// What the first sockets of all cost is code, and no matter of their number.
await joined(groups * 5);
const before = await memory();
await joined(socketsMax - groups * 5);
const after = await memory();
const { messagesPerS, bytesOfMessage } = await saturation();
const each = (bytes: number): number => Math.round(bytes / (socketsMax - groups * 5));
// The slower one first: a backlog of the other would be in its way.
const pacedAsFloor = floorPerS === undefined ? undefined : await paced(Number(floorPerS) / 2);
process.send?.({
  messagesPerS,
  bytesOfMessage,
  residentBytesOfSocket: each(after.resident - before.resident),
  heapBytesOfSocket: each(after.heap - before.heap),
  pacedAsFloor,
  paced: await paced(messagesPerS / 2),
} satisfies Stage);
crowd.removeAllListeners("exit").disconnect();
await side.close();
process.exit();
