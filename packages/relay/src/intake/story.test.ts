import { TrunklineError, type ClientEvent, type DisconnectedEvent } from "@trunkline/client";
import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import type { GapDraft } from "../journal/entry.ts";
import { budget } from "../testing/fake-client.ts";
import { FakeLog } from "../testing/fake-log.ts";
import { Story } from "./story.ts";

const minuteMs = 60_000;

function createStory(): { readonly log: FakeLog; readonly story: Story } {
  const log = new FakeLog();
  return { log, story: new Story("main", log) };
}

function disconnected(line: number, change: Partial<DisconnectedEvent> = {}): ClientEvent {
  const event = { type: "disconnected", line, code: undefined, reason: "ECONNRESET" } as const;
  return { ...event, retryInMs: 0, attempt: 1, sessions: 0, error: undefined, ...change };
}

function connected(line: number, sessions = 1): ClientEvent {
  return { type: "connected", line, channel: "ab12", topics: 2, sessions };
}

function overBudget(count: number): ClientEvent {
  const topics = Array.from({ length: count }, (_, index) => `v2.t${index}`);
  return { ...budget, overBudget: topics } as ClientEvent;
}

function warning(line: number | undefined, code: "UNREACHABLE" | "FRAME_MALFORMED"): ClientEvent {
  return { type: "warning", line, error: new TrunklineError(code, "It went wrong.") };
}

function gap(change: Partial<GapDraft> = {}): GapDraft {
  const times = { fromMs: 1_000, toMs: undefined, serverOffsetMs: undefined, recordedAtMs: 2_000 };
  const certainty = "possible";
  const topics = ["v2.a", "v2.b"];
  const named = { trunk: "main", gapId: "j-gap-1-1", state: "open", topics, cause: "cut" } as const;
  return { kind: "gap", ...named, certainty, ...times, ...change };
}

const refused = new TrunklineError("UNREACHABLE", "No way.");

test("a line is told down once while it fails in the same way, and back once", () => {
  const { log, story } = createStory();
  story.tell(connected(1), 0);
  for (let attempt = 1; attempt <= 50; attempt++) story.tell(disconnected(1, { attempt }), attempt);
  story.tell(disconnected(1, { code: 1001, reason: "going away" }), 60);
  story.tell(disconnected(1, { error: refused }), 70);
  story.tell(disconnected(1, { error: refused }), 80);
  story.tell(connected(1), 90);
  expect(log.told).toEqual([
    "info: line connected",
    "warn cut: line down",
    "warn 1001: line down",
    "warn UNREACHABLE: line down",
    "info: line back",
  ]);
  expect(log.lines.every(({ level, help }) => level !== "warn" || typeof help === "string")).toBe(
    true,
  );
});

test("a line that keeps a session is neither down nor back", () => {
  const { log, story } = createStory();
  story.tell(connected(1), 0);
  story.tell(connected(1, 2), 0);
  for (let attempt = 1; attempt <= 50; attempt++)
    story.tell(disconnected(1, { attempt, sessions: 1 }), attempt);
  expect(story.trouble).toBeUndefined();
  story.tell(connected(1, 2), 60);
  story.tell(disconnected(1, { sessions: 1 }), 70);
  story.tell(disconnected(1), 80);
  story.tell(connected(1), 90);
  expect(log.told).toEqual([
    "info: line connected",
    "info: one more session",
    "info cut: session lost, line goes on",
    "info: one more session",
    "info cut: session lost, line goes on",
    "warn cut: line down",
    "info: line back",
  ]);
});

test("the trouble is the newest that is not over", () => {
  const { story } = createStory();
  story.tell(disconnected(1, { error: refused }), 0);
  story.tell(disconnected(2), 0);
  expect(story.trouble).toMatchObject({ code: "DISCONNECTED", message: "ECONNRESET" });
  story.tell(disconnected(1, { error: refused }), 0);
  expect(story.trouble).toMatchObject({ code: "UNREACHABLE" });
  story.tell(connected(2), 0);
  expect(story.trouble).toMatchObject({ code: "UNREACHABLE" });
  story.tell(connected(1), 0);
  expect(story.trouble).toBeUndefined();
  story.failed(refused);
  story.tell(connected(1), 0);
  expect(story.trouble).toMatchObject({ code: "UNREACHABLE" });
});

test("a start that fails is trouble until somebody lets us in, also without a topic", () => {
  const { log, story } = createStory();
  story.tell(disconnected(0, { error: refused }), 0);
  expect(log.told).toEqual(["warn UNREACHABLE: cannot connect yet"]);
  story.tell(overBudget(2), 0);
  expect(story.trouble).toBeDefined();
  story.tell(budget, 0);
  expect(story.trouble).toBeUndefined();
  story.tell(disconnected(0, { error: refused }), 0);
  story.tell(connected(1), 0);
  expect(story.trouble).toBeUndefined();
});

test("topics without room are told when their number changes, and when all have found room", () => {
  const { log, story } = createStory();
  for (const count of [0, 2, 2, 3, 0, 0]) story.tell(overBudget(count), 0);
  expect(log.told).toEqual([
    "warn OVER_BUDGET: 2 topics found no room on the channels of this OAuth client",
    "warn OVER_BUDGET: 3 topics found no room on the channels of this OAuth client",
    "info: all topics have found room",
  ]);
});

test("a warning that comes again and again is told every ten minutes, with how often it came", () => {
  const { log, story } = createStory();
  for (let second = 0; second < 1_500; second++)
    story.tell(warning(1, "FRAME_MALFORMED"), second * 1_000);
  story.tell(warning(2, "FRAME_MALFORMED"), 0);
  story.tell(warning(1, "UNREACHABLE"), 0);
  story.tell(warning(undefined, "UNREACHABLE"), 0);
  expect(log.lines.map(({ line, code, repeated }) => [line, code, repeated])).toEqual([
    [1, "FRAME_MALFORMED", undefined],
    [1, "FRAME_MALFORMED", 599],
    [1, "FRAME_MALFORMED", 599],
    [2, "FRAME_MALFORMED", undefined],
    [1, "UNREACHABLE", undefined],
    [undefined, "UNREACHABLE", undefined],
  ]);
});

test("a clock that was set back silences no warning", () => {
  const { log, story } = createStory();
  const error = new TrunklineError("UNREACHABLE", "It went wrong.");
  for (const nowMs of [60 * minuteMs, 1, 2]) story.tell({ type: "warning", line: 1, error }, nowMs);
  expect(log.lines).toHaveLength(2);
});

test("rejections of a batch are one line, however many", () => {
  const { log, story } = createStory();
  for (let index = 0; index < 1_000; index++)
    story.tell(
      {
        type: "rejected",
        topic: `v2.t${index}`,
        reason: "no permission",
        missingPermissions: [`routing:queue:view${index % 12}`],
      },
      0,
    );
  story.endOfBatch();
  story.endOfBatch();
  expect(log.lines).toMatchObject([
    {
      level: "warn",
      code: "TOPICS_REJECTED",
      topics: "v2.t0, v2.t1, v2.t2, v2.t3, v2.t4 and 995 more",
      missingPermissions: expect.stringMatching(/view4 and 7 more$/u),
      msg: "Genesys Cloud refuses 1000 of the topics; the others are carried",
    },
  ]);
});

test("gaps are told under the id that they have in the journal, whoever found them", () => {
  const { log, story } = createStory();
  const carried = { kind: "carried", trunk: "main", line: 1, topics: ["v2.a"], fromMs: 0 } as const;
  story.tellGaps([carried, gap({ cause: "killed" }), gap({ state: "closed", toMs: 3_500 })]);
  expect(log.lines).toEqual([
    expect.objectContaining({
      level: "warn",
      msg: "gap opened",
      code: "GAP_OPEN",
      gap: "j-gap-1-1",
      cause: "killed",
      topics: 2,
      from: "1970-01-01T00:00:01.000Z",
      help: expect.any(String),
    }),
    expect.objectContaining({
      level: "info",
      msg: "gap closed",
      to: "1970-01-01T00:00:03.500Z",
      lastedMs: 2_500,
    }),
  ]);
});

test("our own stop is no news, and each malformed frame neither", () => {
  const { log, story } = createStory();
  const closed = { state: "closed", toMs: 3_000 } as const;
  story.tellGaps([gap({ cause: "stopped" }), gap({ cause: "malformed" })]);
  story.tellGaps([gap({ cause: "malformed", ...closed }), gap({ cause: "stopped", ...closed })]);
  expect(log.told).toEqual(["info: gap closed"]);
  expect(log.lines).toHaveLength(4);
});

test("what ended a trunk is told under its own code; the words of a bug are not", () => {
  for (const [error, code, message] of [
    [refused, "UNREACHABLE", "No way."],
    [new RelayError("JOURNAL_CORRUPT", "It is broken."), "JOURNAL_CORRUPT", "It is broken."],
    [new SyntaxError('Unexpected "swordfish"'), "INTERNAL", "(SyntaxError)"],
    ["swordfish", "INTERNAL", "(string)"],
  ] as const) {
    const { log, story } = createStory();
    story.failed(error);
    const words = expect.stringContaining(message);
    expect(story.trouble).toEqual({ code, message: words, help: expect.any(String) });
    expect(log.told).toEqual([`error ${code}: the trunk has given up`]);
    expect(JSON.stringify(log.lines)).not.toContain("swordfish");
  }
});
