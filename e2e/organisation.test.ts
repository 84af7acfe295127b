/** An organisation of 1,200 users and 500 queues, followed over HTTP and carried live: as its plan said, and in its time. */
import { createClient, systemClock } from "@trunkline/client";
import {
  needs,
  plan,
  plannedTopics,
  type Organisation,
  type Subscription,
} from "@trunkline/events";
import { createMock } from "@trunkline/mock";
import {
  createConfig,
  createRelay,
  listOrganisation,
  type Log,
  type Relay,
} from "@trunkline/relay";
import { expect, test } from "vitest";
import { createOrganisationFollower } from "../packages/relay/src/gateway/organisation/follower.ts";
import { folder } from "./relay-rig.ts";

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

const everything: Subscription = {
  eventTypes: ["conversation:updated", "user:presence", "user:routingStatus"],
  scope: { divisions: ["self"], queueIds: [], userIds: [], conversationIds: [] },
  predicates: {},
};

test("1,200 users and 500 queues are live within 60 s, with no more requests than planned", async () => {
  await using mock = await createMock({ rate: 0, seed: 7, queues: 500, agents: 1_200 });
  const { clientId, clientSecret } = mock;
  const credentials = { clientId, clientSecret };
  const requests = (): number =>
    mock.cloud.state().clients.reduce((sum, client) => sum + client.requests, 0);

  // What it would cost is asked for beforehand, as `trunkline plan` does.
  const stopping = new AbortController();
  const { signal } = stopping;
  const asking = createClient({ baseUrl: mock.apiUrl, credentials });
  const { organisation, problems } = await listOrganisation(
    (asked) => asking.ask(asked),
    needs(everything),
    {
      clock: systemClock,
      signal,
    },
  );
  await asking.close();
  expect(problems).toEqual([]);
  const planned = plan(everything, organisation);
  expect(planned.topicCount).toBe(500 + 3 * 1_200);
  expect(planned.requests.listing).toBe(17);
  expect(requests()).toBe(planned.requests.listing);
  expect(planned.startUpMs).toBeLessThan(60_000);

  const startMs = systemClock.monotonicMs();
  const client = createClient({ baseUrl: mock.apiUrl, credentials });
  const live = Promise.withResolvers<void>();
  const snapshots: Organisation[] = [];
  const follower = createOrganisationFollower({
    clock: systemClock,
    ask: (asked) => client.ask(asked),
    changed: (snapshot) => {
      snapshots.push(snapshot);
      client.setTopics(plannedTopics(everything, snapshot));
    },
    signal,
  });
  follower.need(needs(everything));
  const read = async (): Promise<void> => {
    for await (const event of client.events()) {
      if (event.type !== "subscribed") continue;
      const states = client.topics();
      if (states.length < planned.topicCount) continue;
      if (states.every(({ state }) => state === "live")) live.resolve();
    }
  };
  const reading = read();
  await Promise.race([live.promise, reading]);
  const tookMs = systemClock.monotonicMs() - startMs;
  stopping.abort();
  await client.close();
  await reading;

  expect(follower.status).toEqual({ phase: "following", problems: [] });
  expect(tookMs).toBeLessThan(planned.startUpMs);
  const { listing, connecting } = planned.requests;
  expect(requests() - listing).toBeLessThanOrEqual(listing + connecting);
  const { channels } = mock.cloud.state();
  expect(channels).toHaveLength(planned.channels.needed);
  expect(channels.reduce((sum, { topics }) => sum + topics, 0)).toBe(planned.channels.entries);
  expect(snapshots.at(-1)?.users.size).toBe(1_200);
});

test("a relay carries every queue and user that its patterns stand for, and carries them at once after a restart", async () => {
  await using mock = await createMock({ rate: 0, seed: 7, queues: 30, agents: 150 });
  const { clientId, clientSecret } = mock;
  const dataDir = folder();
  const start = async (): Promise<Relay> => {
    const config = createConfig({
      baseUrl: mock.apiUrl,
      credentials: { clientId, clientSecret },
      topics: ["v2.routing.queues.*.conversations", "v2.users.*.presence"],
      dataDir,
      port: 0,
      folder: dataDir,
      env: {},
      readText: () => "",
    });
    return createRelay({ config, log: quiet });
  };
  {
    await using relay = await start();
    await relay.ready;
    expect(states(relay)).toEqual(Array(180).fill("live"));
  }
  await using relay = await start();
  expect(states(relay)).toHaveLength(180);
  await relay.ready;
  expect(states(relay)).toEqual(Array(180).fill("live"));
});

function states(relay: Relay): readonly string[] {
  return relay.service.trunks().flatMap(({ topics }) => topics.map(({ state }) => state));
}
