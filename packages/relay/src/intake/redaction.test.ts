import { JSONPathEnvironment } from "json-p3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRedactor, redactedText, whyNoRedactionPath } from "./redaction.ts";

const topic = "v2.routing.queues.5a3f.conversations";

function redact(raw: string, ...paths: readonly string[]): string {
  return createRedactor([{ topics: undefined, paths }])(topic, raw);
}

test("takes out what the path names and leaves every other byte, however it is written", () => {
  const raw = `{ "topicName":"t", "eventBody": {"participants":[ {"address" : "tel:+49301234567", "n": 1.0},\n{"address":{"a":[1,"}]"]}}, {"x":12345678901234567890123} ], "\\u0061": "\\u00e9\\"" } }`;
  expect(redact(raw, "$.eventBody.participants[*].address")).toBe(
    `{ "topicName":"t", "eventBody": {"participants":[ {"address" : "[redacted]", "n": 1.0},\n{"address":"[redacted]"}, {"x":12345678901234567890123} ], "\\u0061": "\\u00e9\\"" } }`,
  );
});

test.each([
  [
    "a list item by index",
    '{"eventBody":{"a":[1,2,3]}}',
    "$.eventBody.a[1]",
    '{"eventBody":{"a":[1,"[redacted]",3]}}',
  ],
  [
    "a filter",
    '{"eventBody":[{"p":"customer","n":"Ann"},{"p":"agent","n":"Bob"}]}',
    "$.eventBody[?@.p=='customer'].n",
    '{"eventBody":[{"p":"customer","n":"[redacted]"},{"p":"agent","n":"Bob"}]}',
  ],
  [
    "any depth",
    '{"eventBody":{"name":null,"b":{"name":true}}}',
    "$..name",
    '{"eventBody":{"name":"[redacted]","b":{"name":"[redacted]"}}}',
  ],
  [
    "metadata",
    '{"eventBody":1,"metadata":{"CorrelationId":"c"}}',
    "$.metadata.CorrelationId",
    '{"eventBody":1,"metadata":{"CorrelationId":"[redacted]"}}',
  ],
  [
    "an escaped key",
    '{"eventBody":{"a\\"b":1,"\\u006eame":2}}',
    "$.eventBody.name",
    '{"eventBody":{"a\\"b":1,"\\u006eame":"[redacted]"}}',
  ],
  ["the empty key", '{"eventBody":{"":1}}', "$.eventBody['']", '{"eventBody":{"":"[redacted]"}}'],
  [
    "__proto__ as a key",
    '{"eventBody":{"__proto__":{"a":1}}}',
    "$.eventBody.__proto__.a",
    '{"eventBody":{"__proto__":{"a":"[redacted]"}}}',
  ],
  [
    "a string that ends in a backslash",
    '{"eventBody":{"a":"\\\\","b":"x"}}',
    "$.eventBody.b",
    '{"eventBody":{"a":"\\\\","b":"[redacted]"}}',
  ],
  [
    "empty objects and lists beside it",
    '{"eventBody":{"a":{},"b":[],"c":1}}',
    "$.eventBody.c",
    '{"eventBody":{"a":{},"b":[],"c":"[redacted]"}}',
  ],
  [
    "an outer match over an inner one",
    '{"eventBody":{"a":{"name":1}}}',
    "$..[?@.name]",
    '{"eventBody":{"a":"[redacted]"}}',
  ],
  [
    "the whole frame, but for its topic",
    '{"topicName":"t","eventBody":{"a":1},"metadata":{}}',
    "$",
    '{"topicName":"t","eventBody":"[redacted]","metadata":"[redacted]"}',
  ],
  [
    "everything that * reaches, but for its topic",
    '{"topicName":"t","version":"2","eventBody":{"a":1}}',
    "$.*",
    '{"topicName":"t","version":"2","eventBody":"[redacted]"}',
  ],
])("takes out %s", (_what, raw, path, expected) => {
  expect(redact(raw, path)).toBe(expected);
});

test("two rules and two paths add up, in whichever order", () => {
  const raw = '{"eventBody":{"a":{"b":1,"c":2},"d":3}}';
  const expected = '{"eventBody":{"a":"[redacted]","d":"[redacted]"}}';
  expect(redact(raw, "$.eventBody.a.b", "$.eventBody.a", "$.eventBody.d")).toBe(expected);
  expect(redact(raw, "$.eventBody.d", "$.eventBody.a", "$.eventBody.a.b")).toBe(expected);
});

test("a frame whose topic no rule names is not even read", () => {
  const redactor = createRedactor([{ topics: ["v2.users.*.presence"], paths: ["$.eventBody"] }]);
  expect(redactor(topic, "not JSON")).toBe("not JSON");
  expect(createRedactor([])(topic, "not JSON")).toBe("not JSON");
});

test("rules name topics by patterns, without regard to case", () => {
  const redactor = createRedactor([
    { topics: ["v2.routing.queues.*.Conversations"], paths: ["$.eventBody.a"] },
    { topics: ["v2.users.*.presence"], paths: ["$.eventBody.b"] },
  ]);
  expect(redactor(topic, '{"eventBody":{"a":1,"b":1}}')).toBe(
    '{"eventBody":{"a":"[redacted]","b":1}}',
  );
  expect(redactor(topic, '{"eventBody":{"a":2,"b":1}}')).toBe(
    '{"eventBody":{"a":"[redacted]","b":1}}',
  );
});

test("a frame that cannot be read under a rule loses its body and keeps its topic", () => {
  const bare = { topicName: topic, eventBody: redactedText };
  expect(JSON.parse(redact('{"eventBody":{"address":"tel:+49', "$.eventBody.address"))).toEqual(
    bare,
  );
  expect(JSON.parse(redact("", "$.eventBody.address"))).toEqual(bare);
  const deep = `{"eventBody":${'{"a":'.repeat(300)}"tel:+49"${"}".repeat(300)}}`;
  expect(JSON.parse(redact(deep, "$..address"))).toEqual(bare);
});

test("what a repeated key hides does not survive", () => {
  const hidden = '{"eventBody":{"a":{"address":"tel:+49"},"a":{"address":1,"big":2}}}';
  expect(redact(hidden, "$.eventBody.a.address")).toBe(
    '{"eventBody":{"a":{"address":"[redacted]","big":2}}}',
  );
  expect(redact('{"eventBody":{"address":"tel:+49","address":{}}}', "$.eventBody.none")).toBe(
    '{"eventBody":{"address":{}}}',
  );
});

const paths = [
  "$.eventBody.a",
  "$.eventBody.*.b",
  "$..b",
  "$.eventBody[0]",
  "$.eventBody[*].a[1:]",
  "$..[?@.a]",
  "$.eventBody..[0]",
];
const keys = fc.constantFrom("a", "b", "c", "", 'é"\\', "0", "length");
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(keys, tie("json"), { maxKeys: 5 }),
  ),
}));

/** The obvious way, on values, as an oracle: replace at every location that the library names. */
function expected(frame: unknown, path: string): unknown {
  const copy = structuredClone(frame);
  const nodes = new JSONPathEnvironment({ maxRecursionDepth: 1_000 }).query(
    path,
    copy as never,
  ).nodes;
  for (const { location } of nodes.filter((node) => node.location[0] === "eventBody")) {
    let parent: unknown = copy;
    for (const step of location.slice(0, -1))
      parent = (parent as Record<string, unknown> | string)?.[step as never];
    const last = location.at(-1);
    if (typeof parent === "object" && parent !== null && last !== undefined)
      (parent as Record<string | number, unknown>)[last] = redactedText;
  }
  return copy;
}

test("nothing that matches survives, and everything else is equal", () => {
  let touched = 0;
  fc.assert(
    fc.property(json, fc.constantFrom(...paths), fc.constantFrom(0, 1, 3), (body, path, indent) => {
      const frame: unknown = JSON.parse(JSON.stringify({ topicName: topic, eventBody: body }));
      const raw = JSON.stringify(frame, null, indent);
      const result = redact(raw, path);
      expect(JSON.parse(result)).toEqual(expected(frame, path));
      if (result !== raw) touched++;
    }),
    { numRuns: 500 },
  );
  expect(touched).toBeGreaterThan(20);
});

test.each([
  ["$.eventBody.participants[*].address", undefined],
  ["$..address", undefined],
  ["$['metadata'].CorrelationId", undefined],
  ["$", undefined],
  ["$.*.name", undefined],
  ["$.participants[*].address", "eventBody"],
  ["$.eventBodyX", "eventBody"],
  ["eventBody.participants", "'$'"],
  ["$.eventBody[", ""],
  ["$.eventBody[?@.a=]", ""],
])("says of %s whether it can match", (path, why) => {
  const told = whyNoRedactionPath(path);
  expect(told === undefined).toBe(why === undefined);
  expect(told ?? "").toContain(why ?? "");
});
