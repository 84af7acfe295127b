/**
 * Prints the events of a Trunkline relay, one a line, and goes on where it was whatever happens in between.
 *
 *   node events.js [--sse] [COUNT]
 *
 * It reads from a WebSocket, or with --sse from a stream of Server-Sent Events. After COUNT events it ends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Refused } from "./relay.js";
import { listenOnSocket } from "./socket.js";
import { listenOnStream } from "./stream.js";

const { values, positionals } = parseArgs({
  options: { sse: { type: "boolean", default: false } },
  allowPositionals: true,
});
const listen = values.sse ? listenOnStream : listenOnSocket;

/** What is wanted: all changes of conversations and presences that the relay's credential sees. */
const subscription = {
  eventTypes: ["conversation:updated", "user:presence"],
  filters: { divisions: ["self"] },
};

/** How far we have got. It outlives the connections. */
const progress = {
  /** The cursor to go on after. A program that is to miss nothing across its own restarts keeps it on disk. */
  since: undefined,
  left: Number(positionals[0] ?? Infinity),

  /** Deals with one event. Its place is remembered afterwards: what breaks off in the middle comes again. */
  take({ cursor, eventType, entityId, time }) {
    console.log(`${cursor} ${eventType} ${entityId} ${time}`);
    this.since = cursor;
    this.left--;
  },
};

const backoffMs = { first: 500, most: 30_000 };

async function main() {
  let waitMs = backoffMs.first;
  while (progress.left > 0) {
    const { since } = progress;
    try {
      await listen(subscription, progress);
    } catch (error) {
      if (error instanceof Refused && !error.isTemporary) throw error;
      if (progress.since !== since) waitMs = backoffMs.first;
      // Chance keeps a thousand programs from coming back in the same instant.
      const inMs = error.retryAfterMs ?? Math.round(waitMs * (0.5 + Math.random() / 2));
      console.error(`interrupted: ${error.message}; again in ${inMs} ms`);
      await sleep(inMs);
      waitMs = Math.min(waitMs * 2, backoffMs.most);
    }
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
