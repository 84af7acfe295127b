/**
 * Entries straight from the journal, as lines: page by page, so that nothing is held that is not
 * about to be written. Whoever takes the pieces sets the pace. Order is the journal's, in which a gap
 * stands before the first event after it.
 */
import type { Entry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import { idleLineMs, pageBytesMax, pageEntriesMax } from "./limits.ts";

export interface EntryStreamOptions {
  readonly journal: Pick<Journal, "head" | "read" | "grown">;
  readonly clock: Clock;
  /** Begins with what comes after this position. */
  readonly after: number;
  /** Ends with the entry at this position; goes on for ever if undefined. */
  readonly until: number | undefined;
  readonly matches: (topic: string) => boolean;
  /** An entry as a line with its end, or undefined where it has none. */
  readonly lineOf: (entry: Entry) => string | undefined;
  readonly signal: AbortSignal;
}

/** Pieces of whole lines, or an empty line where there was nothing for long. Ends when the signal aborts. */
export async function* streamEntries(options: EntryStreamOptions): AsyncGenerator<string, void> {
  const { journal, clock, signal } = options;
  const end = options.until ?? Number.POSITIVE_INFINITY;
  let position = options.after;
  let toldAtMs = clock.monotonicMs();
  while (!signal.aborted && position < end) {
    const page = await journal.read({
      after: position,
      limit: pageEntriesMax,
      bytesMax: pageBytesMax,
    });
    if (signal.aborted) return;
    const text = linesOf(page.entries, options);
    const isAtHead = page.next <= position;
    position = Math.max(position, page.next);
    if (text !== "") {
      yield text;
      toldAtMs = clock.monotonicMs();
      continue;
    }
    // The end was deleted, or never came: there is no more to give.
    if (isAtHead && options.until !== undefined) return;
    if (isAtHead && (await quiet(options, position, toldAtMs + idleLineMs)) === "closed") return;
    if (clock.monotonicMs() - toldAtMs >= idleLineMs) {
      yield "\n";
      toldAtMs = clock.monotonicMs();
    }
  }
}

/** Waits until there is more, or an instant has come. */
async function quiet(
  { journal, clock, signal }: EntryStreamOptions,
  position: number,
  untilMs: number,
): Promise<"more" | "late" | "closed"> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race([
      journal.grown(position, either).then(() => (journal.head > position ? "more" : "closed")),
      clock.sleep(Math.max(0, untilMs - clock.monotonicMs()), either).then(() => "late" as const),
    ]);
  } finally {
    over.abort();
  }
}

function linesOf(entries: readonly Entry[], options: EntryStreamOptions): string {
  const { until = Number.POSITIVE_INFINITY, matches, lineOf } = options;
  let text = "";
  for (const entry of entries) {
    const isWanted = entry.position <= until || isDeleted(entry);
    const narrowed = isWanted ? narrow(entry, matches) : undefined;
    const line = narrowed === undefined ? undefined : lineOf(narrowed);
    if (line !== undefined) text += line;
  }
  return text;
}

/** Tells that entries are gone which were to come; it may stand after the last of them. */
function isDeleted(entry: Entry): boolean {
  return entry.kind === "gap" && entry.cause === "retention";
}

/** An entry as far as its topics match. A gap that names no topic concerns everybody. */
function narrow(entry: Entry, matches: (topic: string) => boolean): Entry | undefined {
  if (entry.kind === "event") return matches(entry.topic) ? entry : undefined;
  const topics = entry.topics.filter(matches);
  if (topics.length === entry.topics.length) return entry;
  return topics.length === 0 ? undefined : { ...entry, topics };
}
