/** What every answer has, errors and limits: docs/GENESYS.md sections 3.6 and 5. */
import { expect } from "vitest";
import { limited, presence, raise, type Reply } from "./client.ts";
import { rule } from "./rule.ts";

const me = "/api/v2/tokens/me";
const channels = "/api/v2/notifications/channels";

/** A list of one topic with so many bytes around it. */
function padded(bytes: number): unknown {
  return [{ id: presence, selfUri: "x".repeat(bytes) }];
}

function expectRefusal(reply: Reply, status: number, code: string): void {
  expect(reply.status).toBe(status);
  expect(reply.json).toMatchObject({ code, status, message: expect.any(String) as unknown });
}

rule(
  "3.6 official SDK",
  "an error has the fields of ErrorBody, its contextId is sent too",
  async () => {
    const caller = await raise();
    const reply = await caller.call("GET", `${channels}/none/subscriptions`, await caller.token());
    expect(reply.headers.get("content-type")).toContain("application/json");
    expect(reply.json).toMatchObject({
      message: expect.any(String) as unknown,
      code: "not.found",
      status: 404,
      contextId: reply.headers.get("inin-correlation-id"),
      details: [],
      errors: [],
    });
    const known = new Set(
      "message code status entityId entityName messageWithParams messageParams contextId details errors limit".split(
        " ",
      ),
    );
    expect(Object.keys(reply.json as object).filter((field) => !known.has(field))).toEqual([]);
  },
);

rule("3.6 official SDK", "every answer carries ININ-Correlation-Id, each another", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token);
  const answers = [
    await caller.call("GET", me, token),
    await caller.call("HEAD", me, token),
    await caller.call("POST", channels, token),
    await caller.call("GET", channels, token),
    await caller.subscribe("PUT", token, channel, [presence]),
    await caller.subscribe("PUT", token, channel, ["not a topic"]),
    await caller.call("DELETE", `${channels}/${channel.id}/subscriptions`, token),
    await caller.call("GET", me, "other"),
    await caller.call("GET", "/api/v2/nothing/here", token),
    await caller.call("PATCH", channels, token),
    await caller.login({}, {}),
  ];
  const ids = answers.map(({ headers }) => headers.get("inin-correlation-id"));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/u);
  expect(new Set(ids).size).toBe(ids.length);
});

rule("3.6 community", "without a token the code is authentication.required", async () => {
  const caller = await raise();
  for (const headers of [{}, { authorization: "Basic eDp5" }]) {
    const reply = await caller.send(me, { headers });
    expectRefusal(reply, 401, "authentication.required");
    expect(reply.json).toMatchObject({
      message: "No authentication bearer token specified in authorization header.",
    });
  }
});

rule("3.6 community", "with a wrong token the code is bad.credentials", async () => {
  const caller = await raise();
  const reply = await caller.call("GET", me, "nobody's");
  expectRefusal(reply, 401, "bad.credentials");
  expect(reply.json).toMatchObject({ message: "Invalid login credentials." });
});

rule("3.6 community", "with an expired token the code is credentials.expired", async () => {
  const caller = await raise({ clients: [{ ...limited(), accessTokenValiditySeconds: 300 }] });
  const token = await caller.token();
  caller.passes(301_000);
  const reply = await caller.call("GET", me, token);
  expectRefusal(reply, 401, "credentials.expired");
  expect(reply.json).toMatchObject({
    message: "The supplied credentials are expired and cannot be used.",
  });
});

rule("3.6 community", "an unknown path is 404 not.found", async () => {
  const caller = await raise();
  const token = await caller.token();
  expectRefusal(await caller.call("GET", "/api/v2/nothing/here", token), 404, "not.found");
});

rule("3.6 community", "a body of another type is 415 unsupported.media.type", async () => {
  const caller = await raise();
  const token = await caller.token();
  const { id } = await caller.channel(token);
  const reply = await caller.send(`${channels}/${id}/subscriptions`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "text/plain" },
    body: "[]",
  });
  expectRefusal(reply, 415, "unsupported.media.type");
});

for (const body of ["{", '{"id":"x"}', "[1]", '[{"name":"x"}]', '[{"id":7}]', "null"])
  rule("3.6 community", `the body ${body} for topics is 400 bad.request`, async () => {
    const caller = await raise();
    const token = await caller.token();
    const { id } = await caller.channel(token);
    const reply = await caller.send(`${channels}/${id}/subscriptions`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body,
    });
    expectRefusal(reply, 400, "bad.request");
  });

rule("3.6 community", "a value that is none of a parameter's is 400 invalid.value", async () => {
  const caller = await raise();
  const token = await caller.token();
  expectRefusal(
    await caller.call("GET", `${channels}?includechannels=all`, token),
    400,
    "invalid.value",
  );
});

rule("5 community", "a body beyond 512,000 bytes is 413, up to it is read", async () => {
  const caller = await raise({ settings: { topicsPerChannelMax: 100_000 } });
  const token = await caller.token();
  const channel = await caller.channel(token);
  const around = JSON.stringify(padded(0)).length;
  const path = `${channels}/${channel.id}/subscriptions`;
  expect((await caller.call("PUT", path, token, padded(512_000 - around))).status).toBe(200);
  const tooLarge = await caller.call("PUT", path, token, padded(512_001 - around));
  expect(tooLarge).toMatchObject({ status: 413, json: { status: 413 } });
});

rule("5 official blog", "answers tell count, allowed and the seconds to the reset", async () => {
  const caller = await raise();
  const token = await caller.token();
  for (const count of [1, 2, 3]) {
    const { headers } = await caller.call("GET", me, token);
    expect(headers.get("inin-ratelimit-count")).toBe(String(count));
    expect(headers.get("inin-ratelimit-allowed")).toBe("300");
    const reset = Number(headers.get("inin-ratelimit-reset"));
    expect(reset).toBeGreaterThan(0);
    expect(reset).toBeLessThanOrEqual(60);
  }
});

rule("5 community", "a token has 300 calls a minute, another token has its own", async () => {
  const caller = await raise();
  const [token, other] = [await caller.token(), await caller.token()];
  const statuses = [];
  for (let count = 0; count < 301; count++)
    statuses.push((await caller.call("HEAD", me, token)).status);
  expect(statuses.slice(0, 300).every((status) => status === 200)).toBe(true);
  expect(statuses[300]).toBe(429);
  expect((await caller.call("HEAD", me, other)).status).toBe(200);
});

rule(
  "5 official SDK",
  "a 429 has its code, and Retry-After in seconds, after which it is over",
  async () => {
    const caller = await raise({ settings: { requestsPerMinuteMax: 2 } });
    const token = await caller.token();
    await caller.call("GET", me, token);
    await caller.call("GET", me, token);
    const reply = await caller.call("GET", me, token);
    expectRefusal(reply, 429, "too.many.requests");
    const seconds = Number(reply.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(reply.json).toMatchObject({
      message: `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`,
    });
    caller.passes(seconds * 1_000);
    expect((await caller.call("GET", me, token)).status).toBe(200);
  },
);

rule(
  "3.7 official SDK",
  "queues and users, the ids to subscribe, are listed in pages of 25",
  async () => {
    const caller = await raise({ queues: 30, agents: 60 });
    const token = await caller.token();
    for (const [path, total] of [
      ["/api/v2/routing/queues", 30],
      ["/api/v2/users", 60],
    ] as const) {
      const { json } = await caller.call("GET", path, token);
      expect(json).toMatchObject({ pageSize: 25, pageNumber: 1, total });
      const { entities } = json as { entities: readonly unknown[] };
      expect(entities).toHaveLength(25);
      expect(entities).toEqual(
        entities.map(() => expect.objectContaining({ id: expect.any(String) as unknown })),
      );
      const second = await caller.call("GET", `${path}?pageNumber=2`, token);
      const { entities: more } = second.json as { entities: readonly unknown[] };
      expect(more).not.toEqual(entities);
    }
  },
);

rule("3.7 official SDK", "no call verifies a subscription", async () => {
  const caller = await raise();
  const token = await caller.token();
  const { id } = await caller.channel(token);
  const reply = await caller.call("POST", `${channels}/${id}/subscriptions/verify`, token);
  expect([404, 405]).toContain(reply.status);
});

rule(
  "5 official SDK",
  "an organisation's own limits can be read, without a permission",
  async () => {
    const caller = await raise({ clients: [limited()], settings: { channelsPerClientMax: 7 } });
    const path = "/api/v2/organizations/limits/namespaces/notifications";
    const { status, json } = await caller.call("GET", path, await caller.token());
    expect(status).toBe(200);
    expect(JSON.stringify(json)).toContain('"value":7');
  },
);
