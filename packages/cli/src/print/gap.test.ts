import type { GapCertainty } from "@trunkline/client";
import type { GapCause } from "@trunkline/relay";
import { expect, test } from "vitest";
import { noonMs } from "../testing/stage.ts";
import { gapText, type ToldGap } from "./gap.ts";

const open: ToldGap = {
  state: "open",
  topics: ["v2.a", "v2.b"],
  fromMs: noonMs - 1_500,
  toMs: undefined,
  cause: "cut",
  certainty: "possible",
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
  "evicted",
  "expired",
  "token",
  "path",
  "moved",
  "protocol",
  "malformed",
  "unsubscribed",
  "overflow",
  "stopped",
  "killed",
  "retention",
])("the cause %s is said in words", (cause) => {
  expect(gapText({ ...open, cause }, noonMs)).toMatch(
    new RegExp(`; [a-z ,]+ \\(${cause}\\)$`, "u"),
  );
});

test.each([
  ["filled", "gap filled: 11:59:58.500 to 11:59:59.750, restored in full on 2 topics; "],
  ["partial", "gap filled in part: 11:59:58.500 to 11:59:59.750, restored in part on 2 topics; "],
  ["unfillable", "gap stays: 11:59:58.500 to 11:59:59.750, not to be restored on 2 topics; "],
] as const)("what has become of it: %s", (state, said) => {
  const text = gapText({ ...open, state, toMs: noonMs - 250 }, noonMs);
  expect(text).toBe(`12:00:00.000  ${said}the connection was cut (cut)`);
});

test.each<[GapCertainty, string]>([
  ["unlikely", "was cut; nothing points to a loss (cut)"],
  ["possible", "was cut (cut)"],
  ["certain", "was cut; events are missing (cut)"],
])("what is known of a loss is said: %s", (certainty, said) => {
  expect(gapText({ ...open, certainty }, noonMs)).toContain(said);
});

test("a full journal is told in the words of the relay", () => {
  expect(gapText({ ...open, cause: "overflow" }, noonMs, "journal")).toContain("could be stored");
  expect(gapText({ ...open, cause: "overflow" }, noonMs)).toContain("reader of this output");
});
