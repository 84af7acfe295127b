import { noNeeds, type Organisation, type OrganisationNeeds } from "@trunkline/events";
import { SimClock } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import { entities, failure, fakeId, FakeOrganisation } from "../../testing/fake-organisation.ts";
import {
  createOrganisationFollower,
  organisationLimits,
  type FollowStatus,
  type OrganisationFollower,
} from "./follower.ts";

const [division, sales, service] = [fakeId(1), fakeId(101), fakeId(102)];
const [ada, bob, eve] = [fakeId(1_001), fakeId(1_002), fakeId(1_003)];
const call = fakeId(9_001);
const all: OrganisationNeeds = { ...noNeeds, queues: true, users: true };
const salesTopic = `v2.routing.queues.${sales}.users`;
const minuteMs = 60_000;

class Following {
  readonly clock = new SimClock(0);
  readonly cloud = new FakeOrganisation();
  readonly snapshots: Organisation[] = [];
  readonly statuses: FollowStatus[] = [];
  readonly stopping = new AbortController();
  readonly follower: OrganisationFollower;

  constructor() {
    this.cloud.queues = entities(2, 101, division);
    this.cloud.users = entities(3, 1_001, division);
    this.cloud.members.set(sales, [ada]);
    this.follower = createOrganisationFollower({
      clock: this.clock,
      ask: this.cloud.ask,
      changed: (organisation) => this.snapshots.push(organisation),
      told: (status) => this.statuses.push(status),
      signal: this.stopping.signal,
    });
  }

  async needing(needs: Partial<OrganisationNeeds>): Promise<this> {
    this.follower.need({ ...noNeeds, ...needs });
    await this.pass(2_000);
    return this;
  }

  async pass(ms: number): Promise<void> {
    await this.clock.runUntil(this.clock.monotonicMs() + ms);
  }

  get queues(): readonly string[] {
    return [...this.follower.organisation.queues.keys()];
  }

  get members(): readonly string[] {
    return [...(this.follower.organisation.members.get(sales) ?? [])].sort();
  }

  get problems(): readonly string[] {
    return this.follower.status.problems.map(({ code, part }) => `${code} ${part}`);
  }

  joined(id: string, joined: boolean): void {
    this.follower.heard(salesTopic, { id, user: { id }, queueId: sales, joined });
  }
}

describe("queues and users", () => {
  test("are listed at once, and every 5 min", async () => {
    const made = await new Following().needing(all);
    expect(made.queues).toEqual([sales, service]);
    expect(made.follower.organisation.users.get(ada)).toEqual({
      id: ada,
      name: "number 1001",
      divisionId: division,
    });
    expect(made.follower.status).toEqual({ phase: "following", problems: [] });
    expect(made.cloud.asked).toHaveLength(2);
    await made.pass(299_000 - 2_000);
    expect(made.cloud.asked).toHaveLength(2);
    await made.pass(2_000);
    expect(made.cloud.asked).toHaveLength(4);
    await made.pass(55 * minuteMs);
    expect(made.cloud.asked).toHaveLength(26);
  });

  test("are not known before they are told", async () => {
    const made = new Following();
    made.follower.need({ ...noNeeds, ...all });
    await made.pass(1_900);
    expect([made.cloud.asked.length, made.snapshots.length]).toEqual([2, 0]);
    expect(made.follower.status.phase).toBe("listing");
    await made.pass(100);
    expect([made.snapshots.length, made.follower.status.phase]).toEqual([1, "following"]);
    // What is asked for besides is owed again, and what is known already is not.
    made.follower.need({ ...noNeeds, ...all, membersOf: [sales] });
    await made.pass(1_900);
    expect(made.follower.status.phase).toBe("listing");
    await made.pass(100);
    expect([made.members, made.follower.status.phase]).toEqual([[ada], "following"]);
    made.follower.need({ ...noNeeds, ...all });
    expect(made.follower.status.phase).toBe("following");
  });

  test("are listed only where they are needed", async () => {
    const made = await new Following().needing({ queues: true });
    expect(made.cloud.count("/users")).toBe(0);
    expect(made.follower.organisation.users.size).toBe(0);
    await new Following().needing({});
  });

  test("come in pages, all of them", async () => {
    const made = new Following();
    made.cloud.users = entities(1_200, 1_001, division);
    await made.needing(all);
    expect(made.follower.organisation.users.size).toBe(1_200);
    expect(made.cloud.count("/users")).toBe(12);
  });

  test("that come are told 2 s after the next listing, once for all of them", async () => {
    const made = await new Following().needing(all);
    made.cloud.queues.push(...entities(3, 103, division));
    made.cloud.users.push(...entities(3, 1_004, division));
    await made.pass(5 * minuteMs);
    expect(made.queues).toHaveLength(5);
    expect(made.follower.organisation.users.size).toBe(6);
    expect(made.snapshots).toHaveLength(2);
  });

  test("that go are carried 60 s more", async () => {
    const made = await new Following().needing(all);
    made.cloud.queues.pop();
    await made.pass(5 * minuteMs + 59_000 - 2_000);
    expect(made.queues).toEqual([sales, service]);
    await made.pass(5_000);
    expect(made.queues).toEqual([sales]);
  });

  test("that come back while they linger never leave", async () => {
    const made = await new Following().needing({ membersOf: [sales] });
    made.joined(ada, false);
    await made.pass(59_000);
    made.joined(ada, true);
    await made.pass(10 * minuteMs);
    expect(made.members).toEqual([ada]);
    expect(made.snapshots).toHaveLength(1);
  });

  test("a change that is none is not told, and a snapshot shares what stayed", async () => {
    const made = await new Following().needing(all);
    await made.pass(20 * minuteMs);
    expect(made.snapshots).toHaveLength(1);
    made.cloud.queues.push(...entities(1, 103, division));
    await made.pass(5 * minuteMs);
    expect(made.snapshots).toHaveLength(2);
    expect(made.snapshots[1]?.users).toBe(made.snapshots[0]?.users);
  });

  test("nobody is gone because pages moved while they were turned", async () => {
    const made = new Following();
    made.cloud.users = entities(150, 1_001, division);
    await made.needing(all);
    made.cloud.before = (path) => {
      if (path.includes("pageNumber=2")) made.cloud.users.shift();
      return undefined;
    };
    await made.pass(7 * minuteMs);
    expect(made.follower.organisation.users.size).toBe(150);
    made.cloud.before = () => undefined;
    await made.pass(6 * minuteMs);
    expect(made.follower.organisation.users.size).toBe(149);
  });

  test("more than the limit are cut, and that is told", async () => {
    const made = new Following();
    made.cloud.queues = entities(organisationLimits.queuesMax + 50, 101, division);
    await made.needing(all);
    expect(made.queues).toHaveLength(organisationLimits.queuesMax);
    expect(made.problems).toEqual(["LISTING_TOO_LARGE queues"]);
  });

  test("that nobody needs any more are forgotten, and not listed again", async () => {
    const made = await new Following().needing(all);
    made.follower.need(noNeeds);
    await made.pass(65_000);
    expect(made.queues).toEqual([]);
    await made.pass(60 * minuteMs);
    expect(made.cloud.asked).toHaveLength(2);
  });
});

describe("members", () => {
  test("are listed once, and kept by events from then on", async () => {
    const made = await new Following().needing({ membersOf: [sales] });
    expect(made.members).toEqual([ada]);
    made.joined(bob, true);
    made.joined(ada, false);
    await made.pass(2_000);
    expect(made.members).toEqual([ada, bob]);
    await made.pass(62_000);
    expect(made.members).toEqual([bob]);
    await made.pass(60 * minuteMs);
    expect(made.cloud.asked).toHaveLength(1);
  });

  test("what an event says while they are listed is newer than the list", async () => {
    const made = new Following();
    made.cloud.members.set(sales, [ada, bob]);
    made.cloud.before = async () => {
      made.cloud.before = () => undefined;
      await made.clock.sleep(500, made.stopping.signal);
      made.joined(eve, true);
      made.joined(bob, false);
      return undefined;
    };
    await made.needing({ membersOf: [sales] });
    await made.pass(70_000);
    expect(made.members).toEqual([ada, eve]);
  });

  test("are asked for again where events may have been missed", async () => {
    const made = await new Following().needing({ membersOf: [sales] });
    made.cloud.members.set(sales, [bob]);
    made.follower.missed([salesTopic, `v2.routing.queues.${service}.users`, "v2.x"]);
    await made.pass(65_000);
    expect(made.members).toEqual([bob]);
    expect(made.cloud.asked).toHaveLength(2);
  });

  test("changes are gathered for 2 s", async () => {
    const made = await new Following().needing({ membersOf: [sales] });
    for (let number = 0; number < 100; number++) made.joined(fakeId(2_000 + number), true);
    await made.pass(1_999);
    expect(made.snapshots).toHaveLength(1);
    await made.pass(1);
    expect(made.snapshots).toHaveLength(2);
    expect(made.members).toHaveLength(101);
  });

  test.each([
    ["another queue", `v2.routing.queues.${service}.users`, { id: bob, joined: true }],
    ["no id", salesTopic, { joined: true }],
    ["no joined", salesTopic, { id: bob }],
    ["no body", salesTopic, undefined],
    ["an id that is none", salesTopic, { id: "x", joined: true }],
  ])("an event of %s changes nothing", async (_, topic, body) => {
    const made = await new Following().needing({ membersOf: [sales] });
    made.follower.heard(topic, body);
    await made.pass(5_000);
    expect(made.members).toEqual([ada]);
    expect(made.follower.organisation.members.size).toBe(1);
  });
});

describe("a conversation", () => {
  const place = { participants: [{ queueId: sales }, { userId: ada }, { purpose: "customer" }] };

  test("is looked up once, then widened by its own events", async () => {
    const made = new Following();
    made.cloud.conversations.set(call, place);
    await made.needing({ conversationIds: [call] });
    expect(made.follower.organisation.conversations.get(call)).toEqual({
      queueIds: [sales],
      userIds: [ada],
    });
    const body = { id: call, participants: [{ queueId: service, userId: bob }] };
    made.follower.heard(`v2.users.${ada}.conversations`, body);
    made.follower.heard(`v2.users.${ada}.conversations`, { ...body, id: fakeId(9_002) });
    await made.pass(2_000);
    expect([...made.follower.organisation.conversations]).toEqual([
      [call, { queueIds: [sales, service], userIds: [ada, bob] }],
    ]);
    await made.pass(60 * minuteMs);
    expect(made.cloud.asked).toHaveLength(1);
  });

  test("that is not there is told, and looked for every 5 min", async () => {
    const made = await new Following().needing({ conversationIds: [call] });
    expect(made.problems).toEqual(["LISTING_UNKNOWN conversations"]);
    expect(made.follower.status.problems[0]?.message).toContain(call);
    made.cloud.conversations.set(call, place);
    await made.pass(5 * minuteMs);
    expect(made.problems).toEqual([]);
    expect(made.follower.organisation.conversations.size).toBe(1);
  });

  test("more than the limit are told", async () => {
    const made = new Following();
    const ids = Array.from({ length: 1_001 }, (_, index) => fakeId(20_000 + index));
    for (const id of ids) made.cloud.conversations.set(id, place);
    await made.needing({ conversationIds: ids });
    expect(made.problems).toEqual(["LISTING_TOO_LARGE conversations"]);
    expect(made.follower.organisation.conversations.size).toBe(1_000);
    await made.needing({ conversationIds: ids.slice(1) });
    expect(made.problems).toEqual([]);
  });
});

describe("what cannot be followed", () => {
  test("users that may not be listed leave the queues alone; it is tried again every 5 min", async () => {
    const made = new Following();
    made.cloud.before = (path) => {
      if (path.includes("/users")) throw failure("FORBIDDEN");
      return undefined;
    };
    await made.needing(all);
    expect(made.queues).toHaveLength(2);
    expect(made.follower.status.phase).toBe("following");
    expect(made.problems).toEqual(["LISTING_FORBIDDEN users"]);
    expect(made.follower.status.problems[0]).toMatchObject({
      message: "The users cannot be listed: The service says FORBIDDEN.",
      help: expect.stringContaining("role"),
    });
    made.cloud.before = () => undefined;
    await made.pass(5 * minuteMs);
    expect(made.problems).toEqual([]);
    expect(made.follower.organisation.users.size).toBe(3);
  });

  test("a page that fails is asked for again, that page alone, after 1, 4 and 16 s", async () => {
    const made = new Following();
    made.cloud.users = entities(150, 1_001, division);
    let failures = 3;
    made.cloud.before = (path) => {
      if (path.includes("pageNumber=2") && failures-- > 0) throw failure("SERVICE_FAILED");
      return undefined;
    };
    await made.needing(all);
    expect(made.follower.status.phase).toBe("listing");
    await made.pass(20_999 - 2_000);
    expect(made.follower.status.phase).toBe("listing");
    await made.pass(2_001);
    expect(made.follower.organisation.users.size).toBe(150);
    expect(made.cloud.asked.filter((path) => path.includes("/users"))).toHaveLength(5);
  });

  test("a list that fails for long keeps what was known", async () => {
    const made = await new Following().needing(all);
    made.cloud.before = () => {
      throw failure("SERVICE_FAILED");
    };
    await made.pass(60 * minuteMs);
    expect(made.queues).toEqual([sales, service]);
    expect(made.problems.toSorted()).toEqual(["LISTING_FAILED queues", "LISTING_FAILED users"]);
  });

  test("the service's own wait is kept", async () => {
    const made = new Following();
    let first = true;
    made.cloud.before = () => {
      if (!first) return undefined;
      first = false;
      throw failure("RATE_LIMITED", 7_000);
    };
    await made.needing({ queues: true });
    await made.pass(4_999);
    expect(made.cloud.asked).toHaveLength(1);
    await made.pass(1);
    expect(made.cloud.asked).toHaveLength(2);
  });

  test.each([[undefined], [[]], [{ entities: "none" }]])(
    "an answer of another shape, %j, is told as such",
    async (body) => {
      const made = new Following();
      made.cloud.before = () => ({ status: 200, body });
      await made.needing({ queues: true });
      expect(made.problems).toEqual(["LISTING_MALFORMED queues"]);
    },
  );

  test("entities without an id are left out, and nobody is gone for it", async () => {
    const made = await new Following().needing({ queues: true });
    const body = { entities: [{ id: sales }, { id: 7 }, null], total: 3, pageCount: 1 };
    made.cloud.before = () => ({ status: 200, body });
    await made.pass(9 * minuteMs);
    expect(made.queues).toEqual([sales, service]);
  });
});

test("everything ends with the signal", async () => {
  const made = await new Following().needing(all);
  made.stopping.abort();
  await made.pass(60 * minuteMs);
  expect(made.cloud.asked).toHaveLength(2);
  expect(made.clock.timers).toBe(0);
});
