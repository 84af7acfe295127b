import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../ports.ts";

/** Longest wait that the runtime's timers can hold. */
const timerMaxMs = 2_147_483_647;

/** The clock of the machine: the one that a client has where no other is given. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(Math.min(Math.ceil(ms), timerMaxMs), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};
