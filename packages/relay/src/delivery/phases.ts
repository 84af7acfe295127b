/** How the delivery machine goes from one state to another. Pure. */
import { RelayError } from "../errors.ts";
import type { Effect, Env, Memory, News, State, Step, Trouble, Waiting } from "./state.ts";

/** Trouble counts as over when nothing has failed for so long, so that a flapping sink fills no log. */
export const calmAfterMs = 5_000;

export function stay(state: State): Step {
  return { state, effects: [] };
}

/** The same state with other memory. */
export function remember<S extends State>(state: S, memory: Partial<Memory>): S {
  return { ...state, memory: { ...state.memory, ...memory } };
}

/** One step after another. */
export function andThen(first: Step, next: (state: State) => Step): Step {
  const { state, effects } = next(first.state);
  return { state, effects: [...first.effects, ...effects] };
}

/** Begins what a wait was for. */
export function begin(memory: Memory, next: Waiting["next"], env: Env): Step {
  const epoch = memory.epoch + 1;
  switch (next) {
    case "enter":
      return {
        state: { kind: "entering", memory: { ...memory, epoch }, epoch },
        effects: [{ type: "enter", epoch }],
      };
    case "open":
      return {
        state: {
          kind: "opening",
          memory: { ...memory, epoch, sink: "shut" },
          epoch,
          giveUpAtMs: env.nowMs + env.options.writeTimeoutMs,
        },
        effects: [{ type: "open", epoch }],
      };
    case "write":
      return goLive(memory, env);
    default:
      return next satisfies never;
  }
}

/** Live is what can open and has room for dead letters. */
export function goLive(memory: Memory, env: Env): Step {
  if (isFull(memory, env)) return halt({ kind: "live", memory }, deadLettersFull(memory, env));
  const { trouble } = memory;
  const calming = trouble && { ...trouble, calmAtMs: env.nowMs + calmAfterMs };
  return stay({ kind: "live", memory: { ...memory, trouble: calming } });
}

/**
 * Whether no more dead letters may lie there; none at all are no reason to halt. What was refused and
 * waits for an earlier entry does not count here: it gets into the journal, and so into the hands of
 * whoever may remove it, only when the sink goes on.
 */
export function isFull({ deadLetters }: Memory, { options }: Env): boolean {
  return deadLetters > 0 && deadLetters >= options.deadLettersMax;
}

/** Whether the last refusal was one too many. */
export function isFilled({ deadLetters, refused }: Memory, { options }: Env): boolean {
  return deadLetters + refused.length >= options.deadLettersMax;
}

export function deadLettersFull({ deadLetters, refused }: Memory, { options }: Env): RelayError {
  const count = deadLetters + refused.length;
  return new RelayError(
    "DEAD_LETTERS_FULL",
    `${count} entries were refused for good, and ${options.deadLettersMax} dead letters may lie there: no more is written, so that none is dropped.`,
  );
}

/**
 * Something failed that may heal. The first failure of a row counts, whatever else of it fails too;
 * what is being opened, ended or left to a person is not disturbed.
 */
export function setback(
  state: State,
  error: RelayError,
  next: "open" | "write",
  afterMs: number,
  env: Env,
): Step {
  switch (state.kind) {
    case "live":
      return wait(state.memory, error, next, afterMs, env);
    case "waiting": {
      const untilMs = Math.max(state.untilMs, env.nowMs + afterMs);
      const { trouble, effects } = troubled(state.memory, error, untilMs - env.nowMs);
      const stronger = state.next === "write" ? next : state.next;
      const waiting = remember({ ...state, untilMs, error, next: stronger }, { trouble });
      return { state: waiting, effects };
    }
    case "opening": {
      const { trouble, effects } = troubled(state.memory, error, 0);
      return { state: remember(state, { trouble }), effects };
    }
    case "idle":
    case "entering":
    case "halted":
    case "draining":
    case "rewinding":
    case "closing":
    case "stopped":
      return stay(state);
    default:
      return state satisfies never;
  }
}

/** Pauses double under a ceiling, with jitter in the upper half; `afterMs` is a minimum. */
export function wait(
  memory: Memory,
  error: RelayError,
  next: Waiting["next"],
  afterMs: number,
  { nowMs, random, options }: Env,
): Step {
  const ceilingMs = Math.min(options.retryMaxMs, options.retryFirstMs * 2 ** memory.attempt);
  const retryInMs = Math.max(afterMs, ceilingMs / 2 + (random() * ceilingMs) / 2);
  const { trouble, effects } = troubled(memory, error, retryInMs);
  const waiting = { ...memory, attempt: memory.attempt + 1, trouble };
  return {
    state: { kind: "waiting", memory: waiting, next, untilMs: nowMs + retryInMs, error },
    effects,
  };
}

/** Each code is told once, until the trouble is over. */
function troubled(
  { trouble }: Memory,
  error: RelayError,
  retryInMs: number,
): { readonly trouble: Trouble; readonly effects: readonly Effect[] } {
  const told = trouble?.told ?? [];
  const isNew = !told.includes(error.code);
  const news: News = { kind: "trouble", error, retryInMs };
  return {
    trouble: { error, told: isNew ? [...told, error.code] : told, calmAtMs: undefined },
    effects: isNew ? [{ type: "told", news }] : [],
  };
}

/** Nothing more is begun until somebody resumes it. */
export function halt(state: State, error: RelayError): Step {
  switch (state.kind) {
    case "opening":
    case "live":
    case "waiting": {
      const trouble: Trouble = { error, told: [error.code], calmAtMs: undefined };
      const abort: readonly Effect[] =
        state.kind === "opening" ? [{ type: "abort", epoch: state.epoch }] : [];
      return {
        state: { kind: "halted", memory: { ...state.memory, trouble }, error },
        effects: [...abort, { type: "told", news: { kind: "halted", error } }],
      };
    }
    case "halted":
    case "entering":
    case "draining":
    case "rewinding":
    case "closing":
    case "idle":
    case "stopped":
      return stay(state);
    default:
      return state satisfies never;
  }
}
