import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFrame } from "./frames.ts";

const fixtures = new URL("../../../../fixtures/frames/", import.meta.url);

function fixture(name: string): string {
  return readFileSync(new URL(`${name}.json`, fixtures), "utf8");
}

function parse(raw: string): ReturnType<typeof parseFrame> {
  return parseFrame(raw, 2, 1_234);
}

describe("frames of the service", () => {
  test.each([
    ["pong", { type: "pong" }],
    ["heartbeat", { type: "heartbeat" }],
    ["socket-closing", { type: "notice", topic: "v2.system.socket_closing" }],
    ["no-longer-subscribed", { type: "notice" }],
    ["token-revoked", { type: "notice" }],
    ["reply-200", { type: "other" }],
    ["reply-400", { type: "other" }],
    ["reply-404", { type: "other" }],
    ["user-presence", { type: "notification", line: 2, receivedAtMs: 1_234 }],
    ["queue-conversations", { type: "notification" }],
  ])("%s is %j", (name, frame) => {
    expect(parse(fixture(name))).toMatchObject(frame);
  });

  test("a notification has its topic, body, correlation id and the untouched text", () => {
    const raw =
      ' {"topicName":"v2.A","version":"2","eventBody":[1],"metadata":{"CorrelationId":"c"}}';
    expect(parse(raw)).toEqual({
      type: "notification",
      topic: "v2.A",
      body: [1],
      correlationId: "c",
      raw,
      receivedAtMs: 1_234,
      line: 2,
      maybeDuplicate: false,
    });
  });

  test.each([
    ['{"topicName":"v2.a","eventBody":null}', { type: "notification", body: null }],
    ['{"topicName":"v2.a","eventBody":{},"metadata":null}', { correlationId: undefined }],
    [
      '{"topicName":"v2.a","eventBody":{},"metadata":{"CorrelationId":7}}',
      { correlationId: undefined },
    ],
    ['{"topicName":"v2.subscription.updated"}', { type: "notice" }],
    ['{"topicName":"channel.metadata","eventBody":{"message":"new"}}', { type: "other" }],
    ['{"topicName":"channel.metadata","eventBody":null}', { type: "other" }],
    ['{"topicName":"channel.metadata"}', { type: "other" }],
    ['{"message":"pong"}', { type: "other" }],
    ["", { type: "malformed" }],
    ["{", { type: "malformed" }],
    ["null", { type: "malformed" }],
    ["7", { type: "malformed" }],
    ["[]", { type: "malformed" }],
    ["{}", { type: "malformed" }],
    ['{"topicName":7,"eventBody":{}}', { type: "malformed" }],
    ['{"topicName":"v2.a"}', { type: "malformed", detail: "no eventBody, on v2.a" }],
  ])("%s is %j", (raw, frame) => {
    expect(parse(raw)).toMatchObject(frame);
  });

  test("a malformed frame is described without its contents", () => {
    expect(parse('{"name":"Ada Lovelace"')).toEqual({
      type: "malformed",
      detail: "not JSON, 22 characters",
    });
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (raw) => {
        expect(parse(raw).type).toBeTypeOf("string");
      }),
    );
  });
});
