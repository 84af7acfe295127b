import type { GapEvent } from "@trunkline/client";
import { expect, test } from "vitest";
import presence from "../../../../fixtures/frames/user-presence.json" with { type: "json" };
import { notificationOf } from "../testing/stage.ts";
import { eventLine, frameLine, gapLine } from "./entries.ts";

const receivedAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

test("an event is one line of JSON with all that is known of it", () => {
  const line = eventLine(notificationOf(presence, receivedAtMs));
  expect(line.endsWith("}\n")).toBe(true);
  expect(JSON.parse(line)).toEqual({
    type: "event",
    id: presence.metadata.CorrelationId,
    topic: presence.topicName,
    receivedAt: "2026-01-02T03:04:05.006Z",
    source: "live",
    data: presence.eventBody,
  });
});

test("the body is as it was written", () => {
  const raw = '{"topicName":"t","eventBody":{"n":12345678901234567890, "x":1.0}}';
  const line = eventLine({ ...notificationOf(presence), raw });
  expect(line.endsWith(',"data":{"n":12345678901234567890, "x":1.0}}\n')).toBe(true);
});

test("says where an event may be a duplicate, and says nothing where it is none", () => {
  const event = notificationOf(presence);
  expect(eventLine({ ...event, maybeDuplicate: true })).toMatch(/,"maybeDuplicate":true\}\n$/u);
  expect(eventLine(event)).not.toContain("maybeDuplicate");
});

test("a body over several lines becomes one line", () => {
  const event = notificationOf({ topicName: "t", eventBody: { a: [1] } });
  const line = eventLine({ ...event, raw: JSON.stringify(JSON.parse(event.raw), undefined, 2) });
  expect(line.match(/\n/gu)).toHaveLength(1);
  expect(JSON.parse(line)).toMatchObject({ id: null, data: { a: [1] } });
});

const gap: GapEvent = {
  type: "gap",
  id: "gap-1",
  state: "open",
  topics: ["v2.a", "v2.b"],
  fromMs: receivedAtMs,
  toMs: undefined,
  cause: "cut",
  certainty: "possible",
  serverOffsetMs: 3,
  line: 1,
};

test("a gap has no end while it is open", () => {
  expect(gapLine(gap)).toBe(
    '{"type":"gap","id":"gap-1","topics":["v2.a","v2.b"],"from":"2026-01-02T03:04:05.006Z","to":null,"cause":"cut","state":"open","certainty":"possible"}\n',
  );
  const closed = gapLine({ ...gap, state: "closed", toMs: receivedAtMs + 1_000 });
  expect(JSON.parse(closed)).toMatchObject({ state: "closed", to: "2026-01-02T03:04:06.006Z" });
});

test("a frame stays itself, on one line", () => {
  const event = notificationOf(presence);
  expect(frameLine(event)).toBe(`${event.raw}\n`);
  expect(frameLine({ ...event, raw: '{\n"a":1\r\n}' })).toBe('{ "a":1  }\n');
});
