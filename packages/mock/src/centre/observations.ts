/**
 * What a queue counts, and the two kinds of bodies that tell of it on one topic (GENESYS.md 7):
 * observations of an instant, and aggregates of the running half hour that are sent again as they grow.
 */
import { analyticsMedia, type Media } from "./media.ts";

interface Statistic {
  count: number;
  sum: number;
  min: number;
  max: number;
}

const aggregated = ["tAlert", "tAbandon", "tAcd", "tHandle", "tNotResponding", "tWait"] as const;
export type Aggregate = (typeof aggregated)[number];

export const halfHourMs = 30 * 60_000;
const serviceLevelTarget = 0.8;
const serviceLevelMs = 20_000;

/** Counters of one queue and medium. */
export class QueueCounts {
  readonly now = { oWaiting: 0, oAlerting: 0, oInteracting: 0 };
  #intervalMs = 0;
  #statistics = new Map<Aggregate, Statistic>();
  #offered = 0;
  #answeredInTime = 0;
  #answered = 0;

  offer(nowMs: number): void {
    this.#turn(nowMs);
    this.#offered += 1;
  }

  answer(nowMs: number, waitedMs: number): void {
    this.#turn(nowMs);
    this.#answered += 1;
    if (waitedMs <= serviceLevelMs) this.#answeredInTime += 1;
  }

  add(metric: Aggregate, valueMs: number, nowMs: number): void {
    this.#turn(nowMs);
    const before = this.#statistics.get(metric);
    if (before === undefined) {
      this.#statistics.set(metric, { count: 1, sum: valueMs, min: valueMs, max: valueMs });
      return;
    }
    before.count += 1;
    before.sum += valueMs;
    before.min = Math.min(before.min, valueMs);
    before.max = Math.max(before.max, valueMs);
  }

  observationBody(queueId: string, media: Media, nowMs: number): object {
    const instant = new Date(nowMs).toISOString();
    return {
      group: groupOf(queueId, media),
      data: [
        {
          interval: `${instant}/${instant}`,
          metrics: Object.entries(this.now).map(([metric, count]) => ({
            metric,
            stats: { count },
          })),
        },
      ],
    };
  }

  aggregateBody(queueId: string, media: Media, nowMs: number): object {
    this.#turn(nowMs);
    const start = new Date(this.#intervalMs).toISOString();
    const end = new Date(this.#intervalMs + halfHourMs).toISOString();
    const metrics: object[] = [{ metric: "nOffered", stats: { count: this.#offered } }];
    for (const metric of aggregated) {
      const statistic = this.#statistics.get(metric);
      if (statistic !== undefined) metrics.push({ metric, stats: { ...statistic } });
    }
    if (this.#answered > 0)
      metrics.push({
        metric: "oServiceLevel",
        stats: {
          ratio: this.#answeredInTime / this.#answered,
          numerator: this.#answeredInTime,
          denominator: this.#answered,
          target: serviceLevelTarget,
        },
      });
    return { group: groupOf(queueId, media), data: [{ interval: `${start}/${end}`, metrics }] };
  }

  /** A new half hour begins with nothing counted. */
  #turn(nowMs: number): void {
    const intervalMs = Math.floor(nowMs / halfHourMs) * halfHourMs;
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#statistics = new Map();
    this.#offered = 0;
    this.#answered = 0;
    this.#answeredInTime = 0;
  }
}

function groupOf(queueId: string, media: Media): object {
  return { mediaType: analyticsMedia[media], queueId };
}
