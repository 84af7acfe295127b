/** One timer for the model's next deadline. It may ring too early, never too late. */
import type { Cloud } from "../cloud/contract.ts";
import type { Clock } from "../platform/clock.ts";

export interface Alarm {
  watch(cloud: Cloud): void;
  arm(): void;
  stop(): void;
}

/** @param speed milliseconds of the cloud in one of the machine's */
export function createAlarm(nowMs: () => number, clock: Clock, speed: number): Alarm {
  let watched: Cloud | undefined;
  let cancel: (() => void) | undefined;
  let armedForMs = Number.POSITIVE_INFINITY;
  const arm = (): void => {
    const next = watched?.nextDeadlineMs();
    if (next === undefined || next >= armedForMs) return;
    cancel?.();
    armedForMs = next;
    cancel = clock.after((next - nowMs()) / speed, () => {
      armedForMs = Number.POSITIVE_INFINITY;
      watched?.wake(nowMs());
      arm();
    });
  };
  return {
    watch(cloud) {
      watched = cloud;
      arm();
    },
    arm,
    stop() {
      watched = undefined;
      cancel?.();
    },
  };
}
