import type { GapEvent, NotificationEvent } from "@trunkline/client";
import type { Ledger, LedgerDelivery, LedgerEntry } from "@trunkline/mock";
import { expect, test } from "vitest";
import { notificationOf } from "../testing/stage.ts";
import { Books } from "./books.ts";

type Outcome = LedgerDelivery["outcome"];

/** A ledger to write in, and the events that the line would bring. */
class Scene {
  readonly entries: LedgerEntry[] = [];
  forgotten = 0;
  readonly books: Books;

  constructor() {
    const { entries } = this;
    const ledger: Ledger = {
      get newest() {
        return entries.length;
      },
      query: ({ since = 0 } = {}) => ({
        entries: entries.slice(since),
        oldest: 1,
        newest: entries.length,
        forgotten: this.forgotten,
        more: false,
      }),
      history: () => [],
    };
    this.books = new Books(ledger, (channelId) => channelId === "ours");
  }

  emit(atMs: number, outcome: Outcome = "sent", channelId = "ours"): NotificationEvent {
    const sequence = this.entries.length + 1;
    const topic = "v2.Users.x.presence";
    const correlationId = `c${sequence}`;
    const deliveries = [{ channelId, outcome }];
    this.entries.push({ sequence, atMs, topic, correlationId, body: "{}", deliveries });
    const metadata = { CorrelationId: correlationId };
    return notificationOf({ topicName: "v2.users.x.presence", eventBody: {}, metadata });
  }

  gap(fromMs: number, toMs?: number, topic = "v2.users.X.presence"): void {
    const gap: GapEvent = {
      type: "gap",
      id: "gap-1",
      state: toMs === undefined ? "open" : "closed",
      topics: [topic],
      fromMs,
      toMs,
      cause: "cut",
      serverOffsetMs: undefined,
      line: 1,
    };
    this.books.record(gap);
  }
}

test("what was sent and came balances", () => {
  const scene = new Scene();
  scene.books.open();
  const events = [scene.emit(1), scene.emit(2), scene.emit(3)];
  for (const event of events) expect(scene.books.receive(event)).toBe(true);
  scene.books.close();
  expect(scene.books.isSettled).toBe(true);
  expect(scene.books.balance()).toEqual({
    received: 3,
    emitted: 3,
    missing: 0,
    inGaps: 0,
    unexpected: 0,
    forgotten: 0,
    gaps: 0,
    balanced: true,
  });
});

test("what did not come is missing", () => {
  const scene = new Scene();
  scene.books.open();
  scene.books.receive(scene.emit(1));
  scene.emit(2);
  scene.books.close();
  expect({ settled: scene.books.isSettled, awaited: scene.books.awaited }).toEqual({
    settled: false,
    awaited: 1,
  });
  expect(scene.books.balance()).toMatchObject({
    emitted: 2,
    missing: 1,
    inGaps: 0,
    balanced: false,
  });
});

test.each<[string, readonly Parameters<Scene["gap"]>[], boolean]>([
  ["in a closed gap", [[900], [900, 1_100]], true],
  ["in a gap that is still open", [[900]], true],
  ["before the gap", [[1_100], [1_100, 1_200]], false],
  ["after the gap", [[800], [800, 900]], false],
  ["in a gap of another topic", [[900, undefined, "v2.other"]], false],
])("what is missing %s", (_, gaps, balanced) => {
  const scene = new Scene();
  scene.books.open();
  scene.emit(1_000);
  scene.books.close();
  for (const gap of gaps) scene.gap(...gap);
  expect(scene.books.isSettled).toBe(balanced);
  expect(scene.books.balance()).toMatchObject({
    missing: 1,
    inGaps: balanced ? 1 : 0,
    gaps: 1,
    balanced,
  });
});

test.each<Outcome>(["no-socket", "silenced"])(
  "what was %s counts once a socket was open",
  (outcome) => {
    const scene = new Scene();
    scene.emit(1, outcome);
    scene.books.open();
    expect(scene.books.balance()).toMatchObject({ emitted: 0, balanced: true });
    scene.emit(2, outcome);
    scene.books.close();
    expect(scene.books.balance()).toMatchObject({ emitted: 1, missing: 1, balanced: false });
  },
);

test("what was sent before the opening was told counts all the same", () => {
  const scene = new Scene();
  const event = scene.emit(1);
  scene.books.open();
  scene.books.receive(event);
  expect(scene.books.balance()).toMatchObject({ emitted: 1, received: 1, balanced: true });
});

test("other people's channels do not count, nor what was there before", () => {
  const scene = new Scene();
  scene.books.open();
  scene.emit(1, "sent", "theirs");
  scene.books.close();
  expect(scene.books.balance()).toMatchObject({ emitted: 0, balanced: true });
});

test("what comes twice does not balance", () => {
  const scene = new Scene();
  scene.books.open();
  const event = scene.emit(1);
  scene.books.receive(event);
  scene.books.receive(event);
  expect(scene.books.balance()).toMatchObject({ received: 1, unexpected: 1, balanced: false });
});

test("after the close only what was on its way belongs into the books", () => {
  const scene = new Scene();
  scene.books.open();
  const early = scene.emit(1);
  scene.books.close();
  expect(scene.books.receive(scene.emit(2))).toBe(false);
  expect(scene.books.receive(early)).toBe(true);
  expect(scene.books.balance()).toMatchObject({ received: 1, emitted: 1, balanced: true });
});

test("a ledger that has forgotten proves nothing", () => {
  const scene = new Scene();
  scene.books.open();
  scene.forgotten = 1;
  scene.emit(1);
  scene.books.close();
  expect(scene.books.balance()).toMatchObject({ forgotten: 1, balanced: false });
});

test("what lies in gaps is settled when there is too much of it", () => {
  const scene = new Scene();
  scene.books.open();
  scene.gap(0);
  for (let atMs = 0; atMs < 60_000; atMs++) scene.emit(atMs, "no-socket");
  scene.books.close();
  expect(scene.books.isSettled).toBe(true);
  expect(scene.books.balance()).toMatchObject({ missing: 60_000, inGaps: 60_000, balanced: true });
});
