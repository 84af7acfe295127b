/** Bugs in the sockets of the Event API, and in how the journal reaches them. */
import type { Mutant } from "./mutant.ts";

const gateway = "packages/relay/src/gateway";
const machine = {
  tests: [`${gateway}/connection/machine.test.ts`, `${gateway}/connection/machine-model.test.ts`],
} as const;
const fanOut = {
  tests: [`${gateway}/fan-out/hub.test.ts`, `${gateway}/fan-out/subscriber.test.ts`],
} as const;
const feed = { tests: [`${gateway}/fan-out/feed.test.ts`] } as const;
const upgrade = { tests: [`${gateway}/upgrade.test.ts`] } as const;

export const gatewayMutants: readonly Mutant[] = [
  {
    name: "close-without-a-word",
    room: "gateway",
    file: `${gateway}/connection/machine.ts`,
    find: '      { type: "refuse", refusal, id: undefined },\n      { type: "close"',
    replace: '      { type: "close"',
    caughtBy: machine,
  },
  {
    name: "pong-is-silence",
    room: "gateway",
    file: `${gateway}/connection/machine.ts`,
    find: "return stay(heard(state, env));",
    replace: "return stay(state);",
    caughtBy: machine,
  },
  {
    name: "tokens-put-off-the-end",
    room: "gateway",
    file: `${gateway}/connection/machine.ts`,
    find: "verifyByMs: state.verifyByMs ?? nowMs + verifyWithinMs,",
    replace: "verifyByMs: nowMs + verifyWithinMs,",
    caughtBy: machine,
  },
  {
    name: "held-messages-backwards",
    room: "gateway",
    file: `${gateway}/connection/machine.ts`,
    find: "for (const what of state.held) {",
    replace: "for (const what of state.held.toReversed()) {",
    caughtBy: machine,
  },
  {
    name: "another-clients-token-taken",
    room: "gateway",
    file: `${gateway}/connection/machine.ts`,
    find: 'if (state.kind === "known" && grant.clientId !== state.grant.clientId)',
    replace: 'if (state.kind === "known" && grant.clientId === "")',
    caughtBy: machine,
  },
  {
    name: "joined-one-entry-early",
    room: "gateway",
    file: `${gateway}/fan-out/hub.ts`,
    find: "if (position < group.position) return undefined;",
    replace: "if (position < group.position - 1) return undefined;",
    caughtBy: fanOut,
  },
  {
    name: "group-ahead-of-its-followers",
    room: "gateway",
    file: `${gateway}/fan-out/hub.ts`,
    find: "group.position = Math.max(group.position, entry.position);",
    replace: "group.position = this.#position;",
    caughtBy: fanOut,
  },
  {
    name: "forgotten-before-all-have-had-it",
    room: "gateway",
    file: `${gateway}/fan-out/hub.ts`,
    find: "for (const group of this.#groups) next = Math.min(next, group.next);",
    replace: "",
    caughtBy: fanOut,
  },
  {
    name: "read-ahead-told-twice",
    room: "gateway",
    file: `${gateway}/fan-out/subscriber.ts`,
    find: "if (position <= this.#position) return;",
    replace: "",
    caughtBy: fanOut,
  },
  {
    name: "lagging-and-following",
    room: "gateway",
    file: `${gateway}/fan-out/subscriber.ts`,
    find: "    this.#leave();\n    lagging(",
    replace: "    lagging(",
    caughtBy: fanOut,
  },
  {
    name: "full-socket-filled-further",
    room: "gateway",
    file: `${gateway}/fan-out/subscriber.ts`,
    find: "if (outlet.isFull) {",
    replace: "if (outlet.isFull && position < 0) {",
    caughtBy: fanOut,
  },
  {
    name: "no-trunk-means-all",
    room: "gateway",
    file: `${gateway}/fan-out/feed.ts`,
    find: "trunks === undefined || trunks.includes(trunk)",
    replace: "trunks === undefined || trunks.length === 0 || trunks.includes(trunk)",
    caughtBy: feed,
  },
  {
    name: "gap-without-topics-kept-back",
    room: "gateway",
    file: `${gateway}/fan-out/feed.ts`,
    find: "if (topics.length === 0 && gap.topics.length > 0) return undefined;",
    replace: "if (topics.length === 0) return undefined;",
    caughtBy: feed,
  },
  {
    name: "place-given-back-twice",
    room: "gateway",
    file: `${gateway}/upgrade.ts`,
    find: "if (!isIn) return;",
    replace: "",
    caughtBy: upgrade,
  },
  {
    name: "refused-upgrade-stays",
    room: "gateway",
    file: `${gateway}/upgrade.ts`,
    find: 'socket.once("finish", () => socket.destroy());',
    replace: "",
    caughtBy: upgrade,
  },
  {
    name: "connects-without-the-scope",
    room: "gateway",
    file: `${gateway}/upgrade.ts`,
    find: "if (grant.mayConnect) return grant;",
    replace: "return grant;",
    caughtBy: upgrade,
  },
  {
    name: "cursor-ahead-taken",
    room: "gateway",
    file: `${gateway}/position.ts`,
    find: "if (position <= head) return position;",
    replace: "if (position <= head + 1) return position;",
    caughtBy: { tests: [`${gateway}/position.test.ts`] },
  },
  {
    name: "last-of-two-names",
    room: "gateway",
    file: `${gateway}/fan-out/feed.ts`,
    find: "shape.written.toReversed().map",
    replace: "shape.written.map",
    caughtBy: feed,
  },
];
