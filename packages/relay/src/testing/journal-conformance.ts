/** What every engine of the journal must do. `SPEC.md` §1 says why; J numbers are its invariants. */
import type { ConversationState } from "@trunkline/events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type {
  Draft,
  Entry,
  EventDraft,
  EventEntry,
  GapEntry,
  UsedChannel,
} from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { eventDraft, gapDraft, queueTopic, type JournalStage } from "./journal-stage.ts";

const never = new AbortController().signal;
const atMs = 1_700_000_000_000;

async function all(journal: Journal, after = 0): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (let next = after; ;) {
    const page = await journal.read({ after: next, limit: 100 });
    if (page.entries.length === 0) return entries;
    entries.push(...page.entries);
    next = page.next;
  }
}

async function store(journal: Journal, drafts: readonly Draft[]): Promise<void> {
  void journal.append(drafts);
  await journal.flush();
}

function events(count: number, from = 0): Draft[] {
  return Array.from({ length: count }, (_, index) => eventDraft(from + index));
}

const letter = (entry: Entry): { entry: Entry; reason: string; atMs: number } => ({
  entry,
  reason: "410",
  atMs,
});

function known(mark: string): ConversationState {
  return { seen: [[mark, "t"]], wrapping: "0.0", participants: 1, endedMs: null };
}

export function describeJournal(name: string, createStage: () => Promise<JournalStage>): void {
  describe(`the journal ${name}`, () => {
    let stage: JournalStage;
    beforeEach(async () => {
      stage = await createStage();
    });
    afterEach(async () => stage[Symbol.asyncDispose]());

    test("J1: gives back what it took, in order, at positions that grow by one", async () => {
      const journal = await stage.open();
      expect(journal.id).toMatch(/^\w{8,64}$/u);
      expect(journal.head).toBe(0);
      expect(await journal.read({ after: 0, limit: 10 })).toEqual({ entries: [], next: 0 });
      const topic = "v2.routing.queues.0D9f6dd0-1111-2222-3333-444455556666.conversations";
      const drafts: Draft[] = [
        eventDraft(0, { topic }),
        gapDraft(),
        { kind: "trunk", trunk: "main", organizationId: "org-1" },
        ...events(1_500, 1),
        eventDraft(200, { trunk: "other", receivedAtMs: atMs + 0.5 }),
      ];
      await store(journal, drafts);
      const entries = await all(journal);
      expect(entries.map(({ position }) => position)).toEqual(
        Array.from({ length: 1_503 }, (_, index) => index + 1),
      );
      expect(journal.head).toBe(1_503);
      expect(entries[0]).toEqual({
        kind: "event",
        position: 1,
        cursor: `${journal.id}-1`,
        id: `${journal.id}-1`,
        trunk: "main",
        organizationId: undefined,
        topic,
        types: ["conversation:all"],
        entity: "0D9f6dd0-1111-2222-3333-444455556666",
        receivedAtMs: atMs,
        source: "live",
        gapId: undefined,
        maybeDuplicate: false,
        raw: eventDraft(0, { topic }).raw,
      } satisfies EventEntry);
      expect(entries[1]).toEqual({
        ...gapDraft(),
        position: 2,
        cursor: `${journal.id}-2`,
        organizationId: undefined,
      } satisfies GapEntry);
      expect(entries[2]).toMatchObject({ organizationId: "org-1", raw: eventDraft(1).raw });
      expect(entries.at(-1)).toMatchObject({ trunk: "other", organizationId: undefined });
      expect(entries.at(-1)).toMatchObject({ receivedAtMs: atMs + 0.5 });
      await journal.close();
    });

    test("what may be a duplicate is marked in its place, and nothing else is", async () => {
      let journal = await stage.open();
      const doubtful = new Set([1, 2, 60, 61, 62, 149]);
      const drafts = Array.from({ length: 150 }, (_, index) =>
        eventDraft(index, { maybeDuplicate: doubtful.has(index) }),
      );
      await store(journal, [...drafts.slice(0, 62), gapDraft(), ...drafts.slice(62)]);
      await journal.close();
      journal = await stage.open();
      const stored = (await all(journal)).filter((entry) => entry.kind === "event");
      expect(stored.map(({ raw }) => raw)).toEqual(drafts.map(({ raw }) => raw));
      expect(
        stored.flatMap(({ maybeDuplicate }, index) => (maybeDuplicate ? [index] : [])),
      ).toEqual([...doubtful]);
      await journal.close();
    });

    test("reads pages by number and by bytes, and always gets on", async () => {
      const journal = await stage.open();
      await store(journal, [
        ...events(10),
        eventDraft(10, { raw: "x".repeat(5_000) }),
        eventDraft(11),
      ]);
      expect((await journal.read({ after: 2, limit: 3 })).next).toBe(5);
      const { entries, next } = await journal.read({ after: 10, limit: 9, bytesMax: 100 });
      expect([entries.length, next]).toEqual([1, 11]);
      expect((await journal.read({ after: 99, limit: 9 })).next).toBe(99);
      await journal.close();
    });

    test("J2: what one call brings is stored with it, whatever a batch may hold", async () => {
      const journal = await stage.open({ limits: { batchDraftsMax: 4 } });
      const calls = [3, 3, 9, 1, 1, 1, 1, 1];
      let from = 0;
      for (const count of calls) {
        void journal.append(events(count, from));
        from += count;
      }
      await journal.flush();
      expect((await all(journal)).map((entry) => (entry as EventEntry).raw)).toEqual(
        events(20).map((draft) => (draft as EventEntry).raw),
      );
      expect(journal.status().commits).toBeGreaterThan(1);
      await journal.close();
    });

    test("asks to wait when much is waiting, and until there is room again", async () => {
      const journal = await stage.open({ limits: { waitingDraftsMax: 10, batchDraftsMax: 5 } });
      expect(journal.append(events(4))).toBeUndefined();
      const room = journal.append(events(7, 4));
      expect(room).toBeInstanceOf(Promise);
      expect(journal.status().waiting).toBe(11);
      await room;
      expect(journal.status().waiting).toBeLessThan(10);
      const large = journal.append([eventDraft(20, { raw: "x".repeat(65 * 1_048_576) })]);
      expect(large).toBeInstanceOf(Promise);
      await large;
      await journal.close();
    });

    test("tells when it has grown, and lets go of who stops waiting", async () => {
      const journal = await stage.open();
      const stop = new AbortController();
      const told: string[] = [];
      const waits = [
        journal.grown(0, never).then(() => told.push("first")),
        journal.grown(1, never).then(() => told.push("second")),
        journal.grown(1, stop.signal).then(() => told.push("stopped")),
      ];
      await store(journal, events(1));
      await waits[0];
      expect(told).toEqual(["first"]);
      stop.abort();
      await waits[2];
      await store(journal, events(1, 1));
      await waits[1];
      await journal.grown(0, never);
      const last = journal.grown(2, never);
      await journal.close();
      await last;
    });

    test("J3: positions are never used again, though everything was deleted, and across restarts", async () => {
      let journal = await stage.open({ retention: { maxAgeMs: 0 } });
      const { id } = journal;
      expect(journal.wasClosed).toBe(true);
      await store(journal, events(5));
      await journal.trim(atMs + 1_000_000);
      expect(journal.status()).toMatchObject({ head: 5, oldest: 6 });
      await journal.close();
      journal = await stage.open();
      expect([journal.id, journal.head, journal.wasClosed]).toEqual([id, 5, true]);
      expect(journal.status().oldest).toBe(6);
      await store(journal, events(1, 5));
      expect((await all(journal, 5)).map(({ position }) => position)).toEqual([6]);
      await journal.close();
    });

    test("J4: after a kill what was flushed is there, and the stop was not clean", async () => {
      let journal = await stage.open();
      const { id } = journal;
      await store(journal, events(50));
      void journal.append(events(50, 50));
      await stage.kill();
      journal = await stage.open();
      expect([journal.id, journal.wasClosed]).toEqual([id, false]);
      const entries = await all(journal);
      expect([50, 100]).toContain(entries.length);
      expect(entries.map((entry) => (entry as EventEntry).raw)).toEqual(
        events(entries.length).map((draft) => (draft as EventEntry).raw),
      );
      await store(journal, events(1));
      expect(journal.head).toBe(entries.length + 1);
      await journal.close();
      journal = await stage.open();
      expect(journal.wasClosed).toBe(true);
      await journal.close();
    });

    test("close stores what was taken; afterwards everything is refused", async () => {
      let journal = await stage.open();
      void journal.append(events(3));
      const flushed = journal.flush();
      await journal.close();
      await journal.close();
      await flushed;
      const refused = { code: "JOURNAL_CLOSED" };
      await expect(journal.append(events(1))).rejects.toMatchObject(refused);
      await expect(journal.flush()).rejects.toMatchObject(refused);
      await expect(journal.read({ after: 0, limit: 1 })).rejects.toMatchObject(refused);
      await expect(journal.openConsumer("a", 0)).rejects.toMatchObject(refused);
      journal = await stage.open();
      expect(journal.head).toBe(3);
      await journal.close();
    });

    describeConsumers(() => stage);
    describeRetention(() => stage);
    describeCoverage(() => stage);
    describeGaps(() => stage);
    describeTrunks(() => stage);
  });
}

function channels(count: number, untilMs = atMs): readonly UsedChannel[] {
  return Array.from({ length: count }, (_, index) => ({
    mark: `mark-${index}`,
    clientId: "client",
    untilMs: untilMs + index,
  }));
}

function describeTrunks(stage: () => JournalStage): void {
  test("J17: what was learned of a trunk is known at the next start, after a kill too; each part by itself", async () => {
    let journal = await stage().open();
    expect(await journal.trunk("main")).toBeUndefined();
    await store(journal, [{ kind: "trunk", trunk: "main", channels: channels(2) }]);
    expect(await journal.trunk("main")).toEqual({
      organizationId: undefined,
      channels: channels(2),
    });
    await store(journal, [
      { kind: "trunk", trunk: "main", organizationId: "org-1" },
      { kind: "trunk", trunk: "other", organizationId: "org-2" },
    ]);
    await stage().kill();
    journal = await stage().open();
    const main = { organizationId: "org-1", channels: channels(2) };
    expect(await journal.trunk("main")).toEqual(main);
    expect(await journal.trunk("other")).toEqual({ organizationId: "org-2", channels: [] });
    await store(journal, [{ kind: "trunk", trunk: "main", channels: channels(1, 7) }]);
    await journal.close();
    journal = await stage().open();
    expect(await journal.trunk("main")).toEqual({ ...main, channels: channels(1, 7) });
    // What comes before the service has told the organisation again is of the one that it last told.
    await store(journal, [gapDraft(), eventDraft(0)]);
    expect((await all(journal)).map(({ organizationId }) => organizationId)).toEqual([
      "org-1",
      "org-1",
    ]);
    await journal.close();
  });

  test("J21: what is subscribed to is kept under its id until it is forgotten, after a kill too", async () => {
    let journal = await stage().open();
    expect(await journal.subscriptions()).toEqual([]);
    await journal.keepSubscription("b", "first");
    await journal.keepSubscription("a", "{}");
    await journal.keepSubscription("b", "second");
    await stage().kill();
    journal = await stage().open();
    expect(await journal.subscriptions()).toEqual([
      { id: "a", state: "{}" },
      { id: "b", state: "second" },
    ]);
    await journal.keepSubscription("a", undefined);
    await journal.keepSubscription("none", undefined);
    expect(await journal.subscriptions()).toEqual([{ id: "b", state: "second" }]);
    await journal.close();
  });

  test("J20: what was derived of an event, and what is known of its conversation from then on, are stored with it", async () => {
    const changed = (id: string, touchedMs: number, mark?: string): EventDraft["conversations"] => [
      { id, state: mark === undefined ? undefined : known(mark), touchedMs },
    ];
    let journal = await stage().open();
    expect(await journal.conversations("main")).toEqual([]);
    const [created, ended] = ["conversation:created", "conversation:ended"] as const;
    const many = Array.from({ length: 90 }, (_, index) =>
      eventDraft(index, {
        maybeDuplicate: index % 5 === 0,
        derived: index % 3 === 0 ? [created, ended] : index % 3 === 1 ? [] : undefined,
        conversations: changed(`c${index % 4}`, atMs + index, `m${index}`),
      }),
    );
    await store(journal, many);
    const others = { trunk: "other", conversations: changed("c0", atMs, "other") };
    await store(journal, [
      eventDraft(90, { conversations: changed("c1", atMs + 90) }),
      eventDraft(91, others),
    ]);
    const entries = (await all(journal)) as readonly EventEntry[];
    for (const [index, { types, maybeDuplicate }] of entries.slice(0, 90).entries()) {
      const derived = index % 3 === 0 ? [created, ended] : [];
      expect(types).toEqual(["conversation:all", ...derived]);
      expect(maybeDuplicate).toBe(index % 5 === 0);
    }
    // One call that is not stored changes nothing.
    void journal.append([eventDraft(92, { conversations: changed("c2", atMs + 92, "lost") })]);
    await stage().kill();
    journal = await stage().open();
    const kept = await journal.conversations("main");
    const isStored = journal.head === 93;
    expect(kept).toEqual(
      [
        { id: "c3", state: known("m87"), touchedMs: atMs + 87 },
        { id: "c0", state: known("m88"), touchedMs: atMs + 88 },
        isStored
          ? { id: "c2", state: known("lost"), touchedMs: atMs + 92 }
          : { id: "c2", state: known("m86"), touchedMs: atMs + 86 },
      ].toSorted((a, b) => a.touchedMs - b.touchedMs),
    );
    expect(await journal.conversations("other")).toEqual([
      { id: "c0", state: known("other"), touchedMs: atMs },
    ]);
    await journal.close();
  });

  test("of a trunk's channels the newest 100 are remembered", async () => {
    const journal = await stage().open();
    await store(journal, [{ kind: "trunk", trunk: "main", channels: channels(130) }]);
    expect((await journal.trunk("main"))?.channels).toEqual(channels(130).slice(30));
    await store(journal, [{ kind: "trunk", trunk: "main", channels: [] }]);
    expect((await journal.trunk("main"))?.channels).toEqual([]);
    await journal.close();
  });
}

function describeConsumers(stage: () => JournalStage): void {
  test("J5: a consumer keeps its place; only a rewind moves it back; letters come with the advance", async () => {
    let journal = await stage().open({ limits: { consumersMax: 2 } });
    void journal.append(events(9));
    expect(await journal.openConsumer("a", "head")).toEqual({
      name: "a",
      position: 9,
      isEnabled: true,
      deadLetters: 0,
    });
    await journal.openConsumer("b", 2);
    const full = { code: "CONSUMERS_FULL" };
    await expect(journal.openConsumer("c", 0)).rejects.toMatchObject(full);
    const [entry] = await all(journal, 3);
    if (entry === undefined) throw new Error("nothing to refuse");
    await journal.advance("b", 4, [letter(entry)]);
    await journal.advance("b", 3, [letter(gapEntry(journal))]);
    await journal.rewind("a", 5);
    await journal.enableConsumer("a", false);
    await journal.close();
    journal = await stage().open();
    expect(await journal.consumers()).toEqual([
      { name: "a", position: 5, isEnabled: false, deadLetters: 0 },
      { name: "b", position: 4, isEnabled: true, deadLetters: 2 },
    ]);
    expect((await journal.openConsumer("b", 0)).position).toBe(4);
    const letters = await journal.deadLetters("b", { limit: 9 });
    expect(letters).toEqual([
      { id: 1, ...letter(entry) },
      { id: 2, ...letter(gapEntry(journal)) },
    ]);
    expect(await journal.deadLetters("b", { after: 1, limit: 9 })).toHaveLength(1);
    expect(await journal.deadLetters("b", { limit: 1 })).toHaveLength(1);
    expect(await journal.removeDeadLetters("b", [1, 7])).toBe(1);
    expect(await journal.removeDeadLetters("b", [2])).toBe(1);
    await journal.advance("b", 5, [letter(entry)]);
    expect((await journal.deadLetters("b", { limit: 9 }))[0]?.id).toBe(3);
    await journal.removeConsumer("b");
    expect(await journal.deadLetters("b", { limit: 9 })).toEqual([]);
    expect((await journal.consumers()).map(({ name }) => name)).toEqual(["a"]);
    await journal.close();
  });

  test("what cannot be is refused, and moves nothing else", async () => {
    const journal = await stage().open();
    void journal.append(events(2));
    const unknown = journal.advance("nobody", 1, []);
    const beyond = journal.openConsumer("a", 3);
    const good = journal.openConsumer("b", 1);
    await expect(unknown).rejects.toMatchObject({ code: "CONSUMER_UNKNOWN" });
    await expect(beyond).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    expect((await good).position).toBe(1);
    await expect(journal.advance("b", 3, [])).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    await expect(journal.rewind("b", 3)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    expect(journal.head).toBe(2);
    await journal.close();
  });
}

function gapEntry(journal: Journal): GapEntry {
  return { ...gapDraft(), position: 3, cursor: `${journal.id}-3`, organizationId: undefined };
}

function describeRetention(stage: () => JournalStage): void {
  const soonMs = atMs + 100_000;

  test("J6: age deletes nothing that an enabled consumer has not had; a reader of less is told", async () => {
    const journal = await stage().open({
      retention: { maxAgeMs: 1_000 },
      limits: { trimEntriesMax: 4 },
    });
    await store(journal, events(20));
    await journal.openConsumer("slow", 6);
    await journal.openConsumer("off", 2);
    await journal.enableConsumer("off", false);
    await journal.trim(soonMs);
    expect(journal.status()).toMatchObject({ head: 20, oldest: 7 });
    expect((await journal.read({ after: 6, limit: 1 })).entries[0]).toMatchObject({ position: 7 });
    const { entries, next } = await journal.read({ after: 3, limit: 2 });
    expect(entries).toEqual([
      {
        kind: "gap",
        position: 6,
        cursor: `${journal.id}-6`,
        trunk: "main",
        organizationId: undefined,
        gapId: "retention-3-6",
        state: "closed",
        topics: [3, 4, 5].map((queue) => queueTopic(queue)),
        // Times are kept by the slice: the first of four, the second of two.
        fromMs: atMs,
        toMs: atMs + 5,
        cause: "retention",
        certainty: "certain",
        serverOffsetMs: undefined,
        recordedAtMs: soonMs,
      } satisfies GapEntry,
      expect.objectContaining({ position: 7 }),
    ]);
    expect(next).toBe(7);
    expect((await journal.read({ after: 5, limit: 1 })).entries).toEqual([
      expect.objectContaining({ position: 6, topics: [queueTopic(5)], fromMs: atMs + 4 }),
    ]);
    await journal.advance("slow", 20, []);
    await journal.trim(soonMs);
    expect((await all(journal)).map(({ position }) => position)).toEqual([20]);
    expect((await journal.read({ after: 0, limit: 1 })).next).toBe(20);
    await journal.close();
  });

  test("young entries stay; one that is young keeps what came after it", async () => {
    const journal = await stage().open({ retention: { maxAgeMs: 1_000 } });
    await store(journal, [eventDraft(0), eventDraft(1, { receivedAtMs: soonMs }), eventDraft(2)]);
    await journal.trim(soonMs);
    expect(journal.status().oldest).toBe(2);
    await journal.close();
  });

  test("J7: beyond its size the oldest goes, had or not, and by itself", async () => {
    const bytesMax = 2_000_000;
    const journal = await stage().open({
      retention: { bytesMax },
      limits: { trimEntriesMax: 100 },
    });
    await journal.openConsumer("slow", 0);
    const raw = "x".repeat(10_000);
    for (let index = 0; index < 300; index += 10) {
      void journal.append(events(10, index).map((draft) => ({ ...(draft as EventEntry), raw })));
      await journal.flush();
    }
    await journal.flush();
    expect(journal.status().bytes).toBeLessThan(1.2 * bytesMax);
    await journal.trim(soonMs);
    const { bytes, oldest, head } = journal.status();
    expect(bytes).toBeLessThanOrEqual(bytesMax);
    expect(bytes).toBeGreaterThan(bytesMax / 2);
    expect(head).toBe(300);
    const [gap, next] = await all(journal);
    expect(gap).toMatchObject({ kind: "gap", cause: "retention", position: oldest - 1 });
    expect(next).toMatchObject({ kind: "event", position: oldest });
    await journal.close();
  });

  test("J8: a deleted gap takes what it told along; an open one stays in the book", async () => {
    const journal = await stage().open({ retention: { maxAgeMs: 1_000 } });
    await store(journal, [eventDraft(0), gapDraft({ fromMs: atMs - 5_000, recordedAtMs: atMs })]);
    await journal.trim(soonMs);
    const [gap] = await all(journal);
    expect(gap).toMatchObject({
      topics: [0, 1, 2].map((queue) => queueTopic(queue)),
      fromMs: atMs - 5_000,
      cause: "retention",
    });
    expect(await journal.gaps({ isOpen: true, limit: 9 })).toHaveLength(1);
    await journal.close();
  });

  test("trunks are told apart: one gap each, and none is skipped by who takes only some", async () => {
    const journal = await stage().open({ retention: { maxAgeMs: 1_000 } });
    await store(journal, [eventDraft(0), eventDraft(1, { trunk: "b" }), eventDraft(2)]);
    await journal.trim(soonMs);
    const { entries, next } = await journal.read({ after: 0, limit: 1 });
    expect(entries.map(({ trunk, position }) => [trunk, position])).toEqual([
      ["b", 0],
      ["main", 3],
    ]);
    expect(next).toBe(3);
    const again = await journal.read({ after: 2, limit: 9 });
    expect(again.entries.map(({ trunk, position }) => [trunk, position])).toEqual([["main", 3]]);
    await journal.close();
  });

  test("what it remembers of trims is bounded, and tells too much rather than too little", async () => {
    const journal = await stage().open({
      retention: { maxAgeMs: 0 },
      limits: { trimsMax: 3, topicsMax: 4 },
    });
    for (let index = 0; index < 12; index++) {
      await store(journal, events(1, index));
      await journal.trim(atMs + index + 1);
    }
    const gaps = await Promise.all(
      [0, 5, 10, 11].map(async (after) => (await journal.read({ after, limit: 1 })).entries[0]),
    );
    expect(gaps.map((gap) => (gap as GapEntry).fromMs - atMs)).toEqual([0, 0, 10, 11]);
    expect(gaps.map((gap) => (gap as GapEntry).topics.length)).toEqual([7, 7, 2, 1]);
    expect(gaps.every((gap) => (gap as GapEntry).toMs === atMs + 11)).toBe(true);
    await store(journal, events(20, 12));
    expect((await all(journal, 12)).map((entry) => (entry as EventEntry).topic)).toEqual(
      events(20, 12).map((draft) => (draft as EventEntry).topic),
    );
    await journal.close();
  });
}

function proof(line: number, untilMs: number): Draft {
  return { kind: "proof", trunk: "main", line, untilMs };
}

function describeCoverage(stage: () => JournalStage): void {
  const topics = [queueTopic("A"), queueTopic("b")];
  const carried = (line: number, fromMs: number, names = topics): Draft => ({
    kind: "carried",
    trunk: "main",
    line,
    topics: names,
    fromMs,
  });
  const released = (untilMs: number, names = topics): Draft => ({
    kind: "released",
    trunk: "main",
    topics: names,
    untilMs,
  });
  const told = async (journal: Journal): Promise<readonly unknown[]> =>
    (await journal.coverage("main")).map(({ topic, line, ...rest }) => [
      topic === topics[0] ? "a" : "b",
      line,
      rest.fromMs,
      rest.fromPosition,
      rest.untilMs,
      rest.untilPosition,
      rest.provenMs,
    ]);

  test("J9: a proof counts for what its line carries, in the order of the drafts", async () => {
    const journal = await stage().open();
    await store(journal, [
      proof(0, 90),
      carried(0, 50),
      ...events(2),
      carried(1, 60, ["v2.x"]),
      proof(0, 200),
    ]);
    expect((await told(journal)).slice(0, 2)).toEqual([
      ["a", 0, 50, 0, undefined, undefined, 200],
      ["b", 0, 50, 0, undefined, undefined, 200],
    ]);
    expect((await journal.coverage("main"))[2]).toMatchObject({ topic: "v2.x", provenMs: 60 });
    await store(journal, [proof(0, 150), released(180, [queueTopic("a")]), proof(0, 300)]);
    expect((await told(journal)).slice(0, 2)).toEqual([
      ["a", 0, 50, 0, 180, 2, 180],
      ["b", 0, 50, 0, undefined, undefined, 300],
    ]);
    await store(journal, [released(500, [queueTopic("b")])]);
    expect((await told(journal))[1]).toEqual(["b", 0, 50, 0, 500, 2, 300]);
    expect(await journal.coverage("other")).toEqual([]);
    const open = await journal.coverage("main", { isOpen: true });
    expect(open).toEqual([(await journal.coverage("main"))[2]]);
    await journal.close();
  });

  test("J9: what is asked for since the last proof is each topic's last proven interval and what came after", async () => {
    const journal = await stage().open();
    const topics = [queueTopic("a")];
    const end = (untilMs: number) => released(untilMs, topics);
    await store(journal, [carried(0, 10, topics), proof(0, 20), end(30)]);
    await store(journal, [carried(0, 40, topics), proof(0, 50), end(60)]);
    await store(journal, [carried(1, 70, topics), end(80), carried(1, 90, topics)]);
    await store(journal, [carried(2, 95, ["v2.x"])]);
    const since = await journal.coverage("main", { sinceProof: true });
    expect(since).toEqual((await journal.coverage("main")).slice(1));
    expect(since.map(({ fromMs }) => fromMs)).toEqual([40, 70, 90, 95]);
    await journal.close();
  });

  test("J10: a proof from before topics were told to be carried proves nothing of them", async () => {
    const journal = await stage().open();
    await store(journal, [proof(0, 100), carried(0, 50)]);
    expect((await journal.coverage("main")).map(({ provenMs }) => provenMs)).toEqual([50, 50]);
    await store(journal, [proof(0, 100)]);
    expect((await journal.coverage("main")).map(({ provenMs }) => provenMs)).toEqual([50, 50]);
    await store(journal, [proof(0, 101)]);
    expect((await journal.coverage("main")).map(({ provenMs }) => provenMs)).toEqual([101, 101]);
    await journal.close();
  });

  test("J19: a clock that was set back makes proofs count by the clock as it stands", async () => {
    const journal = await stage().open();
    const hour = 3_600_000;
    await store(journal, [carried(0, 50 + hour), proof(0, 100 + hour), proof(0, 99 + hour)]);
    const proven = async (): Promise<readonly number[]> =>
      (await journal.coverage("main")).map(({ provenMs }) => provenMs);
    expect(await proven()).toEqual([100 + hour, 100 + hour]);
    await store(journal, [proof(0, 200)]);
    expect(await proven()).toEqual([200, 200]);
    await store(journal, [proof(0, 300)]);
    expect(await proven()).toEqual([300, 300]);
    expect((await told(journal))[0]).toEqual(["a", 0, 200, 0, undefined, undefined, 300]);
    await journal.close();
  });

  test("J11: what is carried again goes on where nothing between is unproven; else the older ends at its proof", async () => {
    const journal = await stage().open();
    await store(journal, [carried(0, 50), proof(0, 100), carried(0, 90, [queueTopic("A")])]);
    expect(await told(journal)).toHaveLength(2);
    await store(journal, [carried(0, 120, [queueTopic("A")]), carried(1, 100, [queueTopic("b")])]);
    expect(await told(journal)).toEqual([
      ["a", 0, 50, 0, 100, 0, 100],
      ["b", 0, 50, 0, 100, 0, 100],
      ["a", 0, 120, 0, undefined, undefined, 120],
      ["b", 1, 100, 0, undefined, undefined, 100],
    ]);
    await store(journal, [released(10), released(500)]);
    expect((await told(journal)).slice(2)).toEqual([
      ["a", 0, 120, 0, 120, 0, 120],
      ["b", 1, 100, 0, 100, 0, 100],
    ]);
    await journal.close();
  });

  test("J12: what a run left open keeps its own proof, though the next uses the line's number again", async () => {
    let journal = await stage().open();
    await store(journal, [carried(0, 50), proof(0, 100)]);
    await stage().kill();
    journal = await stage().open();
    await store(journal, [carried(0, 500, ["v2.y"]), proof(0, 900)]);
    expect((await told(journal)).slice(0, 2)).toEqual([
      ["a", 0, 50, 0, undefined, undefined, 100],
      ["b", 0, 50, 0, undefined, undefined, 100],
    ]);
    await store(journal, [carried(0, 950)]);
    expect(await told(journal)).toMatchObject([
      ["a", 0, 50, 0, 100, 0, 100],
      ["b", 0, 50, 0, 100, 0, 100],
      ["b", 0, 500, 0, undefined, undefined, 900],
      ["a", 0, 950, 0, undefined, undefined, 950],
      ["b", 0, 950, 0, undefined, undefined, 950],
    ]);
    await journal.close();
  });

  test("intervals that ended before anything kept are forgotten; open ones never", async () => {
    const journal = await stage().open({ retention: { maxAgeMs: 1_000 } });
    await store(journal, [carried(0, atMs - 50), released(atMs, [queueTopic("a")]), ...events(2)]);
    await journal.trim(atMs + 999);
    expect(await told(journal)).toHaveLength(2);
    await journal.trim(atMs + 50_000);
    expect((await journal.coverage("main")).map(({ topic }) => topic)).toEqual([queueTopic("b")]);
    await journal.close();
  });
}

function describeGaps(stage: () => JournalStage): void {
  test("trunks of which something is open are told, whether it is carried or unproven", async () => {
    const journal = await stage().open();
    const topics = [queueTopic(1)];
    await store(journal, [
      { kind: "carried", trunk: "lives", line: 0, topics, fromMs: atMs },
      { kind: "carried", trunk: "left", line: 0, topics, fromMs: atMs },
      { kind: "released", trunk: "left", topics, untilMs: atMs },
      gapDraft({ trunk: "closed", topics }),
      gapDraft({ trunk: "closed", state: "closed", toMs: atMs + 1, topics }),
      gapDraft({ trunk: "a" }),
    ]);
    expect(await journal.unsettled()).toEqual(["a", "lives"]);
    await journal.close();
  });

  test("J13: the book tells each gap's latest state, and the topics that are open still", async () => {
    let journal = await stage().open();
    const [one, two] = [queueTopic(1), queueTopic(2)];
    await store(journal, [
      gapDraft(),
      gapDraft({ gapId: "gap-2", trunk: "b", state: "closed", toMs: atMs + 9, topics: [two] }),
      gapDraft({ state: "closed", toMs: atMs + 5, topics: [one.toUpperCase()] }),
    ]);
    const open = await journal.gaps({ isOpen: true, limit: 9 });
    expect(open).toEqual([
      {
        ...gapDraft({ topics: [two] }),
        position: 3,
        cursor: `${journal.id}-3`,
        organizationId: undefined,
      },
    ]);
    expect((await journal.gaps({ trunk: "b", limit: 9 })).map(({ gapId }) => gapId)).toEqual([
      "gap-2",
    ]);
    await journal.close();
    journal = await stage().open();
    const known = { cause: "overflow", certainty: "certain" } as const;
    await store(journal, [gapDraft({ state: "closed", toMs: atMs + 7, topics: [two], ...known })]);
    expect(await journal.gaps({ isOpen: true, limit: 9 })).toEqual([]);
    const closed = await journal.gaps({ limit: 9 });
    expect(closed.find(({ gapId }) => gapId === "gap-1")).toMatchObject(known);
    expect(closed.map(({ gapId, state, toMs }) => [gapId, state, toMs])).toEqual([
      ["gap-1", "closed", atMs + 7],
      ["gap-2", "closed", atMs + 9],
    ]);
    expect(closed[0]?.topics).toEqual([one.toUpperCase(), two]);
    expect(await journal.gaps({ limit: 1 })).toHaveLength(1);
    expect(await journal.unsettled()).toEqual([]);
    expect((await all(journal)).map((entry) => (entry as GapEntry).state)).toEqual([
      "open",
      "closed",
      "closed",
      "closed",
    ]);
    await journal.close();
  });
}
