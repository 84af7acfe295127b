/** What of that which comes is new: each event once, in order; each gap at least once. */
import type {
  EventMessage,
  GapMessage,
  HeartbeatMessage,
  LiveMessage,
} from "../../server-messages.ts";
import { compareCursors } from "../cursor.ts";
import type { Memory } from "./state.ts";

/** What is known after a message, and whether the reader is told of it. */
export interface Progress {
  readonly memory: Memory;
  readonly isNew: boolean;
}

const none: readonly string[] = [];

/** An event at or before the last cursor has been told already. */
export function onEvent(memory: Memory, { cursor, time }: EventMessage): Progress {
  const isNew = isBeyond(cursor, memory.since);
  return isNew
    ? { memory: { ...memory, since: cursor, gapsAtSince: none, eventTime: time }, isNew }
    : { memory, isNew };
}

/**
 * A gap may stand at the very cursor that a connection goes on from, since it tells of what nobody carried after it: it is
 * told once by its id and state. In doubt it is told twice, never left out.
 */
export function onGap(memory: Memory, gap: GapMessage, rememberedMax: number): Progress {
  const key = `${gap.id} ${gap.state}`;
  if (isBeyond(gap.cursor, memory.since))
    return { memory: { ...memory, since: gap.cursor, gapsAtSince: [key] }, isNew: true };
  if (memory.gapsAtSince.includes(key)) return { memory, isNew: false };
  const gapsAtSince = [...memory.gapsAtSince, key].slice(-rememberedMax);
  return { memory: { ...memory, gapsAtSince }, isNew: true };
}

/** Everything up to its cursor has been sent. */
export function onReached(
  memory: Memory,
  { cursor }: Pick<HeartbeatMessage, "cursor"> | Pick<LiveMessage, "cursor">,
): Memory {
  if (cursor === undefined || !isBeyond(cursor, memory.since)) return memory;
  return { ...memory, since: cursor, gapsAtSince: none };
}

/** What lies in another journal cannot be compared, and so is new. */
function isBeyond(cursor: string, since: string | undefined): boolean {
  if (since === undefined) return true;
  const place = compareCursors(cursor, since);
  return place === "after" || place === "apart";
}
