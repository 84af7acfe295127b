import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { control } from "./control.ts";
import { readFault } from "./fault-schema.ts";
import { isLoopbackHost } from "./host.ts";
import { queueTopic, Stage } from "../testing/stage.ts";

function ask(
  stage: Stage,
  method: string,
  path: string,
  options: { body?: string; headers?: Record<string, string>; hosts?: string[] } = {},
): { status: number; json: unknown } {
  const response = control(
    stage.cloud,
    {
      method,
      path: `/_control${path}`,
      headers: { host: "127.0.0.1:9080", ...options.headers },
      body: options.body ?? "",
    },
    { nowMs: stage.nowMs, hosts: options.hosts ?? [] },
  );
  return { status: response.status, json: JSON.parse(response.body) };
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
  ])("%s %s is refused with %i %s", (method, path, status, code) => {
    expect(ask(new Stage(), method, path)).toMatchObject({ status, json: { error: { code } } });
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
  ])("Host %j with Origin %j is answered %i", (host, origin, status) => {
    const headers = { host, ...(origin === undefined ? {} : { origin }) };
    expect(ask(new Stage(), "GET", "/faults", { headers, hosts: ["mock:9080"] }).status).toBe(
      status,
    );
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
  ])("the fault %s is refused with %s at %j", (body, code, path) => {
    expect(ask(new Stage(), "POST", "/faults", { body }).json).toEqual({
      error: {
        code,
        message: expect.any(String) as unknown,
        ...(path === undefined ? {} : { path }),
      },
    });
  });

  test("injects, lists, removes and clears faults", () => {
    const stage = new Stage();
    const post = (body: object): unknown =>
      ask(stage, "POST", "/faults", { body: JSON.stringify(body) }).json;
    expect(post({ fault: "silence" })).toEqual({ id: 1, affected: 0 });
    expect(post({ fault: "ignorePings", channelId: "x" })).toEqual({ id: 2, affected: 0 });
    expect(ask(stage, "DELETE", "/faults/1").json).toMatchObject({ faults: [{ id: 2 }] });
    expect(ask(stage, "DELETE", "/faults").json).toEqual({ faults: [] });
    expect(stage.cloud.faults.list()).toEqual([]);
  });

  test("says when there are too many standing faults", () => {
    const stage = new Stage({ settings: { faultsMax: 1 } });
    const body = '{"fault":"silence"}';
    ask(stage, "POST", "/faults", { body });
    expect(ask(stage, "POST", "/faults", { body })).toMatchObject({
      status: 409,
      json: { error: { code: "TOO_MANY_FAULTS" } },
    });
  });

  test("publishes an event, and shows it", () => {
    const stage = new Stage();
    const body = JSON.stringify({ topic: queueTopic, body: { id: 1 } });
    expect(ask(stage, "POST", "/events", { body }).json).toMatchObject({ sequence: 1 });
    expect(ask(stage, "GET", `/ledger?topic=${queueTopic}&fromMs=0`).json).toMatchObject({
      entries: [{ topic: queueTopic }],
    });
    expect(ask(stage, "POST", "/events", { body: '{"topic":1}' })).toMatchObject({
      status: 400,
      json: { error: { path: "/topic" } },
    });
  });

  test("never throws on a body", () => {
    const stage = new Stage();
    fc.assert(
      fc.property(fc.constantFrom("/faults", "/events"), fc.json(), (path, body) => {
        expect([200, 400]).toContain(ask(stage, "POST", path, { body }).status);
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
