/**
 * Reads the journal of a relay over HTTP, and goes on where it was when the relay has been away:
 * after the last cursor that was taken, so that no line is lost or comes twice.
 */
import type { JournalReply, RelayError } from "@trunkline/relay";
import { CliError } from "../errors.ts";
import type { System } from "../system.ts";
import { backoffMs } from "./backoff.ts";
import { createSplitter, type JournalLine } from "./lines.ts";
import { roadWords, type RemoteRelay } from "./remote.ts";

/** The relay says something every 15 s, if only an empty line: what is silent for longer is dead. */
export const silenceMsMax = 45_000;

/** An answer that went on for so long was a good one. */
const heldMs = 10_000;

export interface Reading {
  readonly relay: RemoteRelay;
  /** Entries after this cursor, `0` for all; undefined begins at the head. */
  readonly since: string | undefined;
  /** Patterns; none means all. */
  readonly topics: readonly string[];
  /** Whether to wait for more at the head. */
  readonly follow: boolean;
  /** Whether events come with the frame that Genesys Cloud sent, and nothing else. */
  readonly withFrames: boolean;
  readonly onLost: (why: string, retryInMs: number) => void;
  /** Called when reading goes on after a loss. */
  readonly onBack: (cursor: string) => void;
}

/** Where reading goes on, and whether it has begun. */
interface Place {
  cursor: string;
  /** Lines of the present answer. */
  lines: number;
}

type End =
  /** The relay had no more to say. */
  | { readonly kind: "ended" }
  /** The answer broke off, or there was none. */
  | { readonly kind: "lost"; readonly why: string };

/**
 * Lines as they come, some at a time; the place moves on when the next ones are asked for. Ends at
 * the head unless it follows, and when the program is to end.
 * @throws CliError, RelayError; RELAY_LOST only where it does not follow
 */
export async function* readJournal(
  reading: Reading,
  system: System,
): AsyncGenerator<readonly JournalLine[], undefined> {
  const { relay, follow } = reading;
  const { stop, clock, random } = system;
  const { cursor, head } = await startOf(reading);
  const place: Place = { cursor, lines: 0 };
  let losses = 0;

  while (!stop.aborted) {
    const broken = new AbortController();
    place.lines = 0;
    const opened = await relay.open(
      pathOf(reading, place.cursor),
      AbortSignal.any([stop, broken.signal]),
    );
    if (stop.aborted) return undefined;
    let end: End;
    if (opened.kind === "open") {
      if (losses > 0) reading.onBack(place.cursor);
      const openedAtMs = clock.monotonicMs();
      end = yield* takeLines(opened.pieces, place, relay.url, broken, system);
      // A relay that ends every answer at once is not asked at once.
      if (place.lines > 0 || clock.monotonicMs() - openedAtMs >= heldMs) losses = 0;
    } else {
      if (losses === 0 && place.cursor === cursor) throw opened.error;
      end = { kind: "lost", why: wordsOf(opened.error) };
    }
    if (stop.aborted) return undefined;
    if (!follow) {
      if (end.kind === "lost") throw lost(relay.url, end.why, place.cursor);
      // A relay that is stopped ends its answers in peace, so the end alone proves nothing.
      if (place.lines === 0 || positionOf(place.cursor) >= head) return undefined;
      continue;
    }
    const retryInMs = backoffMs(losses, random);
    reading.onLost(end.kind === "lost" ? end.why : "it has ended the answer", retryInMs);
    losses++;
    await clock.sleep(retryInMs, stop);
  }
  return undefined;
}

/** Where to begin, and where the head is, so far as it matters. */
async function startOf({
  relay,
  since,
  follow,
}: Reading): Promise<{ readonly cursor: string; readonly head: number }> {
  if (since !== undefined && follow) return { cursor: since, head: Number.POSITIVE_INFINITY };
  // Without a cursor from the start, what came while the relay was away could not be asked for.
  const { head } = await relay.ask<JournalReply>("/admin/journal");
  return { cursor: since ?? head, head: positionOf(head) };
}

function pathOf({ topics, follow, withFrames }: Reading, cursor: string): string {
  const format = withFrames ? "frames" : "json";
  const query = new URLSearchParams({ since: cursor, follow: String(follow), format });
  for (const topic of topics) query.append("topic", topic);
  return `/admin/entries?${query.toString()}`;
}

/** Yields the lines of one answer, and says how it ended. What is behind the last line end is dropped. */
async function* takeLines(
  pieces: AsyncIterable<string>,
  place: Place,
  url: string,
  broken: AbortController,
  { clock }: System,
): AsyncGenerator<readonly JournalLine[], End> {
  const split = createSplitter(url);
  const iterator = pieces[Symbol.asyncIterator]();
  const silence = watchSilence(broken, clock);
  try {
    for (;;) {
      const next = await silence.during(() => heard(iterator));
      if (next.kind === "lost" && silence.isOver)
        return { kind: "lost", why: `it has said nothing for ${silenceMsMax / 1_000} s` };
      if (next.kind !== "piece") return next;
      const lines = split(next.text);
      const last = lines.at(-1);
      if (last === undefined) continue;
      yield lines;
      place.cursor = last.cursor;
      place.lines += lines.length;
    }
  } finally {
    silence.end();
    broken.abort();
  }
}

async function heard(
  iterator: AsyncIterator<string>,
): Promise<End | { readonly kind: "piece"; readonly text: string }> {
  try {
    const next = await iterator.next();
    return next.done === true ? { kind: "ended" } : { kind: "piece", text: next.value };
  } catch (error) {
    return { kind: "lost", why: roadWords(error) };
  }
}

interface Silence {
  /** Only while something is waited for may nothing be heard: the reader of our output may be slow. */
  during<T>(wait: () => Promise<T>): Promise<T>;
  /** Whether the connection was broken for it. */
  readonly isOver: boolean;
  end(): void;
}

/** Breaks the connection when nothing was heard for too long. One timer, however much is heard. */
function watchSilence(broken: AbortController, clock: System["clock"]): Silence {
  const ended = new AbortController();
  let sinceMs = Number.POSITIVE_INFINITY;
  let isOver = false;
  const guard = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const leftMs = sinceMs + silenceMsMax - clock.monotonicMs();
      if (leftMs <= 0) {
        isOver = true;
        return broken.abort();
      }
      await clock.sleep(Math.min(leftMs, silenceMsMax), ended.signal);
    }
  };
  void guard();
  return {
    during: async (wait) => {
      sinceMs = clock.monotonicMs();
      try {
        return await wait();
      } finally {
        sinceMs = Number.POSITIVE_INFINITY;
      }
    },
    get isOver() {
      return isOver;
    },
    end: () => ended.abort(),
  };
}

function wordsOf(error: CliError | RelayError): string {
  return `${error.code}: ${error.message.replace(/\.$/u, "")}`;
}

function positionOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}

function lost(url: string, why: string, cursor: string): CliError {
  return new CliError("RELAY_LOST", `The relay at ${url} went away before the end: ${why}.`, {
    help: `What was printed is right. For the rest, run it again with --since ${cursor}`,
  });
}
