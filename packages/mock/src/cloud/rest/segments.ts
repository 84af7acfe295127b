/** The sessions of a conversation as analytics cut them: into segments of one activity each. */
import type { Participant, Session } from "../../centre/conversation.ts";

export interface Segment {
  readonly type:
    | "alert"
    | "contacting"
    | "dialing"
    | "hold"
    | "interact"
    | "ivr"
    | "scheduled"
    | "wrapup";
  readonly startMs: number;
  /** Absent while it lasts. */
  readonly endMs: number | undefined;
  readonly disconnectType?: string | undefined;
  readonly wrapUpCode?: string | undefined;
}

/** How a session begins that is not connected from the start. */
const beginnings: Readonly<Partial<Record<Session["state"], Segment["type"]>>> = {
  alerting: "alert",
  contacting: "contacting",
  dialing: "dialing",
  scheduled: "scheduled",
};

/** What went before, then talk and hold in turn, then after-call work, which belongs to the first session. */
export function segmentsOf(participant: Participant, session: Session): Segment[] {
  const segments = activities(participant, session);
  const last = segments.pop();
  if (last !== undefined)
    segments.push({ ...last, disconnectType: analyticsDisconnect(session.disconnectType) });
  const { startAcwMs, endAcwMs, wrapup } = participant;
  if (startAcwMs !== undefined && session === participant.sessions[0])
    segments.push({
      type: "wrapup",
      startMs: startAcwMs,
      endMs: endAcwMs,
      wrapUpCode: wrapup?.code,
    });
  return segments;
}

function activities({ purpose }: Participant, session: Session): Segment[] {
  const { startMs, contactingMs, connectedMs, endMs, holds } = session;
  const talk = purpose === "ivr" ? "ivr" : "interact";
  const segments: Segment[] = [];
  const beginning = beginnings[session.initialState];
  if (beginning !== undefined)
    segments.push({ type: beginning, startMs, endMs: contactingMs ?? connectedMs ?? endMs });
  if (contactingMs !== undefined)
    segments.push({ type: "contacting", startMs: contactingMs, endMs: connectedMs ?? endMs });
  if (connectedMs === undefined) return segments;
  let sinceMs = connectedMs;
  let held = false;
  for (const hold of holds) {
    segments.push({ type: talk, startMs: sinceMs, endMs: hold.startMs });
    segments.push({ type: "hold", startMs: hold.startMs, endMs: hold.endMs });
    held = hold.endMs === undefined;
    sinceMs = hold.endMs ?? hold.startMs;
  }
  // Who is put down while on hold leaves from the hold.
  const goesOn = endMs === undefined || endMs > sinceMs || segments.length === 0;
  if (!held && goesOn) segments.push({ type: talk, startMs: sinceMs, endMs });
  return segments;
}

/** Conversation topics write `transfer.noanswer`, analytics `noAnswerTransfer` (their models). */
const disconnects: ReadonlyMap<string, string> = new Map([
  ["transfer.noanswer", "noAnswerTransfer"],
  ["transfer.consult", "consultTransfer"],
]);

function analyticsDisconnect(disconnectType: string | undefined): string | undefined {
  return disconnectType === undefined
    ? undefined
    : (disconnects.get(disconnectType) ?? disconnectType);
}
