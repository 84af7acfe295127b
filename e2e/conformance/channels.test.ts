/** Channels: docs/GENESYS.md sections 3.0, 3.1 and 5. */
import { expect } from "vitest";
import {
  dial,
  entities,
  limited,
  presence,
  raise,
  refusedUpgrade,
  type Channel,
} from "./client.ts";
import { rule } from "./rule.ts";

const path = "/api/v2/notifications/channels";
const hourMs = 3_600_000;

rule("3.0 official SDK", "none of the eight calls needs a permission", async () => {
  const caller = await raise({ clients: [limited()] });
  const token = await caller.token();
  const { id } = await caller.channel(token);
  const subscriptions = `${path}/${id}/subscriptions`;
  const calls: readonly (readonly [string, string, unknown?])[] = [
    ["POST", path],
    ["GET", path],
    ["HEAD", `${path}/${id}`],
    ["GET", subscriptions],
    ["POST", subscriptions, [{ id: presence }]],
    ["PUT", subscriptions, [{ id: presence }]],
    ["DELETE", subscriptions],
    ["GET", "/api/v2/notifications/availabletopics"],
  ];
  for (const [method, url, body] of calls) {
    const { status } = await caller.call(method, url, token, body);
    expect([200, 202, 204]).toContain(status);
  }
});

rule("3.0 official SDK", "there is no DELETE, PATCH or GET of one channel", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token);
  for (const method of ["DELETE", "PATCH", "GET", "PUT"]) {
    const { status } = await caller.call(method, `${path}/${channel.id}`, token);
    expect([404, 405]).toContain(status);
  }
  expect(await caller.lives(token, channel)).toBe(true);
});

rule("3.0 official SDK", "HEAD of a channel is 200 while it lives and 404 otherwise", async () => {
  const caller = await raise();
  const token = await caller.token();
  const channel = await caller.channel(token);
  expect(await caller.call("HEAD", `${path}/${channel.id}`, token)).toMatchObject({
    status: 200,
    text: "",
  });
  expect(await caller.call("HEAD", `${path}/streaming-0-nobody`, token)).toMatchObject({
    status: 404,
    text: "",
  });
});

rule(
  "3.0 official SDK",
  "GET channels lists those of the token, by default and by name",
  async () => {
    const caller = await raise();
    const [token, other] = [await caller.token(), await caller.token()];
    const mine = await caller.channel(token);
    await caller.channel(other);
    for (const query of ["", "?includechannels=token"])
      expect(entities(await caller.call("GET", `${path}${query}`, token))).toEqual([mine]);
  },
);

rule("3.0 official SDK", "with includechannels=oauthclient others count, ids hidden", async () => {
  const caller = await raise();
  const [token, other] = [await caller.token(), await caller.token()];
  const mine = await caller.channel(token);
  const theirs = await caller.channel(other);
  const reply = await caller.call("GET", `${path}?includechannels=oauthclient`, token);
  expect(entities(reply)).toHaveLength(2);
  expect(entities(reply)).toContainEqual(mine);
  expect(reply.text).not.toContain(theirs.id);
});

rule("3.0 official SDK", "lists are not paged: all entities come at once", async () => {
  const caller = await raise();
  const token = await caller.token();
  for (let made = 0; made < 20; made++) await caller.channel(token);
  const { json } = await caller.call("GET", `${path}?pageSize=1`, token);
  expect(Object.keys(json as object)).toEqual(["entities"]);
  expect((json as { entities: unknown[] }).entities).toHaveLength(20);
});

rule("3.1 official SDK", "a channel is exactly connectUri, id and expires", async () => {
  const caller = await raise();
  const { json } = await caller.call("POST", path, await caller.token());
  expect(Object.keys(json as object).toSorted()).toEqual(["connectUri", "expires", "id"]);
  const { connectUri, id, expires } = json as Channel;
  expect(new URL(connectUri).pathname).toBe(`/channels/${id}`);
  expect(expires).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
});

rule("3.1 inferred", "an id is streaming-, 0, 2, 5 or 6, and 26 of 0-9a-z", async () => {
  const caller = await raise();
  const token = await caller.token();
  const ids = new Set<string>();
  for (let made = 0; made < 60; made++) {
    const { id } = await caller.channel(token);
    expect(id).toMatch(/^streaming-[0256]-[0-9a-z]{26}$/u);
    ids.add(id);
  }
  expect(ids.size).toBe(60);
});

rule(
  "3.1 official SDK",
  "POST takes no body, an empty object, and a parameter of others",
  async () => {
    const caller = await raise();
    const token = await caller.token();
    expect((await caller.call("POST", path, token)).status).toBe(200);
    expect((await caller.call("POST", path, token, {})).status).toBe(200);
    const xmpp = await caller.call("POST", `${path}?connectionType=streaming`, token);
    expect(xmpp.status).toBe(200);
  },
);

rule("3.1 official SDK", "POST never fails for the quota, the victim finds out", async () => {
  const caller = await raise();
  const token = await caller.token();
  const made: Channel[] = [];
  for (let count = 0; count < 21; count++) made.push(await caller.channel(token));
  const lives = [];
  for (const channel of made) lives.push(await caller.lives(token, channel));
  expect(lives).toEqual([false, ...Array.from({ length: 20 }, () => true)]);
});

rule("5 official SDK", "a client has 20 channels, whatever its tokens", async () => {
  const caller = await raise();
  const [one, two] = [await caller.token(), await caller.token()];
  for (let count = 0; count < 15; count++) await caller.channel(one);
  for (let count = 0; count < 15; count++) await caller.channel(two);
  const reply = await caller.call("GET", `${path}?includechannels=oauthclient`, two);
  expect(entities(reply)).toHaveLength(20);
});

rule("5 inferred", "another client has 20 of its own", async () => {
  const mine = limited();
  const theirs = { ...limited(), clientId: "99999999-9999-4999-8999-999999999999" };
  const caller = await raise({ clients: [mine, theirs] });
  const token = await caller.token();
  const first = await caller.channel(token);
  const other = await caller.token(theirs.clientId, theirs.clientSecret);
  for (let count = 0; count < 25; count++) await caller.channel(other);
  expect(await caller.lives(token, first)).toBe(true);
});

rule("5 official SDK", "a 21st evicts the least recently used one without a socket", async () => {
  const caller = await raise({ settings: { channelsPerClientMax: 4 } });
  const token = await caller.token();
  const oldest = await caller.channel(token);
  await dial(oldest.connectUri);
  const used = await caller.channel(token);
  const unused = await caller.channel(token);
  await caller.channel(token);
  caller.passes(1_000);
  // Use is what counts, not age.
  await caller.subscribe("PUT", token, used, [presence]);
  await caller.channel(token);
  expect(await caller.lives(token, oldest)).toBe(true);
  expect(await caller.lives(token, used)).toBe(true);
  expect(await caller.lives(token, unused)).toBe(false);
});

rule("5 official SDK", "where all have sockets, the oldest use goes, and its socket", async () => {
  const caller = await raise({ settings: { channelsPerClientMax: 3 } });
  const token = await caller.token();
  const sockets = [];
  const channels = [];
  for (let count = 0; count < 3; count++) {
    const channel = await caller.channel(token);
    channels.push(channel);
    sockets.push(await dial(channel.connectUri));
    caller.passes(1_000 * (count + 1));
  }
  await caller.channel(token);
  expect((await sockets[0]?.closed)?.code).toBe(1001);
  const lives = [];
  for (const channel of channels) lives.push(await caller.lives(token, channel));
  expect(lives).toEqual([false, true, true]);
});

rule("5 documented", "a channel lives 24 h and not a moment longer", async () => {
  const caller = await raise({ startAtMs: Date.parse("2026-03-02T08:00:00.000Z") });
  const token = await caller.token();
  const channel = await caller.channel(token);
  const { id, connectUri, expires } = channel;
  const livesMs = Date.parse(expires) - Date.parse("2026-03-02T08:00:00.000Z");
  expect(livesMs).toBeGreaterThanOrEqual(24 * hourMs);
  expect(livesMs).toBeLessThan(24 * hourMs + 10_000);
  const socket = await dial(connectUri);
  caller.mock.cloud.wake(Date.parse(expires) - 1);
  expect(await caller.lives(await caller.token(), channel)).toBe(true);
  caller.mock.cloud.wake(Date.parse(expires));
  expect(await caller.lives(await caller.token(), channel)).toBe(false);
  expect((await socket.closed).code).toBe(1001);
  expect(await refusedUpgrade(connectUri)).toBe(404);
  const gone = await caller.call("GET", `${path}/${id}/subscriptions`, await caller.token());
  expect(gone.status).toBe(404);
});

rule("5 community", "a small life of channels passes in real time too", async () => {
  const caller = await raise({ settings: { channelLifeMs: 100 } });
  const { socket, token, channel } = await caller.line();
  expect((await socket.closed).code).toBe(1001);
  expect(await caller.lives(token, channel)).toBe(false);
});
