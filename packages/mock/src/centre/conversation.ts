/**
 * One conversation and the bodies that tell of it: whole states, never deltas (GENESYS.md 7). Times are ISO
 * strings and enums lower-case on conversation topics, epoch milliseconds and UPPER_CASE in detail events.
 */
import type { Dice } from "../cloud/dice.ts";
import { firstNames, lastNames } from "./names.ts";
import type { Queue, World } from "./world.ts";

export type Media = "call" | "message";

export interface Participant {
  readonly id: string;
  /** Of the participant's call or message: what detail events call the session. */
  readonly communicationId: string;
  readonly purpose: "customer" | "acd" | "agent";
  readonly name: string;
  readonly userId?: string;
  readonly queue?: Queue;
  readonly startMs: number;
  readonly startTime: string;
  readonly initialState: "alerting" | "connected";
  state: "alerting" | "connected" | "disconnected";
  connectedMs?: number;
  connectedTime?: string;
  endMs?: number;
  endTime?: string;
  disconnectType?: string;
  held: boolean;
  heldMs: number;
  /** In order; the last has no end while it lasts. */
  readonly holds: { readonly startMs: number; endMs?: number }[];
  startHoldTime?: string;
  startAcwMs?: number;
  endAcwMs?: number;
  startAcwTime?: string;
  endAcwTime?: string;
  wrapup?: { readonly code: string; readonly durationSeconds: number; readonly endTime: string };
}

export interface Conversation {
  readonly id: string;
  readonly media: Media;
  readonly messageType: "webmessaging" | "whatsapp" | "sms";
  /** Whether it has detail events: few have. */
  readonly detailed: boolean;
  readonly startMs: number;
  /** When everybody had left; after-call work may go on. */
  endMs?: number;
  /** The customer's address, and the one that was called or written to. */
  readonly ani: string;
  readonly dnis: string;
  readonly externalContactId: string;
  readonly participants: Participant[];
  readonly messages: { readonly messageId: string; readonly messageTime: string }[];
}

/** The customer arrives; who it is comes from the dice. */
export function startConversation(dice: Dice, nowMs: number, detailedShare: number): Conversation {
  const media: Media = dice.chance(0.65) ? "call" : "message";
  const messageType = dice.pick(["webmessaging", "whatsapp", "sms"] as const);
  const digits = String(1_000_000 + dice.below(9_000_000));
  const phone = `+1317${digits}`;
  const byPhone = media === "call" || messageType !== "webmessaging";
  const conversation: Conversation = {
    id: dice.uuid(),
    media,
    messageType,
    detailed: dice.chance(detailedShare),
    startMs: nowMs,
    ani: byPhone ? (media === "call" ? `tel:${phone}` : phone) : dice.uuid(),
    dnis: media === "call" ? "tel:+13175550100" : "+13175550101",
    externalContactId: dice.uuid(),
    participants: [],
    messages: [],
  };
  join(conversation, dice, nowMs, {
    purpose: "customer",
    name: `${dice.pick(firstNames)} ${dice.pick(lastNames)}`,
    initialState: "connected",
  });
  return conversation;
}

/** Somebody or a queue joins. */
export function join(
  conversation: Conversation,
  dice: Dice,
  nowMs: number,
  who: Pick<Participant, "purpose" | "name" | "initialState"> & {
    readonly userId?: string;
    readonly queue?: Queue;
  },
): Participant {
  const startTime = new Date(nowMs).toISOString();
  const connected = who.initialState === "connected";
  const participant: Participant = {
    id: dice.uuid(),
    communicationId: dice.uuid(),
    ...who,
    startMs: nowMs,
    startTime,
    state: who.initialState,
    ...(connected ? { connectedMs: nowMs, connectedTime: startTime } : {}),
    held: false,
    heldMs: 0,
    holds: [],
  };
  conversation.participants.push(participant);
  return participant;
}

/** Nobody is left. */
export function end(conversation: Conversation, nowMs: number): void {
  conversation.endMs = nowMs;
}

export function leave(participant: Participant, nowMs: number, disconnectType: string): void {
  if (participant.state === "disconnected") return;
  if (participant.held) unhold(participant, nowMs);
  participant.state = "disconnected";
  participant.endMs = nowMs;
  participant.endTime = new Date(nowMs).toISOString();
  participant.disconnectType = disconnectType;
}

export function hold(participant: Participant, nowMs: number): void {
  participant.held = true;
  participant.holds.push({ startMs: nowMs });
  participant.startHoldTime = new Date(nowMs).toISOString();
}

export function unhold(participant: Participant, nowMs: number): void {
  participant.held = false;
  const hold = participant.holds.at(-1);
  if (hold !== undefined) hold.endMs = nowMs;
  participant.heldMs += nowMs - (hold?.startMs ?? nowMs);
  delete participant.startHoldTime;
}

const provider = { call: "Edge", message: "PureCloud Messaging" } as const;

/** Body of `v2.routing.queues.{id}.conversations` and `v2.users.{id}.conversations`. */
export function conversationBody(conversation: Conversation, world: World): object {
  return {
    id: conversation.id,
    participants: conversation.participants.map((participant) =>
      participantBody(conversation, participant),
    ),
    divisions: divisions(world),
  };
}

function divisions(world: World): object[] {
  return [
    {
      division: {
        id: world.divisionId,
        selfUri: `/api/v2/authorization/divisions/${world.divisionId}`,
      },
      entities: [],
    },
  ];
}

function participantBody(conversation: Conversation, participant: Participant): object {
  const { purpose, queue } = participant;
  const communication = communicationBody(conversation, participant);
  return {
    id: participant.id,
    connectedTime: participant.connectedTime,
    endTime: participant.endTime,
    userId: participant.userId,
    ...(purpose === "customer" && { externalContactId: conversation.externalContactId }),
    name: participant.name,
    queueId: queue?.id,
    purpose,
    address: purpose === "customer" ? conversation.ani : undefined,
    wrapupRequired: purpose === "agent",
    wrapupExpected: purpose === "agent",
    ...(purpose === "agent" && { wrapupPrompt: "mandatory", alertingTimeoutMs: 20_000 }),
    wrapup: participant.wrapup,
    startAcwTime: participant.startAcwTime,
    endAcwTime: participant.endAcwTime,
    conversationRoutingData: routingData(queue),
    attributes: {},
    ...(conversation.media === "call" ? { calls: [communication] } : { messages: [communication] }),
  };
}

function routingData(queue: Queue | undefined): object | undefined {
  if (queue === undefined) return undefined;
  return { queue: { id: queue.id, name: queue.name }, priority: 0, skills: [], scoredAgents: [] };
}

function communicationBody(conversation: Conversation, participant: Participant): object {
  const common = {
    id: participant.communicationId,
    state: participant.state,
    initialState: participant.initialState,
    direction: "inbound",
    held: participant.held,
    disconnectType: participant.disconnectType,
    startHoldTime: participant.startHoldTime,
    provider: provider[conversation.media],
    connectedTime: participant.connectedTime,
    disconnectedTime: participant.endTime,
    wrapup: participant.wrapup,
    ...(participant.purpose === "agent" && {
      afterCallWork: afterCallWork(participant),
      afterCallWorkRequired: true,
    }),
  };
  const outside = address(conversation.ani);
  const inside = address(conversation.dnis);
  if (conversation.media === "call")
    return {
      ...common,
      recording: false,
      recordingState: "none",
      muted: false,
      confined: false,
      securePause: false,
      self: participant.purpose === "customer" ? outside : inside,
      other: participant.purpose === "customer" ? inside : outside,
    };
  return {
    ...common,
    toAddress: inside,
    fromAddress: outside,
    type: conversation.messageType,
    messages: conversation.messages.map((message) => ({ ...message, messageStatus: "received" })),
  };
}

function afterCallWork(participant: Participant): object {
  if (participant.startAcwTime === undefined) return { state: "pending" };
  return participant.endAcwTime === undefined
    ? { state: "pending", startTime: participant.startAcwTime }
    : { state: "complete", startTime: participant.startAcwTime, endTime: participant.endAcwTime };
}

function address(raw: string): object {
  return { addressNormalized: raw, addressRaw: raw, addressDisplayable: raw };
}

/** Body of `v2.routing.queues.{id}.conversations.calls` and `.messages`: flat participants with one state. */
export function mediaBody(conversation: Conversation, world: World): object {
  return {
    id: conversation.id,
    participants: conversation.participants.map((participant) =>
      mediaParticipant(conversation, participant),
    ),
    otherMediaUris: [],
    divisions: divisions(world),
    ...(conversation.media === "call" && { recordingState: "none" }),
  };
}

function mediaParticipant(conversation: Conversation, participant: Participant): object {
  const { queue, userId, purpose } = participant;
  return {
    id: participant.id,
    name: participant.name,
    address: purpose === "customer" ? conversation.ani : undefined,
    startTime: participant.startTime,
    connectedTime: participant.connectedTime,
    endTime: participant.endTime,
    startHoldTime: participant.startHoldTime,
    purpose,
    state: participant.state,
    initialState: participant.initialState,
    direction: "inbound",
    disconnectType: participant.disconnectType,
    held: participant.held,
    wrapupRequired: purpose === "agent",
    user: userId === undefined ? undefined : { id: userId, name: participant.name },
    queue: queue === undefined ? undefined : { id: queue.id, name: queue.name },
    attributes: {},
    provider: provider[conversation.media],
    wrapup: participant.wrapup,
    conversationRoutingData: routingData(queue),
    startAcwTime: participant.startAcwTime,
    endAcwTime: participant.endAcwTime,
    ...(conversation.media === "call"
      ? {
          muted: false,
          confined: false,
          recording: false,
          recordingState: "none",
          securePause: false,
          ani: conversation.ani,
          dnis: conversation.dnis,
        }
      : {
          toAddress: address(conversation.dnis),
          fromAddress: address(conversation.ani),
          type: conversation.messageType,
          messages: conversation.messages,
        }),
  };
}

/** What all 16 detail events share, and most of what they carry besides. */
export function detailBody(
  conversation: Conversation,
  participant: Participant,
  nowMs: number,
  world: World,
  further: object,
): object {
  return {
    eventTime: nowMs,
    conversationId: conversation.id,
    participantId: participant.id,
    conversationExternalContactIds: [conversation.externalContactId],
    sessionId: participant.communicationId,
    mediaType: conversation.media === "call" ? "VOICE" : "MESSAGE",
    provider: provider[conversation.media],
    direction: "INBOUND",
    ani: conversation.ani,
    dnis: conversation.dnis,
    ...(conversation.media === "message" && {
      messageType: conversation.messageType.toUpperCase(),
    }),
    divisionId: world.divisionId,
    ...further,
  };
}
