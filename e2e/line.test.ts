/**
 * A line on real sockets with latency survives what the issue list of this field is made of: each
 * missing event lies in a gap, none comes twice, and afterwards the line is whole again.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import type { RunningMock } from "@trunkline/mock";
import { createRig, defaultTopics, type Rig, type RigOptions } from "./rig.ts";

async function expectWhole(rig: Rig): Promise<void> {
  await rig.isWhole();
  const { lost, duplicated, delivered } = await rig.balance();
  expect(lost).toEqual([]);
  expect(duplicated).toEqual([]);
  expect(delivered).toBeGreaterThan(0);
}

/** Cuts the open socket so that the client must dial again, with `fault` in its way. */
async function cutInto(rig: Rig, fault: (mock: RunningMock) => void): Promise<void> {
  await rig.isWhole();
  fault(rig.mock);
  rig.mock.cloud.faults.cutSockets({}, rig.mock.nowMs());
  await rig.next("gap", (gap) => gap.state === "closed");
}

describe("an open line", () => {
  test("survives a cut; the gap ends at the next opening", async () => {
    await using rig = await createRig();
    await cutInto(rig, () => undefined);
    await expectWhole(rig);
    const gap = await rig.next("gap", ({ state }) => state === "closed");
    expect(gap.cause).toBe("cut");
    expect(gap.topics).toHaveLength(9);
  });

  test("survives a close by the service, and tells code and reason", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    rig.mock.cloud.faults.closeSockets({ code: 1011, reason: "simulated" }, rig.mock.nowMs());
    const down = await rig.next("disconnected");
    expect([down.code, down.reason]).toEqual([1011, "simulated"]);
    await rig.next("gap", ({ state }) => state === "closed");
    await expectWhole(rig);
  });

  test("notices silence", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    for (const { socketId } of rig.mock.cloud.state().sockets) {
      rig.mock.cloud.faults.silence({ socketId }, rig.mock.nowMs());
    }
    expect((await rig.next("gap", ({ state }) => state === "closed")).cause).toBe("silence");
    await expectWhole(rig);
  });

  test("notices a half-open connection", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    rig.proxy.forget();
    const down = await rig.next("disconnected");
    expect(down.error?.code).toBe("SOCKET_SILENT");
    await rig.next("gap", ({ state }) => state === "closed");
    await expectWhole(rig);
  });

  test("survives an outage of the network", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    rig.proxy.refuse(true);
    rig.proxy.cut();
    await rig.next("disconnected", ({ attempt }) => attempt >= 3);
    rig.proxy.refuse(false);
    await rig.next("gap", ({ state }) => state === "closed");
    await expectWhole(rig);
  });

  test("moves to another channel when its own is dead", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    const [channel] = rig.mock.cloud.state().channels;
    rig.mock.cloud.faults.dropChannel({ channelId: channel?.channelId ?? "" }, rig.mock.nowMs());
    rig.proxy.cut();
    await rig.next("gap", ({ state }) => state === "closed");
    await expectWhole(rig);
    expect(
      new Set(rig.told.flatMap((event) => (event.type === "connected" ? [event.channel] : [])))
        .size,
    ).toBe(2);
  });

  test("survives the death of its token", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    const { clientId } = rig.mock;
    rig.mock.cloud.faults.revokeToken({ clientId }, rig.mock.nowMs());
    await rig.next("gap", ({ state }) => state === "closed");
    await expectWhole(rig);
  });

  test("leaves a channel that a second program opens again and again", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    const [channel] = rig.mock.cloud.state().channels;
    const uri = `${rig.mock.apiUrl.replace("http:", "ws:")}/channels/${channel?.channelId ?? ""}`;
    const intrude = (): void => {
      const intruder = new WebSocket(uri);
      intruder.addEventListener("close", () => setTimeout(intrude, 20));
      intruder.addEventListener("error", () => undefined);
    };
    intrude();
    await rig.next("warning", ({ error }) => error.code === "CHANNEL_CONTENDED");
    await expectWhole(rig);
  });

  test.each(["{", "null", "[1]", '{"topicName":1}', '{"topicName":"v2.users.x.presence"}'])(
    "goes on after the malformed frame %s, and says that something may be lost",
    async (text) => {
      await using rig = await createRig();
      await rig.isWhole();
      rig.mock.cloud.faults.sendText({ text }, rig.mock.nowMs());
      await rig.next("warning", ({ error }) => error.code === "FRAME_MALFORMED");
      expect((await rig.next("gap", ({ state }) => state === "closed")).cause).toBe("malformed");
      await expectWhole(rig);
    },
  );

  test("cuts a socket that sends 10 MB in a frame, and goes on", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    rig.mock.cloud.faults.sendText({ text: `"${"x".repeat(10_000_000)}"` }, rig.mock.nowMs());
    const down = await rig.next("disconnected");
    expect(down.error?.code).toBe("FRAME_TOO_LARGE");
    await rig.next("gap", ({ state }) => state === "closed");
    await expectWhole(rig);
  });
});

describe("an upgrade that is refused", () => {
  test.each([401, 403, 404, 500])(
    "with %i while the channel lives is the road's fault, and tried again",
    async (status) => {
      await using rig = await createRig();
      await cutInto(rig, (mock) =>
        mock.cloud.faults.refuseUpgrades(
          { status, count: 2, headers: { via: "1.1 proxy.example" } },
          mock.nowMs(),
        ),
      );
      const down = await rig.next(
        "disconnected",
        ({ error }) => error?.code === "UPGRADE_REFUSED_BY_PATH",
      );
      expect(down.reason).toContain(`${status}`);
      expect(down.reason).toContain("1.1 proxy.example");
      await expectWhole(rig);
      expect(rig.mock.cloud.state().channels).toHaveLength(1);
    },
  );

  test.each([401, 403, 404, 500] as const)(
    "with %i while HEAD says 404 leads to another channel",
    async (status) => {
      await using rig = await createRig({
        mock: { settings: { deadChannelUpgradeStatus: status } },
      });
      await cutInto(rig, (mock) => {
        const [channel] = mock.cloud.state().channels;
        mock.cloud.faults.dropChannel({ channelId: channel?.channelId ?? "" }, mock.nowMs());
      });
      await expectWhole(rig);
      expect(
        rig.told.filter(
          (event) => event.type === "disconnected" && event.error?.code === "CHANNEL_GONE",
        ),
      ).toHaveLength(1);
    },
  );
});

describe("connecting survives a cut", () => {
  const stages: readonly (readonly [string, RigOptions["before"]])[] = [
    [
      "at the token",
      (mock) => mock.cloud.faults.cutRequests({ path: "/oauth/token", count: 2 }, mock.nowMs()),
    ],
    [
      "at the count of channels",
      (mock) => mock.cloud.faults.cutRequests({ method: "GET", count: 2 }, mock.nowMs()),
    ],
    [
      "before a channel is made",
      (mock) =>
        mock.cloud.faults.cutRequests(
          { method: "POST", path: "/api/v2/notifications/channels", count: 2 },
          mock.nowMs(),
        ),
    ],
    [
      "after a channel was made",
      (mock) =>
        mock.cloud.faults.cutRequests(
          { method: "POST", path: "/api/v2/notifications/channels", count: 2, when: "after" },
          mock.nowMs(),
        ),
    ],
    [
      "before topics are put",
      (mock) => mock.cloud.faults.cutRequests({ method: "PUT", count: 4 }, mock.nowMs()),
    ],
    [
      "after topics were put",
      (mock) =>
        mock.cloud.faults.cutRequests({ method: "PUT", count: 4, when: "after" }, mock.nowMs()),
    ],
    ["at the upgrade", (mock) => mock.cloud.faults.cutUpgrades({ count: 2 }, mock.nowMs())],
  ];
  test.each(stages)("%s", async (_, before) => {
    await using rig = await createRig(before === undefined ? {} : { before });
    await expectWhole(rig);
    expect(
      rig.told.some((event) => event.type === "disconnected" || event.type === "warning"),
    ).toBe(true);
  });

  test("and a 429, for as long as Retry-After says", async () => {
    await using rig = await createRig({
      before: (mock) =>
        mock.cloud.faults.failRequests(
          { method: "PUT", status: 429, retryAfterSeconds: 1, count: 1 },
          mock.nowMs(),
        ),
    });
    const down = await rig.next("disconnected");
    expect(down.error?.code).toBe("RATE_LIMITED");
    expect(down.retryInMs).toBeGreaterThanOrEqual(1_000);
    await expectWhole(rig);
  });
});

describe("topics", () => {
  test("one that lacks a permission is told as rejected, the others are carried", async () => {
    await using rig = await createRig({
      mock: {
        clients: [
          { clientId: "client", clientSecret: "secret", permissions: ["routing:queue:view"] },
        ],
      },
      topics: (mock) => [
        ...defaultTopics(mock),
        `v2.analytics.queues.${mock.cloud.world.queues[0]?.id ?? ""}.observations`,
      ],
    });
    const rejected = await rig.next("rejected", ({ topic }) => topic.includes("observations"));
    expect(rejected.missingPermissions.length).toBeGreaterThan(0);
    await expectWhole(rig);
  });

  test("a malformed one among 999 is found, the others are carried", async () => {
    await using rig = await createRig({
      mock: { agents: 998 },
      client: { combine: "never" },
      topics: (mock) => [
        ...mock.cloud.world.agents.map(({ id }) => `v2.users.${id}.presence`),
        "v2.users.nobody.nonsense",
      ],
    });
    const rejected = await rig.next("rejected");
    expect(rejected.topic).toBe("v2.users.nobody.nonsense");
    await rig.isWhole();
    expect(rig.client.topics().filter(({ state }) => state === "live")).toHaveLength(998);
    await expectWhole(rig);
  });

  test("change at run time without a reconnect", async () => {
    await using rig = await createRig();
    await rig.isWhole();
    const added = `v2.users.${rig.mock.cloud.world.agents[9]?.id ?? ""}.presence`;
    const [first = "", ...rest] = defaultTopics(rig.mock);
    rig.client.setTopics([...rest, added]);
    await rig.next("subscribed", ({ topics }) => topics.includes(added));
    expect(rig.client.topics().map(({ topic }) => topic)).not.toContain(first);
    await rig.isWhole();
    expect(rig.told.filter(({ type }) => type === "connected")).toHaveLength(1);
  });

  test("taken off by somebody else are found missing and put back; the time between is a gap", async () => {
    await using rig = await createRig({
      client: { policy: { gatherMs: 20, confirmEveryMs: 300 } },
    });
    await rig.isWhole();
    const { mock } = rig;
    const [channel] = mock.cloud.state().channels;
    const token = await fetch(`${mock.loginUrl}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${mock.clientId}:${mock.clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { access_token: bearer } = (await token.json()) as { access_token: string };
    await fetch(
      `${mock.apiUrl}/api/v2/notifications/channels/${channel?.channelId ?? ""}/subscriptions`,
      {
        method: "DELETE",
        headers: { authorization: `Bearer ${bearer}` },
      },
    );
    expect((await rig.next("gap", ({ state }) => state === "closed")).cause).toBe("unsubscribed");
    await expectWhole(rig);
  });
});

describe("a start that cannot succeed ends with a coded error", () => {
  test("for a wrong secret", async () => {
    await using rig = await createRig({
      client: {
        credentials: { clientId: "c0ffee00-0000-4000-8000-000000000001", clientSecret: "wrong" },
      },
    });
    expect(await rig.ended).toMatchObject({ code: "CREDENTIALS_REFUSED" });
  });

  test("where all channels are taken by others", async () => {
    await using rig = await createRig({
      before: (mock) => {
        const now = mock.nowMs();
        const ask = (
          method: string,
          path: string,
          headers: Record<string, string>,
          body = "",
        ): string => {
          const answer = mock.cloud.request({ method, path, headers, body }, now);
          return answer.kind === "response" ? answer.response.body : "";
        };
        const basic = `Basic ${btoa(`${mock.clientId}:${mock.clientSecret}`)}`;
        const form = {
          authorization: basic,
          "content-type": "application/x-www-form-urlencoded",
          host: new URL(mock.apiUrl).host,
        };
        const { access_token: token } = JSON.parse(
          ask("POST", "/oauth/token", form, "grant_type=client_credentials"),
        ) as { access_token: string };
        for (let i = 0; i < 20; i++) {
          ask("POST", "/api/v2/notifications/channels", {
            authorization: `Bearer ${token}`,
            host: new URL(mock.apiUrl).host,
          });
        }
      },
    });
    expect(await rig.ended).toMatchObject({ code: "CHANNELS_TAKEN" });
    expect(rig.mock.cloud.state().channels).toHaveLength(20);
  });
});

/** A service whose channels have an address that no socket can be dialled with. */
function foreign(request: IncomingMessage, response: ServerResponse): void {
  const { host = "" } = request.headers;
  response.setHeader("content-type", "application/json");
  const isLogin = request.url === "/oauth/token";
  const channel = { id: "c", connectUri: `ws://${host}/channels/c#fragment` };
  const token = { access_token: "token", expires_in: 300 };
  response.end(JSON.stringify(isLogin ? token : { entities: [], ...channel }));
}

test("an address that cannot be dialled is told, and thrown nowhere", async () => {
  const server = createServer(foreign).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    baseUrl: `http://127.0.0.1:${port}`,
    credentials: { clientId: "id", clientSecret: "secret" },
    topics: ["v2.users.x.presence"],
  });
  const read = async (): Promise<void> => {
    for await (const event of client.events()) expect(event.type).not.toBe("connected");
  };
  await expect(read()).rejects.toMatchObject({ code: "CONNECT_URI_FOREIGN" });
  server.closeAllConnections();
  server.close();
});
