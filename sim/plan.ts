/** What a simulated world is made of: everything here is drawn from its seed before it begins. */
import type { ClientOptions, Policy } from "@trunkline/client";
import type { CloudOptions, Settings } from "@trunkline/mock";
import type { Dice } from "@trunkline/testkit";
import type { DeliveryOptions } from "../packages/relay/src/config/config.ts";
import type { Retention } from "../packages/relay/src/journal/journal.ts";
import type { Mood } from "./destinations.ts";
import type { DiskTraits } from "./disk.ts";
import { clientId } from "./network.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Tells what happens, to whoever replays a seed. */
export type Say = (text: string | (() => string)) => void;

export interface WorldPlan {
  readonly seed: number;
  readonly isDense: boolean;
  readonly stormMs: number;
  /** Mean time between two events, and between two faults. */
  readonly eventEveryMs: number;
  readonly faultEveryMs: number;
  /** Events that one happening brings, at most. */
  readonly burstMax: number;
  /** The relay's wall clock minus the cloud's, at the start. */
  readonly skewMs: number;
  readonly oneWayMs: readonly [number, number];
  readonly cloud: Omit<CloudOptions, "streamingUrl" | "startAtMs">;
  /** Chance of a topic to be wanted. */
  readonly topics: readonly string[];
  readonly neighbours: number;
  readonly combine: NonNullable<ClientOptions["combine"]>;
  readonly redundancy: NonNullable<ClientOptions["redundancy"]>;
  readonly bufferEventsMax: number;
  readonly policy: Partial<Policy>;
  readonly retention: Retention;
  readonly disk: DiskTraits;
  readonly delivery: DeliveryOptions;
  /** Which topics each sink gets; undefined means all. */
  readonly filters: Readonly<Record<"output" | "webhook", readonly string[] | undefined>>;
  readonly moods: { readonly output: Mood; readonly webhook: Mood };
  /** Whether the configuration changes while all this goes on. */
  readonly changesTopics: boolean;
  /** Whether faults may set the relay's wall clock or suspend it. */
  readonly clockHolds: boolean;
  readonly checksCoverage: boolean;
}

/** Worlds of these seeds that are not dense last for weeks: for large counts of virtual days. */
export const longSeedsFrom = 10_001;

/**
 * Dense worlds of these seeds, the first tier's, have half the storm; those of the second tier all of it, and
 * so have the first six, in which mutants must be caught.
 */
const briefSeeds = { from: 7, to: 1_000 } as const;

/** What is wanted is drawn when there is a cloud to have it. */
export type DrawnPlan = Omit<WorldPlan, "topics">;

export function drawPlan(seed: number, dice: Dice): DrawnPlan {
  const isDense = dice.chance(0.5);
  const isBrief = seed >= briefSeeds.from && seed <= briefSeeds.to;
  const isLong = !isDense && seed >= longSeedsFrom;
  const stormMs = isDense
    ? (isBrief ? 5 : 10) * minute
    : Math.round(isLong ? dice.between(8, 30) * 24 * hour : hour * 4 ** dice.between(1, 3.1));
  const days = stormMs / (24 * hour);
  const redundancy = dice.pick([1, 2] as const);
  const neighbours = dice.int(0, 6);
  const clockHolds = dice.chance(0.6);
  return {
    seed,
    isDense,
    stormMs,
    eventEveryMs: isDense ? 20 : stormMs / (500 + (isLong ? 300 : 1_000) * days),
    burstMax: dice.pick(isDense ? [5, 12, 30] : [1, 5, 20]),
    faultEveryMs: isDense
      ? dice.pick([4 * second, 15 * second, minute])
      : isLong
        ? hour * dice.between(0.6, 1.2)
        : stormMs / dice.between(20, 40 + 40 * days),
    skewMs: dice.int(-5_000, 5_000),
    oneWayMs: [1, dice.pick([5, 40, 150, 400])],
    cloud: drawCloud(dice, isDense ? [300, 1_200, 86_400] : [3_600, 14_400, 86_400]),
    neighbours,
    combine: dice.pick(["users", "always", "never"]),
    redundancy,
    bufferEventsMax: dice.pick([50, 10_000]),
    policy: {
      // Lines must fit into the channels that neighbours and a second session leave.
      topicsPerLineMax: isLong
        ? 1_000
        : redundancy === 1
          ? dice.pick([8, 15, 1_000])
          : dice.pick([20, 1_000]),
      ...(isDense ? {} : { pingEveryMs: (isLong ? 2 : 1) * minute, confirmEveryMs: 10 * minute }),
    },
    retention: { maxAgeMs: dice.pick([3, 12]) * hour, bytesMax: 1e12 },
    disk: {
      commitMs: dice.pick([
        [0.5, 5],
        [2, 20],
        [10, 60],
      ] as const),
      limits: { waitingDraftsMax: dice.pick([200, 65_536]) },
    },
    delivery: drawDelivery(dice),
    filters: {
      output: dice.chance(0.5)
        ? undefined
        : ["v2.users.*.routingStatus", "v2.routing.queues.*.conversations"],
      webhook: dice.chance(0.3)
        ? undefined
        : dice.pick([["v2.users.*.presence"], ["v2.routing.queues.*.users"]]),
    },
    moods: { output: drawMood(dice, 0), webhook: drawMood(dice, dice.pick([0, 0, 997])) },
    changesTopics: dice.chance(0.5),
    clockHolds,
    checksCoverage: clockHolds && dice.chance(0.5),
  };
}

function drawDelivery(dice: Dice): DeliveryOptions {
  return {
    batchEntriesMax: dice.pick([20, 200]),
    batchBytesMax: 1_048_576,
    inFlightMax: dice.pick([1, 1, 3]),
    retryFirstMs: 100,
    retryMaxMs: dice.pick([second, 10 * second]),
    writeTimeoutMs: 10 * second,
    deadLettersMax: 100_000,
  };
}

function drawMood(dice: Dice, refuseEvery: number): Mood {
  return {
    latencyMs: dice.pick([50, 200, 500]),
    failChance: dice.pick([0, 0.01, 0.2]),
    refuseEvery,
  };
}

function drawCloud(dice: Dice, tokenSeconds: readonly number[]): WorldPlan["cloud"] {
  const deaths = ["nothing", "closes-sockets", "kills-channels"] as const;
  const settings: Partial<Settings> = {
    deadChannelUpgradeStatus: dice.pick([401, 403, 404]),
    tokenExpiry: dice.pick(deaths),
    tokenRevocation: dice.pick(deaths),
    channelAccess: dice.pick(["client", "token"]),
    displacedSocket: dice.pick([
      "cut",
      { code: 1000, reason: "" },
      { code: 1001, reason: "replaced" },
    ]),
    displacedNotice: dice.chance(0.5),
    announcedSocketAfterMove: dice.pick(["keeps-receiving", "displaced"]),
    evictedChannelSocket: dice.pick(["cut", "stay", { code: 1001, reason: "evicted" }]),
    expiredChannelSocket: dice.pick(["cut", "stay", { code: 1001, reason: "expired" }]),
    postReplyLists: dice.pick(["all", "added"]),
    expiresMoves: dice.chance(0.5),
    reconnectRenews: dice.chance(0.5),
    ledgerEntriesMax: 50_000,
    historyMax: 50_000,
  };
  const accessTokenValiditySeconds = dice.pick(tokenSeconds);
  return {
    seed: dice.int(1, 1_000_000),
    clients: [{ clientId, clientSecret: "secret", accessTokenValiditySeconds }],
    settings,
  };
}
