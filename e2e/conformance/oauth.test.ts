/** Tokens and regions: docs/GENESYS.md sections 1 and 2. */
import { expect } from "vitest";
import { basic, limited, raise } from "./client.ts";
import { rule } from "./rule.ts";

const form = { grant_type: "client_credentials" };
const me = "/api/v2/tokens/me";
const oauthRefusal = {
  error: expect.any(String) as unknown,
  description: expect.any(String) as unknown,
  error_description: expect.any(String) as unknown,
};

rule("1.1 official SDK", "client credentials in Basic give a token", async () => {
  const caller = await raise();
  const { clientId, clientSecret } = caller.mock;
  const reply = await caller.login({ authorization: basic(clientId, clientSecret) }, form);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toContain("application/json");
  expect(reply.json).toEqual({
    access_token: expect.any(String) as unknown,
    token_type: "bearer",
    expires_in: 86_400,
  });
});

rule("1.1 official SDK", "client credentials in the form give a token too", async () => {
  const caller = await raise();
  const { clientId: client_id, clientSecret: client_secret } = caller.mock;
  const reply = await caller.login({}, { ...form, client_id, client_secret });
  expect(reply).toMatchObject({ status: 200, json: { token_type: "bearer" } });
});

rule("1.1 official SDK", "a token opens the API as a bearer", async () => {
  const caller = await raise();
  expect((await caller.call("GET", me, await caller.token())).status).toBe(200);
});

rule("1.1 community", "an unknown client is a 400 with the body as captured", async () => {
  const caller = await raise();
  const authorization = basic("99999999-9999-4999-8999-999999999999", "x");
  expect(await caller.login({ authorization }, form)).toMatchObject({
    status: 400,
    json: {
      error: "invalid_client",
      description: "client not found",
      error_description: "client not found",
    },
  });
});

rule(
  "1.1 official SDK",
  "every refusal has the three fields of OAuth, not an API error",
  async () => {
    const caller = await raise();
    const { clientId, clientSecret } = caller.mock;
    const authorization = basic(clientId, clientSecret);
    const refusals = [
      await caller.login({ authorization: basic(clientId, "wrong") }, form),
      await caller.login({ authorization }, {}),
      await caller.login({ authorization }, { grant_type: "password" }),
      await caller.login({}, form),
      await caller.send("/oauth/token", { method: "POST", headers: { authorization } }),
    ];
    for (const refusal of refusals) {
      expect(refusal.status).toBeGreaterThanOrEqual(400);
      expect(refusal.status).toBeLessThan(500);
      expect(refusal.json).toEqual(oauthRefusal);
    }
  },
);

for (const seconds of [300, 3_600, 172_800])
  rule("1.2 official SDK", `a token lives the ${seconds} s set on its client`, async () => {
    const client = { ...limited(), accessTokenValiditySeconds: seconds };
    const caller = await raise({ clients: [client] });
    const { clientId, clientSecret } = caller.mock;
    const reply = await caller.login({ authorization: basic(clientId, clientSecret) }, form);
    expect(reply.json).toMatchObject({ expires_in: seconds });
    const { access_token: token } = reply.json as { access_token: string };
    caller.passes(seconds * 1_000 - 500);
    expect((await caller.call("GET", me, token)).status).toBe(200);
    caller.passes(seconds * 1_000);
    expect(await caller.call("GET", me, token)).toMatchObject({
      status: 401,
      json: { code: "credentials.expired" },
    });
  });

for (const seconds of [299, 172_801])
  rule("1.2 official SDK", `a life of ${seconds} s is none that a client can have`, async () => {
    const clients = [{ ...limited(), accessTokenValiditySeconds: seconds }];
    await expect(raise({ clients })).rejects.toMatchObject({ code: "OPTION_INVALID" });
  });

rule(
  "1.2 official SDK",
  "there is no refresh token, a client asks again and has both",
  async () => {
    const caller = await raise();
    const { clientId, clientSecret } = caller.mock;
    const reply = await caller.login({ authorization: basic(clientId, clientSecret) }, form);
    expect(reply.json).not.toHaveProperty("refresh_token");
    const { access_token: first } = reply.json as { access_token: string };
    const second = await caller.token();
    expect(second).not.toBe(first);
    for (const token of [first, second])
      expect((await caller.call("GET", me, token)).status).toBe(200);
  },
);

rule(
  "1.2 official SDK",
  "a disabled client gets no tokens, and those it has are dead",
  async () => {
    const caller = await raise();
    const { cloud, clientId, clientSecret } = caller.mock;
    const token = await caller.token();
    cloud.faults.disableClient({ clientId }, caller.mock.nowMs());
    expect((await caller.call("GET", me, token)).status).toBe(401);
    const reply = await caller.login({ authorization: basic(clientId, clientSecret) }, form);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.json).toEqual(oauthRefusal);
  },
);

rule("1.2 official SDK", "an inactive client gets no new tokens", async () => {
  const client = { ...limited(), state: "inactive" } as const;
  const caller = await raise({ clients: [client] });
  const authorization = basic(client.clientId, client.clientSecret);
  const reply = await caller.login({ authorization }, form);
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(reply.json).toEqual(oauthRefusal);
});

rule("1.2 official SDK", "rights come from the client's roles, not from scopes", async () => {
  const caller = await raise({ clients: [limited(["conversation:transcription:view"])] });
  const token = await caller.token();
  const channel = await caller.channel(token);
  const topic = `v2.conversations.${crypto.randomUUID()}.transcription`;
  expect((await caller.subscribe("PUT", token, channel, [topic])).status).toBe(200);
  const other = "v2.outbound.settings.x";
  expect((await caller.subscribe("PUT", token, channel, [other])).status).not.toBe(200);
});

rule("1.2 official blog", "client credentials are enough for presences and queues", async () => {
  const caller = await raise();
  const token = await caller.token();
  const id = crypto.randomUUID();
  const topics = [
    `v2.users.${id}.presence`,
    `v2.routing.queues.${id}.users`,
    `v2.routing.queues.${id}.conversations`,
  ];
  const channel = await caller.channel(token, topics);
  expect(await caller.topicsOf(token, channel)).toEqual(topics);
});

rule("1.2 official SDK", "GET tokens/me tells organisation and client", async () => {
  const caller = await raise();
  const { json } = await caller.call("GET", me, await caller.token());
  expect(json).toMatchObject({
    organization: { id: expect.any(String) as unknown },
    homeOrganization: { id: expect.any(String) as unknown },
    OAuthClient: {
      id: caller.mock.clientId,
      authorizedGrantType: expect.stringMatching(/client.credentials/iu) as unknown,
      state: "active",
    },
  });
});

rule("1.2 official SDK", "HEAD tokens/me tells by its status whether the token works", async () => {
  const caller = await raise();
  const works = await caller.call("HEAD", me, await caller.token());
  expect(works).toMatchObject({ status: 200, text: "" });
  expect(await caller.call("HEAD", me, "other")).toMatchObject({ status: 401, text: "" });
});

rule("1.2 official SDK", "DELETE tokens/me revokes this token and no other", async () => {
  const caller = await raise();
  const [one, two] = [await caller.token(), await caller.token()];
  const { status } = await caller.call("DELETE", me, one);
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(300);
  expect((await caller.call("GET", me, one)).status).toBe(401);
  expect((await caller.call("GET", me, two)).status).toBe(200);
});

rule("1.2 official SDK", "no user stands behind a token of client credentials", async () => {
  const caller = await raise();
  const token = await caller.token();
  const reply = await caller.call("GET", "/api/v2/users/me", token);
  expect(reply.status).toBe(400);
  expect(reply.json).toMatchObject({ status: 400, code: expect.any(String) as unknown });
  const conversations = await caller.call("GET", "/api/v2/conversations", token);
  expect(conversations).toMatchObject({ status: 200, json: { entities: [] } });
});

rule("1.2 official SDK", "authorization/subjects/me tells what the client may do", async () => {
  const caller = await raise({ clients: [limited(["conversation:transcription:view"])] });
  const reply = await caller.call("GET", "/api/v2/authorization/subjects/me", await caller.token());
  expect(reply.json).toMatchObject({
    id: caller.mock.clientId,
    grants: [
      {
        role: {
          policies: [{ domain: "conversation", entityName: "transcription", actions: ["view"] }],
        },
      },
    ],
  });
});

/** Section 2 of docs/GENESYS.md. */
const domains = [
  "mypurecloud.com",
  "mypurecloud.ie",
  "mypurecloud.com.au",
  "mypurecloud.jp",
  "mypurecloud.de",
  "usw2.pure.cloud",
  "cac1.pure.cloud",
  "apne2.pure.cloud",
  "euw2.pure.cloud",
  "aps1.pure.cloud",
  "use2.us-gov-pure.cloud",
  "sae1.pure.cloud",
  "mec1.pure.cloud",
  "apne3.pure.cloud",
  "euc2.pure.cloud",
  "mxc1.pure.cloud",
  "apse1.pure.cloud",
  "edee1.eusc-pure.cloud",
];

rule(
  "2 official SDK",
  "each region has a host for logins, one for the API, one for sockets",
  async () => {
    const caller = await raise();
    const { clientId, clientSecret } = caller.mock;
    for (const domain of domains) {
      const headers = {
        authorization: basic(clientId, clientSecret),
        "content-type": "application/x-www-form-urlencoded",
      };
      const body = "grant_type=client_credentials";
      const asked = await caller.sendAs(`login.${domain}`, "POST", "/oauth/token", headers, body);
      const { access_token: token } = JSON.parse(asked.text) as { access_token: string };
      const path = "/api/v2/notifications/channels";
      const bearer = { authorization: `Bearer ${token}` };
      const made = await caller.sendAs(`api.${domain}`, "POST", path, bearer);
      const { connectUri } = JSON.parse(made.text) as { connectUri: string };
      expect(new URL(connectUri).hostname).toBe(`streaming.${domain}`);
      // Each host serves its own paths only.
      expect((await caller.sendAs(`login.${domain}`, "POST", path, bearer)).status).toBe(404);
      const wrong = await caller.sendAs(`api.${domain}`, "POST", "/oauth/token", headers, body);
      expect(wrong.status).toBe(404);
    }
    expect(new Set(domains).size).toBe(18);
  },
);

rule("2 official SDK", "the streaming host is told in connectUri", async () => {
  const caller = await raise({ streamingUrl: "wss://streaming.mypurecloud.de" });
  const login = await caller.sendAs(
    "login.mypurecloud.de",
    "POST",
    "/oauth/token",
    {
      authorization: basic(caller.mock.clientId, caller.mock.clientSecret),
      "content-type": "application/x-www-form-urlencoded",
    },
    "grant_type=client_credentials",
  );
  const { access_token: token } = JSON.parse(login.text) as { access_token: string };
  const path = "/api/v2/notifications/channels";
  const made = await caller.sendAs("api.mypurecloud.de", "POST", path, {
    authorization: `Bearer ${token}`,
  });
  expect(JSON.parse(made.text)).toMatchObject({
    connectUri: expect.stringMatching(
      /^wss:\/\/streaming\.mypurecloud\.de\/channels\/streaming-/u,
    ) as unknown,
  });
});
