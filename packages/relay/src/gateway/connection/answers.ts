/** What a subscription is answered with, in the words of whoever sent it. */
import type { CoverageSummary, Notice, ServerMessage, SubscribeMessage } from "@trunkline/events";

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
