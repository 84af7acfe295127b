/**
 * What the mock bears: 2,000 channel sockets at once, 20,000 events a second, each to one of them, and how soon they
 * arrive. The mock is one process, the sockets' other ends are another. Its memory with all sockets idle, and the time
 * from the start of its process to the first answer.
 */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import type { Flooded, Order } from "./mock-crowd.ts";
import type { Verdict } from "./run.ts";
import { machineMs, median } from "./sender.ts";

const clientsMax = 100;
const channelsOfClient = 20;
const rate = 20_000;
const seconds = 15;
const warmSeconds = 3;
const settleMs = 3_000;
const starts = 5;
/** Of the wanted rate: the last tick of a flood may be late. */
const rateShareMin = 0.99;
const readyMsMax = 500;
const residentMbMax = 150;
/** How long the last events may be under way. */
const drainMs = 5_000;

interface Told {
  readonly apiUrl: string;
  readonly clients: readonly { readonly clientId: string; readonly clientSecret: string }[];
}

/** Arrivals of all sockets together; the moments from emit to arrival. */
class Tally {
  readonly tookMs: number[] = [];

  take(data: Buffer): void {
    const mark = data.indexOf('"sentAtMs":');
    if (mark === -1) return;
    const sentAtMs = Number.parseFloat(data.toString("latin1", mark + 11, mark + 31));
    this.tookMs.push(machineMs() - sentAtMs);
  }

  async has(count: number): Promise<void> {
    const endMs = performance.now() + drainMs;
    while (this.tookMs.length < count && performance.now() < endMs) await sleep(20);
  }
}

async function post(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, { method: "POST", ...init });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

/** A channel with a topic of its own, and its socket. */
async function connect(
  apiUrl: string,
  token: string,
  topic: string,
  tally: Tally,
): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const url = `${apiUrl}/api/v2/notifications/channels`;
  const { id, connectUri } = (await post(url, { headers })) as { id: string; connectUri: string };
  const body = JSON.stringify([{ id: topic }]);
  await post(`${url}/${id}/subscriptions`, { headers, body });
  const socket = new WebSocket(connectUri, { perMessageDeflate: false });
  socket.on("message", (data: Buffer) => tally.take(data));
  await once(socket, "open");
  return socket;
}

async function connectAll(
  told: Told,
  topics: readonly string[],
  tally: Tally,
): Promise<WebSocket[]> {
  const perClient = told.clients.map(async ({ clientId, clientSecret }, index) => {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    });
    const { access_token: token } = (await post(`${told.apiUrl}/oauth/token`, { body })) as {
      access_token: string;
    };
    const sockets: WebSocket[] = [];
    for (const topic of topics.slice(index * channelsOfClient, (index + 1) * channelsOfClient))
      sockets.push(await connect(told.apiUrl, token, topic, tally));
    return sockets;
  });
  return (await Promise.all(perClient)).flat();
}

async function ask<Answer>(mock: ChildProcess, order: Order): Promise<Answer> {
  mock.send(order);
  const [answer] = (await once(mock, "message")) as [Answer];
  return answer;
}

interface Load extends Flooded {
  readonly sockets: number;
  readonly idleMb: number;
  readonly arrived: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function load(): Promise<Load> {
  const mock = fork(new URL("mock-crowd.js", import.meta.url), [String(clientsMax)]);
  const [told] = (await once(mock, "message")) as [Told];
  const tally = new Tally();
  const count = clientsMax * channelsOfClient;
  const topics = Array.from({ length: count }, () => `v2.users.${randomUUID()}.presence`);
  const sockets = await connectAll(told, topics, tally);
  await sleep(settleMs);
  const { residentBytes } = await ask<{ residentBytes: number }>(mock, { ask: "memory" });
  // Code compiles and buffers grow before what is measured.
  const warm = await ask<Flooded>(mock, { ask: "flood", rate, seconds: warmSeconds, topics });
  await tally.has(warm.emitted);
  tally.tookMs.length = 0;
  const flooded = await ask<Flooded>(mock, { ask: "flood", rate, seconds, topics });
  await tally.has(flooded.emitted);
  for (const socket of sockets) socket.terminate();
  mock.disconnect();
  const sorted = tally.tookMs.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Number((sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2));
  return {
    ...flooded,
    sockets: sockets.length,
    idleMb: residentBytes / 1_000_000,
    arrived: sorted.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

/** From the start of the process to its line of readiness. */
async function readyMs(command: string, args: readonly string[]): Promise<number> {
  const sinceMs = performance.now();
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const tookMs = performance.now() - sinceMs;
  child.kill("SIGKILL");
  await once(child, "exit");
  return tookMs;
}

async function medianReadyMs(command: string, args: readonly string[]): Promise<number> {
  const file = fileURLToPath(new URL(command, import.meta.url));
  const took: number[] = [];
  for (let start = 0; start < starts; start++) took.push(await readyMs(file, args));
  return Math.round(median(took));
}

/** The mock under load, at rest and at its start. */
export async function mock(): Promise<Verdict> {
  const flags = ["--port", "0", "--json"];
  const ready = await medianReadyMs("../../packages/mock/bin/trunkline-mock.js", flags);
  const cliReady = await medianReadyMs("../../packages/cli/bin/trunkline.js", ["mock", ...flags]);
  const { emitted, tookMs, ...found } = await load();
  const perS = Math.round((emitted / tookMs) * 1_000);
  const lost = emitted - found.arrived;
  const figures = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
    sockets: found.sockets,
    eventsPerS: perS,
    emitted,
    lost,
    emitToReceive: { p50Ms: found.p50Ms, p99Ms: found.p99Ms },
    mockCorePercent: found.corePercent,
    readyMs: { trunklineMock: ready, trunklineCli: cliReady },
    residentMbIdle: Number(found.idleMb.toFixed(1)),
  };
  const missed = [
    ...(perS < rate * rateShareMin ? [`${perS} events/s, the bar is ${rate}`] : []),
    ...(lost === 0 ? [] : [`${lost} events were lost`]),
    ...[ready, cliReady]
      .filter((ms) => ms > readyMsMax)
      .map((ms) => `ready after ${ms} ms, the bar is ${readyMsMax} ms`),
    ...(found.idleMb > residentMbMax
      ? [
          `${found.sockets} idle sockets take ${found.idleMb.toFixed(0)} MB, the bar is ${residentMbMax} MB`,
        ]
      : []),
  ];
  return { figures, missed };
}
