/**
 * The rotation machine: replaces one session of a line by another before it is lost. Which sessions
 * there are is all that it knows; how each of them lives is the session machine's business.
 *
 *   steady ─► queued ─► joining ─► proving ─► overlapping ─► steady
 *     ▲          │         │          │
 *     └──────────┴─────────┴──────────┘                      any ─► stopped
 *
 * Pure: no clock, no dice, no network. Invariants R1-R8 stand in SPEC.md.
 */
import { unreachable } from "../unreachable.ts";
import type {
  Effect,
  Env,
  Input,
  Joining,
  On,
  Overlapping,
  Queued,
  State,
  Step,
  Why,
} from "./state.ts";

/** How long the turn with the spare channel is waited for before the place in the queue is taken anew. */
const queuedMaxMs = 600_000;
/** How long the new session may take to open. */
const joiningMaxMs = 120_000;
/** How long the proof of the new session may take. */
const provingMaxMs = 30_000;
/** A rotation that came to nothing is tried again after so long. */
const againMs = 60_000;
/** So long before the announced close the old session is done with, one way or the other. */
const leadMs = 2_000;
/** With less than this left, another channel is not even tried. */
const graceMinMs = 4_000;
/** On the same channel the service closes the old socket, sooner or later; what it still brings is read for so long. */
const sameChannelMs = 1_000;

export const initial: State = { kind: "steady", retireByMs: undefined };

/** One step of the machine. Total: every input is legal in every state. */
export function step(state: State, input: Input, env: Env): Step {
  if (input.type === "stopped") return { state: { kind: "stopped" }, effects: [] };
  switch (state.kind) {
    case "steady":
      if (input.type === "lived") return stay({ kind: "steady", retireByMs: input.retireByMs });
      if (input.type === "announced") return announced(input.closesAtMs, env);
      if (input.type === "commanded")
        return queue({ reason: "commanded", closesAtMs: undefined }, env);
      return input.type === "woke" && env.nowMs >= (state.retireByMs ?? Number.POSITIVE_INFINITY)
        ? queue({ reason: "retire-by", closesAtMs: undefined }, env)
        : stay(state);
    case "queued":
      return queuedStep(state, input, env);
    case "joining":
      return joiningStep(state, input, env);
    case "proving":
      if (input.type === "new-lost") return stay(joining(state.why, state.on, env));
      if (input.type === "new-proven") return stay(overlapping(state, env));
      return input.type === "old-lost" || isDue(state.giveUpAtMs, input, env)
        ? retire(state)
        : stay(state);
    case "overlapping":
      if (input.type === "new-lost") return stay(joining(state.why, state.on, env));
      return input.type === "old-lost" || isDue(state.untilMs, input, env)
        ? retire(state)
        : stay(state);
    case "stopped":
      return stay(state);
    default:
      return unreachable(state);
  }
}

/** When the machine must be woken, though nothing happens (R2). */
export function nextDeadlineMs(state: State): number | undefined {
  switch (state.kind) {
    case "steady":
      return state.retireByMs;
    case "queued":
    case "overlapping":
      return state.untilMs;
    case "joining":
    case "proving":
      return state.giveUpAtMs;
    case "stopped":
      return undefined;
    default:
      return unreachable(state);
  }
}

function queuedStep(state: Queued, input: Input, env: Env): Step {
  switch (input.type) {
    case "turn":
      return start(state.why, "another", env);
    case "announced": {
      const next = announced(input.closesAtMs, env);
      // The place in the queue is kept, or given up for the same channel.
      const effects = next.effects.filter(({ type }) => type !== "ask-turn");
      return next.state.kind === "queued"
        ? { ...next, effects }
        : { ...next, effects: [{ type: "end-turn" }, ...effects] };
    }
    case "old-lost":
      // It comes back by itself, on the same channel: nothing is left to be announced.
      return { state: { kind: "steady", retireByMs: undefined }, effects: [{ type: "end-turn" }] };
    case "woke":
      if (env.nowMs < state.untilMs) return stay(state);
      if (state.why.closesAtMs === undefined) {
        const again = queue(state.why, env);
        return { ...again, effects: [{ type: "end-turn" }, ...again.effects] };
      }
      return after({ type: "end-turn" }, start(state.why, "same", env));
    case "lived":
    case "commanded":
    case "new-opened":
    case "new-proven":
    case "new-lost":
    case "new-refused":
    case "stopped":
      return stay(state);
    default:
      return unreachable(input);
  }
}

function joiningStep(state: Joining, input: Input, env: Env): Step {
  switch (input.type) {
    case "new-opened": {
      const { why, on } = state;
      return stay({
        kind: "proving",
        why,
        on,
        openedAtMs: env.nowMs,
        giveUpAtMs: Math.min(env.nowMs + provingMaxMs, latestMs(why)),
      });
    }
    case "announced": {
      const why: Why = { reason: "announced", closesAtMs: input.closesAtMs };
      return stay({ ...state, why, giveUpAtMs: Math.min(state.giveUpAtMs, latestMs(why)) });
    }
    case "new-refused":
      return fail(state, env);
    case "woke":
      return env.nowMs >= state.giveUpAtMs ? fail(state, env) : stay(state);
    case "old-lost":
      // It tries again by itself; on the same channel the new socket, of which we may hear later, has displaced it.
      return state.on === "another" ? stay(state) : retire({ ...state, openedAtMs: env.nowMs });
    // It tries again by itself.
    case "new-lost":
    case "lived":
    case "commanded":
    case "turn":
    case "new-proven":
    case "stopped":
      return stay(state);
    default:
      return unreachable(input);
  }
}

/** The new session could not be had in time: the same channel if the old socket is about to be closed, else later. */
function fail(state: Joining, env: Env): Step {
  const { why, on } = state;
  const dropped: Effect = { type: "drop-new" };
  if (on === "another") {
    const effects: readonly Effect[] = [dropped, { type: "end-turn" }];
    if (why.closesAtMs === undefined)
      return { state: { kind: "steady", retireByMs: env.nowMs + againMs }, effects };
    const next = start(why, "same", env);
    return { state: next.state, effects: [...effects, ...next.effects] };
  }
  return { state: { kind: "steady", retireByMs: env.nowMs + againMs }, effects: [dropped] };
}

function announced(closesAtMs: number, env: Env): Step {
  const why: Why = { reason: "announced", closesAtMs };
  return closesAtMs - env.nowMs < graceMinMs ? start(why, "same", env) : queue(why, env);
}

/** Rotations take turns: the budget has one channel to spare. */
function queue(why: Why, { nowMs }: Env): Step {
  // Half of what is left must do for a new socket on the same channel, should no turn come.
  const untilMs =
    why.closesAtMs === undefined
      ? nowMs + queuedMaxMs
      : nowMs + Math.max(0, (why.closesAtMs - nowMs) / 2);
  return { state: { kind: "queued", why, untilMs }, effects: [{ type: "ask-turn" }] };
}

function start(why: Why, on: On, env: Env): Step {
  return { state: joining(why, on, env), effects: [{ type: "start-new", on }] };
}

function joining(why: Why, on: On, { nowMs }: Env): Joining {
  const giveUpAtMs =
    on === "another"
      ? Math.max(nowMs, Math.min(nowMs + joiningMaxMs, latestMs(why)))
      : nowMs + joiningMaxMs;
  return { kind: "joining", why, on, giveUpAtMs };
}

function overlapping(
  { why, on, openedAtMs }: Extract<State, { kind: "proving" }>,
  { nowMs, policy }: Env,
): State {
  const overlapMs = on === "same" ? sameChannelMs : policy.overlapMs;
  const untilMs = Math.max(nowMs, Math.min(openedAtMs + overlapMs, latestMs(why)));
  return { kind: "overlapping", why, on, openedAtMs, untilMs };
}

function retire({ why, on, openedAtMs }: Pick<Overlapping, "why" | "on" | "openedAtMs">): Step {
  return {
    state: { kind: "steady", retireByMs: undefined },
    effects: [
      { type: "retire-old", why, on, openedAtMs },
      ...(on === "another" ? [{ type: "end-turn" } as const] : []),
    ],
  };
}

function latestMs({ closesAtMs = Number.POSITIVE_INFINITY }: Why): number {
  return closesAtMs - leadMs;
}

function isDue(atMs: number, input: Input, { nowMs }: Env): boolean {
  return input.type === "woke" && nowMs >= atMs;
}

function after(effect: Effect, next: Step): Step {
  return { state: next.state, effects: [effect, ...next.effects] };
}

function stay(state: State): Step {
  return { state, effects: [] };
}
