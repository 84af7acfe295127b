/** The mock's server besides what it plays: its clock, its resets, its scenarios, TLS, and names. */
import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createMock, loadScenario, type MockOptions, type RunningMock } from "@trunkline/mock";
import { selfSigned } from "./certificate.ts";
import { WebSocket } from "ws";

const topic = "v2.users.0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10.presence";
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: MockOptions = {}): Promise<RunningMock> {
  const mock = await createMock({ rate: 0, ...options });
  ends.push(() => mock.close());
  return mock;
}

async function token(mock: RunningMock): Promise<string> {
  const basic = Buffer.from(`${mock.clientId}:${mock.clientSecret}`).toString("base64");
  const response = await fetch(`${mock.loginUrl}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** A socket that has the topic, and its frames as they come. */
async function listen(mock: RunningMock): Promise<{ socket: WebSocket; frames: string[] }> {
  const headers = {
    authorization: `Bearer ${await token(mock)}`,
    "content-type": "application/json",
  };
  const base = `${mock.apiUrl}/api/v2/notifications/channels`;
  const made = (await (await fetch(base, { method: "POST", headers })).json()) as {
    id: string;
    connectUri: string;
  };
  const body = JSON.stringify([{ id: topic }]);
  await fetch(`${base}/${made.id}/subscriptions`, { method: "PUT", headers, body });
  const socket = new WebSocket(made.connectUri);
  ends.push(() => socket.terminate());
  const frames: string[] = [];
  socket.on("message", (data: Buffer) => frames.push(data.toString()));
  socket.on("error", () => {});
  await once(socket, "open");
  return { socket, frames };
}

async function control(
  mock: RunningMock,
  method: string,
  path: string,
  body?: string,
): Promise<Record<string, unknown>> {
  const init = body === undefined ? { method } : { method, body };
  return (await (await fetch(`${mock.controlUrl}${path}`, init)).json()) as Record<string, unknown>;
}

test("time runs as fast as it is told to: a minute of the cloud in 60 ms", async () => {
  const startAtMs = Date.parse("2030-01-01T00:00:00.000Z");
  const mock = await start({ speed: 1_000, startAtMs });
  const { socket, frames } = await listen(mock);
  for (let beat = 0; beat < 10; beat += 1) await once(socket, "message");
  expect(frames.every((frame) => frame.includes("WebSocket Heartbeat"))).toBe(true);
  // Ten heartbeats take five minutes.
  expect(mock.nowMs() - startAtMs).toBeGreaterThanOrEqual(300_000);
  expect(await control(mock, "GET", "/state")).toMatchObject({ speed: 1_000 });
  await expect(start({ speed: 0.5 })).rejects.toMatchObject({ code: "OPTION_INVALID" });
});

describe("a reset", () => {
  test("cuts every socket and makes the world anew, as it was at the start", async () => {
    const startAtMs = Date.parse("2030-01-01T00:00:00.000Z");
    const mock = await start({ startAtMs, rate: 50, speed: 100 });
    const before = mock.cloud;
    const queues = before.world.queues;
    const { socket } = await listen(mock);
    await control(mock, "POST", "/faults", JSON.stringify({ fault: "silence" }));
    const closed = once(socket, "close");
    const { nowMs } = await control(mock, "POST", "/reset");
    expect((await closed)[0]).toBe(1006);
    expect(mock.cloud).not.toBe(before);
    expect(Number(nowMs) - startAtMs).toBeLessThan(60_000);
    expect(mock.cloud.world.queues).toEqual(queues);
    expect(mock.cloud.state()).toMatchObject({ channels: [], sockets: [] });
    expect(mock.cloud.faults.list()).toEqual([]);
    // A socket that ended before the reset is not one of the same number after it.
    const again = await listen(mock);
    expect(mock.cloud.state().sockets).toHaveLength(1);
    mock.cloud.emit(topic, { id: "after" }, mock.nowMs());
    for (;;) {
      if (again.frames.some((frame) => frame.includes('"after"'))) break;
      await once(again.socket, "message");
    }
  });

  test("arms the scenario again", async () => {
    const mock = await start({ scenario: "announced-close", speed: 1_000 });
    expect(mock.scenario).toMatchObject({ state: "waiting" });
    const { socket } = await listen(mock);
    await once(socket, "message");
    expect(mock.scenario).toMatchObject({ state: "running" });
    mock.reset();
    expect(mock.scenario).toMatchObject({ state: "waiting", done: 0 });
  });
});

describe("a scenario", () => {
  test("runs from the first client on, not from the start and not from a look at the state", async () => {
    const mock = await start({
      speed: 100,
      scenario: await loadScenario("flaky-network"),
    });
    await control(mock, "GET", "/state");
    expect(mock.scenario).toMatchObject({ state: "waiting", name: "flaky-network" });
    const { socket } = await listen(mock);
    expect((await once(socket, "close"))[0]).toBe(1006);
    expect(mock.cloud.ledger.history().map(({ what }) => what)).toContain("fault-cutSockets");
  });

  test("that sets options begins with a reset when it is posted", async () => {
    const mock = await start({ speed: 10 });
    const first = mock.cloud;
    await control(mock, "POST", "/scenario", "timeline: [{ at: 1h, clear: true }]");
    expect(mock.cloud).toBe(first);
    const posted = "name: mine\nspeed: 50\nclients: [{ clientId: a, clientSecret: b }]\n";
    expect(await control(mock, "POST", "/scenario", posted)).toMatchObject({ name: "mine" });
    expect(mock.cloud).not.toBe(first);
    expect([mock.clientId, mock.clientSecret]).toEqual(["a", "b"]);
    expect(await control(mock, "GET", "/state")).toMatchObject({ speed: 50 });
    expect(await control(mock, "POST", "/scenario", "speed: 0")).toMatchObject({
      error: { code: "SCENARIO_INVALID" },
    });
    mock.reset();
    expect(await control(mock, "GET", "/state")).toMatchObject({ speed: 10 });
  });

  test("is played by its name, and ended", async () => {
    const mock = await start();
    const { scenarios } = await control(mock, "GET", "/scenarios");
    expect(scenarios).toContain("half-open-night");
    expect(await control(mock, "POST", "/scenario?name=half-open-night")).toMatchObject({
      state: "waiting",
    });
    expect(await control(mock, "POST", "/scenario?name=nonsense")).toMatchObject({
      error: { code: "FIELD_INVALID", path: "?name" },
    });
    expect(await control(mock, "DELETE", "/scenario")).toMatchObject({ state: "none" });
  });

  test("that is not there is refused with the names of those that are", async () => {
    await expect(start({ scenario: "nonsense" })).rejects.toMatchObject({
      code: "SCENARIO_MISSING",
      help: expect.stringContaining("half-open-night") as unknown,
    });
  });
});

test("speaks HTTPS and WSS with a certificate", async () => {
  const tls = selfSigned("localhost");
  const mock = await start({ tls });
  expect([mock.apiUrl, mock.controlUrl]).toEqual([
    `https://127.0.0.1:${mock.port}`,
    `https://127.0.0.1:${mock.port}/_control`,
  ]);
  const ask = request(`https://localhost:${mock.port}/_control/state`, { ca: tls.cert }).end();
  const [response] = (await once(ask, "response")) as [{ statusCode: number; resume(): void }];
  expect(response.statusCode).toBe(200);
  response.resume();
  const socket = new WebSocket(`wss://localhost:${mock.port}/channels/x`, { ca: tls.cert });
  socket.on("error", () => {});
  const [, refused] = (await once(socket, "unexpected-response")) as [
    unknown,
    { statusCode: number },
  ];
  expect(refused.statusCode).toBe(404);
  await expect(createMock({ tls: { key: "", cert: "x" } })).rejects.toMatchObject({
    code: "OPTION_INVALID",
  });
});

test("answers to a name that it was given, and repeats it in connectUri", async () => {
  const mock = await start({ controlHosts: ["mock-gc"] });
  const bearer = await token(mock);
  const ask = async (method: string, path: string, host: string): Promise<string> => {
    const raw = connect(mock.port, "127.0.0.1");
    raw.write(
      `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${bearer}\r\nconnection: close\r\n\r\n`,
    );
    let text = "";
    raw.on("data", (data) => (text += String(data)));
    await once(raw, "close");
    return text;
  };
  expect(await ask("GET", "/_control/faults", "mock-gc:9080")).toContain("200 OK");
  expect(await ask("GET", "/_control/faults", "other:9080")).toContain("HOST_FORBIDDEN");
  const channels = "/api/v2/notifications/channels";
  expect(await ask("POST", channels, "mock-gc:9080")).toContain('"ws://mock-gc:9080/channels/');
});
