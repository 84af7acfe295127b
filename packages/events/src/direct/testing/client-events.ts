/** What a client would tell, in short. */
import type {
  GapEvent,
  NotificationEvent,
  SubscribedEvent,
  UnsubscribedEvent,
} from "@trunkline/client";

export function notification(topic: string, atMs: number, body: unknown): NotificationEvent {
  const raw = JSON.stringify({ topicName: topic, eventBody: body });
  return {
    type: "notification",
    topic,
    body,
    correlationId: undefined,
    raw,
    receivedAtMs: atMs,
    line: 1,
    maybeDuplicate: false,
  };
}

export function subscribed(topics: readonly string[], fromMs: number): SubscribedEvent {
  return { type: "subscribed", line: 1, topics, fromMs };
}

export function unsubscribed(topics: readonly string[], untilMs: number): UnsubscribedEvent {
  return { type: "unsubscribed", line: 1, topics, untilMs };
}

/** Open without `toMs`. */
export function gap(topics: readonly string[], fromMs: number, toMs?: number): GapEvent {
  return {
    type: "gap",
    id: "1",
    state: toMs === undefined ? "open" : "closed",
    topics,
    fromMs,
    toMs,
    cause: "cut",
    certainty: "possible",
    serverOffsetMs: undefined,
    line: 1,
  };
}

/** A conversation in which one participant is, since an instant and until another. */
export function snapshot(id: string, startMs: number, endMs?: number): object {
  const endTime = endMs === undefined ? {} : { endTime: new Date(endMs).toISOString() };
  return {
    id,
    participants: [{ id: "p", connectedTime: new Date(startMs).toISOString(), ...endTime }],
  };
}

/** A random identifier of the service's kind, the same for the same number. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}
