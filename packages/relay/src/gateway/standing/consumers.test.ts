import { readSubscription } from "@trunkline/events";
import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { keepLog } from "../../testing/http-stage.ts";
import { grantOf } from "../../testing/machine-socket.ts";
import { emptyJournalDisk, MemoryJournal } from "../../testing/memory-journal.ts";
import { Interests, lingerMs, type Interest } from "../interests.ts";
import { consumersPerClientMax } from "../limits.ts";
import { Consumers, readConsumerName, type SeatLoss } from "./consumers.ts";

function subscriptionTo(type: string) {
  const reading = readSubscription({ eventTypes: [type], filters: { divisions: ["self"] } });
  if (reading.subscription === undefined) throw new Error(`${type} is no event type`);
  return reading.subscription;
}

function stage(disk = { ...emptyJournalDisk(), lastPosition: 100 }) {
  const clock = new SimClock(0);
  const wanted: (readonly Interest[])[] = [];
  const { log, lines } = keepLog();
  const journal = new MemoryJournal({ disk });
  const consumers = new Consumers({
    journal,
    interests: new Interests({ clock, changed: (all) => wanted.push(all) }),
    log,
  });
  const pass = (ms: number): Promise<void> => clock.runUntil(clock.monotonicMs() + ms);
  const sit = async (name: string, lost: (why: SeatLoss) => void = () => undefined) => {
    await consumers.open("wallboard", name);
    return consumers.sit(grantOf(), name, lost);
  };
  return { disk, journal, consumers, wanted, lines, pass, sit };
}

test("it begins at the end of the journal, and acks move it forth only", async () => {
  const { disk, sit, pass } = stage();
  const seat = await sit("billing");
  expect(seat.position).toBe(100);
  disk.lastPosition = 200;
  seat.ack(150);
  seat.ack(120);
  expect(seat.position).toBe(150);
  await pass(10);
  expect(disk.consumers.get("api:wallboard:billing")).toMatchObject({ position: 150 });
  const { sit: sitAgain } = stage(disk);
  expect((await sitAgain("billing")).position).toBe(150);
});

test("acks that come while one is stored are stored as one", async () => {
  const { disk, journal, sit, pass } = stage();
  const seat = await sit("billing");
  disk.lastPosition = 2_000;
  const free = Promise.withResolvers<void>();
  const moves: number[] = [];
  journal.advance = async (_, position) => {
    moves.push(position);
    await free.promise;
  };
  for (let position = 101; position <= 1_000; position++) seat.ack(position);
  await pass(10);
  free.resolve();
  await pass(10);
  expect(moves).toEqual([101, 1_000]);
});

test("who sits down last has the seat: the one before hears of it, and moves nothing any more", async () => {
  const { disk, sit } = stage();
  const told: SeatLoss[] = [];
  const first = await sit("billing", (why) => told.push(why));
  const second = await sit("billing", (why) => told.push(why));
  disk.lastPosition = 200;
  first.ack(150);
  first.keep([subscriptionTo("user:presence")]);
  first.leave();
  expect([second.position, told]).toEqual([100, ["replaced"]]);
  second.ack(160);
  expect(second.position).toBe(160);
});

test("what it subscribed to stays wanted while it is away, and in the next run", async () => {
  const { disk, consumers, wanted, sit, pass } = stage();
  const seat = await sit("billing");
  seat.keep([subscriptionTo("user:presence"), subscriptionTo("conversation:updated")]);
  seat.leave();
  await pass(2 * lingerMs);
  expect(wanted.at(-1)).toHaveLength(2);
  const next = stage(disk);
  await next.consumers.start(() => true);
  await next.pass(1_000);
  expect(next.wanted.at(-1)).toEqual(wanted.at(-1));
  // Another connection wants something else: only that is wanted then.
  const again = await next.sit("billing");
  again.keep([subscriptionTo("user:presence")]);
  await next.pass(2 * lingerMs);
  expect(next.wanted.at(-1)).toHaveLength(1);
  expect(await consumers.list("wallboard")).toEqual([
    { name: "billing", position: 100, isTaken: false },
  ]);
});

test("removed, it is nowhere any more, and its reader is told", async () => {
  const { disk, consumers, wanted, sit, pass } = stage();
  const told: SeatLoss[] = [];
  const seat = await sit("billing", (why) => told.push(why));
  seat.keep([subscriptionTo("user:presence")]);
  await consumers.remove("wallboard", "billing");
  seat.keep([subscriptionTo("user:presence")]);
  seat.ack(101);
  await pass(2 * lingerMs);
  expect(told).toEqual(["removed"]);
  expect([disk.consumers.size, disk.subscriptions.size, wanted.at(-1)]).toEqual([0, 0, []]);
  await expect(consumers.remove("wallboard", "billing")).rejects.toMatchObject({
    code: "CONSUMER_UNKNOWN",
  });
});

test("those of clients that are gone go, those of sinks stay", async () => {
  const { disk, journal, consumers, sit } = stage();
  await journal.openConsumer("sink:file", "head");
  await sit("one");
  await consumers.open("gone", "two");
  await consumers.prune((clientId) => clientId !== "gone");
  expect([...disk.consumers.keys()]).toEqual(["sink:file", "api:wallboard:one"]);
});

test("a client has as many as may be; those of another do not count", async () => {
  const { consumers } = stage();
  await consumers.open("wallboard2", "other");
  for (let n = 0; n < consumersPerClientMax; n++) await consumers.open("wallboard", `c${n}`);
  await expect(consumers.open("wallboard", "more")).rejects.toMatchObject({
    code: "CONSUMERS_FULL",
  });
  await consumers.open("wallboard", "c3");
  await consumers.open("wallboard2", "more");
});

test.each(["", "a b", "a:b", "x".repeat(65), "ü"])("%j is no name of a consumer", (name) => {
  expect(() => readConsumerName(name)).toThrow("name of a consumer");
});
