/** How often the lines of a trunk have replaced a session. */
import type { RotatedEvent } from "@trunkline/client";
import type { RotationCount } from "../service.ts";

export class Rotations {
  /** By reason and channel, of which there are six pairs. */
  readonly #counts = new Map<string, RotationCount>();

  get counts(): readonly RotationCount[] {
    return [...this.#counts.values()];
  }

  count({ reason, channel }: RotatedEvent): void {
    const key = `${reason} ${channel}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { reason, channel, count });
  }
}
