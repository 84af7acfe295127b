/** How lively each hour is: in a day that has one, arrivals rise to two humps; in a flat one every hour is alike. */
const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export type Rhythm = "flat" | "day";

/** Customers of each UTC hour, as parts of each other: late morning and afternoon are busiest, nights nearly still. */
const customersByHour = [
  1, 0.6, 0.5, 0.5, 0.7, 1.5, 4, 8, 13, 16, 17, 15, 11, 11, 14, 15, 13, 10, 7, 5, 4, 3, 2, 1.5,
] as const;
const meanOfHours =
  customersByHour.reduce((sum: number, customers) => sum + customers, 0) / customersByHour.length;

/** How many times the mean of the day. */
export function livelinessAt(atMs: number): number {
  const hour = Math.floor((atMs % dayMs) / hourMs);
  return (customersByHour[hour] ?? meanOfHours) / meanOfHours;
}

/**
 * The instant by which so much has flowed since `fromMs` as flows in `flowMs` at the mean of the day. Exponential steps
 * of such flow are arrivals whose density follows the hour.
 */
export function flowsUntil(rhythm: Rhythm, fromMs: number, flowMs: number): number {
  if (rhythm === "flat") return fromMs + flowMs;
  let atMs = fromMs;
  let left = flowMs;
  for (;;) {
    const hourEndMs = (Math.floor(atMs / hourMs) + 1) * hourMs;
    const liveliness = livelinessAt(atMs);
    const passing = (hourEndMs - atMs) * liveliness;
    if (left <= passing) return atMs + left / liveliness;
    left -= passing;
    atMs = hourEndMs;
  }
}
