/** Bugs in what is asked of the service: tokens, and the budgets of channels and requests. */
import type { Mutant } from "./mutant.ts";

const client = "packages/client/src";
const tokens = { tests: [`${client}/rest/tokens.test.ts`] } as const;
const channels = { tests: [`${client}/trunk/channels.test.ts`] } as const;

export const restMutants: readonly Mutant[] = [
  {
    name: "same-token-for-both",
    room: "token",
    file: `${client}/rest/tokens.ts`,
    find: "return current === than ? this.#renew() : current;",
    replace: "return current;",
    caughtBy: tokens,
  },
  {
    name: "second-session-on-the-same-token",
    room: "token",
    file: `${client}/trunk/trunk.ts`,
    find: "return notWith === undefined ? undefined : this.#tokens.another(notWith);",
    replace: "return undefined;",
    caughtBy: { tests: [`${client}/client-rotation.test.ts`] },
  },
  {
    name: "token-renewed-at-120-percent",
    room: "token",
    file: `${client}/rest/tokens.ts`,
    find: "const renewAtShare = 0.8;",
    replace: "const renewAtShare = 1.2;",
    caughtBy: tokens,
  },
  {
    name: "401-not-renewed",
    room: "token",
    file: `${client}/rest/rest.ts`,
    find: "if (first.status !== 401) return this.#read(request, first, token);",
    replace: "if (first.status > 0) return this.#read(request, first, token);",
    caughtBy: { tests: [`${client}/rest/rest.test.ts`] },
  },
  {
    name: "background-before-the-lines",
    room: "budget",
    file: `${client}/rest/budget.ts`,
    find: "while (this.#ahead > 0 || this.#all.freeAtMs > this.#elapsed.nowMs()) {",
    replace: "while (this.#all.freeAtMs > this.#elapsed.nowMs()) {",
    caughtBy: { tests: [`${client}/rest/budget.test.ts`] },
  },
  {
    name: "background-without-a-share-of-its-own",
    room: "budget",
    file: `${client}/rest/budget.ts`,
    find: "this.#background.record(this.#elapsed.nowMs());",
    replace: "",
    caughtBy: { tests: [`${client}/rest/budget.test.ts`] },
  },
  {
    name: "asked-in-the-foreground",
    room: "budget",
    file: `${client}/rest/ask.ts`,
    find: "route: routeOf(path), body, isBackground: true",
    replace: "route: routeOf(path), body, isBackground: false",
    caughtBy: { tests: [`${client}/rest/ask.test.ts`] },
  },
  {
    name: "channels-counted-short-by-one",
    room: "budget",
    file: `${client}/trunk/channels.ts`,
    find: "this.#total = total;",
    replace: "this.#total = total - 1;",
    caughtBy: channels,
  },
  {
    name: "channel-of-another-evicted",
    room: "budget",
    file: `${client}/trunk/channels.ts`,
    find: "if (oldest === undefined) throw this.taken();",
    replace: "",
    caughtBy: channels,
  },
  {
    name: "no-spare-channel",
    room: "budget",
    file: `${client}/trunk/channels.ts`,
    find: "const sparesMin = 1;",
    replace: "const sparesMin = 0;",
    caughtBy: channels,
  },
  {
    name: "request-window-ignored",
    room: "budget",
    file: `${client}/rest/budget.ts`,
    find: "await this.#sleepUntil(this.#all.freeAtMs, signal);\n      this.#all.record",
    replace: "this.#all.record",
    caughtBy: { tests: [`${client}/rest/budget.test.ts`] },
  },
  {
    name: "down-channel-evicted",
    room: "budget",
    file: `${client}/trunk/channels.ts`,
    find: "if (this.#isAnyDown()) throw this.taken();",
    replace: "",
    caughtBy: channels,
  },
  {
    name: "lost-making-not-counted",
    room: "budget",
    file: `${client}/trunk/channels.ts`,
    find: "if (!isRefused) this.#unsure++;",
    replace: "",
    caughtBy: channels,
  },
];
