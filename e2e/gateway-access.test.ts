/** Tokens over real HTTP: the key on the disk, and access tokens of a Genesys Cloud that the mock plays. */
import { randomUUID } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSystemHttp, systemClock } from "@trunkline/client";
import { afterEach, describe, expect, test } from "vitest";
import { mockHere } from "../packages/cli/src/testing/processes.ts";
import { bareConfig } from "../bench/relay-config.ts";
import type { RelayConfig } from "../packages/relay/src/config/config.ts";
import { createAccess } from "../packages/relay/src/gateway/access/access.ts";
import { createEndpoints } from "../packages/relay/src/gateway/access/endpoints.ts";
import { accessRoutes } from "../packages/relay/src/gateway/access/routes.ts";
import { createHttp } from "../packages/relay/src/http/server.ts";
import { createRelay } from "../packages/relay/src/relay.ts";
import { loadSigningKey } from "../packages/relay/src/platform/signing-key-file.ts";
import { createAskTokensMe } from "../packages/relay/src/platform/tokens-me.ts";
import { sampleClient, sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { createFakeService } from "../packages/relay/src/testing/fake-service.ts";
import { keepLog, plainHttp } from "../packages/relay/src/testing/http-stage.ts";
import { plainGateway } from "../packages/relay/src/testing/plain-gateway.ts";
import { folder } from "./relay-rig.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Place {
  readonly dataDir: string;
  readonly baseUrl?: string;
  readonly genesysClientId?: string;
}

/** Serves the endpoints, and returns where. */
async function serve({ dataDir, baseUrl, genesysClientId }: Place): Promise<string> {
  const key = await loadSigningKey({ dataDir, signingKeyFile: undefined });
  const { http, close } = createSystemHttp();
  cleanups.push(close);
  const trunks = baseUrl === undefined ? [] : [{ name: "main", place: { baseUrl } }];
  const access = createAccess({
    config: { ...plainGateway, clients: [sampleClient({ genesysClientId })] },
    trunks: trunks.map(({ name }) => name),
    key,
    clock: systemClock,
    newId: randomUUID,
    askTokensMe: createAskTokensMe(trunks, http),
  });
  const endpoints = createEndpoints(access, () => systemClock.monotonicMs());
  const face = createHttp({
    config: plainHttp,
    service: createFakeService(),
    log: keepLog().log,
    clock: systemClock,
    version: "1.2.3",
    readText: (path) => readFileSync(path, "utf8"),
    eventApi: accessRoutes(endpoints),
  });
  cleanups.push(() => face.close());
  return (await face.listen()).url;
}

const basic = `Basic ${Buffer.from(`wallboard:${sampleSecret}`).toString("base64")}`;

async function post(
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: basic },
    body: new URLSearchParams(form),
  });
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

function ask(url: string, token: string): Promise<Readonly<Record<string, unknown>>> {
  return post(`${url}/api/v2/oauth2/introspect`, { token });
}

async function logIn(url: string): Promise<string> {
  const { access_token: token } = await post(`${url}/oauth/token`, {
    grant_type: "client_credentials",
  });
  return String(token);
}

test("a token lives on over a restart with the same directory, and not with another", async () => {
  const dataDir = folder();
  const first = await serve({ dataDir });
  const token = await logIn(first);
  expect(await ask(first, token)).toMatchObject({ active: true, client_id: "wallboard" });
  expect(await ask(await serve({ dataDir }), token)).toMatchObject({ active: true });
  expect(await ask(await serve({ dataDir: folder() }), token)).toMatchObject({
    active: false,
    reason: { code: "TOKEN_INVALID", message: expect.stringContaining("another relay") as string },
  });
});

function place(dataDir: string): Parameters<typeof loadSigningKey>[0] {
  return { dataDir, signingKeyFile: undefined };
}

describe("the key on the disk", () => {
  test("is its owner's alone, also after a copy with other rights, and nothing lies beside it", async () => {
    const dataDir = folder();
    const path = join(dataDir, "signing-key.pem");
    const { kid } = await loadSigningKey(place(dataDir));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    expect((await loadSigningKey(place(dataDir))).kid).toBe(kid);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(["signing-key.pem"]);
  });

  test.each([
    ["", "is empty"],
    ["s3cret words", "is no private key in PEM"],
  ])("is not replaced where it is damaged: %j", async (text, why) => {
    const dataDir = folder();
    const path = join(dataDir, "signing-key.pem");
    writeFileSync(path, text);
    await expect(loadSigningKey(place(dataDir))).rejects.toMatchObject({
      code: "SIGNING_KEY_INVALID",
      message: `The signing key ${path} ${why}.`,
    });
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("is never made where the configuration names a file", async () => {
    const dataDir = folder();
    const signingKeyFile = join(dataDir, "own.pem");
    await expect(loadSigningKey({ dataDir, signingKeyFile })).rejects.toMatchObject({
      code: "SIGNING_KEY_UNREADABLE",
      message: `The signing key ${signingKeyFile} cannot be read or made (ENOENT).`,
    });
    expect(readdirSync(dataDir)).toEqual([]);
  });
});

test("a relay has it all: a client that a reload removes is out at once, its token too", async () => {
  const mock = await mockHere();
  let clients = [sampleClient()];
  const read = (): RelayConfig => ({
    ...bareConfig(dataDir, mock.apiUrl, [], mock.clientId, mock.clientSecret),
    gateway: { ...plainGateway, clients },
  });
  const dataDir = folder();
  const relay = await createRelay({ config: read(), readConfig: read, log: keepLog().log });
  cleanups.push(() => relay.stop());
  const token = await logIn(relay.url);
  expect(await ask(relay.url, token)).toMatchObject({ active: true, client_id: "wallboard" });
  clients = [sampleClient({ id: "other" })];
  expect((await relay.reload()).changes).toEqual([
    "client wallboard: removed",
    "client other: new",
  ]);
  expect(await ask(relay.url, token)).toMatchObject({ code: "CLIENT_UNKNOWN", status: 401 });
  const response = await fetch(`${relay.url}/api/v2/oauth2/introspect`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`other:${sampleSecret}`).toString("base64")}` },
    body: new URLSearchParams({ token }),
  });
  expect(await response.json()).toMatchObject({
    active: false,
    reason: { code: "CLIENT_UNKNOWN" },
  });
});

test("a damaged key stops the start, and lets the directory go", async () => {
  const dataDir = folder();
  writeFileSync(join(dataDir, "signing-key.pem"), "");
  const config = { ...bareConfig(dataDir, "http://127.0.0.1:1", []), gateway: plainGateway };
  const { log } = keepLog();
  await expect(createRelay({ config, log })).rejects.toMatchObject({ code: "SIGNING_KEY_INVALID" });
  const gateway = { ...plainGateway, isEnabled: false };
  const relay = await createRelay({ config: { ...config, gateway }, log });
  cleanups.push(() => relay.stop());
  expect((await fetch(`${relay.url}/oauth/token`, { method: "POST" })).status).toBe(404);
});

describe("access tokens of Genesys Cloud", () => {
  test("count as those of the client that lists their OAuth client, and no others", async () => {
    const mock = await mockHere();
    const url = await serve({
      dataDir: folder(),
      baseUrl: mock.apiUrl,
      genesysClientId: mock.clientId,
    });
    const login = await fetch(`${mock.apiUrl}/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${mock.clientId}:${mock.clientSecret}`).toString("base64")}`,
      },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    expect(await ask(url, token)).toMatchObject({ active: true, client_id: "wallboard" });
    expect(await ask(url, `${token.slice(0, -2)}xx`)).toMatchObject({
      active: false,
      reason: { code: "TOKEN_INVALID" },
    });
    const other = await serve({
      dataDir: folder(),
      baseUrl: mock.apiUrl,
      genesysClientId: "another",
    });
    expect(await ask(other, token)).toMatchObject({
      active: false,
      reason: { code: "CLIENT_UNKNOWN" },
    });
  });

  test("are neither taken nor called wrong where nobody answers", async () => {
    const mock = await mockHere();
    const { apiUrl } = mock;
    await mock.close();
    const url = await serve({ dataDir: folder(), baseUrl: apiUrl, genesysClientId: "g" });
    const refused = await ask(url, "opaque");
    expect(refused).toMatchObject({ code: "UNAVAILABLE", status: 503, retryAfterMs: 5_000 });
    expect(String(refused["message"])).not.toContain("opaque");
  });
});
