/** A conversation as analytics sees it: sessions cut into segments, and metrics with the instant at which each was known. */
import type { Conversation, Participant } from "../../centre/conversation.ts";
import type { World } from "../../centre/world.ts";

export interface Segment {
  readonly type: "alert" | "interact" | "hold" | "ivr" | "system" | "wrapup";
  readonly startMs: number;
  /** Absent while it lasts. */
  readonly endMs: number | undefined;
  readonly disconnectType?: string | undefined;
  readonly wrapUpCode?: string | undefined;
}

/** Alert, then talk and hold in turn, then after-call work. */
export function segmentsOf(participant: Participant): Segment[] {
  const { startMs, connectedMs, endMs, startAcwMs, endAcwMs, wrapup } = participant;
  const segments: Segment[] = [];
  const add = (type: Segment["type"], fromMs: number, untilMs: number | undefined): void => {
    segments.push({ type, startMs: fromMs, endMs: untilMs });
  };
  if (participant.initialState === "alerting") add("alert", startMs, connectedMs ?? endMs);
  if (connectedMs !== undefined) {
    let sinceMs = connectedMs;
    let open = true;
    for (const hold of participant.holds) {
      add(talkType(participant), sinceMs, hold.startMs);
      add("hold", hold.startMs, hold.endMs);
      open = hold.endMs !== undefined;
      sinceMs = hold.endMs ?? hold.startMs;
    }
    // Who is put down while on hold leaves from the hold.
    if (open && (endMs === undefined || endMs > sinceMs || segments.length === 0))
      add(talkType(participant), sinceMs, endMs);
  }
  const last = segments.pop();
  if (last !== undefined)
    segments.push({ ...last, disconnectType: analyticsDisconnect(participant.disconnectType) });
  if (startAcwMs !== undefined)
    segments.push({
      type: "wrapup",
      startMs: startAcwMs,
      endMs: endAcwMs,
      wrapUpCode: wrapup?.code,
    });
  return segments;
}

function talkType({ purpose }: Participant): Segment["type"] {
  const name: string = purpose;
  if (name === "ivr") return "ivr";
  return name === "workflow" || name === "flow" || name === "botflow" ? "system" : "interact";
}

/** Conversation topics write `transfer.noanswer`, analytics `noAnswerTransfer` (their models). */
const disconnects: ReadonlyMap<string, string> = new Map([
  ["transfer.noanswer", "noAnswerTransfer"],
  ["transfer.notavailable", "notAvailableTransfer"],
  ["transfer.conference", "conferenceTransfer"],
  ["transfer.consult", "consultTransfer"],
  ["transfer.forward", "forwardTransfer"],
  ["transfer.dnd", "transferDnd"],
  ["endpoint.dnd", "endpointDnd"],
  ["transport.failure", "transportFailure"],
]);

function analyticsDisconnect(disconnectType: string | undefined): string | undefined {
  return disconnectType === undefined
    ? undefined
    : (disconnects.get(disconnectType) ?? disconnectType);
}

export function mediaTypeOf(media: Conversation["media"]): string {
  return media === "call" ? "voice" : media;
}

/** `AnalyticsConversationWithoutAttributes` of what is known. */
export function analyticsConversation(conversation: Conversation, world: World): object {
  return {
    conversationId: conversation.id,
    conversationStart: iso(conversation.startMs),
    conversationEnd: iso(conversation.endMs),
    divisionIds: [world.divisionId],
    originatingDirection: "inbound",
    participants: conversation.participants.map((participant) => ({
      participantId: participant.id,
      participantName: participant.name,
      purpose: participant.purpose,
      userId: participant.userId,
      ...(participant.purpose === "customer" && {
        externalContactId: conversation.externalContactId,
      }),
      sessions: [sessionOf(conversation, participant)],
    })),
  };
}

function sessionOf(conversation: Conversation, participant: Participant): object {
  const { media, ani, dnis } = conversation;
  const segments = segmentsOf(participant);
  return {
    sessionId: participant.communicationId,
    mediaType: mediaTypeOf(media),
    direction: "inbound",
    ani,
    dnis,
    ...(media === "message" && {
      messageType: conversation.messageType,
      addressFrom: ani,
      addressTo: dnis,
    }),
    segments: segments.map((segment) => ({
      segmentStart: iso(segment.startMs),
      segmentEnd: iso(segment.endMs),
      segmentType: segment.type,
      queueId: participant.queue?.id,
      disconnectType: segment.disconnectType,
      wrapUpCode: segment.wrapUpCode,
      conference: false,
    })),
    metrics: metricsOf(participant, segments).map(({ name, value, atMs }) => ({
      emitDate: iso(atMs),
      name,
      value,
    })),
  };
}

const iso = (instantMs: number | undefined): string | undefined =>
  instantMs === undefined ? undefined : new Date(instantMs).toISOString();

interface Metric {
  readonly name: string;
  readonly value: number;
  readonly atMs: number;
}

/** A duration is known when it is over, a count when it is counted. */
function metricsOf(participant: Participant, segments: readonly Segment[]): Metric[] {
  const { purpose, startMs, connectedMs, endMs, endAcwMs, disconnectType } = participant;
  const metrics: Metric[] = [];
  const add = (name: string, value: number, atMs: number): void => {
    metrics.push({ name, value, atMs });
  };
  if (purpose === "customer" && connectedMs !== undefined) add("nConnected", 1, connectedMs);
  if (purpose === "acd") {
    add("nOffered", 1, startMs);
    if (endMs !== undefined) {
      add("tAcd", endMs - startMs, endMs);
      const answered = disconnectType?.startsWith("transfer") === true;
      add(answered ? "tAnswered" : "tAbandon", endMs - startMs, endMs);
    }
  }
  if (purpose !== "agent") return metrics;
  const total = { talk: 0, hold: 0, acw: 0 };
  for (const { type, startMs: fromMs, endMs: untilMs } of segments) {
    if (untilMs === undefined) continue;
    const lasted = untilMs - fromMs;
    if (type === "alert" && connectedMs === undefined) add("tNotResponding", lasted, untilMs);
    if (type === "alert") add("tAlert", lasted, untilMs);
    if (type === "interact") {
      total.talk += lasted;
      add("tTalk", lasted, untilMs);
    }
    if (type === "hold") {
      total.hold += lasted;
      add("tHeld", lasted, untilMs);
    }
    if (type === "wrapup") {
      total.acw += lasted;
      add("tAcw", lasted, untilMs);
    }
  }
  if (endMs !== undefined && connectedMs !== undefined) {
    add("tTalkComplete", total.talk, endMs);
    if (total.hold > 0) add("tHeldComplete", total.hold, endMs);
    if (disconnectType === "transfer") add("nTransferred", 1, endMs);
  }
  if (endAcwMs !== undefined) add("tHandle", total.talk + total.hold + total.acw, endAcwMs);
  return metrics;
}
