import type { TopicTemplate } from "@trunkline/client";
import { describe, expect, expectTypeOf, test } from "vitest";
import { eventTypes, type EventType, type EventTypeEntry } from "./vocabulary.ts";

describe("the vocabulary", () => {
  const entries = Object.entries(eventTypes) as readonly (readonly [EventType, EventTypeEntry])[];

  test("names only topics whose bodies the client knows", () => {
    type Used = (typeof eventTypes)[EventType]["topics"][number];
    expectTypeOf<Used>().toExtend<TopicTemplate>();
  });

  test.each(entries)(
    "%s has one placeholder in each topic, for its entity",
    (_, { topics, entity }) => {
      for (const topic of topics) {
        expect(topic.match(/\{id\}/g)).toHaveLength(1);
        expect(topic).toContain(entity === "queue" ? "queues.{id}" : "users.{id}");
      }
    },
  );

  test("an alias carries what its canonical name carries", () => {
    const aliases = entries.filter(([, { aliasOf }]) => aliasOf !== undefined);
    expect(aliases.length).toBeGreaterThan(0);
    for (const [, { aliasOf, topics }] of aliases) {
      expect(eventTypes[aliasOf as EventType].topics).toEqual(topics);
    }
  });
});
