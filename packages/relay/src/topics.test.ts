import { expect, test } from "vitest";
import { matchTopics } from "./topics.ts";

test.each<[string, string, boolean]>([
  ["v2.users.a.presence", "v2.users.a.presence", true],
  ["v2.users.a.presence", "V2.Users.A.Presence", true],
  ["V2.Users.*.Presence", "v2.users.a.presence", true],
  ["v2.users.*.presence", "v2.users.a.b.presence", false],
  ["v2.users.*.presence", "v2.users..presence", false],
  ["v2.users.*.presence", "v2.users.a.presence.x", false],
  ["v2.users.*", "xv2.users.a", false],
  ["v2*users.a", "v2xusers.a", true],
  ["v2.users.*", "v2xusers.a", false],
  // Combined topics, and whatever else somebody writes: never part of the expression.
  ["v2.users.*?presence&routingStatus", "v2.users.a?presence&routingstatus", true],
  ["v2.users.*?presence", "v2.users.apresence", false],
  ["a b/*-%é", "a b/x-%é", true],
  ["(*|.+)[a-z]{1}^$\\", "(x|.+)[a-z]{1}^$\\", true],
])("%s against %s: %s", (pattern, topic, isMatch) => {
  expect(matchTopics([pattern])(topic)).toBe(isMatch);
});

test("one of several is enough; none matches nothing, and no list everything", () => {
  expect(matchTopics(["a.*", "b"])("b")).toBe(true);
  expect(matchTopics([])("b")).toBe(false);
  expect(matchTopics(undefined)("b")).toBe(true);
});
