import type { Ledger, LedgerDelivery, LedgerEntry } from "@trunkline/mock";
import type { EventEntry, GapEntry } from "@trunkline/relay";
import { expect, test } from "vitest";
import { Books } from "./books.ts";

type Outcome = LedgerDelivery["outcome"];

const place = { trunk: "main", organizationId: undefined };

/** A ledger to write in, and the entries that a journal would have. */
class Scene {
  readonly entries: LedgerEntry[] = [];
  forgotten = 0;
  readonly books: Books;
  #head = 0;

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

  /** Emits an event, and gives it back as the journal would hold it. */
  emit(atMs: number, outcome: Outcome = "sent", channelId = "ours"): EventEntry {
    const sequence = this.entries.length + 1;
    const correlationId = `c${sequence}`;
    const deliveries = [{ channelId, outcome }];
    const topic = "v2.Users.x.presence";
    this.entries.push({ sequence, atMs, topic, correlationId, body: "{}", deliveries });
    const raw = JSON.stringify({ eventBody: {}, metadata: { CorrelationId: correlationId } });
    return {
      ...this.#at(),
      kind: "event",
      maybeDuplicate: false,
      ...eventOf("v2.users.x.presence", atMs, raw),
    };
  }

  store(entry: EventEntry): void {
    this.books.store([entry]);
  }

  /** Stored, and given to the subscriber. */
  pass(entry: EventEntry): boolean {
    this.store(entry);
    return this.books.deliver(entry.position);
  }

  gap(fromMs: number, toMs?: number, topic = "v2.users.X.presence"): void {
    const gap: GapEntry = {
      ...this.#at(),
      kind: "gap",
      gapId: "gap-1",
      state: toMs === undefined ? "open" : "closed",
      topics: [topic],
      fromMs,
      toMs,
      cause: "cut",
      certainty: "possible",
      serverOffsetMs: undefined,
      recordedAtMs: fromMs,
    };
    this.books.store([gap]);
  }

  #at(): { readonly position: number; readonly cursor: string } & typeof place {
    this.#head++;
    return { position: this.#head, cursor: `j-${this.#head}`, ...place };
  }
}

function eventOf(
  topic: string,
  receivedAtMs: number,
  raw: string,
): Pick<
  EventEntry,
  "id" | "topic" | "types" | "entity" | "receivedAtMs" | "source" | "gapId" | "raw"
> {
  return {
    id: "",
    topic,
    types: [],
    entity: "x",
    receivedAtMs,
    source: "live",
    gapId: undefined,
    raw,
  };
}

test("what was sent, stored and delivered balances", () => {
  const scene = new Scene();
  scene.books.open();
  for (const entry of [scene.emit(1), scene.emit(2), scene.emit(3)])
    expect(scene.pass(entry)).toBe(true);
  scene.books.close();
  expect(scene.books.isSettled).toBe(true);
  expect(scene.books.balance()).toEqual({
    sent: 3,
    stored: 3,
    delivered: 3,
    lost: 0,
    declaredLost: 0,
    duplicated: 0,
    gaps: 0,
    silenceMs: 0,
    ok: true,
    unexpected: 0,
    forgotten: 0,
  });
});

test("what was not stored is lost, and so is what was stored and not delivered", () => {
  const scene = new Scene();
  scene.books.open();
  scene.pass(scene.emit(1));
  scene.store(scene.emit(2));
  scene.emit(3);
  scene.books.close();
  const { isSettled, awaited } = scene.books;
  expect({ isSettled, awaited }).toEqual({ isSettled: false, awaited: 2 });
  expect(scene.books.balance()).toMatchObject({
    sent: 3,
    stored: 2,
    delivered: 1,
    lost: 2,
    ok: false,
  });
});

test("a gap excuses what was not stored, never what was stored and not delivered", () => {
  const scene = new Scene();
  scene.books.open();
  scene.gap(0);
  scene.store(scene.emit(1));
  scene.books.close();
  expect(scene.books.balance()).toMatchObject({ lost: 1, declaredLost: 0, ok: false });
});

test.each<[string, readonly Parameters<Scene["gap"]>[], boolean]>([
  ["in a closed gap", [[900], [900, 1_100]], true],
  ["in a gap that is still open", [[900]], true],
  ["before the gap", [[1_100], [1_100, 1_200]], false],
  ["after the gap", [[800], [800, 900]], false],
  ["in a gap of another topic", [[900, undefined, "v2.other"]], false],
])("what is missing %s", (_, gaps, ok) => {
  const scene = new Scene();
  scene.books.open();
  scene.emit(1_000);
  scene.books.close();
  for (const gap of gaps) scene.gap(...gap);
  expect(scene.books.isSettled).toBe(ok);
  const [lost, declaredLost] = ok ? [0, 1] : [1, 0];
  expect(scene.books.balance()).toMatchObject({ lost, declaredLost, gaps: 1, ok });
});

test.each<Outcome>(["no-socket", "silenced"])(
  "what was %s counts once the line was live",
  (outcome) => {
    const scene = new Scene();
    scene.emit(1, outcome);
    scene.books.open();
    expect(scene.books.balance()).toMatchObject({ sent: 0, ok: true });
    scene.emit(2, outcome);
    scene.books.close();
    expect(scene.books.balance()).toMatchObject({ sent: 1, lost: 1, ok: false });
  },
);

test("what was sent before the line was told to be live counts all the same", () => {
  const scene = new Scene();
  const entry = scene.emit(1);
  scene.books.open();
  scene.pass(entry);
  expect(scene.books.balance()).toMatchObject({ sent: 1, delivered: 1, ok: true });
});

test("other people's channels do not count", () => {
  const scene = new Scene();
  scene.books.open();
  scene.emit(1, "sent", "theirs");
  scene.books.close();
  expect(scene.books.balance()).toMatchObject({ sent: 0, ok: true });
});

test("what is stored twice does not balance, though both are delivered", () => {
  const scene = new Scene();
  scene.books.open();
  const entry = scene.emit(1);
  scene.pass(entry);
  scene.pass({ ...entry, position: 2 });
  expect(scene.books.balance()).toMatchObject({ stored: 1, duplicated: 1, ok: false });
});

test("what is delivered twice does not balance", () => {
  const scene = new Scene();
  scene.books.open();
  const entry = scene.emit(1);
  scene.pass(entry);
  scene.books.deliver(entry.position);
  expect(scene.books.balance()).toMatchObject({ delivered: 1, duplicated: 1, ok: false });
});

test("it does not matter who is heard first, the journal or the subscriber", () => {
  const scene = new Scene();
  scene.books.open();
  const entry = scene.emit(1);
  scene.books.deliver(entry.position);
  expect(scene.books.balance()).toMatchObject({ delivered: 0, unexpected: 1, ok: false });
  scene.store(entry);
  scene.books.close();
  expect(scene.books.isSettled).toBe(true);
  expect(scene.books.balance()).toMatchObject({ delivered: 1, unexpected: 0, ok: true });
});

test("what the ledger does not have is not to be there", () => {
  const scene = new Scene();
  scene.books.open();
  const entry = scene.emit(1);
  scene.pass({ ...entry, raw: '{"metadata":{"CorrelationId":"made up"}}' });
  expect(scene.books.balance()).toMatchObject({ unexpected: 1, ok: false });
});

test("after the close only what was on its way belongs into the books", () => {
  const scene = new Scene();
  scene.books.open();
  const early = scene.emit(1);
  scene.books.close();
  expect(scene.pass(early)).toBe(true);
  expect(scene.pass(scene.emit(2))).toBe(false);
  expect(scene.books.balance()).toMatchObject({ delivered: 1, sent: 1, ok: true });
});

test("a silence lasts from the last event before a gap to the first after it", () => {
  const scene = new Scene();
  scene.books.open();
  scene.pass(scene.emit(1_000));
  scene.gap(900);
  scene.gap(900, 1_200);
  scene.pass(scene.emit(1_700));
  scene.pass(scene.emit(9_000));
  expect(scene.books.balance()).toMatchObject({ silenceMs: 700, gaps: 1, ok: true });
});

test("a ledger that has forgotten proves nothing", () => {
  const scene = new Scene();
  scene.books.open();
  scene.forgotten = 1;
  scene.emit(1);
  scene.books.close();
  expect(scene.books.balance()).toMatchObject({ forgotten: 1, ok: false });
});

test("what lies in gaps is settled when there is too much of it", () => {
  const scene = new Scene();
  scene.books.open();
  scene.gap(0);
  for (let atMs = 0; atMs < 60_000; atMs++) scene.emit(atMs, "no-socket");
  scene.books.close();
  expect(scene.books.isSettled).toBe(true);
  expect(scene.books.balance()).toMatchObject({ declaredLost: 60_000, lost: 0, ok: true });
});

test("what is missing is put down to the interruption before it", () => {
  const scene = new Scene();
  scene.books.open();
  scene.gap(0);
  for (const atMs of [1_000, 5_000, 5_100, 9_000]) scene.emit(atMs, "no-socket");
  scene.books.close();
  const marks = [
    { name: "abrupt cut", atMs: 1_100 },
    { name: "silent socket", atMs: 5_000 },
    { name: "announced close", atMs: 20_000 },
  ];
  expect(scene.books.interruptions(marks)).toEqual([
    { ...marks[0], missing: 1 },
    { ...marks[1], missing: 3 },
    { ...marks[2], missing: 0 },
  ]);
});
