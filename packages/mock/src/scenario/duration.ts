/** Durations as people write them: `500ms`, `10s`, `2m`, `1h`. */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The longest that may be asked for: a week. */
const durationMsMax = 7 * 24 * 3_600_000;

/** For editors. */
export const durationPattern = String.raw`^\d{1,12}(\.\d{1,6})?(ms|s|m|h)$`;

/** Milliseconds; undefined for what is no duration up to a week. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h)$/u.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(amount) * (unitMs[unit] ?? Number.NaN));
  return ms <= durationMsMax ? ms : undefined;
}
