/** The commands that ask a relay, in processes of their own, over real sockets that break. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  endAll,
  expectExit,
  onEnd,
  presence,
  trunkline,
} from "../packages/cli/src/testing/processes.ts";

afterEach(endAll);

const user = "Zoë 🚀";

/** The part of a relay that tail needs, as a server whose sockets the test breaks. */
class Stub {
  readonly lines: string[] = [];
  readonly sinces: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  streams: ServerResponse[] = [];
  #server: Server | undefined;
  port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.authorizations.push(request.headers.authorization);
      const { pathname, searchParams } = new URL(request.url ?? "", this.url);
      if (pathname === "/admin/journal") {
        response.end(JSON.stringify({ head: `j1-${this.lines.length}` }));
        return;
      }
      const since = searchParams.get("since") ?? "";
      this.sinces.push(since);
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      const after = since === "0" ? 0 : Number(since.replace("j1-", ""));
      for (const line of this.lines.slice(after)) response.write(line);
      response.write("\n");
      if (searchParams.get("follow") === "false") response.end();
      else this.streams.push(response);
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    onEnd(() => this.close());
  }

  /** Cuts everything, and listens no more. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.streams = [];
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  event(): string {
    const number = this.lines.length + 1;
    const line = `{"type":"event","cursor":"j1-${number}","id":"j1-${number}","topic":"${presence}","receivedAt":"2026-11-21T12:00:00.000Z","source":"live","data":{"n":${number},"id":12345678901234567890,"name":"${user}"},"trunk":"main"}\n`;
    this.lines.push(line);
    return line;
  }
}

async function stub(events = 0): Promise<Stub> {
  const relay = new Stub();
  for (let number = 0; number < events; number++) relay.event();
  await relay.listen();
  return relay;
}

describe("tail of a relay", () => {
  test("passes lines on to the letter, and ends at the head", async () => {
    const relay = await stub(3);
    const tailing = trunkline(`tail --url ${relay.url} --since 0 --no-follow`);
    await expectExit(tailing, 0);
    expect(tailing.out).toBe(relay.lines.join(""));
    expect(tailing.err).toBe("");
  });

  test("goes on after the last line printed when the relay was away, cut inside a character", async () => {
    const relay = await stub(2);
    const tailing = trunkline(`tail --since 0`, { TRUNKLINE_URL: relay.url });
    await tailing.until("out", /"j1-2".*\n/u);
    const bytes = Buffer.from(relay.event());
    const cutAt = bytes.indexOf(Buffer.from("🚀")) + 2;
    relay.streams[0]?.write(bytes.subarray(0, cutAt));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await relay.close();
    await tailing.until("err", /disconnected {2}the relay at .* has gone away: .*; trying again/u);
    relay.event();
    await relay.listen();
    await tailing.until("err", /connected {5}the relay at .* is back; going on after j1-2\n/u);
    await tailing.until("out", /"j1-4".*\n/u);
    // A whole line in two pieces, cut inside a character too.
    const last = Buffer.from(relay.event());
    relay.streams[0]?.write(last.subarray(0, cutAt));
    await new Promise((resolve) => setTimeout(resolve, 50));
    relay.streams[0]?.write(last.subarray(cutAt));
    await tailing.until("out", /"j1-5".*\n/u);
    tailing.child.kill("SIGINT");
    await expectExit(tailing, 0);
    expect(tailing.out).toBe(relay.lines.join(""));
    expect(relay.sinces).toEqual(["0", "j1-2"]);
  });

  test("| head ends it quietly", async () => {
    const relay = await stub(1);
    const tailing = trunkline(`tail --url ${relay.url} --since 0`, {}, { reads: false });
    await once(tailing.child.stdout as NodeJS.ReadableStream, "readable");
    tailing.child.stdout?.destroy();
    relay.streams[0]?.write(relay.event());
    await new Promise((resolve) => setTimeout(resolve, 50));
    relay.streams[0]?.write(relay.event());
    await expectExit(tailing, 0);
    expect(tailing.err).toBe("");
  });

  test("the token goes along, and is not shown", async () => {
    const relay = await stub(1);
    const token = "s3cret-token-of-the-relay";
    const env = { TRUNKLINE_TOKEN: token, TRUNKLINE_URL: relay.url };
    const tailing = trunkline("tail --since 0 --no-follow --format pretty", env);
    await expectExit(tailing, 0);
    expect(new Set(relay.authorizations)).toEqual(new Set([`Bearer ${token}`]));
    expect(tailing.out + tailing.err).not.toContain(token);
  });

  test.each([
    [
      "nobody is there",
      "http://127.0.0.1:1",
      /RELAY_UNREACHABLE: .*127\.0\.0\.1:1.*\(ECONNREFUSED\)/u,
    ],
    ["the name is unknown", "http://nowhere.invalid", /RELAY_UNREACHABLE: .*nowhere\.invalid/u],
  ])("%s: a code, the address and what to do", async (_, url, said) => {
    const tailing = trunkline(`tail --url ${url}`);
    await expectExit(tailing, 1);
    expect(tailing.err).toMatch(said);
    expect(tailing.err).toMatch(/\n {2}→ .*trunkline run.*--url/u);
  });

  test("something that does not speak HTTP is told as such", async () => {
    const { createServer: createTcp } = await import("node:net");
    const server = createTcp((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onEnd(() => server.close());
    const { port } = server.address() as AddressInfo;
    const tailing = trunkline(`tail --url http://127.0.0.1:${port}`);
    await expectExit(tailing, 1);
    expect(tailing.err).toMatch(/RELAY_UNREACHABLE: .*does not speak HTTP/u);
  });
});
