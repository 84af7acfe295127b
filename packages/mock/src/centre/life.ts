import type { Deadlines } from "../cloud/deadlines.ts";
import type { Dice } from "../cloud/dice.ts";
import type { Pace } from "./pace.ts";
import type { World } from "./world.ts";

/** Brings one event: its topic, and its body as JSON, written only when somebody wants it. */
export type Tell = (topic: string, bodyOf: () => string) => void;

/** What all parts of the centre share. */
export interface Life {
  readonly world: World;
  readonly dice: Dice;
  readonly deadlines: Deadlines;
  readonly pace: Pace;
  readonly tell: Tell;
  readonly startAtMs: number;
  readonly conversationsKeptMax: number;
  readonly statusChangesKeptMax: number;
}
