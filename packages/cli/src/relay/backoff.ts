/** How long to wait before a relay that went away is called again. */
const firstMs = 250;
const maxMs = 10_000;

/** Anything from zero to a bound that doubles with each attempt: readers of one relay must not come back together. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 10)));
}
