import { readFileSync } from "node:fs";
import { join } from "node:path";
import { regions } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import { apiClients, platformClient } from "./genesyscloud.ts";

const credentials = { clientId: "id", clientSecret: "the-secret" };
const auth = { client_id: "id", client_secret: "the-secret" };

test("createAuth without an address says so, as long as nothing has begun", async () => {
  await expect(apiClients.auth.createAuth("client_credentials", auth)).rejects.toMatchObject({
    code: "OPTION_INVALID",
    message: "base_path is missing.",
  });
});

test("it stays thin", () => {
  const text = readFileSync(join(import.meta.dirname, "genesyscloud.ts"), "utf8");
  expect(text.split("\n").length).toBeLessThanOrEqual(150);
});

/** Without a relay what is wrong is found here; nothing is connected to. */
async function errorAt(basePath: string, backend?: "direct"): Promise<unknown> {
  const { AnalyticsApi } = platformClient.init({
    ...credentials,
    basePath,
    ...(backend === undefined ? {} : { backend }),
  });
  const subscription = AnalyticsApi.createEventSubscription({
    eventTypes: ["user:presence"],
    filters: {},
  });
  for await (const _ of subscription) break;
  return "none";
}

describe("basePath", () => {
  test.each(Object.values(regions))("of the region %s is Genesys Cloud itself", async (domain) => {
    for (const host of [`api.${domain}`, `apps.${domain}`, domain])
      await expect(errorAt(`https://${host}`)).rejects.toMatchObject({ code: "FILTERS_MISSING" });
  });

  test("of anything else is so where it is said to be", async () => {
    await expect(errorAt("http://127.0.0.1:1", "direct")).rejects.toMatchObject({
      code: "FILTERS_MISSING",
    });
  });

  test.each(["relay.example", "api.mypurecloud.com.relay.example", "notmypurecloud.com"])(
    "of %s is a gateway, which refuses secrets in it",
    (host) => {
      expect(() =>
        platformClient.init({ ...credentials, basePath: `https://user:password@${host}` }),
      ).toThrow(expect.objectContaining({ message: expect.stringContaining("secret in it") }));
    },
  );

  test("that is no URL is refused, and said by name", () => {
    expect(() => platformClient.init({ ...credentials, basePath: "mypurecloud.com" })).toThrow(
      "basePath is no URL",
    );
  });
});

test.each(["clientId", "clientSecret", "basePath"])("%s that is not set is named", (name) => {
  const settings = { ...credentials, basePath: "https://relay.example", [name]: undefined };
  expect(() => platformClient.init(settings)).toThrow(`${name} is missing.`);
});

test("another grant is refused", async () => {
  const grant = "password" as "client_credentials";
  await expect(apiClients.auth.createAuth(grant, auth)).rejects.toMatchObject({
    code: "GRANT_UNSUPPORTED",
  });
});
