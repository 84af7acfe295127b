/** What agents achieved in the running half hour, told as it grows: once a second and topic at most (GENESYS.md 5). */
import type { Life } from "./life.ts";
import { analyticsMedia, mediaTypes, type Media } from "./media.ts";
import type { Person } from "./people.ts";
import { HalfHour, type Metric } from "./statistics.ts";

const tellMsMin = 1000;

interface Tally {
  readonly byMedia: Readonly<Record<Media, HalfHour>>;
  toldMs: number;
}

export class Performance {
  readonly #life: Life;
  readonly #tallies = new Map<string, Tally>();

  constructor(life: Life) {
    this.#life = life;
  }

  add({ agent }: Person, media: Media, metric: Metric, valueMs: number, nowMs: number): void {
    const halfHour = this.#tally(agent.id).byMedia[media];
    halfHour.turn(nowMs);
    halfHour.add(metric, valueMs);
  }

  /** Nothing when it was told just now: what has been added is told the next time. */
  tell({ agent }: Person, media: Media, nowMs: number): void {
    const tally = this.#tally(agent.id);
    if (nowMs - tally.toldMs < tellMsMin) return;
    tally.toldMs = nowMs;
    this.#life.tell(`v2.analytics.users.${agent.id}.aggregates`, () => {
      const halfHour = tally.byMedia[media];
      return JSON.stringify({
        group: { mediaType: analyticsMedia[media], userId: agent.id },
        data: [{ interval: halfHour.interval, metrics: halfHour.metrics }],
      });
    });
  }

  #tally(userId: string): Tally {
    const known = this.#tallies.get(userId);
    if (known !== undefined) return known;
    const byMedia = Object.fromEntries(
      mediaTypes.map((media) => [media, new HalfHour()]),
    ) as Record<Media, HalfHour>;
    const tally = { byMedia, toldMs: Number.NEGATIVE_INFINITY };
    this.#tallies.set(userId, tally);
    return tally;
  }
}
