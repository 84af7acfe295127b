/**
 * `kill -9` of the relay and tokens that expire, again and again and under load, with the subscriber library: each
 * subscription gets every event and every gap that is in the journal, once and in order. `KILLS` kills and at least
 * `EXPIRIES` connections that are closed since their token is over, from `SIM_SEED`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createEventSubscription,
  gateway,
  type Arrival,
  type TokenSource,
} from "@trunkline/events";
import { createDice } from "@trunkline/testkit";
import { afterEach, expect, test } from "vitest";
import { endAll, onEnd, trunkline, type Ready } from "../packages/cli/src/testing/processes.ts";
import { signToken } from "../packages/relay/src/gateway/access/jwt.ts";
import {
  newSigningKey,
  readSigningKey,
  type SigningKey,
} from "../packages/relay/src/gateway/access/signing-key.ts";
import { sampleClient } from "../packages/relay/src/testing/access-stage.ts";
import { ChaosRoad } from "./chaos-road.ts";
import { firstDifference, kinds, owed, type Kind } from "./gateway-books.ts";
import type { Told } from "./gateway-follower.ts";
import { gapsOf, lookAtDisk } from "./relay-books.ts";
import {
  eventually,
  folder,
  liveliestTopics,
  publish,
  startRelay,
  writeConfig,
  type RelayProcess,
} from "./relay-rig.ts";

afterEach(endAll);

const kills = Number(process.env["KILLS"] ?? 3);
const expiries = Number(process.env["EXPIRIES"] ?? 3);
const seed = Number(process.env["SIM_SEED"] ?? Date.now() % 1_000_000);
const subscribers = 6;
const tokenLifeMs = 1_000;

/** Tokens that live for a second. A late one comes when the one before is over, and the connection with it. */
function briefTokens(key: SigningKey, isLate: boolean): TokenSource {
  let count = 0;
  let last = "";
  let expiresAtMs = 0;
  return {
    token: async (not) => {
      if (last !== "" && last !== not) return last;
      if (isLate) await sleep(Math.max(0, expiresAtMs - Date.now()));
      const nowMs = Date.now();
      expiresAtMs = nowMs + tokenLifeMs;
      last = await signToken(key, {
        id: `${isLate}-${++count}`,
        clientId: "wallboard",
        scopes: ["analytics:events:read"],
        issuedAtMs: nowMs,
        notBeforeMs: nowMs,
        expiresAtMs,
      });
      return last;
    },
  };
}

/** What a subscription has told, and how it fared. */
class Reader {
  readonly told: Told[] = [];
  readonly failures: string[] = [];
  connections = 0;
  expiries = 0;
  pauses = 0;
  probes = 0;
  readonly subscription;

  constructor(url: string, kind: Kind, tokens: TokenSource, isSlow: boolean) {
    this.subscription = createEventSubscription(
      {
        backend: gateway({
          url,
          access: tokens,
          policy: {
            backoffFirstMs: 50,
            backoffMaxMs: 200,
            // What is under test goes wrong far more often than anything in earnest.
            attemptsMax: 100_000,
            refusalsMax: 20,
            renewAgainMs: 400,
          },
        }),
        eventTypes: kind.eventTypes,
        filters: { divisions: ["self"] },
        since: "0",
        allowDuplicate: true,
        ...(isSlow ? { queueMax: 25 } : {}),
        onState: (state) => {
          if (state.kind === "catching-up") this.connections++;
          if (state.kind === "paused") this.pauses++;
          if (state.kind === "waiting" && state.error.code === "TOKEN_EXPIRED") this.expiries++;
        },
      },
      async (arrival) => {
        this.#take(arrival);
        if (isSlow && this.told.length % 20 === 0) await sleep(5);
      },
      (error) => this.failures.push(`${error.code}: ${error.message}`),
    );
    onEnd(() => this.subscription.close());
  }

  /** Where it is, for whoever waits for it. */
  get place(): string {
    const { cursor, state } = this.subscription;
    return `${cursor}, ${state.kind}, ${this.connections} connections, ${this.pauses} pauses`;
  }

  #take(arrival: Arrival): void {
    // What nobody carried since the cursor is told there, and is no entry of the journal.
    if (arrival.id.includes("-uncarried-")) return;
    const { type, cursor } = arrival;
    const data = type === "event" ? JSON.stringify(arrival.data) : undefined;
    if (data?.startsWith('{"probe":') === true) this.probes++;
    this.told.push({ type, cursor, data });
  }
}

test(
  `killed ${kills} times and with ${expiries} expiries under load, ${subscribers} subscriptions get all that is in the journal, once and in order (SIM_SEED=${seed})`,
  async () => {
    const dice = createDice(seed, "subscriber-kill");
    const mock = trunkline(`mock --port 0 --rate 1200 --seed ${1 + (seed % 1_000)} --json`);
    const ready = JSON.parse((await mock.until("out", /^\{.*\}$/mu))[0]) as Ready;
    const { controlUrl, clientSecret } = ready;
    const topics = await liveliestTopics(controlUrl);
    const dir = folder();
    const pem = newSigningKey();
    const signingKey = join(dir, "signing-key.pem");
    writeFileSync(signingKey, pem, { mode: 0o600 });
    const key = await readSigningKey(pem, signingKey);
    const { id, secretHash, scopes } = sampleClient();
    const config = writeConfig({
      dir,
      mock: ready,
      topics,
      more: { gateway: { clients: [{ id, secretHash, scopes }], signingKey, clockLeeway: "0s" } },
    });
    const road = await ChaosRoad.open(0);
    road.isOpen = false;
    const readers = Array.from({ length: subscribers }, (_, index) => {
      const kind = dice.pick(kinds);
      const tokens = briefTokens(key, index % 2 === 0);
      return { kind, reader: new Reader(road.url, kind, tokens, index % 3 === 1) };
    });
    const open = async (): Promise<RelayProcess> => {
      const relay = startRelay(config, clientSecret);
      road.toPort = Number(new URL(await relay.url).port);
      road.isOpen = true;
      return relay;
    };
    const sum = (of: (reader: Reader) => number): number =>
      readers.reduce((all, { reader }) => all + of(reader), 0);

    for (let kill = 0; kill < kills; kill++) {
      const had = readers.map(({ reader }) => reader.connections);
      const relay = await open();
      if (kill === 0 || dice.chance(0.4))
        await eventually("subscriptions that are back", () =>
          readers.every(({ reader }, index) => reader.connections > (had[index] ?? 0)),
        );
      await sleep(dice.between(0, 300));
      await relay.kill();
      road.isOpen = false;
      road.cut();
    }

    const relay = await open();
    await eventually(
      `${expiries} expiries`,
      () => sum(({ expiries: count }) => count) >= expiries,
      60_000,
    );
    const last = topics.filter((topic) => /\.(?:presence|conversations)$/u.test(topic));
    for (const topic of last) await publish(controlUrl, topic, { probe: topic });
    await eventually("the probes at all subscriptions", () => {
      const behind = readers.filter(({ reader }) => reader.probes === 0);
      if (behind.length === 0) return true;
      throw new Error(behind.map(({ reader }) => reader.place).join("; "));
    });
    for (const { reader } of readers) reader.subscription.close();
    await relay.kill();

    const disk = await lookAtDisk(join(dir, "data"));
    const wrong = readers.flatMap(({ kind, reader }) => {
      const difference = firstDifference(reader.told, owed(disk.entries, kind));
      return difference === undefined ? [] : [{ eventTypes: kind.eventTypes, difference }];
    });
    expect(wrong).toEqual([]);
    expect(readers.flatMap(({ reader }) => reader.failures)).toEqual([]);
    expect(gapsOf(disk).filter(({ cause }) => cause === "killed").length).toBeGreaterThan(0);
    process.stdout.write(
      `${kills} kills, ${sum(({ expiries: count }) => count)} expiries, ${sum(({ pauses }) => pauses)} pauses: ${disk.head} entries; ` +
        `${subscribers} subscriptions were told ${sum(({ told }) => told.length)} events and gaps over ${sum(({ connections }) => connections)} connections\n`,
    );
  },
  120_000 + kills * 15_000,
);
