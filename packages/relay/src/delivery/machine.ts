/**
 * The delivery machine: takes entries out of the journal to one sink, under the sink's own cursor.
 *
 *   idle ─► entering ─► opening ─► live ─► draining ─► closing ─► stopped
 *               ▲          ▲ ▲      │ ▲        │ ▲
 *               └─ waiting ┴─┼──────┘ │        ▼ │
 *                            │        └── rewinding
 *                         halted ◄── (opening, live, waiting; resumed by hand)
 *
 * What is under way (a reader, batches in flight, one commit of the cursor) belongs to the memory,
 * since it goes on whatever the state: a state says only what may be begun. Each piece of work has
 * an epoch of its own; an answer of an epoch that is no longer known is ignored. Pure: no clock, no
 * dice, no sink. Invariants D1-D12 stand in SPEC.md.
 */
import type { RelayError } from "../errors.ts";
import { holdMs, proceed } from "./flow.ts";
import {
  andThen,
  begin,
  calmAfterMs,
  goLive,
  isFull,
  remember,
  setback,
  stay,
  wait,
} from "./phases.ts";
import { settle, timedOut, timeUp } from "./settle.ts";
import type { Draining, Env, Input, Memory, State, Step, Aim } from "./state.ts";
import { admit, doneTo, emptyWindow } from "./window.ts";

/** What is under way when the sink is stopped or rewound may end by itself for so long, at most. */
const drainMs = 5_000;

export const initial: State = {
  kind: "idle",
  memory: {
    epoch: 0,
    attempt: 0,
    trouble: undefined,
    sink: "shut",
    reader: { kind: "idle" },
    window: emptyWindow(0),
    flights: [],
    refused: [],
    position: 0,
    commit: { kind: "none" },
    uncommitted: 0,
    written: 0,
    deadLetters: 0,
  },
};

/** One step of the machine. Total: every input is legal in every state. */
export function step(state: State, input: Input, env: Env): Step {
  return andThen(take(state, input, env), (next) => proceed(next, env));
}

/** When the machine must be woken, though nothing happens. */
export function nextDeadlineMs(state: State): number | undefined {
  const { memory } = state;
  const deadlines = memory.flights.map(({ phase }) => phase.giveUpAtMs);
  const { commit, trouble } = memory;
  switch (state.kind) {
    case "idle":
    case "entering":
    case "rewinding":
    case "stopped":
      return undefined;
    case "closing":
      return state.giveUpAtMs;
    case "opening":
    case "draining":
      deadlines.push(state.giveUpAtMs);
      break;
    case "waiting":
      deadlines.push(state.untilMs);
      break;
    case "live":
      if (trouble?.calmAtMs !== undefined) deadlines.push(trouble.calmAtMs);
      break;
    case "halted":
      break;
    default:
      return state satisfies never;
  }
  if ((commit.kind === "due" || commit.kind === "held") && doneTo(memory.window) > memory.position)
    deadlines.push(commit.atMs);
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

function take(state: State, input: Input, env: Env): Step {
  switch (input.type) {
    case "started":
      return state.kind === "idle" ? begin(state.memory, "enter", env) : stay(state);
    case "entered":
      return state.kind === "entering" && state.epoch === input.epoch
        ? begin(placed(state.memory, input.position, input.deadLetters), "open", env)
        : stay(state);
    case "opened":
      return state.kind === "opening" && state.epoch === input.epoch
        ? goLive({ ...state.memory, sink: "open" }, env)
        : stay(state);
    case "read":
    case "grew":
      return onRead(state, input, env);
    case "wrote":
      return settle(state, input.epoch, input.outcome, env);
    case "advanced":
      return onAdvanced(state, input.epoch);
    case "failed":
      return onFailed(state, input.epoch, input.error, env);
    case "woke":
      return onWoke(state, env);
    case "resume-wanted":
      return onResume(state, env);
    case "counted":
      return onCounted(state, input.deadLetters, env);
    case "rewind-wanted":
      return onRewind(state, input.position, env);
    case "rewound":
      return state.kind === "rewinding" && state.epoch === input.epoch
        ? goOn(rewoundTo(state.memory, state.aim.position), state.aim.position, state.aim.next, env)
        : stay(state);
    case "stop-wanted":
      return onStop(state, env);
    case "closed":
      return state.kind === "closing" && state.epoch === input.epoch
        ? stay({ kind: "stopped", memory: state.memory })
        : stay(state);
    default:
      return input satisfies never;
  }
}

/** A fresh start at a place of the journal. */
function placed(memory: Memory, position: number, deadLetters: number): Memory {
  return {
    ...memory,
    position,
    deadLetters,
    window: emptyWindow(position),
    reader: { kind: "idle" },
    refused: [],
    commit: { kind: "none" },
    uncommitted: 0,
  };
}

/** Whoever asks from now on is told the new place, though it is read again on the way back in. */
function rewoundTo(memory: Memory, position: number): Memory {
  return placed(memory, position, memory.deadLetters);
}

function onRead(state: State, input: Extract<Input, { type: "read" | "grew" }>, env: Env): Step {
  const { reader, window } = state.memory;
  if (!("epoch" in reader) || reader.epoch !== input.epoch) return stay(state);
  if (input.type === "grew") return stay(remember(state, { reader: { kind: "ready" } }));
  return stay(
    remember(state, {
      reader: { kind: "idle" },
      window: admit(window, input.page, env.wants),
    }),
  );
}

function onAdvanced(state: State, epoch: number): Step {
  const { commit, refused, deadLetters } = state.memory;
  if (commit.kind !== "running" || commit.epoch !== epoch) return stay(state);
  const kept = new Set(commit.refused);
  const next = remember(state, {
    position: commit.position,
    commit: { kind: "none" },
    refused: refused.filter((draft) => !kept.has(draft)),
    deadLetters: deadLetters + commit.refused.length,
  });
  const [first] = commit.refused;
  // The first is news; how many there are, status and metrics tell.
  if (first === undefined || deadLetters > 0) return stay(next);
  const news = { kind: "refused", cursor: first.entry.cursor } as const;
  return { state: next, effects: [{ type: "told", news }] };
}

/** Work other than a write came to nothing; whose it was, its epoch says. */
function onFailed(state: State, epoch: number, error: RelayError, env: Env): Step {
  const { reader, commit, position, deadLetters } = state.memory;
  if ("epoch" in reader && reader.epoch === epoch)
    return setback(remember(state, { reader: { kind: "idle" } }), error, "write", 0, env);
  if (commit.kind === "running" && commit.epoch === epoch) {
    const held = { kind: "held", atMs: env.nowMs + holdMs } as const;
    const uncommitted = state.memory.uncommitted + commit.entries;
    return setback(remember(state, { commit: held, uncommitted }), error, "write", 0, env);
  }
  if (!("epoch" in state) || state.epoch !== epoch) return stay(state);
  switch (state.kind) {
    case "entering":
      return wait(state.memory, error, "enter", 0, env);
    case "opening":
      return wait(state.memory, error, "open", 0, env);
    case "rewinding":
      // It is where it was; whoever asked is told by the driver.
      return goOn(placed(state.memory, position, deadLetters), position, state.aim.next, env);
    case "closing":
      return stay({ kind: "stopped", memory: state.memory });
    default:
      return state satisfies never;
  }
}

function onWoke(state: State, env: Env): Step {
  return andThen(timeUp(state, env), (next) => {
    switch (next.kind) {
      case "waiting":
        return env.nowMs >= next.untilMs ? begin(next.memory, next.next, env) : stay(next);
      case "opening": {
        if (env.nowMs < next.giveUpAtMs) return stay(next);
        const late = wait(next.memory, timedOut("open", env), "open", 0, env);
        return { ...late, effects: [{ type: "abort", epoch: next.epoch }, ...late.effects] };
      }
      case "live":
        return calm(next, env);
      case "closing":
        return env.nowMs >= next.giveUpAtMs
          ? stay({ kind: "stopped", memory: next.memory })
          : stay(next);
      case "idle":
      case "entering":
      case "halted":
      case "draining":
      case "rewinding":
      case "stopped":
        return stay(next);
      default:
        return next satisfies never;
    }
  });
}

/** Trouble is over when nothing has failed for a while, and nothing is still under trial. */
function calm(state: Extract<State, { kind: "live" }>, env: Env): Step {
  const { trouble, attempt, flights } = state.memory;
  if (trouble?.calmAtMs === undefined || env.nowMs < trouble.calmAtMs) return stay(state);
  if (attempt > 0 && flights.length > 0)
    return stay(remember(state, { trouble: { ...trouble, calmAtMs: env.nowMs + calmAfterMs } }));
  return {
    state: remember(state, { trouble: undefined, attempt: 0 }),
    effects: [{ type: "told", news: { kind: "recovered", error: trouble.error } }],
  };
}

/** Somebody says that it is worth a try. */
function onResume(state: State, env: Env): Step {
  if (state.kind === "halted") return begin({ ...state.memory, attempt: 0 }, "open", env);
  return state.kind === "waiting" ? begin(state.memory, state.next, env) : stay(state);
}

function onCounted(state: State, deadLetters: number, env: Env): Step {
  const next = remember(state, { deadLetters });
  const mayGoOn =
    next.kind === "halted" && next.error.code === "DEAD_LETTERS_FULL" && !isFull(next.memory, env);
  if (!mayGoOn) return stay(next);
  return begin(next.memory, next.memory.sink === "open" ? "write" : "open", env);
}

function onRewind(state: State, position: number, env: Env): Step {
  switch (state.kind) {
    case "waiting":
      // Where the consumer stands is not even known yet.
      if (state.next === "enter") return stay(state);
      return drainFor(state, { do: "rewind", position, next: "flow" }, env);
    case "opening":
    case "live":
      return drainFor(state, { do: "rewind", position, next: "flow" }, env);
    case "halted":
      return drainFor(state, { do: "rewind", position, next: state.error }, env);
    case "rewinding":
      return drainFor(state, { ...state.aim, position }, env);
    case "draining":
      return state.aim.do === "rewind"
        ? stay({ ...state, aim: { ...state.aim, position } })
        : stay(state);
    case "idle":
    case "entering":
    case "closing":
    case "stopped":
      return stay(state);
    default:
      return state satisfies never;
  }
}

function onStop(state: State, env: Env): Step {
  switch (state.kind) {
    case "idle":
      return stay({ kind: "stopped", memory: state.memory });
    case "entering":
      return {
        state: { kind: "stopped", memory: state.memory },
        effects: [{ type: "abort", epoch: state.epoch }],
      };
    case "opening":
    case "live":
    case "waiting":
    case "halted":
    case "rewinding":
      return drainFor(state, { do: "stop" }, env);
    case "draining":
      return stay({ ...state, aim: { do: "stop" } });
    case "closing":
    case "stopped":
      return stay(state);
    default:
      return state satisfies never;
  }
}

/** Begins nothing more, and waits for what is under way. */
function drainFor(state: State, aim: Aim, env: Env): Step {
  const draining: Draining = {
    kind: "draining",
    memory: state.memory,
    aim,
    mood: "patient",
    giveUpAtMs: env.nowMs + Math.min(drainMs, env.options.writeTimeoutMs),
  };
  return state.kind === "opening"
    ? { state: draining, effects: [{ type: "abort", epoch: state.epoch }] }
    : stay(draining);
}

/** The cursor stands elsewhere: whatever was read is forgotten. */
function goOn(memory: Memory, position: number, next: "flow" | RelayError, env: Env): Step {
  const there = placed(memory, position, memory.deadLetters);
  if (next !== "flow") return stay({ kind: "halted", memory: there, error: next });
  return begin(there, memory.sink === "open" ? "write" : "open", env);
}
