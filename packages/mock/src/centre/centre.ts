/**
 * A contact centre as an incremental generator: customers arrive, wait, alert an agent, are answered, held,
 * transferred, wrapped up, or give up; agents come and go. The same world, dice, start and rate give the same events,
 * byte for byte, however late its steps are taken: every event carries the instant at which it was due.
 */
import { Deadlines } from "../cloud/deadlines.ts";
import type { Dice } from "../cloud/dice.ts";
import { Floor } from "./floor.ts";
import type { Life, Tell } from "./life.ts";
import { paceOf } from "./pace.ts";
import type { Records } from "./records.ts";
import { createStaff } from "./staff.ts";
import type { World } from "./world.ts";

/** Takes one event: its topic, and its body as JSON, written only when somebody wants it. */
export type CentreOutlet = (topic: string, bodyOf: () => string) => unknown;

export interface Centre {
  /** When something happens next, epoch ms; undefined when nothing ever will. */
  nextDueMs(): number | undefined;
  /** Lets the next thing happen; returns how many events it brought. */
  step(outlet: CentreOutlet): number;
  /** Topics on which it speaks, busiest kinds first. */
  topics(): readonly string[];
  /** Conversations that are under way. */
  readonly conversations: number;
  readonly records: Records;
}

export function createCentre(options: {
  readonly world: World;
  readonly dice: Dice;
  readonly startAtMs: number;
  readonly rate: number;
  readonly conversationsKeptMax: number;
  readonly statusChangesKeptMax: number;
}): Centre {
  const { world, dice, startAtMs, rate, conversationsKeptMax, statusChangesKeptMax } = options;
  const deadlines = new Deadlines();
  let outlet: CentreOutlet | undefined;
  let events = 0;
  const tell: Tell = (topic, bodyOf) => {
    events += 1;
    outlet?.(topic, bodyOf);
  };

  // One that stands still has people and queues all the same.
  const pace = paceOf(rate > 0 ? rate : 1, world.queues.length, world.agents.length);
  const life: Life = {
    world,
    dice,
    deadlines,
    pace,
    tell,
    startAtMs,
    conversationsKeptMax,
    statusChangesKeptMax,
  };
  const staff = createStaff(life);
  const floor = new Floor(life, staff);
  if (rate > 0) {
    recurring(deadlines, dice, startAtMs, pace.arrivalMs, (nowMs) => floor.arrive(nowMs));
    recurring(deadlines, dice, startAtMs, pace.presenceMs, staff.changePresence);
    recurring(deadlines, dice, startAtMs, pace.membershipMs, staff.leaveAndRejoin);
  }
  const people = new Map(staff.people.map((person) => [person.agent.id, person]));

  return {
    get conversations() {
      return floor.conversations;
    },
    records: {
      conversation: (id) => floor.book.find(id),
      startedBetween: (fromMs, untilMs) => floor.book.startedBetween(fromMs, untilMs),
      person: (userId) => people.get(userId),
      people: staff.people,
      countsNow: (queueId, media) => floor.countsNow(queueId, media),
    },
    nextDueMs: () => deadlines.nextMs(),
    step(taker) {
      const dueMs = deadlines.nextMs();
      if (dueMs === undefined) return 0;
      events = 0;
      outlet = taker;
      deadlines.runNext(dueMs);
      return events;
    },
    topics: () => topicsOf(world),
  };
}

/** Something that happens again and again, at random, with this mean distance. */
function recurring(
  deadlines: Deadlines,
  dice: Dice,
  startAtMs: number,
  meanMs: number,
  happen: (nowMs: number) => void,
): void {
  // The exact instant is carried on, so that rounding to milliseconds does not slow down a fast world.
  let exactMs = startAtMs + dice.exponential(meanMs);
  const next = (nowMs: number): void => {
    happen(nowMs);
    exactMs += dice.exponential(meanMs);
    deadlines.set(Math.round(exactMs), next);
  };
  deadlines.set(Math.round(exactMs), next);
}

function topicsOf(world: World): string[] {
  const ofQueues = (rest: string): string[] =>
    world.queues.map((queue) => `v2.routing.queues.${queue.id}.${rest}`);
  const ofAgents = (rest: string): string[] =>
    world.agents.map((agent) => `v2.users.${agent.id}.${rest}`);
  return [
    ...ofQueues("conversations"),
    ...world.queues.map((queue) => `v2.analytics.queues.${queue.id}.observations`),
    ...ofQueues("users"),
    ...ofAgents("conversations"),
    ...ofAgents("activity"),
    ...ofAgents("routingStatus"),
    ...ofAgents("presence"),
    ...ofQueues("conversations.calls"),
    ...ofQueues("conversations.messages"),
  ];
}
