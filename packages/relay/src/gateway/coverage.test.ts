import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { topicState, trunkState } from "../testing/fake-service.ts";
import type { TrunkStatus } from "../service.ts";
import { believedMs, Coverages } from "./coverage.ts";

const everything = { subject: "all", concerns: () => true };

function stage(first: readonly TrunkStatus[]): {
  readonly coverages: Coverages;
  readonly clock: SimClock;
  readonly set: (trunks: readonly TrunkStatus[]) => void;
  readonly asked: () => number;
} {
  const clock = new SimClock(0);
  let trunks = first;
  let asked = 0;
  const coverages = new Coverages({
    clock,
    trunks: () => {
      asked++;
      return trunks;
    },
  });
  return { coverages, clock, set: (next) => (trunks = next), asked: () => asked };
}

const topics = [
  topicState("a"),
  topicState("b", "pending"),
  topicState("c", "rejected"),
  topicState("d", "over-budget"),
];

test("topics are counted by how they stand, and those that are not live are named", () => {
  const { coverages } = stage([trunkState({ topics })]);
  expect(coverages.of(everything, undefined)).toEqual({
    summary: {
      topics: { live: 1, pending: 1, forbidden: 1, unavailable: 1 },
      notLive: [
        { topic: "b", state: "pending" },
        { topic: "c", state: "forbidden" },
        { topic: "d", state: "unavailable" },
      ],
    },
    isSettled: false,
  });
});

test("only what concerns a subscription counts, on trunks that may be seen", () => {
  const { coverages } = stage([
    trunkState({ name: "one", topics: [topicState("a"), topicState("b", "pending")] }),
    trunkState({ name: "two", topics: [topicState("a", "pending")] }),
  ]);
  const onlyA = { subject: "a", concerns: (topic: string) => topic === "a" };
  expect(coverages.of(onlyA, ["one"])).toMatchObject({
    summary: { topics: { live: 1 } },
    isSettled: true,
  });
  expect(coverages.of(onlyA, undefined).isSettled).toBe(false);
});

test("nothing is settled while it is not known which topics there are", () => {
  const { coverages } = stage([trunkState({ topics: [], isListing: true })]);
  expect(coverages.of(everything, undefined).isSettled).toBe(false);
});

test("a crowd is answered by one look, and the next one a moment later", async () => {
  const { coverages, clock, set, asked } = stage([
    trunkState({ topics: [topicState("a", "pending")] }),
  ]);
  for (let index = 0; index < 1_000; index++) coverages.of(everything, undefined);
  expect(asked()).toBe(1);
  set([trunkState({ topics: [topicState("a")] })]);
  expect(coverages.of(everything, undefined).isSettled).toBe(false);
  await clock.runUntil(believedMs);
  expect(coverages.of(everything, undefined).isSettled).toBe(true);
  // What was said before somebody wanted more is not believed for a moment.
  set([trunkState({ topics: [], isListing: true })]);
  coverages.forget();
  expect(coverages.of(everything, undefined).isSettled).toBe(false);
});
