import { expect, test } from "vitest";
import type { GapState } from "../../journal/entry.ts";
import { sampleEvent, sampleGap } from "../../testing/sample-entries.ts";
import { cloudEvent, typeOf } from "./cloud-event.ts";

test("writes an event with its attributes", () => {
  const entity = "11111111-1111-4111-8111-111111111111";
  const types = ["conversation:updated", "conversation:all"];
  const topic = `v2.routing.queues.${entity}.conversations`;
  const text = cloudEvent(sampleEvent(42, { topic, entity, types, trunk: "main line" }));
  expect(JSON.parse(text)).toEqual({
    specversion: "1.0",
    id: "sample-42",
    source: "/trunkline/sample/main%20line",
    type: "cloud.genesys.v2.routing.queues.conversations",
    subject: topic,
    time: "2026-11-21T12:00:00.042Z",
    datacontenttype: "application/json",
    sequence: "0000000000000042",
    trunklinecursor: "sample-42",
    trunk: "main line",
    organizationid: "22222222-2222-4222-8222-222222222222",
    origin: "live",
    entity,
    eventtypes: "conversation:updated conversation:all",
    data: { number: 42, note: "swordfish" },
  });
});

test("says where an event may be a duplicate, and says nothing where it is none", () => {
  const told = JSON.parse(cloudEvent(sampleEvent(1, { maybeDuplicate: true })));
  expect(told).toHaveProperty("maybeduplicate", true);
  expect(JSON.parse(cloudEvent(sampleEvent(1)))).not.toHaveProperty("maybeduplicate");
});

test("leaves the event body as it came", () => {
  const body = '{"n": 12345678901234567890, "x":1.0, "x":2}';
  const raw = `{"topicName":"v2.x","eventBody":${body},"version":"2"}`;
  expect(cloudEvent(sampleEvent(1, { raw }))).toContain(`,"data":${body}}`);
});

test("has a body of null where a frame has none", () => {
  expect(JSON.parse(cloudEvent(sampleEvent(1, { raw: "{}" })))).toMatchObject({ data: null });
});

test("writes a gap with its state as type", () => {
  const gap = sampleGap(7, { state: "closed", toMs: Date.UTC(2026, 10, 21, 13) });
  expect(JSON.parse(cloudEvent(gap))).toEqual({
    specversion: "1.0",
    id: "sample-7",
    source: "/trunkline/sample/main",
    type: "trunkline.gap.closed",
    subject: "gap-1",
    time: "2026-11-21T12:00:01.000Z",
    datacontenttype: "application/json",
    sequence: "0000000000000007",
    trunklinecursor: "sample-7",
    trunk: "main",
    organizationid: "22222222-2222-4222-8222-222222222222",
    gapid: "gap-1",
    data: {
      gapId: "gap-1",
      state: "closed",
      topics: gap.topics,
      from: "2026-11-21T12:00:00.000Z",
      to: "2026-11-21T13:00:00.000Z",
      cause: "cut",
      certainty: "possible",
    },
  });
});

test("keeps to the specification: names, no null, nothing empty", () => {
  const bare = { organizationId: undefined, entity: undefined, types: [] };
  for (const entry of [
    sampleEvent(1),
    sampleEvent(2, { ...bare, topic: "v2.x" }),
    sampleEvent(3, { source: "backfill", gapId: "gap-1", maybeDuplicate: true }),
    sampleGap(4),
    sampleGap(5, { organizationId: undefined }),
  ]) {
    const { data, ...attributes } = JSON.parse(cloudEvent(entry)) as Record<string, unknown>;
    expect(data).toBeDefined();
    for (const [name, value] of Object.entries(attributes)) {
      expect(name).toMatch(/^[a-z\d]{1,20}$/u);
      expect(value === true ? "true" : value).toEqual(expect.stringMatching(/./u));
    }
  }
});

test.each([
  ["v2.users.1f0e64d7-5c0a-4b4b-9f1e-2b0d6f8a7c11.routingStatus", "v2.users.routingstatus"],
  [
    "v2.audits.entitytype.Queue.entityid.1F0E64D7-5C0A-4B4B-9F1E-2B0D6F8A7C11",
    "v2.audits.entitytype.queue.entityid",
  ],
  ["v2.workforce.12345.things", "v2.workforce.things"],
  ["v2.things.Odd-Name.changed", "v2.things.changed"],
])("names the type of %s without what is one object's", (topic, type) => {
  expect(typeOf(sampleEvent(1, { topic, entity: "odd-name" }))).toBe(`cloud.genesys.${type}`);
});

test("has a type for each state of a gap", () => {
  const states: readonly GapState[] = ["open", "closed", "filled", "partial", "unfillable"];
  expect(states.map((state) => typeOf(sampleGap(1, { state })))).toEqual([
    "trunkline.gap.opened",
    "trunkline.gap.closed",
    "trunkline.gap.filled",
    "trunkline.gap.partial",
    "trunkline.gap.unfillable",
  ]);
});
