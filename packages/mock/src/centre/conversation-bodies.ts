/**
 * Bodies of conversation topics: whole states, never deltas; ISO times and lower-case enums (GENESYS.md 7).
 */
import {
  currentHold,
  wantedLanguage,
  wantedSkills,
  type Conversation,
  type Exchange,
  type Participant,
  type Session,
  type Transfer,
  type Wrapup,
} from "./conversation.ts";
import { isoTime } from "./instants.ts";
import { mediaPlural, provider, type Media } from "./media.ts";
import {
  alertingTimeoutMs,
  wrapupTimeoutMs,
  type NamedEntity,
  type Queue,
  type World,
} from "./world.ts";

/** `v2.routing.queues.{id}.conversations` and `v2.users.{id}.conversations`. */
export function conversationBody(conversation: Conversation, world: World): object {
  return {
    id: conversation.id,
    participants: conversation.participants.map((participant) =>
      participantBody(conversation, participant),
    ),
    recentTransfers: conversation.transfers.map((transfer) => transferBody(transfer)),
    recordingState: recordingState(conversation),
    divisions: divisions(conversation, world),
  };
}

function transferBody(transfer: Transfer): object {
  const { id, atMs, byUserId, toUserId, toQueueId, transferType } = transfer;
  return {
    id,
    state: "complete",
    dateIssued: isoTime(atMs),
    initiator: { userId: byUserId },
    modifiedBy: { id: byUserId, selfUri: `/api/v2/users/${byUserId}` },
    destination: { userId: toUserId, address: toUserId === undefined ? toQueueId : undefined },
    transferType,
  };
}

function participantBody(conversation: Conversation, participant: Participant): object {
  const [first] = participant.sessions;
  const isCustomer = participant.purpose === "customer";
  return {
    id: participant.id,
    connectedTime: isoTime(first.connectedMs),
    endTime: isoTime(participant.endMs),
    userId: participant.userId,
    externalContactId: isCustomer ? conversation.externalContactId : undefined,
    name: participant.name,
    queueId: (isCustomer ? lastQueue(conversation) : participant.queue)?.id,
    purpose: participant.purpose,
    consultParticipantId: participant.consultParticipantId,
    address: isCustomer ? conversation.ani : undefined,
    wrapupRequired: wrapsUp(participant),
    wrapupExpected: wrapsUp(participant),
    ...wrapupFields(participant),
    wrapup: wrapupBody(participant.wrapup),
    conversationRoutingData: routingData(conversation, participant.queue),
    attributes: isCustomer ? conversation.attributes : {},
    ...sessionBodies(conversation, participant),
  };
}

function wrapsUp({ purpose, queue }: Participant): boolean {
  return purpose === "agent" && queue !== undefined;
}

function wrapupFields(participant: Participant): object | undefined {
  const { queue } = participant;
  if (participant.purpose !== "agent") return undefined;
  return {
    alertingTimeoutMs,
    wrapupPrompt: queue?.wrapupPrompt,
    wrapupTimeoutMs: queue?.wrapupPrompt === "timeout" ? wrapupTimeoutMs : undefined,
    startAcwTime: isoTime(participant.startAcwMs),
    endAcwTime: isoTime(participant.endAcwMs),
  };
}

function sessionBodies(conversation: Conversation, participant: Participant): object {
  const arrays: Record<string, object[]> = {};
  for (const session of participant.sessions)
    (arrays[mediaPlural[session.media]] ??= []).push(
      sessionBody(conversation, participant, session),
    );
  return arrays;
}

function sessionBody(
  conversation: Conversation,
  participant: Participant,
  session: Session,
): object {
  return {
    id: session.id,
    state: session.state,
    initialState: session.initialState,
    // Chats know no direction.
    direction: session.media === "chat" ? undefined : session.direction,
    held: currentHold(session) !== undefined,
    disconnectType: session.disconnectType,
    startHoldTime: isoTime(currentHold(session)?.startMs),
    provider: provider[session.media],
    connectedTime: isoTime(session.connectedMs),
    disconnectedTime: isoTime(session.endMs),
    ...mediaFields(conversation, participant, session),
    wrapup: wrapupBody(participant.wrapup),
    ...(wrapsUp(participant) && {
      afterCallWork: afterCallWork(participant),
      afterCallWorkRequired: true,
    }),
  };
}

function mediaFields(
  conversation: Conversation,
  participant: Participant,
  session: Session,
): object {
  const { ani, dnis, exchanges } = conversation;
  switch (session.media) {
    case "call": {
      const isOutside = participant.purpose === "customer" || participant.purpose === "external";
      return {
        ...recording(participant, session),
        muted: false,
        confined: false,
        securePause: false,
        self: address(isOutside ? ani : dnis),
        other: address(isOutside ? dnis : ani),
      };
    }
    case "callback":
      return { ...callbackFields(conversation), externalCampaign: false, skipEnabled: true };
    case "chat":
      return { roomId: roomId(conversation) };
    case "email":
      return { ...emailFields(conversation), autoGenerated: false };
    case "message":
      return {
        toAddress: address(dnis),
        fromAddress: address(ani),
        type: conversation.messageType,
        messages: exchanges.map((exchange) => messageDetails(exchange)),
      };
    default:
      return session.media satisfies never;
  }
}

/** Agents' calls are recorded while they last. */
function recording(
  { purpose }: Participant,
  { state }: Session,
): { readonly recording: boolean; readonly recordingState: "active" | "none" } {
  const active = purpose === "agent" && state === "connected";
  return { recording: active, recordingState: active ? "active" : "none" };
}

function recordingState({ participants }: Conversation): "active" | "none" {
  const active = participants.some((participant) =>
    participant.sessions.some(
      (session) => session.media === "call" && recording(participant, session).recording,
    ),
  );
  return active ? "active" : "none";
}

function callbackFields({ callback }: Conversation): object {
  return {
    callbackNumbers: callback === undefined ? undefined : [callback.number],
    callbackUserName: callback?.userName,
    callbackScheduledTime: isoTime(callback?.scheduledMs),
    timeoutSeconds: 30,
  };
}

function emailFields({ subject, exchanges }: Conversation): object {
  return {
    subject,
    messagesSent: exchanges.filter(({ from }) => from === "agent").length,
    messageId: exchanges.at(-1)?.id,
    spam: false,
    draftAttachments: [],
  };
}

function messageDetails({ id, atMs, from }: Exchange): object {
  const messageStatus = from === "customer" ? "received" : "sent";
  return { messageId: id, messageTime: isoTime(atMs), messageStatus, messageSegmentCount: 1 };
}

function roomId({ id }: Conversation): string {
  return `${id}@conference.mock.example.com`;
}

function wrapupBody(wrapup: Wrapup | undefined): object | undefined {
  if (wrapup === undefined) return undefined;
  const { code, notes, durationSeconds, endMs } = wrapup;
  return { code, notes, durationSeconds, endTime: isoTime(endMs) };
}

function afterCallWork({ startAcwMs, endAcwMs, wrapup }: Participant): object {
  if (startAcwMs === undefined) return { state: "unknown" };
  if (endAcwMs === undefined) return { state: "pending", startTime: isoTime(startAcwMs) };
  const state = wrapup?.code === skippedCode ? "skipped" : "complete";
  return { state, startTime: isoTime(startAcwMs), endTime: isoTime(endAcwMs) };
}

/** What stands for a code that an agent did not give. */
export const skippedCode = "ININ-WRAP-UP-SKIPPED";
export const timedOutCode = "ININ-WRAP-UP-TIMEOUT";

function address(raw: string): object {
  return { addressNormalized: raw, addressRaw: raw, addressDisplayable: raw };
}

function routingData(conversation: Conversation, queue: Queue | undefined): object | undefined {
  if (queue === undefined) return undefined;
  return {
    queue: reference(queue),
    language: reference(wantedLanguage(conversation)),
    priority: conversation.priority,
    skills: wantedSkills(conversation).map((skill) => reference(skill)),
    scoredAgents: [],
  };
}

function reference(entity: NamedEntity | undefined): object | undefined {
  return entity === undefined ? undefined : { id: entity.id, name: entity.name };
}

function lastQueue({ participants }: Conversation): Queue | undefined {
  return participants.findLast(({ queue }) => queue !== undefined)?.queue;
}

/** Of the queues that it came to, each with those queues; of the first division when it came to none. */
function divisions({ participants }: Conversation, world: World): object[] {
  const queues = new Set(participants.flatMap(({ queue }) => queue ?? []));
  const found = world.divisions
    .map(({ id }) => ({ id, own: [...queues].filter((queue) => queue.divisionId === id) }))
    .filter(({ own }) => own.length > 0);
  return (found.length > 0 ? found : [{ id: world.divisionId, own: [] }]).map(({ id, own }) => ({
    division: { id, selfUri: `/api/v2/authorization/divisions/${id}` },
    entities: own.map((queue) => ({ id: queue.id, selfUri: `/api/v2/routing/queues/${queue.id}` })),
  }));
}

/** `….conversations.calls`, `.callbacks` …: flat participants with one state, those that have such a session. */
export function mediaBody(conversation: Conversation, media: Media, world: World): object {
  return {
    id: conversation.id,
    participants: conversation.participants.flatMap((participant) =>
      participant.sessions
        .filter((session) => session.media === media)
        .map((session) => mediaParticipant(conversation, participant, session)),
    ),
    otherMediaUris: [],
    divisions: divisions(conversation, world),
    ...(media === "call" && { recordingState: recordingState(conversation) }),
  };
}

function mediaParticipant(
  conversation: Conversation,
  participant: Participant,
  session: Session,
): object {
  const { queue, userId, name } = participant;
  const isCustomer = participant.purpose === "customer";
  const contactId = isCustomer ? conversation.externalContactId : undefined;
  return {
    id: participant.id,
    name,
    address: isCustomer ? conversation.ani : undefined,
    startTime: isoTime(session.startMs),
    connectedTime: isoTime(session.connectedMs),
    endTime: isoTime(session.endMs),
    startHoldTime: isoTime(currentHold(session)?.startMs),
    purpose: participant.purpose,
    state: session.state,
    initialState: session.initialState,
    direction: session.direction,
    disconnectType: session.disconnectType,
    held: currentHold(session) !== undefined,
    wrapupRequired: wrapsUp(participant),
    user: userId === undefined ? undefined : { id: userId, name },
    queue: reference(isCustomer ? lastQueue(conversation) : queue),
    attributes: isCustomer ? conversation.attributes : {},
    provider: provider[session.media],
    externalContact: contactId === undefined ? undefined : { id: contactId, name },
    ...wrapupFields(participant),
    wrapupSkipped: participant.wrapup?.code === skippedCode ? true : undefined,
    wrapup: wrapupBody(participant.wrapup),
    conversationRoutingData: routingData(conversation, queue),
    ...flatFields(conversation, participant, session),
  };
}

function flatFields(
  conversation: Conversation,
  participant: Participant,
  session: Session,
): object {
  switch (session.media) {
    case "call":
      return {
        muted: false,
        confined: false,
        ...recording(participant, session),
        securePause: false,
        ani: conversation.ani,
        dnis: conversation.dnis,
        consultParticipantId: participant.consultParticipantId,
      };
    case "callback":
      return { ...callbackFields(conversation), externalCampaign: false, skipEnabled: true };
    case "chat":
      return { roomId: roomId(conversation) };
    case "email":
      return emailFields(conversation);
    case "message":
      return {
        toAddress: address(conversation.dnis),
        fromAddress: address(conversation.ani),
        type: conversation.messageType,
        messages: conversation.exchanges.map((exchange) => messageDetails(exchange)),
      };
    default:
      return session.media satisfies never;
  }
}
