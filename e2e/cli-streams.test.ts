/** What comes out of the trunkline command, and where it goes: pipes, disks, readers that are slow, and the trace. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  bin,
  endAll,
  expectExit,
  mockHere,
  onEnd,
  presence,
  start,
  tail,
  type Running,
} from "../packages/cli/src/testing/processes.ts";

afterEach(endAll);

/** A tail of a lively mock, whose stdout a shell leads somewhere. */
async function tailInShell(script: string): Promise<Running> {
  const mock = await mockHere({ rate: 100 });
  const topics = mock.sampleTopics(6).map((topic) => ` --topic ${topic}`);
  const line = `tail --direct --base-url ${mock.apiUrl}${topics.join("")}`;
  const env = { GC_CLIENT_ID: mock.clientId, GC_CLIENT_SECRET: mock.clientSecret };
  return start("sh", ["-c", script, process.execPath, bin, ...line.split(" ")], env);
}

test("| head -1 ends it quietly", async () => {
  const shell = await tailInShell('{ "$0" "$@"; echo "ended with $?" >&2; } | head -1');
  await expectExit(shell, 0);
  expect(shell.lines()).toHaveLength(1);
  expect(shell.err).toMatch(/subscribed[^]*ended with 0\n$/u);
  expect(shell.err).not.toContain("error");
});

test.skipIf(!existsSync("/dev/full"))("a full disk is told with a code", async () => {
  const shell = await tailInShell('exec "$0" "$@" > /dev/full');
  await expectExit(shell, 1);
  expect(shell.err).toMatch(/error OUTPUT_FAILED: .*ENOSPC.*\n {2}→ .*disk/u);
});

/** A tail with more to write than all buffers on the way hold, asked to end. */
async function stuck(): Promise<Running> {
  const mock = await mockHere();
  const tailing = tail(mock, `--topic ${presence} --trace`, { reads: false });
  await tailing.until("err", /subscribed/u);
  for (let i = 0; i < eventsStuck; i++)
    mock.cloud.emit(presence, { text: "x".repeat(1_000_000) }, mock.nowMs());
  await tailing.until("err", /received .*… \(1\d{6} characters\)/u);
  tailing.child.kill("SIGINT");
  await tailing.until("err", /Writing out what has come\. Ctrl-C again/u);
  return tailing;
}

const eventsStuck = 3;

describe("a reader that does not read", () => {
  test("is waited for, until Ctrl-C comes again", async () => {
    const tailing = await stuck();
    tailing.child.kill("SIGINT");
    tailing.child.stdout?.resume();
    await expectExit(tailing, 130);
  });

  test("gets everything if it reads on", async () => {
    const tailing = await stuck();
    let text = "";
    tailing.child.stdout?.setEncoding("utf8").on("data", (more: string) => (text += more));
    await expectExit(tailing, 0);
    const lines = text.trimEnd().split("\n");
    expect(lines.length).toBe(tailing.err.match(/ received /gu)?.length);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ type: "event" });
  });

  test("is waited for no longer than 5 s", async () => {
    const tailing = await stuck();
    await tailing.until("err", /error OUTPUT_STUCK: .*\n {2}→ /u);
    tailing.child.stdout?.resume();
    await expectExit(tailing, 1);
  });
});

test("--trace shows the wire, and none of its secrets", async () => {
  const mock = await mockHere();
  const wire = await record(mock.port);
  const tailing = tail({ ...mock, apiUrl: wire.url }, `--topic ${presence} --trace`);
  await tailing.until("err", /^\S+ {2}#1 {2}pong /mu);
  mock.cloud.emit(presence, { a: "x".repeat(1_000) }, mock.nowMs());
  await tailing.until("err", /^\S+ {2}#1 {2}received .*… \(\d+ characters\)$/mu);
  mock.cloud.faults.inject({ fault: "closeSockets", code: 1012, reason: "bye" }, mock.nowMs());
  await tailing.until("err", /^\S+ {2}#1 {2}close {6}1012 {2}bye$/mu);
  for (const line of ["request    POST", "upgrade    ws://", "open       101", "ping       {"])
    expect(tailing.err).toContain(line);

  const token = /"access_token":"([^"]+)"/u.exec(wire.heard())?.[1] ?? "";
  const channelIds = mock.cloud.state().channels.map((channel) => channel.channelId);
  const secrets = [token, mock.clientSecret, ...channelIds];
  expect(secrets.map((secret) => secret.length > 5)).not.toContain(false);
  for (const secret of secrets) expect(tailing.err + tailing.out).not.toContain(secret);
});
/** A road to a port that remembers what came from there. */
async function record(port: number): Promise<{ url: string; heard: () => string }> {
  let heard = "";
  const server: Server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    far.on("data", (data: Buffer) => (heard += data.toString("latin1")));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => [near, far].map((other) => other.destroy()));
      onEnd(() => socket.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onEnd(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
  };
}
