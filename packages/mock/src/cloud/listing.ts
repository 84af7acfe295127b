/** Paged listings in the usual envelope; `GET /routing/queues` and `GET /users` (GENESYS.md 3.7). */
import type { Agent, Queue, World } from "../centre/world.ts";
import { refusals } from "./errors.ts";
import { done, refused, type Reply } from "./reply.ts";

const pageSizeDefault = 25;
const pageSizeMax = 100;

/** `pageSize` defaults to 25 and is at most 100; `pageNumber` counts from 1. */
export function page<Item>(
  path: string,
  query: URLSearchParams,
  items: readonly Item[],
  entityOf: (item: Item) => object,
): Reply {
  const pageSize = positive(query.get("pageSize"), pageSizeDefault);
  const pageNumber = positive(query.get("pageNumber"), 1);
  if (pageSize === undefined || pageSize > pageSizeMax)
    return refused(refusals.invalidValue(`pageSize must be from 1 to ${pageSizeMax}.`));
  if (pageNumber === undefined)
    return refused(refusals.invalidValue("pageNumber must be at least 1."));
  const pageCount = Math.ceil(items.length / pageSize);
  const uri = (number: number): string => {
    const others = new URLSearchParams(query);
    others.set("pageSize", String(pageSize));
    others.set("pageNumber", String(number));
    return `${path}?${others.toString()}`;
  };
  return done(200, {
    entities: items.slice((pageNumber - 1) * pageSize, pageNumber * pageSize).map(entityOf),
    pageSize,
    pageNumber,
    total: items.length,
    firstUri: uri(1),
    selfUri: uri(pageNumber),
    ...(pageNumber < pageCount && { nextUri: uri(pageNumber + 1) }),
    ...(pageNumber > 1 && { previousUri: uri(pageNumber - 1) }),
    lastUri: uri(Math.max(1, pageCount)),
    pageCount,
  });
}

function positive(text: string | null, otherwise: number): number | undefined {
  if (text === null || text === "") return otherwise;
  return /^[1-9]\d{0,8}$/u.test(text) ? Number(text) : undefined;
}

export function listQueues(query: URLSearchParams, world: World): Reply {
  const name = query.get("name")?.toLowerCase();
  const ids = query.getAll("id").flatMap((id) => id.split(","));
  const divisions = query.getAll("divisionId").flatMap((id) => id.split(","));
  const queues = world.queues.filter(
    (queue) =>
      (name === undefined || queue.name.toLowerCase().includes(name)) &&
      (ids.length === 0 || ids.includes(queue.id)) &&
      (divisions.length === 0 || divisions.includes(world.divisionId)),
  );
  return page("/api/v2/routing/queues", query, queues, (queue) => queueEntity(queue, world));
}

function queueEntity(queue: Queue, world: World): object {
  return {
    id: queue.id,
    name: queue.name,
    division: divisionOf(world),
    memberCount: queue.agentIds.length,
    selfUri: `/api/v2/routing/queues/${queue.id}`,
  };
}

export function listUsers(query: URLSearchParams, world: World): Reply {
  const ids = query.getAll("id").flatMap((id) => id.split(","));
  const agents = world.agents.filter((agent) => ids.length === 0 || ids.includes(agent.id));
  return page("/api/v2/users", query, agents, (agent) => userEntity(agent, world));
}

function userEntity(agent: Agent, world: World): object {
  return {
    id: agent.id,
    name: agent.name,
    division: divisionOf(world),
    email: agent.email,
    state: "active",
    username: agent.email,
    version: 1,
    selfUri: `/api/v2/users/${agent.id}`,
  };
}

function divisionOf(world: World): object {
  return {
    id: world.divisionId,
    name: "Home",
    selfUri: `/api/v2/authorization/divisions/${world.divisionId}`,
  };
}
