/** Thread 000: "Why does this setting… cause WebSocket disconnects during Notification API subscription?" (1006). */
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endAll } from "../../packages/cli/src/testing/processes.ts";
import { sampleClient } from "../../packages/relay/src/testing/access-stage.ts";
import { gatewayStage } from "../gateway-stage.ts";
import {
  closed,
  complaints,
  ends,
  heard,
  legacyHere,
  refused,
  roundTrip,
  tokenOf,
  watch,
  ws,
  type Seen,
} from "./stage.ts";

afterEach(endAll);

/** The backend service: subscribes to /api/v2/analytics/events with a valid OAuth2 token. */
function backend(base: string, token: string, subscription: unknown): Seen & { socket: WebSocket } {
  const socket = new WebSocket(`${ws(base)}/api/v2/analytics/events`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  socket.on("open", () => socket.send(JSON.stringify(subscription)));
  return Object.assign(watch(socket), { socket });
}

/** The curl of the first answer, "to test the handshake before your terraform module applies it". */
function curl(base: string, token: string, body: unknown): Promise<Response> {
  return fetch(`${base}/api/v2/analytics/events`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** The three bodies that the answers call right. */
const minimal = {
  eventTypes: ["conversation:updated", "interaction:updated"],
  filters: { divisions: ["self"] },
};
const strict = {
  eventTypes: ["routing.queueMemberEvent", "routing.wrappingEvent"],
  filters: {
    "routing.queueMemberEvent": [
      { field: "queueId", operator: "in", values: ["your-queue-id-here"] },
    ],
  },
};
const go = (queueId: string) => ({
  eventTypes: ["routing.queueMemberAdded"],
  filters: { queueId },
});

/** What they say is wrong: the setting that the title asks about is one of them. */
const wrong = [
  [
    "eventTypes as a string",
    { ...minimal, eventTypes: "conversation:updated" },
    "EVENT_TYPES_NOT_ARRAY",
    "/eventTypes",
  ],
  ["no filters", { eventTypes: minimal.eventTypes }, "FILTERS_MISSING", ""],
  ["empty filters", { ...minimal, filters: {} }, "FILTERS_MISSING", "/filters"],
  ["pageSize", { ...minimal, pageSize: 25 }, "AGGREGATE_PARAMETER", "/pageSize"],
  [
    "interval",
    { ...minimal, interval: "2026-01-01/2026-01-02" },
    "AGGREGATE_PARAMETER",
    "/interval",
  ],
  [
    "an unknown identifier",
    { ...minimal, eventTypes: ["conversation:update"] },
    "EVENT_TYPE_UNKNOWN",
    "/eventTypes/0",
  ],
] as const;

describe("as it was met", () => {
  test.each(wrong)("%s: 1006 at once, with no word; 400 by POST", async (_, body) => {
    const mock = await legacyHere();
    const token = await tokenOf(mock);
    const seen = backend(mock.apiUrl, token, body);
    expect(await closed(seen)).toEqual({ code: 1006, reason: "" });
    expect(seen.messages).toEqual([{ type: "heartbeat" }]);
    expect((await curl(mock.apiUrl, token, body)).status).toBe(400);
  });

  test.each([
    ["minimal", minimal],
    ["strict", strict],
    ["Go", go("my-queue")],
  ])("the %s body of the answers is taken", async (_, body) => {
    const mock = await legacyHere();
    const token = await tokenOf(mock);
    const seen = backend(mock.apiUrl, token, body);
    await heard(seen, "heartbeat");
    await roundTrip(seen.socket);
    expect(seen.closed).toBeUndefined();
    expect(await (await curl(mock.apiUrl, token, body)).json()).toMatchObject(body);
  });

  test("without analytics:events:read the connection is closed silently, and POST is 403", async () => {
    const mock = await legacyHere({ settings: { legacyScopes: [] } });
    const token = await tokenOf(mock);
    expect(await closed(backend(mock.apiUrl, token, minimal))).toEqual({ code: 1006, reason: "" });
    expect(ends(mock)).toMatchObject([
      { detail: "its token lacks the scope analytics:events:read" },
    ]);
    expect((await curl(mock.apiUrl, token, minimal)).status).toBe(403);
  });
});

describe("at a relay", () => {
  test.each(wrong)(
    "%s: told what it is and where, on an open socket",
    async (_, body, code, path) => {
      const stage = await gatewayStage();
      const token = await stage.token();
      const seen = backend(stage.url, token, body);
      const error = await heard(seen, "error");
      console.log(JSON.stringify(error, null, 1));
      expect(complaints(error)).toEqual([expect.objectContaining({ code, path })]);
      seen.socket.send(JSON.stringify(minimal));
      await heard(seen, "live");
      expect(seen.closed).toBeUndefined();
      const response = await curl(stage.url, token, body);
      expect([response.status, await response.json()]).toMatchObject([400, { code }]);
    },
  );
});
