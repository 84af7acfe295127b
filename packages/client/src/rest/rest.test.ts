import { inspect } from "node:util";
import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import type { HttpResponse } from "../ports.ts";
import { RestStage } from "../testing/rest-stage.ts";

const { signal } = new AbortController();
const request = { method: "GET", path: "/api/v2/x/the-id", route: "/api/v2/x/{id}" } as const;

function stage(...answers: readonly Partial<HttpResponse>[]): RestStage {
  const made = new RestStage(new SimClock(Date.UTC(2026, 0, 5, 8)));
  made.answers = [...answers];
  return made;
}

describe("an answer", () => {
  test("of 200 is its JSON, with the token that was accepted", async () => {
    const made = stage({ body: '{"a":1}' });
    const answer = await made.rest.call(request, signal);
    expect(answer).toMatchObject({ status: 200, json: { a: 1 } });
    expect(answer.token.secret.reveal()).toBe("token-1");
    expect(made.requests).toEqual([
      {
        method: "GET",
        url: "https://api.cloud.example/api/v2/x/the-id",
        headers: { authorization: "Bearer token-1", accept: "application/json" },
      },
    ]);
  });

  test("may be empty", async () => {
    const made = stage({ status: 204 });
    expect(await made.rest.call(request, signal)).toMatchObject({ status: 204, json: undefined });
  });

  test("a body is sent as JSON", async () => {
    const made = stage({});
    await made.rest.call({ ...request, method: "PUT", body: [{ id: "x" }] }, signal);
    expect(made.requests[0]).toMatchObject({
      body: '[{"id":"x"}]',
      headers: { "content-type": "application/json" },
    });
  });

  test("tells the server's clock from ours", async () => {
    const made = stage(
      { headers: { date: "Mon, 05 Jan 2026 08:00:07 GMT" } },
      { headers: { date: "?" } },
    );
    expect(made.rest.serverOffsetMs).toBeUndefined();
    await made.rest.call(request, signal);
    await made.rest.call(request, signal);
    expect(made.rest.serverOffsetMs).toBe(7_000);
  });
});

describe("an answer that is an error", () => {
  test.each([
    [301, "ANSWER_MALFORMED"],
    [307, "ANSWER_MALFORMED"],
    [400, "REQUEST_REFUSED"],
    [403, "FORBIDDEN"],
    [404, "NOT_FOUND"],
    [405, "REQUEST_REFUSED"],
    [408, "REQUEST_TIMED_OUT"],
    [409, "REQUEST_REFUSED"],
    [413, "REQUEST_REFUSED"],
    [429, "RATE_LIMITED"],
    [500, "SERVICE_FAILED"],
    [502, "SERVICE_FAILED"],
    [504, "SERVICE_FAILED"],
  ] as const)("%i is %s", async (status, code) => {
    const made = stage({ status });
    await expect(made.rest.call(request, signal)).rejects.toMatchObject({ code, status });
    expect(made.requests).toHaveLength(1);
  });

  test("of HTML where JSON belongs is another's answer", async () => {
    const made = stage({ body: "<html>Log in to the airport</html>" });
    await expect(made.rest.call(request, signal)).rejects.toMatchObject({
      code: "ANSWER_MALFORMED",
    });
  });

  test("has the service's words, its correlation id, its wait and the missing permissions", async () => {
    const message =
      'The user does not have permission "notifications:x:view" required for topic "a"; nor permission "routing:y:add"';
    const made = stage({
      status: 403,
      headers: { "inin-correlation-id": "c-1", "retry-after": "3" },
      body: JSON.stringify({ code: "notification.unauthorized.topic", message }),
    });
    await expect(made.rest.call(request, signal)).rejects.toMatchObject({
      correlationId: "c-1",
      retryAfterMs: 3_000,
      missingPermissions: ["notifications:x:view", "routing:y:add"],
      message: expect.stringContaining("notification.unauthorized.topic: The user"),
    });
  });

  test("names neither the id in the path nor the token, and neither does the trace", async () => {
    const made = stage({ status: 500 });
    const error: unknown = await made.rest.call(request, signal).catch((thrown: unknown) => thrown);
    const told = inspect([error, made.traces], { depth: 10 });
    expect(told).toContain("/api/v2/x/{id}");
    expect(told).not.toContain("the-id");
    expect(told).not.toContain("token-1");
  });
});

describe("401", () => {
  test("renews the token once, and the holder gets the new one", async () => {
    const made = stage({ status: 401 }, { body: "{}" });
    const holder = { token: await made.tokens.get() };
    const { token } = await made.rest.call({ ...request, holder }, signal);
    expect(made.bearers).toEqual(["Bearer token-1", "Bearer token-2"]);
    expect(holder.token).toBe(token);
  });

  test("twice is an error", async () => {
    const made = stage({ status: 401 });
    await expect(made.rest.call(request, signal)).rejects.toMatchObject({ code: "TOKEN_REFUSED" });
    expect(made.requests).toHaveLength(2);
    expect(made.tokensMade).toBe(2);
  });

  test("of a token that others have replaced already asks for no more", async () => {
    const made = stage({});
    const old = await made.tokens.get();
    await made.tokens.replace(old);
    made.answers = [{ status: 401 }, {}];
    await made.rest.call({ ...request, holder: { token: old } }, signal);
    expect(made.tokensMade).toBe(2);
    expect(made.bearers).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  test("the holder's own token is used, though the source has a newer one", async () => {
    const made = stage({});
    const old = await made.tokens.get();
    await made.tokens.replace(old);
    await made.rest.call({ ...request, holder: { token: old } }, signal);
    expect(made.bearers).toEqual(["Bearer token-1"]);
  });
});

describe("429", () => {
  test("holds the next call to the same endpoint back for as long as it says", async () => {
    const clock = new SimClock();
    const made = new RestStage(clock);
    made.answers = [{ status: 429, headers: { "retry-after": "20" } }, {}];
    await expect(made.rest.call(request, signal)).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryAfterMs: 20_000,
    });
    let doneAtMs = -1;
    void made.rest.call(request, signal).then(() => (doneAtMs = clock.monotonicMs()));
    await clock.runUntil(60_000);
    expect(doneAtMs).toBe(20_000);
  });
});
