/** The agents: who is ready for what, and every change of what they are. */
import type { Conversation } from "./conversation.ts";
import { wantedLanguage, wantedSkills } from "./conversation.ts";
import type { Life } from "./life.ts";
import { capacity, type Media } from "./media.ts";
import type { SystemPresence } from "./names.ts";
import {
  activityBody,
  outOfOfficeBody,
  presenceBody,
  queueMemberBody,
  routingStatusBody,
  stationBody,
} from "./people-bodies.ts";
import type { Part, Person, RoutingStatus, StatusChange } from "./people.ts";
import { dayMs } from "./tide.ts";

const attemptsMax = 4;
/** Who goes home is away for longer than a night in so many cases. */
const goesOnLeave = 0.1;

export class Staff {
  readonly people: readonly Person[];
  /** Called when somebody may take a conversation. */
  onFree: (person: Person, nowMs: number) => void = () => {};
  readonly #life: Life;
  readonly #members: ReadonlyMap<string, readonly Person[]>;

  /** `presenceOf` says how each is found at the start. */
  constructor(life: Life, presenceOf: (index: number) => SystemPresence) {
    const { startAtMs, world } = life;
    this.#life = life;
    this.people = world.agents.map((agent, index): Person => {
      const presence = presenceOf(index);
      const routing = presence === "ON_QUEUE" ? "IDLE" : "OFF_QUEUE";
      return {
        agent,
        presence,
        wanted: presence,
        presenceMs: startAtMs,
        presences: [{ atMs: startAtMs, status: presence }],
        routing,
        routingMs: startAtMs,
        routings: [{ atMs: startAtMs, status: routing }],
        joined: agent.queueIds,
        joinedMs: startAtMs,
        outOfOffice: false,
        outOfOfficeMs: startAtMs,
        atStation: presence !== "OFFLINE",
        parts: [],
      };
    });
    const members = new Map<string, Person[]>(world.queues.map(({ id }) => [id, []]));
    for (const person of this.people)
      for (const queueId of person.agent.queueIds) members.get(queueId)?.push(person);
    this.#members = members;
  }

  /** A member of a queue whom this conversation may be offered to. */
  ready(queueId: string, conversation: Conversation): Person | undefined {
    const candidates = this.#members.get(queueId) ?? [];
    const first = this.#life.dice.below(Math.max(1, candidates.length));
    for (let index = 0; index < candidates.length; index += 1) {
      const person = candidates[(first + index) % candidates.length];
      if (person !== undefined && mayTake(person, conversation) && person.joined.includes(queueId))
        return person;
    }
    return undefined;
  }

  /** Anybody of whom this holds, if such a one is found soon. */
  anybody(suits: (person: Person) => boolean): Person | undefined {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const person = this.#life.dice.pick(this.people);
      if (suits(person)) return person;
    }
    return undefined;
  }

  setRouting(person: Person, routing: RoutingStatus, nowMs: number): void {
    this.#changeRouting(person, routing, nowMs);
    this.#tellActivity(person);
  }

  /** What an agent is to be, as soon as no customer is there. */
  want(person: Person, presence: SystemPresence, nowMs: number): void {
    person.wanted = presence;
    if (person.parts.length === 0) this.#follow(person, nowMs);
  }

  /** One conversation less. */
  release(person: Person, part: Part, nowMs: number): void {
    person.parts.splice(person.parts.indexOf(part), 1);
    if (person.parts.length > 0) {
      if (!person.parts.some(isSpoken)) this.setRouting(person, "IDLE", nowMs);
      return this.onFree(person, nowMs);
    }
    if (person.wanted !== person.presence) return this.#follow(person, nowMs);
    this.setRouting(person, person.presence === "ON_QUEUE" ? "IDLE" : "OFF_QUEUE", nowMs);
    this.onFree(person, nowMs);
  }

  /** The end of not responding, unless something else came first. */
  respond(person: Person, nowMs: number): void {
    if (person.routing !== "NOT_RESPONDING") return;
    this.setRouting(person, "IDLE", nowMs);
    this.onFree(person, nowMs);
  }

  /** The queues that an agent takes conversations of, one more or one less. */
  join(person: Person, queueId: string, joined: boolean, nowMs: number): void {
    person.joined = person.agent.queueIds.filter((id) =>
      id === queueId ? joined : person.joined.includes(id),
    );
    person.joinedMs = nowMs;
    this.#life.tell(`v2.routing.queues.${queueId}.users`, () =>
      JSON.stringify(queueMemberBody(person, queueId)),
    );
    this.#tellActivity(person);
    if (joined) this.onFree(person, nowMs);
  }

  #follow(person: Person, nowMs: number): void {
    const { wanted } = person;
    if (wanted === person.presence) return;
    const { tell, world, statusChangesKeptMax } = this.#life;
    if (wanted === "OFFLINE" || person.presence === "OFFLINE") this.#login(person, nowMs);
    person.presence = wanted;
    person.presenceMs = nowMs;
    remember(person.presences, { atMs: nowMs, status: wanted }, statusChangesKeptMax);
    tell(topic(person, "presence"), () => JSON.stringify(presenceBody(person, world)));
    const routing = wanted === "ON_QUEUE" ? "IDLE" : "OFF_QUEUE";
    if (person.routing !== routing) this.#changeRouting(person, routing, nowMs);
    this.#tellActivity(person);
    if (routing === "IDLE") this.onFree(person, nowMs);
  }

  #login(person: Person, nowMs: number): void {
    person.atStation = person.presence === "OFFLINE";
    this.#life.tell(topic(person, "station"), () => JSON.stringify(stationBody(person)));
    const away = !person.atStation && this.#life.dice.chance(goesOnLeave);
    if (away === person.outOfOffice) return;
    person.outOfOffice = away;
    person.outOfOfficeMs = nowMs;
    this.#life.tell(topic(person, "outofoffice"), () =>
      JSON.stringify(outOfOfficeBody(person, nowMs + dayMs)),
    );
  }

  #changeRouting(person: Person, routing: RoutingStatus, nowMs: number): void {
    person.routing = routing;
    person.routingMs = nowMs;
    remember(person.routings, { atMs: nowMs, status: routing }, this.#life.statusChangesKeptMax);
    this.#life.tell(topic(person, "routingStatus"), () =>
      JSON.stringify(routingStatusBody(person)),
    );
  }

  #tellActivity(person: Person): void {
    this.#life.tell(topic(person, "activity"), () =>
      JSON.stringify(activityBody(person, this.#life.world)),
    );
  }
}

function isSpoken({ participant }: Part): boolean {
  return participant.sessions[0].connectedMs !== undefined;
}

/** Whether an agent would be offered this: on queue, with room for one more of its kind, and with the skills. */
export function mayTake(person: Person, conversation: Conversation): boolean {
  return hasRoom(person, conversation.media) && suits(person, conversation);
}

export function hasRoom(person: Person, media: Media): boolean {
  if (person.presence !== "ON_QUEUE" || person.wanted !== "ON_QUEUE") return false;
  const [first] = person.parts;
  if (first === undefined) return person.routing === "IDLE";
  return first.conversation.media === media && person.parts.length < capacity[media];
}

function suits({ agent }: Person, conversation: Conversation): boolean {
  const language = wantedLanguage(conversation);
  return (
    (language === undefined || agent.languages.includes(language)) &&
    wantedSkills(conversation).every((skill) => agent.skills.includes(skill))
  );
}

function remember<Status>(
  changes: StatusChange<Status>[],
  change: StatusChange<Status>,
  keptMax: number,
): void {
  changes.push(change);
  if (changes.length > keptMax) changes.shift();
}

function topic(person: Person, rest: string): string {
  return `v2.users.${person.agent.id}.${rest}`;
}
