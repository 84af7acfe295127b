import type { TraceRecord } from "@trunkline/client";
import { expect, test } from "vitest";
import { noonMs } from "../testing/stage.ts";
import { traceFrameCharactersMax, traceLine } from "./trace.ts";

const pong = '{"topicName":"channel.metadata","eventBody":{"message":"pong"}}';
const heartbeat = '{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}';

test.each<[TraceRecord, string]>([
  [
    {
      kind: "request",
      method: "PUT",
      url: "https://h/x",
      outcome: 200,
      tookMs: 12.4,
      correlationId: "c",
    },
    "request    PUT  https://h/x  200  12 ms  c",
  ],
  [
    {
      kind: "request",
      method: "POST",
      url: "https://h/x",
      outcome: "UNREACHABLE",
      tookMs: 3,
      correlationId: undefined,
    },
    "request    POST https://h/x  UNREACHABLE  3 ms",
  ],
  [
    { kind: "dial", url: "wss://h/channels/[channel 1a]" },
    "upgrade    wss://h/channels/[channel 1a]",
  ],
  [{ kind: "open", tookMs: 8.6 }, "open       101  9 ms"],
  [
    { kind: "refused", status: 407, via: "proxy", server: undefined },
    "refused    407  Via: proxy  Server: none",
  ],
  [{ kind: "sent", text: '{"message":"ping"}' }, 'ping       {"message":"ping"}'],
  [{ kind: "sent", text: "{}" }, "sent       {}"],
  [{ kind: "received", text: pong }, `pong       ${pong}`],
  [{ kind: "received", text: heartbeat }, `heartbeat  ${heartbeat}`],
  [{ kind: "received", text: '{"topicName":"v2.a"}' }, 'received   {"topicName":"v2.a"}'],
  [{ kind: "close", code: 1001, reason: "bye" }, "close      1001  bye"],
  [{ kind: "close", code: undefined, reason: "reset" }, "close      no close frame  reset"],
])("shows %j", (record, text) => {
  const line = traceLine({ type: "trace", line: 3, atMs: noonMs + 7, record }, false);
  expect(line).toBe(`12:00:00.007  #3  ${text}\n`);
});

test("lines up what belongs to no line", () => {
  const record: TraceRecord = { kind: "open", tookMs: 1 };
  const line = traceLine({ type: "trace", line: undefined, atMs: noonMs, record }, false);
  expect(line).toBe("12:00:00.000      open       101  1 ms\n");
});

test("cuts a long frame and says how long it was, always on one line", () => {
  const text = `{"a":"\n${"x".repeat(1_000)}`;
  const record: TraceRecord = { kind: "received", text };
  const line = traceLine({ type: "trace", line: 1, atMs: noonMs, record }, false);
  expect(line).toContain(`… (${text.length} characters)\n`);
  expect(line.match(/\n/gu)).toHaveLength(1);
  expect(line.length).toBeLessThan(traceFrameCharactersMax + 70);
});
