/** The machine's clock and timer: the only place of this package that knows them. */
export interface Clock {
  wallMs(): number;
  /** Counts the milliseconds from now on, in fractions: sleep of the machine counts, a clock set back does not. */
  stopwatch(): () => number;
  /** Calls once after so many milliseconds; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Longer waits overflow the timer; waking early does no harm. */
const timerMsMax = 2_000_000_000;

export const machineClock: Clock = {
  wallMs: () => Date.now(),
  stopwatch() {
    const wallMs = Date.now();
    const monotonicMs = performance.now();
    return () => Math.max(Date.now() - wallMs, performance.now() - monotonicMs);
  },
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), timerMsMax));
    return () => clearTimeout(timer);
  },
};
