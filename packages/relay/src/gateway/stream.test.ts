import fc from "fast-check";
import { expect, test } from "vitest";
import { blockOf } from "./stream.ts";

/** As a browser reads a block: the last value of each field, and all lines of data. */
function read(block: string) {
  const fields = block
    .split("\n")
    .map((line) => /^(?<name>[^:]*): (?<value>.*)$/u.exec(line)?.groups);
  const of = (name: string): readonly string[] =>
    fields.flatMap((field) => (field?.["name"] === name ? [field["value"] ?? ""] : []));
  return { id: of("id").at(-1), event: of("event").at(-1), data: of("data").join("\n") };
}

test.each([
  ['{"type":"event","cursor":"j-5","id":"j-5","data":{}}', "j-5", undefined],
  ['{"type":"gap","cursor":"j-6","id":"g"}', "j-6", "gap"],
  ['{"type":"heartbeat","time":"2026-11-29T00:00:00.000Z","cursor":"j-7"}', "j-7", "heartbeat"],
  ['{"type":"heartbeat","time":"2026-11-29T00:00:00.000Z"}', undefined, "heartbeat"],
  ['{"type":"subscribed","id":"a","cursor":"j-1"}', undefined, "subscribed"],
  ['{"type":"lagging","cursor":"j-1","behind":5}', undefined, "lagging"],
  ['{"type":"error","code":"SILENT"}', undefined, "refused"],
])("%s has the id %s and is called %s", (text, id, event) => {
  expect(read(blockOf(text))).toEqual({ id, event, data: text });
});

test("whatever stands in a body, one block comes of it, and the same JSON", () => {
  const space = fc.constantFrom("", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n");
  fc.assert(
    fc.property(fc.json(), space, (body, between) => {
      const text = `{"type":"event","cursor":"j-5","id":"j-5","data":${between}${body}${between}}`;
      const block = blockOf(text);
      expect(block.indexOf("\n\n")).toBe(block.length - 2);
      expect(block).not.toContain("\r");
      const { id, event, data } = read(block);
      expect([id, event, JSON.parse(data)]).toEqual(["j-5", undefined, JSON.parse(text)]);
    }),
  );
});
