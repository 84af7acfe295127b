/**
 * Chaos on real parts: `trunkline run` in a process of its own, under load, on a road that is cut, stalled,
 * slowed and closed, killed in the middle, frozen, and with a wall clock that jumps. In the end what is missing lies in
 * a gap, and the line is whole. `STORMS` storms, from `SIM_SEED`.
 */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDice, type Dice } from "@trunkline/testkit";
import { afterEach, expect, test } from "vitest";
import { endAll, mockHere } from "../packages/cli/src/testing/processes.ts";
import { ChaosRoad } from "./chaos-road.ts";
import { gapsOf } from "./relay-books.ts";
import type { TopicsReply } from "../packages/relay/src/http/api.ts";
import { eventually, folder, startRelay, writeConfig } from "./relay-rig.ts";
import { stage, type Stage } from "./relay-stage.ts";

afterEach(endAll);

const storms = Number(process.env["STORMS"] ?? 6);
const seed = Number(process.env["SIM_SEED"] ?? Date.now() % 1_000_000);
const patienceMs = 60_000 + storms * 4_000;

/** Silence is found out soon here, and a slow machine is not taken for a silent one. */
const policy = { pongTimeout: "1s", silence: "4s", overlap: "500ms" };

type Strike = (road: ChaosRoad, on: Stage, dice: Dice) => Promise<void> | void;

const strikes: Readonly<Record<string, Strike>> = {
  cut: (road) => road.cut(),
  stall: async (road, _, dice) => {
    road.stall();
    await sleep(dice.between(200, 2_500));
    road.flow();
  },
  slow: async (road, _, dice) => {
    road.delayMs = dice.int(10, 150);
    await sleep(dice.between(300, 1_000));
    road.delayMs = 0;
  },
  closed: async (road, _, dice) => {
    road.isOpen = false;
    road.cut();
    await sleep(dice.between(200, 1_000));
    road.isOpen = true;
  },
  announced: (_, { mock }) => {
    mock.cloud.faults.announceClosing({ graceMs: 6_000 }, mock.nowMs());
  },
  killed: (_, on) => on.restart(),
};

test.each([1, 2] as const)(
  `redundancy %i: ${storms} strikes of a storm (SIM_SEED=${seed}), and what is missing lies in a gap`,
  async (redundancy) => {
    const dice = createDice(seed, `chaos-${redundancy}`);
    const mock = await mockHere();
    const road = await ChaosRoad.open(mock.port);
    const on = await stage(policy, { apiUrl: road.url, trunk: { redundancy } }, mock);
    for (let strike = 0; strike < storms; strike++) {
      await sleep(dice.between(100, 800));
      await strikes[dice.pick(Object.keys(strikes))]?.(road, on, dice);
    }
    road.heal();
    const disk = await on.books();
    expect(disk.entries.length).toBeGreaterThan(storms);
  },
  patienceMs,
);

test("an announced close on a slow road: nothing is missing, nothing comes twice, and there is no gap", async () => {
  const mock = await mockHere();
  const road = await ChaosRoad.open(mock.port);
  road.delayMs = 40;
  const on = await stage(policy, { apiUrl: road.url }, mock);
  for (let times = 0; times < 2; times++) {
    const before = mock.cloud.state().sockets.map(({ socketId }) => socketId);
    mock.cloud.faults.announceClosing({ graceMs: 8_000 }, mock.nowMs());
    await eventually("another socket, alone", () => {
      const now = mock.cloud.state().sockets.map(({ socketId }) => socketId);
      return now.length === 1 && !before.includes(now[0] ?? 0);
    });
  }
  const disk = await on.books();
  expect(gapsOf(disk).filter(({ cause }) => cause !== "stopped")).toEqual([]);
}, 60_000);

test("a process that was frozen: what came meanwhile is there or in a gap, and the line is whole", async () => {
  const on = await stage(policy);
  on.relay.running.child.kill("SIGSTOP");
  await sleep(7_000);
  on.relay.running.child.kill("SIGCONT");
  const disk = await on.books();
  expect(disk.entries.length).toBeGreaterThan(1_000);
}, 60_000);

/** The library that `faketime` (Debian) puts before the C library; empty where it is not installed. */
const library = spawnSync("faketime", ["-f", "+0", "sh", "-c", "echo $LD_PRELOAD"]);
const libfaketime = (library.stdout?.toString() ?? "").trim();

test.skipIf(libfaketime === "")(
  "a wall clock that jumps, either way: bounds in order, and what is missing lies in a gap (needs `apt-get install faketime`)",
  async () => {
    const dir = folder();
    const clock = join(dir, "clock");
    writeFileSync(clock, "+0");
    const launcher = [
      "env",
      `LD_PRELOAD=${libfaketime}`,
      `FAKETIME_TIMESTAMP_FILE=${clock}`,
      "FAKETIME_NO_CACHE=1",
      // What is monotonic stays so: it is the wall clock that people and time servers set.
      "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ] as const;
    const on = await stage(policy, { launcher: [...launcher] });
    for (const offset of ["+3600", "-7200", "+0"]) {
      writeFileSync(clock, offset);
      await sleep(1_000);
      on.mock.cloud.faults.cutSockets({}, on.mock.nowMs());
      await on.flows();
    }
    const gaps = gapsOf(await on.ended());
    const closed = gaps.filter(({ state }) => state === "closed");
    expect(closed.length).toBeGreaterThanOrEqual(3);
    expect(closed.filter(({ fromMs, toMs = 0 }) => toMs < fromMs)).toEqual([]);
  },
  60_000,
);

/** What a relay says of its topics, though it is not ready as long as one of them is not live. */
async function topicStates(port: number): Promise<readonly string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/admin/topics?limit=100`);
  return ((await response.json()) as TopicsReply).topics.map(({ state }) => state);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

test("two relays on one OAuth client with more topics than channels: nobody is evicted, the rest is over budget", async () => {
  const mock = await mockHere();
  const topics = mock.sampleTopics(24);
  const ports = [await freePort(), await freePort()];
  for (const [index, port] of ports.entries()) {
    const own = topics.slice(index * 12, index * 12 + 12);
    const policy = { topicsPerLineMax: 1 };
    const more = { http: { port } };
    startRelay(writeConfig({ dir: folder(), mock, topics: own, policy, more }), mock.clientSecret);
  }
  const settled = await eventually("every topic is live, or found no room", async () => {
    const states = (await Promise.all(ports.map((port) => topicStates(port)))).flat();
    const isSettled = states.every((state) => state === "live" || state === "over-budget");
    return isSettled && states.length === topics.length ? states : undefined;
  });
  expect(settled.filter((state) => state === "live").length).toBeGreaterThan(15);
  const evicted = mock.cloud.ledger.history().filter(({ what }) => what === "channel-evicted");
  expect(evicted).toEqual([]);
  expect(mock.cloud.state().channels.length).toBeLessThanOrEqual(20);
}, 60_000);
