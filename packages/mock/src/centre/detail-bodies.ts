/** Detail events: one step each, in epoch milliseconds and UPPER_CASE (GENESYS.md 7). */
import {
  heldMs,
  type Conversation,
  type DisconnectType,
  type Participant,
  type Session,
} from "./conversation.ts";
import { analyticsMedia, provider } from "./media.ts";

export const detailDisconnect = {
  client: "CLIENT",
  endpoint: "ENDPOINT",
  peer: "PEER",
  system: "SYSTEM",
  timeout: "TIMEOUT",
  transfer: "TRANSFER",
  "transfer.consult": "CONSULT_TRANSFER",
  "transfer.noanswer": "NO_ANSWER_TRANSFER",
} as const satisfies Record<DisconnectType, string>;

export function detailMedia({ media }: Session): string {
  return analyticsMedia[media].toUpperCase();
}

/** What every detail event carries. */
export function detailHead(
  conversation: Conversation,
  participant: Participant,
  nowMs: number,
): object {
  const { id, externalContactId } = conversation;
  return {
    eventTime: nowMs,
    conversationId: id,
    participantId: participant.id,
    conversationExternalContactIds: externalContactId === undefined ? [] : [externalContactId],
  };
}

/** What those carry besides that tell of a session. */
export function detailSession(conversation: Conversation, session: Session): object {
  const { ani, dnis, callback, subject, messageType } = conversation;
  const written = session.media === "email" || session.media === "message";
  return {
    sessionId: session.id,
    mediaType: detailMedia(session),
    provider: provider[session.media],
    direction: session.direction.toUpperCase(),
    ...(written ? { addressTo: dnis, addressFrom: ani } : { ani, dnis }),
    ...(callback !== undefined && {
      callbackUserName: callback.userName,
      callbackNumbers: [callback.number],
      callbackScheduledTime: callback.scheduledMs,
    }),
    subject,
    messageType: messageType?.toUpperCase(),
  };
}

/** How long an agent's session, ended at `endMs`, was in each state. */
export function durations(session: Session): object {
  const { startMs, connectedMs, endMs = startMs, media } = session;
  const untilMs = (connectedMs ?? endMs) - startMs;
  const held = heldMs(session);
  return {
    interactingDurationMs: connectedMs === undefined ? 0 : endMs - connectedMs - held,
    heldDurationMs: held,
    ...(session.initialState === "alerting"
      ? { alertingDurationMs: untilMs }
      : { dialingDurationMs: untilMs }),
    ...(media === "callback" && { callbackDurationMs: endMs - (connectedMs ?? endMs) }),
  };
}
