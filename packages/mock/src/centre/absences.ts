/** Agents of a world in which every hour is alike: short absences, a login now and then, a change of queues. */
import type { Dice } from "../cloud/dice.ts";
import { within, type Life } from "./life.ts";
import type { SystemPresence } from "./names.ts";
import type { Person } from "./people.ts";
import type { Staff } from "./staff.ts";

const offQueue: readonly SystemPresence[] = [
  "AVAILABLE",
  "BREAK",
  "MEAL",
  "MEETING",
  "TRAINING",
  "BUSY",
  "AWAY",
  "OFFLINE",
];
const onQueueAtStart = 0.75;
const goesOffQueue = 0.35;
const comesBack = 0.85;
const awayFromQueueMs = 60_000;

export function presenceAtStart(dice: Dice): SystemPresence {
  return dice.chance(onQueueAtStart) ? "ON_QUEUE" : dice.pick(offQueue);
}

/** Somebody who is not with a customer becomes something else. */
export function changePresence(life: Life, staff: Staff, nowMs: number): void {
  const { dice } = life;
  const person = staff.anybody(({ parts }) => parts.length === 0);
  if (person === undefined) return;
  if (person.presence === "OFFLINE") return staff.want(person, "AVAILABLE", nowMs);
  const wasOnQueue = person.presence === "ON_QUEUE";
  const onQueue = wasOnQueue ? !dice.chance(goesOffQueue) : dice.chance(comesBack);
  // Who stays on queue was only asked to: that somebody else moves keeps the rate.
  if (wasOnQueue && onQueue) return changePresence(life, staff, nowMs);
  const others = offQueue.filter((presence) => presence !== person.presence);
  staff.want(person, onQueue ? "ON_QUEUE" : dice.pick(others), nowMs);
}

function isAtWork({ presence, parts, joined }: Person): boolean {
  return presence !== "OFFLINE" && parts.length === 0 && joined.length > 0;
}

/** Somebody stops taking conversations of one queue for a while. */
export function leaveAndRejoin(life: Life, staff: Staff, nowMs: number): void {
  const person = staff.anybody(isAtWork);
  if (person === undefined) return;
  const queueId = life.dice.pick(person.joined);
  staff.join(person, queueId, false, nowMs);
  life.deadlines.set(nowMs + within(life, awayFromQueueMs), (dueMs) =>
    staff.join(person, queueId, true, dueMs),
  );
}
