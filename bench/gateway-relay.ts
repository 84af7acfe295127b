/** The relay of the gateway benchmark: the real one, in front of a mock that says nothing; events are appended to its journal. */
import { fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRelay, hashClientSecret } from "@trunkline/relay";
import { groups, socketsMax, toldOf } from "./gateway-events.ts";
import type { Side } from "./gateway-stage.ts";
import { bareConfig, quiet } from "./relay-config.ts";

export async function openRelay(): Promise<Side> {
  const mock = fork(new URL("mock.js", import.meta.url));
  const [upstream] = (await once(mock, "message")) as [
    { readonly apiUrl: string; readonly clientId: string; readonly clientSecret: string },
  ];
  const folder = mkdtempSync(join(tmpdir(), "trunkline-bench-"));
  const told = Array.from({ length: groups }, () => toldOf(randomUUID()));
  const secret = randomBytes(32).toString("base64url");
  const { apiUrl, clientId, clientSecret } = upstream;
  const topics = told.map(({ topic }) => topic);
  const bare = bareConfig(folder, apiUrl, topics, clientId, clientSecret);
  const client = {
    id: "wallboard",
    secretHash: hashClientSecret(secret),
    scopes: ["analytics:events:read"],
    eventTypes: undefined,
    trunks: undefined,
    genesysClientId: undefined,
  };
  const gateway = { ...bare.gateway, clients: [client], connectionsPerAddressMax: socketsMax };
  const relay = await createRelay({ config: { ...bare, gateway }, log: quiet });
  await relay.ready;
  const { journal } = relay.service;
  return {
    port: Number(new URL(relay.url).port),
    path: "/api/v2/analytics/events",
    token: await tokenOf(relay.url, client.id, secret),
    hellos: told.map(({ queueId }) =>
      JSON.stringify({
        id: "mine",
        eventTypes: ["conversation:updated"],
        filters: { queueId },
      }),
    ),
    tells: "journal",
    head: () => journal.head,
    emit: (group) => {
      const event = told[group];
      if (event === undefined) return undefined;
      return journal.append([
        {
          kind: "event",
          trunk: "main",
          topic: event.topic,
          receivedAtMs: Date.now(),
          maybeDuplicate: false,
          raw: event.frame,
          // As the intake would have it.
          derived: ["conversation:updated"],
        },
      ]);
    },
    grown: (after) => journal.grown(after, new AbortController().signal),
    close: async () => {
      await relay.stop();
      mock.disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function tokenOf(url: string, id: string, secret: string): Promise<string> {
  const response = await fetch(`${url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: id,
      client_secret: secret,
    }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { access_token: token } = (await response.json()) as { readonly access_token: string };
  return token;
}
