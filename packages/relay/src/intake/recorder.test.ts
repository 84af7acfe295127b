import type { ClientEvent, GapEvent } from "@trunkline/client";
import { expect, test } from "vitest";
import type { Draft, GapEntry } from "../journal/entry.ts";
import type { Coverage } from "../journal/journal.ts";
import { notification } from "../testing/fake-client.ts";
import { Recorder, type Inheritance } from "./recorder.ts";

const nowMs = 5_000;

function createRecorder(): Recorder {
  let gaps = 0;
  return new Recorder({
    trunk: "main",
    nextGapId: () => `g${++gaps}`,
    redact: (_, raw) => raw.replace("secret", "[redacted]"),
    derive: () => undefined,
  });
}

function carried(topic: string, provenMs: number, untilMs?: number): Coverage {
  const at = { fromMs: 0, fromPosition: 0, untilPosition: undefined };
  return { topic, line: 1, ...at, untilMs, provenMs };
}

function openGap(gapId: string, topics: readonly string[]): GapEntry {
  return {
    kind: "gap",
    position: 3,
    cursor: "j-3",
    trunk: "main",
    organizationId: undefined,
    gapId,
    state: "open",
    topics,
    fromMs: 100,
    toMs: undefined,
    cause: "cut",
    certainty: "unlikely",
    serverOffsetMs: undefined,
    recordedAtMs: 200,
  };
}

function inheritance(over: Partial<Inheritance> = {}): Inheritance {
  return { coverage: [], openGaps: [], ...over };
}

function subscribed(topics: readonly string[], fromMs: number): ClientEvent {
  return { type: "subscribed", line: 1, topics, fromMs };
}

function gap(id: string, state: GapEvent["state"], topics: readonly string[]): GapEvent {
  const toMs = state === "open" ? undefined : 900;
  return {
    type: "gap",
    id,
    state,
    topics,
    fromMs: 700,
    toMs,
    cause: "silence",
    certainty: "possible",
    serverOffsetMs: 5,
    line: 1,
  };
}

/** The gaps among drafts, as far as these tests look at them. */
function gapsOf(drafts: readonly Draft[]): readonly object[] {
  return drafts.flatMap((draft) =>
    draft.kind === "gap"
      ? [
          {
            gapId: draft.gapId,
            state: draft.state,
            topics: draft.topics,
            fromMs: draft.fromMs,
            toMs: draft.toMs,
            cause: draft.cause,
            certainty: draft.certainty,
          },
        ]
      : [],
  );
}

test("what a killed run carried is a gap from its last stored proof, before anything else", () => {
  const recorder = createRecorder();
  const coverage = [carried("v2.a", 400), carried("v2.b", 400), carried("v2.c", 450)];
  const drafts = recorder.inherit(inheritance({ coverage }), nowMs);
  const open = { state: "open", toMs: undefined, cause: "killed", certainty: "possible" };
  expect(gapsOf(drafts)).toEqual([
    { gapId: "g1", topics: ["v2.a", "v2.b"], fromMs: 400, ...open },
    { gapId: "g2", topics: ["v2.c"], fromMs: 450, ...open },
  ]);
  expect(drafts.filter(({ kind }) => kind === "released")).toEqual([
    { kind: "released", trunk: "main", topics: ["v2.a", "v2.b"], untilMs: 400 },
    { kind: "released", trunk: "main", topics: ["v2.c"], untilMs: 450 },
  ]);
  expect(recorder.openGaps).toBe(2);
});

test("what somebody waited for is a gap until it is carried, before its first event, once", () => {
  const recorder = createRecorder();
  recorder.join(["v2.a", "v2.b"], 1_000);
  recorder.join(["v2.B", "v2.c", "v2.d"], 2_000);
  const told = { state: "closed", cause: "unsubscribed", certainty: "possible" };
  const drafts = recorder.record(subscribed(["v2.A", "v2.b", "v2.c", "v2.e"], 3_000), nowMs);
  expect(gapsOf(drafts)).toEqual([
    { gapId: "g1", topics: ["v2.a", "v2.b"], fromMs: 1_000, toMs: 3_000, ...told },
    { gapId: "g2", topics: ["v2.c"], fromMs: 2_000, toMs: 3_000, ...told },
  ]);
  expect(drafts.at(-1)?.kind).toBe("carried");
  // An event may come ahead of the word that its topic is carried.
  const event = { ...notification("v2.d", 1), receivedAtMs: 2_500 };
  expect(gapsOf(recorder.beforeEvent(event, nowMs))).toMatchObject([
    { topics: ["v2.d"], fromMs: 2_000, toMs: 2_500 },
  ]);
  expect(recorder.beforeEvent(event, nowMs)).toEqual([]);
  expect(gapsOf(recorder.record(subscribed(["v2.a", "v2.d"], 9_000), nowMs))).toEqual([]);
});

test("with the clock set back since somebody asked, both of its readings are in the gap", () => {
  const recorder = createRecorder();
  recorder.join(["v2.a"], 4_000);
  expect(gapsOf(recorder.record(subscribed(["v2.a"], 3_000), nowMs))).toMatchObject([
    { topics: ["v2.a"], fromMs: 3_000, toMs: 4_000 },
  ]);
});

test("who goes on from an earlier instant is told since then, of what was never carried", () => {
  const recorder = createRecorder();
  recorder.join(["v2.a", "v2.b"], 2_000);
  recorder.extend(500, new Set(["v2.a"]));
  recorder.extend(900, new Set());
  const gaps = gapsOf(recorder.record(subscribed(["v2.a", "v2.b"], 3_000), nowMs));
  expect(gaps).toMatchObject([
    { topics: ["v2.a"], fromMs: 900 },
    { topics: ["v2.b"], fromMs: 500 },
  ]);
});

test("what nobody waits for any more, or an earlier run has left open, is no gap of its own", () => {
  const recorder = createRecorder();
  recorder.inherit(inheritance({ openGaps: [openGap("old", ["v2.a"])] }), nowMs);
  recorder.join(["v2.a", "v2.b"], 6_000);
  recorder.want(["v2.a"], nowMs);
  const gaps = gapsOf(recorder.record(subscribed(["v2.a", "v2.b"], 7_000), nowMs));
  expect(gaps).toMatchObject([{ gapId: "old", topics: ["v2.a"], fromMs: 100 }]);
  expect(gaps).toHaveLength(1);
});

test("what had ended before leaves no gap", () => {
  const coverage = [carried("v2.a", 400), carried("v2.b", 400, 300)];
  const [opened, ...more] = gapsOf(createRecorder().inherit(inheritance({ coverage }), nowMs));
  expect(opened).toMatchObject({ topics: ["v2.a"] });
  expect(more).toEqual([]);
});

test("a gap that an earlier run left open reaches back to the last confirmation of its topics", () => {
  const recorder = createRecorder();
  const coverage = [carried("v2.a", 60, 100), carried("v2.b", 100, 100)];
  recorder.inherit(inheritance({ coverage, openGaps: [openGap("old", ["v2.A", "v2.b"])] }), nowMs);
  const told = (topic: string) => gapsOf(recorder.record(subscribed([topic], 6_000), nowMs));
  expect(told("v2.b")).toMatchObject([{ gapId: "old", topics: ["v2.b"], fromMs: 100 }]);
  expect(told("v2.a")).toMatchObject([{ gapId: "old", topics: ["v2.A"], fromMs: 60 }]);
});

test("a kill before the topics of a new session were confirmed leaves those of the last one in doubt", () => {
  const unproven = { ...carried("v2.a", 700), fromMs: 700 };
  const coverage = [carried("v2.a", 400, 600), unproven];
  const gaps = gapsOf(createRecorder().inherit(inheritance({ coverage }), nowMs));
  expect(gaps).toMatchObject([{ topics: ["v2.a"], fromMs: 400, cause: "killed" }]);
  const proven = { ...unproven, provenMs: 800 };
  const later = inheritance({ coverage: [carried("v2.a", 400, 600), proven] });
  expect(gapsOf(createRecorder().inherit(later, nowMs))).toMatchObject([{ fromMs: 800 }]);
});

test("inherited gaps close topic by topic as they are carried again, whatever the case of names", () => {
  const recorder = createRecorder();
  recorder.inherit(
    inheritance({
      coverage: [carried("v2.A", 400), carried("v2.b", 400)],
      openGaps: [openGap("old", ["v2.c"])],
    }),
    nowMs,
  );
  const first = recorder.record(subscribed(["v2.a", "v2.c"], 6_000), nowMs);
  expect(first[0]).toEqual({
    kind: "carried",
    trunk: "main",
    line: 1,
    topics: ["v2.a", "v2.c"],
    fromMs: 6_000,
  });
  expect(gapsOf(first)).toEqual([
    {
      gapId: "g1",
      state: "closed",
      topics: ["v2.A"],
      fromMs: 400,
      toMs: 6_000,
      cause: "killed",
      certainty: "possible",
    },
    {
      gapId: "old",
      state: "closed",
      topics: ["v2.c"],
      fromMs: 100,
      toMs: 6_000,
      cause: "cut",
      certainty: "possible",
    },
  ]);
  expect(recorder.openGaps).toBe(1);
  expect(gapsOf(recorder.record(subscribed(["v2.a", "v2.b"], 7_000), nowMs))).toMatchObject([
    { gapId: "g1", topics: ["v2.b"], toMs: 7_000 },
  ]);
  expect(recorder.openGaps).toBe(0);
});

test("a gap over which the clock was set back spans both of its readings", () => {
  const recorder = createRecorder();
  recorder.inherit(inheritance({ coverage: [carried("v2.a", 4_000)] }), nowMs);
  const [closed] = gapsOf(recorder.record(subscribed(["v2.a"], 1_000), nowMs));
  expect(closed).toMatchObject({ fromMs: 1_000, toMs: 4_000 });
});

test("where the clock was set back between runs, what is unproven began at the start of this run at the latest", () => {
  const recorder = createRecorder();
  const drafts = recorder.inherit(
    inheritance({
      coverage: [carried("v2.a", nowMs + 3_600_000)],
      openGaps: [{ ...openGap("old", ["v2.b"]), fromMs: nowMs + 3_600_000 }],
    }),
    nowMs,
  );
  expect(gapsOf(drafts)).toMatchObject([{ state: "open", fromMs: nowMs }]);
  expect(drafts[1]).toMatchObject({ kind: "released", untilMs: nowMs + 3_600_000 });
  const closed = gapsOf(recorder.record(subscribed(["v2.a", "v2.b"], nowMs + 900), nowMs));
  expect(closed).toMatchObject([
    { gapId: "g1", fromMs: nowMs, toMs: nowMs + 900 },
    { gapId: "old", fromMs: nowMs, toMs: nowMs + 900 },
  ]);
});

test("what is no longer wanted is waited for no more", () => {
  const recorder = createRecorder();
  recorder.inherit(inheritance({ coverage: [carried("v2.a", 400), carried("v2.b", 400)] }), nowMs);
  expect(gapsOf(recorder.want(["v2.B"], nowMs))).toMatchObject([
    { state: "closed", topics: ["v2.a"], toMs: nowMs },
  ]);
  expect(recorder.want(["v2.B"], nowMs)).toEqual([]);
  expect(recorder.openGaps).toBe(1);
});

test("a gap of the client keeps one id over its parts, and another gap gets another", () => {
  const recorder = createRecorder();
  const states = [
    gap("gap-1", "open", ["v2.a", "v2.b"]),
    gap("gap-1", "closed", ["v2.a"]),
    { ...gap("gap-1", "closed", ["v2.b"]), cause: "moved", certainty: "unlikely" } as const,
    gap("gap-1", "open", ["v2.a"]),
  ].map((event) => gapsOf(recorder.record(event, nowMs))[0]);
  expect(states).toMatchObject([
    { gapId: "g1", state: "open", fromMs: 700, cause: "silence" },
    { gapId: "g1", state: "closed", topics: ["v2.a"], toMs: 900 },
    {
      gapId: "g1",
      state: "closed",
      topics: ["v2.b"],
      cause: "moved",
      certainty: "unlikely",
    },
    { gapId: "g2", state: "open" },
  ]);
  expect(recorder.openGaps).toBe(1);
});

test("coverage and proofs go where events go; a proof is no younger than the last confirmation", () => {
  const recorder = createRecorder();
  const release = { type: "unsubscribed", line: 2, topics: ["v2.a"], untilMs: 50 } as const;
  const proof = { type: "proof", line: 2, untilMs: 60, confirmedMs: 10 } as const;
  const older = { type: "proof", line: 2, untilMs: 60, confirmedMs: 70 } as const;
  expect([release, proof, older].flatMap((event) => recorder.record(event, nowMs))).toEqual([
    { kind: "released", trunk: "main", topics: ["v2.a"], untilMs: 50 },
    { kind: "proof", trunk: "main", line: 2, untilMs: 10 },
    { kind: "proof", trunk: "main", line: 2, untilMs: 60 },
  ]);
});

test("an event is redacted before the journal has it", () => {
  expect(createRecorder().event({ ...notification("v2.a", 7), raw: "a secret" })).toEqual({
    kind: "event",
    trunk: "main",
    topic: "v2.a",
    receivedAtMs: 7,
    maybeDuplicate: false,
    raw: "a [redacted]",
  });
});
