/** Agents through their day: on queue, on a break, joining and leaving queues. */
import type { Life } from "./life.ts";
import type { SystemPresence } from "./names.ts";
import { activityBody, presenceBody, queueMemberBody, routingStatusBody } from "./people-bodies.ts";
import type { Person, RoutingStatus, StatusChange } from "./people.ts";

export interface Staff {
  readonly people: readonly Person[];
  /** Called when somebody may take a conversation. */
  onFree: (person: Person, nowMs: number) => void;
  /** A member of a queue that is ready for a conversation. */
  readonly ready: (queueId: string) => Person | undefined;
  readonly setRouting: (person: Person, routing: RoutingStatus, nowMs: number) => void;
  readonly changePresence: (nowMs: number) => void;
  readonly leaveAndRejoin: (nowMs: number) => void;
}

const offQueue: readonly SystemPresence[] = [
  "AVAILABLE",
  "BREAK",
  "MEAL",
  "MEETING",
  "TRAINING",
  "BUSY",
  "AWAY",
];
const onQueueAtStart = 0.75;
const goesOffQueue = 0.35;
const comesBack = 0.85;
const attemptsMax = 4;

export function createStaff(life: Life): Staff {
  const { world, dice, deadlines, pace, tell, startAtMs } = life;
  const people = world.agents.map((agent): Person => {
    const onQueue = dice.chance(onQueueAtStart);
    const presence = onQueue ? "ON_QUEUE" : dice.pick(offQueue);
    const routing = onQueue ? "IDLE" : "OFF_QUEUE";
    return {
      agent,
      presence,
      presenceMs: startAtMs,
      presences: [{ atMs: startAtMs, status: presence }],
      routing,
      routingMs: startAtMs,
      routings: [{ atMs: startAtMs, status: routing }],
      joined: agent.queueIds,
      joinedMs: startAtMs,
      busy: false,
      outOfOffice: false,
      outOfOfficeMs: startAtMs,
      atStation: true,
      parts: [],
    };
  });
  const members = new Map(
    world.queues.map((queue) => [
      queue.id,
      people.filter((person) => person.agent.queueIds.includes(queue.id)),
    ]),
  );
  const remember = <Status>(
    changes: StatusChange<Status>[],
    change: StatusChange<Status>,
  ): void => {
    changes.push(change);
    if (changes.length > life.statusChangesKeptMax) changes.shift();
  };
  const tellActivity = (person: Person): void =>
    tell(topic(person, "activity"), () => JSON.stringify(activityBody(person, world)));
  /** Somebody who is not with a customer, if such a one is found soon. */
  const undisturbed = (): Person | undefined => {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const person = dice.pick(people);
      if (!person.busy && person.routing !== "INTERACTING") return person;
    }
    return undefined;
  };

  const staff: Staff = {
    people,
    onFree: () => {},
    ready(queueId) {
      const candidates = members.get(queueId) ?? [];
      const first = dice.below(Math.max(1, candidates.length));
      for (let index = 0; index < candidates.length; index += 1) {
        const person = candidates[(first + index) % candidates.length];
        if (person !== undefined && isReady(person) && person.joined.includes(queueId))
          return person;
      }
      return undefined;
    },
    setRouting(person, routing, nowMs) {
      person.routing = routing;
      person.routingMs = nowMs;
      remember(person.routings, { atMs: nowMs, status: routing });
      tell(topic(person, "routingStatus"), () => JSON.stringify(routingStatusBody(person)));
      tellActivity(person);
    },
    changePresence(nowMs) {
      const person = undisturbed();
      if (person === undefined) return;
      const wasOnQueue = person.presence === "ON_QUEUE";
      const onQueue = wasOnQueue ? !dice.chance(goesOffQueue) : dice.chance(comesBack);
      // Who stays on queue was only asked to: that somebody else moves keeps the rate.
      if (wasOnQueue && onQueue) return staff.changePresence(nowMs);
      const others = offQueue.filter((presence) => presence !== person.presence);
      person.presence = onQueue ? "ON_QUEUE" : dice.pick(others);
      person.presenceMs = nowMs;
      remember(person.presences, { atMs: nowMs, status: person.presence });
      tell(topic(person, "presence"), () => JSON.stringify(presenceBody(person, world)));
      const routing = onQueue ? "IDLE" : "OFF_QUEUE";
      if (person.routing === routing) tellActivity(person);
      else staff.setRouting(person, routing, nowMs);
      if (onQueue) staff.onFree(person, nowMs);
    },
    leaveAndRejoin(nowMs) {
      const person = undisturbed();
      if (person === undefined || person.joined.length === 0) return;
      const queueId = dice.pick(person.joined);
      const move = (joined: readonly string[], atMs: number): void => {
        person.joined = joined;
        person.joinedMs = atMs;
        tell(`v2.routing.queues.${queueId}.users`, () =>
          JSON.stringify(queueMemberBody(person, queueId)),
        );
        tellActivity(person);
      };
      move(
        person.joined.filter((id) => id !== queueId),
        nowMs,
      );
      deadlines.set(nowMs + Math.ceil(dice.exponential(pace.awayMs)), (backMs) => {
        move(
          person.agent.queueIds.filter((id) => id === queueId || person.joined.includes(id)),
          backMs,
        );
        if (isReady(person)) staff.onFree(person, backMs);
      });
    },
  };
  return staff;
}

function isReady(person: Person): boolean {
  return person.routing === "IDLE" && !person.busy;
}

function topic(person: Person, rest: string): string {
  return `v2.users.${person.agent.id}.${rest}`;
}
