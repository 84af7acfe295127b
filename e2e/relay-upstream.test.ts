/**
 * The road to Genesys Cloud breaks under a running relay, each time in another way: the journal has a gap
 * that says so, and what is missing lies in it.
 */
import { afterEach, expect, test } from "vitest";
import { createMock } from "@trunkline/mock";
import { endAll, onEnd } from "../packages/cli/src/testing/processes.ts";
import type { GapCause } from "../packages/relay/src/journal/entry.ts";
import { gapsOf, type Disk } from "./relay-books.ts";
import { eventually } from "./relay-rig.ts";
import { stage } from "./relay-stage.ts";

afterEach(endAll);

/** Each topic's gaps of these causes (what was seen, and what was found out), and no others but that of the stop: closed, and longer than nothing. */
function expectGaps(
  disk: Disk,
  topics: readonly string[],
  causes: readonly GapCause[],
  count: number,
): void {
  const gaps = gapsOf(disk).filter(({ cause }) => cause !== "stopped");
  expect(new Set(gaps.map(({ cause }) => cause))).toEqual(new Set(causes));
  const closed = gaps.filter(({ state }) => state === "closed");
  for (const topic of topics) {
    const own = closed.filter((gap) => gap.topics.includes(topic));
    expect(own).toHaveLength(count);
    for (const { fromMs, toMs = 0 } of own) expect(toMs).toBeGreaterThan(fromMs);
  }
}

test("cuts: a gap each, and all that is missing lies in them", async () => {
  const on = await stage();
  for (let cut = 0; cut < 3; cut++) {
    on.mock.cloud.faults.cutSockets({}, on.mock.nowMs());
    await on.flows();
  }
  expectGaps(await on.books(), on.topics, ["cut"], 3);
});

test("a close by the service with a reason: a gap of cause closed", async () => {
  const on = await stage();
  on.mock.cloud.faults.closeSockets({ code: 1011, reason: "unexpected" }, on.mock.nowMs());
  await on.flows();
  expectGaps(await on.books(), on.topics, ["closed"], 1);
  expect(on.relay.logged("1011").length + on.relay.logged("GAP_OPEN").length).toBeGreaterThan(0);
});

test("a socket that has gone silent: told as silence, after the time that it takes to be sure", async () => {
  const on = await stage({ pongTimeout: "500ms" });
  const [socket] = on.mock.cloud.state().sockets;
  on.mock.cloud.faults.silence({ socketId: socket?.socketId ?? 0 }, on.mock.nowMs());
  await on.flows();
  const disk = await on.books();
  const silence = gapsOf(disk).filter(({ cause }) => cause === "silence");
  expect(silence.filter(({ state }) => state === "closed").length).toBeGreaterThan(0);
});

test("refused upgrades: ready says no, with a code, until the road is there again", async () => {
  const on = await stage();
  const { faults } = on.mock.cloud;
  faults.refuseUpgrades({ status: 503 }, on.mock.nowMs());
  faults.cutSockets({}, on.mock.nowMs());
  const away = await eventually("not ready", async () => {
    const { status, json } = await on.relay.get("/readyz");
    return status === 503
      ? (json as { readonly trunks: readonly { readonly error?: unknown }[] })
      : undefined;
  });
  expect(away.trunks).toMatchObject([{ name: "main", state: "restoring" }]);
  await eventually("a code", async () => {
    const { json } = await on.relay.get("/admin/trunks");
    return JSON.stringify(json).includes('"code":"UPGRADE_REFUSED');
  });
  faults.clear();
  await on.flows();
  await eventually("ready", async () => (await on.relay.get("/readyz")).status === 200);
  expectGaps(await on.books(), on.topics, ["cut", "path"], 1);
});

test("the cloud ends and is there again on the same port, knowing nothing of before", async () => {
  const on = await stage();
  const { port } = on.mock;
  await on.cloudGone();
  await eventually("not ready", async () => (await on.relay.get("/readyz")).status === 503);
  const next = await createMock({ rate: 0, port, seed: 1 });
  onEnd(() => next.close());
  on.cloudBack(next);
  await on.flows();
  const disk = await on.books();
  expectGaps(disk, on.topics, ["cut", "path"], 1);
});

test("a client that is disabled: ready says no, with a code; enabled again, it goes on, with a gap", async () => {
  const on = await stage();
  const { cloud, clientId } = on.mock;
  cloud.faults.disableClient({ clientId }, on.mock.nowMs());
  await eventually("not ready", async () => (await on.relay.get("/readyz")).status === 503);
  await eventually("a code", async () => {
    const { json } = await on.relay.get("/admin/trunks");
    return /"code":"(?<code>[A-Z_]+)"/u.exec(JSON.stringify(json))?.[1];
  });
  cloud.faults.enableClient({ clientId }, on.mock.nowMs());
  await on.flows();
  expectGaps(await on.books(), on.topics, ["closed", "token"], 1);
});
