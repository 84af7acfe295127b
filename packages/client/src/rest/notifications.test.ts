import { inspect } from "node:util";
import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import type { HttpResponse } from "../ports.ts";
import { RestStage } from "../testing/rest-stage.ts";
import type { Channel } from "./channel.ts";

const { signal } = new AbortController();
const secretId = "the-secret-channel";
const made = { id: secretId, connectUri: `wss://streaming.cloud.example/channels/${secretId}` };

function stage(...answers: readonly Partial<HttpResponse>[]): RestStage {
  const rest = new RestStage(new SimClock());
  rest.answers = [...answers];
  return rest;
}

function body(value: unknown): Partial<HttpResponse> {
  return { body: JSON.stringify(value) };
}

async function channelOf(rest: RestStage): Promise<Channel> {
  rest.answers = [body(made)];
  const channel = await rest.notifications.makeChannel(signal);
  rest.requests.length = 0;
  rest.traces.length = 0;
  return channel;
}

describe("making a channel", () => {
  test("keeps the token that made it", async () => {
    const rest = stage(body(made));
    const channel = await rest.notifications.makeChannel(signal);
    expect(channel.connectUri.reveal()).toBe(made.connectUri);
    expect(channel.token.secret.reveal()).toBe("token-1");
    expect(channel.madeWith).toBe(channel.token);
    expect(inspect(channel, { depth: 10 })).not.toContain(secretId);
  });

  test.each([
    {},
    [],
    { id: 7, connectUri: made.connectUri },
    { id: "x" },
    { id: "x", connectUri: "not a url" },
  ])("without id or connectUri is a malformed answer: %j", async (answer) => {
    const rest = stage(body(answer));
    await expect(rest.notifications.makeChannel(signal)).rejects.toMatchObject({
      code: "ANSWER_MALFORMED",
    });
  });

  test.each([
    ["https://api.cloud.example", "wss://streaming.cloud.example/a", true],
    ["https://api.cloud.example", "wss://STREAMING.Cloud.Example/a", true],
    ["https://api.cloud.example", "wss://streaming.cloud.example:8443/a", true],
    ["https://api.cloud.example", "ws://streaming.cloud.example/a", false],
    ["https://api.cloud.example", "https://streaming.cloud.example/a", false],
    ["https://api.cloud.example", "wss://evilcloud.example/a", false],
    ["https://api.cloud.example", "wss://streaming.cloud.example.evil/a", false],
    ["https://api.cloud.example", "wss://cloud.example@evil/a", false],
    ["http://api.cloud.example", "ws://streaming.cloud.example/a", true],
    ["http://api.cloud.example", "wss://streaming.cloud.example/a", true],
  ])("of %s on %s: %s", async (apiUrl, connectUri, allowed) => {
    const rest = new RestStage(new SimClock(), apiUrl);
    rest.answers = [body({ id: "x", connectUri })];
    const outcome = await rest.notifications.makeChannel(signal).then(
      () => true,
      (error: { code: string }) => error.code,
    );
    expect(outcome).toBe(allowed ? true : "CONNECT_URI_FOREIGN");
  });

  test("hosts that are listed are trusted, to the letter", async () => {
    for (const [host, allowed] of [
      ["gateway.example", true],
      ["a.gateway.example", false],
    ] as const) {
      const rest = new RestStage(new SimClock(), "https://x", ["gateway.example"]);
      rest.answers = [body({ id: "x", connectUri: `wss://${host}/x` })];
      const outcome = rest.notifications.makeChannel(signal).then(
        () => true,
        () => false,
      );
      expect(await outcome).toBe(allowed);
    }
  });

  test("hosts are listed without regard to case", async () => {
    const rest = new RestStage(new SimClock(), "https://x", ["Gateway.Example"]);
    rest.answers = [body({ id: "x", connectUri: "wss://Gateway.EXAMPLE/x" })];
    const channel = await rest.notifications.makeChannel(signal);
    expect(channel.id.reveal()).toBe("x");
  });

  test("a foreign connectUri is not told whole", async () => {
    const rest = stage(
      body({ id: "x", connectUri: `wss://evil.example/${secretId}?t=${secretId}` }),
    );
    const error: unknown = await rest.notifications.makeChannel(signal).catch((it: unknown) => it);
    expect(inspect(error)).toContain("wss://evil.example");
    expect(inspect([error, rest.traces], { depth: 10 })).not.toContain(secretId);
  });

  test("an empty answer is malformed as well", async () => {
    const rest = stage({ body: "" });
    await expect(rest.notifications.makeChannel(signal)).rejects.toMatchObject({
      code: "ANSWER_MALFORMED",
    });
  });
});

describe("a channel's topics", () => {
  test("are put, added and listed by the documented calls", async () => {
    const rest = stage();
    const channel = await channelOf(rest);
    rest.answers = [body({ entities: [] })];
    await rest.notifications.putTopics(channel, ["a", "b"], signal);
    await rest.notifications.addTopics(channel, ["c"], signal);
    await rest.notifications.listTopics(channel, signal);
    const url = `https://api.cloud.example/api/v2/notifications/channels/${secretId}/subscriptions`;
    expect(rest.requests).toMatchObject([
      { method: "PUT", url: `${url}?ignoreErrors=true`, body: '[{"id":"a"},{"id":"b"}]' },
      { method: "POST", url: `${url}?ignoreErrors=true`, body: '[{"id":"c"}]' },
      { method: "GET", url },
    ]);
  });

  test("are read with their state, reason and permissions; what is no entity is left out", async () => {
    const rest = stage();
    const channel = await channelOf(rest);
    rest.answers = [
      body({
        entities: [
          { id: "a", state: "Permitted" },
          { id: "b" },
          { id: "c", state: "Rejected", rejectionReason: "no", missingPermissions: ["p", 7] },
          null,
          "d",
          { selfUri: "/" },
        ],
      }),
    ];
    expect(await rest.notifications.putTopics(channel, [], signal)).toEqual([
      { id: "a", permitted: true, reason: undefined, missingPermissions: [] },
      { id: "b", permitted: true, reason: undefined, missingPermissions: [] },
      { id: "c", permitted: false, reason: "no", missingPermissions: ["p"] },
    ]);
  });

  test.each(["", "{}", '{"entities":{}}', "<html>"])(
    "an answer without entities is malformed: %j",
    async (text) => {
      const rest = stage();
      const channel = await channelOf(rest);
      rest.answers = [{ body: text }];
      await expect(rest.notifications.listTopics(channel, signal)).rejects.toMatchObject({
        code: "ANSWER_MALFORMED",
      });
    },
  );

  test.each([400, 401, 403, 404, 408, 429, 500])(
    "a refusal (%i) names no channel, in message, cause or trace",
    async (status) => {
      const rest = stage();
      const channel = await channelOf(rest);
      rest.answers = [{ status }];
      const error: unknown = await rest.notifications
        .putTopics(channel, ["a"], signal)
        .catch((it: unknown) => it);
      expect(error).toMatchObject({ status });
      const told = inspect([error, rest.traces], { depth: 10 });
      expect(told).toContain("{channelId}");
      expect(told).not.toContain(secretId);
    },
  );
});

describe("whether a channel lives", () => {
  test.each([
    [200, true],
    [204, true],
    [404, false],
  ])("HEAD %i: %s", async (status, alive) => {
    const rest = stage();
    const channel = await channelOf(rest);
    rest.answers = [{ status, body: "ignored" }];
    expect(await rest.notifications.isAlive(channel, signal)).toBe(alive);
    expect(rest.requests[0]?.method).toBe("HEAD");
  });

  test.each([401, 403, 429, 500, 302])("HEAD %i is no answer to that", async (status) => {
    const rest = stage();
    const channel = await channelOf(rest);
    rest.answers = [{ status }];
    await expect(rest.notifications.isAlive(channel, signal)).rejects.toMatchObject({ status });
  });

  test("404 to any call about it means gone", async () => {
    const rest = stage();
    const channel = await channelOf(rest);
    rest.answers = [{ status: 404 }];
    await expect(rest.notifications.putTopics(channel, [], signal)).rejects.toMatchObject({
      code: "CHANNEL_GONE",
    });
  });

  test("a dead token is replaced on the channel, which remembers who made it", async () => {
    const rest = stage();
    const channel = await channelOf(rest);
    const first = channel.token;
    rest.answers = [{ status: 401 }, { status: 200 }];
    await rest.notifications.isAlive(channel, signal);
    expect(channel.token.secret.reveal()).toBe("token-2");
    expect(channel.madeWith).toBe(first);
  });
});

describe("listings", () => {
  test("all channels of the OAuth client are counted", async () => {
    const hidden = { expires: "2026-01-06T08:00:00.000Z" };
    const foreign = { id: "b", connectUri: "wss://streaming.other.example/channels/b" };
    const rest = stage(body({ entities: [made, hidden, foreign] }));
    const { total, shown } = await rest.notifications.listChannels(signal);
    expect(total).toBe(3);
    expect(shown.map(({ id }) => id.reveal())).toEqual([secretId]);
    expect(rest.requests[0]?.url).toContain("includechannels=oauthclient");
  });

  test("the catalogue is read as far as it makes sense", async () => {
    const rest = stage(
      body({
        entities: [
          { id: "v2.a", description: "A", requiresPermissions: ["p"], transports: ["All"] },
          { id: "v2.b" },
          { description: "no id" },
        ],
      }),
    );
    expect(await rest.notifications.availableTopics(signal)).toEqual([
      { id: "v2.a", description: "A", requiresPermissions: ["p"], transports: ["All"] },
      { id: "v2.b", description: undefined, requiresPermissions: [], transports: [] },
    ]);
  });
});

test("an answer that echoes the channel's id does not carry it into the error", async () => {
  const rest = stage();
  const channel = await channelOf(rest);
  rest.answers = [{ status: 400, ...body({ message: `Channel ${secretId} is not yours` }) }];
  const error: unknown = await rest.notifications.putTopics(channel, [], signal).catch((e) => e);
  expect(inspect(error, { depth: 10 })).toContain("is not yours");
  expect(inspect(error, { depth: 10 })).not.toContain(secretId);
});
