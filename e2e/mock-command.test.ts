/** The mock's command in processes of their own: `trunkline mock` and the bin of `@trunkline/mock`, and `ctl` on them. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import {
  bin as trunklineBin,
  endAll,
  expectExit,
  onEnd,
  start,
  type Env,
  type Ready,
  type Running,
} from "../packages/cli/src/testing/processes.ts";

const mockBin = fileURLToPath(new URL("../packages/mock/bin/trunkline-mock.js", import.meta.url));
const topic = "v2.users.0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10.presence";

afterEach(endAll);

/** Each way to call it. */
const commands = [
  ["trunkline mock", [trunklineBin, "mock"]],
  ["npx @trunkline/mock", [mockBin]],
] as const;

function call(command: readonly string[], words: readonly string[], env: Env = {}): Running {
  return start(process.execPath, [...command, ...words], env);
}

async function startMock(
  command: readonly string[],
  words: readonly string[] = [],
  env: Env = {},
): Promise<Ready> {
  const mock = call(command, ["--port", "0", "--rate", "0", "--json", ...words], env);
  const [line] = await mock.until("out", /^\{.*\}$/mu);
  return JSON.parse(line) as Ready;
}

async function login(mock: Ready): Promise<{ status: number; token: string }> {
  const basic = Buffer.from(`${mock.clientId}:${mock.clientSecret}`).toString("base64");
  const response = await fetch(`${mock.apiUrl}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token: token = "" } = (await response.json()) as { access_token?: string };
  return { status: response.status, token };
}

interface Listener {
  readonly socket: WebSocket;
  /** The first frame that has the text in it. */
  readonly until: (text: string) => Promise<string>;
}

async function listen(mock: Ready, topics: readonly string[]): Promise<Listener> {
  const { token } = await login(mock);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const base = `${mock.apiUrl}/api/v2/notifications/channels`;
  const made = (await (await fetch(base, { method: "POST", headers })).json()) as {
    id: string;
    connectUri: string;
  };
  const body = JSON.stringify(topics.map((id) => ({ id })));
  await fetch(`${base}/${made.id}/subscriptions`, { method: "PUT", headers, body });
  const socket = new WebSocket(made.connectUri);
  onEnd(() => socket.terminate());
  const frames: string[] = [];
  socket.on("message", (data: Buffer) => frames.push(data.toString()));
  socket.on("error", () => {});
  await once(socket, "open");
  const until = async (text: string): Promise<string> => {
    for (;;) {
      const found = frames.find((frame) => frame.includes(text));
      if (found !== undefined) return found;
      await once(socket, "message");
    }
  };
  return { socket, until };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "trunkline-mock-"));
  onEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe.each(commands)("%s", (_, command) => {
  test("runs, is looked at by ctl, and ends with 0 when it is asked to stop", async () => {
    const running = call(command, ["--port", "0", "--rate", "0"]);
    await running.until("out", /Ctrl-C stops it/u);
    const [, url = ""] = /API and login +(\S+)/u.exec(running.out) ?? [];
    const ctl = call(command, ["ctl", "state", "--url", url]);
    await expectExit(ctl, 0);
    expect(ctl.out).toMatch(/^clock .*\nevents {4}0 emitted\nclient .*active/u);
    running.child.kill("SIGTERM");
    await expectExit(running, 0);
  });
});

const [, [, command]] = commands;

test("ctl makes things happen to a mock", async () => {
  const mock = await startMock(command);
  const ctl = async (...words: readonly string[]): Promise<string> => {
    const running = call(command, ["ctl", ...words, "--url", mock.apiUrl]);
    await expectExit(running, 0);
    return running.out;
  };
  const { socket, until } = await listen(mock, [topic]);
  expect(await ctl("channels")).toMatch(/^streaming-.* topics 1 {2}sockets 1 /u);
  expect(await ctl("sockets")).toMatch(/^1 {2}streaming-/u);
  expect(await ctl("publish", topic, '{"n":1}')).toContain("socket 1 sent");
  expect(await until('"n":1')).toContain(topic);
  expect(await ctl("ledger", "--topic", topic)).toMatch(/^1 {2}.*sent\n$/u);
  expect(await ctl("inject", "silence", "socketId=1")).toContain("stands as fault 1");
  expect(await ctl("faults")).toMatch(/^1 {2}silence {2}socketId=1/u);
  expect(await ctl("clear", "1")).toBe("No fault stands.\n");
  const closed = once(socket, "close");
  expect(await ctl("inject", "closeSockets", "code=4000", "reason=why")).toContain("touched 1");
  expect((await closed)[0]).toBe(4000);
  expect(await ctl("history")).toContain("socket-opened");
  expect(await ctl("scenario", "half-open-night")).toMatch(/^half-open-night next at /u);
  expect(await ctl("scenario", "stop")).toBe("No scenario.\n");
  expect(await ctl("topics", "--limit", "2")).toMatch(/^v2\..*\nv2\..*\n$/u);
  expect(await ctl("reset")).toContain("as it was at the start");
  expect(JSON.parse(await ctl("state", "--json"))).toMatchObject({ channels: [], sockets: [] });
});

test("ledger --follow goes on with what comes, over a reset", async () => {
  const mock = await startMock(command);
  const following = call(command, ["ctl", "ledger", "--follow", "--json", "--url", mock.apiUrl]);
  const publish = async (n: number): Promise<void> => {
    const body = JSON.stringify({ topic, body: { n } });
    await fetch(`${mock.controlUrl}/events`, { method: "POST", body });
  };
  await listen(mock, [topic]);
  await publish(1);
  await following.until("out", /\{\\"n\\":1\}/u);
  await fetch(`${mock.controlUrl}/reset`, { method: "POST" });
  await listen(mock, [topic]);
  await publish(2);
  await publish(3);
  await following.until("out", /\{\\"n\\":2\}[^]*\{\\"n\\":3\}/u);
  following.child.kill("SIGINT");
  await expectExit(following, 0);
});

test("a body is published from stdin", async () => {
  const mock = await startMock(command);
  const words = [...command, "ctl", "publish", topic, "-", "--url", mock.apiUrl];
  const piped = start("sh", [
    "-c",
    `echo '{"from":"stdin"}' | "$0" "$@"`,
    process.execPath,
    ...words,
  ]);
  await expectExit(piped, 0);
  expect(piped.out).toMatch(/nobody has the topic/u);
});

describe("tokens and clocks", () => {
  test("JWT_VALIDATION_MODE makes tokens JWT", async () => {
    const mock = await startMock(command, [], { JWT_VALIDATION_MODE: "strict" });
    expect((await login(mock)).token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/u);
  });

  test("TZ is said to move no clock, and a reference is compared with", async () => {
    const reference = await startMock(command);
    const running = call(
      command,
      ["--port", "0", "--rate", "0", "--clock-reference", `${reference.apiUrl}/`],
      { TZ: "America/Los_Angeles" },
    );
    await running.until("out", /Ctrl-C stops it/u);
    expect(running.out).toMatch(/TZ=America\/Los_Angeles does not move the clock/u);
    expect(running.out).toMatch(/The clock (?:agrees with|is [\d.]+ s \w+) .*http:/u);
  });
});

test("a scenario file runs from the first client on", async () => {
  const file = join(folder(), "mine.yaml");
  writeFileSync(
    file,
    "name: mine\nspeed: 100\ntimeline:\n  - { at: 2s, every: 2s, fault: cutSockets }\n",
  );
  const mock = await startMock(command, ["--scenario", file]);
  const status = async (): Promise<unknown> => (await fetch(`${mock.controlUrl}/scenario`)).json();
  expect(await status()).toMatchObject({ state: "waiting", name: "mine" });
  const { socket } = await listen(mock, [topic]);
  expect((await once(socket, "close"))[0]).toBe(1006);
  expect(await status()).toMatchObject({ state: "running" });
});

test("a captured stream is played to the first that listens, byte for byte", async () => {
  const file = join(folder(), "captured.ndjson");
  const line = (second: number, data: string): string =>
    `{"type":"event","topic":"${topic}","receivedAt":"2026-01-01T00:00:0${second}.000Z","data":${data}}\n`;
  writeFileSync(file, line(1, '{ "n" : 1.0 }') + line(9, '{"n":12345678901234567890}'));
  const mock = await startMock(command, ["--replay", file, "--speed", "50"]);
  const { topics } = (await (await fetch(`${mock.controlUrl}/topics`)).json()) as {
    topics: readonly string[];
  };
  expect(topics).toEqual([topic]);
  const { until } = await listen(mock, topics);
  expect(await until("12345678901234567890")).toContain('"eventBody":{"n":12345678901234567890}');
  expect(await until("1.0")).toContain('"eventBody":{ "n" : 1.0 }');
});

const frame = (name: string): string =>
  `${JSON.stringify({ topicName: topic, version: "2", eventBody: { name } })}\n`;

test("a captured stream is scrubbed, once, and what is left of it is played", async () => {
  const [from, to] = [join(folder(), "captured.ndjson"), join(folder(), "scrubbed.ndjson")];
  writeFileSync(from, frame("Anna Meier") + frame("Anna Meier"));
  const scrub = (): Running => start(process.execPath, [trunklineBin, "scrub", from, to]);
  const first = scrub();
  await expectExit(first, 0);
  expect(first.out).toMatch(/^2 lines scrubbed into /u);
  const second = scrub();
  await expectExit(second, 1);
  expect(second.err).toMatch(/^error FILE_EXISTS: /u);
  expect(readdirSync(dirname(to))).toEqual(["scrubbed.ndjson"]);
  const scrubbed = readFileSync(to, "utf8");
  expect(scrubbed).not.toMatch(/Meier|0c1f0c3a/u);
  const [one, two] = scrubbed.trimEnd().split("\n");
  expect(one).toBe(two);
  const { topicName, eventBody } = JSON.parse(one ?? "") as {
    topicName: string;
    eventBody: { name: string };
  };
  const mock = await startMock(command, ["--replay", to]);
  const { until } = await listen(mock, [topicName]);
  expect(await until(eventBody.name)).toContain(topicName);
});

test("a Node that is too old is told before anything breaks", async () => {
  const older =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"22.9.0"}})';
  const old = start(process.execPath, ["--import", older, mockBin, "--version"]);
  await expectExit(old, 1);
  expect(old.err).toMatch(/^error NODE_TOO_OLD: This is Node.js 22\.9\.0; .*\n {2}→ .*\n$/u);
});

test("the version is that of the package", async () => {
  const manifest = readFileSync(new URL("../packages/mock/package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const running = start(process.execPath, [mockBin, "--version"]);
  await expectExit(running, 0);
  expect(running.out).toBe(`${version}\n`);
});
