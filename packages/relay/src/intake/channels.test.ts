import type { ClientEvent, Redundancy } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import type { Draft, UsedChannel } from "../journal/entry.ts";
import { Channels } from "./channels.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = 1_700_000_000_000;

function connected(line: number, channel: string, sessions = 1): ClientEvent {
  return { type: "connected", line, channel, topics: 1, sessions };
}

function disconnected(line: number, sessions = 0): ClientEvent {
  return {
    type: "disconnected",
    line,
    code: undefined,
    reason: "",
    retryInMs: 0,
    attempt: 1,
    sessions,
    error: undefined,
  };
}

function budget(others: number): ClientEvent {
  return { type: "budget", channels: { ours: 0, others, limit: 20 }, overBudget: [] };
}

function used(mark: string, untilMs: number, clientId = "me"): UsedChannel {
  return { mark, clientId, untilMs };
}

function create(stored: readonly UsedChannel[] = [], redundancy: Redundancy = 1): Channels {
  return new Channels({ trunk: "main", clientId: "me", redundancy, stored });
}

/** Mark and hours to live of each channel in what is stored; undefined where nothing is. */
function stored(drafts: readonly Draft[], atMs = nowMs): readonly unknown[] | undefined {
  const [draft] = drafts;
  if (draft?.kind !== "trunk") return undefined;
  expect([draft.trunk, draft.organizationId, drafts.length]).toEqual(["main", undefined, 1]);
  return draft.channels?.map(({ mark, untilMs }) => [mark, (untilMs - atMs) / hourMs]);
}

function marks(drafts: readonly Draft[]): readonly unknown[] | undefined {
  return stored(drafts)?.map((channel) => (channel as readonly unknown[])[0]);
}

function left(count: number): readonly UsedChannel[] {
  return Array.from({ length: count }, (_, index) => used(`left-${index}`, nowMs + hourMs + index));
}

describe("what a run leaves", () => {
  test("a channel is stored when a line is connected by it, for 24 h, once", () => {
    const channels = create();
    expect(channels.drafts(nowMs)).toEqual([]);
    channels.note(connected(1, "a"), nowMs);
    expect(channels.drafts(nowMs)).toEqual([
      {
        kind: "trunk",
        trunk: "main",
        channels: [{ mark: "a", clientId: "me", untilMs: nowMs + dayMs }],
      },
    ]);
    expect(channels.drafts(nowMs)).toEqual([]);
  });

  test("channels in use are stored again every hour, those that were left never", () => {
    const channels = create();
    channels.note(connected(1, "left"), nowMs);
    channels.note(disconnected(1), nowMs);
    channels.note(connected(1, "a"), nowMs);
    channels.note(connected(2, "b"), nowMs);
    channels.drafts(nowMs);
    expect(channels.drafts(nowMs + hourMs - 1)).toEqual([]);
    const laterMs = nowMs + hourMs;
    expect(stored(channels.drafts(laterMs), laterMs)).toEqual([
      ["left", 23],
      ["a", 24],
      ["b", 24],
    ]);
    expect(channels.drafts(laterMs + 1)).toEqual([]);
  });

  test("a line without a socket renews nothing; its channel is noted as it was then", () => {
    const channels = create();
    channels.note(connected(1, "a"), nowMs);
    channels.drafts(nowMs);
    channels.note(disconnected(1), nowMs + 1_800_000);
    expect(stored(channels.drafts(nowMs + 1_800_000))).toEqual([["a", 24.5]]);
    channels.note(disconnected(1), nowMs + hourMs);
    expect(channels.drafts(nowMs + 5 * hourMs)).toEqual([]);
  });

  test("it begins with what earlier runs have stored; what has expired is dropped", () => {
    const channels = create([used("old", nowMs), used("young", nowMs + 1)]);
    expect(channels.left(nowMs)).toEqual([nowMs + 1]);
    channels.note(connected(1, "a"), nowMs);
    expect(marks(channels.drafts(nowMs))).toEqual(["young", "a"]);
    channels.note(connected(1, "b"), nowMs + 1);
    expect(marks(channels.drafts(nowMs + 1))).toEqual(["a", "b"]);
  });
});

describe("a line with several channels", () => {
  test("all that it may still have are renewed, and those that it has left are kept for 24 h", () => {
    const channels = create([], 2);
    for (const [index, mark] of ["a", "b", "c", "d"].entries())
      channels.note(connected(1, mark, Math.min(index + 1, 2)), nowMs + index * hourMs);
    const atMs = nowMs + 4 * hourMs;
    expect(stored(channels.drafts(atMs), atMs)).toEqual([
      ["a", 23],
      ["b", 24],
      ["c", 24],
      ["d", 24],
    ]);
  });

  test("the loss of one session leaves all in use; of the last one, none", () => {
    const channels = create([], 2);
    channels.note(connected(1, "a"), nowMs);
    channels.note(connected(1, "b", 2), nowMs);
    channels.note(disconnected(1, 1), nowMs);
    channels.drafts(nowMs);
    const laterMs = nowMs + hourMs;
    expect(stored(channels.drafts(laterMs), laterMs)).toEqual([
      ["a", 24],
      ["b", 24],
    ]);
    channels.note(disconnected(1), laterMs);
    channels.drafts(laterMs);
    expect(channels.drafts(laterMs + 5 * hourMs)).toEqual([]);
  });

  test("a channel that comes to another line is that one's, and the newest", () => {
    const channels = create();
    channels.note(connected(1, "a"), nowMs);
    channels.note(connected(1, "b", 2), nowMs);
    channels.note(connected(2, "a"), nowMs);
    channels.note(disconnected(2), nowMs);
    channels.drafts(nowMs);
    const laterMs = nowMs + hourMs;
    expect(stored(channels.drafts(laterMs), laterMs)).toEqual([
      ["a", 23],
      ["b", 24],
    ]);
  });

  test("where there is room for no more than the open sockets, those left behind go first", () => {
    const channels = create([], 2);
    channels.note(budget(18), nowMs);
    channels.note(connected(1, "a"), nowMs);
    channels.note(connected(2, "b"), nowMs);
    channels.note(connected(1, "c", 2), nowMs);
    channels.note(connected(2, "d", 2), nowMs);
    channels.note(connected(1, "e", 2), nowMs);
    expect(marks(channels.drafts(nowMs))).toEqual(["c", "b", "e", "d"]);
  });
});

describe("the bounds of it", () => {
  test("of 21 the one used longest ago is gone: there are 20", () => {
    const channels = create(left(20));
    channels.note(budget(0), nowMs);
    channels.note(connected(1, "a"), nowMs);
    expect(marks(channels.drafts(nowMs))).toEqual([
      ...left(20)
        .slice(1)
        .map(({ mark }) => mark),
      "a",
    ]);
  });

  test("where others have some of the 20, ours are no more than the rest, and those in use are kept", () => {
    const channels = create(left(4));
    channels.note(budget(16), nowMs);
    channels.note(connected(1, "a"), nowMs);
    expect(marks(channels.drafts(nowMs))).toEqual(["left-1", "left-2", "left-3", "a"]);
    channels.note(budget(19), nowMs);
    channels.note(connected(2, "b"), nowMs);
    expect(marks(channels.drafts(nowMs))).toEqual(["a", "b"]);
  });

  test("one in use is never the one used longest ago, however long it is in use", () => {
    const channels = create();
    channels.note(budget(18), nowMs);
    channels.note(connected(1, "a"), nowMs);
    channels.note(connected(2, "b"), nowMs);
    channels.note(disconnected(2), nowMs);
    channels.note(connected(2, "c"), nowMs);
    expect(marks(channels.drafts(nowMs))).toEqual(["a", "c"]);
  });

  test("channels of another OAuth client are kept apart: they are not ours to replace", () => {
    const channels = create([used("theirs", nowMs + 5, "another"), used("mine", nowMs + 6)]);
    expect(channels.left(nowMs)).toEqual([nowMs + 6]);
    channels.note(budget(19), nowMs);
    channels.note(connected(1, "a"), nowMs);
    expect(marks(channels.drafts(nowMs))).toEqual(["theirs", "a"]);
  });

  test("a clock that was set back makes nothing live longer than 24 h", () => {
    const channels = create([used("ahead", nowMs + 9 * dayMs)]);
    expect(channels.left(nowMs)).toEqual([nowMs + dayMs]);
    channels.note(connected(1, "a"), nowMs);
    channels.drafts(nowMs);
    const backMs = nowMs - 5 * hourMs;
    expect(stored(channels.drafts(backMs), backMs)).toEqual([
      ["ahead", 24],
      ["a", 24],
    ]);
  });
});
