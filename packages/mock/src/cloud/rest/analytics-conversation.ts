/** `AnalyticsConversationWithoutAttributes`: what analytics tells of what is known of a conversation. */
import type { Conversation, Participant, Session } from "../../centre/conversation.ts";
import { isoTime } from "../../centre/instants.ts";
import { analyticsMedia, provider } from "../../centre/media.ts";
import type { World } from "../../centre/world.ts";
import { metricsOf } from "./metrics.ts";
import { segmentsOf, type Segment } from "./segments.ts";

export function analyticsConversation(conversation: Conversation, world: World): object {
  return {
    conversationId: conversation.id,
    conversationStart: isoTime(conversation.startMs),
    conversationEnd: isoTime(conversation.endMs),
    divisionIds: divisionsOf(conversation, world),
    originatingDirection: conversation.direction,
    participants: conversation.participants.map((participant) => ({
      participantId: participant.id,
      participantName: participant.name,
      purpose: participant.purpose,
      userId: participant.userId,
      externalContactId:
        participant.purpose === "customer" ? conversation.externalContactId : undefined,
      sessions: participant.sessions.map((session) =>
        sessionBody(conversation, participant, session),
      ),
    })),
  };
}

/** Those of the queues that it came to; the first division when it came to none. */
export function divisionsOf({ participants }: Conversation, world: World): string[] {
  const ids = new Set(participants.flatMap(({ queue }) => queue?.divisionId ?? []));
  return ids.size > 0 ? [...ids] : [world.divisionId];
}

function sessionBody(
  conversation: Conversation,
  participant: Participant,
  session: Session,
): object {
  const { ani, dnis, callback, messageType } = conversation;
  const { flow } = participant;
  const segments = segmentsOf(participant, session);
  const isWritten = session.media === "message" || session.media === "email";
  return {
    sessionId: session.id,
    mediaType: analyticsMedia[session.media],
    direction: session.direction,
    provider: provider[session.media],
    ...(isWritten ? { addressFrom: ani, addressTo: dnis } : { ani, dnis }),
    messageType: session.media === "message" ? messageType : undefined,
    ...(session.media === "callback" &&
      callback !== undefined && {
        callbackNumbers: [callback.number],
        callbackUserName: callback.userName,
        callbackScheduledTime: isoTime(callback.scheduledMs),
      }),
    ...(flow !== undefined && {
      flow: { flowId: flow.id, flowName: flow.name, flowVersion: flow.version },
    }),
    segments: segments.map((segment) => segmentBody(conversation, participant, segment)),
    metrics: metricsOf(participant, session, segments).map(({ name, value, atMs }) => ({
      emitDate: isoTime(atMs),
      name,
      value,
    })),
  };
}

function segmentBody(
  { skills, language, subject }: Conversation,
  { queue, purpose }: Participant,
  segment: Segment,
): object {
  return {
    segmentStart: isoTime(segment.startMs),
    segmentEnd: isoTime(segment.endMs),
    segmentType: segment.type,
    queueId: queue?.id,
    disconnectType: segment.disconnectType,
    wrapUpCode: segment.wrapUpCode,
    subject,
    ...(purpose === "acd" && {
      requestedRoutingSkillIds: skills.map(({ id }) => id),
      requestedLanguageId: language?.id,
    }),
    conference: false,
  };
}
