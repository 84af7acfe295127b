import { expect, test } from "vitest";
import { noonMs } from "../testing/stage.ts";
import { clockTime, count, duration, isoTime, printable, shorten } from "./text.ts";

test.each([
  [0, "0 ms"],
  [480.4, "480 ms"],
  [1_000, "1 s"],
  [2_249, "2.2 s"],
  [59_949, "59.9 s"],
  [59_950, "1 min 0 s"],
  [184_000, "3 min 4 s"],
  [7_500_000, "2 h 5 min"],
  [-5, "0 ms"],
])("%d ms are %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  ["plain", "plain"],
  ["a\u001B[2Jb", "a·[2Jb"],
  ["a\nb\tc\u0007\u007F\u009B", "a·b·c···"],
  ["\u202Eevil", "·evil"],
  ["\uD800", "\uFFFD"],
  ["Zoë 日本 👍", "Zoë 日本 👍"],
])("%j cannot steer a terminal", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("what is too long is cut, and no character in two", () => {
  expect(shorten("abcdef", 6)).toBe("abcdef");
  expect(shorten("abcdef", 5)).toBe("abcd…");
  expect(shorten("a👍bc", 3)).toBe("a\uFFFD…");
});

test("times have milliseconds", () => {
  expect(clockTime(noonMs + 7)).toBe("12:00:00.007");
  expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
});

test("numbers and nouns agree", () => {
  expect([count(1, "topic"), count(2, "topic"), count(12_345, "event")]).toEqual([
    "1 topic",
    "2 topics",
    "12,345 events",
  ]);
});
