import { describe, expect, test } from "vitest";
import { clientId, clientSecret, Stage } from "../testing/stage.ts";

const form = "application/x-www-form-urlencoded";
const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
const good = basic(`${clientId}:${clientSecret}`);

function ask(
  stage: Stage,
  headers: Record<string, string>,
  body = "grant_type=client_credentials",
): { status: number; json: unknown } {
  const response = stage.raw("POST", "/oauth/token", { "content-type": form, ...headers }, body);
  if (response === "cut") throw new Error("cut");
  return { status: response.status, json: JSON.parse(response.body) };
}

describe("POST /oauth/token", () => {
  test("issues an opaque token for the client's life", () => {
    const { status, json } = ask(new Stage(), { authorization: good });
    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.stringMatching(/^[\w-]{86}$/u) as unknown,
      token_type: "bearer",
      expires_in: 86_400,
    });
  });

  test("takes the credentials from the body too", () => {
    const body = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`;
    expect(ask(new Stage(), {}, body).status).toBe(200);
  });

  test("answers an unknown client exactly as recorded", () => {
    expect(ask(new Stage(), { authorization: basic("nobody:x") })).toEqual({
      status: 400,
      json: {
        error: "invalid_client",
        description: "client not found",
        error_description: "client not found",
      },
    });
  });

  test.each([400, 401])("answers a wrong secret with %i, as set", (status) => {
    const stage = new Stage({ settings: { wrongSecretStatus: status } });
    const answer = ask(stage, { authorization: basic(`${clientId}:wrong`) });
    expect(answer).toMatchObject({ status, json: { error: "invalid_client" } });
  });

  test.each(["disabled", "inactive"] as const)("issues nothing to a client that is %s", (state) => {
    const stage = new Stage({ clients: [{ clientId, clientSecret, state }] });
    expect(ask(stage, { authorization: good })).toMatchObject({
      status: 400,
      json: { error: "invalid_client" },
    });
  });

  test.each([
    ["another grant", "grant_type=password&username=a&password=b", 400, "unsupported_grant_type"],
    ["no grant", "", 400, "invalid_request"],
  ])("refuses %s", (_, body, status, error) => {
    const answer = ask(new Stage(), { authorization: good }, body);
    expect(answer).toMatchObject({ status, json: { error } });
  });

  test.each([
    ["no credentials", {}],
    ["an un-encoded Basic header", { authorization: `Basic ${clientId}:${clientSecret}` }],
    ["an empty Basic header", { authorization: "Basic " }],
    ["another scheme", { authorization: "Digest abc" }],
  ])("refuses %s as an unknown client", (_, headers) => {
    expect(ask(new Stage(), headers)).toMatchObject({
      status: 400,
      json: { error: "invalid_client" },
    });
  });

  test("refuses a body that is not form-encoded", () => {
    const answer = ask(new Stage(), { authorization: good, "content-type": "application/json" });
    expect(answer).toMatchObject({ status: 415, json: { error: "invalid_request" } });
  });

  test.each([299, 172_801, 300.5])("no client lives for %d seconds", (seconds) => {
    const clients = [{ clientId, clientSecret, accessTokenValiditySeconds: seconds }];
    expect(() => new Stage({ clients })).toThrow("OPTION_INVALID");
  });

  test("login and API serve each their own paths, where they have hosts of their own", () => {
    const stage = new Stage({
      apiUrl: "https://api.mypurecloud.com",
      loginUrl: "https://login.mypurecloud.com",
    });
    const at = (host: string, method: string, path: string): number => {
      const headers = { host, authorization: good, "content-type": form };
      const response = stage.raw(method, path, headers, "grant_type=client_credentials");
      return response === "cut" ? 0 : response.status;
    };
    expect(at("login.mypurecloud.com", "POST", "/oauth/token")).toBe(200);
    expect(at("api.mypurecloud.com", "POST", "/oauth/token")).toBe(404);
    expect(at("login.mypurecloud.com", "GET", "/api/v2/tokens/me")).toBe(404);
    expect(at("api.mypurecloud.com", "GET", "/api/v2/tokens/me")).toBe(401);
  });
});

describe("a token", () => {
  const me = "/api/v2/tokens/me";

  test("tells who its client is", () => {
    const stage = new Stage();
    expect(stage.call("GET", me, stage.token()).json).toMatchObject({
      organization: { id: stage.cloud.world.organization.id },
      OAuthClient: { id: clientId, state: "active" },
    });
    expect(stage.call("HEAD", me, stage.token())).toMatchObject({ status: 200, body: "" });
  });

  test("is required, must be known, and must not have expired: each has its code and text", () => {
    const clients = [{ clientId, clientSecret, accessTokenValiditySeconds: 300 }];
    const stage = new Stage({ clients });
    const token = stage.token();
    expect(stage.call("GET", me).json).toMatchObject({
      status: 401,
      code: "authentication.required",
      message: "No authentication bearer token specified in authorization header.",
    });
    expect(stage.call("GET", me, "wrong").json).toMatchObject({
      status: 401,
      code: "bad.credentials",
      message: "Invalid login credentials.",
    });
    stage.pass(299_999);
    expect(stage.call("GET", me, token).status).toBe(200);
    stage.pass(1);
    expect(stage.call("GET", me, token).json).toMatchObject({
      status: 401,
      code: "credentials.expired",
      message: "The supplied credentials are expired and cannot be used.",
    });
  });

  test("can revoke itself, and is then a wrong one", () => {
    const stage = new Stage();
    const [token, other] = [stage.token(), stage.token()];
    expect(stage.call("DELETE", me, token).status).toBe(200);
    expect(stage.call("GET", me, token).json).toMatchObject({ code: "bad.credentials" });
    expect(stage.call("GET", me, other).status).toBe(200);
  });

  test("is forgotten when there are too many, so that memory has a bound", () => {
    const stage = new Stage({ settings: { tokensMax: 3 } });
    const first = stage.token();
    for (let count = 0; count < 3; count += 1) stage.token();
    expect(stage.call("GET", me, first).json).toMatchObject({ code: "bad.credentials" });
    expect(stage.cloud.state().clients).toMatchObject([{ liveTokens: 3, tokensIssued: 4 }]);
  });

  test("that is dead is forgotten before one that lives", () => {
    const stage = new Stage({ settings: { tokensMax: 3 } });
    const [first, second] = [stage.token(), stage.token()];
    stage.call("DELETE", me, second);
    stage.token();
    stage.token();
    expect(stage.call("GET", me, first).status).toBe(200);
  });

  test("dies with its client, and the client comes back with clear", () => {
    const stage = new Stage();
    const token = stage.token();
    stage.cloud.faults.disableClient({ clientId }, stage.nowMs);
    expect(stage.call("GET", me, token).json).toMatchObject({ code: "bad.credentials" });
    expect(() => stage.token()).toThrow("no token");
    stage.cloud.faults.clear();
    expect(stage.call("GET", me, token).status).toBe(401);
    expect(stage.call("GET", me, stage.token()).status).toBe(200);
  });
});

describe("a request for a token that is hardly one", () => {
  test.each([
    ["without a body", { "content-type": form }, "", 400, "invalid_request"],
    ["without a body or its type", {}, "", 415, "invalid_request"],
    ["with an empty grant", { "content-type": form }, "grant_type=", 400, "unsupported_grant_type"],
    ["in capitals", { "content-type": form.toUpperCase() }, "", 400, "invalid_request"],
  ])("%s is refused with the body of OAuth", (_, headers, body, status, error) => {
    const stage = new Stage();
    const response = stage.raw("POST", "/oauth/token", { authorization: good, ...headers }, body);
    expect(response).toMatchObject({ status });
    expect(response === "cut" ? "" : JSON.parse(response.body)).toEqual({
      error,
      description: expect.any(String) as unknown,
      error_description: expect.any(String) as unknown,
    });
  });

  test("by another method is refused", () => {
    expect(new Stage().call("GET", "/oauth/token").json).toMatchObject({ status: 405 });
  });
});
