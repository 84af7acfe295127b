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

/** What takes so long on average when nobody is in a hurry takes this long now; a whole number of milliseconds. */
export function within({ dice, pace }: Life, naturalMs: number): number {
  return Math.max(1, Math.round(dice.exponential(naturalMs * pace.hurry)));
}

/** The same without chance. */
export function exactly({ pace }: Life, naturalMs: number): number {
  return Math.max(1, Math.round(naturalMs * pace.hurry));
}
