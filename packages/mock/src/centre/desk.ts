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
  readonly acd: Participant;
  readonly desk: Desk;
  readonly sinceMs: number;
}

export interface Waiting extends Place {
  readonly impatience: Deadline;
}

export class Desk {
  readonly queue: Queue;
  /** Who has waited longest comes first. */
  readonly #waiting: Waiting[] = [];
  readonly #counts = {
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

  get first(): Waiting | undefined {
    return this.#waiting[0];
  }

  countsOf(media: Media): QueueCounts {
    return this.#counts[media];
  }

  /** Who comes back from an agent that did not answer has waited longest. */
  add(waiting: Waiting, nowMs: number): void {
    const later = this.#waiting.findIndex((other) => other.sinceMs > waiting.sinceMs);
    this.#waiting.splice(later === -1 ? this.#waiting.length : later, 0, waiting);
    this.#counts[waiting.conversation.media].now.oWaiting += 1;
    this.observe(nowMs);
  }

  remove(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    this.#counts[waiting.conversation.media].now.oWaiting -= 1;
    this.#life.deadlines.cancel(waiting.impatience);
  }

  /** Once a second and topic at most (GENESYS.md 5): voice, messages and the half hour take turns. */
  observe(nowMs: number): void {
    if (this.#observation !== undefined) return;
    const { deadlines, pace } = this.#life;
    const atMs = Math.max(nowMs, Math.ceil(this.#observedAtMs + pace.observationMs));
    this.#observation = deadlines.set(atMs, (dueMs) => this.#tellObservation(dueMs));
  }

  #tellObservation(nowMs: number): void {
    this.#observation = undefined;
    this.#observedAtMs = nowMs;
    const { id } = this.queue;
    const media: Media = this.#observations % 2 === 0 ? "call" : "message";
    const aggregate = this.#observations % 6 >= 4;
    this.#observations += 1;
    const counts = this.#counts[media];
    this.#life.tell(`v2.analytics.queues.${id}.observations`, () =>
      JSON.stringify(
        aggregate
          ? counts.aggregateBody(id, media, nowMs)
          : counts.observationBody(id, media, nowMs),
      ),
    );
  }
}
