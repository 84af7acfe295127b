/** What the demo watches, and how it is configured: a mock of its own, and a relay that is quick where others are patient. */
import { mockClientId, mockClientSecret, createMock, type RunningMock } from "@trunkline/mock";
import { createConfig, hashClientSecret, type RelayConfig } from "@trunkline/relay";
import type { System } from "../system.ts";
import type { Interruption, Programme } from "./programme.ts";

/** The demo's own OAuth client in its own mock, so that whoever looks in from another terminal is told apart. */
const demoClient = {
  clientId: "c0ffee00-0000-4000-8000-0000000000de",
  clientSecret: "demo-secret",
  name: "demo",
};
/** Who may subscribe to the demo's own Event API. It lives as long as the demo, on this machine alone. */
export const demoSubscriber = { clientId: "demo", clientSecret: "demo-secret" } as const;

/** So many agents are watched. */
const agentsMax = 10;

/** Where waiting would be long: how far back a gap reaches depends on how often the line is proven. */
const fastProfile = { pingEveryMs: 1_000, pongTimeoutMs: 1_000, overlapMs: 1_000 };
export const fastProfileText =
  "the line is proven every second here, not every 10 s, and tokens and channels live for seconds, not a day";

export function startDemoMock(
  rate: number,
  { tokenLifeS, channelLifeMs }: Programme,
): Promise<RunningMock> {
  const inspector = { clientId: mockClientId, clientSecret: mockClientSecret };
  const client = { ...demoClient, accessTokenValiditySeconds: tokenLifeS };
  const settings = { channelLifeMs, tokenLifeSecondsMin: 1 };
  return createMock({ rate, clients: [inspector, client], settings });
}

export function demoConfig(mock: RunningMock, dataDir: string, system: System): RelayConfig {
  const { clientId, clientSecret } = demoClient;
  const config = createConfig({
    baseUrl: mock.apiUrl,
    credentials: { clientId, clientSecret },
    topics: topicsOf(mock),
    dataDir,
    port: 0,
    folder: dataDir,
    env: {},
    readText: system.readText,
  });
  const trunks = config.trunks.map((trunk) => ({ ...trunk, policy: fastProfile }));
  const subscriber = {
    id: demoSubscriber.clientId,
    secretHash: hashClientSecret(demoSubscriber.clientSecret),
    scopes: ["analytics:events:read"],
    eventTypes: undefined,
    trunks: undefined,
    genesysClientId: undefined,
  };
  return { ...config, trunks, gateway: { ...config.gateway, clients: [subscriber] } };
}

/** What the pasted program prints with, in its own process. */
const print = ["console", "log"].join(".");

/** A program in one line that subscribes without any library: to be pasted where Node.js is, 20.10 or later. */
export function bareSubscriber(relayUrl: string): string {
  const { clientId, clientSecret } = demoSubscriber;
  const body = `new URLSearchParams({grant_type:"client_credentials",client_id:"${clientId}",client_secret:"${clientSecret}"})`;
  const socketUrl = `${relayUrl.replace(/^http/u, "ws")}/api/v2/analytics/events?access_token=`;
  const subscription = '{eventTypes:["conversation:updated"],filters:{divisions:["self"]}}';
  return (
    `node --experimental-websocket -e 'fetch("${relayUrl}/oauth/token",{method:"POST",body:${body}}).then(r=>r.json()).then(t=>{` +
    `const s=new WebSocket("${socketUrl}"+t.access_token);s.onmessage=e=>${print}(e.data);` +
    `s.onopen=()=>s.send(JSON.stringify(${subscription}))})'`
  );
}

/** Whether a channel is the demo's: the mock knows who made it. */
export function createOwnership({ cloud }: RunningMock): (channelId: string) => boolean {
  const owners = new Map<string, string>();
  return (channelId) => {
    if (!owners.has(channelId)) {
      for (const channel of cloud.state().channels) owners.set(channel.channelId, channel.clientId);
    }
    return owners.get(channelId) === demoClient.clientId;
  };
}

/** How long after the announcement a socket is closed. */
const graceMs = 6_000;

/** Does to the sockets of the relay what an act of the programme is about. */
export function strike(mock: RunningMock, name: Interruption): void {
  const { faults } = mock.cloud;
  const nowMs = mock.nowMs();
  const { channels, sockets } = mock.cloud.state();
  for (const { channelId, socketId } of sockets) {
    const channel = channels.find((one) => one.channelId === channelId);
    if (channel?.clientId !== demoClient.clientId) continue;
    if (name === "announced close") faults.announceClosing({ socketId, graceMs }, nowMs);
    if (name === "abrupt cut") faults.cutSockets({ socketId }, nowMs);
    if (name === "silent socket") faults.silence({ socketId }, nowMs);
  }
}

/** All queues, and some of the agents. */
function topicsOf({ cloud }: RunningMock): readonly string[] {
  const { queues, agents } = cloud.world;
  return [
    ...queues.flatMap(({ id }) => [
      `v2.routing.queues.${id}.conversations`,
      `v2.routing.queues.${id}.users`,
    ]),
    ...agents
      .slice(0, agentsMax)
      .flatMap(({ id }) => [`v2.users.${id}.presence`, `v2.users.${id}.routingStatus`]),
  ];
}

export function namesOf({ cloud }: RunningMock): ReadonlyMap<string, string> {
  const { queues, agents } = cloud.world;
  return new Map([...queues, ...agents].map(({ id, name }) => [id, name]));
}
