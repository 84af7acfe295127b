/** How far a subscription is covered, by the client's own word. */
import type { TopicStatus } from "@trunkline/client";
import type { Coverage, CoverageSummary } from "../server-messages.ts";

/** Topics that are named, as at the gateway. */
const namedTopicsMax = 100;

const stateOf: Readonly<Record<TopicStatus["state"], Coverage>> = {
  live: "live",
  pending: "pending",
  rejected: "forbidden",
  "over-budget": "unavailable",
};

export function coverageOf(topics: readonly TopicStatus[]): CoverageSummary {
  const counts: Partial<Record<Coverage, number>> = {};
  for (const { state } of topics) counts[stateOf[state]] = (counts[stateOf[state]] ?? 0) + 1;
  const notLive = topics
    .filter(({ state }) => state !== "live")
    .slice(0, namedTopicsMax)
    .map(({ topic, state }) => ({ topic, state: stateOf[state] }));
  return { topics: counts, notLive };
}
