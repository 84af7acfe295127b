import { regions, Secret } from "@trunkline/client";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Complaint, isRelayError, type RelayError } from "../errors.ts";
import { plainGateway } from "../testing/plain-gateway.ts";
import type { RelayConfig } from "./config.ts";
import { type ConfigDoors, createConfig, loadConfig, parseConfig } from "./parse.ts";

const env = {
  GENESYSCLOUD_OAUTHCLIENT_ID: "client-1",
  GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret-of-client-1",
  GENESYSCLOUD_REGION: "eu-central-1",
  LONG_TOKEN: "t0ken-of-sixteen-characters",
  SHORT_TOKEN: "t0k",
  SPACED: "has a space",
  NULLED: "two\u0000words",
  BLANK: "",
  PORT: "9000",
  QUEUE: "5a3f9c1e-0000-4000-8000-000000000001",
  SIGNING: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
};

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const files: Readonly<Record<string, string>> = {
  "/etc/trunkline/secret.txt": "s3cret-in-file\n",
  "/etc/trunkline/crlf.txt": "s3cret-in-file\r\n",
  "/etc/trunkline/empty.txt": "\n",
  "/etc/trunkline/two.txt": "s3cret-1\ns3cret-2\n",
  "/run/secrets/huge": "s".repeat(10_000),
};

const doors: ConfigDoors = {
  env,
  readText: (path, charactersMax) => {
    const text = files[path];
    if (text === undefined) throw systemError("ENOENT");
    return text.slice(0, charactersMax);
  },
};

function parse(text: string, own: Partial<ConfigDoors> = {}): RelayConfig {
  return parseConfig({ text, path: "/etc/trunkline/trunkline.yaml", ...doors, ...own });
}

/** A configuration that is right but for what is put in front of it. */
function withTrunk(text: string): string {
  return `${text}\ntrunks:\n  - name: main\n    topics: [v2.routing.settings]\n`;
}

function failure(read: () => unknown): RelayError {
  try {
    read();
  } catch (error) {
    if (isRelayError(error)) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

function complaints(text: string, own: Partial<ConfigDoors> = {}): readonly Complaint[] {
  const error = failure(() => parse(text, own));
  expect(error.code).toBe("CONFIG_INVALID");
  return error.complaints;
}

test("an empty trunk is enough: everything else has a default or comes from the environment", () => {
  expect(parse("trunks: [{ name: main, topics: [v2.users.1.presence] }]")).toEqual({
    dataDir: "/etc/trunkline/trunkline-data",
    http: {
      host: "127.0.0.1",
      port: 8484,
      token: undefined,
      hosts: [],
      origins: [],
      tls: undefined,
    },
    log: { level: "info" },
    journal: { maxAgeMs: 604_800_000, bytesMax: 10_000_000_000 },
    gateway: plainGateway,
    redact: [],
    trunks: [
      {
        name: "main",
        place: { region: "eu-central-1" },
        credentials: {
          clientId: "client-1",
          clientSecret: new Secret("client secret", "s3cret-of-client-1"),
        },
        topics: ["v2.users.1.presence"],
        evictChannels: false,
        redundancy: 1,
        requestsPerMinute: 300,
        policy: {},
      },
    ],
    sinks: [],
    warnings: [],
  });
});

test("everything that can be said is read", () => {
  const config = parse(`
dataDir: /var/lib/trunkline
http:
  host: 0.0.0.0
  port: \${PORT}
  token: { env: LONG_TOKEN }
  hosts: [relay.example.com]
  origins: ["https://console.example.com"]
  tls: { cert: tls/cert.pem, key: /etc/key.pem }
log: { level: debug }
journal: { maxAge: 36h, maxBytes: 1GiB }
redact:
  - paths: [$.eventBody.participants..name]
  - { topics: [v2.users.*.presence], paths: [$.eventBody.message] }
trunks:
  - name: a
    baseUrl: http://127.0.0.1:9080
    clientId: \${GENESYSCLOUD_OAUTHCLIENT_ID}
    clientSecret: { file: secret.txt }
    topics: ["v2.routing.queues.\${QUEUE}.users", "v2.users.1?presence&station"]
    evictChannels: true
    redundancy: 2
    requestsPerMinute: 60
    policy: { pingEvery: 5s, unansweredMax: 2 }
  - { name: b, region: mypurecloud.ie, topics: [v2.routing.settings] }
sinks:
  - { name: out, type: stdout, enabled: false, from: start, topics: [v2.users.*.presence] }
  - name: archive
    type: file
    path: archive/events.ndjson
    rotate: { maxBytes: 1MB, maxFiles: 3 }
    batch: { maxEntries: 7, maxBytes: 64kB }
    inFlight: 2
    retry: { first: 1s, max: 2m }
    writeTimeout: 5s
    maxDeadLetters: 9
  - name: hook
    type: webhook
    url: https://hooks.example.com/{{ data.id }}
    method: PUT
    headers: { authorization: { env: LONG_TOKEN, prefix: "Bearer " }, x-topic: "{{ topic }}" }
    body: '{"id":{{ data.id }}}'
    secret: { env: SIGNING }
    timeout: 3s
    allow: [10.0.0.0/8, hooks.internal]
    refuseStatuses: [422]
`);
  expect(config).toMatchObject({
    dataDir: "/var/lib/trunkline",
    http: {
      host: "0.0.0.0",
      port: 9_000,
      hosts: ["relay.example.com"],
      tls: { certFile: "/etc/trunkline/tls/cert.pem", keyFile: "/etc/key.pem" },
    },
    log: { level: "debug" },
    journal: { maxAgeMs: 129_600_000, bytesMax: 1_073_741_824 },
    redact: [
      { topics: undefined, paths: ["$.eventBody.participants..name"] },
      { topics: ["v2.users.*.presence"], paths: ["$.eventBody.message"] },
    ],
    trunks: [
      {
        name: "a",
        place: { baseUrl: "http://127.0.0.1:9080" },
        topics: [`v2.routing.queues.${env.QUEUE}.users`, "v2.users.1?presence&station"],
        evictChannels: true,
        redundancy: 2,
        requestsPerMinute: 60,
        policy: { pingEveryMs: 5_000, unansweredMax: 2 },
      },
      { name: "b", place: { region: "mypurecloud.ie" } },
    ],
    sinks: [
      { name: "out", isEnabled: false, from: "start", topics: ["v2.users.*.presence"] },
      {
        path: "/etc/trunkline/archive/events.ndjson",
        rotate: { bytesMax: 1_000_000, filesMax: 3 },
        delivery: {
          batchEntriesMax: 7,
          batchBytesMax: 64_000,
          inFlightMax: 2,
          retryFirstMs: 1_000,
          retryMaxMs: 120_000,
          writeTimeoutMs: 5_000,
          deadLettersMax: 9,
        },
      },
      {
        webhook: {
          url: "https://hooks.example.com/{{ data.id }}",
          method: "PUT",
          body: '{"id":{{ data.id }}}',
          mode: "event",
          timeoutMs: 3_000,
          allow: ["10.0.0.0/8", "hooks.internal"],
          refuseStatuses: [422],
        },
      },
    ],
  });
  expect(config.http.token?.reveal()).toBe(env.LONG_TOKEN);
  expect(config.trunks[0]?.credentials.clientSecret.reveal()).toBe("s3cret-in-file");
  const hook = config.sinks[2];
  const headers = hook?.type === "webhook" ? hook.webhook.headers : {};
  expect(headers["x-topic"]).toBe("{{ topic }}");
  expect((headers["authorization"] as Secret).reveal()).toBe(`Bearer ${env.LONG_TOKEN}`);
});

/** Each with the place and some words of the complaint and its remedy. */
const wrong: readonly (readonly [
  what: string,
  text: string,
  place: string,
  message: string,
  help: string,
])[] = [
  ["an unknown option", "datadir: x", "1:1", "datadir is no option", "Did you mean dataDir?"],
  [
    "an unknown option far from any",
    "zebra: x",
    "1:1",
    "zebra is no option",
    "There are dataDir, http",
  ],
  [
    "an unknown nested option",
    "http:\n  prot: 1",
    "2:3",
    "http.prot is no option",
    "Did you mean port?",
  ],
  [
    "a key called __proto__",
    "http:\n  __proto__: { port: 1 }",
    "2:3",
    "http.__proto__ is no option",
    "There are",
  ],
  ["a text for a section", "http: yes", "1:7", "http is no map of options", "below it"],
  ["a list for a section", "http: [1]", "1:7", "http is no map", "below it"],
  ["a section for a list", "sinks: { a: 1 }", "1:8", "sinks is no list", '"- "'],
  [
    "a text where an item should be",
    "sinks: [nonsense]",
    "1:9",
    "sinks[0] is no map of options",
    "below it",
  ],
  [
    "a port out of range",
    "http: { port: 65536 }",
    "1:15",
    'http.port "65536" is more than 65535',
    "from 0 to 65535",
  ],
  [
    "a port that is no number",
    "http: { port: a1 }",
    "1:15",
    'http.port "a1" is no whole number',
    "whole number",
  ],
  ["a fraction", "http: { port: 80.5 }", "1:15", "is no whole number", "whole number"],
  [
    "an option without a value",
    "http:\n  port:\n  host: ::1",
    "2:8",
    "http.port has no value",
    "remove the line",
  ],
  [
    "a flag of YAML 1.1",
    "sinks: [{ name: a, type: stdout, enabled: yes }]",
    "1:43",
    '"yes" is a text in YAML 1.2',
    "true or false",
  ],
  [
    "a duration without a unit",
    "journal: { maxAge: 7 }",
    "1:20",
    'journal.maxAge "7" has no unit',
    "such as 30s",
  ],
  [
    "a duration in other words",
    "journal: { maxAge: 7 days }",
    "1:20",
    '"7 days" is no duration',
    "ms, s, m, h or d",
  ],
  ["a duration that is too short", "journal: { maxAge: 1s }", "1:20", "is less than 1m", "from 1m"],
  ["a size without a unit", "journal: { maxBytes: 100 }", "1:22", "has no unit", "GiB"],
  ["a size in a wrong unit", "journal: { maxBytes: 10gb }", "1:22", '"10gb" is no size', "GB"],
  [
    "a level that there is not",
    "log: { level: inof }",
    "1:15",
    '"inof" is not one of',
    "Did you mean info?",
  ],
  [
    "a host that is reached from outside",
    "http: { host: 0.0.0.0 }",
    "1:15",
    "http.token is missing",
    "127.0.0.1",
  ],
  [
    "a certificate without its key",
    "http:\n  tls: { cert: a }",
    "2:8",
    "http.tls.key is missing",
    "PEM",
  ],
  [
    "a token in plain text",
    "http: { token: abcdefghijklmnopqrst }",
    "1:16",
    "http.token is a secret in plain text",
    "{ env: TRUNKLINE_TOKEN }",
  ],
  [
    "a short token",
    "http: { token: { env: SHORT_TOKEN } }",
    "1:16",
    "is shorter than 16",
    "another token",
  ],
  [
    "a secret of two sources",
    "http: { token: { env: A, file: b } }",
    "1:16",
    "is not { env: NAME } or",
    "Write { env",
  ],
  [
    "a secret of no variable",
    "http: { token: { env: NOT_SET } }",
    "1:23",
    "NOT_SET, which is not set",
    "Set NOT_SET",
  ],
  [
    "a secret in an empty variable",
    "http: { token: { env: BLANK } }",
    "1:23",
    "BLANK, which is set, but empty",
    "bare value",
  ],
  [
    "a secret with white space",
    "http: { token: { env: SPACED } }",
    "1:23",
    "white space",
    "bare value",
  ],
  [
    "a secret with a null in it",
    "http: { token: { env: NULLED } }",
    "1:23",
    "characters in it that are no text",
    "bare value",
  ],
  [
    "a secret where its name should be",
    "http: { token: { env: abc-def+ghi/jkl= } }",
    "1:23",
    "is not the name of a variable",
    "{ env: MY_SECRET }",
  ],
  [
    "a secret file that is not there",
    "http: { token: { file: no.txt } }",
    "1:24",
    "/etc/trunkline/no.txt, which cannot be read (ENOENT)",
    "Check the path",
  ],
  [
    "a secret file that is empty",
    "http: { token: { file: empty.txt } }",
    "1:24",
    "is empty",
    "nothing else",
  ],
  [
    "a secret file of two lines",
    "http: { token: { file: two.txt } }",
    "1:24",
    "white space",
    "one line end",
  ],
  [
    "a secret file that is too long",
    "http: { token: { file: /run/secrets/huge } }",
    "1:24",
    "longer than 4096",
    "nothing else",
  ],
  [
    "a Host with a port",
    "http: { hosts: ['a.example:80'] }",
    "1:17",
    "is no host name without",
    "relay.example.com",
  ],
  [
    "an origin with a path",
    "http: { origins: ['https://a.example/b'] }",
    "1:19",
    "is no origin",
    "without a path",
  ],
  [
    "a JSON path that is none",
    "redact: [{ paths: ['$['] }]",
    "1:20",
    "is no JSON path",
    "RFC 9535",
  ],
  [
    "a JSON path that matches nothing",
    "redact: [{ paths: [$.participants] }]",
    "1:20",
    "does not begin with $.eventBody",
    "RFC 9535",
  ],
  [
    "a rule without paths",
    "redact: [{ topics: [v2.users.*.presence] }]",
    "1:10",
    "redact[0].paths is missing",
    "list",
  ],
  [
    "a placeholder in a pattern",
    "redact: [{ topics: ['v2.users.{id}.presence'], paths: [$.eventBody] }]",
    "1:21",
    "has a placeholder",
    "*",
  ],
  [
    "a sink of no type",
    "sinks: [{ name: a }]",
    "1:9",
    "sinks[0].type is missing",
    "stdout, file, webhook",
  ],
  [
    "a sink of an unknown type",
    "sinks: [{ name: a, type: webhok }]",
    "1:26",
    '"webhok" is no type of sink',
    "Did you mean webhook?",
  ],
  [
    "a name with other characters",
    "sinks: [{ name: My Sink, type: stdout }]",
    "1:17",
    '"My Sink" has other characters',
    "a-z",
  ],
  [
    "two sinks of one name",
    "sinks: [{ name: a, type: stdout }, { name: a, type: stdout }]",
    "1:44",
    'sinks[1].name "a" is the name of sinks[0] too',
    "of its own",
  ],
  [
    "two sinks on one file",
    "sinks: [{ name: a, type: file, path: x }, { name: b, type: file, path: ./x }]",
    "1:72",
    "is written by sinks[0] too",
    "of its own",
  ],
  [
    "a sink on what another rotates",
    "sinks: [{ name: a, type: file, path: x }, { name: b, type: file, path: x.10 }]",
    "1:72",
    "rotated into",
    "of its own",
  ],
  [
    "a webhook without a URL",
    "sinks: [{ name: a, type: webhook }]",
    "1:9",
    "sinks[0].url is missing",
    "https://",
  ],
  [
    "a webhook to no URL",
    "sinks: [{ name: a, type: webhook, url: 'ftp://s3cret@x' }]",
    "1:40",
    "does not begin with https://",
    "",
  ],
  [
    "a template that does not end",
    "sinks: [{ name: a, type: webhook, url: 'https://x/{{ topic' }]",
    "1:40",
    "is not taken: The template is wrong",
    "",
  ],
  [
    "a host from an event",
    "sinks: [{ name: a, type: webhook, url: 'https://x{{ data.id }}/' }]",
    "1:40",
    "is not taken",
    "",
  ],
  [
    "a body that does not parse",
    "sinks: [{ name: a, type: webhook, url: 'https://x/', body: '{{' }]",
    "1:60",
    "The template is wrong",
    "",
  ],
  [
    "a header with a secret",
    "sinks: [{ name: a, type: webhook, url: 'https://x/', headers: { X-Api-Key: s3cret } }]",
    "1:76",
    "is a secret in plain text",
    "{ env: HOOK_TOKEN }",
  ],
  [
    "a header of ours",
    "sinks: [{ name: a, type: webhook, url: 'https://x/', headers: { host: b } }]",
    "1:71",
    "is set by Trunkline itself",
    "",
  ],
  [
    "a signing secret of another kind",
    "sinks: [{ name: a, type: webhook, url: 'https://x/', secret: { env: LONG_TOKEN } }]",
    "1:62",
    'is not "whsec_"',
    "",
  ],
  [
    "templates in batches",
    "sinks: [{ name: a, type: webhook, url: 'https://x/{{ data.id }}', mode: batch }]",
    "1:9",
    'mode is "batch"',
    "",
  ],
  [
    "a request longer than its batch",
    "sinks: [{ name: a, type: webhook, url: 'https://x/', timeout: 5m }]",
    "1:63",
    "is longer than writeTimeout",
    "Shorten",
  ],
  [
    "an address range that is none",
    "sinks: [{ name: a, type: webhook, url: 'https://x/', allow: ['10.0.0.0/99'] }]",
    "1:62",
    "neither a host name nor an address range",
    "",
  ],
  [
    "a first pause that is the longest",
    "sinks: [{ name: a, type: stdout, retry: { first: 2m } }]",
    "1:50",
    "is longer than retry.max",
    "",
  ],
  [
    "a variable that is not set",
    "dataDir: /var/${NOT_SET}/x",
    "1:10",
    "takes the variable NOT_SET, which is not set",
    "${NOT_SET:-default}",
  ],
  ["a variable without a name", "dataDir: /var/${1}/x", "1:10", 'has "${" without a name', "$${"],
];

test.each(wrong)(
  "complains of %s with its place and the remedy",
  (_what, text, place, message, help) => {
    const found = complaints(withTrunk(text));
    expect(found.length).toBe(1);
    expect(found[0]?.source).toBe(`/etc/trunkline/trunkline.yaml:${place}`);
    expect(found[0]?.message).toContain(message);
    expect(found[0]?.help).toContain(help);
    expect(JSON.stringify(found)).not.toMatch(/s3cret|t0k|abcdefghij|abc-def/u);
  },
);

const wrongTrunks: readonly (readonly [
  what: string,
  trunk: string,
  place: string,
  message: string,
  help: string,
])[] = [
  [
    "a topic with a placeholder",
    "topics: ['v2.users.{id}.presence']",
    "2:25",
    "is not a topic",
    "",
  ],
  [
    "the third of three topics",
    "topics: [v2.users.1.presence, v2.users.2.presence, nonsense]",
    "2:67",
    'topics[2] "nonsense" is not a topic',
    "",
  ],
  [
    "a pattern of what nothing lists",
    "topics: ['v2.users.*.presence', 'v2.conversations.*.transcription']",
    "2:48",
    "only ids of queues and users can be listed",
    "v2.users.*.presence for every user",
  ],
  [
    "a topic that is none, after a pattern",
    "topics: ['v2.users.*.presence', 'v2.users.{id}.presence']",
    "2:48",
    "is not a topic",
    "real ids",
  ],
  ["a topic that is a number", "topics: [7]", "2:25", '"7" is no text', 'quotes: "7"'],
  [
    "topics that are no list",
    "topics: v2.users.1.presence",
    "2:24",
    "is no list",
    "[v2.users.1.presence]",
  ],
  [
    "a region with a slip",
    "region: eu-centrl-1",
    "2:24",
    '"eu-centrl-1" is not the AWS name',
    "Did you mean eu-central-1?",
  ],
  ["a region that is none", "region: mars", "2:24", '"mars" is not', "eu-central-1"],
  [
    "a region and a base URL",
    "region: eu-west-1, baseUrl: http://x",
    "2:44",
    "cannot stand beside region",
    "Leave one",
  ],
  [
    "a base URL that is none",
    "baseUrl: x",
    "2:25",
    '"x" is not an origin',
    "http://127.0.0.1:9080",
  ],
  [
    "a password in a base URL",
    "baseUrl: 'http://u:s3cret@x'",
    "2:25",
    "has a user or password in it",
    "origin",
  ],
  ["a base URL with a query", "baseUrl: 'http://x/?a=s3cret'", "2:25", "has a query", "origin"],
  [
    "a secret in plain text",
    "clientId: a, clientSecret: s3cret",
    "2:43",
    "is a secret in plain text",
    "{ env: GENESYSCLOUD_OAUTHCLIENT_SECRET }",
  ],
  ["an id without its secret", "clientId: a", "2:5", "clientSecret is missing", "neither"],
  [
    "a secret without its id",
    "clientSecret: { env: LONG_TOKEN }",
    "2:5",
    "clientId is missing",
    "neither",
  ],
  [
    "a timing that there is not",
    "policy: { pingEverry: 3s }",
    "2:26",
    "is no timing",
    "Did you mean pingEvery?",
  ],
  ["a timing without a unit", "policy: { silence: 30 }", "2:35", '"30" has no unit', "30s"],
  ["no requests at all", "requestsPerMinute: 0", "2:35", "is less than 1", "300"],
  [
    "a password in what is no URL",
    "baseUrl: 'u:s3cret@x'",
    "2:25",
    "has a user or password",
    "origin",
  ],
  ["more sessions than there may be", "redundancy: 3", "2:28", "is more than 2", "1 to 2"],
  ["more requests than there may be", "requestsPerMinute: 301", "2:35", "is more than 300", "300"],
];

test.each(wrongTrunks)("complains of %s in a trunk", (_what, trunk, place, message, help) => {
  const found = complaints(`trunks:\n  - { name: m, ${trunk} }`);
  expect(found.length).toBe(1);
  expect(found[0]?.source).toBe(`/etc/trunkline/trunkline.yaml:${place}`);
  expect(found[0]?.message).toContain(message);
  expect(found[0]?.help).toContain(help);
  expect(JSON.stringify(found)).not.toContain("s3cret");
});

test("what the environment should have is missed by the names of its variables", () => {
  const bare = complaints("trunks: [{ name: main }]", { env: {} });
  expect(bare.map(({ message }) => message)).toEqual([
    "trunks[0] has neither region nor baseUrl",
    "trunks[0] has no credentials of its own and takes GENESYSCLOUD_OAUTHCLIENT_ID, which is not set",
    "trunks[0] has no credentials of its own and takes GENESYSCLOUD_OAUTHCLIENT_SECRET, which is not set",
  ]);
  const region = { ...env, GENESYSCLOUD_REGION: "eu-centrl-1" };
  const [found] = complaints("trunks: [{ name: main }]", { env: region });
  expect(found?.message).toContain("GENESYSCLOUD_REGION");
  expect(found?.help).toContain("Did you mean eu-central-1?");
  const [spaced] = complaints("trunks: [{ name: main }]", {
    env: { ...env, GENESYSCLOUD_OAUTHCLIENT_SECRET: "s3cret \n" },
  });
  expect(spaced?.message).toContain(
    "GENESYSCLOUD_OAUTHCLIENT_SECRET, which is empty or has white space",
  );
});

test("all complaints come at once, in the order of the file, and the message tells them", () => {
  const text =
    "sinks:\n  - { name: A B, type: file }\nhttp: { port: x, hots: [] }\ntrunks:\n  - { region: x }\n  - {}\n";
  const error = failure(() => parse(text));
  expect(error.complaints.map(({ line, path }) => `${line} ${path}`)).toEqual([
    "2 sinks[0].path",
    "2 sinks[0].name",
    "3 http.port",
    "3 http.hots",
    "5 trunks[0].name",
    "5 trunks[0].region",
    "6 trunks[1].name",
  ]);
  expect(error.message).toContain("trunkline.yaml has 7 things wrong:");
  expect(error.message).toContain(
    'trunkline.yaml:3:15: http.port "x" is no whole number.\n  → Write',
  );
});

test.each([
  ["a key that is there twice", "log: {}\nlog: {}\n", "2:1", "has a key twice", "2 | log: {}"],
  ["a bracket that is not closed", "log: [\n", "2:1", "is not valid YAML", "|"],
  ["a tab for indentation", "log:\n\tlevel: info\n", "2:1", "Tabs", "2 |  level: info"],
  ["two documents", "log: {}\n---\nlog: {}\n", "2:1", "more than one document", "2 | ---"],
  ["a tag", "log: !!js/function x\n", "1:6", "has a tag that means nothing", "^"],
  [
    "wrong indentation",
    "http:\n   port: 1\n  host: x\n",
    "3:1",
    "is not valid YAML",
    "3 |   host: x",
  ],
])("says of %s where it is, with the line", (_what, text, place, message, frame) => {
  const [found] = complaints(text);
  expect(found?.source).toBe(`/etc/trunkline/trunkline.yaml:${place}`);
  expect(found?.message).toContain(message);
  expect(found?.frame).toContain(frame);
  expect(failure(() => parse(text)).message).toContain(frame);
});

test("says of bytes that are no text where they are", () => {
  const [found, ...more] = complaints("log: {}\ndataDir: a\uFFFDb\n");
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    source: "/etc/trunkline/trunkline.yaml:2:11",
    message: "The file has characters in it that are not UTF-8",
    help: "Save the file as UTF-8.",
  });
});

test("says of a merge that there is none", () => {
  const text = "trunks:\n  - &a { name: a, topics: [] }\n  - { <<: *a, name: b }\n";
  const found = complaints(text).filter(({ message }) => message.includes("<<"));
  expect(found).toMatchObject([
    {
      source: "/etc/trunkline/trunkline.yaml:3:7",
      message: "trunks[1] merges another map (<<), which is no longer part of YAML",
    },
  ]);
});

test("the line that is shown hides what follows the name of a secret", () => {
  const error = failure(() => parse('trunks:\n  - name: main\n   clientSecret: "s3cret"\n'));
  expect(error.message).toContain("clientSecret: ••••••••");
  expect(error.message).not.toContain("s3cret");
});

test("anchors may repeat values, and cannot blow up", () => {
  const config = parse(
    "sinks:\n  - &one { name: a, type: stdout, topics: &t [v2.users.*.presence] }\n  - { name: b, type: stdout, topics: *t }\ntrunks: [{ name: m, topics: [v2.routing.settings] }]",
  );
  expect(config.sinks[1]?.topics).toEqual(["v2.users.*.presence"]);
  const bomb = Array.from(
    { length: 12 },
    (_, level) =>
      `l${level}: &l${level} [${level === 0 ? "x" : Array.from({ length: 10 }, () => `*l${level - 1}`).join(", ")}]`,
  );
  expect(complaints(bomb.join("\n")).map(({ message }) => message)).toContainEqual(
    expect.stringContaining("holds too many values"),
  );
  expect(complaints("log: &a [*a]").map(({ message }) => message)).toContainEqual(
    expect.stringContaining("nested too deeply"),
  );
  expect(complaints("log: { level: *nope }").map(({ message }) => message)).toContainEqual(
    expect.stringContaining("nope"),
  );
  expect(complaints("[".repeat(100_000))[0]?.message).toContain("nested too deeply");
});

test("a complaint about a repeated value names the place of the alias", () => {
  const [found] = complaints(
    withTrunk("http: { port: &p x }\nsinks: [{ name: a, type: stdout, inFlight: *p }]").replace(
      "&p x",
      "&p 999",
    ),
  );
  expect(found?.source).toContain(":2:44");
});

test("variables are put into texts, with defaults, and are never read as YAML", () => {
  const read = (text: string, own: Readonly<Record<string, string>> = {}): string =>
    parse(withTrunk(`dataDir: ${text}`), { env: { ...env, ...own } }).dataDir;
  expect(read("/a/${QUEUE}/b")).toBe(`/a/${env.QUEUE}/b`);
  expect(read("/a/${NOT_SET:-b}/${BLANK:-c}")).toBe("/a/b/c");
  expect(read("'/a/$${QUEUE}/$b'")).toBe("/a/${QUEUE}/$b");
  expect(read("/${X}", { X: "x: [1]\n# ${QUEUE}" })).toBe("/x: [1]\n# ${QUEUE}");
});

test("a variable that is not set is complained about once, whatever it was wanted for", () => {
  const texts = [
    "http: { port: '${NOT_SET}' }",
    "log: { level: '${NOT_SET}' }",
    "dataDir: ${NOT_SET}",
  ];
  expect(texts.map((text) => complaints(withTrunk(text)).length)).toEqual([1, 1, 1]);
});

test("what a variable holds is not shown when it is wrong", () => {
  const [found] = complaints(withTrunk("log: { level: '${LONG_TOKEN}' }"));
  expect(found?.message).toContain('log.level "${LONG_TOKEN}" is not one of');
});

test("a secret file that everybody can read is a warning, as is a trunk without topics", () => {
  const text = "trunks: [{ name: main, clientId: a, clientSecret: { file: crlf.txt } }]";
  const config = parse(text, { isWorldReadable: (path) => path === "/etc/trunkline/crlf.txt" });
  expect(config.trunks[0]?.credentials.clientSecret.reveal()).toBe("s3cret-in-file");
  expect(config.warnings).toEqual([
    expect.stringContaining("chmod 600"),
    "The trunk main has no topics, so nothing comes in by it.",
  ]);
  expect(parse(text, { isWorldReadable: () => false }).warnings.length).toBe(1);
});

test("no secret shows in a configuration that is printed", () => {
  const config = parse(withTrunk("http: { token: { env: LONG_TOKEN } }"));
  expect(JSON.stringify(config)).not.toMatch(/t0ken|s3cret/u);
});

/** What is thrown, if it is foreseen. */
function outcome(text: string): RelayError | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (isRelayError(error)) return error;
    throw error;
  }
}

test("whatever stands in a file, it is taken or complained about", () => {
  const keys = fc.constantFrom(
    "trunks",
    "sinks",
    "http",
    "name",
    "type",
    "topics",
    "port",
    "webhook",
    "file",
    "stdout",
    "env",
    "url",
    "redact",
    "paths",
    "policy",
    "headers",
    "$.eventBody",
    "${QUEUE}",
    "*",
    "",
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "medium" },
      fc.oneof(keys, fc.integer(), fc.boolean(), fc.constant(null), fc.string()),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
    ),
  }));
  let refusals = 0;
  fc.assert(
    fc.property(fc.dictionary(keys, value), (data) => {
      const error = outcome(JSON.stringify(data));
      if (error !== undefined) refusals++;
      expect(error?.code ?? "CONFIG_INVALID").toBe("CONFIG_INVALID");
      expect(error?.complaints.length).not.toBe(0);
    }),
  );
  expect(refusals).toBeGreaterThan(50);
});

test.each([
  ["ENOENT", "CONFIG_MISSING", "trunkline init trunkline.yaml"],
  ["EACCES", "CONFIG_UNREADABLE", "may read"],
  ["EISDIR", "CONFIG_UNREADABLE", "may read"],
])("a file that cannot be read (%s) is %s, with the remedy", (code, expected, help) => {
  const readText = (): never => {
    throw systemError(code);
  };
  const error = failure(() => loadConfig({ path: "trunkline.yaml", env, readText }));
  expect([error.code, error.help.includes(help)]).toEqual([expected, true]);
});

function endless(_path: string, charactersMax: number): string {
  return "#".repeat(charactersMax);
}

test("a file is read as far as it may be large", () => {
  expect(failure(() => loadConfig({ path: "x", env, readText: endless })).code).toBe(
    "CONFIG_UNREADABLE",
  );
  const text = withTrunk("");
  expect(loadConfig({ path: "x", env, readText: () => text }).trunks.length).toBe(1);
});

function trunkOf(topics: readonly string[]): string {
  return `trunks: [{ name: a, topics: [${topics.join(", ")}] }]`;
}

test("20,000 topics are taken, and one wrong among them is found", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `v2.users.${index}.presence`);
  expect(parse(trunkOf(names)).trunks[0]?.topics.length).toBe(20_000);
  expect(complaints(trunkOf(names.with(12_345, "nonsense"))).map(({ path }) => path)).toEqual([
    "trunks[0].topics[12345]",
  ]);
});

test("every region of Genesys Cloud is taken, by name and by domain", () => {
  for (const region of Object.entries(regions).flat())
    expect(parse(`trunks: [{ name: a, region: ${region} }]`).trunks[0]?.place).toEqual({ region });
});

const command = { ...doors, folder: "/home" };

test("a configuration is made without a file, by the same schema", () => {
  const config = createConfig({
    ...command,
    topics: ["v2.routing.settings"],
    dataDir: "d",
    port: "0",
  });
  expect(config.dataDir).toBe("/home/d");
  expect(config.http.port).toBe(0);
  expect(config.trunks[0]).toMatchObject({
    name: "main",
    place: { region: "eu-central-1" },
    topics: ["v2.routing.settings"],
  });
  expect(createConfig({ ...command, topics: [] }).journal).toEqual(parse(withTrunk("")).journal);
});

test("credentials of a command are taken as they are, and shown nowhere", () => {
  const credentials = { clientId: "c", clientSecret: "s3cret" };
  const made = createConfig({ ...command, env: {}, region: "eu-west-1", credentials, topics: [] });
  expect(made.trunks[0]?.credentials.clientSecret.reveal()).toBe("s3cret");
  expect(JSON.stringify(made)).not.toContain("s3cret");
});

test("complaints name the options of a command", () => {
  const error = failure(() =>
    createConfig({
      ...command,
      topics: ["v2.routing.settings", "v2.users.{id}"],
      port: 70_000,
      region: "x",
      baseUrl: "http://y",
      logLevel: "loud",
    }),
  );
  expect(error.complaints.map(({ source }) => source).toSorted()).toEqual([
    "--base-url",
    "--log-level",
    "--port",
    "--region",
    "--topic",
  ]);
  expect(error.message).toContain('--port "70000" is more than 65535');
  expect(error.message).toContain('--topic "v2.users.{id}" is not a topic');
  expect(failure(() => createConfig({ ...command, env: {} })).message).toContain(
    "GENESYSCLOUD_REGION",
  );
});

const hash = `sha256:${"a1".repeat(32)}`;
const client = `id: wallboard, secretHash: "${hash}", scopes: [analytics:events:read]`;

test("clients of the Event API are read with what they may see", () => {
  const { gateway, warnings } = parse(`trunks: [{ name: main, topics: [v2.users.1.presence] }]
gateway:
  tokenLife: 5m
  eventTypeScopes: { conversation.summary: wallboard:read }
  clients:
    - { ${client}, eventTypes: ["conversation:updated", "v2.users.{id}.presence"], trunks: [main] }
    - { id: b, secretHash: "${hash.toUpperCase().replace("SHA", "sha")}", scopes: [wallboard:read, view:notifications], genesysClientId: g-1 }
`);
  expect(gateway).toEqual({
    ...plainGateway,
    tokenLifeMs: 300_000,
    eventTypeScopes: { "conversation.summary": "wallboard:read" },
    clients: [
      {
        id: "wallboard",
        secretHash: hash,
        scopes: ["analytics:events:read"],
        eventTypes: ["conversation:updated", "v2.users.{id}.presence"],
        trunks: ["main"],
        genesysClientId: undefined,
      },
      {
        id: "b",
        secretHash: hash,
        scopes: ["wallboard:read", "view:notifications"],
        eventTypes: undefined,
        trunks: undefined,
        genesysClientId: "g-1",
      },
    ],
  });
  expect(warnings).toEqual([
    "The scope view:notifications of the client b grants nothing; did you mean view:notification?",
  ]);
});

test.each([
  [`clients: [{ ${client} }, { ${client} }]`, "gateway.clients[1].id", "is the id of clients[0]"],
  [
    `clients: [{ ${client}, trunks: [mane] }]`,
    "gateway.clients[0].trunks[0]",
    "is the name of no trunk",
  ],
  [
    `clients: [{ ${client}, eventTypes: ["conversation:update"] }]`,
    "gateway.clients[0].eventTypes[0]",
    "did you mean conversation:updated?",
  ],
  [
    "clients: [{ id: a, secretHash: s3cret, scopes: [x] }]",
    "gateway.clients[0].secretHash",
    "is no hash of a secret",
  ],
  [
    `clients: [{ id: "a b", secretHash: "${hash}", scopes: ["x y"] }]`,
    "gateway.clients[0].scopes[0]",
    "is no scope",
  ],
  ["tokenLife: 49h", "gateway.tokenLife", "is more than 2d"],
  ["eventTypeScopes: { nothing: x }", "gateway.eventTypeScopes.nothing", "is no event type"],
])("a gateway is refused at its place: %s", (text, path, message) => {
  const found = complaints(
    `trunks: [{ name: main, topics: [v2.users.1.presence] }]\ngateway: { ${text} }`,
  );
  const at = found.filter((one) => one.path === path);
  expect(at.map((one) => one.message).join("\n")).toContain(message);
  expect(JSON.stringify(found)).not.toContain("s3cret");
});
