/** What becomes of a batch that the sink has answered, or has not in time. Pure. */
import { RelayError } from "../errors.ts";
import type { DeadLetterDraft } from "../journal/journal.ts";
import type { Refusal, WriteOutcome } from "../sinks/sink.ts";
import {
  andThen,
  calmAfterMs,
  deadLettersFull,
  halt,
  isFilled,
  remember,
  setback,
  stay,
} from "./phases.ts";
import type { Effect, Env, Flight, Memory, State, Step } from "./state.ts";
import { mark } from "./window.ts";

/** An aborted write has so long to say what became of it; then it is left behind. */
export const abortGraceMs = 5_000;
/** Characters of a reason that are kept. */
const reasonMax = 500;

/** The sink has answered; late answers count as long as nobody has given them up. */
export function settle(state: State, epoch: number, outcome: WriteOutcome, env: Env): Step {
  const flight = state.memory.flights.find((flight) => flight.epoch === epoch);
  if (flight === undefined) return stay(state);
  const { items } = flight;
  const done = outcome.kind === "written" ? items.length : bounded(outcome.written, items.length);
  const refused = drafts(flight, outcome.refused ?? [], done, env);
  const next = remember(state, landed(state.memory, flight, done, refused));
  return andThen(conclude(next, flight, outcome, done, env), (after) =>
    refused.length > 0 && isFilled(after.memory, env)
      ? halt(after, deadLettersFull(after.memory, env))
      : stay(after),
  );
}

/** The flight is over: its first items are done, the rest waits again, where it was. */
function landed(
  memory: Memory,
  flight: Flight,
  done: number,
  refused: readonly DeadLetterDraft[],
): Partial<Memory> {
  const first = mark(memory.window, flight.items.slice(0, done), "done");
  const rest = mark(first.window, flight.items.slice(done), "waiting");
  return {
    flights: memory.flights.filter((other) => other !== flight),
    window: rest.window,
    uncommitted: memory.uncommitted + first.left + rest.left,
    written: memory.written + done - refused.length,
    refused: [...memory.refused, ...refused].sort((a, b) => a.entry.position - b.entry.position),
    attempt: done > 0 ? 0 : memory.attempt,
  };
}

function conclude(
  state: State,
  flight: Flight,
  outcome: WriteOutcome,
  done: number,
  env: Env,
): Step {
  const { trouble } = state.memory;
  switch (outcome.kind) {
    case "written": {
      if (trouble === undefined || trouble.calmAtMs !== undefined || done === 0) return stay(state);
      return stay(remember(state, { trouble: { ...trouble, calmAtMs: env.nowMs + calmAfterMs } }));
    }
    case "retry": {
      const isLate = flight.phase.kind === "aborting";
      const error = isLate ? timedOut("write", env) : outcome.error;
      const mustOpen = outcome.reopen === true;
      const known = mustOpen ? remember(state, { sink: "shut" }) : state;
      return setback(known, error, mustOpen ? "open" : "write", outcome.afterMs ?? 0, env);
    }
    case "gone":
      return halt(state, outcome.error);
    default:
      return outcome satisfies never;
  }
}

/** Tells flights whose time is up to end, and leaves behind those that do not. */
export function timeUp(state: State, env: Env): Step {
  const late = state.memory.flights.filter(({ phase }) => phase.giveUpAtMs <= env.nowMs);
  let current = state;
  const effects: Effect[] = [];
  for (const flight of late) {
    if (flight.phase.kind === "writing") {
      current = remember(current, abortFlights(current.memory, [flight], env));
      effects.push({ type: "abort", epoch: flight.epoch });
    } else {
      const left = {
        kind: "retry",
        written: 0,
        error: timedOut("write", env),
        reopen: true,
      } as const;
      const step = settle(current, flight.epoch, left, env);
      current = step.state;
      effects.push(...step.effects);
    }
  }
  return { state: current, effects };
}

export function abortFlights(
  { flights }: Memory,
  late: readonly Flight[],
  { nowMs }: Env,
): Partial<Memory> {
  const phase = { kind: "aborting", giveUpAtMs: nowMs + abortGraceMs } as const;
  return {
    flights: flights.map((flight) => (late.includes(flight) ? { ...flight, phase } : flight)),
  };
}

export function timedOut(work: "open" | "write", { options }: Env): RelayError {
  const did = work === "open" ? "could not be opened" : "took no batch";
  return new RelayError("SINK_TIMED_OUT", `The sink ${did} within ${options.writeTimeoutMs} ms.`);
}

function bounded(written: number, length: number): number {
  return Number.isInteger(written) ? Math.min(Math.max(0, written), length) : 0;
}

/** What is refused for good; a sink that names what it was not given is not believed. */
function drafts(
  { items }: Flight,
  refusals: readonly Refusal[],
  done: number,
  { wallMs }: Env,
): readonly DeadLetterDraft[] {
  const reasons = new Map(refusals.map(({ index, reason }) => [index, reason]));
  return items.slice(0, done).flatMap(({ entry }, index) => {
    const reason = reasons.get(index);
    return reason === undefined
      ? []
      : [{ entry, reason: reason.slice(0, reasonMax), atMs: wallMs }];
  });
}
