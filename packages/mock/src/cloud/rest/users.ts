/** Users, with what they are doing now; presences and routing status (GENESYS.md 3.7). */
import { isoTime } from "../../centre/instants.ts";
import { presenceBody, stationBody, summaryBody } from "../../centre/people-bodies.ts";
import type { Person } from "../../centre/people.ts";
import type { NamedEntity, PresenceDefinition, World } from "../../centre/world.ts";
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
  const { id, name, email, divisionId } = person.agent;
  return {
    id,
    name,
    division: divisionOf(world, divisionId),
    email,
    state: "active",
    username: email,
    version: 1,
    ...expansionsOf(person, world, expand),
    selfUri: `/api/v2/users/${id}`,
  };
}

function expansionsOf(person: Person, world: World, expand: ReadonlySet<string>): object {
  return {
    ...(expand.has("routingStatus") && { routingStatus: routingStatusOf(person) }),
    ...(expand.has("presence") && { presence: presenceOf(person, world) }),
    ...(expand.has("outOfOffice") && {
      outOfOffice: { id: person.agent.id, active: person.outOfOffice },
    }),
    ...(expand.has("station") && { station: stationsOf(person) }),
    ...(expand.has("conversationSummary") && { conversationSummary: summaryBody(person) }),
    ...(expand.has("skills") && { skills: person.agent.skills.map(proficient) }),
    ...(expand.has("languages") && { languages: person.agent.languages.map(proficient) }),
  };
}

function proficient({ id, name }: NamedEntity): object {
  return { id, name, proficiency: 5, state: "active" };
}

export function divisionOf(world: World, id: string): object {
  const name = world.divisions.find((division) => division.id === id)?.name;
  return { id, name, selfUri: `/api/v2/authorization/divisions/${id}` };
}

/** What the event of a station says; the one in use is the associated one. */
function stationsOf(person: Person): object {
  const { associatedStation }: { associatedStation?: object } = stationBody(person);
  return associatedStation === undefined
    ? {}
    : { associatedStation, effectiveStation: associatedStation };
}

export function getStation({ parameters }: Exchange, { records }: RestPorts): Reply {
  const person = records.person(parameters[0] ?? "");
  if (person === undefined) return refused(refusals.notFound("The user"));
  return done(200, stationsOf(person));
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
  return { userId: person.agent.id, status: person.routing, startTime: isoTime(person.routingMs) };
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
  const entities = [...world.presences.values()].map((presence) => ({
    ...presenceNames(presence),
    type: "System",
    selfUri: `/api/v2/presence/definitions/${presence.id}`,
  }));
  return done(200, {
    total: entities.length,
    entities,
    selfUri: "/api/v2/presence/definitions",
  });
}

function presenceNames({ id, name, systemPresence }: PresenceDefinition): object {
  return { id, name, languageLabels: { en_US: name }, systemPresence, deactivated: false };
}

/** The older listing of the same. */
export function listOrganizationPresences({ query }: Exchange, { world }: RestPorts): Reply {
  const presences = [...world.presences.values()];
  return page("/api/v2/presencedefinitions", query, presences, (presence) => ({
    ...presenceNames(presence),
    primary: true,
    selfUri: `/api/v2/presencedefinitions/${presence.id}`,
  }));
}
