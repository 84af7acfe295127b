/** Bodies of the topics of one medium: the same states, with flat participants (GENESYS.md 7). */
import { currentHold, type Conversation, type Participant, type Session } from "./conversation.ts";
import { isoTime } from "./instants.ts";
import { provider, type Media } from "./media.ts";
import {
  address,
  callbackFields,
  divisions,
  emailFields,
  lastQueue,
  messageDetails,
  recording,
  recordingState,
  reference,
  roomId,
  routingData,
  skippedCode,
  wrapsUp,
  wrapupBody,
  wrapupFields,
} from "./shared-fields.ts";
import type { World } from "./world.ts";

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
