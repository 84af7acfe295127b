import { TrunklineError } from "@trunkline/client";
import { settled } from "@trunkline/testkit";
import { expect, test } from "vitest";
import type { RelayConfig } from "./config/config.ts";
import { isRelayError, RelayError } from "./errors.ts";
import type { Relay } from "./relay.ts";
import { notification } from "./testing/fake-client.ts";
import { SqliteFault } from "./testing/journal-stage.ts";
import {
  baseConfig,
  baseTrunk,
  brokenSink,
  fileSink,
  refusal,
  RelayStage,
} from "./testing/relay-stage.ts";

const [a, b, c] = ["v2.users.a.presence", "v2.users.b.presence", "v2.users.c.presence"] as const;
const trunks = [baseTrunk, { ...baseTrunk, name: "other" }];

async function running(stage: RelayStage): Promise<Relay> {
  const relay = await stage.start();
  for (const { name } of stage.config.trunks) await stage.goLive(name);
  stage.log.forget();
  return relay;
}

/** What the relay does now, as far as a reload may change it. */
function shape(stage: RelayStage, relay: Relay): unknown {
  return {
    topics: [...stage.clients.values()].map((client) => client.topics().map(({ topic }) => topic)),
    sinks: relay.service.sinks().map(({ name, state }) => `${name} ${state}`),
    levels: stage.log.levels,
  };
}

function withTopics(topics: readonly string[], change: Partial<RelayConfig> = {}): RelayConfig {
  return { ...baseConfig, trunks: [{ ...baseTrunk, topics }], ...change };
}

test("takes over topics, sinks, level and warnings, and says what changed", async () => {
  const stage = new RelayStage({ sinks: [fileSink("old"), fileSink("kept")] });
  const relay = await running(stage);
  await stage.pass(10);
  stage.next = () =>
    withTopics([a, c], {
      sinks: [fileSink("kept"), fileSink("new")],
      log: { level: "debug" },
      warnings: ["unwise"],
    });
  const report = await stage.within(20_000, relay.reload());
  expect(report.changes).toEqual([
    "log: level info → debug",
    "trunk main: 1 topic more, 1 topic less",
    "sink old: removed",
    "sink new: new (file)",
  ]);
  await stage.pass(10);
  expect(shape(stage, relay)).toEqual({
    topics: [[a, c]],
    sinks: ["kept live", "new live"],
    levels: ["debug"],
  });
  expect(stage.log.told).toEqual(["warn CONFIG_UNWISE: unwise", "info: configuration reloaded"]);
  // What was taken over is no change any more.
  await expect(relay.reload()).resolves.toMatchObject({ changes: [] });
  const consumers = await relay.service.journal.consumers();
  expect(consumers.map(({ name, isEnabled }) => `${name} ${isEnabled}`)).toEqual([
    "sink:kept true",
    "sink:new true",
    "sink:old false",
  ]);
  await stage.within(20_000, relay.stop());
});

test("that changes no topics leaves the lines alone", async () => {
  const stage = new RelayStage();
  const relay = await running(stage);
  stage.next = () => ({ ...withTopics([a, b]), log: { level: "warn" } });
  await stage.within(1_000, relay.reload());
  expect(stage.client().set).toEqual([]);
});

test.for<[string, (stage: RelayStage) => void]>([
  [
    "a file that cannot be read",
    (stage) => {
      stage.next = () => {
        throw new RelayError("CONFIG_INVALID", "It is wrong.");
      };
    },
  ],
  [
    "a topic of the second trunk",
    (stage) => {
      const [main, other] = [
        { ...baseTrunk, topics: [c] },
        { ...baseTrunk, name: "other", topics: ["invalid"] },
      ];
      stage.next = () => ({ ...baseConfig, trunks: [main, other], log: { level: "debug" } });
    },
  ],
  [
    "a template of a sink",
    (stage) => {
      const sinks = [fileSink("archive"), fileSink("more"), brokenSink("hook")];
      const topics = trunks.map((trunk) => ({ ...trunk, topics: [c] }));
      stage.next = () => ({ ...baseConfig, sinks, trunks: topics, log: { level: "debug" } });
    },
  ],
  [
    "a certificate",
    (stage) => {
      stage.failing.set("certificate", refusal("TLS_INVALID"));
      const topics = trunks.map((trunk) => ({ ...trunk, topics: [c] }));
      stage.next = () => ({ ...baseConfig, sinks: [], trunks: topics, log: { level: "debug" } });
    },
  ],
])("refused for %s changes nothing, and says why", async ([, arrange]) => {
  const stage = new RelayStage({ trunks, sinks: [fileSink("archive")] });
  const relay = await running(stage);
  await stage.pass(10);
  const before = shape(stage, relay);
  arrange(stage);
  await expect(stage.within(20_000, relay.reload())).rejects.toSatisfy(
    (error) => isRelayError(error) || error instanceof TrunklineError,
  );
  await stage.pass(10);
  expect(shape(stage, relay)).toEqual(before);
  expect(stage.log.told).toEqual([expect.stringMatching(/^error [A-Z_]+: not reloaded: /u)]);
  // What was refused is no longer in the way of the next.
  stage.failing.clear();
  stage.next = () => ({ ...stage.config, log: { level: "warn" } });
  await expect(stage.within(1_000, relay.reload())).resolves.toMatchObject({
    changes: ["log: level info → warn"],
  });
  await stage.within(20_000, relay.stop());
});

test("what an error that is none of ours says stays out of the log", async () => {
  const stage = new RelayStage();
  const relay = await running(stage);
  stage.next = () => {
    throw new Error("swordfish");
  };
  await expect(relay.reload()).rejects.toThrow("swordfish");
  expect(stage.log.told).toEqual([
    "error INTERNAL: not reloaded: something broke inside Trunkline",
  ]);
});

test("a file has one writer: the sink that had it is closed before the next opens it", async () => {
  const stage = new RelayStage({ sinks: [fileSink("first", { path: "/out/same.ndjson" })] });
  const relay = await running(stage);
  stage.client().tell(notification(a, 1));
  await stage.pass(100);
  stage.files.log.length = 0;
  stage.next = () => ({ ...baseConfig, sinks: [fileSink("second", { path: "/out/same.ndjson" })] });
  await stage.within(20_000, relay.reload());
  await stage.pass(100);
  const { log } = stage.files;
  expect(log.indexOf("close")).toBeGreaterThanOrEqual(0);
  expect(log.indexOf("close")).toBeLessThan(log.indexOf("open"));
  await stage.within(20_000, relay.stop());
});

test("that comes while the relay stops starts nothing, and is told so", async () => {
  const stage = new RelayStage({ sinks: [fileSink("old")] });
  const relay = await running(stage);
  await stage.pass(10);
  stage.next = () => ({ ...baseConfig, sinks: [fileSink("new")] });
  const reloaded = relay.reload();
  const stopped = relay.stop();
  reloaded.catch(() => undefined);
  await stage.within(20_000, stopped);
  await settled();
  expect(stage.files.paths).toEqual(["/out/old.ndjson"]);
  expect(stage.clock.timers).toBe(0);
  await expect(relay.reload()).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
});

test("that is under way when the relay stops starts nothing more", async () => {
  const stage = new RelayStage({ sinks: [fileSink("old")] });
  const relay = await running(stage);
  stage.client().tell(notification(a, 1));
  // The old sink hangs in its write, so the new one must wait.
  stage.files.hang();
  await stage.pass(100);
  stage.next = () => ({ ...baseConfig, sinks: [fileSink("new")] });
  const reloaded = relay.reload();
  await stage.pass(1_000);
  const stopped = relay.stop();
  await stage.within(30_000, stopped);
  stage.files.release();
  await stage.pass(30_000);
  await reloaded.catch(() => undefined);
  expect(stage.files.paths).not.toContain("/out/new.ndjson");
  expect(stage.clock.timers).toBe(0);
});

test("while the journal cannot store sinks change all the same", async () => {
  const stage = new RelayStage({ sinks: [fileSink("old")] });
  const relay = await running(stage);
  await stage.pass(10);
  stage.journals.disk.fault = new SqliteFault(13, "full");
  stage.next = () => withTopics([a], { sinks: [fileSink("new")] });
  await stage.within(20_000, relay.reload());
  expect(shape(stage, relay)).toMatchObject({ topics: [[a]], sinks: ["new opening"] });
  stage.journals.disk.fault = undefined;
  await stage.pass(10_000);
  expect(shape(stage, relay)).toMatchObject({ sinks: ["new live"] });
  await stage.within(20_000, relay.stop());
});

test("that comes while the relay starts is taken over after that", async () => {
  const stage = new RelayStage({ sinks: [fileSink("archive")] });
  const next = withTopics([a], { sinks: [fileSink("archive"), fileSink("more")] });
  let reloaded: Promise<unknown> | undefined;
  stage.next = () => {
    stage.log.info({}, "read again");
    return next;
  };
  stage.onListening = (service) => {
    reloaded = service.reload();
  };
  stage.onOpened = () => {
    const { journal } = stage;
    const consumers = journal?.consumers.bind(journal);
    if (journal !== undefined && consumers !== undefined)
      journal.consumers = () => {
        stage.log.info({}, "looked at the sinks");
        return consumers();
      };
  };
  const relay = await stage.start();
  await stage.within(1_000, reloaded ?? Promise.resolve());
  const order = stage.log.told.filter((line) => /read again|looked/u.test(line));
  expect(order).toEqual([
    "info: looked at the sinks",
    "info: read again",
    "info: looked at the sinks",
  ]);
  await stage.pass(10);
  expect(shape(stage, relay)).toMatchObject({
    topics: [[a]],
    sinks: ["archive live", "more live"],
  });
  await stage.within(20_000, relay.stop());
});

test("without a file there is nothing to reload", async () => {
  const stage = new RelayStage();
  const relay = await stage.start(false);
  await expect(relay.reload()).rejects.toMatchObject({ code: "RELOAD_IMPOSSIBLE" });
});
