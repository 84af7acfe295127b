import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memberText } from "./member-text.ts";
import { readCapture } from "./read-capture.ts";

const topic = "v2.users.0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10.presence";
const read = (...lines: readonly string[]): ReturnType<typeof readCapture> =>
  readCapture(lines.join("\n"), "c.ndjson", false);

describe("a capture", () => {
  test.each([
    ["a line of tail --json", `{"type":"event","id":"x","topic":"${topic}","data":{ "a": 1 }}`],
    ["a frame", `{"topicName":"${topic}","version":"2","eventBody":{ "a": 1 },"metadata":{}}`],
    [
      "a line of frames",
      `{"type":"event","cursor":"7","frame":{"topicName":"${topic}","eventBody":{ "a": 1 }}}`,
    ],
    ["an entry of a ledger", JSON.stringify({ sequence: 1, atMs: 5, topic, body: '{ "a": 1 }' })],
  ])("takes %s", (_, line) => {
    expect(read(line).events).toEqual([{ offsetMs: 0, topic, body: '{ "a": 1 }' }]);
  });

  test("leaves out what is no event", () => {
    const frame = `{"topicName":"${topic}","eventBody":{}}`;
    const { events } = read(
      '{"type":"gap","topics":[]}',
      '{"topicName":"channel.metadata","eventBody":{"message":"pong"}}',
      '{"topicName":"v2.system.socket_closing","eventBody":{}}',
      JSON.stringify({ sequence: 1, atMs: 5, topic, deliveries: [] }),
      "",
      frame,
      "  ",
      frame,
    );
    expect(events.map(({ offsetMs }) => offsetMs)).toEqual([0, 100]);
  });

  test("plays nothing sooner than what was written before it", () => {
    const at = (second: number): string =>
      `{"type":"event","topic":"${topic}","receivedAt":"2026-01-01T00:00:0${second}.500Z","data":{}}`;
    const { events } = read(at(1), at(4), at(2), `{"topicName":"${topic}","eventBody":1}`, at(5));
    expect(events.map(({ offsetMs }) => offsetMs)).toEqual([0, 3_000, 3_000, 3_100, 4_000]);
  });

  test.each([
    ["{", "c.ndjson:1: the line is not valid JSON"],
    ["{}", "c.ndjson:1: expected a frame"],
    ["3", "c.ndjson:1: expected a frame"],
    [`{"topicName":"${topic}"}`, "c.ndjson:1: the event has no body"],
    ['{"type":"event","frame":{}}', "c.ndjson:1: the frame has no topicName"],
    [`{"type":"event","topic":"${topic}","receivedAt":"soon","data":1}`, "receivedAt is no time"],
    ['{"type":"gap"}\n{"type":', "c.ndjson:2: the line is not valid JSON"],
    ["", "c.ndjson holds no event"],
  ])("%j is refused", (text, said) => {
    expect(() => read(text)).toThrow(said);
  });

  test("takes every fixture", () => {
    for (const name of ["user-presence", "queue-conversations", "detail-customer-end"]) {
      const file = new URL(`../../../../fixtures/frames/${name}.json`, import.meta.url);
      const frame: unknown = JSON.parse(readFileSync(file, "utf8"));
      expect(read(JSON.stringify(frame)).events).toHaveLength(1);
    }
  });
});

test("what is cut out of an object is what JSON.parse would find there", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, indent) => {
      const json = JSON.stringify(object, undefined, indent);
      for (const [name, value] of Object.entries(JSON.parse(json) as object)) {
        const text = memberText(json, name);
        expect(text === undefined ? undefined : JSON.parse(text)).toEqual(value);
      }
    }),
  );
  expect(memberText('{"a":1,"a":[2] }', "a")).toBe("[2]");
  expect(memberText('{"\\u0061" : "}\\""}', "a")).toBe('"}\\""');
  expect(memberText("[1]", "a")).toBeUndefined();
  expect(memberText("{}", "a")).toBeUndefined();
});
