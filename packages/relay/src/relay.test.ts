import { TrunklineError } from "@trunkline/client";
import { settled } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { isRelayError } from "./errors.ts";
import type { GapEntry } from "./journal/entry.ts";
import { gapOpens, notification, proof } from "./testing/fake-client.ts";
import { SqliteFault } from "./testing/journal-stage.ts";
import {
  baseConfig,
  baseTrunk,
  brokenSink,
  fileSink,
  refusal,
  RelayStage,
} from "./testing/relay-stage.ts";

const [a, b] = ["v2.users.a.presence", "v2.users.b.presence"] as const;
const full = new SqliteFault(13, "database or disk is full");
const corrupt = new SqliteFault(11, "database disk image is malformed");

async function gapsOf(stage: RelayStage): Promise<readonly string[]> {
  const entries = await stage.entries();
  return entries
    .filter((entry): entry is GapEntry => entry.kind === "gap")
    .map(({ trunk, cause, state, topics }) => `${trunk} ${cause} ${state} ${topics.join(" ")}`);
}

describe("a start", () => {
  test("that the port refuses lets go of everything, and has delivered nothing", async () => {
    const stage = new RelayStage({ sinks: [fileSink("archive")] });
    stage.failing.set("listen", refusal("PORT_IN_USE"));
    await expect(stage.within(1_000, stage.start())).rejects.toMatchObject({ code: "PORT_IN_USE" });
    expect(stage.isJournalClosed).toBe(true);
    expect(stage.files.log).toEqual([]);
    expect(stage.client().closes).toEqual([2_000]);
    expect(stage.clock.timers).toBe(0);
  });

  test("that a sink refuses opens no port", async () => {
    const stage = new RelayStage({ sinks: [fileSink("archive"), brokenSink("hook")] });
    await expect(stage.start()).rejects.toSatisfy((error) => isRelayError(error));
    expect([stage.isJournalClosed, stage.httpState]).toEqual([true, "closed"]);
    expect(stage.files.log).toEqual([]);
    expect(stage.clock.timers).toBe(0);
  });

  test("that a client refuses lets go of the journal", async () => {
    const trunks = [baseTrunk, { ...baseTrunk, name: "other" }];
    const stage = new RelayStage({ trunks });
    stage.failing.set("client", new TrunklineError("REGION_UNKNOWN", "There is none."));
    await expect(stage.start()).rejects.toMatchObject({ code: "REGION_UNKNOWN" });
    expect([stage.isJournalClosed, stage.httpState]).toEqual([true, "closed"]);
  });

  test("that fails on a disk that is full tells what made it fail, not what the stop could not do", async () => {
    const stage = new RelayStage({ sinks: [fileSink("archive")] });
    stage.onOpened = () => {
      stage.journals.disk.fault = full;
      if (stage.journal === undefined) return;
      stage.journal.gaps = () => Promise.reject(new Error("the gaps cannot be read"));
    };
    await expect(stage.within(60_000, stage.start())).rejects.toThrow("the gaps cannot be read");
    expect(stage.isJournalClosed).toBe(true);
    expect(stage.log.told.at(-1)).toMatch(/^error STOP_INCOMPLETE/u);
  });

  test("tells its warnings, and serves before any trunk is live", async () => {
    const stage = new RelayStage({ warnings: ["unwise"] });
    const relay = await stage.start();
    expect(stage.log.told).toEqual(["warn CONFIG_UNWISE: unwise", "info: relay started"]);
    expect(relay.url).toBe("http://127.0.0.1:8484");
    expect(relay.service.trunks()).toMatchObject([{ name: "main", state: "starting" }]);
    await stage.within(1_000, relay.stop());
    expect(stage.log.told.at(-1)).toBe("info: relay stopped");
    expect([stage.httpState, stage.clock.timers]).toEqual(["closed", 0]);
  });

  test("with a journal that cannot store says so before it is done", async () => {
    const stage = new RelayStage({ sinks: [fileSink("archive")] });
    await stage.within(1_000, (await stage.start()).stop());
    // Its place must be let go of, which is a write.
    stage.config = { ...baseConfig, sinks: [fileSink("archive", { isEnabled: false })] };
    stage.onOpened = () => (stage.journals.disk.fault = full);
    const relay = await stage.within(1_000, stage.start());
    await stage.pass(1_500);
    expect(stage.log.told).toContainEqual(expect.stringMatching(/^error JOURNAL_FULL/u));
    stage.journals.disk.fault = undefined;
    await stage.pass(6_000);
    expect(stage.log.told).toContain("info: the journal stores again");
    await stage.within(1_000, relay.stop());
  });
});

describe("ready and failed", () => {
  const trunks = [baseTrunk, { ...baseTrunk, name: "other" }];
  const refused = new TrunklineError("CREDENTIALS_REFUSED", "No.");

  test("ready waits for all trunks, failed for the last of them", async () => {
    const stage = new RelayStage({ trunks });
    const relay = await stage.start();
    const told: string[] = [];
    void relay.ready.then(() => told.push("ready"));
    void relay.failed.then((error) => told.push(`failed: ${error.message}`));
    await stage.goLive();
    expect(told).toEqual([]);
    await stage.goLive("other");
    expect(told).toEqual(["ready"]);
    stage.client().end(refused);
    await settled();
    expect(told).toEqual(["ready"]);
    expect(relay.service.trunks().map(({ state }) => state)).toEqual(["failed", "live"]);
    stage.client("other").end(new TrunklineError("CREDENTIALS_REFUSED", "Neither."));
    await settled();
    expect(told).toEqual(["ready", "failed: No."]);
    await stage.within(1_000, relay.stop());
  });

  test("one trunk that gives up is no end, and never ready", async () => {
    const stage = new RelayStage({ trunks });
    const relay = await stage.start();
    const told: string[] = [];
    void relay.ready.then(() => told.push("ready"));
    void relay.failed.then(() => told.push("failed"));
    stage.client().end(refused);
    await stage.goLive("other");
    expect(told).toEqual([]);
    expect(stage.log.told).toContain("error CREDENTIALS_REFUSED: the trunk has given up");
    await stage.within(1_000, relay.stop());
    expect(told).toEqual([]);
  });

  test("a journal that is broken for good is the end, under its own code, and told once by the journal", async () => {
    const stage = new RelayStage({ trunks });
    const relay = await stage.start();
    await stage.goLive();
    await stage.goLive("other");
    stage.log.forget();
    stage.journals.disk.fault = corrupt;
    stage.client().tell(notification(a, 1));
    await expect(stage.within(3_000, relay.failed)).resolves.toMatchObject({
      code: "JOURNAL_CORRUPT",
    });
    await stage.pass(600_000);
    expect(stage.log.told.filter((line) => line.includes("JOURNAL_CORRUPT"))).toHaveLength(1);
    // That it is broken was told by `failed`: the stop has nothing to add, but for the log.
    await stage.within(10_000, relay.stop());
    expect(stage.log.told.at(-1)).toMatch(/^error STOP_INCOMPLETE/u);
    expect(stage.log.told.join("\n")).not.toContain("INTERNAL");
  });
});

describe("a stop", () => {
  test("stores what the client says goodbye with, and delivers it to nobody who is gone", async () => {
    const stage = new RelayStage();
    const relay = await stage.start();
    await stage.goLive();
    const nowMs = stage.clock.wallMs();
    stage.client().goodbye = [
      notification(a, nowMs),
      ...gapOpens("gap-1", [a, b], nowMs, "stopped"),
    ];
    const stopped = relay.stop();
    expect(relay.stop()).toBe(stopped);
    await stage.within(1_000, stopped);
    const journal = await stage.journals.open();
    expect(journal.wasClosed).toBe(true);
    expect((await stage.entries(journal)).map(({ kind }) => kind)).toEqual(["event", "gap"]);
    expect(await journal.coverage("main", { isOpen: true })).toEqual([]);
    expect(stage.log.told.filter((line) => /^(?:warn|error)/u.test(line))).toEqual([]);
  });

  test("ends with a code while the disk is full for ever, and the next start tells what was lost", async () => {
    const stage = new RelayStage({}, { limits: { waitingDraftsMax: 10 } });
    const relay = await stage.start();
    await stage.goLive();
    const provenMs = stage.clock.wallMs() + 5;
    await stage.pass(5);
    stage.client().tell(notification(a, provenMs), proof(provenMs));
    await stage.pass(10);
    stage.journals.disk.fault = full;
    const many = Array.from({ length: 20 }, () => notification(a, stage.clock.wallMs()));
    stage.client().tell(...many);
    stage.client().tell(...many);
    await stage.pass(2_000);
    // The second batch waits with the client: there is no room.
    expect(stage.client().taken).toBe(3);
    await expect(stage.within(30_000, relay.stop())).rejects.toMatchObject({
      code: "STOP_INCOMPLETE",
      message: expect.stringMatching(/20 records.*no room/u),
    });
    expect(stage.log.told.at(-1)).toMatch(/^error STOP_INCOMPLETE: .*20 records/u);
    expect([stage.isJournalClosed, stage.httpState, stage.clock.timers]).toEqual([
      true,
      "closed",
      0,
    ]);

    stage.journals.disk.fault = undefined;
    const again = await stage.start();
    const entries = await stage.entries();
    expect(entries).toHaveLength(2);
    expect(entries[1]).toMatchObject({ kind: "gap", cause: "killed", fromMs: provenMs });
    expect((entries[1] as GapEntry).topics.toSorted()).toEqual([a, b]);
    await stage.within(1_000, again.stop());
  });

  test("says how much it could not store, also where all had reached the journal", async () => {
    const stage = new RelayStage();
    const relay = await stage.start();
    await stage.goLive();
    stage.journals.disk.fault = full;
    stage.client().tell(notification(a, 1), notification(a, 2));
    await stage.pass(10);
    await expect(stage.within(30_000, relay.stop())).rejects.toMatchObject({
      message: expect.stringMatching(/: 2 records: There is no room/u),
    });
  });

  test("says so where room came in time for what was taken, and not for what the client still had", async () => {
    const stage = new RelayStage(
      {},
      { limits: { waitingDraftsMax: 1, retryFirstMs: 60_000, retryMaxMs: 60_000 } },
    );
    const relay = await stage.start();
    await stage.goLive();
    stage.journals.disk.fault = full;
    stage.client().tell(notification(a, 1));
    stage.client().tell(notification(a, 2));
    await stage.pass(100);
    stage.journals.disk.fault = undefined;
    await expect(stage.within(30_000, relay.stop())).rejects.toMatchObject({
      code: "STOP_INCOMPLETE",
      message: expect.stringContaining("0 records, and what had not reached it"),
    });
  });

  test("waits for room that comes soon, and is complete", async () => {
    const stage = new RelayStage({}, { limits: { waitingDraftsMax: 1 } });
    const relay = await stage.start();
    await stage.goLive();
    stage.journals.disk.fault = full;
    for (let index = 0; index < 5; index++) stage.client().tell(notification(a, index));
    await stage.pass(100);
    const stopped = relay.stop();
    await stage.pass(2_000);
    stage.journals.disk.fault = undefined;
    await stage.within(10_000, stopped);
    const journal = await stage.journals.open();
    expect(await stage.entries(journal)).toHaveLength(5);
  });
});

describe("between runs", () => {
  test("a failed start in between does not make a kill look like a stop", async () => {
    const stage = new RelayStage();
    await stage.start();
    await stage.goLive();
    await stage.journals.kill();
    stage.failing.set("listen", refusal("PORT_IN_USE"));
    await expect(stage.within(1_000, stage.start())).rejects.toMatchObject({ code: "PORT_IN_USE" });
    stage.failing.clear();
    const relay = await stage.start();
    expect(await gapsOf(stage)).toEqual([`main killed open ${a} ${b}`]);
    expect(stage.log.told.at(-1)).toBe("warn GAP_OPEN: gap opened");
    await stage.within(1_000, relay.stop());
  });

  test("killed again and again before it connects, it tells one gap, and closes it once", async () => {
    const stage = new RelayStage();
    await stage.start();
    await stage.goLive();
    const fromMs = stage.clock.wallMs();
    for (let run = 0; run < 3; run++) {
      await stage.journals.kill();
      await stage.pass(1_000);
      await stage.start();
      await settled();
    }
    await stage.goLive();
    const gaps = (await stage.entries()) as readonly GapEntry[];
    expect(gaps.map(({ state, toMs }) => [state, toMs])).toEqual([
      ["open", undefined],
      ["closed", stage.clock.wallMs()],
    ]);
    expect(new Set(gaps.map(({ gapId, fromMs: since }) => `${gapId} ${since}`))).toEqual(
      new Set([`${gaps[0]?.gapId} ${fromMs}`]),
    );
    await stage.journals.kill();
    await stage.start();
    const ids = ((await stage.entries()) as readonly GapEntry[]).map(({ gapId }) => gapId);
    expect([ids.length, new Set(ids).size]).toEqual([3, 2]);
  });

  test("the same topic on two trunks is two topics, with gaps of their own", async () => {
    const stage = new RelayStage({ trunks: [baseTrunk, { ...baseTrunk, name: "other" }] });
    await stage.start();
    await stage.goLive();
    await stage.goLive("other");
    await stage.journals.kill();
    await stage.start();
    await stage.goLive("other");
    expect(await gapsOf(stage)).toEqual([
      `main killed open ${a} ${b}`,
      `other killed open ${a} ${b}`,
      `other killed closed ${a} ${b}`,
    ]);
    const ids = ((await stage.entries()) as readonly GapEntry[]).map(({ gapId }) => gapId);
    expect(new Set(ids).size).toBe(2);
  });

  test("a trunk that was taken out of the configuration after a kill: its gap is told, and ends", async () => {
    const other = { ...baseTrunk, name: "other" };
    const stage = new RelayStage({ trunks: [baseTrunk, other] });
    await stage.start();
    await stage.goLive();
    await stage.goLive("other");
    await stage.journals.kill();
    stage.config = { ...baseConfig, trunks: [baseTrunk] };
    const relay = await stage.start();
    await stage.goLive();
    expect(await gapsOf(stage)).toEqual([
      `other killed open ${a} ${b}`,
      `other killed closed ${a} ${b}`,
      `main killed open ${a} ${b}`,
      `main killed closed ${a} ${b}`,
    ]);
    expect(await relay.service.journal.unsettled()).toEqual(["main"]);
    stage.client().goodbye = gapOpens("gap-9", [a, b], stage.clock.wallMs(), "stopped");
    await stage.within(1_000, relay.stop());
    // Weeks later it is back, and nothing of before is open.
    await stage.pass(14 * 86_400_000);
    stage.config = { ...baseConfig, trunks: [baseTrunk, other] };
    await stage.start();
    expect((await gapsOf(stage)).slice(4)).toEqual([`main stopped open ${a} ${b}`]);
  });
});
