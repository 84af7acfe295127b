import { expect, test } from "vitest";
import { compareCursors } from "./cursor.ts";

test.each([
  ["j-2", "j-1", "after"],
  ["j-10", "j-9", "after"],
  ["j-1", "j-2", "before"],
  ["j-1", "j-1", "same"],
  ["j-01", "j-1", "same"],
  ["k-1", "j-2", "apart"],
  ["j-1", "0", "after"],
  ["anything", "j-1", "apart"],
  ["anything", "anything", "same"],
] as const)("%s beside %s is %s", (cursor, other, place) => {
  expect(compareCursors(cursor, other)).toBe(place);
});
