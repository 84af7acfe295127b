import { expect, test } from "vitest";
import { emptyOrganisation, type Organisation } from "../plan/organisation.ts";
import { reconciled } from "./follow.ts";
import { uuid } from "./testing/client-events.ts";

const [queue, talk] = [uuid(1), uuid(2)];

function withMembers(...ids: readonly string[]): Organisation {
  return { ...emptyOrganisation, members: new Map([[queue, new Set(ids)]]) };
}

function members(organisation: Organisation): readonly string[] {
  return [...(organisation.members.get(queue) ?? [])].toSorted();
}

test("a listing says who is a member, where no event has come meanwhile", () => {
  const before = withMembers("ada", "bob");
  expect(members(reconciled(before, before, withMembers("bob", "eve")))).toEqual(["bob", "eve"]);
});

test.each([
  ["joined", ["ada"], ["ada", "eve"], ["ada"], ["ada", "eve"]],
  ["left", ["ada", "bob"], ["ada"], ["ada", "bob"], ["ada"]],
  ["left and joined again", ["ada", "bob"], ["ada", "bob"], ["ada"], ["ada", "bob"]],
  ["joined, and another is new in the list", [], ["eve"], ["ada"], ["ada", "eve"]],
])("who %s while it was read is not undone by it", (_, before, now, listed, after) => {
  const all = reconciled(withMembers(...before), withMembers(...now), withMembers(...listed));
  expect(members(all)).toEqual(after);
});

test("what came into a conversation while it was read stays", () => {
  const at = (...userIds: readonly string[]): Organisation => ({
    ...emptyOrganisation,
    conversations: new Map([[talk, { queueIds: [], userIds }]]),
  });
  const all = reconciled(at("ada"), at("ada", "bob"), at("ada", "eve"));
  expect(all.conversations.get(talk)?.userIds).toEqual(["ada", "bob", "eve"]);
});
