/**
 * Derivation at the intake of one trunk: which event types each event is by what is in it, and what is
 * known of conversations from then on. What is kept is made of what is stored of an event, after redaction.
 */
import type { ClientEvent, NotificationEvent } from "@trunkline/client";
import {
  CarriedSince,
  conversationOf,
  derivationOf,
  derive,
  endedKeptMs,
  type DerivedType,
} from "@trunkline/events";
import type { ConversationChange, KnownConversation } from "../journal/entry.ts";
import { conversationsMax, forgottenAtOnceMax } from "./limits.ts";

/** What was derived of an event, to be stored with it. */
export interface Derived {
  readonly derived: readonly DerivedType[];
  readonly conversations: readonly ConversationChange[] | undefined;
}

export class Conversations {
  readonly #max: number;
  /** Those that are under way and those that have ended, each the longest unchanged first. */
  readonly #open = new Map<string, KnownConversation>();
  readonly #ended = new Map<string, KnownConversation>();
  readonly #carried = new CarriedSince();

  constructor(max = conversationsMax) {
    this.#max = max;
  }

  get size(): number {
    return this.#open.size + this.#ended.size;
  }

  /** Takes over what earlier runs knew, the longest unchanged first. */
  inherit(known: readonly KnownConversation[]): void {
    for (const one of known) this.#keep(one);
  }

  /** What the client tells of the carriage of topics. */
  note(event: ClientEvent): void {
    this.#carried.note(event);
  }

  /**
   * Derives of one event, in the order of the line; undefined where nothing is derived of its topic.
   * @param raw the frame as it is stored
   */
  derive(event: NotificationEvent, raw: string): Derived | undefined {
    const { topic, receivedAtMs: atMs } = event;
    const by = derivationOf(topic);
    if (by === undefined) return undefined;
    const body = raw === event.raw ? event.body : bodyOf(raw);
    const id = conversationOf({ topic, body });
    const known = id === undefined ? undefined : (this.#open.get(id) ?? this.#ended.get(id));
    const carriedSinceMs = this.#carried.of(topic);
    const { types, next } = derive(known?.state, { topic, body, atMs, carriedSinceMs });
    if (id === undefined || next === "unchanged")
      return { derived: types, conversations: undefined };
    const changed: KnownConversation = { id, state: next, touchedMs: atMs };
    this.#open.delete(id);
    this.#ended.delete(id);
    this.#keep(changed);
    return { derived: types, conversations: [changed, ...this.#forget(atMs)] };
  }

  #keep(one: KnownConversation): void {
    (one.state.endedMs === null ? this.#open : this.#ended).set(one.id, one);
  }

  /** Those that ended long ago; and where there are too many, the oldest, ended ones first. */
  #forget(nowMs: number): readonly ConversationChange[] {
    const forgotten: ConversationChange[] = [];
    const drop = (
      from: Map<string, KnownConversation>,
      { id, touchedMs }: KnownConversation,
    ): void => {
      from.delete(id);
      forgotten.push({ id, state: undefined, touchedMs });
    };
    for (const one of this.#ended.values()) {
      const isOld = one.touchedMs < nowMs - endedKeptMs;
      if (!isOld && this.size <= this.#max) break;
      if (forgotten.length >= forgottenAtOnceMax) return forgotten;
      drop(this.#ended, one);
    }
    for (const one of this.#open.values()) {
      if (this.size <= this.#max || forgotten.length >= forgottenAtOnceMax) break;
      drop(this.#open, one);
    }
    return forgotten;
  }
}

/** The body of a redacted frame, which is valid JSON. */
function bodyOf(raw: string): unknown {
  return (JSON.parse(raw) as { readonly eventBody?: unknown }).eventBody;
}
