/**
 * Who and what the organisation consists of: fixed for a seed, whatever the rate.
 */
import type { Dice } from "../cloud/dice.ts";
import { mediaTypes, type Media } from "./media.ts";
import {
  divisionNames,
  firstNames,
  languageNames,
  lastNames,
  presenceLabels,
  queueNames,
  skillNames,
  systemPresences,
  wrapUpCodeNames,
  type SystemPresence,
} from "./names.ts";

/** Something that has an id and a name: a division, a skill, a language, a wrap-up code, a station, a flow. */
export interface NamedEntity {
  readonly id: string;
  readonly name: string;
}

/** A queue of the organisation. */
export interface Queue extends NamedEntity {
  readonly divisionId: string;
  /** Agents that are members, joined or not. */
  readonly agentIds: readonly string[];
  /** What arrives here; at least calls. */
  readonly media: readonly Media[];
  /** Skills that customers of this queue may need. */
  readonly skills: readonly NamedEntity[];
  /** What after-call work ends with: a code; a code or nothing; a code within `wrapupTimeoutMs`. */
  readonly wrapupPrompt: WrapupPrompt;
}

/** Whether an agent has to give a wrap-up code. */
export type WrapupPrompt = "mandatory" | "optional" | "timeout";

/** How long an agent has for the code where the prompt is `timeout`. */
export const wrapupTimeoutMs = 60_000;
export const alertingTimeoutMs = 20_000;

/** A user who takes conversations. */
export interface Agent extends NamedEntity {
  readonly divisionId: string;
  readonly email: string;
  /** Queues of which the agent is a member. */
  readonly queueIds: readonly string[];
  readonly skills: readonly NamedEntity[];
  readonly languages: readonly NamedEntity[];
  /** The telephone with which the agent is associated while logged in. */
  readonly station: NamedEntity;
}

/** A presence that users can have. */
export interface PresenceDefinition extends NamedEntity {
  readonly systemPresence: SystemPresence;
}

/** A call flow that callers hear before they reach a queue. */
export interface Flow extends NamedEntity {
  readonly divisionId: string;
  readonly version: string;
  readonly outcome: NamedEntity;
}

/** The organisation: the same for a seed at every start. */
export interface World {
  readonly organization: NamedEntity;
  /** Home comes first. */
  readonly divisions: readonly NamedEntity[];
  /** Of the Home division. */
  readonly divisionId: string;
  readonly queues: readonly Queue[];
  readonly agents: readonly Agent[];
  readonly presences: ReadonlyMap<SystemPresence, PresenceDefinition>;
  readonly wrapUpCodes: readonly NamedEntity[];
  readonly skills: readonly NamedEntity[];
  readonly languages: readonly NamedEntity[];
  readonly flow: Flow;
}

/** Queues take turns in what arrives; the first takes everything, so that the smallest organisation lacks nothing. */
const mediaOfQueues: readonly (readonly Media[])[] = [
  mediaTypes,
  ["call", "callback", "message"],
  ["call", "email"],
  ["call", "email", "message"],
  ["call", "callback", "chat"],
  ["call", "chat", "email"],
];
const wrapupPrompts: readonly WrapupPrompt[] = ["timeout", "optional", "mandatory"];
const skillsOfQueue = 2;
const knowsSkill = 0.6;
const speaksFurther = 0.35;
/** Every third queue and every fifth agent belong to the second division. */
const secondDivisionQueues = 3;
const secondDivisionAgents = 5;

/** The same dice give the same organisation. */
export function createWorld(dice: Dice, queueCount: number, agentCount: number): World {
  // What an organisation has had from the start is drawn first: its ids stay when it is given more.
  const organization = { id: dice.uuid(), name: "Mock Organisation" };
  const divisionId = dice.uuid();
  const presences = new Map(
    systemPresences.map((systemPresence): [SystemPresence, PresenceDefinition] => [
      systemPresence,
      { id: dice.uuid(), name: presenceLabels[systemPresence], systemPresence },
    ]),
  );
  const named = (name: string): NamedEntity => ({ id: dice.uuid(), name });
  const wrapUpCodes = wrapUpCodeNames.map((name) => named(name));
  const queueIds = Array.from({ length: queueCount }, () => dice.uuid());
  const people = drawPeople(dice, queueIds, agentCount);

  const divisions = divisionNames.map((name, index) =>
    index === 0 ? { id: divisionId, name } : named(name),
  );
  const divisionOf = (index: number, every: number): string =>
    divisions[index % every === every - 1 ? 1 : 0]?.id ?? divisionId;
  const skills = skillNames.map((name) => named(name));
  const languages = languageNames.map((name) => named(name));
  const flow = {
    ...named("Main Menu"),
    divisionId,
    version: "3.0",
    outcome: named("Reached a queue"),
  };
  const queues = queueIds.map((id, index): Queue => {
    const round = Math.floor(index / queueNames.length);
    const name = queueNames[index % queueNames.length] ?? "";
    return {
      id,
      name: round > 0 ? `${name} ${round + 1}` : name,
      divisionId: divisionOf(index, secondDivisionQueues),
      agentIds: people.filter(({ queueIds: own }) => own.includes(id)).map((person) => person.id),
      media: mediaOfQueues[index % mediaOfQueues.length] ?? mediaTypes,
      wrapupPrompt: wrapupPrompts[index % wrapupPrompts.length] ?? "mandatory",
      skills: Array.from(
        { length: skillsOfQueue },
        (_, step) => skills[(index * skillsOfQueue + step) % skills.length],
      ).filter((skill) => skill !== undefined),
    };
  });
  const agents = people.map((person, index): Agent => {
    const useful = queues.filter((queue) => person.queueIds.includes(queue.id));
    return {
      ...person,
      divisionId: divisionOf(index, secondDivisionAgents),
      skills: skills.filter(
        (skill) => useful.some((queue) => queue.skills.includes(skill)) && dice.chance(knowsSkill),
      ),
      languages: languages.filter((_, at) => at === 0 || dice.chance(speaksFurther)),
      station: named(`Phone ${index + 1}`),
    };
  });
  return {
    organization,
    divisions,
    divisionId,
    queues,
    agents,
    presences,
    wrapUpCodes,
    skills,
    languages,
    flow,
  };
}

function drawPeople(
  dice: Dice,
  queueIds: readonly string[],
  count: number,
): Pick<Agent, "id" | "name" | "email" | "queueIds">[] {
  return Array.from({ length: count }, (_, index) => {
    const id = dice.uuid();
    const first = firstNames[(index * 7) % firstNames.length] ?? "";
    const last = lastNames[(index * 11) % lastNames.length] ?? "";
    const round = Math.floor(index / (firstNames.length * lastNames.length));
    const name = `${first} ${last}${round > 0 ? ` ${round + 1}` : ""}`;
    const own = new Set<string>();
    if (queueIds.length > 0) {
      // Every queue gets somebody; most agents serve a second queue.
      own.add(queueIds[index % queueIds.length] ?? "");
      if (dice.chance(0.7)) own.add(dice.pick(queueIds));
    }
    const email = `${name.toLowerCase().replaceAll(" ", ".")}.${index + 1}@example.com`;
    return { id, name, email, queueIds: [...own] };
  });
}
