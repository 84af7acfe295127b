/**
 * What a queue counts, and the two kinds of bodies that tell of it on one topic (GENESYS.md 7):
 * observations of an instant, and aggregates of the running half hour that are sent again as they grow.
 */
import { analyticsMedia, type Media } from "./media.ts";
import { HalfHour, type Metric } from "./statistics.ts";

const serviceLevelTarget = 0.8;
const serviceLevelMs = 20_000;

/** Counters of one queue and medium. */
export class QueueCounts {
  readonly now = { oWaiting: 0, oAlerting: 0, oInteracting: 0 };
  readonly #halfHour = new HalfHour();
  #offered = 0;
  #answeredInTime = 0;
  #answered = 0;

  offer(nowMs: number): void {
    this.#turn(nowMs);
    this.#offered += 1;
  }

  answer(nowMs: number, waitedMs: number): void {
    this.add("tWait", waitedMs, nowMs);
    this.#answered += 1;
    if (waitedMs <= serviceLevelMs) this.#answeredInTime += 1;
  }

  add(metric: Metric, valueMs: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#halfHour.add(metric, valueMs);
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
    const metrics: object[] = [
      { metric: "nOffered", stats: { count: this.#offered } },
      ...this.#halfHour.metrics,
    ];
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
    return {
      group: groupOf(queueId, media),
      data: [{ interval: this.#halfHour.interval, metrics }],
    };
  }

  /** Of `v2.analytics.queues.{id}.activity`, whose body does not name the queue. */
  activity(media: Media, longestWaitMs: number | undefined): object {
    const counts = Object.entries(this.now).map(([metric, count]) => ({ metric, count }));
    const longest =
      longestWaitMs === undefined
        ? []
        : [{ metric: "oLongestWaiting", count: 1, calculatedMetricValue: longestWaitMs }];
    return { mediaType: analyticsMedia[media], data: [...counts, ...longest] };
  }

  #turn(nowMs: number): void {
    if (!this.#halfHour.turn(nowMs)) return;
    this.#offered = 0;
    this.#answered = 0;
    this.#answeredInTime = 0;
  }
}

function groupOf(queueId: string, media: Media): object {
  return { mediaType: analyticsMedia[media], queueId };
}
