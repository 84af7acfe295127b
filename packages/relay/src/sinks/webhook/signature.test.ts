import { Webhook } from "standardwebhooks";
import { expect, onTestFinished, test, vi } from "vitest";
import { sampleEvent, sampleGap } from "../../testing/sample-entries.ts";
import { createSign, messageId } from "./signature.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);
const old = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const next = `whsec_${Buffer.alloc(64, 2).toString("base64")}`;
const other = `whsec_${Buffer.alloc(32, 3).toString("base64")}`;

test("signs as the specification's own example", () => {
  const sign = createSign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  expect(sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_999, '{"test": 2432232314}')).toEqual({
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("is verified by the reference library with any of several secrets", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: nowMs });
  onTestFinished(() => void vi.useRealTimers());
  const body = '{"a":"ü"}';
  const headers = { "webhook-id": "j-1", ...createSign(`${next} ${old}\n`)("j-1", nowMs, body) };
  expect(new Webhook(old).verify(body, headers)).toEqual({ a: "ü" });
  expect(new Webhook(next).verify(body, headers)).toEqual({ a: "ü" });
  expect(() => new Webhook(other).verify(body, headers)).toThrow("No matching signature");
  expect(() => new Webhook(old).verify(`${body} `, headers)).toThrow("No matching signature");
});

test.each([
  "",
  "whsec_",
  "swordfish",
  Buffer.alloc(32, 1).toString("base64"),
  `whsec_${Buffer.alloc(23, 1).toString("base64")}`,
  `whsec_${Buffer.alloc(65, 1).toString("base64")}`,
  `${old}!`,
  `whsec_${"a".repeat(33)}`,
  [old, old, old, old, old].join(" "),
])("does not take %j as a secret, and does not repeat it", (secret) => {
  const attempt = (): unknown => createSign(secret);
  expect(attempt).toThrow(expect.objectContaining({ code: "WEBHOOK_INVALID" }));
  expect(attempt).not.toThrow(/AQEB|swordfish|aaaa/u);
});

test("names a message after its entry, and a batch after all of its entries", () => {
  const batch = [sampleEvent(1), sampleGap(2), sampleEvent(3)];
  expect(messageId([sampleEvent(7)])).toBe("sample-7");
  expect(messageId([sampleGap(8)])).toBe("sample-8");
  expect(messageId(batch)).toBe(messageId([...batch]));
  expect(messageId(batch)).toMatch(/^batch-[\da-f]{32}$/u);
  expect(messageId(batch.slice(1))).not.toBe(messageId(batch));
  expect(messageId([sampleEvent(1), sampleEvent(3)])).not.toBe(messageId(batch));
});
