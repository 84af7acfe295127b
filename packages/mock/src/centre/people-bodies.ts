/** Bodies that tell of agents (GENESYS.md 7). */
import { isoTime } from "./instants.ts";
import { mediaTypes, type Media } from "./media.ts";
import type { Person } from "./people.ts";
import type { World } from "./world.ts";

/** `v2.users.{id}.presence`: the body does not name the user. */
export function presenceBody(person: Person, world: World): object {
  return {
    source: "PURECLOUD",
    presenceDefinition: presenceDefinition(person, world),
    primary: true,
    message: "",
    modifiedDate: isoTime(person.presenceMs),
  };
}

function presenceDefinition(person: Person, world: World): object {
  return { id: world.presences.get(person.presence)?.id, systemPresence: person.presence };
}

/** `v2.users.{id}.routingStatus`. */
export function routingStatusBody(person: Person): object {
  return { id: person.agent.id, routingStatus: routingStatus(person) };
}

function routingStatus(person: Person): object {
  return { status: person.routing, startTime: isoTime(person.routingMs) };
}

/** `v2.users.{id}.activity`, as in `fixtures/frames/user-activity.json`. */
export function activityBody(person: Person, world: World): object {
  return {
    id: person.agent.id,
    routingStatus: routingStatus(person),
    presence: {
      presenceDefinition: presenceDefinition(person, world),
      modifiedDate: isoTime(person.presenceMs),
    },
    outOfOffice: { active: person.outOfOffice, modifiedDate: isoTime(person.outOfOfficeMs) },
    activeQueueIds: person.joined,
    dateActiveQueuesChanged: isoTime(person.joinedMs),
  };
}

/** `v2.users.{id}.outofoffice`. */
export function outOfOfficeBody(person: Person, endMs: number): object {
  return {
    user: { id: person.agent.id },
    active: person.outOfOffice,
    indefinite: false,
    startDate: person.outOfOffice ? isoTime(person.outOfOfficeMs) : undefined,
    endDate: person.outOfOffice ? isoTime(endMs) : undefined,
  };
}

/** `v2.users.{id}.station`: empty when the agent has left it. */
export function stationBody({ agent, atStation }: Person): object {
  return atStation
    ? { associatedStation: { ...agent.station, associatedUser: { id: agent.id } } }
    : {};
}

/** `v2.users.{id}.conversationsummary`: what the contact centre gave, and what the agent does besides. */
export function summaryBody(person: Person): object {
  const summaries = mediaTypes.map((media) => [media, mediaSummary(person, media)]);
  return { userId: person.agent.id, ...(Object.fromEntries(summaries) as object) };
}

function mediaSummary(person: Person, media: Media): object {
  const contactCenter = { active: 0, acw: 0 };
  const enterprise = { active: 0, acw: 0 };
  for (const { participant } of person.parts) {
    const side = participant.purpose === "agent" ? contactCenter : enterprise;
    if (participant.sessions.some((its) => its.media === media && its.state === "connected"))
      side.active += 1;
    if (participant.sessions[0].media === media && participant.startAcwMs !== undefined)
      side.acw += 1;
  }
  return { contactCenter, enterprise };
}

/** `v2.routing.queues.{id}.users`: no time in it, so the same body comes again and again. */
export function queueMemberBody(person: Person, queueId: string): object {
  const { id } = person.agent;
  return { id, user: { id }, queueId, joined: person.joined.includes(queueId) };
}
