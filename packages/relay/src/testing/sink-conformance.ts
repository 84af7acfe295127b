/**
 * What every sink must do, as tests. The author of a sink writes a `SinkStage`: the sink, its
 * destination, and the means to harm and heal that. Then:
 *
 *   describeSink("webhook", createStage, { harms: ["fails", "hangs", "refuses", "gone"] });
 *
 * Expectations beyond the types of `Sink`:
 * - `write` may be called while an earlier `write` is under way (`inFlightMax`); a sink that cannot do
 *   that at its destination lets the second wait. Entries of one batch arrive in order.
 * - Whatever is under way when the signal aborts is given up at once: the outcome comes promptly, as
 *   `retry` (or `written`, if it was); nothing of it arrives later than what is written afterwards.
 * - `open` may be called again at any time, also while open; it starts afresh.
 * - `retry` tells the truth: the first `written` entries have arrived. More may have.
 * - Errors are `RelayError`s: code, message, help; never a body, never a secret. Those of `retry` have
 *   the recovery "retries", those of `gone` "waits".
 * - `check` writes nothing, needs no `open`, and never throws.
 */
import { settled } from "@trunkline/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { isRelayError, type RelayError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import type { Sink, WriteOutcome } from "../sinks/sink.ts";
import { sampleEvent, sampleGap, sampleSecret } from "./sample-entries.ts";

/** What can happen to a destination. */
export type Harm =
  /** It cannot be opened or reached: no directory, connection refused. */
  | "unreachable"
  /** It takes nothing for now: disk full, 500. What stood open stays open. */
  | "fails"
  /** It answers nothing, for ever. */
  | "hangs"
  /** It refuses for good whatever has the topic `refusedTopic`, and takes the rest. */
  | "refuses"
  /** It says never to come back: 410, nobody reads any more. */
  | "gone";

/** The topic of entries that a stage refuses under the harm `refuses`. */
export const refusedTopic = "v2.users.33333333-3333-4333-8333-333333333333.refused";

export interface SinkStage {
  readonly sink: Sink;
  /** Cursors of what the destination holds, oldest first; twice where it came twice. */
  readonly arrived: () => Promise<readonly string[]>;
  readonly harm: (harm: Harm) => Promise<void>;
  /** Takes back whatever harm there is. */
  readonly heal: () => Promise<void>;
  /** Lets go of the destination. The sink may be closed or not. */
  readonly end: () => Promise<void>;
}

export interface ConformanceOptions {
  /** What can happen to this destination; tests of other harms are not declared. */
  readonly harms: readonly Harm[];
}

/** Turns of the event loop within which a sink must come back after an abort. */
const promptTurns = 2_000;

const never = new AbortController().signal;

/** Declares the tests. */
export function describeSink(
  name: string,
  createStage: () => Promise<SinkStage>,
  { harms }: ConformanceOptions,
): void {
  const stageOf = async (): Promise<SinkStage> => {
    const stage = await createStage();
    onTestFinished(() => stage.end());
    return stage;
  };
  const opened = async (): Promise<SinkStage> => {
    const stage = await stageOf();
    await stage.sink.open(never);
    return stage;
  };

  describe(`the sink ${name}`, () => {
    describeWriting(opened, stageOf);
    describeVerbs(opened, stageOf);
    if (harms.includes("unreachable")) describeUnreachable(stageOf);
    if (harms.includes("fails")) describeFailing(opened);
    if (harms.includes("hangs")) describeHanging(opened, stageOf);
    if (harms.includes("refuses")) describeRefusing(opened);
    if (harms.includes("gone")) describeGone(opened);
  });
}

type CreateStage = () => Promise<SinkStage>;

function describeWriting(opened: CreateStage, stageOf: CreateStage): void {
  test("writes batches in order, and what is written has arrived", async () => {
    const { sink, arrived } = await opened();
    const entries = sampleBatch(1, 60);
    await expectWritten(sink, entries.slice(0, 1));
    expect(await arrived()).toEqual(cursors(entries.slice(0, 1)));
    await expectWritten(sink, entries.slice(1, 31));
    await expectWritten(sink, entries.slice(31));
    expect(await arrived()).toEqual(cursors(entries));
  });

  test("takes an empty batch", async () => {
    const { sink, arrived } = await opened();
    await expectWritten(sink, []);
    expect(await arrived()).toEqual([]);
  });

  test("takes events and gaps, whatever is in them, as one entry each", async () => {
    const { sink, arrived } = await opened();
    const bodies = [
      String.raw`{"a":"line\nend \"quoted\" \\"}`,
      '{\n\t"a" : [ 1 ,\r\n2 ] }',
      '"\u2028 ünï \u{1F600} {{ topic }} ${x}"',
      "null",
      '"' + "x".repeat(70_000) + '"',
    ];
    const events = bodies.map((body, index) =>
      sampleEvent(index + 1, { raw: `{"topicName":"v2.x","eventBody":${body},"version":"2"}` }),
    );
    const nameless = { organizationId: undefined, entity: undefined };
    const rest = [
      sampleEvent(11, { ...nameless, topic: "v2.system.of.another" }),
      sampleEvent(12, { source: "backfill", gapId: "gap-1" }),
      sampleGap(13),
      sampleGap(14, { state: "closed", toMs: Date.UTC(2026, 10, 21, 12, 5), ...nameless }),
      sampleGap(15, { state: "unfillable", topics: [], cause: "retention", toMs: 0, fromMs: 0 }),
    ];
    await expectWritten(sink, [...events, ...rest]);
    expect(await arrived()).toEqual(cursors([...events, ...rest]));
  });

  test("takes a batch while another is under way, each in its own order", async () => {
    const { sink, arrived } = await opened();
    const first = sampleBatch(1, 20);
    const second = sampleBatch(101, 20);
    await Promise.all([expectWritten(sink, first), expectWritten(sink, second)]);
    const came = await arrived();
    expect(came.filter((cursor) => cursors(first).includes(cursor))).toEqual(cursors(first));
    expect(came.filter((cursor) => cursors(second).includes(cursor))).toEqual(cursors(second));
    expect(came).toHaveLength(40);
  });

  test("has what was written when it is opened anew and after it is closed", async () => {
    const { sink, arrived } = await stageOf();
    const entries = sampleBatch(1, 6);
    await sink.open(never);
    await expectWritten(sink, entries.slice(0, 3));
    await sink.open(never);
    await expectWritten(sink, entries.slice(3));
    await sink.close();
    expect(await arrived()).toEqual(cursors(entries));
  });
}

function describeVerbs(opened: CreateStage, stageOf: CreateStage): void {
  test("checks without writing, before and after it is opened", async () => {
    const { sink, arrived } = await stageOf();
    expect(await sink.check(never)).toMatchObject({ ok: true });
    await sink.open(never);
    const { detail } = { detail: "", ...(await sink.check(never)) };
    expect(detail).not.toBe("");
    await expectWritten(sink, sampleBatch(1, 1));
    expect(await arrived()).toHaveLength(1);
  });

  test("closes though it was never opened", async () => {
    const { sink } = await stageOf();
    await expect(sink.close()).resolves.toBeUndefined();
  });

  test("comes back at once where the signal has aborted before", async () => {
    const { sink, arrived } = await opened();
    const outcome = await expectPrompt(sink.write(sampleBatch(1, 3), AbortSignal.abort()));
    expectHonest(outcome, 3, await arrived());
    await expectPrompt(sink.check(AbortSignal.abort()));
    await expectPrompt(sink.open(AbortSignal.abort()).catch(() => "aborted"));
    await sink.open(never);
    expect(await sink.write(sampleBatch(11, 1), never)).toMatchObject({ kind: "written" });
  });
}

function describeUnreachable(stageOf: CreateStage): void {
  test("says what is wrong where it cannot be reached, and opens when it can", async () => {
    const { sink, harm, heal, arrived } = await stageOf();
    await harm("unreachable");
    const trouble = await tryBoth(sink, sampleBatch(1, 2));
    expectTold(trouble, "retries");
    const check = await sink.check(never);
    expect(check.ok).toBe(false);
    if (!check.ok) expectTold(check.error, undefined);
    await heal();
    await sink.open(never);
    expect(await sink.check(never)).toMatchObject({ ok: true });
    await expectWritten(sink, sampleBatch(1, 2));
    expectAllInOrder(await arrived(), sampleBatch(1, 2));
  });

  test("closes though it cannot be reached", async () => {
    const { sink, harm } = await stageOf();
    await harm("unreachable");
    await sink.open(never).catch(() => undefined);
    await expect(sink.close()).resolves.toBeUndefined();
  });
}

function describeFailing(opened: CreateStage): void {
  test("answers a failure with retry, truly told, and goes on when it is over", async () => {
    const { sink, harm, heal, arrived } = await opened();
    const entries = sampleBatch(1, 12);
    await expectWritten(sink, entries.slice(0, 2));
    await harm("fails");
    let done = 2;
    for (let attempt = 0; attempt < 3; attempt++) {
      const outcome = await sink.write(entries.slice(done), never);
      expect(outcome.kind).toBe("retry");
      if (outcome.kind !== "retry") return;
      expectTold(outcome.error, "retries");
      done += outcome.written;
      expect(await arrived()).toEqual(expect.arrayContaining([...cursors(entries.slice(0, done))]));
      if (outcome.reopen === true) await sink.open(never).catch(() => undefined);
    }
    expect(done).toBeLessThan(entries.length);
    await heal();
    await sink.open(never);
    await expectWritten(sink, entries.slice(done));
    expectAllInOrder(await arrived(), entries);
  });
}

function describeHanging(opened: CreateStage, stageOf: CreateStage): void {
  test("gives up a write at once when the signal aborts, and goes on when it is over", async () => {
    const { sink, harm, heal, arrived } = await opened();
    const entries = sampleBatch(1, 4);
    await harm("hangs");
    const abort = new AbortController();
    const writing = sink.write(entries, abort.signal);
    expect(await Promise.race([writing, turns(20)])).toBe("turned");
    abort.abort();
    const outcome = await expectPrompt(writing);
    expect(outcome.kind).toBe("retry");
    if (outcome.kind !== "retry") return;
    const again = new AbortController();
    const rewriting = sink.write(entries.slice(outcome.written), again.signal);
    await turns(20);
    again.abort();
    const second = await expectPrompt(rewriting);
    expect(second.kind).toBe("retry");
    await heal();
    await sink.open(never);
    const done = outcome.written + (second.kind === "retry" ? second.written : 0);
    await expectWritten(sink, entries.slice(done));
    await expectWritten(sink, sampleBatch(11, 2));
    await turns(20);
    expectAllInOrder(await arrived(), [...entries, ...sampleBatch(11, 2)]);
    expect((await arrived()).slice(-2), "nothing comes late").toEqual(cursors(sampleBatch(11, 2)));
  });

  test("gives up opening and checking at once when the signal aborts", async () => {
    const { sink, harm } = await stageOf();
    await harm("hangs");
    const abort = new AbortController();
    const opening = sink.open(abort.signal).catch(() => undefined);
    const checking = sink.check(abort.signal);
    await turns(20);
    abort.abort();
    await expectPrompt(opening);
    expect(await expectPrompt(checking)).toHaveProperty("ok");
  });

  test("closes though a write hangs", async () => {
    const { sink, harm } = await opened();
    await harm("hangs");
    const abort = new AbortController();
    const writing = sink.write(sampleBatch(1, 2), abort.signal);
    await turns(20);
    abort.abort();
    await expectPrompt(writing);
    expect(await expectPrompt(sink.close())).toBeUndefined();
  });
}

function describeRefusing(opened: CreateStage): void {
  test("names what is refused for good, and writes the rest", async () => {
    const { sink, harm, arrived } = await opened();
    await harm("refuses");
    const entries = [
      sampleEvent(1),
      sampleEvent(2, { topic: refusedTopic }),
      sampleEvent(3),
      sampleEvent(4, { topic: refusedTopic }),
    ];
    let done = 0;
    const refused: number[] = [];
    for (let attempt = 0; attempt < 8 && done < entries.length; attempt++) {
      const outcome = await sink.write(entries.slice(done), never);
      for (const { index, reason } of outcome.refused ?? []) {
        refused.push(done + index);
        expect(reason).toMatch(/\w/u);
        expect(reason).not.toContain(sampleSecret);
      }
      done += outcome.kind === "written" ? entries.length - done : outcome.written;
    }
    expect(refused).toEqual([1, 3]);
    expect(await arrived()).toEqual(["sample-1", "sample-3"]);
  });
}

function describeGone(opened: CreateStage): void {
  test("says so when the destination is gone", async () => {
    const { sink, harm, arrived } = await opened();
    await expectWritten(sink, sampleBatch(1, 1));
    await harm("gone");
    const outcome = await sink.write(sampleBatch(2, 3), never);
    expect(outcome.kind).toBe("gone");
    if (outcome.kind !== "gone") return;
    expectTold(outcome.error, "waits");
    expectHonest(outcome, 3, (await arrived()).slice(1));
  });
}

/** Events of three queues, with a gap now and then. */
export function sampleBatch(first: number, length: number): readonly Entry[] {
  return Array.from({ length }, (_, index) => {
    const position = first + index;
    if (position % 7 === 0) return sampleGap(position);
    const entity = `${position % 3}1111111-1111-4111-8111-111111111111`;
    return sampleEvent(position, { entity, topic: `v2.routing.queues.${entity}.users` });
  });
}

function cursors(entries: readonly Entry[]): readonly string[] {
  return entries.map(({ cursor }) => cursor);
}

async function expectWritten(sink: Sink, entries: readonly Entry[]): Promise<void> {
  expect(await sink.write(entries, never)).toEqual({ kind: "written", refused: [] });
}

/** Opens and writes; one of them says why not. */
async function tryBoth(sink: Sink, entries: readonly Entry[]): Promise<unknown> {
  try {
    await sink.open(never);
  } catch (error) {
    return error;
  }
  const outcome = await sink.write(entries, never);
  return outcome.kind === "retry" ? outcome.error : outcome;
}

function expectTold(error: unknown, recovery: RelayError["recovery"] | undefined): void {
  expect(isRelayError(error), `a RelayError, not ${String(error)}`).toBe(true);
  if (!isRelayError(error)) return;
  expect(error.code).not.toBe("INTERNAL");
  expect(error.message).not.toContain(sampleSecret);
  expect(error.help).toMatch(/\w{3}/u);
  expect(recovery ?? error.recovery).toBe(error.recovery);
}

/** What is said to have arrived has. */
function expectHonest(outcome: WriteOutcome, length: number, arrived: readonly string[]): void {
  const claimed = outcome.kind === "written" ? length : outcome.written;
  expect(arrived.length).toBeGreaterThanOrEqual(claimed);
}

/** Everything came at least once, and for the first time in order. */
function expectAllInOrder(arrived: readonly string[], entries: readonly Entry[]): void {
  expect([...new Set(arrived)]).toEqual(cursors(entries));
}

/** Fails where a promise does not settle within a number of turns. */
async function expectPrompt<T>(promise: Promise<T>): Promise<T> {
  const winner = await Promise.race([promise, turns(promptTurns)]);
  expect(winner, "settles promptly").not.toBe("turned");
  return promise;
}

async function turns(count: number): Promise<"turned"> {
  for (let turn = 0; turn < count; turn++) await settled();
  return "turned";
}
