/** How the members of a queue are counted: by membership, by routing status, by presence. */
import type { Person } from "../../centre/people.ts";
import type { World } from "../../centre/world.ts";

interface UserMetric {
  readonly counts: (person: Person, queueId: string) => boolean;
  /** What tells the counted apart: a routing status, or the id of a presence. */
  readonly qualifierOf?: (person: Person, world: World) => string;
}

const isJoined = (person: Person, queueId: string): boolean => person.joined.includes(queueId);
const isOnQueue = (person: Person): boolean => person.routing !== "OFF_QUEUE";
const routing = (person: Person): string => person.routing;
const presence = (person: Person, world: World): string =>
  world.presences.get(person.presence)?.id ?? "";

const metrics: ReadonlyMap<string, UserMetric> = new Map<string, UserMetric>([
  ["oMemberUsers", { counts: () => true }],
  ["oActiveUsers", { counts: isJoined }],
  [
    "oOnQueueUsers",
    {
      counts: (person, queueId) => isJoined(person, queueId) && isOnQueue(person),
      qualifierOf: routing,
    },
  ],
  [
    "oOffQueueUsers",
    {
      counts: (person, queueId) => isJoined(person, queueId) && !isOnQueue(person),
      qualifierOf: presence,
    },
  ],
  ["oUserRoutingStatuses", { counts: isJoined, qualifierOf: routing }],
  ["oUserPresences", { counts: isJoined, qualifierOf: presence }],
]);

export const userMetrics: readonly string[] = [...metrics.keys()];

export function countsFor(metric: string, person: Person, queueId: string): boolean {
  return metrics.get(metric)?.counts(person, queueId) ?? false;
}

export interface UserCount {
  readonly metric: string;
  readonly qualifier?: string;
  readonly count: number;
}

/** One count, or one for each qualifier that somebody has. */
export function countUsers(
  metric: string,
  queueId: string,
  members: readonly Person[],
  world: World,
): UserCount[] {
  const counted = members.filter((person) => countsFor(metric, person, queueId));
  const qualifierOf = metrics.get(metric)?.qualifierOf;
  if (qualifierOf === undefined) return [{ metric, count: counted.length }];
  const counts = new Map<string, number>();
  for (const person of counted) {
    const qualifier = qualifierOf(person, world);
    counts.set(qualifier, (counts.get(qualifier) ?? 0) + 1);
  }
  return [...counts].map(([qualifier, count]) => ({ metric, qualifier, count }));
}
