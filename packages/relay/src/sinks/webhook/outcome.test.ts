import { expect, test } from "vitest";
import { answered } from "../../testing/webhook-stage.ts";
import { judge, retryAfterMs, type Circumstances, type Verdict } from "./outcome.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);

const circumstances: Circumstances = {
  origin: "https://h.example",
  url: "https://h.example/in?key=hidden",
  isUrlTemplated: false,
  refuseStatuses: new Set([418, 500]),
  nowMs,
  scrub: (text) => text.replaceAll("swordfish", "[secret]"),
};

function told(verdict: Verdict): string {
  if (verdict.kind === "taken") return "taken";
  return verdict.kind === "refused" ? "refused" : `${verdict.kind} ${verdict.error.code}`;
}

test.each([
  [200, "taken"],
  [202, "taken"],
  [299, "taken"],
  [100, "retry WEBHOOK_FAILED"],
  [301, "retry WEBHOOK_REDIRECTED"],
  [304, "retry WEBHOOK_REDIRECTED"],
  [400, "refused"],
  [401, "retry WEBHOOK_UNAUTHORIZED"],
  [403, "retry WEBHOOK_UNAUTHORIZED"],
  [404, "retry WEBHOOK_MISCONFIGURED"],
  [405, "retry WEBHOOK_MISCONFIGURED"],
  [407, "retry WEBHOOK_UNAUTHORIZED"],
  [408, "retry WEBHOOK_FAILED"],
  [409, "refused"],
  [410, "gone WEBHOOK_GONE"],
  [413, "refused"],
  [415, "retry WEBHOOK_MISCONFIGURED"],
  [418, "refused"],
  [422, "refused"],
  [425, "retry WEBHOOK_FAILED"],
  [429, "retry WEBHOOK_BUSY"],
  [500, "refused"],
  [502, "retry WEBHOOK_FAILED"],
  [503, "retry WEBHOOK_BUSY"],
  [504, "retry WEBHOOK_FAILED"],
  [599, "retry WEBHOOK_FAILED"],
])("takes %s as %s", (status, expected) => {
  expect(told(judge(answered(status), circumstances))).toBe(expected);
});

test("takes 404 as about the entry where the URL was made from it", () => {
  const about = { ...circumstances, isUrlTemplated: true };
  expect(told(judge(answered(404), about))).toBe("refused");
  expect(told(judge(answered(401), about))).toBe("retry WEBHOOK_UNAUTHORIZED");
});

test.each([
  ["forbidden", "WEBHOOK_ADDRESS_FORBIDDEN"],
  ["untrusted", "WEBHOOK_UNTRUSTED"],
  ["unreachable", "WEBHOOK_UNREACHABLE"],
] as const)("tries again when there is no answer: %s", (why, code) => {
  const verdict = judge({ kind: "failed", why, detail: "because" }, circumstances);
  expect(verdict).toMatchObject({ kind: "retry", error: { code, recovery: "retries" } });
  expect(verdict).toHaveProperty("error.message", "https://h.example: because.");
});

test("tells in a refusal what the receiver said: printable, short, without secrets", () => {
  const body = `{"error":\n\t"no \u0000\u001b[31msuch swordfish"}${"x".repeat(500)}`;
  const verdict = judge(answered(422, {}, body), circumstances);
  expect(verdict).toMatchObject({ kind: "refused" });
  const reason = verdict.kind === "refused" ? verdict.reason : "";
  expect(reason).toMatch(
    /^https:\/\/h\.example answered 422: \{"error": "no \[31msuch \[secret\]"\}x+$/u,
  );
  expect(reason.length).toBe("https://h.example answered 422: ".length + 200);
});

test.each([
  ["https://other.example/in?key=hidden2", "https://other.example, same path"],
  ["http://h.example/else?token=hidden3", "http://h.example, another path"],
  ["/in/", "the same path with a / at its end"],
  ["/secret/path", "another path on the same host"],
  ["/in?x=1", "itself"],
  ["http://[", "nowhere"],
])("says where a redirect to %s leads, without what may be secret", (location, words) => {
  const verdict = judge(answered(308, { location }), circumstances);
  expect(verdict).toHaveProperty("error.message", expect.stringContaining(words));
  expect(verdict).not.toHaveProperty("error.message", expect.stringMatching(/hidden|secret/u));
});

test("hands on the pause that the receiver asks for", () => {
  expect(judge(answered(429, { "retry-after": "7" }), circumstances)).toMatchObject({
    kind: "retry",
    afterMs: 7_000,
  });
  expect(
    judge(answered(500, { "retry-after": "7" }), { ...circumstances, refuseStatuses: new Set() }),
  ).toMatchObject({ afterMs: 7_000 });
  expect(judge(answered(503), circumstances)).toHaveProperty("afterMs", undefined);
});

test.each([
  ["0", undefined, 0],
  [" 120 ", undefined, 120_000],
  ["99999999999999999999", undefined, 3_600_000],
  ["Sat, 21 Nov 2026 12:00:30 GMT", undefined, 30_000],
  ["Sat, 21 Nov 2026 11:00:00 GMT", undefined, 0],
  ["Sat, 21 Nov 2037 12:00:00 GMT", undefined, 3_600_000],
  ["Sat, 21 Nov 2026 15:00:30 GMT", "Sat, 21 Nov 2026 15:00:00 GMT", 30_000],
  ["-5", undefined, undefined],
  ["1.5", undefined, undefined],
  ["2026", undefined, 2_026_000],
  ["2026-11-21T12:00:30Z", undefined, undefined],
  ["soon", undefined, undefined],
  ["", undefined, undefined],
])("reads Retry-After %j with Date %j as %s ms", (after, date, expected) => {
  const headers = { "retry-after": after, ...(date === undefined ? {} : { date }) };
  expect(retryAfterMs(headers, nowMs)).toBe(expected);
});
