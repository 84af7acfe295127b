/** What queues and users are doing at this instant, without lag: the same counters that the observation events tell. */
import * as z from "zod";
import { analyticsMedia, mediaTypes } from "../../centre/media.ts";
import { done, type Reply } from "../reply.ts";
import type { Exchange } from "../router.ts";
import { notPlayed, readBody } from "./body.ts";
import { filterOf, passes } from "./filters.ts";
import type { RestPorts } from "./routes.ts";
import { countUsers, userMetrics } from "./user-metrics.ts";

const conversationMetrics = ["oWaiting", "oAlerting", "oInteracting"] as const;
const metricsOf = (metrics: readonly string[]): z.ZodType<string[]> =>
  z
    .array(z.enum(metrics, { error: `expected one of ${metrics.join(", ")}` }), {
      error: "expected a list of metrics",
    })
    .min(1, { error: "expected at least one metric" });

const queueQuery = z.strictObject({
  filter: filterOf(["queueId", "mediaType"]),
  metrics: metricsOf([...conversationMetrics, ...userMetrics]),
  detailMetrics: notPlayed,
});

/** Conversations are counted for each queue and medium, users for each queue. */
export function observeQueues(exchange: Exchange, { world, records }: RestPorts): Reply {
  const body = readBody(queueQuery, exchange.json);
  if (body.kind === "refused") return body.reply;
  const { filter, metrics } = body.value;
  const counted = conversationMetrics.filter((metric) => metrics.includes(metric));
  const ofUsers = userMetrics.filter((metric) => metrics.includes(metric));
  const results = world.queues.flatMap((queue) => {
    const wanted = mediaTypes.filter((medium) =>
      passes(filter, (dimension) => (dimension === "queueId" ? queue.id : analyticsMedia[medium])),
    );
    if (wanted.length === 0) return [];
    const members = queue.agentIds.flatMap((id) => records.person(id) ?? []);
    return [
      ...(counted.length === 0
        ? []
        : wanted.map((medium) => ({
            group: { queueId: queue.id, mediaType: analyticsMedia[medium] },
            data: counted.map((metric) => ({
              metric,
              stats: { count: records.countsNow(queue.id, medium)?.[metric] ?? 0 },
            })),
          }))),
      ...(ofUsers.length === 0
        ? []
        : [
            {
              group: { queueId: queue.id },
              data: ofUsers.flatMap((metric) =>
                countUsers(metric, queue.id, members, world).map(({ count, ...which }) => ({
                  ...which,
                  stats: { count },
                })),
              ),
            },
          ]),
    ];
  });
  return done(200, { results });
}

const userQuery = z.strictObject({
  filter: filterOf(["userId"]),
  metrics: metricsOf(["oActiveQueues", "oMemberQueues"]),
  detailMetrics: notPlayed,
});

export function observeUsers(exchange: Exchange, { records }: RestPorts): Reply {
  const body = readBody(userQuery, exchange.json);
  if (body.kind === "refused") return body.reply;
  const { filter, metrics } = body.value;
  const people = records.people.filter((person) => passes(filter, () => person.agent.id));
  return done(200, {
    results: people.map((person) => ({
      group: { userId: person.agent.id },
      data: metrics.map((metric) => {
        const queues = metric === "oActiveQueues" ? person.joined : person.agent.queueIds;
        return { metric, stats: { count: queues.length } };
      }),
    })),
  });
}
