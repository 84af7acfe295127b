import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import type { NotificationEvent } from "../events.ts";
import type { Dealt } from "../topics/deal.ts";
import type { Entry } from "../topics/entries.ts";
import { Moving } from "./moving.ts";

const topic = "v2.users.A.presence";
const key = topic.toLowerCase();
const entry: Entry = { id: topic, topics: [{ key, name: topic }], object: "a" };
const nothing: Dealt = { standing: [], entries: [] };

function stage(): {
  readonly moving: Moving;
  readonly isMarked: (named?: string) => boolean;
  readonly pass: (ms: number) => Promise<void>;
  readonly lines: Map<number, Dealt>;
} {
  const clock = new SimClock(0);
  const lines = new Map<number, Dealt>([
    [1, { standing: [entry], entries: [entry] }],
    [2, nothing],
  ]);
  const moving = new Moving(new Elapsed(clock), lines, 10_000);
  const event: NotificationEvent = {
    type: "notification",
    topic,
    body: {},
    raw: "{}",
    correlationId: undefined,
    receivedAtMs: 0,
    line: 1,
    maybeDuplicate: false,
  };
  return {
    moving,
    isMarked: (named = topic) => moving.mark({ ...event, topic: named }).maybeDuplicate,
    pass: (ms) => clock.runUntil(clock.monotonicMs() + ms),
    lines,
  };
}

test("what one line alone carries is not doubtful", () => {
  const { moving, isMarked } = stage();
  moving.look();
  expect(isMarked()).toBe(false);
});

test("an event is doubtful as long as its topic stands on a line that is to let go of it", async () => {
  const { moving, isMarked, pass, lines } = stage();
  lines.set(1, { standing: [entry], entries: [] }).set(2, { standing: [], entries: [entry] });
  moving.look();
  expect(isMarked()).toBe(true);
  expect(isMarked("v2.users.B.presence")).toBe(false);
  await pass(3_600_000);
  expect(isMarked()).toBe(true);
});

test("an event is doubtful for a while after the other line has let go, for it may be on its way", async () => {
  const { moving, isMarked, pass, lines } = stage();
  lines.set(1, { standing: [entry], entries: [] }).set(2, { standing: [], entries: [entry] });
  moving.look();
  // Nobody looked when the line let go: only from when that was seen does the while count.
  lines.set(1, nothing);
  await pass(60_000);
  expect(isMarked()).toBe(true);
  await pass(9_000);
  expect(isMarked()).toBe(true);
  await pass(2_000);
  expect(isMarked()).toBe(false);
});
