/** What follows when something went wrong: another try after a wait, or the end. */
import { eventApiErrors } from "../../errors.ts";
import { isEventApiErrorCode, SubscriberError, type SubscriberErrorCode } from "../errors.ts";
import type { Dialling, Effect, Env, Greeting, Live, Memory, State, Step } from "./state.ts";

/** Nothing follows. */
export function stay(state: State): Step {
  return { state, effects: [] };
}

/** Whether there is a socket, or is about to be. */
export function isOpen(state: State): state is Dialling | Greeting | Live {
  return state.kind === "dialling" || state.kind === "greeting" || state.kind === "live";
}

/** The next connection, now or as soon as it may be: so many are tried in a window, and no more. */
export function approach(
  memory: Memory,
  how: { readonly isFresh: boolean; readonly notBeforeMs?: number },
  { nowMs, policy }: Env,
): Step {
  const epoch = memory.epoch + 1;
  const { isFresh, notBeforeMs = nowMs } = how;
  const attemptsAtMs = memory.attemptsAtMs.filter((at) => at > nowMs - policy.attemptsWindowMs);
  // Undefined while there is room.
  const oldestMs = attemptsAtMs.at(-policy.attemptsMax);
  const freeAtMs =
    oldestMs === undefined || attemptsAtMs.length < policy.attemptsMax
      ? nowMs
      : oldestMs + policy.attemptsWindowMs;
  const untilMs = Math.max(notBeforeMs, freeAtMs);
  if (untilMs > nowMs)
    return {
      state: { kind: "waiting", memory: { ...memory, epoch, attemptsAtMs }, isFresh, untilMs },
      effects: [],
    };
  return {
    state: {
      kind: "authorizing",
      memory: { ...memory, epoch, attemptsAtMs: [...attemptsAtMs, nowMs] },
      giveUpAtMs: nowMs + policy.tokenTimeoutMs,
    },
    effects: [{ type: "authorize", epoch, isFresh }],
  };
}

/**
 * Tried again, unless it can never work. Full jitter under a ceiling that doubles, so that many that were cut off
 * together do not come back together; a refused token is replaced at once, the first time.
 */
export function setback(state: State, error: SubscriberError, env: Env): Step {
  const { memory } = state;
  const { nowMs, random, policy } = env;
  const isRefused = isTokenRefusal(error);
  const refusals = isRefused ? memory.refusals + 1 : memory.refusals;
  const isFinal = isRefused ? refusals >= policy.refusalsMax : error.retry === "never";
  if (isFinal) return end(state, error);
  const announcedMs = state.kind === "live" ? state.retryAfterMs : undefined;
  const ceilingMs = Math.min(policy.backoffMaxMs, policy.backoffFirstMs * 2 ** memory.attempt);
  const jitterMs = isRefused && refusals === 1 ? 0 : random() * ceilingMs;
  const next = approach(
    { ...memory, attempt: memory.attempt + 1, refusals },
    {
      isFresh: isRefused,
      notBeforeMs: nowMs + (error.retryAfterMs ?? announcedMs ?? 0) + jitterMs,
    },
    env,
  );
  const retryInMs = next.state.kind === "waiting" ? next.state.untilMs - nowMs : 0;
  return {
    state: next.state,
    effects: [
      ...dropOf(state),
      { type: "tell", told: { type: "failed", error, retryInMs } },
      ...next.effects,
    ],
  };
}

/** It is over, and why. */
export function end(state: State, error: SubscriberError): Step {
  return {
    state: { kind: "closed", memory: state.memory },
    effects: [
      ...dropOf(state),
      { type: "tell", told: { type: "failed", error, retryInMs: undefined } },
    ],
  };
}

/** What did not come in time. */
export function late(code: SubscriberErrorCode, what: string, afterMs: number): SubscriberError {
  return new SubscriberError(code, `${what} within ${afterMs / 1_000} s.`);
}

function dropOf(state: State): readonly Effect[] {
  return isOpen(state) ? [{ type: "drop", epoch: state.memory.epoch }] : [];
}

/** Another token may be taken, where a token was refused; credentials that are refused stay so. */
function isTokenRefusal({ code }: SubscriberError): boolean {
  return (
    isEventApiErrorCode(code) && code.startsWith("TOKEN_") && eventApiErrors[code].close === 4401
  );
}
