/** Standing subscriptions, streams of Server-Sent Events and durable consumers, as programs without any library of ours see them. */
import { get } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { endAll, onEnd } from "../packages/cli/src/testing/processes.ts";
import { sampleClient, sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { Bare, gatewayStage, type GatewayStage, type Message } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const path = "/api/v2/analytics/events";
const presence = { eventTypes: ["user:presence"], filters: { divisions: ["self"] } };

interface Told {
  readonly status: number;
  readonly body: Message;
}

async function ask(
  stage: GatewayStage,
  method: string,
  where: string,
  body?: unknown,
): Promise<Told> {
  const response = await fetch(`${stage.url}${where}`, {
    method,
    headers: { authorization: `Bearer ${await stage.token()}` },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Message };
}

function numbers(messages: readonly Message[]): readonly number[] {
  return messages.map(({ data }) => (data as { n: number }).n);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function presenceOf({ topics }: GatewayStage): string {
  return topics.find((name) => name.endsWith(".presence")) ?? "";
}

async function makeStanding(stage: GatewayStage): Promise<Message> {
  const { status, body } = await ask(stage, "POST", path, presence);
  expect([status, body["id"]]).toEqual([201, expect.any(String)]);
  return body;
}

describe("a standing subscription", () => {
  test("is made, read from where it began, looked at, and removed; its reader is told", async () => {
    const stage = await gatewayStage();
    const made = await makeStanding(stage);
    expect(made).toMatchObject({
      eventTypes: ["user:presence"],
      expires: expect.stringMatching(/Z$/u),
      plan: [{ trunk: "main", permissions: expect.any(Array) }],
    });
    const topic = presenceOf(stage);
    const head = stage.relay.service.journal.head;
    for (let n = 1; n <= 3; n++) stage.emit(topic, { n });
    await eventually("the journal has them", () => stage.relay.service.journal.head >= head + 3);
    const connectUri = String(made["connectUri"]);
    const socket = await new Bare(`${connectUri}&access_token=${await stage.token()}`).open();
    expect(await socket.first("subscribed")).toMatchObject({ id: made["id"] });
    await eventually("what came before it", () => socket.of("event").length === 3);
    expect(numbers(socket.of("event"))).toEqual([1, 2, 3]);
    expect(socket.of("event")[0]).toMatchObject({ subscriptionId: made["id"] });
    const where = `${path}/${String(made["id"])}`;
    const looked = await ask(stage, "GET", where);
    expect([looked.status, looked.body]).toEqual([
      200,
      expect.objectContaining({ id: made["id"], expires: null }),
    ]);
    expect((await ask(stage, "DELETE", where)).body).toEqual({ removed: made["id"] });
    expect(await socket.first("error")).toMatchObject({ code: "SUBSCRIPTION_UNKNOWN" });
    expect((await socket.end()).code).toBe(4400);
    for (const method of ["GET", "DELETE"])
      expect(await ask(stage, method, where)).toMatchObject({
        status: 404,
        body: { code: "SUBSCRIPTION_UNKNOWN" },
      });
    const late = new Bare(`${stage.url}${where}`, {
      headers: { authorization: `Bearer ${await stage.token()}` },
    });
    await eventually("the refusal", () => late.refused);
    expect(late.refused).toMatchObject({ status: 404, body: { code: "SUBSCRIPTION_UNKNOWN" } });
  });

  test("is there after a restart, and its topics are carried while nobody reads", async () => {
    const stage = await gatewayStage({}, { carries: (topic) => !topic.endsWith(".presence") });
    const { mock, dataDir } = stage;
    const [agent] = mock.cloud.world.agents;
    const topic = `v2.users.${agent?.id ?? ""}.presence`;
    const { body } = await ask(stage, "POST", path, {
      eventTypes: ["user:presence"],
      filters: { userId: agent?.id },
    });
    await stage.relay.stop();
    const again = await gatewayStage({}, { mock, dataDir, carries: (name) => name !== topic });
    await eventually("the topic is carried", () =>
      again.relay.service
        .trunks()[0]
        ?.topics.some((one) => one.topic === topic && one.state === "live"),
    );
    again.emit(topic, { n: 7 });
    const socket = await again.connect(`${path}/${String(body["id"])}`);
    await eventually("the event", () => socket.of("event").length === 1);
    expect(numbers(socket.of("event"))).toEqual([7]);
    // Who has read once begins now, unless it says where.
    const second = await again.connect(`${path}/${String(body["id"])}`);
    await second.first("live");
    expect(second.of("event")).toEqual([]);
  });

  test("is only looked at by a dry run, and refused with all that is wrong with it", async () => {
    const stage = await gatewayStage({ subscriptionsMax: 1 });
    const dry = await ask(stage, "POST", `${path}?dryRun=true`, presence);
    expect(dry).toMatchObject({ status: 200, body: { valid: true, plan: [{ trunk: "main" }] } });
    const wrong = await ask(stage, "POST", `${path}?dryRun=true`, '{"eventTypes":"user:presence"}');
    expect(wrong.status).toBe(400);
    expect(
      (wrong.body["details"] as readonly { code: string; line: number }[]).map(({ code }) => code),
    ).toEqual(["FILTERS_MISSING", "EVENT_TYPES_NOT_ARRAY"]);
    await makeStanding(stage);
    expect(await ask(stage, "POST", path, presence)).toMatchObject({
      status: 429,
      body: { code: "SUBSCRIPTIONS_FULL" },
    });
    const bare = await fetch(`${stage.url}${path}`, { method: "POST", body: "{}" });
    expect([bare.status, await bare.json()]).toEqual([
      401,
      expect.objectContaining({ code: "TOKEN_MISSING" }),
    ]);
  });

  test("is nobody else's, and goes with its client", async () => {
    const other = sampleClient({ id: "other" });
    const stage = await gatewayStage({ clients: [sampleClient(), other] });
    const made = await makeStanding(stage);
    const response = await fetch(`${stage.url}/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`other:${sampleSecret}`).toString("base64")}`,
      },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const theirs = { headers: { authorization: `Bearer ${token}` } };
    const where = `${stage.url}${path}/${String(made["id"])}`;
    expect((await fetch(where, theirs)).status).toBe(404);
    await stage.reload([other]);
    await stage.reload([sampleClient(), other]);
    expect((await ask(stage, "GET", `${path}/${String(made["id"])}`)).status).toBe(404);
  });
});

/** What has come of a stream, block by block. */
class Heard {
  text = "";
  isOver = false;
  readonly status: Promise<number | undefined>;

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.status = new Promise((resolve) => {
      const request = get(url, { headers }, (response) => {
        response.setEncoding("utf8");
        response.on("data", (part: string) => (this.text += part));
        response.on("close", () => (this.isOver = true));
        resolve(response.statusCode);
      });
      request.on("error", () => undefined);
      onEnd(() => request.destroy());
    });
  }

  get blocks(): readonly {
    readonly id?: string;
    readonly event?: string;
    readonly data?: string;
  }[] {
    return this.text
      .split("\n\n")
      .slice(0, -1)
      .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/su))));
  }

  of(event: string | undefined): readonly (Message & { readonly id?: string })[] {
    return this.blocks
      .filter((block) => block.event === event && block.data !== undefined)
      .map(({ id, data }) => ({ ...(JSON.parse(data ?? "") as Message), ...(id && { id }) }));
  }
}

async function stream(stage: GatewayStage, where: string, lastEventId?: string): Promise<Heard> {
  return new Heard(where.replace(/^(?!http)/u, stage.url), {
    authorization: `Bearer ${await stage.token()}`,
    ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
  });
}

describe("a stream of Server-Sent Events", () => {
  test("brings events under their cursors, goes on after Last-Event-ID, and ends with a word", async () => {
    const stage = await gatewayStage();
    const made = await makeStanding(stage);
    const topic = presenceOf(stage);
    const heard = await stream(stage, String(made["streamUri"]));
    expect(await heard.status).toBe(200);
    await eventually("it is live", () => heard.of("live").length === 1);
    expect(heard.of("heartbeat")).toHaveLength(1);
    for (let n = 1; n <= 5; n++) stage.emit(topic, { n });
    await eventually("all events", () => heard.of(undefined).length === 5);
    const events = heard.of(undefined);
    expect(numbers(events)).toEqual(range(1, 5));
    expect(events.map(({ id }) => id)).toEqual(events.map(({ cursor }) => cursor));
    const again = await stream(stage, String(made["streamUri"]), events[2]?.id);
    await eventually("the rest", () => again.of(undefined).length === 2);
    expect(numbers(again.of(undefined))).toEqual([4, 5]);
    const foreign = await stream(stage, String(made["streamUri"]), "other-5");
    expect(await foreign.status).toBe(400);
    await stage.relay.stop();
    expect([heard.isOver, again.isOver]).toEqual([true, true]);
    expect(heard.of("closing")).toMatchObject([{ code: "SHUTTING_DOWN" }]);
    expect(heard.of("refused")).toMatchObject([{ code: "SHUTTING_DOWN" }]);
  });

  test("is refused as any request is, and ends when its subscription is removed", async () => {
    const stage = await gatewayStage();
    const made = await makeStanding(stage);
    const where = `${path}/${String(made["id"])}`;
    expect(await (await stream(stage, `${path}/none/stream`)).status).toBe(404);
    expect(await (await stream(stage, `${where}/stream?format=genesys`)).status).toBe(400);
    expect((await fetch(`${stage.url}${where}/stream`)).status).toBe(401);
    const heard = await stream(stage, `${where}/stream`);
    await eventually("it is live", () => heard.of("live").length === 1);
    await ask(stage, "DELETE", where);
    await eventually("its end", () => heard.isOver);
    expect(heard.of("refused")).toMatchObject([{ code: "SUBSCRIPTION_UNKNOWN" }]);
  });
});

describe("a durable consumer", () => {
  test("goes on after what it has acknowledged, however it ended, and after a restart", async () => {
    const stage = await gatewayStage();
    const { mock, dataDir } = stage;
    const topic = presenceOf(stage);
    const where = `${path}?consumer=billing`;
    const socket = await stage.connect(where);
    socket.say(presence);
    await socket.first("live");
    for (let n = 1; n <= 6; n++) stage.emit(topic, { n });
    await eventually("all events", () => socket.of("event").length === 6);
    socket.say({ type: "ack", cursor: socket.of("event")[3]?.["cursor"] });
    // What is answered after an ack has heard of it.
    socket.say({ type: "keepalive" });
    await socket.first("keepalive-ack");
    socket.socket.terminate();
    const again = await stage.connect(where);
    again.say(presence);
    await eventually("the rest", () => again.of("event").length === 2);
    expect(numbers(again.of("event"))).toEqual([5, 6]);
    again.say({ type: "ack", cursor: again.of("event")[0]?.["cursor"] });
    again.say({ type: "keepalive" });
    await again.first("keepalive-ack");
    await stage.relay.stop();
    const after = await gatewayStage({}, { mock, dataDir });
    const { body } = await ask(after, "GET", `${path}/consumers`);
    expect(body).toMatchObject({ consumers: [{ name: "billing", connected: false }] });
    const last = await after.connect(where);
    last.say(presence);
    await eventually("the last", () => last.of("event").length === 1);
    expect(numbers(last.of("event"))).toEqual([6]);
    expect(await ask(after, "DELETE", `${path}/consumers/billing`)).toMatchObject({
      body: { removed: "billing" },
    });
    expect(await last.first("error")).toMatchObject({ code: "CONSUMER_UNKNOWN" });
    expect((await last.end()).code).toBe(4400);
    expect(await ask(after, "DELETE", `${path}/consumers/billing`)).toMatchObject({
      status: 404,
      body: { code: "CONSUMER_UNKNOWN" },
    });
  });

  test("has one seat: who comes last reads, and the one before is told why it is closed", async () => {
    const stage = await gatewayStage();
    const where = `${path}?consumer=billing`;
    const first = await stage.connect(where);
    first.say(presence);
    await first.first("live");
    // By a token in its first message, too.
    const second = await new Bare(`${stage.url}${where}`).open();
    second.say({ ...presence });
    second.say({ type: "auth", data: { token: await stage.token() } });
    expect(await first.first("error")).toMatchObject({ code: "CONSUMER_REPLACED" });
    expect(await first.end()).toEqual({ code: 4409, reason: "CONSUMER_REPLACED" });
    await second.first("live");
    stage.emit(presenceOf(stage), { n: 1 });
    await second.first("event");
  });

  test("is not moved beyond what was sent, nor by a socket that reads for none", async () => {
    const stage = await gatewayStage();
    const socket = await stage.connect(`${path}?consumer=billing`);
    socket.say(presence);
    const { cursor } = await socket.first("live");
    const ahead = String(cursor).replace(/\d+$/u, "999999");
    for (const wrong of [ahead, "other-3", "nonsense"]) socket.say({ type: "ack", cursor: wrong });
    await eventually("three refusals", () => socket.of("error").length === 3);
    expect(socket.of("error").map(({ code }) => code)).toEqual([
      "CURSOR_AHEAD",
      "CURSOR_FOREIGN",
      "CURSOR_INVALID",
    ]);
    const none = await stage.connect();
    none.say({ type: "ack", cursor });
    expect(await none.first("error")).toMatchObject({ code: "MESSAGE_UNKNOWN" });
    const bad = new Bare(`${stage.url}${path}?consumer=a%20b`);
    await eventually("the refusal", () => bad.refused);
    expect(bad.refused).toMatchObject({ status: 400, body: { code: "FIELD_INVALID" } });
  });
});
