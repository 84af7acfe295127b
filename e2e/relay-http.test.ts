/** The HTTP face of the relay over real sockets: readers that are slow, gone or stuck, shutdown, limits, TLS. */
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { HttpConfig } from "../packages/relay/src/config/config.ts";
import { createHttp, type HttpFace } from "../packages/relay/src/http/server.ts";
import { createFakeService, type FakeService } from "../packages/relay/src/testing/fake-service.ts";
import { keepLog, plainHttp, type LogLine } from "../packages/relay/src/testing/http-stage.ts";
import { selfSigned } from "./certificate.ts";
import { sampleEvent } from "../packages/relay/src/testing/sample-entries.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** The clock of the machine, on which waits of a minute take a second. */
function fastClock(factor: number): Parameters<typeof createHttp>[0]["clock"] {
  return {
    monotonicMs: () => performance.now() * factor,
    wallMs: () => Date.now(),
    sleep: (ms, signal) => sleep(ms / factor, undefined, { signal }).catch(() => {}),
  };
}

interface Running {
  readonly url: string;
  readonly port: number;
  readonly face: HttpFace;
  readonly service: FakeService;
  readonly lines: readonly LogLine[];
}

async function serve(config: Partial<HttpConfig> = {}, factor = 1): Promise<Running> {
  const service = createFakeService();
  const { log, lines } = keepLog();
  const face = createHttp({
    config: { ...plainHttp, ...config },
    service,
    log,
    clock: fastClock(factor),
    version: "1.2.3",
    readText: (path) => readFileSync(path, "utf8"),
  });
  cleanups.push(() => face.close());
  const { url } = await face.listen();
  return { url, port: Number(new URL(url).port), face, service, lines };
}

/** A response whose body nobody reads yet. */
function get(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => {
      // A response that is cut says so by not being complete.
      response.on("error", () => {});
      resolve(response);
    })
      .on("error", reject)
      .end();
  });
}

/** Waits for the end of a response, whichever it is. */
async function closed(response: IncomingMessage): Promise<void> {
  if (!response.closed) await new Promise((resolve) => response.once("close", resolve));
}

/** The whole body, and whether it came to its end. */
async function readAll(response: IncomingMessage): Promise<{ text: string; isWhole: boolean }> {
  let text = "";
  response.setEncoding("utf8").on("data", (more: string) => (text += more));
  await closed(response);
  return { text, isWhole: response.complete };
}

/** Sends bytes as they are, and gives back all that comes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.setEncoding("utf8").on("data", (more: string) => (heard += more));
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return heard;
}

const large = "x".repeat(100_000);
/** More than all buffers between two processes of one machine hold. */
const largeCount = 400;

/** Fills the journal with more than any buffer takes. */
function fill({ fake }: FakeService): void {
  for (let i = 1; i <= largeCount; i++)
    fake.put(sampleEvent(i, { raw: `{"eventBody":{"text":"${large}"}}` }));
}

/** Opens a stream of a full journal, which nobody reads yet. */
async function unread(running: Running, query = "since=0"): Promise<IncomingMessage> {
  fill(running.service);
  return get(`${running.url}/admin/entries?${query}`);
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

describe("a reader of entries", () => {
  test("that is slow slows only itself, and gets everything in the end", async () => {
    const running = await serve();
    const { service } = running;
    const slow = await unread(running, "since=0&follow=false");
    await sleep(300);
    const reads = service.fake.reads;
    // A page holds some 256 kB; what was read of the journal fits into buffers, and is far from all.
    expect(reads).toBeLessThan(largeCount / 4);
    const quick = await readAll(await get(`${running.url}/admin/entries?since=0&follow=false`));
    expect(linesOf(quick.text)).toHaveLength(largeCount);
    const late = await readAll(slow);
    expect(linesOf(late.text)).toHaveLength(largeCount);
    expect(late.isWhole).toBe(true);
  });

  test("that takes nothing for a minute is cut, and told in the log", async () => {
    const running = await serve({}, 60);
    const stuck = await unread(running);
    const warning = (): unknown => running.lines.find(({ level }) => level === "warn");
    await expect.poll(warning, { timeout: 10_000 }).toMatchObject({
      code: "READER_STUCK",
      help: expect.stringContaining("last cursor") as string,
    });
    stuck.resume();
    await closed(stuck);
    expect(stuck.complete).toBe(false);
  });

  test("that goes away is forgotten at once", async () => {
    const { url, service } = await serve();
    const metrics = async (): Promise<string> => (await readAll(await get(`${url}/metrics`))).text;
    const leaving = await get(`${url}/admin/entries`);
    expect(await metrics()).toContain("trunkline_http_streams 1");
    leaving.destroy();
    await expect.poll(metrics).toContain("trunkline_http_streams 0");
    service.fake.grow(1);
  });

  test("gets entries as they come, and a sign of life between", async () => {
    const { url, service } = await serve({}, 60);
    const stream = await get(`${url}/admin/entries`);
    let text = "";
    stream.setEncoding("utf8").on("data", (more: string) => (text += more));
    service.fake.grow(1);
    await expect.poll(() => text).toMatch(/^\{"type":"event".*\}\n$/u);
    await expect.poll(() => text).toMatch(/\}\n\n/u);
    service.fake.grow(1);
    await expect.poll(() => linesOf(text).length).toBe(2);
  });
});

describe("at shutdown", () => {
  test("a stream that follows is ended, not cut, and what it holds is whole", async () => {
    const { url, service, face } = await serve();
    const reading = readAll(await get(`${url}/admin/entries?since=0`));
    service.fake.grow(10);
    await sleep(50);
    await face.close();
    const { text, isWhole } = await reading;
    expect(isWhole).toBe(true);
    expect(linesOf(text).map((line) => (JSON.parse(line) as { cursor: string }).cursor)).toEqual(
      Array.from({ length: 10 }, (_, index) => `sample-${index + 1}`),
    );
  });

  test("a connection that its reader would keep is not kept", async () => {
    const { port, face, service } = await serve();
    fill(service);
    const socket = connect(port, "127.0.0.1");
    const path = "/admin/entries?since=0&follow=false";
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n`);
    await once(socket, "readable");
    const closing = face.close();
    await sleep(200);
    // It has an end of its own, which comes only now that it is read: after the server was closed.
    const beganMs = performance.now();
    socket.resume();
    await closing;
    expect(performance.now() - beganMs).toBeLessThan(3_000);
  });

  test("a stream with an end of its own gets there", async () => {
    const running = await serve();
    const slow = await unread(running, "since=0&follow=false");
    const closing = running.face.close();
    const { text, isWhole } = await readAll(slow);
    expect([isWhole, linesOf(text).length]).toEqual([true, largeCount]);
    await closing;
  });

  test("a reader that does not read holds it up for 5 s at most, and is cut: it is not whole", async () => {
    const running = await serve({}, 10);
    const stuck = await unread(running);
    const beganMs = performance.now();
    await running.face.close();
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    expect((await readAll(stuck)).isWhole).toBe(false);
  });

  test("an idle connection holds it up not at all, and nobody is let in any more", async () => {
    const { port, face } = await serve();
    const idle = connect(port, "127.0.0.1");
    await once(idle, "connect");
    idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "data");
    const beganMs = performance.now();
    await face.close();
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    const late = connect(port, "127.0.0.1");
    await expect(once(late, "connect")).rejects.toThrow("ECONNREFUSED");
    await face.close();
  });

  test("it closes though it never listened", async () => {
    const { log } = keepLog();
    const face = createHttp({
      config: plainHttp,
      service: createFakeService(),
      log,
      clock: fastClock(1),
      version: "1",
      readText: () => "",
    });
    await expect(face.close()).resolves.toBeUndefined();
  });
});

describe("what is no proper request", () => {
  test.each([
    ["no HTTP", "hello\r\n\r\n", 400, "REQUEST_MALFORMED"],
    ["no Host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 421, "HOST_FORBIDDEN"],
    ["HTTP/1.0 without Host", "GET /healthz HTTP/1.0\r\n\r\n", 421, "HOST_FORBIDDEN"],
    [
      "too long headers",
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
      "REQUEST_MALFORMED",
    ],
    [
      "a whole URL of somebody else",
      "GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
      421,
      "HOST_FORBIDDEN",
    ],
    [
      "two lengths",
      "POST /admin/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      400,
      "REQUEST_MALFORMED",
    ],
  ])("%s", async (_, text, status, code) => {
    const { port } = await serve();
    const heard = await raw(port, text);
    expect(heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, "u"));
    expect(JSON.parse(heard.slice(heard.indexOf("\r\n\r\n")))).toMatchObject({ error: { code } });
  });

  test("a body that is larger than it may be is not waited for", async () => {
    const { port } = await serve();
    const head =
      "POST /admin/reload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const heard = await raw(port, `${head}Content-Length: 99999999\r\n\r\n{`);
    expect(heard).toMatch(/^HTTP\/1\.1 413 [^]*BODY_TOO_LARGE/u);
  });
});

test("more connections than there may be are closed as they come", async () => {
  const { port } = await serve();
  const sockets: Socket[] = [];
  cleanups.push(() => sockets.forEach((socket) => socket.destroy()));
  for (let i = 0; i < 256; i++) {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    await once(socket, "connect");
  }
  const surplus = connect(port, "127.0.0.1");
  await once(surplus, "close");
  sockets[0]?.destroy();
  await expect
    .poll(
      async () =>
        (await get(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.statusCode,
    )
    .toBe(200);
});

/** What comes of listening, whichever it is. */
async function outcomeOf(config: Partial<HttpConfig>): Promise<unknown> {
  return serve(config).then(
    () => "listens",
    (error: unknown) => error,
  );
}

describe("where it cannot listen it says why", () => {
  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    cleanups.push(() => other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    expect(await outcomeOf({ port })).toMatchObject({
      code: "PORT_IN_USE",
      message: `Port ${port} of 127.0.0.1 is taken.`,
      help: expect.stringContaining("--port") as string,
    });
  });

  test.each(["203.0.113.7", "no-such-host.invalid"])(
    "an address that is not here: %s",
    async (host) => {
      expect(await outcomeOf({ host })).toMatchObject({ code: "ADDRESS_UNAVAILABLE" });
    },
  );

  test("localhost is one address, and any address is told as loopback", async () => {
    expect((await serve({ host: "localhost" })).url).toMatch(/^http:\/\/localhost:\d+$/u);
    expect((await serve({ host: "0.0.0.0" })).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
  });
});

/** A certificate of our own making, in files. */
function makeCertificate(name: string): { certFile: string; keyFile: string } {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-tls-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const { cert, key } = selfSigned(name);
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  return { certFile, keyFile };
}

/** The status of an answer, and the name that the certificate is for. */
function nameOn(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    requestTls(`${url}/healthz`, { rejectUnauthorized: false, agent: false }, (response) => {
      const { socket } = response as IncomingMessage & {
        socket: { getPeerCertificate(): { subject: { CN: string } } };
      };
      resolve(`${response.statusCode} ${socket.getPeerCertificate().subject.CN}`);
      response.resume();
    })
      .on("error", reject)
      .end();
  });
}

describe("with TLS", () => {
  test("it serves, and takes a new certificate without a restart", async () => {
    const tls = makeCertificate("first");
    const { url, face } = await serve({ tls });
    expect(url).toMatch(/^https:/u);
    expect(await nameOn(url)).toBe("200 first");
    const next = makeCertificate("second");
    copyFileSync(next.certFile, tls.certFile);
    await expect(face.renewCertificate()).rejects.toMatchObject({ code: "TLS_INVALID" });
    expect(await nameOn(url)).toBe("200 first");
    copyFileSync(next.keyFile, tls.keyFile);
    await face.renewCertificate();
    expect(await nameOn(url)).toBe("200 second");
  });

  test("files that are missing or do not belong together are told", async () => {
    const [one, two] = [makeCertificate("one"), makeCertificate("two")];
    const crossed = { certFile: one.certFile, keyFile: two.keyFile };
    await expect(serve({ tls: crossed })).rejects.toMatchObject({
      code: "TLS_INVALID",
      message: expect.stringContaining(two.keyFile) as string,
    });
    const missing = { ...one, certFile: join(tmpdir(), "no-such-file.pem") };
    await expect(serve({ tls: missing })).rejects.toMatchObject({
      code: "TLS_INVALID",
      message: expect.stringContaining("ENOENT") as string,
    });
    const empty = { certFile: one.certFile, keyFile: one.certFile };
    await expect(serve({ tls: empty })).rejects.toMatchObject({ code: "TLS_INVALID" });
  });
});
