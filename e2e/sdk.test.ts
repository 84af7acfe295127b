/**
 * The official SDK, unmodified, on the mock: what it can do with Genesys Cloud it can do here.
 */
import { once } from "node:events";
import { createMock, mockClientId, mockClientSecret, type RunningMock } from "@trunkline/mock";
import platformClient from "purecloud-platform-client-v2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

/** A client that may do nothing but see presences. */
const limitedId = "11111111-1111-4111-8111-111111111111";
const userId = "33333333-3333-4333-8333-333333333333";
const presence = `v2.users.${userId}.presence`;
const transcription = `v2.conversations.${userId}.transcription`;

let mock: RunningMock;

beforeAll(async () => {
  mock = await createMock({
    rate: 50,
    settings: { heartbeatMs: 200 },
    clients: [
      { clientId: mockClientId, clientSecret: mockClientSecret },
      { clientId: limitedId, clientSecret: mockClientSecret, permissions: [] },
    ],
  });
  const client = platformClient.ApiClient.instance;
  client.setGateway({ host: mock.host, protocol: "http", port: mock.port });
});

afterAll(() => mock.close());

test("the official SDK reaches a region behind the paths of its gateway", async () => {
  const client = platformClient.ApiClient.instance;
  // Its own mock: channels would be counted by the tests below.
  await using own = await createMock({ rate: 0 });
  const { host, port } = own;
  const protocol = "http";
  try {
    for (const [login, api] of [
      ["mypurecloud.de", "mypurecloud.de"],
      ["/login.mypurecloud.de/", "/api.mypurecloud.de/"],
    ] as const) {
      client.setGateway({ host, protocol, port, path_params_login: login, path_params_api: api });
      await client.loginClientCredentialsGrant(own.clientId, own.clientSecret);
      const channel = await new platformClient.NotificationsApi().postNotificationsChannels();
      const prefix = api.replaceAll("/", "").replace("api.", "streaming.");
      expect(channel.connectUri).toContain(`ws://${host}:${port}/${prefix}/channels/`);
    }
  } finally {
    client.setGateway({ host: mock.host, protocol, port: mock.port });
  }
});

describe("purecloud-platform-client-v2, pointed at the mock by setGateway", () => {
  test("logs in, subscribes, lists, and receives on the bare connectUri", async () => {
    const client = platformClient.ApiClient.instance;
    const login = await client.loginClientCredentialsGrant(mock.clientId, mock.clientSecret);
    expect(login.accessToken).toBeTypeOf("string");
    const me = await new platformClient.TokensApi().getTokensMe();
    expect(me.OAuthClient?.id).toBe(mock.clientId);

    const queues = await new platformClient.RoutingApi().getRoutingQueues({ pageSize: 2 });
    expect(queues).toMatchObject({ pageSize: 2, pageNumber: 1, pageCount: 3 });
    const users = await new platformClient.UsersApi().getUsers({});
    expect(users.entities?.length).toBe(25);

    const api = new platformClient.NotificationsApi();
    const available = await api.getNotificationsAvailabletopics({ expand: ["description"] });
    expect(available.entities?.map((topic) => topic.id)).toContain("v2.users.{id}.presence");

    const channel = await api.postNotificationsChannels();
    const id = channel.id ?? "";
    const topics = mock.sampleTopics(50).map((topic) => ({ id: topic }));
    const put = await api.putNotificationsChannelSubscriptions(id, topics);
    expect(put.entities).toHaveLength(50);
    // As the official Java and .NET handlers do it: the whole objects go back.
    const again = await api.putNotificationsChannelSubscriptions(id, put.entities ?? []);
    expect(again.entities).toEqual(put.entities);
    const listed = await api.getNotificationsChannelSubscriptions(id);
    expect(listed.entities?.every((topic) => topic.state === "Permitted")).toBe(true);
    const channels = await api.getNotificationsChannels({ includechannels: "oauthclient" });
    expect(channels.entities).toMatchObject([{ id, connectUri: channel.connectUri }]);
    await api.headNotificationsChannel(id);

    const socket = new WebSocket(channel.connectUri ?? "");
    const seen = { heartbeat: false, pong: false, event: false };
    const all = new Promise<void>((resolve) => {
      socket.on("message", (data: Buffer) => {
        const frame: { topicName: string; eventBody: { message?: string } } = JSON.parse(
          data.toString(),
        );
        if (frame.topicName !== "channel.metadata") seen.event = true;
        else if (frame.eventBody.message === "pong") seen.pong = true;
        else seen.heartbeat = true;
        if (seen.heartbeat && seen.pong && seen.event) resolve();
      });
    });
    await once(socket, "open");
    socket.send('{"message":"ping"}');
    await all;

    await api.deleteNotificationsChannelSubscriptions(id);
    const emptied = await api.getNotificationsChannelSubscriptions(id);
    expect(emptied.entities).toEqual([]);
    socket.terminate();
  });

  test("gets the error bodies that it expects", async () => {
    const api = new platformClient.NotificationsApi();
    const channel = await api.postNotificationsChannels();
    const refused: unknown = await api
      .putNotificationsChannelSubscriptions(channel.id ?? "", [{ id: "not a topic" }])
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 400, contextId: expect.any(String) as unknown });
    const gone: unknown = await api
      .getNotificationsChannelSubscriptions("streaming-0-nobody")
      .catch((error: unknown) => error);
    expect(gone).toMatchObject({ status: 404, code: "not.found" });
    const wrong: unknown = await platformClient.ApiClient.instance
      .loginClientCredentialsGrant("22222222-2222-4222-8222-222222222222", "x")
      .catch((error: unknown) => error);
    expect(wrong).toBeDefined();
  });

  test("reads, tests and revokes its token", async () => {
    const client = platformClient.ApiClient.instance;
    const tokens = new platformClient.TokensApi();
    await client.loginClientCredentialsGrant(mock.clientId, mock.clientSecret);
    await tokens.headTokensMe();
    const { organization, OAuthClient } = await tokens.getTokensMe();
    expect(organization?.id).toBe(mock.cloud.world.organization.id);
    expect(OAuthClient).toMatchObject({ id: mock.clientId, state: "active" });
    await tokens.deleteTokensMe();
    // The SDK rejects with the body, and the answer to a HEAD has none.
    await expect(tokens.headTokensMe()).rejects.toBeUndefined();
    await expect(tokens.getTokensMe()).rejects.toMatchObject({
      status: 401,
      code: "bad.credentials",
    });
  });

  test("learns what its client may do, and that no user stands behind it", async () => {
    const client = platformClient.ApiClient.instance;
    await client.loginClientCredentialsGrant(limitedId, mock.clientSecret);
    const subject = await new platformClient.AuthorizationApi().getAuthorizationSubjectsMe();
    expect(subject).toMatchObject({ id: limitedId, grants: [{ role: { policies: [] } }] });
    await expect(new platformClient.UsersApi().getUsersMe()).rejects.toMatchObject({
      status: 400,
      code: expect.any(String) as unknown,
    });
  });

  test("subscribes with and without ignoreErrors, adds, replaces, lists and removes", async () => {
    const client = platformClient.ApiClient.instance;
    await client.loginClientCredentialsGrant(limitedId, mock.clientSecret);
    const api = new platformClient.NotificationsApi();
    const { id = "" } = await api.postNotificationsChannels();
    const both = [{ id: presence }, { id: transcription }];
    for (const refused of [
      api.putNotificationsChannelSubscriptions(id, both),
      api.postNotificationsChannelSubscriptions(id, both, { ignoreErrors: false }),
    ])
      await expect(refused).rejects.toMatchObject({
        status: 403,
        code: "notification.unauthorized.topic",
      });
    const answers = [
      await api.postNotificationsChannelSubscriptions(id, both, { ignoreErrors: true }),
      await api.putNotificationsChannelSubscriptions(id, both, { ignoreErrors: true }),
    ];
    for (const { entities } of answers)
      expect(entities).toMatchObject([
        { id: presence, state: "Permitted" },
        {
          id: transcription,
          state: "Rejected",
          rejectionReason: expect.any(String) as unknown,
          missingPermissions: ["conversation:transcription:view"],
        },
      ]);
    await api.postNotificationsChannelSubscriptions(id, [{ id: `v2.users.${userId}.activity` }]);
    const listed = await api.getNotificationsChannelSubscriptions(id);
    expect(listed.entities).toHaveLength(2);
    const empty = await api.postNotificationsChannelSubscriptions(id, []);
    expect(empty.entities).toEqual(listed.entities);
    await api.deleteNotificationsChannelSubscriptions(id);
    expect(await api.getNotificationsChannelSubscriptions(id)).toEqual({ entities: [] });
    const own = await api.getNotificationsChannels({ includechannels: "token" });
    expect(own.entities).toMatchObject([{ id }]);
    await expect(api.headNotificationsChannel("streaming-0-nobody")).rejects.toBeUndefined();
  });

  test("reads the catalogue with each expand, and with all of them", async () => {
    const client = platformClient.ApiClient.instance;
    await client.loginClientCredentialsGrant(mock.clientId, mock.clientSecret);
    const api = new platformClient.NotificationsApi();
    const expansions = [
      "description",
      "enforced",
      "schema",
      "visibility",
      "transports",
      "publicApiTemplateUriPaths",
      "requiresPermissions",
      "permissionDetails",
      "topicParameters",
    ] as const;
    for (const name of expansions) {
      const { entities } = await api.getNotificationsAvailabletopics({ expand: [name] });
      expect(entities).toHaveLength(242);
      expect(entities?.every((topic) => topic[name] !== undefined)).toBe(true);
    }
    const all = await api.getNotificationsAvailabletopics({ expand: [...expansions] });
    const [first] = all.entities ?? [];
    expect(Object.keys(first ?? {})).toEqual(expect.arrayContaining([...expansions]));
    const { entities } = await api.getNotificationsAvailabletopics({ includePreview: false });
    expect(entities?.length).toBeLessThan(242);
  });
});
