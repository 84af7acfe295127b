/**
 * A contact centre as an incremental generator: customers arrive, wait, alert an agent, are answered, held,
 * transferred, wrapped up, or give up; agents come and go. The same world, dice, start and rate give the same events,
 * byte for byte, however late its steps are taken: every event carries the instant at which it was due.
 */
import { Deadlines } from "../cloud/deadlines.ts";
import type { Dice } from "../cloud/dice.ts";
import { changePresence, leaveAndRejoin, presenceAtStart } from "./absences.ts";
import { Announcer } from "./announcer.ts";
import { Floor } from "./floor.ts";
import type { Life, Tell } from "./life.ts";
import { arrive } from "./lobby.ts";
import { mediaPlural, mediaTypes } from "./media.ts";
import { paceOf } from "./pace.ts";
import { Performance } from "./performance.ts";
import { callPrivately } from "./private-calls.ts";
import type { Records } from "./records.ts";
import { Service } from "./service.ts";
import { Shifts } from "./shifts.ts";
import { Staff } from "./staff.ts";
import { flowsUntil, type Rhythm } from "./tide.ts";
import type { World } from "./world.ts";

/** Takes one event: its topic, and its body as JSON, written only when somebody wants it. */
export type CentreOutlet = (topic: string, bodyOf: () => string) => unknown;

export interface Centre {
  /** When something happens next, epoch ms; undefined when nothing ever will. */
  nextDueMs(): number | undefined;
  /** Lets the next thing happen; returns how many events it brought. */
  step(outlet: CentreOutlet): number;
  /** Topics on which it speaks, busiest kinds first; those that are of one conversation or seldom are left out. */
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
  readonly rhythm?: Rhythm | undefined;
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
  const pace = paceOf(
    rate > 0 ? rate : 1,
    options.rhythm ?? "flat",
    world.queues.length,
    world.agents.length,
  );
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
  const announcer = new Announcer(life);
  const shifts = pace.rhythm === "day" ? new Shifts(life) : undefined;
  const staff = new Staff(life, (index) =>
    shifts === undefined ? presenceAtStart(dice) : shifts.presenceAtStart(index),
  );
  const floor = new Floor(life, announcer, staff);
  const performance = new Performance(life);
  const service = new Service({ life, announcer, staff, floor, performance });
  floor.onAnswer = (leg, nowMs) => service.begin(leg, nowMs);
  if (rate > 0 && world.queues.length > 0)
    recurring(life, pace.arrivalMs, (nowMs) =>
      arrive(life, announcer, floor, floor.anyDesk(), nowMs),
    );
  if (rate > 0 && world.agents.length > 0) {
    recurring(life, pace.membershipMs, (nowMs) => leaveAndRejoin(life, staff, nowMs));
    recurring(life, pace.privateCallMs, (nowMs) =>
      callPrivately(life, announcer, staff, floor, nowMs),
    );
    if (shifts === undefined)
      recurring(life, pace.presenceMs, (nowMs) => changePresence(life, staff, nowMs));
    else shifts.begin(staff);
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
function recurring(life: Life, meanMs: number, happen: (nowMs: number) => void): void {
  const { deadlines, dice, pace, startAtMs } = life;
  // The exact instant is carried on, so that rounding to milliseconds does not slow down a fast world.
  const after = (exactMs: number): void => {
    const nextMs = flowsUntil(pace.rhythm, exactMs, dice.exponential(meanMs));
    deadlines.set(Math.round(nextMs), (nowMs) => {
      happen(nowMs);
      after(nextMs);
    });
  };
  after(startAtMs);
}

function topicsOf(world: World): string[] {
  const ofQueues = (rest: string): string[] =>
    world.queues.map((queue) => `v2.routing.queues.${queue.id}.${rest}`);
  const ofAgents = (rest: string): string[] =>
    world.agents.map((agent) => `v2.users.${agent.id}.${rest}`);
  const analytics = (rest: string): string[] =>
    world.queues.map((queue) => `v2.analytics.queues.${queue.id}.${rest}`);
  return [
    ...ofQueues("conversations"),
    ...analytics("observations"),
    ...ofQueues("users"),
    ...ofAgents("conversations"),
    ...ofAgents("activity"),
    ...ofAgents("routingStatus"),
    ...ofAgents("presence"),
    ...mediaTypes.flatMap((media) =>
      world.queues
        .filter((queue) => queue.media.includes(media))
        .map((queue) => `v2.routing.queues.${queue.id}.conversations.${mediaPlural[media]}`),
    ),
    ...ofAgents("conversations.calls"),
    ...world.agents.map((agent) => `v2.detail.events.agent.${agent.id}.state`),
    ...ofAgents("conversationsummary"),
    ...analytics("activity"),
    ...world.agents.map((agent) => `v2.analytics.users.${agent.id}.aggregates`),
    ...ofAgents("station"),
    ...mediaTypes.flatMap((media) =>
      world.agents
        .filter(({ queueIds }) =>
          world.queues.some(
            ({ id, media: taken }) => queueIds.includes(id) && taken.includes(media),
          ),
        )
        .filter(() => media !== "call")
        .map((agent) => `v2.users.${agent.id}.conversations.${mediaPlural[media]}`),
    ),
  ];
}
