/** What was found out, until an instant; of too many, those that were put first are dropped. */
export interface BoundedCache<T> {
  get(key: string, nowMs: number): T | undefined;
  put(key: string, value: T, untilMs: number): void;
  delete(key: string): void;
  readonly size: number;
}

/** @param entriesMax how many are kept, those included that are over and were not asked for since */
export function createBoundedCache<T>(entriesMax: number): BoundedCache<T> {
  const entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  return {
    get size() {
      return entries.size;
    },
    get: (key, nowMs) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.untilMs > nowMs) return entry.value;
      entries.delete(key);
      return undefined;
    },
    put: (key, value, untilMs) => {
      entries.delete(key);
      entries.set(key, { value, untilMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax) break;
        entries.delete(oldest);
      }
    },
    delete: (key) => void entries.delete(key),
  };
}
