import type { Subscription } from "@trunkline/events";
import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { gatherMs, Interests, lingerMs, type Interest } from "./interests.ts";

function interest(type: string): Interest {
  const scope = { divisions: [], queueIds: [], userIds: [], conversationIds: [] };
  const subscription: Subscription = { eventTypes: [type], scope, predicates: {} };
  return { subscription, trunks: undefined };
}

function stage(): {
  readonly interests: Interests;
  readonly told: (readonly string[])[];
  readonly pass: (ms: number) => Promise<void>;
} {
  const clock = new SimClock(0);
  const told: (readonly string[])[] = [];
  const interests = new Interests({
    clock,
    changed: (all) => told.push(all.flatMap(({ subscription }) => subscription.eventTypes)),
  });
  return { interests, told, pass: (ms) => clock.runUntil(clock.monotonicMs() + ms) };
}

test("a crowd that wants the same is told of once", async () => {
  const { interests, told, pass } = stage();
  for (let index = 0; index < 100; index++) interests.add(interest(`type-${index % 2}`));
  await pass(gatherMs);
  expect(told).toEqual([["type-0", "type-1"]]);
});

test("what nobody wants any more is kept for a while, and then let go", async () => {
  const { interests, told, pass } = stage();
  const leave = interests.add(interest("a"));
  interests.add(interest("b"));
  await pass(gatherMs);
  leave();
  leave();
  await pass(lingerMs - 1);
  expect(told).toHaveLength(1);
  await pass(1 + gatherMs);
  expect(told.at(-1)).toEqual(["b"]);
});

test("whoever is back in time changes nothing", async () => {
  const { interests, told, pass } = stage();
  interests.add(interest("a"))();
  await pass(lingerMs / 2);
  interests.add(interest("a"));
  await pass(2 * lingerMs);
  expect(told).toEqual([["a"]]);
});
