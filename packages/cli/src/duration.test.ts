import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["500ms", 500],
  ["20s", 20_000],
  ["2m", 120_000],
  ["1h", 3_600_000],
  ["1.5s", 1_500],
  ["168h", 604_800_000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "20", "s", "20 s", "-1s", "0s", "1d", "20S", "1e3s", "169h", "9".repeat(400)])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);
