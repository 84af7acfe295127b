/** The feeds that are in use, each once for all that subscribe alike: one filter, one text, whoever listens. */
import { canonical } from "@trunkline/events";
import type { OrganisationOf } from "./concerns.ts";
import { createFeed, keyOfShape, type Feed, type FeedShape } from "./feed.ts";

interface Used {
  readonly feed: Feed;
  count: number;
}

export class Feeds {
  readonly #organisationOf: OrganisationOf;
  readonly #broken: (error: unknown) => void;
  readonly #used = new Map<string, Used>();

  /** @param broken hears of entries that could not be looked at */
  constructor(organisationOf: OrganisationOf, broken: (error: unknown) => void = () => undefined) {
    this.#organisationOf = organisationOf;
    this.#broken = broken;
  }

  /** How many there are that differ. */
  get count(): number {
    return this.#used.size;
  }

  /** To be given back by `leave`, once, when nobody listens any more. */
  take(shape: FeedShape): Feed {
    const key = keyOfShape(shape);
    const used = this.#used.get(key) ?? {
      feed: createFeed(
        shape,
        (name) => canonical(name) ?? name,
        this.#organisationOf,
        this.#broken,
      ),
      count: 0,
    };
    this.#used.set(used.feed.key, used);
    used.count++;
    return used.feed;
  }

  leave({ key }: Feed): void {
    const used = this.#used.get(key);
    if (used !== undefined && --used.count === 0) this.#used.delete(key);
  }
}
