import { readSubscription } from "@trunkline/events";
import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { RelayError } from "../../errors.ts";
import { keepLog } from "../../testing/http-stage.ts";
import { MemoryJournal } from "../../testing/memory-journal.ts";
import { Interests, lingerMs, type Interest } from "../interests.ts";
import { expiresAfterMs, StandingSubscriptions } from "./subscriptions.ts";

const startMs = Date.UTC(2026, 10, 29);
const owner = { clientId: "wallboard", trunks: undefined };
const hourMs = 3_600_000;

function wish(type: string) {
  const reading = readSubscription({ eventTypes: [type], filters: { divisions: ["self"] } });
  if (reading.subscription === undefined) throw new Error(`${type} is no event type`);
  return { subscription: reading.subscription, written: [type] };
}

function stage(journal = new MemoryJournal(), clock = new SimClock(startMs)) {
  const wanted: (readonly Interest[])[] = [];
  const { log, lines } = keepLog();
  let ids = 0;
  const standing = new StandingSubscriptions({
    journal,
    interests: new Interests({ clock, changed: (all) => wanted.push(all) }),
    clock,
    log,
    countMax: 3,
    newId: () => `id-${++ids}`,
  });
  const pass = (ms: number): Promise<void> => clock.runUntil(clock.monotonicMs() + ms);
  return { journal, clock, standing, wanted, lines, pass };
}

test("it is wanted from the moment that it is made until a day after its last reader", async () => {
  const { standing, wanted, pass, clock } = stage();
  await standing.start(() => true);
  const made = await standing.add(wish("user:presence"), "j-1", owner);
  expect(made.expiresMs).toBe(startMs + expiresAfterMs);
  await pass(1_000);
  expect(wanted.at(-1)).toHaveLength(1);
  await pass(20 * hourMs);
  const { leave } = standing.read(made.id, "wallboard", () => undefined);
  const other = standing.read(made.id, "wallboard", () => undefined);
  await pass(48 * hourMs);
  leave();
  expect(standing.get(made.id, "wallboard").expiresMs).toBeNull();
  other.leave();
  expect(standing.get(made.id, "wallboard").expiresMs).toBe(clock.wallMs() + expiresAfterMs);
  await pass(expiresAfterMs - 60_000);
  expect(standing.count).toBe(1);
  await pass(120_000 + lingerMs);
  expect(standing.count).toBe(0);
  await pass(1_000);
  expect(wanted.at(-1)).toEqual([]);
  expect(() => standing.get(made.id, "wallboard")).toThrow("no standing subscription");
});

test("only its first reader begins where it began", async () => {
  const { standing } = stage();
  const { id } = await standing.add(wish("user:presence"), "j-7", owner);
  expect(standing.read(id, "wallboard", () => undefined).standing.since).toBe("j-7");
  expect(standing.read(id, "wallboard", () => undefined).standing.since).toBeNull();
});

test("another run finds it: a reader that was there counts as gone", async () => {
  const first = stage();
  const made = await first.standing.add(wish("user:presence"), "j-7", owner);
  const unread = await first.standing.add(wish("user:presence"), "j-8", owner);
  const gone = await first.standing.add(wish("user:presence"), "j-9", {
    clientId: "gone",
    trunks: ["main"],
  });
  first.standing.read(made.id, "wallboard", () => undefined);
  await first.pass(hourMs);
  const next = stage(new MemoryJournal({ disk: first.journal.disk }), first.clock);
  await next.standing.start((clientId) => clientId !== "gone");
  expect(next.standing.get(made.id, "wallboard")).toEqual({
    ...made,
    since: null,
    expiresMs: first.clock.wallMs() + expiresAfterMs,
  });
  expect(next.standing.get(unread.id, "wallboard")).toEqual(unread);
  expect(() => next.standing.get(gone.id, "gone")).toThrow("no standing subscription");
  await next.pass(1_000);
  expect(await next.journal.subscriptions()).toHaveLength(2);
});

test("there are as many as may be, and one that the journal does not take is none", async () => {
  const { standing, journal } = stage();
  for (let n = 0; n < 2; n++) await standing.add(wish("user:presence"), "j-1", owner);
  journal.keepSubscription = () =>
    Promise.reject(new RelayError("JOURNAL_CLOSED", "It is closed."));
  await expect(standing.add(wish("user:presence"), "j-1", owner)).rejects.toThrow("closed");
  expect(standing.count).toBe(2);
  const third = new MemoryJournal();
  journal.keepSubscription = (...kept) => third.keepSubscription(...kept);
  await standing.add(wish("user:presence"), "j-1", owner);
  await expect(standing.add(wish("user:presence"), "j-1", owner)).rejects.toMatchObject({
    code: "SUBSCRIPTIONS_FULL",
  });
});

test("who reads is told when it is removed, whoever removes it", async () => {
  const { standing } = stage();
  const told: string[] = [];
  const { id } = await standing.add(wish("user:presence"), "j-1", owner);
  const { leave } = standing.read(id, "wallboard", () => told.push("first"));
  leave();
  standing.read(id, "wallboard", () => told.push("second"));
  await expect(standing.remove(id, "other")).rejects.toMatchObject({
    code: "SUBSCRIPTION_UNKNOWN",
  });
  await standing.remove(id, "wallboard");
  expect(told).toEqual(["second"]);
});

test("while the journal cannot take a change, the newest waits alone, and is stored then", async () => {
  const { standing, journal, pass, lines } = stage();
  const { id } = await standing.add(wish("user:presence"), "j-1", owner);
  const writes: (string | undefined)[] = [];
  const free = Promise.withResolvers<void>();
  journal.keepSubscription = async (_, state) => {
    writes.push(state);
    await free.promise;
  };
  for (let n = 0; n < 50; n++) standing.read(id, "wallboard", () => undefined).leave();
  await pass(10);
  expect(writes).toHaveLength(1);
  free.resolve();
  await pass(10);
  expect(writes).toHaveLength(2);
  expect(JSON.parse(writes[1] ?? "")).toMatchObject({ since: null, expiresMs: expect.any(Number) });
  expect(lines).toEqual([]);
});
