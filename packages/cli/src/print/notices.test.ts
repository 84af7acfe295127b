import { TrunklineError, type DisconnectedEvent } from "@trunkline/client";
import { expect, test } from "vitest";
import { noonMs } from "../testing/stage.ts";
import { createNotices, type Notice } from "./notices.ts";

const refused = new TrunklineError("UNREACHABLE", "http://h: nothing listens there.");
const disconnected: DisconnectedEvent = {
  type: "disconnected",
  line: 0,
  code: undefined,
  reason: refused.message,
  retryInMs: 0,
  attempt: 1,
  sessions: 0,
  error: refused,
};
const connected: Notice = {
  type: "connected",
  line: 1,
  channel: "1a2b3c4d",
  topics: 2,
  sessions: 1,
};

function say(...events: readonly Notice[]): readonly (string | undefined)[] {
  const notice = createNotices(false, () => noonMs);
  return events.map(notice);
}

test.each<[Notice, string]>([
  [connected, "12:00:00.000  connected     line 1, channel 1a2b3c4d\n"],
  [
    { type: "subscribed", line: 1, topics: ["v2.a"], fromMs: 0 },
    "12:00:00.000  subscribed    1 topic live: v2.a\n",
  ],
  [
    { type: "subscribed", line: 1, topics: ["a", "b", "c", "d"], fromMs: 0 },
    "12:00:00.000  subscribed    4 topics live\n",
  ],
  [
    disconnected,
    `12:00:00.000  disconnected  UNREACHABLE: http://h: nothing listens there; trying again\n              → ${refused.help}\n`,
  ],
  [
    { ...disconnected, line: 2, code: 1012, reason: "bye", error: undefined, retryInMs: 4_000 },
    "12:00:00.000  disconnected  line 2: bye (close code 1012); trying again in 4 s\n",
  ],
  [
    { type: "warning", line: undefined, error: new TrunklineError("TOPIC_UNLISTED", "Not there.") },
    "12:00:00.000  warning       TOPIC_UNLISTED: Not there.\n              → The catalogue of the service does not list these topics for sockets; they are tried all the same. Check the spelling.\n",
  ],
  [
    { type: "rejected", topic: "v2.a", reason: "x", missingPermissions: ["p:q:view", "r:s:view"] },
    "12:00:00.000  rejected      v2.a: missing p:q:view, r:s:view\n              → Give the OAuth client a role with p:q:view, r:s:view, in the divisions concerned; it is asked for again when topics change and every 8 h.\n",
  ],
  [
    { type: "rejected", topic: "v2.a", reason: "no such topic", missingPermissions: [] },
    "12:00:00.000  rejected      v2.a: no such topic\n",
  ],
  [
    { type: "budget", channels: { ours: 1, others: 19, limit: 20 }, overBudget: ["v2.a"] },
    "12:00:00.000  budget        1 of 20 channels ours, 19 of other programs; no room for 1 topic\n              → Use an OAuth client of its own for this program, or fewer topics.\n",
  ],
])("says $type", (event, text) => {
  expect(say(event)).toEqual([text]);
});

test("says nothing of a budget with room in it", () => {
  const channels = { ours: 1, others: 3, limit: 20 };
  expect(say({ type: "budget", channels, overBudget: [] })).toEqual([undefined]);
});

test("says the same failure once, until there was a connection", () => {
  const other = { ...disconnected, reason: "another" };
  const said = say(disconnected, disconnected, other, disconnected, other, connected, disconnected);
  expect(said.map((text) => text !== undefined)).toEqual([
    true,
    false,
    true,
    false,
    false,
    true,
    true,
  ]);
});

test("a connection of one line does not repeat the failures of another", () => {
  const second = { ...disconnected, line: 2 };
  const said = say(second, connected, second);
  expect(said.map((text) => text !== undefined)).toEqual([true, true, false]);
});

test("what the service writes cannot steer a terminal", () => {
  const [text] = say({ ...disconnected, error: undefined, reason: "\u001B[2Jbye" });
  expect(text).toContain("·[2Jbye");
});
