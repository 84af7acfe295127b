/** A callback that an agent has accepted: the customer's number is dialled, and is answered or not. */
import { connect, contact, createSession } from "./conversation.ts";
import type { Leg } from "./floor.ts";
import { within } from "./life.ts";
import { isOver, type Ports, type Serving } from "./talk.ts";

const beforeDiallingMs = 6000;
const dialMs = 2000;
const ringMs = 9000;
const unreachedChance = 0.15;

export function dial(ports: Ports, service: Serving, leg: Leg, nowMs: number): void {
  const { life, announcer } = ports;
  const { conversation, agent } = leg;
  const { dice, deadlines } = life;
  const [customer] = conversation.participants;
  if (customer === undefined) return;
  const dialsMs = nowMs + within(life, beforeDiallingMs);
  const ringsMs = dialsMs + within(life, dialMs);
  const isUnreached = dice.chance(unreachedChance);
  deadlines.set(dialsMs, (dueMs) => {
    const how = { state: "dialing", media: "call", direction: "outbound" } as const;
    const own = createSession(dice, dueMs, how);
    const other = createSession(dice, dueMs, how);
    agent.sessions.push(own);
    customer.sessions.push(other);
    announcer.state(conversation);
    announcer.agentState(conversation, agent, "DIALING", dueMs, own);
    deadlines.set(ringsMs, (ringingMs) => {
      contact(own, ringingMs);
      contact(other, ringingMs);
      announcer.state(conversation);
      announcer.agentState(conversation, agent, "CONTACTING", ringingMs, own);
    });
    deadlines.set(ringsMs + within(life, ringMs), (answeredMs) => {
      if (isOver(leg)) return;
      if (isUnreached) return service.unreached(leg, own, answeredMs);
      connect(own, answeredMs);
      connect(other, answeredMs);
      announcer.state(conversation);
      announcer.agentState(conversation, agent, "INTERACT", answeredMs, own);
      service.talk(leg, own, answeredMs);
    });
  });
}
