import { describe, expect, test } from "vitest";
import { patternSubscription, topicMatcher, whyNoTopicPattern } from "./patterns.ts";

const id = "2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22";

describe("a pattern", () => {
  test.each([
    "v2.routing.queues.*.conversations",
    "v2.routing.queues.*.conversations.calls",
    "V2.Users.*.presence",
    "v2.analytics.queues.*.observations",
  ])("%s is one", (pattern) => {
    expect(whyNoTopicPattern(pattern)).toBeUndefined();
  });

  test.each([
    ["v2.users.*.*", "one *"],
    ["v2.users.*?presence&station", "combined"],
    ["v2.users.4*.presence", "one whole id"],
    ["v2.*.presence", "queues and users"],
    ["v2.conversations.*.transcription", "queues and users"],
    ["*", "one whole id"],
    ["v2.users.*.{id}", "one whole id"],
  ])("%s is none", (pattern, why) => {
    expect(whyNoTopicPattern(pattern)).toContain(why);
  });
});

test("patterns are a subscription to all, each template once", () => {
  const patterns = ["v2.users.*.presence", "v2.routing.queues.*.users", "v2.users.*.presence"];
  expect(patternSubscription(patterns)).toEqual({
    eventTypes: ["v2.routing.queues.{id}.users", "v2.users.{id}.presence"],
    scope: { divisions: ["self"], queueIds: [], userIds: [], conversationIds: [] },
    predicates: {},
  });
});

test("a topic is told from others, whatever its case", () => {
  const matches = topicMatcher(["v2.users.*.routingStatus"]);
  expect(matches(`v2.users.${id.toUpperCase()}.routingstatus`)).toBe(true);
  expect(matches(`v2.users.${id}.presence`)).toBe(false);
  expect(matches(`v2.users.${id}.routingStatus.more`)).toBe(false);
  expect(topicMatcher([])(`v2.users.${id}.presence`)).toBe(false);
});
