/** Queues, their members, wrap-up codes and divisions (GENESYS.md 3.7). */
import type { Person } from "../../centre/people.ts";
import type { Records } from "../../centre/records.ts";
import type { Queue, World } from "../../centre/world.ts";
import { refusals } from "../errors.ts";
import { done, refused, type Reply } from "../reply.ts";
import type { Exchange } from "../router.ts";
import { expandOf, listOf, page } from "./listing.ts";
import type { RestPorts } from "./routes.ts";
import { divisionOf, routingStatusOf, userEntity } from "./users.ts";

export function listQueues({ query }: Exchange, { world, records }: RestPorts): Reply {
  // An asterisk may stand on either side; with or without, a part of the name is enough.
  const name = query.get("name")?.toLowerCase().replaceAll("*", "");
  const ids = listOf(query, "id");
  const divisions = listOf(query, "divisionId");
  const queues = world.queues.filter(
    (queue) =>
      (name === undefined || queue.name.toLowerCase().includes(name)) &&
      (ids.length === 0 || ids.includes(queue.id)) &&
      (divisions.length === 0 || divisions.includes(queue.divisionId)),
  );
  return page("/api/v2/routing/queues", query, queues, (queue) =>
    queueEntity(queue, world, records),
  );
}

export function getQueue(exchange: Exchange, { world, records }: RestPorts): Reply {
  const queue = queueOf(exchange, world);
  if (queue === undefined) return refused(refusals.notFound("The queue"));
  return done(200, queueEntity(queue, world, records));
}

function queueOf({ parameters }: Exchange, world: World): Queue | undefined {
  return world.queues.find((queue) => queue.id === parameters[0]);
}

function queueEntity(queue: Queue, world: World, records: Records): object {
  const joined = queue.agentIds.filter((id) =>
    records.person(id)?.joined.includes(queue.id),
  ).length;
  return {
    id: queue.id,
    name: queue.name,
    division: divisionOf(world, queue.divisionId),
    memberCount: queue.agentIds.length,
    userMemberCount: queue.agentIds.length,
    joinedMemberCount: joined,
    selfUri: `/api/v2/routing/queues/${queue.id}`,
  };
}

/** Members in the order of their names, joined or not. */
export function listMembers(exchange: Exchange, { world, records }: RestPorts): Reply {
  const { query } = exchange;
  const queue = queueOf(exchange, world);
  if (queue === undefined) return refused(refusals.notFound("The queue"));
  const expand = expandOf(query);
  if ("kind" in expand) return expand;
  const joined = query.get("joined");
  if (joined !== null && joined !== "true" && joined !== "false")
    return refused(refusals.invalidValue("joined must be true or false."));
  const name = query.get("name")?.toLowerCase();
  const statuses = listOf(query, "routingStatus");
  const presences = listOf(query, "presence");
  const members = queue.agentIds
    .flatMap((id) => records.person(id) ?? [])
    .filter(
      (person) =>
        (joined === null || String(person.joined.includes(queue.id)) === joined) &&
        (name === undefined || person.agent.name.toLowerCase().includes(name)) &&
        (statuses.length === 0 || statuses.includes(person.routing)) &&
        (presences.length === 0 || presences.includes(person.presence)),
    )
    .sort((one, other) => (one.agent.name < other.agent.name ? -1 : 1));
  if (query.get("sortOrder") === "desc") members.reverse();
  const path = `/api/v2/routing/queues/${queue.id}/members`;
  return page(path, query, members, (person) => memberEntity(person, queue, world, expand));
}

function memberEntity(
  person: Person,
  queue: Queue,
  world: World,
  expand: ReadonlySet<string>,
): object {
  const { id, name } = person.agent;
  return {
    id,
    name,
    user: userEntity(person, world, expand),
    ringNumber: 1,
    joined: person.joined.includes(queue.id),
    memberBy: "user",
    ...(expand.has("routingStatus") && { routingStatus: routingStatusOf(person) }),
    selfUri: `/api/v2/routing/queues/${queue.id}/members/${id}`,
  };
}

export function listWrapupCodes({ query }: Exchange, { world }: RestPorts): Reply {
  const ids = listOf(query, "id");
  const codes = world.wrapUpCodes.filter(({ id }) => ids.length === 0 || ids.includes(id));
  return page("/api/v2/routing/wrapupcodes", query, codes, ({ id, name }) => ({
    id,
    name,
    division: divisionOf(world, world.divisionId),
    selfUri: `/api/v2/routing/wrapupcodes/${id}`,
  }));
}

export function listDivisions({ query }: Exchange, { world }: RestPorts): Reply {
  const ids = listOf(query, "id");
  const divisions = world.divisions.filter(({ id }) => ids.length === 0 || ids.includes(id));
  return page("/api/v2/authorization/divisions", query, divisions, ({ id }) => ({
    ...divisionOf(world, id),
    description: "",
    homeDivision: id === world.divisionId,
  }));
}
