/** Bugs in the relay: what the journal keeps, and how it reaches the sinks. */
import type { Mutant } from "./mutant.ts";

const relay = "packages/relay/src";
const access = `${relay}/gateway/access`;
const delivery = { tests: [`${relay}/delivery/machine.test.ts`] } as const;
const worlds = { worlds: [1, 6] } as const;
const journal = {
  tests: [`${relay}/journal/engine.test.ts`, `${relay}/journal/journal.test.ts`],
} as const;

export const relayMutants: readonly Mutant[] = [
  {
    name: "cursor-before-write",
    room: "journal",
    file: `${relay}/delivery/window.ts`,
    find: "return first === undefined ? readTo : first.item.entry.position - 1;",
    replace:
      'return first === undefined || first.phase === "flying" ? readTo : first.item.entry.position - 1;',
    caughtBy: worlds,
  },
  {
    name: "sequence-reused",
    room: "journal",
    file: `${relay}/journal/store.ts`,
    find: 'const head = numberOf(sequence.get("entries"), "seq");',
    replace:
      'const head = numberOf(database.prepare("SELECT max(position) AS n FROM entries").get(), "n");',
    caughtBy: journal,
  },
  {
    name: "proofs-before-events",
    room: "journal",
    file: `${relay}/journal/store.ts`,
    find: "for (const step of batch.steps) {",
    replace:
      'for (const step of batch.steps.toSorted((a, b) => Number(a.kind === "events") - Number(b.kind === "events"))) {',
    caughtBy: journal,
  },
  {
    name: "commit-error-swallowed",
    room: "journal",
    file: `${relay}/journal/store.ts`,
    find: 'return { kind: "failed", failure: failureOf(error) };',
    replace: 'return { kind: "stored", standing: this.#standing, answers: [] };',
    caughtBy: journal,
  },
  {
    name: "failed-commit-not-repeated",
    room: "journal",
    file: `${relay}/journal/engine.ts`,
    find: 'this.#work = { kind: "pausing", parcel, pause };',
    replace: 'this.#sealed.shift();\n    this.#work = { kind: "pausing", parcel, pause };',
    caughtBy: journal,
  },
  {
    name: "late-answer-moves-cursor-back",
    room: "journal",
    file: `${relay}/journal/store-consumers.ts`,
    find: 'if (question.kind === "rewind" || question.position > position)',
    replace: "if (question.position >= 0)",
    caughtBy: journal,
  },
  {
    name: "ack-before-write",
    room: "delivery",
    file: `${relay}/delivery/settle.ts`,
    find: 'const done = outcome.kind === "written" ? items.length : bounded(outcome.written, items.length);',
    replace: "const done = items.length;",
    caughtBy: delivery,
  },
  {
    name: "order-per-key-ignored",
    room: "delivery",
    file: `${relay}/delivery/window.ts`,
    find: "held.add(item.key);\n",
    replace: "",
    caughtBy: worlds,
  },
  {
    name: "retry-drops",
    room: "delivery",
    file: `${relay}/delivery/settle.ts`,
    find: 'const rest = mark(first.window, flight.items.slice(done), "waiting");',
    replace: 'const rest = mark(first.window, flight.items.slice(done), "done");',
    caughtBy: worlds,
  },
  {
    name: "file-counted-before-safe",
    room: "delivery",
    file: `${relay}/sinks/file.ts`,
    find: "await file.sync();",
    replace: "",
    caughtBy: { tests: [`${relay}/sinks/file.test.ts`] },
  },
  {
    name: "kill-leaves-no-gap",
    room: "gap",
    file: `${relay}/intake/recorder.ts`,
    find: "if (untilMs !== undefined) continue;",
    replace: "if (untilMs !== undefined || provenMs > 0) continue;",
    caughtBy: worlds,
  },
  {
    name: "proof-beyond-confirmation",
    room: "journal",
    file: `${relay}/intake/recorder.ts`,
    find: "untilMs: Math.min(event.untilMs, event.confirmedMs),",
    replace: "untilMs: event.untilMs,",
    caughtBy: { tests: [`${relay}/intake/recorder.test.ts`] },
  },
  {
    name: "interval-bridges-a-hole",
    room: "journal",
    file: `${relay}/journal/store-coverage.ts`,
    find: 'if (numberOf(open, "line_id") === lineId && fromMs <= provenMs) continue;',
    replace: 'if (numberOf(open, "line_id") === lineId) continue;',
    caughtBy: journal,
  },
  {
    name: "duplicates-without-bound",
    room: "delivery",
    file: `${relay}/delivery/flow.ts`,
    find: "while (memory.flights.length < flightsMax && memory.uncommitted < slotsOf(options)) {",
    replace: "while (memory.flights.length < flightsMax) {",
    caughtBy: delivery,
  },
  {
    name: "other-algorithms-taken",
    room: "token",
    file: `${access}/jwt.ts`,
    find: "if (alg !== algorithm)",
    replace: "if (alg === undefined)",
    caughtBy: { tests: [`${access}/access.test.ts`] },
  },
  {
    name: "lost-scopes-granted",
    room: "token",
    file: `${access}/access.ts`,
    find: "granted.scopes.filter((scope) => client.scopes.includes(scope))",
    replace: "granted.scopes",
    caughtBy: { tests: [`${access}/access.test.ts`] },
  },
  {
    name: "guesses-not-counted",
    room: "token",
    file: `${access}/endpoints.ts`,
    find: "if (isFailed) limits.failed(call.address, clientId);",
    replace: "",
    caughtBy: { tests: [`${access}/routes.test.ts`] },
  },
  {
    name: "patterns-forgotten-by-a-restart",
    room: "organisation",
    file: `${relay}/intake/wishes.ts`,
    find: "this.#remembered = carried.filter(topicMatcher(this.#patterns));",
    replace: "this.#remembered = [];",
    caughtBy: { tests: [`${relay}/intake/uplink.test.ts`] },
  },
  {
    name: "members-list-newer-than-events",
    room: "organisation",
    file: `${relay}/gateway/organisation/known.ts`,
    find: "for (const [id, joined] of meanwhile) if (joined) shelf.put(id, true);",
    replace: "",
    caughtBy: { tests: [`${relay}/gateway/organisation/follower.test.ts`] },
  },
  {
    name: "gone-because-pages-moved",
    room: "organisation",
    file: `${relay}/gateway/organisation/listing.ts`,
    find: 'isLast && totals.size === 1 && (typeof total !== "number" || total === seen.size);',
    replace: "isLast;",
    caughtBy: { tests: [`${relay}/gateway/organisation/follower.test.ts`] },
  },
];
