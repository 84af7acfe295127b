/** What a state begins by itself: reading, writing, moving the cursor. Pure. */
import { remember, stay } from "./phases.ts";
import { abortFlights, abortGraceMs } from "./settle.ts";
import type { Commit, Draining, Effect, Env, Memory, State, Step } from "./state.ts";
import { doneTo, mark, nextBatch, room, slotsOf } from "./window.ts";

/** The cursor may lag so long behind entries that nobody wanted. */
const lagMs = 1_000;
/** After a commit that failed the next follows no sooner. */
export const holdMs = 1_000;
/** Closing the sink may take so long. */
const closeTimeoutMs = 5_000;

/** Begins whatever may be begun. */
export function proceed(state: State, env: Env): Step {
  switch (state.kind) {
    case "live": {
      const reading = read(state.memory, env);
      const writing = write(reading.memory, env);
      const committing = commit(writing.memory, env);
      return {
        state: { ...state, memory: committing.memory },
        effects: [...reading.effects, ...writing.effects, ...committing.effects],
      };
    }
    case "opening":
    case "waiting":
    case "halted": {
      const { memory, effects } = commit(state.memory, env);
      return { state: { ...state, memory }, effects };
    }
    case "draining":
      return drain(state, env);
    case "idle":
    case "entering":
    case "rewinding":
    case "closing":
    case "stopped":
      return stay(state);
    default:
      return state satisfies never;
  }
}

interface Work {
  readonly memory: Memory;
  readonly effects: readonly Effect[];
}

function read(memory: Memory, { options }: Env): Work {
  const { reader, window } = memory;
  const epoch = memory.epoch + 1;
  const after = window.readTo;
  if (reader.kind === "idle") {
    return {
      memory: { ...memory, epoch, reader: { kind: "watching", epoch } },
      effects: [{ type: "watch", epoch, after }],
    };
  }
  const free = reader.kind === "ready" ? room(window, options) : undefined;
  if (free === undefined) return { memory, effects: [] };
  return {
    memory: { ...memory, epoch, reader: { kind: "reading", epoch } },
    effects: [{ type: "read", epoch, after, ...free }],
  };
}

/** After a failure one batch alone tries whether it has healed. */
function write(before: Memory, env: Env): Work {
  const { options, nowMs } = env;
  const flightsMax = before.attempt > 0 ? 1 : options.inFlightMax;
  let memory = before;
  const effects: Effect[] = [];
  // A cursor that does not move must not let the number of possible duplicates grow without end.
  while (memory.flights.length < flightsMax && memory.uncommitted < slotsOf(options)) {
    const items = nextBatch(memory.window, options);
    if (items.length === 0) break;
    const epoch = memory.epoch + 1;
    const phase = { kind: "writing", giveUpAtMs: nowMs + options.writeTimeoutMs } as const;
    memory = {
      ...memory,
      epoch,
      flights: [...memory.flights, { epoch, items, phase }],
      window: mark(memory.window, items, "flying").window,
    };
    effects.push({ type: "write", epoch, items });
  }
  return { memory, effects };
}

/** Moves the cursor: at once past what was written, with delay past what was only skipped. */
function commit(memory: Memory, env: Env): Work {
  const target = doneTo(memory.window);
  if (target <= memory.position) return { memory, effects: [] };
  const { commit, uncommitted } = memory;
  switch (commit.kind) {
    case "running":
      return { memory, effects: [] };
    case "held":
      return env.nowMs >= commit.atMs ? advance(memory, target, target) : { memory, effects: [] };
    case "due":
      return env.nowMs >= commit.atMs || uncommitted > 0
        ? advance(memory, target, target)
        : { memory, effects: [] };
    case "none": {
      if (uncommitted > 0) return advance(memory, target, target);
      const due: Commit = { kind: "due", atMs: env.nowMs + lagMs };
      return { memory: { ...memory, commit: due }, effects: [] };
    }
    default:
      return commit satisfies never;
  }
}

/** @param refusedTo what was refused goes along up to here */
function advance(memory: Memory, position: number, refusedTo: number): Work {
  const epoch = memory.epoch + 1;
  const refused = memory.refused.filter(({ entry }) => entry.position <= refusedTo);
  return {
    memory: {
      ...memory,
      epoch,
      uncommitted: 0,
      commit: { kind: "running", epoch, position, refused, entries: memory.uncommitted },
    },
    effects: [{ type: "advance", epoch, position, refused }],
  };
}

/** Ends when nothing is under way and the cursor stands where it belongs, or when time is up. */
function drain(state: Draining, env: Env): Step {
  const { memory, aim, mood } = state;
  const isLate = env.nowMs >= state.giveUpAtMs;
  if (isLate && mood === "patient") {
    const { flights } = memory;
    return {
      state: remember(
        { ...state, mood: "urgent", giveUpAtMs: env.nowMs + abortGraceMs },
        abortFlights(memory, flights, env),
      ),
      effects: flights.map(({ epoch }) => ({ type: "abort", epoch })),
    };
  }
  if (!isLate) {
    if (memory.commit.kind === "running") return stay(state);
    const target = doneTo(memory.window);
    // Who goes on elsewhere does not come by here again: what was refused out of turn is kept now.
    const refusedTo = aim.do === "rewind" ? Math.max(target, aim.position) : target;
    const isDue =
      target > memory.position || memory.refused.some(({ entry }) => entry.position <= refusedTo);
    const isHeld = memory.commit.kind === "held" && env.nowMs < memory.commit.atMs;
    if (isDue && !isHeld) {
      const { memory: next, effects } = advance(memory, target, refusedTo);
      return { state: { ...state, memory: next }, effects };
    }
    if (isDue || memory.flights.length > 0) return stay(state);
  }
  return leave(state, env);
}

function leave({ memory, aim }: Draining, env: Env): Step {
  const { reader } = memory;
  const epoch = memory.epoch + 1;
  const left: Memory = {
    ...memory,
    epoch,
    reader: { kind: "idle" },
    flights: [],
    commit: { kind: "none" },
  };
  const abort: readonly Effect[] =
    reader.kind === "watching" || reader.kind === "reading"
      ? [{ type: "abort", epoch: reader.epoch }]
      : [];
  if (aim.do === "rewind") {
    return {
      state: { kind: "rewinding", memory: left, epoch, aim },
      effects: [...abort, { type: "rewind", epoch, position: aim.position }],
    };
  }
  return {
    state: { kind: "closing", memory: left, epoch, giveUpAtMs: env.nowMs + closeTimeoutMs },
    effects: [...abort, { type: "close", epoch }],
  };
}
