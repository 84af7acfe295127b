/** A subscription that has been answered, and what comes of it. */
import type {
  ConfirmationMessage,
  GapMessage,
  ServerMessage,
  SubscribedMessage,
  SubscribeSuccessMessage,
} from "../../server-messages.ts";
import type { Told } from "../backend.ts";
import { SubscriberError } from "../errors.ts";
import { onEvent, onGap, onReached } from "./progress.ts";
import { leavesOpen, readRefusal } from "./refusal.ts";
import { end, late, setback, stay } from "./setback.ts";
import type { Effect, Env, Greeting, Live, Memory, Step } from "./state.ts";

/** The subscription has been answered. */
export function welcomed(
  { memory, forsaken }: Greeting,
  answer: ConfirmationMessage | SubscribeSuccessMessage | SubscribedMessage,
  env: Env,
): Step {
  const { id, cursor, coverage, notices } = answer;
  const told: Told[] = [{ type: "opened", cursor, coverage, notices }];
  const isForsaken = forsaken !== undefined;
  const since = isForsaken ? cursor : (memory.since ?? cursor);
  let next: Memory = { ...memory, attempt: 0, refusals: 0, since };
  if (isForsaken) {
    const gap = lostCursorGap(next, { forsaken, cursor }, env);
    told.push(gap);
    next = onGap(next, gap, env.policy.gapsRememberedMax).memory;
  }
  const { nowMs, policy } = env;
  return {
    state: {
      kind: "live",
      memory: next,
      id,
      heardAtMs: nowMs,
      keepaliveAtMs: nowMs + policy.keepaliveAfterMs,
      renewal: { kind: "none", notBeforeMs: nowMs },
      retryAfterMs: undefined,
    },
    effects: told.map((each) => ({ type: "tell", told: each })),
  };
}

/** What came on a live subscription; all of it says that the gateway is there. */
export function heardLive(before: Live, message: ServerMessage, env: Env): Step {
  const { nowMs, policy, request } = env;
  const { memory } = before;
  const state: Live = {
    ...before,
    heardAtMs: nowMs,
    keepaliveAtMs: nowMs + policy.keepaliveAfterMs,
  };
  // The pong of Genesys' own notifications has no type.
  if (!("type" in message)) return stay(state);
  switch (message.type) {
    case "event": {
      const progress = onEvent(memory, message);
      return progress.isNew ? tell({ ...state, memory: progress.memory }, message) : stay(state);
    }
    case "gap": {
      if (message.cause === "retention" && request.onCursorTooOld === "error")
        return end(state, new SubscriberError("CURSOR_TOO_OLD", message.message));
      const progress = onGap(memory, message, policy.gapsRememberedMax);
      return progress.isNew ? tell({ ...state, memory: progress.memory }, message) : stay(state);
    }
    case "heartbeat":
    case "live":
      return tell({ ...state, memory: onReached(memory, message) }, message);
    case "lagging":
      return tell(state, message);
    case "notice":
      return message.code === "TOKEN_EXPIRES" ? renew(state, env) : tell(state, message);
    case "closing": {
      const { code, retryAfterMs } = message;
      return tell({ ...state, retryAfterMs }, { type: "notice", code, message: message.message });
    }
    case "error": {
      const error = readRefusal(message);
      // An answer to something else than the subscription stops nothing.
      if (leavesOpen(error) && message.id !== state.id) {
        const { code, help } = error;
        return tell(state, { type: "notice", code, message: error.message, help });
      }
      return setback(state, error, env);
    }
    case "confirmation":
    case "subscribe-success":
    case "subscribed":
    case "unsubscribed":
    case "auth-success":
    case "keepalive-ack":
      return stay(state);
    // What a later version of the gateway says besides is nothing to stop at.
    default:
      return stay(state);
  }
}

/** What is due on a live subscription, though nothing came. */
export function wokeLive(state: Live, env: Env): Step {
  const { nowMs, policy } = env;
  if (nowMs >= state.heardAtMs + policy.silentAfterMs)
    return setback(
      state,
      late("GATEWAY_SILENT", "Nothing came, not even a heartbeat,", policy.silentAfterMs),
      env,
    );
  const { epoch, ack } = state.memory;
  const effects: Effect[] = [];
  let next = state;
  if (next.keepaliveAtMs !== undefined && nowMs >= next.keepaliveAtMs) {
    next = { ...next, keepaliveAtMs: undefined };
    effects.push({ type: "keepalive", epoch });
  }
  if (next.renewal.kind === "again" && nowMs >= next.renewal.atMs) {
    next = { ...next, renewal: { kind: "asked" } };
    effects.push({ type: "authorize", epoch, isFresh: true });
  }
  if (ack !== undefined && nowMs >= ack.atMs) {
    next = { ...next, memory: { ...next.memory, ack: undefined } };
    effects.push({ type: "ack", epoch, cursor: ack.cursor });
  }
  return { state: next, effects };
}

/** A new token on the socket keeps it. */
function renew(state: Live, { nowMs }: Env): Step {
  if (state.renewal.kind !== "none") return stay(state);
  const { notBeforeMs } = state.renewal;
  if (notBeforeMs > nowMs) return stay({ ...state, renewal: { kind: "again", atMs: notBeforeMs } });
  const { epoch } = state.memory;
  return {
    state: { ...state, renewal: { kind: "asked" } },
    effects: [{ type: "authorize", epoch, isFresh: true }],
  };
}

function tell(state: Live, told: Told): Step {
  return { state, effects: [{ type: "tell", told }] };
}

/** What lies between a cursor that leads nowhere and now cannot be known. */
function lostCursorGap(
  { eventTime }: Memory,
  { forsaken, cursor }: { readonly forsaken: string; readonly cursor: string },
  { wallMs, request }: Env,
): GapMessage {
  return {
    type: "gap",
    cursor,
    id: `${cursor}-lost-${forsaken}`,
    eventTypes: request.eventTypes,
    topics: [],
    topicCount: 0,
    from: eventTime ?? new Date(0).toISOString(),
    to: new Date(wallMs).toISOString(),
    cause: "cursor-lost",
    certainty: "possible",
    message: `The relay cannot go on after ${forsaken}, which is of another journal: what has come since then cannot be known.`,
    state: "closed",
  };
}
