/** Bugs in how a program receives events from a gateway. */
import type { Mutant } from "./mutant.ts";

const subscriber = "packages/events/src/subscriber";
const machine = `${subscriber}/gateway`;
const model = { tests: [`${machine}/machine-model.test.ts`] } as const;
const stage = { tests: [`${machine}/gateway.test.ts`] } as const;
const queue = { tests: [`${subscriber}/subscription.test.ts`] } as const;
const tokens = { tests: [`${subscriber}/tokens.test.ts`] } as const;

export const subscriberMutants: readonly Mutant[] = [
  {
    name: "event-told-again",
    room: "subscriber",
    file: `${machine}/progress.ts`,
    find: 'return place === "after" || place === "apart";',
    replace: "return true;",
    caughtBy: model,
  },
  {
    name: "goes-on-from-now",
    room: "subscriber",
    file: `${machine}/machine.ts`,
    find: '{ type: "subscribe", epoch, since },',
    replace: '{ type: "subscribe", epoch, since: undefined },',
    caughtBy: model,
  },
  {
    name: "dead-socket-heard",
    room: "subscriber",
    file: `${machine}/machine.ts`,
    find: 'if ("epoch" in input && input.epoch !== memory.epoch) return stay(state);',
    replace: "",
    caughtBy: model,
  },
  {
    name: "lost-cursor-forgotten-ahead-of-its-gap",
    room: "subscriber",
    file: `${machine}/machine.ts`,
    find: "state: { ...state, forsaken: since },",
    replace: "state: { ...state, forsaken: since, memory: { ...memory, since: undefined } },",
    caughtBy: model,
  },
  {
    name: "lost-cursor-in-silence",
    room: "subscriber",
    file: `${machine}/live.ts`,
    find: "told.push(gap);",
    replace: "",
    caughtBy: model,
  },
  {
    name: "attempts-without-a-limit",
    room: "subscriber",
    file: `${machine}/setback.ts`,
    find: "const untilMs = Math.max(notBeforeMs, freeAtMs);",
    replace: "const untilMs = notBeforeMs;",
    caughtBy: stage,
  },
  {
    name: "retry-after-not-obeyed",
    room: "subscriber",
    file: `${machine}/setback.ts`,
    find: "(error.retryAfterMs ?? announcedMs ?? 0) + jitterMs",
    replace: "jitterMs",
    caughtBy: stage,
  },
  {
    name: "refused-for-ever",
    room: "subscriber",
    file: `${machine}/setback.ts`,
    find: 'refusals >= policy.refusalsMax : error.retry === "never"',
    replace: "false : false",
    caughtBy: stage,
  },
  {
    name: "renewals-in-a-rush",
    room: "subscriber",
    file: `${machine}/live.ts`,
    find: "if (notBeforeMs > nowMs)",
    replace: "if (notBeforeMs < 0)",
    caughtBy: stage,
  },
  {
    name: "silence-for-ever",
    room: "subscriber",
    file: `${machine}/machine.ts`,
    find: "if (nowMs >= state.heardAtMs + policy.silentAfterMs)",
    replace: "if (nowMs < 0)",
    caughtBy: stage,
  },
  {
    name: "dealt-with-when-given",
    room: "subscriber",
    file: `${subscriber}/subscription.ts`,
    find: "          yield next;\n          this.#done(next);",
    replace: "          this.#done(next);\n          yield next;",
    caughtBy: queue,
  },
  {
    name: "queue-without-end",
    room: "subscriber",
    file: `${subscriber}/subscription.ts`,
    find: "if (this.#queue.length >= this.#queueMax) this.#pause();",
    replace: "",
    caughtBy: queue,
  },
  {
    name: "heartbeat-moves-past-what-waits",
    room: "subscriber",
    file: `${subscriber}/subscription.ts`,
    find: "if (cursor === undefined || this.#queue.length > 0 || this.#inHand !== undefined) return;",
    replace: "if (cursor === undefined) return;",
    caughtBy: queue,
  },
  {
    name: "tokens-got-by-everybody",
    room: "subscriber",
    file: `${subscriber}/tokens.ts`,
    find: "if (flight !== undefined) return flight;",
    replace: "",
    caughtBy: tokens,
  },
  {
    name: "official-client-logged-in-twice",
    room: "subscriber",
    file: `${subscriber}/token-source.ts`,
    find: "if (flight !== undefined) return flight;",
    replace: "",
    caughtBy: tokens,
  },
];
