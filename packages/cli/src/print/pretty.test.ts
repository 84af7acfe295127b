import type { GapCause, GapEvent } from "@trunkline/client";
import { expect, test } from "vitest";
import presence from "../../../../fixtures/frames/user-presence.json" with { type: "json" };
import { noonMs, notificationOf } from "../testing/stage.ts";
import { createPretty, gapText, type PrettyOptions } from "./pretty.ts";

const options: PrettyOptions = {
  hasColours: false,
  columns: () => undefined,
  names: new Map(),
  topics: [],
  nowMs: () => noonMs,
};

test("an event is time, topic and what it says", () => {
  const { notification } = createPretty(options);
  expect(notification(notificationOf(presence))).toBe(
    "12:00:00.000  user bf0c372f presence  AVAILABLE\n",
  );
});

test("columns are as wide as the widest topic expected", () => {
  const topics = ["v2.users.x.workforcemanagement.adherence"];
  const { notification } = createPretty({ ...options, topics });
  expect(notification(notificationOf(presence))).toBe(
    "12:00:00.000  user bf0c372f presence                AVAILABLE\n",
  );
});

test("a line fits the terminal", () => {
  const { notification } = createPretty({ ...options, columns: () => 60 });
  const eventBody = { ...presence.eventBody, message: "x".repeat(500) };
  const line = notification(notificationOf({ ...presence, eventBody }));
  expect(line.trimEnd()).toHaveLength(60);
  expect(line).toContain("…\n");
});

test("colours are for terminals that have them", () => {
  const { notification, gap } = createPretty({ ...options, hasColours: true });
  expect(notification(notificationOf(presence))).toContain("\u001B[36m");
  expect(gap(open).endsWith("\u001B[39m\n")).toBe(true);
});

const open: GapEvent = {
  type: "gap",
  id: "gap-1",
  state: "open",
  topics: ["v2.a", "v2.b"],
  fromMs: noonMs - 1_500,
  toMs: undefined,
  cause: "cut",
  serverOffsetMs: undefined,
  line: 1,
};

test("a gap says since when, how long, on how many topics and why", () => {
  expect(gapText(open, noonMs)).toBe(
    "12:00:00.000  gap opens: nothing sent after 11:59:58.500 is proven on 2 topics; the connection was cut (cut)",
  );
  expect(gapText({ ...open, state: "closed", toMs: noonMs - 250 }, noonMs)).toBe(
    "12:00:00.000  gap closed: 11:59:58.500 to 11:59:59.750, 1.3 s unproven on 2 topics; the connection was cut (cut)",
  );
});

test.each<GapCause>([
  "closed",
  "silence",
  "channel-gone",
  "protocol",
  "malformed",
  "unsubscribed",
  "overflow",
])("the cause %s is said in words", (cause) => {
  expect(gapText({ ...open, cause }, noonMs)).toMatch(new RegExp(`; [a-z ]+ \\(${cause}\\)$`, "u"));
});
