/** A contact centre alone, for unit tests: nothing but time passes. */
import { createDice } from "../cloud/dice.ts";
import { createCentre, type Centre } from "../centre/centre.ts";
import type { Rhythm } from "../centre/tide.ts";
import { createWorld } from "../centre/world.ts";

export const centreStartMs = Date.parse("2026-03-02T08:00:00.000Z");

export interface Told {
  readonly atMs: number;
  readonly topic: string;
  readonly body: string;
}

export function centreOf(options: {
  readonly seed?: number;
  readonly rate: number;
  readonly rhythm?: Rhythm;
  readonly queues?: number;
  readonly agents?: number;
  readonly atMs?: number;
  readonly conversationsKeptMax?: number;
}): Centre {
  const seed = options.seed ?? 1;
  return createCentre({
    world: createWorld(createDice(seed, "world"), options.queues ?? 6, options.agents ?? 30),
    dice: createDice(seed, "centre"),
    startAtMs: options.atMs ?? centreStartMs,
    rate: options.rate,
    rhythm: options.rhythm,
    conversationsKeptMax: options.conversationsKeptMax ?? 1000,
    statusChangesKeptMax: 100,
  });
}

/** So many events at least, with their bodies. */
export function live(centre: Centre, count: number): Told[] {
  const told: Told[] = [];
  while (told.length < count) {
    const atMs = centre.nextDueMs() ?? Number.NaN;
    centre.step((topic, bodyOf) => told.push({ atMs, topic, body: bodyOf() }));
  }
  return told;
}

/** How many events come until then; nobody reads them. */
export function passUntil(centre: Centre, endMs: number, onStep: () => void = () => {}): number {
  let events = 0;
  while ((centre.nextDueMs() ?? endMs) < endMs) {
    events += centre.step(() => undefined);
    onStep();
  }
  return events;
}

/** `v2.users.{id}.presence` for any user. */
export function templated(topic: string): string {
  return topic.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gu, "{id}");
}
