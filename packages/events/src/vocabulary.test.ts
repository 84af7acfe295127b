import type { TopicTemplate } from "@trunkline/client";
import { describe, expect, expectTypeOf, test } from "vitest";
import { permissionsOf, realTopicOf, realTopics } from "./real-topics.ts";
import {
  canonical,
  derivedTypes,
  entryOf,
  eventTypes,
  isKnown,
  topicsOf,
  typesOf,
  type EventType,
  type EventTypeEntry,
} from "./vocabulary.ts";

const id = "0d9f6dd0-1111-2222-3333-444455556666";
const entries = Object.entries(eventTypes) as readonly (readonly [EventType, EventTypeEntry])[];

describe("the vocabulary", () => {
  test("names only topics whose bodies the client knows", () => {
    type Used = (typeof eventTypes)[EventType]["topics"][number];
    expectTypeOf<Used>().toExtend<TopicTemplate>();
  });

  test.each(entries)("%s has real topics with one placeholder each", (_, { topics, entity }) => {
    for (const topic of topics) {
      expect(topic.match(/\{id\}/g)).toHaveLength(1);
      expect(realTopics).toContain(topic);
    }
    expect(topics[0]).toContain(entity === "queue" ? "queues.{id}" : "users.{id}");
  });

  test("an alias carries what its canonical name carries, in the same way", () => {
    const aliases = entries.filter(([, { aliasOf }]) => aliasOf !== undefined);
    expect(aliases.map(([name]) => name)).toEqual([
      "conversation:conversation:updated",
      "interaction:updated",
    ]);
    for (const [, { aliasOf = "", topics, derivation }] of aliases)
      expect(entryOf(aliasOf)).toMatchObject({ topics, derivation });
  });

  test("what is derived is all that is not told of every event, and no alias", () => {
    const derived = entries
      .filter(([, { derivation, aliasOf }]) => derivation !== "every" && aliasOf === undefined)
      .map(([name]) => name);
    expect(derived.toSorted()).toEqual([...derivedTypes].toSorted());
  });
});

test.each([
  ["conversation:updated", "conversation:updated"],
  ["conversation:conversation:updated", "conversation:updated"],
  ["interaction:updated", "conversation:updated"],
  ["v2.users.{id}.presence", "v2.users.{id}.presence"],
  [`V2.Users.${id.toUpperCase()}.ROUTINGSTATUS`, `v2.users.${id}.routingStatus`],
  [`v2.users.${id}.conversations.{id}.recordings`, `v2.users.${id}.conversations.{id}.recordings`],
  ["v2.system.socket_closing", "v2.system.socket_closing"],
  ["conversation:deleted", undefined],
  ["toString", undefined],
  ["v2.users.presence", undefined],
  [`v2.users.${id}.presence.more`, undefined],
  ["v2.users.a b.presence", undefined],
  [`v2.users.${"a".repeat(600)}.presence`, undefined],
  ["", undefined],
] as const)("the canonical name of %s is %s", (name, expected) => {
  expect(canonical(name)).toBe(expected);
  expect(isKnown(name)).toBe(expected !== undefined);
});

test("a real topic is known with its ids, in the order in which they stand", () => {
  expect(realTopicOf(`v2.audits.entityType.Queue.entityId.${id}`)).toEqual({
    template: "v2.audits.entitytype.{id}.entityid.{id}",
    name: `v2.audits.entitytype.queue.entityid.${id}`,
    ids: ["queue", id],
  });
  expect(realTopics).toHaveLength(242);
  for (const template of realTopics)
    expect(realTopicOf(template)).toEqual({ template, name: template, ids: [] });
});

test("topics of a name are templates, or the topic itself", () => {
  expect(topicsOf("user:presence")).toEqual(["v2.users.{id}.presence"]);
  expect(topicsOf("conversation:ended")).toEqual([
    "v2.routing.queues.{id}.conversations",
    "v2.users.{id}.conversations",
  ]);
  expect(topicsOf(`v2.users.${id}.STATION`)).toEqual([`v2.users.${id}.station`]);
  expect(topicsOf("nothing")).toEqual([]);
});

test("an event is its types, what was derived, its template and its topic", () => {
  const topic = `v2.routing.queues.${id}.conversations`;
  expect(typesOf(topic, ["conversation:ended"])).toEqual([
    "conversation:all",
    "conversation:ended",
    "v2.routing.queues.{id}.conversations",
    topic,
  ]);
  expect(typesOf("v2.newly.made", [])).toEqual(["v2.newly.made"]);
});

test("permissions say how certain they are, and unknown is not none", () => {
  expect(permissionsOf("v2.routing.queues.{id}.conversations")).toEqual({
    permissions: ["conversation:communication:view"],
    combine: "all",
    certainty: "inferred",
  });
  expect(permissionsOf("v2.users.{id}.presence")).toMatchObject({ certainty: "inferred" });
  expect(permissionsOf("v2.users.{id}.conversationsummary").certainty).toBe("unknown");
  expect(permissionsOf("v2.routing.queues.{id}.users").combine).toBe("any");
});
