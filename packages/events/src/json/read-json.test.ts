import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPositions } from "./place.ts";
import { jsonCharactersMax, jsonDepthMax, readJson } from "./read-json.ts";

function faultOf(text: string): { readonly at: string; readonly message: string } {
  const read = readJson(text);
  if (read.kind !== "fault") throw new Error(`no fault in ${text}`);
  const { line, column } = createPositions(text)(read.fault.offset);
  return { at: `${line}:${column}`, message: `${read.fault.message} ${read.fault.help}` };
}

test.each([
  ["", "1:1", /empty/],
  [" \n ", "2:2", /empty/],
  ["[object Object]", "1:2", /object of your language.*JSON\.stringify/],
  ['{"filters":[object Object]}', "1:13", /object of your language/],
  ["{'a':1}", "1:2", /single quotes/],
  ["{“a”:1}", "1:2", /typographic/],
  ['{"a":1,}', "1:8", /last comma/],
  ['{"a":[1,\n]}', "2:1", /last comma/],
  ['{"a":1 // one\n}', "1:8", /no comments/],
  ["{a:1}", "1:2", /without quotes/],
  ['{"a":None}', "1:6", /none of JSON's/],
  ['{"a":NaN}', "1:6", /none of JSON's/],
  ['{"a":01}', "1:6", /no number of JSON/],
  ['{"a":.5}', "1:6", /no number of JSON/],
  ['{"a":1.}', "1:6", /no number of JSON/],
  ['{"a" 1}', "1:6", /":" after the name/],
  ['{"a":1 "b":2}', "1:8", /double quote where JSON needs "," or "}"/],
  ["[1 2]", "1:4", /"," or "\]"/],
  ['{"a":', "1:6", /ends where JSON needs a value/],
  ['{"a":"b', "1:6", /no closing/],
  ['{"a":"\\x"}', "1:7", /backslash/],
  ['{"a":"\\u12g4"}', "1:7", /backslash/],
  ['{"a":"b\nc"}', "1:8", /control character/],
  ['{"a":"b\u001Fc"}', "1:8", /control character/],
  ["{}{}", "1:3", /end of the text/],
  ["\uFEFF{}", "1:1", /byte order mark/],
  ['{\u00A0"a":1}', "1:2", /no-break space/],
  ["truely", "1:1", /a value/],
  ["{\u0001}", "1:2", /U\+0001/],
])("%j is no JSON at %s", (text, at, message) => {
  const fault = faultOf(text);
  expect(fault.at).toBe(at);
  expect(fault.message).toMatch(message);
});

test("a token that breaks the JSON is not repeated", () => {
  expect(faultOf('{"token": s3cretS3cret}').message).not.toContain("3cret");
  expect(faultOf('{"token": "s3cretS3cret').message).not.toContain("3cret");
});

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("limits", () => {
  test("as deep as may be, and one deeper", () => {
    expect(readJson(nested(jsonDepthMax)).kind).toBe("value");
    const read = readJson(nested(jsonDepthMax + 1));
    expect(read).toMatchObject({ kind: "fault", fault: { kind: "depth", offset: jsonDepthMax } });
  });

  test("as long as may be, and one longer", () => {
    expect(readJson(`"${"a".repeat(jsonCharactersMax - 2)}"`).kind).toBe("value");
    const read = readJson(`"${"a".repeat(jsonCharactersMax - 1)}"`);
    expect(read).toMatchObject({ kind: "fault", fault: { kind: "length" } });
  });
});

test("a key that stands twice is told with both places, whatever way it is written", () => {
  const read = readJson('{"a":{"b":1,\n"\\u0062":2},"c":[{"d":1,"d":1}]}');
  expect(read.duplicates).toEqual([
    { path: ["a", "b"], first: 6, second: 13 },
    { path: ["c", 0, "d"], first: 31, second: 37 },
  ]);
});

test("__proto__ is a name like others", () => {
  const read = readJson('{"__proto__":{"polluted":true},"__proto__":1}');
  expect(read.duplicates).toHaveLength(1);
  expect(read.kind === "value" && Object.keys(read.value as object)).toEqual(["__proto__"]);
  expect({}).not.toHaveProperty("polluted");
});

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

const pieces = fc.constantFrom(
  ...Array.from("{}[]:,\"'\\ \n\t0123-+.eEtruefalsn\u00A0\uFEFF\u2028x/#"),
  '"a"',
  '"b":',
  "true",
  "null",
  "-0",
  "1e5",
  '"\\u0041"',
  "[]",
  "{}",
);

test("accepts what JSON.parse accepts, and nothing else, with the same value", () => {
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.json({ maxDepth: 5 }),
    fc.tuple(fc.json(), fc.nat(), pieces).map(([text, at, piece]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + piece + text.slice(cut + 1);
    }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const read = readJson(text);
      const expected = parsed(text);
      const offset = read.kind === "fault" ? read.fault.offset : 0;
      expect(read.kind === "value" ? { value: read.value } : undefined).toEqual(expected);
      expect(offset).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 2_000 * Number(process.env["FC_RUNS_FACTOR"] ?? 1) },
  );
});
