/** `POST /analytics/users/details/query`: what presence and routing status were, and from when to when (GENESYS.md 3.7). */
import * as z from "zod";
import type { Person, StatusChange } from "../../centre/people.ts";
import type { World } from "../../centre/world.ts";
import { done, type Reply } from "../reply.ts";
import type { Exchange } from "../router.ts";
import type { Settings } from "../settings.ts";
import {
  intervalOf,
  notPlayed,
  orderOf,
  pagingOf,
  readBody,
  type Interval,
  type Paging,
} from "./body.ts";
import { filtersOf, passes, type Filter } from "./filters.ts";
import type { RestPorts } from "./routes.ts";

export type UserDetailsSchema = z.ZodType<{
  readonly interval: Interval;
  readonly order: "asc" | "desc";
  readonly paging: Paging;
  readonly userFilters: readonly Filter[];
}>;

export function userDetailsSchema(settings: Settings): UserDetailsSchema {
  return z.strictObject({
    interval: intervalOf(settings.detailsIntervalDaysMax),
    order: orderOf,
    paging: pagingOf(settings.detailsPageSizeMax),
    userFilters: filtersOf(["userId"]),
    presenceFilters: notPlayed,
    routingStatusFilters: notPlayed,
    presenceAggregations: notPlayed,
    routingStatusAggregations: notPlayed,
  });
}

export function queryUserDetails(
  schema: UserDetailsSchema,
  exchange: Exchange,
  ports: RestPorts,
): Reply {
  const body = readBody(schema, exchange.json);
  if (body.kind === "refused") return body.reply;
  const { interval, paging, userFilters, order } = body.value;
  const knownMs = exchange.nowMs - ports.settings.analyticsLagMs;
  const found = ports.records.people.flatMap((person) => {
    const wanted = userFilters.every((filter) => passes(filter, () => person.agent.id));
    return wanted ? (detailOf(person, interval, knownMs, ports.world) ?? []) : [];
  });
  if (order === "desc") found.reverse();
  const fromIndex = (paging.pageNumber - 1) * paging.pageSize;
  const shown = found.slice(fromIndex, fromIndex + paging.pageSize);
  return done(200, {
    ...(shown.length > 0 && { userDetails: shown }),
    totalHits: found.length,
  });
}

/** Undefined when nothing is known of the user in the interval. */
function detailOf(
  person: Person,
  interval: Interval,
  knownMs: number,
  world: World,
): object | undefined {
  const presences = spans(person.presences, interval, knownMs);
  const routings = spans(person.routings, interval, knownMs);
  if (presences.length === 0 && routings.length === 0) return undefined;
  return {
    userId: person.agent.id,
    primaryPresence: presences.map(({ status, ...times }) => ({
      ...times,
      systemPresence: status,
      organizationPresenceId: world.presences.get(status)?.id,
    })),
    routingStatus: routings.map(({ status, ...times }) => ({ ...times, routingStatus: status })),
  };
}

interface Span<Status> {
  readonly startTime: string;
  /** Absent while it lasts. */
  readonly endTime?: string;
  readonly status: Status;
}

/** Whole spans, also where they reach beyond the interval. */
function spans<Status>(
  changes: readonly StatusChange<Status>[],
  { fromMs, untilMs }: Interval,
  knownMs: number,
): Span<Status>[] {
  const known = changes.filter((change) => change.atMs <= knownMs);
  return known.flatMap(({ atMs, status }, index) => {
    const endMs = known[index + 1]?.atMs;
    if (atMs >= untilMs || (endMs !== undefined && endMs < fromMs)) return [];
    const startTime = new Date(atMs).toISOString();
    return endMs === undefined
      ? [{ startTime, status }]
      : [{ startTime, endTime: new Date(endMs).toISOString(), status }];
  });
}
