/** The webhook sink on real sockets: receivers that behave, fail, hang, lie and break off. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { lookup as Lookup } from "node:dns";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { Secret, type Clock } from "@trunkline/client";
import { Webhook } from "standardwebhooks";
import { expect, onTestFinished, test } from "vitest";
import type { WebhookOptions } from "../packages/relay/src/config/config.ts";
import {
  createWebhookHttp,
  type WebhookHttpOptions,
} from "../packages/relay/src/platform/webhook-http.ts";
import { createWebhookSink } from "../packages/relay/src/sinks/webhook/webhook.ts";
import type { Sink, WriteOutcome } from "../packages/relay/src/sinks/sink.ts";
import { sampleEvent } from "../packages/relay/src/testing/sample-entries.ts";
import { selfSigned } from "./certificate.ts";

const never = new AbortController().signal;
const batch = [sampleEvent(1), sampleEvent(2), sampleEvent(3)];

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

function sinkTo(
  url: string,
  options: Partial<WebhookOptions> = {},
  httpOptions: WebhookHttpOptions = {},
): Sink {
  const sink = createWebhookSink(
    {
      url,
      method: "POST",
      headers: {},
      body: undefined,
      mode: "event",
      secret: undefined,
      timeoutMs: 5_000,
      allow: ["127.0.0.0/8"],
      refuseStatuses: [],
      ...options,
    },
    { clock, http: (guard) => createWebhookHttp(guard, httpOptions) },
  );
  onTestFinished(() => sink.close());
  return sink;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
  });
  return (server.address() as AddressInfo).port;
}

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly port: number | undefined;
}

interface Receiver {
  readonly url: string;
  readonly received: Received[];
}

/** Reads each request, keeps it, and lets `answer` answer. */
async function startReceiver(
  answer: (response: ServerResponse, count: number) => void,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Receiver> {
  const received: Received[] = [];
  const listener: RequestListener = (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers, socket } = request;
      const body = Buffer.concat(chunks).toString();
      received.push({ method, url, headers, body, port: socket.remotePort });
      answer(response, received.length);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const port = await listen(server);
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}/in?key=hidden`,
    received,
  };
}

function status(code: number, headers: Readonly<Record<string, string>> = {}, body = "") {
  return (response: ServerResponse): void => void response.writeHead(code, headers).end(body);
}

async function codeOf(outcome: WriteOutcome | Promise<WriteOutcome>): Promise<string> {
  const result = await outcome;
  if (result.kind === "written") return "written";
  expect(result.error.message).not.toMatch(/hidden|swordfish/u);
  return `${result.kind} ${result.error.code} after ${result.written}`;
}

test("delivers signed CloudEvents that the reference library verifies, over one connection", async () => {
  const key = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
  const { url, received } = await startReceiver(status(200, {}, "thanks"));
  const sink = sinkTo(url, { secret: new Secret("webhook secret", key) });
  expect(await sink.write(batch, never)).toEqual({ kind: "written", refused: [] });
  const verified = received.map(({ body, headers }) =>
    new Webhook(key).verify(body, headers as Record<string, string>),
  );
  expect(verified).toMatchObject(
    batch.map(({ cursor, topic }) => ({ id: cursor, subject: topic, data: { note: "swordfish" } })),
  );
  expect(received.map(({ headers }) => headers["webhook-id"])).toEqual(batch.map(({ id }) => id));
  expect(received[0]).toMatchObject({ method: "POST", url: "/in?key=hidden" });
  expect(received[0]?.headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
  expect(new Set(received.map(({ port }) => port)).size).toBe(1);
});

test("delivers a batch as one signed request", async () => {
  const key = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
  const { url, received } = await startReceiver(status(204));
  const sink = sinkTo(url, { mode: "batch", secret: new Secret("webhook secret", key) });
  expect(await sink.write(batch, never)).toEqual({ kind: "written", refused: [] });
  expect(received).toHaveLength(1);
  const [{ body, headers } = { body: "", headers: {} }] = received;
  expect(new Webhook(key).verify(body, headers as Record<string, string>)).toHaveLength(3);
});

test("makes the downstream call that a template describes", async () => {
  const { url, received } = await startReceiver(status(200));
  const sink = sinkTo(`${new URL(url).origin}/crm/{{ entity }}/seen`, {
    method: "PUT",
    headers: { authorization: new Secret("header", "Bearer hidden"), "x-topic": "{{ topic }}" },
    body: '{"n": {{ data.number }}, "at": "{{ receivedAt }}"}',
  });
  expect(await sink.write(batch.slice(0, 1), never)).toEqual({ kind: "written", refused: [] });
  expect(received[0]).toMatchObject({
    method: "PUT",
    url: "/crm/11111111-1111-4111-8111-111111111111/seen",
    headers: {
      authorization: "Bearer hidden",
      "x-topic": batch[0]?.topic,
      "content-type": "application/json",
    },
    body: '{"n": 1, "at": "2026-11-21T12:00:00.001Z"}',
  });
});

test.each([
  ["500", status(500, {}, "oops"), "retry WEBHOOK_FAILED after 0"],
  ["401", status(401), "retry WEBHOOK_UNAUTHORIZED after 0"],
  ["404", status(404), "retry WEBHOOK_MISCONFIGURED after 0"],
  ["410", status(410), "gone WEBHOOK_GONE after 0"],
  ["a redirect", status(302, { location: "/else?key=hidden" }), "retry WEBHOOK_REDIRECTED after 0"],
  [
    "a reset",
    ({ socket }: ServerResponse) => void socket?.resetAndDestroy(),
    "retry WEBHOOK_UNREACHABLE after 0",
  ],
  [
    "an end without an answer",
    ({ socket }: ServerResponse) => void socket?.end(),
    "retry WEBHOOK_UNREACHABLE after 0",
  ],
  [
    "what is not HTTP",
    ({ socket }: ServerResponse) => void socket?.end("SMTP ready\r\n\r\n"),
    "retry WEBHOOK_UNREACHABLE after 0",
  ],
  [
    "endless headers",
    status(200, { "x-a": "x".repeat(20_000) }),
    "retry WEBHOOK_UNREACHABLE after 0",
  ],
])("hears %s", async (_what, answer, expected) => {
  const { url, received } = await startReceiver(answer);
  expect(await codeOf(sinkTo(url).write(batch, never))).toBe(expected);
  expect(received).toHaveLength(1);
});

test("waits as long as the receiver asks", async () => {
  const seconds = await startReceiver(status(429, { "retry-after": "17" }));
  expect(await sinkTo(seconds.url).write(batch, never)).toMatchObject({
    kind: "retry",
    afterMs: 17_000,
    error: { code: "WEBHOOK_BUSY" },
  });
  const until = new Date(Date.now() + 60_000).toUTCString();
  const date = await startReceiver(status(503, { "retry-after": until }));
  const outcome = await sinkTo(date.url).write(batch, never);
  const afterMs = outcome.kind === "retry" ? outcome.afterMs : undefined;
  expect(afterMs).toBeGreaterThan(55_000);
  expect(afterMs).toBeLessThanOrEqual(60_000);
});

test("counts the entries before a failure, and refuses by name", async () => {
  const { url } = await startReceiver((response, count) =>
    status([200, 422, 500][count - 1] ?? 200, {}, "no such queue")(response),
  );
  const outcome = await sinkTo(url).write(batch, never);
  expect(outcome).toMatchObject({ kind: "retry", written: 2, refused: [{ index: 1 }] });
  expect(JSON.stringify(outcome)).toContain("answered 422: no such queue");
});

test("gives a receiver up that never answers, and one whose headers drag on", async () => {
  const silent = await startReceiver(() => undefined);
  const slow = await startReceiver(({ socket }) => {
    const timer = setInterval(() => socket?.write("H"), 20);
    socket?.once("close", () => clearInterval(timer));
  });
  for (const { url } of [silent, slow]) {
    const startMs = performance.now();
    const code = await codeOf(sinkTo(url, { timeoutMs: 200 }).write(batch, never));
    expect(code).toMatch(/^retry WEBHOOK_(?:TIMEOUT|UNREACHABLE) after 0$/u);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  }
  const { url } = silent;
  expect(await codeOf(sinkTo(url, { timeoutMs: 100 }).write(batch, never))).toContain("TIMEOUT");
});

test("lets go at once when the write is called off", async () => {
  const { url, received } = await startReceiver(() => undefined);
  const abort = new AbortController();
  const writing = sinkTo(url, { timeoutMs: 30_000 }).write(batch, abort.signal);
  await expect.poll(() => received.length).toBe(1);
  const startMs = performance.now();
  abort.abort();
  expect(await codeOf(writing)).toBe("retry WEBHOOK_TIMEOUT after 0");
  expect(performance.now() - startMs).toBeLessThan(500);
});

test("takes the status for the answer, though its body never ends, swells or breaks off", async () => {
  const cuts: readonly (readonly [withinMs: number, cut: (response: ServerResponse) => void])[] = [
    [
      4_000,
      (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("x");
      },
    ],
    [
      1_500,
      (response) => {
        response.writeHead(200);
        const pour = (): void => {
          while (!response.destroyed && response.write("x".repeat(65_536)));
          if (!response.destroyed) response.once("drain", pour);
        };
        pour();
      },
    ],
    [
      1_500,
      (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("x", () => response.socket?.resetAndDestroy());
      },
    ],
  ];
  for (const [withinMs, cut] of cuts) {
    const { url, received } = await startReceiver(cut);
    const startMs = performance.now();
    expect(await sinkTo(url).write(batch.slice(0, 1), never)).toEqual({
      kind: "written",
      refused: [],
    });
    expect(received).toHaveLength(1);
    expect(performance.now() - startMs).toBeLessThan(withinMs);
  }
});

test("sends again at once what met a connection that the receiver had closed meanwhile", async () => {
  const { url, received } = await startReceiver((response, count) => {
    // The second request comes over the kept connection, and finds it cut.
    if (count === 2) response.socket?.resetAndDestroy();
    else status(200)(response);
  });
  expect(await sinkTo(url).write(batch, never)).toEqual({ kind: "written", refused: [] });
  expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([
    "sample-1",
    "sample-2",
    "sample-2",
    "sample-3",
  ]);
});

test("says when nobody listens, and goes on when somebody does", async () => {
  const port = await listen(createTcpServer());
  const gone = createTcpServer();
  gone.listen(0, "127.0.0.1");
  await once(gone, "listening");
  const free = (gone.address() as AddressInfo).port;
  gone.close();
  expect(free).not.toBe(port);
  const sink = sinkTo(`http://127.0.0.1:${free}/`);
  expect(await sink.write(batch, never)).toMatchObject({
    kind: "retry",
    error: { code: "WEBHOOK_UNREACHABLE", message: expect.stringContaining("ECONNREFUSED") },
  });
  expect(await sink.check(never)).toMatchObject({
    ok: false,
    error: { code: "WEBHOOK_UNREACHABLE" },
  });
});

test("calls no loopback address that is not allowed, by number, by name, or mapped", async () => {
  const { url, received } = await startReceiver(status(200));
  const { port } = new URL(url);
  for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"]) {
    for (const scheme of ["http", "https"]) {
      const sink = sinkTo(`${scheme}://${host}:${port}/`, { allow: [] });
      expect(await codeOf(sink.write(batch, never))).toBe(
        "retry WEBHOOK_ADDRESS_FORBIDDEN after 0",
      );
      expect(await sink.check(never)).toMatchObject({
        ok: false,
        error: { code: "WEBHOOK_ADDRESS_FORBIDDEN" },
      });
    }
  }
  expect(received).toEqual([]);
  expect(
    await sinkTo(`http://localhost:${port}/`, { allow: ["localhost"] }).write(batch, never),
  ).toEqual({
    kind: "written",
    refused: [],
  });
});

/** Resolves names as told, one answer a look-up; the last one stays. */
function namesTo(answers: readonly (readonly string[])[]): {
  readonly lookup: typeof Lookup;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const lookup = (host: string, _options: unknown, callback: (...result: unknown[]) => void) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return { lookup: lookup as unknown as typeof Lookup, asked };
}

test("connects to the very address that was judged, whatever the name becomes afterwards", async () => {
  const { url, received } = await startReceiver(status(200));
  const { port } = new URL(url);
  const rebinding = namesTo([["10.0.0.1"], ["127.0.0.1"]]);
  const sink = sinkTo(`http://rebind.example:${port}/`, { allow: ["127.0.0.1"] }, rebinding);
  expect(await codeOf(sink.write(batch.slice(0, 1), never))).toBe(
    "retry WEBHOOK_ADDRESS_FORBIDDEN after 0",
  );
  expect(rebinding.asked).toEqual(["rebind.example"]);
  expect(await sink.write(batch.slice(0, 1), never)).toEqual({ kind: "written", refused: [] });
  expect(rebinding.asked).toHaveLength(2);
  expect(received).toHaveLength(1);
});

test("skips forbidden addresses among several, and says when none is left", async () => {
  const { url, received } = await startReceiver(status(200));
  const { port } = new URL(url);
  const mixed = namesTo([["169.254.169.254", "127.0.0.1"]]);
  const sink = sinkTo(`http://mixed.example:${port}/`, {}, mixed);
  expect(await sink.write(batch.slice(0, 1), never)).toEqual({ kind: "written", refused: [] });
  expect(received).toHaveLength(1);
  const none = sinkTo(`http://none.example:${port}/`, {}, namesTo([["169.254.169.254", "::1"]]));
  expect(await none.write(batch, never)).toMatchObject({
    error: {
      code: "WEBHOOK_ADDRESS_FORBIDDEN",
      message: expect.stringContaining("169.254.169.254"),
    },
  });
});

test("speaks TLS to a certificate that it trusts for that name, and to no other", async () => {
  const good = selfSigned("hooks.example");
  const { url, received } = await startReceiver(status(200), good);
  const { port } = new URL(url);
  const name = `https://hooks.example:${port}/`;
  const local = namesTo([["127.0.0.1"]]);
  expect(await sinkTo(name, {}, { ...local, ca: good.cert }).write(batch, never)).toEqual({
    kind: "written",
    refused: [],
  });
  expect(received).toHaveLength(3);
  const expired = selfSigned("hooks.example", -1);
  const old = await startReceiver(status(200), expired);
  const oldName = `https://hooks.example:${new URL(old.url).port}/`;
  const strangers = [
    sinkTo(name, {}, local),
    sinkTo(`https://other.example:${port}/`, {}, { ...local, ca: good.cert }),
    sinkTo(oldName, {}, { ...local, ca: expired.cert }),
  ];
  for (const sink of strangers)
    expect(await codeOf(sink.write(batch, never))).toBe("retry WEBHOOK_UNTRUSTED after 0");
  const plain = await startReceiver(status(200));
  const mistaken = sinkTo(plain.url.replace("http:", "https:"));
  expect(await mistaken.write(batch, never)).toMatchObject({
    error: { code: "WEBHOOK_UNREACHABLE", message: expect.stringContaining("does not speak TLS") },
  });
  expect(received).toHaveLength(3);
});

test("checks without delivering", async () => {
  const { url, received } = await startReceiver(status(405));
  const outcome = await sinkTo(url).check(never);
  expect(outcome).toMatchObject({ ok: true, detail: expect.stringContaining("OPTIONS: 405") });
  expect(received).toMatchObject([{ method: "OPTIONS", body: "" }]);
  expect(JSON.stringify(outcome)).not.toContain("hidden");
});
