/**
 * Numbers for names: an entry holds a small number for its trunk, organisation and topic. Numbers
 * are given here and travel with the batch that uses them first. A generation ends with the run, or
 * when it has grown large: no entry after it uses its numbers, so they go when those before it go.
 */
import type { NewOrigin, NewTopic } from "./batch.ts";

interface Origin {
  readonly id: number;
  readonly organizationId: string | undefined;
  readonly topics: Map<string, number>;
}

const none: readonly never[] = [];

export class Names {
  readonly #topicsMax: number;
  /** The present one of each trunk. */
  readonly #origins = new Map<string, Origin>();
  #nextOrigin: number;
  #nextTopic: number;
  /** Topics of this generation; undefined before its first. */
  #known: number | undefined;
  /** Most drafts come by the same trunk as the one before. */
  #last: { readonly trunk: string; readonly origin: Origin } | undefined;
  #newOrigins: NewOrigin[] = [];
  #newTopics: NewTopic[] = [];
  #generation: number | undefined;

  constructor(
    origins: readonly NewOrigin[],
    next: { readonly origin: number; readonly topic: number },
    topicsMax: number,
  ) {
    this.#topicsMax = topicsMax;
    this.#nextOrigin = next.origin;
    this.#nextTopic = next.topic;
    for (const { trunk, ...origin } of origins)
      this.#origins.set(trunk, { ...origin, topics: new Map() });
  }

  /** The number of a topic as its trunk has it at present. */
  topic(trunk: string, name: string): number {
    const origin = this.#last?.trunk === trunk ? this.#last.origin : this.#origin(trunk);
    return origin.topics.get(name) ?? this.#learn(trunk, name);
  }

  /** From now on the trunk's entries are of this organisation. */
  identify(trunk: string, organizationId: string | undefined): void {
    const present = this.#origins.get(trunk);
    if (present !== undefined && present.organizationId === organizationId) return;
    const id = this.#nextOrigin++;
    this.#newOrigins.push({ id, trunk, organizationId });
    this.#origins.set(trunk, { id, organizationId, topics: new Map() });
    this.#last = undefined;
  }

  /** The first number of a generation that has just begun, once. */
  takeGeneration(): number | undefined {
    const generation = this.#generation;
    this.#generation = undefined;
    return generation;
  }

  takeOrigins(): readonly NewOrigin[] {
    // What was taken travels, perhaps more than once: nothing may be added to it any more.
    if (this.#newOrigins.length === 0) return none;
    const taken = this.#newOrigins;
    this.#newOrigins = [];
    return taken;
  }

  takeTopics(): readonly NewTopic[] {
    if (this.#newTopics.length === 0) return none;
    const taken = this.#newTopics;
    this.#newTopics = [];
    return taken;
  }

  #origin(trunk: string): Origin {
    let origin = this.#origins.get(trunk);
    if (origin === undefined) {
      this.identify(trunk, undefined);
      origin = this.#origins.get(trunk);
    }
    if (origin === undefined) throw new Error("a trunk that was just named has no number");
    this.#last = { trunk, origin };
    return origin;
  }

  #learn(trunk: string, name: string): number {
    if (this.#known === undefined || this.#known >= this.#topicsMax) {
      this.#known = 0;
      this.#generation = this.#nextTopic;
      for (const { topics } of this.#origins.values()) topics.clear();
    }
    this.#known++;
    const id = this.#nextTopic++;
    const origin = this.#origin(trunk);
    origin.topics.set(name, id);
    this.#newTopics.push({ id, origin: origin.id, name });
    return id;
  }
}
