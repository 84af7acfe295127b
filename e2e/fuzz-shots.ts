/** What broken programs and people send to the mock: generators of requests, bytes, upgrades and frames. */
import * as fc from "fast-check";
import { analytics } from "./fuzz-queries.ts";

/** One HTTP request, well-formed as such. `CHANNEL` in a path and `TOKEN` in a header stand for living ones. */
export interface RequestShot {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One thing that is sent on an open socket. */
export type FrameShot =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary" | "ping" | "raw"; readonly bytes: Uint8Array };

const notifications = "/api/v2/notifications";
const apiPaths = [
  "/oauth/token",
  "/api/v2/tokens/me",
  "/api/v2/users/me",
  "/api/v2/authorization/subjects/me",
  "/api/v2/organizations/me",
  "/api/v2/users/x/presences/purecloud",
  "/api/v2/conversations",
  "/api/v2/analytics/conversations/x/details",
  "/api/v2/analytics/conversations/activity/query",
  "/api/v2/analytics/users/observations/query",
  "/api/v2/organizations/limits/namespaces/notifications",
  "/api/v2/routing/queues",
  "/api/v2/users",
  "/api/v2/users/presences/purecloud/bulk",
  "/api/v2/users/x/routingstatus",
  "/api/v2/conversations/x",
  "/api/v2/routing/queues/x/members",
  "/api/v2/analytics/conversations/details/query",
  "/api/v2/analytics/conversations/details",
  "/api/v2/analytics/queues/observations/query",
  "/api/v2/analytics/users/details/query",
  `${notifications}/availabletopics`,
  `${notifications}/channels`,
  `${notifications}/channels/CHANNEL`,
  `${notifications}/channels/CHANNEL/subscriptions`,
  `/mypurecloud.de${notifications}/channels`,
  "/channels/CHANNEL",
  "/",
];
const controlPaths = [
  "state",
  "ledger",
  "history",
  "channels",
  "sockets",
  "topics",
  "faults",
  "faults/1",
  "events",
  "scenarios",
  "scenario",
  "scenario?name=burst",
  "scenario?name=flaky-network",
  "reset",
  "openapi.json",
  "",
];
const queries = [
  "ignoreErrors=true",
  "includechannels=oauthclient",
  "expand=schema",
  "pageSize=100",
  "pageNumber=2",
  "id=a,b",
  "since=1",
  "limit=5",
];
const topics = [
  "v2.users.33333333-3333-4333-8333-333333333333.presence",
  "v2.users.33333333-3333-4333-8333-333333333333?presence&routingStatus",
  "v2.routing.queues.x.conversations",
  "channel.metadata",
];
const faults = [
  "silence",
  "halfOpen",
  "stopHeartbeats",
  "delayFrames",
  "dropFrames",
  "fragmentFrames",
  "cutSockets",
  "closeSockets",
  "announceClosing",
  "dropChannel",
  "revokeToken",
  "sendText",
  "sendHuge",
  "publish",
  "burst",
];

/** Any text as node's client lets it pass in a request line: one byte a character, none of them control or space. */
function asPath(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte > 0x20 && byte !== 0x7f
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, "0")}`,
    )
    .join("");
}

/** Characters that mean something in a path or query. */
const marks = fc.constantFrom(..."%/?&=.,;+#{}'\"<>*~".split(""));
const wild = fc
  .oneof(
    {
      weight: 5,
      arbitrary: fc
        .array(fc.oneof(marks, fc.string({ unit: "grapheme-ascii", maxLength: 8 })), {
          maxLength: 12,
        })
        .map((parts) => parts.join("")),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  )
  .map(asPath);
const query = fc.oneof(fc.constantFrom("", ...queries), wild);

function pathOf(known: readonly string[], prefix: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known).map((path) => `${prefix}${path}`) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...known), query)
        .map(([path, text]) => `${prefix}${path}?${text}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...known), wild)
        .map(([path, text]) => `${prefix}${path}/${text}`),
    },
    { weight: 1, arbitrary: wild.map((text) => `${prefix === "" ? "/" : prefix}${text}`) },
  );
}

/** What frames a message is left to the client that sends it. */
const framing =
  /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/iu;
const headerName = fc
  .oneof(
    fc.constantFrom(
      "origin",
      "accept",
      "cookie",
      "date",
      "x-forwarded-host",
      "ININ-Correlation-Id",
    ),
    fc.stringMatching(/^[A-Za-z][!#$%&'*+.^_`|~0-9A-Za-z-]{0,20}$/u),
  )
  .filter((name) => !framing.test(name));
const headerValue = fc.string({ unit: "binary", maxLength: 60 }).map((text) =>
  Buffer.from(text)
    .toString("latin1")
    .replaceAll(/[^\t\u0020-\u007E\u0080-\u00FF]/gu, ""),
);
const headers = fc
  .tuple(
    fc.constantFrom(
      "Bearer TOKEN",
      "Bearer TOKEN",
      "bearer  TOKEN",
      "Bearer x.y.z",
      "Basic OjpA",
      "",
    ),
    fc.constantFrom(
      "application/json",
      "application/json",
      "application/json; charset=utf-16",
      "application/x-www-form-urlencoded",
      "text/plain",
      "",
    ),
    fc.dictionary(headerName, headerValue, { maxKeys: 4 }),
  )
  .map(([authorization, type, others]) => ({
    ...others,
    ...(authorization === "" ? {} : { authorization }),
    ...(type === "" ? {} : { "content-type": type }),
  }));

const topic = fc.oneof(fc.constantFrom(...topics), fc.string({ maxLength: 300 }));
const fault = fc.record(
  {
    fault: fc.oneof(fc.constantFrom(...faults), fc.string()),
    ms: fc.oneof(fc.nat(100), fc.anything()),
    share: fc.oneof(fc.double({ min: 0, max: 1 }), fc.anything()),
    count: fc.oneof(fc.nat(3), fc.anything()),
    fragments: fc.oneof(fc.nat(5), fc.anything()),
    code: fc.oneof(fc.nat(5_000), fc.anything()),
    bytes: fc.nat(2_000),
    events: fc.nat(20),
    channelId: fc.oneof(fc.constant("CHANNEL"), fc.anything()),
    text: fc.string({ unit: "binary" }),
    topic,
    body: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.anything()),
  },
  { requiredKeys: ["fault"] },
);
const json = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc
    .array(fc.record({ id: topic, state: fc.anything() }, { requiredKeys: [] }), { maxLength: 30 })
    .map(text),
  fault.map(text),
  analytics.map(text),
);
const body = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  { weight: 10, arbitrary: json },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 500 }) },
  {
    weight: 2,
    arbitrary: fc.constant("grant_type=client_credentials&client_id=x&client_secret=%FF"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "timeline:\n  - { at: 10s, fault: cutSockets }\n",
      "timeline: [&a [*a]]\n",
      "- *nobody\n",
      "{{{",
      "options: { queues: 100000000 }\n",
    ),
  },
  { weight: 1, arbitrary: fc.nat(30).map((depth) => "[".repeat(depth * 1_000)) },
);

function text(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "[";
  }
}

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"];

/** Requests to the public service. */
export const apiShot: fc.Arbitrary<RequestShot> = fc.record({
  method: fc.constantFrom(...methods),
  path: pathOf(apiPaths, ""),
  headers,
  body,
});

/** Requests to the control API. */
export const controlShot: fc.Arbitrary<RequestShot> = fc.record({
  method: fc.constantFrom("GET", "POST", "POST", "DELETE", "PUT", "HEAD"),
  path: pathOf(controlPaths, "/_control/"),
  headers,
  body,
});

const line = fc
  .tuple(
    fc.constantFrom(...methods, "CONNECT", "FOO", "get"),
    wild,
    fc.constantFrom("1.1", "1.0", "2.0", "9"),
  )
  .map(([method, path, version]) => `${method} /${path} HTTP/${version}\r\n`);
const rawHeader = fc.oneof(
  fc.constantFrom(
    "host: x\r\n",
    "host: a\r\nhost: b\r\n",
    "content-length: 5\r\n",
    "content-length: -1\r\n",
    "content-length: 5\r\ncontent-length: 6\r\n",
    "transfer-encoding: chunked\r\n",
    "transfer-encoding: chunked\r\ncontent-length: 3\r\n",
    "expect: 100-continue\r\n",
    "expect: the unexpected\r\n",
    "connection: close\r\n",
    " folded: x\r\n",
    "no colon\r\n",
    `x: ${"y".repeat(20_000)}\r\n`,
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);

/** Bytes on a TCP connection: nearly HTTP, or nothing like it. */
export const bytesShot: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .tuple(line, fc.array(rawHeader, { maxLength: 4 }), fc.constantFrom("\r\n", "\n", ""), body)
    .map(([first, lines, end, rest]) => Buffer.from(`${first}${lines.join("")}${end}${rest}`)),
  fc.uint8Array({ maxLength: 200 }),
  fc.constant(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])),
);

/** Upgrade requests as bytes. */
export const upgradeShot: fc.Arbitrary<string> = fc
  .record({
    method: fc.constantFrom("GET", "GET", "GET", "POST", "HEAD"),
    path: fc.oneof(
      fc.constantFrom("/channels/CHANNEL", "/channels/x", "/", "/channels/"),
      wild.map((text) => `/${text}`),
    ),
    upgrade: fc.constantFrom("websocket", "WebSocket", "websocket, h2c", "h2c"),
    key: fc.oneof(fc.constant("dGhlIHNhbXBsZSBub25jZQ=="), headerValue),
    version: fc.constantFrom("13", "13", "8", "7", "", "13, 8"),
    extra: fc.constantFrom(
      "",
      "sec-websocket-protocol: a, b\r\n",
      "sec-websocket-protocol: ,,\r\n",
      "sec-websocket-protocol: a, a\r\n",
      "sec-websocket-protocol:\r\n",
      "sec-websocket-extensions: permessage-deflate\r\n",
      "sec-websocket-extensions: ;;=\r\n",
      "content-length: 3\r\n",
    ),
  })
  .map(
    ({ method, path, upgrade, key, version, extra }) =>
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${upgrade}\r\nsec-websocket-key: ${key}\r\nsec-websocket-version: ${version}\r\n${extra}\r\n`,
  );

const command = fc.record({
  message: fc.constantFrom("subscribe", "unsubscribe", "ping", "x"),
  topics: fc.oneof(fc.array(topic, { maxLength: 5 }), fc.anything()),
  correlationId: fc.anything(),
});

/** Frames, and bytes where frames should be. */
export const frameShot: fc.Arbitrary<FrameShot> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .oneof(fc.string({ unit: "binary" }), fc.json(), command.map(text))
      .map((said) => ({ kind: "text" as const, text: said })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "text" as const, text: "x".repeat(140_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("binary" as const, "ping" as const),
      bytes: fc.uint8Array({ maxLength: 100 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("raw" as const),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    }),
  },
);
