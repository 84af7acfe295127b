/**
 * The memory of a relay with 20 lines of 1,000 topics, in a process of its own: after the start, after a
 * minute under 1,000 events a second (or a third of the time), and at the end. The mock is in another.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createRelay } from "@trunkline/relay";
import { bareConfig, quiet } from "./relay-config.ts";

export interface Residence {
  readonly startMb: number;
  readonly earlyMb: number;
  readonly lateMb: number;
  readonly stored: number;
}

const topicsMax = 20 * 1_000;
const rate = 1_000;
const settleMs = 3_000;
const sampleMs = 1_000;

const [folder = "", minutes = "1"] = process.argv.slice(2);
const mock = fork(new URL("mock.js", import.meta.url), [String(topicsMax), String(rate)]);
const [{ apiUrl, clientId, clientSecret, topics }] = (await once(mock, "message")) as [
  { apiUrl: string; clientId: string; clientSecret: string; topics: readonly string[] },
];
const config = bareConfig(folder, apiUrl, topics, clientId, clientSecret);
const relay = await createRelay({ config, log: quiet });
await relay.ready;
await sleep(settleMs);
const startMb = residentMb();

mock.send("pour");
const samples: number[] = [];
const totalMs = Number(minutes) * 60_000;
for (let spentMs = 0; spentMs < totalMs; spentMs += sampleMs) {
  await sleep(sampleMs);
  samples.push(residentMb());
}
const warmUp = Math.min(60, Math.floor(samples.length / 3));
const watched = samples.slice(warmUp);
const third = Math.ceil(watched.length / 3);
const found: Residence = {
  startMb,
  earlyMb: median(watched.slice(0, third)),
  lateMb: median(watched.slice(-third)),
  stored: relay.service.journal.head,
};
await relay.stop();
mock.disconnect();
process.send?.(found, () => process.disconnect());

function residentMb(): number {
  return Number((process.memoryUsage.rss() / 1_000_000).toFixed(1));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
