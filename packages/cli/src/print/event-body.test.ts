import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cutEventBody } from "./event-body.ts";

test.each([
  [
    "an object",
    '{"topicName":"t","eventBody":{"a":[1,{"b":"}"}]},"version":"2"}',
    '{"a":[1,{"b":"}"}]}',
  ],
  ["a big number", '{"eventBody":12345678901234567890}', "12345678901234567890"],
  ["the writing of a number", '{"eventBody": 1.50 }', "1.50"],
  ["a string with quotes", String.raw`{"eventBody":"a\"}\\","x":1}`, String.raw`"a\"}\\"`],
  ["null", '{ "eventBody" : null\n}', "null"],
  ["true before another key", '{"eventBody":true,"x":[]}', "true"],
  ["the outer one of two", '{"x":{"eventBody":1},"eventBody":2}', "2"],
  ["the last of two", '{"eventBody":1,"eventBody":[2]}', "[2]"],
  ["a key that is escaped", String.raw`{"event\u0042ody":7}`, "7"],
  ["a key after a tricky string", String.raw`{"x":"\\","eventBody":[]}`, "[]"],
])("cuts %s", (_, frame, body) => {
  expect(cutEventBody(frame)).toBe(body);
});

test.each(['{"x":1}', "{}", "[]", "3", '{"x":{"eventBody":1}}'])("finds none in %s", (frame) => {
  expect(cutEventBody(frame)).toBeUndefined();
});

test("cuts what JSON.parse reads, whatever stands around it", () => {
  const spaces = fc.constantFrom(undefined, 1, "\t");
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), spaces, (a, body, b, space) => {
      const frame = JSON.stringify({ 'a"\\': a, eventBody: body, metadata: b }, undefined, space);
      const cut = cutEventBody(frame) ?? "";
      expect(JSON.parse(cut)).toEqual((JSON.parse(frame) as { eventBody: unknown }).eventBody);
      expect(cut.trim()).toBe(cut);
    }),
  );
});
