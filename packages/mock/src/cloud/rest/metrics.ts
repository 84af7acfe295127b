/** Metrics of a session: a duration is known when it is over, a count when it is counted. */
import type { Participant, Session } from "../../centre/conversation.ts";
import type { Segment } from "./segments.ts";

export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly atMs: number;
}

export function metricsOf(
  participant: Participant,
  session: Session,
  segments: readonly Segment[],
): Metric[] {
  switch (participant.purpose) {
    case "customer":
    case "external":
      return counted("nConnected", session.connectedMs);
    case "ivr":
      return lasted("tIvr", session.startMs, session.endMs);
    case "acd":
      return ofQueue(session);
    case "agent":
      return ofAgent(participant, session, segments);
    case "user":
      return [];
    default:
      return participant.purpose satisfies never;
  }
}

function counted(name: string, atMs: number | undefined): Metric[] {
  return atMs === undefined ? [] : [{ name, value: 1, atMs }];
}

function lasted(name: string, startMs: number, endMs: number | undefined): Metric[] {
  return endMs === undefined ? [] : [{ name, value: endMs - startMs, atMs: endMs }];
}

function ofQueue({ startMs, endMs, disconnectType }: Session): Metric[] {
  const answered = disconnectType?.startsWith("transfer") === true;
  return [
    ...counted("nOffered", startMs),
    ...lasted("tAcd", startMs, endMs),
    ...lasted(answered ? "tAnswered" : "tAbandon", startMs, endMs),
  ];
}

const segmentMetrics: Readonly<Partial<Record<Segment["type"], string>>> = {
  alert: "tAlert",
  contacting: "tContacting",
  dialing: "tDialing",
  interact: "tTalk",
  hold: "tHeld",
  wrapup: "tAcw",
};

function ofAgent(
  participant: Participant,
  session: Session,
  segments: readonly Segment[],
): Metric[] {
  const { connectedMs, endMs, disconnectType } = session;
  const total = (type: Segment["type"]): number =>
    segments
      .filter((segment) => segment.type === type)
      .reduce((sum, segment) => sum + (segment.endMs ?? segment.startMs) - segment.startMs, 0);
  const metrics = segments.flatMap(({ type, startMs, endMs: untilMs }) => {
    const name = segmentMetrics[type];
    return name === undefined ? [] : lasted(name, startMs, untilMs);
  });
  if (connectedMs === undefined && session.initialState === "alerting")
    metrics.push(...lasted("tNotResponding", session.startMs, endMs));
  if (connectedMs !== undefined && endMs !== undefined) {
    metrics.push({ name: "tTalkComplete", value: total("interact"), atMs: endMs });
    if (session.holds.length > 0)
      metrics.push({ name: "tHeldComplete", value: total("hold"), atMs: endMs });
    if (disconnectType === "transfer" || disconnectType === "transfer.consult")
      metrics.push(
        ...counted("nTransferred", endMs),
        ...counted(
          disconnectType === "transfer" ? "nBlindTransferred" : "nConsultTransferred",
          endMs,
        ),
      );
  }
  const { endAcwMs } = participant;
  if (endAcwMs !== undefined && session === participant.sessions[0])
    metrics.push({
      name: "tHandle",
      value: total("interact") + total("hold") + total("wrapup"),
      atMs: endAcwMs,
    });
  return metrics;
}
