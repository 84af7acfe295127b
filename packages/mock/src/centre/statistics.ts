/** Statistics of the running half hour, as analytics aggregates tell them (GENESYS.md 7). */
interface Statistic {
  count: number;
  sum: number;
  min: number;
  max: number;
}

export type Metric =
  | "tAlert"
  | "tAbandon"
  | "tAcd"
  | "tAcw"
  | "tAnswered"
  | "tHandle"
  | "tHeld"
  | "tNotResponding"
  | "tTalk"
  | "tWait";

const halfHourMs = 30 * 60_000;

export class HalfHour {
  #intervalMs = 0;
  readonly #statistics = new Map<Metric, Statistic>();

  /** A new half hour begins with nothing counted; says whether one has begun. */
  turn(nowMs: number): boolean {
    const intervalMs = Math.floor(nowMs / halfHourMs) * halfHourMs;
    if (intervalMs === this.#intervalMs) return false;
    this.#intervalMs = intervalMs;
    this.#statistics.clear();
    return true;
  }

  add(metric: Metric, valueMs: number): void {
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

  get interval(): string {
    const [start, end] = [new Date(this.#intervalMs), new Date(this.#intervalMs + halfHourMs)];
    return `${start.toISOString()}/${end.toISOString()}`;
  }

  get metrics(): object[] {
    return [...this.#statistics].map(([metric, statistic]) => ({ metric, stats: statistic }));
  }
}
