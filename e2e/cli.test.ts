/** The trunkline command as people use it: real processes, real signals. */
import { afterEach, describe, expect, test } from "vitest";
import {
  bin,
  endAll,
  expectExit,
  mockHere,
  mockProcess,
  observations,
  presence,
  start,
  tail,
  trunkline,
  type Ready,
} from "../packages/cli/src/testing/processes.ts";

afterEach(endAll);

async function post(url: string, json: object): Promise<void> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(json) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}

function publish(mock: Ready, body: object, topic = presence): Promise<void> {
  return post(`${mock.controlUrl}/events`, { topic, body });
}

describe("mock", () => {
  test("the first line of --json is true when it is written", async () => {
    const mock = await mockProcess();
    expect(mock).toEqual({
      ready: true,
      clock: { now: expect.any(String) as unknown },
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/u),
      loginUrl: mock.apiUrl,
      clientId: expect.any(String),
      clientSecret: expect.any(String),
      controlUrl: `${mock.apiUrl}/_control`,
    });
    expect((await fetch(`${mock.controlUrl}/state`)).status).toBe(200);
  });

  test("without --json it prints a command that works as it stands", async () => {
    const mock = trunkline("mock --port 0 --rate 50");
    const [, command = ""] = await mock.until("out", /^( {2}GC_CLIENT_ID=[^]*?)\n\n[^]*Ctrl-C/mu);
    const pasted = start("sh", ["-c", `exec env ${command.trim()}`]);
    await expect(pasted.until("err", /subscribed {4}1 topic live/u)).resolves.toBeDefined();
  });

  test("a taken port is told with a remedy", async () => {
    const { apiUrl } = await mockProcess();
    const second = trunkline(`mock --port ${new URL(apiUrl).port}`);
    await expectExit(second, 1);
    expect(second.err).toMatch(/^error PORT_TAKEN: .*\n {2}→ .*another port.*\n$/u);
    expect(second.out).toBe("");
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it with 0", async (signal) => {
    const mock = trunkline("mock --port 0");
    await mock.until("out", /Ctrl-C/u);
    mock.child.kill(signal);
    await expectExit(mock, 0);
    expect(mock.err).toBe("");
  });
});

describe("tail", () => {
  test("prints events and gaps as data, and everything else beside them", async () => {
    const mock = await mockProcess();
    const tailing = tail(mock, `--topic ${presence}`);
    await tailing.until("err", /subscribed/u);
    await publish(mock, { presenceDefinition: { systemPresence: "BUSY" } });
    await tailing.until("out", /BUSY/u);
    await post(`${mock.controlUrl}/faults`, { fault: "cutSockets" });
    await tailing.until("out", /"state":"closed"/u);
    await publish(mock, { presenceDefinition: { systemPresence: "AWAY" } });
    await tailing.until("out", /AWAY/u);
    tailing.child.kill("SIGINT");
    await expectExit(tailing, 0);

    const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
    const event = { type: "event", id: expect.any(String), topic: presence, receivedAt: iso };
    const gap = { type: "gap", topics: [presence], from: iso, cause: "cut" };
    expect(tailing.lines()).toMatchObject([
      { ...event, source: "live", data: { presenceDefinition: { systemPresence: "BUSY" } } },
      { ...gap, to: null, state: "open" },
      { ...gap, to: iso, state: "closed" },
      { ...event, data: { presenceDefinition: { systemPresence: "AWAY" } } },
    ]);
    expect(tailing.err).toMatch(/connected[^]*subscribed[^]*disconnected[^]*connected/u);
  });

  test("--format genesys prints the frames and nothing else", async () => {
    const mock = await mockProcess();
    const tailing = tail(mock, `--topic ${presence} --format genesys`);
    await tailing.until("err", /subscribed/u);
    await publish(mock, { a: 1 });
    await tailing.until("out", /\n/u);
    expect(tailing.lines()).toMatchObject([
      { topicName: presence, eventBody: { a: 1 }, metadata: { CorrelationId: expect.any(String) } },
    ]);
  });

  test("an unreachable host is told once, tried for, and given up on Ctrl-C", async () => {
    const tailing = trunkline(
      `tail --direct --base-url http://127.0.0.1:1 --topic ${presence} --trace`,
      {
        GC_CLIENT_ID: "x",
        GC_CLIENT_SECRET: "s3cret-of-the-client",
      },
    );
    // The third attempt is under way, and still there is one message.
    await tailing.until("err", /(?:POST .*UNREACHABLE[^]*){3}/u);
    expect(tailing.err.match(/disconnected {2}UNREACHABLE/gu)).toHaveLength(1);
    tailing.child.kill("SIGINT");
    await expectExit(tailing, 0);
  });

  test.each([
    [
      "a wrong secret",
      `--topic ${presence}`,
      { GC_CLIENT_SECRET: "wrong-secret" },
      1,
      /CREDENTIALS_REFUSED/u,
    ],
    ["an invalid topic", "--topic v2.users.{id}.presence", {}, 1, /TOPIC_INVALID/u],
    ["an unknown topic", "--topic v2.nonsense", {}, 1, /TOPICS_REJECTED: .*\n {2}→ .*spelling/u],
    ["no topic", "--trace", {}, 2, /TOPIC_MISSING/u],
    [
      "half a pair",
      `--topic ${presence}`,
      { GC_CLIENT_SECRET: undefined },
      1,
      /CREDENTIALS_INCOMPLETE: GC_CLIENT_ID/u,
    ],
    [
      "a secret with a line end",
      `--topic ${presence}`,
      { GC_CLIENT_SECRET: "wrong-secret\n" },
      1,
      /VARIABLE_INVALID: GC_CLIENT_SECRET/u,
    ],
  ])("%s ends it with a code and a remedy", async (_, more, change, code, said) => {
    const mock = await mockHere();
    const { clientId, clientSecret } = mock;
    const env = { GC_CLIENT_ID: clientId, GC_CLIENT_SECRET: clientSecret, ...change };
    const set = Object.entries(env).filter(([, value]) => value !== undefined) as [
      string,
      string,
    ][];
    const line = `tail --direct --base-url ${mock.apiUrl} ${more}`;
    const tailing = trunkline(line, Object.fromEntries(set));
    await expectExit(tailing, code);
    expect(tailing.err).toMatch(said);
    expect(tailing.err).toMatch(/error [A-Z_]+: .+\n {2}→ .+\n$/u);
    expect(tailing.out + tailing.err).not.toContain("wrong-secret");
  });

  test("an unknown region is told with the variable and the nearest one", async () => {
    const env = { GC_CLIENT_ID: "x", GC_CLIENT_SECRET: "y", GC_REGION: "eu-centrl-1" };
    const tailing = trunkline(`tail --direct --topic ${presence}`, env);
    await expectExit(tailing, 1);
    expect(tailing.err).toMatch(/^error REGION_UNKNOWN: GC_REGION: .*eu-central-1\?\n {2}→ .*\n$/u);
  });

  describe("permissions", () => {
    const clients = [
      {
        clientId: "limited",
        clientSecret: "limited-secret",
        permissions: ["presence:presence:view"],
      },
    ];

    test("a rejected topic is told with what is missing, and the rest goes on", async () => {
      const mock = await mockHere({ clients });
      const tailing = tail(mock, `--topic ${presence} --topic ${observations}`);
      await tailing.until("err", /subscribed {4}1 topic/u);
      expect(tailing.err).toMatch(
        /rejected {6}v2\.analytics\S+: missing analytics:.+\n +→ Give the OAuth client a role/u,
      );
      mock.cloud.emit(presence, { a: 1 }, mock.nowMs());
      await tailing.until("out", /"data":\{"a":1\}/u);
    });

    test("nothing but rejected topics ends it", async () => {
      const mock = await mockHere({ clients });
      const tailing = tail(mock, `--topic ${observations}`);
      await expectExit(tailing, 1);
      expect(tailing.err).toMatch(/error TOPICS_REJECTED: .*missing: analytics:/u);
    });
  });

  test("takes nobody's channel, unless told to", async () => {
    const mock = await mockHere();
    const basic = Buffer.from(`${mock.clientId}:${mock.clientSecret}`).toString("base64");
    const login = await fetch(`${mock.loginUrl}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    for (let i = 0; i < 20; i++)
      await fetch(`${mock.apiUrl}/api/v2/notifications/channels`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
      });
    const polite = tail(mock, `--topic ${presence}`);
    await expectExit(polite, 1);
    expect(polite.err).toMatch(/error CHANNELS_TAKEN: .*\n {2}→ .*--evict/u);
    await tail(mock, `--topic ${presence} --evict`).until("err", /subscribed/u);
  });
});

test("a Node that is too old is told before anything breaks", async () => {
  const older =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"22.9.0"}})';
  const old = start(process.execPath, ["--import", older, bin, "--version"]);
  await expectExit(old, 1);
  expect(old.err).toMatch(/^error NODE_TOO_OLD: This is Node.js 22\.9\.0; .*\n {2}→ .*\n$/u);
  expect(old.out).toBe("");
});
