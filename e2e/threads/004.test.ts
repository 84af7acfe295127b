/** Thread 004: "Notification API WebSocket reconnect logic in Node.js": 401 on the new socket. */
import { apiClients, platformClient } from "@trunkline/events/genesyscloud";
import type { Arrival } from "@trunkline/events/subscriber";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endAll, onEnd } from "../../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../../packages/relay/src/testing/access-stage.ts";
import { gatewayStage } from "../gateway-stage.ts";
import { eventually } from "../relay-rig.ts";
import {
  closed,
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

type Program = Seen & { readonly socket: WebSocket };

/** `new WebSocket(url, { headers: { Authorization: … } })`. */
function connect(base: string, token: string): Program {
  const socket = new WebSocket(`${ws(base)}/api/v2/analytics/events`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return Object.assign(watch(socket), { socket });
}

/** The question: `on('close')` fires, and the manual `new WebSocket()` has the token that there was. */
function reconnecting(base: string, token: string): { first: Program; second: Promise<Program> } {
  const first = connect(base, token);
  const second = new Promise<Program>((resolve) => {
    first.socket.on("close", () => resolve(connect(base, token)));
  });
  return { first, second };
}

describe("as it was met", () => {
  test("the token ends, the connection drops, and the next is refused with 401; a fresh token opens one", async () => {
    const mock = await legacyHere();
    const { first, second } = reconnecting(mock.apiUrl, await tokenOf(mock));
    await heard(first, "heartbeat");
    mock.cloud.faults.expireToken({ clientId: mock.clientId }, mock.nowMs());
    expect(await closed(first)).toEqual({ code: 1006, reason: "" });
    expect(ends(mock)).toMatchObject([{ detail: "its token has ended" }]);
    expect(await refused(await second)).toMatchObject({ status: 401 });
    const fresh = connect(mock.apiUrl, await tokenOf(mock));
    await heard(fresh, "heartbeat");
    await roundTrip(fresh.socket);
    expect(fresh.closed).toBeUndefined();
  });
});

describe("at a relay", () => {
  test("a stale token is told as that, at the close and at the upgrade; a fresh one goes on where it was", async () => {
    const stage = await gatewayStage({ tokenLifeMs: 6_000, clockLeewayMs: 0 });
    const [topic = ""] = stage.topics.filter((name) => name.endsWith(".presence"));
    const { first, second } = reconnecting(stage.url, await stage.token());
    await heard(first, "auth-success");
    first.socket.send(JSON.stringify(stage.presence));
    await heard(first, "live");
    stage.emit(topic, { n: 1 });
    const { cursor } = await heard(first, "event");
    expect(await closed(first)).toEqual({ code: 4401, reason: "TOKEN_EXPIRED" });
    stage.emit(topic, { n: 2 });
    expect(await refused(await second)).toMatchObject({
      status: 401,
      body: {
        code: "TOKEN_EXPIRED",
        help: expect.stringContaining("Get a new one by POST /oauth/token.") as string,
      },
    });
    const fresh = connect(stage.url, await stage.token());
    await heard(fresh, "auth-success");
    fresh.socket.send(JSON.stringify({ ...stage.presence, since: cursor }));
    expect(await heard(fresh, "event")).toMatchObject({ data: { n: 2 } });
  });

  test("after maintenance the token that there was still opens, and what was missed is told", async () => {
    const before = await gatewayStage();
    const [topic = ""] = before.topics.filter((name) => name.endsWith(".presence"));
    const token = await before.token();
    const first = connect(before.url, token);
    await heard(first, "auth-success");
    first.socket.send(JSON.stringify(before.presence));
    await heard(first, "live");
    before.emit(topic, { n: 1 });
    const { cursor } = await heard(first, "event");
    await before.relay.stop();
    expect(await closed(first)).toEqual({ code: 4503, reason: "SHUTTING_DOWN" });
    const { mock, dataDir } = before;
    const after = await gatewayStage({}, { mock, dataDir });
    const second = connect(after.url, token);
    await heard(second, "auth-success");
    second.socket.send(JSON.stringify({ ...after.presence, since: cursor }));
    expect(await heard(second, "gap")).toMatchObject({ cause: "stopped" });
    await heard(second, "live");
    after.emit(topic, { n: 2 });
    expect(await heard(second, "event")).toMatchObject({ data: { n: 2 } });
  });

  test("a new token on the open socket keeps it: there is nothing to reconnect", async () => {
    const stage = await gatewayStage({ tokenLifeMs: 5_000, clockLeewayMs: 0 });
    const seen = connect(stage.url, await stage.token());
    await heard(seen, "auth-success");
    const granted = (): readonly unknown[] =>
      seen.messages.filter(({ type }) => type === "auth-success").map(({ expires }) => expires);
    // A token tells whole seconds: of the same second it would end at the same time.
    const later = await eventually("a token that ends later", async () => {
      const token = await stage.token();
      seen.socket.send(JSON.stringify({ type: "auth", data: { token } }));
      const [first, ...others] = granted();
      return others.find((each) => each !== first);
    });
    await eventually(
      "the end of the first token",
      () => Date.now() > Date.parse(String(granted()[0])),
    );
    await roundTrip(seen.socket);
    expect(seen.closed).toBeUndefined();
    expect(Date.parse(String(later))).toBeGreaterThan(Date.parse(String(granted()[0])));
  });
});

describe("with the library", () => {
  test("the first answer's program opens its socket with a token of createAuth", async () => {
    const stage = await gatewayStage();
    const auth = await apiClients.auth.createAuth("client_credentials", {
      client_id: "wallboard",
      client_secret: sampleSecret,
      base_path: stage.url,
    });
    const seen = connect(stage.url, await auth.getAccessToken());
    expect(await heard(seen, "auth-success")).toMatchObject({ clientId: "wallboard" });
  });

  test("the second answer's subscription goes on when its tokens end, with nothing lost and nothing double", async () => {
    const stage = await gatewayStage({ tokenLifeMs: 6_000, clockLeewayMs: 0 });
    const apiClient = platformClient.init({
      clientId: "wallboard",
      clientSecret: sampleSecret,
      basePath: stage.url,
    });
    const came: Arrival[] = [];
    const errors: unknown[] = [];
    const subscription = apiClient.AnalyticsApi.subscribeAnalyticsEvents(
      { interval: "realtime", metricIds: ["conversation.summary"] },
      (data) => came.push(data),
      (error) => errors.push(error),
    );
    onEnd(() => subscription.close());
    await eventually("the subscription to be live", () => subscription.state.kind === "live");
    const queue = stage.mock.cloud.world.queues[0]?.id ?? "";
    const untilMs = performance.now() + 9_000;
    let emitted = 0;
    await eventually("two ends of a token", () => {
      stage.emit(`v2.analytics.queues.${queue}.observations`, {
        group: {},
        n: ++emitted,
        data: [],
      });
      return performance.now() > untilMs;
    });
    const events = (): readonly unknown[] =>
      came.flatMap((each) => (each.type === "event" ? [(each.data as { n: number }).n] : []));
    await eventually("all events", () => events().length >= emitted);
    expect(events()).toEqual(Array.from({ length: emitted }, (_, index) => index + 1));
    // What was not carried before anybody asked for it.
    const causes = came.flatMap((each) => (each.type === "gap" ? [each.cause] : []));
    expect(causes.filter((cause) => cause !== "unsubscribed")).toEqual([]);
    expect(errors).toEqual([]);
  });

  test("a second subscription to the same thing is refused, unless it is insisted on", async () => {
    const stage = await gatewayStage();
    const { AnalyticsApi: analyticsApi } = platformClient.init({
      clientId: "wallboard",
      clientSecret: sampleSecret,
      basePath: stage.url,
    });
    const options = { interval: "realtime", metricIds: ["conversation.summary"] } as const;
    const first = analyticsApi.subscribeAnalyticsEvents(options);
    onEnd(() => first.close());
    expect(() => analyticsApi.subscribeAnalyticsEvents(options)).toThrow(
      expect.objectContaining({ code: "DUPLICATE_SUBSCRIPTION" }),
    );
    const second = analyticsApi.subscribeAnalyticsEvents({ ...options, allowDuplicate: true });
    onEnd(() => second.close());
    await eventually("both to be live", () =>
      [first, second].every(({ state }) => state.kind === "live"),
    );
  });
});
