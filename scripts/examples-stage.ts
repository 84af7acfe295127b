/** What the examples run against: a mock, a relay that can be restarted, and a road to it that can be cut. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMock } from "@trunkline/mock";
import { createRelay, hashClientSecret, type Relay, type RelayConfig } from "@trunkline/relay";
import { bareConfig, quiet } from "../bench/relay-config.ts";
import { startProxy } from "../e2e/proxy.ts";

/** Short, so that each example needs a second one on the way; it ends on a whole second, up to one earlier. */
export const tokenLifeMs = 6_000;

/** Events a second of the contact centre, of which an example hears some; and of an agent who is never at rest. */
const rate = 30;
const restlessPerSecond = 15;

export interface Stage extends AsyncDisposable {
  /** What an example finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Every connection between the example and the relay breaks off, without a goodbye. */
  cut(): void;
  /** The relay ends in peace, and another one starts in its place. */
  restart(): Promise<void>;
  /** What the relay has counted since its start, in the format of Prometheus. */
  metrics(): Promise<string>;
  /** Cursors of the events from one cursor to another, both included, as the journal has them. */
  cursors(first: string, last: string, types: readonly string[]): Promise<readonly string[]>;
}

export async function createStage(): Promise<Stage> {
  const mock = await createMock({ rate });
  const [agent] = mock.cloud.world.agents;
  const restless = setInterval(() => {
    const presence = { source: "PURECLOUD", presenceDefinition: { systemPresence: "AVAILABLE" } };
    mock.cloud.emit(`v2.users.${agent?.id}.presence`, presence, mock.nowMs());
  }, 1_000 / restlessPerSecond);
  const dataDir = mkdtempSync(join(tmpdir(), "trunkline-examples-"));
  const { clientId, clientSecret } = mock;
  const bare = bareConfig(dataDir, mock.apiUrl, mock.sampleTopics(20), clientId, clientSecret);
  const client = {
    id: "example",
    secretHash: hashClientSecret("example-secret"),
    scopes: ["analytics:events:read"],
    eventTypes: undefined,
    trunks: undefined,
    genesysClientId: undefined,
  };
  const policy = { pingEveryMs: 1_000, pongTimeoutMs: 5_000, overlapMs: 1_000 };
  const start = async (port: number): Promise<Relay> => {
    const config: RelayConfig = {
      ...bare,
      http: { ...bare.http, port },
      trunks: bare.trunks.map((trunk) => ({ ...trunk, policy })),
      gateway: { ...bare.gateway, tokenLifeMs, clockLeewayMs: 0, clients: [client] },
    };
    const started = await createRelay({ config, log: quiet });
    await started.ready;
    return started;
  };
  let relay = await start(0);
  const { url } = relay;
  const proxy = await startProxy(url, 0);
  return {
    env: {
      TRUNKLINE_URL: proxy.url,
      TRUNKLINE_CLIENT_ID: client.id,
      TRUNKLINE_CLIENT_SECRET: "example-secret",
    },
    cut: () => proxy.cut(),
    restart: async () => {
      await relay.stop();
      relay = await start(Number(new URL(url).port));
    },
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    cursors: async (first, last, types) => {
      const { journal } = relay.service;
      const end = positionOf(last);
      const found: string[] = [];
      for (let after = positionOf(first) - 1; after < end;) {
        const { entries, next } = await journal.read({ after, limit: 1_000 });
        if (next === after) break;
        after = next;
        for (const entry of entries) {
          if (entry.kind !== "event" || entry.position > end) continue;
          if (types.some((type) => entry.types.includes(type))) found.push(entry.cursor);
        }
      }
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(restless);
      await proxy.close();
      await relay.stop();
      await mock.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A cursor ends in the number of its entry. */
export function positionOf(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}
