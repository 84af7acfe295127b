/**
 * Liveness and proof inside a live session. We ping; a pong proves that all that was sent to this
 * socket before the ping has arrived, since frames on one socket keep their order. Pongs carry no
 * number, so they are matched to pings oldest first: a proof may come out too old, never too new.
 */
import type { SocketLoss } from "../ports.ts";
import type { Channel } from "../rest/channel.ts";
import type { GapCause } from "../events.ts";
import type { Env, Effect, Live, Memory, Ping, Setback, Step } from "./state.ts";
import { unreachable } from "../unreachable.ts";

/** A socket has just opened: ping at once, so that it is proven within a round trip. */
export function live(memory: Memory, channel: Channel, { nowMs, policy }: Env): Step<Live> {
  return {
    state: {
      kind: "live",
      memory,
      channel,
      openedAtMs: nowMs,
      provenAtMs: nowMs,
      ping: { kind: "sent", answerByMs: nowMs + policy.pongTimeoutMs },
      hasPonged: false,
      unanswered: [nowMs],
      heartbeatAtMs: undefined,
    },
    effects: [{ type: "ping", epoch: memory.epoch }],
  };
}

export function liveDeadlineMs(ping: Ping): number {
  switch (ping.kind) {
    case "due":
      return ping.atMs;
    case "sent":
      return ping.answerByMs;
    case "watching":
      return ping.silentAtMs;
    case "paused":
      return ping.untilMs;
    default:
      return unreachable(ping);
  }
}

export function onPong(state: Live, { nowMs, policy }: Env): Step {
  const { epoch } = state.memory;
  const [proven, ...unanswered] = state.unanswered;
  if (proven === undefined) return { state, effects: [] };
  const ping: Ping =
    state.ping.kind === "paused"
      ? state.ping
      : unanswered.length > 0
        ? { kind: "sent", answerByMs: nowMs + policy.pongTimeoutMs }
        : { kind: "due", atMs: Math.max(nowMs, proven + policy.pingEveryMs) };
  return {
    state: {
      ...state,
      memory: { ...state.memory, pongs: "seen" },
      provenAtMs: proven,
      hasPonged: true,
      unanswered,
      ping,
    },
    effects: proven > state.provenAtMs ? [{ type: "proven", epoch, untilMs: proven }] : [],
  };
}

/**
 * Where pings go unanswered, a heartbeat proves what was sent before the heartbeat before it. This
 * is weaker: it holds as long as a frame travels for less than a heartbeat's period (30 s). Those that
 * come close together were held up on their way, or by our own sleep: they prove nothing of one another.
 */
export function onHeartbeat(state: Live, { nowMs, policy }: Env): Step {
  const { epoch } = state.memory;
  const sinceMs = nowMs - (state.heartbeatAtMs ?? Number.NEGATIVE_INFINITY);
  if (sinceMs < policy.silenceMs / 2) return { state, effects: [] };
  const weak = state.ping.kind === "watching" ? state.heartbeatAtMs : undefined;
  const untilMs = Math.max(state.provenAtMs, weak ?? state.provenAtMs);
  return {
    state: { ...state, heartbeatAtMs: nowMs, provenAtMs: untilMs },
    effects: untilMs > state.provenAtMs ? [{ type: "proven", epoch, untilMs }] : [],
  };
}

export function onPaused(state: Live, { nowMs, policy }: Env): Step {
  return {
    state: { ...state, ping: { kind: "paused", untilMs: nowMs + policy.pauseMaxMs } },
    effects: [],
  };
}

export function onResumed(state: Live, { nowMs }: Env): Step {
  if (state.ping.kind !== "paused") return { state, effects: [] };
  return { state: { ...state, ping: { kind: "due", atMs: nowMs } }, effects: [] };
}

/**
 * A ping at once, if there is room for one; the next is due when it is answered. Where only silence
 * decides, or nothing is read, nothing can be proven sooner.
 */
export function onAsked(state: Live, env: Env): Step {
  const isFull = state.unanswered.length >= env.policy.unansweredMax;
  if (isFull || state.ping.kind === "watching" || state.ping.kind === "paused")
    return { state, effects: [] };
  return sendPing(state, env);
}

export function onWake(state: Live, env: Env): Step | "dead" {
  const { nowMs, heardAtMs, policy } = env;
  if (nowMs < liveDeadlineMs(state.ping)) return { state, effects: [] };
  const silentAtMs = Math.max(heardAtMs, state.openedAtMs) + policy.silenceMs;
  switch (state.ping.kind) {
    case "due":
    case "paused":
      return sendPing(state, env);
    case "sent": {
      const sentAtMs = state.unanswered.at(-1) ?? state.openedAtMs;
      const heardSince = heardAtMs > sentAtMs;
      if (state.memory.pongs === "seen" && !heardSince) return "dead"; // S3
      if (nowMs >= silentAtMs) return "dead";
      if (state.unanswered.length < policy.unansweredMax) return sendPing(state, env);
      return { state: { ...state, ping: { kind: "watching", silentAtMs } }, effects: [] };
    }
    case "watching":
      if (nowMs >= silentAtMs) return "dead";
      return { state: { ...state, ping: { kind: "watching", silentAtMs } }, effects: [] };
    default:
      return unreachable(state.ping);
  }
}

function sendPing(state: Live, { nowMs, policy }: Env): Step {
  // After a pause earlier pings may still be unanswered; the list stays bounded all the same.
  const unanswered =
    state.unanswered.length < policy.unansweredMax
      ? [...state.unanswered, nowMs]
      : state.unanswered;
  const effects: readonly Effect[] =
    unanswered === state.unanswered ? [] : [{ type: "ping", epoch: state.memory.epoch }];
  return {
    state: {
      ...state,
      unanswered,
      ping: { kind: "sent", answerByMs: nowMs + policy.pongTimeoutMs },
    },
    effects,
  };
}

/** The cause that a gap records for the end of a live session. */
export function died(setback: Setback): GapCause {
  switch (setback.kind) {
    case "loss":
      return lossCause(setback.loss);
    case "silence":
      return "silence";
    case "condemned":
    case "refused":
      return "channel-gone";
    case "error":
    case "timeout":
      return "cut";
    default:
      return unreachable(setback);
  }
}

function lossCause(loss: SocketLoss): GapCause {
  switch (loss.kind) {
    case "closed":
      return "closed";
    case "protocol":
      return "protocol";
    case "cut":
    case "refused":
    case "unreachable":
      return "cut";
    default:
      return unreachable(loss);
  }
}
