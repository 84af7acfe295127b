/** What a subscription is answered with, in the words of whoever sent it. */
import {
  eventApiErrors,
  type CoverageSummary,
  type Notice,
  type ServerMessage,
  type SubscribeMessage,
} from "@trunkline/events";
import type { Refusal } from "./state.ts";

/** What is refused, as the peer is told. @param id of the message that is answered */
export function errorMessage(
  { code, message, details = [], retryAfterMs }: Refusal,
  contextId: string,
  id?: string,
): ServerMessage {
  const [first] = details;
  return {
    type: "error",
    code,
    message,
    help: first?.help ?? eventApiErrors[code].help,
    ...(id === undefined ? {} : { id }),
    ...(first === undefined ? {} : { pointer: first.pointer }),
    details,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    contextId,
  };
}

export interface Accepted {
  readonly id: string;
  readonly cursor: string;
  readonly coverage: CoverageSummary;
  readonly notices: readonly Notice[];
}

export function answerTo(message: SubscribeMessage, accepted: Accepted): ServerMessage {
  const { answer, subscription, written } = message;
  const { scope } = subscription;
  const entities = [...scope.queueIds, ...scope.userIds, ...scope.conversationIds];
  switch (answer) {
    case "confirmation":
      return { type: "confirmation", ...accepted, filter: { eventTypes: written, entities } };
    case "subscribe-success":
      return {
        type: "subscribe-success",
        ...accepted,
        event_type: written[0] ?? "",
        entity: entities[0] ?? null,
      };
    case "subscribed":
      return { type: "subscribed", ...accepted, eventTypes: subscription.eventTypes };
    default:
      return answer satisfies never;
  }
}
