import { describe, expect, test } from "vitest";
import { regions, resolveBaseUrl, resolveRegion } from "./regions.ts";

const all = Object.entries(regions);

describe("regions", () => {
  test("there are 18", () => {
    expect(all).toHaveLength(18);
    expect(new Set(all.map(([, domain]) => domain)).size).toBe(18);
  });

  test.each(all)("%s (%s) is found however it is written", (name, domain) => {
    const hosts = {
      apiUrl: `https://api.${domain}`,
      loginUrl: `https://login.${domain}`,
      connectHost: `.${domain}`,
    };
    for (const written of [
      name,
      name.replaceAll("-", "_"),
      name.toUpperCase(),
      ` ${name} `,
      domain,
      domain.toUpperCase(),
      `api.${domain}`,
      `https://api.${domain}`,
      `https://login.${domain}`,
      `apps.${domain}`,
      `streaming.${domain}`,
    ])
      expect(resolveRegion(written)).toEqual(hosts);
  });

  test.each([
    ["eu-central-7", "eu-central-1"],
    ["us-est-1", "us-east-1"],
    ["mypurecloud.dee", "mypurecloud.de"],
    ["api.mypurecoud.ie", "mypurecloud.ie"],
  ])("%s is unknown, and %s is offered", (written, near) => {
    expect(() => resolveRegion(written)).toThrow(
      expect.objectContaining({
        code: "REGION_UNKNOWN",
        message: expect.stringMatching(`Did you mean ${near.replaceAll(".", "\\.")}`),
      }),
    );
  });

  test("what resembles none is answered with all of them", () => {
    expect(() => resolveRegion("moon")).toThrow(/Known: us-east-1, .*eusc-de-east-1/);
  });

  test.each(["", "pure.cloud", "com", "evil.mypurecloud.de"])("%j is none", (written) => {
    expect(() => resolveRegion(written)).toThrow(
      expect.objectContaining({ code: "REGION_UNKNOWN" }),
    );
  });
});

describe("base URLs", () => {
  test.each([
    ["http://127.0.0.1:9080", "http://127.0.0.1:9080", "http://127.0.0.1:9080", "127.0.0.1"],
    ["http://127.0.0.1:9080/", "http://127.0.0.1:9080", "http://127.0.0.1:9080", "127.0.0.1"],
    ["http://[::1]:9080", "http://[::1]:9080", "http://[::1]:9080", "[::1]"],
    ["https://gate.x/genesys//", "https://gate.x/genesys", "https://gate.x/genesys", "gate.x"],
    ["https://api.test.x", "https://api.test.x", "https://login.test.x", ".test.x"],
  ])("%s", (written, apiUrl, loginUrl, connectHost) => {
    expect(resolveBaseUrl(written)).toEqual({ apiUrl, loginUrl, connectHost });
  });

  test.each(["", "127.0.0.1:9080", "ftp://x", "localhost:9080", "wss://x"])(
    "%j is refused",
    (written) => {
      expect(() => resolveBaseUrl(written)).toThrow(
        expect.objectContaining({ code: "OPTION_INVALID" }),
      );
    },
  );
});
