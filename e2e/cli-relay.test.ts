/** The commands that ask a relay, in processes of their own, over real sockets that break. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  endAll,
  expectExit,
  mockHere,
  onEnd,
  presence,
  trunkline,
  type Running,
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

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "trunkline-cli-"));
  onEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

type Mock = Awaited<ReturnType<typeof mockHere>>;

/** A relay in a process of its own. */
function relayOn(mock: Mock, dir: string, more = "--json --port 0", topic = presence): Running {
  const env = { GC_CLIENT_ID: mock.clientId, GC_CLIENT_SECRET: mock.clientSecret };
  const place = `--base-url ${mock.apiUrl} --topic ${topic} --data-dir ${dir}`;
  return trunkline(`run ${place} ${more}`, env);
}

async function readyUrl(running: Running): Promise<string> {
  const [text] = await running.until("out", /^.*\n/u);
  const line = JSON.parse(text) as { readonly ready: boolean; readonly url: string };
  expect(line).toEqual({ ready: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/u) });
  return line.url;
}

function emit(mock: Mock, n: number): void {
  mock.cloud.emit(presence, { n }, mock.nowMs());
}

describe("run", () => {
  test("says ready when it is live; what comes then is stored, told, and there after a restart", async () => {
    const mock = await mockHere();
    const dir = folder();
    const relay = relayOn(mock, dir);
    const url = await readyUrl(relay);
    const following = trunkline(`tail --url ${url} --since 0`);
    for (let n = 1; n <= 3; n++) emit(mock, n);
    await following.until("out", /"n":3/u);
    relay.child.kill("SIGTERM");
    await expectExit(relay, 0);
    await following.until("err", /disconnected/u);
    expect(relay.out.trimEnd().split("\n")).toHaveLength(1);

    const again = relayOn(mock, dir, `--json --port ${new URL(url).port}`);
    expect(await readyUrl(again)).toBe(url);
    emit(mock, 4);
    await following.until("out", /"n":4/u);
    await following.until("err", /connected {5}the relay at .* is back/u);
    following.child.kill("SIGINT");
    await expectExit(following, 0);

    const whole = trunkline(`tail --url ${url} --no-follow`);
    await expectExit(whole, 0);
    // What was followed across the restart is what is in the journal, to the letter.
    expect(following.out).toBe(whole.out);
    const events = whole.lines().filter(({ type }) => type === "event");
    expect(events.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    expect(Object.keys(events[0] ?? {}).slice(0, 7)).toEqual([
      "type",
      "cursor",
      "id",
      "topic",
      "receivedAt",
      "source",
      "data",
    ]);
    const gaps = trunkline(`gaps --url ${url} --json`);
    await expectExit(gaps, 0);
    expect(gaps.lines()).toMatchObject([{ cause: "stopped", state: "closed", topics: [presence] }]);
    const frames = trunkline(`tail --url ${url} --no-follow --format genesys`);
    await expectExit(frames, 0);
    expect(frames.lines().map(({ eventBody }) => eventBody)).toEqual(
      [1, 2, 3, 4].map((n) => ({ n })),
    );
    expect(frames.err).toMatch(/gap closed: .*the relay was stopped/u);
  });

  test("another journal at the same address is no silent skip", async () => {
    const mock = await mockHere();
    const first = relayOn(mock, folder());
    const url = await readyUrl(first);
    const following = trunkline(`tail --url ${url} --since 0`);
    emit(mock, 1);
    await following.until("out", /"n":1/u);
    first.child.kill("SIGKILL");
    await first.exit;
    const second = relayOn(mock, folder(), `--json --port ${new URL(url).port}`);
    await readyUrl(second);
    await expectExit(following, 1);
    expect(following.err).toMatch(/error CURSOR_FOREIGN: .*\n {2}→ /u);
  });

  test("wrong credentials end it with a code, and a region that is away is told", async () => {
    const mock = await mockHere();
    const wrong = relayOn({ ...mock, clientSecret: "wrong-secret" }, folder());
    await expectExit(wrong, 1);
    expect(wrong.err).toMatch(/^error CREDENTIALS_REFUSED: .*\n {2}→ /mu);
    expect(wrong.err).not.toContain("wrong-secret");
    expect(wrong.out).toBe("");

    const away = trunkline(
      `run --base-url http://127.0.0.1:1 --topic ${presence} --data-dir ${folder()} --port 0 --json`,
      { GC_CLIENT_ID: "x", GC_CLIENT_SECRET: "s3cret-of-the-client" },
    );
    await away.until("err", /not live yet: trunk main: UNREACHABLE: /u);
    away.child.kill("SIGINT");
    await expectExit(away, 0);
    expect(away.out).toBe("");
  });

  test("a taken port and a taken data directory are told with a code", async () => {
    const mock = await mockHere();
    const dir = folder();
    const url = await readyUrl(relayOn(mock, dir));
    const samePort = relayOn(mock, folder(), `--json --port ${new URL(url).port}`);
    await expectExit(samePort, 1);
    expect(samePort.err).toMatch(/^error PORT_IN_USE: .*\n {2}→ /mu);
    const sameDir = relayOn(mock, dir);
    await expectExit(sameDir, 1);
    expect(sameDir.err).toMatch(/^error DATA_DIR_LOCKED: .*\n {2}→ /mu);
  });

  test("init, run -c, a reload by SIGHUP and by command, and a bad file that is refused", async () => {
    const mock = await mockHere();
    const dir = folder();
    const path = join(dir, "trunkline.yaml");
    const made = trunkline(`init ${path}`);
    await expectExit(made, 0);
    expect(readFileSync(path, "utf8")).toContain("trunks:");
    const refused = trunkline(`init ${path}`);
    await expectExit(refused, 1);
    expect(refused.err).toMatch(/FILE_EXISTS/u);

    const config = (topics: string): string => `
dataDir: ./data
http: { port: 0 }
trunks:
  - name: main
    baseUrl: ${mock.apiUrl}
    clientId: ${mock.clientId}
    clientSecret: { env: MY_SECRET }
    topics: ${topics}
sinks:
  - { name: out, type: stdout }
`;
    writeFileSync(path, config(`[${presence}]`));
    const relay = trunkline(`run -c ${path} --json`, { MY_SECRET: mock.clientSecret });
    const url = await readyUrl(relay);
    emit(mock, 1);
    // The sink writes to the same stdout, after the first line.
    await relay.until("out", /\n.*"data":\{"n":1\}.*\n/u);

    writeFileSync(path, config("[v2.users.{id}.presence]"));
    relay.child.kill("SIGHUP");
    await relay.until("err", /"code":"CONFIG_INVALID"/u);
    const bad = trunkline(`reload --url ${url}`);
    await expectExit(bad, 1);
    expect(bad.err).toMatch(/^error CONFIG_INVALID: .*\n.*trunkline\.yaml:\d+:\d+: /u);

    writeFileSync(
      path,
      config(`[${presence}, v2.users.${mock.cloud.world.agents[0]?.id}.presence]`),
    );
    const good = trunkline(`reload --url ${url}`);
    await expectExit(good, 0);
    expect(good.out).toMatch(/Changed:\n.*topic/u);
    const sinks = trunkline(`sinks --url ${url} --json`);
    await expectExit(sinks, 0);
    expect(sinks.lines()).toMatchObject([{ name: "out", type: "stdout", state: "live" }]);
    const check = trunkline(`sinks check out --url ${url}`);
    await expectExit(check, 0);
    emit(mock, 2);
    await relay.until("out", /"n":2/u);
    relay.child.kill("SIGINT");
    await expectExit(relay, 0);
  });

  test("for people: where it listens, what is live, and a tail to paste", async () => {
    const mock = await mockHere();
    const relay = relayOn(mock, folder(), "--port 0");
    const [, command = ""] = await relay.until(
      "out",
      /Live: 1 topic\.[^]*\n {2}\S.* (tail --url \S+)\n/u,
    );
    emit(mock, 1);
    const following = trunkline(`${command} --since 0`);
    await following.until("out", /"n":1/u);
    relay.child.kill("SIGINT");
    await expectExit(relay, 0);
    expect(relay.err).toMatch(/Stopped\.\n$/u);
  });

  test("a Ctrl-C that comes twice, as by npx, is one: it stops in peace", async () => {
    const mock = await mockHere();
    const relay = relayOn(mock, folder());
    await readyUrl(relay);
    relay.child.kill("SIGINT");
    relay.child.kill("SIGTERM");
    await expectExit(relay, 0);
  });
});
