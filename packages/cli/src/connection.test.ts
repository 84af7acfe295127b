import { describe, expect, test } from "vitest";
import { resolveConnection, type ConnectionFlags } from "./connection.ts";
import type { CliError } from "./errors.ts";
import { createStage } from "./testing/stage.ts";

const secret = "s3cret-of-the-client";
const official = {
  GENESYSCLOUD_OAUTHCLIENT_ID: "id-a",
  GENESYSCLOUD_OAUTHCLIENT_SECRET: secret,
  GENESYSCLOUD_REGION: "eu-central-1",
};
const short = { GC_CLIENT_ID: "id-b", GC_CLIENT_SECRET: secret, GC_REGION: "mypurecloud.ie" };

function resolve(
  flags: ConnectionFlags,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): ReturnType<typeof resolveConnection> {
  return resolveConnection(flags, createStage({ env, files }).system);
}

describe("what is set is taken", () => {
  test.each<[string, ConnectionFlags, Readonly<Record<string, string>>, object, string]>([
    ["the official names", {}, official, { region: "eu-central-1" }, "id-a"],
    ["the short names", {}, short, { region: "mypurecloud.ie" }, "id-b"],
    [
      "the official names before the short ones",
      {},
      { ...short, ...official },
      { region: "eu-central-1" },
      "id-a",
    ],
    ["a region by option", { region: "us-east-1" }, official, { region: "us-east-1" }, "id-a"],
    [
      "a base URL before any region",
      { baseUrl: "http://127.0.0.1:9080" },
      official,
      { baseUrl: "http://127.0.0.1:9080" },
      "id-a",
    ],
    [
      "a client id by option, with the secret of the environment",
      { clientId: "id-c" },
      official,
      { region: "eu-central-1" },
      "id-c",
    ],
  ])("%s", (_, flags, env, place, clientId) => {
    expect(resolve(flags, env)).toMatchObject({
      place,
      credentials: { clientId, clientSecret: secret },
    });
  });

  test("the source of the region is told", () => {
    expect(resolve({}, short).placeSource).toBe("GC_REGION");
    expect(resolve({ region: "x" }, short).placeSource).toBe("--region");
  });

  test("a secret comes from a file, with or without a line end", () => {
    const { GC_CLIENT_SECRET: _, ...env } = short;
    const flags = { clientSecretFile: "f" };
    for (const end of ["", "\n", "\r\n"]) {
      const found = resolve(flags, env, { f: `${secret}${end}` });
      expect(found.credentials).toEqual({ clientId: "id-b", clientSecret: secret });
    }
  });

  test("what the options replace may be broken in the environment", () => {
    const flags = { baseUrl: "http://h", clientId: "id-c", clientSecretFile: "f" };
    const broken = { GC_CLIENT_SECRET: "", GC_CLIENT_ID: " ", GC_REGION: "" };
    const found = resolve(flags, broken, { f: secret });
    expect(found.credentials).toEqual({ clientId: "id-c", clientSecret: secret });
  });
});

describe("what is broken is named, and never the secret", () => {
  const baseUrl = "http://127.0.0.1:9080";
  const { GENESYSCLOUD_REGION: _, ...officialPair } = official;
  test.each<[string, ConnectionFlags, Readonly<Record<string, string>>, string, RegExp]>([
    ["no region at all", {}, officialPair, "REGION_MISSING", /region/],
    [
      "an empty region",
      {},
      { ...official, GENESYSCLOUD_REGION: " " },
      "VARIABLE_INVALID",
      /GENESYSCLOUD_REGION/,
    ],
    ["an empty region by option", { region: "" }, official, "OPTION_EMPTY", /--region/],
    [
      "region and base URL",
      { region: "eu-central-1", baseUrl },
      official,
      "USAGE",
      /--region and --base-url/,
    ],
    [
      "a base URL that is none",
      { baseUrl: "127.0.0.1:9080" },
      official,
      "BASE_URL_INVALID",
      /--base-url/,
    ],
    ["a base URL of another kind", { baseUrl: "ws://h" }, official, "BASE_URL_INVALID", /http/],
    ["a base URL with a query", { baseUrl: "http://h?x=1" }, official, "BASE_URL_INVALID", /query/],
    [
      "a base URL with a password",
      { baseUrl: `http://u:${secret}@h` },
      official,
      "BASE_URL_INVALID",
      /password/,
    ],
    ["neither id nor secret", { baseUrl }, {}, "CREDENTIALS_MISSING", /client id/],
    [
      "an id alone",
      { baseUrl },
      { GC_CLIENT_ID: "x" },
      "CREDENTIALS_INCOMPLETE",
      /GC_CLIENT_ID is given, GC_CLIENT_SECRET/,
    ],
    [
      "a secret alone",
      { baseUrl },
      { GC_CLIENT_SECRET: secret },
      "CREDENTIALS_INCOMPLETE",
      /GC_CLIENT_SECRET is given, GC_CLIENT_ID/,
    ],
    [
      "half of one family beside the whole other",
      { baseUrl },
      { ...short, GENESYSCLOUD_OAUTHCLIENT_ID: "x" },
      "CREDENTIALS_INCOMPLETE",
      /GENESYSCLOUD_OAUTHCLIENT_SECRET/,
    ],
    [
      "an id by option alone",
      { baseUrl, clientId: "x" },
      {},
      "CREDENTIALS_INCOMPLETE",
      /--client-id/,
    ],
    ["an empty id by option", { baseUrl, clientId: "" }, short, "OPTION_EMPTY", /--client-id/],
    ["an id by option with a space", { baseUrl, clientId: "a b" }, short, "USAGE", /--client-id/],
    [
      "an empty secret",
      { baseUrl },
      { ...short, GC_CLIENT_SECRET: "" },
      "VARIABLE_INVALID",
      /GC_CLIENT_SECRET is set, but empty/,
    ],
    [
      "a secret with a line end",
      { baseUrl },
      { ...short, GC_CLIENT_SECRET: `${secret}\n` },
      "VARIABLE_INVALID",
      /GC_CLIENT_SECRET has a line end at its end/,
    ],
    [
      "a secret with a space in it",
      { baseUrl },
      { ...short, GC_CLIENT_SECRET: `a ${secret}` },
      "VARIABLE_INVALID",
      /white space in it/,
    ],
    [
      "an id with a space",
      { baseUrl },
      { ...short, GC_CLIENT_ID: " x" },
      "VARIABLE_INVALID",
      /GC_CLIENT_ID/,
    ],
    [
      "no such file",
      { baseUrl, clientSecretFile: "none" },
      short,
      "SECRET_FILE_UNREADABLE",
      /none cannot be read \(ENOENT\)/,
    ],
    [
      "an empty file",
      { baseUrl, clientSecretFile: "empty" },
      short,
      "SECRET_FILE_INVALID",
      /empty/,
    ],
    [
      "a file with two lines",
      { baseUrl, clientSecretFile: "two" },
      short,
      "SECRET_FILE_INVALID",
      /line end/,
    ],
    [
      "a file that is none of a secret",
      { baseUrl, clientSecretFile: "long" },
      short,
      "SECRET_FILE_INVALID",
      /longer than 4096/,
    ],
  ])("%s", (_, flags, env, code, message) => {
    const files = { empty: "\n", two: `${secret}\nx\n`, long: secret.repeat(1_000) };
    let error: CliError | undefined;
    try {
      resolve(flags, env, files);
    } catch (thrown) {
      error = thrown as CliError;
    }
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error?.help).not.toBe("");
    expect(`${error?.message} ${error?.help}`).not.toContain(secret);
  });
});
