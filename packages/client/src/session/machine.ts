/**
 * The session machine: takes one slot of a line from one session to the next. A session is one
 * channel and the one socket on it; each piece of work that the machine starts has an epoch of
 * its own, and an answer of another epoch is ignored.
 *
 *   idle ─► making ─► subscribing ─► opening ─► live
 *             ▲            ▲            ▲ │       │
 *             └────────────┴── waiting ─┘ ▼       ▼
 *                                 ▲───checking   (waiting)           any ─► closed
 *
 * Pure: no clock, no dice, no network. Invariants S1-S13 stand in SPEC.md.
 */
import type { TrunklineError } from "../errors.ts";
import type { SocketLoss } from "../ports.ts";
import { unreachable } from "../unreachable.ts";
import {
  died,
  live,
  liveDeadlineMs,
  onAsked,
  onHeartbeat,
  onPaused,
  onPong,
  onResumed,
  onWake,
} from "./liveness.ts";
import type {
  Checking,
  Down,
  Effect,
  Env,
  Failure,
  Input,
  Live,
  Making,
  Memory,
  Next,
  Opening,
  Setback,
  State,
  Step,
  Subscribing,
} from "./state.ts";

export const initial: State = {
  kind: "idle",
  memory: { epoch: 0, attempt: 0, pongs: "unseen", mute: 0, closes: 0, down: undefined },
};

/** One step of the machine. Total: every input is legal in every state. */
export function step(state: State, input: Input, env: Env): Step {
  if (input.type === "stopped") return stop(state);
  if ("epoch" in input && input.epoch !== state.memory.epoch) return stay(state); // S1
  switch (state.kind) {
    case "idle":
      if (input.type !== "started") return stay(state);
      return begin(
        state.memory,
        input.channel === undefined
          ? { do: "make", instead: undefined }
          : { do: "dial", channel: input.channel },
        env,
      );
    case "making":
      if (input.type === "made")
        return begin(state.memory, { do: "subscribe", channel: input.channel }, env);
      if (input.type === "failed") return makingFailed(state, input.failure, env);
      return expired(state, input, env)
        ? timeout(state, { do: "make", instead: state.instead }, env)
        : stay(state);
    case "subscribing":
      if (input.type === "subscribed")
        return begin(state.memory, { do: "dial", channel: state.channel }, env);
      if (input.type === "failed") return subscribingFailed(state, input.failure, env);
      return expired(state, input, env)
        ? timeout(state, { do: "subscribe", channel: state.channel }, env)
        : stay(state);
    case "opening":
      if (input.type === "opened") return opened(state, env);
      if (input.type === "lost") return openingLost(state, input.loss, env);
      return expired(state, input, env)
        ? timeout(state, { do: "dial", channel: state.channel }, env)
        : stay(state);
    case "live":
      return liveStep(state, input, env);
    case "checking":
      if (input.type === "checked") return checked(state, input.channel, env);
      return expired(state, input, env)
        ? timeout(state, { do: "dial", channel: state.channel }, env)
        : stay(state);
    case "waiting":
      return input.type === "woke" && env.nowMs >= state.untilMs
        ? begin(state.memory, state.next, env)
        : stay(state);
    case "closed":
      return stay(state);
    default:
      return unreachable(state);
  }
}

/** When the machine must be woken, though nothing happens. Only `idle` and `closed` have none (S2). */
export function nextDeadlineMs(state: State): number | undefined {
  switch (state.kind) {
    case "idle":
    case "closed":
      return undefined;
    case "making":
    case "subscribing":
    case "opening":
    case "checking":
      return state.giveUpAtMs;
    case "waiting":
      return state.untilMs;
    case "live":
      return liveDeadlineMs(state.ping);
    default:
      return unreachable(state);
  }
}

function stay(state: State): Step {
  return { state, effects: [] };
}

function expired(
  state: Making | Subscribing | Opening | Checking,
  input: Input,
  env: Env,
): boolean {
  return input.type === "woke" && env.nowMs >= state.giveUpAtMs;
}

/** Starts the next piece of work under a new epoch. */
function begin(memory: Memory, next: Next, { nowMs, policy }: Env): Step {
  const epoch = memory.epoch + 1;
  const started = { ...memory, epoch };
  switch (next.do) {
    case "make":
      return {
        state: {
          kind: "making",
          memory: { ...started, closes: 0 },
          instead: next.instead,
          giveUpAtMs: nowMs + policy.workTimeoutMs,
        },
        effects: [{ type: "make", epoch }],
      };
    case "subscribe":
      return {
        state: {
          kind: "subscribing",
          memory: started,
          channel: next.channel,
          giveUpAtMs: nowMs + policy.workTimeoutMs,
        },
        effects: [{ type: "subscribe", epoch, channel: next.channel }],
      };
    case "dial":
      return {
        state: {
          kind: "opening",
          memory: started,
          channel: next.channel,
          giveUpAtMs: nowMs + policy.openTimeoutMs,
        },
        effects: [{ type: "dial", epoch, channel: next.channel }],
      };
    default:
      return unreachable(next);
  }
}

/** The gap of an earlier session ends here: from now on whatever is sent reaches this socket (S5). */
function opened(state: Opening, env: Env): Step {
  const { epoch, down } = state.memory;
  const next = live({ ...state.memory, down: undefined }, state.channel, env);
  const gap: readonly Effect[] =
    down === undefined ? [] : [{ type: "gap-closed", epoch, down, untilMs: env.nowMs }];
  return {
    state: next.state,
    effects: [...gap, { type: "connected", epoch, channel: state.channel }, ...next.effects],
  };
}

function liveStep(state: Live, input: Input, env: Env): Step {
  switch (input.type) {
    case "ponged":
      return onPong(state, env);
    case "beat":
      return onHeartbeat(state, env);
    case "paused":
      return onPaused(state, env);
    case "resumed":
      return onResumed(state, env);
    case "asked":
      return onAsked(state, env);
    case "woke": {
      const next = onWake(state, env);
      return next === "dead" ? fell(state, { kind: "silence" }, env) : next;
    }
    case "lost":
      return fell(state, { kind: "loss", loss: input.loss }, env);
    case "condemned":
      return fell(state, { kind: "condemned" }, env);
    case "started":
    case "stopped":
    case "made":
    case "subscribed":
    case "failed":
    case "opened":
    case "checked":
      return stay(state);
    default:
      return unreachable(input);
  }
}

/** A live session is over: the gap begins at the last proof (S4). */
function fell(state: Live, setback: Setback, env: Env): Step {
  const { epoch } = state.memory;
  const held = env.nowMs - state.openedAtMs >= env.policy.stableAfterMs;
  const closedByPeer = setback.kind === "loss" && setback.loss.kind === "closed";
  const down: Down = { sinceMs: state.provenAtMs, cause: died(setback) };
  const isMute = setback.kind === "silence" && !state.hasPonged;
  const mute = isMute ? state.memory.mute + 1 : 0;
  const memory: Memory = {
    ...state.memory,
    // Pings that are no longer answered at all are no sign of death: unlearn them (S3).
    pongs: mute >= env.policy.muteSessionsMax ? "unseen" : state.memory.pongs,
    mute,
    attempt: held ? 0 : state.memory.attempt,
    closes: held || !closedByPeer ? 0 : state.memory.closes + 1,
    down,
  };
  const contended = memory.closes >= env.policy.closesBeforeNewChannel; // S9
  const next: Next =
    setback.kind === "condemned"
      ? { do: "make", instead: undefined }
      : contended
        ? { do: "make", instead: state.channel }
        : { do: "dial", channel: state.channel };
  const waiting = wait(memory, next, setback, undefined, true, env);
  return {
    state: waiting.state,
    effects: [
      { type: "drop", epoch },
      { type: "gap-opened", epoch, down },
      ...(contended ? [{ type: "contended", epoch } as const] : []),
      ...waiting.effects,
    ],
  };
}

function openingLost(state: Opening, loss: SocketLoss, env: Env): Step {
  if (loss.kind !== "refused") {
    return wait(
      state.memory,
      { do: "dial", channel: state.channel },
      { kind: "loss", loss },
      undefined,
      false,
      env,
    );
  }
  const epoch = state.memory.epoch + 1;
  return {
    state: {
      kind: "checking",
      memory: { ...state.memory, epoch },
      channel: state.channel,
      refusal: loss,
      giveUpAtMs: env.nowMs + env.policy.workTimeoutMs,
    },
    effects: [{ type: "check", epoch, channel: state.channel }],
  };
}

/** Only the service's own word condemns a channel; a refused upgrade alone never does (S6). */
function checked(state: Checking, channel: "alive" | "gone" | "unknown", env: Env): Step {
  const isGone = channel === "gone";
  const next: Next = isGone
    ? { do: "make", instead: undefined }
    : { do: "dial", channel: state.channel };
  // What the first retry has found out is acted upon at once: another channel is another thing to try.
  const isFirst = isGone && state.memory.attempt === 1;
  return wait(
    state.memory,
    next,
    { kind: "refused", refusal: state.refusal, channel },
    state.refusal.retryAfterMs,
    false,
    isFirst ? { ...env, random: () => 0 } : env,
  );
}

function makingFailed(state: Making, { error, final }: Failure, env: Env): Step {
  if (final) return end(state.memory, error);
  const next: Next =
    error.code === "CHANNELS_TAKEN" && state.instead !== undefined
      ? { do: "dial", channel: state.instead }
      : { do: "make", instead: state.instead };
  return wait(state.memory, next, { kind: "error", error }, error.retryAfterMs, false, env);
}

function subscribingFailed(state: Subscribing, { error, final }: Failure, env: Env): Step {
  if (final) return end(state.memory, error);
  const next: Next =
    error.code === "CHANNEL_GONE"
      ? { do: "make", instead: undefined }
      : { do: "subscribe", channel: state.channel };
  return wait(state.memory, next, { kind: "error", error }, error.retryAfterMs, false, env);
}

function timeout(state: Making | Subscribing | Opening | Checking, next: Next, env: Env): Step {
  const { epoch } = state.memory;
  const waiting = wait(
    state.memory,
    next,
    { kind: "timeout", during: state.kind },
    undefined,
    false,
    env,
  );
  return { state: waiting.state, effects: [{ type: "drop", epoch }, ...waiting.effects] };
}

/** First retry at once, then full jitter under a ceiling that doubles (S7, S8). */
function wait(
  memory: Memory,
  next: Next,
  setback: Setback,
  retryAfterMs: number | undefined,
  wasLive: boolean,
  { nowMs, random, policy }: Env,
): Step {
  const { attempt, epoch } = memory;
  const ceilingMs =
    attempt === 0 ? 0 : Math.min(policy.backoffMaxMs, policy.backoffFirstMs * 2 ** (attempt - 1));
  const retryInMs = Math.max(retryAfterMs ?? 0, random() * ceilingMs);
  return {
    state: {
      kind: "waiting",
      memory: { ...memory, epoch: epoch + 1, attempt: attempt + 1 },
      next,
      untilMs: nowMs + retryInMs,
    },
    effects: [{ type: "setback", epoch, setback, retryInMs, wasLive }],
  };
}

function end(memory: Memory, cause: TrunklineError): Step {
  return {
    state: { kind: "closed", memory, cause },
    effects: [{ type: "ended", epoch: memory.epoch, cause }],
  };
}

function stop(state: State): Step {
  if (state.kind === "closed") return stay(state);
  const { epoch } = state.memory;
  const ended: Effect = { type: "ended", epoch, cause: "stopped" };
  if (state.kind !== "live") {
    return {
      state: { kind: "closed", memory: state.memory, cause: "stopped" },
      effects: [{ type: "drop", epoch }, ended],
    };
  }
  // What was sent since the last proof may be on its way, and nobody will read it.
  const down: Down = { sinceMs: state.provenAtMs, cause: "stopped" };
  return {
    state: { kind: "closed", memory: { ...state.memory, down }, cause: "stopped" },
    effects: [{ type: "close", epoch }, { type: "gap-opened", epoch, down }, ended],
  };
}
