import { createHmac } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import {
  refusalOf,
  sampleClient,
  sampleSecret,
  stageAccess,
  type AccessStage,
} from "../../testing/access-stage.ts";
import { plainGateway } from "../../testing/plain-gateway.ts";
import type { SigningKey } from "./signing-key.ts";

const minute = 60_000;

function pass({ clock }: AccessStage, ms: number): Promise<void> {
  return clock.runUntil(clock.monotonicMs() + ms);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function read(part: string): object {
  return JSON.parse(Buffer.from(part, "base64url").toString()) as object;
}

/** The parts of a token, with some of what it says replaced; the signature is as it was. */
function forged(token: string, header: object, payload: object = {}): string {
  const [head = "", body = "", signature = ""] = token.split(".");
  return [
    encode({ ...read(head), ...header }),
    encode({ ...read(body), ...payload }),
    signature,
  ].join(".");
}

/** A token that the relay's own key signs, with claims as a test wants them. */
function signed(key: SigningKey, nowMs: number, claims: Record<string, unknown>): Promise<string> {
  const now = Math.floor(nowMs / 1_000);
  const all = {
    iss: `urn:trunkline:relay:${key.kid}`,
    aud: "urn:trunkline:event-api",
    iat: now,
    nbf: now,
    exp: now + 600,
    jti: "j",
    client_id: "wallboard",
    scope: "analytics:events:read",
    ...claims,
  };
  return new SignJWT(all).setProtectedHeader({ alg: "EdDSA", kid: key.kid }).sign(key.privateKey);
}

describe("tokens of this relay", () => {
  test("one that was issued grants what its client may, until it expires", async () => {
    const { access, clock } = await stageAccess({ tokenLifeMs: 10 * minute });
    const client = access.authenticate("wallboard", sampleSecret);
    const issued = await access.issue(client, undefined);
    expect(issued).toMatchObject({ expiresInMs: 600_000, scopes: ["analytics:events:read"] });
    const grant = await access.verify(issued.token);
    expect(grant).toMatchObject({
      clientId: "wallboard",
      scopes: ["analytics:events:read"],
      expiresAtMs: clock.wallMs() + 600_000,
      trunks: undefined,
      mayConnect: true,
    });
    expect(grant.mayRead("conversation.summary")).toBe(true);
    clock.stepWall(10 * minute + 65_000);
    const error = await refusalOf(access.verify(issued.token));
    expect(error.code).toBe("TOKEN_EXPIRED");
    expect(error.message).toContain(
      "expired at 2026-11-21T00:10:00.000Z, 65 s ago by this relay's clock",
    );
  });

  test("the clock's leeway counts at the end and at the beginning, and no further", async () => {
    const { access, clock, key } = await stageAccess({ clockLeewayMs: 5_000 });
    const now = clock.wallMs() / 1_000;
    const at = (claims: object): Promise<string> =>
      signed(key, clock.wallMs(), { ...claims }).then((token) =>
        access.verify(token).then(
          () => "taken",
          ({ code }) => String(code),
        ),
      );
    expect(await at({ nbf: now + 5 })).toBe("taken");
    expect(await at({ nbf: now + 6 })).toBe("TOKEN_NOT_YET_VALID");
    expect(await at({ exp: now - 4 })).toBe("taken");
    expect(await at({ exp: now - 5 })).toBe("TOKEN_EXPIRED");
  });

  test("a clock that is ahead is told with the difference that was measured", async () => {
    const { access, clock, key } = await stageAccess();
    const token = await signed(key, clock.wallMs(), {
      nbf: clock.wallMs() / 1_000 + 28_800,
      exp: clock.wallMs() / 1_000 + 30_000,
    });
    const error = await refusalOf(access.verify(token));
    expect(error.code).toBe("TOKEN_NOT_YET_VALID");
    expect(error.message).toContain("28800 s ahead of this relay's clock");
    expect(error.message).toContain("5 s are allowed");
    clock.stepWall(28_800_000);
    expect((await access.verify(token)).clientId).toBe("wallboard");
  });

  test("each forgery is refused, and told from the others", async () => {
    const { access, clock, key, token: issue } = await stageAccess();
    const other = await stageAccess();
    const token = await issue();
    const [head = "", body = ""] = token.split(".");
    const hs256 = `${encode({ alg: "HS256", kid: key.kid })}.${body}`;
    const publicPem = key.publicKey.export({ format: "pem", type: "spki" });
    const hmac = createHmac("sha256", publicPem).update(hs256).digest("base64url");
    const cases: readonly (readonly [string, string])[] = [
      [`${encode({ alg: "none", kid: key.kid })}.${body}.`, "not signed (alg: none)"],
      [`${hs256}.${hmac}`, 'signed with "HS256"'],
      [await other.token(), "another relay issued it"],
      [forged(token, { kid: undefined }), "names no key"],
      [forged(token, {}, { scope: "analytics:events:read more" }), "signature does not fit"],
      [`${head}.${body}.`, "signature does not fit"],
      [`${token.slice(0, -8)}AAAAAAAA`, "signature does not fit"],
      [`e30x.${body}.AAAA`, "header cannot be read"],
      [await signed(key, clock.wallMs(), { iss: "somebody" }), "claim iss"],
      [await signed(key, clock.wallMs(), { aud: "something" }), "claim aud"],
      [await signed(key, clock.wallMs(), { exp: undefined }), "has not all claims"],
      [await signed(key, clock.wallMs(), { client_id: 5 }), "has not all claims"],
      ["opaque-token-of-somebody", "no JWT"],
      ["two words", "characters in it"],
      [`${token}${"A".repeat(5_000)}`, "characters; none of this relay has more"],
    ];
    for (const [forgery, message] of cases) {
      const error = await refusalOf(access.verify(forgery));
      expect([error.code, error.message]).toEqual([
        "TOKEN_INVALID",
        expect.stringContaining(message),
      ]);
      expect(error.message).not.toContain(body);
    }
    expect((await refusalOf(access.verify(""))).code).toBe("TOKEN_MISSING");
    expect((await access.verify(token)).clientId).toBe("wallboard");
  });

  test("a token whose client was removed is refused, and grants that it has made no longer hold", async () => {
    const { access, token: issue } = await stageAccess();
    const token = await issue();
    const grant = await access.verify(token);
    expect(access.stillHolds(grant)).toBe(true);
    access.reconfigure({ ...plainGateway, clients: [] }, ["main"]);
    expect(access.stillHolds(grant)).toBe(false);
    const error = await refusalOf(access.verify(token));
    expect(error.code).toBe("CLIENT_UNKNOWN");
    expect(error.message).toContain("wallboard, which is no longer in the configuration");
  });

  const wide = sampleClient({ scopes: ["analytics:events:read", "view:notification"] });
  test.each([
    ["nothing else", {}, true],
    ["more event types", { eventTypes: ["conversation:updated", "conversation:ended"] }, true],
    ["all event types", { eventTypes: undefined }, true],
    ["other event types", { eventTypes: ["conversation:ended"] }, false],
    ["fewer scopes", { scopes: ["view:notification"] }, false],
    ["more scopes", { scopes: [...wide.scopes, "view:conversation"] }, true],
    ["fewer trunks", { trunks: ["main"] }, false],
    ["more trunks", { trunks: ["main", "other", "third"] }, true],
    ["another secret", { secretHash: `sha256:${"1".repeat(64)}` }, false],
  ])("a grant is looked at again after a reload: %s", async (_, change, holds) => {
    const client = { ...wide, eventTypes: ["conversation:updated"], trunks: ["main", "other"] };
    const { access, token } = await stageAccess({ clients: [client] });
    const grant = await access.verify(await token());
    access.reconfigure({ ...plainGateway, clients: [{ ...client, ...change }] }, ["main"]);
    expect(access.stillHolds(grant)).toBe(holds);
  });

  test("a scope that an event type asks for from now on ends what was granted without it", async () => {
    const { access, token } = await stageAccess();
    const grant = await access.verify(await token());
    const eventTypeScopes = { "conversation.summary": "wallboard:read" };
    access.reconfigure({ ...plainGateway, clients: [sampleClient()], eventTypeScopes }, ["main"]);
    expect(access.stillHolds(grant)).toBe(false);
    const next = await access.verify(await token());
    expect(next.mayRead("conversation.summary")).toBe(false);
    expect(access.stillHolds(next)).toBe(true);
  });

  test("a token grants no scope that its client has lost", async () => {
    const { access, token: issue } = await stageAccess();
    const token = await issue();
    access.reconfigure(
      { ...plainGateway, clients: [sampleClient({ scopes: ["view:notification"] })] },
      ["main"],
    );
    expect(await access.verify(token)).toMatchObject({ scopes: [], mayConnect: false });
  });
});

describe("clients", () => {
  test("a wrong secret and an unknown client are refused alike", async () => {
    const { access } = await stageAccess();
    const wrong = ["wallboard", "nobody"].map(async (id) => access.authenticate(id, "wrong"));
    const [one, other] = await Promise.all(wrong.map(refusalOf));
    expect(one?.code).toBe("CLIENT_UNKNOWN");
    expect(one?.message).toBe(other?.message);
    await expect(
      refusalOf((async () => access.authenticate("nobody", ""))()),
    ).resolves.toBeDefined();
  });

  test("no secret fits where there is no client", async () => {
    const { access } = await stageAccess({ clients: [] });
    const tried = (async () => access.authenticate("wallboard", sampleSecret))();
    expect((await refusalOf(tried)).code).toBe("CLIENT_UNKNOWN");
  });

  test("a scope that the client has not got is refused by name", async () => {
    const { access } = await stageAccess();
    const client = access.authenticate("wallboard", sampleSecret);
    const error = await refusalOf(access.issue(client, ["analytics:events:read", "admin:all"]));
    expect(error.code).toBe("SCOPE_INVALID");
    expect(error.message).toContain('has not got "admin:all"; it has analytics:events:read');
  });
});

describe("access tokens of Genesys Cloud", () => {
  const genesysClientId = "6b1f9d52-9c0f-4b57-8d0e-7f3c2a1e4d60";
  const clients = [sampleClient(), sampleClient({ id: "flow", genesysClientId })];
  const known = { kind: "known", oauthClientId: genesysClientId } as const;

  test("the service is asked once for many, and again after a minute", async () => {
    const stage = await stageAccess({ clients });
    stage.answer = () => known;
    const grants = await Promise.all([1, 2, 3].map(() => stage.access.verify("opaque")));
    expect(grants.map(({ clientId }) => clientId)).toEqual(["flow", "flow", "flow"]);
    expect(stage.asked).toEqual([["main", "opaque"]]);
    await pass(stage, 59_999);
    await stage.access.verify("opaque");
    expect(stage.asked).toHaveLength(1);
    await pass(stage, 2);
    await stage.access.verify("opaque");
    expect(stage.asked).toHaveLength(2);
  });

  test("a refusal is kept for 5 s, and a service that cannot be asked is no refusal", async () => {
    const stage = await stageAccess({ clients });
    const codes: string[] = [];
    const ask = async (): Promise<void> => {
      codes.push((await refusalOf(stage.access.verify("opaque"))).code);
    };
    await ask();
    await ask();
    await pass(stage, 5_001);
    stage.answer = () => ({ kind: "failed", detail: "no answer" });
    await ask();
    await pass(stage, 5_001);
    stage.answer = () => ({ kind: "known", oauthClientId: "another" });
    await ask();
    await pass(stage, 60_001);
    stage.answer = () => ({ kind: "known", oauthClientId: undefined });
    await ask();
    expect(codes).toEqual([
      "TOKEN_INVALID",
      "TOKEN_INVALID",
      "UNAVAILABLE",
      "CLIENT_UNKNOWN",
      "TOKEN_INVALID",
    ]);
    expect(stage.asked).toHaveLength(4);
  });

  test("trunks are asked one after the other, only those that a client sees", async () => {
    const flow = sampleClient({ id: "flow", genesysClientId, trunks: ["b", "c"] });
    const stage = await stageAccess({ clients: [flow] }, ["a", "b", "c"]);
    stage.answer = (trunk) => (trunk === "c" ? known : { kind: "refused", status: 401 });
    expect(await stage.access.verify("opaque")).toMatchObject({
      clientId: "flow",
      trunks: ["b", "c"],
    });
    expect(stage.asked.map(([trunk]) => trunk)).toEqual(["b", "c"]);
  });

  test("a token that is a JWT of somebody else may be one of Genesys Cloud; one of another relay is none", async () => {
    const stage = await stageAccess({ clients });
    stage.answer = () => known;
    const jwt = `${encode({ alg: "RS256" })}.${encode({ iss: "somebody" })}.AAAA`;
    expect((await stage.access.verify(jwt)).clientId).toBe("flow");
    const foreign = await stageAccess();
    const error = await refusalOf(stage.access.verify(await foreign.token()));
    expect(error.message).toContain("another relay issued it");
    expect(stage.asked).toEqual([["main", jwt]]);
  });

  test("nobody is asked where no client may have such a token", async () => {
    const stage = await stageAccess();
    expect((await refusalOf(stage.access.verify("opaque"))).message).toContain("genesysClientId");
    expect(stage.asked).toEqual([]);
  });

  test("guesses cost a bounded number of requests, and are told how long to wait", async () => {
    const stage = await stageAccess({ clients });
    let error = await refusalOf(stage.access.verify("guess-0"));
    for (let guess = 1; guess <= 50; guess++)
      error = await refusalOf(stage.access.verify(`guess-${guess}`));
    expect(stage.asked).toHaveLength(30);
    expect([error.code, error.retryAfterMs]).toEqual(["UNAVAILABLE", 60_000]);
    await pass(stage, 60_000);
    stage.answer = () => known;
    expect((await stage.access.verify("opaque")).clientId).toBe("flow");
  });
});
