import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startMs } from "../../testing/stage.ts";
import { between, Watcher } from "../../testing/watcher.ts";

const interval = between(startMs, startMs + 1000);
const filter = { type: "and", predicates: [{ dimension: "userId", value: "x" }] };
const valid: Readonly<Record<string, object>> = {
  "analytics/conversations/details/query": {
    interval,
    order: "desc",
    paging: { pageSize: 5, pageNumber: 1 },
    segmentFilters: [{ ...filter, clauses: [filter] }],
  },
  "analytics/users/details/query": { interval, userFilters: [filter] },
  "analytics/users/observations/query": { filter, metrics: ["oActiveQueues"] },
  "analytics/queues/observations/query": {
    filter: { type: "or", predicates: [{ dimension: "queueId", operator: "exists" }] },
    metrics: ["oWaiting", "oUserPresences"],
  },
  "analytics/conversations/activity/query": {
    metrics: [{ metric: "oWaiting" }],
    groupBy: ["queueId"],
  },
  "analytics/routing/activity/query": { metrics: [{ metric: "oMemberUsers" }], filter },
};

/** The same body, with something else in one place of it. */
function spoil(body: unknown, choices: readonly number[], instead: unknown): unknown {
  const [choice, ...others] = choices;
  if (choice === undefined || typeof body !== "object" || body === null) return instead;
  const entries = Object.entries(body);
  const at = choice % Math.max(1, entries.length);
  const changed = entries.map(([key, value], index): [string, unknown] => [
    key,
    index === at ? spoil(value, others, instead) : value,
  ]);
  return Array.isArray(body) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
}

describe.each(Object.entries(valid))("%s", (path, body) => {
  const watcher = new Watcher({});
  watcher.until(startMs + 60_000);

  test("takes what is right", () => {
    expect(watcher.post(path, body).status).toBe(200);
  });

  test("needs a body", () => {
    const { status, json } = watcher.post(path, undefined);
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: "bad.request" });
  });

  test("answers whatever is sent, with a code when it refuses", () => {
    const something = fc.oneof(fc.jsonValue(), fc.constantFrom("", null, -1, 1e300, [], {}));
    const choices = fc.array(fc.nat(9), { maxLength: 5 });
    fc.assert(
      fc.property(choices, something, (places, instead) => {
        const { status, json } = watcher.post(path, spoil(body, places, instead));
        const { code }: { code?: string } = Object(json);
        expect([200, 400]).toContain(status);
        expect(
          status === 200 || ["bad.request", "invalid.value", "invalid.date"].includes(code ?? ""),
        ).toBe(true);
      }),
    );
  });
});
