import { describe, expect, test } from "vitest";
import { createCentre } from "../../centre/centre.ts";
import { conversationBody } from "../../centre/conversation-bodies.ts";
import { createWorld } from "../../centre/world.ts";
import { startMs } from "../../testing/stage.ts";
import { createDice } from "../dice.ts";
import { isOver, knownAt, lastChangeMs } from "./known.ts";

/** A centre that has lived for so long, and the last body of each conversation at each instant at which one was told. */
function lived(seed: number, lifeMs: number): Lived {
  const world = createWorld(createDice(seed, "world"), 3, 8);
  const centre = createCentre({
    world,
    dice: createDice(seed, "centre"),
    startAtMs: startMs,
    rate: 20,
    conversationsKeptMax: 10_000,
    statusChangesKeptMax: 100,
  });
  const told = new Map<string, { atMs: number; id: string; body: unknown }>();
  for (;;) {
    const atMs = centre.nextDueMs() ?? Number.NaN;
    if (atMs > startMs + lifeMs) return { world, centre, told: [...told.values()] };
    centre.step((topic, bodyOf) => {
      if (!/^v2\.routing\.queues\.[^.]+\.conversations$/u.test(topic)) return;
      const body: { id: string } = JSON.parse(bodyOf());
      told.set(`${body.id} ${atMs}`, { atMs, id: body.id, body });
    });
  }
}

interface Lived {
  readonly world: ReturnType<typeof createWorld>;
  readonly centre: ReturnType<typeof createCentre>;
  readonly told: readonly { readonly atMs: number; readonly id: string; readonly body: unknown }[];
}

describe.each([1, 2, 3, 4, 5])("with seed %d", (seed) => {
  test("what was known at an instant is the event of that instant, to the last field", () => {
    const { world, centre, told } = lived(seed, 400_000);
    expect(told.length).toBeGreaterThan(300);
    for (const { atMs, id, body } of told) {
      const conversation = centre.records.conversation(id);
      const known = conversation === undefined ? undefined : knownAt(conversation, atMs);
      const text = known === undefined ? "null" : JSON.stringify(conversationBody(known, world));
      expect(JSON.parse(text)).toEqual(body);
    }
  });

  test("the last change is the last event, and over is what is never told of again", () => {
    const { centre, told } = lived(seed, 400_000);
    const lastOf = new Map(told.map(({ id, atMs }) => [id, atMs]));
    for (const [id, atMs] of lastOf) {
      const conversation = centre.records.conversation(id);
      expect(conversation === undefined ? undefined : lastChangeMs(conversation)).toBe(atMs);
    }
    for (const { id, atMs } of told) {
      const conversation = centre.records.conversation(id);
      const known = conversation === undefined ? undefined : knownAt(conversation, atMs);
      expect(known !== undefined && isOver(known) && atMs !== lastOf.get(id)).toBe(false);
    }
  });

  test("before it began, nothing was known of it", () => {
    const { centre } = lived(seed, 20_000);
    for (const conversation of centre.records.startedBetween(0, Number.POSITIVE_INFINITY)) {
      expect(knownAt(conversation, conversation.startMs - 1)).toBeUndefined();
      expect(knownAt(conversation, conversation.startMs)).toBeDefined();
    }
  });
});
