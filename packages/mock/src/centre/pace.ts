/**
 * How fast life goes: from the wanted events per second to arrivals and durations.
 * The agents are given; the busier the centre is to be, the shorter everything takes, so that they can keep up.
 */
export interface Pace {
  /** Mean milliseconds between two arrivals of customers. */
  readonly arrivalMs: number;
  readonly presenceMs: number;
  readonly membershipMs: number;
  readonly observationMs: number;
  readonly alertMs: number;
  readonly noAnswerMs: number;
  readonly talkMs: number;
  readonly holdMs: number;
  readonly afterCallWorkMs: number;
  readonly patienceMs: number;
  readonly awayMs: number;
}

/** Events that one conversation brings on average, found by counting (see the test of the rate). */
const eventsPerConversation = 29;
const eventsPerPresenceChange = 2.9;
const eventsPerLeaveAndRejoin = 4;
/** Parts of the rate; conversations get what the others leave. */
const share = { presence: 0.1, memberships: 0.05, observations: 0.1 };
/** Of the observations that might be told, so many are: a queue in which nothing happened is silent. */
const observed = 0.67;

/** A conversation as it would be if nobody were in a hurry, milliseconds. */
const natural = {
  alert: 8000,
  noAnswer: 20_000,
  talk: 240_000,
  hold: 30_000,
  afterCallWork: 40_000,
  patience: 180_000,
  away: 60_000,
};
const handleMs = natural.alert + natural.talk + natural.afterCallWork;
/** Share of all agents that are talking when the centre keeps up well. */
const occupancy = 0.4;
/** GENESYS.md 5: analytics notifications come at most once a second and topic. */
const observationMsMin = 1000;

export function paceOf(rate: number, queues: number, agents: number): Pace {
  const every = (part: number, events: number): number => (1000 * events) / (rate * part);
  const observationMs = Math.max(observationMsMin, (1000 * queues) / (rate * share.observations));
  const observations = (observed * 1000 * queues) / observationMs / rate;
  const conversations = 1 - share.presence - share.memberships - observations;
  const arrivalMs = every(conversations, eventsPerConversation);
  const hurry = Math.min(1, (occupancy * agents * arrivalMs) / handleMs);
  const quick = (ms: number): number => ms * hurry;
  return {
    arrivalMs,
    presenceMs: every(share.presence, eventsPerPresenceChange),
    membershipMs: every(share.memberships, eventsPerLeaveAndRejoin),
    observationMs,
    alertMs: quick(natural.alert),
    noAnswerMs: quick(natural.noAnswer),
    talkMs: quick(natural.talk),
    holdMs: quick(natural.hold),
    afterCallWorkMs: quick(natural.afterCallWork),
    patienceMs: quick(natural.patience),
    awayMs: quick(natural.away),
  };
}
