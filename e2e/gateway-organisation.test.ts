/**
 * A whole organisation through the gateway: one subscription by division, live in the time and with the requests
 * that its plan said; members that join are carried, and nothing that stays has a gap. `USERS` users, and 5 queues
 * for every 12. With `LISTINGS` queues come and go as well, which the relay finds out when it lists again.
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, systemClock } from "@trunkline/client";
import { needs, plan, readClientMessage, type Plan } from "@trunkline/events";
import type { RunningMock } from "@trunkline/mock";
import { listOrganisation } from "@trunkline/relay";
import { afterEach, expect, test } from "vitest";
import { endAll, mockHere, onEnd } from "../packages/cli/src/testing/processes.ts";
import { gatewayStage, type Bare, type Message } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const users = Number(process.env["USERS"] ?? 60);
const queues = Math.ceil((users * 5) / 12);
const isLong = process.env["LISTINGS"] !== undefined;
/** Queues that are not there at first, and as many others that go. */
const changing = 5;
const liveWithinMs = 60_000;

const everything = {
  eventTypes: ["conversation:all", "user:presence", "user:routingStatus"],
  filters: { divisions: ["self"] },
};

/** A road to a mock on which queues can be hidden from whoever lists them. */
async function hidingRoad(mock: RunningMock): Promise<{ url: string; hidden: Set<string> }> {
  const hidden = new Set<string>();
  const answer: RequestListener = (request, reply) => {
    void (async () => {
      const { method = "GET", url = "/", headers } = request;
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      const passed = Object.entries(headers).flatMap(([name, value]) =>
        typeof value === "string" && !dropped.has(name) ? [[name, value] as [string, string]] : [],
      );
      const response = await fetch(`${mock.apiUrl}${url}`, {
        method,
        headers: passed,
        ...(body.length > 0 ? { body } : {}),
      });
      let text = await response.text();
      if (url.startsWith("/api/v2/routing/queues?")) {
        const page = JSON.parse(text) as { entities: readonly { readonly id: string }[] };
        text = JSON.stringify({
          ...page,
          entities: page.entities.filter(({ id }) => !hidden.has(id)),
        });
      }
      reply.writeHead(
        response.status,
        [...response.headers].filter(([name]) => !dropped.has(name)).flat(),
      );
      reply.end(text);
    })().catch((error: unknown) => reply.destroy(error as Error));
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onEnd(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hidden };
}

/** Of one hop, and what another length makes wrong. */
const dropped = new Set([
  "host",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "content-encoding",
]);

/** What it would cost, asked for beforehand as `trunkline plan` does. */
async function planOf(apiUrl: string, { clientId, clientSecret }: RunningMock): Promise<Plan> {
  const { message } = readClientMessage(everything);
  if (message?.kind !== "subscribe") throw new Error("the subscription is a valid one");
  const client = createClient({ baseUrl: apiUrl, credentials: { clientId, clientSecret } });
  const { organisation, problems } = await listOrganisation(
    (asked) => client.ask(asked),
    needs(message.subscription),
    { clock: systemClock, signal: new AbortController().signal },
  );
  await client.close();
  expect(problems).toEqual([]);
  return plan(message.subscription, organisation);
}

/** Counts requests as the mock sees them, and says how many came in the worst minute. */
function watchRequests(mock: RunningMock): { total: () => number; worstMinute: () => number } {
  const total = (): number =>
    mock.cloud.state().clients.reduce((sum, { requests }) => sum + requests, 0);
  const seen: { readonly atMs: number; readonly total: number }[] = [];
  let worst = 0;
  const look = (): void => {
    const atMs = performance.now();
    seen.push({ atMs, total: total() });
    while ((seen[0]?.atMs ?? atMs) < atMs - 60_000) seen.shift();
    worst = Math.max(worst, (seen.at(-1)?.total ?? 0) - (seen[0]?.total ?? 0));
  };
  const timer = setInterval(look, 100);
  onEnd(() => clearInterval(timer));
  look();
  return { total, worstMinute: () => (look(), worst) };
}

function topicsOf({ heard }: Bare): readonly unknown[] {
  return heard.flatMap(({ type, topic }) => (type === "event" ? [topic] : []));
}

test(
  `${users} users and ${queues} queues by one subscription: live in time, and with no more requests than planned`,
  async () => {
    const mock = await mockHere({ seed: 7, queues, agents: users });
    const road = await hidingRoad(mock);
    const all = mock.cloud.world.queues.map(({ id }) => id);
    const [coming, going] = [all.slice(0, changing), all.slice(changing, 2 * changing)];
    for (const id of coming) road.hidden.add(id);
    const planned = await planOf(road.url, mock);
    expect(planned.topicCount).toBe(queues - changing + 3 * users);
    expect(planned.startUpMs).toBeLessThan(liveWithinMs);

    const requests = watchRequests(mock);
    const before = requests.total();
    const stage = await gatewayStage({}, { mock, apiUrl: road.url, carries: () => false });
    const socket = await stage.connect();
    const startMs = performance.now();
    socket.say(everything);
    await socket.first("subscribed");
    // A slow machine is given time where every change is tested; the bar counts where nothing else runs.
    await eventually("live", () => socket.of("live")[0], isLong ? liveWithinMs : undefined);
    const liveMs = performance.now() - startMs;
    const used = requests.total() - before;
    expect(used).toBeLessThanOrEqual(planned.requests.listing + planned.requests.connecting);
    expect(mock.cloud.state().channels).toHaveLength(planned.channels.needed);

    // Every queue and every user comes, by each of its topics.
    const staying = all.slice(changing).flatMap((id) => [`v2.routing.queues.${id}.conversations`]);
    const ofUsers = mock.cloud.world.agents.flatMap(({ id }) => [
      `v2.users.${id}.presence`,
      `v2.users.${id}.routingStatus`,
    ]);
    for (const topic of [...staying, ...ofUsers]) stage.emit(topic, bodyFor(topic));
    await eventually("an event of each", () => {
      const told = new Set(topicsOf(socket));
      return [...staying, ...ofUsers].every((topic) => told.has(topic));
    });
    // Nobody carried them before: that is told, and nothing else is missing.
    const told = socket.of("gap");
    expect(told.map(({ cause, state }) => `${String(cause)} ${String(state)}`)).toEqual(
      told.map(() => "unsubscribed closed"),
    );
    expect(told.reduce((sum, { topicCount }) => sum + Number(topicCount), 0)).toBe(
      planned.topicCount,
    );

    expect(gapsSinceLive()).toEqual([]);

    if (isLong) await changeQueues();
    expect(requests.worstMinute()).toBeLessThanOrEqual(300);
    process.stdout.write(
      `${users} users and ${queues} queues, ${planned.topicCount} topics: live ${(liveMs / 1_000).toFixed(1)} s after the ` +
        `subscription (planned ${(planned.startUpMs / 1_000).toFixed(1)} s), ${used} requests (planned ` +
        `${planned.requests.listing + planned.requests.connecting}), ${requests.worstMinute()} in the worst minute\n`,
    );

    function gapsSinceLive(): readonly Message[] {
      const { heard } = socket;
      const live = heard.findIndex(({ type }) => type === "live");
      return heard.slice(live).filter(({ type }) => type === "gap");
    }

    async function changeQueues(): Promise<void> {
      for (const id of going) road.hidden.add(id);
      for (const id of coming) road.hidden.delete(id);
      let sent = 0;
      const [stays = ""] = staying.slice(changing);
      const arrived = new Set<unknown>();
      await eventually(
        "events of every queue that has come",
        async () => {
          stage.emit(stays, bodyFor(stays, ++sent));
          for (const id of coming) {
            const topic = `v2.routing.queues.${id}.conversations`;
            stage.emit(topic, bodyFor(topic, sent));
          }
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          for (const topic of topicsOf(socket)) arrived.add(topic);
          return coming.every((id) => arrived.has(`v2.routing.queues.${id}.conversations`));
        },
        7 * 60_000,
      );
      // What stays had each of its own, and no gap; once more than what was sent, before.
      await eventually("all that stays", () => {
        return topicsOf(socket).filter((topic) => topic === stays).length === sent + 1;
      });
      const changed = new Set([...topicsFor(going), ...topicsFor(coming)]);
      const foreign = gapsSinceLive().filter(({ topics }) =>
        (topics as readonly string[]).some((topic) => !changed.has(topic)),
      );
      expect(foreign).toEqual([]);
      // Of each that has come a gap tells, before its first event, since when nobody had carried it.
      for (const topic of topicsFor(coming)) {
        const isOf = ({ type, topics }: Message): boolean =>
          type === "gap" && (topics as readonly string[]).includes(topic);
        const gapAt = socket.heard.findIndex((message, index) => index > 0 && isOf(message));
        const eventAt = socket.heard.findIndex(
          (message) => message["type"] === "event" && message["topic"] === topic,
        );
        expect(gapAt).toBeGreaterThan(0);
        expect(gapAt).toBeLessThan(eventAt);
      }
    }
  },
  isLong ? 600_000 : 60_000,
);

function topicsFor(queueIds: readonly string[]): readonly string[] {
  return queueIds.map((id) => `v2.routing.queues.${id}.conversations`);
}

let conversations = 0;

function bodyFor(topic: string, n = 0): object {
  if (!topic.endsWith(".conversations")) return { n };
  const id = `11111111-2222-4333-8444-${String(++conversations).padStart(12, "0")}`;
  return { id, participants: [], n };
}
