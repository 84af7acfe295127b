/**
 * Malformed requests, bodies, headers, paths, upgrades and frames by the thousand on a mock in a process of its own: it
 * stays, it does not grow, and every answer says by a code what was wrong. `FUZZ` shots, drawn from `FUZZ_SEED`.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { holster, shoot, shootBytes, shootFrame, type Finding, type Target } from "./fuzz-gun.ts";
import { apiShot, bytesShot, controlShot, frameShot, upgradeShot } from "./fuzz-shots.ts";
import type { Holdings } from "./mock-process.ts";

const shots = Number(process.env["FUZZ"] ?? 3_000);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const perRound = 500;
/** Shots under way at a time. */
const lanes = 16;
/** Of a shot that found something. */
const shownMax = 1_000;
/** Heap may breathe so much between two looks. */
const breathBytes = 2 * 1024 * 1024;

interface Told {
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

let mock: ChildProcess;
let told: Told;
let complaints = "";

beforeAll(async () => {
  mock = fork(new URL("mock-process.ts", import.meta.url), {
    execArgv: ["--expose-gc", "--conditions=@trunkline/source"],
    silent: true,
  });
  mock.stderr?.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  [told] = (await once(mock, "message")) as [Told];
});

afterAll(() => {
  mock.disconnect();
});

async function holdings(): Promise<Holdings> {
  mock.send("look");
  const [held] = (await once(mock, "message")) as [Holdings];
  return held;
}

/** Ends what shots at the control API have left behind, and makes a token and a channel that live. */
async function target(): Promise<Target> {
  const { apiUrl, clientId, clientSecret } = told;
  for (const path of ["faults", "scenario"])
    await fetch(`${apiUrl}/_control/${path}`, { method: "DELETE" });
  await fetch(`${apiUrl}/_control/faults`, {
    method: "POST",
    body: JSON.stringify({ fault: "enableClient", clientId }),
  });
  const login = await fetch(`${apiUrl}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const made = await fetch(`${apiUrl}/api/v2/notifications/channels`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  const { id: channelId } = (await made.json()) as { id: string };
  return { port: Number(new URL(apiUrl).port), token, channelId };
}

interface Kind {
  readonly name: string;
  readonly part: number;
  readonly lanes: number;
  readonly fire: (count: number, seed: number, at: Target) => readonly (() => Promise<Finding>)[];
}

function kind<Shot>(
  name: string,
  part: number,
  shot: fc.Arbitrary<Shot>,
  fire: (shot: Shot, at: Target) => Promise<Finding>,
  width = lanes,
): Kind {
  return {
    name,
    part,
    lanes: width,
    fire: (count, seed, at) =>
      fc.sample(shot, { numRuns: count, seed }).map((one) => async () => {
        const finding = await fire(one, at);
        return finding === undefined
          ? undefined
          : `${finding} to ${JSON.stringify(one).slice(0, shownMax)}`;
      }),
  };
}

const kinds: readonly Kind[] = [
  kind("requests", 0.6, apiShot, shoot),
  kind("bytes", 0.1, bytesShot, shootBytes),
  kind("upgrades", 0.08, upgradeShot, shootBytes),
  // One socket a channel: a second one would end the first.
  kind("frames", 0.1, frameShot, shootFrame, 1),
  kind("control", 0.12, controlShot, shoot),
];

async function fireAll(kind: Kind, count: number, seed: number): Promise<readonly string[]> {
  const findings: string[] = [];
  const waiting = [...kind.fire(count, seed, await target())];
  const lane = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const finding = await next();
      if (finding !== undefined) findings.push(`seed ${seed}, ${kind.name}: ${finding}`);
    }
  };
  await Promise.all(Array.from({ length: kind.lanes }, lane));
  return findings;
}

test(
  `survives ${shots} malformed requests, bytes, upgrades and frames from seed ${seed}`,
  async () => {
    const rounds = Math.max(2, Math.ceil(shots / perRound));
    let warm: Holdings | undefined;
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) {
        const count = Math.ceil(perRound * kind.part);
        const findings = await fireAll(kind, count, seed * 1_000_003 + round);
        expect(findings.slice(0, 5)).toEqual([]);
      }
      expect(mock.exitCode).toBe(null);
      // By then code is compiled and rings are full.
      if (round === Math.floor(rounds / 3)) warm = await holdings();
    }
    await target();
    holster();
    const heap = (await holdings()).heapBytes;
    expect(heap - (warm?.heapBytes ?? 0)).toBeLessThan(breathBytes);
    await expect.poll(async () => (await holdings()).openSockets, { timeout: 10_000 }).toBe(0);
    await expect
      .poll(async () => (await holdings()).resources, { timeout: 10_000 })
      .toBeLessThanOrEqual(warm?.resources ?? 0);
    expect(complaints).toBe("");
  },
  shots * 60 + 60_000,
);
