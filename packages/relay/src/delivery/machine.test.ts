import { describe, expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import type { EventEntry } from "../journal/entry.ts";
import { sampleEvent, sampleGap } from "../testing/sample-entries.ts";
import { initial, nextDeadlineMs, step } from "./machine.ts";
import type { Effect, Env, Flight, Input, Memory, State } from "./state.ts";
import { emptyWindow, type Item } from "./window.ts";

const nowMs = 100_000;
const epoch = 7;
const options = {
  batchEntriesMax: 10,
  batchBytesMax: 100_000,
  inFlightMax: 2,
  retryFirstMs: 1_000,
  retryMaxMs: 60_000,
  writeTimeoutMs: 30_000,
  deadLettersMax: 2,
};
const env: Env = { nowMs, wallMs: nowMs, random: () => 1, options, wants: () => true };
const error = new RelayError("SINK_FILE_FULL", "Full.");
const full = new RelayError("DEAD_LETTERS_FULL", "Full.");

function item(position: number, entity = "a"): Item {
  return { entry: sampleEvent(position, { entity }), key: entity, bytes: 100 };
}

const flight: Flight = {
  epoch: 3,
  items: [item(11), item(12)],
  phase: { kind: "writing", giveUpAtMs: nowMs },
};

/** At position 10, with two entries on their way and everything read. */
const memory: Memory = {
  ...initial.memory,
  epoch,
  sink: "open",
  position: 10,
  reader: { kind: "watching", epoch: 2 },
  window: {
    slots: flight.items.map((flying) => ({ item: flying, phase: "flying" })),
    bytes: 200,
    readTo: 12,
  },
  flights: [flight],
};
/** The same without anything under way. */
const quiet: Memory = { ...memory, window: emptyWindow(10), flights: [] };

/** One state of each kind, whose deadline is now. */
const states: { readonly [K in State["kind"]]: Extract<State, { kind: K }> } = {
  idle: { kind: "idle", memory: initial.memory },
  entering: { kind: "entering", memory: { ...initial.memory, epoch }, epoch },
  opening: { kind: "opening", memory, epoch, giveUpAtMs: nowMs },
  live: { kind: "live", memory },
  waiting: { kind: "waiting", memory, next: "write", untilMs: nowMs, error },
  halted: { kind: "halted", memory, error },
  draining: {
    kind: "draining",
    memory,
    aim: { do: "stop" },
    mood: "patient",
    giveUpAtMs: nowMs + 1,
  },
  rewinding: {
    kind: "rewinding",
    memory: quiet,
    epoch,
    aim: { do: "rewind", position: 4, next: "flow" },
  },
  closing: { kind: "closing", memory: quiet, epoch, giveUpAtMs: nowMs },
  stopped: { kind: "stopped", memory: quiet },
};

/** One input of each type, and of the work that the states above have under way. */
const inputs: { readonly [T in Input["type"]]: Extract<Input, { type: T }> } = {
  started: { type: "started" },
  woke: { type: "woke" },
  "stop-wanted": { type: "stop-wanted" },
  "rewind-wanted": { type: "rewind-wanted", position: 5 },
  "resume-wanted": { type: "resume-wanted" },
  counted: { type: "counted", deadLetters: 0 },
  entered: { type: "entered", epoch, position: 10, deadLetters: 0 },
  opened: { type: "opened", epoch },
  read: { type: "read", epoch: 2, page: { entries: [], next: 12 } },
  grew: { type: "grew", epoch: 2 },
  wrote: { type: "wrote", epoch: 3, outcome: { kind: "written", refused: [] } },
  advanced: { type: "advanced", epoch },
  rewound: { type: "rewound", epoch },
  closed: { type: "closed", epoch },
  failed: { type: "failed", epoch, error },
};

type Cell = readonly [State["kind"], ...Effect["type"][]];

/** A row in which nothing happens, to be overwritten where something does. */
function row(
  kind: State["kind"],
  cells: Partial<Record<Input["type"], Cell>>,
): Record<Input["type"], Cell> {
  const stay: Cell = [kind];
  return {
    started: stay,
    woke: stay,
    "stop-wanted": stay,
    "rewind-wanted": stay,
    "resume-wanted": stay,
    counted: stay,
    entered: stay,
    opened: stay,
    read: stay,
    grew: stay,
    wrote: stay,
    advanced: stay,
    rewound: stay,
    closed: stay,
    failed: stay,
    ...cells,
  };
}

/** Type-total: a kind or a type without its cell does not compile. */
const table: Record<State["kind"], Record<Input["type"], Cell>> = {
  idle: row("idle", { started: ["entering", "enter"], "stop-wanted": ["stopped"] }),
  entering: row("entering", {
    entered: ["opening", "open"],
    failed: ["waiting", "told"],
    "stop-wanted": ["stopped", "abort"],
  }),
  opening: row("opening", {
    // Its flight is late too.
    woke: ["waiting", "abort", "abort", "told"],
    opened: ["live"],
    failed: ["waiting", "told"],
    wrote: ["opening", "advance"],
    "stop-wanted": ["draining", "abort"],
    "rewind-wanted": ["draining", "abort"],
  }),
  live: row("live", {
    woke: ["live", "abort"],
    grew: ["live", "read"],
    read: ["live", "watch"],
    wrote: ["live", "advance"],
    "stop-wanted": ["draining"],
    "rewind-wanted": ["draining"],
  }),
  waiting: row("waiting", {
    woke: ["live", "abort"],
    "resume-wanted": ["live"],
    wrote: ["waiting", "advance"],
    "stop-wanted": ["draining"],
    "rewind-wanted": ["draining"],
  }),
  halted: row("halted", {
    woke: ["halted", "abort"],
    "resume-wanted": ["opening", "open"],
    wrote: ["halted", "advance"],
    "stop-wanted": ["draining"],
    "rewind-wanted": ["draining"],
  }),
  draining: row("draining", {
    woke: ["draining", "abort"],
    wrote: ["draining", "advance"],
  }),
  rewinding: row("rewinding", {
    rewound: ["live", "watch"],
    failed: ["live", "watch"],
    "stop-wanted": ["closing", "abort", "close"],
    "rewind-wanted": ["rewinding", "abort", "rewind"],
  }),
  closing: row("closing", { woke: ["stopped"], closed: ["stopped"], failed: ["stopped"] }),
  stopped: row("stopped", {}),
};

describe("in each state, each fact", () => {
  for (const state of Object.values(states)) {
    test.each(Object.values(inputs))(`${state.kind} + $type`, (input) => {
      const next = step(state, input, env);
      const [kind, ...effects] = table[state.kind][input.type];
      expect([next.state.kind, ...next.effects.map(({ type }) => type)]).toEqual([
        kind,
        ...effects,
      ]);
    });
  }
});

test("an answer of another epoch changes nothing", () => {
  for (const state of Object.values(states))
    for (const input of Object.values(inputs)) {
      if (!("epoch" in input)) continue;
      const late = { ...input, epoch: 1 };
      expect(step(state, late, env), `${state.kind} + ${input.type}`).toEqual({
        state,
        effects: [],
      });
    }
});

test("what has a deadline has moved it when it is woken at it", () => {
  for (const state of Object.values(states)) {
    const deadlineMs = nextDeadlineMs(state);
    if (deadlineMs === undefined) continue;
    const then = { ...env, nowMs: deadlineMs };
    const next = nextDeadlineMs(step(state, { type: "woke" }, then).state);
    expect(next ?? Number.POSITIVE_INFINITY).toBeGreaterThan(deadlineMs);
  }
  expect(nextDeadlineMs(states.live)).toBe(nowMs);
  expect(nextDeadlineMs(states.idle)).toBeUndefined();
});

/** The state after an answer to the flight. */
function after(
  outcome: Extract<Input, { type: "wrote" }>["outcome"],
  before: State = states.live,
): { readonly state: State; readonly effects: readonly Effect[] } {
  return step(before, { type: "wrote", epoch: 3, outcome }, env);
}

describe("an answer", () => {
  test("that part was written moves the cursor so far, and the rest waits its turn", () => {
    const { state, effects } = after({ kind: "retry", written: 1, error });
    expect(state).toMatchObject({ kind: "waiting", next: "write", untilMs: nowMs + 1_000 });
    expect(effects.map(({ type }) => type)).toEqual(["told", "advance"]);
    expect(effects.at(-1)).toMatchObject({ position: 11, refused: [] });
    const again = step(state, { type: "woke" }, { ...env, nowMs: nowMs + 1_000 });
    const write = again.effects.find((effect) => effect.type === "write");
    expect(write?.items.map(({ entry }) => entry.position)).toEqual([12]);
  });

  test("that asks for a pause gets it, and for an opening gets that", () => {
    const outcome = { kind: "retry", written: 0, error, afterMs: 90_000, reopen: true } as const;
    const { state } = after(outcome);
    expect(state).toMatchObject({ kind: "waiting", next: "open", untilMs: nowMs + 90_000 });
  });

  test("that claims more than it was given is not believed", () => {
    for (const written of [99, -1, Number.NaN, 1.5]) {
      const { state } = after({ kind: "retry", written, error });
      expect(state.memory.written).toBe(written === 99 ? 2 : 0);
    }
    const refused = [{ index: 9, reason: "?" }];
    expect(after({ kind: "written", refused }).state.memory).toMatchObject({ refused: [] });
  });

  test("that refuses some puts them into the commit that passes them", () => {
    const { state, effects } = after({ kind: "written", refused: [{ index: 0, reason: "No." }] });
    expect(state.kind).toBe("live");
    const letter = { entry: sampleEvent(11, { entity: "a" }), reason: "No.", atMs: nowMs };
    expect(effects).toMatchObject([{ type: "advance", position: 12, refused: [letter] }]);
    expect(state.memory.written).toBe(1);
  });

  test("that fills the dead letters halts, with all of them kept", () => {
    const refused = [0, 1].map((index) => ({ index, reason: "No." }));
    const { state, effects } = after({ kind: "written", refused });
    expect(state).toMatchObject({ kind: "halted", error: { code: "DEAD_LETTERS_FULL" } });
    expect(effects.map(({ type }) => type)).toEqual(["told", "advance"]);
    expect(effects.at(-1)).toMatchObject({ position: 12, refused: [{}, {}] });
  });

  test("that the destination is gone halts", () => {
    const { state, effects } = after({ kind: "gone", written: 1, error });
    expect(state).toMatchObject({ kind: "halted", error });
    expect(effects.at(-1)).toMatchObject({ type: "advance", position: 11 });
  });

  test("that comes after the time was up still counts", () => {
    const late = step(states.live, { type: "woke" }, env);
    expect(late.effects).toEqual([{ type: "abort", epoch: 3 }]);
    expect(after({ kind: "written", refused: [] }, late.state).state.memory.written).toBe(2);
    const retry = after({ kind: "retry", written: 1, error }, late.state);
    expect(retry.state).toMatchObject({ kind: "waiting", error: { code: "SINK_TIMED_OUT" } });
    expect(retry.state.memory.written).toBe(1);
  });

  test("that never comes is given up after a while, and the sink opened anew", () => {
    const late = step(states.live, { type: "woke" }, env);
    const { state } = step(late.state, { type: "woke" }, { ...env, nowMs: nowMs + 5_000 });
    expect(state).toMatchObject({ kind: "waiting", next: "open", memory: { flights: [] } });
  });
});

describe("pauses", () => {
  test("double up to the longest, with jitter in the upper half", () => {
    const pauses: number[] = [];
    const least: number[] = [];
    for (let attempt = 0; attempt < 9; attempt++) {
      const live: State = { kind: "live", memory: { ...memory, attempt } };
      const retry = { kind: "retry", written: 0, error } as const;
      const input: Input = { type: "wrote", epoch: 3, outcome: retry };
      for (const [random, list] of [
        [() => 1, pauses],
        [() => 0, least],
      ] as const) {
        const { state } = step(live, input, { ...env, random });
        list.push((nextDeadlineMs(state) ?? 0) - nowMs);
      }
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(least).toEqual(pauses.map((ms) => ms / 2));
  });

  test("of one trouble are told once, and once more that it is over", () => {
    const first = after({ kind: "retry", written: 0, error });
    const up = step(first.state, { type: "woke" }, { ...env, nowMs: nowMs + 1_000 });
    const flying = up.state.memory.flights[0]?.epoch ?? 0;
    const outcome = { kind: "retry", written: 0, error } as const;
    const second = step(up.state, { type: "wrote", epoch: flying, outcome }, env);
    expect(second.effects).toEqual([]);
    const third = step(second.state, { type: "woke" }, { ...env, nowMs: nowMs + 10_000 });
    const wrote = step(
      third.state,
      {
        type: "wrote",
        epoch: third.state.memory.flights[0]?.epoch ?? 0,
        outcome: { kind: "written", refused: [] },
      },
      { ...env, nowMs: nowMs + 10_000 },
    );
    expect(wrote.effects.filter(({ type }) => type === "told")).toEqual([]);
    const calm = step(wrote.state, { type: "woke" }, { ...env, nowMs: nowMs + 15_000 });
    expect(calm.effects).toMatchObject([{ type: "told", news: { kind: "recovered" } }]);
  });

  test("begin anew after a write that took something", () => {
    const live: State = { kind: "live", memory: { ...memory, attempt: 5 } };
    expect(after({ kind: "written", refused: [] }, live).state.memory.attempt).toBe(0);
    const part = after({ kind: "retry", written: 1, error }, live);
    expect(part.state).toMatchObject({ untilMs: nowMs + 1_000, memory: { attempt: 1 } });
  });

  test("are not told to be over while a batch is still on trial", () => {
    const later = { kind: "writing", giveUpAtMs: nowMs + 20_000 } as const;
    const trouble = { error, told: [error.code], calmAtMs: nowMs };
    const flights = [{ ...flight, phase: later }];
    const live: State = { kind: "live", memory: { ...memory, flights, attempt: 3, trouble } };
    const woke = step(live, { type: "woke" }, env);
    expect(woke.effects).toEqual([]);
    expect(woke.state.memory).toMatchObject({ attempt: 3, trouble: { calmAtMs: nowMs + 5_000 } });
  });

  test("wait for the opening that any of several failures asked for", () => {
    const two: Memory = { ...memory, flights: [flight, { ...flight, epoch: 4, items: [] }] };
    const asks = { kind: "retry", written: 0, error, reopen: true } as const;
    const first = after(asks, { kind: "live", memory: two });
    const plain = { kind: "retry", written: 0, error } as const;
    const second = step(first.state, { type: "wrote", epoch: 4, outcome: plain }, env);
    expect(second.state).toMatchObject({ kind: "waiting", next: "open", memory: { attempt: 1 } });
  });

  test("are followed by one batch alone, until it has been taken", () => {
    const slots = [item(11, "a"), item(12, "b")].map(
      (waiting) => ({ item: waiting, phase: "waiting" }) as const,
    );
    const window = { slots, bytes: 200, readTo: 12 };
    const tight = { ...env, options: { ...options, batchEntriesMax: 1 } };
    for (const [attempt, flights] of [
      [0, 2],
      [1, 1],
    ] as const) {
      const live: State = { kind: "live", memory: { ...quiet, window, attempt } };
      expect(step(live, { type: "woke" }, tight).state.memory.flights).toHaveLength(flights);
    }
  });
});

describe("the cursor", () => {
  test("waits a little where only unwanted entries were passed, and then moves once", () => {
    const reading: State = {
      kind: "live",
      memory: { ...quiet, reader: { kind: "reading", epoch: 2 } },
    };
    const none = { ...env, wants: () => false };
    const page = { entries: [sampleEvent(11), sampleEvent(12)], next: 12 };
    const read = step(reading, { type: "read", epoch: 2, page }, none);
    expect(read.effects.map(({ type }) => type)).toEqual(["watch"]);
    expect(nextDeadlineMs(read.state)).toBe(nowMs + 1_000);
    const woke = step(read.state, { type: "woke" }, { ...none, nowMs: nowMs + 1_000 });
    expect(woke.effects).toMatchObject([{ type: "advance", position: 12 }]);
  });

  test("that cannot be stored is tried again, and stops the writing meanwhile", () => {
    const { state } = after({ kind: "written", refused: [] });
    const commit = state.memory.commit;
    const input = { type: "failed", epoch: "epoch" in commit ? commit.epoch : 0, error } as const;
    const failed = step(state, input, env);
    expect(failed.state).toMatchObject({ kind: "waiting", memory: { uncommitted: 2 } });
    expect(failed.effects.map(({ type }) => type)).toEqual(["told"]);
    const again = step(failed.state, { type: "woke" }, { ...env, nowMs: nowMs + 1_000 });
    expect(again.effects).toMatchObject([{ type: "advance", position: 12 }]);
  });

  test("that does not move lets no more be written than a window", () => {
    const slots = [{ item: item(11), phase: "waiting" }] as const;
    const window = { slots, bytes: 100, readTo: 11 };
    const live: State = { kind: "live", memory: { ...quiet, window, uncommitted: 64 } };
    expect(step(live, { type: "woke" }, env).effects).toEqual([]);
  });
});

describe("a halt for dead letters", () => {
  const halted: State = {
    kind: "halted",
    memory: { ...memory, deadLetters: 2, flights: [] },
    error: full,
  };

  test("ends when some are gone, and not before", () => {
    const still = step(halted, { type: "counted", deadLetters: 2 }, env);
    expect(still.state.kind).toBe("halted");
    expect(step(halted, { type: "counted", deadLetters: 1 }, env).state.kind).toBe("live");
  });

  test("comes back at once when it is resumed with all of them there", () => {
    const opening = step(halted, { type: "resume-wanted" }, env).state;
    const opened = { type: "opened", epoch: opening.memory.epoch } as const;
    const { state, effects } = step(opening, opened, env);
    expect(state).toMatchObject({ kind: "halted", memory: { sink: "open" } });
    expect(effects).toMatchObject([{ news: { kind: "halted" } }]);
  });
});

function wants(topic: string): boolean {
  return topic !== "no";
}

/** Positions of the batches that are handed out. */
function written(effects: readonly Effect[]): readonly (readonly number[])[] {
  return effects.flatMap((effect) =>
    effect.type === "write" ? [effect.items.map(({ entry }) => entry.position)] : [],
  );
}

describe("what was read", () => {
  const reading: State = {
    kind: "live",
    memory: { ...quiet, reader: { kind: "reading", epoch: 2 } },
  };
  const read = (entries: readonly (EventEntry | ReturnType<typeof sampleGap>)[]): Effect[] => {
    const page = { entries, next: entries.at(-1)?.position ?? 10 };
    return step(reading, { type: "read", epoch: 2, page }, { ...env, wants }).effects.slice();
  };
  test("of gaps names only topics that the sink wants, and others do not come", () => {
    const effects = read([
      sampleGap(11, { topics: ["no"] }),
      sampleGap(12, { topics: ["yes", "no"] }),
      sampleGap(13, { topics: [] }),
    ]);
    const write = effects.find((effect) => effect.type === "write");
    expect(write?.items.map(({ entry }) => (entry.kind === "gap" ? entry.topics : []))).toEqual([
      ["yes"],
      [],
    ]);
  });

  test("goes out in one batch, gaps in their place, where nothing else is under way", () => {
    expect(written(read([sampleEvent(11), sampleGap(12), sampleEvent(13)]))).toEqual([
      [11, 12, 13],
    ]);
  });

  test("passes neither its key nor a gap where something is under way", () => {
    const small = { ...options, batchEntriesMax: 1 };
    const entries = [
      sampleEvent(11, { entity: "a" }),
      sampleEvent(12, { entity: "A" }),
      sampleEvent(13, { entity: "b" }),
      sampleGap(14),
      sampleEvent(15, { entity: "c" }),
    ];
    const input: Input = { type: "read", epoch: 2, page: { entries, next: 15 } };
    const flow = (inFlightMax: number): readonly (readonly number[])[] =>
      written(step(reading, input, { ...env, options: { ...small, inFlightMax } }).effects);
    expect(flow(5)).toEqual([[11], [13]]);
    expect(flow(1)).toEqual([[11]]);
  });
});

test("a stop lets writes end, then aborts them, then leaves them behind", () => {
  const first = step(states.live, { type: "stop-wanted" }, { ...env, nowMs: nowMs - 10_000 });
  expect(first).toMatchObject({ state: { kind: "draining" }, effects: [] });
  const second = step(first.state, { type: "woke" }, { ...env, nowMs: nowMs - 5_000 });
  expect(second).toMatchObject({ state: { mood: "urgent" }, effects: [{ type: "abort" }] });
  const third = step(second.state, { type: "woke" }, env);
  expect(third.state.kind).toBe("closing");
  expect(third.effects.map(({ type }) => type)).toEqual(["abort", "close"]);
});
