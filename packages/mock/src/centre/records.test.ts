import { assert, describe, expect, test } from "vitest";
import { centreOf, centreStartMs, live, passUntil, templated } from "../testing/centre-stage.ts";
import { conversationBody } from "./conversation-bodies.ts";
import type { Conversation } from "./conversation.ts";
import { mediaTypes, type Media } from "./media.ts";
import { createDice } from "../cloud/dice.ts";
import type { CountsNow } from "./records.ts";
import { createWorld } from "./world.ts";

/** What a queue counts, from the facts of all that runs. */
function counted(running: readonly Conversation[], queueId: string, media: Media): CountsNow {
  const counts = { oWaiting: 0, oAlerting: 0, oInteracting: 0 };
  for (const { participants } of running.filter((one) => one.media === media)) {
    const here = participants.filter(
      ({ queue, endMs }) => queue?.id === queueId && endMs === undefined,
    );
    // Who is asked by a colleague that still has the customer does not serve the queue yet.
    const agents = here.filter(
      ({ purpose, consultParticipantId }) =>
        purpose === "agent" && !here.some(({ id }) => id === consultParticipantId),
    );
    const alerting = agents.filter(({ sessions }) => sessions[0].state === "alerting").length;
    counts.oAlerting += alerting;
    counts.oInteracting += agents.length - alerting;
    const isQueued = here.some(
      ({ purpose, sessions }) => purpose === "acd" && sessions[0].state === "connected",
    );
    counts.oWaiting += isQueued && alerting === 0 ? 1 : 0;
  }
  return counts;
}

describe("what is remembered", () => {
  test("says of a conversation what its last event said", () => {
    const centre = centreOf({ rate: 20, conversationsKeptMax: 10_000 });
    const world = createWorld(createDice(1, "world"), 6, 30);
    const last = new Map<string, string>();
    for (const { topic, body } of live(centre, 20_000)) {
      if (templated(topic) !== "v2.routing.queues.{id}.conversations") continue;
      const { id }: { id: string } = JSON.parse(body);
      last.set(id, body);
    }
    expect(last.size).toBeGreaterThan(100);
    for (const [id, body] of last) {
      const conversation = centre.records.conversation(id);
      assert(conversation !== undefined);
      expect(JSON.stringify(conversationBody(conversation, world))).toBe(body);
    }
  });

  test("counts in each queue what is there", () => {
    const centre = centreOf({ rate: 200, queues: 2, agents: 6, conversationsKeptMax: 10_000 });
    for (let minute = 1; minute <= 100; minute += 1) {
      passUntil(centre, centreStartMs + minute * 3000);
      const all = centre.records
        .startedBetween(0, Number.MAX_VALUE)
        .filter(({ endMs }) => endMs === undefined);
      const { queues } = createWorld(createDice(1, "world"), 2, 6);
      for (const { id: queueId } of queues)
        for (const media of mediaTypes)
          expect(centre.records.countsNow(queueId, media)).toEqual(counted(all, queueId, media));
    }
    expect(centre.records.countsNow("nowhere", "call")).toBeUndefined();
  });

  test("is no more than is to be kept: what ended first is forgotten, what runs is not", () => {
    const centre = centreOf({ rate: 100, conversationsKeptMax: 50 });
    const running = (): string[] =>
      centre.records.people.flatMap(({ parts }) => parts.map((part) => part.conversation.id));
    passUntil(centre, centreStartMs + 3_600_000, () => {
      expect(running().every((id) => centre.records.conversation(id) !== undefined)).toBe(true);
    });
    const kept = centre.records.startedBetween(0, Number.MAX_VALUE);
    expect(kept.length).toBe(50);
    const starts = kept.map(({ startMs }) => startMs);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    const [first = 0, second = 0] = starts;
    expect(centre.records.startedBetween(first, second).length).toBeLessThan(3);
    for (const { presences, routings } of centre.records.people)
      expect(Math.max(presences.length, routings.length)).toBeLessThanOrEqual(100);
  });
});
