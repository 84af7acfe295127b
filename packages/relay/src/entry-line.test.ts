import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryLine, formatLine } from "./entry-line.ts";
import { cutEventBody } from "./event-body.ts";
import { sampleEvent, sampleGap } from "./testing/sample-entries.ts";

describe("the event body", () => {
  test.each([
    ["an object", '{"topicName":"t","eventBody":{"a":[1,{"b":"}"}]},"v":2}', '{"a":[1,{"b":"}"}]}'],
    ["a big number", '{"eventBody":12345678901234567890}', "12345678901234567890"],
    ["the writing of a number", '{"eventBody": 1.50 }', "1.50"],
    ["a string with quotes", String.raw`{"eventBody":"a\"}\\","x":1}`, String.raw`"a\"}\\"`],
    ["null", '{ "eventBody" : null\n}', "null"],
    ["true before another key", '{"eventBody":true,"x":[]}', "true"],
    ["the outer one of two", '{"x":{"eventBody":1},"eventBody":2}', "2"],
    ["the last of two", '{"eventBody":1,"eventBody":[2]}', "[2]"],
    ["a key that is escaped", String.raw`{"event\u0042ody":7}`, "7"],
    ["a key after a tricky string", String.raw`{"x":"\\","eventBody":[]}`, "[]"],
    ["a string of backslashes", String.raw`{"x":"\\\\\"","eventBody":"\\\\"}`, String.raw`"\\\\"`],
    ["an empty string", '{"":"","eventBody":""}', '""'],
  ])("is cut: %s", (_, frame, body) => {
    expect(cutEventBody(frame)).toBe(body);
  });

  test.each(['{"x":1}', "{}", "[]", "3", '{"x":{"eventBody":1}}', '["eventBody",1]', "", "{"])(
    "is not there in %s",
    (frame) => {
      expect(cutEventBody(frame)).toBeUndefined();
    },
  );

  const tricky = fc.oneof(
    fc.constantFrom(
      "eventBody",
      '"eventBody":',
      "}",
      "\\",
      '\\"',
      '"',
      "\n",
      "\u2028",
      "event\\u0042ody",
    ),
    fc.string({ unit: "binary" }),
  );
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      tricky,
      fc.constantFrom(null, true, false, 0, -1.5e-7, 1e21),
      fc.array(tie("any"), { maxLength: 4 }),
      fc
        .uniqueArray(fc.tuple(tricky, tie("any")), { maxLength: 4, selector: ([key]) => key })
        .map((pairs) => new Pairs(pairs)),
    ),
  })).any;
  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/u);

  test("is the value of the last such key, whatever stands around it, in any order, twice, spaced, escaped", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(tricky, fc.constant("eventBody")), value), { maxLength: 6 }),
        space,
        fc.boolean(),
        (pairs, gap, escaped) => {
          const frame = write(new Pairs(pairs), gap, escaped);
          expect(() => JSON.parse(frame) as unknown).not.toThrow();
          // Not what JSON.parse makes of it: V8 mixes up keys that come twice in nested objects.
          const last = pairs.findLast(([key]) => key === "eventBody");
          const body = last === undefined ? undefined : write(last[1], gap, escaped).trim();
          expect(cutEventBody(frame)).toBe(body);
          const line = entryLine(sampleEvent(1, { raw: frame }));
          expect(line.indexOf("\n")).toBe(line.length - 1);
          const { data } = JSON.parse(line) as { data: unknown };
          expect(data).toEqual(JSON.parse((body ?? "null").replace(/[\r\n]/gu, " ")));
        },
      ),
    );
  });

  test("is read without a throw and without end, whatever the frame", () => {
    const pieces = fc.constantFrom('{"eventBody":', "{", "[", '"', "\\", "]", "}", ",", " ", "1");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (frame) => {
        expect(["string", "undefined"]).toContain(typeof cutEventBody(frame.join("")));
      }),
    );
  });
});

describe("a line", () => {
  test("of an event has the published fields in the published order, the trunk last", () => {
    const raw = '{"topicName":"t","eventBody":{"n": 12345678901234567890},"version":"2"}';
    expect(entryLine(sampleEvent(7, { raw, topic: "v2.t", organizationId: "o" }))).toBe(
      '{"type":"event","cursor":"sample-7","id":"sample-7","topic":"v2.t",' +
        '"receivedAt":"2026-11-21T12:00:00.007Z","source":"live",' +
        '"data":{"n": 12345678901234567890},"trunk":"main","organizationId":"o"}\n',
    );
  });

  test("says where an event may be a duplicate, and says nothing where it is none", () => {
    const line = entryLine(sampleEvent(7, { maybeDuplicate: true }));
    expect(line).toMatch(/,"maybeDuplicate":true\}\n$/u);
    expect(JSON.parse(line)).toMatchObject({ cursor: "sample-7", maybeDuplicate: true });
    expect(entryLine(sampleEvent(7))).not.toContain("maybeDuplicate");
  });

  test("names the event types last, where the event is of any", () => {
    const types = ["conversation:all", "conversation:ended"];
    const line = entryLine(sampleEvent(7, { types, maybeDuplicate: true }));
    expect(line).toMatch(
      /,"maybeDuplicate":true,"types":\["conversation:all","conversation:ended"\]\}\n$/u,
    );
    expect(entryLine(sampleEvent(7))).not.toContain("types");
  });

  test("of a gap has its own, and no end while it is open", () => {
    const open = sampleGap(8, { topics: ["a", "b"], organizationId: undefined });
    expect(entryLine(open)).toBe(
      '{"type":"gap","cursor":"sample-8","id":"gap-1","topics":["a","b"],' +
        '"from":"2026-11-21T12:00:00.000Z","to":null,"cause":"cut","state":"open","trunk":"main","certainty":"possible"}\n',
    );
    const closed = { ...open, state: "closed", toMs: open.fromMs + 1_500 } as const;
    expect(entryLine(closed)).toContain('"to":"2026-11-21T12:00:01.500Z","cause":"cut"');
  });

  test("in the format of Genesys is the frame; a gap has none", () => {
    expect(formatLine(sampleEvent(1, { raw: '{\r\n"a":1}' }), "genesys")).toBe('{  "a":1}\n');
    expect(formatLine(sampleGap(2), "genesys")).toBeUndefined();
    expect(formatLine(sampleGap(2), "json")).toBe(entryLine(sampleGap(2)));
  });
});

/** An object that may have a key twice. */
class Pairs {
  readonly pairs: readonly (readonly [string, unknown])[];
  constructor(pairs: readonly (readonly [string, unknown])[]) {
    this.pairs = pairs;
  }
}

function write(value: unknown, gap: string, escaped: boolean): string {
  const again = (inner: unknown): string => write(inner, gap, escaped);
  if (value instanceof Pairs)
    return `${gap}{${gap}${value.pairs
      .map(([key, inner]) => `${gap}${again(key)}${gap}:${gap}${again(inner)}${gap}`)
      .join(",")}}${gap}`;
  if (Array.isArray(value)) return `[${value.map(again).join(`${gap},${gap}`)}${gap}]`;
  if (typeof value !== "string" || !escaped) return JSON.stringify(value);
  return `"${Array.from(value, escape).join("")}"`;
}

function escape(character: string): string {
  return /[A-Ea-e]/u.test(character)
    ? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`
    : JSON.stringify(character).slice(1, -1);
}
