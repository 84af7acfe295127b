/**
 * What is known of conversations, and since when topics are carried: what `derive` is told of an event besides the
 * event. In memory: it begins anew with each subscription.
 */
import type { ClientEvent, NotificationEvent } from "@trunkline/client";
import { CarriedSince } from "../derive/carriage.ts";
import { conversationOf, derivationOf, derive, type ConversationState } from "../derive/derive.ts";
import type { DerivedType } from "../vocabulary.ts";

/** Conversations that are remembered, of at most some 500 characters each; beyond it the longest unchanged is forgotten. */
export const conversationsMax = 50_000;

export class KnownConversations {
  readonly #max: number;
  /** The longest unchanged first. */
  readonly #states = new Map<string, ConversationState>();
  readonly #carried = new CarriedSince();
  /** When one was last forgotten: whatever began before may have been it, and is not told to have begun. */
  #forgottenMs = Number.NEGATIVE_INFINITY;

  constructor(max = conversationsMax) {
    this.#max = max;
  }

  get size(): number {
    return this.#states.size;
  }

  /** What the client tells of the carriage of topics. */
  note(event: ClientEvent): void {
    this.#carried.note(event);
  }

  /** The types that an event is by what is in it; to be asked of each event once, in order. */
  derive({ topic, body, receivedAtMs: atMs }: NotificationEvent): readonly DerivedType[] {
    if (derivationOf(topic) === undefined) return [];
    const id = conversationOf({ topic, body });
    const known = id === undefined ? undefined : this.#states.get(id);
    const sinceMs = this.#carried.of(topic);
    const carriedSinceMs = sinceMs === undefined ? undefined : Math.max(sinceMs, this.#forgottenMs);
    const { types, next } = derive(known, { topic, body, atMs, carriedSinceMs });
    if (id !== undefined && next !== "unchanged") this.#keep(id, next, atMs);
    return types;
  }

  #keep(id: string, state: ConversationState, nowMs: number): void {
    this.#states.delete(id);
    this.#states.set(id, state);
    if (this.#states.size <= this.#max) return;
    const [oldest] = this.#states.keys();
    if (oldest !== undefined) this.#states.delete(oldest);
    this.#forgottenMs = nowMs;
  }
}
