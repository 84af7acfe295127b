/** Since when topics are carried without a gap: what `derive` is told of an event besides the event. */
import type { ClientEvent } from "@trunkline/client";
import { derivationOf } from "./derive.ts";

/** Of topics that snapshots of conversations come by, and of no others. It knows what the client has told, and nothing of before. */
export class CarriedSince {
  /** Topic in lower case → since when; infinity while a gap is open. */
  readonly #sinceMs = new Map<string, number>();

  /** What the client tells, in its order; events count for nothing. */
  note(event: ClientEvent): void {
    const since = this.#sinceMs;
    if (event.type === "subscribed") {
      for (const key of snapshotKeys(event.topics))
        if (!since.has(key)) since.set(key, event.fromMs);
    } else if (event.type === "unsubscribed") {
      for (const key of snapshotKeys(event.topics)) since.delete(key);
    } else if (event.type === "gap") {
      const fromMs = event.toMs ?? Number.POSITIVE_INFINITY;
      for (const key of snapshotKeys(event.topics)) if (since.has(key)) since.set(key, fromMs);
    }
  }

  /** Undefined where it is not carried, or no snapshots come by it. */
  of(topic: string): number | undefined {
    return this.#sinceMs.get(topic.toLowerCase());
  }
}

function snapshotKeys(topics: readonly string[]): readonly string[] {
  return topics
    .filter((topic) => derivationOf(topic) === "snapshots")
    .map((topic) => topic.toLowerCase());
}
