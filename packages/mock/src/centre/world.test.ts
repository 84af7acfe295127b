import { expect, test } from "vitest";
import { createDice } from "../cloud/dice.ts";
import { mediaTypes } from "./media.ts";
import { createWorld } from "./world.ts";

test("an organisation keeps its ids for a seed, whatever is added to it", () => {
  const world = createWorld(createDice(1, "world"), 6, 30);
  expect({
    organization: world.organization.id,
    division: world.divisionId,
    presence: world.presences.get("OFFLINE")?.id,
    code: world.wrapUpCodes[3]?.id,
    queue: world.queues[0]?.id,
    lastQueue: world.queues[5]?.id,
    agent: world.agents[0]?.id,
    lastAgent: world.agents[29]?.id,
  }).toEqual({
    organization: "673b2e17-6507-4724-b3a1-e05de2041224",
    division: "0f1741ef-2ca1-4f3d-8e0a-c5890c957063",
    presence: "42f216e1-1678-4519-857e-49b55478276c",
    code: "363572c9-843c-4c70-b03d-ee344b147f95",
    queue: "951179cb-23b2-4c35-b742-88a56deabda5",
    lastQueue: "89672770-98c5-46e4-b2c2-75181b66b1cc",
    agent: "e00ee5f2-0bde-4945-b30d-d2e0bab4bd0a",
    lastAgent: "a142d85d-2f24-4e75-bacb-531610fb528f",
  });
});

test.each([
  [1, 1],
  [6, 30],
  [40, 300],
])("with %d queues and %d agents every id is its own, and all fit together", (queues, agents) => {
  const world = createWorld(createDice(4, "world"), queues, agents);
  const ids = [
    world.organization,
    ...world.divisions,
    ...world.queues,
    ...world.agents,
    ...world.agents.map(({ station }) => station),
    ...world.presences.values(),
    ...world.wrapUpCodes,
    ...world.skills,
    ...world.languages,
    world.flow,
    world.flow.outcome,
  ].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const divisions = new Set(world.divisions.map(({ id }) => id));
  for (const { divisionId } of [...world.queues, ...world.agents])
    expect(divisions.has(divisionId)).toBe(true);
  for (const queue of world.queues) {
    expect(queue.media).toContain("call");
    expect(queue.skills).toHaveLength(2);
    for (const id of queue.agentIds)
      expect(world.agents.find((agent) => agent.id === id)?.queueIds).toContain(queue.id);
  }
  for (const agent of world.agents) expect(agent.languages[0]?.name).toBe("English");
  expect(world.queues[0]?.media).toEqual(mediaTypes);
});
