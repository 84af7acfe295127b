/** How far what a subscription may get is carried at present, by the trunks' own word. */
import type { TopicStatus } from "@trunkline/client";
import type { Coverage, CoverageSummary } from "@trunkline/events";
import type { Clock } from "../ports.ts";
import type { TrunkStatus } from "../service.ts";
import type { Feed } from "./fan-out/feed.ts";
import { namedTopicsMax } from "./limits.ts";

const stateOf: Readonly<Record<TopicStatus["state"], Coverage>> = {
  live: "live",
  pending: "pending",
  rejected: "forbidden",
  "over-budget": "unavailable",
};

/** What the trunks say is believed for so long: a crowd asks all at once, and there may be 20,000 topics each. */
export const believedMs = 250;

export interface CoverageNow {
  readonly summary: CoverageSummary;
  /** Whether all topics are known, and none of them is still to come. */
  readonly isSettled: boolean;
}

export interface CoveragePorts {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly trunks: () => readonly TrunkStatus[];
}

export class Coverages {
  readonly #ports: CoveragePorts;
  #trunks: readonly TrunkStatus[] = [];
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  /** By what is subscribed to, and the trunks that may be seen. */
  readonly #known = new Map<string, CoverageNow>();

  constructor(ports: CoveragePorts) {
    this.#ports = ports;
  }

  /** Something else is wanted from now on: what the trunks said before is no longer believed. */
  forget(): void {
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
  }

  of(
    { subject, concerns }: Pick<Feed, "subject" | "concerns">,
    visible: readonly string[] | undefined,
  ): CoverageNow {
    const nowMs = this.#ports.clock.monotonicMs();
    if (nowMs - this.#lookedAtMs >= believedMs) {
      this.#trunks = this.#ports.trunks();
      this.#lookedAtMs = nowMs;
      this.#known.clear();
    }
    const key = JSON.stringify([subject, visible]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const trunks = this.#trunks.filter(({ name }) => visible?.includes(name) !== false);
    const summary = summaryOf(concerns, trunks);
    const isListed = trunks.every(({ isListing }) => !isListing);
    const found = { summary, isSettled: isListed && (summary.topics.pending ?? 0) === 0 };
    this.#known.set(key, found);
    return found;
  }
}

function summaryOf(
  concerns: (topic: string) => boolean,
  trunks: readonly Pick<TrunkStatus, "topics">[],
): CoverageSummary {
  const counts: Partial<Record<Coverage, number>> = {};
  const notLive: { topic: string; state: Coverage }[] = [];
  for (const { topics } of trunks) {
    for (const { topic, state } of topics) {
      if (!concerns(topic)) continue;
      const coverage = stateOf[state];
      counts[coverage] = (counts[coverage] ?? 0) + 1;
      if (coverage !== "live" && notLive.length < namedTopicsMax)
        notLive.push({ topic, state: coverage });
    }
  }
  return { topics: counts, notLive };
}
