/**
 * What the organisation remembers of what happened: facts with their instants, so that a REST call can tell what was
 * known at any instant. The events and these facts come from the same objects, and cannot disagree.
 */
import type { Conversation } from "./conversation.ts";
import type { Media } from "./media.ts";
import type { Person } from "./people.ts";

export interface Records {
  /** Undefined when it never was, or is forgotten. */
  conversation(id: string): Conversation | undefined;
  /** Those that started in [fromMs, untilMs), in the order of their start. */
  startedBetween(fromMs: number, untilMs: number): readonly Conversation[];
  person(userId: string): Person | undefined;
  readonly people: readonly Person[];
  /** What a queue counts of a medium at this instant; undefined for a queue that does not exist. */
  countsNow(queueId: string, media: Media): CountsNow | undefined;
}

export interface CountsNow {
  readonly oWaiting: number;
  readonly oAlerting: number;
  readonly oInteracting: number;
}

/** Conversations in the order of their start. Of more than `keptMax` those that ended first are forgotten. */
export class ConversationBook {
  readonly #byId = new Map<string, Conversation>();
  /** In the order in which they ended: those that run are never forgotten, the centre bounds them. */
  readonly #ended = new Set<string>();
  readonly #keptMax: number;

  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): Conversation | undefined {
    return this.#byId.get(id);
  }

  add(conversation: Conversation): void {
    this.#byId.set(conversation.id, conversation);
    this.#forget();
  }

  /** Everybody has left, and nobody has after-call work. */
  ended({ id }: Conversation): void {
    this.#ended.add(id);
    this.#forget();
  }

  startedBetween(fromMs: number, untilMs: number): Conversation[] {
    const found: Conversation[] = [];
    for (const conversation of this.#byId.values()) {
      if (conversation.startMs >= untilMs) break;
      if (conversation.startMs >= fromMs) found.push(conversation);
    }
    return found;
  }

  #forget(): void {
    if (this.#byId.size <= this.#keptMax) return;
    for (const id of this.#ended) {
      this.#ended.delete(id);
      this.#byId.delete(id);
      return;
    }
  }
}
