import { inspect } from "node:util";
import { settled, SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { createClient } from "./client.ts";
import { isTrunklineError, TrunklineError } from "./errors.ts";
import type { ClientEvent } from "./events.ts";
import type { ClientOptions } from "./options.ts";
import { unreachable } from "./testing/fake-cloud.ts";
import { uuid } from "./testing/samples.ts";
import { Stage } from "./testing/stage.ts";

const wallMs = Date.UTC(2026, 0, 5, 8);
const second = 1_000;
const minute = 60 * second;
const [ada, bob, queue] = [
  `v2.users.${uuid(1)}.presence`,
  `v2.users.${uuid(2)}.presence`,
  `v2.routing.queues.${uuid(3)}.users`,
];

function stage(options: Partial<ClientOptions> = {}): Stage & { readonly clock: SimClock } {
  const clock = new SimClock(wallMs);
  return new Stage(clock, { topics: [ada], ...options }) as Stage & { readonly clock: SimClock };
}

async function liveStage(
  options: Partial<ClientOptions> = {},
): Promise<Stage & { readonly clock: SimClock }> {
  const made = stage(options);
  made.listen();
  await made.pass(second);
  return made;
}

describe("the start", () => {
  test("logs in, counts channels, puts topics on, opens, reads back: in this order", async () => {
    const { cloud, events, states } = await liveStage({ topics: [ada, queue] });
    const path = "/api/v2/notifications/channels";
    const asked = cloud.requests.map((request) => `${request.method} ${request.path}`);
    expect(asked.filter((request) => !/availabletopics|tokens\/me/u.test(request))).toEqual([
      "POST /oauth/token",
      `GET ${path}?includechannels=oauthclient`,
      `POST ${path}`,
      `PUT ${path}/secret-channel-1/subscriptions?ignoreErrors=true`,
      `GET ${path}/secret-channel-1/subscriptions`,
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      "identified",
      "budget",
      "connected",
      "subscribed",
    ]);
    expect(states).toEqual({ [ada]: "live", [queue]: "live" });
  });

  test("nothing happens before events() is called", async () => {
    const { cloud, pass } = bound(stage());
    await pass(minute);
    expect(cloud.requests).toEqual([]);
  });

  test.each([
    [{ status: 401, body: '{"error":"invalid_client"}' }, "CREDENTIALS_REFUSED"],
    [{ status: 400, body: '{"description":"client not found"}' }, "CREDENTIALS_REFUSED"],
  ])("that is refused for good ends the stream: %j", async (answer, code) => {
    const made = stage();
    made.cloud.answer = ({ path }) => (path === "/oauth/token" ? answer : undefined);
    made.listen();
    await made.pass(minute);
    expect(isTrunklineError(made.end) && made.end.code).toBe(code);
    expect(made.cloud.requests).toHaveLength(1);
  });

  test("a missing right ends it, while nothing was ever live", async () => {
    const made = stage();
    made.cloud.answer = ({ method, path }) =>
      method === "POST" && path.endsWith("/channels") ? { status: 403, body: "{}" } : undefined;
    made.listen();
    await made.pass(minute);
    expect(isTrunklineError(made.end) && made.end.code).toBe("FORBIDDEN");
  });

  test("what may heal is tried again: at once, then with backoff, and told each time", async () => {
    const made = stage();
    let failures = 5;
    made.cloud.answer = () => (failures-- > 0 ? unreachable() : undefined);
    made.listen();
    await made.pass(minute);
    expect(made.of("disconnected").map(({ retryInMs }) => retryInMs)).toEqual([
      0, 250, 500, 1_000, 2_000,
    ]);
    expect(made.states).toEqual({ [ada]: "live" });
  });

  test("Retry-After of the login service is obeyed", async () => {
    const made = stage();
    let limited = 1;
    made.cloud.answer = ({ path }) =>
      path === "/oauth/token" && limited-- > 0
        ? { status: 429, headers: { "retry-after": "45" } }
        : undefined;
    made.listen();
    await made.pass(minute);
    const [first, second_] = made.cloud.seen("POST /oauth/token");
    expect((second_?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(45 * second);
    expect(made.states).toEqual({ [ada]: "live" });
  });

  test("a topic that the catalogue does not list is tried, and a warning says so", async () => {
    const odd = `v2.users.${uuid(1)}.oddity`;
    const made = await liveStage({ topics: [ada, odd] });
    expect(made.states).toEqual({ [ada]: "live", [odd]: "live" });
    expect(made.of("warning").map(({ error }) => error.code)).toEqual(["TOPIC_UNLISTED"]);
    expect(made.of("warning")[0]?.error.message).toContain(odd);
  });

  test("a catalogue that cannot be had stops nothing", async () => {
    const made = stage();
    made.cloud.answer = ({ path }) =>
      path.includes("availabletopics") ? { status: 500 } : undefined;
    made.listen();
    await made.pass(second);
    expect(made.states).toEqual({ [ada]: "live" });
    expect(made.of("warning").map(({ error }) => error.code)).toEqual(["SERVICE_FAILED"]);
  });

  test("without topics there is no channel and no socket", async () => {
    const { cloud } = await liveStage({ topics: [] });
    expect(cloud.channels.size).toBe(0);
    expect(cloud.dialled).toEqual([]);
  });
});

/** A stage whose methods may be taken off it. */
function bound(made: Stage): Pick<Stage, "cloud"> & { pass: (ms: number) => Promise<void> } {
  return { cloud: made.cloud, pass: (ms) => made.pass(ms) };
}

describe("events", () => {
  test("come typed, in order, with the untouched frame and the time of arrival", async () => {
    const made = await liveStage();
    made.cloud.emit(ada, { id: 1 });
    made.cloud.emit(ada, { id: 2 });
    await made.pass(second);
    expect(made.notifications.map(({ body }) => body)).toEqual([{ id: 1 }, { id: 2 }]);
    const [first] = made.notifications;
    expect(first).toMatchObject({ topic: ada, line: 1, receivedAtMs: wallMs + second + 10 });
    expect(JSON.parse(first?.raw ?? "")).toMatchObject({ topicName: ada });
  });

  test("a consumer only: the second events() throws EVENTS_TAKEN", async () => {
    const made = await liveStage();
    expect(() => made.client.events()).toThrow(expect.objectContaining({ code: "EVENTS_TAKEN" }));
  });

  test("a malformed frame is a warning and a gap, and the line goes on", async () => {
    const made = await liveStage();
    made.forget();
    made.cloud.socket.sendText("{");
    made.cloud.emit(ada, { id: 1 });
    await made.pass(second);
    expect(made.events.map(({ type }) => type)).toEqual([
      "warning",
      "gap",
      "unsubscribed",
      "gap",
      "subscribed",
      "notification",
    ]);
    expect(made.of("gap")[0]).toMatchObject({ cause: "malformed", topics: [ada] });
    expect(made.cloud.dialled).toHaveLength(1);
  });
});

describe("topics", () => {
  test("changes are gathered for 2 s and made by one PUT, without a reconnect", async () => {
    const made = await liveStage();
    made.client.setTopics([ada, bob]);
    await made.pass(second);
    made.client.setTopics([bob, queue]);
    await made.pass(second - 1);
    expect(made.cloud.seen("PUT")).toHaveLength(1);
    await made.pass(second);
    expect(made.cloud.seen("PUT")).toHaveLength(2);
    expect(made.states).toEqual({ [bob]: "live", [queue]: "live" });
    expect(made.cloud.dialled).toHaveLength(1);
    expect(made.of("subscribed").at(-1)?.topics.toSorted()).toEqual([bob, queue].toSorted());
    expect(made.cloud.emit(ada)).toBe(0);
    expect(made.cloud.emit(queue)).toBe(1);
  });

  test("an invalid one throws, and changes nothing", async () => {
    const made = await liveStage();
    expect(() => made.client.setTopics([bob, "nonsense"])).toThrow(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    await made.pass(5 * second);
    expect(made.states).toEqual({ [ada]: "live" });
  });

  test("the same topic in another case is the same", async () => {
    const made = await liveStage({ topics: [ada, ada.toUpperCase().replace("V", "v")] });
    expect(Object.keys(made.states)).toHaveLength(1);
  });

  test("combined ones arrive under their own names", async () => {
    const station = `v2.users.${uuid(1)}.station`;
    const made = await liveStage({ topics: [`v2.users.${uuid(1)}?presence&station`] });
    expect([...(made.cloud.channels.values().next().value?.topics ?? [])]).toEqual([
      `v2.users.${uuid(1)}?presence&station`,
    ]);
    expect(made.states).toEqual({ [ada]: "live", [station]: "live" });
  });

  test("a rejected one says what is missing, once; the rest is live", async () => {
    const made = stage({ topics: [ada, queue] });
    made.cloud.rejected.add(queue);
    made.listen();
    await made.pass(5 * second);
    expect(made.states).toEqual({ [ada]: "live", [queue]: "rejected" });
    expect(made.of("rejected")).toEqual([
      {
        type: "rejected",
        topic: queue,
        reason: "Permissions are missing.",
        missingPermissions: ["routing:queue:view"],
      },
    ]);
    expect(made.client.topics()[1]).toMatchObject({ missingPermissions: ["routing:queue:view"] });
    await made.pass(20 * minute);
    expect(made.of("rejected")).toHaveLength(1);
  });

  test("are put anew every 8 h, and read back every 10 min", async () => {
    const made = await liveStage();
    await made.pass(10 * minute);
    expect(made.cloud.seen("GET /api/v2/notifications/channels/")).toHaveLength(2);
    await made.pass(8 * 60 * minute);
    expect(made.cloud.seen("PUT")).toHaveLength(2);
  });

  test("that the service has dropped are a gap since they were last confirmed, and put back", async () => {
    const made = await liveStage();
    for (const channel of made.cloud.channels.values()) channel.topics.clear();
    made.cloud.socket.send({ topicName: "v2.subscription.updated", eventBody: {} });
    await made.pass(second);
    expect(made.of("gap")).toMatchObject([
      { state: "open", cause: "unsubscribed", topics: [ada] },
      { state: "closed", topics: [ada] },
    ]);
    expect(made.of("gap")[0]?.fromMs).toBeLessThan(wallMs + second);
    expect(made.cloud.emit(ada)).toBe(1);
  });

  test("are dealt out to as many lines as they need, and the rest is over budget", async () => {
    const topics = Array.from({ length: 6 }, (_, index) => `v2.users.${uuid(index)}.presence`);
    const made = stage({ topics, policy: { topicsPerLineMax: 2 } });
    // Of the three that are left one is kept to replace a session.
    for (let other = 0; other < 17; other++)
      made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
    made.listen();
    await made.pass(second);
    expect(made.cloud.dialled).toHaveLength(2);
    expect(made.of("budget")).toEqual([
      {
        type: "budget",
        channels: { ours: 0, others: 17, limit: 20 },
        overBudget: topics.slice(4),
      },
    ]);
    expect(Object.values(made.states)).toEqual([
      "live",
      "live",
      "live",
      "live",
      "over-budget",
      "over-budget",
    ]);
    made.cloud.channels.delete("other-1");
    await made.pass(11 * minute);
    expect(Object.values(made.states)).toEqual(Array.from({ length: 6 }, () => "live"));
  });

  test("with all 20 channels taken by others nothing is evicted: the stream ends", async () => {
    const made = stage();
    for (let other = 0; other < 20; other++)
      made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
    made.listen();
    await made.pass(second);
    expect(isTrunklineError(made.end) && made.end.code).toBe("CHANNELS_TAKEN");
    expect(made.cloud.seen("POST /api/v2")).toEqual([]);
  });

  test("told to wait, it says that all are taken, and goes on as soon as one has expired", async () => {
    const made = stage({ waitForChannels: true });
    for (let other = 0; other < 20; other++)
      made.cloud.channels.set(`other-${other}`, { id: `other-${other}`, topics: new Set() });
    made.listen();
    await made.pass(35 * minute);
    expect(made.end).toBe("not yet");
    expect(made.of("disconnected")).toMatchObject([
      { line: 0, retryInMs: 10 * minute, attempt: 1, error: { code: "CHANNELS_TAKEN" } },
    ]);
    expect(made.of("budget")).toHaveLength(1);
    expect(Object.values(made.states)).toEqual(["over-budget"]);
    expect(made.cloud.seen("POST /api/v2")).toEqual([]);
    made.cloud.channels.delete("other-1");
    await made.pass(10 * minute);
    expect(Object.values(made.states)).toEqual(["live"]);
  });

  test("all 20 left by earlier runs: it makes one in their place", async () => {
    const made = stage({
      leftChannels: Array.from({ length: 20 }, () => wallMs + 20 * 60 * minute),
    });
    for (let run = 0; run < 20; run++)
      made.cloud.channels.set(`left-${run}`, { id: `left-${run}`, topics: new Set() });
    made.listen();
    await made.pass(second);
    expect(Object.values(made.states)).toEqual(["live"]);
    expect(made.of("budget")).toMatchObject([{ channels: { ours: 0, others: 0, limit: 20 } }]);
  });

  test("one that moves to another line is never uncarried in silence", async () => {
    const user = `v2.users.${uuid(7)}`;
    const first = `${user}.a`;
    const mover = `${user}.${"c".repeat(60)}`;
    const made = await liveStage({
      topics: [first, `${user}.${"b".repeat(120)}`, mover],
      policy: { topicsPerLineMax: 1 },
    });
    made.client.setTopics([first, mover]);
    const missedAtMs: number[] = [];
    for (let tick = 0; tick < 500; tick++) {
      if (made.cloud.emit(mover) === 0) missedAtMs.push(made.clock.monotonicMs());
      await made.pass(10);
    }
    expect(made.states).toEqual({ [first]: "live", [mover]: "live" });
    expect(missedAtMs.filter((atMs) => !made.isInGap(mover, atMs, wallMs))).toEqual([]);
  });

  test("the gap of one that is no longer wanted ends", async () => {
    const made = await liveStage({ topics: [ada, bob] });
    made.cloud.channels.clear();
    made.cloud.refuse = () => ({ kind: "unreachable", detail: "" });
    made.cloud.socket.lose();
    await made.pass(second);
    made.client.setTopics([ada]);
    await made.pass(3 * second);
    made.cloud.refuse = () => undefined;
    await made.pass(5 * minute);
    const closed = made.of("gap").filter(({ state }) => state === "closed");
    expect(new Set(closed.flatMap(({ topics }) => topics))).toEqual(new Set([ada, bob]));
  });

  test("a line that lost all its topics stays, and its channel is used again", async () => {
    const made = await liveStage();
    made.client.setTopics([]);
    await made.pass(5 * second);
    expect(made.cloud.sockets.size).toBe(1);
    expect(made.cloud.seen("PUT").at(-1)?.body).toBe("[]");
    made.client.setTopics([bob]);
    await made.pass(5 * second);
    expect(made.cloud.channels.size).toBe(1);
    expect(made.states).toEqual({ [bob]: "live" });
  });
});

describe("a session that ends", () => {
  test("is replaced, and what cannot be proven in between is one gap, opened and closed", async () => {
    const made = await liveStage();
    await made.pass(30 * second);
    const provenBeforeMs = wallMs + made.clock.monotonicMs();
    made.forget();
    made.cloud.socket.lose();
    made.cloud.emit(ada, "lost");
    await made.pass(second);
    expect(made.events.map(({ type }) => type)).toEqual([
      "gap",
      "unsubscribed",
      "disconnected",
      "gap",
      "connected",
      "subscribed",
    ]);
    const [open, closed] = made.of("gap");
    expect(open).toMatchObject({ state: "open", cause: "cut", topics: [ada], toMs: undefined });
    expect(open?.fromMs).toBeGreaterThan(provenBeforeMs - 11 * second);
    expect(open?.fromMs).toBeLessThanOrEqual(provenBeforeMs);
    expect(closed?.id).toBe(open?.id);
    expect(closed?.toMs).toBeGreaterThan(provenBeforeMs);
    expect(made.cloud.channels.size).toBe(1);
    made.cloud.emit(ada, "given");
    await made.pass(second);
    expect(made.notifications.map(({ body }) => body)).toEqual(["given"]);
  });

  test("silently is found out within a ping's time", async () => {
    const made = await liveStage();
    await made.pass(25 * second);
    made.cloud.answersPings = false;
    made.forget();
    await made.pass(16 * second);
    expect(made.of("disconnected")[0]?.error?.code).toBe("SOCKET_SILENT");
    expect(made.cloud.dialled[0]?.state).toBe("cut");
  });

  test("with its channel gone gets another channel, topics first", async () => {
    const made = await liveStage({ topics: [ada, queue] });
    made.cloud.channels.clear();
    made.cloud.socket.lose();
    await made.pass(5 * second);
    expect(made.cloud.seen("HEAD")).toHaveLength(1);
    expect([...made.cloud.channels.keys()]).toEqual(["secret-channel-2"]);
    expect(made.states).toEqual({ [ada]: "live", [queue]: "live" });
    expect(made.of("gap").map(({ state }) => state)).toEqual(["open", "closed"]);
  });

  test("a refused upgrade of a channel that lives is blamed on the road, and the channel is kept", async () => {
    const made = await liveStage();
    let refusals = 2;
    made.cloud.refuse = () =>
      refusals-- > 0
        ? { kind: "refused", status: 502, via: "1.1 proxy", server: "squid" }
        : undefined;
    made.cloud.socket.lose();
    await made.pass(5 * second);
    const blamed = made.of("disconnected").flatMap(({ error }) => error ?? []);
    expect(blamed.map(({ code }) => code)).toEqual([
      "UPGRADE_REFUSED_BY_PATH",
      "UPGRADE_REFUSED_BY_PATH",
    ]);
    expect(blamed[0]?.message).toMatch(/502.*1\.1 proxy.*squid/);
    expect(made.cloud.channels.size).toBe(1);
    expect(made.states).toEqual({ [ada]: "live" });
  });

  test("never ends the client once it was live, whatever the service says", async () => {
    const made = await liveStage();
    made.cloud.channels.clear();
    made.cloud.answer = () => ({ status: 403, body: '{"message":"no"}' });
    made.cloud.socket.lose();
    await made.pass(30 * minute);
    expect(made.end).toBe("not yet");
    made.cloud.answer = () => undefined;
    await made.pass(2 * minute);
    expect(made.states).toEqual({ [ada]: "live" });
  });

  test.each([
    ["an empty answer", { status: 200, body: "" }],
    ["a foreign error of the HTTP port", new TypeError("fetch failed")],
  ])("nor does %s", async (_, answer) => {
    const made = await liveStage();
    made.cloud.channels.clear();
    made.cloud.answer = ({ method, path }) =>
      method === "POST" && path.endsWith("/channels") ? answer : undefined;
    made.cloud.socket.lose();
    await made.pass(minute);
    expect(made.end).toBe("not yet");
  });

  test("three times early by the peer: a warning, and another channel", async () => {
    const made = await liveStage();
    for (let close = 0; close < 3; close++) {
      made.cloud.socket.lose({ kind: "closed", code: 1001, reason: "replaced" });
      await made.pass(2 * second);
    }
    expect(made.of("warning").map(({ error }) => error.code)).toEqual(["CHANNEL_CONTENDED"]);
    expect(made.of("disconnected")[0]).toMatchObject({ code: 1001, reason: "replaced" });
    expect(made.cloud.channels.size).toBe(2);
    expect(made.states).toEqual({ [ada]: "live" });
  });
});

describe("the end", () => {
  test("leaving the loop closes all sockets and ends all work", async () => {
    const made = stage();
    const leave = async (): Promise<void> => {
      for await (const event of made.client.events()) if (event.type === "connected") break;
    };
    const left = leave();
    await made.pass(second);
    await left;
    expect(made.cloud.dialled[0]?.state).toBe("closed");
    const requests = made.cloud.requests.length;
    await made.pass(60 * minute);
    expect(made.cloud.requests).toHaveLength(requests);
    expect(made.clock.timers).toBe(0);
  });

  test("close() hands over what is there, then ends", async () => {
    const made = stage();
    const events = made.client.events();
    await made.pass(second);
    await made.client.close();
    const types: string[] = [];
    for await (const { type } of { [Symbol.asyncIterator]: () => events }) types.push(type);
    expect(types).toEqual([
      "identified",
      "budget",
      "connected",
      "subscribed",
      "gap",
      "unsubscribed",
    ]);
    expect(made.cloud.dialled[0]?.state).toBe("closed");
    await made.client.close();
  });

  test("a signal that aborts ends the stream without an error", async () => {
    const aborting = new AbortController();
    const made = await liveStage({ signal: aborting.signal });
    aborting.abort();
    await settled();
    expect(made.end).toBe("ended");
    expect(made.cloud.sockets.size).toBe(0);
  });

  test("a signal that has aborted already lets nothing begin", async () => {
    const made = stage({ signal: AbortSignal.abort() });
    made.listen();
    await made.pass(minute);
    expect(made.end).toBe("ended");
    expect(made.cloud.requests).toEqual([]);
  });

  test("before events() lets nothing begin", async () => {
    let asked = 0;
    const tokenProvider = async (): Promise<{ accessToken: string; expiresInS: number }> => {
      asked++;
      return { accessToken: "t", expiresInS: 60 };
    };
    const made = stage({ credentials: { tokenProvider } });
    await made.client.close();
    made.listen();
    await made.pass(second);
    expect(made.end).toBe("ended");
    expect(asked).toBe(0);
  });

  test("in the midst of the start leaves nothing behind", async () => {
    const made = stage();
    made.cloud.answer = ({ method }) => (method === "PUT" ? "never" : undefined);
    made.listen();
    await made.pass(second);
    await made.client.close();
    await made.pass(60 * minute);
    expect(made.end).toBe("ended");
    expect(made.clock.timers).toBe(0);
  });

  test("`await using` closes", async () => {
    const made = stage();
    const use = async (): Promise<void> => {
      await using client = made.client;
      void client.events().next();
      await made.pass(second);
    };
    await use();
    expect(made.cloud.dialled[0]?.state).toBe("closed");
  });
});

/** Takes what is there, without waiting for more. */
async function drain(
  events: AsyncIterator<ClientEvent, undefined>,
  count: number,
): Promise<readonly ClientEvent[]> {
  const taken: ClientEvent[] = [];
  for (let index = 0; index < count; index++) {
    const { value } = await events.next();
    if (value !== undefined) taken.push(value);
  }
  return taken;
}

describe("a consumer that is slow", () => {
  test("pauses the socket; if it catches up in time nothing is lost", async () => {
    const made = stage({ bufferEventsMax: 10 });
    const events = made.client.events();
    await made.pass(second);
    await drain(events, 4);
    for (let number = 0; number < 30; number++) made.cloud.emit(ada, number);
    await made.pass(second);
    expect(made.cloud.socket.paused).toBe(true);
    const all = await drain(events, 30);
    expect(made.cloud.socket.paused).toBe(false);
    expect(all.map((event) => event.type === "notification" && event.body)).toEqual(
      Array.from({ length: 30 }, (_, index) => index),
    );
  });

  test("for too long: the socket is read and refused, and an overflow gap stands before the next event", async () => {
    const made = stage({ bufferEventsMax: 10 });
    const events = made.client.events();
    await made.pass(second);
    await drain(events, 4);
    for (let number = 0; number < 10; number++) made.cloud.emit(ada, number);
    await made.pass(10 * second);
    expect(made.cloud.socket.paused).toBe(true);
    await made.pass(11 * second);
    expect(made.cloud.socket.paused).toBe(false);
    const refusedAtMs = made.clock.monotonicMs();
    for (let number = 0; number < 5; number++) made.cloud.emit(ada, "refused");
    await made.pass(40 * second);
    expect(made.cloud.dialled).toHaveLength(1);
    await drain(events, 5);
    const caughtUpMs = made.clock.monotonicMs();
    made.cloud.emit(ada, "after");
    await made.pass(second);
    const rest = await drain(events, 10);
    expect(rest.map((event) => (event.type === "notification" ? event.body : event.type))).toEqual([
      5,
      6,
      7,
      8,
      9,
      "gap",
      "unsubscribed",
      "gap",
      "subscribed",
      "after",
    ]);
    const [open, closed] = rest.filter((event) => event.type === "gap");
    expect(open).toMatchObject({ cause: "overflow", topics: [ada] });
    expect(open?.fromMs).toBeLessThanOrEqual(wallMs + refusedAtMs);
    expect(closed?.toMs).toBeGreaterThanOrEqual(wallMs + caughtUpMs);
  });
});

describe("what is asked of createClient", () => {
  test.each([
    [{}, "OPTION_INVALID"],
    [{ region: "eu-central-1", baseUrl: "https://x" }, "OPTION_INVALID"],
    [{ region: "eu-central-9" }, "REGION_UNKNOWN"],
    [{ region: "eu-central-1", topics: ["x"] }, "TOPIC_INVALID"],
    [
      { region: "eu-central-1", credentials: { clientId: "", clientSecret: "" } },
      "CREDENTIALS_MISSING",
    ],
  ])("%j is refused with %s", (options, code) => {
    const whole = { credentials: { clientId: "a", clientSecret: "b" }, ...options };
    expect(() => createClient(whole)).toThrow(expect.objectContaining({ code }));
    expect(() => createClient(whole)).toThrow(TrunklineError);
  });
});

describe("secrets", () => {
  test("are in no event, whatever goes wrong, traces included", async () => {
    const made = stage({ trace: true, topics: [ada, queue] });
    made.listen();
    await made.pass(second);
    made.cloud.emit(ada);
    for (const status of [400, 401, 403, 404, 429, 500, 302]) {
      made.cloud.answer = () => ({ status, body: '{"message":"no"}' });
      made.cloud.socket.lose();
      made.client.setTopics([ada, bob]);
      await made.pass(minute);
      made.cloud.answer = () => undefined;
      await made.pass(3 * minute);
    }
    const told = `${JSON.stringify(made.events)} ${inspect(made.events, { depth: 20, maxArrayLength: null, maxStringLength: null })}`;
    expect(made.of("trace").length).toBeGreaterThan(20);
    expect(told).not.toContain("secret-channel-");
    expect(told).not.toContain("the-client-secret");
    expect(told).not.toMatch(/token-\d/);
  });
});
