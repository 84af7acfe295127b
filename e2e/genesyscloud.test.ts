/** Programs written for an SDK of Genesys Cloud that there is not run with their import changed. */
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { apiClients, platformClient, Subscription } from "@trunkline/events/genesyscloud";
import { createMock, type RunningMock } from "@trunkline/mock";
import { afterEach, expect, test } from "vitest";
import {
  endAll,
  onEnd,
  start,
  type Env,
  type Running,
} from "../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { selfSigned } from "./certificate.ts";
import { Bare, gatewayStage } from "./gateway-stage.ts";
import { eventually, folder } from "./relay-rig.ts";

afterEach(endAll);

const program = join(import.meta.dirname, "programs", "analytics-events.ts");

function run(env: Env): Running {
  return start(process.execPath, ["--conditions=@trunkline/source", program], env);
}

/** Figures of a queue, again and again until the program has said that some came. */
async function eventReceived(mock: RunningMock, running: Running): Promise<string> {
  const topic = `v2.analytics.queues.${mock.cloud.world.queues[0]?.id ?? ""}.observations`;
  return eventually("the program to receive an event", () => {
    if (running.err.includes("error")) throw new Error(running.err);
    mock.cloud.emit(topic, { group: {}, data: [] }, mock.nowMs());
    return /Event received: (\{\s+type: 'event'[\s\S]*?\n\})/u.exec(running.out)?.[1];
  });
}

/** Leads connections to whatever host to one port of this machine. */
async function proxyTo(port: number): Promise<string> {
  const server = createServer().on("connect", (_, near) => {
    const far = connect(port, "127.0.0.1", () => near.write("HTTP/1.1 200 OK\r\n\r\n"));
    near.pipe(far).pipe(near);
    for (const socket of [near, far])
      socket.on("error", () => [near, far].forEach((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onEnd(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the program of the forum receives events from Genesys Cloud itself", async () => {
  const { key, cert } = selfSigned("*.mypurecloud.com");
  const mock = await createMock({ rate: 0, tls: { key, cert } });
  onEnd(() => mock.close());
  const authority = join(folder(), "authority.pem");
  writeFileSync(authority, cert);
  const running = run({
    GC_CLIENT_ID: mock.clientId,
    GC_CLIENT_SECRET: mock.clientSecret,
    NODE_EXTRA_CA_CERTS: authority,
    HTTPS_PROXY: await proxyTo(mock.port),
  });
  expect(await eventReceived(mock, running)).toContain("eventType: 'conversation.summary'");
  expect(running.err).toBe("");
});

test("the same program receives them from a relay, where its address is that of one", async () => {
  const stage = await gatewayStage();
  const running = run({
    GC_CLIENT_ID: "wallboard",
    GC_CLIENT_SECRET: sampleSecret,
    GC_BASE_PATH: stage.url,
  });
  expect(await eventReceived(stage.mock, running)).toContain("eventType: 'conversation.summary'");
  expect(running.err).toBe("");
});

test("without its credentials the program ends, and says which is missing", async () => {
  const running = run({ GC_CLIENT_ID: "wallboard" });
  expect(await running.exit).toBe(1);
  expect(running.err).toContain("clientSecret is missing.");
});

test("createEventSubscription and createAuth are there as well, and Subscription is a class", async () => {
  const stage = await gatewayStage();
  const { AnalyticsApi: analyticsApi } = platformClient.init({
    clientId: "wallboard",
    clientSecret: sampleSecret,
    basePath: stage.url,
  });
  const [topic = ""] = stage.topics.filter((each) => each.endsWith(".presence"));
  const subscription = analyticsApi.createEventSubscription({
    eventTypes: ["user:presence"],
    filters: { divisions: ["self"] },
  });
  onEnd(() => subscription.close());
  expect(subscription).toBeInstanceOf(Subscription);
  await eventually("the subscription to be live", () => subscription.state.kind === "live");
  stage.emit(topic, { message: "here" });
  for await (const arrival of subscription) {
    if (arrival.type === "gap") continue;
    expect(arrival.data.message).toBe("here");
    break;
  }

  const auth = await apiClients.auth.createAuth("client_credentials", {
    client_id: "wallboard",
    client_secret: sampleSecret,
  });
  const token = await auth.getAccessToken();
  const headers = { Authorization: `Bearer ${token}` };
  const ws = await new Bare(`${stage.url}/api/v2/analytics/events`, { headers }).open();
  expect(await ws.first("auth-success")).toMatchObject({ clientId: "wallboard" });
});
