/** The endpoints of OAuth as programs ask them, behind the guards, without a socket. */
import type { LightMyRequestResponse } from "fastify";
import { describe, expect, test } from "vitest";
import type { HttpConfig } from "../../config/config.ts";
import {
  sampleClient,
  sampleSecret,
  stageAccess,
  type AccessStage,
} from "../../testing/access-stage.ts";
import { stageHttp, type HttpStage } from "../../testing/http-stage.ts";
import { Secret } from "@trunkline/client";
import { plainGateway } from "../../testing/plain-gateway.ts";
import type { AccessConfig } from "./access.ts";
import { createEndpoints } from "./endpoints.ts";
import { accessRoutes } from "./routes.ts";

const form = "application/x-www-form-urlencoded";
const basic = encoded(`wallboard:${sampleSecret}`);

function encoded(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

interface Stage extends Omit<AccessStage, "answer"> {
  /** What Genesys Cloud says is set there. */
  readonly cloud: AccessStage;
  readonly http: HttpStage;
  readonly login: (
    body: string,
    headers?: Record<string, string>,
  ) => Promise<LightMyRequestResponse>;
  readonly introspect: (
    token: string,
    headers?: Record<string, string>,
  ) => Promise<LightMyRequestResponse>;
}

async function stage(
  config: Partial<AccessConfig> = {},
  httpConfig: Partial<HttpConfig> = {},
): Promise<Stage> {
  const made = await stageAccess(config);
  const { clock, access } = made;
  const routes = accessRoutes(createEndpoints(access, () => clock.monotonicMs()));
  const http = stageHttp(httpConfig, routes, clock);
  const post =
    (url: string) =>
    (payload: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
      http.ask(url, { method: "POST", payload, headers: { "content-type": form, ...headers } });
  const introspect = post("/api/v2/oauth2/introspect");
  return {
    ...made,
    cloud: made,
    http,
    login: post("/oauth/token"),
    introspect: (token, headers = { authorization: basic }) =>
      introspect(`token=${encodeURIComponent(token)}`, headers),
  };
}

const body = (more = ""): string =>
  `grant_type=client_credentials&client_id=wallboard&client_secret=${sampleSecret}${more}`;

describe("POST /oauth/token", () => {
  const json = { grant_type: "client_credentials", client_id: "wallboard" };
  test.each([
    ["a form", body(), {}],
    ["Basic", "grant_type=client_credentials", { authorization: basic }],
    ["both, and the same", body(), { authorization: basic }],
    [
      "JSON",
      JSON.stringify({ ...json, client_secret: sampleSecret }),
      { "content-type": "application/json" },
    ],
    [
      "JSON that is declared as something else",
      JSON.stringify({ ...json, client_secret: sampleSecret }),
      { "content-type": "text/plain" },
    ],
    ["an empty scope, which is none", body("&scope="), {}],
    ["fields that nobody knows", body("&audience=x"), {}],
  ])("issues a token to %s", async (_, payload, headers) => {
    const { login, access } = await stage();
    const response = await login(payload, headers);
    expect(response.statusCode).toBe(200);
    expect(response.headers["cache-control"]).toBe("no-store");
    const { access_token: token, ...rest } = response.json<Record<string, string>>();
    expect(rest).toEqual({
      token_type: "bearer",
      expires_in: 86_400,
      scope: "analytics:events:read",
    });
    expect((await access.verify(token ?? "")).clientId).toBe("wallboard");
  });

  test("narrows to the scopes that are asked for, and refuses others", async () => {
    const clients = [sampleClient({ scopes: ["view:notification", "view:conversation"] })];
    const { login } = await stage({ clients });
    const narrow = (await login(body("&scope=view%3Aconversation"))).json<{ scope: string }>();
    expect(narrow.scope).toBe("view:conversation");
    const response = await login(body("&scope=view:conversation+admin"));
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: "SCOPE_INVALID", error: "invalid_scope" });
  });

  test.each([
    ["no grant", "client_id=a&client_secret=b", {}, 400, "FIELD_MISSING", "invalid_request"],
    [
      "the password grant",
      "grant_type=password&username=a&password=b",
      { authorization: basic },
      400,
      "GRANT_UNSUPPORTED",
      "unsupported_grant_type",
    ],
    ["no client", "grant_type=client_credentials", {}, 401, "CLIENT_UNKNOWN", "invalid_client"],
    [
      "a wrong secret",
      "grant_type=client_credentials",
      { authorization: encoded("wallboard:s3cret-that-is-wrong") },
      401,
      "CLIENT_UNKNOWN",
      "invalid_client",
    ],
    [
      "an unknown client",
      "grant_type=client_credentials",
      { authorization: encoded(`nobody:${sampleSecret}`) },
      401,
      "CLIENT_UNKNOWN",
      "invalid_client",
    ],
    [
      "Basic that is not encoded",
      "grant_type=client_credentials",
      { authorization: `Basic wallboard:${sampleSecret}` },
      401,
      "CLIENT_NOT_ENCODED",
      "invalid_client",
    ],
    [
      "Basic without a colon",
      "grant_type=client_credentials",
      { authorization: encoded("wallboard") },
      401,
      "CLIENT_NOT_ENCODED",
      "invalid_client",
    ],
    [
      "two that differ",
      body().replace(sampleSecret, "s3cret-other"),
      { authorization: basic },
      400,
      "FIELD_INVALID",
      "invalid_request",
    ],
    ["a field twice", `${body()}&client_id=b`, {}, 400, "DUPLICATE_KEY", "invalid_request"],
    [
      "a secret alone",
      "grant_type=client_credentials&client_secret=s3cret-x",
      {},
      400,
      "FIELD_MISSING",
      "invalid_request",
    ],
    ["broken JSON", '{"client_secret":"s3cret-x"', {}, 400, "JSON_INVALID", "invalid_request"],
    [
      "too much",
      `grant_type=${"x".repeat(70_000)}`,
      {},
      413,
      "MESSAGE_TOO_LARGE",
      "invalid_request",
    ],
  ])("refuses %s", async (_, payload, headers, status, code, error) => {
    const { login, http } = await stage();
    const response = await login(payload, headers);
    const refusal = response.json<Record<string, unknown>>();
    expect([response.statusCode, refusal["code"], refusal["error"]]).toEqual([status, code, error]);
    expect(refusal).toMatchObject({
      status,
      message: /./u,
      help: /./u,
      contextId: /^[\da-f-]{36}$/u,
    });
    expect(response.body + JSON.stringify(http.lines)).not.toMatch(/s3cret|a-secret-of/u);
    const challenge = response.headers["www-authenticate"];
    expect(challenge?.includes('Basic realm="trunkline"')).toBe(status === 401 ? true : undefined);
  });

  test("says what base64 is for", async () => {
    const { login } = await stage();
    const response = await login("grant_type=client_credentials", {
      authorization: "Basic {client_id}:{client_secret}",
    });
    expect(response.json<{ help: string }>().help).toContain("curl does it with --user id:secret");
  });

  test("slows down who guesses, by client and by address, and nobody else", async () => {
    const { login, clock } = await stage({
      clients: [sampleClient(), sampleClient({ id: "other" })],
    });
    const guess = (id: string): Promise<LightMyRequestResponse> =>
      login(`grant_type=client_credentials&client_id=${id}&client_secret=wrong`);
    for (let count = 0; count < 10; count++)
      expect((await guess("wallboard")).statusCode).toBe(401);
    const refused = await login(body());
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([429, "60"]);
    expect(refused.json()).toMatchObject({ code: "TOO_FAST", retryAfterMs: 60_000 });
    const other = body().replace("wallboard", "other");
    expect((await login(other)).statusCode).toBe(200);
    for (let count = 0; count < 50; count++) await guess(`id-${count}`);
    expect((await login(other)).statusCode).toBe(429);
    await clock.runUntil(clock.monotonicMs() + 60_000);
    expect((await login(body())).statusCode).toBe(200);
  });
});

describe("POST /api/v2/oauth2/introspect", () => {
  test("tells what is true of a token, to a client or to who has a token", async () => {
    const { introspect, token, clock, key } = await stage();
    const own = await token();
    const seconds = clock.wallMs() / 1_000;
    for (const authorization of [basic, `Bearer ${own}`]) {
      const response = await introspect(own, { authorization });
      expect(response.json()).toEqual({
        active: true,
        client_id: "wallboard",
        scope: "analytics:events:read",
        token_type: "bearer",
        exp: seconds + 86_400,
        iat: seconds,
        nbf: seconds,
        jti: "id-1",
        iss: `urn:trunkline:relay:${key.kid}`,
        aud: "urn:trunkline:event-api",
      });
    }
  });

  test("says why a token is not active", async () => {
    const { introspect, token, clock, access } = await stage();
    const own = await token();
    expect((await introspect("something")).json()).toMatchObject({
      active: false,
      reason: { code: "TOKEN_INVALID", message: /no JWT/u },
    });
    clock.stepWall(86_400_000 + 6_000);
    expect((await introspect(own)).json()).toMatchObject({
      active: false,
      reason: { code: "TOKEN_EXPIRED" },
    });
    clock.stepWall(-86_400_000);
    access.reconfigure({ ...plainGateway, clients: [sampleClient({ id: "x" })] }, []);
    const authorization = encoded(`x:${sampleSecret}`);
    expect((await introspect(own, { authorization })).json()).toMatchObject({
      active: false,
      reason: { code: "CLIENT_UNKNOWN" },
    });
  });

  test("knows the tokens of Genesys Cloud, and says so where it cannot find out", async () => {
    const clients = [sampleClient({ genesysClientId: "g" })];
    const made = await stage({ clients });
    made.cloud.answer = () => ({ kind: "known", oauthClientId: "g" });
    expect((await made.introspect("opaque")).json()).toMatchObject({
      active: true,
      client_id: "wallboard",
    });
    made.cloud.answer = () => ({ kind: "failed", detail: "no answer" });
    const response = await made.introspect("other");
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "5"]);
    expect(response.json()).toMatchObject({ code: "UNAVAILABLE" });
  });

  test.each([
    ["nobody", {}, 401, "TOKEN_MISSING", 'Bearer realm="trunkline"'],
    [
      "a wrong token",
      { authorization: "Bearer x" },
      401,
      "TOKEN_INVALID",
      /error="invalid_token"/u,
    ],
    [
      "credentials that are not encoded",
      { authorization: "Basic {client_id}:{client_secret}" },
      401,
      "CLIENT_NOT_ENCODED",
      /^Basic /u,
    ],
  ])("tells nothing to %s", async (_, headers, status, code, challenge) => {
    const { introspect, token } = await stage();
    const response = await introspect(await token(), headers);
    expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([status, code]);
    expect(response.headers["www-authenticate"]).toMatch(challenge);
  });
});

test("the public keys are there for everybody, and hold nothing private", async () => {
  const { http, key } = await stage();
  const response = await http.ask("/.well-known/jwks.json");
  expect(response.json()).toEqual({
    keys: [{ kty: "OKP", crv: "Ed25519", x: key.jwk.x, kid: key.kid, alg: "EdDSA", use: "sig" }],
  });
});

describe("the guards", () => {
  test("http.token guards the administration, and not the tokens of others", async () => {
    const token = new Secret("token", "t0ken-of-sixteen-characters");
    const { login, http } = await stage({}, { token });
    expect((await login(body())).statusCode).toBe(200);
    expect((await http.ask("/admin/sinks")).statusCode).toBe(401);
  });

  test.each([
    [{ host: "evil.example" }, 421, "HOST_FORBIDDEN"],
    [{ origin: "https://evil.example" }, 403, "ORIGIN_FORBIDDEN"],
  ])("refuse %j in the shape of the Event API", async (headers, status, code) => {
    const { login } = await stage();
    const response = await login(body(), headers);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code, status, message: /./u, help: /./u });
  });

  test("a relay that ends says so", async () => {
    const { login, http } = await stage();
    http.stopping.abort();
    expect((await login(body())).json()).toMatchObject({ code: "SHUTTING_DOWN", status: 503 });
  });

  test("a form is taken here alone, and a wrong method is told the right one", async () => {
    const { http } = await stage();
    const headers = { "content-type": form };
    const reload = await http.ask("/admin/reload", { method: "POST", payload: "a=b", headers });
    expect(reload.statusCode).toBe(415);
    const get = await http.ask("/oauth/token");
    expect([get.statusCode, get.headers["allow"]]).toEqual([405, "POST"]);
  });
});
