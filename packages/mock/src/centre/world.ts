/**
 * Who and what the organisation consists of: fixed for a seed, whatever the rate.
 */
import type { Dice } from "../cloud/dice.ts";
import {
  firstNames,
  lastNames,
  queueNames,
  systemPresences,
  type SystemPresence,
} from "./names.ts";

/** A queue of the organisation. */
export interface Queue {
  readonly id: string;
  readonly name: string;
  /** Agents that are members, joined or not. */
  readonly agentIds: readonly string[];
}

/** A user who takes conversations. */
export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Queues of which the agent is a member. */
  readonly queueIds: readonly string[];
}

/** The organisation: the same for a seed at every start. */
export interface World {
  readonly organization: { readonly id: string; readonly name: string };
  readonly divisionId: string;
  readonly queues: readonly Queue[];
  readonly agents: readonly Agent[];
  readonly presenceIds: ReadonlyMap<SystemPresence, string>;
  readonly wrapUpCodeIds: readonly string[];
}

/** The same dice give the same organisation. */
export function createWorld(dice: Dice, queueCount: number, agentCount: number): World {
  const organization = { id: dice.uuid(), name: "Mock Organisation" };
  const divisionId = dice.uuid();
  const presenceIds = new Map<SystemPresence, string>(
    systemPresences.map((presence) => [presence, dice.uuid()]),
  );
  const wrapUpCodeIds = [dice.uuid(), dice.uuid(), dice.uuid(), dice.uuid()];
  const queueIds = Array.from({ length: queueCount }, () => dice.uuid());
  const members = new Map<string, string[]>(queueIds.map((id) => [id, []]));
  const agents = Array.from({ length: agentCount }, (_, index): Agent => {
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
    for (const queueId of own) members.get(queueId)?.push(id);
    const email = `${name.toLowerCase().replaceAll(" ", ".")}.${index + 1}@example.com`;
    return { id, name, email, queueIds: [...own] };
  });
  const queues = queueIds.map((id, index): Queue => {
    const round = Math.floor(index / queueNames.length);
    const name = queueNames[index % queueNames.length] ?? "";
    return {
      id,
      name: round > 0 ? `${name} ${round + 1}` : name,
      agentIds: members.get(id) ?? [],
    };
  });
  return { organization, divisionId, queues, agents, presenceIds, wrapUpCodeIds };
}
