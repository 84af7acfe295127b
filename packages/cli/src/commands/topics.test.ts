import { expect, test } from "vitest";
import { createStage } from "../testing/stage.ts";
import { topics } from "./topics.ts";

async function run(pattern?: string, json = false): Promise<string> {
  const { system, out } = createStage();
  await topics(pattern, { json }, system);
  return out();
}

async function names(pattern: string): Promise<readonly unknown[]> {
  const lines = (await run(pattern, true)).split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { readonly name: unknown }).name);
}

test("all event types come first, then all real topics", async () => {
  const lines = (await run()).split("\n");
  expect(lines[0]).toMatch(/^EVENT TYPE +TOPICS +PERMISSIONS$/u);
  expect(lines[1]).toMatch(
    /^conversation:created +v2\.routing\.queues\.\{id\}\.conversations, v2\.users\.\{id\}\.conversations +conversation:communication:view$/u,
  );
  expect(lines.find((line) => line.startsWith("interaction:updated"))).toContain(
    "the same as conversation:updated",
  );
  expect(lines.filter((line) => line.startsWith("v2."))).toHaveLength(242);
});

test("a pattern is looked for in names and in what carries them, without case", async () => {
  expect(await names("v2.users.{id}.PRESENCE")).toEqual([
    "user:presence",
    "v2.users.{id}.presence",
  ]);
  expect(await names("routing*Added")).toEqual(["routing.queueMemberAdded"]);
  expect(await names("added*routing")).toEqual([]);
});

test("a line of JSON has what there is to know", async () => {
  expect(JSON.parse(await run("conversation.summary", true))).toEqual({
    type: "eventType",
    name: "conversation.summary",
    topics: ["v2.analytics.queues.{id}.observations"],
    permissions: ["analytics:queueObservation:view", "analytics:conversationAggregate:view"],
    combine: "all",
    aliasOf: null,
    description: "Counts of a queue: waiting and interacting conversations, states of agents.",
  });
});

test("nothing found is said, and what is not known is not called none", async () => {
  expect(await run("nothing")).toContain("Nothing is called like");
  expect(await run("conversationsummary")).toContain("not known");
  expect(await run("routing.queueMemberEvent")).toContain("routing:queue:view or ");
});
