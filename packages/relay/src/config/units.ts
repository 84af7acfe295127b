/** Durations and sizes as people write them: `30s`, `15m`, `7d`; `64MB`, `1GiB`. */

const durations: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const sizes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** For editors; a variable is let through. */
export const durationPattern = String.raw`^\d+(\.\d+)?(ms|s|m|h|d)$|\$\{`;
export const sizePattern = String.raw`^\d+(\.\d+)?([KMGT]iB|[kMGT]?B)$|\$\{`;

/** Milliseconds; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  return parse(text, durations);
}

/** Bytes; undefined for what is no size. `kB` is 1,000 and `KiB` 1,024. */
export function parseSize(text: string): number | undefined {
  return parse(text, sizes);
}

/** In the largest unit that keeps it whole: 900000 as `15m`. */
export function formatDuration(ms: number): string {
  return format(ms, durations);
}

/** In the largest unit that keeps it whole: 1073741824 as `1GiB`. */
export function formatSize(bytes: number): string {
  return format(bytes, sizes);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,6})?)([A-Za-z]{1,3})$/u.exec(text) ?? [];
  if (amount === undefined || unit === undefined || !Object.hasOwn(units, unit)) return undefined;
  const value = Math.round(Number(amount) * (units[unit] ?? Number.NaN));
  return Number.isSafeInteger(value) ? value : undefined;
}

function format(value: number, units: Readonly<Record<string, number>>): string {
  const [unit, factor] = Object.entries(units)
    .filter(([, each]) => value % each === 0)
    .reduce((best, next) => (next[1] > best[1] ? next : best));
  return `${value / factor}${unit}`;
}
