/**
 * The machine of one subscription at a gateway: from a token to a socket to a subscription, again and again, each
 * time after the last cursor.
 *
 *   idle ─► authorizing ─► dialling ─► greeting ─► live
 *               ▲   │         │           │         │
 *               │   └─────────┴─ setback ─┴─────────┘        any ─► paused, closed
 *               └── waiting ◄─────┘
 *
 * Pure: no clock, no dice, no network. An answer of an earlier epoch is ignored.
 */
import { SubscriberError } from "../errors.ts";
import { heardLive, welcomed } from "./live.ts";
import { end, isOpen, setback, stay, approach } from "./setback.ts";
import type { Env, Greeting, Input, Memory, State, Step } from "./state.ts";
import { readRefusal, whereCursorLeads } from "./refusal.ts";

/** Before anything is done. @param since go on after this */
export function initial(since: string | undefined): State {
  const memory: Memory = {
    epoch: 0,
    since,
    gapsAtSince: [],
    eventTime: undefined,
    attempt: 0,
    attemptsAtMs: [],
    refusals: 0,
    ack: undefined,
  };
  return { kind: "idle", memory };
}

/** One step. Total: every input is legal in every state. */
export function step(state: State, input: Input, env: Env): Step {
  if (state.kind === "closed") return stay(state);
  const { memory } = state;
  if ("epoch" in input && input.epoch !== memory.epoch) return stay(state);
  switch (input.type) {
    case "started":
      return state.kind === "idle" ? approach(memory, { isFresh: false }, env) : stay(state);
    case "resumed":
      return state.kind === "paused" ? approach(memory, { isFresh: false }, env) : stay(state);
    case "authorized":
      return authorized(state, env);
    case "unauthorized":
      return unauthorized(state, input.error, env);
    case "opened":
      return state.kind === "dialling" ? greet(memory, env) : stay(state);
    case "heard":
      if (state.kind === "greeting") return heardGreeting(state, input.message, env);
      return state.kind === "live" ? heardLive(state, input.message, env) : stay(state);
    case "garbled":
      return isOpen(state)
        ? setback(
            state,
            new SubscriberError("ANSWER_UNREADABLE", "What came is no message of the Event API."),
            env,
          )
        : stay(state);
    case "lost":
      return isOpen(state) ? setback(state, input.error, env) : stay(state);
    case "acked":
      return acked(state, input.cursor, env);
    case "woke":
      return woke(state, env);
    case "paused": {
      // What a live socket has not been told yet it is told as it goes.
      const ack = state.kind === "live" ? undefined : memory.ack;
      const epoch = memory.epoch + 1;
      return {
        state: { kind: "paused", memory: { ...memory, epoch, ack } },
        effects: leave(state),
      };
    }
    case "stopped":
      return { state: { kind: "closed", memory }, effects: leave(state) };
    default:
      return input satisfies never;
  }
}

/** When the machine must be woken though nothing happens; undefined where it waits for others alone. */
export function nextDeadlineMs(state: State, { policy }: Pick<Env, "policy">): number | undefined {
  switch (state.kind) {
    case "idle":
    case "paused":
    case "closed":
      return undefined;
    case "authorizing":
    case "dialling":
    case "greeting":
      return state.giveUpAtMs;
    case "waiting":
      return state.untilMs;
    case "live":
      return Math.min(
        state.heardAtMs + policy.silentAfterMs,
        state.keepaliveAtMs ?? Number.POSITIVE_INFINITY,
        state.renewal.kind === "again" ? state.renewal.atMs : Number.POSITIVE_INFINITY,
        state.memory.ack?.atMs ?? Number.POSITIVE_INFINITY,
      );
    default:
      return state satisfies never;
  }
}

function authorized(state: State, { nowMs, policy }: Env): Step {
  const { memory } = state;
  const { epoch } = memory;
  switch (state.kind) {
    case "authorizing":
      return {
        state: { kind: "dialling", memory, giveUpAtMs: nowMs + policy.openTimeoutMs },
        effects: [{ type: "dial", epoch }],
      };
    // A new token on an open socket keeps it.
    case "greeting":
      return { state, effects: [{ type: "authenticate", epoch }] };
    case "live":
      return {
        state: {
          ...state,
          renewal: { kind: "none", notBeforeMs: nowMs + policy.renewAgainMs },
        },
        effects: [{ type: "authenticate", epoch }],
      };
    case "idle":
    case "dialling":
    case "waiting":
    case "paused":
    case "closed":
      return stay(state);
    default:
      return state satisfies never;
  }
}

function unauthorized(state: State, error: SubscriberError, env: Env): Step {
  if (state.kind === "authorizing") return setback(state, error, env);
  if (state.kind !== "live" || state.renewal.kind !== "asked") return stay(state);
  // The present token lives a little longer, and the socket with it.
  const atMs = env.nowMs + Math.max(env.policy.renewAgainMs, error.retryAfterMs ?? 0);
  return { state: { ...state, renewal: { kind: "again", atMs } }, effects: [] };
}

/** The gateway keeps what is sent ahead of the token's answer, so both go at once. */
function greet(memory: Memory, { nowMs, policy }: Env): Step {
  const { epoch, since } = memory;
  return {
    state: {
      kind: "greeting",
      memory,
      forsaken: undefined,
      giveUpAtMs: nowMs + policy.answerTimeoutMs,
    },
    effects: [
      { type: "authenticate", epoch },
      { type: "subscribe", epoch, since },
    ],
  };
}

function heardGreeting(
  state: Greeting,
  message: Extract<Input, { readonly type: "heard" }>["message"],
  env: Env,
): Step {
  const { memory } = state;
  const { epoch, since } = memory;
  // The pong of Genesys' own notifications has no type.
  if (!("type" in message)) return stay(state);
  switch (message.type) {
    case "subscribed":
    case "confirmation":
    case "subscribe-success":
      return welcomed(state, message, env);
    case "error": {
      const error = readRefusal(message);
      const leads = whereCursorLeads(
        error,
        state.forsaken === undefined ? since : undefined,
        env.request,
      );
      if (leads === "somewhere") return setback(state, error, env);
      if (leads !== "nowhere") return end(state, leads);
      // What was forsaken is remembered until there is something instead: else nobody would be told.
      return {
        state: { ...state, forsaken: since },
        effects: [{ type: "subscribe", epoch, since: undefined }],
      };
    }
    case "closing":
      return setback(state, readRefusal(message, "SHUTTING_DOWN"), env);
    case "notice":
      return message.code === "TOKEN_EXPIRES"
        ? { state, effects: [{ type: "authorize", epoch, isFresh: true }] }
        : { state, effects: [{ type: "tell", told: message }] };
    case "event":
    case "gap":
    case "live":
    case "lagging":
      return setback(
        state,
        new SubscriberError(
          "ANSWER_UNREADABLE",
          `A message ${message.type} came ahead of the answer to the subscription.`,
        ),
        env,
      );
    case "auth-success":
    case "heartbeat":
    case "keepalive-ack":
    case "unsubscribed":
      return stay(state);
    // What a later version of the gateway says besides is nothing to stop at.
    default:
      return stay(state);
  }
}

function acked(state: State, cursor: string, { nowMs, policy, request }: Env): Step {
  if (request.consumer === undefined || state.kind === "closed") return stay(state);
  const ack = { cursor, atMs: state.memory.ack?.atMs ?? nowMs + policy.ackEveryMs };
  return { state: { ...state, memory: { ...state.memory, ack } }, effects: [] };
}

function woke(state: State, env: Env): Step {
  const { nowMs, policy } = env;
  const { memory } = state;
  const { epoch } = memory;
  switch (state.kind) {
    case "idle":
    case "paused":
    case "closed":
      return stay(state);
    case "waiting":
      return nowMs < state.untilMs
        ? stay(state)
        : approach(memory, { isFresh: state.isFresh }, env);
    case "authorizing":
      return nowMs < state.giveUpAtMs
        ? stay(state)
        : setback(state, late("TOKEN_UNAVAILABLE", "No token came", policy.tokenTimeoutMs), env);
    case "dialling":
      return nowMs < state.giveUpAtMs
        ? stay(state)
        : setback(
            state,
            late("GATEWAY_UNREACHABLE", "The socket did not open", policy.openTimeoutMs),
            env,
          );
    case "greeting":
      return nowMs < state.giveUpAtMs
        ? stay(state)
        : setback(
            state,
            late("GATEWAY_SILENT", "The subscription was not answered", policy.answerTimeoutMs),
            env,
          );
    case "live": {
      if (nowMs >= state.heardAtMs + policy.silentAfterMs)
        return setback(
          state,
          late("GATEWAY_SILENT", "Nothing came, not even a heartbeat,", policy.silentAfterMs),
          env,
        );
      let next = state;
      const effects: Step["effects"][number][] = [];
      if (next.keepaliveAtMs !== undefined && nowMs >= next.keepaliveAtMs) {
        next = { ...next, keepaliveAtMs: undefined };
        effects.push({ type: "keepalive", epoch });
      }
      if (next.renewal.kind === "again" && nowMs >= next.renewal.atMs) {
        next = { ...next, renewal: { kind: "asked" } };
        effects.push({ type: "authorize", epoch, isFresh: true });
      }
      const { ack } = next.memory;
      if (ack !== undefined && nowMs >= ack.atMs) {
        next = { ...next, memory: { ...next.memory, ack: undefined } };
        effects.push({ type: "ack", epoch, cursor: ack.cursor });
      }
      return { state: next, effects };
    }
    default:
      return state satisfies never;
  }
}

function late(
  code: "TOKEN_UNAVAILABLE" | "GATEWAY_UNREACHABLE" | "GATEWAY_SILENT",
  what: string,
  afterMs: number,
): SubscriberError {
  return new SubscriberError(code, `${what} within ${afterMs / 1_000} s.`);
}

/** What is dealt with is said before the socket goes. */
function leave(state: State): Step["effects"] {
  const { epoch, ack } = state.memory;
  const drop = { type: "drop", epoch } as const;
  if (state.kind === "live" && ack !== undefined)
    return [{ type: "ack", epoch, cursor: ack.cursor }, drop];
  return isOpen(state) ? [drop] : [];
}
