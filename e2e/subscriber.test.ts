/** The subscriber library against a relay, on real sockets. */
import {
  createEventSubscription,
  gateway,
  sharedTokenSource,
  type Arrival,
  type SubscriberError,
} from "@trunkline/events";
import platformClient from "purecloud-platform-client-v2";
import { afterEach, expect, test } from "vitest";
import { endAll, mockHere, onEnd } from "../packages/cli/src/testing/processes.ts";
import { sampleClient, sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { ChaosRoad } from "./chaos-road.ts";
import { gatewayStage, type GatewayStage } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const client = { clientId: "wallboard", clientSecret: sampleSecret };

/** What is subscribed to by the stage, and by nobody else. */
function presence(stage: GatewayStage): {
  readonly eventTypes: readonly ["user:presence"];
  readonly filters: Readonly<Record<string, unknown>>;
} {
  return {
    eventTypes: ["user:presence"],
    filters: stage.presence["filters"] as Readonly<Record<string, unknown>>,
  };
}

function topicOf(stage: GatewayStage): string {
  const topic = stage.topics.find((each) => each.endsWith(".presence"));
  if (topic === undefined) throw new Error("the stage carries no presence");
  return topic;
}

test("a program gets events by an iterable, and goes on after its cursor", async () => {
  const stage = await gatewayStage();
  const backend = gateway({ url: stage.url, access: client });
  const first = createEventSubscription({ backend, ...presence(stage) });
  onEnd(() => first.close());
  await eventually("the subscription to be live", () => first.state.kind === "live");
  for (const n of [1, 2, 3]) stage.emit(topicOf(stage), { message: `m${n}` });
  const had: Arrival<"user:presence">[] = [];
  for await (const arrival of first) {
    had.push(arrival);
    if (had.length === 2) break;
  }
  expect(first.state).toEqual({ kind: "closed", error: undefined });
  // Of the second nobody said that it is dealt with.
  const since = first.cursor;
  expect(since).toBe(had[0]?.cursor);
  const second = createEventSubscription({ backend, ...presence(stage), since });
  onEnd(() => second.close());
  for await (const arrival of second) {
    if (arrival.type === "event") had.push(arrival);
    if (had.length === 4) break;
  }
  const messages = had.map((each) => (each.type === "event" ? each.data.message : each.type));
  expect(messages).toEqual(["m1", "m2", "m2", "m3"]);
});

test("a durable consumer goes on after what was dealt with, whoever reads for it", async () => {
  const stage = await gatewayStage();
  const backend = gateway({ url: stage.url, access: client });
  const options = { backend, ...presence(stage), consumer: "board" };
  const first = createEventSubscription(options);
  onEnd(() => first.close());
  await eventually("the subscription to be live", () => first.state.kind === "live");
  for (const n of [1, 2, 3]) stage.emit(topicOf(stage), { message: `m${n}` });
  const had: unknown[] = [];
  for await (const arrival of first) {
    had.push(arrival.type === "event" && arrival.data.message);
    if (had.length === 2) break;
  }
  const second = createEventSubscription(options);
  onEnd(() => second.close());
  for await (const arrival of second) {
    if (arrival.type === "event") had.push(arrival.data.message);
    if (had.length === 4) break;
  }
  expect(had).toEqual(["m1", "m2", "m2", "m3"]);
});

test("a relay that ends in peace and comes again costs no event", async () => {
  const stage = await gatewayStage();
  const road = await ChaosRoad.open(Number(new URL(stage.url).port));
  const policy = { backoffFirstMs: 20, backoffMaxMs: 200 };
  const backend = gateway({ url: road.url, access: client, policy });
  const had: Arrival[] = [];
  const notices: string[] = [];
  const subscription = createEventSubscription(
    { backend, ...presence(stage), onNotice: ({ code }) => notices.push(code) },
    (arrival) => had.push(arrival),
  );
  onEnd(() => subscription.close());
  await eventually("the subscription to be live", () => subscription.state.kind === "live");
  stage.emit(topicOf(stage), { message: "before" });
  await eventually("the first event", () => had.length === 1);
  await stage.relay.stop();
  await eventually("that it waits", () => subscription.state.kind === "waiting");
  const { mock, dataDir } = stage;
  const next = await gatewayStage({}, { mock, dataDir });
  road.toPort = Number(new URL(next.url).port);
  await eventually("that it is live again", () => subscription.state.kind === "live");
  next.emit(topicOf(next), { message: "after" });
  const messages = (): unknown[] =>
    had.filter(({ type }) => type === "event").map((each) => "data" in each && each.data);
  await eventually("the second event", () => messages().length === 2);
  expect(messages()).toMatchObject([{ message: "before" }, { message: "after" }]);
  // What came between the two relays nobody can know.
  expect(had.filter(({ type }) => type === "gap")).not.toEqual([]);
  expect(notices).toContain("SHUTTING_DOWN");
});

test.each([
  ["a wrong secret", { clientSecret: "wrong" }, {}, "CLIENT_UNKNOWN", "trunkline clients"],
  ["a misspelt type", {}, { eventTypes: ["user:presense"] }, "EVENT_TYPE_UNKNOWN", "user:presence"],
  ["no filter", {}, { filters: {} }, "FILTERS_MISSING", "divisions"],
])("%s ends it with a reason and a remedy", async (_, access, more, code, remedy) => {
  const stage = await gatewayStage();
  const backend = gateway({ url: stage.url, access: { ...client, ...access } });
  const error = await new Promise<SubscriberError>((resolve) =>
    createEventSubscription({ backend, ...presence(stage), ...more }, () => undefined, resolve),
  );
  expect(error.code).toBe(code);
  expect(error.help).toContain(remedy);
});

test("the official SDK's client and a subscription share one token, and a revoked one is replaced once", async () => {
  const mock = await mockHere();
  const clients = [sampleClient({ genesysClientId: mock.clientId })];
  const stage = await gatewayStage({ clients }, { mock });
  const official = platformClient.ApiClient.instance;
  official.setGateway({ host: mock.host, protocol: "http", port: mock.port });
  let logins = 0;
  const access = sharedTokenSource(official, async () => {
    logins++;
    await official.loginClientCredentialsGrant(mock.clientId, mock.clientSecret);
  });
  await access.token();
  const backend = gateway({ url: stage.url, access });
  const subscription = createEventSubscription({ backend, ...presence(stage) });
  onEnd(() => subscription.close());
  await eventually("the subscription to be live", () => subscription.state.kind === "live");
  const me = await new platformClient.TokensApi().getTokensMe();
  expect(me.OAuthClient?.id).toBe(mock.clientId);
  expect(logins).toBe(1);
  const first = await access.token();
  const [one, other] = await Promise.all([access.token(first), access.token(first)]);
  expect(one).toBe(other);
  expect(one).not.toBe(first);
  expect(logins).toBe(2);
  // The official client has the new one, too.
  expect((await new platformClient.TokensApi().getTokensMe()).OAuthClient?.id).toBe(mock.clientId);
});
