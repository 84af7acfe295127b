import type { Dice } from "../cloud/dice.ts";
import type { World } from "./world.ts";

/** Takes one event: its topic, and its body as JSON, written only when somebody wants it. */
export type CentreOutlet = (topic: string, bodyOf: () => string) => unknown;

/** A contact centre as an incremental generator. */
export interface Centre {
  /** When something happens next; undefined when nothing ever will. */
  nextDueMs(): number | undefined;
  /** Lets the next thing happen; returns how many events it brought. */
  step(outlet: CentreOutlet): number;
  /** Topics on which it speaks. */
  topics(): readonly string[];
}

export function createCentre(options: {
  readonly world: World;
  readonly dice: Dice;
  readonly startAtMs: number;
  readonly rate: number;
}): Centre {
  const { queues, agents } = options.world;
  return {
    nextDueMs: () => undefined,
    step: () => 0,
    topics: () => [
      ...queues.map((queue) => `v2.routing.queues.${queue.id}.conversations`),
      ...agents.map((agent) => `v2.users.${agent.id}.conversations`),
    ],
  };
}
