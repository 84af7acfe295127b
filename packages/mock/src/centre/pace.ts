/**
 * How fast life goes: from the wanted events per second to arrivals and durations.
 * The agents are given; the busier the centre is to be, the shorter everything takes, so that they can keep up.
 */
import { arrivalWeights } from "./arrivals.ts";
import { mediaTypes, type Media } from "./media.ts";
import type { Rhythm } from "./tide.ts";

export interface Pace {
  readonly rhythm: Rhythm;
  /** Mean milliseconds between two arrivals of customers; likewise the next ones. */
  readonly arrivalMs: number;
  readonly presenceMs: number;
  readonly membershipMs: number;
  readonly privateCallMs: number;
  /** Between two observations of one queue at least. */
  readonly observationMs: number;
  /** What a natural duration is multiplied with: 1 when there is time enough, less in a busy world. */
  readonly hurry: number;
}

/** Talking, or writing with all its waits, if nobody is in a hurry; milliseconds. */
export const talkMs: Readonly<Record<Media, number>> = {
  call: 240_000,
  callback: 180_000,
  chat: 360_000,
  email: 420_000,
  message: 480_000,
};

/** Events that one happening brings on average, found by counting (see the tests of the rate). */
const eventsPerConversation = { flat: 53.5, day: 48 };
const eventsPerPresenceChange = 3;
const eventsPerLeaveAndRejoin = 4;
const eventsPerPrivateCall = 14;
/** An agent's working day with all that it brings: login, breaks, logout. */
const eventsPerShift = 36;
/** Parts of the rate; conversations get what the others leave. */
const share = { presence: 0.08, memberships: 0.05, privateCalls: 0.02, observations: 0.1 };
/** Of the observations that might be told, so many are: a queue in which nothing happened is silent. */
const observed = 0.45;

const besidesTalkMs = 60_000;
/** Share of all agents that are talking when the centre keeps up well; of a day's agents most are at home. */
const occupancy = { flat: 0.4, day: 0.15 };
/** GENESYS.md 5: analytics notifications come at most once a second and topic. */
const observationMsMin = 1000;
const daySeconds = 86_400;

export function paceOf(rate: number, rhythm: Rhythm, queues: number, agents: number): Pace {
  const every = (part: number, events: number): number => (1000 * events) / (rate * part);
  const observationMs = Math.max(observationMsMin, (1000 * queues) / (rate * share.observations));
  const observations = (observed * 1000 * queues) / observationMs / rate;
  const presence =
    rhythm === "flat" ? share.presence : (agents * eventsPerShift) / daySeconds / rate;
  const others = presence + share.memberships + share.privateCalls + observations;
  const arrivalMs = every(Math.max(0.1, 1 - others), eventsPerConversation[rhythm]);
  return {
    rhythm,
    arrivalMs,
    presenceMs: every(share.presence, eventsPerPresenceChange),
    membershipMs: every(share.memberships, eventsPerLeaveAndRejoin),
    privateCallMs: every(share.privateCalls, eventsPerPrivateCall),
    observationMs,
    hurry: Math.min(1, (occupancy[rhythm] * agents * arrivalMs) / handleMs()),
  };
}

/** What one conversation takes of an agent's time. */
function handleMs(): number {
  let [sum, weights] = [0, 0];
  for (const media of mediaTypes) {
    sum += arrivalWeights[media] * (talkMs[media] + besidesTalkMs);
    weights += arrivalWeights[media];
  }
  return sum / weights;
}
