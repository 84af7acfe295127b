/** The driver of a socket, over a journal and a peer that the test plays, on virtual time. */
import { emptyOrganisation, type Organisation } from "@trunkline/events";
import { createDice, settled } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { FanOutWorld } from "../../testing/fan-out-world.ts";
import { keepLog } from "../../testing/http-stage.ts";
import { grantOf } from "../../testing/machine-socket.ts";
import { topicState, trunkState } from "../../testing/fake-service.ts";
import { Alarms } from "../alarms.ts";
import { Coverages } from "../coverage.ts";
import { Feeds } from "../fan-out/feeds.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Grant } from "../grant.ts";
import { bufferedBytesMax, unreadBytesMax } from "../limits.ts";
import { Interests } from "../interests.ts";
import { socketPath } from "../paths.ts";
import { MemoryJournal } from "../../testing/memory-journal.ts";
import { Consumers } from "../standing/consumers.ts";
import { StandingSubscriptions } from "../standing/subscriptions.ts";
import { Retrospect } from "../retrospect.ts";
import { Tally, type ConnectionEnd } from "../status.ts";
import { Connection } from "./connection.ts";

type Told = Readonly<Record<string, unknown>>;
const topic = "v2.users.11111111-1111-4111-8111-111111111111.presence";
const presence = { eventTypes: [topic], filters: { divisions: ["self"] } };

function stage(grant: Grant | "none" = grantOf(), path = "/websocket", consumer?: string) {
  const world = new FanOutWorld(createDice(1));
  const { clock, journal, hub } = world;
  const told: Told[] = [];
  const ends: ConnectionEnd[] = [];
  const peer = {
    bufferedBytes: 0,
    pings: 0,
    cuts: 0,
    closed: undefined as unknown,
    isListed: true,
  };
  let organisation: Organisation = emptyOrganisation;
  let topics: readonly { readonly topic: string; readonly state: "live" | "pending" }[] = [];
  let holds = true;
  let wanted = 0;
  const { log } = keepLog();
  // Nothing is gathered here: what is wanted is known at once.
  const interests = new Interests({
    clock: { sleep: () => Promise.resolve(), monotonicMs: () => 0, wallMs: () => 0 },
    changed: (all) => (wanted = all.length),
  });
  const shelf = new MemoryJournal();
  let ids = 0;
  const standing = new StandingSubscriptions({
    journal: shelf,
    interests,
    clock,
    log,
    countMax: 2,
    newId: () => `standing-${++ids}`,
  });
  const consumers = new Consumers({ journal: shelf, interests, log });
  const connection = new Connection({
    parts: {
      journal: Object.assign(journal, { id: "sample" }),
      hub,
      clock,
      log,
      access: {
        verify: (token) =>
          token === "narrower"
            ? Promise.resolve(grantOf({ mayRead: (type) => type !== topic }))
            : token === "good"
              ? Promise.resolve(grantOf())
              : Promise.reject(new GatewayError("TOKEN_INVALID", "It is.")),
        stillHolds: () => holds,
        isClient: () => true,
      },
      feeds: new Feeds(() => organisation),
      coverages: new Coverages({
        clock,
        trunks: () => [
          trunkState({ topics: topics.map((one) => topicState(one.topic, one.state)) }),
        ],
      }),
      retrospect: new Retrospect({
        journal: Object.assign(journal, {
          id: "sample",
          coverage: async () => [],
          gaps: async () => [],
        }),
        clock,
        trunks: () => ["main"],
      }),
      isListed: () => peer.isListed,
      interests,
      standing,
      consumers,
      alarms: new Alarms(clock),
      tally: new Tally(),
      journalFailed: () => clock.sleep(10, new AbortController().signal),
    },
    wire: {
      send: (text) => void told.push(JSON.parse(text) as Told),
      ping: () => void peer.pings++,
      close: (code, reason) => (peer.closed = { code, reason }),
      cut: () => void peer.cuts++,
      get bufferedBytes() {
        return peer.bufferedBytes;
      },
    },
    grant: grant === "none" ? undefined : grant,
    format: "events",
    implied: socketPath(path)?.implied,
    standing: undefined,
    since: undefined,
    consumer,
    onEnd: (end) => ends.push(end),
  });
  return {
    clock,
    journal,
    hub,
    told,
    ends,
    peer,
    connection,
    carry: (state: "live" | "pending") => (topics = [{ topic, state }]),
    know: (known: Organisation) => {
      organisation = known;
      peer.isListed = true;
    },
    forget: () => (holds = false),
    /** How much is wanted of the trunks. */
    wanted: () => wanted,
    /** Up to where a consumer has acknowledged, as it is stored. */
    placeOf: (name: string) => shelf.disk.consumers.get(`api:wallboard:${name}`)?.position,
    say: (message: unknown) => {
      connection.onText(JSON.stringify(message));
      return settled();
    },
    /** Time passes, and the peer answers pings. */
    run: async (ms: number) => {
      const untilMs = clock.monotonicMs() + ms;
      while (clock.monotonicMs() < untilMs) {
        await clock.runUntil(Math.min(untilMs, clock.monotonicMs() + 5_000));
        connection.onPong();
      }
    },
    of: (type: string) => told.filter((message) => message["type"] === type),
  };
}

test("it is live once what it asked for is carried, and not before", async () => {
  const on = stage();
  on.carry("pending");
  await on.say({ id: "a", ...presence });
  await on.run(10_000);
  expect(on.of("subscribed")).toMatchObject([{ coverage: { topics: { pending: 1 } } }]);
  expect(on.of("live")).toEqual([]);
  on.carry("live");
  await on.run(2_000);
  expect(on.of("live")).toMatchObject([{ subscriptionId: "a", cursor: "sample-0" }]);
});

test("what comes before it is known who belongs to a division waits in the journal", async () => {
  const on = stage();
  on.peer.isListed = false;
  const [id, divisionId] = [topic.slice(9, 45), "22222222-1111-4111-8111-111111111111"];
  const ofDivision = {
    eventTypes: ["v2.users.{id}.presence"],
    filters: { divisions: [divisionId] },
  };
  await on.say({ id: "a", ...ofDivision });
  await on.say({ id: "gone", ...ofDivision });
  on.journal.grow(3);
  await on.run(60_000);
  expect([on.of("event"), on.of("live")]).toEqual([[], []]);
  expect(on.of("subscribed")).toHaveLength(2);
  await on.say({ type: "unsubscribe", id: "gone" });
  on.know({ ...emptyOrganisation, users: new Map([[id, { id, name: undefined, divisionId }]]) });
  await on.run(2_000);
  expect(on.of("event").map(({ cursor }) => cursor)).toEqual(["sample-1", "sample-2", "sample-3"]);
  expect(on.of("live")).toMatchObject([{ subscriptionId: "a", cursor: "sample-3" }]);
});

test("what a new token does not grant ends, and is said to; the rest goes on", async () => {
  const on = stage();
  const other = { eventTypes: ["user:routingStatus"], filters: { divisions: ["self"] } };
  await on.say({ id: "a", ...presence });
  await on.say({ id: "b", ...other });
  await on.say({ type: "auth", data: { token: "narrower" } });
  await on.run(100);
  expect(on.of("error")).toMatchObject([{ code: "EVENT_TYPE_FORBIDDEN", id: "a" }]);
  expect(on.of("unsubscribed")).toEqual([{ type: "unsubscribed", id: "a" }]);
  expect(on.peer.closed).toBeUndefined();
  await on.say({ type: "unsubscribe", id: "b" });
  expect(on.of("unsubscribed")).toHaveLength(2);
});

test("what ends before it is known from when on it goes on is wanted by nobody", async () => {
  const on = stage();
  on.connection.onText(JSON.stringify({ id: "a", ...presence, since: "sample-0" }));
  await on.say({ type: "unsubscribe", id: "a" });
  await on.run(1_000);
  expect(on.wanted()).toBe(0);
  await on.say({ id: "a", ...presence, since: "sample-0" });
  await on.run(1_000);
  expect(on.wanted()).toBe(1);
});

test("heartbeats name the place that all subscriptions have reached", async () => {
  const on = stage();
  expect(on.of("heartbeat")).toEqual([{ type: "heartbeat", time: expect.any(String) }]);
  await on.say(presence);
  on.journal.grow(5);
  await on.run(15_000);
  expect(on.of("heartbeat").at(-1)).toMatchObject({ cursor: "sample-5" });
  expect(on.peer.pings).toBe(2);
});

test("an ack moves a consumer no farther than all its subscriptions have got", async () => {
  const on = stage("none", "/websocket", "billing");
  on.journal.grow(20);
  await on.say({ type: "auth", data: { token: "good" } });
  await on.run(100);
  // Its reader takes nothing: one that goes on further back stays there.
  on.peer.bufferedBytes = bufferedBytesMax + 1;
  await on.say({ id: "a", ...presence, since: "sample-15" });
  await on.say({ id: "b", ...presence, since: "sample-3" });
  await on.run(100);
  await on.say({ type: "ack", cursor: "sample-12" });
  await on.run(100);
  expect([on.placeOf("billing"), on.of("error")]).toEqual([3, []]);
  await on.say({ type: "ack", cursor: "sample-16" });
  expect(on.of("error")).toMatchObject([{ code: "CURSOR_AHEAD" }]);
  await on.say({ type: "unsubscribe", id: "b" });
  await on.say({ type: "ack", cursor: "sample-12" });
  await on.run(100);
  expect(on.placeOf("billing")).toBe(12);
});

test("a name that the relay gives is none that the client uses already", async () => {
  const on = stage();
  await on.say({ id: "subscription-1", ...presence });
  await on.say(presence);
  expect(on.of("error")).toEqual([]);
  expect(on.of("subscribed").map(({ id }) => id)).toEqual(["subscription-1", "subscription-2"]);
});

test("a name is used once at a time, and 100 subscriptions are what a socket has", async () => {
  const on = stage();
  for (let n = 0; n < 100; n++) await on.say({ id: `n-${n}`, ...presence });
  await on.say({ id: "n-5", ...presence });
  await on.say({ id: "more", ...presence });
  expect(on.of("error").map(({ code, id }) => [code, id])).toEqual([
    ["FIELD_INVALID", "n-5"],
    ["SUBSCRIPTIONS_FULL", "more"],
  ]);
  await on.say({ type: "unsubscribe", id: "n-5" });
  await on.say({ type: "unsubscribe", id: "n-5" });
  await on.say({ id: "more", ...presence });
  expect(on.of("unsubscribed")).toEqual([{ type: "unsubscribed", id: "n-5" }]);
  expect(on.of("error").at(-1)).toMatchObject({ code: "SUBSCRIPTION_UNKNOWN", id: "n-5" });
  expect(on.of("subscribed")).toHaveLength(101);
});

test("once it has been closed nothing more is heard, sent or followed", async () => {
  const on = stage();
  on.carry("pending");
  await on.say({ id: "a", ...presence });
  on.forget();
  on.connection.reconsider();
  const before = on.told.length;
  expect(on.told.at(-1)).toMatchObject({ type: "error", code: "CLIENT_UNKNOWN" });
  expect(on.peer.closed).toEqual({ code: 4401, reason: "CLIENT_UNKNOWN" });
  on.carry("live");
  await on.say({ type: "keepalive" });
  on.journal.grow(5);
  await on.run(60_000);
  expect(on.told.length).toBe(before);
  expect([on.peer.cuts, on.hub.followers]).toEqual([1, 0]);
  on.connection.onEnd();
  on.connection.onEnd();
  expect(on.ends).toMatchObject([{ clientId: "wallboard", code: "CLIENT_UNKNOWN", received: 1 }]);
});

test("that is lost leaves no timer and no follower", async () => {
  const on = stage();
  await on.say(presence);
  await on.run(20_000);
  on.connection.onEnd();
  await on.run(60_000);
  expect([on.clock.timers, on.hub.followers, on.ends.length]).toEqual([0, 0, 1]);
});

describe("a reader", () => {
  test("that takes nothing of a full socket for 60 s is cut off", async () => {
    const on = stage();
    on.peer.bufferedBytes = bufferedBytesMax + 1;
    await on.say(presence);
    await on.run(59_000);
    expect(on.peer.cuts).toBe(0);
    await on.run(2_000);
    expect(on.peer.cuts).toBe(1);
  });

  test("that takes a little, however little, is not", async () => {
    const on = stage();
    on.peer.bufferedBytes = bufferedBytesMax + 1;
    await on.say(presence);
    for (let minute = 0; minute < 20; minute++) {
      await on.run(50_000);
      on.peer.bufferedBytes -= 1_000;
    }
    expect(on.peer.cuts).toBe(0);
  });

  test("that asks on and on, and takes no answer, is cut off", async () => {
    const on = stage();
    on.peer.bufferedBytes = unreadBytesMax + 1;
    const before = on.told.length;
    await on.say({ type: "keepalive" });
    expect([on.peer.cuts, on.told.length]).toEqual([1, before]);
  });
});

test("a token that is refused ends it, with the reason", async () => {
  const on = stage("none");
  // What was sent ahead of it is not answered.
  await on.say(presence);
  await on.say({ type: "auth", data: { token: "x.y.z" } });
  expect(on.told.slice(1)).toMatchObject([{ type: "error", code: "TOKEN_INVALID" }]);
  expect(on.peer.closed).toEqual({ code: 4401, reason: "TOKEN_INVALID" });
});

test.each([
  ["/websocket", 30_000, "NOT_SUBSCRIBED", []],
  ["/api/v2/analytics/conversations/events", 2_000, "SUBSCRIPTION_IMPLIED", ["conversation:all"]],
])("on %s, who says nothing for %i ms is told %s", async (path, ms, code, eventTypes) => {
  const on = stage(grantOf(), path);
  await on.run(ms - 1);
  expect(on.of("notice")).toEqual([]);
  await on.run(1);
  expect(on.of("notice")).toMatchObject([{ code }]);
  expect(on.of("subscribed").flatMap((message) => message["eventTypes"])).toEqual(eventTypes);
});

test("a path's own subscription is refused to whom its type is forbidden, and the socket stays", async () => {
  const on = stage(grantOf({ mayRead: () => false }), "/api/v2/analytics/conversations/events");
  await on.run(2_000);
  expect(on.of("error")).toMatchObject([{ code: "EVENT_TYPE_FORBIDDEN" }]);
  expect([on.peer.closed, on.of("subscribed")]).toEqual([undefined, []]);
});
