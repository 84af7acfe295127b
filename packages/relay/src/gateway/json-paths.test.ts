import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPaths } from "./json-paths.ts";

test.each([
  "$",
  "$.a",
  "$.participants[*].purpose",
  "$.participants[?@.purpose=='agent'].calls[0].state",
  "$..state",
  "$['a','b']",
  "$.a[?length(@.b)>1]",
])("%s is a path", (path) => {
  expect(jsonPaths.whyNone(path)).toBeUndefined();
});

test.each([
  ["$[", /./u],
  ["a", /./u],
  ["", /./u],
  ["$..a..b", /more than one descent/u],
  ["$[?@.a[?@.b[?@.c]]]", /more than two filters/u],
  ["$[*,*][*,*][*,*][*,*]", /more than three commas/u],
  ["$[?match(@.a,'(a+)+b')]", /match/u],
  ["$[?search(@.a,'(a+)+b')]", /search/u],
  [`$${"[?@".repeat(100)}`, /./u],
  [`$[?${"(".repeat(20_000)}`, /./u],
])("%s is none", (path, why) => {
  expect(jsonPaths.whyNone(path)).toMatch(why);
});

test("finds values, and nothing in what the path is not made for", () => {
  const find = jsonPaths.compile("$.participants[*].purpose");
  expect(find({ participants: [{ purpose: "agent" }, {}, { purpose: null }] })).toEqual([
    "agent",
    null,
  ]);
  for (const data of [null, undefined, 7, "text", [], { participants: "x" }])
    expect(find(data)).toEqual([]);
});

test("a body that is too deep does no harm", () => {
  let data: unknown = { a: 1 };
  for (let depth = 0; depth < 5_000; depth++) data = { b: data };
  expect(jsonPaths.compile("$..a")(data)).toEqual([]);
});

test("at most a thousand values", () => {
  expect(jsonPaths.compile("$[*]")(Array.from({ length: 5_000 }, () => 1))).toHaveLength(1_000);
});

test("whatever text it is, it is answered", () => {
  const text = fc
    .array(
      fc.constantFrom(
        "$",
        ".",
        "..",
        "[",
        "]",
        "*",
        "?",
        "@",
        "'a'",
        "a",
        "0",
        ":",
        ",",
        "(",
        ")",
        "==",
        "&&",
        "!",
        "length",
        " ",
        "\\",
      ),
      { maxLength: 12 },
    )
    .map((parts) => `$${parts.join("")}`);
  fc.assert(
    fc.property(text, fc.jsonValue(), (path, data) => {
      const why = jsonPaths.whyNone(path);
      expect(why === undefined ? Array.isArray(jsonPaths.compile(path)(data)) : why !== "").toBe(
        true,
      );
    }),
  );
});
