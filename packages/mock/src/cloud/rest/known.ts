/**
 * What was known at an instant: a conversation's facts carry their instants, and what came later is taken away. Analytics
 * is behind by a lag, and tells what was known then (GENESYS.md 8, no. 11).
 */
import type { Conversation, Participant } from "../../centre/conversation.ts";

/** The conversation as it stood then; undefined before it began. Its events of that instant have happened. */
export function knownAt(conversation: Conversation, atMs: number): Conversation | undefined {
  if (conversation.startMs > atMs) return undefined;
  // Of most, nothing came later: those need no copy.
  if (lastChangeMs(conversation) <= atMs) return conversation;
  const { endMs, ...rest } = conversation;
  return {
    ...rest,
    ...(isKnown(endMs, atMs) && { endMs }),
    participants: conversation.participants
      .filter((participant) => participant.startMs <= atMs)
      .map((participant) => participantAt(participant, atMs)),
    messages: conversation.messages.filter((message) => Date.parse(message.messageTime) <= atMs),
  };
}

function isKnown(instantMs: number | undefined, atMs: number): instantMs is number {
  return instantMs !== undefined && instantMs <= atMs;
}

function participantAt(participant: Participant, atMs: number): Participant {
  const {
    connectedMs,
    connectedTime,
    endMs,
    endTime,
    disconnectType,
    startHoldTime: _startHoldTime,
    startAcwMs,
    startAcwTime,
    endAcwMs,
    endAcwTime,
    wrapup,
    ...rest
  } = participant;
  const holds = participant.holds
    .filter((hold) => hold.startMs <= atMs)
    .map(({ startMs, endMs: holdEndMs }) =>
      isKnown(holdEndMs, atMs) ? { startMs, endMs: holdEndMs } : { startMs },
    );
  const last = holds.at(-1);
  const holding = last !== undefined && last.endMs === undefined ? last : undefined;
  const ended = isKnown(endMs, atMs);
  const connected = isKnown(connectedMs, atMs);
  return {
    ...rest,
    state: ended ? "disconnected" : connected ? "connected" : participant.initialState,
    ...(connected && connectedTime !== undefined && { connectedMs, connectedTime }),
    ...(ended && endTime !== undefined && { endMs, endTime }),
    ...(ended && disconnectType !== undefined && { disconnectType }),
    held: holding !== undefined,
    heldMs: holds.reduce((sum, hold) => sum + (hold.endMs ?? hold.startMs) - hold.startMs, 0),
    holds,
    ...(holding !== undefined && { startHoldTime: new Date(holding.startMs).toISOString() }),
    ...(isKnown(startAcwMs, atMs) && startAcwTime !== undefined && { startAcwMs, startAcwTime }),
    ...(isKnown(endAcwMs, atMs) && endAcwTime !== undefined && { endAcwMs, endAcwTime }),
    ...(isKnown(endAcwMs, atMs) && wrapup !== undefined && { wrapup }),
  };
}

/** When something last happened in it, after-call work included. */
export function lastChangeMs(conversation: Conversation): number {
  let lastMs = conversation.endMs ?? conversation.startMs;
  const message = conversation.messages.at(-1);
  if (message !== undefined) lastMs = Math.max(lastMs, Date.parse(message.messageTime));
  for (const participant of conversation.participants) {
    const hold = participant.holds.at(-1);
    lastMs = Math.max(
      lastMs,
      participant.startMs,
      participant.connectedMs ?? 0,
      participant.endMs ?? 0,
      participant.startAcwMs ?? 0,
      participant.endAcwMs ?? 0,
      hold?.endMs ?? hold?.startMs ?? 0,
    );
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
