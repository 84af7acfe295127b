/** Thread 002: "401 immediately after auth", from .NET; and the token in the header, or in the query? */
import { createEventSubscription, gateway } from "@trunkline/events/subscriber";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endAll, onEnd } from "../../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../../packages/relay/src/testing/access-stage.ts";
import { gatewayStage } from "../gateway-stage.ts";
import { eventually } from "../relay-rig.ts";
import {
  closed,
  ends,
  heard,
  legacyHere,
  refused,
  roundTrip,
  tokenOf,
  watch,
  ws,
  type Seen,
} from "./stage.ts";

afterEach(endAll);

const asked = "/v2/analytics/conversations/details/query/ws";
const answered = "/api/v2/analytics/conversations/events";

type Program = Seen & { readonly socket: WebSocket };

/** As ClientWebSocket sends it: no extension, and JsonSerializer's bytes in one text frame. */
function dotnet(url: string, headers: Record<string, string>, subMessage?: object): Program {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  socket.on("open", () => {
    if (subMessage !== undefined)
      socket.send(Buffer.from(JSON.stringify(subMessage)), { binary: false });
  });
  return Object.assign(watch(socket), { socket });
}

const subMessage = { channel: "conversation", query: {} };

/** The question: SetRequestHeader("Authorization", $"Bearer {token}"), and the message after ConnectAsync. */
const question = (base: string, token: string): Program =>
  dotnet(`${ws(base)}${asked}`, { Authorization: `Bearer ${token}` }, subMessage);

/** What else was tried: the token on the URL. */
const inQuery = (base: string, token: string, path = asked): Program =>
  dotnet(`${ws(base)}${path}?access_token=${token}`, {});

describe("as it was met", () => {
  test("the connection opens, and the subscription is answered with 401 Unauthorized", async () => {
    const mock = await legacyHere();
    const seen = question(mock.apiUrl, await tokenOf(mock));
    expect(await closed(seen)).toEqual({ code: 4401, reason: "401 Unauthorized" });
    expect(seen).toMatchObject({ opened: true, messages: [] });
    expect(ends(mock)).toHaveLength(1);
  });

  test("the token as a query parameter is 400 Bad Request", async () => {
    const mock = await legacyHere();
    expect(await refused(inQuery(mock.apiUrl, await tokenOf(mock)))).toMatchObject({ status: 400 });
  });

  test("on the path of the answer it works instantly, with no 401", async () => {
    const mock = await legacyHere();
    const seen = inQuery(mock.apiUrl, await tokenOf(mock), answered);
    await new Promise((resolve) => seen.socket.once("open", resolve));
    await roundTrip(seen.socket);
    expect(seen.closed).toBeUndefined();
  });

  test("the path of the documents' example wants the token in the first message", async () => {
    const mock = await legacyHere();
    const token = await tokenOf(mock);
    const seen = dotnet(
      `${ws(mock.apiUrl)}/v2/notifications/ws`,
      {},
      { type: "auth", data: { token } },
    );
    expect(await heard(seen, "auth-success")).toHaveProperty("data.scopes");
  });
});

describe("at a relay", () => {
  test("the question's program works as it is", async () => {
    const stage = await gatewayStage();
    const seen = question(stage.url, await stage.token());
    expect(await heard(seen, "subscribed")).toMatchObject({ eventTypes: ["conversation:all"] });
    await heard(seen, "live");
    stage.emit(stage.topics[0] ?? "", {
      id: "11111111-2222-4333-8444-555555555555",
      participants: [],
    });
    expect(await heard(seen, "event")).toMatchObject({ eventType: "conversation:all" });
  });

  test.each([
    ["the question", asked],
    ["the answer", answered],
  ])("the token as a query parameter works on the path of %s", async (_, path) => {
    const stage = await gatewayStage();
    const seen = inQuery(stage.url, await stage.token(), path);
    await heard(seen, "auth-success");
    // Nothing is sent: the path itself says what is meant.
    expect(await heard(seen, "notice")).toMatchObject({ code: "SUBSCRIPTION_IMPLIED" });
    expect(await heard(seen, "subscribed")).toMatchObject({ eventTypes: ["conversation:all"] });
  });

  test("so does the first message, on the path of the documents' example", async () => {
    const stage = await gatewayStage();
    const token = await stage.token();
    const seen = dotnet(
      `${ws(stage.url)}/v2/notifications/ws`,
      {},
      { type: "auth", data: { token } },
    );
    await heard(seen, "auth-success");
    seen.socket.send(JSON.stringify(subMessage));
    expect(await heard(seen, "subscribed")).toMatchObject({ eventTypes: ["conversation:all"] });
  });

  test("a token that is wrong is an HTTP 401 with the reason in its body, before anything opens", async () => {
    const stage = await gatewayStage();
    const seen = question(stage.url, "not-a-token");
    expect(await refused(seen)).toMatchObject({
      status: 401,
      body: { code: "TOKEN_INVALID", help: "Get one by POST /oauth/token of this relay." },
    });
    expect(seen.opened).toBeUndefined();
  });
});

test("with the library: no URL, header or query to choose", async () => {
  const stage = await gatewayStage();
  const subscription = createEventSubscription({
    backend: gateway({
      url: stage.url,
      access: { clientId: "wallboard", clientSecret: sampleSecret },
    }),
    eventTypes: ["conversation:all"],
    filters: { divisions: ["self"] },
  });
  onEnd(() => subscription.close());
  await eventually("the subscription to be live", () => subscription.state.kind === "live");
  const id = "11111111-2222-4333-8444-555555555555";
  stage.emit(stage.topics[0] ?? "", { id, participants: [] });
  for await (const arrival of subscription) {
    if (arrival.type === "gap") continue;
    expect(arrival).toMatchObject({ eventType: "conversation:all", entityId: id });
    break;
  }
});
