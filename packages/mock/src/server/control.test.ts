import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDirector } from "../scenario/director.ts";
import type { ControlPorts } from "./control-ports.ts";
import { control } from "./control.ts";
import type { Life } from "./life.ts";
import { parseScenario } from "./load.ts";
import { readFault } from "./fault-schema.ts";
import { isLoopbackHost } from "./host.ts";
import { queueTopic, Stage } from "../testing/stage.ts";

async function ask(
  stage: Stage,
  method: string,
  path: string,
  options: { body?: string; headers?: Record<string, string>; hosts?: string[] } = {},
): Promise<{ status: number; json: unknown }> {
  const response = await control(portsOf(stage, options.hosts), {
    method,
    path: `/_control${path}`,
    headers: { host: "127.0.0.1:9080", ...options.headers },
    body: options.body ?? "",
  });
  return { status: response.status, json: JSON.parse(response.body) };
}

const event = (id: number): object => ({ topic: queueTopic, body: { id } });

/** The ports of a server, without one. */
function portsOf(stage: Stage, hosts: readonly string[] = []): ControlPorts {
  const director = createDirector(stage.cloud, { onEarlier: () => {} });
  const life = {
    cloud: director.cloud,
    director,
    speed: 1,
    resets: 0,
    nowMs: () => stage.nowMs,
  } as Life;
  return {
    hosts,
    origin: (host) => `http://${host}`,
    life: () => life,
    reset: () => {},
    play: (scenario) => {
      if (typeof scenario !== "string") director.play(scenario, stage.nowMs);
      return Promise.resolve();
    },
    parseScenario: (text) => parseScenario(text, "the scenario", "posted"),
    builtInScenarios: () => ["one"],
  };
}

describe("the control API", () => {
  test.each([
    ["GET", "/nonsense", 404, "NOT_FOUND"],
    ["GET", "", 404, "NOT_FOUND"],
    ["PUT", "/state", 405, "METHOD_NOT_ALLOWED"],
    ["DELETE", "/faults/7", 404, "NOT_FOUND"],
    ["GET", "/ledger?since=x", 400, "FIELD_INVALID"],
    ["GET", "/ledger?limit=0", 400, "FIELD_INVALID"],
    ["GET", "/ledger?limit=10001", 400, "FIELD_INVALID"],
    ["GET", "/ledger?nonsense=1", 400, "FIELD_INVALID"],
  ])("%s %s is refused with %i %s", async (method, path, status, code) => {
    expect(await ask(new Stage(), method, path)).toMatchObject({
      status,
      json: { error: { code } },
    });
  });

  test.each([
    ["evil.example", undefined, 403],
    ["127.0.0.1.evil.example", undefined, 403],
    ["", undefined, 403],
    ["localhost:9080", undefined, 200],
    ["[::1]:9080", undefined, 200],
    ["mock:9080", undefined, 200],
    ["localhost:9080", "https://evil.example", 403],
    ["localhost:9080", "null", 403],
    ["localhost:9080", "http://localhost:9080", 200],
  ])("Host %j with Origin %j is answered %i", async (host, origin, status) => {
    const headers = { host, ...(origin === undefined ? {} : { origin }) };
    const options = { headers, hosts: ["mock:9080"] };
    expect((await ask(new Stage(), "GET", "/faults", options)).status).toBe(status);
  });

  test.each([
    ["nonsense", "JSON_INVALID", undefined],
    ["[]", "FIELD_INVALID", ""],
    ["{}", "FIELD_INVALID", "/fault"],
    ['{"fault":"constructor"}', "FIELD_INVALID", "/fault"],
    ['{"fault":"silence","socketID":1}', "FIELD_INVALID", "/socketID"],
    ['{"fault":"silence","socketId":"1"}', "FIELD_INVALID", "/socketId"],
    ['{"fault":"silence","toString":1}', "FIELD_INVALID", "/toString"],
    ['{"fault":"closeSockets"}', "FIELD_INVALID", "/code"],
    ['{"fault":"closeSockets","code":1006}', "FIELD_INVALID", "/code"],
    ['{"fault":"failRequests","status":99}', "FIELD_INVALID", "/status"],
    ['{"fault":"refuseUpgrades","headers":{"a":"b\\r\\nc: d"}}', "FIELD_INVALID", "/headers"],
    ['{"fault":"cutRequests","when":"later"}', "FIELD_INVALID", "/when"],
    ['{"fault":"publish","topic":"a","body":[]}', "FIELD_INVALID", "/body"],
  ])("the fault %s is refused with %s at %j", async (body, code, path) => {
    expect((await ask(new Stage(), "POST", "/faults", { body })).json).toEqual({
      error: {
        code,
        message: expect.any(String) as unknown,
        ...(path === undefined ? {} : { path }),
      },
    });
  });

  test("injects, lists, removes and clears faults", async () => {
    const stage = new Stage();
    const post = async (body: object): Promise<unknown> =>
      (await ask(stage, "POST", "/faults", { body: JSON.stringify(body) })).json;
    expect(await post({ fault: "silence" })).toEqual({ id: 1, affected: 0 });
    expect(await post({ fault: "ignorePings", channelId: "x" })).toEqual({ id: 2, affected: 0 });
    expect((await ask(stage, "DELETE", "/faults/1")).json).toMatchObject({ faults: [{ id: 2 }] });
    expect((await ask(stage, "DELETE", "/faults")).json).toEqual({ faults: [] });
    expect(stage.cloud.faults.list()).toEqual([]);
  });

  test("publishes several events in their order, or none where one is wrong", async () => {
    const stage = new Stage();
    const post = (body: unknown): ReturnType<typeof ask> =>
      ask(stage, "POST", "/events", { body: JSON.stringify(body) });
    expect((await post([event(1), event(2)])).json).toMatchObject({
      entries: [{ sequence: 1 }, { sequence: 2 }],
    });
    expect(await post([event(3), { topic: queueTopic }])).toMatchObject({
      status: 400,
      json: { error: { path: "/1/body" } },
    });
    expect(stage.cloud.ledger.newest).toBe(2);
  });

  test("plays, shows and ends a scenario, and says with its place what is wrong with one", async () => {
    const stage = new Stage();
    const ports = portsOf(stage);
    const call = async (method: string, body = ""): Promise<unknown> => {
      const headers = { host: "localhost" };
      const request = { method, path: "/_control/scenario", headers, body };
      return JSON.parse((await control(ports, request)).body);
    };
    expect(await call("GET")).toEqual({ state: "none", done: 0, missed: 0 });
    expect(await call("POST", "timeline: [{ at: 1s, fault: silence }]")).toMatchObject({
      state: "waiting",
      name: "posted",
    });
    expect(await call("POST", "timeline:\n  - { at: 1, fault: silence }")).toEqual({
      error: { code: "SCENARIO_INVALID", message: expect.stringContaining("2:11: ") as unknown },
    });
    expect(await call("DELETE")).toMatchObject({ state: "none" });
  });

  test("says when there are too many standing faults", async () => {
    const stage = new Stage({ settings: { faultsMax: 1 } });
    const body = '{"fault":"silence"}';
    await ask(stage, "POST", "/faults", { body });
    expect(await ask(stage, "POST", "/faults", { body })).toMatchObject({
      status: 409,
      json: { error: { code: "TOO_MANY_FAULTS" } },
    });
  });

  test("publishes an event, and shows it", async () => {
    const stage = new Stage();
    const body = JSON.stringify({ topic: queueTopic, body: { id: 1 } });
    expect((await ask(stage, "POST", "/events", { body })).json).toMatchObject({ sequence: 1 });
    expect((await ask(stage, "GET", `/ledger?topic=${queueTopic}&fromMs=0`)).json).toMatchObject({
      entries: [{ topic: queueTopic }],
    });
    expect(await ask(stage, "POST", "/events", { body: '{"topic":1}' })).toMatchObject({
      status: 400,
      json: { error: { path: "/topic" } },
    });
  });

  test("never throws on a body", async () => {
    const stage = new Stage();
    const paths = fc.constantFrom("/faults", "/events", "/scenario", "/reset");
    await fc.assert(
      fc.asyncProperty(paths, fc.json(), async (path, body) => {
        expect([200, 400]).toContain((await ask(stage, "POST", path, { body })).status);
      }),
    );
    fc.assert(fc.property(fc.anything(), (value) => void readFault(value)));
  });
});

test.each(["localhost", "LOCALHOST:1", "127.1.2.3:80", "[::1]"])("%s is loopback", (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});
test.each(["localhost.evil", "127.0.0.1@evil", "0.0.0.0", "::1", "10.0.0.1", "localhost:"])(
  "%s is not loopback",
  (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  },
);
