/** Thread 001: 1006 right after auth and subscribe, from Node.js; and a mock in docker-compose. */
import { createEventSubscription, gateway } from "@trunkline/events/subscriber";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endAll, onEnd, trunkline, type Ready } from "../../packages/cli/src/testing/processes.ts";
import { sampleClient, sampleSecret } from "../../packages/relay/src/testing/access-stage.ts";
import { gatewayStage, type GatewayStage } from "../gateway-stage.ts";
import { eventually } from "../relay-rig.ts";
import {
  closed,
  complaints,
  ends,
  heard,
  legacyHere,
  login,
  refused,
  tokenOf,
  watch,
  ws,
  type Message,
  type Seen,
} from "./stage.ts";

afterEach(endAll);

const conversation = "11111111-2222-4333-8444-555555555555";

/** To the letter: the key id stands twice. */
const twice = `{
"id": "sub-1",
"event_type": "conversation:conversation:updated",
"id": "conv-12345"
}`;

/** What the last answer but one calls the correct payload. */
const subscriptionMessage = {
  id: "ws-sub-001",
  type: "subscribe",
  filter: {
    eventTypes: ["conversation:conversation:updated"],
    entities: [], // Optional: specific entity IDs if not subscribing to all
  },
};

type Program = Seen & { readonly socket: WebSocket };

/** The service of the question: auth at once, and the subscription when it has succeeded. */
function service(
  base: string,
  token: string,
  subscription: string,
  headers: Record<string, string> = { "user-agent": "status-service/1.0" },
): Program {
  const socket = new WebSocket(`${ws(base)}/websocket`, { headers });
  socket.on("open", () => socket.send(JSON.stringify({ type: "auth", data: { token } })));
  socket.on("message", (data: Buffer) => {
    const { type } = JSON.parse(data.toString()) as Message;
    if (type === "auth-success") socket.send(subscription);
  });
  return Object.assign(watch(socket), { socket });
}

/** The program of the answer; where it has its token from is not shown. */
function answer(base: string, token: string): Program & { readonly confirmed: unknown[] } {
  const confirmed: unknown[] = [];
  const socket = new WebSocket(`${ws(base)}/websocket`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  socket.on("open", () => {
    socket.send(JSON.stringify(subscriptionMessage));
  });
  socket.on("message", (data: Buffer) => {
    const msg = JSON.parse(data.toString()) as {
      type: string;
      filter: { eventTypes: readonly string[] };
    };
    if (msg.type === "confirmation") {
      confirmed.push(msg.filter.eventTypes[0]);
    }
  });
  return Object.assign(watch(socket), { socket, confirmed });
}

/** `curl -X POST …/introspect -H "Authorization: Basic …" -d "token=…"`. */
function introspect(base: string, basic: string, token: string): Promise<Response> {
  return fetch(`${base}/api/v2/oauth2/introspect`, {
    method: "POST",
    headers: {
      Authorization: `Basic ${basic}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: `token=${token}`,
  });
}

describe("as it was met", () => {
  test("auth-success, subscribe-success, and 1006 with no word", async () => {
    const mock = await legacyHere();
    const headers = { origin: "https://status.example", "user-agent": "status-service/1.0" };
    const seen = service(mock.apiUrl, await tokenOf(mock), twice, headers);
    expect(await closed(seen)).toEqual({ code: 1006, reason: "" });
    expect(seen.messages).toMatchObject([
      {
        type: "auth-success",
        data: {
          scopes: expect.arrayContaining(["view:conversation", "view:notification"]) as unknown,
        },
      },
      // The second id has taken the place of the first.
      { type: "subscribe-success", id: "conv-12345" },
    ]);
    expect(ends(mock)).toMatchObject([{ detail: "filter is missing" }]);
  });

  test("without notification:websocket:read it ends the same way, whatever is subscribed to", async () => {
    const legacyScopes = ["view:conversation", "view:notification"];
    const mock = await legacyHere({ settings: { legacyScopes } });
    const token = await tokenOf(mock);
    const message = JSON.stringify(subscriptionMessage);
    expect(await closed(service(mock.apiUrl, token, message))).toEqual({ code: 1006, reason: "" });
    expect(ends(mock)).toMatchObject([
      { detail: "its token lacks the scope notification:websocket:read" },
    ]);
    const { clientId, clientSecret } = mock;
    const answered = await introspect(mock.apiUrl, `${clientId}:${clientSecret}`, token);
    expect(await answered.json()).toMatchObject({ active: true, scope: legacyScopes.join(" ") });
  });

  test("with a filter it is confirmed, and stays", async () => {
    const mock = await legacyHere();
    const seen = answer(mock.apiUrl, await tokenOf(mock));
    await heard(seen, "confirmation");
    expect(seen.confirmed).toEqual(["conversation:conversation:updated"]);
    expect(ends(mock)).toEqual([]);
  });

  test.each([
    ["a raw string", "subscribe"],
    ["an empty payload", "{}"],
    ["no id", JSON.stringify({ ...subscriptionMessage, id: undefined })],
    ["no filter", JSON.stringify({ ...subscriptionMessage, filter: undefined })],
  ])("%s: 1006", async (_, payload) => {
    const mock = await legacyHere();
    const seen = service(mock.apiUrl, await tokenOf(mock), payload);
    expect(await closed(seen)).toEqual({ code: 1006, reason: "" });
  });

  test("a token whose nbf is ahead of the clock: 1006 after the handshake", async () => {
    const mock = await legacyHere();
    mock.cloud.faults.shiftClaims({ nbfMs: 5_000 }, mock.nowMs());
    const seen = answer(mock.apiUrl, await tokenOf(mock));
    expect(await closed(seen)).toEqual({ code: 1006, reason: "" });
    expect(seen).toMatchObject({ opened: true, messages: [] });
    expect(ends(mock)).toMatchObject([
      { detail: expect.stringMatching(/^the nbf of its token is \d+ ms ahead/u) as string },
    ]);
  });

  test("docker-compose: strict by the environment, and a time zone that moves no clock", async () => {
    const env = { TZ: "America/Los_Angeles", JWT_VALIDATION_MODE: "strict" };
    const running = trunkline("mock --port 0 --rate 0 --legacy --json", env);
    const [line] = await running.until("out", /^\{.*\}$/mu);
    const ready = JSON.parse(line) as Ready & { clock: object; legacy: object };
    expect(ready).toMatchObject({
      clock: { timeZone: "America/Los_Angeles" },
      legacy: { notice: expect.stringContaining("NOT Genesys Cloud") as string },
    });
    const { apiUrl, clientId, clientSecret } = ready;
    const token = await login(apiUrl, clientId, clientSecret);
    expect(await closed(service(apiUrl, token, twice))).toMatchObject({ code: 1006 });
    const introspected = await introspect(apiUrl, `${clientId}:${clientSecret}`, token);
    const { scope } = (await introspected.json()) as { scope: string };
    expect(scope.split(" ")).toContain("notification:websocket:read");
  });
});

/** Tells that the conversation has changed. */
function change(stage: GatewayStage): void {
  for (const state of ["alerting", "connected"])
    stage.emit(stage.topics[0] ?? "", {
      id: conversation,
      participants: [{ id: "p", purpose: "customer", calls: [{ state }] }],
    });
}

describe("at a relay", () => {
  test("the question's program is told of both ids and of the placeholder, and so changed it works", async () => {
    const stage = await gatewayStage();
    const seen = service(stage.url, await stage.token(), twice);
    expect(complaints(await heard(seen, "error"))).toMatchObject([
      {
        code: "DUPLICATE_KEY",
        pointer: "/id",
        message:
          'The key "id" stands twice in one object: line 2, column 1 and line 4, column 1; most readers drop the first in silence.',
        help: 'Keep id for the name of the subscription, and name the object in entity: {"id":"sub-1","event_type":…,"entity":"<UUID>"}.',
      },
      {
        code: "ID_PLACEHOLDER",
        pointer: "/id",
        message: '"conv-12345" is a placeholder of an example, not the id of a conversation.',
        help: expect.stringContaining("Put the real id of the conversation in its place") as string,
      },
    ]);
    expect(seen.closed).toBeUndefined();
    const right = {
      id: "sub-1",
      event_type: "conversation:conversation:updated",
      entity: conversation,
    };
    const changed = service(stage.url, await stage.token(), JSON.stringify(right));
    expect(await heard(changed, "subscribe-success")).toMatchObject({ id: "sub-1" });
    await heard(changed, "live");
    change(stage);
    expect(await heard(changed, "event")).toMatchObject({
      eventType: "conversation:conversation:updated",
      entityId: conversation,
    });
  });

  test("the answer's program works as it is", async () => {
    const stage = await gatewayStage();
    const seen = answer(stage.url, await stage.token());
    await heard(seen, "live");
    expect(seen.confirmed).toEqual(["conversation:conversation:updated"]);
    change(stage);
    expect(await heard(seen, "event")).toMatchObject({ entityId: conversation });
  });

  test.each([
    ["a raw string", "subscribe", "JSON_INVALID"],
    ["an empty payload", "{}", "MESSAGE_UNKNOWN"],
    ["no filter", JSON.stringify({ ...subscriptionMessage, filter: undefined }), "FIELD_MISSING"],
  ])("%s (%s) is told as %s, and the socket stays", async (_, payload, code) => {
    const stage = await gatewayStage();
    const seen = service(stage.url, await stage.token(), payload);
    expect(complaints(await heard(seen, "error"))).toMatchObject([{ code }]);
    expect(seen.closed).toBeUndefined();
    seen.socket.send(JSON.stringify({ ...subscriptionMessage, id: undefined }));
    await heard(seen, "confirmation");
  });

  test("a token that may connect and not read is told the scope", async () => {
    const scopes = ["notification:websocket:read"];
    const stage = await gatewayStage({ clients: [sampleClient({ scopes })] });
    const seen = answer(stage.url, await stage.token());
    expect(await heard(seen, "error")).toMatchObject({
      code: "EVENT_TYPE_FORBIDDEN",
      message:
        "The client wallboard with the scopes notification:websocket:read may not read conversation:updated; the scope analytics:events:read reads all that the client is not kept from.",
    });
    expect(seen.closed).toBeUndefined();
  });

  test("the scopes that the question has are enough: connect, and read conversations", async () => {
    const scopes = ["view:conversation", "view:notification"];
    const stage = await gatewayStage({ clients: [sampleClient({ scopes })] });
    const seen = answer(stage.url, await stage.token());
    expect(await heard(seen, "auth-success")).toMatchObject({ scopes });
    await heard(seen, "confirmation");
  });

  test("an origin that is not listed is refused with the name of the setting; a program needs none", async () => {
    const stage = await gatewayStage();
    const token = await stage.token();
    const headers = { origin: "https://status.example" };
    const seen = service(stage.url, token, JSON.stringify(subscriptionMessage), headers);
    expect(await refused(seen)).toMatchObject({
      status: 403,
      body: {
        code: "ORIGIN_FORBIDDEN",
        help: "Add it to http.origins in the relay's configuration.",
      },
    });
    await heard(service(stage.url, token, JSON.stringify(subscriptionMessage)), "confirmation");
  });

  test("the password grant is refused, and told why", async () => {
    const stage = await gatewayStage();
    const response = await fetch(`${stage.url}/oauth/token`, {
      method: "POST",
      headers: {
        Authorization: `Basic ${Buffer.from(`wallboard:${sampleSecret}`).toString("base64")}`,
      },
      body: new URLSearchParams({ grant_type: "password", username: "u", password: "p" }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      {
        error: "unsupported_grant_type",
        help: "Send grant_type=client_credentials. A password grant would make programs keep passwords of people, and gains nothing here.",
      },
    ]);
  });

  test("introspection says what base64 is for, and then tells the scopes and exp", async () => {
    const scopes = ["notification:websocket:read", "view:conversation"];
    const stage = await gatewayStage({ clients: [sampleClient({ scopes })] });
    const token = await stage.token();
    const asWritten = await introspect(stage.url, `wallboard:${sampleSecret}`, token);
    expect([asWritten.status, await asWritten.json()]).toMatchObject([
      401,
      {
        code: "CLIENT_NOT_ENCODED",
        help: "Encode client id, colon and secret in base64: curl does it with --user id:secret.",
      },
    ]);
    const encoded = Buffer.from(`wallboard:${sampleSecret}`).toString("base64");
    const told = (await (await introspect(stage.url, encoded, token)).json()) as Message;
    expect(told).toMatchObject({ active: true, scope: scopes.join(" ") });
    expect(Number(told["exp"]) - Number(told["iat"])).toBeGreaterThan(600);
  });
});

test("with the library: the conversation that the question is about, in a few lines", async () => {
  const stage = await gatewayStage();
  const subscription = createEventSubscription({
    backend: gateway({
      url: stage.url,
      access: { clientId: "wallboard", clientSecret: sampleSecret },
    }),
    eventTypes: ["conversation:conversation:updated"],
    filters: { conversationId: conversation },
  });
  onEnd(() => subscription.close());
  await eventually("the subscription to be live", () => subscription.state.kind === "live");
  change(stage);
  for await (const arrival of subscription) {
    if (arrival.type === "gap") continue;
    expect(arrival.data).toMatchObject({ id: conversation });
    break;
  }
});
