/**
 * One simulated world: a client, the mock's model, a network with latency, and a storm of faults
 * drawn from the seed (swarm: each kind is off in half of the worlds). Then everything heals, and
 * the line must be whole again. The oracles look at the cloud's ledger, never into the client.
 */
import assert from "node:assert/strict";
import { createClient, type Client, type ClientEvent, type GapEvent } from "@trunkline/client";
import type { Settings } from "@trunkline/mock";
import { balance, createDice, SimClock, type Dice } from "@trunkline/testkit";
import { faultKinds, type FaultKind } from "./faults.ts";
import { epochMs, Network } from "./network.ts";

const clientId = "6f3d3c39-6b6f-4f0e-9d6a-51a6f2f7a001";
const second = 1_000;
const minute = 60 * second;

export interface WorldReport {
  readonly seed: number;
  readonly emitted: number;
  readonly delivered: number;
  readonly missing: number;
  readonly gaps: number;
  readonly faults: number;
  readonly virtualMs: number;
}

interface Heard {
  readonly deliveries: Map<string, number>;
  readonly closedGaps: GapEvent[];
  readonly openGaps: Map<string, Set<string>>;
  /** Topic key → cloud time at which it was first told to be carried. */
  readonly carriedSinceMs: Map<string, number>;
  readonly warnings: string[];
  /** How the stream ended: `running`, `ended`, or with what error. */
  end: unknown;
}

/** @param tell hears what happens, for whoever replays a seed */
export async function runLineWorld(
  seed: number,
  tell: (line: string) => void = () => undefined,
): Promise<WorldReport> {
  const dice = createDice(seed, "world");
  const isDense = dice.chance(0.5);
  const skewMs = dice.int(-5_000, 5_000);
  const clock = new SimClock(epochMs + skewMs);
  const network = drawNetwork(clock, dice);
  const topics = drawTopics(network, dice);
  const clientDice = dice.fork("client");
  const client = createClient({
    baseUrl: "http://cloud.example",
    credentials: { clientId, clientSecret: "secret" },
    topics,
    ports: { clock, random: () => clientDice.random(), http: network.http, dial: network.dial },
  });
  const say = (text: string): void => tell(`${clock.monotonicMs().toFixed(0).padStart(9)} ${text}`);
  const heard = listen(client, () => network.cloudMs(), say);
  const virtualMs = isDense ? 5 * minute : dice.int(2, 30) * 60 * minute;
  const everyMs = isDense ? 50 : virtualMs / 4_000;
  const life = setInMotion(network, clock, dice.fork("events"), topics, everyMs);

  await clock.runUntil(20 * second);
  const storm = brew(network, clock, dice.fork("faults"), virtualMs, say);
  await clock.runUntil(virtualMs);
  storm.heal();
  // The longest backoff, Retry-After and half-open detection there can be, one after another.
  await clock.runUntil(virtualMs + 6 * minute);
  if (heard.end !== "running") throw heard.end;
  for (const { topic, state } of client.topics()) {
    assert.equal(state, "live", `after everything has healed ${topic} is ${state}`);
  }
  life.stop();
  await clock.runUntil(virtualMs + 8 * minute);
  assert.equal(heard.openGaps.size, 0, "after everything has healed no gap is open");
  await client.close();
  await clock.runUntil(virtualMs + 9 * minute);
  assert.equal(heard.end, "ended", "the stream ends after close");

  const { missing, emitted } = weigh(network, heard, topics, skewMs);
  return {
    seed,
    emitted,
    delivered: heard.deliveries.size,
    missing,
    gaps: heard.closedGaps.length,
    faults: storm.count(),
    virtualMs,
  };
}

function drawNetwork(clock: SimClock, dice: Dice): Network {
  const slow = dice.pick([5, 40, 150, 400]);
  const settings: Partial<Settings> = {
    deadChannelUpgradeStatus: dice.pick([401, 403, 404]),
    tokenExpiry: dice.pick(["nothing", "closes-sockets", "kills-channels"]),
    tokenRevocation: dice.pick(["nothing", "closes-sockets", "kills-channels"]),
    channelAccess: dice.pick(["client", "token"]),
    displacedSocket: dice.pick([
      "cut",
      { code: 1000, reason: "" },
      { code: 1001, reason: "replaced" },
    ]),
    displacedNotice: dice.chance(0.5),
    evictedChannelSocket: dice.pick(["cut", "stay", { code: 1001, reason: "evicted" }]),
    postReplyLists: dice.pick(["all", "added"]),
    ledgerEntriesMax: 100_000,
    ledgerBodyCharactersMax: 1,
  };
  return new Network(clock, dice.fork("network"), [1, slow], {
    seed: dice.int(1, 1_000_000),
    clients: [
      {
        clientId,
        clientSecret: "secret",
        accessTokenValiditySeconds: dice.pick([300, 3_600, 86_400]),
      },
    ],
    settings,
  });
}

function drawTopics(network: Network, dice: Dice): readonly string[] {
  const { queues, agents } = network.cloud.world;
  const all = [
    ...queues.flatMap(({ id }) => [
      `v2.routing.queues.${id}.conversations`,
      `v2.routing.queues.${id}.users`,
    ]),
    ...agents.flatMap(({ id }) => [`v2.users.${id}.presence`, `v2.users.${id}.routingStatus`]),
  ];
  return all.filter(() => dice.chance(0.5));
}

/** Something happens on a wanted topic every now and then. */
function setInMotion(
  network: Network,
  clock: SimClock,
  dice: Dice,
  topics: readonly string[],
  everyMs: number,
): { stop: () => void } {
  let isMoving = true;
  let number = 0;
  const tick = (): void => {
    if (!isMoving) return;
    // Half of the bodies recur, as those of members joining and leaving do.
    const body = dice.chance(0.5) ? { joined: true } : { number: ++number };
    network.cloud.emit(dice.pick(topics), body, network.cloudMs());
    clock.at(clock.monotonicMs() + dice.between(0, 2 * everyMs), tick);
  };
  tick();
  return {
    stop: () => {
      isMoving = false;
    },
  };
}

function brew(
  network: Network,
  clock: SimClock,
  dice: Dice,
  untilMs: number,
  say: (text: string) => void,
): { heal: () => void; count: () => number } {
  const kinds = faultKinds.filter(() => dice.chance(0.5));
  const faults = kinds.length === 0 ? [dice.pick(faultKinds)] : kinds;
  const everyMs = dice.pick([10 * second, 45 * second, 5 * minute]);
  let struck = 0;
  let isBrewing = true;
  const strike = (): void => {
    if (!isBrewing || clock.monotonicMs() >= untilMs) return;
    const fault: FaultKind = dice.pick(faults);
    say(`fault: ${fault.name}`);
    fault.strike(network, clock, dice);
    struck++;
    clock.at(clock.monotonicMs() + dice.between(0, 2 * everyMs), strike);
  };
  strike();
  return {
    heal: () => {
      isBrewing = false;
      network.heal();
    },
    count: () => struck,
  };
}

function listen(client: Client, cloudMs: () => number, say: (text: string) => void): Heard {
  const heard: Heard = {
    deliveries: new Map(),
    closedGaps: [],
    openGaps: new Map(),
    carriedSinceMs: new Map(),
    warnings: [],
    end: "running",
  };
  const take = (event: ClientEvent): void => {
    if (event.type !== "notification") say(summary(event));
    switch (event.type) {
      case "notification": {
        const id = event.correlationId ?? "";
        heard.deliveries.set(id, (heard.deliveries.get(id) ?? 0) + 1);
        return;
      }
      case "gap":
        return takeGap(heard, event);
      case "subscribed":
        for (const topic of event.topics) {
          const key = topic.toLowerCase();
          if (!heard.carriedSinceMs.has(key)) heard.carriedSinceMs.set(key, cloudMs());
        }
        return;
      case "rejected":
        throw new assert.AssertionError({ message: `rejected: ${event.topic}, ${event.reason}` });
      case "warning":
        assert.notEqual(event.error.code, "INTERNAL", event.error.stack);
        heard.warnings.push(event.error.code);
        return;
      case "budget":
      case "connected":
      case "disconnected":
      case "trace":
        return;
    }
  };
  const read = async (): Promise<void> => {
    for await (const event of client.events()) take(event);
  };
  void read().then(
    () => (heard.end = "ended"),
    (error: unknown) => (heard.end = error),
  );
  return heard;
}

function summary(event: ClientEvent): string {
  return JSON.stringify(event, (_, value: unknown) =>
    Array.isArray(value) && value.length > 2
      ? `${value.length} items`
      : value instanceof Error
        ? value.message
        : value,
  );
}

function takeGap(heard: Heard, gap: GapEvent): void {
  const keys = gap.topics.map((topic) => topic.toLowerCase());
  if (gap.state === "open") {
    assert.equal(heard.openGaps.has(gap.id), false, `gap ${gap.id} opens once`);
    heard.openGaps.set(gap.id, new Set(keys));
    return;
  }
  const open = heard.openGaps.get(gap.id);
  assert.ok(open, `gap ${gap.id} closes after it opened`);
  for (const key of keys) assert.ok(open.delete(key), `gap ${gap.id} closes for ${key} once`);
  if (open.size === 0) heard.openGaps.delete(gap.id);
  assert.ok(gap.toMs !== undefined && gap.toMs >= gap.fromMs, `gap ${gap.id} runs forward`);
  heard.closedGaps.push(gap);
}

/** The promise itself, for every topic since it was first told to be carried. */
function weigh(
  network: Network,
  heard: Heard,
  topics: readonly string[],
  skewMs: number,
): { missing: number; emitted: number } {
  const wanted = new Set(topics.map((topic) => topic.toLowerCase()));
  const page = network.cloud.ledger.query();
  assert.equal(page.forgotten, 0, "the ledger still has everything");
  const carried = page.entries.filter(({ topic, atMs }) => {
    const key = topic.toLowerCase();
    return wanted.has(key) && atMs >= (heard.carriedSinceMs.get(key) ?? Number.POSITIVE_INFINITY);
  });
  const books = balance(
    carried.map(({ topic, atMs, correlationId }) => ({
      id: correlationId,
      topic,
      atMs: atMs + skewMs,
    })),
    heard.deliveries,
    heard.closedGaps,
  );
  assert.deepEqual(books.lost, [], "events are missing, in no gap");
  assert.deepEqual(books.duplicated, [], "events came more than once");
  return { missing: books.declaredLost, emitted: books.emitted };
}
