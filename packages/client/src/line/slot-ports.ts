/** What a slot needs of its line and trunk, and what it tells them. */
import type { TrunklineError } from "../errors.ts";
import type { GapCause, NotificationEvent } from "../events.ts";
import type { Channel } from "../rest/channel.ts";
import type { Notifications } from "../rest/notifications.ts";
import type { Setback } from "../session/state.ts";
import type { Fate } from "./fate.ts";
import type { SharePorts } from "./share.ts";
import type { Slot } from "./slot.ts";
import type { TracedDialPorts } from "./traced-dial.ts";

/** What a slot tells its line. */
export interface SlotHooks {
  readonly dialled: (slot: Slot) => void;
  readonly opened: (slot: Slot) => void;
  /** More is proven, or confirmed, than was before. */
  readonly proved: (slot: Slot, untilMs: number) => void;
  /** A live session is over, whoever ended it. */
  readonly ended: (slot: Slot) => void;
  /** There is no session for now; the slot tries again by itself. */
  readonly setback: (slot: Slot, setback: Setback) => void;
  /** The service is about to close the socket. */
  readonly announced: (slot: Slot) => void;
  readonly offer: (slot: Slot, event: NotificationEvent) => void;
  /** Open sessions of the line. */
  readonly sessions: () => number;
  /** A gap that is open turns out to have another cause. */
  readonly explained: (cause: GapCause) => void;
}

/** What a slot needs of the trunk that it belongs to. */
export interface SlotPorts extends SharePorts, TracedDialPorts {
  readonly notifications: Notifications;
  /** Makes a channel, within the channel budget. */
  readonly makeChannel: (signal: AbortSignal) => Promise<Channel>;
  /** Whether all 20 channels were there when they were last counted, give or take one. */
  readonly isCrowded: () => boolean;
  /** The slot has left its channel for another. */
  readonly leaveChannel: (channel: Fate) => void;
  /** The slot has no use for a channel: it may be used again. */
  readonly keepChannel: (channel: Channel) => void;
  /** Whether the consumer's queue takes more; and whether the sockets are paused until it does. */
  readonly hasRoom: () => boolean;
  readonly isFull: () => boolean;
  /** Whether events were refused, and the gap of it has not been told yet. */
  readonly isOverflowing: () => boolean;
  /** An event was refused, after what was proven at this instant. */
  readonly overflowed: (provenAtMs: number) => void;
  readonly failed: (error: TrunklineError) => void;
  readonly hooks: SlotHooks;
}
