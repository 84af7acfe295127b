import { readFileSync } from "node:fs";
import { Secret } from "@trunkline/client";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { WebhookOptions } from "../../config/config.ts";
import type { Entry } from "../../journal/entry.ts";
import { sampleEvent, sampleGap } from "../../testing/sample-entries.ts";
import { plainWebhook } from "../../testing/webhook-stage.ts";
import type { WebhookRequest } from "./http.ts";
import { planWebhook } from "./plan.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);

function requestOf(
  options: Partial<WebhookOptions>,
  entry: Entry = sampleEvent(1),
): WebhookRequest {
  const planned = planWebhook({ ...plainWebhook, ...options }).request([entry], nowMs);
  if (planned.kind === "refused") throw new Error(planned.reason);
  return planned.request;
}

test("sends CloudEvents by default, under the id of the entry", () => {
  const { method, url, headers, body } = requestOf({});
  expect({ method, url }).toEqual({ method: "POST", url: plainWebhook.url });
  expect(headers).toEqual({
    "user-agent": "trunkline",
    "content-type": "application/cloudevents+json; charset=utf-8",
    "webhook-id": "sample-1",
  });
  expect(JSON.parse(body ?? "")).toMatchObject({ specversion: "1.0", id: "sample-1" });
});

test("sends a batch as a list of CloudEvents", () => {
  const plan = planWebhook({ ...plainWebhook, mode: "batch" });
  const planned = plan.request([sampleEvent(1), sampleGap(2)], nowMs);
  if (planned.kind === "refused") throw new Error(planned.reason);
  const { headers, body } = planned.request;
  expect(headers["content-type"]).toBe("application/cloudevents-batch+json; charset=utf-8");
  expect(headers["webhook-id"]).toMatch(/^batch-/u);
  expect(JSON.parse(body ?? "")).toMatchObject([{ id: "sample-1" }, { id: "sample-2" }]);
});

test("makes a downstream call of an event: method, URL, headers and body", () => {
  const request = requestOf({
    method: "PATCH",
    url: "https://crm.example/users/{{ entity }}?n={{ data.number }}",
    headers: {
      Authorization: new Secret("header", "Bearer {{ swordfish }}"),
      "X-Topic": "t={{ topic }}",
      Accept: "text/plain",
    },
    body: '{"number": {{ data.number }}, "seen": "{{ receivedAt }}", "type": {{ type }}}',
  });
  expect(request.method).toBe("PATCH");
  expect(request.url).toBe("https://crm.example/users/11111111-1111-4111-8111-111111111111?n=1");
  expect(request.headers).toMatchObject({
    authorization: "Bearer {{ swordfish }}",
    "x-topic": "t=v2.users.11111111-1111-4111-8111-111111111111.presence",
    accept: "text/plain",
    "content-type": "application/json",
  });
  expect(JSON.parse(request.body ?? "")).toEqual({
    number: 1,
    seen: "2026-11-21T12:00:00.001Z",
    type: "cloud.genesys.v2.users.presence",
  });
});

test("makes a call of a gap", () => {
  const body =
    '{"text": "Lost from {{ from }} to {{ to ?? "now" }}: {{ cause }}, {{ topics.length }} topics"}';
  const { body: text } = requestOf({ body }, sampleGap(1));
  expect(JSON.parse(text ?? "")).toEqual({
    text: "Lost from 2026-11-21T12:00:00.000Z to now: cut, 1 topics",
  });
});

test("escapes the body for its content type", () => {
  const form = requestOf(
    {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "t={{ topic }}&d={{ data.note }}",
    },
    sampleEvent(1, { topic: "v2.a&b=c" }),
  );
  expect(form.body).toBe("t=v2.a%26b%3Dc&d=swordfish");
  expect(form.headers["content-type"]).toBe("application/x-www-form-urlencoded");
});

test("refuses an entry whose values cannot stand where they are asked for, and does not show them", () => {
  const plan = planWebhook({ ...plainWebhook, headers: { "x-note": "{{ data.note }}" } });
  const raw = JSON.stringify({ eventBody: { note: "swordfish\r\nx-evil: 1" } });
  const planned = plan.request([sampleEvent(1, { raw })], nowMs);
  expect(planned).toMatchObject({ kind: "refused", reason: expect.stringContaining("x-note") });
  expect(JSON.stringify(planned)).not.toContain("swordfish");
});

test("signs what it sends", () => {
  const key = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  const { headers } = requestOf({ secret: new Secret("webhook secret", key) });
  expect(headers["webhook-timestamp"]).toBe(String(nowMs / 1_000));
  expect(headers["webhook-signature"]).toMatch(/^v1,[\w+/]{43}=$/u);
});

test("takes secrets out of what a receiver says", () => {
  const plan = planWebhook({
    ...plainWebhook,
    headers: { authorization: new Secret("header", "Bearer hunter2000"), accept: "text/plain" },
  });
  expect(plan.scrub("hunter2000 sent Bearer hunter2000 as text/plain")).toBe(
    "[secret] sent [secret] [secret] as text/plain",
  );
});

test.each<[string, Partial<WebhookOptions>, string, string]>([
  ["a header name", { headers: { "x y": "1" } }, "WEBHOOK_INVALID", "x y"],
  ["a header of ours", { headers: { "Webhook-Id": "1" } }, "WEBHOOK_INVALID", "webhook-id"],
  ["a header of HTTP", { headers: { "Content-Length": "1" } }, "WEBHOOK_INVALID", "content-length"],
  ["the host", { headers: { Host: "x" } }, "WEBHOOK_INVALID", "host"],
  ["a line end", { headers: { "x-a": "1\r\nx-b: 2" } }, "WEBHOOK_INVALID", "x-a"],
  [
    "a secret line end",
    { headers: { "x-a": new Secret("h", "swordfish\n") } },
    "WEBHOOK_INVALID",
    "x-a",
  ],
  [
    "a header template",
    { headers: { "x-a": "{{ nope }}" } },
    "TEMPLATE_INVALID",
    "webhook.headers.x-a: ",
  ],
  ["a body template", { body: "{{ nope }}" }, "TEMPLATE_INVALID", "webhook.body: "],
  ["a body that is no JSON", { body: "hello" }, "TEMPLATE_INVALID", '"h" comes unexpected'],
  [
    "a content type from an event",
    { headers: { "content-type": "{{ topic }}" }, body: "1" },
    "WEBHOOK_INVALID",
    "content-type",
  ],
  ["a templated batch", { mode: "batch", body: "{}" }, "WEBHOOK_INVALID", "batch"],
  [
    "a batch to a templated URL",
    { mode: "batch", url: "https://h.example/{{ trunk }}" },
    "WEBHOOK_INVALID",
    "batch",
  ],
  ["what no entry has", { body: "[{{ topic }}, {{ cause }}]" }, "WEBHOOK_INVALID", "no entry"],
  ["no time", { timeoutMs: 0 }, "WEBHOOK_INVALID", "timeoutMs"],
  ["no number", { timeoutMs: Number.NaN }, "WEBHOOK_INVALID", "timeoutMs"],
  ["success as refusal", { refuseStatuses: [200] }, "WEBHOOK_INVALID", "200"],
  ["an odd range", { allow: ["10.0.0.0/99"] }, "WEBHOOK_INVALID", "10.0.0.0/99"],
  ["a short secret", { secret: new Secret("s", "whsec_swordfish") }, "WEBHOOK_INVALID", "whsec_"],
])("does not take %s", (_what, options, code, words) => {
  const attempt = (): unknown => planWebhook({ ...plainWebhook, ...options });
  expect(attempt).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  );
  expect(attempt).not.toThrow(/swordfish|hidden/u);
});

test("takes the examples of the documentation", () => {
  const text = readFileSync(new URL("../../../../../docs/SINKS.md", import.meta.url), "utf8");
  const examples = [...text.matchAll(/^```yaml\n(.*?)^```/gmsu)]
    .flatMap(([, yaml]) => (parse(yaml ?? "") as { readonly sinks: readonly Example[] }).sinks)
    .filter(({ type }) => type === "webhook");
  const serves = examples.map(({ url, body }) => {
    const fixed = url.replace("${CHAT_WEBHOOK_URL}", "https://chat.example/");
    return planWebhook({ ...plainWebhook, url: fixed, body }).serves;
  });
  expect(serves).toEqual([
    { event: true, gap: true },
    { event: true, gap: false },
    { event: false, gap: true },
  ]);
});

interface Example {
  readonly type: string;
  readonly url: string;
  readonly body: string | undefined;
}
