import fc from "fast-check";
import { expect, test } from "vitest";
import {
  durationPattern,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
  sizePattern,
} from "./units.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["15m", 900_000],
  ["1.5h", 5_400_000],
  ["7d", 604_800_000],
  ["0s", 0],
  ["7", undefined],
  ["7 d", undefined],
  ["-1s", undefined],
  ["1w", undefined],
  ["1S", undefined],
  ["", undefined],
  ["999999999999999d", undefined],
  ["1e3s", undefined],
])("the duration %s is %s ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ["1B", 1],
  ["64kB", 64_000],
  ["64MB", 64_000_000],
  ["10GB", 10_000_000_000],
  ["1GiB", 1_073_741_824],
  ["0.5KiB", 512],
  ["2TiB", 2_199_023_255_552],
  ["64mb", undefined],
  ["64Mb", undefined],
  ["64", undefined],
  ["64 MB", undefined],
  ["constructor", undefined],
])("the size %s is %s bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test("what is formatted is read as the same, and an editor takes it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), (value) => {
      expect(parseDuration(formatDuration(value))).toBe(value);
      expect(parseSize(formatSize(value))).toBe(value);
      expect(formatDuration(value)).toMatch(new RegExp(durationPattern, "u"));
      expect(formatSize(value)).toMatch(new RegExp(sizePattern, "u"));
    }),
  );
  expect([formatDuration(900_000), formatSize(2 ** 30), formatSize(64e6)]).toEqual([
    "15m",
    "1GiB",
    "64MB",
  ]);
});
