/** Activity queries: what runs now, counted in the groups that are asked for (GENESYS.md 3.7). */
import * as z from "zod";
import type { Participant } from "../../centre/conversation.ts";
import { analyticsMedia } from "../../centre/media.ts";
import { done, type Reply } from "../reply.ts";
import type { Exchange } from "../router.ts";
import { orderOf, readBody } from "./body.ts";
import { filterOf, passes, type Filter } from "./filters.ts";
import type { RestPorts } from "./routes.ts";
import { countsFor, userMetrics } from "./user-metrics.ts";

type Dimensions = Readonly<Record<string, string | undefined>>;

/** One thing that counts for a metric. */
interface Item {
  readonly metric: string;
  readonly dimensions: Dimensions;
}

function activityOf(
  metrics: readonly string[],
  dimensions: readonly string[],
): z.ZodType<ActivityQuery> {
  return z.strictObject({
    metrics: z
      .array(
        z.strictObject({
          metric: z.enum(metrics, { error: `expected one of ${metrics.join(", ")}` }),
          details: z
            .literal(false, { error: "the mock does not play details of an activity" })
            .optional(),
        }),
        { error: "expected a list of metrics" },
      )
      .min(1, { error: "expected at least one metric" }),
    groupBy: z
      .array(z.enum(dimensions, { error: `expected one of ${dimensions.join(", ")}` }), {
        error: "expected a list of dimensions",
      })
      .default([]),
    filter: filterOf(dimensions).optional(),
    order: orderOf,
  });
}

interface ActivityQuery {
  readonly metrics: readonly { readonly metric: string }[];
  readonly groupBy: readonly string[];
  readonly filter?: Filter | undefined;
  readonly order: "asc" | "desc";
}

const conversationActivity = activityOf(
  ["oWaiting", "oAlerting", "oInteracting"],
  ["conversationId", "queueId", "userId", "mediaType", "direction"],
);
const routingActivity = activityOf(userMetrics, [
  "queueId",
  "userId",
  "routingStatus",
  "systemPresence",
  "organizationPresenceId",
]);

export function conversationsActivity(exchange: Exchange, ports: RestPorts): Reply {
  return answer(conversationActivity, exchange, () => interactions(ports), "conversationId");
}

export function routingActivities(exchange: Exchange, ports: RestPorts): Reply {
  return answer(routingActivity, exchange, () => memberships(ports), "userId");
}

function answer(
  schema: z.ZodType<ActivityQuery>,
  exchange: Exchange,
  itemsOf: () => readonly Item[],
  entityIdDimension: string,
): Reply {
  const body = readBody(schema, exchange.json);
  if (body.kind === "refused") return body.reply;
  const { metrics, groupBy, filter, order } = body.value;
  const wanted = metrics.map(({ metric }) => metric);
  const groups = new Map<string, { group: Dimensions; counts: Map<string, number> }>();
  for (const { metric, dimensions } of itemsOf()) {
    if (!wanted.includes(metric)) continue;
    if (filter !== undefined && !passes(filter, (name) => dimensions[name])) continue;
    const group = Object.fromEntries(groupBy.map((name) => [name, dimensions[name]]));
    const key = JSON.stringify(group);
    const entry = groups.get(key) ?? { group, counts: new Map<string, number>() };
    entry.counts.set(metric, (entry.counts.get(metric) ?? 0) + 1);
    groups.set(key, entry);
  }
  const results = [...groups.values()].map(({ group, counts }) => ({
    group,
    data: wanted.map((metric) => ({ metric, count: counts.get(metric) ?? 0 })),
  }));
  if (order === "desc") results.reverse();
  return done(200, { results, entityIdDimension });
}

/** Who waits in a queue, is offered to an agent, or talks to one. */
function interactions({ records }: RestPorts): Item[] {
  const items: Item[] = [];
  for (const conversation of records.startedBetween(0, Number.POSITIVE_INFINITY)) {
    if (conversation.endMs !== undefined) continue;
    const { media, direction, participants } = conversation;
    for (const participant of participants) {
      const metric = metricOf(participant, participants);
      if (metric === undefined) continue;
      const { queue, userId } = participant;
      const mediaType = analyticsMedia[media];
      const dimensions = { conversationId: conversation.id, queueId: queue?.id, userId };
      items.push({ metric, dimensions: { ...dimensions, mediaType, direction } });
    }
  }
  return items;
}

/** Only an agent that serves the queue counts, not one that another asks; a callback waits when its time has come. */
function metricOf(
  participant: Participant,
  all: readonly Participant[],
): "oWaiting" | "oAlerting" | "oInteracting" | undefined {
  if (participant.endMs !== undefined) return undefined;
  if (isServing(participant, all))
    return participant.sessions[0].state === "alerting" ? "oAlerting" : "oInteracting";
  const isOffered = all.some(
    (other) => isServing(other, all) && other.queue?.id === participant.queue?.id,
  );
  const isDue = participant.sessions[0].state === "connected";
  return participant.purpose === "acd" && isDue && !isOffered ? "oWaiting" : undefined;
}

function isServing(
  { purpose, endMs, queue, consultParticipantId }: Participant,
  all: readonly Participant[],
): boolean {
  const isAsked = all.some(
    (other) => other.id === consultParticipantId && other.endMs === undefined,
  );
  return purpose === "agent" && endMs === undefined && queue !== undefined && !isAsked;
}

/** Every membership counts once for each metric that it fits. */
function memberships({ world, records }: RestPorts): Item[] {
  return records.people.flatMap((person) =>
    person.agent.queueIds.flatMap((queueId): Item[] => {
      const dimensions = {
        queueId,
        userId: person.agent.id,
        routingStatus: person.routing,
        systemPresence: person.presence,
        organizationPresenceId: world.presences.get(person.presence)?.id,
      };
      return userMetrics
        .filter((metric) => countsFor(metric, person, queueId))
        .map((metric) => ({ metric, dimensions }));
    }),
  );
}
