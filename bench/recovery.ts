/**
 * What an interruption costs whom: Trunkline, the official SDK with `reconnecting-websocket`, and `ws` by
 * hand, side by side on one mock, at 1,000 events a second, each fault at the same instant for all. What each was
 * owed is what the mock's ledger has.
 */
import { fork, type ChildProcess } from "node:child_process";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createMock, type RunningMock } from "@trunkline/mock";
import { programs, type Arrival, type Order, type Program, type Told } from "./recovery-clients.ts";
import type { Verdict } from "./run.ts";
import { machineMs } from "./sender.ts";
import { openRoad } from "./slow-road.ts";

const rate = 1_000;
const topicsCount = 10;
const tickMs = 5;
const warmMs = 2_000;
const drainMs = 1_500;
const graceMs = 5_000;
const oneWayMs = 50;

type Fault = "abrupt cut" | "announced close" | "channel gone" | "silent socket";
/** How long is waited after each: a generic client may take seconds, a silence is noticed after 15 s at most. */
const afterMs: Readonly<Record<Fault, number>> = {
  "abrupt cut": 6_000,
  "announced close": graceMs + 5_000,
  "channel gone": 6_000,
  "silent socket": 17_000,
};

interface Runner {
  readonly program: Program;
  readonly clientId: string;
  readonly child: ChildProcess;
  readonly arrivals: Arrival[];
  readonly words: Set<string>;
  readonly live: Promise<void>;
}

/** What became of one program in one interruption. */
interface Outcome {
  readonly fault: Fault;
  readonly roundTripMs: number;
  readonly program: Program;
  readonly lost: number;
  readonly duplicated: number;
  /** From the last event before the fault to the first after it, by the time between two arrivals. */
  readonly silenceMs: number;
  /** From the fault to the first event after it. */
  readonly firstAfterMs: number;
  /** The longest time between two arrivals without any fault. */
  readonly spacingMs: number;
  readonly userTold: string;
}

function start(
  program: Program,
  index: number,
  baseUrl: string,
  topics: readonly string[],
): Runner {
  const clientId = clientIdOf(index);
  const file = fileURLToPath(new URL("recovery-clients.js", import.meta.url));
  const child = fork(file, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const { promise: live, resolve } = Promise.withResolvers<void>();
  const runner: Runner = { program, clientId, child, arrivals: [], words: new Set(), live };
  child.on("message", (told: Told) => {
    if (told.type === "live") resolve();
    else if (told.type === "user") runner.words.add(told.word);
    else runner.arrivals.push(...told.arrivals);
  });
  const order: Order = { program, baseUrl, clientId, clientSecret, topics };
  child.send(order);
  return runner;
}

const clientSecret = "bench-secret";

function clientIdOf(index: number): string {
  return `c0ffee00-0000-4000-8000-0000000000b${index}`;
}

function strike(mock: RunningMock, fault: Fault): void {
  const nowMs = mock.nowMs();
  const { faults } = mock.cloud;
  const { sockets, channels } = mock.cloud.state();
  // With two sessions one of them is struck: that is what the second one is for.
  const struck = channels.filter(({ channelId, clientId }, index) => {
    const isOpen = sockets.some((socket) => socket.channelId === channelId);
    const isFirst = channels.findIndex((other) => other.clientId === clientId) === index;
    return isOpen && isFirst;
  });
  for (const { channelId } of struck) {
    if (fault === "abrupt cut") faults.cutSockets({ channelId }, nowMs);
    if (fault === "announced close") faults.announceClosing({ channelId, graceMs }, nowMs);
    if (fault === "channel gone") faults.dropChannel({ channelId }, nowMs);
    const socket = sockets.find((one) => one.channelId === channelId);
    if (fault === "channel gone" && socket !== undefined)
      faults.cutSockets({ socketId: socket.socketId }, nowMs);
    if (fault === "silent socket" && socket !== undefined)
      faults.silence({ socketId: socket.socketId }, nowMs);
  }
}

/** Emits until told to stop, and keeps what was emitted and when. */
function emitSteadily(mock: RunningMock, topics: readonly string[]): { stop: () => void } {
  let number = 0;
  let owedMs = machineMs();
  const timer = setInterval(() => {
    const nowMs = machineMs();
    for (; owedMs <= nowMs; owedMs += 1_000 / rate) {
      number++;
      mock.cloud.emit(topics[number % topics.length] ?? "", { number }, mock.nowMs());
    }
  }, tickMs);
  return { stop: () => clearInterval(timer) };
}

async function interrupt(fault: Fault, latencyMs: number): Promise<readonly Outcome[]> {
  await using mock = await createMock({
    rate: 0,
    clients: programs.map((_, index) => ({ clientId: clientIdOf(index), clientSecret })),
    settings: { ledgerEntriesMax: 200_000, ledgerBodyCharactersMax: 1 },
  });
  const road = latencyMs > 0 ? await openRoad(mock.port, latencyMs) : undefined;
  const baseUrl = `http://127.0.0.1:${road?.port ?? mock.port}`;
  const topics = mock.sampleTopics(topicsCount);
  const runners = programs.map((program, index) => start(program, index, baseUrl, topics));
  await Promise.all(runners.map(({ live }) => live));
  // Sessions are proven and paired before anything is counted.
  await sleep(warmMs);
  const emitting = emitSteadily(mock, topics);
  await sleep(warmMs);
  const since = mock.cloud.ledger.newest;
  const countedMs = machineMs();
  await sleep(warmMs);
  for (const { words } of runners) words.clear();
  const struckMs = machineMs();
  strike(mock, fault);
  await sleep(afterMs[fault]);
  const until = mock.cloud.ledger.newest;
  await sleep(drainMs);
  emitting.stop();
  const owed = mock.cloud.ledger
    .query({ since })
    .entries.filter(({ sequence }) => sequence <= until)
    .map(({ correlationId }) => correlationId);
  await sleep(drainMs);
  for (const { child } of runners) child.kill("SIGKILL");
  road?.close();
  const counted = { owed, countedMs, struckMs };
  return runners.map((runner) => outcome(runner, fault, latencyMs * 2, counted));
}

function outcome(
  { program, arrivals, words }: Runner,
  fault: Fault,
  roundTripMs: number,
  counted: {
    readonly owed: readonly string[];
    readonly countedMs: number;
    readonly struckMs: number;
  },
): Outcome {
  const { owed, countedMs, struckMs } = counted;
  const times = new Map<string, number>();
  for (const [id] of arrivals) times.set(id, (times.get(id) ?? 0) + 1);
  const atMs = arrivals.map(([, ms]) => ms);
  const calm = atMs.filter((ms) => countedMs <= ms && ms < struckMs);
  const after = atMs.filter((ms) => ms >= struckMs - 50 && ms < struckMs + afterMs[fault]);
  const next = atMs.find((ms) => ms > struckMs + roundTripMs / 2 + tickMs);
  return {
    fault,
    roundTripMs,
    program,
    lost: owed.filter((id) => !times.has(id)).length,
    duplicated: owed.filter((id) => (times.get(id) ?? 0) > 1).length,
    silenceMs: longest([...after, struckMs + afterMs[fault]]),
    firstAfterMs: Math.round((next ?? Number.POSITIVE_INFINITY) - struckMs),
    spacingMs: longest(calm),
    userTold: [...words].toSorted().join(", ") || "nothing",
  };
}

/** The longest time from one instant to the next. */
function longest(atMs: readonly number[]): number {
  let most = 0;
  for (let index = 1; index < atMs.length; index++)
    most = Math.max(most, (atMs[index] ?? 0) - (atMs[index - 1] ?? 0));
  return Math.round(most);
}

const reopenMsMax = 50;
const roundTripsMax = 2;

/** What is asked of Trunkline; the others are there to compare with. */
function missedBy(found: Outcome): readonly string[] {
  const { fault, roundTripMs, program, lost, duplicated, silenceMs, spacingMs } = found;
  if (program !== "trunkline" && program !== "trunkline-2") return [];
  const name = `${program}, ${fault}, round trip ${roundTripMs} ms`;
  const missed: string[] = [];
  if (duplicated > 0) missed.push(`${name}: ${duplicated} came twice`);
  const isAnnounced = fault === "announced close";
  if ((isAnnounced || program === "trunkline-2") && lost > 0) missed.push(`${name}: ${lost} lost`);
  // Half a second of a calm run is as long as anybody looks for its longest spacing.
  const calmMs = Math.max(spacingMs * 2, reopenMsMax);
  if (isAnnounced && silenceMs > calmMs)
    missed.push(`${name}: ${silenceMs} ms of silence, without a fault ${spacingMs} ms`);
  const barMs = reopenMsMax + roundTripsMax * roundTripMs;
  if (fault === "abrupt cut" && program === "trunkline" && silenceMs > barMs)
    missed.push(`${name}: first event again after ${silenceMs} ms, the bar is ${barMs} ms`);
  if (lost > 0 && !found.userTold.includes("gap")) missed.push(`${name}: lost, and not told`);
  return missed;
}

export async function recovery(): Promise<Verdict> {
  const outcomes: Outcome[] = [];
  for (const latencyMs of [0, oneWayMs]) {
    for (const fault of Object.keys(afterMs) as Fault[])
      outcomes.push(...(await interrupt(fault, latencyMs)));
  }
  const figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
    eventsPerS: rate,
    graceMs,
    outcomes: outcomes.map(
      ({ fault, roundTripMs, program, lost, duplicated, silenceMs, spacingMs, userTold }) =>
        `${fault.padEnd(16)} ${String(roundTripMs).padStart(4)} ms  ${program.padEnd(12)} lost ${String(lost).padStart(6)}  twice ${String(duplicated).padStart(4)}  silent ${String(silenceMs).padStart(6)} ms (calm ${spacingMs} ms)  user told: ${userTold}`,
    ),
  };
  return { figures, missed: outcomes.flatMap((found) => missedBy(found)) };
}
