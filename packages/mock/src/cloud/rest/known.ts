/**
 * What was known at an instant: a conversation's facts carry their instants, and what came later is taken away. Analytics
 * is behind by a lag, and tells what was known then (GENESYS.md 8, no. 11).
 */
import type { Conversation, Participant, Session } from "../../centre/conversation.ts";

/** The conversation as it stood then; undefined before it began. Its events of that instant have happened. */
export function knownAt(conversation: Conversation, atMs: number): Conversation | undefined {
  if (conversation.startMs > atMs) return undefined;
  // Of most, nothing came later: those need no copy.
  if (lastChangeMs(conversation) <= atMs) return conversation;
  return {
    ...conversation,
    endMs: instantAt(conversation.endMs, atMs),
    relaxedMs: instantAt(conversation.relaxedMs, atMs),
    participants: conversation.participants
      .filter((participant) => participant.startMs <= atMs)
      .map((participant) => participantAt(participant, atMs)),
    exchanges: conversation.exchanges.filter((exchange) => exchange.atMs <= atMs),
    transfers: conversation.transfers.filter((transfer) => transfer.atMs <= atMs),
  };
}

function instantAt(instantMs: number | undefined, atMs: number): number | undefined {
  return instantMs !== undefined && instantMs <= atMs ? instantMs : undefined;
}

function participantAt(participant: Participant, atMs: number): Participant {
  const [first, ...others] = participant.sessions;
  const { wrapup } = participant;
  return {
    ...participant,
    endMs: instantAt(participant.endMs, atMs),
    sessions: [
      sessionAt(first, atMs),
      ...others
        .filter((session) => session.startMs <= atMs)
        .map((session) => sessionAt(session, atMs)),
    ],
    startAcwMs: instantAt(participant.startAcwMs, atMs),
    endAcwMs: instantAt(participant.endAcwMs, atMs),
    wrapup: wrapup !== undefined && wrapup.endMs <= atMs ? wrapup : undefined,
  };
}

function sessionAt(session: Session, atMs: number): Session {
  const contactingMs = instantAt(session.contactingMs, atMs);
  const connectedMs = instantAt(session.connectedMs, atMs);
  const endMs = instantAt(session.endMs, atMs);
  const begun = contactingMs === undefined ? session.initialState : "contacting";
  const connected = connectedMs === undefined ? begun : "connected";
  return {
    ...session,
    state: endMs === undefined ? connected : "disconnected",
    contactingMs,
    connectedMs,
    endMs,
    disconnectType: endMs === undefined ? undefined : session.disconnectType,
    holds: session.holds
      .filter((hold) => hold.startMs <= atMs)
      .map((hold) => ({ startMs: hold.startMs, endMs: instantAt(hold.endMs, atMs) })),
  };
}

/** When something last happened in it, after-call work included. */
export function lastChangeMs(conversation: Conversation): number {
  const { startMs, endMs, relaxedMs, exchanges, participants } = conversation;
  let lastMs = Math.max(startMs, endMs ?? 0, relaxedMs ?? 0, exchanges.at(-1)?.atMs ?? 0);
  for (const participant of participants) {
    lastMs = Math.max(
      lastMs,
      participant.startMs,
      participant.endMs ?? 0,
      participant.startAcwMs ?? 0,
      participant.endAcwMs ?? 0,
    );
    for (const session of participant.sessions) {
      const hold = session.holds.at(-1);
      lastMs = Math.max(
        lastMs,
        session.startMs,
        session.contactingMs ?? 0,
        session.connectedMs ?? 0,
        session.endMs ?? 0,
        hold?.endMs ?? hold?.startMs ?? 0,
      );
    }
  }
  return lastMs;
}

/** Nothing more will happen in it: everybody has left, and every after-call work is done. */
export function isOver(conversation: Conversation): boolean {
  return (
    conversation.endMs !== undefined &&
    conversation.participants.every(
      ({ startAcwMs, endAcwMs }) => startAcwMs === undefined || endAcwMs !== undefined,
    )
  );
}
