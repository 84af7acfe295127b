import { Secret } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import type { HttpConfig } from "../config/config.ts";
import { plainHttp } from "../testing/http-stage.ts";
import { createGuard, isLoopbackHost } from "./guards.ts";

type Headers = Readonly<Record<string, string>>;

function verdict(headers: Headers, config: Partial<HttpConfig> = {}, method = "GET"): string {
  const admission = createGuard({ ...plainHttp, ...config }).admit({ method, headers });
  return admission.kind === "refused"
    ? `${admission.status} ${admission.problem.code}`
    : `admitted ${admission.foreignOrigin ?? ""}`.trim();
}

describe("the name that was asked for", () => {
  test.each(["localhost", "LOCALHOST:1", "127.0.0.1:8484", "127.8.0.1", "[::1]", "[::1]:8484"])(
    "%s is loopback",
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
      expect(verdict({ host })).toBe("admitted");
    },
  );

  test.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example:8484",
    "localhost:8484.evil.example",
    "localhost@evil.example",
    "notlocalhost",
    "::1",
    "0.0.0.0:8484",
    "10.0.0.1",
    "",
  ])("%s is not ours", (host) => {
    expect(verdict({ host })).toBe("421 HOST_FORBIDDEN");
  });

  test("a request without any is refused", () => {
    expect(verdict({})).toBe("421 HOST_FORBIDDEN");
  });

  test.each([
    ["relay.example.com", "relay.example.com:8484", "admitted"],
    ["relay.example.com", "Relay.Example.com", "admitted"],
    ["relay.example.com:8484", "relay.example.com:8484", "admitted"],
    ["relay.example.com:8484", "relay.example.com:1", "421 HOST_FORBIDDEN"],
    ["relay.example.com", "other.relay.example.com", "421 HOST_FORBIDDEN"],
    ["relay.example.com", "relay.example.com.evil.example", "421 HOST_FORBIDDEN"],
  ])("with %s configured, %s is %s", (configured, host, expected) => {
    expect(verdict({ host }, { hosts: [configured] })).toBe(expected);
  });

  test("the address that it listens on is ours, unless it stands for all", () => {
    expect(verdict({ host: "10.0.0.1:8484" }, { host: "10.0.0.1" })).toBe("admitted");
    expect(verdict({ host: "[fd00::1]:8484" }, { host: "fd00::1" })).toBe("admitted");
    expect(verdict({ host: "0.0.0.0:8484" }, { host: "0.0.0.0" })).toBe("421 HOST_FORBIDDEN");
    expect(verdict({ host: "[::]:8484" }, { host: "::" })).toBe("421 HOST_FORBIDDEN");
  });
});

describe("the page that asks", () => {
  const host = "localhost:8484";

  test.each([
    ["http://localhost:8484", "admitted"],
    ["http://LOCALHOST:8484", "admitted"],
    ["http://localhost:3000", "403 ORIGIN_FORBIDDEN"],
    ["http://127.0.0.1:8484", "403 ORIGIN_FORBIDDEN"],
    ["https://localhost:8484", "403 ORIGIN_FORBIDDEN"],
    ["https://evil.example", "403 ORIGIN_FORBIDDEN"],
    ["null", "403 ORIGIN_FORBIDDEN"],
    ["", "403 ORIGIN_FORBIDDEN"],
  ])("of %s is %s", (origin, expected) => {
    expect(verdict({ host, origin })).toBe(expected);
  });

  test("may be listed, and then gets an answer that it can read", () => {
    const origins = ["https://App.example.com/"];
    const origin = "https://app.example.com";
    expect(verdict({ host, origin }, { origins })).toBe(`admitted ${origin}`);
    expect(verdict({ host, origin: `${origin}.evil.example` }, { origins })).toBe(
      "403 ORIGIN_FORBIDDEN",
    );
  });

  test("is of https where the relay speaks TLS", () => {
    const tls = { certFile: "c", keyFile: "k" };
    expect(verdict({ host, origin: "https://localhost:8484" }, { tls })).toBe("admitted");
    expect(verdict({ host, origin: "http://localhost:8484" }, { tls })).toBe(
      "403 ORIGIN_FORBIDDEN",
    );
  });

  const page = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  test.each<[string, Headers, string, string]>([
    ["an image of another site", { "sec-fetch-site": "cross-site" }, "GET", "403"],
    ["a script of another port", { "sec-fetch-site": "same-site" }, "GET", "403"],
    [
      "a frame",
      { "sec-fetch-site": "cross-site", ...page, "sec-fetch-dest": "iframe" },
      "GET",
      "403",
    ],
    ["a form", { "sec-fetch-site": "cross-site", ...page }, "POST", "403"],
    ["a link that is followed", { "sec-fetch-site": "cross-site", ...page }, "GET", "admitted"],
    ["our own page", { "sec-fetch-site": "same-origin" }, "GET", "admitted"],
    ["the address bar", { "sec-fetch-site": "none" }, "GET", "admitted"],
  ])("is known by what the browser says of it: %s", (_, headers, method, expected) => {
    expect(verdict({ host, ...headers }, {}, method).split(" ")[0]).toBe(expected);
  });
});

describe("the token", () => {
  const guard = createGuard({ ...plainHttp, token: new Secret("token", "s3cret-ABC") });
  const isTrusted = (headers: Headers): boolean => guard.isTrusted({ method: "GET", headers });

  test.each(["Bearer s3cret-ABC", "bearer s3cret-ABC", "Bearer  s3cret-ABC "])(
    "is known as %s",
    (authorization) => {
      expect(isTrusted({ authorization })).toBe(true);
    },
  );

  test.each([
    "Bearer s3cret-AB",
    "Bearer s3cret-ABCD",
    "Bearer s3cret-abc",
    "Bearer",
    "Bearer ",
    "s3cret-ABC",
    "Basic s3cret-ABC",
    "",
  ])("is not %s", (authorization) => {
    expect(isTrusted({ authorization })).toBe(false);
  });

  test("missing is wrong too, even where the right one is empty", () => {
    expect(isTrusted({})).toBe(false);
    const empty = createGuard({ ...plainHttp, token: new Secret("token", "") });
    expect(empty.isTrusted({ method: "GET", headers: {} })).toBe(false);
  });

  test("is not needed where none is configured", () => {
    expect(createGuard(plainHttp).isTrusted({ method: "GET", headers: {} })).toBe(true);
  });
});
