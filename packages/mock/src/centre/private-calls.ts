/** Calls that agents make for themselves: the contact centre did not give them, and waits until they are over. */
import type { Announcer } from "./announcer.ts";
import { connect, join, leave, type Conversation } from "./conversation.ts";
import type { Floor } from "./floor.ts";
import { within, type Life } from "./life.ts";
import type { Person } from "./people.ts";
import { hasRoom, type Staff } from "./staff.ts";

const dialMs = 8000;
const talkMs = 90_000;

export function callPrivately(
  life: Life,
  announcer: Announcer,
  staff: Staff,
  floor: Floor,
  nowMs: number,
): void {
  const { dice, deadlines } = life;
  const person = staff.anybody((each) => each.parts.length === 0 && hasRoom(each, "call"));
  if (person === undefined) return;
  const conversation = outgoing(life, person, nowMs);
  if (!floor.admit(conversation)) return;
  const how = { state: "dialing", media: "call", direction: "outbound" } as const;
  const { id: userId, name } = person.agent;
  const user = join(conversation, dice, nowMs, { purpose: "user", name, userId, ...how });
  const external = join(conversation, dice, nowMs, {
    purpose: "external",
    name: "Indiana, USA",
    ...how,
  });
  const part = { conversation, participant: user };
  person.parts.push(part);
  announcer.state(conversation);
  staff.setRouting(person, "COMMUNICATING", nowMs);
  const answeredMs = nowMs + within(life, dialMs);
  deadlines.set(answeredMs, (dueMs) => {
    connect(user.sessions[0], dueMs);
    connect(external.sessions[0], dueMs);
    announcer.state(conversation);
    announcer.summary(person);
  });
  deadlines.set(answeredMs + within(life, talkMs), (dueMs) => {
    leave(user, dueMs, "client");
    leave(external, dueMs, "peer");
    conversation.endMs = dueMs;
    announcer.state(conversation, user);
    staff.release(person, part, dueMs);
    announcer.summary(person);
    floor.closeIfOver(conversation);
  });
}

function outgoing({ dice }: Life, { agent }: Person, nowMs: number): Conversation {
  return {
    id: dice.uuid(),
    media: "call",
    messageType: undefined,
    direction: "outbound",
    startMs: nowMs,
    endMs: undefined,
    ani: `tel:+1317${1_000_000 + dice.below(9_000_000)}`,
    dnis: `sip:${agent.id}@mock.example.com`,
    externalContactId: undefined,
    subject: undefined,
    callback: undefined,
    skills: [],
    language: undefined,
    priority: 0,
    relaxedMs: undefined,
    attributes: {},
    participants: [],
    exchanges: [],
    transfers: [],
  };
}
