import { TrunklineError, type ClientEvent, type TopicStatus } from "@trunkline/client";
import { expect, test } from "vitest";
import presence from "../../../fixtures/frames/user-presence.json" with { type: "json" };
import type { FormatName } from "./print/format-names.ts";
import { createFormat } from "./print/format.ts";
import type { Output } from "./system.ts";
import { createStage, noonMs, notificationOf } from "./testing/stage.ts";
import { watch, type Watch } from "./watch.ts";

const notification = notificationOf(presence);
const gap: ClientEvent = {
  type: "gap",
  id: "gap-1",
  state: "open",
  topics: ["v2.a"],
  fromMs: noonMs,
  toMs: undefined,
  cause: "cut",
  certainty: "possible",
  serverOffsetMs: undefined,
  line: 1,
};
const connected: ClientEvent = {
  type: "connected",
  line: 1,
  channel: "1a",
  topics: 1,
  sessions: 1,
};
const trace: ClientEvent = {
  type: "trace",
  line: 1,
  atMs: noonMs,
  record: { kind: "sent", text: "{}" },
};

/** A client that tells these events and ends. */
function clientOf(
  events: readonly ClientEvent[],
  statuses: readonly TopicStatus[] = [],
  error?: Error,
): Watch["client"] {
  async function* tell(): AsyncGenerator<ClientEvent, undefined> {
    yield* events;
    if (error !== undefined) throw error;
    return undefined;
  }
  return { events: tell, topics: () => statuses };
}

function formatOf(name: FormatName, system = createStage().system): Watch["format"] {
  return createFormat(name, system, { topics: [] });
}

test.each<[FormatName, readonly string[], readonly string[]]>([
  ["json", ['{"type":"event"', '{"type":"gap"'], ["connected", "sent"]],
  ["pretty", ["AVAILABLE", "gap opens"], ["connected", "sent"]],
  ["genesys", ['{"topicName"'], ["connected", "sent", "gap opens"]],
])("%s puts entries on stdout and the rest on stderr", async (name, onOut, onErr) => {
  const { system, out, err } = createStage();
  const client = clientOf([connected, trace, notification, gap]);
  await watch({ client, format: formatOf(name, system) }, system);
  expect(out().trimEnd().split("\n")).toEqual(onOut.map((text) => expect.stringContaining(text)));
  expect(err().trimEnd().split("\n")).toEqual(onErr.map((text) => expect.stringContaining(text)));
});

test("the end of the program is no gap in what it printed", async () => {
  const { system, out, err } = createStage();
  const client = clientOf([notification, { ...gap, cause: "stopped" }]);
  await watch({ client, format: formatOf("json", system) }, system);
  expect(out().trimEnd().split("\n")).toEqual([expect.stringContaining('"type":"event"')]);
  expect(err()).toBe("");
});

test("waits for the reader before it takes the next event", async () => {
  const { system } = createStage();
  const rooms: PromiseWithResolvers<void>[] = [];
  const stdout: Output = {
    ...system.stdout,
    write: () => {
      const room = Promise.withResolvers<void>();
      rooms.push(room);
      return room.promise;
    },
  };
  const client = clientOf([notification, notification]);
  const watching = watch({ client, format: formatOf("json") }, { ...system, stdout });
  await Promise.resolve();
  while (rooms.length === 0) await Promise.resolve();
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  expect(rooms).toHaveLength(1);
  rooms[0]?.resolve();
  while (rooms.length === 1) await Promise.resolve();
  rooms[1]?.resolve();
  await watching;
});

test("ends at once when the reader has gone", async () => {
  const { system, out, stop } = createStage();
  const client = clientOf([notification, notification, notification]);
  const write = (text: string): undefined => {
    void system.stdout.write(text);
    if (out().split("\n").length > 2) stop("reader-gone");
  };
  const stdout = { ...system.stdout, write };
  await watch({ client, format: formatOf("json") }, { ...system, stdout });
  expect(out().trimEnd().split("\n")).toHaveLength(2);
});

test("prints all that has come when it is asked to end", async () => {
  const { system, out, stop } = createStage();
  stop("asked");
  await watch({ client: clientOf([notification, notification]), format: formatOf("json") }, system);
  expect(out().trimEnd().split("\n")).toHaveLength(2);
});

test("the failure of the client is passed on", async () => {
  const { system } = createStage();
  const error = new TrunklineError("CREDENTIALS_REFUSED", "No.");
  await expect(
    watch({ client: clientOf([], [], error), format: formatOf("json") }, system),
  ).rejects.toBe(error);
});

const status = (topic: string, state: TopicStatus["state"]): TopicStatus => ({
  topic,
  state,
  reason: undefined,
  missingPermissions: [],
});
const rejected = (topic: string, missingPermissions: readonly string[] = []): ClientEvent => ({
  type: "rejected",
  topic,
  reason: "no",
  missingPermissions,
});

test("goes on while some topic is left", async () => {
  const { system, err } = createStage();
  const statuses = [status("v2.a", "rejected"), status("v2.b", "pending")];
  const client = clientOf([rejected("v2.a", ["p:q:view"]), notification], statuses);
  await watch({ client, format: formatOf("json") }, system);
  expect(err()).toContain("missing p:q:view");
});

test("fails once all topics are rejected, and each has been told", async () => {
  const { system, err } = createStage();
  const statuses = [status("v2.a", "rejected"), status("v2.B", "rejected")];
  const events = [rejected("v2.a", ["p:q:view"]), rejected("v2.b", ["r:s:view"]), notification];
  await expect(
    watch({ client: clientOf(events, statuses), format: formatOf("json") }, system),
  ).rejects.toMatchObject({
    code: "TOPICS_REJECTED",
    message: "All 2 topics were rejected by Genesys Cloud; missing: p:q:view, r:s:view.",
  });
  expect(err()).toContain("v2.b");
});

test("where no permission is missing the remedy is the spelling", async () => {
  const { system } = createStage();
  const client = clientOf([rejected("v2.a")], [status("v2.a", "rejected")]);
  await expect(watch({ client, format: formatOf("json") }, system)).rejects.toMatchObject({
    message: "The topic was rejected by Genesys Cloud.",
    help: expect.stringContaining("spelling"),
  });
});
