import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { resolveOptions, type ClientOptions } from "./options.ts";
import type { ProvidedToken } from "./rest/tokens.ts";
import { defaultPolicy } from "./session/policy.ts";

const least: ClientOptions = {
  region: "eu-central-1",
  credentials: { clientId: "me", clientSecret: "s3cr3t" },
};

async function tokenProvider(): Promise<ProvidedToken> {
  return { accessToken: "t", expiresInS: 1 };
}

describe("options", () => {
  test("are completed", () => {
    expect(resolveOptions(least)).toMatchObject({
      hosts: { apiUrl: "https://api.mypurecloud.de" },
      connectHosts: [".mypurecloud.de"],
      topics: [],
      combine: "users",
      evictChannels: false,
      leftChannels: [],
      waitForChannels: false,
      requestsPerMinute: 300,
      bufferEventsMax: 10_000,
      trace: false,
      signal: undefined,
      policy: defaultPolicy,
    });
  });

  test("take over what is given", () => {
    const policy = { pingEveryMs: 1 };
    const given = {
      ...least,
      connectHosts: ["x"],
      requestsPerMinute: 7,
      bufferEventsMax: 1,
      policy,
    };
    expect(resolveOptions(given)).toMatchObject({
      connectHosts: [".mypurecloud.de", "x"],
      requestsPerMinute: 7,
      bufferEventsMax: 1,
      policy: { ...defaultPolicy, pingEveryMs: 1 },
    });
  });

  test("hide the client secret", () => {
    expect(inspect(resolveOptions(least), { depth: 10 })).not.toContain("s3cr3t");
  });

  test("pass a token provider on", () => {
    expect(resolveOptions({ ...least, credentials: { tokenProvider } }).credentials).toEqual({
      tokenProvider,
    });
  });

  test.each<readonly [Partial<ClientOptions>, string, string]>([
    [{ region: undefined }, "OPTION_INVALID", "region"],
    [{ baseUrl: "https://x" }, "OPTION_INVALID", "not both"],
    [{ region: undefined, baseUrl: "x" }, "OPTION_INVALID", "baseUrl"],
    [{ region: "eu" }, "REGION_UNKNOWN", '"eu"'],
    [{ credentials: { clientId: "me", clientSecret: "" } }, "CREDENTIALS_MISSING", "clientSecret"],
    [{ credentials: { clientId: "", clientSecret: "s" } }, "CREDENTIALS_MISSING", "clientId"],
    [{ topics: ["v2.users.{id}.presence"] }, "TOPIC_INVALID", "placeholder"],
    [{ requestsPerMinute: 0 }, "OPTION_INVALID", "requestsPerMinute is 0"],
    [{ requestsPerMinute: 301 }, "OPTION_INVALID", "from 1 to 300"],
    [{ requestsPerMinute: Number.NaN }, "OPTION_INVALID", "requestsPerMinute"],
    [{ leftChannels: [1_700_000_000_000, Number.NaN] }, "OPTION_INVALID", "leftChannels"],
    [{ bufferEventsMax: 1.5 }, "OPTION_INVALID", "bufferEventsMax is 1.5"],
  ])("%j: %s", (wrong, code, word) => {
    expect(() => resolveOptions({ ...least, ...wrong })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(word) }),
    );
  });
});
