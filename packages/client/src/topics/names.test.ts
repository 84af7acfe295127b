import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTrunklineError } from "../errors.ts";
import { uuid } from "../testing/samples.ts";
import { parseTopics, topicKey, type Topic } from "./names.ts";

const user = uuid(1);

function namesOf(written: string): readonly string[] {
  return parseTopics(written).map((topic) => topic.name);
}

/** Undefined where the text is refused, as a text may be. */
function topicsIn(text: string): readonly Topic[] | undefined {
  try {
    return parseTopics(text);
  } catch (error) {
    if (isTrunklineError(error, "TOPIC_INVALID")) return undefined;
    throw error;
  }
}

describe("a topic as it is written", () => {
  test.each([
    [`v2.users.${user}.presence`, [`v2.users.${user}.presence`]],
    [`  v2.users.${user}.presence\n`, [`v2.users.${user}.presence`]],
    [
      `v2.users.${user}?presence&routingStatus`,
      [`v2.users.${user}.presence`, `v2.users.${user}.routingStatus`],
    ],
    [`v2.users.${user}?conversations.calls`, [`v2.users.${user}.conversations.calls`]],
    ["v2.analytics.flow.x.aggregates", ["v2.analytics.flow.x.aggregates"]],
    ["V2.USERS.ME.PRESENCE", ["V2.USERS.ME.PRESENCE"]],
    ["v3.something.new", ["v3.something.new"]],
  ])("%s stands for %j", (written, names) => {
    expect(namesOf(written)).toEqual(names);
  });

  test("keeps its spelling and is compared without case", () => {
    expect(parseTopics("v2.users.ABC.Presence")).toEqual([
      { key: "v2.users.abc.presence", name: "v2.users.ABC.Presence" },
    ]);
    expect(topicKey("v2.A")).toBe(topicKey("v2.a"));
  });

  test.each([
    ["", "empty"],
    ["  ", "empty"],
    ["v2.users.{id}.presence", "placeholder"],
    ["v2.users.<id>.presence", "placeholder"],
    ["v2.users.a b.presence", "white space"],
    ["v2.system.socket_closing", "without being asked"],
    ["channel.metadata", "without being asked"],
    ["users.a.presence", "topics look like"],
    ["v2", "topics look like"],
    ["v2..presence", "topics look like"],
    ["v2.users.a.presence.", "topics look like"],
    ["v2.users.a&presence", "topics look like"],
    ["v2.users.a?presence?station", "topics look like"],
    ["v2.users.a?", "after ? come names"],
    ["v2.users.a?presence&", "after ? come names"],
    ["v2.users.a?&presence", "after ? come names"],
    ["v2.users.a?.presence", "after ? come names"],
  ])("%j is refused, and the message says why", (written, why) => {
    let error: unknown;
    try {
      parseTopics(written);
    } catch (thrown) {
      error = thrown;
    }
    expect(isTrunklineError(error, "TOPIC_INVALID")).toBe(true);
    expect(String(error)).toContain(why);
    expect(String(error)).toContain(written);
  });

  test("any text is either refused with TOPIC_INVALID or yields topics that stand for themselves", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `v2.users.${text}`),
        ),
        (text) => {
          const topics = topicsIn(text);
          if (topics === undefined) return;
          expect(topics.length).toBeGreaterThan(0);
          for (const topic of topics) expect(parseTopics(topic.name)).toEqual([topic]);
        },
      ),
    );
  });
});
