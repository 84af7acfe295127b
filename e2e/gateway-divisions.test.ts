/** Subscriptions whose events only the organisation tells: by the id of a division, and by the members of a queue. */
import { afterEach, expect, test } from "vitest";
import { endAll, mockHere } from "../packages/cli/src/testing/processes.ts";
import { gatewayStage, type Bare } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

function presenceOf(id: string): string {
  return `v2.users.${id}.presence`;
}

function conversationsOf(queueId: string): string {
  return `v2.routing.queues.${queueId}.conversations`;
}

function topicsOf(socket: Bare): readonly unknown[] {
  return socket.of("event").map(({ topic }) => topic);
}

/** Topics of gaps that were told. */
function missedBy(socket: Bare): ReadonlySet<unknown> {
  return new Set(socket.of("gap").flatMap(({ topics }) => topics as readonly string[]));
}

test("by the id of a division come events of its queues and users, whoever else has others carried", async () => {
  const mock = await mockHere({ seed: 7, queues: 8, agents: 40 });
  const { queues, agents, divisions } = mock.cloud.world;
  expect(divisions.length).toBeGreaterThan(1);
  const divisionId = agents.find((agent) => agent.divisionId !== queues[0]?.divisionId)?.divisionId;
  const stage = await gatewayStage({}, { mock, carries: () => false });
  const types = { eventTypes: ["user:presence", "conversation:all"] };
  const everybody = await stage.connect();
  everybody.say({ ...types, filters: { divisions: ["self"] } });
  await everybody.first("live");
  const socket = await stage.connect();
  socket.say({ ...types, filters: { divisions: [divisionId] } });
  const { cursor } = await socket.first("subscribed");
  // Sent before it is known who belongs to the division, on topics that are carried: none of them is lost.
  const topics = [
    ...agents.map(({ id }) => presenceOf(id)),
    ...queues.map(({ id }) => conversationsOf(id)),
  ];
  const own = [
    ...agents.filter((agent) => agent.divisionId === divisionId).map(({ id }) => presenceOf(id)),
    ...queues
      .filter((queue) => queue.divisionId === divisionId)
      .map(({ id }) => conversationsOf(id)),
  ];
  expect(own.length).toBeGreaterThan(0);
  expect(own.length).toBeLessThan(topics.length);
  let n = 0;
  const emitAll = (): void => {
    n++;
    for (const topic of topics) stage.emit(topic, { id: `probe-${n}`, participants: [], n });
  };
  emitAll();
  await socket.first("live");
  emitAll();
  await eventually("all that is sent", () => topicsOf(everybody).length === 2 * topics.length);
  await eventually("all of the division", () => topicsOf(socket).length >= 2 * own.length);
  expect(topicsOf(socket).map(String).sort()).toEqual([...own, ...own].sort());
  for (const topic of missedBy(socket)) expect(own).toContain(topic);

  const later = await stage.connect();
  later.say({ ...types, filters: { divisions: [divisionId] }, since: cursor });
  await later.first("live");
  await eventually("the same again", () => topicsOf(later).length >= 2 * own.length);
  expect(topicsOf(later)).toEqual(topicsOf(socket));
});

test("presence by a queue is that of its members, and of one who joins", async () => {
  const mock = await mockHere({ seed: 7, queues: 4, agents: 20 });
  const { queues, agents } = mock.cloud.world;
  const queue = queues[0];
  const members = (queue?.agentIds ?? []).filter((id) => id !== undefined);
  const stage = await gatewayStage({}, { mock, carries: () => false });
  const everybody = await stage.connect();
  everybody.say({ eventTypes: ["user:presence"], filters: { divisions: ["self"] } });
  await everybody.first("live");
  const socket = await stage.connect();
  socket.say({ eventTypes: ["user:presence"], filters: { queueId: [queue?.id] } });
  await socket.first("live");
  for (const { id } of agents) stage.emit(presenceOf(id), { n: 1 });
  await eventually("all that is sent", () => topicsOf(everybody).length === agents.length);
  await eventually("those of members", () => topicsOf(socket).length > 0);
  const told = new Set(topicsOf(socket));
  for (const topic of told) expect(members.map(presenceOf)).toContain(topic);

  const joining = agents.find(({ id }) => !told.has(presenceOf(id)))?.id ?? "";
  const joined = { id: joining, user: { id: joining }, queueId: queue?.id, joined: true };
  stage.emit(`v2.routing.queues.${queue?.id}.users`, joined);
  await eventually("the presence of who has joined", async () => {
    stage.emit(presenceOf(joining), { n: 2 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    return topicsOf(socket).includes(presenceOf(joining));
  });
});
