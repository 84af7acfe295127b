import { describe, expect, test } from "vitest";
import { Stage, startMs } from "../testing/stage.ts";
import { Deadlines } from "./deadlines.ts";
import { createDice } from "./dice.ts";
import { done, type Reply } from "./reply.ts";
import { createRouter, type Route } from "./router.ts";
import { defaultSettings } from "./settings.ts";
import { Tokens, type ClaimShift } from "./tokens.ts";

const channels = "/api/v2/notifications/channels";
const me = "/api/v2/tokens/me";

describe("every reply", () => {
  test("carries a correlation id, the date, and a context id when it is an error", () => {
    const stage = new Stage();
    const { headers, json } = stage.call("GET", me);
    expect(headers["inin-correlation-id"]).toMatch(/^[0-9a-f-]{36}$/u);
    expect(headers["date"]).toBe(new Date(startMs).toUTCString());
    expect(json).toMatchObject({
      contextId: headers["inin-correlation-id"],
      details: [],
      errors: [],
    });
  });

  test.each([
    ["GET", "/api/v2/nonsense", 404, "not.found"],
    ["GET", "/", 404, "not.found"],
    ["GET", "", 404, "not.found"],
    ["GET", "/api/v2/notifications/channels/%E0%A4%A/subscriptions", 404, "not.found"],
    ["GET", `${channels}/streaming-0-x`, 405, "method.not.allowed"],
    ["PATCH", channels, 405, "method.not.allowed"],
    ["DELETE", `${channels}/streaming-0-x`, 405, "method.not.allowed"],
  ])("%s %s is answered with %i %s", (method, path, status, code) => {
    const stage = new Stage();
    expect(stage.call(method, path, stage.token()).json).toMatchObject({ status, code });
  });

  test("to an unknown path needs no token", () => {
    expect(new Stage().call("GET", "/api/v2/nonsense").status).toBe(404);
  });
});

function put(stage: Stage, headers: Record<string, string>, body: string): unknown {
  const token = stage.token();
  const path = `${channels}/${stage.channel(token)}/subscriptions`;
  const response = stage.raw("PUT", path, { authorization: `Bearer ${token}`, ...headers }, body);
  return response === "cut" ? "cut" : JSON.parse(response.body);
}

describe("a body", () => {
  const json = { "content-type": "application/json; charset=UTF-8" };

  test.each([
    ["of another type", { "content-type": "text/plain" }, "[]", 415, "unsupported.media.type"],
    ["of no type", {}, "[]", 415, "unsupported.media.type"],
    ["that is no JSON", json, "[", 400, "bad.request"],
    ["that is no array", json, '{"id":"v2.x"}', 400, "bad.request"],
    ["without ids", json, '[{"topic":"v2.x"}]', 400, "bad.request"],
    ["with another kind of id", json, '[{"id":7}]', 400, "bad.request"],
    ["with null", json, "[null]", 400, "bad.request"],
    ["that is missing", {}, "", 400, "bad.request"],
    ["beyond the limit", json, `["${"ä".repeat(260_000)}"]`, 413, "request.entity.too.large"],
  ])("%s is refused", (_, headers, body, status, code) => {
    expect(put(new Stage(), headers, body)).toMatchObject({ status, code });
  });

  test("of an empty array is accepted", () => {
    expect(put(new Stage(), json, "[]")).toEqual({ entities: [] });
  });

  test("is not read where none is wanted", () => {
    const stage = new Stage();
    const token = stage.token();
    for (const body of ["", "{}", "nonsense"]) {
      const headers = { authorization: `Bearer ${token}` };
      expect(stage.raw("POST", channels, headers, body)).toMatchObject({ status: 200 });
    }
  });
});

const answer = (): Reply => done(200, {});

describe("a call that needs permissions", () => {
  const routes: Route[] = [
    { method: "GET", path: "/any", permissions: { any: ["a:b:view", "a:b:edit"] }, answer },
    { method: "GET", path: "/all", permissions: { all: ["a:b:view", "a:b:edit"] }, answer },
  ];

  function ask(
    path: string,
    permissions: "all" | readonly string[],
    shift: ClaimShift = { nbfMs: 0, expMs: 0 },
  ): unknown {
    const tokens = new Tokens({
      clients: [{ clientId: "x", clientSecret: "y", permissions }],
      dice: createDice(1, "ids"),
      roleDice: createDice(1, "roles"),
      deadlines: new Deadlines(),
      settings: defaultSettings,
      organizationId: "o",
      issuer: "i",
      onDeath: () => {},
      claimShift: () => shift,
    });
    const route = createRouter({
      routes,
      tokens,
      settings: defaultSettings,
      newCorrelationId: () => "id",
      speed: 1,
      region: undefined,
      hostRole: () => undefined,
    });
    const [client] = tokens.clients.values();
    if (client === undefined) throw new Error("no client");
    const authorization = `Bearer ${tokens.issue(client, startMs).value}`;
    const { status, body } = route(
      { method: "GET", path, headers: { authorization }, body: "" },
      startMs,
    );
    return status === 200 ? 200 : JSON.parse(body);
  }

  test("is let in with one of them, or with all, as the route wants", () => {
    expect(ask("/any", ["a:b:edit"])).toBe(200);
    expect(ask("/any", "all")).toBe(200);
    expect(ask("/all", ["a:b:edit", "a:b:view", "c:d:view"])).toBe(200);
  });

  test("comes too early with a token that is not valid yet, and hears by how much", () => {
    const shift = { nbfMs: 1234, expMs: 0 };
    expect(ask("/any", "all", shift)).toMatchObject({
      status: 401,
      code: "bad.credentials",
      message: expect.stringContaining("this clock is 1234 ms behind") as unknown,
      messageParams: { behindMs: "1234" },
    });
  });

  test("is refused with what is missing", () => {
    expect(ask("/any", ["c:d:view"])).toMatchObject({
      status: 403,
      code: "missing.any.permissions",
      message:
        "Unable to perform the requested action. You must have at least one of the following permissions assigned: [a:b:view, a:b:edit]",
    });
    expect(ask("/all", ["a:b:view"])).toMatchObject({
      status: 403,
      code: "missing.permissions",
      message:
        "Unable to perform the requested action. You are missing the following permission(s): [a:b:edit]",
      messageWithParams:
        "Unable to perform the requested action. You are missing the following permission(s): {permissions}",
      messageParams: { permissions: "[a:b:edit]" },
    });
  });
});

describe("the rate limit", () => {
  test("counts per token and minute, in headers", () => {
    const stage = new Stage();
    const token = stage.token();
    expect(stage.call("GET", me, token).headers).toMatchObject({
      "inin-ratelimit-count": "1",
      "inin-ratelimit-allowed": "300",
      "inin-ratelimit-reset": "60",
    });
    stage.pass(20_500);
    expect(stage.call("GET", me, token).headers).toMatchObject({
      "inin-ratelimit-count": "2",
      "inin-ratelimit-reset": "40",
    });
    expect(stage.call("GET", me, stage.token()).headers["inin-ratelimit-count"]).toBe("1");
  });

  test("answers the 301st call with 429 and when to come back, and lets it in then", () => {
    const stage = new Stage();
    const token = stage.token();
    for (let call = 0; call < 300; call += 1)
      expect(stage.call("HEAD", me, token).status).toBe(200);
    stage.pass(15_000);
    const limited = stage.call("POST", channels, token);
    expect(limited).toMatchObject({
      status: 429,
      headers: { "retry-after": "45", "inin-ratelimit-count": "300" },
      json: {
        code: "too.many.requests",
        message: "Rate limit exceeded the maximum. Retry the request in [45] seconds",
      },
    });
    expect(stage.cloud.state().channels).toEqual([]);
    stage.pass(45_000);
    expect(stage.call("GET", me, token).status).toBe(200);
  });

  test("says in the body which limit it was", () => {
    const stage = new Stage({ settings: { requestsPerMinuteMax: 1 } });
    const token = stage.token();
    stage.call("GET", me, token);
    expect(stage.call("GET", me, token).json).toEqual({
      message: "Rate limit exceeded the maximum. Retry the request in [60] seconds",
      code: "too.many.requests",
      status: 429,
      messageWithParams:
        "Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds",
      messageParams: { seconds: "60" },
      contextId: expect.any(String) as unknown,
      details: [],
      errors: [],
      limit: {
        key: "client.credentials.token.rate.per.minute",
        namespace: "platform.api",
        value: 1,
      },
    });
  });

  test("of the client counts all its tokens together", () => {
    const stage = new Stage({ settings: { clientRequestsPerMinuteMax: 3 } });
    const tokens = [stage.token(), stage.token()];
    for (const token of [0, 1, 0]) expect(stage.call("GET", me, tokens[token]).status).toBe(200);
    stage.pass(10_000);
    const limited = stage.call("GET", me, tokens[1]);
    expect(limited).toMatchObject({
      status: 429,
      headers: { "retry-after": "50", "inin-ratelimit-allowed": "3", "inin-ratelimit-count": "3" },
      json: { limit: { key: "org.app.user.rate.per.minute", value: 3 } },
    });
    stage.pass(50_000);
    expect(stage.call("GET", me, tokens[1]).status).toBe(200);
  });

  test("of a route is its own, and the headers show the limit that is nearest", () => {
    const stage = new Stage({
      settings: {
        requestsPerMinuteMax: 5,
        routeRequestsPerMinuteMax: { "POST /api/v2/notifications/channels": 2 },
      },
    });
    const token = stage.token();
    const allowed = (method: string, path: string): string | undefined =>
      stage.call(method, path, token).headers["inin-ratelimit-allowed"];
    expect(allowed("GET", me)).toBe("5");
    expect(allowed("POST", channels)).toBe("2");
    stage.pass(30_000);
    expect(allowed("POST", channels)).toBe("2");
    expect(stage.call("POST", channels, token)).toMatchObject({
      status: 429,
      headers: { "retry-after": "30", "inin-ratelimit-allowed": "2" },
    });
    expect(stage.call("POST", channels, stage.token()).status).toBe(200);
    expect(allowed("GET", channels)).toBe("5");
    expect(allowed("GET", channels)).toBe("5");
    expect(stage.call("GET", channels, token).status).toBe(429);
  });

  test.each(["too.many.requests", "too.many.requests.retry.after"] as const)(
    "is refused with %s, as set",
    (rateLimitCode) => {
      const stage = new Stage({ settings: { rateLimitCode, requestsPerMinuteMax: 1 } });
      const token = stage.token();
      stage.call("GET", me, token);
      expect(stage.call("GET", me, token).json).toMatchObject({ code: rateLimitCode });
    },
  );
});
