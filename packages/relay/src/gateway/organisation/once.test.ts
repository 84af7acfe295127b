import { noNeeds } from "@trunkline/events";
import { SimClock } from "@trunkline/testkit";
import { expect, test } from "vitest";
import { entities, failure, fakeId, FakeOrganisation } from "../../testing/fake-organisation.ts";
import { listOrganisation } from "./once.ts";

const { signal } = new AbortController();
const [division, sales, ada, call] = [fakeId(1), fakeId(101), fakeId(1_001), fakeId(9_001)];
const needs = { queues: true, users: true, membersOf: [sales], conversationIds: [call] };

function cloud(): FakeOrganisation {
  const made = new FakeOrganisation();
  made.queues = entities(250, 101, division);
  made.users = entities(3, 1_001, division);
  made.members.set(sales, [ada]);
  made.conversations.set(call, { participants: [{ queueId: sales, userId: ada }] });
  return made;
}

test("lists what is needed, once", async () => {
  const made = cloud();
  const { organisation, problems } = await listOrganisation(made.ask, needs, {
    clock: new SimClock(0),
    signal,
  });
  expect(problems).toEqual([]);
  expect([organisation.queues.size, organisation.users.size]).toEqual([250, 3]);
  expect(organisation.members).toEqual(new Map([[sales, new Set([ada])]]));
  expect(organisation.conversations.get(call)).toEqual({ queueIds: [sales], userIds: [ada] });
  expect(made.asked).toHaveLength(6);
});

test("asks for nothing where nothing is needed", async () => {
  const made = cloud();
  await listOrganisation(made.ask, noNeeds, { clock: new SimClock(0), signal });
  expect(made.asked).toEqual([]);
});

test("what cannot be listed is told, and the rest is there", async () => {
  const made = cloud();
  made.before = (path) => {
    if (path.includes("/members")) throw failure("FORBIDDEN");
    return undefined;
  };
  made.conversations.clear();
  const { organisation, problems } = await listOrganisation(made.ask, needs, {
    clock: new SimClock(0),
    signal,
  });
  expect(problems.map(({ code, id }) => [code, id])).toEqual([
    ["LISTING_FORBIDDEN", sales],
    ["LISTING_UNKNOWN", call],
  ]);
  expect(organisation.queues.size).toBe(250);
});

test.each(["CREDENTIALS_REFUSED", "UNREACHABLE"] as const)(
  "%s is thrown at once, since nothing else would be answered",
  async (code) => {
    const made = cloud();
    made.before = () => {
      throw failure(code);
    };
    const listed = listOrganisation(made.ask, needs, { clock: new SimClock(0), signal });
    await expect(listed).rejects.toMatchObject({ code });
    expect(made.asked).toHaveLength(1);
  },
);

test("ends with the signal's reason", async () => {
  const reason = new Error("enough");
  const stopping = new AbortController();
  const made = cloud();
  made.before = () => {
    stopping.abort(reason);
    throw failure("SERVICE_FAILED");
  };
  const listed = listOrganisation(made.ask, needs, {
    clock: new SimClock(0),
    signal: stopping.signal,
  });
  await expect(listed).rejects.toBe(reason);
});
