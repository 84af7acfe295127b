/** Conversations through their life: from the customer's arrival to the agent's wrap-up. */
import type { Deadline, Deadlines } from "../cloud/deadlines.ts";
import type { Dice } from "../cloud/dice.ts";
import {
  conversationBody,
  detailBody,
  hold,
  join,
  leave,
  mediaBody,
  startConversation,
  unhold,
  type Conversation,
  type Media,
  type Participant,
} from "./conversation.ts";
import { QueueCounts } from "./observations.ts";
import type { Pace } from "./pace.ts";
import type { Person } from "./people.ts";
import type { Staff } from "./staff.ts";
import type { Queue, World } from "./world.ts";

export type Tell = (topic: string, bodyOf: () => string) => void;

/** What all parts of the centre share. */
export interface Life {
  readonly world: World;
  readonly dice: Dice;
  readonly deadlines: Deadlines;
  readonly pace: Pace;
  readonly tell: Tell;
  readonly startAtMs: number;
}

export interface Floor {
  readonly arrive: (nowMs: number) => void;
  readonly conversations: () => number;
}

interface Desk {
  readonly queue: Queue;
  readonly waiting: Waiting[];
  readonly counts: Readonly<Record<Media, QueueCounts>>;
  observedAtMs: number;
  observation: Deadline | undefined;
  observations: number;
}

interface Waiting {
  readonly conversation: Conversation;
  readonly acd: Participant;
  readonly desk: Desk;
  readonly sinceMs: number;
  impatience: Deadline;
}

const conversationsMax = 20_000;
const detailedShare = 0.1;
const noAnswerChance = 0.04;
const holdChance = 0.3;
const transferChance = 0.08;
const customerEndsChance = 0.6;

export function createFloor(life: Life, staff: Staff): Floor {
  const { world, dice, deadlines, pace, tell } = life;
  const desks = new Map<string, Desk>(
    world.queues.map((queue) => [
      queue.id,
      {
        queue,
        waiting: [],
        counts: { call: new QueueCounts(), message: new QueueCounts() },
        observedAtMs: Number.NEGATIVE_INFINITY,
        observation: undefined,
        observations: 0,
      },
    ]),
  );
  const busiest = [...desks.values()];
  let live = 0;

  const within = (meanMs: number): number => Math.max(1, Math.round(dice.exponential(meanMs)));

  /** A whole new state goes to every queue concerned, in two shapes, and to the agents concerned. */
  function tellState(
    conversation: Conversation,
    queues: readonly Queue[],
    agents: readonly string[],
  ): void {
    const whole = once(() => JSON.stringify(conversationBody(conversation, world)));
    const flat = once(() => JSON.stringify(mediaBody(conversation, world)));
    for (const queue of queues) {
      const topic = `v2.routing.queues.${queue.id}.conversations`;
      tell(topic, whole);
      tell(`${topic}.${conversation.media === "call" ? "calls" : "messages"}`, flat);
    }
    for (const userId of agents) tell(`v2.users.${userId}.conversations`, whole);
  }

  function tellDetail(
    conversation: Conversation,
    participant: Participant,
    name: string,
    nowMs: number,
    further: object = {},
  ): void {
    if (!conversation.detailed) return;
    tell(`v2.detail.events.conversation.${conversation.id}.${name}`, () =>
      JSON.stringify(detailBody(conversation, participant, nowMs, world, further)),
    );
  }

  /** Once a second and topic at most (reference 5): voice, messages and the half hour take turns. */
  function observe(desk: Desk, nowMs: number): void {
    if (desk.observation !== undefined) return;
    const atMs = Math.max(nowMs, Math.ceil(desk.observedAtMs + pace.observationMs));
    desk.observation = deadlines.set(atMs, (dueMs) => {
      desk.observation = undefined;
      desk.observedAtMs = dueMs;
      const { id } = desk.queue;
      const media: Media = desk.observations % 2 === 0 ? "call" : "message";
      const aggregate = desk.observations % 6 >= 4;
      desk.observations += 1;
      const counts = desk.counts[media];
      tell(`v2.analytics.queues.${id}.observations`, () =>
        JSON.stringify(
          aggregate
            ? counts.aggregateBody(id, media, dueMs)
            : counts.observationBody(id, media, dueMs),
        ),
      );
    });
  }

  function arrive(nowMs: number): void {
    if (live >= conversationsMax) return;
    live += 1;
    const conversation = startConversation(dice, nowMs, detailedShare);
    if (conversation.media === "message")
      conversation.messages.push({
        messageId: dice.uuid(),
        messageTime: new Date(nowMs).toISOString(),
      });
    const [customer] = conversation.participants;
    if (customer !== undefined)
      tellDetail(conversation, customer, "customer.start", nowMs, {
        externalContactId: conversation.externalContactId,
      });
    enqueue(conversation, dice.pick(busiest), nowMs, []);
  }

  function enqueue(
    conversation: Conversation,
    desk: Desk,
    nowMs: number,
    alsoTell: readonly { readonly queue: Queue; readonly userId: string }[],
  ): void {
    const { queue } = desk;
    const acd = join(conversation, dice, nowMs, {
      purpose: "acd",
      name: queue.name,
      initialState: "connected",
      queue,
    });
    const counts = desk.counts[conversation.media];
    counts.offer(nowMs);
    const others = alsoTell.filter((other) => other.queue.id !== queue.id);
    tellState(
      conversation,
      [queue, ...others.map((other) => other.queue)],
      alsoTell.map((other) => other.userId),
    );
    tellDetail(conversation, acd, "acd.start", nowMs, { queueId: queue.id, routingPriority: 0 });
    wait({ conversation, acd, desk, sinceMs: nowMs }, nowMs);
  }

  function wait(place: Omit<Waiting, "impatience">, nowMs: number): void {
    const { desk, conversation } = place;
    const person = staff.ready(desk.queue.id);
    if (person !== undefined) return alert(place, person, nowMs);
    desk.counts[conversation.media].now.oWaiting += 1;
    const waiting: Waiting = {
      ...place,
      impatience: deadlines.set(nowMs + within(pace.patienceMs), (dueMs) =>
        abandon(waiting, dueMs),
      ),
    };
    // Who comes back from an agent that did not answer has waited longest.
    const later = desk.waiting.findIndex((other) => other.sinceMs > place.sinceMs);
    desk.waiting.splice(later === -1 ? desk.waiting.length : later, 0, waiting);
    observe(desk, nowMs);
  }

  function abandon(waiting: Waiting, nowMs: number): void {
    const { desk, conversation, acd } = waiting;
    desk.waiting.splice(desk.waiting.indexOf(waiting), 1);
    const counts = desk.counts[conversation.media];
    counts.now.oWaiting -= 1;
    counts.add("tAbandon", nowMs - waiting.sinceMs, nowMs);
    const [customer] = conversation.participants;
    if (customer !== undefined) {
      leave(customer, nowMs, "peer");
      tellDetail(conversation, customer, "customer.end", nowMs, {
        disconnectType: "PEER",
        interactingDurationMs: 0,
      });
    }
    leave(acd, nowMs, "peer");
    tellDetail(conversation, acd, "acd.end", nowMs, {
      queueId: desk.queue.id,
      disconnectType: "PEER",
      acdOutcome: "ABANDON",
      connectedDurationMs: nowMs - acd.startMs,
    });
    tellState(conversation, [desk.queue], []);
    observe(desk, nowMs);
    live -= 1;
  }

  function alert(place: Omit<Waiting, "impatience">, person: Person, nowMs: number): void {
    const { conversation, desk } = place;
    const counts = desk.counts[conversation.media];
    person.busy = true;
    counts.now.oAlerting += 1;
    const agent = join(conversation, dice, nowMs, {
      purpose: "agent",
      name: person.agent.name,
      initialState: "alerting",
      userId: person.agent.id,
      queue: desk.queue,
    });
    tellState(conversation, [desk.queue], [person.agent.id]);
    observe(desk, nowMs);
    if (dice.chance(noAnswerChance)) {
      deadlines.set(nowMs + Math.max(1, Math.round(pace.noAnswerMs)), (dueMs) =>
        fail(place, person, agent, dueMs),
      );
    } else {
      deadlines.set(nowMs + within(pace.alertMs), (dueMs) => answer(place, person, agent, dueMs));
    }
  }

  /** Nobody picks up: back to the head of the queue, and the agent is not responding for a while. */
  function fail(
    place: Omit<Waiting, "impatience">,
    person: Person,
    agent: Participant,
    nowMs: number,
  ): void {
    const { conversation, desk } = place;
    const counts = desk.counts[conversation.media];
    counts.now.oAlerting -= 1;
    counts.add("tNotResponding", nowMs - agent.startMs, nowMs);
    leave(agent, nowMs, "transfer.noanswer");
    tellState(conversation, [desk.queue], [person.agent.id]);
    staff.setRouting(person, "NOT_RESPONDING", nowMs);
    wait(place, nowMs);
    deadlines.set(nowMs + within(pace.awayMs), (dueMs) => release(person, dueMs));
  }

  function answer(
    place: Omit<Waiting, "impatience">,
    person: Person,
    agent: Participant,
    nowMs: number,
  ): void {
    const { conversation, desk, acd } = place;
    const counts = desk.counts[conversation.media];
    counts.now.oAlerting -= 1;
    counts.now.oInteracting += 1;
    counts.add("tAlert", nowMs - agent.startMs, nowMs);
    counts.add("tWait", nowMs - place.sinceMs, nowMs);
    counts.add("tAcd", nowMs - acd.startMs, nowMs);
    counts.answer(nowMs, nowMs - place.sinceMs);
    leave(acd, nowMs, "transfer");
    agent.state = "connected";
    agent.connectedMs = nowMs;
    agent.connectedTime = new Date(nowMs).toISOString();
    tellState(conversation, [desk.queue], [person.agent.id]);
    tellDetail(conversation, acd, "acd.end", nowMs, {
      queueId: desk.queue.id,
      disconnectType: "TRANSFER",
      acdOutcome: "ANSWERED",
      answeredUserId: person.agent.id,
      usedRouting: "STANDARD",
      connectedDurationMs: nowMs - acd.startMs,
    });
    tellDetail(conversation, agent, "user.start", nowMs, {
      userId: person.agent.id,
      queueId: desk.queue.id,
    });
    staff.setRouting(person, "INTERACTING", nowMs);
    observe(desk, nowMs);
    const talkMs = within(pace.talkMs);
    const endsMs = nowMs + talkMs;
    deadlines.set(endsMs, (dueMs) => finish(place, person, agent, dueMs));
    if (!dice.chance(holdChance)) return;
    const holdsMs = nowMs + Math.floor(talkMs * 0.2 + dice.unit() * talkMs * 0.4);
    const holdMs = Math.min(within(pace.holdMs), Math.floor((endsMs - holdsMs) / 2));
    if (holdMs < 1) return;
    const turn = (change: typeof hold) => (dueMs: number) => {
      change(agent, dueMs);
      tellState(conversation, [desk.queue], [person.agent.id]);
    };
    deadlines.set(holdsMs, turn(hold));
    deadlines.set(holdsMs + holdMs, turn(unhold));
  }

  function finish(
    place: Omit<Waiting, "impatience">,
    person: Person,
    agent: Participant,
    nowMs: number,
  ): void {
    const { conversation, desk } = place;
    const counts = desk.counts[conversation.media];
    counts.now.oInteracting -= 1;
    const transferred = dice.chance(transferChance);
    const customerEnds = dice.chance(customerEndsChance);
    const how = transferred ? "transfer" : customerEnds ? "peer" : "client";
    leave(agent, nowMs, how);
    agent.startAcwMs = nowMs;
    agent.startAcwTime = new Date(nowMs).toISOString();
    tellDetail(conversation, agent, "user.end", nowMs, {
      userId: person.agent.id,
      queueId: desk.queue.id,
      disconnectType: how.toUpperCase(),
      interactingDurationMs: nowMs - (agent.connectedMs ?? nowMs) - agent.heldMs,
      heldDurationMs: agent.heldMs,
      alertingDurationMs: (agent.connectedMs ?? nowMs) - agent.startMs,
    });
    const [customer] = conversation.participants;
    if (transferred) {
      const next = dice.pick(busiest);
      enqueue(conversation, next, nowMs, [{ queue: desk.queue, userId: person.agent.id }]);
    } else if (customer !== undefined) {
      leave(customer, nowMs, customerEnds ? "client" : "peer");
      tellDetail(conversation, customer, "customer.end", nowMs, {
        disconnectType: customerEnds ? "CLIENT" : "PEER",
        externalContactId: conversation.externalContactId,
        interactingDurationMs: nowMs - conversation.startMs,
      });
      tellState(conversation, [desk.queue], [person.agent.id]);
    }
    observe(desk, nowMs);
    deadlines.set(nowMs + within(pace.afterCallWorkMs), (dueMs) => {
      wrapUp(place, person, agent, dueMs);
      if (!transferred) live -= 1;
    });
  }

  function wrapUp(
    place: Omit<Waiting, "impatience">,
    person: Person,
    agent: Participant,
    nowMs: number,
  ): void {
    const { conversation, desk } = place;
    const startMs = agent.startAcwMs ?? nowMs;
    const endTime = new Date(nowMs).toISOString();
    const code = dice.pick(world.wrapUpCodeIds);
    agent.endAcwTime = endTime;
    agent.wrapup = { code, durationSeconds: Math.round((nowMs - startMs) / 1000), endTime };
    desk.counts[conversation.media].add("tHandle", nowMs - agent.startMs, nowMs);
    tellState(conversation, [desk.queue], [person.agent.id]);
    tellDetail(conversation, agent, "wrapup", nowMs, {
      queueId: desk.queue.id,
      wrapupCode: code,
      wrapupDurationMs: nowMs - startMs,
    });
    release(person, nowMs);
  }

  function release(person: Person, nowMs: number): void {
    person.busy = false;
    staff.setRouting(person, "IDLE", nowMs);
    staff.onFree(person, nowMs);
  }

  /** Who has waited longest among the queues that this agent has joined. */
  staff.onFree = (person, nowMs) => {
    let longest: Waiting | undefined;
    for (const queueId of person.joined) {
      const first = desks.get(queueId)?.waiting[0];
      if (first !== undefined && (longest === undefined || first.sinceMs < longest.sinceMs))
        longest = first;
    }
    if (longest === undefined) return;
    deadlines.cancel(longest.impatience);
    longest.desk.waiting.shift();
    longest.desk.counts[longest.conversation.media].now.oWaiting -= 1;
    alert(longest, person, nowMs);
  };

  return { arrive, conversations: () => live };
}

/** A body is written at most once, and only when asked for. */
function once(write: () => string): () => string {
  let text: string | undefined;
  return () => (text ??= write());
}
