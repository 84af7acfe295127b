import jsonwebtoken from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { clientId, clientSecret, Stage, startMs } from "../testing/stage.ts";
import type { CloudOptions } from "./contract.ts";
import { Deadlines } from "./deadlines.ts";
import { createDice } from "./dice.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { Tokens, type ClaimShift, type Token } from "./tokens.ts";

const me = "/api/v2/tokens/me";
const short = [{ clientId, clientSecret, accessTokenValiditySeconds: 300 }];

function stageOf(settings: Partial<Settings>, options: Partial<CloudOptions> = {}): Stage {
  return new Stage({ clients: short, ...options, settings: { tokenFormat: "jwt", ...settings } });
}

/** Tokens by themselves, with a clock of the test's own and claims that may be off. */
function tokensOf(
  settings: Partial<Settings>,
  shift: Partial<ClaimShift> = {},
): { tokens: Tokens; token: Token; deadlines: Deadlines; died: string[] } {
  const died: string[] = [];
  const deadlines = new Deadlines();
  const tokens = new Tokens({
    clients: short,
    settings: { ...defaultSettings, ...settings },
    dice: createDice(1, "ids"),
    roleDice: createDice(1, "roles"),
    deadlines,
    organizationId: "o",
    issuer: "https://login.example",
    onDeath: (token, nowMs) => died.push(`${token.state} ${nowMs - startMs}`),
    claimShift: () => ({ nbfMs: 0, expMs: 0, ...shift }),
  });
  const client = tokens.clients.get(clientId);
  if (client === undefined) throw new Error("no client");
  return { tokens, token: tokens.issue(client, startMs), deadlines, died };
}

function forged(text: string, claims: object): string {
  const [header, , signature] = text.split(".");
  return [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
}

describe("a JWT", () => {
  test("says who issued it to whom, for how long, in whole seconds", () => {
    const stage = stageOf({}, { loginUrl: "https://login.example" });
    stage.pass(400);
    const decoded = jsonwebtoken.decode(stage.token(), { complete: true });
    expect(decoded?.header).toEqual({ alg: "HS256", typ: "JWT" });
    expect(decoded?.payload).toEqual({
      iss: "https://login.example",
      sub: clientId,
      client_id: clientId,
      org: stage.cloud.world.organization.id,
      iat: startMs / 1000,
      nbf: startMs / 1000,
      exp: startMs / 1000 + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/u) as unknown,
    });
  });

  test("is the same again for the same seed and start, and another for another seed", () => {
    expect(stageOf({}).token()).toBe(stageOf({}).token());
    expect(stageOf({}, { seed: 8 }).token()).not.toBe(stageOf({}).token());
  });

  test.each(["strict", "lenient"] as const)("works under %s until it expires", (jwtValidation) => {
    const stage = stageOf({ jwtValidation });
    const token = stage.token();
    expect(stage.call("GET", me, token).status).toBe(200);
    stage.pass(299_999);
    expect(stage.call("GET", me, token).status).toBe(200);
    stage.pass(jwtValidation === "strict" ? 1 : 60_000);
    const late = stage.call("GET", me, token);
    expect(late.status).toBe(jwtValidation === "strict" ? 401 : 200);
    stage.pass(1);
    expect(stage.call("GET", me, token).json).toMatchObject({ code: "credentials.expired" });
  });

  test.each(["strict", "lenient"] as const)("that was tampered with is wrong under %s", (mode) => {
    const stage = stageOf({ jwtValidation: mode });
    const token = stage.token();
    const claims = Object(jsonwebtoken.decode(token)) as object;
    const others = [
      forged(token, { ...claims, exp: startMs / 1000 + 86_400 }),
      jsonwebtoken.sign(claims, "another key"),
      jsonwebtoken.sign(claims, null, { algorithm: "none" }),
      `${token}x`,
      "no.jwt.at-all",
    ];
    for (const other of others)
      expect(stage.call("GET", me, other).json).toMatchObject({
        status: 401,
        code: "bad.credentials",
        message: "Invalid login credentials.",
      });
    expect(stage.call("GET", me, token).status).toBe(200);
  });

  test("that is revoked, or whose client is disabled, is wrong at once", () => {
    const stage = stageOf({});
    const [one, other] = [stage.token(), stage.token()];
    stage.call("DELETE", me, one);
    expect(stage.call("GET", me, one).json).toMatchObject({ code: "bad.credentials" });
    expect(stage.call("GET", me, other).status).toBe(200);
    stage.cloud.faults.disableClient({ clientId }, stage.nowMs);
    expect(stage.call("GET", me, other).json).toMatchObject({ code: "bad.credentials" });
  });

  test("that was forgotten is wrong though its signature is good", () => {
    const stage = stageOf({ tokensMax: 1 });
    const [one, other] = [stage.token(), stage.token()];
    expect(stage.call("GET", me, one).json).toMatchObject({ code: "bad.credentials" });
    expect(stage.call("GET", me, other).status).toBe(200);
  });
});

describe("claims that are off", () => {
  test("make a token that is not valid yet, and tell by how many milliseconds", () => {
    const { tokens, token } = tokensOf({ tokenFormat: "jwt" }, { nbfMs: 5000 });
    expect(tokens.present(token.value, startMs + 10)).toEqual({ kind: "early", behindMs: 4990 });
    expect(tokens.present(token.value, startMs + 5000)).toMatchObject({ kind: "live" });
  });

  test.each([
    [{ jwtLeewayMs: 5000 }, "live"],
    [{ jwtLeewayMs: 4999 }, "early"],
    [{ jwtValidation: "lenient" }, "live"],
    [{ jwtValidation: "off" }, "live"],
  ] as const)("5 s of nbf ahead under %o is %s", (settings, kind) => {
    const { tokens, token } = tokensOf({ tokenFormat: "jwt", ...settings }, { nbfMs: 5000 });
    expect(tokens.present(token.value, startMs)).toMatchObject({ kind });
  });

  test.each([
    [{}, 290_000],
    [{ jwtLeewayMs: 2500 }, 292_500],
    [{ jwtValidation: "lenient" }, 350_000],
  ] as const)("end the token at its exp, with the leeway of %o", (settings, endsMs) => {
    const shifted = tokensOf({ tokenFormat: "jwt", ...settings }, { expMs: -10_000 });
    const { tokens, token, deadlines, died } = shifted;
    deadlines.runNext(startMs + endsMs - 1);
    expect(tokens.present(token.value, startMs + endsMs - 1)).toMatchObject({ kind: "live" });
    deadlines.runNext(startMs + endsMs);
    expect(died).toEqual([`expired ${endsMs}`]);
    expect(tokens.present(token.value, startMs + endsMs)).toEqual({ kind: "expired" });
  });

  test("make a token that is dead when it is issued, but not before its issue", () => {
    const { tokens, token, deadlines, died } = tokensOf(
      { tokenFormat: "jwt" },
      { expMs: -400_000 },
    );
    expect(tokens.present(token.value, startMs)).toEqual({ kind: "expired" });
    deadlines.runNext(startMs);
    expect(died).toEqual(["expired 0"]);
  });

  test("hold for an opaque token too, which the service looks up", () => {
    const { tokens, token } = tokensOf({}, { nbfMs: 250 });
    expect(tokens.present(token.value, startMs)).toEqual({ kind: "early", behindMs: 250 });
    expect(tokens.present(token.value, startMs + 250)).toMatchObject({ kind: "live" });
  });
});

describe("where nothing is checked", () => {
  test("any text is a token of the first client, the same at each call", () => {
    const stage = new Stage({ settings: { jwtValidation: "off" } });
    expect(stage.call("GET", me, "anything").json).toMatchObject({ OAuthClient: { id: clientId } });
    const channelId = stage.channel("anything");
    const list = stage.call("GET", "/api/v2/notifications/channels", "anything").json;
    expect(list).toMatchObject({ entities: [{ id: channelId }] });
    const other = stage.call("GET", "/api/v2/notifications/channels", "other").json;
    expect(other).toEqual({ entities: [] });
    expect(stage.cloud.state().clients).toMatchObject([{ liveTokens: 2, tokensIssued: 2 }]);
  });

  test("no time ends a token, but revocation does, and there is one none the less", () => {
    const stage = new Stage({ clients: short, settings: { jwtValidation: "off" } });
    const token = stage.token();
    stage.pass(86_400_000);
    expect(stage.call("GET", me, token).status).toBe(200);
    stage.call("DELETE", me, token);
    expect(stage.call("GET", me, token).json).toMatchObject({ code: "bad.credentials" });
    expect(stage.call("GET", me).json).toMatchObject({ code: "authentication.required" });
  });

  test("a disabled client has no tokens, and memory has a bound", () => {
    const stage = new Stage({ settings: { jwtValidation: "off", tokensMax: 2 } });
    for (const text of ["a", "b", "c"]) stage.call("GET", me, text);
    expect(stage.cloud.state().clients).toMatchObject([{ liveTokens: 2 }]);
    expect(stage.call("GET", me, "x".repeat(8193)).status).toBe(401);
    stage.cloud.faults.disableClient({ clientId }, stage.nowMs);
    expect(stage.call("GET", me, "d").json).toMatchObject({ code: "bad.credentials" });
  });
});

test("durations are told in the seconds of a client, for whom the cloud is so many times faster", () => {
  const stage = new Stage({ clients: short, speed: 60, settings: { requestsPerMinuteMax: 1 } });
  const headers = {
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const issued = stage.raw("POST", "/oauth/token", headers, "grant_type=client_credentials");
  expect(issued === "cut" ? "" : JSON.parse(issued.body)).toMatchObject({ expires_in: 5 });
  const token = stage.token();
  expect(stage.call("GET", me, token).headers["inin-ratelimit-reset"]).toBe("1");
  expect(stage.call("GET", me, token).headers["retry-after"]).toBe("1");
});
