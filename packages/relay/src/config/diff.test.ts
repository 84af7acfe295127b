import { expect, test } from "vitest";
import type { RelayConfig } from "./config.ts";
import { diffConfig } from "./diff.ts";
import { parseConfig } from "./parse.ts";

const env = {
  GENESYSCLOUD_OAUTHCLIENT_ID: "client-1",
  GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret-1",
  GENESYSCLOUD_REGION: "eu-central-1",
  TOKEN: "t0ken-of-sixteen-characters",
};

function nothing(): string {
  return "";
}

function config(text: string, own: Readonly<Record<string, string>> = {}): RelayConfig {
  return parseConfig({
    text,
    path: "/etc/trunkline.yaml",
    env: { ...env, ...own },
    readText: nothing,
  });
}

const base = `
dataDir: d
log: { level: info }
trunks:
  - { name: main, topics: [v2.users.1.presence, v2.users.2.presence], policy: { pingEvery: 9s } }
sinks:
  - { name: out, type: stdout }
  - name: hook
    type: webhook
    url: https://hooks.example.com/s3cret-path
    headers: { authorization: { env: TOKEN } }
`;

test("the same configuration differs in nothing, even read twice", () => {
  const { changes, needRestart } = diffConfig(config(base), config(base));
  expect([changes, needRestart]).toEqual([[], []]);
});

const cases: readonly (readonly [
  what: string,
  from: string | RegExp,
  to: string,
  changes: readonly string[],
  needRestart: readonly string[],
])[] = [
  [
    "one topic more",
    "v2.users.1.presence,",
    "v2.users.1.presence, v2.users.3.presence,",
    ["trunk main: 1 topic more"],
    [],
  ],
  [
    "topics more and less",
    "v2.users.1.presence, v2.users.2.presence",
    "v2.users.3.presence",
    ["trunk main: 1 topic more, 2 topics less"],
    [],
  ],
  ["another spelling of a topic", "v2.users.1", "V2.Users.1", [], []],
  ["the log level", "level: info", "level: debug", ["log: level info → debug"], []],
  [
    "a new sink",
    "sinks:",
    "sinks:\n  - { name: b, type: file, path: x }",
    ["sink b: new (file)"],
    [],
  ],
  ["a removed sink", "  - { name: out, type: stdout }\n", "", ["sink out: removed"], []],
  ["a disabled sink", "type: stdout", "type: stdout, enabled: false", ["sink out: disabled"], []],
  [
    "the timings of a sink",
    "type: stdout",
    "type: stdout, retry: { first: 1s }, inFlight: 2",
    ["sink out: inFlightMax, retryFirstMs"],
    [],
  ],
  ["the URL of a webhook", "s3cret-path", "other-path", ["sink hook: url"], []],
  [
    "a sink of another type",
    "type: stdout",
    "type: file, path: x",
    ["sink out: type, path, rotate"],
    [],
  ],
  ["the data directory", "dataDir: d", "dataDir: e", [], ["dataDir"]],
  [
    "the port",
    "dataDir: d",
    "dataDir: d\nhttp: { port: 1, hosts: [a] }",
    [],
    ["http: port, hosts"],
  ],
  [
    "how much is kept",
    "dataDir: d",
    "dataDir: d\njournal: { maxAge: 1d }",
    [],
    ["journal: maxAgeMs"],
  ],
  ["redaction", "dataDir: d", "dataDir: d\nredact: [{ paths: [$.eventBody] }]", [], ["redact"]],
  ["a region", "name: main,", "name: main, region: eu-west-1,", [], ["trunk main: region"]],
  [
    "a base URL for a region",
    "name: main,",
    "name: main, baseUrl: http://x,",
    [],
    ["trunk main: region, baseUrl"],
  ],
  ["timings of a line", "pingEvery: 9s", "pingEvery: 8s", [], ["trunk main: policy"]],
  ["a new trunk", "trunks:", "trunks:\n  - { name: b }", [], ["trunk b: new"]],
  ["another trunk", "name: main", "name: b", [], ["trunk b: new", "trunk main: removed"]],
];

test.each(cases)("tells of %s", (_what, from, to, changes, needRestart) => {
  const next = base.replace(from, to);
  expect(next).not.toBe(base);
  const difference = diffConfig(config(base), config(next));
  expect(difference.changes).toEqual(changes);
  expect(difference.needRestart).toEqual(needRestart);
  expect(JSON.stringify([difference.changes, difference.needRestart])).not.toMatch(/s3cret|t0ken/u);
});

test("new secrets are told without showing them", () => {
  const next = config(base, {
    TOKEN: "t0ken-of-another-kind",
    GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret-2",
  });
  const difference = diffConfig(config(base), next);
  expect(difference.changes).toEqual(["sink hook: headers"]);
  expect(difference.needRestart).toEqual(["trunk main: clientSecret"]);
});

test("the running relay is given what it can take over, and keeps the rest", () => {
  const next = config(
    base
      .replace("dataDir: d", "dataDir: e")
      .replace("v2.users.2.presence", "v2.users.3.presence")
      .replace("pingEvery: 9s", "pingEvery: 8s")
      .replace("trunks:", "trunks:\n  - { name: b }")
      .replace("name: out", "name: in"),
  );
  const old = config(base);
  const { config: running } = diffConfig(old, next);
  expect(running.dataDir).toBe(old.dataDir);
  expect(running.sinks).toEqual(next.sinks);
  expect(running.trunks).toEqual([
    { ...old.trunks[0], topics: ["v2.users.1.presence", "v2.users.3.presence"] },
  ]);
  // Once taken over, only what needs a restart is told again.
  const again = diffConfig(running, next);
  expect(again.changes).toEqual([]);
  expect(again.needRestart).toEqual(["dataDir", "trunk b: new", "trunk main: policy"]);
});

test("clients are taken over, as are rules for tokens to come; limits need a restart", () => {
  const hash = `sha256:${"0".repeat(64)}`;
  const client = (id: string, scope = "analytics:events:read"): string =>
    `{ id: ${id}, secretHash: "${hash}", scopes: ["${scope}"] }`;
  const old = config(`${base}gateway: { clients: [${client("a")}, ${client("b")}] }`);
  const next = config(
    `${base}gateway: { tokenLife: 1h, subscriptionsMax: 5, clients: [${client("b", "view:notification")}, ${client("c")}] }`,
  );
  const { changes, needRestart, config: now } = diffConfig(old, next);
  expect(changes).toEqual([
    "client a: removed",
    "client b: scopes",
    "client c: new",
    "gateway: tokenLifeMs",
  ]);
  expect(needRestart).toEqual(["gateway: subscriptionsMax"]);
  expect(now.gateway).toEqual({ ...next.gateway, subscriptionsMax: 10_000 });
});
