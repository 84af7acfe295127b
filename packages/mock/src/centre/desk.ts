/** One queue at work: who waits, what is counted, and when it was last told. */
import type { Deadline } from "../cloud/deadlines.ts";
import type { Conversation, Participant } from "./conversation.ts";
import type { Life } from "./life.ts";
import type { Media } from "./media.ts";
import { QueueCounts } from "./observations.ts";
import type { Queue } from "./world.ts";

/** A conversation's place at a desk. */
export interface Place {
  readonly conversation: Conversation;
  /** Undefined when an agent handed it to another one, past the queue. */
  readonly acd: Participant | undefined;
  readonly desk: Desk;
  readonly sinceMs: number;
}

export interface Waiting extends Place {
  readonly impatience: Deadline;
  readonly relaxation: Deadline | undefined;
}

/** How far an agent's skills are looked for among those who wait. */
const lookedAtMax = 50;

export class Desk {
  readonly queue: Queue;
  /** The urgent first, then who has waited longest. */
  readonly #waiting: Waiting[] = [];
  readonly #counts: Readonly<Record<Media, QueueCounts>> = {
    call: new QueueCounts(),
    callback: new QueueCounts(),
    chat: new QueueCounts(),
    email: new QueueCounts(),
    message: new QueueCounts(),
  };
  readonly #life: Life;
  #observedAtMs = Number.NEGATIVE_INFINITY;
  #observation: Deadline | undefined;
  #observations = 0;

  constructor(queue: Queue, life: Life) {
    this.queue = queue;
    this.#life = life;
  }

  /** The first one that suits. */
  first(suits: (conversation: Conversation) => boolean): Waiting | undefined {
    const until = Math.min(this.#waiting.length, lookedAtMax);
    for (let index = 0; index < until; index += 1) {
      const waiting = this.#waiting[index];
      if (waiting !== undefined && suits(waiting.conversation)) return waiting;
    }
    return undefined;
  }

  countsOf(media: Media): QueueCounts {
    return this.#counts[media];
  }

  /** Who comes back from an agent that did not answer has waited longest. */
  add(waiting: Waiting, nowMs: number): void {
    const later = this.#waiting.findIndex((other) => isBefore(waiting, other));
    this.#waiting.splice(later === -1 ? this.#waiting.length : later, 0, waiting);
    this.#counts[waiting.conversation.media].now.oWaiting += 1;
    this.observe(nowMs);
  }

  remove(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    this.#counts[waiting.conversation.media].now.oWaiting -= 1;
    this.#life.deadlines.cancel(waiting.impatience);
    this.#life.deadlines.cancel(waiting.relaxation);
  }

  /** Once a second and topic at most (GENESYS.md 5): media, instants and the half hour take turns. */
  observe(nowMs: number): void {
    if (this.#observation !== undefined) return;
    const { deadlines, pace } = this.#life;
    const atMs = Math.max(nowMs, Math.ceil(this.#observedAtMs + pace.observationMs));
    this.#observation = deadlines.set(atMs, (dueMs) => this.#tellObservation(dueMs));
  }

  #tellObservation(nowMs: number): void {
    this.#observation = undefined;
    this.#observedAtMs = nowMs;
    const { id, media: all } = this.queue;
    const turn = this.#observations;
    this.#observations += 1;
    const media = all[turn % all.length] ?? "call";
    const aggregate = Math.floor(turn / all.length) % 3 === 2;
    const counts = this.#counts[media];
    this.#life.tell(`v2.analytics.queues.${id}.observations`, () =>
      JSON.stringify(
        aggregate
          ? counts.aggregateBody(id, media, nowMs)
          : counts.observationBody(id, media, nowMs),
      ),
    );
    if (turn % 3 === 0)
      this.#life.tell(`v2.analytics.queues.${id}.activity`, () =>
        JSON.stringify({ results: all.map((each) => this.#activity(each, nowMs)) }),
      );
  }

  #activity(media: Media, nowMs: number): object {
    let longestMs: number | undefined;
    for (const { conversation, sinceMs } of this.#waiting)
      if (conversation.media === media) longestMs = Math.max(longestMs ?? 0, nowMs - sinceMs);
    return this.#counts[media].activity(media, longestMs);
  }
}

function isBefore(one: Waiting, other: Waiting): boolean {
  const ahead = one.conversation.priority - other.conversation.priority;
  return ahead > 0 || (ahead === 0 && one.sinceMs < other.sinceMs);
}
