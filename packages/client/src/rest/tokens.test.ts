import { inspect } from "node:util";
import { settled, SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { Elapsed } from "../elapsed.ts";
import { TrunklineError } from "../errors.ts";
import type { HttpRequest, HttpResponse } from "../ports.ts";
import { Secret } from "../secret.ts";
import {
  clientCredentials,
  parseObject,
  provided,
  TokenSource,
  type ProvidedToken,
  type TokenProvider,
} from "./tokens.ts";

const { signal } = new AbortController();
const hour = 3_600_000;

interface Stage {
  readonly clock: SimClock;
  readonly source: TokenSource;
  readonly asked: () => number;
  /** What the next request comes to. */
  next: () => Promise<ProvidedToken>;
}

function stage(): Stage {
  const clock = new SimClock(1_000_000);
  let asked = 0;
  const made: Stage = {
    clock,
    asked: () => asked,
    next: async () => ({ accessToken: `token-${asked}`, expiresInS: 3_600 }),
    source: new TokenSource(
      new Elapsed(clock),
      () => {
        asked++;
        return made.next();
      },
      signal,
    ),
  };
  return made;
}

async function textOf(source: TokenSource): Promise<string> {
  const { secret } = await source.get();
  return secret.reveal();
}

describe("the one token source", () => {
  test("asks once, however many want a token at a time", async () => {
    const { source, asked } = stage();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => textOf(source)));
    expect(new Set(tokens)).toEqual(new Set(["token-1"]));
    expect(asked()).toBe(1);
  });

  test("renews at 80 % of a life, not before", async () => {
    const { clock, source } = stage();
    await source.get();
    await clock.runUntil(0.8 * hour - 1);
    expect(await textOf(source)).toBe("token-1");
    await clock.runUntil(0.8 * hour);
    expect(await textOf(source)).toBe("token-2");
  });

  test("another is a new one, unless the current one is another already", async () => {
    const { source, asked } = stage();
    const first = await source.get();
    const second = await source.another(first);
    expect(second.secret.reveal()).toBe("token-2");
    expect(await source.another(first)).toBe(second);
    expect(asked()).toBe(2);
  });

  test("counts sleep, in which only the wall clock went on", async () => {
    const { clock, source } = stage();
    await source.get();
    clock.stepWall(0.9 * hour);
    expect(await textOf(source)).toBe("token-2");
  });

  test("a clock that is set back does not lengthen a life", async () => {
    const { clock, source } = stage();
    await source.get();
    clock.stepWall(-10 * hour);
    await clock.runUntil(0.8 * hour);
    expect(await textOf(source)).toBe("token-2");
  });

  test("counts a life from before the request, so that it is never too long", async () => {
    const made = stage();
    const { clock, source } = made;
    made.next = async () => {
      await clock.sleep(0.5 * hour, signal);
      return { accessToken: "slow", expiresInS: 3_600 };
    };
    const first = source.get();
    await clock.runUntil(0.5 * hour);
    expect((await first).madeAtMs).toBe(0);
  });

  test("goes on with a token that lives while the login service is down", async () => {
    const made = stage();
    await made.source.get();
    made.next = () => Promise.reject(new TrunklineError("UNREACHABLE", "Down."));
    await made.clock.runUntil(hour - 1);
    expect(await textOf(made.source)).toBe("token-1");
    await made.clock.runUntil(hour);
    await expect(made.source.get()).rejects.toMatchObject({ code: "UNREACHABLE" });
  });

  test("does not go on when the credentials are refused", async () => {
    const made = stage();
    await made.source.get();
    made.next = () => Promise.reject(new TrunklineError("CREDENTIALS_REFUSED", "No."));
    await made.clock.runUntil(0.9 * hour);
    await expect(made.source.get()).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
  });

  test("asks again after a failure", async () => {
    const made = stage();
    const { next } = made;
    made.next = () => Promise.reject(new TrunklineError("UNREACHABLE", "Down."));
    await expect(made.source.get()).rejects.toMatchObject({ code: "UNREACHABLE" });
    made.next = next;
    expect(await textOf(made.source)).toBe("token-2");
  });
});

describe("a token that was refused", () => {
  test("is replaced once for all that had it", async () => {
    const { source, asked } = stage();
    const dead = await source.get();
    const fresh = await Promise.all([source.replace(dead), source.replace(dead)]);
    expect(fresh.map(({ secret }) => secret.reveal())).toEqual(["token-2", "token-2"]);
    expect(await source.replace(dead)).toBe(fresh[0]);
    expect(asked()).toBe(2);
  });

  test("is replaced by the one that is on its way", async () => {
    const made = stage();
    const dead = await made.source.get();
    await made.clock.runUntil(0.8 * hour);
    const both = await Promise.all([made.source.get(), made.source.replace(dead)]);
    expect(both[0]).toBe(both[1]);
    expect(made.asked()).toBe(2);
  });
});

describe("the client-credentials grant", () => {
  const secret = "s3cr3t-of-the-client";

  async function ask(
    response: Partial<HttpResponse>,
  ): Promise<{ readonly outcome: unknown; readonly request: HttpRequest | undefined }> {
    const clock = new SimClock();
    let request: HttpRequest | undefined;
    const ports = {
      clock,
      elapsed: new Elapsed(clock),
      trace: undefined,
      http: async (asked: HttpRequest) => {
        request = asked;
        return { status: 200, headers: {}, body: "", ...response };
      },
    };
    const fetch = clientCredentials(ports, "https://login.x", "me", new Secret("secret", secret));
    const outcome = await fetch(signal).catch((error: unknown) => error);
    return { outcome, request };
  }

  test("is asked as the official SDKs do", async () => {
    const { outcome, request } = await ask({ body: '{"access_token":"t","expires_in":86399}' });
    expect(outcome).toEqual({ accessToken: "t", expiresInS: 86_399 });
    expect(request).toEqual({
      method: "POST",
      url: "https://login.x/oauth/token",
      headers: {
        authorization: `Basic ${Buffer.from(`me:${secret}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: "grant_type=client_credentials",
    });
  });

  test.each([
    [
      { status: 400, body: '{"error":"invalid_client","error_description":"no such"}' },
      "CREDENTIALS_REFUSED",
      "invalid_client: no such",
    ],
    [
      { status: 400, body: '{"error":"x","description":"client not found"}' },
      "CREDENTIALS_REFUSED",
      "x: client not found",
    ],
    [{ status: 401 }, "CREDENTIALS_REFUSED", "401"],
    [{ status: 403, body: "<html>" }, "CREDENTIALS_REFUSED", "403"],
    [{ status: 404 }, "ANSWER_MALFORMED", "404"],
    [{ status: 302, headers: { location: "https://portal" } }, "ANSWER_MALFORMED", "302"],
    [{ status: 429, headers: { "retry-after": "9" } }, "RATE_LIMITED", "429"],
    [{ status: 500 }, "SERVICE_FAILED", "500"],
    [{ status: 503, headers: { "retry-after": "9" } }, "SERVICE_FAILED", "503"],
    [{ body: "<html>Welcome to the airport</html>" }, "ANSWER_MALFORMED", "without a token"],
    [{ body: "" }, "ANSWER_MALFORMED", "without a token"],
    [{ body: "null" }, "ANSWER_MALFORMED", "without a token"],
    [{ body: '{"access_token":"","expires_in":1}' }, "ANSWER_MALFORMED", "without a token"],
    [{ body: '{"access_token":"t"}' }, "ANSWER_MALFORMED", "without a token"],
    [{ body: '{"access_token":"t","expires_in":"1"}' }, "ANSWER_MALFORMED", "without a token"],
    [{ body: '{"access_token":"t","expires_in":0}' }, "ANSWER_MALFORMED", "without a token"],
  ])("%j is %s", async (response: Partial<HttpResponse>, code, word) => {
    const { outcome } = await ask(response);
    expect(outcome).toBeInstanceOf(TrunklineError);
    expect(outcome).toMatchObject({ code, message: expect.stringContaining(word) });
    const after = response.headers?.["retry-after"] === undefined ? undefined : 9_000;
    expect((outcome as TrunklineError).retryAfterMs).toBe(after);
    const told = inspect(outcome, { depth: 10 });
    expect(told).not.toContain(secret);
    expect(told).not.toContain(Buffer.from(`me:${secret}`).toString("base64"));
  });
});

const broken: TokenProvider = () => {
  throw new Error("broken");
};

describe("a token provider", () => {
  test("is taken at its word", async () => {
    const token = { accessToken: "t", expiresInS: 60 };
    expect(await provided(async () => token, new SimClock())(signal)).toBe(token);
  });

  test("that fails is told as such, with the cause", async () => {
    const cause = new Error("vault is sealed");
    await expect(
      provided(() => Promise.reject(cause), new SimClock())(signal),
    ).rejects.toMatchObject({
      code: "TOKEN_PROVIDER_FAILED",
      cause,
    });
  });

  test("that throws at once is told as such", async () => {
    await expect(provided(broken, new SimClock())(signal)).rejects.toMatchObject({
      code: "TOKEN_PROVIDER_FAILED",
    });
  });

  test("may speak for itself in our own errors", async () => {
    const own = new TrunklineError("CREDENTIALS_REFUSED", "Ask your administrator.");
    await expect(provided(() => Promise.reject(own), new SimClock())(signal)).rejects.toBe(own);
  });

  test.each([
    undefined,
    null,
    {},
    { accessToken: "", expiresInS: 1 },
    { accessToken: "t" },
    { accessToken: "t", expiresInS: Number.NaN },
    { accessToken: "t", expiresInS: -1 },
  ])("that returns %j has failed", async (returned) => {
    const provider = (async () => returned) as unknown as TokenProvider;
    await expect(provided(provider, new SimClock())(signal)).rejects.toMatchObject({
      code: "TOKEN_PROVIDER_FAILED",
    });
  });
});

test("parseObject takes objects only", async () => {
  await settled();
  expect(parseObject('{"a":1}')).toEqual({ a: 1 });
  for (const text of ["", "1", "null", '"x"', "{", "<html>"])
    expect(parseObject(text)).toBe(undefined);
});
