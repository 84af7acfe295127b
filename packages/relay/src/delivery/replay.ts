/**
 * Gives dead letters to the sink once more, in their order, beside the live flow. It tries each
 * once: what the sink takes is removed, what it refuses stays with the new reason, and a failure ends
 * the replay with the rest where it was.
 */
import type { DeliveryOptions } from "../config/config.ts";
import { RelayError } from "../errors.ts";
import type { DeadLetter, DeadLetterDraft, Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import type { Sink, WriteOutcome } from "../sinks/sink.ts";
import { abortGraceMs } from "./settle.ts";

export interface ReplayPorts {
  readonly consumer: string;
  readonly sink: Sink;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly options: DeliveryOptions;
  /** Takes its turn among the commits of the cursor. */
  readonly commit: <T>(work: () => Promise<T>) => Promise<T>;
  /** Aborts when the sink is stopped. */
  readonly end: AbortSignal;
}

export interface Replayed {
  readonly replayed: number;
  readonly refused: number;
}

/** Dead letters that are looked at together. */
const pageMax = 500;

/** @throws RelayError REPLAY_STOPPED */
export async function replay(ports: ReplayPorts, ids?: readonly number[]): Promise<Replayed> {
  const { consumer, journal, options } = ports;
  const asked = ids === undefined ? undefined : new Set(ids);
  const limit = Math.min(pageMax, options.batchEntriesMax);
  const last = await newest(journal, consumer);
  let sum: Replayed = { replayed: 0, refused: 0 };
  for (let after = 0; after < last;) {
    const page = await journal.deadLetters(consumer, { after, limit });
    // What is refused anew gets an id beyond the last; it is not given out again.
    const letters = page.filter(({ id }) => id <= last && asked?.has(id) !== false);
    after = page.at(-1)?.id ?? last;
    for (const batch of batches(letters, options.batchBytesMax)) {
      const outcome = await attempt(ports, batch);
      const done = await record(ports, batch, outcome);
      sum = { replayed: sum.replayed + done.replayed, refused: sum.refused + done.refused };
      if (outcome.kind !== "written") throw stopped(sum, outcome.error);
    }
  }
  return sum;
}

/** The id of the newest dead letter there is; 0 where there is none. */
async function newest(journal: Journal, consumer: string): Promise<number> {
  let last = 0;
  for (;;) {
    const page = await journal.deadLetters(consumer, { after: last, limit: pageMax });
    const end = page.at(-1);
    if (end === undefined) return last;
    last = end.id;
  }
}

function* batches(
  letters: readonly DeadLetter[],
  bytesMax: number,
): Generator<readonly DeadLetter[]> {
  let batch: DeadLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    const size = letter.entry.kind === "event" ? letter.entry.raw.length : 0;
    if (batch.length > 0 && bytes + size > bytesMax) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(letter);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** One write, which ends in time whatever the sink does. */
async function attempt(
  { sink, clock, options, end }: ReplayPorts,
  letters: readonly DeadLetter[],
): Promise<WriteOutcome> {
  const over = new AbortController();
  const late = new AbortController();
  const timeout = async (): Promise<WriteOutcome> => {
    const { writeTimeoutMs } = options;
    await clock.sleep(writeTimeoutMs, AbortSignal.any([over.signal, end]));
    late.abort();
    await clock.sleep(abortGraceMs, over.signal);
    const error = new RelayError(
      "SINK_TIMED_OUT",
      `The sink took no batch within ${writeTimeoutMs} ms.`,
    );
    return { kind: "retry", written: 0, error };
  };
  const write = async (): Promise<WriteOutcome> =>
    sink.write(
      letters.map(({ entry }) => entry),
      late.signal,
    );
  try {
    return await Promise.race([write(), timeout()]);
  } catch (error) {
    const broke = new RelayError("SINK_BROKE", "The sink broke off.", { cause: error });
    return { kind: "retry", written: 0, error: broke };
  } finally {
    over.abort();
  }
}

/** What is refused again is stored under its new reason before the old one goes: never none of them. */
async function record(
  { consumer, journal, clock, commit }: ReplayPorts,
  letters: readonly DeadLetter[],
  outcome: WriteOutcome,
): Promise<Replayed> {
  const count = outcome.kind === "written" ? letters.length : outcome.written;
  const done = letters.slice(0, count);
  const reasons = new Map(outcome.refused?.map(({ index, reason }) => [index, reason]));
  const refused = done.flatMap(({ entry }, index): readonly DeadLetterDraft[] => {
    const reason = reasons.get(index);
    return reason === undefined ? [] : [{ entry, reason, atMs: clock.wallMs() }];
  });
  // To no position: an advance moves nothing back.
  if (refused.length > 0) await commit(() => journal.advance(consumer, 0, refused));
  if (done.length > 0)
    await journal.removeDeadLetters(
      consumer,
      done.map(({ id }) => id),
    );
  return { replayed: done.length - refused.length, refused: refused.length };
}

function stopped({ replayed, refused }: Replayed, error: RelayError): RelayError {
  return new RelayError(
    "REPLAY_STOPPED",
    `${replayed} were taken and ${refused} refused again; then: ${error.message}`,
    { cause: error },
  );
}
