import { describe, expect, test } from "vitest";
import { clientId, clientSecret, Stage } from "../testing/stage.ts";

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/u) as unknown;

function stageWith(permissions: "all" | readonly string[]): { stage: Stage; token: string } {
  const stage = new Stage({ clients: [{ clientId, clientSecret, permissions, name: "Relay" }] });
  return { stage, token: stage.token() };
}

test("a token tells its organisation, its client, and the role that its rights come from", () => {
  const { stage, token } = stageWith("all");
  const organization = { ...stage.cloud.world.organization };
  expect(stage.call("GET", "/api/v2/tokens/me", token).json).toEqual({
    organization,
    homeOrganization: organization,
    authorizedScope: [],
    OAuthClient: {
      id: clientId,
      name: "Relay",
      authorizedGrantType: "CLIENT_CREDENTIALS",
      scope: [],
      roleDivisions: [{ roleId: uuid, divisionId: stage.cloud.world.divisionId }],
      state: "active",
      organization,
    },
  });
});

function rolesAt(startAtMs: number): unknown {
  const stage = new Stage({ startAtMs });
  stage.nowMs = startAtMs;
  const me = Object(stage.call("GET", "/api/v2/tokens/me", stage.token()).json);
  return me.OAuthClient.roleDivisions;
}

test("the role is the same at every start", () => {
  expect(rolesAt(1_700_000_000_000)).toEqual(rolesAt(1_800_000_000_000));
});

test("no token idles", () => {
  const { stage, token } = stageWith([]);
  expect(stage.call("GET", "/api/v2/tokens/timeout", token).json).toEqual({
    enableIdleTokenTimeout: false,
  });
});

describe("the tokens of a user", () => {
  test("are revoked by who has the right", () => {
    const { stage, token } = stageWith(["oauth:token:delete"]);
    const [agent] = stage.cloud.world.agents;
    expect(stage.call("DELETE", `/api/v2/tokens/${agent?.id}`, token).status).toBe(200);
    expect(stage.call("DELETE", "/api/v2/tokens/nobody", token).json).toMatchObject({
      status: 404,
      code: "not.found",
      entityId: "nobody",
    });
    expect(stage.call("HEAD", "/api/v2/tokens/me", token).status).toBe(200);
  });

  test("are not for anybody else to revoke", () => {
    const { stage, token } = stageWith(["oauth:client:delete"]);
    expect(stage.call("DELETE", "/api/v2/tokens/nobody", token).json).toMatchObject({
      status: 403,
      code: "missing.any.permissions",
    });
    expect(stage.call("DELETE", "/api/v2/tokens/me", token).status).toBe(200);
  });
});

test.each([
  [400, "bad.request"],
  [403, "not.authorized"],
  [404, "not.found"],
])("client credentials have no user: %i %s, as set", (usersMeStatus, code) => {
  const stage = new Stage({ settings: { usersMeStatus } });
  expect(stage.call("GET", "/api/v2/users/me", stage.token()).json).toMatchObject({
    status: usersMeStatus,
    code,
  });
});

describe("the subject", () => {
  const path = "/api/v2/authorization/subjects/me";

  test("has one role whose policies are the client's permissions", () => {
    const { stage, token } = stageWith([
      "routing:queue:view",
      "analytics:userDetail:view",
      "routing:queue:edit",
    ]);
    const { divisionId } = stage.cloud.world;
    expect(stage.call("GET", path, token).json).toMatchObject({
      id: clientId,
      name: "Relay",
      grants: [
        {
          subjectId: clientId,
          division: { id: divisionId, homeDivision: true },
          role: {
            id: uuid,
            policies: [
              { domain: "routing", entityName: "queue", actions: ["view", "edit"] },
              { domain: "analytics", entityName: "userDetail", actions: ["view"] },
            ],
          },
        },
      ],
    });
  });

  test("may do everything when its client may", () => {
    const { stage, token } = stageWith("all");
    expect(stage.call("GET", path, token).json).toMatchObject({
      grants: [{ role: { policies: [{ domain: "*", entityName: "*", actions: ["*"] }] } }],
    });
  });
});

describe("the organisation", () => {
  const namespaces = "/api/v2/organizations/limits/namespaces";

  test("tells its name and state", () => {
    const { stage, token } = stageWith([]);
    expect(stage.call("GET", "/api/v2/organizations/me", token).json).toMatchObject({
      ...stage.cloud.world.organization,
      state: "active",
    });
  });

  test("tells its limits by namespace, as set, and their defaults", () => {
    const stage = new Stage({ settings: { channelsPerClientMax: 3, requestsPerMinuteMax: 77 } });
    const token = stage.token();
    const ask = (path: string): unknown => stage.call("GET", `${namespaces}${path}`, token).json;
    expect(ask("")).toMatchObject({ entities: ["notifications", "platform.api"], total: 2 });
    expect(ask("/notifications")).toEqual({
      entities: [
        { key: "channels.per.user.app.max", namespace: "notifications", value: 3 },
        { key: "topics.per.channel.max", namespace: "notifications", value: 1000 },
      ],
    });
    expect(ask("/notifications/defaults")).toMatchObject({ entities: [{ value: 20 }, {}] });
    expect(ask("/platform.api")).toMatchObject({
      entities: [
        { key: "client.credentials.token.rate.per.minute", value: 77 },
        { key: "org.app.user.rate.per.minute", value: 3000 },
        { key: "request.bytes.max", value: 512_000 },
      ],
    });
    expect(ask("/nonsense")).toMatchObject({ status: 404, entityId: "nonsense" });
  });
});
