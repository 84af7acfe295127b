/** Bugs in how messages to the Event API are read, and in what passes a filter. */
import type { Mutant } from "./mutant.ts";

const events = "packages/events/src";
const gateway = "packages/relay/src/gateway";
const subscription = { tests: [`${events}/schema/read-subscription.test.ts`] } as const;
const filter = { tests: [`${events}/filter.test.ts`] } as const;

export const eventsMutants: readonly Mutant[] = [
  {
    name: "second-key-in-silence",
    room: "schema",
    file: `${events}/json/read-json.ts`,
    find: "if (before !== undefined && scan",
    replace: "if (before === 0 && scan",
    caughtBy: subscription,
  },
  {
    name: "secret-in-a-complaint",
    room: "schema",
    file: `${events}/json/show-value.ts`,
    find: "isSecretName(name) ? put",
    replace: "name === undefined ? put",
    caughtBy: subscription,
  },
  {
    name: "type-without-a-filter-means-all",
    room: "schema",
    file: `${events}/schema/filters.ts`,
    find: "if (!isForAll) refuseIncomplete",
    replace: "if (names.length === 0) refuseIncomplete",
    caughtBy: subscription,
  },
  {
    name: "conditions-of-an-alias-dropped",
    room: "schema",
    file: `${events}/schema/filters.ts`,
    find: "...(predicates.get(type) ?? []),",
    replace: "",
    caughtBy: subscription,
  },
  {
    name: "name-taken-for-the-entity",
    room: "schema",
    file: `${events}/schema/subscribe-shapes.ts`,
    find: "!hasEntity && typeof id",
    replace: "typeof id",
    caughtBy: { tests: [`${events}/messages.test.ts`] },
  },
  {
    name: "scope-not-looked-at",
    room: "filter",
    file: `${events}/filter.ts`,
    find: '...compileScope("userId", scope.userIds),',
    replace: "",
    caughtBy: filter,
  },
  {
    name: "division-by-its-own-topics-alone",
    room: "filter",
    file: `${events}/filter.ts`,
    find: 'someValue("queueId", event, ofQueue) ||',
    replace: "",
    caughtBy: filter,
  },
  {
    name: "nobody-waits-for-the-lists",
    room: "gateway",
    file: `${gateway}/connection/begun.ts`,
    find: "if (!asksOrganisation) return;",
    replace: "return;",
    caughtBy: { tests: [`${gateway}/connection/connection.test.ts`] },
  },
  {
    name: "not-in-is-in",
    room: "filter",
    file: `${events}/filter.ts`,
    find: "isNegative ? (event) => !some(event, test)",
    replace: "isNegative ? (event) => some(event, test)",
    caughtBy: filter,
  },
  {
    name: "template-takes-more-segments",
    room: "filter",
    file: `${events}/filter.ts`,
    find: "return at === topic.length;",
    replace: "return at <= topic.length;",
    caughtBy: filter,
  },
  {
    name: "regular-expressions-of-strangers",
    room: "filter",
    file: `${gateway}/json-paths.ts`,
    find: 'environment.functionRegister.delete("match");',
    replace: "",
    caughtBy: { tests: [`${gateway}/json-paths.test.ts`] },
  },
];
