import { assert, describe, expect, test } from "vitest";
import { centreOf, centreStartMs, live, passUntil, templated } from "../testing/centre-stage.ts";
import { conversationBody } from "./conversation-bodies.ts";
import { mediaTypes } from "./media.ts";
import { createDice } from "../cloud/dice.ts";
import { createWorld } from "./world.ts";

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
    for (let minute = 1; minute <= 20; minute += 1) {
      passUntil(centre, centreStartMs + minute * 10_000);
      const all = centre.records
        .startedBetween(0, Number.MAX_VALUE)
        .filter(({ endMs }) => endMs === undefined);
      const { queues } = createWorld(createDice(1, "world"), 2, 6);
      for (const { id: queueId } of queues)
        for (const media of mediaTypes) {
          const there = all
            .filter((one) => one.media === media)
            .map((one) => one.participants.filter((its) => its.queue?.id === queueId));
          const stateOf = (purpose: string, state: string): number =>
            there.flat().filter((its) => its.purpose === purpose && its.sessions[0].state === state)
              .length;
          const oAlerting = stateOf("agent", "alerting");
          expect(centre.records.countsNow(queueId, media)).toEqual({
            oAlerting,
            oInteracting: stateOf("agent", "connected"),
            oWaiting: stateOf("acd", "connected") - oAlerting,
          });
        }
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
