/**
 * Reads the frames of a channel socket. One JSON text frame a notification:
 * `{topicName, version, eventBody, metadata: {CorrelationId}}` (official SDK, class NotificationEvent).
 */
import type { NotificationEvent } from "../events.ts";

/** A frame that is not a notification for the consumer. */
export type Frame =
  | { readonly type: "pong" }
  | { readonly type: "heartbeat" }
  /** `v2.system.*` and `v2.subscription.updated`: the service speaks of the channel itself. */
  | { readonly type: "notice"; readonly topic: string }
  /** An answer to an in-band command, or channel metadata that we do not know. */
  | { readonly type: "other" }
  | { readonly type: "malformed"; readonly detail: string };

interface Envelope {
  readonly topicName?: unknown;
  readonly eventBody?: unknown;
  readonly metadata?: { readonly CorrelationId?: unknown } | null;
  readonly result?: unknown;
  readonly message?: unknown;
}

/** Never throws: what is no frame of the service comes out as `malformed`. */
export function parseFrame(
  raw: string,
  line: number,
  receivedAtMs: number,
): NotificationEvent | Frame {
  let envelope: Envelope | null;
  try {
    envelope = JSON.parse(raw) as Envelope | null;
  } catch {
    return { type: "malformed", detail: `not JSON, ${raw.length} characters` };
  }
  if (typeof envelope !== "object" || envelope === null) {
    return { type: "malformed", detail: "JSON, but no object" };
  }
  const topic = envelope.topicName;
  if (typeof topic !== "string") {
    return "result" in envelope || "message" in envelope
      ? { type: "other" }
      : { type: "malformed", detail: "an object without topicName" };
  }
  if (topic === "channel.metadata") return metadataFrame(envelope.eventBody);
  if (topic.startsWith("v2.system.") || topic === "v2.subscription.updated")
    return { type: "notice", topic };
  if (envelope.eventBody === undefined)
    return { type: "malformed", detail: `no eventBody, on ${topic}` };
  const correlationId = envelope.metadata?.CorrelationId;
  return {
    type: "notification",
    topic,
    body: envelope.eventBody,
    correlationId: typeof correlationId === "string" ? correlationId : undefined,
    raw,
    receivedAtMs,
    line,
    maybeDuplicate: false,
  };
}

function metadataFrame(body: unknown): Frame {
  const message = (body as { message?: unknown } | null | undefined)?.message;
  if (message === "pong") return { type: "pong" };
  return message === "WebSocket Heartbeat" ? { type: "heartbeat" } : { type: "other" };
}
