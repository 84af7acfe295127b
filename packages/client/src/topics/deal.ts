/** Deals entries out to lines: stable, so that a change moves nothing that need not move. */
import type { Entry } from "./entries.ts";

/** What stands on a line, and what it was to carry. */
export interface Dealt {
  readonly standing: readonly Entry[];
  readonly entries: readonly Entry[];
}

export interface Deal {
  /** Entries of each line; a line that lost all has an empty list. */
  readonly shares: ReadonlyMap<number, readonly Entry[]>;
  readonly overBudget: readonly Entry[];
}

/**
 * @param previous where each topic was last time: its key → line
 * @param linesMax how many lines there may be, numbered from 1
 */
export function deal(
  entries: readonly Entry[],
  previous: ReadonlyMap<string, number>,
  linesMax: number,
  perLine: number,
): Deal {
  const shares = new Map<number, Entry[]>();
  for (const line of new Set(previous.values())) if (line <= linesMax) shares.set(line, []);
  const newcomers: Entry[] = [];
  for (const entry of entries) {
    const before = entry.topics.find((topic) => previous.has(topic.key));
    const share = before && shares.get(previous.get(before.key) ?? 0);
    if (share !== undefined && share.length < perLine) share.push(entry);
    else newcomers.push(entry);
  }
  const overBudget: Entry[] = [];
  let line = 1;
  for (const entry of newcomers) {
    while (line <= linesMax && (shares.get(line)?.length ?? 0) >= perLine) line++;
    if (line > linesMax) {
      overBudget.push(entry);
      continue;
    }
    const share = shares.get(line);
    if (share === undefined) shares.set(line, [entry]);
    else share.push(entry);
  }
  return { shares, overBudget };
}

/**
 * Where each topic was last time: its key → line. One that was dropped and comes back goes where it
 * still stands, or it would come twice.
 */
export function places(lines: ReadonlyMap<number, Dealt>): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [number, { standing, entries }] of lines)
    for (const { topics } of [...standing, ...entries])
      for (const { key } of topics) places.set(key, number);
  return places;
}
