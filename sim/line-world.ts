/**
 * One simulated world: a client, the mock's model, a network with latency, and a storm of faults
 * drawn from the seed (swarm: each kind is off in half of the worlds). Then everything heals, and
 * the line must be whole again. The oracles look at the cloud's ledger, never into the client.
 */
import assert from "node:assert/strict";
import { createClient, type Client } from "@trunkline/client";
import type { Settings } from "@trunkline/mock";
import { balance, createDice, SimClock, type Dice } from "@trunkline/testkit";
import { drawHabits, listen, type Heard } from "./consumer.ts";
import { CoverageOracle } from "./coverage.ts";
import { faultKinds, type FaultKind } from "./faults.ts";
import { clientId, epochMs, Network } from "./network.ts";

const second = 1_000;
const minute = 60 * second;

export interface WorldReport {
  readonly seed: number;
  readonly emitted: number;
  readonly delivered: number;
  readonly missing: number;
  readonly gaps: number;
  /** Events inside coverage that the stream had claimed when it was checked. */
  readonly claims: number;
  readonly faults: number;
  readonly virtualMs: number;
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
  inviteNeighbours(network, clock, dice.fork("neighbours"));
  const client = createClient({
    baseUrl: "http://cloud.example",
    credentials: { clientId, clientSecret: "secret" },
    topics,
    combine: dice.pick(["users", "always", "never"]),
    bufferEventsMax: dice.pick([50, 10_000]),
    redundancy: clientDice.pick([1, 2]),
    policy: { topicsPerLineMax: dice.pick([6, 15, 1_000]) },
    ports: { clock, random: () => clientDice.random(), http: network.http, dial: network.dial },
  });
  const say = (text: string): void => tell(`${clock.monotonicMs().toFixed(0).padStart(9)} ${text}`);
  const oracle = new CoverageOracle(network.cloud.ledger, skewMs);
  const habits = drawHabits(clock, dice.fork("consumer"));
  const heard = listen({ client, habits, oracle, cloudMs: () => network.cloudMs(), skewMs, say });
  const virtualMs = isDense ? 5 * minute : dice.int(2, 30) * 60 * minute;
  const everyMs = isDense ? 50 : virtualMs / 4_000;
  const life = setInMotion(network, clock, dice.fork("events"), topics, everyMs);

  await clock.runUntil(20 * second);
  const storm = brew(network, clock, dice.fork("faults"), virtualMs, say);
  if (dice.chance(0.5)) {
    const mind = { client, heard, topics, untilMs: virtualMs, say };
    changeMind(network, clock, dice.fork("mind"), mind);
  }
  await clock.runUntil(virtualMs);
  storm.heal();
  habits.wake();
  const isWhole = (): boolean =>
    heard.openGaps.size === 0 && client.topics().every(({ state }) => state === "live");
  await clock.runUntil(virtualMs + 2 * minute);
  life.stop();
  // Topics that vanished are found out at the next confirmation, every 10 min. A token that dies
  // every 300 s may take a line down for a moment even then: look again.
  for (let minutes = 12; minutes <= 20; minutes++) {
    await clock.runUntil(virtualMs + minutes * minute);
    if (isWhole()) break;
  }
  if (heard.end !== "running") throw heard.end;
  const states = client.topics().filter(({ state }) => state !== "live");
  assert.deepEqual(states, [], "after everything has healed all topics are live");
  const open = [...heard.openGaps].map(([id, keys]) => `${id}: ${[...keys].join()}`);
  assert.deepEqual(open, [], "after everything has healed no gap is open");
  const wanted = client.topics().map(({ topic }) => topic);
  const closed = client.close({ drainMs: dice.pick([0, 5 * second]) });
  await clock.runUntil(virtualMs + 21 * minute);
  await closed;
  assert.equal(heard.end, "ended", "the stream ends after close");
  oracle.finish(wanted);

  checkManners(network);
  const { missing, emitted } = weigh(network, heard, skewMs);
  return {
    seed,
    emitted,
    delivered: heard.deliveries.size,
    missing,
    gaps: heard.closedGaps.length,
    claims: oracle.claims,
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
    historyMax: 1_000_000,
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

/** Other programs on the same OAuth client: some are there, some come later; each opens its socket. */
function inviteNeighbours(network: Network, clock: SimClock, dice: Dice): void {
  const invite = (): void => {
    const { channels } = network.cloud.state();
    if (channels.length >= 19) return;
    const made = network.ask("POST", "/api/v2/notifications/channels", network.login());
    const { id } = JSON.parse(made?.body ?? "{}") as { id?: string };
    if (id !== undefined) network.cloud.upgrade(`/channels/${id}`, network.cloudMs());
  };
  for (let count = dice.int(0, 6); count > 0; count--) {
    if (dice.chance(0.7)) invite();
    else clock.at(dice.between(second, 10 * minute), invite);
  }
}

/** The consumer drops and adds topics while all this goes on. */
function changeMind(
  network: Network,
  clock: SimClock,
  dice: Dice,
  world: {
    readonly client: Client;
    readonly heard: Heard;
    readonly topics: readonly string[];
    readonly untilMs: number;
    readonly say: (text: string) => void;
  },
): void {
  const { client, heard, topics, untilMs, say } = world;
  const change = (): void => {
    const isLast = clock.monotonicMs() >= untilMs;
    const wanted = isLast ? topics : topics.filter(() => dice.chance(0.8));
    say(`wanted now: ${wanted.length} topics`);
    for (const topic of topics) {
      const span = heard.carried.get(topic.toLowerCase())?.at(-1);
      if (span !== undefined && !wanted.includes(topic)) {
        span.toMs = Math.min(span.toMs, network.cloudMs());
      }
    }
    for (const topic of wanted) {
      if (heard.dropped.has(topic)) heard.wantedSince.set(topic.toLowerCase(), network.cloudMs());
    }
    heard.dropped = new Set(topics.filter((topic) => !wanted.includes(topic)));
    client.setTopics(wanted);
    if (!isLast) clock.at(clock.monotonicMs() + dice.between(second, untilMs / 4), change);
  };
  clock.at(clock.monotonicMs() + dice.between(second, untilMs / 4), change);
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

/** The promise itself, for every topic while it was told to be carried and still wanted. */
function weigh(
  network: Network,
  heard: Heard,
  skewMs: number,
): { missing: number; emitted: number } {
  const page = network.cloud.ledger.query();
  assert.equal(page.forgotten, 0, "the ledger still has everything");
  const carried = page.entries.filter(({ topic, atMs }) =>
    heard.carried
      .get(topic.toLowerCase())
      ?.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs),
  );
  const stillOpen = [...heard.opened.values()].filter(({ id }) => heard.openGaps.has(id));
  const books = balance(
    carried.map(({ topic, atMs, correlationId }) => ({
      id: correlationId,
      topic,
      atMs: atMs + skewMs,
    })),
    heard.deliveries,
    [...heard.closedGaps, ...stillOpen],
  );
  const [lost] = books.lost;
  const atMs = (lost?.atMs ?? 0) - skewMs - epochMs;
  assert.equal(
    lost,
    undefined,
    `${books.lost.length} events missing in no gap, first ${lost?.topic} at ${atMs}`,
  );
  // A topic that moved because its line was full may stand on both channels for a moment.
  const twice = books.duplicated.find(
    ({ topic }) => (heard.linesOf.get(topic.toLowerCase())?.size ?? 0) < 2,
  );
  assert.equal(
    twice,
    undefined,
    `${twice?.topic} came twice at ${(twice?.atMs ?? 0) - skewMs - epochMs}`,
  );
  return { missing: books.declaredLost, emitted: books.emitted };
}

/** No channel with an open socket was evicted, and the service never had more requests than allowed. */
function checkManners(network: Network): void {
  const open = new Map<string, Set<number>>();
  for (const { what, channelId = "", socketId = 0 } of network.cloud.ledger.history()) {
    const sockets = open.get(channelId) ?? new Set();
    open.set(channelId, sockets);
    if (what === "socket-opened") sockets.add(socketId);
    else if (what === "socket-ended" || what === "socket-closed") sockets.delete(socketId);
    else if (what === "channel-evicted") {
      assert.equal(sockets.size, 0, `${channelId} was evicted though in use`);
    }
  }
  const most = network.requestsInAnyMinute;
  assert.ok(most <= 300, `${most} requests in a minute`);
}
