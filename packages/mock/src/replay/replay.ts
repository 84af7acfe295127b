/** Plays a capture with its own spacing, from the first socket on whose channel has topics: before it, nobody would hear. */
import type { Cloud } from "../cloud/contract.ts";
import type { Deadlines } from "../cloud/deadlines.ts";
import type { Capture } from "./capture.ts";

/** Between the end of a capture that is played for ever and its next beginning. */
const pauseMs = 1_000;

export interface Replay {
  readonly topics: readonly string[];
  /** Told after everything that a client did: begins when somebody listens. */
  look(nowMs: number): void;
}

export function createReplay(capture: Capture, cloud: Cloud, deadlines: Deadlines): Replay {
  const { events, topics, loop } = capture;
  let hasBegun = false;

  function plan(index: number, beganAtMs: number): void {
    const event = events[index];
    if (event === undefined) return;
    deadlines.set(beganAtMs + event.offsetMs, (dueMs) => {
      cloud.emit(event.topic, event.body, dueMs);
      if (index + 1 < events.length) plan(index + 1, beganAtMs);
      else if (loop) plan(0, dueMs + pauseMs);
    });
  }

  return {
    topics,
    look(nowMs) {
      if (hasBegun || !isHeard(cloud)) return;
      hasBegun = true;
      plan(0, nowMs);
    },
  };
}

function isHeard(cloud: Cloud): boolean {
  return cloud.state().channels.some(({ topics, socketIds }) => topics > 0 && socketIds.length > 0);
}
