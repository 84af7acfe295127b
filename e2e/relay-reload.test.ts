/** SIGHUP changes what a relay listens to and where it delivers, under load, without a reconnect and without a gap. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { endAll } from "../packages/cli/src/testing/processes.ts";
import { expectOrder, expectStored, gapsOf } from "./relay-books.ts";
import { eventually, linesOf } from "./relay-rig.ts";
import { stage, type Stage } from "./relay-stage.ts";

afterEach(endAll);

interface Written {
  trunks: { topics: readonly string[] }[];
  sinks: Readonly<Record<string, unknown>>[];
}

/** Writes the configuration anew, and has it read. */
function change({ config, relay }: Stage, to: (written: Written) => void): void {
  const written = JSON.parse(readFileSync(config, "utf8")) as Written;
  to(written);
  writeFileSync(config, JSON.stringify(written, undefined, 2));
  relay.running.child.kill("SIGHUP");
}

async function liveTopics({ relay }: Stage): Promise<readonly string[]> {
  const { json } = await relay.get("/admin/topics?state=live");
  const { topics } = json as { readonly topics: readonly { readonly topic: string }[] };
  return topics.map(({ topic }) => topic).toSorted();
}

/** Sockets that were ever opened. */
function socketsOpened({ mock }: Stage): number {
  return mock.cloud.ledger.history().filter(({ what }) => what === "socket-opened").length;
}

test("topics come and go and a sink is added: one socket all the time, and no gap", async () => {
  const on = await stage();
  const { queues } = on.mock.cloud.world;
  const added = queues.slice(-2).map(({ id }) => `v2.routing.queues.${id}.users`);
  const [dropped = "", ...kept] = on.topics;
  // It is emitted to the end, and not carried to the end.
  on.carried.delete(dropped);

  const archive = join(dirname(on.config), "added.ndjson");
  change(on, ({ trunks, sinks }) => {
    for (const trunk of trunks) trunk.topics = [...kept, ...added];
    sinks.push({ name: "archive", type: "file", path: archive, from: "start" });
  });
  const wanted = [...kept, ...added].toSorted();
  await eventually("the new topics", async () => {
    const live = await liveTopics(on);
    return live.join() === wanted.join();
  });
  for (const topic of added) on.mock.cloud.emit(topic, { news: topic }, on.mock.nowMs());
  await eventually("events of the new topics in the new file", () =>
    added.every((topic) =>
      linesOf(archive).some((line) => line.includes(`"data":{"news":"${topic}"}`)),
    ),
  );
  expect(await on.relay.sink("archive")).toMatchObject({ state: "live", type: "file" });
  expect(socketsOpened(on)).toBe(1);

  // And back: what was dropped is carried again.
  change(on, ({ trunks }) => {
    for (const trunk of trunks) trunk.topics = on.topics;
  });
  await eventually(
    "the old topics",
    async () => (await liveTopics(on)).join() === on.topics.toSorted().join(),
  );
  expect(socketsOpened(on)).toBe(1);

  const disk = await on.books();
  expect(gapsOf(disk).filter(({ cause }) => cause !== "stopped")).toEqual([]);
  // From the start on, though the sink came late.
  const file = expectStored(linesOf(archive), disk);
  expectOrder(file, disk);
  expect(file.length).toBeGreaterThan(0);
});

test("a bad file is refused with place and remedy, and everything stays as it was", async () => {
  const on = await stage();
  const before = await liveTopics(on);
  const good = readFileSync(on.config, "utf8");
  const bad: readonly (readonly [string, RegExp])[] = [
    [good.replace('"trunks"', '"trunk"'), /trunkline\.yaml:\d+:\d+: .*trunk/u],
    ["trunks:\n  - name: [", /trunkline\.yaml:\d+:\d+/u],
    [good.replace("TEST_CLIENT_SECRET", "NOT_SET_ANYWHERE"), /NOT_SET_ANYWHERE/u],
  ];
  for (const [index, [text, message]] of bad.entries()) {
    writeFileSync(on.config, text);
    on.relay.running.child.kill("SIGHUP");
    const line = await eventually(
      "the refusal in the log",
      () => on.relay.logged("CONFIG_INVALID")[index],
    );
    expect(line).toMatch(message);
    expect(JSON.parse(line)).toMatchObject({ level: "error", help: expect.stringMatching(/./u) });
    await on.flows();
  }
  expect(await liveTopics(on)).toEqual(before);
  expect((await on.relay.get("/readyz")).status).toBe(200);
  expect(socketsOpened(on)).toBe(1);
  expect(gapsOf(await on.books()).filter(({ cause }) => cause !== "stopped")).toEqual([]);
});
