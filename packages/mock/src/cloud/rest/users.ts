/** Users, with what they are doing now; presences and routing status (GENESYS.md 3.7). */
import { presenceBody, type Person } from "../../centre/people.ts";
import type { World } from "../../centre/world.ts";
import { refusals } from "../errors.ts";
import { done, refused, type Reply } from "../reply.ts";
import type { Exchange } from "../router.ts";
import { cursorPage, expandOf, listOf, page } from "./listing.ts";
import type { RestPorts } from "./routes.ts";

/** GENESYS.md 3.7. */
const bulkIdsMax = 50;

export function listUsers({ query }: Exchange, { world, records }: RestPorts): Reply {
  const expand = expandOf(query);
  if ("kind" in expand) return expand;
  const ids = listOf(query, "id");
  const people = records.people.filter(
    ({ agent }) => (ids.length === 0 || ids.includes(agent.id)) && isListed(query),
  );
  return page("/api/v2/users", query, people, (person) => userEntity(person, world, expand));
}

/** Every agent is active, so that any other state lists nobody. */
function isListed(query: URLSearchParams): boolean {
  const state = query.get("state");
  return state === null || state === "active" || state === "any";
}

export function queryUsers({ query }: Exchange, { world, records }: RestPorts): Reply {
  const expand = expandOf(query);
  if ("kind" in expand) return expand;
  const people = records.people
    .filter(() => isListed(query))
    .map((person) => ({ id: person.agent.id, person }));
  return cursorPage("/api/v2/users/query", query, people, ({ person }) =>
    userEntity(person, world, expand),
  );
}

export function getUser(exchange: Exchange, { world, records }: RestPorts): Reply {
  const expand = expandOf(exchange.query);
  if ("kind" in expand) return expand;
  const person = records.person(exchange.parameters[0] ?? "");
  if (person === undefined) return refused(refusals.notFound("The user"));
  return done(200, userEntity(person, world, expand));
}

export function userEntity(person: Person, world: World, expand: ReadonlySet<string>): object {
  const { id, name, email } = person.agent;
  return {
    id,
    name,
    division: divisionOf(world),
    email,
    state: "active",
    username: email,
    version: 1,
    ...(expand.has("routingStatus") && { routingStatus: routingStatusOf(person) }),
    ...(expand.has("presence") && { presence: presenceOf(person, world) }),
    selfUri: `/api/v2/users/${id}`,
  };
}

export function divisionOf(world: World): object {
  return {
    id: world.divisionId,
    name: "Home",
    selfUri: `/api/v2/authorization/divisions/${world.divisionId}`,
  };
}

/** What the event of a presence says, and whose it is. */
function presenceOf(person: Person, world: World): object {
  const { id } = person.agent;
  return {
    id,
    userId: id,
    ...presenceBody(person, world),
    selfUri: `/api/v2/users/${id}/presences/PURECLOUD`,
  };
}

export function routingStatusOf(person: Person): object {
  return { userId: person.agent.id, status: person.routing, startTime: person.routingTime };
}

export function getPresence({ parameters }: Exchange, { world, records }: RestPorts): Reply {
  const person = records.person(parameters[0] ?? "");
  if (person === undefined) return refused(refusals.notFound("The user"));
  return done(200, presenceOf(person, world));
}

/** Of ids that nobody has, nothing is said. */
export function listPresences({ query }: Exchange, { world, records }: RestPorts): Reply {
  const ids = listOf(query, "id");
  if (ids.length > bulkIdsMax)
    return refused(refusals.invalidValue(`id can name at most ${bulkIdsMax} users.`));
  const people = [...new Set(ids)].flatMap((id) => records.person(id) ?? []);
  return done(
    200,
    people.map((person) => presenceOf(person, world)),
  );
}

export function getRoutingStatus({ parameters }: Exchange, { records }: RestPorts): Reply {
  const person = records.person(parameters[0] ?? "");
  if (person === undefined) return refused(refusals.notFound("The user"));
  return done(200, routingStatusOf(person));
}

/** Every presence of the mock is one of the system's. */
export function listPresenceDefinitions(_: Exchange, { world }: RestPorts): Reply {
  const entities = [...world.presenceIds].map(([systemPresence, id]) => ({
    id,
    name: systemPresence,
    type: "System",
    languageLabels: { en_US: systemPresence },
    systemPresence,
    deactivated: false,
    selfUri: `/api/v2/presence/definitions/${id}`,
  }));
  return done(200, {
    total: entities.length,
    entities,
    selfUri: "/api/v2/presence/definitions",
  });
}

/** The older listing of the same. */
export function listOrganizationPresences({ query }: Exchange, { world }: RestPorts): Reply {
  return page("/api/v2/presencedefinitions", query, [...world.presenceIds], (presence) => {
    const [systemPresence, id] = presence;
    return {
      id,
      name: systemPresence,
      languageLabels: { en_US: systemPresence },
      systemPresence,
      deactivated: false,
      primary: true,
      selfUri: `/api/v2/presencedefinitions/${id}`,
    };
  });
}
