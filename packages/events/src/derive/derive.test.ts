import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventTypes } from "../vocabulary.ts";
import {
  conversationOf,
  derivationOf,
  derive,
  type ConversationState,
  type DerivableEvent,
} from "./derive.ts";
import { digestOf } from "./digest.ts";

interface Vector {
  readonly name: string;
  /** Null where it is not known. */
  readonly carriedSinceMs: number | null;
  readonly events: readonly (Pick<DerivableEvent, "topic" | "body" | "atMs"> & {
    readonly types: readonly string[];
  })[];
}

const file = join(import.meta.dirname, "../../../../fixtures/derivation/vectors.json");
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Vector[];
const queueTopic = "v2.routing.queues.q1.conversations";

/** What is derived of events of one conversation, one after the other; states go through JSON, as in a journal. */
function run({ carriedSinceMs, events }: Vector): readonly (readonly string[])[] {
  let known: ConversationState | undefined;
  return events.map(({ topic, body, atMs }) => {
    const before = JSON.stringify(known);
    const { types, next } = derive(known, {
      topic,
      body,
      atMs,
      carriedSinceMs: carriedSinceMs ?? undefined,
    });
    expect(JSON.stringify(known)).toBe(before);
    if (next !== "unchanged") known = JSON.parse(JSON.stringify(next)) as ConversationState;
    return types;
  });
}

describe("the vectors", () => {
  test.each(vectors)("$name", (vector) => {
    expect(run(vector)).toEqual(vector.events.map(({ types }) => types));
  });

  test("each has a name of its own", () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
    expect(vectors.length).toBeGreaterThan(20);
  });
});

test.each([
  [queueTopic, "snapshots"],
  ["V2.USERS.u1.Conversations", "snapshots"],
  ["v2.routing.queues.q1.users", "joined"],
  ["v2.users.u1.conversations.calls", undefined],
  ["v2.users.u1.x.conversations", undefined],
  ["xv2.users.u1.conversations", undefined],
] as const)("types of %s are derived by %s", (topic, by) => {
  expect(derivationOf(topic)).toBe(by);
});

test("each topic of a type that is derived is derived from", () => {
  const derived = Object.values(eventTypes).filter(({ derivation }) => derivation !== "every");
  expect(derived.length).toBeGreaterThan(4);
  for (const { topics, derivation } of derived)
    expect(topics.map((topic) => derivationOf(topic.replace("{id}", "x")))).toEqual(
      topics.map(() => derivation),
    );
});

test("the conversation of a snapshot is known by its id, and of nothing else", () => {
  expect(conversationOf({ topic: queueTopic, body: { id: "c1" } })).toBe("c1");
  expect(conversationOf({ topic: queueTopic, body: { id: "c".repeat(65) } })).toBeUndefined();
  expect(conversationOf({ topic: "v2.users.u1.presence", body: { id: "c1" } })).toBeUndefined();
});

test("a state stays small, however many topics and snapshots there are", () => {
  let known: ConversationState | undefined;
  for (let index = 0; index < 500; index++) {
    const participants = [{ id: "a", step: index % 7, notes: "x".repeat(index) }];
    const { next } = derive(known, {
      topic: `v2.users.${"u".repeat(40)}${index % 50}.conversations`,
      body: { id: "c", participants },
      atMs: index,
      carriedSinceMs: 0,
    });
    if (next !== "unchanged") known = next;
  }
  expect(JSON.stringify(known).length).toBeLessThan(700);
});

/** The same with keys and lists turned round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned).toReversed();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, turned(item)]),
  );
}

describe("digests", () => {
  const json = fc.jsonValue({ maxDepth: 4 });

  test("do not know an order", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(digestOf(turned(value))).toBe(digestOf(value));
      }),
    );
  });

  test("tell texts, numbers, places and numbers of times apart", () => {
    const values = [
      null,
      1,
      "1",
      0,
      true,
      "true",
      ["a"],
      ["a", "a"],
      ["a", "b"],
      [["a"], ["b"]],
      [["a", "b"]],
      { a: "b" },
      { b: "a" },
      { a: { b: "c" } },
      { a: "b", c: "d" },
      { a: "d", c: "b" },
      "ab",
      "ba",
    ];
    expect(new Set(values.map((value) => digestOf(value))).size).toBe(values.length);
  });

  test("of 100,000 near texts no two are the same", () => {
    const digests = new Set(
      Array.from({ length: 100_000 }, (_, index) => digestOf([{ id: `a${index}`, n: index % 3 }])),
    );
    expect(digests.size).toBe(100_000);
  });

  test("end, however deep a value is", () => {
    let deep: unknown = "x";
    for (let index = 0; index < 100_000; index++) deep = [deep];
    expect(digestOf(deep)).toMatch(/^\w+\.\w+$/u);
  });
});

test("whatever a body is, something comes of it", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 4 }), (values) => {
      let known: ConversationState | undefined;
      for (const value of [...values, { id: "c", participants: values }, { id: "c", values }]) {
        const event = { topic: queueTopic, body: value, atMs: 1, carriedSinceMs: 0 };
        const { next } = derive(known, event);
        if (next !== "unchanged") known = next;
      }
      expect(known).toBeDefined();
    }),
  );
});
