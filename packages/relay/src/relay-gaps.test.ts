/** A gap stands before the first event after it, wherever it goes: also across a failure and a restart. */
import { expect, test } from "vitest";
import type { SinkConfig } from "./config/config.ts";
import { formatLine } from "./entry-line.ts";
import { streamEntries } from "./http/entry-stream.ts";
import type { Entry } from "./journal/entry.ts";
import { gapCloses, gapOpens, notification, proof } from "./testing/fake-client.ts";
import { SqliteFault } from "./testing/journal-stage.ts";
import { fileSink, RelayStage } from "./testing/relay-stage.ts";
import { answered, plainWebhook } from "./testing/webhook-stage.ts";

const a = "v2.users.a.presence";
const full = new SqliteFault(13, "database or disk is full");

function webhookSink(mode: "event" | "batch"): SinkConfig {
  const { delivery } = fileSink("any");
  const webhook = { ...plainWebhook, url: `https://hooks.example.com/${mode}`, mode };
  const base = { name: mode, isEnabled: true, from: "start", topics: undefined } as const;
  return { ...base, type: "webhook", delivery: { ...delivery, inFlightMax: 4 }, webhook };
}

function stdoutSink(): SinkConfig {
  const { delivery } = fileSink("any");
  return {
    name: "lines",
    type: "stdout",
    isEnabled: true,
    from: "start",
    topics: undefined,
    delivery,
  };
}

/** Cursors in lines of JSON, each where it came first. */
function cursorsOf(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return firsts(lines.map((line) => (JSON.parse(line) as { readonly cursor: string }).cursor));
}

function firsts(cursors: readonly string[]): readonly string[] {
  return [...new Set(cursors)];
}

async function streamed(stage: RelayStage): Promise<readonly string[]> {
  const { journal, clock } = stage;
  if (journal === undefined) throw new Error("no journal was opened");
  let text = "";
  for await (const piece of streamEntries({
    journal,
    clock,
    after: 0,
    until: journal.head,
    matches: () => true,
    lineOf: (entry) => formatLine(entry, "json"),
    signal: new AbortController().signal,
  }))
    text += piece;
  return cursorsOf(text);
}

/** As a short story: `event`, `open killed`, `closed killed`. */
function told(entries: readonly Entry[]): readonly string[] {
  return entries.map((entry) =>
    entry.kind === "event" ? "event" : `${entry.state} ${entry.cause}`,
  );
}

test("every destination gets the gap before the first event after it, across failures and restarts", async () => {
  const sinks = [stdoutSink(), fileSink("archive"), webhookSink("event"), webhookSink("batch")];
  const stage = new RelayStage({ sinks });
  const hooks: Record<string, string[]> = {};
  let status = 204;
  stage.webhook = ({ url, body = "" }) => {
    const parsed = JSON.parse(body) as { readonly id: string } | readonly { readonly id: string }[];
    if (status === 204) (hooks[url] ??= []).push(...[parsed].flat().map(({ id }) => id));
    return answered(status);
  };
  const harm = (): void => {
    status = 500;
    stage.files.capacity = 0;
    stage.outputFailure = Object.assign(new Error("try again"), { code: "EAGAIN" });
  };
  const heal = (): void => {
    status = 204;
    stage.files.capacity = Number.POSITIVE_INFINITY;
    stage.outputFailure = undefined;
  };
  const receive = async (): Promise<void> => {
    await stage.goLive();
    stage.client().tell(notification(a, stage.clock.wallMs()));
    await stage.pass(3_000);
  };

  await stage.start();
  await receive();
  await stage.journals.kill();
  harm();
  await stage.start();
  await receive();
  // Once more while all that has not arrived.
  await stage.journals.kill();
  const relay = await stage.start();
  await receive();
  expect(stage.output.join("").split("\n")).toHaveLength(2);
  expect(stage.files.text("/out/archive.ndjson")?.split("\n")).toHaveLength(2);
  expect(Object.values(hooks).map(({ length }) => length)).toEqual([1, 1]);
  expect(stage.log.told.filter((line) => line.includes("SINK_FILE_FULL"))).not.toEqual([]);
  heal();
  await stage.pass(60_000);

  const entries = await stage.entries();
  const gap = ["open killed", "closed killed"];
  expect(told(entries)).toEqual(["event", ...gap, "event", ...gap, "event"]);
  const cursors = entries.map(({ cursor }) => cursor);
  expect(cursorsOf(stage.output.join(""))).toEqual(cursors);
  expect(cursorsOf(stage.files.text("/out/archive.ndjson") ?? "")).toEqual(cursors);
  expect(Object.values(hooks).map(firsts)).toEqual([cursors, cursors]);
  expect(await streamed(stage)).toEqual(cursors);
  await stage.within(10_000, relay.stop());
});

test("after an hour on a full disk the gap of what was dropped stands before the next event", async () => {
  const stage = new RelayStage({ sinks: [stdoutSink()] }, { limits: { waitingDraftsMax: 10 } });
  const relay = await stage.start();
  await stage.goLive();
  stage.journals.disk.fault = full;
  const fromMs = stage.clock.wallMs();
  const taken = Array.from({ length: 20 }, () => notification(a, fromMs));
  stage.client().tell(...taken);
  await stage.pass(3_600_000);
  // What the client could still hold, then what it dropped, then what came when it had room.
  const toMs = stage.clock.wallMs();
  stage.client().tell(...taken, ...gapOpens("gap-1", [a], fromMs, "overflow"));
  stage.client().tell(...gapCloses("gap-1", [a], fromMs, toMs, "overflow"), notification(a, toMs));
  await stage.pass(10_000);
  expect(await stage.entries()).toEqual([]);
  stage.journals.disk.fault = undefined;
  await stage.pass(10_000);
  const entries = await stage.entries();
  const events = Array.from({ length: 40 }, () => "event");
  expect(told(entries)).toEqual([...events, "open overflow", "closed overflow", "event"]);
  expect(cursorsOf(stage.output.join(""))).toEqual(entries.map(({ cursor }) => cursor));
  await stage.within(10_000, relay.stop());
});

test("killed while the disk is full, the next start tells the gap before any event", async () => {
  const stage = new RelayStage({ sinks: [stdoutSink()] }, { limits: { waitingDraftsMax: 10 } });
  await stage.start();
  await stage.goLive();
  await stage.pass(5);
  const provenMs = stage.clock.wallMs();
  stage.client().tell(notification(a, provenMs), proof(provenMs));
  await stage.pass(10);
  stage.journals.disk.fault = full;
  const droppedMs = stage.clock.wallMs();
  stage.client().tell(...Array.from({ length: 20 }, () => notification(a, droppedMs)));
  stage.client().tell(...gapOpens("gap-1", [a], droppedMs, "overflow"), proof(droppedMs + 5));
  await stage.pass(60_000);
  await stage.journals.kill();
  stage.journals.disk.fault = undefined;
  const relay = await stage.start();
  await stage.goLive();
  stage.client().tell(notification(a, stage.clock.wallMs()));
  await stage.pass(10_000);
  const entries = await stage.entries();
  expect(told(entries)).toEqual(["event", "open killed", "closed killed", "event"]);
  expect(entries[1]).toMatchObject({ fromMs: provenMs, certainty: "possible" });
  expect(cursorsOf(stage.output.join(""))).toEqual(entries.map(({ cursor }) => cursor));
  await stage.within(10_000, relay.stop());
});
