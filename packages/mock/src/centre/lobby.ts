/** Customers before they reach a queue: callers listen to a menu, callbacks wait for their time. */
import type { Announcer } from "./announcer.ts";
import { arrival } from "./arrivals.ts";
import { connect, join, leave, type Conversation, type Participant } from "./conversation.ts";
import { detailDisconnect } from "./detail-bodies.ts";
import type { Desk } from "./desk.ts";
import type { Floor } from "./floor.ts";
import { within, type Life } from "./life.ts";
import type { Flow } from "./world.ts";

const menuMs = 25_000;
const callbackAfterMs = 600_000;
const hangsUpInMenu = 0.05;
const hasOutcome = 0.5;
const isRecognised = 0.15;

/** A customer comes to this desk. */
export function arrive(
  life: Life,
  announcer: Announcer,
  floor: Floor,
  desk: Desk,
  nowMs: number,
): void {
  const { dice, world } = life;
  const conversation = arrival(dice, world, desk.queue, nowMs, () => within(life, callbackAfterMs));
  if (!floor.admit(conversation)) return;
  const [customer] = conversation.participants;
  if (customer === undefined) return;
  announcer.detail("customer.start", conversation, customer, nowMs, () => ({
    externalContactId: conversation.externalContactId,
    divisionId: desk.queue.divisionId,
  }));
  switch (conversation.media) {
    case "call":
      return listen(life, announcer, floor, { conversation, customer, desk }, nowMs);
    case "callback":
      return schedule(life, announcer, floor, { conversation, customer, desk }, nowMs);
    case "chat":
    case "email":
    case "message":
      conversation.exchanges.push({ id: dice.uuid(), atMs: nowMs, from: "customer" });
      announcer.attributes(conversation, customer, nowMs);
      return floor.enqueue(conversation, desk, nowMs);
    default:
      conversation.media satisfies never;
  }
}

interface Visit {
  readonly conversation: Conversation;
  readonly customer: Participant;
  readonly desk: Desk;
}

function listen(life: Life, announcer: Announcer, floor: Floor, visit: Visit, nowMs: number): void {
  const { conversation, customer, desk } = visit;
  const { dice, world, deadlines } = life;
  const { flow } = world;
  const ivr = join(conversation, dice, nowMs, {
    purpose: "ivr",
    name: flow.name,
    state: "connected",
    media: "call",
    direction: "inbound",
    flow,
  });
  announcer.detail("flow.start", conversation, ivr, nowMs, () => flowFields(flow));
  const hangsUp = dice.chance(hangsUpInMenu);
  deadlines.set(nowMs + within(life, menuMs), (dueMs) => {
    if (hangsUp) {
      leave(customer, dueMs, "endpoint");
      leave(ivr, dueMs, "peer");
      endOfFlow(announcer, conversation, ivr, dueMs, { exitReason: "DISCONNECT" });
      return floor.customerLeft(conversation, dueMs);
    }
    if (dice.chance(hasOutcome))
      announcer.detail("flow.outcome", conversation, ivr, dueMs, () => ({
        ...flowFields(flow),
        flowOutcomeId: flow.outcome.id,
        flowOutcomeStartTime: nowMs,
        flowOutcomeEndTime: dueMs,
        flowOutcomeValue: "SUCCESS",
        flowMilestones: [],
      }));
    leave(ivr, dueMs, "transfer");
    announcer.attributes(conversation, customer, dueMs);
    endOfFlow(announcer, conversation, ivr, dueMs, { exitReason: "TRANSFER", transferType: "ACD" });
    if (dice.chance(isRecognised))
      announcer.detail("contact", conversation, customer, dueMs, () => ({
        externalContactId: conversation.externalContactId,
        divisionId: desk.queue.divisionId,
      }));
    floor.enqueue(conversation, desk, dueMs);
  });
}

function endOfFlow(
  announcer: Announcer,
  conversation: Conversation,
  ivr: Participant,
  nowMs: number,
  how: { readonly exitReason: string; readonly transferType?: string },
): void {
  const { flow, startMs, sessions } = ivr;
  const { disconnectType } = sessions[0];
  if (flow === undefined || disconnectType === undefined) return;
  announcer.detail("flow.end", conversation, ivr, nowMs, () => ({
    ...flowFields(flow),
    disconnectType: detailDisconnect[disconnectType],
    connectedDurationMs: nowMs - startMs,
    ...how,
  }));
}

function flowFields({ id, divisionId, version }: Flow): object {
  return { flowType: "INBOUNDCALL", flowId: id, flowVersion: version, divisionId };
}

/** The queue knows of a callback from the start, and offers it when its time has come. */
function schedule(
  life: Life,
  announcer: Announcer,
  floor: Floor,
  visit: Visit,
  nowMs: number,
): void {
  const { conversation, customer, desk } = visit;
  const acd = floor.joinQueue(conversation, desk, "scheduled", nowMs);
  announcer.attributes(conversation, customer, nowMs);
  announcer.state(conversation);
  life.deadlines.set(conversation.callback?.scheduledMs ?? nowMs, (dueMs) => {
    connect(customer.sessions[0], dueMs);
    connect(acd.sessions[0], dueMs);
    floor.offer(conversation, acd, desk, dueMs);
  });
}
