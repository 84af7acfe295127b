import { describe, expect, test } from "vitest";
import { clientId, clientSecret, queueTopic, Stage, startMs, userId } from "../testing/stage.ts";

const path = "/api/v2/notifications/channels";
const hourMs = 3_600_000;

describe("a channel", () => {
  test("is three fields, its id as in the samples", () => {
    const stage = new Stage();
    const { json } = stage.call("POST", path, stage.token());
    const { id }: { id: string } = Object(json);
    expect(id).toMatch(/^streaming-\d-[0-9a-z]{26}$/u);
    expect(json).toEqual({
      connectUri: `ws://127.0.0.1:9080/channels/${id}`,
      id,
      expires: new Date(startMs + 24 * hourMs).toISOString(),
    });
  });

  test("names the host that the caller came to, where the options say so", () => {
    const stage = new Stage({ streamingUrl: (host) => `ws://${host ?? "none"}/` });
    const headers = { authorization: `Bearer ${stage.token()}`, host: "localhost:1" };
    const response = stage.raw("POST", path, headers);
    expect(response === "cut" ? "" : response.body).toContain('"ws://localhost:1/channels/');
  });

  test("lives 24 h, to the millisecond, and takes its socket with it", () => {
    const stage = new Stage();
    const token = stage.token();
    const id = stage.channel(token);
    const socketId = stage.open(id);
    stage.pass(24 * hourMs - 1);
    expect(stage.ends(socketId)).toEqual([]);
    expect(stage.call("HEAD", `${path}/${id}`, stage.token()).status).toBe(200);
    stage.pass(1);
    expect(stage.ends(socketId)).toMatchObject([{ type: "close", code: 1001 }]);
    expect(stage.call("HEAD", `${path}/${id}`, stage.token())).toMatchObject({
      status: 404,
      body: "",
    });
    expect(stage.cloud.upgrade(`/channels/${id}`, stage.nowMs).kind).toBe("refused");
  });

  test.each(["PUT", "POST"])("is renewed by %s of its topics", (method) => {
    const stage = new Stage();
    const id = stage.channel(stage.token());
    stage.pass(23 * hourMs);
    const topics = [{ id: queueTopic }];
    expect(stage.call(method, `${path}/${id}/subscriptions`, stage.token(), topics).status).toBe(
      200,
    );
    stage.pass(23 * hourMs);
    expect(stage.call("HEAD", `${path}/${id}`, stage.token()).status).toBe(200);
    stage.pass(hourMs);
    expect(stage.call("HEAD", `${path}/${id}`, stage.token()).status).toBe(404);
  });

  test("is not renewed by GET, DELETE, HEAD, pings or reconnects", () => {
    const stage = new Stage();
    const id = stage.channel(stage.token());
    stage.pass(23 * hourMs);
    const token = stage.token();
    stage.call("GET", `${path}/${id}/subscriptions`, token);
    stage.call("DELETE", `${path}/${id}/subscriptions`, token);
    stage.call("HEAD", `${path}/${id}`, token);
    stage.say(stage.open(id), { message: "ping" });
    stage.pass(hourMs);
    expect(stage.call("HEAD", `${path}/${id}`, token).status).toBe(404);
  });

  test.each([true, false])("shows expires that moves: %s", (expiresMoves) => {
    const stage = new Stage({ settings: { expiresMoves } });
    const token = stage.token();
    const id = stage.channel(token);
    stage.pass(hourMs);
    stage.put(token, id, []);
    expect(stage.call("GET", path, token).json).toMatchObject({
      entities: [{ expires: new Date(startMs + (expiresMoves ? 25 : 24) * hourMs).toISOString() }],
    });
  });

  test("belongs to its client", () => {
    const other = { clientId: "99999999-9999-4999-8999-999999999999", clientSecret: "b" };
    const stage = new Stage({ clients: [{ clientId, clientSecret }, other] });
    const id = stage.channel(stage.token());
    const stranger = stage.token(other.clientId, other.clientSecret);
    expect(stage.call("HEAD", `${path}/${id}`, stranger).status).toBe(404);
    expect(stage.put(stranger, id, []).json).toMatchObject({ status: 404, code: "not.found" });
    expect(stage.call("HEAD", `${path}/${id}`, stage.token()).status).toBe(200);
  });

  test("belongs to its token alone, where that is set", () => {
    const stage = new Stage({ settings: { channelAccess: "token" } });
    const token = stage.token();
    const id = stage.channel(token);
    expect(stage.call("HEAD", `${path}/${id}`, stage.token()).status).toBe(404);
    expect(stage.call("HEAD", `${path}/${id}`, token).status).toBe(200);
  });
});

describe("opening a socket", () => {
  test.each([
    [false, 404],
    [true, 200],
  ])("renews the 24 h, or does not, as set: %s", (reconnectRenews, status) => {
    const stage = new Stage({ settings: { reconnectRenews } });
    const id = stage.channel(stage.token());
    stage.pass(hourMs);
    stage.open(id);
    stage.pass(23 * hourMs);
    expect(stage.call("HEAD", `${path}/${id}`, stage.token()).status).toBe(status);
  });
});

test("ids have the numbers that have been seen, and 26 digits and letters", () => {
  const stage = new Stage({ settings: { channelsPerClientMax: 100 } });
  const token = stage.token();
  const ids = Array.from({ length: 100 }, () => stage.channel(token));
  expect(ids.every((id) => /^streaming-[0256]-[0-9a-z]{26}$/u.test(id))).toBe(true);
  expect(new Set(ids.map((id) => id.charAt(10))).size).toBe(4);
});

describe("the list of channels", () => {
  test("shows those of the token, and of other tokens only that they exist", () => {
    const stage = new Stage();
    const [one, two] = [stage.token(), stage.token()];
    const id = stage.channel(one);
    stage.channel(two);
    const expires = new Date(startMs + 24 * hourMs).toISOString();
    const connectUri = `ws://127.0.0.1:9080/channels/${id}`;
    for (const query of ["", "?includechannels=token"]) {
      expect(stage.call("GET", `${path}${query}`, one).json).toEqual({
        entities: [{ connectUri, id, expires }],
      });
    }
    expect(stage.call("GET", `${path}?includechannels=oauthclient`, one).json).toEqual({
      entities: [{ connectUri, id, expires }, { expires }],
    });
    expect(stage.call("GET", `${path}?includechannels=all`, one).json).toMatchObject({
      status: 400,
      code: "invalid.value",
    });
  });
});

describe("the 21st channel", () => {
  test("takes the place of the one without a socket that was used longest ago", () => {
    const stage = new Stage();
    const token = stage.token();
    const ids = Array.from({ length: 20 }, () => {
      stage.pass(1000);
      return stage.channel(token);
    });
    const [first = "", second = "", third = ""] = ids;
    // The first has a socket, and was used longest ago: it is spared all the same.
    stage.open(first);
    stage.pass(1000);
    for (const id of ids.slice(3)) stage.put(token, id, []);
    stage.put(token, second, []);
    stage.pass(1000);
    stage.put(token, third, []);
    stage.pass(1000);
    stage.put(token, second, []);
    const made = stage.channel(token);
    const left = stage.cloud.state().channels.map((channel) => channel.channelId);
    expect(left).toHaveLength(20);
    expect(ids.filter((id) => !left.includes(id))).toEqual([ids[3]]);
    expect(left).toContain(made);
  });

  test("takes the place of the one used longest ago when all have sockets: the victim finds out", () => {
    const stage = new Stage();
    const token = stage.token();
    const lines = Array.from({ length: 20 }, () => {
      stage.pass(1000);
      const id = stage.channel(token);
      return { id, socketId: stage.open(id) };
    });
    const [first] = lines;
    stage.put(token, first?.id ?? "", [queueTopic]);
    expect(stage.call("POST", path, token).status).toBe(200);
    const [, second] = lines;
    expect(stage.ends(second?.socketId ?? 0)).toMatchObject([{ type: "close" }]);
    expect(stage.call("HEAD", `${path}/${second?.id}`, token).status).toBe(404);
    expect(stage.cloud.state().sockets).toHaveLength(19);
  });

  test("does not disturb other clients", () => {
    const other = { clientId: "99999999-9999-4999-8999-999999999999", clientSecret: "b" };
    const stage = new Stage({ clients: [{ clientId, clientSecret }, other] });
    const stranger = stage.channel(stage.token(other.clientId, other.clientSecret));
    const token = stage.token();
    for (let count = 0; count < 25; count += 1) stage.channel(token);
    const { channels } = stage.cloud.state();
    expect(channels).toHaveLength(21);
    expect(channels.map((channel) => channel.channelId)).toContain(stranger);
  });

  test("leaves the victim's socket open with heartbeats only, where that is set", () => {
    const stage = new Stage({
      settings: { evictedChannelSocket: "stay", channelsPerClientMax: 1 },
    });
    const token = stage.token();
    const id = stage.channel(token);
    stage.put(token, id, [queueTopic]);
    const socketId = stage.open(id);
    stage.channel(token);
    expect(stage.cloud.emit(queueTopic, {}, stage.nowMs).deliveries).toEqual([]);
    stage.pass(30_000);
    expect(stage.frames(socketId)).toMatchObject([{ topicName: "channel.metadata" }]);
    expect(stage.cloud.state().sockets).toMatchObject([{ socketId, channelAlive: false }]);
  });
});

function line(stage: Stage): { channelId: string; socketId: number } {
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, [queueTopic, `v2.users.${userId}.presence`]);
  return { channelId, socketId: stage.open(channelId) };
}

describe("the death of the token that made a channel", () => {
  const clients = [{ clientId, clientSecret, accessTokenValiditySeconds: 300 }];
  test.each([
    ["nothing", 0, 200],
    ["closes-sockets", 1, 200],
    ["kills-channels", 1, 404],
  ] as const)("by expiry: %s", (tokenExpiry, ends, status) => {
    const stage = new Stage({ clients, settings: { tokenExpiry } });
    const { channelId, socketId } = line(stage);
    stage.pass(300_000);
    expect(stage.ends(socketId)).toHaveLength(ends);
    expect(stage.call("HEAD", `${path}/${channelId}`, stage.token()).status).toBe(status);
  });

  test.each([
    ["nothing", 0, 200],
    ["closes-sockets", 1, 200],
    ["kills-channels", 1, 404],
  ] as const)("by revocation: %s, after a notice", (tokenRevocation, ends, status) => {
    const stage = new Stage({ clients, settings: { tokenRevocation } });
    const { channelId, socketId } = line(stage);
    const { affected } = stage.cloud.faults.revokeToken({ channelId }, stage.nowMs);
    expect(affected).toBe(1);
    expect(stage.frames(socketId)).toMatchObject([
      {
        topicName: `v2.system.token_revoked.${channelId}`,
        eventBody: { systemTopicType: "token_revoked", reason: "user_tokens_revoked" },
      },
    ]);
    expect(stage.ends(socketId)).toHaveLength(ends);
    expect(stage.call("HEAD", `${path}/${channelId}`, stage.token()).status).toBe(status);
  });
});
