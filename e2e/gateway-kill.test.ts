/**
 * `kill -9` at random moments under load, with subscribers of the Event API that come back with the cursor of
 * what they had last: each gets every event and every gap that is in the journal, once and in order. `KILLS`
 * kills, from `SIM_SEED`.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDice } from "@trunkline/testkit";
import { afterEach, expect, test } from "vitest";
import { endAll, trunkline, type Ready } from "../packages/cli/src/testing/processes.ts";
import { hashClientSecret } from "../packages/relay/src/gateway/access/secret-hash.ts";
import { firstDifference, kinds, owed } from "./gateway-books.ts";
import { Follower, type Way } from "./gateway-follower.ts";
import { gapsOf, lookAtDisk } from "./relay-books.ts";
import {
  eventually,
  folder,
  liveliestTopics,
  publish,
  startRelay,
  writeConfig,
} from "./relay-rig.ts";

afterEach(endAll);

const kills = Number(process.env["KILLS"] ?? 3);
const seed = Number(process.env["SIM_SEED"] ?? Date.now() % 1_000_000);
const subscribers = 50;
const secret = "a-secret-of-256-bits";

async function logIn(url: string): Promise<Way> {
  const response = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`wallboard:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token: token } = (await response.json()) as { readonly access_token: string };
  return { url, token };
}

test(
  `killed ${kills} times under load, ${subscribers} subscribers that come back get all that is in the journal, once and in order (SIM_SEED=${seed})`,
  async () => {
    const dice = createDice(seed, "gateway-kill");
    const mock = trunkline(`mock --port 0 --rate 1200 --seed ${1 + (seed % 1_000)} --json`);
    const ready = JSON.parse((await mock.until("out", /^\{.*\}$/mu))[0]) as Ready;
    const { controlUrl, clientSecret } = ready;
    const topics = await liveliestTopics(controlUrl);
    const dir = folder();
    const scopes = ["analytics:events:read"];
    const clients = [{ id: "wallboard", secretHash: hashClientSecret(secret), scopes }];
    const config = writeConfig({ dir, mock: ready, topics, more: { gateway: { clients } } });
    let way: Way | undefined;
    const followers = Array.from({ length: subscribers }, (_, index) => {
      const kind = dice.pick(kinds);
      const message = { eventTypes: kind.eventTypes, filters: { divisions: ["self"] } };
      const follower = new Follower(message, "0", index % 10 === 0);
      void follower.follow(() => way);
      return { kind, follower };
    });

    for (let kill = 0; kill < kills; kill++) {
      const relay = startRelay(config, clientSecret);
      const had = followers.map(({ follower }) => follower.connections);
      if (kill === 0 || dice.chance(0.75)) {
        way = await logIn(await relay.url);
        await eventually("subscribers that are back", () =>
          followers.every(({ follower }, index) => follower.connections > (had[index] ?? 0)),
        );
      }
      await sleep(dice.between(0, 2_500));
      await relay.kill();
      way = undefined;
    }

    const relay = startRelay(config, clientSecret);
    way = await logIn(await relay.url);
    const last = topics.filter((topic) => /\.(?:presence|conversations)$/u.test(topic));
    for (const topic of last) await publish(controlUrl, topic, { probe: topic });
    await eventually("the probes at all subscribers", () =>
      followers.every(({ follower }) => follower.probes > 0),
    );
    await relay.kill();

    const disk = await lookAtDisk(join(dir, "data"));
    const wrong = followers.flatMap(({ kind, follower }) => {
      const difference = firstDifference(follower.told, owed(disk.entries, kind));
      return difference === undefined ? [] : [{ eventTypes: kind.eventTypes, difference }];
    });
    expect(wrong).toEqual([]);
    expect(followers.flatMap(({ follower }) => follower.errors)).toEqual([]);
    const killed = gapsOf(disk).filter(({ cause }) => cause === "killed");
    expect(killed.length).toBeGreaterThan(0);
    const told = followers.map(({ follower }) => follower.told.length);
    const gaps = followers.map(
      ({ follower }) => follower.told.filter(({ type }) => type === "gap").length,
    );
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    process.stdout.write(
      `${kills} kills: ${disk.head} entries, ${killed.length} states of gaps by kills; ${subscribers} subscribers ` +
        `were told ${sum(told)} events and gaps over ${sum(followers.map(({ follower }) => follower.connections))} connections\n`,
    );
  },
  60_000 + kills * 15_000,
);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
