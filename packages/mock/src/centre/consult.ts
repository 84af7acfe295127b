/** An agent asks another one while the customer is on hold, and then hands over or goes on. */
import { connect, hold, join, leave, unhold } from "./conversation.ts";
import { within } from "./life.ts";
import type { Leg } from "./floor.ts";
import { isOver, type Ports, type Serving, type Talk } from "./talk.ts";
import { hasRoom } from "./staff.ts";

const alertMs = 8000;
const consultMs = 45_000;
const handsOver = 0.5;

/** At that instant, if somebody is there to be asked. */
export function consult(ports: Ports, service: Serving, talk: Talk, atMs: number): void {
  const { life, announcer, staff } = ports;
  const { conversation, desk, agent, session, person: asking } = talk;
  const { dice, deadlines } = life;
  deadlines.set(atMs, (nowMs) => {
    const person = isOver(talk)
      ? undefined
      : staff.anybody((other) => other !== asking && hasRoom(other, "call"));
    if (person === undefined) return;
    const toQueue = dice.chance(handsOver);
    const leftMs = talk.end.atMs - nowMs;
    deadlines.cancel(talk.end);
    hold(session, nowMs);
    // Only who may take over is asked on behalf of the queue, and wraps up for it.
    const asked = join(conversation, dice, nowMs, {
      purpose: "agent",
      name: person.agent.name,
      state: "alerting",
      media: "call",
      direction: "inbound",
      userId: person.agent.id,
      ...(toQueue ? { queue: desk.queue } : {}),
      consultParticipantId: agent.id,
    });
    const part = { conversation, participant: asked };
    const leg: Leg = { conversation, desk, person, agent: asked, part };
    person.parts.push(part);
    announcer.state(conversation);
    announcer.agentState(conversation, agent, "HOLD", nowMs, session);
    announcer.agentState(conversation, asked, "ALERT", nowMs);
    const answeredMs = nowMs + within(life, alertMs);
    deadlines.set(answeredMs, (dueMs) => {
      connect(asked.sessions[0], dueMs);
      announcer.state(conversation);
      ports.floor.begin(leg, dueMs);
    });
    deadlines.set(answeredMs + within(life, consultMs), (dueMs) => {
      if (toQueue) handOver(ports, service, talk, leg, dueMs);
      else goOn(ports, talk, leg, dueMs, leftMs);
    });
  });
}

function handOver(ports: Ports, service: Serving, talk: Talk, leg: Leg, nowMs: number): void {
  const { life, announcer } = ports;
  const { conversation, desk, agent } = talk;
  desk.countsOf("call").now.oInteracting += 1;
  conversation.transfers.push({
    id: life.dice.uuid(),
    atMs: nowMs,
    byUserId: talk.person.agent.id,
    toUserId: leg.person.agent.id,
    toQueueId: undefined,
    transferType: "attended",
  });
  service.depart(talk, talk.session, "transfer.consult", nowMs);
  announcer.state(conversation, agent);
  service.talk(leg, leg.agent.sessions[0], nowMs);
}

function goOn(ports: Ports, talk: Talk, leg: Leg, nowMs: number, leftMs: number): void {
  const { life, announcer, floor, staff } = ports;
  const { conversation, agent, session } = talk;
  unhold(session, nowMs);
  leave(leg.agent, nowMs, "client");
  announcer.state(conversation, leg.agent);
  announcer.agentState(conversation, agent, "INTERACT", nowMs, session);
  announcer.agentState(conversation, leg.agent, "TERMINATED", nowMs);
  floor.userEnd(leg, nowMs);
  staff.release(leg.person, leg.part, nowMs);
  announcer.summary(leg.person);
  life.deadlines.move(talk.end, nowMs + leftMs);
}
