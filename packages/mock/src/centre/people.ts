/** Agents as facts with their instants: as they are now, and how they came to be so. */
import type { Conversation, Participant } from "./conversation.ts";
import type { SystemPresence } from "./names.ts";
import type { Agent } from "./world.ts";

export type RoutingStatus =
  | "OFF_QUEUE"
  | "IDLE"
  | "INTERACTING"
  | "COMMUNICATING"
  | "NOT_RESPONDING";

/** From this instant to the next change. */
export interface StatusChange<Status> {
  readonly atMs: number;
  readonly status: Status;
}

/** A part that somebody plays in a conversation: alerted, talking, or at after-call work. */
export interface Part {
  readonly conversation: Conversation;
  readonly participant: Participant;
}

export interface Person {
  readonly agent: Agent;
  /** Changes of the primary presence in order, the oldest forgotten; the last is the present one. */
  readonly presences: StatusChange<SystemPresence>[];
  readonly routings: StatusChange<RoutingStatus>[];
  presence: SystemPresence;
  presenceMs: number;
  /** What the presence becomes as soon as no customer is there; the same as `presence` most of the time. */
  wanted: SystemPresence;
  routing: RoutingStatus;
  routingMs: number;
  /** Queues in which the agent has joined, in the order of the agent's memberships. */
  joined: readonly string[];
  joinedMs: number;
  outOfOffice: boolean;
  outOfOfficeMs: number;
  /** Associated with the agent's telephone: from login to logout. */
  atStation: boolean;
  /** Parts that are not over, after-call work included. */
  readonly parts: Part[];
}
