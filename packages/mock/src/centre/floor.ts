/** Conversations in the queues: they wait, alert an agent, are answered, come back, or are given up. */
import type { Announcer } from "./announcer.ts";
import {
  connect,
  join,
  leave,
  takesPart,
  wantedLanguage,
  wantedSkills,
  type Conversation,
  type Participant,
  type SessionState,
} from "./conversation.ts";
import { detailDisconnect, durations } from "./detail-bodies.ts";
import { Desk, type Place, type Waiting } from "./desk.ts";
import { exactly, within, type Life } from "./life.ts";
import type { Media } from "./media.ts";
import type { Part, Person } from "./people.ts";
import { ConversationBook, type CountsNow } from "./records.ts";
import { mayTake, type Staff } from "./staff.ts";
import { alertingTimeoutMs } from "./world.ts";

const conversationsMax = 20_000;
const noAnswerChance = 0.04;
const alertMs = 8000;
const notRespondingMs = 60_000;
/** How long the right skills are looked for. */
const relaxationMs = 45_000;
/** How long customers wait before they give up; what is written waits until the service gives up. */
const patienceMs: Readonly<Record<Media, number>> = {
  call: 180_000,
  callback: 6 * 3_600_000,
  chat: 150_000,
  email: 12 * 3_600_000,
  message: 4 * 3_600_000,
};

/** An agent with a customer. */
export interface Leg {
  readonly conversation: Conversation;
  readonly desk: Desk;
  readonly person: Person;
  readonly agent: Participant;
  readonly part: Part;
}

export class Floor {
  readonly book: ConversationBook;
  /** Called when an agent has answered. */
  onAnswer: (leg: Leg, nowMs: number) => void = () => {};
  readonly #life: Life;
  readonly #announcer: Announcer;
  readonly #staff: Staff;
  readonly #desks: ReadonlyMap<string, Desk>;
  readonly #all: readonly Desk[];
  #live = 0;

  constructor(life: Life, announcer: Announcer, staff: Staff) {
    this.#life = life;
    this.#announcer = announcer;
    this.#staff = staff;
    this.book = new ConversationBook(life.conversationsKeptMax);
    this.#all = life.world.queues.map((queue) => new Desk(queue, life));
    this.#desks = new Map(this.#all.map((desk) => [desk.queue.id, desk]));
    staff.onFree = (person, nowMs) => this.#serve(person, nowMs);
  }

  /** Conversations under way. */
  get conversations(): number {
    return this.#live;
  }

  countsNow(queueId: string, media: Media): CountsNow | undefined {
    return this.#desks.get(queueId)?.countsOf(media).now;
  }

  /** One of the desks that take this medium. */
  anyDesk(media?: Media): Desk {
    const some =
      media === undefined
        ? this.#all
        : this.#all.filter(({ queue }) => queue.media.includes(media));
    return this.#life.dice.pick(some);
  }

  /** False when there are too many already: the customer is never heard of. */
  admit(conversation: Conversation): boolean {
    if (this.#live >= conversationsMax) return false;
    this.#live += 1;
    this.book.add(conversation);
    return true;
  }

  joinQueue(
    conversation: Conversation,
    desk: Desk,
    state: SessionState,
    nowMs: number,
  ): Participant {
    const { queue } = desk;
    return join(conversation, this.#life.dice, nowMs, {
      purpose: "acd",
      name: queue.name,
      state,
      media: conversation.media,
      direction: conversation.direction,
      queue,
    });
  }

  enqueue(
    conversation: Conversation,
    desk: Desk,
    nowMs: number,
    ...left: readonly Participant[]
  ): void {
    const acd = this.joinQueue(conversation, desk, "connected", nowMs);
    this.offer(conversation, acd, desk, nowMs, ...left);
  }

  /** It is in the queue, and its time has come. */
  offer(
    conversation: Conversation,
    acd: Participant,
    desk: Desk,
    nowMs: number,
    ...left: readonly Participant[]
  ): void {
    desk.countsOf(conversation.media).offer(nowMs);
    this.#announcer.state(conversation, ...left);
    this.#announcer.detail("acd.start", conversation, acd, nowMs, () => ({
      queueId: desk.queue.id,
      divisionId: desk.queue.divisionId,
      routingPriority: conversation.priority,
      requestedRoutingSkillIds: wantedSkills(conversation).map(({ id }) => id),
    }));
    this.#wait({ conversation, acd, desk, sinceMs: nowMs }, nowMs);
  }

  /** An agent gives it to another one, past the queue. */
  hand(conversation: Conversation, desk: Desk, person: Person, nowMs: number): void {
    this.#alert({ conversation, acd: undefined, desk, sinceMs: nowMs }, person, nowMs);
  }

  /** Nobody is left. */
  customerLeft(conversation: Conversation, nowMs: number): void {
    conversation.endMs = nowMs;
    const [customer] = conversation.participants;
    const how = customer?.sessions[0].disconnectType;
    const sinceMs = customer?.sessions.at(-1)?.connectedMs ?? nowMs;
    if (customer !== undefined && how !== undefined)
      this.#announcer.detail("customer.end", conversation, customer, nowMs, () => ({
        disconnectType: detailDisconnect[how],
        externalContactId: conversation.externalContactId,
        divisionId: this.#life.world.divisionId,
        interactingDurationMs: nowMs - sinceMs,
      }));
    this.closeIfOver(conversation);
  }

  /** It is over when everybody has left and no after-call work is under way. */
  closeIfOver(conversation: Conversation): void {
    if (conversation.endMs === undefined || conversation.participants.some(takesPart)) return;
    this.#live -= 1;
    this.book.ended(conversation);
  }

  #wait(place: Place, nowMs: number): void {
    const { conversation, desk } = place;
    const person = this.#staff.ready(desk.queue.id, conversation);
    if (person !== undefined) return this.#alert(place, person, nowMs);
    const { deadlines } = this.#life;
    const isChoosy =
      wantedSkills(conversation).length > 0 || wantedLanguage(conversation) !== undefined;
    const waiting: Waiting = {
      ...place,
      impatience: deadlines.set(
        nowMs + within(this.#life, patienceMs[conversation.media]),
        (dueMs) => this.#abandon(waiting, dueMs),
      ),
      relaxation: isChoosy
        ? deadlines.set(nowMs + exactly(this.#life, relaxationMs), (dueMs) =>
            this.#relax(waiting, dueMs),
          )
        : undefined,
    };
    desk.add(waiting, nowMs);
  }

  /** Rather somebody without the skills than nobody. */
  #relax(waiting: Waiting, nowMs: number): void {
    const { conversation, desk } = waiting;
    conversation.relaxedMs = nowMs;
    this.#announcer.state(conversation);
    const person = this.#staff.ready(desk.queue.id, conversation);
    if (person === undefined) return;
    desk.remove(waiting);
    this.#alert(waiting, person, nowMs);
  }

  #abandon(waiting: Waiting, nowMs: number): void {
    const { desk, conversation, acd } = waiting;
    desk.remove(waiting);
    desk.countsOf(conversation.media).add("tAbandon", nowMs - waiting.sinceMs, nowMs);
    const [customer] = conversation.participants;
    const itself = conversation.media === "call" ? "endpoint" : "client";
    const gaveUp = conversation.media === "call" || conversation.media === "chat";
    if (customer !== undefined) leave(customer, nowMs, gaveUp ? itself : "system");
    if (acd !== undefined) {
      leave(acd, nowMs, gaveUp ? "peer" : "system");
      this.#acdEnd(waiting, acd, nowMs, undefined);
      this.#announcer.state(conversation, acd);
    }
    this.customerLeft(conversation, nowMs);
    desk.observe(nowMs);
  }

  #acdEnd(
    { conversation, desk }: Place,
    acd: Participant,
    nowMs: number,
    answeredUserId: string | undefined,
  ): void {
    const [{ disconnectType, connectedMs }] = acd.sessions;
    if (disconnectType === undefined) return;
    const skillIds = wantedSkills(conversation).map(({ id }) => id);
    const languageId = wantedLanguage(conversation)?.id;
    this.#announcer.detail("acd.end", conversation, acd, nowMs, () => ({
      queueId: desk.queue.id,
      divisionId: desk.queue.divisionId,
      disconnectType: detailDisconnect[disconnectType],
      acdOutcome: answeredUserId === undefined ? "ABANDON" : "ANSWERED",
      answeredUserId,
      requestedRoutings: ["STANDARD"],
      usedRouting: answeredUserId === undefined ? undefined : "STANDARD",
      requestedRoutingSkillIds: skillIds,
      requestedLanguageId: languageId,
      routingPriority: conversation.priority,
      connectedDurationMs: nowMs - (connectedMs ?? nowMs),
    }));
  }

  #alert(place: Place, person: Person, nowMs: number): void {
    const { conversation, desk } = place;
    const agent = join(conversation, this.#life.dice, nowMs, {
      purpose: "agent",
      name: person.agent.name,
      state: "alerting",
      media: conversation.media,
      direction: conversation.direction,
      userId: person.agent.id,
      queue: desk.queue,
    });
    const part: Part = { conversation, participant: agent };
    const leg: Leg = { conversation, desk, person, agent, part };
    const answers = person.parts.length > 0 || !this.#life.dice.chance(noAnswerChance);
    person.parts.push(part);
    desk.countsOf(conversation.media).now.oAlerting += 1;
    this.#announcer.state(conversation);
    this.#announcer.agentState(conversation, agent, "ALERT", nowMs);
    desk.observe(nowMs);
    const afterMs = answers
      ? Math.min(within(this.#life, alertMs), exactly(this.#life, alertingTimeoutMs))
      : exactly(this.#life, alertingTimeoutMs);
    this.#life.deadlines.set(nowMs + afterMs, (dueMs) => {
      desk.countsOf(conversation.media).now.oAlerting -= 1;
      if (answers) this.#answer(place, leg, dueMs);
      else this.#fail(place, leg, dueMs);
    });
  }

  /** Nobody picks up: back to the head of the queue, and the agent is not responding for a while. */
  #fail(place: Place, leg: Leg, nowMs: number): void {
    const { conversation, desk, acd } = place;
    const { person, agent, part } = leg;
    desk.countsOf(conversation.media).add("tNotResponding", nowMs - agent.startMs, nowMs);
    leave(agent, nowMs, "transfer.noanswer");
    this.#announcer.state(conversation, agent);
    this.#announcer.agentState(conversation, agent, "TERMINATED", nowMs);
    person.parts.splice(person.parts.indexOf(part), 1);
    if (person.parts.length === 0) {
      this.#staff.setRouting(person, "NOT_RESPONDING", nowMs);
      if (person.wanted !== person.presence) this.#staff.want(person, person.wanted, nowMs);
      else
        this.#life.deadlines.set(nowMs + within(this.#life, notRespondingMs), (dueMs) =>
          this.#staff.respond(person, dueMs),
        );
    }
    if (acd === undefined) this.enqueue(conversation, desk, nowMs, agent);
    else this.#wait(place, nowMs);
  }

  #answer(place: Place, leg: Leg, nowMs: number): void {
    const { conversation, desk, acd } = place;
    const { person, agent } = leg;
    const counts = desk.countsOf(conversation.media);
    counts.now.oInteracting += 1;
    counts.add("tAlert", nowMs - agent.startMs, nowMs);
    if (acd !== undefined) {
      counts.add("tAcd", nowMs - place.sinceMs, nowMs);
      counts.answer(nowMs, nowMs - place.sinceMs);
      leave(acd, nowMs, "transfer");
    }
    connect(agent.sessions[0], nowMs);
    this.#announcer.state(conversation, ...(acd === undefined ? [] : [acd]));
    if (acd !== undefined) this.#acdEnd(place, acd, nowMs, person.agent.id);
    this.begin(leg, nowMs);
    desk.observe(nowMs);
    this.onAnswer(leg, nowMs);
  }

  /** An agent has begun to speak with a customer. */
  begin({ conversation, desk, person, agent }: Leg, nowMs: number): void {
    this.#announcer.detail("user.start", conversation, agent, nowMs, () => ({
      userId: person.agent.id,
      queueId: agent.queue?.id,
      divisionId: desk.queue.divisionId,
    }));
    this.#announcer.agentState(conversation, agent, "INTERACT", nowMs);
    this.#announcer.summary(person);
    if (person.routing !== "INTERACTING") this.#staff.setRouting(person, "INTERACTING", nowMs);
  }

  /** An agent has left, with the state told elsewhere. */
  userEnd({ conversation, desk, person, agent }: Leg, nowMs: number): void {
    const [session] = agent.sessions;
    const { disconnectType } = session;
    if (disconnectType === undefined) return;
    this.#announcer.detail("user.end", conversation, agent, nowMs, () => ({
      userId: person.agent.id,
      queueId: agent.queue?.id,
      divisionId: desk.queue.divisionId,
      disconnectType: detailDisconnect[disconnectType],
      ...durations(session),
    }));
  }

  /** Who has waited longest among the queues that this agent has joined, until there is no more room. */
  #serve(person: Person, nowMs: number): void {
    for (;;) {
      let longest: Waiting | undefined;
      for (const queueId of person.joined) {
        const first = this.#desks
          .get(queueId)
          ?.first((conversation) => mayTake(person, conversation));
        if (first !== undefined && (longest === undefined || first.sinceMs < longest.sinceMs))
          longest = first;
      }
      if (longest === undefined) return;
      longest.desk.remove(longest);
      this.#alert(longest, person, nowMs);
    }
  }
}
