/** What an agent and a customer have together, and what all that may happen to them needs. */
import type { Deadline } from "../cloud/deadlines.ts";
import type { Announcer } from "./announcer.ts";
import type { DisconnectType, Session } from "./conversation.ts";
import type { Floor, Leg } from "./floor.ts";
import type { Life } from "./life.ts";
import type { Performance } from "./performance.ts";
import type { Staff } from "./staff.ts";

/** What all that happens in a service shares. */
export interface Ports {
  readonly life: Life;
  readonly announcer: Announcer;
  readonly staff: Staff;
  readonly floor: Floor;
  readonly performance: Performance;
}

/** A leg that runs, with its end in sight. */
export interface Talk extends Leg {
  /** What is spoken or written through: of a callback the call. */
  readonly session: Session;
  readonly end: Deadline;
}

/** How a talk begins and ends, for what happens before and within it. */
export interface Serving {
  talk(leg: Leg, session: Session, nowMs: number): void;
  /** The agent leaves, and after-call work begins. */
  depart(leg: Leg, session: Session, how: DisconnectType, nowMs: number): void;
  /** The customer did not pick up. */
  unreached(leg: Leg, session: Session, nowMs: number): void;
}

export function isOver({ agent }: Leg): boolean {
  return agent.endMs !== undefined;
}
