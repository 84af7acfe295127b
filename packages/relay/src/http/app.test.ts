import { Secret } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { codeOf, stageHttp } from "../testing/http-stage.ts";
import type { ErrorReply } from "./api.ts";
import { routesOf } from "./app.ts";
import { createMetrics } from "./metrics.ts";

const token = new Secret("token", "s3cret-ABC");
const withToken = { headers: { authorization: "Bearer s3cret-ABC" } };

/** Every way to ask, so that a route that is added unguarded fails here. */
const everything = [
  "GET /healthz",
  "GET /readyz",
  "GET /metrics",
  "GET /admin/entries?follow=false",
  "GET /admin/gaps",
  "GET /admin/trunks",
  "GET /admin/topics",
  "GET /admin/journal",
  "GET /admin/subscribers",
  "POST /admin/reload",
  "GET /admin/sinks",
  "POST /admin/sinks/http/check",
  "POST /admin/sinks/http/resume",
  "POST /admin/sinks/http/rewind",
  "GET /admin/sinks/http/dead-letters",
  "POST /admin/sinks/http/dead-letters/replay",
  "DELETE /admin/sinks/http/dead-letters",
  "GET /openapi.json",
  "GET /no/such/path",
  "PUT /admin/sinks",
].map((line) => line.split(" ") as ["GET" | "POST" | "DELETE" | "PUT", string]);

test("the list above has every route", () => {
  const { service, clock } = stageHttp();
  const version = "1.2.3";
  const routes = routesOf({ service, clock, version }, createMetrics(service, version, false));
  const listed = everything.map(([method, url]) => `${method} ${url.split("?")[0] ?? ""}`);
  for (const { method, path } of routes)
    expect(listed).toContain(`${method} ${path.replace(":name", "http")}`);
});

describe.each(everything)("%s %s", (method, url) => {
  test("is not answered under a foreign name", async () => {
    const { app, service } = stageHttp();
    const answer = await app.inject({ method, url, headers: { host: "evil.example" } });
    expect([answer.statusCode, codeOf(answer)]).toEqual([421, "HOST_FORBIDDEN"]);
    expect(service.done).toEqual([]);
  });

  test("is not answered to a foreign page", async () => {
    const { ask, service } = stageHttp();
    const answer = await ask(url, { method, headers: { origin: "https://evil.example" } });
    expect([answer.statusCode, codeOf(answer)]).toEqual([403, "ORIGIN_FORBIDDEN"]);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(service.done).toEqual([]);
  });

  test("needs the token, unless it only says whether all is well", async () => {
    const { ask, service } = stageHttp({ token });
    const answer = await ask(url, { method });
    const isOpen = ["/healthz", "/readyz", "/openapi.json"].includes(url);
    expect([answer.statusCode, answer.headers["www-authenticate"]]).toEqual(
      isOpen ? [200, undefined] : [401, 'Bearer realm="trunkline"'],
    );
    expect(service.done).toEqual([]);
    const admitted = await ask(url, { method, ...withToken });
    expect(admitted.statusCode).not.toBe(401);
  });

  test("has headers that keep browsers from guessing, keeping and framing", async () => {
    const { headers } = await stageHttp().ask(url, { method });
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
    expect(headers["server"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  });
});

test("a missing token is told with how to send it", async () => {
  const answer = await stageHttp({ token }).ask("/admin/sinks");
  expect(codeOf(answer)).toBe("TOKEN_REQUIRED");
  expect(answer.json<ErrorReply>().error.help).toContain("authorization: Bearer");
});

test("a wrong token is told as wrong", async () => {
  const { ask } = stageHttp({ token });
  const answer = await ask("/admin/sinks", { headers: { authorization: "Bearer no" } });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers["www-authenticate"]).toContain('error="invalid_token"');
  expect(answer.body).not.toContain("s3cret");
});

test("the name that was refused is shown, with what to configure", async () => {
  const { error } = (
    await stageHttp().ask("/healthz", { headers: { host: "relay.lan:1" } })
  ).json<ErrorReply>();
  expect(error.message).toContain('"relay.lan:1"');
  expect(error.help).toContain("http.hosts");
});

describe("a page of a listed origin", () => {
  const origin = "https://app.example.com";
  const { ask } = stageHttp({ token, origins: [origin] });

  test("can read the answers", async () => {
    const { headers } = await ask("/admin/trunks", { headers: { origin, ...withToken.headers } });
    expect(headers).toMatchObject({ "access-control-allow-origin": origin, vary: "origin" });
  });

  test("can read a stream", async () => {
    const { headers } = await ask("/admin/entries?follow=false", {
      headers: { origin, ...withToken.headers },
    });
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-expose-headers": expect.stringContaining("trunkline-cursor") as string,
    });
  });

  test("is told before what it may send", async () => {
    const answer = await ask("/admin/reload", { method: "OPTIONS", headers: { origin } });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers["access-control-allow-headers"]).toContain("authorization");
  });

  test("needs the token all the same", async () => {
    expect((await ask("/admin/trunks", { headers: { origin } })).statusCode).toBe(401);
  });
});

describe("what is refused", () => {
  test("an unknown path, with the near one", async () => {
    const answer = await stageHttp().ask("/admin/snks?x=1");
    expect([answer.statusCode, codeOf(answer)]).toEqual([404, "ROUTE_UNKNOWN"]);
    expect(answer.json<ErrorReply>().error.message).toContain("/admin/sinks?");
  });

  test("a method that there is not, with those that there are", async () => {
    const answer = await stageHttp().ask("/admin/sinks/x/dead-letters", { method: "PUT" });
    expect([answer.statusCode, codeOf(answer)]).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(answer.headers["allow"]).toBe("GET, HEAD, DELETE");
    const head = await stageHttp().ask("/admin/entries", { method: "HEAD" });
    expect([head.statusCode, head.headers["allow"]]).toEqual([405, "GET"]);
  });

  const eventApi = [
    { method: "POST", path: "/oauth/token", answer: () => Promise.resolve({ value: {} }) },
  ] as const;

  test.each([
    ["GET", "/oauth/token", 405, "METHOD_NOT_ALLOWED", "POST"],
    ["OPTIONS", "/oauth/token", 405, "METHOD_NOT_ALLOWED", "POST"],
    ["POST", "/oauth/tokens", 404, "PATH_UNKNOWN", undefined],
    ["POST", "/api/v2/analytics/event?x=1", 404, "PATH_UNKNOWN", undefined],
    ["GET", "/websocket", 404, "PATH_UNKNOWN", undefined],
  ] as const)(
    "of the Event API in its own shape, with or without http.token: %s %s",
    async (method, path, status, code, allow) => {
      for (const config of [{}, { token }]) {
        const { ask } = stageHttp(config, eventApi);
        // Whatever the body is: there is nothing to read it.
        const headers = { "content-type": "application/json" };
        const answer = await ask(path, { method, headers, payload: "{" });
        expect([answer.statusCode, answer.headers["allow"]]).toEqual([status, allow]);
        expect(answer.json()).toEqual({
          code,
          status,
          message: expect.stringContaining(path.split("?")[0] ?? "") as string,
          help: expect.stringMatching(/./u) as string,
          contextId: expect.stringMatching(/./u) as string,
        });
      }
    },
  );

  test("of the Event API as of any other, where that is not served", async () => {
    const answer = await stageHttp().ask("/oauth/token", { method: "POST" });
    expect([answer.statusCode, codeOf(answer)]).toEqual([404, "ROUTE_UNKNOWN"]);
  });

  test("to say what a page may send, where no page asks", async () => {
    const answer = await stageHttp().ask("/admin/sinks", { method: "OPTIONS" });
    expect([answer.statusCode, answer.headers["allow"]]).toEqual([405, "GET, HEAD"]);
  });

  test.each([
    ["text/plain", '{"cursor":"0"}', 415, "CONTENT_TYPE_UNSUPPORTED"],
    ["application/x-www-form-urlencoded", "cursor=0", 415, "CONTENT_TYPE_UNSUPPORTED"],
    ["application/jsonp", "{}", 415, "CONTENT_TYPE_UNSUPPORTED"],
    ["nonsense", "{}", 415, "CONTENT_TYPE_UNSUPPORTED"],
    ["application/json", '{"cursor":', 400, "JSON_INVALID"],
    ["application/json", '{"__proto__":{"a":1}}', 400, "JSON_INVALID"],
    ["application/json", "", 400, "REQUEST_INVALID"],
    ["application/json", "[]", 400, "REQUEST_INVALID"],
    ["application/json", "null", 400, "REQUEST_INVALID"],
    ["application/json", `{"cursor":"${"0".repeat(65_536)}"}`, 413, "BODY_TOO_LARGE"],
  ])("a body: %s %.20s", async (type, payload, status, code) => {
    const { ask, service } = stageHttp();
    const answer = await ask("/admin/sinks/http/rewind", {
      method: "POST",
      payload,
      headers: { "content-type": type },
    });
    expect([answer.statusCode, codeOf(answer)]).toEqual([status, code]);
    expect(service.done).toEqual([]);
  });

  test("a body without a type", async () => {
    const { ask, service } = stageHttp();
    const answer = await ask("/admin/sinks/http/resume", {
      method: "POST",
      payload: Buffer.from("{}"),
    });
    expect([answer.statusCode, codeOf(answer)]).toEqual([415, "CONTENT_TYPE_UNSUPPORTED"]);
    expect(service.done).toEqual([]);
  });

  test("a path that is none, or too long", async () => {
    const { ask } = stageHttp();
    const bad = await ask("/admin/sinks/%zz/dead-letters");
    expect([bad.statusCode, codeOf(bad)]).toEqual([400, "REQUEST_MALFORMED"]);
    const long = await ask(`/healthz?x=${"x".repeat(8_192)}`);
    expect([long.statusCode, codeOf(long)]).toEqual([414, "URL_TOO_LONG"]);
    const name = await ask(`/admin/sinks/${"x".repeat(101)}/dead-letters`);
    expect([name.statusCode, codeOf(name)]).toEqual([414, "URL_TOO_LONG"]);
  });

  test("all that is wrong with a query, at once, with what was meant", async () => {
    const answer = await stageHttp().ask("/admin/gaps?open=yes&limit=0&trnk=main");
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, "REQUEST_INVALID"]);
    expect(answer.json<ErrorReply>().error.details).toEqual([
      { path: "?open", message: "expected true or false" },
      { path: "?limit", message: "expected a whole number from 1 to 1000" },
      { path: "?trnk", message: "there is no such name; did you mean trunk?" },
    ]);
  });

  test("anything at all while the relay ends", async () => {
    const { ask, stopping } = stageHttp();
    stopping.abort();
    const answer = await ask("/admin/trunks");
    expect([answer.statusCode, codeOf(answer)]).toEqual([503, "SHUTTING_DOWN"]);
  });
});

describe("when the service fails", () => {
  test("a bug says nothing to strangers, and is logged", async () => {
    const { post, service, lines } = stageHttp();
    service.reloads = () => Promise.reject(new Error("the inner word"));
    const answer = await post("/admin/reload");
    expect([answer.statusCode, codeOf(answer)]).toEqual([500, "INTERNAL"]);
    expect(answer.body).not.toContain("inner word");
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: "error",
        code: "INTERNAL",
        cause: expect.stringContaining("the inner word") as string,
      }),
    );
  });

  test("a bad configuration is told with all its complaints", async () => {
    const { post, service } = stageHttp();
    const complaint = {
      path: "trunks[0].region",
      source: "trunkline.yaml:3:5",
      line: 3,
      column: 5,
      message: "no such region",
      help: "Take another.",
      frame: undefined,
    };
    service.reloads = () =>
      Promise.reject(new RelayError("CONFIG_INVALID", "no good", { complaints: [complaint] }));
    const answer = await post("/admin/reload");
    expect([answer.statusCode, codeOf(answer)]).toEqual([422, "CONFIG_INVALID"]);
    const { path, message, help, source } = complaint;
    expect(answer.json<ErrorReply>().error.details).toEqual([{ path, message, help, source }]);
  });

  test("an answer that does not come is given up after 30 s, and the work told so", async () => {
    const { post, service, clock } = stageHttp();
    let seen: AbortSignal | undefined;
    service.checks = (signal) => {
      seen = signal;
      return new Promise(() => {});
    };
    const answering = post("/admin/sinks/http/check");
    await clock.runUntil(29_999);
    expect(seen?.aborted).toBe(false);
    await clock.runUntil(30_000);
    const answer = await answering;
    expect([answer.statusCode, codeOf(answer)]).toEqual([503, "ANSWER_TIMEOUT"]);
    expect(seen?.aborted).toBe(true);
  });
});

test("a request is logged for debugging alone, without its query or token", async () => {
  const { ask, lines } = stageHttp({ token });
  await ask("/admin/gaps?trunk=tr-name", withToken);
  expect(lines).toEqual([
    expect.objectContaining({ level: "debug", method: "GET", route: "/admin/gaps", status: 200 }),
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/tr-name|s3cret/u);
});
