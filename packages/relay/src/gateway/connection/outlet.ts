/** The way out of one socket, as its subscriptions see it. */
import type { ServerMessage } from "@trunkline/events";
import { formatCursor } from "../../journal/cursor.ts";
import type { FeedShape } from "../fan-out/feed.ts";
import type { Outlet } from "../fan-out/subscriber.ts";
import { bufferedBytesMax, stuckReaderMs } from "../limits.ts";
import type { Parts } from "../parts.ts";
import type { Wire } from "./wire.ts";

export interface OutletPorts {
  readonly parts: Parts;
  readonly wire: Pick<Wire, "bufferedBytes" | "cut">;
  readonly format: FeedShape["format"];
  /** Sends the text of a message. */
  readonly send: (text: string) => void;
}

const drainLookMs = 50;

export class SocketOutlet implements Outlet {
  readonly ports: OutletPorts;

  constructor(ports: OutletPorts) {
    this.ports = ports;
  }

  get isFull(): boolean {
    return this.ports.wire.bufferedBytes > bufferedBytesMax;
  }

  send(text: string): void {
    this.ports.send(text);
  }

  tell(message: ServerMessage): void {
    this.ports.send(JSON.stringify(message));
  }

  cursor(position: number): string {
    return formatCursor(this.ports.parts.journal.id, position);
  }

  /** Waits until half of what may be buffered is free; a reader that takes nothing is cut off. */
  async drained(signal: AbortSignal): Promise<void> {
    const { wire, parts } = this.ports;
    const { clock, log } = parts;
    let sinceMs = clock.monotonicMs();
    let least = wire.bufferedBytes;
    while (!signal.aborted && wire.bufferedBytes > bufferedBytesMax / 2) {
      // Who takes anything is slow, and not stuck.
      if (wire.bufferedBytes < least) {
        least = wire.bufferedBytes;
        sinceMs = clock.monotonicMs();
      }
      if (clock.monotonicMs() - sinceMs > stuckReaderMs) {
        log.warn(
          { code: "READER_STUCK" },
          `A reader of the Event API took nothing for ${stuckReaderMs / 1_000} s and was cut off.`,
        );
        return wire.cut();
      }
      await clock.sleep(drainLookMs, signal);
    }
  }
}
