/**
 * The memory of `trunkline run` with 19 lines of 1,000 topics, as the operating system sees it: after the
 * start, after a minute under 1,000 events a second (or a third of the time), and at the end. The mock
 * is in a process of its own.
 */
import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { median } from "./sender.ts";

export interface Residence {
  readonly startMb: number;
  readonly earlyMb: number;
  readonly lateMb: number;
  /** Entries in the journal at the end. */
  readonly stored: number;
}

interface Mock {
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly topics: readonly string[];
}

/** One channel of the 20 is spare. */
const topicsMax = 19 * 1_000;
const rate = 1_000;
const settleMs = 3_000;
const sampleMs = 1_000;
const command = fileURLToPath(new URL("../../packages/cli/bin/trunkline.js", import.meta.url));

export async function residence(folder: string, minutes: number): Promise<Residence> {
  const mock = fork(new URL("mock.js", import.meta.url), [String(topicsMax), String(rate)]);
  const [told] = (await once(mock, "message")) as [Mock];
  const { apiUrl, clientId, clientSecret, topics } = told;
  const file = join(folder, "trunkline.yaml");
  // JSON is YAML too.
  writeFileSync(
    file,
    JSON.stringify({
      dataDir: join(folder, "data"),
      http: { port: 0 },
      trunks: [{ name: "main", baseUrl: apiUrl, topics }],
    }),
  );
  const relay = spawn(process.execPath, [command, "run", "-c", file, "--json"], {
    env: {
      ...process.env,
      GENESYSCLOUD_OAUTHCLIENT_ID: clientId,
      GENESYSCLOUD_OAUTHCLIENT_SECRET: clientSecret,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    relay.stdout.setEncoding("utf8");
    const [line] = (await once(relay.stdout, "data")) as [string];
    const { url } = JSON.parse(line) as { readonly url: string };
    const residentMb = (): number => {
      const kib = execFileSync("ps", ["-o", "rss=", "-p", String(relay.pid)], { encoding: "utf8" });
      return Number(((Number(kib) * 1_024) / 1_000_000).toFixed(1));
    };
    await sleep(settleMs);
    const startMb = residentMb();
    mock.send("pour");
    const samples: number[] = [];
    for (let spentMs = 0; spentMs < minutes * 60_000; spentMs += sampleMs) {
      await sleep(sampleMs);
      samples.push(residentMb());
    }
    const watched = samples.slice(Math.min(60, Math.floor(samples.length / 3)));
    const third = Math.ceil(watched.length / 3);
    const answer = await fetch(`${url}/admin/journal`);
    const { entries } = (await answer.json()) as { readonly entries: number };
    return {
      startMb,
      earlyMb: median(watched.slice(0, third)),
      lateMb: median(watched.slice(-third)),
      stored: entries,
    };
  } finally {
    relay.kill("SIGTERM");
    await once(relay, "exit");
    mock.disconnect();
  }
}
