/**
 * Genesys Cloud has 20 channels for an OAuth client, and no call deletes one. A relay that is started
 * often takes the place of what its own earlier runs have left, and never of somebody else's.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@trunkline/client";
import { createMock, type RunningMock } from "@trunkline/mock";
import { createConfig, createRelay, type Log, type Relay } from "@trunkline/relay";
import { afterEach, expect, test } from "vitest";
import { eventually } from "./relay-rig.ts";

const channelsMax = 20;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Told {
  readonly code?: unknown;
  readonly channels?: unknown;
}

/** Warnings and errors; and how the channels stood, as each run has counted them. */
const warnings: Told[] = [];
const budgets: unknown[] = [];
const log: Log = {
  debug: ({ channels }: Told) => void (channels !== undefined && budgets.push(channels)),
  info: () => undefined,
  warn: (fields: Told) => void warnings.push(fields),
  error: (fields: Told) => void warnings.push(fields),
};

interface Rig {
  readonly mock: RunningMock;
  /** A run on the one data directory; `evictChannels` is what it is by default. */
  readonly start: () => Promise<Relay>;
  /** How many channels another program on the same OAuth client still has, of those that it made. */
  readonly others: () => number;
}

/** @param othersCount channels of another program, each with a socket */
async function createRig(othersCount: number): Promise<Rig> {
  warnings.length = 0;
  budgets.length = 0;
  const mock = await createMock({ rate: 0, seed: 7 });
  cleanups.push(() => mock.close());
  const dataDir = mkdtempSync(join(tmpdir(), "trunkline-restarts-"));
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const { clientId, clientSecret, apiUrl: baseUrl } = mock;
  const credentials = { clientId, clientSecret };
  // A client leaves one channel of 20 to replace a session: the last is taken by one more client.
  for (const count of [Math.min(19, othersCount), Math.max(0, othersCount - 19)]) {
    if (count === 0) continue;
    const other = createClient({
      baseUrl,
      credentials,
      topics: mock.sampleTopics(count),
      combine: "never",
      policy: { topicsPerLineMax: 1 },
    });
    cleanups.push(() => other.close());
    void (async () => {
      for await (const _ of other.events());
    })();
    await eventually("the channels of another program", () =>
      other.topics().every(({ state }) => state === "live"),
    );
  }
  const theirs = new Set(mock.cloud.state().channels.map(({ channelId }) => channelId));
  const config = createConfig({
    baseUrl,
    credentials,
    topics: mock.sampleTopics(2),
    dataDir,
    port: 0,
    logLevel: "silent",
    folder: dataDir,
    env: {},
    readText: () => "",
  });
  return {
    mock,
    start: async () => {
      const relay = await createRelay({ config, log });
      cleanups.push(() => relay.stop());
      return relay;
    },
    others: () =>
      mock.cloud.state().channels.filter(({ channelId }) => theirs.has(channelId)).length,
  };
}

/** Whichever comes first; a failure is thrown. */
function live(relay: Relay): Promise<void> {
  const failed = relay.failed.then((error): never => {
    throw error;
  });
  return Promise.race([relay.ready, failed]);
}

test.each([0, 5])(
  "started 22 times where another program has %s of the 20 channels, it is live each time, and the other keeps its own",
  async (othersCount) => {
    const { mock, start, others } = await createRig(othersCount);
    for (let run = 1; run <= 22; run++) {
      const relay = await start();
      await live(relay);
      await relay.stop();
      const { length } = mock.cloud.state().channels;
      expect([run, length]).toEqual([run, Math.min(channelsMax, othersCount + run)]);
    }
    expect(others()).toBe(othersCount);
    // What was evicted counts for ours no longer, or the others' would in the end.
    expect(budgets).toEqual(
      Array.from({ length: 22 }, () => ({ ours: 0, others: othersCount, limit: channelsMax })),
    );
    expect(warnings).toEqual([]);
  },
);

test("with all 20 taken by another program it says so, waits, and takes none", async () => {
  const { mock, start, others } = await createRig(channelsMax);
  const relay = await start();
  await eventually("the word that all are taken", () =>
    warnings.some(({ code }) => code === "CHANNELS_TAKEN"),
  );
  const [trunk] = relay.service.trunks();
  expect(trunk).toMatchObject({ state: "starting", error: { code: "CHANNELS_TAKEN" } });
  const first = await Promise.race([relay.failed, relay.ready, relay.stop().then(() => "stopped")]);
  expect(first).toBe("stopped");
  expect([others(), mock.cloud.state().channels.length]).toEqual([channelsMax, channelsMax]);
});
