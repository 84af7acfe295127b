/**
 * What tests of the relay under faults share: `trunkline run` in a process of its own, a mock in
 * another, a webhook receiver and a reader of entries in the test, and waiting for conditions.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  bin,
  onEnd,
  start,
  type Ready,
  type Running,
} from "../packages/cli/src/testing/processes.ts";
import type { LedgerEntry } from "@trunkline/mock";
import type { SinkReply } from "../packages/relay/src/http/api.ts";

/** Far beyond what anything takes on a slow machine: only a failure waits so long. */
const patienceMs = 40_000;
const lookEveryMs = 20;

/** Waits until `look` gives something, and returns it; errors count as "not yet". */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  ms = patienceMs,
): Promise<T> {
  const untilMs = performance.now() + ms;
  let trouble: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    if (performance.now() > untilMs)
      throw new Error(`not within ${ms} ms: ${what}`, { cause: trouble });
    await sleep(lookEveryMs);
  }
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "trunkline-relay-"));
  onEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

type Options = Readonly<Record<string, unknown>>;

/** The line's timings, with waits that a test can afford, and patience with a busy machine. */
export const quickPolicy = {
  pingEvery: "200ms",
  pongTimeout: "2s",
  silence: "8s",
  backoffFirst: "20ms",
  backoffMax: "200ms",
  stableAfter: "1s",
  gather: "20ms",
};

export interface Setup {
  readonly dir: string;
  readonly mock: Pick<Ready, "apiUrl" | "clientId">;
  readonly topics: readonly string[];
  readonly sinks?: readonly Options[];
  readonly trunk?: Options;
  readonly policy?: Options;
  readonly more?: Options;
}

/** The client's secret as the relay finds it. */
export const secretVariable = "TEST_CLIENT_SECRET";

/** Writes `trunkline.yaml` into a directory, data beside it, and returns its path. JSON is YAML. */
export function writeConfig({ dir, mock, topics, sinks, trunk, policy, more }: Setup): string {
  const path = join(dir, "trunkline.yaml");
  const config = {
    dataDir: "./data",
    http: { port: 0 },
    trunks: [
      {
        name: "main",
        baseUrl: mock.apiUrl,
        clientId: mock.clientId,
        clientSecret: { env: secretVariable },
        topics,
        policy: { ...quickPolicy, ...policy },
        ...trunk,
      },
    ],
    sinks: sinks ?? [],
    ...more,
  };
  writeFileSync(path, JSON.stringify(config, undefined, 2));
  return path;
}

/** `trunkline run`, which may be killed, stopped and asked. */
export class RelayProcess {
  readonly running: Running;
  /** Where it listens, once it is live. */
  readonly url: Promise<string>;

  constructor(running: Running) {
    this.running = running;
    this.url = eventually("the line that says ready", () => {
      const line = /^\{"ready":true.*\}$/mu.exec(running.out)?.[0];
      if (line !== undefined) return (JSON.parse(line) as { readonly url: string }).url;
      if (running.child.exitCode !== null) throw new Error(`it ended\n${running.err}`);
      return undefined;
    });
    // Not everybody waits for a process that is killed at once.
    this.url.catch(() => undefined);
  }

  async kill(): Promise<void> {
    this.running.child.kill("SIGKILL");
    await this.running.exit;
  }

  /** Stops it in peace, and returns its exit code. */
  async stop(): Promise<number | string> {
    this.running.child.kill("SIGTERM");
    return this.running.exit;
  }

  async get(path: string): Promise<{ readonly status: number; readonly json: unknown }> {
    const response = await fetch(`${await this.url}${path}`);
    return { status: response.status, json: await response.json() };
  }

  async sink(name: string): Promise<SinkReply> {
    const { json } = await this.get("/admin/sinks");
    const { sinks } = json as { readonly sinks: readonly SinkReply[] };
    const found = sinks.find((sink) => sink.name === name);
    if (found === undefined) throw new Error(`no sink ${name}`);
    return found;
  }

  /** Lines of its log with this code. */
  logged(code: string): readonly string[] {
    return this.running.err.split("\n").filter((line) => line.includes(`"code":"${code}"`));
  }
}

/** The beginning of a command line, which runs the rest of it. */
export type Launcher = readonly [command: string, ...argv: string[]];

/** @param launcher runs the relay, and is replaced by it */
export function startRelay(
  config: string,
  clientSecret: string,
  launcher?: Launcher,
): RelayProcess {
  const [command, ...argv] = [
    ...(launcher ?? []),
    process.execPath,
    bin,
    "run",
    "-c",
    config,
    "--json",
  ];
  return new RelayProcess(start(command ?? "", argv, { [secretVariable]: clientSecret }));
}

/** All that the mock's ledger has, over its control API. */
export async function readLedger(controlUrl: string): Promise<readonly LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for (;;) {
    const since = all.at(-1)?.sequence ?? 0;
    const response = await fetch(`${controlUrl}/ledger?since=${since}&limit=10000`);
    const page = (await response.json()) as {
      readonly entries: readonly LedgerEntry[];
      readonly forgotten: number;
      readonly more: boolean;
    };
    if (page.forgotten > 0) throw new Error(`the ledger has forgotten ${page.forgotten}`);
    all.push(...page.entries);
    if (!page.more) return all;
  }
}

/** Publishes one event, and returns the ledger's entry of it. */
export async function publish(
  controlUrl: string,
  topic: string,
  body: object,
): Promise<LedgerEntry> {
  const response = await fetch(`${controlUrl}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ topic, body }),
  });
  if (!response.ok)
    throw new Error(`the mock answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as LedgerEntry;
}

/** Topics on which a mock has much to tell. */
export async function liveliestTopics(controlUrl: string): Promise<readonly string[]> {
  type Named = readonly { readonly id: string }[];
  const response = await fetch(`${controlUrl}/state`);
  const { queues, agents } = (await response.json()) as {
    readonly queues: Named;
    readonly agents: Named;
  };
  return [
    ...queues.flatMap(({ id }) => [
      `v2.routing.queues.${id}.conversations`,
      `v2.routing.queues.${id}.users`,
    ]),
    ...agents
      .slice(0, 20)
      .flatMap(({ id }) => [`v2.users.${id}.presence`, `v2.users.${id}.routingStatus`]),
  ];
}

/** One request that a webhook receiver has had to its end. */
export interface Hit {
  readonly id: string;
  readonly subject: string;
  readonly type: string;
  readonly data: unknown;
  readonly headers: IncomingHttpHeaders;
}

type Behaviour = (response: ServerResponse, hit: Hit) => "taken" | "not taken";

export const take: Behaviour = (response) => {
  response.writeHead(204).end();
  return "taken";
};

/** A webhook receiver, whose behaviour changes as the test wants. */
export class Receiver {
  behave: Behaviour = take;
  /** What it answered with success, in the order in which it came. */
  readonly taken: Hit[] = [];
  attempts = 0;
  port = 0;
  #server: Server | undefined;

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Listens, the second time where it did the first. */
  async open(): Promise<this> {
    const server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (more: string) => (text += more));
      request.on("end", () => {
        this.attempts++;
        const event = JSON.parse(text) as Omit<Hit, "headers">;
        const hit = { ...event, headers: request.headers };
        if (this.behave(response, hit) === "taken") this.taken.push(hit);
      });
      response.on("error", () => undefined);
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    if (this.#server === undefined) onEnd(() => this.close());
    this.#server = server;
    return this;
  }

  /** Nothing listens any more. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server?.listening !== true) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }
}

/** Reads entries over HTTP and goes on where it was, as a program would. */
export class Reader {
  /** Whole lines, in the order in which they came, over all connections. */
  readonly lines: string[] = [];
  #cursor = "0";

  /** Reads until the stream ends or breaks; a line that was cut is asked for again. */
  async follow(url: string): Promise<void> {
    try {
      const response = await fetch(`${url}/admin/entries?since=${this.#cursor}`);
      if (!response.ok || response.body === null) return;
      const decoder = new TextDecoder();
      let rest = "";
      for await (const chunk of response.body) {
        const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
        rest = parts.pop() ?? "";
        for (const line of parts) {
          if (line === "") continue;
          this.lines.push(line);
          this.#cursor = (JSON.parse(line) as { readonly cursor: string }).cursor;
        }
      }
    } catch {
      // The relay was killed.
    }
  }
}

/** Whole lines of a file; what has no end yet is none. */
export function linesOf(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1);
}
