/** Agents as they are now, and the bodies that tell of them (GENESYS.md 7). */
import type { SystemPresence } from "./names.ts";
import type { Agent, World } from "./world.ts";

export type RoutingStatus = "OFF_QUEUE" | "IDLE" | "INTERACTING" | "NOT_RESPONDING";

/** From this instant to the next change. */
export interface StatusChange<Status> {
  readonly atMs: number;
  readonly status: Status;
}

export interface Person {
  readonly agent: Agent;
  /** Changes in order, the oldest forgotten; the last is the present one. */
  readonly presences: StatusChange<SystemPresence>[];
  readonly routings: StatusChange<RoutingStatus>[];
  presence: SystemPresence;
  presenceTime: string;
  routing: RoutingStatus;
  routingTime: string;
  /** Queues in which the agent has joined, in the order of the agent's memberships. */
  joined: readonly string[];
  joinedTime: string;
  /** Alerted or talking: not to be disturbed. */
  busy: boolean;
}

/** `v2.users.{id}.presence`: the body does not name the user. */
export function presenceBody(person: Person, world: World): object {
  return {
    source: "PURECLOUD",
    presenceDefinition: presenceDefinition(person, world),
    primary: true,
    message: "",
    modifiedDate: person.presenceTime,
  };
}

function presenceDefinition(person: Person, world: World): object {
  return { id: world.presenceIds.get(person.presence), systemPresence: person.presence };
}

/** `v2.users.{id}.routingStatus`. */
export function routingStatusBody(person: Person): object {
  return { id: person.agent.id, routingStatus: routingStatus(person) };
}

function routingStatus(person: Person): object {
  return { status: person.routing, startTime: person.routingTime };
}

/** `v2.users.{id}.activity`, as in `fixtures/frames/user-activity.json`. */
export function activityBody(person: Person, world: World, startTime: string): object {
  return {
    id: person.agent.id,
    routingStatus: routingStatus(person),
    presence: {
      presenceDefinition: presenceDefinition(person, world),
      modifiedDate: person.presenceTime,
    },
    outOfOffice: { active: false, modifiedDate: startTime },
    activeQueueIds: person.joined,
    dateActiveQueuesChanged: person.joinedTime,
  };
}

/** `v2.routing.queues.{id}.users`: no time in it, so the same body comes again and again. */
export function queueMemberBody(person: Person, queueId: string): object {
  const { id } = person.agent;
  return { id, user: { id }, queueId, joined: person.joined.includes(queueId) };
}
