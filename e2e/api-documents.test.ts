/** docs/openapi.json and docs/asyncapi.json against a relay that runs: it does all that they say, and nothing else. */
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { endAll } from "../packages/cli/src/testing/processes.ts";
import type { FileSinkConfig } from "../packages/relay/src/config/config.ts";
import { sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { exampleToken } from "../packages/relay/src/http/documents/client-messages.ts";
import { answerFault, asyncApi, kindOf, messageFault, openApi, sentKinds } from "./documented.ts";
import { Bare, gatewayStage, type GatewayStage, type Message } from "./gateway-stage.ts";
import { eventually, folder } from "./relay-rig.ts";

afterEach(endAll);

const basic = `Basic ${Buffer.from(`wallboard:${sampleSecret}`).toString("base64")}`;
const presence = { eventTypes: ["user:presence"], filters: { divisions: ["self"] } };

test("a relay serves them without a token, and says there where it is", async () => {
  const { url } = await gatewayStage();
  for (const [name, document] of Object.entries({
    "openapi.json": openApi,
    "asyncapi.json": asyncApi,
  })) {
    const served = (await (await fetch(`${url}/${name}`)).json()) as Message;
    const { info, servers } = served;
    expect(served).toEqual({ ...document, info, servers });
    const at = (servers as Message)["relay"] ?? (servers as Message[])[0];
    expect(at).toMatchObject(
      name === "openapi.json" ? { url: "/" } : { host: new URL(url).host, protocol: "ws" },
    );
  }
});

/** Sends an example as the document has it, and returns what answers it. */
async function sayExample(stage: GatewayStage, socket: Bare, example: Message): Promise<Message> {
  const text = JSON.stringify(example).replace(exampleToken, await stage.token());
  const before = socket.heard.length;
  socket.say(text);
  return eventually(`an answer to ${JSON.stringify(example)}`, () =>
    socket.heard.slice(before).find((message) => !unasked.has(kindOf(message))),
  );
}

const nameOf = ({ $ref }: { readonly $ref: string }): string => $ref.split("/").at(-1) ?? "";
const operations = Object.values(asyncApi.operations);
/** What comes without being asked for, but for errors. */
const unasked = new Set(
  (asyncApi.operations["tell"]?.messages ?? []).map(nameOf).filter((name) => name !== "error"),
);

test("each example of a message is answered as is said", async () => {
  const stage = await gatewayStage();
  const socket = await new Bare(`${stage.url}/websocket`).open();
  let sent = 0;
  for (const { action, messages, reply } of operations) {
    if (action !== "receive" || reply === undefined) continue;
    const [name = ""] = messages.map(nameOf);
    const [expected] = reply.messages.map(nameOf);
    for (const { payload } of asyncApi.components.messages[name]?.examples ?? []) {
      const answer = await sayExample(stage, socket, payload);
      expect([name, kindOf(answer), answer["message"]]).toEqual([
        name,
        expected,
        expected === "error" ? answer["message"] : undefined,
      ]);
      sent++;
    }
  }
  expect(sent).toBeGreaterThanOrEqual(11);
});

test("every message that is described comes, as it is described, and no other", async () => {
  const stage = await gatewayStage();
  const [topic = ""] = stage.topics.filter((name) => name.endsWith(".presence"));
  const socket = await new Bare(`${stage.url}/websocket`).open();
  const heard = [socket];
  for (const { action, messages, reply } of operations)
    for (const message of action === "receive" && reply !== undefined ? messages : [])
      for (const { payload } of asyncApi.components.messages[nameOf(message)]?.examples ?? [])
        await sayExample(stage, socket, payload);
  await socket.first("live");
  const implied = await stage.connect("/api/v2/analytics/conversations/events");
  const frames = await stage.connect("/api/v2/analytics/events?format=genesys");
  const slow = await stage.connect();
  heard.push(implied, frames, slow);
  for (const each of [frames, slow]) {
    each.say(presence);
    await each.first("live");
  }
  await implied.first("notice");
  // More than the socket, and the system on both sides of it, can hold.
  slow.socket.pause();
  const pad = "x".repeat(20_000);
  for (let n = 1; n <= 800; n++) {
    stage.emit(topic, { n, pad });
    if (n % 50 === 0) await eventually("it", () => frames.heard.length >= n);
  }
  slow.socket.resume();
  await slow.first("lagging");
  await socket.first("event");
  await stage.relay.stop();
  await socket.end();
  const kinds = new Set(heard.flatMap((each) => each.heard.map(kindOf)));
  expect([...kinds].toSorted()).toEqual([...sentKinds].toSorted());
});

test("what is not described, or not as it is, is seen", () => {
  expect(messageFault({ type: "keepalive-ack", time: "2026-11-21T09:30:00.000Z" })).toBeUndefined();
  expect(messageFault({ type: "keepalive-ack", time: "soon" })).toContain("date-time");
  expect(messageFault({ type: "keepalive-ack" })).toContain("time");
  expect(messageFault({ type: "unsubscribed", id: "a", more: 1 })).toContain("more");
  expect(messageFault({ type: "surprise" })).toContain("surprise");
  expect(messageFault({ type: "subscribe" })).toContain("no message");
  const seen = { method: "GET", path: "/healthz", status: 200, contentType: "application/json" };
  expect(answerFault({ ...seen, text: '{"status":"ok","version":"1"}' })).toBeUndefined();
  expect(answerFault({ ...seen, text: '{"status":"ok"}' })).toContain("version");
  expect(answerFault({ ...seen, status: 418, text: "{}" })).toContain("418");
});

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: string;
}

/** Asks, and holds the answer against the document. Of a stream the first messages are read. */
async function ask(
  url: string,
  [method, path]: readonly [string, string],
  { headers = {}, query = "", body }: Asked = {},
): Promise<number> {
  const over = new AbortController();
  const response = await fetch(`${url}${path.replace("{name}", "out")}${query}`, {
    method,
    headers,
    signal: over.signal,
    ...(body === undefined ? {} : { body }),
  });
  const { status } = response;
  const contentType = response.headers.get("content-type");
  const isStream = contentType?.startsWith("text/event-stream") === true;
  const text = isStream ? await readStream(response) : await response.text();
  over.abort();
  expect(answerFault({ method, path, status, contentType, text })).toBeUndefined();
  return status;
}

/** Reads a stream until it is live, and holds each message against the document. */
async function readStream({ body }: Response): Promise<string> {
  let text = "";
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes("event: live\n")) break;
  }
  const messages = text
    .split("\n")
    .filter((line) => line.startsWith("data: {") && line.endsWith("}"))
    .map((line) => JSON.parse(line.slice(6)) as Message);
  expect(messages.map(messageFault)).toEqual(messages.map(() => undefined));
  expect(messages.map(kindOf)).toContain("subscribed");
  return text;
}

/** A subscription that stands by itself. */
async function standingId(stage: GatewayStage): Promise<string> {
  const response = await fetch(`${stage.url}/api/v2/analytics/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${await stage.token()}` },
    body: JSON.stringify(presence),
  });
  return String(((await response.json()) as Message)["id"]);
}

function fileSink(): FileSinkConfig {
  return {
    name: "out",
    type: "file",
    isEnabled: true,
    from: "head",
    topics: undefined,
    delivery: {
      batchEntriesMax: 100,
      batchBytesMax: 1_000_000,
      inFlightMax: 1,
      retryFirstMs: 100,
      retryMaxMs: 1_000,
      writeTimeoutMs: 10_000,
      deadLettersMax: 100,
    },
    path: join(folder(), "out.ndjson"),
    rotate: { bytesMax: 1_000_000, filesMax: 1 },
  };
}

const events = "/api/v2/analytics/events";
const filtered = {
  eventTypes: ["conversation:updated"],
  filters: { "conversation:updated": [{ field: "$.id", operator: "exists" }] },
};
const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "content-type": "application/json" };

test("every path that is described does what it says, and its examples work", async () => {
  const stage = await gatewayStage({}, { sinks: [fileSink()] });
  const { url } = stage;
  const special: Readonly<Record<string, Asked>> = {
    "/oauth/token": {
      headers: { ...form, authorization: basic },
      body: "grant_type=client_credentials",
    },
    "/api/v2/oauth2/introspect": {
      headers: { ...form, authorization: basic },
      body: `token=${await stage.token()}`,
    },
    "/admin/entries": { query: "?follow=false&since=0" },
  };
  // A durable consumer, whose name is that of the sink, too.
  await (await stage.connect("/websocket?consumer=out")).first("auth-success");
  let asked = 0;
  for (const [path, methods] of Object.entries(openApi.paths))
    for (const [method, { requestBody, responses }] of Object.entries(methods)) {
      const place = path.includes("{id}") ? path.replace("{id}", await standingId(stage)) : path;
      if (responses["101"] !== undefined) await (await stage.connect(place)).first("auth-success");
      if (responses["200"] === undefined) continue;
      const example = requestBody?.content["application/json"]?.example;
      const usual: Asked = {
        headers: { ...json, authorization: `Bearer ${await stage.token()}` },
        ...(method === "get" ? {} : { body: JSON.stringify(example) ?? "" }),
      };
      const status = await ask(url, [method.toUpperCase(), place], special[path] ?? usual);
      const expected = responses["201"] === undefined ? 200 : 201;
      expect([method, path, status]).toEqual([method, path, expected]);
      asked++;
    }
  expect(asked).toBeGreaterThanOrEqual(27);
});

test("refusals are as they are described", async () => {
  const stage = await gatewayStage();
  const { url } = stage;
  const bearer = { authorization: `Bearer ${await stage.token()}` };
  const login = { ...form, authorization: basic };
  const refused: readonly (readonly [number, string, string, Asked])[] = [
    [401, "POST", "/oauth/token", { headers: form, body: "grant_type=client_credentials" }],
    [
      401,
      "POST",
      "/oauth/token",
      { headers: { ...form, authorization: "Basic a:b" }, body: "grant_type=client_credentials" },
    ],
    [400, "POST", "/oauth/token", { headers: login, body: "grant_type=password" }],
    [
      400,
      "POST",
      "/oauth/token",
      { headers: login, body: "grant_type=client_credentials&scope=all" },
    ],
    [400, "POST", "/oauth/token", { headers: { ...json, authorization: basic }, body: "{" }],
    [400, "POST", "/oauth/token", { headers: login, body: "a=1&a=2" }],
    [413, "POST", "/oauth/token", { headers: login, body: "x".repeat(70_000) }],
    [403, "POST", "/oauth/token", { headers: { origin: "https://evil.example" } }],
    [401, "POST", "/api/v2/oauth2/introspect", { headers: form, body: "token=x" }],
    [
      401,
      "POST",
      "/api/v2/oauth2/introspect",
      { headers: { authorization: "Bearer x" }, body: "token=x" },
    ],
    [400, "POST", "/api/v2/oauth2/introspect", { headers: login, body: "" }],
    [404, "GET", "/websocket", {}],
    [405, "GET", events, { headers: bearer }],
    [401, "POST", events, { body: JSON.stringify(presence) }],
    [400, "POST", events, { headers: bearer, body: "{" }],
    [400, "POST", events, { headers: bearer, body: '{"eventTypes":["user:presense"]}' }],
    [400, "POST", events, { headers: bearer, body: JSON.stringify({ ...presence, since: "a-1" }) }],
    [400, "POST", events, { headers: bearer, query: "?dryRun=perhaps", body: "{}" }],
    [404, "GET", `${events}/nobody`, { headers: bearer }],
    [404, "DELETE", `${events}/nobody`, { headers: bearer }],
    [404, "GET", `${events}/nobody/stream`, { headers: bearer }],
    [401, "GET", `${events}/consumers`, {}],
    [404, "DELETE", `${events}/consumers/nobody`, { headers: bearer }],
    // No refusal, but another answer than the one above.
    [
      200,
      "POST",
      events,
      { headers: bearer, query: "?dryRun=true", body: JSON.stringify(presence) },
    ],
    [
      200,
      "POST",
      events,
      { headers: bearer, query: "?dryRun=true", body: JSON.stringify(filtered) },
    ],
    [403, "GET", "/healthz", { headers: { origin: "https://evil.example" } }],
    [414, "GET", "/readyz", { query: `?${"x".repeat(9_000)}` }],
    [400, "GET", "/admin/gaps", { query: "?limit=0" }],
    [400, "GET", "/admin/entries", { query: "?since=other-1" }],
    [400, "GET", "/admin/topics", { query: "?sate=live" }],
    [404, "POST", "/admin/sinks/{name}/check", {}],
    [400, "POST", "/admin/sinks/{name}/rewind", { headers: json, body: "{}" }],
    [400, "POST", "/admin/sinks/{name}/rewind", { headers: json, body: "{" }],
    [415, "POST", "/admin/sinks/{name}/rewind", { headers: form, body: "cursor=0" }],
    [413, "POST", "/admin/sinks/{name}/rewind", { headers: json, body: `"${"x".repeat(70_000)}"` }],
  ];
  for (const [status, method, path, asked] of refused)
    expect([method, path, await ask(url, [method, path], asked)]).toEqual([method, path, status]);
});
