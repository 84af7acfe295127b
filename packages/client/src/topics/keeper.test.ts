import { describe, expect, test } from "vitest";
import { TrunklineError } from "../errors.ts";
import type { Channel, TopicOutcome } from "../rest/channel.ts";
import { sampleChannel, uuid } from "../testing/samples.ts";
import { combine, type Entry } from "./entries.ts";
import { TopicKeeper, type TopicCalls } from "./keeper.ts";
import { parseTopics } from "./names.ts";

const channel = sampleChannel("one");
const { signal } = new AbortController();

/** A channel of the service, in as many words as the keeper needs. */
class FakeSubscriptions implements TopicCalls {
  /** Ids on the channel, lower-case. */
  on = new Set<string>();
  /** What came off the channel at some time. */
  readonly removed = new Set<string>();
  calls = 0;
  /** Answers 400 to any list with one of these. */
  malformed: (id: string) => boolean = () => false;
  /** Answers 403 to any list with one of these, in spite of ignoreErrors. */
  forbidden: (id: string) => boolean = () => false;
  /** Answers 200 and lists as Rejected. */
  rejected: (id: string) => boolean = () => false;
  /** Listed as rejected beside a combined entry that is permitted. */
  rejectedParts: readonly string[] = [];
  /** Not on the list of the answer, for whatever reason. */
  unlisted: (id: string) => boolean = () => false;
  /** How many topics an id counts for. */
  weight: (id: string) => number = () => 1;
  next: Error | undefined;

  async putTopics(_: Channel, ids: readonly string[]): Promise<readonly TopicOutcome[]> {
    this.#admit(ids, 0);
    const wanted = new Set(ids.map((id) => id.toLowerCase()));
    for (const id of this.on) if (!wanted.has(id)) this.removed.add(id);
    this.on = new Set([...wanted].filter((id) => !this.rejected(id)));
    return this.#reply(ids);
  }

  async addTopics(_: Channel, ids: readonly string[]): Promise<readonly TopicOutcome[]> {
    this.#admit(ids, this.on.size);
    for (const id of ids) if (!this.rejected(id)) this.on.add(id.toLowerCase());
    return this.#reply([...this.on]);
  }

  async listTopics(): Promise<readonly TopicOutcome[]> {
    this.calls++;
    return this.#reply([...this.on]);
  }

  #admit(ids: readonly string[], already: number): void {
    this.calls++;
    const { next } = this;
    this.next = undefined;
    if (next !== undefined) throw next;
    const bad = ids.find((id) => this.malformed(id));
    if (bad !== undefined)
      throw new TrunklineError("REQUEST_REFUSED", `invalid topic ${bad}`, { status: 400 });
    const denied = ids.find((id) => this.forbidden(id));
    if (denied !== undefined)
      throw new TrunklineError("FORBIDDEN", `no permission for ${denied}`, {
        status: 403,
        missingPermissions: ["some:thing:view"],
      });
    const weight = ids.reduce((sum, id) => sum + this.weight(id), already);
    if (weight > 1_000)
      throw new TrunklineError("REQUEST_REFUSED", "too many topics", { status: 400 });
  }

  #reply(ids: readonly string[]): readonly TopicOutcome[] {
    const parts = this.rejectedParts.map((id) => outcome(id, false));
    return [
      ...ids.filter((id) => !this.unlisted(id)).map((id) => outcome(id, !this.rejected(id))),
      ...parts,
    ];
  }
}

function outcome(id: string, permitted: boolean): TopicOutcome {
  return permitted
    ? { id, permitted, reason: undefined, missingPermissions: [] }
    : { id, permitted, reason: undefined, missingPermissions: ["routing:queue:view"] };
}

function entries(...written: readonly string[]): readonly Entry[] {
  return combine(written.flatMap(parseTopics), "users");
}

function many(count: number, from = 0): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) => `v2.routing.queues.${uuid(from + index)}.users`,
  );
}

/** As many users, each with two topics combined. */
function users(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `v2.users.${uuid(index)}?presence&station`);
}

function stage(): { service: FakeSubscriptions; keeper: TopicKeeper } {
  const service = new FakeSubscriptions();
  return { service, keeper: new TopicKeeper(service, 1_000) };
}

describe("bringing a channel in step", () => {
  test("takes one call, and every wanted topic stands somewhere", async () => {
    const { service, keeper } = stage();
    const wanted = entries(...many(1_000));
    const { standings } = await keeper.sync(channel, wanted, signal);
    expect(service.calls).toBe(1);
    expect(standings.size).toBe(1_000);
    expect([...standings.values()].every(({ state }) => state === "permitted")).toBe(true);
  });

  test("compares the answer without case", async () => {
    const { service, keeper } = stage();
    const wanted = entries(`v2.users.${uuid(10).toUpperCase()}.Presence`);
    const { standings } = await keeper.sync(channel, wanted, signal);
    expect(service.on).toContain(`v2.users.${uuid(10)}.presence`);
    expect([...standings.values()]).toEqual([{ state: "permitted" }]);
  });

  test("a rejected topic has its permissions, and the rest is carried", async () => {
    const { service, keeper } = stage();
    const [bad = "", ...good] = many(3);
    service.rejected = (id) => id === bad;
    const { standings } = await keeper.sync(channel, entries(bad, ...good), signal);
    expect(standings.get(bad)).toEqual({
      state: "rejected",
      reason: "Permissions are missing.",
      missingPermissions: ["routing:queue:view"],
    });
    expect(standings.get(good[0] ?? "")).toEqual({ state: "permitted" });
  });

  test("a combined entry may be permitted beside a rejected part", async () => {
    const { service, keeper } = stage();
    const user = `v2.users.${uuid(1)}`;
    service.rejectedParts = [`${user}.station`];
    const wanted = entries(`${user}?presence&station`);
    const { standings } = await keeper.sync(channel, wanted, signal);
    expect(standings.get(`${user}.presence`)?.state).toBe("permitted");
    expect(standings.get(`${user}.station`)?.state).toBe("rejected");
  });

  test("a topic that the answer does not list is not taken for granted", async () => {
    const { service, keeper } = stage();
    const [quiet = "", other = ""] = many(2);
    service.unlisted = (id) => id === quiet;
    const { standings } = await keeper.sync(channel, entries(quiet, other), signal);
    expect(standings.get(quiet)).toMatchObject({ state: "rejected" });
    expect(standings.get(other)).toMatchObject({ state: "permitted" });
  });

  test.each(["SERVICE_FAILED", "RATE_LIMITED", "CHANNEL_GONE", "TOKEN_REFUSED"] as const)(
    "%s is the caller's affair: nothing is bisected",
    async (code) => {
      const { service, keeper } = stage();
      service.next = new TrunklineError(code, "No.");
      await expect(keeper.sync(channel, entries(...many(9)), signal)).rejects.toMatchObject({
        code,
      });
      expect(service.calls).toBe(1);
    },
  );
});

describe("a list that is refused as a whole", () => {
  test.each([0, 1, 499, 500, 998])(
    "the malformed one among 999 is found, wherever it stands (%i)",
    async (place) => {
      const { service, keeper } = stage();
      const all = [...many(999)];
      const bad = all[place] ?? "";
      service.malformed = (id) => id === bad;
      const { standings } = await keeper.sync(channel, entries(...all), signal);
      expect(service.calls).toBeLessThanOrEqual(25);
      expect(standings.get(bad)).toMatchObject({
        state: "rejected",
        reason: `invalid topic ${bad}`,
      });
      expect([...standings.values()].filter(({ state }) => state === "permitted")).toHaveLength(
        998,
      );
      expect(service.on.size).toBe(998);
    },
  );

  test("a newcomer is to blame first, and nothing that was carried comes off meanwhile", async () => {
    const { service, keeper } = stage();
    const old = many(990);
    await keeper.sync(channel, entries(...old), signal);
    const newcomers = [...many(9, 2_000)];
    const bad = newcomers[4] ?? "";
    service.malformed = (id) => id === bad;
    service.calls = 0;
    const { standings } = await keeper.sync(channel, entries(...old, ...newcomers), signal);
    expect(service.removed.size).toBe(0);
    expect(service.calls).toBeLessThanOrEqual(10);
    expect([...standings].filter(([, { state }]) => state === "rejected")).toEqual([
      [bad, expect.anything()],
    ]);
  });

  test("what was refused is not asked for again, until it is forgiven or no longer wanted", async () => {
    const { service, keeper } = stage();
    const [bad = "", ...good] = many(5);
    service.malformed = (id) => id === bad;
    await keeper.sync(channel, entries(bad, ...good), signal);
    service.calls = 0;
    await keeper.sync(channel, entries(bad, ...good), signal);
    expect(service.calls).toBe(1);
    service.malformed = () => false;
    const { standings } = await keeper.sync(channel, entries(bad, ...good), signal);
    expect(standings.get(bad)?.state).toBe("rejected");
    keeper.forgive();
    const forgiven = await keeper.sync(channel, entries(bad, ...good), signal);
    expect(forgiven.standings.get(bad)?.state).toBe("permitted");
  });

  test("403 in spite of ignoreErrors: the guilty one among those that were carried is found", async () => {
    const { service, keeper } = stage();
    const all = many(100);
    await keeper.sync(channel, entries(...all), signal);
    const bad = all[42] ?? "";
    service.forbidden = (id) => id === bad;
    const { standings } = await keeper.sync(channel, entries(...all), signal);
    expect(standings.get(bad)).toMatchObject({
      state: "rejected",
      missingPermissions: ["some:thing:view"],
    });
    expect([...service.removed]).toEqual([bad]);
  });

  test("a carried one turns bad just when a newcomer comes: both are settled, each as it deserves", async () => {
    const { service, keeper } = stage();
    const all = many(3);
    await keeper.sync(channel, entries(...all), signal);
    const [bad = ""] = all;
    service.forbidden = (id) => id === bad;
    const newcomer = many(1, 2_000)[0] ?? "";
    const { standings } = await keeper.sync(channel, entries(...all, newcomer), signal);
    expect(standings.get(newcomer)).toEqual({ state: "permitted" });
    expect([...standings].filter(([, { state }]) => state === "rejected")).toEqual([
      [bad, expect.anything()],
    ]);
    expect([...service.removed]).toEqual([bad]);
  });

  test("a failure in the midst of it loses no finding: the next attempt is shorter", async () => {
    const { service, keeper } = stage();
    const all = many(64);
    const bad = new Set([all[1], all[40]]);
    let left = 16;
    service.malformed = (id) => {
      if (left-- === 0) service.next = new TrunklineError("SERVICE_FAILED", "No.");
      return bad.has(id);
    };
    await expect(keeper.sync(channel, entries(...all), signal)).rejects.toMatchObject({
      code: "SERVICE_FAILED",
    });
    const { standings } = await keeper.sync(channel, entries(...all), signal);
    expect([...standings.values()].filter(({ state }) => state === "rejected")).toHaveLength(2);
  });

  test("all are malformed: all are rejected, nothing is carried", async () => {
    const { service, keeper } = stage();
    service.malformed = () => true;
    const { standings } = await keeper.sync(channel, entries(...many(33)), signal);
    expect([...standings.values()].every(({ state }) => state === "rejected")).toBe(true);
    expect(service.on.size).toBe(0);
  });
});

describe("combined topics", () => {
  test("that the service refuses are named, to be put one by one", async () => {
    const { service, keeper } = stage();
    service.malformed = (id) => id.includes("?");
    const wanted = entries(...users(2), ...many(1));
    const { plain, standings } = await keeper.sync(channel, wanted, signal);
    expect(plain.toSorted()).toEqual([`v2.users.${uuid(0)}`, `v2.users.${uuid(1)}`]);
    const again = combine(
      wanted.flatMap((entry) => entry.topics),
      "users",
      new Set(plain),
    );
    const second = await keeper.sync(channel, again, signal);
    expect(standings.get(many(1)[0] ?? "")?.state).toBe("permitted");
    expect([...second.standings.values()].every(({ state }) => state === "permitted")).toBe(true);
  });

  test("that count as many are recognised by their number", async () => {
    const { service, keeper } = stage();
    service.weight = (id) => id.split("&").length;
    const { combinedCountsAsMany } = await keeper.sync(channel, entries(...users(600)), signal);
    expect(combinedCountsAsMany).toBe(true);
  });

  test("that are carried beyond the number are known to count as one, and none comes off in a trial", async () => {
    const { service, keeper } = stage();
    await keeper.sync(channel, entries(...users(900)), signal);
    const bad = `v2.users.${uuid(5_000)}?presence&bogus`;
    service.malformed = (id) => id === bad;
    const { combinedCountsAsMany, plain } = await keeper.sync(
      channel,
      entries(...users(900), bad),
      signal,
    );
    expect(combinedCountsAsMany).toBe(false);
    expect(plain).toEqual([`v2.users.${uuid(5_000)}`]);
    expect(service.removed.size).toBe(0);
  });

  test("that count as many: what is carried stays on during the trial", async () => {
    const { service, keeper } = stage();
    service.weight = (id) => id.split("&").length;
    const old = users(600).slice(400);
    await keeper.sync(channel, entries(...old), signal);
    const { combinedCountsAsMany } = await keeper.sync(channel, entries(...users(600)), signal);
    expect(combinedCountsAsMany).toBe(true);
    expect(service.removed.size).toBe(0);
  });

  test("that count as one are not suspected when few enough to count as many", async () => {
    const { service, keeper } = stage();
    const bad = `v2.routing.queues.${uuid(5)}.users`;
    service.malformed = (id) => id === bad;
    const wanted = entries(...users(400), bad);
    const { combinedCountsAsMany, standings } = await keeper.sync(channel, wanted, signal);
    expect(combinedCountsAsMany).toBe(false);
    expect(standings.get(bad)?.state).toBe("rejected");
  });
});

describe("confirming", () => {
  test("finds what is no longer on the channel", async () => {
    const { service, keeper } = stage();
    const wanted = entries(...many(3));
    await keeper.sync(channel, wanted, signal);
    expect(await keeper.confirm(channel, wanted, signal)).toEqual({ missing: [], inStep: true });
    service.on.delete(many(3)[1] ?? "");
    const { missing, inStep } = await keeper.confirm(channel, wanted, signal);
    expect(missing.map((entry) => entry.id)).toEqual([many(3)[1]]);
    expect(inStep).toBe(false);
  });

  test("finds strangers on the channel", async () => {
    const { service, keeper } = stage();
    const wanted = entries(...many(1));
    await keeper.sync(channel, wanted, signal);
    service.on.add("v2.users.stranger.presence");
    expect(await keeper.confirm(channel, wanted, signal)).toEqual({ missing: [], inStep: false });
  });

  test("does not miss what was never permitted", async () => {
    const { service, keeper } = stage();
    const [bad = ""] = many(1);
    service.rejected = (id) => id === bad;
    const wanted = entries(...many(2));
    await keeper.sync(channel, wanted, signal);
    expect(await keeper.confirm(channel, wanted, signal)).toEqual({ missing: [], inStep: true });
  });

  test("after a change of channel all are newcomers again", async () => {
    const { service, keeper } = stage();
    const wanted = entries(...many(2));
    await keeper.sync(channel, wanted, signal);
    keeper.reset();
    service.on.clear();
    expect((await keeper.confirm(channel, wanted, signal)).missing).toEqual([]);
  });
});
