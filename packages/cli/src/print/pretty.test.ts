import type { GapEvent } from "@trunkline/client";
import { expect, test } from "vitest";
import presence from "../../../../fixtures/frames/user-presence.json" with { type: "json" };
import { noonMs, notificationOf } from "../testing/stage.ts";
import { createPretty, type PrettyOptions } from "./pretty.ts";

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

test("an event that may have come before says so first", () => {
  const { notification } = createPretty(options);
  const event = { ...notificationOf(presence), maybeDuplicate: true };
  expect(notification(event)).toContain("presence  maybe once more: AVAILABLE");
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
  certainty: "possible",
  serverOffsetMs: undefined,
  line: 1,
};
