import { TrunklineError, type Answered } from "@trunkline/client";
import type { Subscription } from "@trunkline/events";
import { settled, SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import type { Draft } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import {
  budget,
  FakeClient,
  gapCloses,
  gapOpens,
  notification,
  proof,
  subscribed,
} from "../testing/fake-client.ts";
import { failure, fakeId } from "../testing/fake-organisation.ts";
import { FakeLog } from "../testing/fake-log.ts";
import type { TrunkConfig } from "../config/config.ts";
import { MemoryStage } from "../testing/journal-stage.ts";
import { baseTrunk } from "../testing/relay-stage.ts";
import { Uplink } from "./uplink.ts";

const [a, b] = ["v2.users.a.presence", "v2.users.b.presence"] as const;

interface Staged {
  readonly uplink: Uplink;
  readonly client: FakeClient;
  readonly clock: SimClock;
  readonly log: FakeLog;
  /** What went to the journal, one call each. */
  readonly calls: (readonly Draft[])[];
  readonly told: string[];
  /** Has no room until it is called. */
  room: PromiseWithResolvers<void> | undefined;
}

function stage(
  journal: Journal,
  topics: readonly string[] = [a, b],
  change: Partial<TrunkConfig> = {},
): Staged {
  const log = new FakeLog();
  const clock = new SimClock(5_000);
  const calls: (readonly Draft[])[] = [];
  const told: string[] = [];
  const clients: FakeClient[] = [];
  let gaps = 0;
  const watched: Pick<Journal, "append" | "coverage" | "gaps" | "conversations"> = {
    coverage: (...query) => journal.coverage(...query),
    gaps: (query) => journal.gaps(query),
    conversations: (trunk) => journal.conversations(trunk),
    append: (drafts) => {
      calls.push(drafts);
      return journal.append(drafts) ?? staged.room?.promise;
    },
  };
  const uplink = new Uplink(
    { ...baseTrunk, topics, ...change },
    {
      // The rest of the contract is not for an uplink to use, and fails if it does.
      journal: watched as Journal,
      clock,
      log,
      createClient: (options) => {
        const client = new FakeClient(options);
        clients.push(client);
        return client;
      },
      nextGapId: () => `g${++gaps}`,
      redact: (_, raw) => raw.replace("secret", "[redacted]"),
    },
  );
  void uplink.ready.then(() => told.push("ready"));
  void uplink.failed.then((error) => told.push(`failed ${error.message}`));
  const [client] = clients;
  if (client === undefined) throw new Error("no client was made");
  const staged: Staged = { uplink, client, clock, log, calls, told, room: undefined };
  return staged;
}

async function openJournal(): Promise<Journal> {
  return new MemoryStage().open();
}

test("what the configuration says of the sessions goes to the client", async () => {
  const { client } = stage(await openJournal(), [a], { redundancy: 2, evictChannels: true });
  expect(client.options).toMatchObject({ redundancy: 2, evictChannels: true, topics: [a] });
});

test("doubtful events and rotations are counted", async () => {
  const { uplink, client } = stage(await openJournal());
  await uplink.start();
  const rotated = { type: "rotated", line: 1, reason: "retire-by", channel: "another" } as const;
  const told = { ...rotated, overlapMs: 10, paired: 3, doubtful: 1 };
  client.tell(budget, notification(a, 1), { ...notification(a, 2), maybeDuplicate: true });
  client.tell(told, { ...told, channel: "same" }, told);
  await settled();
  expect(uplink.status()).toMatchObject({
    received: 2,
    maybeDuplicates: 1,
    rotations: [
      { reason: "retire-by", channel: "another", count: 2 },
      { reason: "retire-by", channel: "same", count: 1 },
    ],
  });
  await uplink.stop();
});

test("what a client tells at once is stored at once, in its order, redacted", async () => {
  const { uplink, client, calls, log } = stage(await openJournal());
  await uplink.start();
  expect(calls).toEqual([]);
  client.tell(
    budget,
    subscribed([a, b], 10),
    notification(a, 20, "secret"),
    proof(30),
    ...gapOpens("gap-1", [a], 30),
  );
  client.tell(...gapCloses("gap-1", [a], 30, 40));
  await settled();
  expect(calls.map((drafts) => drafts.map(({ kind }) => kind))).toEqual([
    ["carried", "event", "proof", "gap", "released"],
    ["gap", "carried"],
  ]);
  expect(calls[0]?.[1]).toMatchObject({ raw: expect.stringContaining("[redacted]") });
  expect(uplink.status()).toMatchObject({ received: 1, openGaps: 0 });
  expect(log.told).toEqual(["warn GAP_OPEN: gap opened", "info: gap closed"]);
  await uplink.stop();
});

test("while the journal has no room nothing more is taken; a stop waits for it", async () => {
  const staged = stage(await openJournal());
  const { uplink, client } = staged;
  await uplink.start();
  staged.room = Promise.withResolvers();
  client.tell(budget, notification(a, 1));
  client.tell(notification(a, 2));
  await settled();
  expect(client.taken).toBe(1);
  let isStopped = false;
  const stopped = uplink.stop().then(() => (isStopped = true));
  await settled();
  expect([client.closes, isStopped]).toEqual([[2_000], false]);
  const { room } = staged;
  staged.room = undefined;
  room.resolve();
  await stopped;
  expect(client.taken).toBe(2);
});

test("a stop tells what the journal said where it did not take everything, and that is no failure of the trunk", async () => {
  const staged = stage(await openJournal());
  const { uplink, client, log, told } = staged;
  await uplink.start();
  staged.room = Promise.withResolvers();
  client.tell(budget, notification(a, 1));
  await settled();
  const stopped = uplink.stop();
  staged.room.reject(new RelayError("JOURNAL_FULL", "There is no room."));
  await expect(stopped).rejects.toMatchObject({ code: "JOURNAL_FULL" });
  expect([told, log.told]).toEqual([[], []]);
});

test("a journal that is broken ends the trunk under the journal's code, and lets go of the client", async () => {
  const staged = stage(await openJournal());
  const { uplink, client, log, told } = staged;
  await uplink.start();
  staged.room = Promise.withResolvers();
  staged.room.reject(new RelayError("JOURNAL_CORRUPT", "It is broken."));
  client.tell(budget, notification(a, 1));
  await settled();
  expect(told).toEqual(["failed It is broken."]);
  expect(log.told).toEqual(["error JOURNAL_CORRUPT: the trunk has given up"]);
  expect(uplink.status()).toMatchObject({ state: "failed", error: { code: "JOURNAL_CORRUPT" } });
  await expect(uplink.stop()).rejects.toMatchObject({ code: "JOURNAL_CORRUPT" });
});

test("a client that gives up ends the trunk, with all stored that it had told; a stop adds nothing", async () => {
  const { uplink, client, calls, told } = stage(await openJournal());
  await uplink.start();
  client.tell(budget, ...gapOpens("gap-1", [a], 5, "stopped"));
  client.end(new TrunklineError("CREDENTIALS_REFUSED", "No."));
  await settled();
  expect(calls[0]?.map(({ kind }) => kind)).toEqual(["gap", "released"]);
  expect(told).toEqual(["failed No."]);
  await uplink.stop();
  expect(uplink.status()).toMatchObject({
    state: "failed",
    error: { code: "CREDENTIALS_REFUSED" },
  });
});

test("ready is who was let in and has had every topic live or refused once, whatever the case of names", async () => {
  const { uplink, client, told } = stage(await openJournal(), [a, b]);
  await uplink.start();
  client.tell(budget, subscribed([a.toUpperCase()], 1));
  await settled();
  expect(told).toEqual([]);
  client.tell({ type: "rejected", topic: b.toUpperCase(), reason: "", missingPermissions: [] });
  await settled();
  expect(told).toEqual(["ready"]);
  await uplink.stop();
});

test("the last topic that was waited for may be taken out of the configuration", async () => {
  const { uplink, client, told } = stage(await openJournal());
  await uplink.start();
  uplink.setTopics([a, b]);
  await uplink.settleTopics();
  client.tell(budget, subscribed([a], 1));
  await settled();
  uplink.setTopics([a]);
  expect(told).toEqual([]);
  await uplink.settleTopics();
  expect(told).toEqual(["ready"]);
  await uplink.stop();
});

test("a state says live only after somebody has let us in, also without a topic", async () => {
  const { uplink, client } = stage(await openJournal(), []);
  await uplink.start();
  const state = (): string => uplink.status().state;
  expect(state()).toBe("starting");
  client.tell(budget);
  await settled();
  expect(state()).toBe("live");
  uplink.setTopics([a]);
  expect(state()).toBe("restoring");
  client.states.set(a, "over-budget");
  expect(state()).toBe("restoring");
  client.states.set(a, "rejected");
  expect(state()).toBe("live");
  await uplink.stop();
});

test("a gap that was inherited ends when its topic is no longer wanted, which is told", async () => {
  const journal = await openJournal();
  await journal.append([{ kind: "carried", trunk: "main", line: 1, topics: [a, b], fromMs: 100 }]);
  await journal.flush();
  const { uplink, log, calls } = stage(journal);
  await uplink.start();
  expect(uplink.status().openGaps).toBe(1);
  uplink.setTopics([b]);
  await uplink.settleTopics();
  expect(calls.at(-1)).toMatchObject([{ kind: "gap", state: "closed", topics: [a], toMs: 5_000 }]);
  uplink.setTopics([]);
  await uplink.settleTopics();
  expect(uplink.status().openGaps).toBe(0);
  expect(log.told).toEqual(["warn GAP_OPEN: gap opened", "info: gap closed", "info: gap closed"]);
  await uplink.stop();
});

test("a clock that is set back during a run and a kill after it leave no hole", async () => {
  const journal = await openJournal();
  const { uplink, client } = stage(journal, [a]);
  await uplink.start();
  client.tell(budget, subscribed([a], 3_600_000), proof(3_660_000));
  // An hour back.
  client.tell(proof(70_000));
  client.tell(proof(80_000));
  await settled();
  await journal.flush();
  const [open] = await journal.coverage("main", { isOpen: true });
  expect(open).toMatchObject({ topic: a, fromMs: 70_000 });
  expect(open?.provenMs).toBeLessThanOrEqual(80_000);
  await uplink.stop();
});

const [ada, bob] = [fakeId(11), fakeId(12)].map((id) => `v2.users.${id}.presence`) as [
  string,
  string,
];
const everyone = "v2.users.*.presence";

/** What lists users answers. */
function users(...numbers: readonly number[]): () => Answered {
  const entities = numbers.map((number) => ({ id: fakeId(number) }));
  return () => ({ status: 200, body: { entities, total: entities.length, pageCount: 1 } });
}

test("a pattern is every user as they come and go; ready is when those there are at first are live", async () => {
  const { uplink, client, clock, told } = stage(await openJournal(), [a, everyone]);
  expect(client.options.topics).toEqual([a]);
  client.answer = users(11);
  await uplink.start();
  client.states.set(a, "live");
  client.tell(budget, subscribed([a], 10));
  await clock.runUntil(1_999);
  expect([client.set, told]).toEqual([[[a]], []]);
  await clock.runUntil(2_000);
  expect([client.set.at(-1), told]).toEqual([[a, ada], []]);
  client.tell(subscribed([ada], 20));
  await settled();
  expect(told).toEqual(["ready"]);
  client.answer = users(12);
  await clock.runUntil(303_000);
  expect(client.set.at(-1)).toEqual([a, ada, bob]);
  await clock.runUntil(363_000);
  expect(client.set.at(-1)).toEqual([a, bob]);
  await uplink.stop();
  expect(clock.timers).toBe(0);
});

test("what a pattern stood for is carried on from the first moment of a restart, till the lists are there", async () => {
  const journal = await openJournal();
  const before = stage(journal, [everyone]);
  before.client.answer = users(11, 12);
  await before.uplink.start();
  before.client.tell(budget, subscribed([ada, bob], 10), proof(30));
  await settled();
  const { uplink, client, clock, calls } = stage(journal, [everyone]);
  client.answer = users(11);
  await uplink.start();
  expect(client.set.at(-1)?.toSorted()).toEqual([ada, bob]);
  const gaps = (): readonly object[] => calls.flat().filter(({ kind }) => kind === "gap");
  expect(gaps()).toMatchObject([{ state: "open", topics: [ada, bob] }]);
  await clock.runUntil(2_000);
  expect(client.set.at(-1)).toEqual([ada]);
  // The gap of whom nobody wants any more ends here; that of the other goes on until it is live.
  expect(gaps().slice(1)).toMatchObject([{ state: "closed", topics: [bob] }]);
  await uplink.stop();
});

test("users that may not be listed are told once, and what is named is carried and ready", async () => {
  const { uplink, client, clock, log, told } = stage(await openJournal(), [a, everyone]);
  client.answer = () => {
    throw failure("FORBIDDEN");
  };
  await uplink.start();
  client.states.set(a, "live");
  client.tell(budget, subscribed([a], 10));
  await clock.runUntil(900_000);
  expect(told).toEqual(["ready"]);
  expect(log.told.filter((line) => line.includes("LISTING"))).toHaveLength(1);
  await uplink.stop();
});

test("patterns come and go with the configuration", async () => {
  const { uplink, client, clock } = stage(await openJournal(), [a]);
  client.answer = users(11);
  await uplink.start();
  await clock.runUntil(10_000);
  expect(client.set).toEqual([]);
  uplink.setTopics([a, everyone]);
  await uplink.settleTopics();
  await clock.runUntil(13_000);
  expect(client.set.at(-1)).toEqual([a, ada]);
  uplink.setTopics([a]);
  expect(client.set.at(-1)).toEqual([a]);
  await uplink.stop();
});

const everybody: Subscription = {
  eventTypes: ["user:presence"],
  scope: { divisions: ["self"], queueIds: [], userIds: [], conversationIds: [] },
  predicates: {},
};

test("who subscribes before topics are carried is told by a gap since then; a user who comes later likewise", async () => {
  const { uplink, client, clock, calls, log } = stage(await openJournal(), [a]);
  client.answer = users(11);
  await uplink.start();
  client.tell(budget, subscribed([a], clock.wallMs()));
  await clock.runUntil(20_000);
  const startMs = clock.wallMs() - clock.monotonicMs();
  const askedMs = clock.wallMs();
  uplink.setSubscriptions([everybody], { askedMs, fromMs: undefined });
  await clock.runUntil(23_000);
  expect(client.set.at(-1)).toEqual([a, ada]);
  client.tell(subscribed([a, ada], clock.wallMs()));
  await settled();
  const gaps = (): readonly Draft[] => calls.flat().filter(({ kind }) => kind === "gap");
  expect(gaps()).toMatchObject([
    { state: "closed", cause: "unsubscribed", topics: [ada], toMs: startMs + 23_000 },
  ]);
  const [first] = gaps();
  if (first?.kind !== "gap") throw new Error("no gap was stored");
  expect(first.fromMs).toBe(askedMs);
  // Another user is found by the next list: nobody can have heard of them since the one before.
  await clock.runUntil(930_000);
  client.answer = users(11, 12);
  await clock.runUntil(1_230_000);
  expect(client.set.at(-1)).toEqual([a, ada, bob]);
  client.tell(subscribed([bob], clock.wallMs()));
  await settled();
  const [, second] = gaps();
  if (second?.kind !== "gap") throw new Error("no second gap was stored");
  expect(second).toMatchObject({ topics: [bob], toMs: startMs + 1_230_000 });
  expect(second.fromMs).toBeLessThanOrEqual(startMs + 921_000);
  expect(second.fromMs).toBeGreaterThanOrEqual(startMs + 919_000);
  expect(log.told.filter((line) => line.includes("gap"))).toEqual([]);
  await uplink.stop();
});

test("a topic of the configuration that somebody waits for before it is live is told by a gap", async () => {
  const { uplink, client, clock, calls } = stage(await openJournal(), [a, ada]);
  client.answer = users(11);
  await uplink.start();
  await clock.runUntil(1_000);
  const askedMs = clock.wallMs();
  uplink.setSubscriptions([everybody], { askedMs, fromMs: undefined });
  await clock.runUntil(5_000);
  client.tell(budget, subscribed([a, ada], clock.wallMs()));
  await settled();
  expect(calls.flat().filter(({ kind }) => kind === "gap")).toMatchObject([
    { cause: "unsubscribed", topics: [ada], fromMs: askedMs, toMs: clock.wallMs() },
  ]);
  await uplink.stop();
});

test("what the configuration's patterns stand for at first is no gap; what they find later is", async () => {
  const { uplink, client, clock, calls } = stage(await openJournal(), [everyone]);
  client.answer = users(11);
  await uplink.start();
  await clock.runUntil(3_000);
  client.tell(budget, subscribed([ada], clock.wallMs()));
  await settled();
  const gaps = (): readonly Draft[] => calls.flat().filter(({ kind }) => kind === "gap");
  expect(gaps()).toEqual([]);
  client.answer = users(11, 12);
  await clock.runUntil(310_000);
  client.tell(subscribed([bob], clock.wallMs()));
  await settled();
  expect(gaps()).toMatchObject([{ topics: [bob], cause: "unsubscribed" }]);
  await uplink.stop();
});

test("a list that could not be had may still come, for whoever needs it; one that is forbidden will not", async () => {
  const { uplink, client, clock } = stage(await openJournal(), [a]);
  client.answer = () => {
    throw failure("SERVICE_FAILED");
  };
  await uplink.start();
  uplink.setSubscriptions([everybody], { askedMs: clock.wallMs(), fromMs: undefined });
  await clock.runUntil(60_000);
  expect(uplink.planned.isListed(everybody)).toBe(true);
  expect(uplink.planned.isGuessing(everybody)).toBe(true);
  const named = {
    ...everybody,
    scope: { ...everybody.scope, divisions: [], userIds: [fakeId(11)] },
  };
  expect(uplink.planned.isGuessing(named)).toBe(false);
  client.answer = () => {
    throw failure("FORBIDDEN");
  };
  await clock.runUntil(700_000);
  expect(uplink.planned.isGuessing(everybody)).toBe(false);
  expect(uplink.planned.isOver).toBe(false);
  await uplink.stop();
  expect(uplink.planned.isOver).toBe(true);
});
