import { settled, SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import type { HttpResponse } from "../ports.ts";
import { RestStage } from "../testing/rest-stage.ts";
import { Stage } from "../testing/stage.ts";
import { createAsk, type Ask } from "./ask.ts";

const queue = "2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22";

interface Asking {
  readonly clock: SimClock;
  readonly stage: RestStage;
  readonly ask: Ask;
  readonly stopping: AbortController;
}

function asking(...answers: readonly Partial<HttpResponse>[]): Asking {
  const clock = new SimClock(0);
  const stage = new RestStage(clock);
  if (answers.length > 0) stage.answers = [...answers];
  const stopping = new AbortController();
  return { clock, stage, ask: createAsk(stage.rest, stopping.signal), stopping };
}

test("asks under the client's token, and answers status and JSON", async () => {
  const { stage, ask } = asking({ body: '{"total":3}' }, { status: 204 });
  const path = "/api/v2/routing/queues?pageSize=100&name=a%20b";
  expect(await ask({ method: "GET", path })).toEqual({ status: 200, body: { total: 3 } });
  expect(await ask({ method: "POST", path: "/api/v2/x", body: [1] })).toEqual({
    status: 204,
    body: undefined,
  });
  expect(stage.requests).toMatchObject([
    { url: `https://api.cloud.example${path}`, headers: { authorization: "Bearer token-1" } },
    { method: "POST", body: "[1]" },
  ]);
});

test("goes in a fifth of the budget", async () => {
  const { clock, stage, ask } = asking({ body: "{}" });
  for (let request = 0; request < 90; request++) void ask({ method: "GET", path: "/api/v2/users" });
  await clock.runUntil(60_000);
  expect(stage.requests).toHaveLength(60);
  await clock.runUntil(61_000);
  expect(stage.requests).toHaveLength(90);
});

test("a 429 is an error, and holds back every page of that listing, and no other", async () => {
  const { clock, stage, ask } = asking({ status: 429, headers: { "retry-after": "7" } }, {});
  const members = `/api/v2/routing/queues/${queue}/members`;
  await expect(ask({ method: "GET", path: `${members}?pageNumber=1` })).rejects.toMatchObject({
    code: "RATE_LIMITED",
    retryAfterMs: 7_000,
  });
  void ask({ method: "GET", path: `${members}?pageNumber=2` });
  await clock.runUntil(6_999);
  expect(stage.requests).toHaveLength(1);
  await ask({ method: "GET", path: "/api/v2/users" });
  expect(stage.requests).toHaveLength(2);
  await clock.runUntil(7_001);
  expect(stage.requests).toHaveLength(3);
});

test("a dead token is renewed once", async () => {
  const { stage, ask } = asking({ status: 401 }, { body: "{}" });
  await ask({ method: "GET", path: "/api/v2/users" });
  expect(stage.bearers).toEqual(["Bearer token-1", "Bearer token-2"]);
});

test("an error names neither ids nor the query", async () => {
  const { ask } = asking({ status: 403 });
  const path = `/api/v2/routing/queues/${queue}/members?name=Ada`;
  const error = await ask({ method: "GET", path }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "FORBIDDEN",
    message: expect.stringContaining("/api/v2/routing/queues/{id}/members was answered 403"),
  });
});

describe("a path", () => {
  test.each([
    "",
    "api/v2/users",
    "/users",
    "/api",
    "/api/v2/../../oauth/token",
    "/api/v2/./users",
    "/api//evil.example",
    "//evil.example/api/v2",
    "https://evil.example/api/v2",
    "/api/v2/users\r\nHost: evil.example",
    "/api/v2/users#x",
    "/api/v2/users?a b",
    "/api/v2/@/..",
    `/api/v2/${"x".repeat(8_192)}`,
  ])("that is none of the API's is refused: %j", async (path) => {
    const { stage, ask } = asking();
    await expect(ask({ method: "GET", path })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    expect(stage.requests).toEqual([]);
  });
});

describe("the end", () => {
  test("of the client is CLOSED, for what waits and for what comes later", async () => {
    const { clock, stage, ask, stopping } = asking({ body: "{}" });
    const outcomes: unknown[] = [];
    for (let request = 0; request < 61; request++)
      void ask({ method: "GET", path: "/api/v2/users" }).catch((error: { code?: string }) =>
        outcomes.push(error.code),
      );
    await clock.runUntil(1_000);
    stopping.abort();
    await settled();
    expect(outcomes).toEqual(["CLOSED"]);
    await expect(ask({ method: "GET", path: "/api/v2/users" })).rejects.toMatchObject({
      code: "CLOSED",
    });
    expect(stage.requests).toHaveLength(60);
  });

  test("of the caller's own signal is its reason", async () => {
    const { ask } = asking();
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(ask({ method: "GET", path: "/api/v2/users", signal })).rejects.toBe(reason);
  });
});

test("a client can ask before its stream is read, and not after it was closed", async () => {
  const stage = new Stage(new SimClock(0));
  stage.cloud.answer = ({ path }) =>
    path.startsWith("/api/v2/users") ? { status: 200, body: '{"entities":[]}' } : undefined;
  const asked = { method: "GET", path: "/api/v2/users?pageSize=100" } as const;
  const answer = stage.client.ask(asked);
  await stage.pass(1_000);
  expect(await answer).toEqual({ status: 200, body: { entities: [] } });
  await stage.client.close();
  await expect(stage.client.ask(asked)).rejects.toMatchObject({ code: "CLOSED" });
});
