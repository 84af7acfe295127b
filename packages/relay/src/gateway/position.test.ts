import { expect, test } from "vitest";
import { isGatewayError } from "./gateway-error.ts";
import { positionOf } from "./position.ts";

const journal = { id: "here", head: 42 };

test.each([
  [undefined, 42],
  ["0", 0],
  ["here-0", 0],
  ["here-41", 41],
  ["here-42", 42],
])("since %s it begins after %i", (since, position) => {
  expect(positionOf(since, journal)).toBe(position);
});

test.each([
  ["here-43", "CURSOR_AHEAD"],
  ["there-1", "CURSOR_FOREIGN"],
  ["1", "CURSOR_INVALID"],
  ["", "CURSOR_INVALID"],
  ["here-", "CURSOR_INVALID"],
  ["here--1", "CURSOR_INVALID"],
  ["here-1.5", "CURSOR_INVALID"],
  ["here-9999999999999999", "CURSOR_INVALID"],
])("since %s it is refused as %s", (since, code) => {
  const act = (): unknown => positionOf(since, journal);
  expect(act).toThrow(expect.toSatisfy((error) => isGatewayError(error) && error.code === code));
});
