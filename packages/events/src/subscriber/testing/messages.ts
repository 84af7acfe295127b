/** Messages of a gateway, as tests need them. */
import type { EventMessage, GapMessage, SubscribedMessage } from "../../server-messages.ts";

export function anEvent(cursor: string, more: Partial<EventMessage> = {}): EventMessage {
  return {
    type: "event",
    cursor,
    id: cursor,
    eventType: "user:presence",
    topic: "v2.users.1.presence",
    entityId: "1",
    time: "2026-11-21T00:00:00.000Z",
    source: "live",
    data: {},
    ...more,
  };
}

export function aGap(cursor: string, more: Partial<GapMessage> = {}): GapMessage {
  return {
    type: "gap",
    cursor,
    id: `gap-${cursor}`,
    eventTypes: ["user:presence"],
    topics: ["v2.users.1.presence"],
    topicCount: 1,
    from: "2026-11-21T00:00:00.000Z",
    to: null,
    cause: "killed",
    certainty: "possible",
    message: "The relay was killed.",
    state: "open",
    ...more,
  };
}

export function subscribedAt(cursor: string): SubscribedMessage {
  return {
    type: "subscribed",
    id: "subscription-1",
    cursor,
    coverage: { topics: { live: 1 }, notLive: [] },
    notices: [],
    eventTypes: ["user:presence"],
  };
}
