import { settled, SimClock } from "@trunkline/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import { backgroundWaitingMax, parseRetryAfterMs, RequestBudget, waitingMax } from "./budget.ts";

const minute = 61_000;
const { signal } = new AbortController();

function stage(perMinute: number): { clock: SimClock; budget: RequestBudget } {
  const clock = new SimClock(1_000_000);
  return { clock, budget: new RequestBudget(clock, new Elapsed(clock), perMinute) };
}

/** The most that was sent within any 60 s. */
function densest(sentAtMs: readonly number[]): number {
  return sentAtMs.reduce(
    (most, startMs) =>
      Math.max(most, sentAtMs.filter((atMs) => atMs >= startMs && atMs < startMs + minute).length),
    0,
  );
}

describe("the window", () => {
  test("lets a minute's worth go at once, and the next when the first is a minute old", async () => {
    const { clock, budget } = stage(3);
    const sentAtMs: number[] = [];
    for (let request = 0; request < 7; request++)
      void budget.take("GET /a", signal).then(() => sentAtMs.push(clock.monotonicMs()));
    await clock.runUntil(5 * minute);
    expect(sentAtMs).toEqual([0, 0, 0, minute, minute, minute, 2 * minute]);
  });

  test("first come, first served", async () => {
    const { clock, budget } = stage(2);
    const order: number[] = [];
    for (let request = 0; request < 6; request++)
      void budget.take(`GET /${request}`, signal).then(() => order.push(request));
    await clock.runUntil(5 * minute);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("never more than N in any 60 s, however they come, and whatever pauses are asked for", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.record({ afterMs: fc.nat(20_000), endpoint: fc.nat(3), pauseMs: fc.nat(9) }), {
          maxLength: 60,
          size: "max",
        }),
        async (perMinute, requests) => {
          const { clock, budget } = stage(perMinute);
          const sentAtMs: number[] = [];
          let atMs = 0;
          for (const { afterMs, endpoint, pauseMs } of requests) {
            atMs += afterMs;
            clock.at(atMs, () => {
              // One request in ten meets an endpoint that has asked for a pause.
              if (pauseMs === 9) budget.learn(`GET /${endpoint}`, {}, 100_000);
              void budget
                .take(`GET /${endpoint}`, signal)
                .then(() => sentAtMs.push(clock.monotonicMs()));
            });
          }
          await clock.runUntil(atMs + 100 * minute);
          expect(sentAtMs).toHaveLength(requests.length);
          expect(densest(sentAtMs)).toBeLessThanOrEqual(perMinute);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("a pause that an endpoint asks for", () => {
  test("holds back that endpoint, and nobody else", async () => {
    const { clock, budget } = stage(300);
    budget.learn("GET /a", {}, 30_000);
    const sent: (readonly [string, number])[] = [];
    for (const endpoint of ["GET /a", "GET /b"])
      void budget.take(endpoint, signal).then(() => sent.push([endpoint, clock.monotonicMs()]));
    await clock.runUntil(minute);
    expect(sent).toEqual([
      ["GET /b", 0],
      ["GET /a", 30_000],
    ]);
  });

  test.each([
    [
      {
        "inin-ratelimit-count": "180",
        "inin-ratelimit-allowed": "180",
        "inin-ratelimit-reset": "7",
      },
      7_000,
    ],
    [
      {
        "inin-ratelimit-count": "179",
        "inin-ratelimit-allowed": "180",
        "inin-ratelimit-reset": "7",
      },
      0,
    ],
    [
      { "inin-ratelimit-count": "1", "inin-ratelimit-allowed": "0", "inin-ratelimit-reset": "7" },
      0,
    ],
    [
      { "inin-ratelimit-count": "x", "inin-ratelimit-allowed": "y", "inin-ratelimit-reset": "z" },
      0,
    ],
    [{}, 0],
  ])("is learned from %j: %i ms", async (headers, pauseMs) => {
    const { clock, budget } = stage(300);
    budget.learn("GET /a", headers, undefined);
    let sentAtMs = -1;
    void budget.take("GET /a", signal).then(() => (sentAtMs = clock.monotonicMs()));
    await clock.runUntil(minute);
    expect(sentAtMs).toBe(pauseMs);
  });

  test("the longer of Retry-After and the window's reset counts", async () => {
    const { clock, budget } = stage(300);
    const exhausted = {
      "inin-ratelimit-count": "5",
      "inin-ratelimit-allowed": "5",
      "inin-ratelimit-reset": "20",
    };
    budget.learn("GET /a", exhausted, 3_000);
    let sentAtMs = -1;
    void budget.take("GET /a", signal).then(() => (sentAtMs = clock.monotonicMs()));
    await clock.runUntil(minute);
    expect(sentAtMs).toBe(20_000);
  });

  test("is not ended by a shorter one that is learned later", async () => {
    const { clock, budget } = stage(300);
    budget.learn("GET /a", {}, 30_000);
    budget.learn("GET /a", {}, 1_000);
    let sentAtMs = -1;
    void budget.take("GET /a", signal).then(() => (sentAtMs = clock.monotonicMs()));
    await clock.runUntil(minute);
    expect(sentAtMs).toBe(30_000);
  });

  test("that is learned while a request waits for the window is obeyed", async () => {
    const { clock, budget } = stage(1);
    await budget.take("GET /b", signal);
    let sentAtMs = -1;
    void budget.take("GET /a", signal).then(() => (sentAtMs = clock.monotonicMs()));
    await clock.runUntil(10_000);
    budget.learn("GET /a", {}, 90_000);
    await clock.runUntil(10 * minute);
    expect(sentAtMs).toBeGreaterThanOrEqual(100_000);
  });

  test("is remembered for many endpoints, those that are over being forgotten", async () => {
    const { clock, budget } = stage(300);
    for (let endpoint = 0; endpoint < 100; endpoint++) budget.learn(`GET /${endpoint}`, {}, 1_000);
    await clock.runUntil(2_000);
    budget.learn("GET /new", {}, 5_000);
    let sentAtMs = -1;
    void budget.take("GET /new", signal).then(() => (sentAtMs = clock.monotonicMs()));
    await clock.runUntil(minute);
    expect(sentAtMs).toBe(7_000);
  });
});

describe("the queue", () => {
  test("is bounded, and says so", async () => {
    const { clock, budget } = stage(1);
    const outcomes: string[] = [];
    for (let request = 0; request < waitingMax + 2; request++)
      void budget.take("GET /a", signal).then(
        () => undefined,
        (error: { code?: string }) => outcomes.push(error.code ?? ""),
      );
    await settled();
    await clock.runUntil(1);
    expect(outcomes).toEqual(["REQUEST_QUEUE_FULL", "REQUEST_QUEUE_FULL"]);
  });

  test("a request that is aborted while it waits rejects, and lets the next one go", async () => {
    const { clock, budget } = stage(1);
    await budget.take("GET /a", signal);
    const aborting = new AbortController();
    const outcomes: string[] = [];
    void budget.take("GET /a", aborting.signal).catch(() => outcomes.push("aborted"));
    void budget.take("GET /a", signal).then(() => outcomes.push(`sent at ${clock.monotonicMs()}`));
    await clock.runUntil(1_000);
    aborting.abort();
    await settled();
    expect(outcomes).toEqual(["aborted"]);
    await clock.runUntil(3 * minute);
    expect(outcomes).toEqual(["aborted", `sent at ${minute}`]);
  });

  test("a request that is aborted in its endpoint's pause rejects at once", async () => {
    const { budget } = stage(300);
    budget.learn("GET /a", {}, 30_000);
    const aborting = new AbortController();
    const outcome = budget.take("GET /a", aborting.signal).then(
      () => "sent",
      () => "aborted",
    );
    await settled();
    aborting.abort();
    expect(await outcome).toBe("aborted");
  });
});

describe("in the background", () => {
  test("go a fifth of the budget at most, and one where a fifth is less", async () => {
    for (const [perMinute, share] of [
      [10, 2],
      [3, 1],
    ] as const) {
      const { clock, budget } = stage(perMinute);
      const sentAtMs: number[] = [];
      for (let request = 0; request < 3 * share; request++)
        void budget
          .takeInBackground("GET /a", signal)
          .then(() => sentAtMs.push(clock.monotonicMs()));
      await clock.runUntil(10 * minute);
      const expected = [0, minute, 2 * minute].flatMap((atMs) => Array(share).fill(atMs));
      expect(sentAtMs).toEqual(expected);
    }
  });

  test("nothing goes while a request of the lines waits, whoever came first", async () => {
    const { clock, budget } = stage(5);
    const order: string[] = [];
    const line = (name: string): void =>
      void budget.take("GET /line", signal).then(() => order.push(name));
    for (let request = 0; request < 5; request++) line("first");
    await clock.runUntil(1_000);
    void budget.takeInBackground("GET /a", signal).then(() => order.push("background"));
    await clock.runUntil(2_000);
    for (let request = 0; request < 5; request++) line("second");
    await clock.runUntil(3_000);
    for (let request = 0; request < 2; request++) line("third");
    await clock.runUntil(10 * minute);
    expect(order.slice(5)).toEqual([...Array(5).fill("second"), "third", "third", "background"]);
  });

  test("a request counts for the window of all", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ afterMs: fc.nat(9_000), isLine: fc.boolean() }), {
          maxLength: 60,
          size: "max",
        }),
        async (requests) => {
          const { clock, budget } = stage(6);
          const sentAtMs: number[] = [];
          let atMs = 0;
          for (const { afterMs, isLine } of requests) {
            atMs += afterMs;
            clock.at(atMs, () => {
              const sent = isLine
                ? budget.take("GET /a", signal)
                : budget.takeInBackground("GET /b", signal);
              void sent.then(() => sentAtMs.push(clock.monotonicMs()));
            });
          }
          await clock.runUntil(atMs + 100 * minute);
          expect(sentAtMs).toHaveLength(requests.length);
          expect(densest(sentAtMs)).toBeLessThanOrEqual(6);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("an endpoint's pause is obeyed", async () => {
    const { clock, budget } = stage(300);
    budget.learn("GET /a", {}, 30_000);
    let sentAtMs = -1;
    void budget.takeInBackground("GET /a", signal).then(() => (sentAtMs = clock.monotonicMs()));
    await clock.runUntil(minute);
    expect(sentAtMs).toBe(30_000);
  });

  test("one that is aborted while it waits rejects, for its share or for the lines", async () => {
    const { clock, budget } = stage(1);
    await budget.take("GET /line", signal);
    void budget.take("GET /line", signal);
    const aborting = new AbortController();
    const outcomes: string[] = [];
    for (let request = 0; request < 2; request++)
      void budget
        .takeInBackground("GET /a", aborting.signal)
        .catch(() => outcomes.push(`aborted at ${clock.monotonicMs()}`));
    await clock.runUntil(1_000);
    aborting.abort();
    await settled();
    expect(outcomes).toEqual(["aborted at 1000", "aborted at 1000"]);
    let sentAtMs = -1;
    void budget.takeInBackground("GET /a", signal).then(() => (sentAtMs = clock.monotonicMs()));
    await clock.runUntil(5 * minute);
    expect(sentAtMs).toBe(2 * minute);
  });

  test("only so many wait", async () => {
    const { clock, budget } = stage(1);
    const outcomes: string[] = [];
    for (let request = 0; request < backgroundWaitingMax + 3; request++)
      void budget.takeInBackground("GET /a", signal).then(
        () => undefined,
        (error: { code?: string }) => outcomes.push(error.code ?? ""),
      );
    await settled();
    await clock.runUntil(1);
    expect(outcomes).toEqual(Array(3).fill("REQUEST_QUEUE_FULL"));
  });
});

describe("Retry-After", () => {
  const date = "Mon, 05 Jan 2026 08:00:00 GMT";
  test.each([
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "1.5" }, 1_500],
    [{ "retry-after": "Mon, 05 Jan 2026 08:00:30 GMT", date }, 30_000],
    [{ "retry-after": "Mon, 05 Jan 2026 07:59:30 GMT", date }, 0],
    [{ "retry-after": "Mon, 05 Jan 2026 08:00:30 GMT" }, undefined],
    [{ "retry-after": "soon", date }, undefined],
    [{}, undefined],
  ])("%j is %s ms", (headers: Readonly<Record<string, string>>, ms) => {
    expect(parseRetryAfterMs(headers)).toBe(ms);
  });
});

test("an absurd Retry-After holds an endpoint for an hour, not for years", async () => {
  const { clock, budget } = stage(10);
  expect(parseRetryAfterMs({ "retry-after": "999999999" })).toBe(3_600_000);
  budget.learn(
    "GET /a",
    { "inin-ratelimit-count": "1", "inin-ratelimit-allowed": "1", "inin-ratelimit-reset": "1e9" },
    undefined,
  );
  let sentAtMs: number | undefined;
  void budget.take("GET /a", signal).then(() => (sentAtMs = clock.monotonicMs()));
  await clock.runUntil(120 * minute);
  expect(sentAtMs).toBe(3_600_000);
});
