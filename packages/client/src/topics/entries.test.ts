import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uuid } from "../testing/samples.ts";
import { combine } from "./entries.ts";
import { parseTopics, type Topic } from "./names.ts";

const [ada, bob] = [uuid(1), uuid(2)];

function topics(...written: readonly string[]): readonly Topic[] {
  return written.flatMap(parseTopics);
}

describe("combining", () => {
  test("puts the topics of one user in one entry", () => {
    const entries = combine(
      topics(`v2.users.${ada}.presence`, `v2.users.${bob}.presence`, `v2.users.${ada}.station`),
      "users",
    );
    expect(entries.map((entry) => entry.id)).toEqual([
      `v2.users.${ada}?presence&station`,
      `v2.users.${bob}.presence`,
    ]);
    expect(entries[0]?.object).toBe(`v2.users.${ada}`);
  });

  test("leaves other objects alone, unless told to always combine", () => {
    const queue = topics(
      `v2.routing.queues.${ada}.users`,
      `v2.routing.queues.${ada}.conversations`,
    );
    expect(combine(queue, "users")).toHaveLength(2);
    expect(combine(queue, "always").map((entry) => entry.id)).toEqual([
      `v2.routing.queues.${ada}?users&conversations`,
    ]);
  });

  test("never, and never for an object that the service refused to have combined", () => {
    const both = topics(`v2.users.${ada}?presence&station`, `v2.users.${bob}?presence&station`);
    expect(combine(both, "never").map((entry) => entry.id)).toEqual(both.map(({ name }) => name));
    expect(combine(both, "users", new Set([`v2.users.${ada}`])).map((entry) => entry.id)).toEqual([
      `v2.users.${ada}.presence`,
      `v2.users.${ada}.station`,
      `v2.users.${bob}?presence&station`,
    ]);
  });

  test("compares objects without case and keeps the spelling of the first", () => {
    const upper = uuid(10).toUpperCase();
    const entries = combine(
      topics(`v2.users.${upper}.presence`, `v2.users.${uuid(10)}.station`),
      "users",
    );
    expect(entries.map((entry) => entry.id)).toEqual([`v2.users.${upper}?presence&station`]);
  });

  test("combines names of one segment only, and objects with a UUID only", () => {
    const odd = topics(`v2.users.${ada}.conversations.calls`, "v2.users.me.presence");
    expect(combine(odd, "always").map((entry) => entry.id)).toEqual(odd.map(({ name }) => name));
  });

  test("fills up to 200 characters and begins another entry at 201", () => {
    const object = `v2.users.${ada}`;
    const room = 200 - `${object}?a&`.length;
    for (const [length, count] of [
      [room, 1],
      [room + 1, 2],
    ] as const) {
      const entries = combine(topics(`${object}.a`, `${object}.${"b".repeat(length)}`), "users");
      expect(entries).toHaveLength(count);
    }
  });
});

const name = fc.stringMatching(/^[a-zA-Z]{1,90}$/);
const topic = fc
  .record({
    family: fc.constantFrom("v2.users", "v2.routing.queues", "v2.users.x"),
    id: fc.nat(3).map(uuid),
    name,
  })
  .map(({ family, id, name: last }) => `${family}.${id}.${last}`);

test("for any topics: an entry has at most 200 characters or one topic, and nothing is lost or doubled", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(topic, { selector: (text) => text.toLowerCase(), maxLength: 40, size: "max" }),
      fc.constantFrom("users", "always", "never"),
      fc.nat(3),
      (written, mode, refused) => {
        const wanted = topics(...written);
        const entries = combine(wanted, mode, new Set([`v2.users.${uuid(refused)}`]));
        const carried = entries.flatMap((entry) => entry.topics);
        expect(carried.map(({ key }) => key).toSorted()).toEqual(
          wanted.map(({ key }) => key).toSorted(),
        );
        for (const entry of entries) {
          expect(parseTopics(entry.id).map(({ key }) => key)).toEqual(
            entry.topics.map(({ key }) => key),
          );
          expect(entry.topics.length === 1 || entry.id.length <= 200).toBe(true);
        }
        expect(new Set(entries.map((entry) => entry.id.toLowerCase())).size).toBe(entries.length);
      },
    ),
  );
});
