/** Thread 000: "Why does this setting… cause WebSocket disconnects during Notification API subscription?" (1006). */
import { platformClient, type AnalyticsApi } from "@trunkline/events/genesyscloud";
import { isSubscriberError } from "@trunkline/events/subscriber";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endAll, onEnd } from "../../packages/cli/src/testing/processes.ts";
import { sampleClient, sampleSecret } from "../../packages/relay/src/testing/access-stage.ts";
import { gatewayStage, type GatewayStage } from "../gateway-stage.ts";
import { eventually } from "../relay-rig.ts";
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
  type Message,
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

const conversation = "11111111-2222-4333-8444-555555555555";

/** Tells that the conversation has changed. */
function change(stage: GatewayStage): void {
  for (const state of ["alerting", "connected"])
    stage.emit(stage.topics[0] ?? "", {
      id: conversation,
      participants: [{ id: "p", purpose: "customer", calls: [{ state }] }],
    });
}

/** What they say is wrong (the setting that the title asks about is among it), and what a relay says of it. */
const wrong = [
  {
    what: "eventTypes as a string",
    body: { ...minimal, eventTypes: "conversation:updated" },
    told: {
      code: "EVENT_TYPES_NOT_ARRAY",
      pointer: "/eventTypes",
      message: "eventTypes is a string, and must be an array, even for one event type.",
      help: 'Write ["conversation:updated"].',
    },
  },
  {
    what: "no filters",
    body: { eventTypes: minimal.eventTypes },
    told: {
      code: "FILTERS_MISSING",
      pointer: "",
      message: "filters is missing: it would mean every event of the organisation.",
      help: expect.stringContaining('Say which: {"divisions":["self"]}') as string,
    },
  },
  {
    what: "empty filters",
    body: { ...minimal, filters: {} },
    told: {
      code: "FILTERS_MISSING",
      pointer: "/filters",
      message: "filters is empty: it would mean every event of the organisation.",
      help: expect.stringContaining('{"divisions":["self"]}') as string,
    },
  },
  {
    what: "pageSize",
    body: { ...minimal, pageSize: 25 },
    told: {
      code: "AGGREGATE_PARAMETER",
      pointer: "/pageSize",
      message:
        '"pageSize" belongs to a query of the analytics REST API, not to a stream of events.',
      help: expect.stringContaining("Leave it out here") as string,
    },
  },
  {
    what: "interval",
    body: { ...minimal, interval: "2026-01-01/2026-01-02" },
    told: {
      code: "AGGREGATE_PARAMETER",
      pointer: "/interval",
      message:
        '"interval" belongs to a query of the analytics REST API, not to a stream of events.',
      help: expect.stringContaining("Leave it out here") as string,
    },
  },
  {
    what: "an identifier that is none",
    body: { ...minimal, eventTypes: ["conversation:update", "interaction:updated"] },
    told: {
      code: "EVENT_TYPE_UNKNOWN",
      pointer: "/eventTypes/0",
      message: 'There is no event type "conversation:update".',
      help: expect.stringContaining('Write "conversation:updated", if that is meant') as string,
    },
  },
] as const;

describe("as it was met", () => {
  test.each(wrong)("$what: 1006 at once, with no word; 400 by POST", async ({ body }) => {
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
  test.each(wrong)("$what: told what and where, and the next one may be right", async (each) => {
    const { body, told } = each;
    const stage = await gatewayStage();
    const token = await stage.token();
    const seen = backend(stage.url, token, body);
    expect(complaints(await heard(seen, "error"))).toMatchObject([told]);
    const response = await curl(stage.url, token, body);
    expect(response.status).toBe(400);
    expect(complaints((await response.json()) as Message)).toMatchObject([told]);
    seen.socket.send(JSON.stringify(minimal));
    await heard(seen, "subscribed");
    expect(seen.closed).toBeUndefined();
  });

  test("the minimal body works as it is, on a socket and by curl", async () => {
    const stage = await gatewayStage();
    const token = await stage.token();
    const seen = backend(stage.url, token, minimal);
    await heard(seen, "live");
    change(stage);
    expect(await heard(seen, "event")).toMatchObject({
      eventType: "conversation:updated",
      entityId: conversation,
    });
    const response = await curl(stage.url, token, minimal);
    expect([response.status, await response.json()]).toMatchObject([
      201,
      { connectUri: expect.stringContaining("/api/v2/analytics/events/") as string },
    ]);
  });

  test("of the strict body it is told the placeholder, and the type without a filter", async () => {
    const stage = await gatewayStage();
    const [queue] = stage.mock.cloud.world.queues;
    const token = await stage.token();
    const seen = backend(stage.url, token, strict);
    expect(complaints(await heard(seen, "error"))).toMatchObject([
      {
        code: "FILTER_INCOMPLETE",
        pointer: "/eventTypes/1",
        message:
          '"routing.wrappingEvent" has no filter of its own, and there is none for all event types.',
      },
      {
        code: "ID_PLACEHOLDER",
        pointer: "/filters/routing.queueMemberEvent/0/values/0",
        message: '"your-queue-id-here" is a placeholder of an example, not the id of a queue.',
      },
    ]);
    const predicates = [{ field: "queueId", operator: "in", values: [queue?.id] }];
    const changed = {
      ...strict,
      filters: { "routing.queueMemberEvent": predicates, "routing.wrappingEvent": predicates },
    };
    seen.socket.send(JSON.stringify(changed));
    await heard(seen, "live");
    stage.emit(stage.topics[1] ?? "", { id: "member", joined: true });
    expect(await heard(seen, "event")).toMatchObject({ eventType: "routing.queueMemberEvent" });
  });

  test("the Go body works with the id of a queue", async () => {
    const stage = await gatewayStage();
    const [queue] = stage.mock.cloud.world.queues;
    const seen = backend(stage.url, await stage.token(), go(queue?.id ?? ""));
    await heard(seen, "live");
    stage.emit(stage.topics[1] ?? "", { id: "member", joined: true });
    expect(await heard(seen, "event")).toMatchObject({ eventType: "routing.queueMemberAdded" });
  });

  test("a client without a scope that connects is refused with the scope that is missing", async () => {
    const stage = await gatewayStage({
      clients: [sampleClient({ scopes: ["view:conversation"] })],
    });
    const token = await stage.token();
    const told = {
      code: "SCOPE_MISSING",
      help: "analytics:events:read grants everything. Give the client that scope, and get a new token.",
    };
    expect(await refused(backend(stage.url, token, minimal))).toMatchObject({
      status: 403,
      body: told,
    });
    const response = await curl(stage.url, token, minimal);
    expect([response.status, await response.json()]).toMatchObject([403, told]);
    await stage.reload([sampleClient()]);
    await heard(backend(stage.url, await stage.token(), minimal), "subscribed");
  });
});

function analyticsApiOf(stage: GatewayStage): AnalyticsApi {
  return platformClient.init({
    clientId: "wallboard",
    clientSecret: sampleSecret,
    basePath: stage.url,
  }).AnalyticsApi;
}

describe("with the library", () => {
  test("analyticsApi.createEventSubscription() handles the upgrade, and takes the minimal body", async () => {
    const stage = await gatewayStage();
    const subscription = analyticsApiOf(stage).createEventSubscription(minimal);
    onEnd(() => subscription.close());
    await eventually("the subscription to be live", () => subscription.state.kind === "live");
    change(stage);
    for await (const arrival of subscription) {
      if (arrival.type === "gap") continue;
      expect(arrival).toMatchObject({ eventType: "conversation:updated", entityId: conversation });
      break;
    }
  });

  test.each(wrong.filter(({ what }) => what !== "pageSize" && what !== "interval"))(
    "$what: the same words, as an error",
    async ({ body, told }) => {
      const stage = await gatewayStage();
      const error = await new Promise((resolve) => {
        const subscription = analyticsApiOf(stage).createEventSubscription(
          body as unknown as typeof minimal,
          () => undefined,
          resolve,
        );
        onEnd(() => subscription.close());
      });
      expect(isSubscriberError(error)).toBe(true);
      expect(error).toMatchObject({ code: told.code });
      expect(String(error)).toContain(told.message);
    },
  );
});
