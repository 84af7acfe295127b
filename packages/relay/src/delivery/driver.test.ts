import { settled, SimClock } from "@trunkline/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import type { DeliveryOptions } from "../config/config.ts";
import { isRelayError, RelayError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import type { Log } from "../ports.ts";
import type { Refusal, Sink, WriteOutcome } from "../sinks/sink.ts";
import { MemoryJournal, type MemoryJournalOptions } from "../testing/memory-journal.ts";
import { sampleSecret } from "../testing/sample-entries.ts";
import { createDelivery, type Delivery } from "./driver.ts";

const consumer = "sink:test";
const error = new RelayError("SINK_FILE_FULL", "There is no room.");
const options: DeliveryOptions = {
  batchEntriesMax: 10,
  batchBytesMax: 100_000,
  inFlightMax: 1,
  retryFirstMs: 1_000,
  retryMaxMs: 60_000,
  writeTimeoutMs: 30_000,
  deadLettersMax: 100,
};

/** A sink that answers as the test says, and keeps what it took. */
class ScriptedSink implements Sink {
  readonly batches: (readonly number[])[] = [];
  readonly taken: number[] = [];
  opened = 0;
  closed = 0;
  answer: (batch: readonly Entry[], signal: AbortSignal) => WriteOutcome | Promise<WriteOutcome> =
    () => ({ kind: "written", refused: [] });

  open(): Promise<void> {
    this.opened++;
    return Promise.resolve();
  }

  async write(batch: readonly Entry[], signal: AbortSignal): Promise<WriteOutcome> {
    const positions = batch.map(({ position }) => position);
    this.batches.push(positions);
    const outcome = await this.answer(batch, signal);
    const done = outcome.kind === "written" ? batch.length : outcome.written;
    const refused = new Set(outcome.refused?.map(({ index }) => index));
    this.taken.push(...positions.slice(0, done).filter((_, index) => !refused.has(index)));
    return outcome;
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }

  check(): Promise<{ ok: true; detail: string }> {
    return Promise.resolve({ ok: true, detail: "Fine." });
  }
}

interface Stage {
  readonly clock: SimClock;
  readonly journal: MemoryJournal;
  readonly sink: ScriptedSink;
  readonly delivery: Delivery;
  readonly lines: { readonly level: string; readonly code: unknown; readonly message: string }[];
}

function stage(
  setup: Partial<DeliveryOptions> = {},
  journalOptions: MemoryJournalOptions = {},
  topics?: readonly string[],
): Stage {
  const clock = new SimClock(1_000_000);
  const journal = new MemoryJournal(journalOptions);
  const sink = new ScriptedSink();
  const lines: Stage["lines"] = [];
  const at =
    (level: string): Log["info"] =>
    ({ code, after }, message) =>
      lines.push({ level, code: code ?? after, message });
  const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const delivery = createDelivery({
    name: "test",
    consumer,
    from: "start",
    sink,
    journal,
    clock,
    random: () => 1,
    log,
    options: { ...options, ...setup },
    topics,
  });
  onTestFinished(async () => {
    const stopping = delivery.stop();
    await clock.runUntil(clock.monotonicMs() + 60_000);
    await stopping;
    expect(clock.timers).toBe(0);
    expect(sink.closed).toBeLessThanOrEqual(1);
  });
  return { clock, journal, sink, delivery, lines };
}

function append(journal: MemoryJournal, count: number, topic = "v2.users.a.presence"): void {
  const raw = JSON.stringify({ eventBody: sampleSecret });
  const draft = {
    kind: "event",
    trunk: "main",
    topic,
    receivedAtMs: 0,
    maybeDuplicate: false,
    raw,
  } as const;
  journal.append(Array.from({ length: count }, () => draft));
}

function refuse(...positions: readonly number[]): (batch: readonly Entry[]) => WriteOutcome {
  return (batch) => ({
    kind: "written",
    refused: batch.flatMap(({ position }, index): readonly Refusal[] =>
      positions.includes(position) ? [{ index, reason: "Never." }] : [],
    ),
  });
}

function pass({ clock }: Stage, ms: number): Promise<void> {
  return clock.runUntil(clock.monotonicMs() + ms);
}

describe("normal operation", () => {
  test("a lone entry waits for nothing, and nothing is logged", async () => {
    const here = stage();
    here.delivery.start();
    await settled();
    append(here.journal, 1);
    await settled();
    expect(here.sink.taken).toEqual([1]);
    expect(here.clock.monotonicMs()).toBe(0);
    expect(here.delivery.status()).toEqual({
      state: "live",
      position: 1,
      behind: 0,
      written: 1,
      deadLetters: 0,
      error: undefined,
      retryAtMs: undefined,
    });
    expect(here.lines).toEqual([]);
  });

  test("what gathers while a batch is under way goes out together", async () => {
    const here = stage();
    here.sink.answer = async (_, signal) => {
      await here.clock.sleep(100, signal);
      return { kind: "written", refused: [] };
    };
    here.delivery.start();
    append(here.journal, 1);
    await pass(here, 50);
    append(here.journal, 15);
    await pass(here, 10_000);
    expect(here.sink.batches.map((batch) => batch.length)).toEqual([1, 10, 5]);
  });

  test("entries that nobody wants cost one commit a second at most", async () => {
    const here = stage({}, {}, ["v2.users.b.presence"]);
    here.delivery.start();
    await settled();
    const before = here.journal.status().commits;
    for (let ms = 0; ms < 1_000; ms += 10) {
      append(here.journal, 1);
      await pass(here, 10);
    }
    const { commits } = here.journal.status();
    expect(commits - before - 100).toBeLessThanOrEqual(1);
    await pass(here, 2_000);
    expect(here.journal.disk.consumers.get(consumer)?.position).toBe(100);
    expect(here.sink.batches).toEqual([]);
    expect(here.delivery.status()).toMatchObject({ behind: 0, position: 100 });
  });

  test("a sink that was never there before may begin at the head", async () => {
    const { journal, sink, clock } = stage();
    append(journal, 3);
    await settled();
    const late = createDelivery({
      name: "late",
      consumer: "sink:late",
      from: "head",
      sink,
      journal,
      clock,
      random: () => 1,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      options,
      topics: undefined,
    });
    late.start();
    await settled();
    append(journal, 1);
    await settled();
    expect(sink.taken).toEqual([4]);
    await late.stop();
    expect(sink.closed).toBe(1);
    sink.closed = 0;
  });
});

describe("trouble", () => {
  test("is told once, shown by the status, and told to be over", async () => {
    const here = stage();
    here.sink.answer = () => ({ kind: "retry", written: 0, error });
    here.delivery.start();
    append(here.journal, 1);
    await pass(here, 600_000);
    expect(here.sink.batches.length).toBeGreaterThan(8);
    expect(here.lines).toEqual([
      { level: "warn", code: "SINK_FILE_FULL", message: expect.stringContaining("no room") },
    ]);
    expect(here.delivery.status()).toMatchObject({ state: "retrying", behind: 1, error });
    expect(here.delivery.status().retryAtMs).toBeGreaterThan(1_600_000);
    here.sink.answer = () => ({ kind: "written", refused: [] });
    await pass(here, 120_000);
    expect(here.lines).toHaveLength(2);
    expect(here.lines[1]).toMatchObject({ level: "info", code: "SINK_FILE_FULL" });
    expect(here.delivery.status()).toMatchObject({ state: "live", error: undefined });
  });

  test("of a sink that throws is one more failure, without a word of what it threw", async () => {
    const here = stage();
    here.sink.answer = () => {
      throw new TypeError(`cannot read ${sampleSecret}`);
    };
    here.delivery.start();
    append(here.journal, 1);
    await pass(here, 100);
    expect(here.lines).toMatchObject([{ level: "warn", code: "SINK_BROKE" }]);
    expect(JSON.stringify(here.lines)).not.toContain(sampleSecret);
    here.sink.answer = () => ({ kind: "written", refused: [] });
    await pass(here, 10_000);
    expect(here.sink.taken).toEqual([1]);
  });

  test("of a sink that hangs, and does not heed the abort, ends too", async () => {
    const here = stage();
    let hangs = true;
    here.sink.answer = () =>
      hangs ? new Promise(() => undefined) : { kind: "written", refused: [] };
    here.delivery.start();
    append(here.journal, 1);
    await pass(here, 35_500);
    expect(here.delivery.status()).toMatchObject({ error: { code: "SINK_TIMED_OUT" } });
    hangs = false;
    await pass(here, 10_000);
    expect(here.sink.taken).toEqual([1]);
    expect(here.sink.opened).toBe(2);
  });

  test("of the journal is tried again as well", async () => {
    let fails = true;
    const journalError = new RelayError("JOURNAL_FULL", "Full.");
    const here = stage({}, { fails: () => (fails ? journalError : undefined) });
    here.delivery.start();
    append(here.journal, 2);
    await pass(here, 10_000);
    expect(here.delivery.status()).toMatchObject({ state: "retrying", error: journalError });
    fails = false;
    await pass(here, 120_000);
    expect(here.sink.taken).toEqual([1, 2]);
    expect(here.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
  });

  test("that will not heal halts the sink until it is resumed", async () => {
    const here = stage();
    here.sink.answer = () => ({ kind: "gone", written: 0, error });
    here.delivery.start();
    append(here.journal, 2);
    await pass(here, 3_600_000);
    expect(here.sink.batches).toHaveLength(1);
    expect(here.lines).toMatchObject([{ level: "error", code: "SINK_FILE_FULL" }]);
    here.sink.answer = () => ({ kind: "written", refused: [] });
    here.delivery.resume();
    await pass(here, 10_000);
    expect(here.sink.taken).toEqual([1, 2]);
    expect(here.lines).toHaveLength(2);
  });
});

describe("dead letters", () => {
  test("are kept with their reason, and do not hold up what follows", async () => {
    const here = stage();
    here.sink.answer = refuse(2, 3);
    here.delivery.start();
    append(here.journal, 4);
    await pass(here, 100);
    expect(here.sink.taken).toEqual([1, 4]);
    const letters = await here.journal.deadLetters(consumer, { limit: 9 });
    expect(letters).toMatchObject([
      { reason: "Never.", atMs: 1_000_000, entry: { position: 2 } },
      { reason: "Never.", entry: { position: 3 } },
    ]);
    expect(here.delivery.status()).toMatchObject({ deadLetters: 2, written: 2, position: 4 });
    // The first is news, the others are counted; what the destination said may be personal.
    expect(here.lines).toMatchObject([{ level: "warn", code: "DEAD_LETTERS" }]);
    expect(JSON.stringify(here.lines)).not.toContain("Never");
  });

  test("replayed go out in order: taken ones are removed, refused ones keep the new reason", async () => {
    const here = stage({ batchEntriesMax: 2 });
    here.sink.answer = refuse(1, 2, 3, 4, 5);
    here.delivery.start();
    append(here.journal, 6);
    await pass(here, 100);
    here.sink.answer = (batch) => ({
      kind: "written",
      refused: batch.flatMap(({ position }, index) =>
        position === 3 ? [{ index, reason: "Still." }] : [],
      ),
    });
    expect(await here.delivery.replay()).toEqual({ replayed: 4, refused: 1 });
    expect(here.sink.taken).toEqual([6, 1, 2, 4, 5]);
    const letters = await here.journal.deadLetters(consumer, { limit: 9 });
    expect(letters).toMatchObject([{ reason: "Still.", entry: { position: 3 } }]);
    expect(here.journal.disk.consumers.get(consumer)?.position).toBe(6);
    await settled();
    expect(here.delivery.status()).toMatchObject({ deadLetters: 1 });
  });

  test("replayed by their ids leave the others", async () => {
    const here = stage();
    here.sink.answer = refuse(1, 2, 3);
    here.delivery.start();
    append(here.journal, 3);
    await pass(here, 100);
    here.sink.answer = () => ({ kind: "written", refused: [] });
    expect(await here.delivery.replay([2, 99])).toEqual({ replayed: 1, refused: 0 });
    expect(here.sink.taken).toEqual([2]);
    expect(await here.journal.deadLetters(consumer, { limit: 9 })).toHaveLength(2);
  });

  test("whose replay fails stay, less those that were taken", async () => {
    const here = stage();
    here.sink.answer = refuse(1, 2, 3);
    here.delivery.start();
    append(here.journal, 3);
    await pass(here, 100);
    here.sink.answer = () => ({ kind: "retry", written: 1, error });
    await expect(here.delivery.replay()).rejects.toMatchObject({
      code: "REPLAY_STOPPED",
      message: expect.stringContaining("1 were taken"),
    });
    expect(await here.journal.deadLetters(consumer, { limit: 9 })).toMatchObject([
      { entry: { position: 2 } },
      { entry: { position: 3 } },
    ]);
  });

  test("that are too many halt the sink, and a replay sets it going again", async () => {
    const here = stage({ deadLettersMax: 2 });
    here.sink.answer = refuse(1, 2);
    here.delivery.start();
    append(here.journal, 2);
    await pass(here, 100);
    append(here.journal, 1);
    await pass(here, 100_000);
    expect(here.delivery.status()).toMatchObject({
      state: "halted",
      deadLetters: 2,
      behind: 1,
      error: { code: "DEAD_LETTERS_FULL" },
    });
    here.sink.answer = () => ({ kind: "written", refused: [] });
    expect(await here.delivery.replay()).toEqual({ replayed: 2, refused: 0 });
    await pass(here, 100);
    expect(here.sink.taken).toEqual([1, 2, 3]);
    expect(here.delivery.status()).toMatchObject({ state: "live", behind: 0, deadLetters: 0 });
  });

  test("removed by others are noticed by whoever looks", async () => {
    const here = stage({ deadLettersMax: 1 });
    here.sink.answer = refuse(1);
    here.delivery.start();
    append(here.journal, 2);
    await pass(here, 5_000);
    await here.journal.removeDeadLetters(consumer, [1]);
    expect(here.delivery.status().state).toBe("halted");
    await pass(here, 100);
    expect(here.delivery.status()).toMatchObject({ state: "live", deadLetters: 0 });
  });

  test("are not replayed through a sink that is not open", async () => {
    const here = stage();
    await expect(here.delivery.replay()).rejects.toMatchObject({ code: "DELIVERY_STOPPED" });
  });
});

describe("a rewind", () => {
  test("is told by the status at once, before anything was read again", async () => {
    const here = stage();
    here.delivery.start();
    append(here.journal, 5);
    await pass(here, 100);
    await here.delivery.rewind(2);
    expect(here.delivery.status()).toMatchObject({ position: 2, behind: 3 });
  });

  test("goes on after a position, back and forth, when what is under way has ended", async () => {
    const here = stage();
    here.delivery.start();
    append(here.journal, 5);
    await pass(here, 100);
    await here.delivery.rewind(2);
    await pass(here, 100);
    expect(here.sink.taken).toEqual([1, 2, 3, 4, 5, 3, 4, 5]);
    here.sink.answer = async (_, signal) => {
      await here.clock.sleep(100, signal);
      return { kind: "written", refused: [] };
    };
    append(here.journal, 20);
    await pass(here, 10);
    const rewinding = here.delivery.rewind(24);
    await pass(here, 1_000);
    await rewinding;
    expect(here.sink.taken.slice(8)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 25]);
  });

  test("waits for a commit of the cursor that is still under way, however late", async () => {
    const here = stage();
    const calls: string[] = [];
    const held = Promise.withResolvers<void>();
    const { journal } = here;
    const [advance, rewind] = [journal.advance.bind(journal), journal.rewind.bind(journal)];
    journal.advance = async (...request) => {
      await held.promise;
      calls.push("advance");
      return advance(...request);
    };
    journal.rewind = (...request) => {
      calls.push("rewind");
      return rewind(...request);
    };
    here.delivery.start();
    append(journal, 3);
    await pass(here, 100);
    const rewinding = here.delivery.rewind(1);
    await pass(here, 60_000);
    held.resolve();
    await rewinding;
    await pass(here, 100);
    expect(calls.slice(0, 2)).toEqual(["advance", "rewind"]);
    expect(here.sink.taken).toEqual([1, 2, 3, 2, 3]);
  });

  test("of a halted sink moves it, and leaves it halted", async () => {
    const here = stage();
    here.sink.answer = () => ({ kind: "gone", written: 0, error });
    here.delivery.start();
    append(here.journal, 3);
    await pass(here, 100);
    await here.delivery.rewind(2);
    await pass(here, 100);
    expect(here.delivery.status()).toMatchObject({ state: "halted", position: 2, behind: 1 });
  });

  test.each([-1, 1.5, 4, Number.NaN])("to %d is refused", async (position) => {
    const here = stage();
    here.delivery.start();
    append(here.journal, 3);
    await pass(here, 100);
    await expect(here.delivery.rewind(position)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
  });

  test("that a stop overtakes is told so", async () => {
    const here = stage();
    here.sink.answer = async (_, signal) => {
      await here.clock.sleep(1_000, signal);
      return { kind: "written", refused: [] };
    };
    here.delivery.start();
    append(here.journal, 3);
    await pass(here, 10);
    const rewinding = here.delivery.rewind(1);
    const outcome = rewinding.then(
      () => "done",
      (reason: unknown) => (isRelayError(reason) ? reason.code : "?"),
    );
    void here.delivery.stop();
    await pass(here, 10_000);
    expect(await outcome).toBe("DELIVERY_STOPPED");
  });
});

describe("a stop", () => {
  test("lets a write end and keeps its place; another goes on from there", async () => {
    const here = stage();
    here.sink.answer = async (_, signal) => {
      await here.clock.sleep(1_000, signal);
      return { kind: "written", refused: [] };
    };
    here.delivery.start();
    append(here.journal, 12);
    await pass(here, 500);
    const stopping = here.delivery.stop();
    await pass(here, 10_000);
    await stopping;
    expect(here.sink.taken).toHaveLength(10);
    expect(here.journal.disk.consumers.get(consumer)?.position).toBe(10);
    expect(here.delivery.status().state).toBe("stopped");
    expect(here.sink.closed).toBe(1);
  });

  test("of a sink that hangs takes seconds, not for ever", async () => {
    const here = stage();
    here.sink.answer = () => new Promise(() => undefined);
    here.sink.close = () => new Promise(() => undefined);
    here.delivery.start();
    append(here.journal, 1);
    await pass(here, 500);
    const stopping = here.delivery.stop();
    await pass(here, 15_100);
    await expect(stopping).resolves.toBeUndefined();
  });

  test("before a start, and twice, is no trouble", async () => {
    const here = stage();
    await here.delivery.stop();
    await here.delivery.stop();
    here.delivery.start();
    await settled();
    expect(here.sink.opened).toBe(0);
  });
});
