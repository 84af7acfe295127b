import { Secret } from "@trunkline/client";
import { settled } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { sampleEvent, sampleGap } from "../../testing/sample-entries.ts";
import { describeSink, refusedTopic, type Harm } from "../../testing/sink-conformance.ts";
import { answered, createWebhookStage, type Behaviour } from "../../testing/webhook-stage.ts";
import type { WebhookRequest } from "./http.ts";

const never = new AbortController().signal;
const batch = [sampleEvent(1), sampleEvent(2), sampleGap(3), sampleEvent(4)];

function idsIn({ body = "" }: WebhookRequest): readonly string[] {
  const parsed = JSON.parse(body) as { id: string } | readonly { id: string }[];
  return Array.isArray(parsed) ? parsed.map(({ id }) => id) : [(parsed as { id: string }).id];
}

/** Answers by the id of the entry in a request of its own, 204 where nothing is said. */
function byId(statuses: Readonly<Record<string, number>>): Behaviour {
  return ({ headers }) => answered(statuses[headers["webhook-id"] ?? ""] ?? 204);
}

for (const mode of ["event", "batch"] as const) {
  const harms: readonly Harm[] = ["unreachable", "fails", "hangs", "refuses", "gone"];
  describeSink(
    `webhook (mode ${mode})`,
    () => {
      const stage = createWebhookStage({ mode });
      const arrived: string[] = [];
      const behaviours: Readonly<Record<Harm, Behaviour>> = {
        unreachable: () => ({ kind: "failed", why: "unreachable", detail: "refused" }),
        fails: () => answered(500),
        hangs: () => "hang",
        refuses: (request) =>
          request.body?.includes(refusedTopic) === true ? answered(422) : take(request),
        gone: () => answered(410),
      };
      const take: Behaviour = (request) => {
        if (request.method !== "OPTIONS") arrived.push(...idsIn(request));
        return answered(204);
      };
      stage.behave(take);
      return Promise.resolve({
        sink: stage.sink,
        arrived: () => Promise.resolve(arrived),
        harm: (harm) => Promise.resolve(stage.behave(behaviours[harm])),
        heal: () => Promise.resolve(stage.behave(take)),
        end: () => Promise.resolve(),
      });
    },
    { harms },
  );
}

test("stops at the first entry that must wait, and says what was refused before", async () => {
  const { sink, requests, behave } = createWebhookStage();
  behave(byId({ "sample-1": 400, "sample-3": 503 }));
  const outcome = await sink.write(batch, never);
  expect(outcome).toMatchObject({
    kind: "retry",
    written: 2,
    refused: [{ index: 0, reason: "https://hooks.example.com answered 400" }],
    error: { code: "WEBHOOK_BUSY" },
  });
  expect(requests.flatMap(idsIn)).toEqual(["sample-1", "sample-2", "sample-3"]);
});

test("stops for good at 410, with what was written before", async () => {
  const { sink, behave } = createWebhookStage();
  behave(byId({ "sample-2": 410 }));
  expect(await sink.write(batch, never)).toMatchObject({
    kind: "gone",
    written: 1,
    error: { code: "WEBHOOK_GONE", recovery: "waits" },
  });
});

test("writes what is left when called again: the same id, a new time, the same order", async () => {
  const secret = new Secret("webhook secret", `whsec_${"a".repeat(32)}`);
  const { sink, requests, behave, clock } = createWebhookStage({ secret });
  behave(byId({ "sample-2": 500 }));
  expect(await sink.write(batch, never)).toMatchObject({ kind: "retry", written: 1 });
  await clock.runUntil(clock.monotonicMs() + 5_000);
  behave(byId({}));
  expect(await sink.write(batch.slice(1), never)).toEqual({ kind: "written", refused: [] });
  const sent = requests.map(({ headers }) => headers["webhook-id"]);
  expect(sent).toEqual(["sample-1", "sample-2", "sample-2", "sample-3", "sample-4"]);
  const [, first, second] = requests.map(({ headers }) => Number(headers["webhook-timestamp"]));
  expect((second ?? 0) - (first ?? 0)).toBe(5);
});

test("sends a batch as one request, under one id as long as it is the same batch", async () => {
  const { sink, requests, behave } = createWebhookStage({ mode: "batch" });
  behave(() => answered(429, { "retry-after": "3" }));
  expect(await sink.write(batch, never)).toMatchObject({
    kind: "retry",
    written: 0,
    afterMs: 3_000,
  });
  behave(() => answered(200));
  expect(await sink.write(batch, never)).toEqual({ kind: "written", refused: [] });
  expect(requests.map(idsIn)).toEqual(Array(2).fill(batch.map(({ cursor }) => cursor)));
  expect(new Set(requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test("asks for each entry of a refused batch by itself, once", async () => {
  const { sink, requests, behave } = createWebhookStage({ mode: "batch" });
  behave((request) => answered(idsIn(request).includes("sample-2") ? 413 : 200));
  expect(await sink.write(batch, never)).toMatchObject({
    kind: "written",
    refused: [{ index: 1, reason: "https://hooks.example.com answered 413" }],
  });
  expect(requests.map((request) => idsIn(request).length)).toEqual([4, 1, 1, 1, 1]);
  requests.length = 0;
  expect(await sink.write(batch.slice(1, 2), never)).toMatchObject({ refused: [{ index: 0 }] });
  expect(requests).toHaveLength(1);
});

test("gives up a request after its time, and only then", async () => {
  const { sink, behave, clock } = createWebhookStage({ timeoutMs: 250 });
  behave(() => "hang");
  const writing = sink.write(batch, never);
  let isDone = false;
  void writing.then(() => {
    isDone = true;
  });
  await clock.runUntil(clock.monotonicMs() + 249);
  await settled();
  expect(isDone).toBe(false);
  await clock.runUntil(clock.monotonicMs() + 1);
  expect(await writing).toMatchObject({
    kind: "retry",
    written: 0,
    error: {
      code: "WEBHOOK_TIMEOUT",
      message: "https://hooks.example.com did not answer within 250 ms.",
    },
  });
  expect(clock.timers).toBe(0);
});

test("sends nothing more once it is called off", async () => {
  const { sink, requests, behave } = createWebhookStage();
  const abort = new AbortController();
  behave(() => {
    abort.abort();
    return answered(204);
  });
  expect(await sink.write(batch, abort.signal)).toMatchObject({ kind: "retry", written: 1 });
  expect(requests).toHaveLength(1);
});

test("leaves no timer behind an answer", async () => {
  const { sink, clock } = createWebhookStage();
  await sink.write(batch, never);
  await settled();
  expect(clock.timers).toBe(0);
});

test("passes gaps over where a template names what only events have, and the other way round", async () => {
  const events = createWebhookStage({ body: "{{ data.number }}" });
  expect(await events.sink.write(batch, never)).toEqual({ kind: "written", refused: [] });
  expect(events.requests.map(({ body }) => body)).toEqual(["1", "2", "4"]);
  expect(await events.sink.check(never)).toMatchObject({ detail: expect.stringContaining("Gaps") });
  const gaps = createWebhookStage({ body: "{{ cause }}" });
  await gaps.sink.write(batch, never);
  expect(gaps.requests.map(({ body }) => body)).toEqual(['"cut"']);
  expect(await gaps.sink.check(never)).toMatchObject({ detail: expect.stringContaining("Events") });
});

test("tells places in the batch as they were, where gaps are passed over", async () => {
  const { sink, behave } = createWebhookStage({ body: "{{ data.number }}" });
  behave(byId({ "sample-4": 400 }));
  expect(await sink.write(batch, never)).toMatchObject({ refused: [{ index: 3 }] });
  behave(byId({ "sample-4": 500 }));
  expect(await sink.write(batch, never)).toMatchObject({ kind: "retry", written: 3 });
});

test("sends an entry that cannot be rendered to the dead letters, and the others on their way", async () => {
  const { sink, requests } = createWebhookStage({
    body: "{{ data.number }}",
    url: "https://h.example/{{ data.note }}",
  });
  const odd = sampleEvent(2, { raw: '{"eventBody":{"number":2}}' });
  expect(await sink.write([sampleEvent(1), odd, sampleEvent(3)], never)).toEqual({
    kind: "written",
    refused: [
      { index: 1, reason: "the URL asks for {{ data.note }}, which is missing in this entry" },
    ],
  });
  expect(requests).toHaveLength(2);
});

test("checks with OPTIONS, no credentials and no entry", async () => {
  const { sink, requests, behave } = createWebhookStage({
    url: "https://h.example/c/{{ data.id }}?key=hidden",
    headers: { authorization: "Bearer hidden" },
  });
  behave(() => answered(405));
  const outcome = await sink.check(never);
  expect(outcome).toMatchObject({ ok: true, detail: expect.stringContaining("OPTIONS: 405") });
  expect(requests).toEqual([
    {
      method: "OPTIONS",
      url: "https://h.example/",
      headers: { "user-agent": "trunkline" },
      body: undefined,
    },
  ]);
});

test("check says what stands in the way", async () => {
  const { sink, behave, clock } = createWebhookStage();
  behave(() => ({ kind: "failed", why: "forbidden", detail: "10.0.0.1 is not a public address" }));
  expect(await sink.check(never)).toMatchObject({
    ok: false,
    error: { code: "WEBHOOK_ADDRESS_FORBIDDEN" },
  });
  behave(() => "hang");
  const checking = sink.check(never);
  await clock.runUntil(clock.monotonicMs() + 10_000);
  expect(await checking).toMatchObject({ ok: false, error: { code: "WEBHOOK_TIMEOUT" } });
});

test("never shows path, query or body in an outcome", async () => {
  const { sink, behave } = createWebhookStage();
  for (const status of [301, 400, 401, 404, 410, 418, 429, 500]) {
    behave(() => answered(status, { location: "/x?key=hidden" }));
    const outcome = await sink.write(batch, never);
    const { message, help } = "error" in outcome ? outcome.error : { message: "", help: "" };
    expect(`${message}${help}${JSON.stringify(outcome)}`).not.toMatch(/hidden|swordfish|\/in/u);
  }
});

test("lets go of its connections", async () => {
  const { sink, isClosed } = createWebhookStage();
  expect(isClosed()).toBe(false);
  await sink.close();
  expect(isClosed()).toBe(true);
});
