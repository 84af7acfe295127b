/** How far what a subscription may get is carried at present, by the trunks' own word. */
import type { TopicStatus } from "@trunkline/client";
import type { Coverage, CoverageSummary } from "@trunkline/events";
import type { TrunkStatus } from "../service.ts";
import type { Feed } from "./fan-out/feed.ts";
import { namedTopicsMax } from "./limits.ts";

const stateOf: Readonly<Record<TopicStatus["state"], Coverage>> = {
  live: "live",
  pending: "pending",
  rejected: "forbidden",
  "over-budget": "unavailable",
};

export function coverageOf(
  feed: Pick<Feed, "concerns">,
  trunks: readonly Pick<TrunkStatus, "name" | "topics">[],
  visible: readonly string[] | undefined,
): CoverageSummary {
  const counts: Partial<Record<Coverage, number>> = {};
  const notLive: { topic: string; state: Coverage }[] = [];
  for (const { name, topics } of trunks) {
    if (visible !== undefined && !visible.includes(name)) continue;
    for (const { topic, state } of topics) {
      if (!feed.concerns(topic)) continue;
      const coverage = stateOf[state];
      counts[coverage] = (counts[coverage] ?? 0) + 1;
      if (coverage !== "live" && notLive.length < namedTopicsMax)
        notLive.push({ topic, state: coverage });
    }
  }
  return { topics: counts, notLive };
}
