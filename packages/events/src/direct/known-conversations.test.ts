import { expect, test } from "vitest";
import { KnownConversations } from "./known-conversations.ts";
import { gap, notification, snapshot, subscribed, unsubscribed } from "./testing/client-events.ts";

const topic = "v2.routing.queues.Q1.conversations";

function typesAt(known: KnownConversations, id: string, startMs: number): readonly string[] {
  return known.derive(notification(topic, 10_000, snapshot(id, startMs)));
}

test("a conversation has begun where nothing can have been missed before it", () => {
  const known = new KnownConversations();
  expect(typesAt(known, "a", 9_000)).toEqual(["conversation:updated"]);
  known.note(subscribed([topic.toLowerCase()], 5_000));
  expect(typesAt(known, "b", 5_000)).toEqual(["conversation:created"]);
  expect(typesAt(known, "c", 4_999)).toEqual(["conversation:updated"]);
  // Another line has it too, or it was confirmed once more: nothing was missed.
  known.note(subscribed([topic], 8_000));
  expect(typesAt(known, "d", 6_000)).toEqual(["conversation:created"]);
  known.note(gap([topic], 6_500));
  expect(typesAt(known, "e", 9_999)).toEqual(["conversation:updated"]);
  known.note(gap([topic], 6_500, 9_000));
  expect(typesAt(known, "f", 8_999)).toEqual(["conversation:updated"]);
  expect(typesAt(known, "g", 9_000)).toEqual(["conversation:created"]);
  known.note(unsubscribed([topic], 9_500));
  expect(typesAt(known, "h", 9_900)).toEqual(["conversation:updated"]);
});

test("its end is told once, and the same snapshot again is nothing", () => {
  const known = new KnownConversations();
  const end = notification(topic, 100, snapshot("a", 1, 90));
  expect(known.derive(end)).toEqual(["conversation:updated", "conversation:ended"]);
  expect(known.derive(end)).toEqual([]);
});

test("topics of which nothing is derived are not kept in mind", () => {
  const known = new KnownConversations();
  expect(known.derive(notification("v2.users.u.presence", 1, { id: "a" }))).toEqual([]);
  expect(known.size).toBe(0);
});

test("beyond the limit the longest unchanged is forgotten, and is not told to begin again", () => {
  const known = new KnownConversations(2);
  known.note(subscribed([topic], 0));
  const at = (id: string, atMs: number, startMs: number): readonly string[] =>
    known.derive(notification(topic, atMs, snapshot(id, startMs)));
  expect(at("a", 10, 10)).toEqual(["conversation:created"]);
  expect(at("b", 20, 20)).toEqual(["conversation:created"]);
  expect(at("a", 25, 11)).toEqual(["conversation:updated"]);
  expect(at("c", 30, 30)).toEqual(["conversation:created"]);
  expect(known.size).toBe(2);
  // b was forgotten at 30: its next snapshot is an update, and so is that of any that began before.
  expect(at("b", 40, 20)).toEqual(["conversation:updated"]);
  expect(at("d", 50, 29)).toEqual(["conversation:updated"]);
  expect(at("e", 60, 55)).toEqual(["conversation:created"]);
});
