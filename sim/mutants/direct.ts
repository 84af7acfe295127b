/** Bugs in a subscription that runs without a relay. */
import type { Mutant } from "./mutant.ts";

const direct = "packages/events/src/direct";
const flow = { tests: [`${direct}/flow.test.ts`] } as const;
const teller = { tests: [`${direct}/teller.test.ts`] } as const;

export const directMutants: readonly Mutant[] = [
  {
    name: "direct-gap-in-silence",
    room: "direct",
    file: `${direct}/teller.ts`,
    find: "if (concerned.length === 0) return [];",
    replace: 'if (concerned.length === 0 || state === "open") return [];',
    caughtBy: teller,
  },
  {
    name: "direct-event-ahead-of-its-gap",
    room: "direct",
    file: `${direct}/teller.ts`,
    find: "return [...this.#joined([event.topic], event.receivedAtMs), ...this.#event(event)];",
    replace: "return this.#event(event);",
    caughtBy: teller,
  },
  {
    name: "direct-new-user-since-now",
    room: "direct",
    file: `${direct}/follow.ts`,
    find: "changed(this.#organisation, this.#listedMs);",
    replace: "changed(this.#organisation, clock.wallMs());",
    caughtBy: flow,
  },
  {
    name: "direct-list-that-moved-is-believed",
    room: "direct",
    file: `${direct}/listing.ts`,
    find: "return isWhole ? items : new Map([...known, ...items]);",
    replace: "return items;",
    caughtBy: flow,
  },
  {
    name: "direct-listing-undoes-what-events-told",
    room: "direct",
    file: `${direct}/follow.ts`,
    find: "if (is === undefined || is === was) return",
    replace: "if (is !== null) return",
    caughtBy: { tests: [`${direct}/follow.test.ts`] },
  },
  {
    name: "direct-members-not-listed-after-a-gap",
    room: "direct",
    file: `${direct}/flow.ts`,
    find: 'if (event.type === "subscribed") following.missed(event.topics);',
    replace: "",
    caughtBy: flow,
  },
  {
    name: "direct-tells-while-paused",
    room: "direct",
    file: `${direct}/flow.ts`,
    find: "while (this.#paused !== undefined) await this.#paused.promise;",
    replace: "",
    caughtBy: flow,
  },
  {
    name: "direct-forgotten-begins-again",
    room: "direct",
    file: `${direct}/known-conversations.ts`,
    find: "this.#forgottenMs = nowMs;",
    replace: "",
    caughtBy: { tests: [`${direct}/known-conversations.test.ts`] },
  },
];
