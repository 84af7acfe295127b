/** Conversations through their life: from the customer's arrival to the agent's wrap-up. */
import { conversationBody, mediaBody } from "./conversation-bodies.ts";
import {
  connect,
  hold,
  join,
  leave,
  unhold,
  type Conversation,
  type Participant,
} from "./conversation.ts";
import { arrival } from "./arrivals.ts";
import { detailHead, detailSession, durations } from "./detail-bodies.ts";
import { mediaPlural, type Media } from "./media.ts";
import { Desk, type Place, type Waiting } from "./desk.ts";
import type { Life } from "./life.ts";
import type { Person } from "./people.ts";
import { ConversationBook, type CountsNow } from "./records.ts";
import type { Staff } from "./staff.ts";
import type { Queue } from "./world.ts";

const conversationsMax = 20_000;
const noAnswerChance = 0.04;
const holdChance = 0.3;
const transferChance = 0.08;
const customerEndsChance = 0.6;

export class Floor {
  readonly #life: Life;
  readonly #staff: Staff;
  readonly #desks: ReadonlyMap<string, Desk>;
  readonly #all: readonly Desk[];
  readonly book: ConversationBook;
  #live = 0;

  constructor(life: Life, staff: Staff) {
    this.#life = life;
    this.book = new ConversationBook(life.conversationsKeptMax);
    this.#staff = staff;
    this.#all = life.world.queues.map((queue) => new Desk(queue, life));
    this.#desks = new Map(this.#all.map((desk) => [desk.queue.id, desk]));
    staff.onFree = (person, nowMs) => this.#serveNext(person, nowMs);
  }

  /** Conversations under way. */
  get conversations(): number {
    return this.#live;
  }

  countsNow(queueId: string, media: Media): CountsNow | undefined {
    return this.#desks.get(queueId)?.countsOf(media).now;
  }

  #within(meanMs: number): number {
    return Math.max(1, Math.round(this.#life.dice.exponential(meanMs)));
  }

  /** A whole new state goes to every queue concerned, in two shapes, and to the agents concerned. */
  #tellState(
    conversation: Conversation,
    queues: readonly Queue[],
    agents: readonly string[],
  ): void {
    const whole = once(() => JSON.stringify(conversationBody(conversation, this.#life.world)));
    const flat = once(() =>
      JSON.stringify(mediaBody(conversation, conversation.media, this.#life.world)),
    );
    for (const queue of queues) {
      const topic = `v2.routing.queues.${queue.id}.conversations`;
      this.#life.tell(topic, whole);
      this.#life.tell(`${topic}.${mediaPlural[conversation.media]}`, flat);
    }
    for (const userId of agents) this.#life.tell(`v2.users.${userId}.conversations`, whole);
  }

  #tellDetail(
    conversation: Conversation,
    participant: Participant,
    name: string,
    nowMs: number,
    further: object = {},
  ): void {
    this.#life.tell(`v2.detail.events.conversation.${conversation.id}.${name}`, () =>
      JSON.stringify({
        ...detailHead(conversation, participant, nowMs),
        ...detailSession(conversation, participant.sessions[0]),
        ...further,
      }),
    );
  }

  /** A customer comes. */
  arrive(nowMs: number): void {
    if (this.#live >= conversationsMax) return;
    this.#live += 1;
    const conversation = arrival(this.#life.dice, nowMs);
    this.book.add(conversation);
    const [customer] = conversation.participants;
    if (customer !== undefined)
      this.#tellDetail(conversation, customer, "customer.start", nowMs, {
        externalContactId: conversation.externalContactId,
      });
    this.#enqueue(conversation, this.#life.dice.pick(this.#all), nowMs, []);
  }

  #enqueue(
    conversation: Conversation,
    desk: Desk,
    nowMs: number,
    alsoTell: readonly { readonly queue: Queue; readonly userId: string }[],
  ): void {
    const { queue } = desk;
    const acd = join(conversation, this.#life.dice, nowMs, {
      purpose: "acd",
      name: queue.name,
      state: "connected",
      media: conversation.media,
      direction: "inbound",
      queue,
    });
    const counts = desk.countsOf(conversation.media);
    counts.offer(nowMs);
    const others = alsoTell.filter((other) => other.queue.id !== queue.id);
    this.#tellState(
      conversation,
      [queue, ...others.map((other) => other.queue)],
      alsoTell.map((other) => other.userId),
    );
    this.#tellDetail(conversation, acd, "acd.start", nowMs, {
      queueId: queue.id,
      routingPriority: 0,
    });
    this.#wait({ conversation, acd, desk, sinceMs: nowMs }, nowMs);
  }

  #wait(place: Place, nowMs: number): void {
    const { desk } = place;
    const person = this.#staff.ready(desk.queue.id);
    if (person !== undefined) return this.#alert(place, person, nowMs);
    const waiting: Waiting = {
      ...place,
      impatience: this.#life.deadlines.set(
        nowMs + this.#within(this.#life.pace.patienceMs),
        (dueMs) => this.#abandon(waiting, dueMs),
      ),
    };
    desk.add(waiting, nowMs);
  }

  #abandon(waiting: Waiting, nowMs: number): void {
    const { desk, conversation, acd } = waiting;
    desk.remove(waiting);
    desk.countsOf(conversation.media).add("tAbandon", nowMs - waiting.sinceMs, nowMs);
    const [customer] = conversation.participants;
    if (customer !== undefined) {
      leave(customer, nowMs, "peer");
      this.#tellDetail(conversation, customer, "customer.end", nowMs, {
        disconnectType: "PEER",
        interactingDurationMs: 0,
      });
    }
    leave(acd, nowMs, "peer");
    conversation.endMs = nowMs;
    this.#tellDetail(conversation, acd, "acd.end", nowMs, {
      queueId: desk.queue.id,
      disconnectType: "PEER",
      acdOutcome: "ABANDON",
      connectedDurationMs: nowMs - acd.startMs,
    });
    this.#tellState(conversation, [desk.queue], []);
    desk.observe(nowMs);
    this.#live -= 1;
  }

  #alert(place: Place, person: Person, nowMs: number): void {
    const { conversation, desk } = place;
    const counts = desk.countsOf(conversation.media);
    person.busy = true;
    counts.now.oAlerting += 1;
    const agent = join(conversation, this.#life.dice, nowMs, {
      purpose: "agent",
      name: person.agent.name,
      state: "alerting",
      media: conversation.media,
      direction: "inbound",
      userId: person.agent.id,
      queue: desk.queue,
    });
    this.#tellState(conversation, [desk.queue], [person.agent.id]);
    desk.observe(nowMs);
    if (this.#life.dice.chance(noAnswerChance)) {
      this.#life.deadlines.set(
        nowMs + Math.max(1, Math.round(this.#life.pace.noAnswerMs)),
        (dueMs) => this.#fail(place, person, agent, dueMs),
      );
    } else {
      this.#life.deadlines.set(nowMs + this.#within(this.#life.pace.alertMs), (dueMs) =>
        this.#answer(place, person, agent, dueMs),
      );
    }
  }

  /** Nobody picks up: back to the head of the queue, and the agent is not responding for a while. */
  #fail(place: Place, person: Person, agent: Participant, nowMs: number): void {
    const { conversation, desk } = place;
    const counts = desk.countsOf(conversation.media);
    counts.now.oAlerting -= 1;
    counts.add("tNotResponding", nowMs - agent.startMs, nowMs);
    leave(agent, nowMs, "transfer.noanswer");
    this.#tellState(conversation, [desk.queue], [person.agent.id]);
    this.#staff.setRouting(person, "NOT_RESPONDING", nowMs);
    this.#wait(place, nowMs);
    this.#life.deadlines.set(nowMs + this.#within(this.#life.pace.awayMs), (dueMs) =>
      this.#release(person, dueMs),
    );
  }

  #answer(place: Place, person: Person, agent: Participant, nowMs: number): void {
    const { conversation, desk, acd } = place;
    const counts = desk.countsOf(conversation.media);
    counts.now.oAlerting -= 1;
    counts.now.oInteracting += 1;
    counts.add("tAlert", nowMs - agent.startMs, nowMs);
    counts.add("tWait", nowMs - place.sinceMs, nowMs);
    counts.add("tAcd", nowMs - acd.startMs, nowMs);
    counts.answer(nowMs, nowMs - place.sinceMs);
    leave(acd, nowMs, "transfer");
    connect(agent.sessions[0], nowMs);
    this.#tellState(conversation, [desk.queue], [person.agent.id]);
    this.#tellDetail(conversation, acd, "acd.end", nowMs, {
      queueId: desk.queue.id,
      disconnectType: "TRANSFER",
      acdOutcome: "ANSWERED",
      answeredUserId: person.agent.id,
      usedRouting: "STANDARD",
      connectedDurationMs: nowMs - acd.startMs,
    });
    this.#tellDetail(conversation, agent, "user.start", nowMs, {
      userId: person.agent.id,
      queueId: desk.queue.id,
    });
    this.#staff.setRouting(person, "INTERACTING", nowMs);
    desk.observe(nowMs);
    const talkMs = this.#within(this.#life.pace.talkMs);
    const endsMs = nowMs + talkMs;
    this.#life.deadlines.set(endsMs, (dueMs) => this.#finish(place, person, agent, dueMs));
    if (!this.#life.dice.chance(holdChance)) return;
    const holdsMs = nowMs + Math.floor(talkMs * 0.2 + this.#life.dice.unit() * talkMs * 0.4);
    const holdMs = Math.min(
      this.#within(this.#life.pace.holdMs),
      Math.floor((endsMs - holdsMs) / 2),
    );
    if (holdMs < 1) return;
    const turn = (change: typeof hold) => (dueMs: number) => {
      change(agent.sessions[0], dueMs);
      this.#tellState(conversation, [desk.queue], [person.agent.id]);
    };
    this.#life.deadlines.set(holdsMs, turn(hold));
    this.#life.deadlines.set(holdsMs + holdMs, turn(unhold));
  }

  #finish(place: Place, person: Person, agent: Participant, nowMs: number): void {
    const { conversation, desk } = place;
    const counts = desk.countsOf(conversation.media);
    counts.now.oInteracting -= 1;
    const transferred = this.#life.dice.chance(transferChance);
    const customerEnds = this.#life.dice.chance(customerEndsChance);
    const how = transferred ? "transfer" : customerEnds ? "peer" : "client";
    leave(agent, nowMs, how);
    agent.startAcwMs = nowMs;
    this.#tellDetail(conversation, agent, "user.end", nowMs, {
      userId: person.agent.id,
      queueId: desk.queue.id,
      disconnectType: how.toUpperCase(),
      ...durations(agent.sessions[0]),
    });
    const [customer] = conversation.participants;
    if (transferred) {
      const next = this.#life.dice.pick(this.#all);
      this.#enqueue(conversation, next, nowMs, [{ queue: desk.queue, userId: person.agent.id }]);
    } else if (customer !== undefined) {
      leave(customer, nowMs, customerEnds ? "client" : "peer");
      conversation.endMs = nowMs;
      this.#tellDetail(conversation, customer, "customer.end", nowMs, {
        disconnectType: customerEnds ? "CLIENT" : "PEER",
        externalContactId: conversation.externalContactId,
        interactingDurationMs: nowMs - conversation.startMs,
      });
      this.#tellState(conversation, [desk.queue], [person.agent.id]);
    }
    desk.observe(nowMs);
    this.#life.deadlines.set(nowMs + this.#within(this.#life.pace.afterCallWorkMs), (dueMs) => {
      this.#wrapUp(place, person, agent, dueMs);
      if (!transferred) this.#live -= 1;
    });
  }

  #wrapUp(place: Place, person: Person, agent: Participant, nowMs: number): void {
    const { conversation, desk } = place;
    const startMs = agent.startAcwMs ?? nowMs;
    const code = this.#life.dice.pick(this.#life.world.wrapUpCodes).id;
    agent.endAcwMs = nowMs;
    agent.wrapup = {
      code,
      notes: undefined,
      durationSeconds: Math.round((nowMs - startMs) / 1000),
      endMs: nowMs,
    };
    desk.countsOf(conversation.media).add("tHandle", nowMs - agent.startMs, nowMs);
    this.#tellState(conversation, [desk.queue], [person.agent.id]);
    this.#tellDetail(conversation, agent, "wrapup", nowMs, {
      queueId: desk.queue.id,
      wrapupCode: code,
      wrapupDurationMs: nowMs - startMs,
    });
    this.#release(person, nowMs);
  }

  #release(person: Person, nowMs: number): void {
    person.busy = false;
    this.#staff.setRouting(person, "IDLE", nowMs);
    this.#staff.onFree(person, nowMs);
  }

  /** Who has waited longest among the queues that this agent has joined. */
  #serveNext(person: Person, nowMs: number): void {
    let longest: Waiting | undefined;
    for (const queueId of person.joined) {
      const first = this.#desks.get(queueId)?.first;
      if (first !== undefined && (longest === undefined || first.sinceMs < longest.sinceMs))
        longest = first;
    }
    if (longest === undefined) return;
    longest.desk.remove(longest);
    this.#alert(longest, person, nowMs);
  }
}

/** A body is written at most once, and only when asked for. */
function once(write: () => string): () => string {
  let text: string | undefined;
  return () => (text ??= write());
}
