/**
 * The machine of one socket: who is there, what may be done, and when it is over. Every close for cause
 * comes after an error that says why. Subscriptions themselves are the driver's.
 */
import { eventApiErrors } from "@trunkline/events";
import {
  authWithinMs,
  complaintsMax,
  expiryNoticeMs,
  heartbeatEveryMs,
  heldMessagesMax,
  idleNoticeMs,
  messagesPerWindowMax,
  messageWindowMs,
  silentAfterMs,
  verifyWithinMs,
} from "../limits.ts";
import type { Grant } from "../grant.ts";
import type {
  Effect,
  Env,
  Input,
  Known,
  Memory,
  Received,
  Refusal,
  State,
  Step,
  Stranger,
} from "./state.ts";

/** A socket has opened: a heartbeat at once. @param impliedMs after what time without a message its path means a subscription */
export function open(grant: Grant | undefined, env: Env, impliedMs: number = idleNoticeMs): Step {
  const { nowMs } = env;
  const memory: Memory = {
    openedAtMs: nowMs,
    epoch: 0,
    heardAtMs: nowMs,
    heartbeatAtMs: nowMs + heartbeatEveryMs,
    window: { sinceMs: nowMs, count: 0 },
    complaints: 0,
  };
  const beat: Effect = { type: "heartbeat" };
  if (grant === undefined) {
    const state: Stranger = {
      kind: "stranger",
      memory,
      byMs: nowMs + authWithinMs,
      verifyByMs: undefined,
      impliedMs,
      held: [],
    };
    return { state, effects: [beat] };
  }
  const known = welcome(memory, grant, env, nowMs + impliedMs);
  return { state: known.state, effects: [beat, ...known.effects] };
}

/** The next instant at which something is due. */
export function nextDeadlineMs(state: State, { nowMs, wallMs }: Env): number | undefined {
  if (state.kind === "closed") return undefined;
  const { memory } = state;
  const common = Math.min(memory.heartbeatAtMs, memory.heardAtMs + silentAfterMs);
  if (state.kind === "stranger") return Math.min(common, state.verifyByMs ?? state.byMs);
  return Math.min(
    common,
    state.verifyByMs ?? nowMs + (state.grant.expiresAtMs - wallMs),
    state.noticeAtMs ?? Number.POSITIVE_INFINITY,
    state.impliedAtMs ?? Number.POSITIVE_INFINITY,
  );
}

export function step(state: State, input: Input, env: Env): Step {
  if (state.kind === "closed") return { state, effects: [] };
  switch (input.type) {
    case "received":
      return received(heard(state, env), input.received, env);
    case "heard":
      return stay(heard(state, env));
    case "granted":
      return input.epoch === state.memory.epoch ? granted(state, input.grant, env) : stay(state);
    case "refused":
      return input.epoch === state.memory.epoch ? condemn(input.refusal) : stay(state);
    case "condemned":
      return condemn(input.refusal);
    case "woke":
      return woke(state, env);
    case "lost":
      return { state: { kind: "closed" }, effects: [] };
    default:
      return input satisfies never;
  }
}

function heard<S extends Stranger | Known>(state: S, { nowMs }: Env): S {
  return { ...state, memory: { ...state.memory, heardAtMs: nowMs } };
}

function received(state: Stranger | Known, what: Received, env: Env): Step {
  const { sinceMs, count } = state.memory.window;
  const isNew = env.nowMs - sinceMs >= messageWindowMs;
  const window = isNew ? { sinceMs: env.nowMs, count: 1 } : { sinceMs, count: count + 1 };
  if (window.count > messagesPerWindowMax)
    return condemn({
      code: "TOO_FAST",
      message: `More than ${messagesPerWindowMax} messages came within ${messageWindowMs / 1_000} s.`,
      retryAfterMs: messageWindowMs,
    });
  const next = { ...state, memory: { ...state.memory, window } };
  return what.message?.kind === "auth"
    ? verify(next, what.message.token, env)
    : next.kind === "stranger"
      ? hold(next, what, env)
      : obey(next, what, env);
}

function verify(state: Stranger | Known, token: string, { nowMs }: Env): Step {
  const epoch = state.memory.epoch + 1;
  return {
    state: {
      ...state,
      memory: { ...state.memory, epoch },
      // A further token puts nothing off: else a socket could stay without any.
      verifyByMs: state.verifyByMs ?? nowMs + verifyWithinMs,
    },
    effects: [{ type: "verify", epoch, token }],
  };
}

/** What is wrong is told at once, and what needs no token is answered; the rest waits for one. */
function hold(state: Stranger, what: Received, env: Env): Step {
  if (what.message === undefined) return complain(state, what);
  switch (what.message.kind) {
    case "keepalive":
    case "ping":
      return obey(state, what, env);
    case "auth":
    case "subscribe":
    case "unsubscribe":
    case "ack":
      if (state.held.length >= heldMessagesMax)
        return condemn({
          code: "TOO_FAST",
          message: `More than ${heldMessagesMax} messages came ahead of the token.`,
        });
      return stay({ ...state, held: [...state.held, what] });
    default:
      return what.message satisfies never;
  }
}

function obey(state: Stranger | Known, what: Received, env: Env): Step {
  if (what.message === undefined) return complain(state, what);
  const { message } = what;
  switch (message.kind) {
    case "keepalive":
      return {
        state,
        effects: [{ type: "send", message: { type: "keepalive-ack", time: isoTime(env.wallMs) } }],
      };
    case "ping":
      return {
        state,
        effects: [
          {
            type: "send",
            message: { topicName: "channel.metadata", eventBody: { message: "pong" } },
          },
        ],
      };
    case "subscribe":
      return {
        state: state.kind === "known" ? { ...state, impliedAtMs: undefined } : state,
        effects: [{ type: "subscribe", message, notices: what.notices }],
      };
    case "unsubscribe":
      return { state, effects: [{ type: "unsubscribe", id: message.id }] };
    case "ack":
      return { state, effects: [{ type: "ack", cursor: message.cursor }] };
    case "auth":
      return verify(state, message.token, env);
    default:
      return message satisfies never;
  }
}

/** Everything that is wrong with one message. The socket stays: the next one may be right. */
function complain(
  state: Stranger | Known,
  { complaints }: Extract<Received, { readonly message?: never }>,
): Step {
  const [first] = complaints;
  if (first === undefined) return stay(state);
  const count = state.memory.complaints + 1;
  const refusal: Refusal = { code: first.code, message: first.message, details: complaints };
  if (count >= complaintsMax) {
    const last = condemn({
      code: "TOO_FAST",
      message: `${count} messages of this socket were wrong.`,
    });
    return {
      state: last.state,
      effects: [{ type: "refuse", refusal, id: undefined }, ...last.effects],
    };
  }
  return {
    state: { ...state, memory: { ...state.memory, complaints: count } },
    effects: [{ type: "refuse", refusal, id: undefined }],
  };
}

function granted(state: Stranger | Known, grant: Grant, env: Env): Step {
  if (state.kind === "known" && grant.clientId !== state.grant.clientId)
    return condemn({
      code: "TOKEN_INVALID",
      message: "The new token is of another client than the one that opened this socket.",
    });
  const impliedAtMs = state.kind === "known" ? state.impliedAtMs : env.nowMs + state.impliedMs;
  const known = welcome(state.memory, grant, env, impliedAtMs);
  if (known.state.kind !== "known" || state.kind === "known") return known;
  // What was sent ahead of the token comes now, in its order.
  let now: State = known.state;
  const effects = [...known.effects];
  for (const what of state.held) {
    if (now.kind !== "known") break;
    const next: Step = obey(now, what, env);
    now = next.state;
    effects.push(...next.effects);
  }
  return { state: now, effects };
}

function welcome(
  memory: Memory,
  grant: Grant,
  { nowMs, wallMs }: Env,
  impliedAtMs: number | undefined,
): Step {
  if (!grant.mayConnect)
    return condemn({
      code: "SCOPE_MISSING",
      message: `The token has the scopes ${grant.scopes.join(" ")}, none of which lets it connect.`,
    });
  const leftMs = grant.expiresAtMs - wallMs;
  const state: Known = {
    kind: "known",
    memory,
    grant,
    verifyByMs: undefined,
    noticeAtMs: nowMs + Math.max(0, leftMs - expiryNoticeMs),
    impliedAtMs,
  };
  const { clientId, scopes } = grant;
  const expires = isoTime(grant.expiresAtMs);
  return {
    state,
    effects: [{ type: "send", message: { type: "auth-success", clientId, scopes, expires } }],
  };
}

function woke(state: Stranger | Known, env: Env): Step {
  const { nowMs, wallMs } = env;
  const { memory } = state;
  if (nowMs >= memory.heardAtMs + silentAfterMs)
    return condemn({
      code: "SILENT",
      message: `Nothing came for ${silentAfterMs / 1_000} s, not even an answer to a ping.`,
    });
  if (state.verifyByMs !== undefined && nowMs >= state.verifyByMs)
    return condemn({
      code: "UNAVAILABLE",
      message: `The token could not be looked at within ${verifyWithinMs / 1_000} s.`,
    });
  const isAwaited = state.verifyByMs !== undefined;
  if (state.kind === "stranger" && nowMs >= state.byMs && !isAwaited)
    return condemn({
      code: "TOKEN_MISSING",
      message: `No token came within ${authWithinMs / 1_000} s.`,
    });
  if (state.kind === "known" && wallMs >= state.grant.expiresAtMs && !isAwaited)
    return condemn({
      code: "TOKEN_EXPIRED",
      message: `The token expired at ${isoTime(state.grant.expiresAtMs)}.`,
    });
  const effects: Effect[] = [];
  let next = state;
  if (nowMs >= memory.heartbeatAtMs) {
    effects.push({ type: "heartbeat" });
    next = { ...next, memory: { ...next.memory, heartbeatAtMs: nowMs + heartbeatEveryMs } };
  }
  if (next.kind !== "known") return { state: next, effects };
  if (next.noticeAtMs !== undefined && nowMs >= next.noticeAtMs) {
    effects.push({ type: "send", message: expiryNotice(next.grant) });
    next = { ...next, noticeAtMs: undefined };
  }
  if (next.impliedAtMs !== undefined && nowMs >= next.impliedAtMs) {
    effects.push({ type: "imply" });
    next = { ...next, impliedAtMs: undefined };
  }
  return { state: next, effects };
}

function expiryNotice({ expiresAtMs }: Grant): Extract<Effect, { type: "send" }>["message"] {
  return {
    type: "notice",
    code: "TOKEN_EXPIRES",
    message: `The token expires at ${isoTime(expiresAtMs)}, and this socket with it.`,
    help: eventApiErrors.TOKEN_EXPIRED.help,
  };
}

/** An error that says why, and then the close. */
function condemn(refusal: Refusal): Step {
  const code = eventApiErrors[refusal.code].close ?? 4400;
  return {
    state: { kind: "closed" },
    effects: [
      { type: "refuse", refusal, id: undefined },
      { type: "close", code, reason: refusal.code },
    ],
  };
}

function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

function stay(state: State): Step {
  return { state, effects: [] };
}
